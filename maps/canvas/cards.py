"""What the hover card says about the thing below the pointer."""

from __future__ import annotations

from maps.canvas import texts
from maps.canvas.card_box import CardLine
from maps.layers.areas import AreaFigures
from maps.layers.cases import Mark
from maps.layers.officers import MapOfficer
from maps.layers.state import MapState
from maps.layers.tokens import BANDS


def mark_card(state: MapState, mark: Mark) -> list[CardLine]:
    """A single case: number, class, limit, address. A cluster: its count by band."""
    if mark.count > 1:
        lines = [CardLine(texts.case_count(mark.count), "text.primary", True)]
        lines.extend(CardLine(f"{texts.band_name(band)}  {count}", band=band) for band, count in mark.bands)
        return lines
    case = state.cases.cases[mark.case_ids[0]]
    head = " ".join(t for t in (case.number, case.title) if t) or case.case_id
    lines = [CardLine(head, "text.primary", True)]
    limit = case.limit_text or texts.band_name(case.band)
    band = case.band if case.band in BANDS else "ok"
    lines.append(CardLine(limit, f"sla.{band}.text", band=band))
    if case.address:
        lines.append(CardLine(case.address))
    return lines


def officer_card(officer: MapOfficer) -> list[CardLine]:
    """Name, grid, and what he or she is doing."""
    head = " · ".join(t for t in (officer.name, officer.area_name) if t)
    state = texts.officer_state(officer.busy, officer.lost, officer.seen)
    return [CardLine(head, "text.primary", True), CardLine(state)]


def area_card(state: MapState, code: str) -> list[CardLine]:
    """Name of the grid and its street, and its figures."""
    areas = state.areas
    if areas is None or code not in areas.cells.index:
        return []
    lines = [CardLine(areas.name_of(code), "text.primary", True)]
    if "street" in areas.owners and areas.finest != "street":
        owner = int(areas.owners["street"][areas.cells.index[code]])
        name = areas.levels["street"].names[owner] if owner >= 0 else ""
        if name:
            lines.append(CardLine(name))
    figures: AreaFigures | None = state.area_layer.figures.get(code)
    if figures is None:
        lines.append(CardLine(texts.no_data(), "text.tertiary"))
        return lines
    lines.append(CardLine(texts.open_and_overdue(figures.open, figures.overdue)))
    if figures.on_duty is not None:
        lines.append(CardLine(texts.manned() if figures.on_duty else texts.unmanned()))
    return lines
