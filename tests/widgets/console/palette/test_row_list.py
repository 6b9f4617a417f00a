"""Rows of the command bar under their headings: what can be chosen, what a screen reader says, every section named."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QModelIndex, Qt

from console.viewmodels.verbs import offers
from console.viewmodels.verbs.offers import Row
from console.windows.palette.row_list import ROW_ROLE, RowModel, heading

SECTIONS = (offers.RECENT, offers.COMMANDS, offers.CASES, offers.PLACES, offers.PEOPLE, offers.SETTINGS)


@pytest.fixture
def model(qapp: Any) -> RowModel:
    return RowModel()


def lines(model: RowModel) -> list[str]:
    return [str(model.index(place).data()) for place in range(model.rowCount())]


def test_every_section_has_a_heading_of_its_own() -> None:
    words = [heading(section) for section in SECTIONS]
    assert all(words) and len(set(words)) == len(words)
    with pytest.raises(KeyError):
        heading("elsewhere")


def test_a_heading_stands_before_each_section_once(model: RowModel) -> None:
    model.set_rows(
        (Row(offers.COMMANDS, "派遣"), Row(offers.COMMANDS, "催办"), Row(offers.PLACES, "望塔")), "（3）"
    )
    assert lines(model) == ["命令（3）", "派遣", "催办", "网格与地点", "望塔"]
    assert model.places() == [1, 2, 4]


def test_headings_cannot_be_chosen(model: RowModel) -> None:
    model.set_rows((Row(offers.CASES, "1120-0417"),), "")
    head, row = model.index(0), model.index(1)
    assert model.flags(head) == Qt.ItemFlag.NoItemFlags
    assert model.flags(row) & Qt.ItemFlag.ItemIsSelectable
    assert isinstance(head.data(ROW_ROLE), str) and isinstance(row.data(ROW_ROLE), Row)


def test_a_row_is_said_with_its_note_and_why_it_cannot_be_done(model: RowModel) -> None:
    model.set_rows(
        (Row(offers.COMMANDS, "派遣", note="1120-0417", reason="已经派遣"), Row(offers.COMMANDS, "催办")), ""
    )
    assert lines(model)[1:] == ["派遣，1120-0417，已经派遣", "催办"]
    assert model.index(1).data(Qt.ItemDataRole.AccessibleTextRole) == "派遣，1120-0417，已经派遣"
    assert model.index(1).data(Qt.ItemDataRole.ToolTipRole) is None


def test_another_answer_takes_the_place_of_the_first(model: RowModel) -> None:
    model.set_rows((Row(offers.COMMANDS, "派遣"),), "")
    model.set_rows((), "")
    assert model.rowCount() == 0 and model.places() == []
    assert model.data(QModelIndex()) is None and model.rowCount(model.index(0)) == 0
