"""Six measures over columns: against a plain reckoning, at every level, and how they look."""

from __future__ import annotations

import math
import time
from bisect import bisect_right
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maps.geometry.areas import AreaLevel, PreparedAreas
from maps.layers.areas import NO_DATA, AreaFigures, AreaLayer, Measure
from maps.layers.figures import FigureColumns
from maps.layers.legend import legend_of
from maps.layers.measures import (
    CLASSES,
    NO_DATA_STYLE,
    break_key,
    break_keys,
    breaks_of,
    checked_breaks,
    class_styles,
    ramp_of,
)
from maps.layers.tokens import load_tokens

TOKENS = load_tokens()
OWNERS = (0, 0, 1, 1, 1, -1, 2, 0)
NEITHER = np.empty((0, 2))


def bare_level(name: str, codes: list[str]) -> AreaLevel:
    """A level without geometry: classes do not look at it."""
    none = np.empty(0, dtype=object)
    ints = np.full(len(codes), -1)
    index = {code: i for i, code in enumerate(codes)}
    return AreaLevel(name, tuple(codes), tuple(codes), ints, none, NEITHER, NEITHER, NEITHER[:, 0], index)


def district(owners: tuple[int, ...] = OWNERS) -> PreparedAreas:
    cells = bare_level("grid", [f"g{i:05d}" for i in range(len(owners))])
    streets = bare_level("street", [f"s{i:03d}" for i in range(max(owners) + 1)])
    own = {"street": np.array(owners), "grid": np.arange(len(owners))}
    return PreparedAreas({"street": streets, "grid": cells}, "grid", own, True)


AREAS = district()
SOME = st.none() | st.booleans()
FIGURES = st.builds(
    AreaFigures,
    st.integers(0, 200),
    st.integers(0, 20),
    SOME,
    st.integers(0, 90),
    st.none() | st.floats(-10, 100) | st.just(math.inf),
    st.none() | st.floats(0, 100),
    SOME,
)
TABLE = st.dictionaries(st.sampled_from(AREAS.cells.codes), FIGURES)


# --- the same in plain Python ---------------------------------------------------------------------


def hours_of(f: AreaFigures) -> float | None:
    return math.inf if f.open <= 0 else f.nearest_h


def days_of(f: AreaFigures) -> float | None:
    return math.inf if f.silent and f.silent_days is None else f.silent_days


def plain_value(measure: Measure, members: list[AreaFigures], is_cell: bool) -> float | None:
    """Value of an area by words of the definition, from the figures of its known cells."""
    if not members:
        return None
    opened = sum(f.open for f in members)
    if measure is Measure.DENSITY:
        return opened
    if measure is Measure.NEW_TODAY:
        return sum(f.new_today for f in members)
    if measure is Measure.OVERDUE:
        return 100.0 * sum(f.overdue for f in members) / opened if opened else 0.0
    if measure is Measure.OFFICER:
        duty = [f.on_duty for f in members if f.on_duty is not None]
        return float(any(duty)) if duty else None
    if measure is Measure.NEAREST:
        hours = [h for f in members if (h := hours_of(f)) is not None]
        return min(hours) if hours else None
    judged = [f for f in members if f.silent is not None]
    if not judged:
        return None
    silent = [f for f in judged if f.silent]
    if not is_cell:
        return 100.0 * len(silent) / len(judged)
    return max(d for f in silent if (d := days_of(f)) is not None) if silent else 0.0


def plain_class(measure: Measure, members: list[AreaFigures], level: str) -> int:
    value = plain_value(measure, members, level == "grid")
    if value is None:
        return NO_DATA
    if measure is Measure.OFFICER:
        return int(value)
    at = max(bisect_right(breaks_of(measure, level, TOKENS), value) - 1, 0)
    silent = measure is Measure.SILENT and any(f.silent for f in members)
    return max(at, 1) if silent else at


@settings(max_examples=200)
@given(TABLE, st.sampled_from(list(Measure)), st.sampled_from(["grid", "street"]))
def test_classes_are_those_of_a_plain_reckoning(
    figures: dict[str, AreaFigures], measure: Measure, level: str
) -> None:
    layer = AreaLayer(measure, figures)
    wanted = []
    for cell, owner in enumerate(AREAS.owners[level].tolist()):
        mates = [i for i, o in enumerate(AREAS.owners[level].tolist()) if o == owner] if owner >= 0 else []
        if level == "grid":
            mates = [cell]
        members = [figures[c] for c in (AREAS.cells.codes[i] for i in mates) if c in figures]
        wanted.append(plain_class(measure, members, level))
    assert layer.cell_classes(AREAS, level).tolist() == wanted
    assert layer.cell_classes(AREAS, level, TOKENS).dtype == np.int8


@given(TABLE, st.lists(TABLE, max_size=4), st.sampled_from(list(Measure)))
def test_updates_are_as_a_whole_new_set(
    figures: dict[str, AreaFigures], steps: list[dict[str, AreaFigures]], measure: Measure
) -> None:
    layer = AreaLayer(measure, dict(figures))
    layer.cell_classes(AREAS, "grid")
    for i, step in enumerate(steps):
        changed: dict[str, AreaFigures | None] = dict(step)
        for code in list(step)[: i % 3]:
            changed[code] = None
        before = layer
        layer = layer.updated({**changed, "unknown": AreaFigures(9)})
        whole = AreaLayer(measure, dict(layer.figures))
        for level in ("grid", "street"):
            now = layer.cell_classes(AREAS, level)
            assert now.tolist() == whole.cell_classes(AREAS, level).tolist()
            then = before.cell_classes(AREAS, level)
            moved = [k for k in range(len(now)) if now[k] != then[k]]
            assert layer.changed_since(before, AREAS, level).tolist() == moved


@given(TABLE)
def test_figures_survive_the_columns(figures: dict[str, AreaFigures]) -> None:
    columns = FigureColumns.of(figures, AREAS.cells.codes)
    for i, code in enumerate(AREAS.cells.codes):
        mine = columns.at(i)
        assert (mine is None) == (code not in figures)
        if mine is None:
            continue
        given_ = figures[code]
        assert (mine.open, mine.overdue, mine.new_today) == (given_.open, given_.overdue, given_.new_today)
        assert (mine.on_duty, mine.silent) == (given_.on_duty, given_.silent)
        assert mine.nearest_h == (given_.nearest_h if given_.open else None)
        assert mine.silent_days == given_.silent_days


def test_an_update_that_changes_nothing_is_the_same_layer() -> None:
    layer = AreaLayer(figures={"g00000": AreaFigures(3)})
    assert layer.updated({"g00000": AreaFigures(3), "g00001": None}) is layer


def test_figures_of_another_district_are_not_mixed_up() -> None:
    layer = AreaLayer(figures={"g00000": AreaFigures(5), "g00007": AreaFigures(20)})
    assert layer.cell_classes(AREAS, "grid")[7] == 4
    small = district((0, 0))
    assert layer.cell_classes(small, "grid").tolist() == [2, NO_DATA]
    assert layer.cell_classes(AREAS, "grid")[7] == 4


def test_a_cell_of_no_street_has_no_data_when_streets_are_filled() -> None:
    layer = AreaLayer(figures={c: AreaFigures(30) for c in AREAS.cells.codes})
    assert layer.cell_classes(AREAS, "street")[5] == NO_DATA
    assert layer.cell_classes(AREAS, "grid")[5] == 4


def test_nearer_is_stronger_and_nothing_open_is_far() -> None:
    layer = AreaLayer(
        Measure.NEAREST,
        {
            "g00000": AreaFigures(1, nearest_h=0.2),
            "g00001": AreaFigures(1, nearest_h=-3.0),
            "g00002": AreaFigures(1, nearest_h=30.0),
            "g00003": AreaFigures(0),
            "g00004": AreaFigures(1, nearest_h=math.inf),
            "g00006": AreaFigures(2),
        },
    )
    assert layer.cell_classes(AREAS, "grid").tolist() == [0, 0, 4, 4, 4, NO_DATA, NO_DATA, NO_DATA]
    assert layer.styles()[0].token == "map.deadline_ramp.4"
    assert layer.styles()[4].token == "map.deadline_ramp.0"


def test_a_silent_grid_is_never_in_the_class_of_the_others() -> None:
    layer = AreaLayer(
        Measure.SILENT,
        {
            "g00000": AreaFigures(silent=True, silent_days=0.3),
            "g00001": AreaFigures(silent=False, silent_days=60.0),
            "g00002": AreaFigures(silent=True, silent_days=8.0),
            "g00003": AreaFigures(silent=True),
            "g00004": AreaFigures(silent_days=90.0),
        },
    )
    assert layer.cell_classes(AREAS, "grid").tolist() == [1, 0, 2, 4, NO_DATA, NO_DATA, NO_DATA, NO_DATA]
    # Street 1 has two judged cells, both silent; street 0 one of two.
    assert layer.area_classes(AREAS, "street").tolist() == [4, 4, NO_DATA]
    assert layer.figures_at(AREAS, "street")["s000"].silent is True


def test_silence_is_grey_and_has_a_second_cue() -> None:
    styles = class_styles(Measure.SILENT)
    assert [s.pattern for s in styles] == ["", "dots", "dots", "dots", "dots"]
    assert all(s.token.startswith("map.silent_ramp") for s in styles)
    for theme in ("dark", "light"):
        colours = load_tokens(theme).colours
        for style in styles:
            r, g, b = rgb(colours[style.token])
            assert max(r, g, b) - min(r, g, b) <= 0.09, "no hue that could be taken for an alarm"
            if style.pattern:
                assert contrast(colours[style.token], colours[style.pattern_token]) >= 3.0, (theme, style)


def rgb(value: str) -> tuple[float, ...]:
    return tuple(int(value[i : i + 2], 16) / 255 for i in (1, 3, 5))


def luminance(value: str) -> float:
    r, g, b = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in rgb(value))
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(a: str, b: str) -> float:
    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("measure", [m for m in Measure if m is not Measure.OFFICER])
def test_ramps_go_one_way_and_their_steps_are_seen(theme: str, measure: Measure) -> None:
    colours = load_tokens(theme).colours
    ramp = [colours[f"{ramp_of(measure)}.{i}"] for i in range(CLASSES)]
    light = [luminance(c) for c in ramp]
    assert light == sorted(light, reverse=theme == "light")
    assert all(contrast(a, b) >= 1.1 for a, b in pairwise(ramp))
    assert contrast(ramp[0], ramp[4]) >= 4.0
    # Names on the fill have a halo; with it they are read on every class.
    assert contrast(colours["map.label"], colours["map.halo"]) >= 7.0


def saturation(value: str) -> float:
    high, low = max(rgb(value)), min(rgb(value))
    return (high - low) / high if high else 0.0


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_time_stays_below_the_state_colours(theme: str) -> None:
    colours = load_tokens(theme).colours
    strongest = max(saturation(colours[f"map.deadline_ramp.{i}"]) for i in range(CLASSES))
    assert strongest < min(saturation(colours[f"sla.{b}.fill"]) for b in ("soon", "over1"))


def test_every_class_has_a_look_of_its_own() -> None:
    for measure in Measure:
        styles = class_styles(measure)
        assert len(styles) == (2 if measure is Measure.OFFICER else CLASSES)
        assert len({s.token for s in styles}) == len(styles)
        assert all(s.token in TOKENS.colours and s.pattern_token in TOKENS.colours for s in styles)
    assert NO_DATA_STYLE.pattern == "hatch"


@pytest.mark.parametrize("measure", [m for m in Measure if m is not Measure.OFFICER])
@pytest.mark.parametrize("level", ["grid", "community", "street", "district", "city"])
def test_shipped_breaks_are_good_breaks(measure: Measure, level: str) -> None:
    breaks = breaks_of(measure, level, TOKENS)
    assert checked_breaks(breaks) == breaks
    assert break_key(measure, level) in break_keys()


def test_kept_breaks_go_before_those_of_the_tokens() -> None:
    layer = AreaLayer(figures={"g00000": AreaFigures(3)}).with_breaks({"density/grid": (0, 1, 2, 3, 4)})
    assert layer.cell_classes(AREAS, "grid")[0] == 3
    assert layer.breaks("street", TOKENS) == TOKENS.density_breaks["street"]
    assert layer.with_breaks({}).cell_classes(AREAS, "grid")[0] == 1
    assert AreaLayer(Measure.OFFICER).break_key("grid") == ""
    assert AreaLayer(Measure.SILENT).break_key("street") == "silent/share"
    assert AreaLayer(Measure.SILENT).break_key("grid") == "silent/cell"


@given(TABLE, st.sampled_from(list(Measure)), st.sampled_from(["grid", "street"]))
def test_the_legend_counts_every_area_once(
    figures: dict[str, AreaFigures], measure: Measure, level: str
) -> None:
    legend = legend_of(AreaLayer(measure, figures), AREAS, level, TOKENS)
    assert sum(legend.counts) + legend.gaps == legend.areas == len(AREAS.levels[level])
    assert legend.has_gaps == (legend.gaps > 0)
    assert [c.count for c in legend.classes] == list(legend.counts[: len(legend.classes)])


@pytest.mark.parametrize(
    ("measure", "level", "labels"),
    [
        (Measure.NEAREST, "grid", ["<1", "1–4", "4–8", "8–24", "≥24"]),
        (Measure.NEW_TODAY, "grid", ["0", "1", "2–3", "4–7", "≥8"]),
        (Measure.NEW_TODAY, "street", ["0", "1–9", "10–24", "25–49", "≥50"]),
        (Measure.SILENT, "grid", ["0", "1–6", "7–13", "14–29", "≥30"]),
        (Measure.SILENT, "street", ["0", "<10", "10–25", "25–50", "≥50"]),
    ],
)
def test_the_legend_prints_the_new_measures(measure: Measure, level: str, labels: list[str]) -> None:
    assert [c.label for c in legend_of(AreaLayer(measure), AREAS, level, TOKENS).classes] == labels


def test_half_hours_are_printed_as_they_are() -> None:
    layer = AreaLayer(Measure.NEAREST).with_breaks({"nearest": (0, 0.5, 1, 2, 4)})
    assert [c.label for c in legend_of(layer, AREAS, "grid", TOKENS).classes] == [
        "<0.5",
        "0.5–1",
        "1–2",
        "2–4",
        "≥4",
    ]


def test_a_city_of_twenty_thousand_cells_is_classed_in_no_time() -> None:
    """Ratio to a floor measured in the same run, so that a slow machine does not fail it."""
    rng = np.random.default_rng(1)
    areas = district(tuple(int(v) for v in np.arange(20_000) // 100))
    figures = {
        c: AreaFigures(int(n), 0, None, int(n) // 3, float(n), float(n), bool(n % 2))
        for c, n in zip(areas.cells.codes, rng.integers(0, 40, 20_000), strict=True)
    }
    layer = AreaLayer(figures=figures)
    layer.cell_classes(areas, "grid")
    values = rng.random(20_000)
    floor = min(timed(lambda: np.sort(values.copy())) for _ in range(5))
    for measure in Measure:
        chosen = layer.with_measure(measure)
        chosen._worked.classes.clear()
        spent = min(timed(lambda mine=chosen: fresh_classes(mine, areas)) for _ in range(5))
        assert spent < 12 * floor + 0.0005, measure
    few = {areas.cells.codes[i]: AreaFigures(99) for i in range(20)}
    spent = min(timed(lambda: layer.updated(few).cell_classes(areas, "grid")) for _ in range(5))
    assert spent < 40 * floor + 0.002


def fresh_classes(layer: AreaLayer, areas: PreparedAreas) -> None:
    layer._worked.classes.clear()
    layer.cell_classes(areas, "grid")


def timed(work: object) -> float:
    start = time.perf_counter()
    work()  # type: ignore[operator]
    return time.perf_counter() - start
