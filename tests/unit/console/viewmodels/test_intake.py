"""The register form's way: typed, placed, checked, saved, cleared; failing keeps everything."""

from __future__ import annotations

from dataclasses import replace

import pytest

from console.viewmodels.actions.photos import photo_of
from console.viewmodels.intake import IntakeViewModel
from console.viewmodels.intake_figures import OwnFigures, OwnFiguresViewModel, figures_of
from services.ports.centre import SimilarCase
from services.ports.errors import StorageFull
from tests.support.fakes import settled, world_for


@pytest.fixture
def desk(start, qtbot):
    world = world_for("acceptor")
    seat = start(world)
    model = IntakeViewModel(seat)
    settled(seat, qtbot)
    return world, seat, model


def fill(model, **more):
    values = {"description": "雨水井盖整块缺失", "address": "松影路与南苑街口", **more}
    model.set_value(**values)
    model.set_point(113.005, 23.005)


def test_saved_means_the_outbox_has_it_and_the_form_is_cleared(desk, qtbot):
    world, seat, model = desk
    fill(model, caller_name="韩女士", level=2, category="component-0101")
    born = model.form.case_id
    with qtbot.waitSignal(model.registered) as done:
        assert model.register()
        assert model.busy
    assert done.args == [born]
    assert not model.busy
    assert world.commands[0].action == "register"
    assert model.form.empty
    assert model.form.case_id != born
    settled(seat, qtbot)
    assert seat.case(born).case.level == 2
    assert not world.drafts


def test_a_second_press_while_it_is_being_saved_does_nothing(desk, qtbot):
    world, seat, model = desk
    fill(model)
    assert model.register()
    assert not model.register()
    settled(seat, qtbot)
    assert len(world.commands) == 1


def test_what_is_missing_is_said_at_the_fields_and_nothing_is_sent(desk, qtbot):
    world, _seat, model = desk
    model.set_value(need_callback=True)
    assert not model.register()
    assert model.errors == {
        "description": "请填写诉求内容",
        "address": "请填写发生地址",
        "location": "请在地图上点出位置",
        "caller_phone": "要求回访的，请填写联系电话",
    }
    assert world.commands == []
    model.set_value(need_callback=False)
    assert "caller_phone" not in model.errors
    model.set_value(description="井盖")
    assert "description" not in model.errors
    model.set_point(113.005, 23.005)
    assert "location" not in model.errors


def test_a_point_outside_is_refused_at_once(desk):
    _world, _seat, model = desk
    fill(model)
    model.set_point(113.9, 23.9)
    assert model.errors["grid"] == "地址不在本区范围内，请重选"
    assert not model.register()
    model.set_point(113.005, 23.005)
    assert model.errors == {}


def test_an_empty_address_takes_the_names_of_the_place(desk):
    _world, _seat, model = desk
    model.set_point(113.015, 23.005)
    assert model.form.address == "柳岸街道柳岸社区"
    model.set_point(113.005, 23.005)
    assert model.form.address == "柳岸街道柳岸社区"


def test_a_full_disk_keeps_the_form_and_a_second_try_saves_it(desk, qtbot):
    world, _seat, model = desk
    fill(model)
    form, world.full = model.form, True
    with qtbot.waitSignal(model.refused) as refused:
        model.register()
    assert refused.args == ["本机空间不足，这次没有保存"]
    assert model.form == form
    world.full = False
    with qtbot.waitSignal(model.registered):
        assert model.register()


def test_a_refusal_by_a_rule_keeps_the_form(desk, qtbot):
    _world, _seat, model = desk
    fill(model, source="nobody")
    with qtbot.waitSignal(model.refused) as refused:
        model.register()
    assert refused.args == ["没有这个来源，请重新选择。"]
    assert model.form.source == "nobody"


def test_a_text_that_is_too_long_is_said_at_its_field(desk, qtbot):
    _world, seat, model = desk
    fill(model, address="长" * 201)
    with qtbot.waitSignal(model.errors_changed):
        model.register()
    settled(seat, qtbot)
    assert model.errors == {"address": "最多 200 个字"}


def test_a_fault_of_ours_keeps_the_form_and_is_reported(desk, qtbot, monkeypatch):
    _world, seat, model = desk
    fill(model)
    seen = []
    seat.background.failed.connect(lambda value: seen.append(value))

    def broken(*_args, **_more):
        raise ZeroDivisionError

    monkeypatch.setattr(seat.services.desk, "submit", broken)
    with qtbot.waitSignal(model.refused):
        model.register()
    assert not model.form.empty
    assert seen[0][0] == "register"


def test_photos_follow_the_case_as_commands_of_their_own(desk, qtbot):
    world, _seat, model = desk
    fill(model)
    model.reader.add_bytes(b"one", "1.png", "image/png")
    model.reader.add_bytes(b"two", "2.png", "image/png")
    model.reader.add_bytes(b"one", "again.png", "image/png")
    assert len(model.form.photos) == 2
    with qtbot.waitSignal(model.registered):
        model.register()
    assert [command.action for command in world.commands] == ["register", "attach", "attach"]
    assert len({command.case_id for command in world.commands}) == 1
    assert {item.data for item in world.attachments.values()} == {b"one", b"two"}


def test_photos_that_could_not_be_saved_stay_and_are_told_of(desk, qtbot, monkeypatch):
    world, seat, model = desk
    fill(model)
    model.reader.add_bytes(b"one", "1.png", "image/png")
    model.reader.add_bytes(b"two", "2.png", "image/png")
    submit, told = seat.services.desk.submit, []
    seat.notices.raised.connect(told.append)

    def partly(action, case, payload, attachments=(), *, case_id=None):
        if attachments and attachments[0].data == b"two":
            raise StorageFull("本机空间不足，这次没有保存")
        return submit(action, case, payload, attachments, case_id=case_id)

    monkeypatch.setattr(seat.services.desk, "submit", partly)
    with qtbot.waitSignal(model.refused):
        model.register()
    assert [command.action for command in world.commands] == ["register", "attach"]
    assert [photo.data for photo in model.form.photos] == [b"two"]
    assert told[-1].title == "已登记，但有 1 个附件没有保存"


def test_a_direct_answer_registers_and_closes_in_one_go(desk, qtbot):
    world, _, model = desk
    fill(model)
    model.reader.add_bytes(b"one", "1.png", "image/png")
    with qtbot.waitSignal(model.registered):
        assert model.register("已告知办理地点")
    assert [command.action for command in world.commands] == ["register", "attach", "self_close"]
    assert world.commands[-1].payload == {"result": "已告知办理地点"}
    world.judge_all()
    assert world.cases[world.commands[0].case_id].state == "closed"


def test_an_answer_that_was_not_saved_leaves_the_case_in_its_pool_and_is_told_of(desk, qtbot, monkeypatch):
    world, seat, model = desk
    fill(model)
    submit, told = seat.services.desk.submit, []
    seat.notices.raised.connect(told.append)

    def partly(action, case, payload, attachments=(), *, case_id=None):
        if action == "self_close":
            raise StorageFull("本机空间不足，这次没有保存")
        return submit(action, case, payload, attachments, case_id=case_id)

    monkeypatch.setattr(seat.services.desk, "submit", partly)
    with qtbot.waitSignal(model.registered):
        model.register("已答复")
    assert [command.action for command in world.commands] == ["register"]
    assert told[-1].title == "已登记，但没有办结，请到待受理中办理"
    assert model.form.empty


def test_a_draft_whose_case_was_saved_before_goes_on_with_its_photos(desk, qtbot):
    world, seat, model = desk
    fill(model)
    model.reader.add_bytes(b"one", "1.png", "image/png")
    model.reader.add_bytes(b"two", "2.png", "image/png")
    form = model.form
    model.saving.start(replace(form, photos=form.photos[:1]))
    settled(seat, qtbot)
    world.announce({"cases"}, {form.case_id})
    qtbot.waitUntil(lambda: form.case_id in seat.cases)
    model.form = form
    with qtbot.waitSignal(model.registered):
        assert model.register()
    assert [command.action for command in world.commands] == ["register", "attach", "attach"]
    assert {item.data for item in world.attachments.values()} == {b"one", b"two"}


def test_a_known_address_brings_its_point(desk, qtbot):
    world, seat, model = desk
    case = world.register("一", address="柳岸路 9 号", lon=113.015, lat=23.005)
    world.announce({"cases"}, {case.case_id})
    qtbot.waitUntil(lambda: case.case_id in seat.cases)
    model.addresses.refresh()
    settled(seat, qtbot)
    model.take_address("柳岸路 9 号")
    assert (model.form.address, model.form.lon) == ("柳岸路 9 号", 113.015)
    assert model.place().grid_name == "柳岸-01"
    model.take_address("没有这样的")
    assert model.form.address == "柳岸路 9 号"


def test_an_empty_file_is_refused_with_its_name(desk, qtbot, tmp_path):
    _world, _seat, model = desk
    path = tmp_path / "空.jpg"
    path.write_bytes(b"")
    with qtbot.waitSignal(model.refused) as refused:
        model.reader.add_files([path])
    assert refused.args == ["“空.jpg”是空文件，没有附上。"]
    with qtbot.waitSignal(model.refused) as refused:
        model.reader.add_bytes(b"", "截图.png", "image/png")
    with qtbot.waitSignal(model.refused) as refused:
        model.reader.add_files([tmp_path / "gone.jpg"])
    assert "读不出来" in refused.args[0]


def test_a_file_from_disk_is_attached_and_can_be_taken_out(desk, qtbot, tmp_path):
    _world, _seat, model = desk
    path = tmp_path / "现场.jpg"
    path.write_bytes(b"jpeg")
    with qtbot.waitSignal(model.reader.arrived):
        model.reader.add_files([path])
    assert [(photo.name, photo.mime) for photo in model.form.photos] == [("现场.jpg", "image/jpeg")]
    model.remove_photo(model.form.photos[0].sha256)
    assert model.form.photos == ()


# --- drafts -------------------------------------------------------------------------------------------


def test_parking_keeps_the_form_and_begins_another(desk, qtbot):
    world, seat, model = desk
    fill(model)
    kept = model.form
    model.park()
    settled(seat, qtbot)
    assert model.form.empty
    assert world.drafts[kept.case_id].title == "雨水井盖整块缺失"
    model.set_value(description="另一件")
    other = model.form
    model.open_draft(kept.case_id)
    settled(seat, qtbot)
    assert model.form == kept
    assert other.case_id in world.drafts
    model.park()
    settled(seat, qtbot)
    assert len(world.drafts) == 2


def test_parking_an_empty_form_keeps_nothing(desk, qtbot):
    _world, _seat, model = desk
    before = model.form
    model.park()
    assert model.form is before


def test_giving_up_removes_the_draft(desk, qtbot):
    world, seat, model = desk
    fill(model)
    model.drafts.flush()
    settled(seat, qtbot)
    model.give_up()
    settled(seat, qtbot)
    assert not world.drafts
    assert model.form.empty


def test_the_drafts_of_the_last_session_are_there(desk, qtbot):
    _world, seat, model = desk
    fill(model)
    model.drafts.flush()
    settled(seat, qtbot)
    again = IntakeViewModel(seat)
    settled(seat, qtbot)
    assert [entry.title for entry in again.drafts.entries] == ["雨水井盖整块缺失"]


# --- near by ------------------------------------------------------------------------------------------


def test_the_centre_is_asked_once_the_point_stands(desk, qtbot):
    world, seat, model = desk
    near = world.walk("handling")
    world.similar = (SimilarCase(near, 8.0, 2.0, 0.92, ("同小类",)),)
    with qtbot.waitSignal(model.candidates_changed, timeout=3000):
        fill(model, category="component-0101")
        model.look_around()
    settled(seat, qtbot)
    assert [each.case_id for each in model.candidates] == [near.case_id]
    assert model.candidate_id == near.case_id
    assert not model.candidates_local
    assert seat.services.gateway.asked[-1] == (
        "similar", 113.005, 23.005, "component-0101", "雨水井盖整块缺失",
    )  # fmt: skip


def test_offline_the_own_rows_answer_and_it_is_said(desk, qtbot):
    world, seat, model = desk
    near = world.register("井盖松动", lon=113.0052, lat=23.005)
    world.announce({"cases"}, {near.case_id})
    qtbot.waitUntil(lambda: near.case_id in seat.cases)
    world.online = False
    fill(model)
    model.look_around()
    settled(seat, qtbot)
    assert [each.case_id for each in model.candidates] == [near.case_id]
    assert model.candidates_local


def test_a_dismissed_candidate_does_not_come_back_for_this_form(desk, qtbot):
    world, seat, model = desk
    one, two = world.register("一"), world.register("二")
    world.similar = (SimilarCase(one, 8, 2, 0.9), SimilarCase(two, 9, 2, 0.4))
    fill(model)
    model.look_around()
    settled(seat, qtbot)
    model.choose_candidate(two.case_id)
    model.dismiss()
    assert [each.case_id for each in model.candidates] == [one.case_id]
    assert model.candidate_id == one.case_id
    model.look_around()
    settled(seat, qtbot)
    assert [each.case_id for each in model.candidates] == [one.case_id]


def test_joining_logs_the_call_on_the_open_case_and_clears_the_form(desk, qtbot):
    world, seat, model = desk
    near = world.walk("handling")
    world.similar = (SimilarCase(near, 8.0, 2.0, 0.92),)
    fill(model, caller_name="韩女士", caller_phone="13812342716")
    model.look_around()
    settled(seat, qtbot)
    told = []
    seat.notices.raised.connect(told.append)
    with qtbot.waitSignal(model.registered):
        assert model.join()
    (command,) = world.commands
    assert (command.action, command.case_id) == ("log_call", near.case_id)
    assert command.payload["caller"]["phone"] == "13812342716"
    assert model.form.empty
    assert "已并入" in told[-1].title


def test_without_a_candidate_there_is_nothing_to_join(desk):
    _world, _seat, model = desk
    assert not model.join()


# --- figures ------------------------------------------------------------------------------------------


def test_own_figures_count_todays_commands(desk, qtbot):
    world, seat, model = desk
    figures = OwnFiguresViewModel(seat)
    settled(seat, qtbot)
    assert figures.figures == OwnFigures()
    fill(model)
    model.register()
    settled(seat, qtbot)
    assert (figures.figures.registered, figures.figures.waiting) == (1, 1)
    world.judge_all()
    qtbot.waitUntil(lambda: figures.figures.waiting == 0)
    assert figures.figures.registered == 1
    world.advance(days=1)
    world.announce({"outbox"})
    qtbot.waitUntil(lambda: figures.figures.registered == 0)


def test_refused_commands_count_as_refused_only(desk, qtbot):
    world, seat, model = desk
    fill(model)
    model.register()
    settled(seat, qtbot)
    refused = replace(world.commands[0], status="rejected")
    assert figures_of([refused, world.commands[0]]) == OwnFigures(registered=1, waiting=1, refused=1)


def test_categories_and_sources_are_those_of_the_centre(desk):
    _world, _seat, model = desk
    assert ("hotline", "公众热线") in model.sources()
    model.set_value(category="component-0101")
    assert model.categories()[0].id == "component-0101"
    assert model.category_name() == "上水井盖"
    assert model.form.kind == "component"


def test_a_photo_keeps_its_own_bytes():
    assert photo_of(b"x", "a.png").size == 1
