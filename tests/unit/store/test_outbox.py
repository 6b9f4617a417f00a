"""`SqlOutbox`: saved means on disk, order per case, fates, attachments, disk full."""

from __future__ import annotations

import stat
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from services.ports.centre import Outcome, Reason, Winner
from services.ports.errors import ActionRefused, Problem, StorageFull, StoreBroken, StoreError
from services.ports.outbox import (
    APPLIED,
    CONFLICT,
    DISCARDED,
    HELD,
    INVALID,
    NEEDS_CONFIRM,
    REJECTED,
    REPLACED,
    WAITING,
    OutboxCounts,
)
from services.store.stores import Stores, open_stores
from tests.unit.store.ground import KEY, T0, bytes_of, command


def status(stores: Stores, command_id: str) -> str:
    found = stores.outbox.get(command_id)
    assert found is not None
    return found.status


def outcome(command_id: str, kind: str, **changes: Any) -> Outcome:
    return Outcome(command_id, "case-1", kind, **changes)


def test_what_was_saved_is_there_after_a_new_start(stores: Stores, folder: Path) -> None:
    exact = T0.replace(microsecond=123456)
    asked = command(seen_at=exact)
    saved = stores.outbox.save(asked)
    stores.close()
    again = open_stores(folder, KEY)
    [found] = again.outbox.waiting()
    assert found == saved
    assert (found.payload, found.seen_at, found.base_xver) == (asked.payload, exact, 3)
    assert (found.n, found.tries, found.status, found.label) == (1, 0, WAITING, asked.label)
    again.close()


def test_the_wire_form_is_the_same_on_every_try(stores: Stores) -> None:
    saved = stores.outbox.save(command(seen_at=None, base_xver=None))
    first = saved.wire()
    [left] = stores.outbox.leaving([saved.command_id])
    assert (left.tries, left.wire()) == (1, first)
    assert stores.outbox.waiting()[0].wire() == first


def test_nothing_on_disk_can_be_read_without_the_key(stores: Stores, folder: Path) -> None:
    stores.outbox.save(
        command(payload={"text": "联系人电话 13800138000"}, attachments=(bytes_of("secret picture"),))
    )
    stores.close()
    for file in folder.rglob("*"):
        if file.is_file():
            raw = file.read_bytes()
            assert b"13800138000" not in raw
            assert b"secret picture" not in raw
            assert not raw.startswith(b"SQLite format")
            assert stat.S_IMODE(file.stat().st_mode) == 0o600, file


def test_another_key_is_a_clear_refusal_and_harms_nothing(stores: Stores, folder: Path) -> None:
    saved = stores.outbox.save(command())
    stores.close()
    with pytest.raises(StoreBroken):
        open_stores(folder, bytes(32))
    again = open_stores(folder, KEY)
    assert status(again, saved.command_id) == WAITING
    again.close()


def test_several_at_once_are_all_or_none(stores: Stores) -> None:
    first = command()
    with pytest.raises(StoreBroken):
        stores.outbox.save_all([command(), first, command(command_id=first.command_id)])
    assert stores.outbox.waiting() == ()
    assert len(stores.outbox.save_all([command(), command()])) == 2


def test_heads_are_the_oldest_of_each_case_in_order(stores: Stores) -> None:
    made = [stores.outbox.save(command(f"case-{i}")) for i in (1, 2, 1, 3, 2)]
    heads = stores.outbox.heads(10)
    assert [c.command_id for c in heads] == [made[i].command_id for i in (0, 1, 3)]
    assert [c.command_id for c in stores.outbox.heads(2)] == [made[0].command_id, made[1].command_id]
    skipped = stores.outbox.heads(2, frozenset({"case-1"}))
    assert [c.command_id for c in skipped] == [made[1].command_id, made[3].command_id]
    stores.outbox.decided([outcome(made[0].command_id, APPLIED)])
    assert stores.outbox.heads(1)[0].command_id == made[1].command_id
    assert stores.outbox.heads(3)[1].command_id == made[2].command_id
    assert stores.outbox.waiting_cases() == {"case-1", "case-2", "case-3"}
    assert [c.command_id for c in stores.outbox.waiting("case-2")] == [made[1].command_id, made[4].command_id]


def test_an_outcome_is_kept_with_its_words(stores: Stores) -> None:
    saved = stores.outbox.save(command(action="accept"))
    lost = outcome(
        saved.command_id, CONFLICT, version=7, xver=5, number="20261123-0009", decided_at=T0,
        winner=Winner("江予安", T0, "dispatch", "派给环卫"), reason=Reason("conflict", "别人先办了。"),
    )  # fmt: skip
    [changed] = stores.outbox.decided([lost])
    assert changed == stores.outbox.get(saved.command_id)
    assert (changed.status, changed.version, changed.xver, changed.number) == (
        CONFLICT,
        7,
        5,
        "20261123-0009",
    )
    assert (changed.winner, changed.reason, changed.decided_at) == (lost.winner, lost.reason, T0)
    assert stores.outbox.decided([outcome(saved.command_id, APPLIED)]) == (), "decided once is decided"
    assert stores.outbox.decided([outcome("nobody", APPLIED)]) == ()


def test_an_invalid_entry_of_a_batch_keeps_its_problem(stores: Stores) -> None:
    saved = stores.outbox.save(command())
    problem = Problem(422, "invalid_payload", "内容有误。", "", {"text": "不能为空"}, "t-1")
    stores.outbox.decided([outcome(saved.command_id, INVALID, problem=problem)])
    [tray] = stores.outbox.attention()
    assert tray.problem == problem


@pytest.mark.parametrize("kind", [REJECTED, CONFLICT, NEEDS_CONFIRM, INVALID])
def test_what_was_built_on_it_is_held(stores: Stores, kind: str) -> None:
    first = stores.outbox.save(command(action="accept"))
    exclusive = stores.outbox.save(command(action="file"))
    additive = stores.outbox.save(command(action="comment"))
    elsewhere = stores.outbox.save(command("case-2", action="accept"))
    changed = stores.outbox.decided([outcome(first.command_id, kind)])
    assert {c.command_id: c.status for c in changed} == {first.command_id: kind, exclusive.command_id: HELD}
    held = stores.outbox.get(exclusive.command_id)
    assert held is not None
    assert held.reason is not None
    assert held.reason.code == "earlier_not_applied"
    assert [c.command_id for c in stores.outbox.waiting()] == [additive.command_id, elsewhere.command_id]


def test_nothing_is_held_behind_an_additive_or_an_applied_one(stores: Stores) -> None:
    note = stores.outbox.save(command(action="comment"))
    good = stores.outbox.save(command(action="accept"))
    after = stores.outbox.save(command(action="file"))
    stores.outbox.decided([outcome(note.command_id, REJECTED), outcome(good.command_id, APPLIED)])
    assert status(stores, after.command_id) == WAITING


def test_behind_a_birth_that_failed_everything_is_held(stores: Stores) -> None:
    birth = stores.outbox.save(command(action="register"))
    note = stores.outbox.save(command(action="comment"))
    changed = stores.outbox.never_valid(birth.command_id, Problem(422, "x", "不行。"))
    assert [c.status for c in changed] == [INVALID, HELD]
    assert status(stores, note.command_id) == HELD
    assert stores.outbox.never_valid(birth.command_id, Problem(422, "x", "不行。")) == ()


def test_taking_back_works_until_it_leaves(stores: Stores) -> None:
    saved = stores.outbox.save(command(action="accept"))
    on_top = stores.outbox.save(command(action="file"))
    assert stores.outbox.take_back(saved.command_id)
    assert (status(stores, saved.command_id), status(stores, on_top.command_id)) == (DISCARDED, HELD)
    assert not stores.outbox.take_back(saved.command_id)
    gone = stores.outbox.save(command("case-2"))
    stores.outbox.leaving([gone.command_id])
    assert not stores.outbox.take_back(gone.command_id)
    assert not stores.outbox.take_back("nobody")
    assert stores.outbox.leaving([saved.command_id, gone.command_id])[0].command_id == gone.command_id
    assert stores.outbox.leaving([]) == ()


def test_discarding_is_for_what_wants_attention(stores: Stores) -> None:
    saved = stores.outbox.save(command())
    assert not stores.outbox.discard(saved.command_id), "a waiting command is never put aside"
    stores.outbox.decided([outcome(saved.command_id, REJECTED)])
    assert [c.command_id for c in stores.outbox.attention()] == [saved.command_id]
    assert stores.outbox.discard(saved.command_id)
    assert stores.outbox.attention() == ()


def test_a_replacement_settles_what_it_replaces(stores: Stores) -> None:
    old = stores.outbox.save(command())
    early = stores.outbox.save(command(replaces=old.command_id))
    assert status(stores, old.command_id) == WAITING, "what waits is never replaced"
    stores.outbox.decided([outcome(old.command_id, NEEDS_CONFIRM)])
    new = stores.outbox.save(command(replaces=old.command_id))
    found = stores.outbox.get(old.command_id)
    assert found is not None
    assert (found.status, found.replaced_by) == (REPLACED, new.command_id)
    assert status(stores, early.command_id) == WAITING


def test_a_command_rests_on_others_only_while_they_stand(stores: Stores) -> None:
    first = stores.outbox.save(command(action="accept"))
    stores.outbox.save(command(action="file", rests_on=(first.command_id,)))
    stores.outbox.decided([outcome(first.command_id, APPLIED)])
    stores.outbox.save(command(action="dispatch", rests_on=(first.command_id,)))
    lost = stores.outbox.save(command("case-2", action="accept"))
    stores.outbox.decided([outcome(lost.command_id, CONFLICT)])
    before = stores.outbox.history()
    for gone in (lost.command_id, "nobody"):
        with pytest.raises(ActionRefused) as refused:
            stores.outbox.save(command("case-2", action="file", rests_on=(gone,)))
        assert refused.value.code == "picture_changed"
    assert stores.outbox.history() == before


def test_counts_and_history(stores: Stores) -> None:
    assert stores.outbox.counts() == OutboxCounts()
    made = [stores.outbox.save(command(f"case-{i}")) for i in range(4)]
    stores.outbox.decided([outcome(made[0].command_id, CONFLICT), outcome(made[1].command_id, APPLIED)])
    counts = stores.outbox.counts()
    assert (counts.waiting, counts.attention) == (2, 1)
    assert [c.command_id for c in stores.outbox.history(2)] == [made[3].command_id, made[2].command_id]


def test_forgetting_never_touches_what_waits(stores: Stores) -> None:
    made = [stores.outbox.save(command(f"case-{i}")) for i in range(3)]
    stores.outbox.decided([outcome(made[0].command_id, APPLIED), outcome(made[1].command_id, CONFLICT)])
    assert stores.outbox.forget_before(T0) == 0
    assert stores.outbox.forget_before(T0 + timedelta(days=1)) == 1
    assert [c.command_id for c in stores.outbox.history()] == [made[2].command_id, made[1].command_id]


# --- attachments -------------------------------------------------------------------------------------------


def test_attachments_are_stored_with_the_command_and_go_with_it(stores: Stores, folder: Path) -> None:
    photo = bytes_of("picture")
    saved = stores.outbox.save(command(attachments=(photo, bytes_of("other"))))
    assert saved.uploads == tuple(sorted((photo.sha256, bytes_of("other").sha256)))
    assert stores.outbox.attachment(photo.sha256) == photo
    stores.outbox.uploaded(photo.sha256)
    assert stores.outbox.heads(1)[0].uploads == (bytes_of("other").sha256,)
    stores.outbox.decided([outcome(saved.command_id, REJECTED)])
    assert stores.outbox.attachment(photo.sha256) == photo, "kept while the operator may do it again"
    stores.outbox.discard(saved.command_id)
    assert stores.outbox.attachment(photo.sha256) is None
    assert list((folder / "attachments").iterdir()) == []


def test_shared_bytes_stay_while_one_command_needs_them(stores: Stores) -> None:
    photo = bytes_of("picture")
    first = stores.outbox.save(command(attachments=(photo, photo)))
    stores.outbox.save(command("case-2", attachments=(photo,)))
    stores.outbox.decided([outcome(first.command_id, APPLIED)])
    assert stores.outbox.attachment(photo.sha256) == photo
    assert stores.outbox.attachment("0" * 64) is None


def test_forgetting_drops_bytes_of_forgotten_commands(stores: Stores, folder: Path) -> None:
    saved = stores.outbox.save(command(attachments=(bytes_of("a"),)))
    stores.outbox.decided([outcome(saved.command_id, APPLIED)])
    stores.outbox.forget_before(T0 + timedelta(days=1))
    assert list((folder / "attachments").iterdir()) == []


def test_bytes_that_lie_are_refused(stores: Stores) -> None:
    photo = bytes_of("picture")
    with pytest.raises(ValueError, match="hash"):
        stores.outbox.save(command(attachments=(type(photo)(photo.sha256, b"other"),)))
    assert stores.outbox.waiting() == ()


def test_a_quota_over_which_nothing_is_saved(folder: Path) -> None:
    stores = open_stores(folder, KEY, quota=10)
    stores.outbox.save(command(attachments=(bytes_of("123456"),)))
    with pytest.raises(StorageFull) as full:
        stores.outbox.save(command(attachments=(bytes_of("1234567"),)))
    assert full.value.code == "quota_full"
    assert len(stores.outbox.waiting()) == 1
    stores.outbox.save(command())
    stores.close()


def test_a_failed_save_leaves_no_bytes_behind(stores: Stores, folder: Path) -> None:
    first = command()
    stores.outbox.save(first)
    with pytest.raises(StoreBroken):
        stores.outbox.save(command(command_id=first.command_id, attachments=(bytes_of("picture"),)))
    assert list((folder / "attachments").iterdir()) == []


def test_a_crash_between_bytes_and_row_leaves_nothing(stores: Stores, folder: Path) -> None:
    stores.outbox._sealed.put(bytes_of("orphan").sha256, b"orphan")
    (folder / "attachments" / "half.part").write_bytes(b"half")
    stores.close()
    again = open_stores(folder, KEY)
    assert list((folder / "attachments").iterdir()) == []
    again.close()


def test_damaged_bytes_are_noticed(stores: Stores, folder: Path) -> None:
    photo = bytes_of("picture")
    stores.outbox.save(command(attachments=(photo,)))
    [file] = (folder / "attachments").iterdir()
    raw = bytearray(file.read_bytes())
    raw[-100] ^= 1
    file.write_bytes(bytes(raw))
    with pytest.raises(StoreBroken):
        stores.outbox.attachment(photo.sha256)


def test_bytes_under_a_wrong_name_are_noticed(stores: Stores, folder: Path) -> None:
    photo, other = bytes_of("picture"), bytes_of("other")
    stores.outbox.save(command(attachments=(photo, other)))
    (folder / "attachments" / f"{photo.sha256}.sealed").replace(
        folder / "attachments" / f"{other.sha256}.sealed"
    )
    with pytest.raises(StoreBroken):
        stores.outbox.attachment(other.sha256)


def test_a_renewed_command_takes_the_same_place(stores: Stores) -> None:
    photo = bytes_of("picture")
    saved = stores.outbox.save(command(attachments=(photo,)))
    after = stores.outbox.save(command())
    stores.outbox.uploaded(photo.sha256)
    stores.outbox.leaving([saved.command_id])
    renewed = stores.outbox.renew(saved.command_id, "fresh")
    assert renewed is not None
    assert (renewed.n, renewed.tries, renewed.uploads) == (saved.n, 0, (photo.sha256,))
    assert [c.command_id for c in stores.outbox.waiting()] == ["fresh", after.command_id]
    assert status(stores, saved.command_id) == REPLACED
    assert stores.outbox.renew(after.command_id, "x") is None, "it names no attachments"
    assert stores.outbox.renew("nobody", "x") is None
    stores.outbox.decided([outcome("fresh", APPLIED)])
    assert stores.outbox.renew("fresh", "x") is None


# --- disk full, closed file ------------------------------------------------------------------------------------


def test_a_full_disk_refuses_clearly_and_keeps_everything(stores: Stores) -> None:
    kept = [stores.outbox.save(command()) for _ in range(3)]
    with stores.outbox._file.write() as conn:
        pages = conn.exec_driver_sql("PRAGMA page_count").scalar_one()
    for connection in _connections(stores):
        connection.execute(f"PRAGMA max_page_count = {pages:d}")
    big = {"text": "字" * 4000}
    with pytest.raises(StorageFull) as full:
        for _ in range(50):
            kept.append(stores.outbox.save(command(payload=big)))
    assert "磁盘已满" in full.value.title
    assert [c.command_id for c in stores.outbox.waiting()] == [c.command_id for c in kept]
    for connection in _connections(stores):
        connection.execute("PRAGMA max_page_count = 100000")
    stores.outbox.save(command(payload=big))


def _connections(stores: Stores) -> list[Any]:
    """Every pooled connection of the outbox, as the driver knows it."""
    engine = stores.outbox._file._open()
    held = [engine.raw_connection() for _ in range(4)]
    raw = [connection.dbapi_connection for connection in held]
    for connection in held:
        connection.close()
    return raw


def test_a_closed_file_says_so(stores: Stores) -> None:
    stores.close()
    stores.close()
    with pytest.raises(StoreError) as closed:
        stores.outbox.save(command())
    assert closed.value.code == "store_closed"


def test_ten_thousand_commands_are_kept_and_found_quickly(folder: Path) -> None:
    stores = open_stores(folder, KEY, synchronous="OFF")
    stores.outbox.save_all([command(f"case-{i % 3000}") for i in range(10_000)])
    assert stores.outbox.counts().waiting == 10_000
    assert len(stores.outbox.heads(50)) == 50
    assert len(stores.outbox.waiting("case-7")) == 4
    stores.close()


def test_a_full_disk_at_an_attachment_leaves_no_half_of_it(
    stores: Stores, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("services.store.sealed.os.replace", full)
    with pytest.raises(StoreError):
        stores.outbox.save(command(attachments=(bytes_of("picture"),)))
    assert list((folder / "attachments").iterdir()) == []
    assert stores.outbox.waiting() == ()


def test_discarding_drops_bytes_nobody_else_needs(stores: Stores) -> None:
    photo = bytes_of("picture")
    saved = stores.outbox.save(command(attachments=(photo,)))
    assert stores.outbox.take_back(saved.command_id)
    stores.outbox.forget_before(T0 + timedelta(days=1))
    assert stores.outbox.attachment(photo.sha256) is None
