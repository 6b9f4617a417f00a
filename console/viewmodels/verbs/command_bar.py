"""The command bar (命令面板): a line is read as verbs and objects, answered in slices, completed, remembered, run."""

from __future__ import annotations

import time
from collections.abc import Generator, Sequence
from functools import partial

from PySide6.QtCore import QObject, Signal

from console.tasks.slices import Slices
from console.viewmodels.seat import STORE, SeatViewModel
from console.viewmodels.verbs import things
from console.viewmodels.verbs.case_search import CaseSearch, FoundCases, ends_with
from console.viewmodels.verbs.history import LineHistory
from console.viewmodels.verbs.line import CASES, COMMANDS, PEOPLE, PLACES, Line, is_number, read_line
from console.viewmodels.verbs.offer_rows import OfferRows, things_rows
from console.viewmodels.verbs.offers import PEOPLE as PEOPLE_SECTION
from console.viewmodels.verbs.offers import PLACES as PLACES_SECTION
from console.viewmodels.verbs.offers import Row
from console.viewmodels.verbs.things import FoundThing, Thing, search_things
from console.viewmodels.verbs.verb import tr

FEW, MANY = 5, 60
"""Rows of a kind in a mixed answer, and with its prefix."""
LANE = "geometry"


class CommandBar(QObject):
    """What the command bar shows for the line in its field. Everything happens on the main thread, in slices.

    `changed()` follows every new answer: `rows` to choose from, `problem` a sentence when nothing fits, `total` how
    many cases fit, `took_ms` how long the answer took.
    """

    changed = Signal()

    def __init__(self, seat: SeatViewModel, parent: QObject | None = None) -> None:
        """Know the names of the seat; nothing is asked yet."""
        super().__init__(parent)
        self.seat, self.book = seat, seat.verbs
        self.history = LineHistory(seat.services.settings)
        self.line = Line("", "", ())
        self.rows: tuple[Row, ...] = ()
        self.problem, self.total, self.took_ms = "", 0, 0.0
        self._slices = Slices(self)
        self._units: list[Thing] = []
        self._areas: list[Thing] = []
        self._people: list[Thing] = []
        self.offers = OfferRows(seat)
        self._cases = CaseSearch(seat)
        seat.areas_changed.connect(self._read_areas)
        seat.reference_changed.connect(self._read_units)
        self._read_units()
        self._read_areas()

    # --- names ----------------------------------------------------------------------------------------------

    def _read_units(self) -> None:
        """Take the units anew."""
        self._units = things.units_of(self.seat)
        names = [name for unit in self._units for name in unit.names]
        names += [category.name for category in self.seat.rules.categories.values()]
        self._warm(names + [name for verb in self.book.verbs for name in (verb.words, *verb.aliases)])

    def _read_areas(self) -> None:
        """Take areas and officers anew."""
        self._areas, self._people = things.areas_of(self.seat), things.people_of(self.seat)
        self._warm([area.name for area in self._areas] + [person.name for person in self._people])

    def _warm(self, names: list[str]) -> None:
        """Work the sounds out on a lane, so that the first search need not."""
        self.seat.background.submit(LANE, f"sounds:{len(names)}", partial(things.warm, names))

    # --- asking ---------------------------------------------------------------------------------------------

    @property
    def busy(self) -> bool:
        """Whether an answer is on its way."""
        return self._slices.busy

    def ask(self, text: str) -> None:
        """Read a line; `changed` follows at once when the answer takes one slice, else a few turns later."""
        self.line = read_line(text)
        self._slices.run(self._answer(self.line, time.perf_counter()))

    def finish(self) -> None:
        """Answer what is asked at once (a test, Enter right after typing)."""
        self._slices.finish()

    def stop(self) -> None:
        """Ask no more."""
        self._slices.stop()

    def _answer(self, line: Line, began: float) -> Generator[None, None, None]:
        """Look the line up step by step and publish the rows."""
        if line.empty:
            rows = self._without_words(line)
            self._publish(rows, FoundCases(), "", began)
            return
        found = FoundCases()
        offers: tuple[Row, ...] = ()
        cases: tuple[Row, ...] = ()
        named: tuple[Row, ...] = ()
        if line.wants(COMMANDS):
            offers = yield from self._offers(line)
        if line.wants(CASES):
            found = yield from self._cases.find(line.words, MANY if line.prefix else FEW)
            cases = tuple(self.offers.case_row(case_id, line.words) for case_id in found.ids)
        if line.wants(PLACES) or line.wants(PEOPLE):
            named = yield from self._named(line)
        mixed = self.offers.in_sections(offers, cases, named)
        problem = "" if any(not row.reason for row in mixed) else self._problem(line, offers)
        self._publish(mixed, found, problem, began)

    def _publish(self, rows: tuple[Row, ...], found: FoundCases, problem: str, began: float) -> None:
        """Show an answer."""
        self.rows, self.total, self.problem = rows, found.total, problem
        self.took_ms = (time.perf_counter() - began) * 1000
        self.changed.emit()

    def _without_words(self, line: Line) -> tuple[Row, ...]:
        """Return what is offered before anything is typed: acts on the case under the hand, then recent lines."""
        if line.prefix == COMMANDS:
            return self.offers.all_commands()
        if line.prefix == PLACES:
            return things_rows(self._first(self._areas), PLACES_SECTION)
        if line.prefix:
            return ()
        return (*self.offers.of_subject(FEW), *self.offers.recent(self.history.lines[:FEW]))

    @staticmethod
    def _first(known: list[Thing]) -> tuple[FoundThing, ...]:
        """Return the first of some things, as found by nothing."""
        return tuple(FoundThing(thing, things.NO_HIT) for thing in known[:MANY])

    def _offers(self, line: Line) -> Generator[None, None, tuple[Row, ...]]:
        """Look up what verbs with objects the line may mean."""
        rows: list[Row] = []
        for reading in self.offers.readings(line.words):
            asked = self.offers.asked(reading)
            cases = FoundCases()
            if asked.numbers or asked.case:
                cases = yield from self._cases.find((*asked.numbers, *asked.case), FEW)
                if asked.numbers and not asked.case and not cases.by_number:
                    cases = FoundCases()
            units = yield from search_things(self._units, asked.unit, FEW)
            areas = yield from search_things(self._areas, asked.area, FEW)
            rows += self.offers.rows(reading, asked, cases.ids, units, areas)
            yield
        return self.offers.ranked(rows, MANY if line.prefix else FEW)

    def _named(self, line: Line) -> Generator[None, None, tuple[Row, ...]]:
        """Look up areas, people and units of that name."""
        most = MANY if line.prefix else FEW
        rows: tuple[Row, ...] = ()
        if line.wants(PLACES):
            areas = yield from search_things(self._areas, line.words, most)
            rows += things_rows(areas, PLACES_SECTION)
        if line.wants(PEOPLE):
            people = yield from search_things(self._people, line.words, most)
            units = yield from search_things(self._units, line.words, most)
            rows += things_rows(people, PEOPLE_SECTION) + things_rows(units, PEOPLE_SECTION, unit=True)
        return rows

    def _problem(self, line: Line, offers: Sequence[Row]) -> str:
        """Return a sentence that says what is wrong with a line for which nothing can be done."""
        if offers:
            return offers[0].reason
        columns = self.seat.book.columns
        numbers = [word for word in line.words if is_number(word)]
        lost = next((word for word in numbers if not ends_with(columns, word).any()), "")
        if lost:
            return tr("没有案号以 {number} 结尾的案件。").format(number=lost)
        other = self.offers.of_other_post(line.words)
        if other is not None:
            return tr("“{verb}”不在您的岗位里。").format(verb=other.words)
        readable = self.offers.first_verb(line.words)
        if readable is not None:
            rest = " ".join(readable.rest)
            return tr(
                "“{verb}”后面的“{rest}”没有对上案件、单位或区域。可写案号后四位、单位简称或拼音首字母。"
            ).format(verb=readable.verb.words, rest=rest)
        words = line.text.strip().lstrip("#@/>").strip()
        return tr("没有找到“{words}”。可试案号后四位、路名、单位拼音首字母，或输入 > 看全部命令。").format(
            words=words
        )

    # --- completing and running ---------------------------------------------------------------------------------

    def complete(self, row: Row) -> str:
        """Return the line a row stands for, for Tab; the present line when the row has none."""
        return row.line or self.line.text

    def remember(self) -> None:
        """Keep the present line in the history."""
        self.history.add(self.line.text)
        self.seat.background.submit(STORE, "palette-history", self.history.write)

    def run(self, row: Row) -> bool:
        """Do what a row says; False when it cannot be done, then nothing has happened."""
        if row.reason or not row.verb_id:
            return False
        if not self.line.empty:
            self.remember()
        return self.book.run(row.verb_id, row.call)
