"""The register form as a value: checks, payloads, drafts."""

from __future__ import annotations

import pytest

from console.viewmodels.actions.photos import photo_of
from console.viewmodels.intake_form import (
    IntakeForm,
    checks_of,
    default_kind,
    draft_fields,
    form_of_draft,
    join_payload,
    new_form,
    register_payload,
)
from console.viewmodels.intake_place import Place
from services.domain.ids import canonical_uuid
from services.domain.payloads import check_payload
from tests.support.fakes import world_for

INSIDE = Place(113.005, 23.005, inside=True, grid="990101001001001")
OUTSIDE = Place(113.5, 23.5, inside=False)


def filled(**more) -> IntakeForm:
    values = {"description": "井盖缺失", "address": "松影路", "lon": 113.005, "lat": 23.005, **more}
    return IntakeForm(new_form().case_id, **values)


def unmet(form: IntakeForm, place: Place | None = INSIDE, known: bool = True) -> dict[str, str]:
    return {check.field: check.sentence for check in checks_of(form, place, known) if not check.met}


def test_a_new_form_has_an_id_of_its_own_and_holds_nothing():
    one, other = new_form(), new_form()
    assert canonical_uuid(one.case_id) == one.case_id
    assert one.case_id != other.case_id
    assert one.empty


@pytest.mark.parametrize("name", ["description", "address", "caller_name", "caller_phone", "category"])
def test_any_word_makes_a_form_worth_keeping(name):
    assert not IntakeForm(new_form().case_id, **{name: "x"}).empty
    assert IntakeForm(new_form().case_id, **{name: "   "}).empty


def test_a_point_or_a_photo_makes_a_form_worth_keeping():
    assert not IntakeForm("c", lon=113.0, lat=23.0).empty
    assert not IntakeForm("c", photos=(photo_of(b"x", "a.jpg"),)).empty


def test_there_are_seven_things_and_a_filled_form_meets_them():
    checks = checks_of(filled(), INSIDE, True)
    assert len(checks) == 7
    assert all(check.met for check in checks)


def test_an_empty_form_says_what_is_missing_in_the_order_of_the_form():
    assert list(unmet(new_form(), None)) == ["description", "address", "location", "grid"]


def test_without_a_point_the_place_is_complained_about_once():
    found = unmet(filled(lon=None, lat=None), None)
    assert [text for text in found.values() if text] == ["请在地图上点出位置"]


def test_a_point_outside_is_refused_with_the_contracts_sentence():
    assert unmet(filled(), OUTSIDE) == {"grid": "地址不在本区范围内，请重选"}


def test_without_areas_on_this_machine_the_centre_decides_about_the_place():
    assert unmet(filled(), None, known=False) == {}


def test_a_wanted_callback_needs_a_phone():
    assert list(unmet(filled(need_callback=True))) == ["caller_phone"]
    assert unmet(filled(need_callback=True, caller_phone="13800000000")) == {}


def test_the_payload_is_fit_for_the_centre_and_leaves_out_what_is_empty():
    payload = register_payload(filled())
    cleaned = check_payload("register", payload)
    assert set(cleaned) == {"kind", "source", "description", "location", "ticket"}
    assert cleaned["location"] == {"lon": 113.005, "lat": 23.005, "address": "松影路"}
    assert cleaned["ticket"] == {"appeal_kind": "help"}


def test_the_payload_carries_everything_that_was_entered():
    form = filled(
        category="component-0101", level=3, caller_name=" 韩女士 ", caller_phone="138", need_callback=True,
        confidential=True, appeal="report", source="app", kind="hotline",
    )  # fmt: skip
    cleaned = check_payload("register", register_payload(form))
    assert cleaned["caller"] == {"name": "韩女士", "phone": "138"}
    assert cleaned["category"] == "component-0101"
    assert (cleaned["level"], cleaned["need_callback"], cleaned["confidential"]) == (3, True, True)
    assert (cleaned["source"], cleaned["kind"]) == ("app", "hotline")


def test_joining_a_case_logs_the_call_with_its_caller():
    form = filled(caller_name="韩女士", caller_phone="13812342716", appeal="complaint")
    cleaned = check_payload("log_call", join_payload(form))
    assert cleaned["caller"] == {"name": "韩女士", "phone": "13812342716"}
    assert cleaned["content"] == "井盖缺失"
    assert "caller" not in check_payload("log_call", join_payload(filled()))
    assert "content" not in join_payload(new_form())


def test_a_draft_gives_the_form_back():
    photo = photo_of(b"jpeg", "a.jpg")
    form = filled(caller_name="韩女士", level=2, photos=(photo,))
    fields = draft_fields(form)
    assert b"jpeg" not in fields.values()
    assert fields["photos"] == [{"sha256": photo.sha256, "name": "a.jpg", "mime": "image/jpeg"}]
    assert form_of_draft(form.case_id, fields, (photo,)) == form


def test_a_draft_of_another_version_is_read_as_far_as_it_goes():
    form = form_of_draft("c", {"description": "井盖", "call_id": 7})
    assert form.description == "井盖"
    assert form.address == ""


def test_the_category_fixes_the_kind_but_a_hotline_ticket_stays_one():
    rules = world_for("acceptor").rules
    assert default_kind("component-0101", rules, "event") == "component"
    assert default_kind("component-0101", rules, "hotline") == "hotline"
    assert default_kind("no-such", rules, "event") == "event"


def test_the_title_of_a_draft_is_its_first_words():
    assert filled().title == "井盖缺失"
    assert IntakeForm("c", address="松影路").title == "松影路"
    assert len(filled(description="长" * 90).title) == 40
