"""From typed texts to payloads: every kind of field, right and wrong; equal contents give equal payloads."""

from __future__ import annotations

from typing import Any

import pytest

from services.backend.seat.form_fields import FORMS, KINDS, REGISTER, Field, Form, forms_for
from services.backend.seat.form_reading import Photo, Sent, here_line, payload_of, read_point
from services.domain.fields import Bad
from services.domain.lifecycle import GRANTS, MOVES
from services.domain.payloads import PAYLOADS, check_payload

ZONE = "Asia/Shanghai"
SHA = "a" * 64
PHOTO = Photo(SHA, "现场.jpg", "image/jpeg", 1234)


def sent(photos: tuple[Photo, ...] = (), **values: str) -> Sent:
    return Sent(values, photos, ZONE)


def one(field: Field, given: Sent) -> tuple[dict[str, Any], dict[str, str]]:
    return payload_of(Form("comment", "", "", "", (field,)), given)


FILLED = {
    "result": "已修复", "solved": "yes", "public_reply": "您好", "outside_duty": "", "note": "看过", "reason": "理由",
    "approve": "no", "text": "内容", "to": "u-1", "at": "2026-11-20T14:30", "reached": "no", "amount": "2",
    "unit": "work_day", "until": "2026-12-01", "basis": "依据", "kind": "event", "category": "component-0101",
    "description": "路灯不亮", "lon": "113.3", "lat": "23.1", "address": "松影路", "urgent": "yes",
}  # fmt: skip


@pytest.mark.parametrize("form", [*FORMS.values(), REGISTER], ids=lambda form: form.action)
def test_every_form_gives_a_payload_the_contract_takes(form: Form) -> None:
    values = dict(FILLED)
    if form.action == "verify_result":
        values["result"] = "not_found"
    photos = (PHOTO,) if any(field.kind in ("photo", "photos") for field in form.fields) else ()
    payload, wrong = payload_of(form, sent(photos, **values))
    assert wrong == {}
    if form.action == "register":
        payload.pop("photos")
        payload["source"] = "patrol"
    assert check_payload(form.action, payload).keys() == payload.keys()
    # and once more: the same contents are the same command
    assert (
        payload_of(form, sent(photos, **values))[0].items()
        >= {name: value for name, value in payload.items() if name != "source"}.items()
    )


@pytest.mark.parametrize("form", [*FORMS.values(), REGISTER], ids=lambda form: form.action)
def test_forms_hold_to_the_law(form: Form) -> None:
    assert form.action in MOVES
    assert form.action in GRANTS
    required, optional = PAYLOADS[form.action]
    composed = {"here", "limit", "photo"}
    for field in form.fields:
        assert field.kind in KINDS
        if field.kind in composed or (form.action, field.name) == ("register", "photos"):
            continue
        assert field.name in {**required, **optional}, field.name
        assert field.required or field.kind == "person" or field.name not in required, field.name
    asked = {field.name for field in form.fields} | {"source"}
    if form.action != "attach":
        assert set(required) <= asked


@pytest.mark.parametrize(
    "form", [form for form in (*FORMS.values(), REGISTER) if form.fields], ids=lambda form: form.action
)
def test_empty_forms_name_what_is_missing(form: Form) -> None:
    _, wrong = payload_of(form, sent())
    assert set(wrong) == {field.name for field in form.fields if field.required}


def test_texts_are_trimmed_and_have_one_kind_of_line_end() -> None:
    area = Field("text", "area", "备注", True, most=5)
    assert one(area, sent(text="  一\r\n二  ")) == ({"text": "一\n二"}, {})
    assert one(area, sent(text="一二三四五六"))[1] == {"text": "最多 5 个字，现在 6 个"}
    assert one(area, sent(text="\x00"))[1] == {"text": "含有无法保存的控制字符"}
    assert one(Field("note", "area", "说明"), sent(note="  ")) == ({}, {})


def test_choices_take_only_what_they_offer() -> None:
    radio = Field("solved", "radio", "", choices=(("yes", ""), ("no", "")))
    assert one(radio, sent(solved="yes"))[0] == {"solved": True}
    assert one(radio, sent(solved="no"))[0] == {"solved": False}
    assert one(radio, sent()) == ({}, {})
    assert one(radio, sent(solved="maybe"))[1] == {"solved": "请选择一项"}
    assert one(Field("urgent", "check", ""), sent(urgent="yes"))[0] == {"urgent": True}
    assert one(Field("urgent", "check", ""), sent())[0] == {}


def test_moments_and_days_are_the_centres() -> None:
    moment = Field("at", "moment", "", True)
    for text in ("2026-11-20T14:30", "2026-11-20 14:30", "2026-11-20T14:30:00"):
        assert one(moment, sent(at=text))[0] == {"at": "2026-11-20T14:30:00+08:00"}
    for text in ("", "14:30", "20.11.2026", "x" * 50):
        assert one(moment, sent(at=text))[1], text
    day = Field("until", "day", "", True)
    # the chosen day still belongs to it
    assert one(day, sent(until="2026-12-31"))[0] == {"until": "2027-01-01T00:00:00+08:00"}
    for text in ("", "2026-02-30", "9999-12-31", "morgen"):
        assert one(day, sent(until=text))[1], text


def test_limits_people_and_categories() -> None:
    limit = Field("limit", "limit", "")
    assert one(limit, sent(unit="work_day")) == ({}, {})
    assert one(limit, sent(amount="1.5", unit="work_hour"))[0] == {"amount": 1.5, "unit": "work_hour"}
    assert one(limit, sent(amount="1.5", unit=""))[1] == {"limit": "请选择单位"}
    for text in ("x", "nan", "inf", "1e9", "1.2.3", "٣", "9" * 30):
        assert one(limit, sent(amount=text, unit="minute"))[1], text
    assert one(Field("to", "person", ""), sent(to=""))[0] == {"to": None}
    category = Field("category", "category", "")
    assert one(category, sent(category="component-0101"))[0] == {
        "category": "component-0101",
        "kind": "component",
    }
    assert one(category, sent(category="odd-1"))[0] == {"category": "odd-1"}
    assert one(category, sent())[0] == {}


def test_a_single_photo_becomes_a_record_of_it() -> None:
    field = Field("photo", "photo", "", True)
    assert one(field, sent((PHOTO,)))[0] == {
        "sha256": SHA,
        "name": "现场.jpg",
        "mime": "image/jpeg",
        "size": 1234,
    }
    assert one(field, sent((PHOTO, PHOTO)))[1] == {"photo": "请选择一张照片"}


def test_points_are_read_in_both_systems_and_refused_in_halves() -> None:
    assert read_point(sent()) is None
    assert read_point(sent(lon="113.26438512", lat="23.1")) == (113.264385, 23.1)
    # the published check point: WGS 31.1774276,121.5272106 is GCJ 31.17530398364597,121.531541859215
    assert read_point(sent(lon="121.531541859215", lat="31.17530398364597", crs="gcj02")) == (
        121.527211,
        31.177428,
    )
    for lon, lat in (("113", ""), ("", "23"), ("a", "23"), ("181", "23"), ("23", "113"), ("-", "-")):
        with pytest.raises(Bad):
            read_point(sent(lon=lon, lat=lat))


def test_position_becomes_the_last_sentence() -> None:
    values = {"lon": "113.3", "lat": "23.1", "accuracy": "8.6", "case_lon": "113.3", "case_lat": "23.11"}
    line = here_line(sent(**values))
    assert line == "现场位置 113.300000,23.100000（定位精度 9 米），距案件位置 1.1 公里。"
    assert here_line(sent(lon="113.3", lat="23.1")) == "现场位置 113.300000,23.100000。"
    assert here_line(sent()) is None
    here = Field("here", "here", "")
    note, reason = Field("note", "area", ""), Field("reason", "area", "", True)
    form = Form("check_pass", "", "", "", (note, here))
    assert payload_of(form, sent(**values))[0] == {"note": line}
    assert payload_of(form, sent(note="好", **values))[0] == {"note": f"好\n{line}"}
    assert payload_of(Form("check_fail", "", "", "", (reason, here)), sent(reason="差", **values))[0] == {
        "reason": f"差\n{line}"
    }
    assert payload_of(form, sent(**{**values, "accuracy": "x"}))[1] == {"here": "定位精度应为数字"}


def test_missing_reason_is_not_replaced_by_the_position() -> None:
    form = FORMS["check_fail"]
    payload, wrong = payload_of(form, sent(lon="113.3", lat="23.1"))
    assert wrong == {"reason": "请填写"}
    assert "reason" not in payload


def test_place_of_a_report() -> None:
    place = Field("location", "place", "", True)
    assert one(place, sent(lon="113.3", lat="23.1"))[0] == {"location": {"lon": 113.3, "lat": 23.1}}
    assert one(place, sent(lon="113.3", lat="23.1", address="路" * 201))[1] == {
        "location": "地址最多 200 个字"
    }


def test_main_forms_come_first() -> None:
    found = forms_for(("comment", "feed_back", "assign", "dispatch"))
    assert [form.action for form in found] == ["feed_back", "assign", "comment"]
