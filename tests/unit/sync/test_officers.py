"""Officers are asked for while somebody looks, gently, and never for long in vain."""

from __future__ import annotations

import pytest

from services.ports.centre import Tagged
from services.ports.errors import SignInNeeded, Unknown
from services.ports.field import OFFICERS
from services.sync.officers import ABSENT_S, EVERY_S, OfficerWatch
from tests.unit.sync.ground import Ground

BOARD = {"officers": [], "lost_after_s": 600, "server_time": "2026-11-20T06:00:00Z"}


def watch(g: Ground) -> OfficerWatch:
    return OfficerWatch(g.core.cache, g.gateway, lambda: 1.0)


def test_nobody_is_asked_for_unless_somebody_looks(g: Ground) -> None:
    g.gateway.documents[OFFICERS] = Tagged("o1", BOARD)
    one = watch(g)
    assert one.round() == (False, None) and g.core.cache.document(OFFICERS).doc is None
    one.want(True)
    assert one.wanted and one.round() == (True, EVERY_S)
    assert g.core.cache.document(OFFICERS) == Tagged("o1", BOARD)
    one.want(False)
    assert one.round() == (False, None)


def test_what_did_not_change_is_no_news(g: Ground) -> None:
    g.gateway.documents[OFFICERS] = Tagged("o1", BOARD)
    one = watch(g)
    one.want(True)
    one.round()
    assert one.round() == (False, EVERY_S)
    g.gateway.documents[OFFICERS] = Tagged("o2", {**BOARD, "lost_after_s": 60})
    assert one.round() == (True, EVERY_S)


def test_a_centre_without_the_route_is_asked_seldom(g: Ground) -> None:
    one = watch(g)
    one.want(True)
    assert one.round() == (False, ABSENT_S)


def test_failures_are_waited_for_longer_and_longer(g: Ground) -> None:
    g.gateway.documents[OFFICERS] = Tagged("o1", BOARD)
    one = watch(g)
    one.want(True)
    waits = []
    for _ in range(5):
        g.gateway.faults = [Unknown("断了")]
        waits.append(one.round()[1])
    assert waits == [15.0, 30.0, 60.0, 120.0, 120.0]
    assert one.round() == (True, EVERY_S)
    g.gateway.faults = [Unknown("忙", retry_after_s=45.0)]
    assert one.round() == (False, 45.0)


def test_without_a_sign_in_nothing_is_asked(g: Ground) -> None:
    g.gateway.documents[OFFICERS] = Tagged("o1", BOARD)
    one = watch(g)
    one.want(True)
    g.gateway.token = None
    assert one.round() == (False, None)


def test_a_lapsed_sign_in_is_a_failure_like_others(g: Ground) -> None:
    g.gateway.documents[OFFICERS] = Tagged("o1", BOARD)
    one = watch(g)
    one.want(True)
    g.gateway.faults = [SignInNeeded("请先登录。")]
    assert one.round() == (False, pytest.approx(15.0))
