"""The map's share of the design tokens."""

from __future__ import annotations

import json
from importlib import resources

import pytest

from maps.layers.tokens import BANDS, MapTokens, load_tokens


@pytest.fixture(scope="module")
def tokens() -> MapTokens:
    return load_tokens("dark")


def test_breaks_are_the_designs(tokens: MapTokens) -> None:
    assert tokens.density_breaks["grid"] == (0, 1, 4, 9, 16)
    assert tokens.density_breaks["street"] == (0, 1, 25, 60, 120)
    assert tokens.overdue_breaks == (0, 0.1, 5, 10, 20)


@pytest.mark.parametrize(
    ("metres", "band"),
    [(400, "city"), (40.1, "city"), (39.9, "district"), (12, "district"), (11.9, "street"), (4, "street"),
     (3.9, "grid"), (1, "grid"), (0.99, "place"), (0.01, "place")],
)  # fmt: skip
def test_zoom_table(tokens: MapTokens, metres: float, band: str) -> None:
    assert tokens.band_at(metres).id == band


def test_zoom_rows_say_how_cases_are_drawn(tokens: MapTokens) -> None:
    assert [(z.id, z.cases, z.numbered) for z in tokens.zoom] == [
        ("city", "street", False),
        ("district", "street", False),
        ("street", "near", False),
        ("grid", "single", False),
        ("place", "single", True),
    ]
    assert [z.dashed_streets for z in tokens.zoom] == [False, True, True, False, False]
    assert tokens.zoom[0].grid_line == 0
    assert tokens.zoom[3].labels == {"street", "grid_name", "road"}


@pytest.mark.parametrize(
    ("count", "radius"),
    [(1, 17), (2, 17), (9, 17), (10, 20), (24, 20), (25, 22), (99, 22), (100, 26), (5000, 26)],
)
def test_cluster_radius(tokens: MapTokens, count: int, radius: float) -> None:
    assert tokens.cluster_radius(count) == radius


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_every_token_the_map_names_is_there(theme: str) -> None:
    colours = load_tokens(theme).colours
    for band in BANDS:
        for part in ("text", "fill", "soft", "on_fill"):
            assert colours[f"sla.{band}.{part}"].startswith("#")
    for ramp in ("map.density_ramp", "map.overdue_ramp"):
        assert len({colours[f"{ramp}.{i}"] for i in range(5)}) == 5
    for name in (
        "sea",
        "outside",
        "grid_line",
        "street_line",
        "district_line",
        "road",
        "water",
        "label",
        "halo",
    ):
        assert f"map.{name}" in colours


def test_themes_differ() -> None:
    assert load_tokens("dark").colours["map.sea"] != load_tokens("light").colours["map.sea"]


def test_band_order_is_the_designs() -> None:
    raw = json.loads((resources.files("resources") / "styles" / "tokens.json").read_text(encoding="utf-8"))
    assert list(BANDS[:-1]) == raw["map"]["cluster"]["order"]
    assert set(BANDS) == set(raw["sla"])


def test_unknown_theme_and_broken_file_are_told() -> None:
    with pytest.raises(KeyError):
        load_tokens("sepia")
    with pytest.raises(json.JSONDecodeError):
        load_tokens("dark", "{")
    with pytest.raises(KeyError):
        load_tokens("dark", "{}")
