"""What the invented history says: shares, weights and sentences of `resources/demo/history.toml`."""

from __future__ import annotations

import itertools
import random
import tomllib
from bisect import bisect
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any

from services.domain.errors import ReferenceDataError
from services.domain.reference import Category, Rules


class Choice:
    """Draws one of some values in proportion to their weights."""

    def __init__(self, weights: Mapping[Any, float]) -> None:
        """Keep values and running sums; raises ReferenceDataError without a positive weight."""
        pairs = [(value, weight) for value, weight in weights.items() if weight > 0]
        if not pairs:
            raise ReferenceDataError("示例历史的权重表是空的。")
        self.values = [value for value, _ in pairs]
        self._sums = list(itertools.accumulate(weight for _, weight in pairs))

    def pick(self, rng: random.Random) -> Any:
        """Draw one."""
        return self.values[bisect(self._sums, rng.random() * self._sums[-1])]


class Phrases:
    """The tables of the history, cut down to what a centre's rules know.

    `rates` are shares by name, `open` how many open cases stand where, `departments` how a unit works.
    """

    def __init__(self, rules: Rules, text: str | None = None) -> None:
        """Read a table (default: the one shipped); raises ReferenceDataError for a broken one."""
        if text is None:
            text = files("resources").joinpath("demo", "history.toml").read_text(encoding="utf-8")
        try:
            table = tomllib.loads(text)
            self.rates: dict[str, float] = table["rates"]
            self.open: dict[str, dict[str, float]] = table["open"]
            self.departments: dict[str, dict[str, float]] = table["departments"]
            self.profile: dict[str, list[float]] = table["profile"]
            self._sentences: dict[str, list[str]] = table["sentences"]
            self._replies: dict[str, list[str]] = table["replies"]
            self._words: dict[str, list[str]] = table["words"]
            self._groups: dict[str, str] = table["groups"]
            self._sources(table["sources"], rules)
            self._weights = {name: Choice(_known(w, rules)) for name, w in table["weights"].items()}
        except (tomllib.TOMLDecodeError, KeyError, TypeError, AttributeError) as error:
            raise ReferenceDataError(f"示例历史的词句表有误：{error}") from error

    def _sources(self, table: Mapping[str, Mapping[str, float]], rules: Rules) -> None:
        """Keep the sources of the centre, by day and by night."""
        known = {name: entry for name, entry in table.items() if not rules.sources or name in rules.sources}
        self._day = Choice({name: entry["share"] for name, entry in known.items()})
        self._night = Choice({name: entry["share"] * entry["night"] for name, entry in known.items()})

    def source(self, hour: int, rng: random.Random) -> str:
        """Draw a source for an hour of the day; at night the patrols are at home."""
        return str((self._night if hour >= 22 or hour < 6 else self._day).pick(rng))

    def category(self, source: str, rng: random.Random) -> str:
        """Draw the category of a report from a source."""
        return str(self._weights[self._groups.get(source, "public")].pick(rng))

    def unit(self, dept: str) -> dict[str, float]:
        """Return how a department works: `late` share, `slow` factor."""
        return self.departments.get(
            "street" if dept.startswith("street-") else dept, self.departments["other"]
        )

    def problem(self, category: Category, rng: random.Random) -> tuple[int, str]:
        """Draw a filing condition and the sentence that describes it."""
        choices = self._sentences.get(category.code)
        if choices:
            drawn = choices[int(rng.random() * len(choices))]
            head, bar, tail = drawn.partition("|")
            condition, sentence = (int(head), tail) if bar else (0, drawn)
            if condition < len(category.conditions):
                return condition, sentence
        condition = min(int(rng.expovariate(1.2)), len(category.conditions) - 1)
        return condition, self._sentences["other"][0]

    def describe(
        self,
        source: str,
        category: Category,
        condition: int,
        sentence: str,
        spot: str,
        place: bool,
        rng: random.Random,
    ) -> str:
        """Put a description together: how it came in, where and what, and an ending."""
        kind = source if f"{source}_prefix" in self._words else "public" if source == "hotline" else ""
        prefix = self._one(self._words[f"{kind}_prefix"], rng) if kind else ""
        endings = (
            "upper" if source == "upper" else "public" if source in ("hotline", "app", "media") else "plain"
        )
        body = sentence + self._one(self._words[f"{endings}_suffix"], rng)
        found = category.conditions[condition]
        return prefix + body.format(
            at=spot,
            side=self._one(self._words["near_place" if place else "sides"], rng),
            n=2 + int(rng.random() * 7),
            name=category.name,
            state=found.text,
            impact=self._one(self._words["impacts"], rng),
        )

    def say(self, what: str, rng: random.Random, **values: object) -> str:
        """Draw a reply of a kind and fill it in."""
        return self._one(self._replies[what], rng).format(n=2 + int(rng.random() * 38), **values)

    @staticmethod
    def _one(choices: Sequence[str], rng: random.Random) -> str:
        """Draw one sentence."""
        return choices[int(rng.random() * len(choices))]


def _known(weights: Mapping[str, float], rules: Rules) -> dict[str, float]:
    """Return the weights of categories the rules know; all of the rules' when they know none of them."""
    found = {code: weight for code, weight in weights.items() if code in rules.categories}
    return found or dict.fromkeys(rules.categories, 1.0)
