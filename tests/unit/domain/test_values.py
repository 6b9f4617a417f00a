"""Limits, codes, ids, masks, digest, roles, states, errors: the small values everything rests on."""

from __future__ import annotations

import hashlib
import re
import uuid
from datetime import UTC, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.domain import states
from services.domain.case import in_scope
from services.domain.codes import (
    LEVEL_LENGTH,
    area_path,
    check_area_code,
    check_grid_code,
    covers,
    level_of,
    parent_code,
)
from services.domain.digest import Bucket, bucket_of, digest
from services.domain.errors import (
    CalendarError,
    CodeError,
    DomainError,
    LimitError,
    PayloadError,
    ReferenceDataError,
)
from services.domain.ids import canonical_uuid, system_command_id, uuid7
from services.domain.limits import UNITS, Limit, parse_limit
from services.domain.masking import mask_caller, mask_name, mask_phone, mask_phones_in
from services.domain.roles import (
    ACTORS,
    DEPT_ROLES,
    LEAD_ROLES,
    NO_CASE_ROLES,
    ROLES,
    SYSTEM,
    UPPER,
    street_dept,
)
from tests.unit.domain.ground import (
    CASE_ID,
    DISPATCHER,
    GRID,
    HANDLER,
    OTHER_GRID,
    SANI,
    SUPERVISOR,
    at,
    person,
)

# --- limits ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("2uh", "2uh"), ("4小时", "4wh"), ("2 紧急工作时", "2uh"), ("2紧急工作日", "2ud"), ("1.5工作日", "1.5wd"),
        ("15天", "15wd"), ("3 个工作日", "3wd"), ("30分钟", "30min"), ("7自然日", "7nd"), ("2日", "2wd"),
        ("1紧急工作小时", "1uh"), ("2工作小时", "2wh"), (" 3自然天 ", "3nd"), ("4.0wh", "4wh"),
    ],
)  # fmt: skip
def test_limits_are_read_from_the_words_of_workbooks(text: str, code: str) -> None:
    assert parse_limit(text).code == code


@pytest.mark.parametrize(
    "text", ["", "天", "2", "-1天", "2紧急", "1紧急工作时制止", "2uh4wh", "9" * 5000 + "天", "0wh"]
)
def test_what_is_no_limit_is_refused(text: str) -> None:
    with pytest.raises(LimitError):
        parse_limit(text)


@pytest.mark.parametrize("amount", [0, -1, 100_001, float("nan"), float("inf")])
def test_amounts_outside_the_range_are_refused(amount: float) -> None:
    with pytest.raises(LimitError):
        Limit(amount, "work_day")


def test_an_unknown_unit_is_refused() -> None:
    with pytest.raises(LimitError, match="fortnight"):
        Limit(1, "fortnight")


def test_limits_know_their_seconds_words_and_kind() -> None:
    assert [Limit(2, unit).seconds() for unit in UNITS] == [7200, 172800, 7200, 57600, 172800, 120]
    assert Limit(1, "work_day").seconds(7.5) == 27000
    assert Limit(2.0, "work_day") == Limit(2, "work_day")
    assert isinstance(Limit(2.0, "work_day").amount, int)
    assert Limit(1.5, "work_hour").words == "1.5 工作时"
    assert [unit for unit in UNITS if Limit(1, unit).working] == ["work_hour", "work_day"]


# --- codes -------------------------------------------------------------------------------------------


def test_levels_by_length() -> None:
    for level, length in LEVEL_LENGTH.items():
        code = "440106001001001"[:length]
        assert level_of(code) == level
        check_area_code(code, level)
    assert LEVEL_LENGTH["grid"] == 15


@pytest.mark.parametrize(
    "code", ["", "44010", "4401060010010011", "44010600100100x", "４４０１０６", "440106\n", "-40106"]
)
def test_other_lengths_and_other_digits_are_no_codes(code: str) -> None:
    with pytest.raises(CodeError):
        level_of(code)


def test_a_grid_has_a_sequence_and_a_level_its_length() -> None:
    check_grid_code(GRID)
    with pytest.raises(CodeError, match="001–999"):
        check_grid_code("440106001001000")
    with pytest.raises(CodeError, match="应为 15 位"):
        check_grid_code("440106")
    check_area_code("440106001000", "community")


def test_parents_and_paths() -> None:
    assert parent_code(GRID) == "440106001001"
    assert parent_code("440106") == "4401"
    assert parent_code("4401") is None
    assert area_path(GRID) == ("440106", "440106001", "440106001001", GRID)
    assert area_path("44010600100101") == ("44010600100101",)


def test_areas_cover_what_begins_with_them() -> None:
    assert covers("440106", GRID)
    assert covers(GRID, GRID)
    assert not covers("440107", GRID)
    assert not covers(None, GRID)
    assert not covers("", GRID)
    assert covers("440106", None)
    assert covers("4401", None)
    assert not covers("440106001", None)


# --- scope -------------------------------------------------------------------------------------------


def test_scope_is_the_area_and_for_departments_also_their_part() -> None:
    assert in_scope(DISPATCHER, GRID, ())
    assert not in_scope(person("dispatcher", "440107"), GRID, ())
    assert not in_scope(person("dispatcher", None), GRID, ())
    assert in_scope(SUPERVISOR, GRID, ())
    assert not in_scope(SUPERVISOR, OTHER_GRID, ())
    assert not in_scope(SUPERVISOR, None, ())
    assert in_scope(SANI, GRID, ("muni", "sani"))
    assert not in_scope(SANI, GRID, ("muni",))
    assert not in_scope(HANDLER, OTHER_GRID, ("sani",))
    assert not in_scope(person("dept_user", dept=None), GRID, ("sani",))
    assert in_scope(SYSTEM, None, ()) and in_scope(UPPER, OTHER_GRID, ())
    assert not in_scope(person("dispatcher", ""), GRID, ())


def test_a_second_role_frees_from_the_department() -> None:
    both = person("dept_user", dept="muni")
    both = type(both)(both.id, both.name, ("dept_user", "dispatcher"), both.area_code, both.dept)
    assert in_scope(both, GRID, ())
    assert not both.dept_only
    assert SANI.dept_only
    assert not person("leader").dept_only


# --- ids ---------------------------------------------------------------------------------------------


def test_uuid7_holds_time_version_and_random_bits() -> None:
    made = uuid.UUID(uuid7(0x0123456789AB, bytes(range(10))))
    assert made.hex.startswith("0123456789ab7")
    assert (made.version, made.variant) == (7, uuid.RFC_4122)
    full = uuid.UUID(uuid7(0, b"\xff" * 10))
    assert full.hex == "000000000000" + "7fff" + "bfff" + "f" * 12
    assert uuid7() != uuid7()
    assert uuid7(5, bytes(10)) < uuid7(6, bytes(10))


@given(st.binary(min_size=10, max_size=10), st.integers(0, (1 << 48) - 1))
def test_uuid7_keeps_74_random_bits(random: bytes, ms: int) -> None:
    made = uuid.UUID(uuid7(ms, random)).int
    assert made >> 80 == ms
    tail = int.from_bytes(random, "big")
    assert made >> 64 & 0xFFF == tail >> 68 & 0xFFF
    assert made & ((1 << 62) - 1) == tail & ((1 << 62) - 1)


def test_one_id_has_one_spelling() -> None:
    assert canonical_uuid(CASE_ID) == CASE_ID
    assert canonical_uuid(CASE_ID.upper()) == CASE_ID
    for wrong in (None, 5, "", CASE_ID[:-1], CASE_ID.replace("-", ""), "{" + CASE_ID[1:], "x" * 36, "0" * 36):
        assert canonical_uuid(wrong) is None


def test_timed_commands_have_the_same_id_everywhere() -> None:
    due = at("2026-12-20 09:00")
    first = system_command_id(CASE_ID, "resume", due)
    assert first == system_command_id(CASE_ID, "resume", due)
    assert uuid.UUID(first).version == 5
    others = {
        system_command_id(CASE_ID, "archive", due),
        system_command_id(CASE_ID, "resume", due + timedelta(seconds=1)),
        system_command_id(uuid7(), "resume", due),
    }
    assert first not in others and len(others) == 3


def test_the_same_moment_in_another_zone_is_the_same_command() -> None:
    due = at("2026-12-20 09:00")
    assert system_command_id(CASE_ID, "resume", due) == system_command_id(
        CASE_ID, "resume", due.astimezone(UTC)
    )


# --- masks -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("phone", "masked"),
    [
        ("13812345678", "138****5678"), ("+86 138-1234-5678", "138****5678"), ("8613812345678", "138****5678"),
        ("020-87658000", "****8000"), ("12345", "****2345"), ("1234", "****"), ("", "****"), ("无", "****"),
        ("13812345678/13912345679", "****5679"),
    ],
)  # fmt: skip
def test_phones_are_masked(phone: str, masked: str) -> None:
    assert mask_phone(phone) == masked


def test_names_and_callers_are_masked() -> None:
    assert [mask_name(name) for name in ("张三丰", "张三", " 欧阳锋锋 ", "张", "")] == [
        "张**",
        "张*",
        "欧**",
        "张",
        "",
    ]
    assert mask_caller("张三丰", "13812345678") == "张** 138****5678"
    assert mask_caller(None, "13812345678") == "138****5678"
    assert mask_caller("张三", None) == "张*"
    assert mask_caller(" ", "") is None
    assert mask_caller(None, None) is None


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True), st.sampled_from(["", "电话", " ", "，"]))
def test_no_mobile_survives_inside_a_text(phone: str, around: str) -> None:
    masked = mask_phones_in(f"请打{around}{phone}{around}谢谢")
    assert phone not in masked
    assert phone[:3] + "****" + phone[-4:] in masked


def test_longer_numbers_are_left_alone() -> None:
    assert mask_phones_in("单号 2026112313812345678") == "单号 2026112313812345678"


# --- digest ------------------------------------------------------------------------------------------


@given(
    st.lists(
        st.tuples(st.uuids().map(str), st.integers(1, 10_000)), max_size=40, unique_by=lambda row: row[0]
    )
)
def test_the_digest_is_that_of_a_naive_implementation(rows: list[tuple[str, int]]) -> None:
    wanted: dict[int, tuple[int, int]] = {n: (0, 0) for n in range(256)}
    for case_id, version in rows:
        at_bucket = int(hashlib.sha256(case_id.encode()).hexdigest()[:2], 16)
        mark = int(hashlib.sha256(f"{case_id}|{version}".encode()).hexdigest()[:16], 16)
        count, xor = wanted[at_bucket]
        wanted[at_bucket] = (count + 1, xor ^ mark)
        assert bucket_of(case_id) == at_bucket
    got = digest(iter(rows))
    assert got == [Bucket(count, format(xor, "016x")) for count, xor in wanted.values()]
    assert digest(reversed(rows)) == got


def test_one_changed_version_changes_one_bucket() -> None:
    rows = [(uuid7(), n) for n in range(50)]
    changed = [*rows[:-1], (rows[-1][0], 999)]
    different = [
        n for n, pair in enumerate(zip(digest(rows), digest(changed), strict=True)) if pair[0] != pair[1]
    ]
    assert different == [bucket_of(rows[-1][0])]


# --- roles, states, errors ---------------------------------------------------------------------------


def test_roles_are_those_of_the_field() -> None:
    assert set(ROLES) == {
        "supervisor", "grid_worker", "acceptor", "shift_leader", "dispatcher", "dept_user", "handler",
        "street_user", "leader", "evaluator", "admin", "auditor",
    }  # fmt: skip
    assert set(ACTORS) == {"system", "upper"}
    assert LEAD_ROLES < DEPT_ROLES < set(ROLES)
    assert set(ROLES) >= NO_CASE_ROLES
    assert street_dept(GRID) == "street-440106001"


def test_states_are_those_of_the_field_with_their_stage_and_clock() -> None:
    """Domain section 5.2 and the stages of the contract, written down a second time."""
    table = """
        reported intake accept | verifying intake verify | pending_filing filing file | not_accepted - -
        not_filed - - | pending_dispatch dispatch dispatch | pending_sign handle handle | handling handle handle
        suspended handle handle | returned dispatch dispatch | feedback_review handle forward
        checking check check | pending_close close close | closed close - | cancelled - - | archived close -
    """
    rows = [entry.split() for entry in re.split(r"[|\n]", table) if entry.strip()]
    found = [[s.id, s.stage or "-", s.clock or "-"] for s in states.STATES.values()]
    assert sorted(found) == sorted(rows)
    assert frozenset({"not_accepted", "not_filed", "closed", "cancelled", "archived"}) == states.END
    assert set(states.STATES) - states.END == states.OPEN
    assert [s.id for s in states.STATES.values() if s.frozen] == ["suspended"]
    assert set(states.STAGE_NAMES) == set(states.STAGES)
    assert states.stage_of("cancelled") is None
    assert states.stage_of("handling") == "handle"


def test_every_error_of_the_field_is_one_sentence_with_a_code() -> None:
    kinds = (CodeError, LimitError, CalendarError, ReferenceDataError)
    assert len({kind.code for kind in kinds}) == len(kinds)
    for kind in kinds:
        error = kind("说明")
        assert isinstance(error, DomainError)
        assert (str(error), error.title, error.code) == ("说明", "说明", kind.code)
    assert DomainError("说明", code="narrower").code == "narrower"
    assert PayloadError({"lon": "应为数字"}).title == "lon：应为数字"
    assert PayloadError({"": "应为对象"}).title == "应为对象"
    assert PayloadError({}).title == "内容有误"
