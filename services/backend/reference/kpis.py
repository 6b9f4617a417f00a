"""Reading the definitions of figures: `measures.toml` and `kpis.toml`, shipped or a centre's own.

A centre's `measures.toml` replaces the shipped one; its `kpis.toml` changes shipped definitions field by field, by
their id, and may add new ones and `[settings]`. The result stands in the reference document as `kpis`, `kpi_measures`
and `kpi_settings`, so that a figure can be explained with the definition it was made with.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from services.backend.reference.tables import Table, read_toml
from services.domain.errors import ReferenceDataError
from services.domain.kpi.definitions import Catalogue, catalogue_from

KPIS, MEASURES, SETTINGS = "kpis", "kpi_measures", "kpi_settings"
_TOP = frozenset({"kpi", "settings"})


def load_kpis(folder: Path | None = None) -> dict[str, Any]:
    """Return the three parts of the reference document; raises ReferenceDataError naming file and definition.

    Args:
        folder: a centre's reference folder; None or one without the two files: what is shipped.
    """
    with as_file(files("resources") / "kpi") as shipped:
        base = Path(shipped)
        measures = _entries(read_toml(_own(folder, "measures.toml") or base / "measures.toml"), "measure")
        table = read_toml(base / "kpis.toml")
        kpis = _entries(table, "kpi")
        settings = dict(table.values.get("settings", {}))
    own = _own(folder, "kpis.toml")
    if own is not None:
        kpis, settings = _overridden(read_toml(own), kpis, settings)
    doc = {KPIS: kpis, MEASURES: measures, SETTINGS: settings}
    made = catalogue_from(kpis, measures, settings)
    doc[KPIS] = [{**entry, "definition_version": made.definitions[entry["id"]].version} for entry in kpis]
    return doc


def catalogue_of(doc: Mapping[str, Any]) -> Catalogue:
    """Return the catalogue of a reference document; one that says nothing of figures gets the shipped one.

    Raises ReferenceDataError when the document contradicts itself.
    """
    if not doc.get(MEASURES):
        return _shipped()
    try:
        kpis = [{k: v for k, v in entry.items() if k != "definition_version"} for entry in doc[KPIS]]
        return catalogue_from(kpis, doc[MEASURES], doc.get(SETTINGS, {}))
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise ReferenceDataError(f"参考数据 {KPIS}：{error}") from None


@cache
def _shipped() -> Catalogue:
    """Return the shipped catalogue."""
    return catalogue_of(load_kpis())


def _own(folder: Path | None, name: str) -> Path | None:
    """Return a centre's own file, None where it has none."""
    path = folder / name if folder is not None else None
    return path if path is not None and path.exists() else None


def _entries(table: Table, name: str) -> list[dict[str, Any]]:
    """Return the entries of a list of tables."""
    found = table.values.get(name, [])
    if not isinstance(found, list) or not all(
        isinstance(e, dict) and isinstance(e.get("id"), str) for e in found
    ):
        raise ReferenceDataError(f"{table.file}：[[{name}]] 的每一项都要有 id")
    return [dict(entry) for entry in found]


def _overridden(
    table: Table, kpis: list[dict[str, Any]], settings: dict[str, Any]
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Return the shipped definitions with a centre's changes; what was changed is marked `override`."""
    strange = sorted(set(table.values) - _TOP)
    if strange:
        raise ReferenceDataError(f"{table.file}：不认识 {'、'.join(strange)}")
    found = {entry["id"]: entry for entry in kpis}
    for entry in _entries(table, "kpi"):
        if not re.fullmatch(r"[a-z][a-z0-9_]{0,63}", entry["id"]):
            raise ReferenceDataError(f"{table.file}：{entry['id']} 只能用小写字母、数字和下划线")
        found[entry["id"]] = {**found.get(entry["id"], {}), **entry, "override": True}
    return list(found.values()), {**settings, **table.values.get("settings", {})}
