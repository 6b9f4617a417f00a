"""The recipe of the demo district and the names made from it. Every name is invented."""

from __future__ import annotations

import random
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from services.geo.errors import AreaError


@dataclass(frozen=True, slots=True)
class StreetSeed:
    """A street's stem (`望塔`) and where it lies, -1..1 east and north over the district."""

    stem: str
    at: tuple[float, float]


@dataclass(frozen=True, slots=True)
class PlaceKind:
    """A kind of place, one for so many grids, with name patterns that hold `{stem}`."""

    kind: str
    per: int
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a demo district is made of; read from `resources/demo/recipe.toml`.

    Lengths are metres and hold for `grids` grids; positions are WGS84 degrees.
    """

    code: str
    name: str
    lon: float
    lat: float
    width_m: float
    height_m: float
    grids: int
    grids_per_community: int
    grids_per_street: int
    most_streets: int
    seed: int
    streets: tuple[StreetSeed, ...]
    places: tuple[PlaceKind, ...]
    names: dict[str, Any]

    def words(self, key: str) -> tuple[str, ...]:
        """A list of name parts, e.g. `road_first`."""
        return tuple(self.names[key])


def load_recipe(text: str | None = None) -> Recipe:
    """Read a recipe; without text, the one that comes with the product.

    Raises:
        AreaError: The text is not TOML or lacks a key.
    """
    if text is None:
        text = files("resources").joinpath("demo", "recipe.toml").read_text(encoding="utf-8")
    try:
        table = tomllib.loads(text)
        streets = tuple(StreetSeed(s["stem"], (s["at"][0], s["at"][1])) for s in table["street"])
        kinds = tuple(PlaceKind(k["kind"], k["per"], tuple(k["names"])) for k in table["places"]["kinds"])
        return Recipe(streets=streets, places=kinds, names=table["names"], **table["district"])
    except tomllib.TOMLDecodeError as error:
        raise AreaError(f"示例区配方不是正确的 TOML：{error}") from error
    except (KeyError, IndexError, TypeError) as error:
        raise AreaError(f"示例区配方缺少或写错了一项：{error}") from error


def stems(first: Sequence[str], second: Sequence[str], rng: random.Random) -> Iterator[str]:
    """All two-part stems in a random order, each once; then with a third part, and so on without end.

    A stem never repeats a character (`影影`).
    """
    pool = sorted({a + b for a in first for b in second if a != b})
    rng.shuffle(pool)
    yield from pool
    for part in second:
        for stem in pool:
            if part not in stem:
                yield stem + part
    number = 2
    while True:
        yield from (f"{stem}{number}" for stem in pool)
        number += 1


def street_stems(recipe: Recipe, count: int, rng: random.Random) -> list[str]:
    """`count` stems of streets: those of the recipe, then invented ones that differ from them."""
    named = [s.stem for s in recipe.streets[:count]]
    more = stems(recipe.words("street_first"), recipe.words("street_second"), rng)
    while len(named) < count:
        stem = next(more)
        if stem not in named:
            named.append(stem)
    return named


def person_names(recipe: Recipe, count: int, rng: random.Random) -> list[str]:
    """`count` invented full names, all different, e.g. 方知夏."""
    family, first, second = (recipe.words(k) for k in ("family", "given_first", "given_second"))
    most = len(set(family)) * len(set(first)) * len(set(second))
    if count > most:
        raise AreaError(f"配方中的姓名只够 {most} 人，需要 {count} 人。")
    found: dict[str, None] = {}
    while len(found) < count:
        found.setdefault(rng.choice(family) + rng.choice(first) + rng.choice(second), None)
    return list(found)
