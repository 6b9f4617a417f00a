"""Contacts of units in `departments.csv`: optional columns that may be left out, in any order."""

from __future__ import annotations

import shutil
from importlib.resources import files
from pathlib import Path

import pytest

from services.backend.demo.build import with_invented_phones
from services.backend.reference.load import load_reference
from services.domain.errors import ReferenceDataError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shipped = Path(str(files("resources.reference")))
    for file in shipped.iterdir():
        if file.suffix in (".csv", ".toml", ".json"):
            shutil.copy(file, tmp_path / file.name)
    return tmp_path


def rewrite(folder: Path, head: str, tail: str) -> None:
    file = folder / "departments.csv"
    lines = file.read_text(encoding="utf-8-sig").splitlines()
    told = [
        f"{lines[0]},{head}",
        f"{lines[1]},{tail}",
        *(line + "," * (head.count(",") + 1) for line in lines[2:]),
    ]
    file.write_text("\n".join(told), encoding="utf-8")


def test_without_the_columns_units_have_no_contacts() -> None:
    assert not any("night_phone" in unit for unit in load_reference()["departments"])


def test_contacts_are_read_where_they_are_given(folder: Path) -> None:
    rewrite(folder, "duty_officer,night_phone", "值班室,0000-2")
    first, second = load_reference(folder)["departments"][:2]
    assert first["night_phone"] == "0000-2" and first["duty_officer"] == "值班室" and "day_phone" not in first
    assert "night_phone" not in second


def test_another_column_is_refused_as_before(folder: Path) -> None:
    rewrite(folder, "fax", "0000")
    with pytest.raises(ReferenceDataError, match="多出 fax"):
        load_reference(folder)


def test_the_demo_invents_numbers_nobody_has() -> None:
    doc = with_invented_phones(load_reference())
    for unit in doc["departments"]:
        assert (
            unit["day_phone"].startswith("0000-")
            and unit["night_phone"].startswith("0000-")
            and unit["duty_officer"]
        )
