"""Any order of data, choices and movements: nothing breaks, counts add up, only a hand moves the view."""

from __future__ import annotations

import math
from dataclasses import replace

import shapely
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from maps.canvas.widget import GridMapWidget
from maps.geometry.areas import AreaShape
from maps.geometry.viewport import MAX_SCALE, MIN_SCALE
from maps.layers.areas import AreaFigures
from maps.layers.cases import MapCase
from maps.layers.officers import MapOfficer
from maps.layers.state import LAYER_ORDER
from maps.layers.tokens import BANDS
from tests.unit.maps.districts import SIDE, SOUTH, WEST, overlapping, squares, with_gap

SHAPE_SETS: list[list[AreaShape]] = [
    squares(4, 3),
    squares(5, 2, wobble=False),
    squares(4, 3)[:7],
    overlapping(),
    with_gap(),
    [],
    [AreaShape("E", "", "grid", None, shapely.Polygon())],
]
KEYS = [
    *(Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Plus, Qt.Key.Key_Minus),
    *(Qt.Key.Key_0, Qt.Key.Key_M, Qt.Key.Key_L, Qt.Key.Key_1, Qt.Key.Key_2, Qt.Key.Key_3, Qt.Key.Key_Escape),
    *(Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Backspace, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown),
    *(Qt.Key.Key_Home, Qt.Key.Key_S, Qt.Key.Key_P, Qt.Key.Key_A, Qt.Key.Key_C),
]
POINT = st.tuples(st.integers(0, 419), st.integers(0, 319))
LON = st.floats(WEST - SIDE, WEST + 6 * SIDE) | st.sampled_from([math.nan, math.inf, 999.0])
LAT = st.floats(SOUTH - SIDE, SOUTH + 5 * SIDE) | st.sampled_from([math.nan, -math.inf, 89.9])
CASES = st.lists(
    st.builds(
        MapCase,
        case_id=st.integers(0, 25).map("c{}".format),
        number=st.just("1120-0001"),
        lon=LON,
        lat=LAT,
        band=st.sampled_from([*BANDS, "strange"]),
        pending=st.booleans(),
    ),
    max_size=12,
)
OFFICERS = st.lists(
    st.builds(
        MapOfficer,
        officer_id=st.integers(0, 5).map("o{}".format),
        name=st.just("方知夏"),
        lon=LON,
        lat=LAT,
        busy=st.booleans(),
        lost=st.booleans(),
        seen=st.just("14:07"),
    ),
    max_size=4,
)


class MapMachine(RuleBasedStateMachine):
    """One map widget under random orders."""

    @initialize(mini=st.booleans())
    def begin(self, mini: bool) -> None:
        assert QApplication.instance() is not None
        self.widget = GridMapWidget(mini=mini)
        self.widget.set_reduced_motion(True)
        self.widget.resize(420, 320)
        self.widget.grab()
        self.expected: dict[str, MapCase] = {}
        self.view = self.widget.view
        self.seen_areas = False

    def teardown(self) -> None:
        if hasattr(self, "widget"):
            self.widget.deleteLater()
            QApplication.sendPostedEvents(self.widget, 52)  # QEvent.Type.DeferredDelete

    @rule(shapes=st.sampled_from(SHAPE_SETS))
    def areas(self, shapes: list[AreaShape]) -> None:
        self.widget.set_areas(shapes)
        if self.widget.state.areas is not None and not self.seen_areas:
            self.seen_areas = True
            self.view = self.widget.view

    @rule(cases=CASES)
    def all_cases(self, cases: list[MapCase]) -> None:
        self.widget.set_cases(cases)
        self.expected = {c.case_id: c for c in cases}

    @rule(cases=CASES, removed=st.lists(st.integers(0, 25).map("c{}".format), max_size=4))
    def some_cases(self, cases: list[MapCase], removed: list[str]) -> None:
        self.widget.update_cases(cases, removed)
        self.expected.update({c.case_id: c for c in cases})
        for case_id in removed:
            self.expected.pop(case_id, None)

    @rule(officers=OFFICERS)
    def officers(self, officers: list[MapOfficer]) -> None:
        self.widget.set_officers(officers)

    @rule(data=st.data())
    def figures(self, data: st.DataObject) -> None:
        areas = self.widget.state.areas
        codes = list(areas.cells.codes) if areas else []
        counts = st.builds(AreaFigures, st.integers(0, 40), st.integers(0, 10), st.none() | st.booleans())
        self.widget.set_metric(
            data.draw(st.dictionaries(st.sampled_from([*codes, "nowhere"]), counts, max_size=6))
        )

    @rule(offline=st.booleans())
    def offline(self, offline: bool) -> None:
        self.widget.set_offline(offline, "离线底图 · 位置为 14:07 最后上报")

    @rule(layer=st.sampled_from(LAYER_ORDER), shown=st.booleans())
    def layer(self, layer: str, shown: bool) -> None:
        self.widget.set_layer_visible(layer, shown)

    @rule(number=st.integers(0, 30))
    def select(self, number: int) -> None:
        self.widget.select_case(f"c{number}")

    @rule(key=st.sampled_from(KEYS), held=st.sampled_from(["", "control", "shift"]))
    def key(self, key: Qt.Key, held: str) -> None:
        modifier = {
            "": Qt.KeyboardModifier.NoModifier,
            "control": Qt.KeyboardModifier.ControlModifier,
            "shift": Qt.KeyboardModifier.ShiftModifier,
        }[held]
        QTest.keyClick(self.widget, key, modifier)
        self.view = self.widget.view

    @rule(x=st.integers(0, 419), y=st.integers(0, 319), double=st.booleans())
    def click(self, x: int, y: int, double: bool) -> None:
        press = QTest.mouseDClick if double else QTest.mouseClick
        press(self.widget, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(x, y))
        self.view = self.widget.view

    @rule(name=st.sampled_from(["", "rectangle", "polygon", "distance", "area", "legend"]))
    def tool(self, name: str) -> None:
        if name and name != self.widget.tools.name:
            assert self.widget.start_tool(name) != self.widget.mini
        elif not name:
            self.widget.tools.leave()

    @rule(
        way=st.lists(POINT, min_size=2, max_size=8),
        button=st.sampled_from([Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton]),
        shift=st.booleans(),
        lost=st.booleans(),
    )
    def drag(self, way: list[tuple[int, int]], button: Qt.MouseButton, shift: bool, lost: bool) -> None:
        held = Qt.KeyboardModifier.ShiftModifier if shift else Qt.KeyboardModifier.NoModifier
        QTest.mousePress(self.widget, button, held, QPoint(*way[0]))
        for x, y in way[1:]:
            QTest.mouseMove(self.widget, QPoint(x, y))
        if lost:
            # The other button goes up, as when the first release went to another window.
            QTest.mouseRelease(self.widget, Qt.MouseButton.RightButton, held, QPoint(*way[-1]))
        QTest.mouseRelease(self.widget, button, held, QPoint(*way[-1]))
        self.view = self.widget.view

    @rule(at=POINT, angle=st.sampled_from([120, -120, 7, -13, 10**7, -(10**7), 0]))
    def wheel(self, at: tuple[int, int], angle: int) -> None:
        pos = QPointF(*at)
        QApplication.sendEvent(
            self.widget,
            QWheelEvent(
                pos,
                self.widget.mapToGlobal(pos),
                QPoint(0, 0),
                QPoint(0, angle),
                Qt.MouseButton.NoButton,
                Qt.KeyboardModifier.NoModifier,
                Qt.ScrollPhase.NoScrollPhase,
                False,
            ),
        )
        self.view = self.widget.view

    @rule(back=st.booleans())
    def history(self, back: bool) -> None:
        nav, before = self.widget.nav, self.widget.view
        possible = nav.can_back if back else nav.can_forward
        moved = self.widget.back() if back else self.widget.forward()
        assert moved == possible
        self.view = self.widget.view
        if moved and self.view != before and self.seen_areas:
            # There and back again is the same view, as long as it lies within the limits of the district.
            again = nav.forward() if back else nav.back()
            assert again
            if nav._limited(before) == before:
                assert self.widget.view == before
            self.view = self.widget.view

    @rule(width=st.integers(60, 900), height=st.integers(60, 700))
    def resize(self, width: int, height: int) -> None:
        self.widget.resize(width, height)
        # A widget that is not on screen hears of its size when it is painted.
        self.widget.grab()
        self.view = self.widget.view

    @rule(one=st.integers(-1, 5))
    def legend(self, one: int) -> None:
        self.widget.legend_filter.toggle(one)
        assert self.widget.state.legend_off <= set(self.widget.legend_filter.classes())

    @rule(on=st.booleans())
    def pick_mode(self, on: bool) -> None:
        self.widget.set_pick_mode(on)

    @precondition(lambda self: bool(self.expected))
    @rule(data=st.data())
    def move_one(self, data: st.DataObject) -> None:
        case = data.draw(st.sampled_from(sorted(self.expected.values(), key=lambda c: c.case_id)))
        moved = replace(case, band="over2", lon=WEST + SIDE, lat=SOUTH + SIDE)
        self.widget.update_cases([moved])
        self.expected[case.case_id] = moved

    @rule()
    def paint(self) -> None:
        self.widget.refresh_now()
        assert not self.widget.grab().isNull()

    @invariant()
    def only_a_hand_moves_the_view(self) -> None:
        if hasattr(self, "widget"):
            assert self.widget.view == self.view

    @invariant()
    def every_placed_case_is_drawn_once(self) -> None:
        if not hasattr(self, "widget"):
            return
        self.widget.refresh_now()
        state = self.widget.state
        # The same case again with NaN is never equal to itself, so ids and bands are compared.
        assert {i: c.band for i, c in state.cases.cases.items()} == {
            i: c.band for i, c in self.expected.items()
        }
        marks = self.widget.scene.layout.marks if self.widget.scene.layout else ()
        drawn = [i for m in marks for i in m.case_ids]
        assert len(drawn) == len(set(drawn))
        if not state.shows("cases"):
            assert drawn == []
            return
        assert set(drawn) <= set(self.expected) - state.cases.unplaced
        assert set(state.cases.ids_in(self.widget.view.bounds)) <= set(drawn)

    @invariant()
    def the_view_is_finite_and_within_its_limits(self) -> None:
        if not hasattr(self, "widget"):
            return
        view = self.widget.view
        assert all(math.isfinite(v) for v in (view.cx, view.cy, view.scale))
        assert MIN_SCALE <= view.scale <= MAX_SCALE
        assert (view.width, view.height) == (self.widget.width(), self.widget.height())

    @invariant()
    def at_most_one_tool_and_its_hint_can_be_said(self) -> None:
        if not hasattr(self, "widget"):
            return
        tools = self.widget.tools
        assert not (tools.active and self.widget.mini)
        assert bool(tools.hint()) == (tools.active is not None)
        region = self.widget.region
        assert region.empty == (region.geometry is None)

    @invariant()
    def boxes_stand_apart(self) -> None:
        if not hasattr(self, "widget") or self.widget.mini:
            return
        rooms = [place.room for place in self.widget.furniture.plan.taken.values()]
        for i, room in enumerate(rooms):
            assert not any(room.intersects(other) for other in rooms[:i])

    @invariant()
    def the_selection_exists(self) -> None:
        if not hasattr(self, "widget"):
            return
        chosen = self.widget.selection
        assert not chosen.case_id or chosen.case_id in self.expected


MapMachine.TestCase.settings = settings(
    max_examples=25,
    stateful_step_count=18,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


def test_any_order_of_events(qapp: QApplication) -> None:
    MapMachine.TestCase().runTest()
