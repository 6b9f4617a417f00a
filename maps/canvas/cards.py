"""What the hover card says about the thing below the pointer."""

from __future__ import annotations

from maps.canvas import texts, tool_texts
from maps.canvas.card_box import CardLine
from maps.layers.areas import AreaFigures, Measure
from maps.layers.cases import Mark
from maps.layers.marks import CaseIds
from maps.layers.state import MapState
from maps.layers.tokens import BANDS

FIRST = 3
"""So many cases of a cluster are named on its card."""


def mark_card(state: MapState, mark: Mark) -> list[CardLine]:
    """A single case: number, class, limit, address. A cluster: its count by band."""
    if mark.count > 1:
        lines = [CardLine(texts.case_count(mark.count), "text.primary", True)]
        lines.extend(CardLine(f"{texts.band_name(band)}  {count:,}", band=band) for band, count in mark.bands)
        lines.extend(_first_lines(state, mark))
        return lines
    case = state.cases.cases[mark.case_ids[0]]
    head = " ".join(t for t in (case.number, case.title) if t) or case.case_id
    lines = [CardLine(head, "text.primary", True)]
    limit = case.limit_text or texts.band_name(case.band)
    band = case.band if case.band in BANDS else "ok"
    lines.append(CardLine(limit, f"sla.{band}.text", band=band))
    lines.extend(CardLine(part) for part in case.address.splitlines())
    return lines


def _first_lines(state: MapState, mark: Mark) -> list[CardLine]:
    """Number and class of the worst few cases of a cluster."""
    ids = mark.case_ids
    first = ids.first(FIRST) if isinstance(ids, CaseIds) else ids[:FIRST]
    cases = [state.cases.cases[case_id] for case_id in first]
    words = [" ".join(t for t in (case.number, case.title, case.limit_text) if t) for case in cases]
    return [CardLine(text, "text.tertiary") for text in words if text]


def area_card(state: MapState, code: str) -> list[CardLine]:
    """Name and code of the grid, its street, its figures, the one that is shown first, and its officer."""
    areas = state.areas
    if areas is None or code not in areas.cells.index:
        return []
    name = areas.name_of(code)
    lines = [CardLine(name, "text.primary", True)]
    street = ""
    if "street" in areas.owners and areas.finest != "street":
        owner = int(areas.owners["street"][areas.cells.index[code]])
        street = areas.levels["street"].names[owner] if owner >= 0 else ""
    below = " · ".join(words for words in (street, code if code != name else "") if words)
    if below:
        lines.append(CardLine(below, "text.tertiary"))
    lines.extend(_figure_lines(state.area_layer.measure, state.area_layer.figures.get(code)))
    officers = [officer.name for officer in state.officers.officers if officer.area_name == name]
    if officers:
        lines.append(CardLine(tool_texts.officers_of_area(officers), "map.officer"))
    return lines


def _figure_lines(measure: Measure, figures: AreaFigures | None) -> list[CardLine]:
    """What is known of an area: the figure of the present fill first."""
    if figures is None:
        return [CardLine(texts.no_data(), "text.tertiary")]
    shown = tool_texts.measure_line(measure, figures)
    lines = [CardLine(shown, "text.primary")] if shown else []
    lines.append(CardLine(texts.open_and_overdue(figures.open, figures.overdue)))
    if figures.on_duty is not None:
        lines.append(CardLine(texts.manned() if figures.on_duty else texts.unmanned()))
    return lines
