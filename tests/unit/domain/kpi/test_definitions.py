"""Definitions and counts as data: what is read, and the sentences for what cannot be."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from services.backend.reference.kpis import catalogue_of, load_kpis
from services.backend.reference.load import load_reference
from services.domain.errors import ReferenceDataError
from services.domain.kpi.definitions import catalogue_from
from services.domain.kpi.events import EVENT_NAMES, EVENT_TAGS
from services.domain.kpi.formulas import parse_formula

MEASURES: list[dict[str, Any]] = [
    {"id": "a_n", "zh": "甲", "en": "a", "event": "reported"},
    {"id": "b_n", "zh": "乙", "en": "b", "event": "reported", "tags": ["closed"]},
    {"id": "c_s", "zh": "时", "en": "c", "event": "accepted", "amount": "seconds"},
]
KPI = {"id": "k_rate", "zh": "率", "en": "rate", "numerator": "b_n", "denominator": "a_n"}


def test_every_figure_of_the_field_is_defined() -> None:
    text = Path("../shared/domain.md")
    if not text.exists():
        pytest.skip("the field's own description is not here")
    whole = text.read_text(encoding="utf-8")
    parts = whole[whole.index("### 8.1") : whole.index("## 9. Hotline")] + whole[whole.index("### 9.4") :]
    named = set(re.findall(r"`([a-z][a-z0-9_]+)`", parts.split("## 10.")[0]))
    assert len(named) > 90
    assert named - set(catalogue_of({}).definitions) == set()


def test_open_denominators_say_so() -> None:
    found = catalogue_of({}).definitions
    named = ("dispatch_rate", "check_rate", "public_report_rate", "acceptance_rate", "filing_rate", "satisfaction_rate",
             "rectification_rate", "rework_rate", "overtime_handling_rate", "overdue_open_rate")  # fmt: skip
    assert all(found[name].open for name in named)
    assert not found["closure_rate"].open


def test_the_shipped_definitions_stand_in_the_reference_document() -> None:
    doc = load_reference()
    assert {"id", "zh", "en", "definition_version", "source", "basis"} <= set(doc["kpis"][0])
    assert catalogue_of(doc).fingerprint == catalogue_of({}).fingerprint
    assert {entry["id"] for entry in doc["kpi_measures"]} == set(catalogue_of(doc).measures)
    for entry in doc["kpis"]:
        assert catalogue_of(doc).definitions[entry["id"]].version == entry["definition_version"]


def test_a_centre_overrides_a_denominator_and_the_version_tells(tmp_path: Path) -> None:
    (tmp_path / "kpis.toml").write_text(
        '[settings]\nco_share = 300\n[[kpi]]\nid = "on_time_closure_rate"\n'
        'denominator = "due_to_close_n - deferred_close_n"\nnote = "金华口径"\n'
        '[[kpi]]\nid = "own_n"\nzh = "自"\nen = "own"\nkind = "count"\nnumerator = "file_n"\n',
        encoding="utf-8",
    )
    shipped, own = catalogue_of({}), catalogue_of(load_kpis(tmp_path))
    changed = own.definitions["on_time_closure_rate"]
    assert changed.denominator is not None and changed.denominator.terms == (
        ("due_to_close_n", 1),
        ("deferred_close_n", -1),
    )
    assert changed.version != shipped.definitions["on_time_closure_rate"].version
    assert changed.zh == "按期结案率" and own.rules.co_share == 300 and "own_n" in own.definitions
    assert own.fingerprint != shipped.fingerprint
    marked = next(e for e in load_kpis(tmp_path)["kpis"] if e["id"] == "on_time_closure_rate")
    assert marked["override"] is True


def test_a_centre_may_replace_the_counts(tmp_path: Path) -> None:
    shipped = Path("resources/kpi/measures.toml").read_text(encoding="utf-8")
    (tmp_path / "measures.toml").write_text(
        shipped.replace('tags = ["hard"]', 'tags = ["hard", "urgent"]'), encoding="utf-8"
    )
    own = catalogue_of(load_kpis(tmp_path))
    assert own.measures["hard_n"].tags == {"hard", "urgent"}
    assert (
        own.definitions["hard_ticket_ratio"].version
        != catalogue_of({}).definitions["hard_ticket_ratio"].version
    )
    assert own.definitions["closure_rate"].version == catalogue_of({}).definitions["closure_rate"].version


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('[[kpi]]\nzh = "x"\n', "都要有 id"),
        ('[[kpi]]\nid = "Bad-Id"\n', "小写字母"),
        ("[other]\nx = 1\n", "不认识 other"),
        ('[[kpi]]\nid = "closure_rate"\ndenominator = "nothing_n"\n', "计数 nothing_n 没有定义"),
        ('[settings]\nco_share = 2000\n', "co_share"),
        ('[settings]\ncontact_hours = 0\n', "contact_hours"),
    ],
)  # fmt: skip
def test_a_wrong_file_of_a_centre_is_refused_with_a_sentence(
    tmp_path: Path, text: str, sentence: str
) -> None:
    (tmp_path / "kpis.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ReferenceDataError, match=sentence):
        load_kpis(tmp_path)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"event": "nothing"}, "没有“nothing”"),
        ({"tags": ["nothing"]}, "没有标记 nothing"),
        ({"tags": ["open"], "without": ["open"]}, "既要求又排除"),
        ({"amount": "metres"}, "amount"),
        ({"zh": ""}, "缺少中文名"),
        ({"colour": "red"}, "不认识 colour"),
        ({"id": ""}, "没有编号"),
    ],
)
def test_a_wrong_count_is_refused_with_a_sentence(change: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ReferenceDataError, match=sentence):
        catalogue_from([], [{**MEASURES[0], **change}], {})


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"numerator": ""}, "numerator 缺少"),
        ({"kind": "count"}, "denominator 不应填写"),
        ({"kind": "nothing"}, "kind 应为"),
        ({"unit": "米"}, "unit 应为"),
        ({"direction": "left"}, "direction 应为"),
        ({"en": ""}, "英文名"),
        ({"numerator": "c_s"}, "单位不合"),
        ({"kind": "mean"}, "单位不合"),
        ({"id": "a_n"}, "指标 a_n 重复"),
        ({"id": ""}, "没有编号"),
        ({"size": 3}, "不认识 size"),
        ({"numerator": "a_n +"}, "不完整"),
    ],
)
def test_a_wrong_definition_is_refused_with_a_sentence(change: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ReferenceDataError, match=sentence):
        catalogue_from([{**KPI, **change}], MEASURES, {})


def test_doubles_are_refused() -> None:
    with pytest.raises(ReferenceDataError, match="计数 a_n 重复"):
        catalogue_from([], [MEASURES[0], MEASURES[0]], {})
    with pytest.raises(ReferenceDataError, match="指标 k_rate 重复"):
        catalogue_from([KPI, KPI], MEASURES, {})


def test_a_document_that_contradicts_itself_is_refused() -> None:
    with pytest.raises(ReferenceDataError, match="kpis"):
        catalogue_of({"kpi_measures": [1], "kpis": []})
    with pytest.raises(ReferenceDataError, match="kpis"):
        catalogue_of({"kpi_measures": MEASURES})


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("a_n", (("a_n", 1),)),
        (" a_n - b_n ", (("a_n", 1), ("b_n", -1))),
        ("-a_n+b_n", (("a_n", -1), ("b_n", 1))),
    ],
)
def test_formulas_are_read(text: str, terms: Any) -> None:
    formula = parse_formula(text)
    assert formula.terms == terms and formula.measures == tuple(name for name, _ in terms)
    assert formula.of({"a_n": 5, "b_n": 2, "c": 9}) == sum(f * {"a_n": 5, "b_n": 2}[n] for n, f in terms)


@pytest.mark.parametrize(
    "text", ["", "+", "a_n b_n", "a_n -", "a_n * b_n", "a_n - a_n", "a_n + - b_n", "3", "A"]
)
def test_what_is_no_formula_is_refused(text: str) -> None:
    with pytest.raises(ReferenceDataError):
        parse_formula(text)


def test_every_event_has_its_tags() -> None:
    assert set(EVENT_NAMES) == set(EVENT_TAGS)
