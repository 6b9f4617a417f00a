"""Shapes of what people declare for figures and of the month of evaluation, for `openapi.json`."""

from __future__ import annotations

from services.backend.http.openapi_schemas import (
    FLAG,
    FREE,
    NUMBER,
    TEXT,
    TIME,
    UUID,
    Schema,
    array,
    null,
    record,
    words,
)
from services.backend.kpi.months import STEPS
from services.domain.clocks import CLOCKS

_WINDOW: dict[str, Schema] = {"id": UUID, "start": TIME, "end": TIME, "document": TEXT}
KPI_SCHEMAS: dict[str, Schema] = {
    "WindowDoc": record(_WINDOW, {"area_code": TEXT, "dept": null(TEXT), "clock": words(CLOCKS)}, strict=True),
    "Window": record({**_WINDOW, "area_code": TEXT, "dept": TEXT, "clock": TEXT, "declared_by": TEXT}),
    "KpiEntryDoc": record(
        {"kpi": TEXT, "day": TEXT, "numerator": NUMBER, "document": TEXT},
        {"denominator": NUMBER, "area_code": TEXT},
        strict=True,
    ),
    "KpiEntry": record({"kpi": TEXT, "day": TEXT, "area_code": TEXT, "definition_version": TEXT}),
    "KpiMonth": record(
        {
            "month": TEXT, "area": TEXT, "state": words(("computed", "published", "frozen")), "computed_at": TIME,
            "rows": array(FREE), "scores": array(FREE), "objections": array(FREE), "signatures": array(FREE),
            "difference": array(FREE), "published_at": null(TIME), "objections_until": null(TIME),
            "frozen_at": null(TIME), "seal": null(TEXT),
        }
    ),
    "KpiMonthStep": record({"step": words(STEPS)}, {"note": TEXT}, strict=True),
    "KpiObjectionDoc": record(
        {"objection_id": UUID, "kpi": TEXT, "case_id": UUID, "kind": words(("appeal", "drop")), "reason": TEXT},
        strict=True,
    ),
    "KpiObjection": record(
        {"objection_id": UUID, "kpi": TEXT, "dept": TEXT, "case_id": UUID, "kind": TEXT, "reason": TEXT, "at": TIME}
    ),
    "KpiDecision": record({"approve": FLAG}, {"note": TEXT}, strict=True),
}  # fmt: skip
