"""Forms and their commands: showing a form, taking what was sent, and the page of the answer.

An applied command leads to its answer page by a redirect, so that a reload shows the answer again. Any other
outcome shows the form at once with its contents kept and ids for a new command; a reload of that page sends the
decided command once more, which gives the same answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from services.backend.commands.outcomes import Outcome
from services.backend.http.calls import path_uuid
from services.backend.problems import Problem, not_found
from services.backend.seat.desks import keeps_sight, report_source
from services.backend.seat.form_fields import FORMS, REGISTER, Field, Form
from services.backend.seat.form_page import Notice, Typed, case_for_form, form_page
from services.backend.seat.form_reading import Sent, payload_of
from services.backend.seat.giving import Ids, attach_photos, fresh_ids, give, sent_ids
from services.backend.seat.uploads import read_form, take_photos
from services.backend.seat.visitor import ROOT, Visit, check_origin, good_token, on_visit
from services.domain.case import Case
from services.domain.decide import role_for
from services.domain.ids import uuid7
from services.domain.lifecycle import MOVES
from services.domain.states import STATES

#: fields of a form that are not what somebody typed
_OWN = ("command_id", "case_id", "base_xver", "seen_at", "form_token", "kept")

#: what the case itself shows against an action that state and role allow
_SHUT = {
    "apply_extension": "已有一份延期申请在等待审批，或延期次数已经用完。",
    "apply_suspend": "已有一份挂账申请在等待审批，或这件案件已经挂账过。",
    "appeal": "这件案件已经申诉过，每件只能申诉一次。",
    "reply_supervise": "没有等待回复的督办。",
    "decide_appeal": "没有等待裁定的申诉。",
}


async def show_form(request: Request) -> Response:
    """Show the form of an action on a case."""
    form, case_id = _named_form(request), path_uuid(request)
    return await on_visit(request, partial(_show, form=form, case_id=case_id))


async def show_register(request: Request) -> Response:
    """Show the form of a new report."""
    return await on_visit(request, _show_register)


async def send_form(request: Request) -> Response:
    """Take what the form of an action has sent."""
    form, case_id = _named_form(request), path_uuid(request)
    return await _sent(request, form, case_id)


async def send_register(request: Request) -> Response:
    """Take a new report."""
    return await _sent(request, REGISTER, None)


def _named_form(request: Request) -> Form:
    form = FORMS.get(request.path_params["action"])
    if form is None:
        raise not_found("没有这个页面。")
    return form


def _register_form(visit: Visit) -> Form:
    """Return the form of a report; without photos for those who lose sight of the case by registering it."""
    if report_source(visit.actor) is None:
        raise not_found("您的岗位不在这里上报。")
    if keeps_sight(visit.actor):
        return REGISTER
    fields = tuple(field for field in REGISTER.fields if field.kind != "photos")
    return Form(
        REGISTER.action, REGISTER.title, REGISTER.verb, REGISTER.done, fields, icon=REGISTER.icon,
        intro="登记后由中心受理；派到本单位后会出现在您的任务里，照片可以那时添加。",
    )  # fmt: skip


def _show(visit: Visit, *, form: Form, case_id: str) -> Response:
    case, allowed = case_for_form(visit, case_id, form)
    ids = fresh_ids(visit, case_id, case.xver)
    if allowed:
        return form_page(visit, form, ids, case, Typed({}))
    return form_page(
        visit, form, ids, case, Typed({}), notice=_closed(visit, form, case), open_form=False, status=409
    )


def _closed(visit: Visit, form: Form, case: Case) -> Notice:
    """Return why a form cannot be sent for a case as it is."""
    if case.state not in MOVES[form.action]:
        reason = f"案件现在是“{STATES[case.state].name}”。"
    elif role_for(case, form.action, visit.actor, visit.rules)[0] is None:
        reason = "这件案件不由您的岗位或单位这样办理。"
    else:
        reason = _SHUT.get(form.action, "案件现在的情况不需要这项操作。")
    return Notice("warn", f"现在不能{form.title}", (reason,))


def _show_register(visit: Visit) -> Response:
    return form_page(visit, _register_form(visit), fresh_ids(visit, uuid7(), None), None, Typed({}))


async def _sent(request: Request, form: Form, case_id: str | None) -> Response:
    """Take a form: strangers are turned away before their bytes are read."""
    await on_visit(request, lambda _visit: Response())
    check_origin(request)
    data = await read_form(request)
    try:
        return await on_visit(request, partial(_take, form=form, case_id=case_id, data=data))
    finally:
        await data.close()


@dataclass(frozen=True, slots=True)
class _Sending:
    """One submission on its way: form, ids, contents and stored photos."""

    visit: Visit
    form: Form
    ids: Ids
    sent: Sent

    def again(
        self,
        notice: Notice,
        status: int,
        *,
        wrong: dict[str, str] | None = None,
        fresh: bool = False,
        verb: str | None = None,
    ) -> Response:
        """Show the form once more with everything kept; `fresh` with ids for a new command."""
        visit, form, ids = self.visit, self.form, self.ids
        case, allowed = (None, True) if form.action == "register" else case_for_form(visit, ids.case_id, form)
        if fresh:
            new_case = uuid7() if case is None else ids.case_id
            ids = fresh_ids(visit, new_case, None if case is None else case.xver)
        typed = Typed(self.sent.values, self.sent.photos, wrong)
        if not allowed and case is not None:
            lines = (*notice.lines, *_closed(visit, form, case).lines, "您填写的内容还在下面，可以复制。")
            notice = Notice(notice.kind, notice.title, lines)
        return form_page(
            visit, form, ids, case, typed, notice=notice, verb=verb, open_form=allowed, status=status
        )


def _take(visit: Visit, *, form: Form, case_id: str | None, data: FormData) -> Response:
    """Store the photos, read the fields, give the command, and answer."""
    texts = {key: value for key, value in data.multi_items() if isinstance(value, str)}
    if case_id is None:
        form = _register_form(visit)
    else:
        case_for_form(visit, case_id, form)
    ids = sent_ids(texts, case_id)
    taken = take_photos(visit, data)
    values = {key: value for key, value in texts.items() if key not in _OWN}
    sending = _Sending(visit, form, ids, Sent(values, taken.photos, visit.rules.calendar.zone))
    if not good_token(texts.get("form_token", ""), visit.form_token):
        lines = ("内容都还在，请再提交一次。",)
        return sending.again(Notice("warn", "登录已更新，这次没有提交", lines), 403)
    payload, wrong = payload_of(form, sending.sent)
    if taken.fault is not None:
        wrong = {**wrong, _photo_field(form): taken.fault}
    if wrong:
        return sending.again(_look(wrong, form), 422, wrong=wrong)
    return _give(sending, payload)


def _photo_field(form: Form) -> str:
    return next((field.name for field in form.fields if field.kind in ("photos", "photo")), "photos")


def _look(wrong: dict[str, str], form: Form) -> Notice:
    """Return the notice above a form with wrong fields."""
    labels = {field.name: field.label for field in form.fields}
    lines = tuple(f"{labels[name]}：{text}" if name in labels else text for name, text in wrong.items())
    return Notice("error", "还没有提交，请看看这几项", lines)


def _give(sending: _Sending, payload: dict[str, object]) -> Response:
    """Give the command and answer by its outcome."""
    visit, form, ids = sending.visit, sending.form, sending.ids
    if form.action == "register":
        # the photos follow as attachments: registering has no place for them
        payload = {
            **{name: value for name, value in payload.items() if name != "photos"},
            "source": _source(visit),
        }
    try:
        outcome = give(visit, ids, form.action, payload)
    except Problem as problem:
        return _problem(sending, problem)
    if outcome.row["outcome"] != "applied":
        return _refused(sending, outcome)
    place = f"{ROOT}/answers/{ids.command_id}"
    if form.action == "register" and sending.sent.photos:
        unsaved = len(sending.sent.photos) - attach_photos(visit, ids, sending.sent.photos)
        if unsaved:
            place += f"?unsaved={unsaved}"
    return RedirectResponse(place, 303)


def _source(visit: Visit) -> str:
    """Return the source of a report; a centre without that source takes its first."""
    wanted = report_source(visit.actor) or ""
    return wanted if wanted in visit.rules.sources else next(iter(visit.rules.sources), wanted)


def _problem(sending: _Sending, problem: Problem) -> Response:
    """Answer what could not be decided: wrong fields, or an id that was used before."""
    if problem.code in ("id_reused", "id_taken"):
        lines = (
            "这张表单此前已经提交成功过一次，内容与现在不同；那一次有效，请先在案件里看一下。",
            "如果还需要提交现在的内容，请再点一次。",
        )
        return sending.again(Notice("warn", "这次修改的内容没有提交", lines), 409, fresh=True)
    if problem.status != 422:
        raise problem
    wrong = {name.removeprefix("payload."): text for name, text in problem.fields.items()}
    return sending.again(_look(_known(wrong, sending.form.fields), sending.form), 422, wrong=wrong)


def _known(wrong: dict[str, str], fields: tuple[Field, ...]) -> dict[str, str]:
    """Return wrong fields under the names a form shows them by (`location.lon` belongs to `location`)."""
    names = {field.name for field in fields}
    found: dict[str, str] = {}
    for name, text in wrong.items():
        head = name.partition(".")[0].partition("[")[0]
        found[head if head in names else ""] = text
    return found


def _refused(sending: _Sending, outcome: Outcome) -> Response:
    """Answer a command that was decided but not applied."""
    word = str(outcome.row["outcome"])
    title = str(((outcome.head or {}).get("reason") or {}).get("title", "没有办成。"))
    form = sending.form
    if word == "needs_confirm":
        lines = (title, f"案件没有变化，是否仍要{form.title}？")
        return sending.again(Notice("warn", "需再确认", lines), 409, fresh=True, verb=f"仍要{form.title}")
    if word == "conflict":
        lines = (title, f"您的“{form.title}”没有生效，填写的内容还在。")
        return sending.again(Notice("error", "对方先办了这件", lines), 409, fresh=True)
    return sending.again(Notice("error", "没有办成", (title,)), 422, fresh=True)
