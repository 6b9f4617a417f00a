"""Mapping files: every key is checked, every complaint names it."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.backend.imports.errors import ImportFileError
from services.backend.imports.mapping import NEEDED, parse_mapping, read_mapping

LEAST = """
[source]
id = "city"
[fields]
external_id = "id"
at = "opened"
state = "state"
source = { value = "hotline" }
description = "text"
"""


def test_the_least_mapping_has_sensible_defaults() -> None:
    found = parse_mapping(LEAST)
    assert found.source_id == "city"
    assert found.zone.zone.key == "Asia/Shanghai" and found.zone.formats == ("iso",)
    assert (found.zone.repeated, found.zone.missing) == ("first", "forward")
    assert (found.table.encoding, found.table.delimiter, found.crs) == ("utf-8-sig", ",", "wgs84")
    assert found.fields["source"].constant == "hotline"
    assert found.voids == ()


def test_the_documented_mapping_is_read_whole(project_root: Path) -> None:
    found = read_mapping(project_root / "tests" / "integration" / "imports" / "boston.toml")
    assert found.source_id == "boston-311"
    assert set(NEEDED) <= set(found.fields)
    assert found.fields["category"].other == "grid-G10"
    assert found.values["zip"].width == 5
    assert found.voids[0].lat == 42.3594


@pytest.mark.parametrize("name", NEEDED)
def test_a_needed_field_that_is_missing_is_named(name: str) -> None:
    lines = [line for line in LEAST.splitlines() if not line.startswith(f"{name} =")]
    with pytest.raises(ImportFileError, match=f"fields.{name}"):
        parse_mapping("\n".join(lines))


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ("[sauce]\nx = 1", "sauce"),
        ('[source]\nid = "City!"', "source.id"),
        ('[source]\nid = "city"\nzone = "Mars/Olympus"', "source.zone"),
        ('[source]\nid = "city"\nzone = 5', "source.zone"),
        ('[source]\nid = "city"\ntimes = "iso"', "source.times"),
        ('[source]\nid = "city"\ntimes = []', "source.times"),
        ('[source]\nid = "city"\nrepeated_hour = "both"', "source.repeated_hour"),
        ('[source]\nid = "city"\nmissing_hour = "back"', "source.missing_hour"),
        ('[source]\nid = "city"\ncolour = "red"', "source.colour"),
    ],
)
def test_wrong_sources(change: str, named: str) -> None:
    text = change + "\n[fields]" + LEAST.partition("[fields]")[2]
    with pytest.raises(ImportFileError) as caught:
        parse_mapping(text, "m.toml")
    assert named in str(caught.value) and str(caught.value).startswith("m.toml")


@pytest.mark.parametrize(
    ("value", "named"),
    [
        ("5", "fields.note"),
        ("{ }", "fields.note"),
        ('{ column = "a", value = "b" }', "fields.note"),
        ('{ column = "a", colour = "b" }', "fields.note.colour"),
        ("{ column = 5 }", "fields.note.column"),
        ('{ columns = "a" }', "fields.note.columns"),
        ('{ column = "a", map = "b" }', "fields.note.map"),
        ('{ column = "a", width = "5" }', "fields.note.width"),
        ('{ column = "a", limit = true }', "fields.note.limit"),
        ('{ column = "a", pattern = "(" }', "fields.note.pattern"),
        ('{ template = "{a" }', "fields.note.template"),
    ],
)
def test_wrong_values(value: str, named: str) -> None:
    with pytest.raises(ImportFileError) as caught:
        parse_mapping(LEAST + f"note = {value}\n")
    assert f" {named}：" in str(caught.value)


@pytest.mark.parametrize(
    "void", ['lon = "x"\nlat = 1', "lon = 1", "lon = 1\nlat = 2\nradius = 3", "lon = true\nlat = 2"]
)
def test_wrong_stand_ins(void: str) -> None:
    with pytest.raises(ImportFileError, match="void"):
        parse_mapping(LEAST + f"[[void]]\n{void}\n")


def test_fields_nobody_knows_are_refused() -> None:
    with pytest.raises(ImportFileError, match=r"fields\.colour"):
        parse_mapping(LEAST + 'colour = "c"\n')


def test_text_that_is_no_toml() -> None:
    with pytest.raises(ImportFileError, match="格式有误"):
        parse_mapping("[source", "m.toml")


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ImportFileError, match="没有找到映射文件"):
        read_mapping(tmp_path / "none.toml")
    (tmp_path / "gbk.toml").write_bytes("[source]\nid = '市'".encode("gb18030"))
    with pytest.raises(ImportFileError, match="UTF-8"):
        read_mapping(tmp_path / "gbk.toml")
    (tmp_path / "big.toml").write_bytes(b"#" * (1 << 20) + b"\n#")
    with pytest.raises(ImportFileError, match="1 MB"):
        read_mapping(tmp_path / "big.toml")


def test_columns_are_checked_before_the_first_row() -> None:
    mapping = parse_mapping(LEAST + 'note = { template = "{ward} {extra}" }\n[values.ward]\ncolumn = "w"\n')
    mapping.check_columns(["id", "opened", "state", "text", "w", "extra"])
    for missing in ("id", "w", "extra"):
        columns = [c for c in ("id", "opened", "state", "text", "w", "extra") if c != missing]
        with pytest.raises(ImportFileError, match=missing):
            mapping.check_columns(columns)
    voided = parse_mapping(LEAST + '[[void]]\nlon = 1\nlat = 2\nblank = "place"\n')
    with pytest.raises(ImportFileError, match="place"):
        voided.check_columns(["id", "opened", "state", "text"])
