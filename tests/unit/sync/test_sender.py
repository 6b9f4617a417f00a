"""The sender: order, retries, batches, uploads, and the classes of answers of contract section 4."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

import pytest

from services.ports import centre as wire
from services.ports.errors import MustChangePassword, NeverValid, Problem, SignInNeeded, Unknown
from services.ports.outbox import APPLIED, HELD, INVALID, REJECTED, REPLACED, WAITING, NewAttachment
from services.sync.sender import BATCH, RENEWALS
from tests.support.console_core import REGISTER
from tests.unit.sync.ground import Ground

REFUSED = Problem(422, "invalid_payload", "内容有误。")


def photo(text: str = "picture") -> NewAttachment:
    data = text.encode()
    return NewAttachment(hashlib.sha256(data).hexdigest(), data, "现场.jpg", "image/jpeg")


def test_nothing_to_send_asks_for_nothing(g: Ground) -> None:
    report = g.core.push()
    assert (report.more, report.retry_in_s, report.failure, report.changed) == (False, None, None, ())
    assert "send" not in g.gateway.calls


def test_an_answer_takes_a_command_out(g: Ground) -> None:
    saved = g.core.desk.register(REGISTER)
    report = g.core.push()
    assert [(c.command_id, c.status) for c in report.changed] == [(saved.command_id, APPLIED)]
    assert report.outcomes[0].number == "20261123-0001"
    assert report.more
    assert g.core.outbox.waiting() == ()


@pytest.mark.parametrize(
    "fault",
    [
        "lost_request",
        "lost_reply",
        "kill_before",
        Unknown("五百", code="http_500", reached=True),
        SignInNeeded("请登录"),
        MustChangePassword("请改密码"),
    ],
)
def test_without_an_answer_the_same_id_waits(g: Ground, fault: Any) -> None:
    saved = g.core.desk.register(REGISTER)
    g.gateway.faults = [fault]
    report = g.core.push()
    assert report.failure is not None
    assert report.changed == ()
    [waiting] = g.core.outbox.waiting()
    assert (waiting.command_id, waiting.tries) == (saved.command_id, 1)
    assert waiting.wire() == replace(saved, tries=1).wire()
    assert (report.retry_in_s is None) == isinstance(fault, SignInNeeded)
    g.core.push()
    assert g.status(saved) == APPLIED
    assert len(g.centre.log) == 1


def test_delays_grow_and_a_success_ends_them(g: Ground) -> None:
    g.core.desk.register(REGISTER)
    g.gateway.faults = ["lost_request"] * 8
    delays = [g.core.push().retry_in_s for _ in range(8)]
    assert delays == sorted(delays)
    assert delays[0] == 0.375
    assert delays[-1] == 7.5
    g.core.push()
    g.core.desk.register(REGISTER)
    g.gateway.faults = ["lost_request"]
    assert g.core.push().retry_in_s == 0.375


def test_the_centre_may_ask_to_wait_longer(g: Ground) -> None:
    g.core.desk.register(REGISTER)
    g.gateway.faults = [Unknown("太多", code="http_429", reached=True, retry_after_s=20)]
    assert g.core.push().retry_in_s == 20


def test_a_line_that_came_back_forgets_delays(g: Ground) -> None:
    g.core.desk.register(REGISTER)
    g.gateway.faults = ["lost_request"] * 5
    for _ in range(5):
        g.core.push()
    g.core.sender.line_is_back()
    g.gateway.faults = ["lost_request"]
    assert g.core.push().retry_in_s == 0.375


def test_any_other_refusal_goes_to_the_tray_and_holds_up_nobody(g: Ground) -> None:
    first = g.core.desk.register(REGISTER)
    g.gateway.faults = [NeverValid(REFUSED)]
    report = g.core.push()
    assert [c.status for c in report.changed] == [INVALID]
    [tray] = g.core.outbox.attention()
    assert tray.command_id == first.command_id
    assert tray.problem == REFUSED
    second = g.core.desk.register(REGISTER)
    g.core.push()
    assert g.status(second) == APPLIED


def test_commands_of_different_cases_go_in_one_batch_in_order(g: Ground) -> None:
    made = [g.core.desk.register(REGISTER) for _ in range(3)]
    report = g.core.push()
    assert g.gateway.calls.count("send_batch") == 1
    assert [o.command_id for o in report.outcomes] == [c.command_id for c in made]


def test_a_batch_has_at_most_fifty(g: Ground) -> None:
    for _ in range(BATCH + 5):
        g.core.desk.register(REGISTER)
    assert len(g.core.push().outcomes) == BATCH
    assert len(g.core.push().outcomes) == 5


def test_one_case_goes_in_order_one_at_a_time(g: Ground) -> None:
    case_id = g.born()
    texts = [g.click("comment", case_id, {"text": f"第 {i} 条"}) for i in range(4)]
    for _ in range(4):
        assert len(g.core.push().outcomes) == 1
    done = [entry.command.command_id for entry in g.centre.log][1:]
    assert done == [c.command_id for c in texts]


def test_a_refused_batch_is_taken_apart(g: Ground) -> None:
    made = [g.core.desk.register(REGISTER) for _ in range(3)]
    g.gateway.faults = [NeverValid(Problem(413, "too_big", "太大。"))]
    report = g.core.push()
    assert [c.command_id for c in report.changed] == [made[0].command_id]
    assert g.gateway.calls[-2:] == ["send_batch", "send"]


def test_a_refused_batch_whose_first_has_no_answer_waits(g: Ground) -> None:
    for _ in range(2):
        g.core.desk.register(REGISTER)
    g.gateway.faults = [NeverValid(REFUSED), "lost_reply"]
    report = g.core.push()
    assert isinstance(report.failure, Unknown)
    assert report.retry_in_s is not None
    assert len(g.core.outbox.waiting()) == 2


@pytest.mark.parametrize(
    ("status", "stays"), [(503, True), (429, True), (401, True), (422, False), (404, False)]
)
def test_entries_of_a_batch_are_judged_each_on_its_own(
    g: Ground, monkeypatch: pytest.MonkeyPatch, status: int, stays: bool
) -> None:
    made = [g.core.desk.register(REGISTER) for _ in range(2)]
    send = g.gateway.send_batch

    def spoiled(commands: Any) -> Any:
        bad = wire.Outcome(made[1].command_id, "", wire.INVALID, problem=Problem(status, "x", "不行。"))
        return (send(commands[:1])[0], bad)

    monkeypatch.setattr(g.gateway, "send_batch", spoiled)
    report = g.core.push()
    assert g.status(made[0]) == APPLIED
    assert g.status(made[1]) == (WAITING if stays else INVALID)
    assert (report.retry_in_s is not None) == stays
    assert (report.failure is not None) == stays


def test_an_invalid_entry_without_words_is_invalid(g: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    made = [g.core.desk.register(REGISTER) for _ in range(2)]
    monkeypatch.setattr(
        g.gateway,
        "send_batch",
        lambda cs: tuple(wire.Outcome(c.command_id, c.case_id, wire.INVALID) for c in cs),
    )
    g.core.push()
    assert {g.status(c) for c in made} == {INVALID}


@pytest.mark.parametrize("count", [1, 2])
def test_an_answer_to_something_else_is_no_answer(
    g: Ground, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    made = [g.core.desk.register(REGISTER) for _ in range(count)]
    wrong = wire.Outcome("somebody-else", "", wire.APPLIED)
    monkeypatch.setattr(g.gateway, "send", lambda command: wrong)
    monkeypatch.setattr(g.gateway, "send_batch", lambda commands: (wrong, wrong))
    report = g.core.push()
    assert isinstance(report.failure, Unknown)
    assert report.failure.code == "answer_mismatch"
    assert {g.status(c) for c in made} == {WAITING}


def test_a_command_taken_back_before_it_left_is_not_sent(g: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    saved = g.core.desk.register(REGISTER)
    heads = g.core.outbox.heads

    def taken_back_meanwhile(*args: Any) -> Any:
        found = heads(*args)
        g.core.outbox.take_back(saved.command_id)
        return found

    monkeypatch.setattr(g.core.outbox, "heads", taken_back_meanwhile)
    report = g.core.push()
    assert report.more
    assert g.centre.log == []


# --- uploads --------------------------------------------------------------------------------------------


def test_an_upload_goes_before_its_command(g: Ground) -> None:
    case_id = g.born()
    projected = g.core.overlay.project(case_id)
    assert projected is not None
    saved = g.core.desk.attach(projected, photo())
    report = g.core.push()
    assert report.more
    assert g.status(saved) == WAITING
    assert photo().sha256 in g.centre.attachments
    g.core.push()
    assert g.status(saved) == APPLIED


def test_a_waiting_upload_holds_back_only_its_own_case(g: Ground) -> None:
    case_id, other = g.born(), g.born()
    projected = g.core.overlay.project(case_id)
    assert projected is not None
    with_photo = g.core.desk.attach(projected, photo())
    after = g.click("comment", case_id, {"text": "同一件"})
    free = g.click("comment", other, {"text": "另一件"})
    g.gateway.faults = ["", Unknown("断了")]
    report = g.core.push()
    assert g.status(free) == APPLIED
    assert isinstance(report.failure, Unknown)
    assert report.retry_in_s == 0.75
    quiet = g.core.push()
    assert quiet.retry_in_s == 0.75
    assert quiet.failure is None
    assert (g.status(with_photo), g.status(after)) == (WAITING, WAITING)
    g.core.clock.pass_(1)
    for _ in range(3):
        g.core.push()
    assert (g.status(with_photo), g.status(after)) == (APPLIED, APPLIED)


def test_uploads_rest_longer_each_time_until_the_line_is_back(g: Ground) -> None:
    case_id = g.born()
    projected = g.core.overlay.project(case_id)
    assert projected is not None
    g.core.desk.attach(projected, photo())
    delays = []
    for _ in range(3):
        g.gateway.faults = ["lost_request"]
        delays.append(g.core.push().retry_in_s)
        g.core.clock.pass_(60)
    assert delays == [0.75, 1.5, 3.0]
    g.gateway.faults = ["lost_request"]
    g.core.push()
    g.core.sender.line_is_back()
    assert g.core.push().more


def test_a_refused_upload_goes_to_the_tray(g: Ground) -> None:
    case_id = g.born()
    projected = g.core.overlay.project(case_id)
    assert projected is not None
    saved = g.core.desk.attach(projected, photo())
    g.gateway.faults = [NeverValid(Problem(413, "too_big", "附件太大。"))]
    report = g.core.push()
    assert g.status(saved) == INVALID
    assert [c.command_id for c in report.changed] == [saved.command_id]


def test_a_lapsed_sign_in_at_an_upload_holds_everything(g: Ground) -> None:
    case_id = g.born()
    projected = g.core.overlay.project(case_id)
    assert projected is not None
    g.core.desk.attach(projected, photo())
    g.gateway.faults = [SignInNeeded("请登录")]
    report = g.core.push()
    assert isinstance(report.failure, SignInNeeded)
    assert report.retry_in_s is None


def test_a_missing_attachment_is_uploaded_again_under_a_new_id(g: Ground) -> None:
    case_id = g.born()
    projected = g.core.overlay.project(case_id)
    assert projected is not None
    saved = g.core.desk.attach(projected, photo())
    g.core.push()
    g.centre.attachments.clear()  # the centre was restored from a backup
    g.core.push()
    old = g.core.outbox.get(saved.command_id)
    assert old is not None
    assert old.status == REPLACED
    [renewed] = g.core.outbox.waiting()
    assert old.replaced_by == renewed.command_id != saved.command_id
    assert renewed.uploads == (photo().sha256,)
    g.drain()
    assert g.status(renewed) == APPLIED


def test_a_centre_that_loses_attachments_for_ever_is_not_asked_for_ever(g: Ground) -> None:
    case_id = g.born()
    projected = g.core.overlay.project(case_id)
    assert projected is not None
    g.core.desk.attach(projected, photo())
    for _ in range(RENEWALS + 1):
        g.core.push()
        g.centre.attachments.clear()
        g.core.push()
    [shown] = g.core.outbox.attention()
    assert shown.status == REJECTED
    assert shown.reason is not None
    assert shown.reason.code == "attachment_missing"


def test_bytes_that_are_gone_here_too_end_as_a_refusal(g: Ground) -> None:
    case_id = g.born()
    projected = g.core.overlay.project(case_id)
    assert projected is not None
    saved = g.core.desk.attach(projected, photo())
    for file in (g.core.folder / "attachments").iterdir():
        file.unlink()
    g.core.push()
    g.core.push()
    assert g.status(saved) == REJECTED


# --- what follows a refusal ---------------------------------------------------------------------------------


def test_what_was_built_on_a_lost_race_is_held(g: Ground) -> None:
    case_id = g.born()
    mine = g.click("accept", case_id)
    on_top = g.click("file", case_id, {"category": "event-0110", "condition": 0})
    note = g.click("comment", case_id, {"text": "仍要说的"})
    rival = wire.WireCommand("rival", case_id, "accept", {}, 1, None)
    g.centre.handle(rival, replace(g.core.actor, id="rival", name="别人"))
    g.drain()
    assert g.status(mine) == "conflict"
    assert g.status(on_top) == HELD
    assert g.status(note) == APPLIED
    lost = g.core.outbox.get(mine.command_id)
    assert lost is not None
    assert lost.winner is not None
    assert lost.winner.actor == "别人"
