"""Routes by which people feed the figures: exclusion windows, numbers from outside, and the month of evaluation."""

from __future__ import annotations

from datetime import date
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from services.backend.access.sessions import Caller
from services.backend.centre import Centre
from services.backend.http.bodies import COMMAND_BYTES, read_body
from services.backend.http.calls import json_answer, only_query, path_uuid, signed_in, trace_of
from services.backend.http.routes_access import checked
from services.backend.kpi.declaring import declare_window, enter_figure
from services.backend.kpi.month_desk import decide_objection, month_view, object_to, take_step
from services.backend.kpi.months import STEPS, month_number
from services.backend.problems import invalid, not_found
from services.domain import fields as f
from services.domain.clocks import CLOCKS
from services.sql.engine import reading, writing

router = APIRouter()


def _day(value: Any) -> str:
    """Take a date such as 2026-11-20."""
    text = f.text(10, 10)(value)
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise f.Bad("日期应写成 2026-11-20") from None


_window = f.record(
    {"id": f.uuid, "start": f.moment, "end": f.moment, "document": f.text(1, 500)},
    {"area_code": f.text(1, 15), "dept": f.ident_or_null, "clock": f.one_of(*CLOCKS)},
)
_entry = f.record(
    {"kpi": f.text(1, 64), "day": _day, "numerator": f.number(0, 1e12), "document": f.text(1, 500)},
    {"denominator": f.number(0, 1e12), "area_code": f.text(1, 15)},
)
_step = f.record({"step": f.one_of(*STEPS)}, {"note": f.text(0, 1000)})
_objection = f.record(
    {"objection_id": f.uuid, "kpi": f.text(1, 64), "case_id": f.uuid, "kind": f.one_of("appeal", "drop"),
     "reason": f.text(1, 1000)}, {},
)  # fmt: skip
_decision = f.record({"approve": f.flag}, {"note": f.text(0, 1000)})


@router.post("/windows")
async def new_window(request: Request) -> Response:
    """Declare an exclusion window, or move the end of one."""
    body, trace = await read_body(request, COMMAND_BYTES), trace_of(request)

    def work(centre: Centre, caller: Caller) -> Response:
        given = checked(body, _window)
        with writing(centre.engine) as conn:
            made = declare_window(conn, caller.actor, given, centre.now(), trace)
        centre.references.refresh()
        return json_answer(made, 201)

    return await signed_in(request, work)


@router.post("/kpi/entries")
async def new_entry(request: Request) -> Response:
    """Enter a number the log cannot know."""
    body, trace = await read_body(request, COMMAND_BYTES), trace_of(request)

    def work(centre: Centre, caller: Caller) -> Response:
        given = checked(body, _entry)
        with writing(centre.engine) as conn:
            made = enter_figure(conn, caller.actor, given, centre.now(), centre.figures.catalogue, trace)
        return json_answer(made, 201)

    return await signed_in(request, work)


def _month(request: Request) -> int:
    found = month_number(str(request.path_params["month"]))
    if found is None:
        raise not_found()
    return found


@router.get("/kpi/months/{month}")
async def one_month(request: Request, month: str) -> Response:
    """Return a month of evaluation: its figures by unit, objections, signatures and later differences."""
    only_query(request)

    def work(centre: Centre, caller: Caller) -> Response:
        wanted = _month(request)
        centre.figures.catch_up()
        with reading(centre.engine) as conn:
            return json_answer(
                month_view(conn, centre.figures.accounting, caller.actor, wanted, centre.now())
            )

    return await signed_in(request, work)


@router.post("/kpi/months/{month}")
async def month_step(request: Request, month: str) -> Response:
    """Compute, publish, score again, sign or freeze a month."""
    body, trace = await read_body(request, COMMAND_BYTES), trace_of(request)

    def work(centre: Centre, caller: Caller) -> Response:
        wanted = _month(request)
        given = checked(body, _step)
        if centre.figures.catch_up(5):
            raise invalid({"step": "指标还在汇总，请稍后再试"})
        with writing(centre.engine) as conn:
            take_step(conn, centre.figures.accounting, caller.actor, wanted, given, centre.now(), trace)
            return json_answer(
                month_view(conn, centre.figures.accounting, caller.actor, wanted, centre.now())
            )

    return await signed_in(request, work)


@router.post("/kpi/months/{month}/objections")
async def new_objection(request: Request, month: str) -> Response:
    """Object to a figure of one's own unit because of a case."""
    body, trace = await read_body(request, COMMAND_BYTES), trace_of(request)

    def work(centre: Centre, caller: Caller) -> Response:
        wanted = _month(request)
        given = checked(body, _objection)
        with writing(centre.engine) as conn:
            made = object_to(
                conn, centre.figures.accounting, caller.actor, wanted, given, centre.now(), trace
            )
        return json_answer(made, 201)

    return await signed_in(request, work)


@router.post("/kpi/objections/{objection_id}")
async def decided(request: Request, objection_id: str) -> Response:
    """Decide an objection."""
    body, trace = await read_body(request, COMMAND_BYTES), trace_of(request)

    def work(centre: Centre, caller: Caller) -> Response:
        wanted = path_uuid(request, "objection_id")
        given = checked(body, _decision)
        with writing(centre.engine) as conn:
            return json_answer(decide_objection(conn, caller.actor, wanted, given, centre.now(), trace))

    return await signed_in(request, work)
