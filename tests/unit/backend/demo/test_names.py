"""The recipe and the names made from it."""

from __future__ import annotations

import random
from importlib.resources import files
from itertools import islice

import pytest

from services.backend.demo.names import Recipe, load_recipe, person_names, stems, street_stems
from services.geo.errors import AreaError


@pytest.fixture(scope="module")
def recipe() -> Recipe:
    return load_recipe()


def test_the_recipe_that_comes_with_the_product(recipe: Recipe) -> None:
    assert (recipe.code, recipe.name, recipe.grids) == ("990101", "示例区", 600)
    assert [s.stem for s in recipe.streets] == [
        "望塔",
        "青禾",
        "柳岸",
        "松荫",
        "云栈",
        "新圩",
        "石鼓塘",
        "临溪",
    ]
    assert all(-1.0 <= v <= 1.0 for s in recipe.streets for v in s.at)
    assert all("{stem}" in name for kind in recipe.places for name in kind.names)
    assert 73.0 < recipe.lon < 136.0
    assert 3.0 < recipe.lat < 54.0


def test_the_district_code_is_nobodys(recipe: Recipe, shared_data: object) -> None:
    table = shared_data("data/gb2260_201810.tsv").read_text(encoding="utf-8")  # type: ignore[operator]  # a fixture
    assert "\t440106\t" in table
    assert f"\t{recipe.code}\t" not in table
    assert "\t990000\t" not in table


def test_street_names_are_invented(recipe: Recipe, shared_data: object) -> None:
    streets = shared_data("data/guangzhou_street_codes.csv").read_text(encoding="utf-8")  # type: ignore[operator]  # a fixture
    assert not [s.stem for s in recipe.streets if f"{s.stem}街道" in streets]


def own(replacements: dict[str, str]) -> str:
    text = files("resources").joinpath("demo", "recipe.toml").read_text(encoding="utf-8")
    for old, new in replacements.items():
        assert old in text
        text = text.replace(old, new)
    return text


def test_another_recipe() -> None:
    other = load_recipe(own({'name = "示例区"': 'name = "演练区"', 'code = "990101"': 'code = "990102"'}))
    assert (other.name, other.code) == ("演练区", "990102")


@pytest.mark.parametrize(
    ("replacements", "words"),
    [
        ({"[district]": "[district"}, "TOML"),
        ({"[district]": "[area]"}, "district"),
        ({'code = "990101"': 'kode = "990101"'}, "kode"),
        ({"at = [-0.15, 0.02]": "at = [0.1]"}, "缺少或写错"),
        ({"at = [-0.15, 0.02]": "at = 3"}, "缺少或写错"),
        ({"kinds = [": "kindz = ["}, "kinds"),
    ],
)
def test_a_broken_recipe_is_named(replacements: dict[str, str], words: str) -> None:
    with pytest.raises(AreaError, match=words):
        load_recipe(own(replacements))


def test_stems_are_all_different_and_never_end() -> None:
    found = list(islice(stems(["松", "影"], ["影", "桥"], random.Random(1)), 40))
    assert len(set(found)) == 40
    assert set(found[:3]) == {"松影", "松桥", "影桥"}, "影影 is no name"
    assert found == list(islice(stems(["松", "影"], ["影", "桥"], random.Random(1)), 40))


def test_streets_beyond_the_recipe(recipe: Recipe) -> None:
    few, many = street_stems(recipe, 3, random.Random(1)), street_stems(recipe, 48, random.Random(1))
    assert few == ["望塔", "青禾", "柳岸"]
    assert many[:8] == [s.stem for s in recipe.streets]
    assert len(set(many)) == 48


def test_person_names(recipe: Recipe) -> None:
    people = person_names(recipe, 900, random.Random(7))
    assert len(set(people)) == 900
    assert all(len(p) == 3 for p in people)
    assert people == person_names(recipe, 900, random.Random(7))
    assert people != person_names(recipe, 900, random.Random(8))
    with pytest.raises(AreaError, match="姓名只够"):
        person_names(recipe, 10**6, random.Random(1))
