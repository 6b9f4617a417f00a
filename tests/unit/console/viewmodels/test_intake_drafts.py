"""Drafts are kept while the operator types, photos beside the words, and nothing is lost when the disk is full."""

from __future__ import annotations

from dataclasses import replace

from console.viewmodels.actions.photos import photo_of
from console.viewmodels.intake_drafts import PHOTO_OF, IntakeDrafts, photo_id, read_draft
from console.viewmodels.intake_form import new_form
from tests.support.fakes import settled, world_for


def make(start, **more):
    world = world_for("acceptor")
    seat = start(world)
    return world, seat, IntakeDrafts(seat)


def test_a_change_is_kept_within_two_seconds(start, qtbot):
    world, _seat, drafts = make(start)
    form = replace(new_form(), description="井盖缺失")
    with qtbot.waitSignal(drafts.kept, timeout=2000):
        drafts.changed(form)
    assert world.drafts[form.case_id].fields["description"] == "井盖缺失"
    assert world.drafts[form.case_id].title == "井盖缺失"


def test_many_keys_make_one_write_and_the_last_one_wins(start, qtbot):
    world, seat, drafts = make(start)
    form = new_form()
    for words in ("井", "井盖", "井盖缺失"):
        form = replace(form, description=words)
        drafts.changed(form)
    assert not world.drafts
    drafts.flush()
    settled(seat, qtbot)
    assert [draft.fields["description"] for draft in world.drafts.values()] == ["井盖缺失"]


def test_an_emptied_form_leaves_no_draft(start, qtbot):
    world, seat, drafts = make(start)
    form = replace(new_form(), description="x")
    drafts.changed(form)
    drafts.flush()
    settled(seat, qtbot)
    drafts.changed(replace(form, description=""))
    drafts.flush()
    settled(seat, qtbot)
    assert not world.drafts
    assert drafts.entries == ()


def test_photos_are_kept_once_and_come_back(start, qtbot):
    world, seat, drafts = make(start)
    photo = photo_of(b"\xff\xd8jpeg", "a.jpg")
    form = replace(new_form(), description="x", photos=(photo,))
    drafts.changed(form)
    drafts.flush()
    settled(seat, qtbot)
    kept = world.drafts[photo_id(form.case_id, photo.sha256)]
    assert kept.fields[PHOTO_OF] == form.case_id
    world.drafts[kept.case_id] = replace(kept, title="not written again")
    drafts.changed(replace(form, description="xy"))
    drafts.flush()
    settled(seat, qtbot)
    assert world.drafts[kept.case_id].title == "not written again"
    opened = []
    drafts.open(form.case_id, opened.append)
    settled(seat, qtbot)
    assert opened[0].photos == (photo,)
    assert opened[0].description == "xy"


def test_the_list_names_forms_only_and_the_latest_first(start, qtbot):
    world, seat, drafts = make(start)
    first = replace(new_form(), description="先", photos=(photo_of(b"x", "a.jpg"),))
    second = replace(new_form(), description="后")
    for form in (first, second):
        drafts.changed(form)
        drafts.flush()
        world.advance(minutes=1)
        settled(seat, qtbot)
    assert [entry.title for entry in drafts.entries] == ["后", "先"]


def test_dropping_takes_the_photos_too(start, qtbot):
    world, seat, drafts = make(start)
    form = replace(new_form(), description="x", photos=(photo_of(b"x", "a.jpg"),))
    drafts.changed(form)
    drafts.flush()
    settled(seat, qtbot)
    drafts.drop(form)
    settled(seat, qtbot)
    assert not world.drafts


def test_a_full_disk_is_said_and_the_next_change_tries_again(start, qtbot):
    world, _seat, drafts = make(start)
    form = replace(new_form(), description="x")
    world.full = True
    with qtbot.waitSignal(drafts.failed) as failed:
        drafts.changed(form)
        drafts.flush()
    assert failed.args == ["本机空间不足，这次没有保存"]
    world.full = False
    with qtbot.waitSignal(drafts.kept):
        drafts.changed(replace(form, description="xy"))
        drafts.flush()
    assert world.drafts[form.case_id].fields["description"] == "xy"


def test_a_damaged_or_lost_photo_does_not_cost_the_words(start, qtbot):
    world, seat, drafts = make(start)
    one, two = photo_of(b"1", "1.jpg"), photo_of(b"2", "2.jpg")
    form = replace(new_form(), description="x", photos=(one, two))
    drafts.changed(form)
    drafts.flush()
    settled(seat, qtbot)
    del world.drafts[photo_id(form.case_id, one.sha256)]
    broken = world.drafts[photo_id(form.case_id, two.sha256)]
    world.drafts[broken.case_id] = replace(broken, fields={**broken.fields, "data": "*"})
    found = read_draft(seat.services.drafts, form.case_id)
    assert found.description == "x"
    assert found.photos == ()
    assert read_draft(seat.services.drafts, new_form().case_id) is None
