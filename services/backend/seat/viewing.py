"""Pages that only show: lists, own reports, a case, an answer, photos; and the caller's number for a reason."""

from __future__ import annotations

from functools import partial

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from services.backend.attachments_store import check_hash, fetch
from services.backend.case_view import reveal_caller, visible_case
from services.backend.http.calls import path_uuid, trace_of
from services.backend.problems import Problem, not_found
from services.backend.seat import words
from services.backend.seat.case_page import case_view
from services.backend.seat.desks import report_source, tabs_of, works_here
from services.backend.seat.form_fields import FORMS, REGISTER
from services.backend.seat.frame import framed
from services.backend.seat.giving import Answer, stored_answer
from services.backend.seat.history_words import told
from services.backend.seat.lists import own_reports, task_list
from services.backend.seat.pages import STATIC, static_text
from services.backend.seat.pictures import PictureError, small_picture
from services.backend.seat.uploads import read_form
from services.backend.seat.visitor import Visit, check_origin, good_token, on_visit, see_other
from services.domain.case import sees
from services.sql.engine import glancing
from services.sql.types import from_ms

_OUTCOMES = {"conflict": "对方先办了这件", "rejected": "没有办成", "needs_confirm": "需再确认"}
_CACHED = {"Cache-Control": "private, max-age=86400, immutable"}


async def show_home(request: Request) -> Response:
    """Show the caller's lists; who has none is told where they work, who only reports sees the reports."""
    tab = request.query_params.get("tab")
    number = request.query_params.get("page", "1")
    wanted = int(number) if number.isascii() and number.isdigit() and len(number) < 6 else 1
    return await on_visit(request, partial(_home, tab=tab, number=wanted))


def _home(visit: Visit, *, tab: str | None, number: int) -> Response:
    if not works_here(visit.actor):
        return framed(visit, "elsewhere.html", {})
    if not tabs_of(visit.actor):
        return _reports(visit)
    return framed(visit, "list.html", {"list": task_list(visit, tab, number), "here": "tasks"})


async def show_reports(request: Request) -> Response:
    """Show what the caller has registered."""
    return await on_visit(request, _reports)


def _reports(visit: Visit) -> Response:
    if report_source(visit.actor) is None:
        raise not_found("您的岗位不在这里上报。")
    return framed(
        visit,
        "reports.html",
        {"reports": own_reports(visit), "here": "reports", "for_unit": visit.actor.dept_only},
    )


async def show_case(request: Request) -> Response:
    """Show a case."""
    case_id = path_uuid(request)
    return await on_visit(
        request, lambda visit: framed(visit, "case.html", {"view": case_view(visit, case_id)})
    )


async def show_answer(request: Request) -> Response:
    """Show the stored answer of one of the caller's own commands."""
    command_id = path_uuid(request, "command_id")
    count = request.query_params.get("unsaved", "")
    unsaved = int(count) if count.isascii() and count.isdigit() and len(count) == 1 else 0
    return await on_visit(request, partial(_answer, command_id=command_id, unsaved=unsaved))


def _answer(visit: Visit, *, command_id: str, unsaved: int) -> Response:
    answer = stored_answer(visit, command_id)
    return framed(visit, "answer.html", {**_answer_values(visit, answer), "unsaved": unsaved})


def _answer_values(visit: Visit, answer: Answer) -> dict[str, object]:
    """Return what the page of an answer says."""
    rules, applied = visit.rules, answer.row["outcome"] == "applied"
    form = REGISTER if answer.action == "register" else FORMS.get(answer.action or "")
    reason = answer.head.get("reason") or {}
    head, said, more = (
        told(answer.action, answer.payload, visit.now, rules) if answer.action else ("", "", ())
    )
    return {
        "applied": applied,
        "title": (form.done if form is not None else "已办成。")
        if applied
        else _OUTCOMES[answer.row["outcome"]],
        "reason": reason.get("title", ""),
        "head": head,
        "said": said,
        "more": more,
        "case_id": answer.row["case_id"],
        "number": answer.case.number if answer.case is not None else None,
        "at": words.moment_text(from_ms(answer.row["decided_at"]), visit.now, rules.calendar),
        "photos": len(answer.payload.get("photos", ())),
        "registered": answer.action == "register",
        "in_sight": _in_sight(visit, str(answer.row["case_id"])),
        "for_unit": visit.actor.dept_only,
    }


def _in_sight(visit: Visit, case_id: str) -> bool:
    """Tell whether the caller may open a case now."""
    with glancing(visit.centre.engine) as conn:
        try:
            return sees(visit.actor, visible_case(conn, visit.actor, case_id))
        except Problem:
            return False


async def show_file(request: Request) -> Response:
    """Send a file of a case in the caller's scope: the original, or with `small` a small picture."""
    sha256 = check_hash(request.path_params["sha256"])
    small = request.path_params.get("size") == "small"
    return await on_visit(request, partial(_file, sha256=sha256, small=small))


def _file(visit: Visit, *, sha256: str, small: bool) -> Response:
    body, mime, shown = fetch(visit.centre, visit.actor, sha256)
    policy = {"Content-Security-Policy": "default-src 'none'; sandbox", **_CACHED}
    if small:
        try:
            return Response(small_picture(body), 200, policy, "image/jpeg")
        except PictureError:
            raise not_found("这个附件不是照片。") from None
    policy["Content-Disposition"] = "inline" if shown else f'attachment; filename="{sha256[:16]}"'
    return Response(body, 200, policy, mime if shown else "application/octet-stream")


async def reveal(request: Request) -> Response:
    """Show the caller's full number for a stated reason; written down, and never in an address."""
    case_id = path_uuid(request)
    await on_visit(request, lambda _visit: Response())
    check_origin(request)
    data = await read_form(request)
    try:
        return await on_visit(request, partial(_reveal, case_id=case_id, data=data, trace=trace_of(request)))
    finally:
        await data.close()


def _reveal(visit: Visit, *, case_id: str, data: FormData, trace: str) -> Response:
    reason = str(data.get("reason", "")).strip()
    if not good_token(str(data.get("form_token", "")), visit.form_token):
        raise Problem(403, "old_form", "登录已更新，请返回案件再试一次。")
    if not reason or len(reason) > 1000:
        return see_other(f"/cases/{case_id}")
    found = reveal_caller(visit.centre, visit.caller, case_id, reason, trace)
    return framed(visit, "caller.html", {"callers": found["callers"], "case_id": case_id})


async def static_file(request: Request) -> Response:
    """Send the style sheet or the script."""
    name = request.path_params["name"]
    text = static_text(name)
    return Response(
        text.encode(), 200, {"Cache-Control": "private, max-age=600"}, f"{STATIC[name]}; charset=utf-8"
    )
