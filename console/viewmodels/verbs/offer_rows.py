"""Readings of a line as rows: the words of a verb with its objects, why it cannot be done now, what Tab completes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from console.viewmodels.case_actions import MAIN
from console.viewmodels.rows import RowView, row_view, short_number
from console.viewmodels.seat import SeatViewModel
from console.viewmodels.verbs import offers
from console.viewmodels.verbs.case_verbs import case_verbs, verb_id
from console.viewmodels.verbs.line import is_number
from console.viewmodels.verbs.matching import WHOLE, match
from console.viewmodels.verbs.offers import Asked, Reading, Row
from console.viewmodels.verbs.things import FoundThing
from console.viewmodels.verbs.verb import A_CASE, SETTINGS_GROUP, Call, Verb, tr

OPEN_CASE, GO_TO, ONLY_UNIT = "case.open", "map.go_to", "queue.only_unit"
_LAST = frozenset({OPEN_CASE, "case.sheet"})
_ORDER = (offers.RECENT, offers.COMMANDS, offers.CASES, offers.PLACES, offers.PEOPLE, offers.SETTINGS)


class OfferRows:
    """Makes rows from readings for one seat."""

    def __init__(self, seat: SeatViewModel) -> None:
        """Ask the book of the seat."""
        self.seat, self.book = seat, seat.verbs

    # --- reading ----------------------------------------------------------------------------------------------

    @property
    def offered(self) -> list[Verb]:
        """The verbs the command bar offers."""
        return [verb for verb in self.book.verbs if verb.listed]

    def readings(self, words: tuple[str, ...]) -> list[Reading]:
        """Return the ways to read a line, best first; a few when words are left over for objects."""
        return offers.readings(self.offered, words)[:12]

    def asked(self, reading: Reading) -> Asked:
        """Return what the objects of a reading ask for."""
        return offers.asked(reading)

    def first_verb(self, words: tuple[str, ...]) -> Reading | None:
        """Return a verb the line begins with, whatever follows it; None when it begins with none."""
        for end in range(len(words), 0, -1):
            found = [reading for reading in offers.readings(self.offered, words[:end]) if not reading.rest]
            if found:
                return replace(found[0], rest=words[end:])
        return None

    def of_other_post(self, words: tuple[str, ...]) -> Verb | None:
        """Return the action of a case that words name and that is none of this post's; None when there is none."""
        missing = [verb for verb in case_verbs() if verb.id not in self.book]
        found = [reading for reading in offers.readings(missing, words) if reading.hit.tier == WHOLE]
        return found[0].verb if found else None

    # --- rows of verbs ------------------------------------------------------------------------------------------

    def rows(
        self,
        reading: Reading,
        asked: Asked,
        cases: Sequence[str],
        units: Sequence[FoundThing],
        areas: Sequence[FoundThing],
    ) -> list[Row]:
        """Return a row for each way to fill a reading; none when something that was named is not there."""
        if (asked.numbers or asked.case) and not cases:
            return []
        if (asked.unit and not units) or (asked.area and not areas):
            return []
        named_cases: list[str] = list(cases) if asked.numbers or asked.case else [""]
        return [
            self._row(reading, case, unit, area, asked)
            for case in named_cases
            for unit in (units if asked.unit else (None,))
            for area in (areas if asked.area else (None,))
        ]

    def _row(
        self, reading: Reading, case: str, unit: FoundThing | None, area: FoundThing | None, asked: Asked
    ) -> Row:
        """Return one row."""
        verb = reading.verb
        call = Call(
            (case,) if case else (),
            unit.thing.id if unit else "",
            area.thing.id if area else "",
            asked.text,
            at_once=True,
        )
        view = self.view(case) if case else None
        title, places = verb.words, reading.hit.places
        line = verb.words
        if view is not None:
            begin = len(title) + 1
            title += f" {view.number_short} {view.category}"
            places |= {
                begin + place for word in (*asked.numbers, *asked.case) for place in _typed(word, view)
            }
            line += f" {view.number_short.rpartition('-')[2]}"
        for found, joint in ((unit, tr(" 至 ")), (area, " ")):
            if found is not None:
                begin = len(title) + len(joint)
                title += joint + found.thing.name
                line += " " + found.thing.name
                places |= {begin + place for place in found.hit.places}
        if asked.text:
            title += f" “{asked.text}”"
            line += f" {asked.text}"
        return self._finished(verb, call, title, places, line, view)

    def _finished(
        self, verb: Verb, call: Call, title: str, places: frozenset[int], line: str, view: RowView | None
    ) -> Row:
        """Return the row of a verb with its reason, note and key."""
        reason = self.book.why_not(verb.id, call)
        note = ""
        if view is not None:
            note = f"{view.grid} · {view.stage}"
        elif A_CASE in verb.takes[:1] and not call.cases:
            note = self.subject_words()
        section = offers.SETTINGS if verb.group == SETTINGS_GROUP else offers.COMMANDS
        wants_more = verb.takes and not (call.cases or call.unit or call.area or call.text)
        tail = " " if wants_more else ""
        return Row(
            section,
            title,
            places,
            note,
            verb.id,
            call,
            self.book.keys(verb)[:1],
            reason,
            line + tail,
            None,
            verb.icon,
        )

    def ranked(self, rows: Iterable[Row], most: int) -> tuple[Row, ...]:
        """Return the rows that can be done first; of those that cannot, the best only say why."""
        found = list(rows)
        possible = [row for row in found if not row.reason]
        refused = [row for row in found if row.reason]
        return tuple([*possible, *refused[: max(2, most - len(possible))]][:most])

    # --- other rows ---------------------------------------------------------------------------------------------

    def all_commands(self) -> tuple[Row, ...]:
        """Return every verb, by group, those that can be done first."""
        rows = [
            self._finished(verb, Call(at_once=True), verb.words, frozenset(), verb.words, None)
            for verb in self.offered
        ]
        return self.in_sections(sorted(rows, key=lambda row: bool(row.reason)), (), ())

    def of_subject(self, most: int) -> tuple[Row, ...]:
        """Return what can be done with the cases under the hand: what their state calls for first, then the menu."""
        if not self.book.subject:
            return ()
        called_for = {verb_id(action): place for place, action in enumerate(MAIN)}
        verbs = [verb for verb in self.offered if verb.takes[:1] == (A_CASE,)]
        verbs.sort(key=lambda verb: called_for.get(verb.id, len(called_for) + (verb.id in _LAST)))
        rows = (
            self._finished(verb, Call(at_once=True), verb.words, frozenset(), verb.words, None)
            for verb in verbs
        )
        return tuple([row for row in rows if not row.reason][:most])

    @staticmethod
    def recent(lines: Sequence[str]) -> tuple[Row, ...]:
        """Return earlier lines; Enter puts them into the field."""
        return tuple(Row(offers.RECENT, line, line=line, icon="history") for line in lines)

    def case_row(self, case_id: str, words: Sequence[str] = ()) -> Row:
        """Return the row of a case, what was typed marked in its number and category; Enter opens it."""
        view = self.view(case_id)
        if view is None:
            return Row(offers.CASES, case_id, verb_id=OPEN_CASE, call=Call((case_id,)))
        title = f"{view.number_short} {view.category}"
        note = f"{view.grid} · {view.stage} · {view.summary}"
        places = frozenset(place for word in words for place in _typed(word, view))
        line = f"{view.number_short} "
        return Row(offers.CASES, title, places, note, OPEN_CASE, Call((case_id,)), line=line, view=view)

    @staticmethod
    def in_sections(*parts: Iterable[Row]) -> tuple[Row, ...]:
        """Return rows in the order of the sections; within one they stay as they are."""
        rows = [row for part in parts for row in part]
        return tuple(sorted(rows, key=lambda row: _ORDER.index(row.section)))

    def view(self, case_id: str) -> RowView | None:
        """Return a case as the queue shows it."""
        entry = self.seat.case(case_id)
        return (
            row_view(entry, self.seat, self.seat.now(), self.seat.book.bands) if entry is not None else None
        )

    def subject_words(self) -> str:
        """Return the case under the hand in words, or how many there are."""
        subject = self.book.subject
        if len(subject) > 1:
            return tr("选中的 {n} 件").format(n=len(subject))
        entry = self.seat.case(subject[0]) if subject else None
        if entry is None:
            return ""
        return short_number(entry.case.number, self.seat.now().astimezone().year)


def _typed(word: str, view: RowView) -> frozenset[int]:
    """Return the characters of `number category` that a word stands for."""
    number = view.number_short
    if is_number(word) and number.endswith(word):
        return frozenset(range(len(number) - len(word), len(number)))
    hit = match(word, view.category)
    return frozenset(len(number) + 1 + place for place in hit.places) if hit is not None else frozenset()


def things_rows(found: Iterable[FoundThing], section: str, *, unit: bool = False) -> tuple[Row, ...]:
    """Return rows of areas or officers (Enter goes to the map) or of units (Enter lists their cases)."""
    rows = []
    for one in found:
        thing = one.thing
        call = Call(unit=thing.id) if unit else Call(area=thing.id)
        icon = "building" if unit else "pin" if section == offers.PLACES else "person"
        verb = ONLY_UNIT if unit else GO_TO
        prefix = "@" if section == offers.PEOPLE else "/"
        rows.append(
            Row(
                section,
                thing.name,
                one.hit.places,
                thing.note,
                verb,
                call,
                line=f"{prefix}{thing.name}",
                icon=icon,
            )
        )
    return tuple(rows)
