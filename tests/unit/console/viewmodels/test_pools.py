"""Pools show what the seat may work on, and their bars what may be done and why not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from console.viewmodels.pools import POOL_ACTIONS, PoolsViewModel
from services.domain.lifecycle import ACTION_NAMES
from tests.support.fakes import settled, world_for


def tabs_of(start, *roles: str, may_file: bool = False) -> list[str]:
    world = world_for(*roles)
    world.rules = replace(world.rules, settings=replace(world.rules.settings, acceptor_may_file=may_file))
    return [tab.id for tab in PoolsViewModel(start(world)).queue.tabs]


def test_filing_and_closing_show_to_the_shift_leader_only(start):
    assert tabs_of(start, "acceptor") == ["reported"]
    assert tabs_of(start, "shift_leader") == ["reported", "pending_filing", "pending_close"]


def test_an_acceptor_files_where_the_setting_says_so(start):
    assert tabs_of(start, "acceptor", may_file=True) == ["reported", "pending_filing"]


def test_a_setting_that_changes_gives_the_pool_while_working(start, qtbot):
    world = world_for("acceptor")
    seat = start(world)
    model = PoolsViewModel(seat)
    world.walk("pending_filing")
    world.rules = replace(world.rules, settings=replace(world.rules.settings, acceptor_may_file=True))
    world.announce({"reference", "all"})
    qtbot.waitUntil(lambda: [tab.id for tab in model.queue.tabs] == ["reported", "pending_filing"])
    settled(seat, qtbot)
    assert model.queue.counts == {"reported": 0, "pending_filing": 1}


@pytest.fixture
def pools(start, qtbot):
    world = world_for("acceptor", "shift_leader")
    one, two = world.register("一", caller={"name": "韩女士", "phone": "13812342716"}), world.register("二")
    world.walk("pending_filing")
    closing = world.walk("pending_close", need_callback=True)
    seat = start(world)
    model = PoolsViewModel(seat)
    return world, seat, model, (one, two, closing)


def test_counts_and_rows_follow_the_pool(pools):
    _world, _seat, model, _ = pools
    assert model.queue.counts == {"reported": 2, "pending_filing": 1, "pending_close": 1}
    assert len(model.queue.rows) == 2
    model.show("pending_close")
    assert len(model.queue.rows) == 1


def test_the_first_case_is_marked_and_the_mark_stays_in_the_pool(pools):
    _world, _seat, model, (_one, _two, closing) = pools
    assert model.case_id == model.queue.rows[0].case_id
    model.show("pending_close")
    assert model.case_id == closing.case_id


def test_the_card_says_who_called_masked(pools):
    _world, _seat, model, (one, *_) = pools
    model.choose(one.case_id)
    shown = model.shown()
    assert shown.caller == "韩** 138****2716"
    assert shown.grid == "望塔-01"
    assert shown.officer == "方知夏"
    assert shown.source == "公众热线"


def test_the_card_of_a_filed_case_names_condition_and_limit(pools):
    _world, _seat, model, _ = pools
    model.show("pending_close")
    assert model.shown().condition == "破损较大 · 4 工作时"
    assert model.shown().need_callback


def test_accepting_needs_no_dialog_and_waits_until_the_centre_decided(pools, qtbot):
    world, seat, model, (_one, two, _) = pools
    model.choose(two.case_id)
    assert model.main_action() == "accept"
    assert model.take("accept")
    settled(seat, qtbot)
    assert world.commands[-1].action == "accept"
    assert model.queue.counts["reported"] == 2
    assert model.shown().waits == "1 项操作待发送"
    world.judge_all()
    qtbot.waitUntil(lambda: model.queue.counts["reported"] == 1)
    assert model.queue.counts["pending_filing"] == 2


def test_what_needs_a_dialog_is_not_taken_directly(pools):
    world, _seat, model, _ = pools
    assert not model.take("reject")
    assert world.commands == []


def test_a_refused_save_is_told_of(pools, qtbot):
    world, seat, model, _ = pools
    told = []
    seat.notices.raised.connect(told.append)
    world.full = True
    model.take("accept")
    settled(seat, qtbot)
    assert told[0].title == "没有保存"
    assert told[0].text == "本机空间不足，这次没有保存"


def test_bars_hold_real_actions_with_keys_of_their_own():
    for actions in POOL_ACTIONS.values():
        assert all(action in ACTION_NAMES for action, _ in actions)
        keys = [key for _, key in actions]
        assert keys[0] == "Return"
        assert len(set(keys)) == len(keys)
        assert not {"J", "K", "L", ".", "F", "O", "C"} & set(keys)


def test_keys_find_their_action_and_more_holds_the_rest(pools):
    _world, _seat, model, _ = pools
    assert model.action_of_key("X").word == "不予受理"
    assert model.action_of_key("Q") is None
    rest = [action.action for action in model.more()]
    assert rest[:2] == ["comment", "attach"]
    assert "cancel" in rest
    assert not {"accept", "reject"} & set(rest)
    model.show("pending_filing")
    assert model.action_of_key("X").word == "不予立案"


def test_an_action_that_is_not_allowed_says_so(start):
    world = world_for("acceptor")
    case = world.register()
    world.apply("send_verify", case.case_id)
    seat = start(world)
    model = PoolsViewModel(seat)
    assert model.case_id == case.case_id
    refused = model.action_of_key("Return")
    assert refused.reason.startswith("现在不能受理")
    assert model.main_action() == ""


def test_an_empty_pool_has_no_case(start):
    model = PoolsViewModel(start(world_for("acceptor")))
    assert model.case_id == ""
    assert model.shown() is None
    assert model.action_of_key("Return").reason == "还没有选中案件"
    assert not model.take("accept")


def test_a_case_is_found_in_its_pool(pools):
    _world, _seat, model, (one, _, closing) = pools
    assert model.tab_of(one.case_id) == "reported"
    assert model.tab_of(closing.case_id) == "pending_close"
    assert model.tab_of("no-such") == ""
