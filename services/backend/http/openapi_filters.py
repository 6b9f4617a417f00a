"""Shapes of saved filters, for `openapi.json`."""

from __future__ import annotations

from services.backend.http.openapi_schemas import (
    FLAG,
    NUMBER,
    TEXT,
    TIME,
    UUID,
    WHOLE,
    Schema,
    array,
    record,
    ref,
    words,
)  # fmt: skip
from services.backend.saved_filters import ALL, NOBODY
from services.domain.bands import BANDS
from services.domain.roles import ROLES
from services.domain.states import STAGES, STATES

_SHARE = words((NOBODY, ALL, *ROLES))
FILTER_SCHEMAS: dict[str, Schema] = {
    "CaseFilter": record(
        {},
        {
            "text": TEXT, "stages": array(words(STAGES)), "states": array(words(STATES)), "bands": array(words(BANDS)),
            "urgency": array(WHOLE), "categories": array(TEXT), "sources": array(TEXT), "departments": array(TEXT),
            "areas": array(TEXT), "unplaced": FLAG,
            "region": record({"points": array(array(NUMBER))}, {"drawn": words(("box", "lasso"))}),
        },
    ),
    "SavedFilterDoc": record(
        {"name": TEXT, "filter": ref("CaseFilter")}, {"share": _SHARE, "place": WHOLE, "tab": TEXT}
    ),
    "SavedFilter": record(
        {
            "filter_id": UUID, "name": TEXT, "filter": ref("CaseFilter"), "tab": TEXT, "share": _SHARE, "place": WHOLE,
            "mine": FLAG, "owner": record({"id": TEXT, "name": TEXT}), "at": TIME,
        }
    ),
    "SavedFilters": record({"filters": array(ref("SavedFilter")), "may_share": FLAG}),
}  # fmt: skip
