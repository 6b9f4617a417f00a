"""The desk: what is checked before anything is stored, what goes with a command, second thoughts."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from services.domain.errors import PayloadError
from services.ports.centre import WireCommand
from services.ports.errors import ActionRefused, Problem, StorageFull
from services.ports.outbox import APPLIED, CONFLICT, DISCARDED, HELD, NEEDS_CONFIRM, REPLACED
from services.usecases.desk import attachment
from tests.support.console_core import LEADER, REGISTER, SANI
from tests.unit.sync.ground import Ground, ground

PHOTO = attachment(b"\xff\xd8picture", "现场.jpg", "image/jpeg")


def rival(g: Ground, case_id: str, action: str, payload: dict[str, Any] | None = None) -> None:
    """Somebody else acts first."""
    case = g.centre.cases[case_id]
    other = replace(LEADER, id="rival", name="别人")
    asked = WireCommand(f"rival-{case.version}", case_id, action, payload or {}, case.xver, None)
    assert g.centre.handle(asked, other).outcome == APPLIED


def nothing_stored(g: Ground) -> bool:
    return g.core.outbox.history() == () and g.core.saved == []


# --- before anything is stored ------------------------------------------------------------------------------


def test_a_wrong_form_is_told_field_by_field(g: Ground) -> None:
    with pytest.raises(PayloadError) as wrong:
        g.core.desk.register({"kind": "event", "source": "patrol", "location": {"lon": 200, "lat": 23}})
    assert set(wrong.value.fields) == {"description", "location.lon"}
    assert nothing_stored(g)


@pytest.mark.parametrize(
    ("action", "payload", "code"),
    [
        ("sign", {}, "illegal_state"),
        ("dispatch", {"lead_dept": "sani"}, "illegal_state"),
        ("verify_result", {"result": "true"}, "illegal_state"),
        ("fly", {}, "unknown_action"),
    ],
)
def test_what_the_law_forbids_is_refused_here(
    g: Ground, action: str, payload: dict[str, Any], code: str
) -> None:
    case_id = g.born()
    before = g.core.outbox.history()
    with pytest.raises(ActionRefused) as refused:
        g.click(action, case_id, payload)
    assert refused.value.code == code
    assert refused.value.title
    assert g.core.outbox.history() == before


def test_roles_are_asked(g: Ground) -> None:
    case_id = g.born()
    g.core.world.sign_in(SANI)
    with pytest.raises(ActionRefused) as refused:
        g.click("accept", case_id)
    assert refused.value.code == "not_allowed"
    g.core.world.sign_in(None)
    with pytest.raises(ActionRefused) as refused:
        g.click("accept", case_id)
    assert refused.value.code == "not_signed_in"


@pytest.mark.parametrize(("action", "case_id"), [("accept", None), ("accept", "case-x"), ("register", None)])
def test_a_command_needs_its_case(g: Ground, action: str, case_id: str | None) -> None:
    payload = REGISTER if action == "register" else {}
    with pytest.raises(ActionRefused) as refused:
        g.core.desk.submit(action, None, payload, case_id=case_id)
    assert refused.value.code == "not_found"


def test_a_birth_is_not_for_a_case_that_lives(g: Ground) -> None:
    projected = g.core.overlay.project(g.born())
    with pytest.raises(ActionRefused):
        g.core.desk.submit("register", projected, REGISTER)


def test_a_full_disk_keeps_the_form(g: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(command: Any) -> None:
        raise StorageFull("磁盘已满。")

    monkeypatch.setattr(g.core.outbox, "save", full)
    with pytest.raises(StorageFull):
        g.core.desk.register(REGISTER)
    assert g.core.saved == [], "nobody was told that it is saved"


# --- what goes with a command ---------------------------------------------------------------------------------


def test_a_command_carries_the_picture_it_was_made_on(g: Ground) -> None:
    case_id = g.born()
    g.core.clock.pass_(42)
    first = g.click("accept", case_id)
    note = g.click("comment", case_id, {"text": "  好  "})
    second = g.click("file", case_id, {"category": "event-0110", "condition": 0})
    assert (first.base_xver, second.base_xver, note.base_xver) == (1, 2, None)
    assert first.seen_at == g.centre.now + timedelta(seconds=42)
    assert note.payload == {"text": "好"}, "what is sent is what was checked"
    assert (first.user_id, first.console_id) == (LEADER.id, "console-1")
    assert first.label == "20261123-0001 示例路 1 号"
    assert g.core.saved[-3:] == [first.command_id, note.command_id, second.command_id]


def test_a_console_that_never_heard_the_centre_says_so() -> None:
    with ground(copied=False) as g:
        saved = g.core.desk.register(REGISTER)
        assert saved.seen_at is None
        assert saved.label == "示例路 1 号"
        g.drain()
        assert g.status(saved) == APPLIED


def test_a_birth_takes_the_drafts_id(g: Ground) -> None:
    case_id = "01930000-0000-7000-8000-0000000000aa"
    assert g.core.desk.register(REGISTER, case_id=case_id).case_id == case_id
    made = g.core.desk.register(REGISTER)
    assert made.case_id not in (case_id, made.command_id)


def test_a_bare_case_can_be_acted_on_too(g: Ground) -> None:
    case_id = g.born()
    case = g.core.cache.get(case_id)
    saved = g.core.desk.submit("accept", case, {})
    assert saved.base_xver == 1


def test_attachments_go_with_what_names_them(g: Ground) -> None:
    case_id = g.born()
    projected = g.core.overlay.project(case_id)
    assert projected is not None
    saved = g.core.desk.attach(projected, PHOTO)
    assert saved.payload == {
        "sha256": hashlib.sha256(PHOTO.data).hexdigest(), "name": "现场.jpg", "mime": "image/jpeg", "size": 9,
    }  # fmt: skip
    assert saved.uploads == (PHOTO.sha256,)
    unnamed = g.core.desk.submit("comment", projected, {"text": "x"}, [PHOTO])
    assert unnamed.uploads == ()


def test_a_picture_that_changed_under_the_click_is_refused(g: Ground) -> None:
    case_id = g.born()
    g.click("accept", case_id)
    stale = g.core.overlay.project(case_id)
    rival(g, case_id, "accept")
    while g.core.outbox.waiting():
        g.core.push()
    with pytest.raises(ActionRefused) as refused:
        g.core.desk.submit("file", stale, {"category": "event-0110", "condition": 0})
    assert refused.value.code == "picture_changed"
    g.core.desk.submit("comment", stale, {"text": "immer"})


# --- looking --------------------------------------------------------------------------------------------------


def test_the_view_tells_what_may_be_done_on_the_projection(g: Ground) -> None:
    case_id = g.born()
    view = g.core.desk.view(case_id)
    assert view is not None
    assert "accept" in view.allowed
    assert "file" not in view.allowed
    g.click("accept", case_id)
    view = g.core.desk.view(case_id)
    assert view is not None
    assert view.case.state == "pending_filing"
    assert "file" in view.allowed
    assert g.core.desk.view("nobody") is None


# --- second thoughts ------------------------------------------------------------------------------------------


def test_undo_before_it_left(g: Ground) -> None:
    case_id = g.born()
    saved = g.click("accept", case_id)
    assert g.core.desk.undo(saved)
    assert g.status(saved) == DISCARDED
    view = g.core.desk.view(case_id)
    assert view is not None
    assert view.case.state == "reported"
    assert not g.core.desk.undo(saved)
    gone = g.click("accept", case_id)
    g.gateway.faults = ["lost_reply"]
    g.core.push()
    assert not g.core.desk.undo(gone), "it may have been decided already"
    g.drain()
    decided = g.core.outbox.get(gone.command_id)
    assert decided is not None
    assert not g.core.desk.undo(decided)


def test_an_old_picture_is_confirmed_by_a_new_command(g: Ground) -> None:
    case_id = g.born()
    saved = g.click("accept", case_id)
    g.centre.now += timedelta(minutes=11)
    g.core.push()
    asked = g.core.outbox.get(saved.command_id)
    assert asked is not None
    assert asked.status == NEEDS_CONFIRM
    g.core.catch_up()
    again = g.core.desk.confirm_again(asked)
    assert again.command_id != saved.command_id
    assert g.status(asked) == REPLACED
    g.drain()
    assert g.status(again) == APPLIED


def test_a_lost_race_is_done_again_or_given_up(g: Ground) -> None:
    case_id = g.born()
    mine = g.click("amend", case_id, {"reason": "更正", "description": "新的说明"})
    rival(g, case_id, "accept")
    g.drain()
    lost = g.core.outbox.get(mine.command_id)
    assert lost is not None
    assert (lost.status, lost.winner.actor if lost.winner else "") == (CONFLICT, "别人")
    again = g.core.desk.resolve_conflict(lost, again=True)
    assert again is not None
    assert again.base_xver == 2
    g.drain()
    assert g.status(again) == APPLIED
    mine = g.click("amend", case_id, {"reason": "更正", "description": "又一次"})
    rival(g, case_id, "file", {"category": "event-0110", "condition": 0})
    g.drain()
    lost = g.core.outbox.get(mine.command_id)
    assert lost is not None
    assert g.core.desk.resolve_conflict(lost, again=False) is None
    assert g.core.outbox.attention() == ()


def test_what_can_no_longer_be_done_is_not_done_again(g: Ground) -> None:
    case_id = g.born()
    mine = g.click("accept", case_id)
    rival(g, case_id, "cancel", {"reason": "重复"})
    g.drain()
    lost = g.core.outbox.get(mine.command_id)
    assert lost is not None
    with pytest.raises(ActionRefused):
        g.core.desk.confirm_again(lost)
    assert g.status(lost) == CONFLICT
    assert g.core.desk.discard(lost)
    with pytest.raises(ActionRefused) as refused:
        g.core.desk.confirm_again(replace(lost, status=DISCARDED))
    assert refused.value.code == "nothing_to_confirm"


def test_held_commands_are_confirmed_with_their_attachments(g: Ground) -> None:
    case_id = g.born()
    first = g.click("accept", case_id)
    photo_result = {"result": "当场清理", "photos": [PHOTO.sha256]}
    held = g.core.desk.submit("self_close", g.core.overlay.project(case_id), photo_result, [PHOTO])
    assert g.core.desk.take_back(first)
    found = g.core.outbox.get(held.command_id)
    assert found is not None
    assert found.status == HELD
    again = g.core.desk.confirm_again(found)
    assert again.uploads == (PHOTO.sha256,)
    g.drain()
    assert g.status(again) == APPLIED


def test_a_birth_that_was_held_back_is_born_again_with_its_own_id(g: Ground) -> None:
    saved = g.core.desk.register(REGISTER)
    g.core.outbox.never_valid(saved.command_id, Problem(422, "x", "不行。"))
    held = replace(saved, status=HELD)
    again = g.core.desk.confirm_again(held)
    assert again.case_id == saved.case_id
    g.drain()
    assert g.status(again) == APPLIED
