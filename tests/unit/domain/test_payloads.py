"""Payloads: what comes in is cleaned or refused with a sentence a field; nothing else ever happens."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.domain import fields as f
from services.domain.commands import Applied, Command, Rejected
from services.domain.decide import decide
from services.domain.errors import PayloadError
from services.domain.lifecycle import ACTIONS, BIRTH
from services.domain.payloads import PAYLOADS, check_payload, locations_in, photos_in
from services.domain.roles import Actor
from services.domain.states import STATES
from tests.unit.domain.ground import (
    CASE_ID,
    GRID,
    NOW,
    OTHER_ID,
    PHOTO,
    RULES,
    SAMPLES,
    THIRD_ID,
    case_in,
)

GOD = Actor(
    "hand1",
    "everybody",
    tuple(
        [
            "acceptor",
            "shift_leader",
            "dispatcher",
            "supervisor",
            "dept_user",
            "handler",
            "leader",
            "evaluator",
            "system",
            "upper",
        ]
    ),
    GRID[:6],
    "sani",
)  # fmt: skip


def wrong(action: str, payload: object) -> dict[str, str]:
    with pytest.raises(PayloadError) as caught:
        check_payload(action, payload)
    assert all(caught.value.fields.values())
    return caught.value.fields


# --- the table ---------------------------------------------------------------------------------------

#: contract section 5, the column "payload", written down a second time: required; optional after the bar
COLUMNS = """
register: kind source description location | category caller ticket need_callback confidential REST
accept:
send_verify: | to
verify_result: result | note photos
reject: reason
file: category condition
self_close: result | photos
dispatch: lead_dept | co_depts note
recall: reason
redispatch: lead_dept reason | co_depts note
return_to_filing: reason
amend: reason | category condition location description kind
adjust_limit: due_at reason basis
sign:
return_case: reason basis
assign: to
feed_back: result | public_reply photos solved outside_duty
co_reply: text | photos
contact_citizen: at reached text
send_check:
rework: reason
check_pass: | photos note
check_fail: reason | photos
close: closing_condition | callback
cancel: reason | duplicate_of
split: parts
link: to relation
apply_extension: reason | amount unit
decide_extension: approve | note
apply_suspend: until reason
decide_suspend: approve | note
resume:
reopen: reason
appeal: reason
decide_appeal: approve | note
supervise: kind level reason need_reply
reply_supervise: text
urge: text
flag_urgent:
callback: reached | solved satisfaction text
comment: text
attach: sha256 name mime size
archive:
"""


def test_the_fields_are_those_of_the_contract() -> None:
    wanted = {}
    for line in COLUMNS.strip().splitlines():
        action, _, names = line.partition(":")
        required, _, optional = names.partition("|")
        optional = optional.replace("REST", "urgent level upper_id upper_due")
        wanted[action] = (set(required.split()), set(optional.split()))
    found = {action: (set(spec[0]), set(spec[1])) for action, spec in PAYLOADS.items()}
    del found["log_call"], found["import"]  # free facts of a call; the importer's own form
    assert found == wanted


@pytest.mark.parametrize("action", ACTIONS)
def test_every_sample_passes_and_stays_what_it_was(action: str) -> None:
    before = json.dumps(SAMPLES[action], sort_keys=True)
    cleaned = check_payload(action, SAMPLES[action])
    assert json.dumps(SAMPLES[action], sort_keys=True) == before
    assert check_payload(action, cleaned) == cleaned
    assert cleaned.keys() == SAMPLES[action].keys()


@pytest.mark.parametrize("action", ACTIONS)
def test_every_missing_unknown_or_shapeless_field_is_named(action: str) -> None:
    for name in PAYLOADS[action][0]:
        without = {k: v for k, v in SAMPLES[action].items() if k != name}
        assert wrong(action, without) == {name: "不能缺少"}
    if action != "log_call":
        assert wrong(action, {**SAMPLES[action], "x" * 99: 1}) == {"x" * 40: "不认识的字段"}
    for shape in (None, [], "x", 3):
        assert wrong(action, shape) == {"payload": "应为对象"}


def test_all_wrong_fields_are_named_at_once() -> None:
    found = wrong("register", {"kind": "x", "source": "", "extra": 1, "location": {"lon": "a", "lat": 1}})
    assert set(found) == {"kind", "source", "extra", "description", "location.lon"}


# --- single fields -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("check", "value", "sentence"),
    [
        (f.text(), 3, "应为文字"),
        (f.text(), "  ", "不能为空"),
        (f.text(1, 3), "四个字了", "最多 3 个字"),
        (f.text(), "a\x00b", "控制字符"),
        (f.text(), "a\ud800", "控制字符"),
        (f.flag, 1, "应为是或否"),
        (f.whole(0, 3), True, "应为整数"),
        (f.whole(0, 3), 1.0, "应为整数"),
        (f.whole(0, 3), 4, "应在 0 到 3 之间"),
        (f.whole(0, 3), 10**400, "应在 0 到 3 之间"),
        (f.number(0, 3), "1", "应为数字"),
        (f.number(0, 3), False, "应为数字"),
        (f.number(0, 3), float("nan"), "应在 0 到 3 之间"),
        (f.number(0, 3), 10**400, "应在 0 到 3 之间"),
        (f.one_of("a", "b"), "c", "应为 a、b 之一"),
        (f.one_of("a", "b"), ["a"], "应为 a、b 之一"),
        (f.ident, "", "不是有效的标识"),
        (f.ident, "a b", "不是有效的标识"),
        (f.ident, "a\n", "不是有效的标识"),
        (f.ident, "a" * 65, "不是有效的标识"),
        (f.ident, 5, "不是有效的标识"),
        (f.ident_or_null, "é", "不是有效的标识"),
        (f.uuid, "x", "UUID"),
        (f.moment, 5, "带时区"),
        (f.moment, "2026-11-20T09:30:00+08:00" * 3, "带时区"),
        (f.moment, "yesterday", "例如"),
        (f.moment, "2026-11-20T09:30:00", "缺少时区"),
        (f.moment, "0001-01-01T00:00:00+14:00", "超出范围"),
        (f.moment, "9999-12-31T23:00:00-14:00", "超出范围"),
        (f.moment, "1989-12-31T00:00:00Z", "超出范围"),
        (f.moment, "2201-01-01T00:00:00Z", "超出范围"),
        (f.listed(f.ident), "a", "应为列表"),
        (f.listed(f.ident, 2), ["a", "b", "c"], "应有 0 到 2 项"),
        (f.listed(f.ident, 2, 1), [], "应有 1 到 2 项"),
        (f.listed(f.ident), ["a", "a"], "有重复的项"),
        (f.listed(f.ident), ["a", ""], "不是有效的标识"),
        (f.sha256, PHOTO.upper(), "sha256"),
        (f.sha256, PHOTO[:-1], "sha256"),
        (f.sha256, None, "sha256"),
        (f.record({"a": f.flag}, {}), [], "应为对象"),
        (f.record({"a": f.flag}, {}), {}, "不能缺少"),
        (f.record({"a": f.flag}, {}), {"a": True, "b": 1}, "不认识的字段"),
        (f.record({"a": f.flag}, {}), {"a": 1}, "应为是或否"),
        (f.unit, "fortnight", "不认识的时限单位"),
        (f.limit_amount, 0, "应在"),
        (f.limit_amount, 100_001, "应在"),
        (f.open_record, [], "应为对象"),
        (f.open_record, {f"k{n}": 1 for n in range(41)}, "最多 40 项"),
        (f.open_record, {"Bad": 1}, "字段名"),
        (f.open_record, {"a": "x\x00"}, "控制字符"),
        (f.open_record, {"a": ["", "b", 3]}, "应为文字"),
        (f.open_record, {"a": float("inf")}, "应为有限的数字"),
        (f.open_record, {"a": 1 << 54}, "数字太大"),
        (f.open_record, {"a": {"b": 1}}, "只能是"),
        (f.open_record, {"a": "x" * 8193}, "内容过长"),
        (f.open_record, {"a": ["x" * 200, "y" * 200], "b": "z" * 8000}, "内容过长"),
    ],
)
def test_a_wrong_value_is_refused_with_its_sentence(
    check: Callable[[Any], Any], value: Any, sentence: str
) -> None:
    with pytest.raises(f.Bad, match=sentence):
        check(value)


def test_where_in_a_list_or_record_it_is_wrong() -> None:
    assert wrong("dispatch", {"lead_dept": "a", "co_depts": ["b", ""]}) == {"co_depts[1]": "不是有效的标识"}
    assert wrong("close", {"closing_condition": "c", "callback": {"reached": True, "satisfaction": 6}}) == {
        "callback.satisfaction": "应在 1 到 5 之间"
    }
    parts = [{"case_id": OTHER_ID, "description": "d", "location": {"lon": 1, "lat": 200}}]
    assert set(wrong("split", {"parts": parts})) == {"parts[0].location.lat"}
    assert set(wrong("log_call", {"Bad": 1})) == {"Bad"}
    assert set(wrong("log_call", {"a": "x" * 9000})) == {"payload"}
    assert set(wrong("log_call", {"caller": {"name": 3}})) == {"name"}


def test_cleaned_values() -> None:
    assert f.text()("  两边  ") == "两边"
    assert f.text()("一\n二\t三") == "一\n二\t三"
    assert f.moment("2026-11-20T09:30:00+08:00") == "2026-11-20T01:30:00+00:00"
    assert f.moment("2026-11-20T01:30:00Z") == "2026-11-20T01:30:00+00:00"
    assert f.uuid(CASE_ID.upper()) == CASE_ID
    assert f.number(0, 3)(2) == 2
    assert f.limit_amount(2) == 2.0
    assert f.ident_or_null(None) is None
    assert f.open_record({"a": None, "b": True, "c": 1.5, "d": ["x "], "e": -3, "f": "t"}) == {
        "a": None, "b": True, "c": 1.5, "d": ["x"], "e": -3, "f": "t",
    }  # fmt: skip
    call = check_payload("log_call", {"duration_s": 61, "caller": {"name": " 张三 ", "phone": "13812345678"}})
    assert call == {"duration_s": 61, "caller": {"name": "张三", "phone": "13812345678"}}


def test_places_and_photos_a_payload_names() -> None:
    split = check_payload(
        "split",
        {
            "parts": [
                {"case_id": OTHER_ID, "description": "d", "location": {"lon": 1, "lat": 2}},
                {"case_id": THIRD_ID, "description": "e"},
            ]
        },
    )
    assert locations_in(CASE_ID, split) == {OTHER_ID: (1, 2)}
    assert locations_in(CASE_ID, check_payload("register", SAMPLES["register"])) == {
        CASE_ID: (113.361, 23.124)
    }
    assert locations_in(CASE_ID, {}) == {}
    assert photos_in({"photos": [PHOTO]}) == photos_in({"sha256": PHOTO}) == {PHOTO}
    assert photos_in({}) == frozenset()


# --- anything at all ---------------------------------------------------------------------------------

_scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from(
        [10**400, -(10**400), 1e308, float("nan"), float("inf"), "", "muni", CASE_ID, PHOTO, "9" * 5000]
    )
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(
        ["2026-11-20T09:30:00+08:00", "event-0110", "work_day", "true", "event", "\ud800", "\x00"]
    )
)
anything = st.recursive(
    _scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
)
CASES = [case_in(state) for state in STATES]


def _put(draw: st.DrawFn, value: Any) -> Any:
    """Return the value with something at a random place replaced, dropped or added."""
    if isinstance(value, dict) and value and draw(st.booleans()):
        key = draw(st.sampled_from(sorted(value)))
        return {**value, key: _put(draw, value[key])}
    if isinstance(value, list) and value and draw(st.booleans()):
        return [*value[:-1], _put(draw, value[-1])]
    if isinstance(value, dict) and draw(st.booleans()):
        return {**value, draw(st.text(max_size=8)): draw(anything)}
    return draw(anything)


@st.composite
def spoiled(draw: st.DrawFn) -> tuple[str, Any]:
    """A payload of some action, right but for one or two places."""
    action = draw(st.sampled_from(ACTIONS))
    spec = {**PAYLOADS[action][0], **PAYLOADS[action][1]}
    payload: Any = {**SAMPLES[action]}
    if spec and draw(st.booleans()):
        payload[draw(st.sampled_from(sorted(spec)))] = draw(anything)
    for _ in range(draw(st.integers(0, 2))):
        payload = _put(draw, payload)
    return action, payload


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(spoiled(), st.sampled_from(CASES))
def test_any_payload_is_cleaned_or_refused_and_any_cleaned_one_is_decided(
    spoiling: tuple[str, Any], case: Any
) -> None:
    action, payload = spoiling
    try:
        cleaned = check_payload(action, payload)
    except PayloadError as error:
        assert error.fields and str(error)
        return
    assert check_payload(action, cleaned) == cleaned
    json.dumps(cleaned, allow_nan=False).encode()
    base = None if action in BIRTH else case
    answer = decide(base, Command(OTHER_ID, CASE_ID, action, cleaned), GOD, NOW, RULES)
    assert isinstance(answer, Applied | Rejected)


@given(st.sampled_from(ACTIONS), anything)
def test_any_value_at_all_instead_of_a_payload(action: str, value: Any) -> None:
    try:
        check_payload(action, value)
    except PayloadError as error:
        assert error.fields
