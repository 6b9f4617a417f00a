"""Templates, style sheet and script: nothing inline, every colour from the tokens, old browsers in mind."""

from __future__ import annotations

import json
import re
from importlib.resources import files

import pytest

from services.backend.problems import Problem
from services.backend.seat.form_fields import FORMS, REGISTER
from services.backend.seat.pages import (
    BAND_WORDS,
    STATIC,
    environment,
    icon,
    page,
    shape,
    static_text,
    tokens_css,
)
from services.domain.bands import BANDS

TEMPLATES = sorted(entry.name for entry in (files("services.backend.seat") / "templates").iterdir())
THEMES = json.loads((files("resources") / "styles" / "tokens.json").read_text("utf-8"))["theme"]


def test_templates_hold_no_inline_code_and_switch_off_no_escaping() -> None:
    for name in TEMPLATES:
        text = (files("services.backend.seat") / "templates" / name).read_text("utf-8")
        assert not re.search(r"\sstyle=|\son[a-z]+=\"|javascript:|\|\s*safe|autoescape", text), name
        assert not re.search(r"<script(?![^>]*\bsrc=)", text), name
        assert environment().get_template(name)


def test_values_are_escaped() -> None:
    values = {
        "root": "/seat",
        "title": "<b>x</b>",
        "advice": "",
        "trace": '"',
        "status": 404,
        "sign_in": False,
    }
    body = page("error.html", values, 404).body.decode()
    assert "&lt;b&gt;x&lt;/b&gt;" in body
    assert "<b>x" not in body


def test_every_band_has_shape_and_word() -> None:
    for band in BANDS:
        assert BAND_WORDS[band] in shape(band)
        assert f'class="shape {band}"' in shape(band)


def test_icons_of_the_forms_exist() -> None:
    for name in {form.icon for form in (*FORMS.values(), REGISTER)}:
        assert "<path" in icon(name) or "<circle" in icon(name) or "<rect" in icon(name), name


def test_colours_are_the_tokens_of_both_themes() -> None:
    css = tokens_css()
    light, dark = css.split("@media")
    assert f"--bg-app:{THEMES['light']['bg']['app']};" in light
    assert f"--sla-over3-on-fill:{THEMES['dark']['sla']['over3']['on_fill']};" in dark
    assert "--map" not in css


def test_style_sheet_uses_only_tokens_that_exist() -> None:
    css = static_text("seat.css")
    made = set(re.findall(r"(--[a-z0-9-]+):", css))
    used = set(re.findall(r"var\((--[a-z0-9-]+)\)", css))
    assert used <= made, used - made
    own = (files("services.backend.seat") / "static" / "seat.css").read_text("utf-8")
    assert not re.findall(r"#[0-9a-fA-F]{3,8}\b", own), "a colour that is no token"
    for band in BANDS:
        assert f".{band}" in own


def test_every_class_of_the_templates_that_matters_is_styled() -> None:
    css = static_text("seat.css")
    for name in (
        "notice",
        "field",
        "wrong",
        "fault",
        "row",
        "chip",
        "tabs",
        "steps",
        "stages",
        "slices",
        "picks",
    ):
        assert f".{name}" in css


def test_script_stays_with_old_browsers() -> None:
    text = re.sub(r"'[^'\n]*'|/\*.*?\*/", "''", static_text("seat.js"), flags=re.S)
    for word in ("=>", "`", "let ", "const ", "async ", "await ", "class ", "...", "?.", "??"):
        assert word not in text, word
    assert "innerHTML" in text


def test_unknown_static_files_are_not_there() -> None:
    for name in ("seat.py", "../app.py", ""):
        with pytest.raises(Problem) as refused:
            static_text(name)
        assert refused.value.status == 404
    for name in STATIC:
        assert static_text(name)
