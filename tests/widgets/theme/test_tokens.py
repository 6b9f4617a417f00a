"""The token file."""

import json

import pytest

from widgets.theme.tokens import THEME_NAMES, UnknownTokenError, colour_table, load_tokens, value


def test_values_by_dotted_path() -> None:
    assert value("size.row.standard") == 32
    assert value("size.row.compact") == 28
    assert value("size.row.comfortable") == 40
    assert value("motion.new_row_highlight_ms") == 1600
    assert value("font.weights") == [400, 700]
    assert value("data_age") == {"amber_s": 15, "red_s": 60}


@pytest.mark.parametrize("path", ["", "size", "size.row.huge", "size.row.standard.deeper", "no.such"])
def test_unknown_paths(path: str) -> None:
    if path == "size":
        assert isinstance(value(path), dict)
        return
    with pytest.raises(UnknownTokenError):
        value(path)


def test_both_themes_have_the_same_colours() -> None:
    """The wall is dark only; everything else exists in both."""
    dark, light = (set(colour_table(name)) for name in THEME_NAMES)
    assert {name for name in dark ^ light if not name.startswith("wall.")} == set()


def test_colours_are_well_formed() -> None:
    for name in THEME_NAMES:
        for token, colour in colour_table(name).items():
            for one in colour if isinstance(colour, tuple) else (colour,):
                assert one.startswith("#") and len(one) in (7, 9), (name, token)
                int(one[1:], 16)


def test_no_such_theme() -> None:
    with pytest.raises(UnknownTokenError):
        colour_table("sepia")


def test_the_queue_columns_fill_the_panel() -> None:
    columns = value("columns.queue")
    fixed = sum(width for _, width in columns if width != "stretch")
    assert [name for name, width in columns if width == "stretch"] == ["summary"]
    assert value("size.queue.width") - fixed >= 200  # the summary keeps room for a sentence


def test_our_copy_agrees_with_the_design(shared_data) -> None:
    """Same values as the design's own file, word for word but for one rule text it corrects."""
    theirs = json.loads(shared_data("design/tokens.json").read_text(encoding="utf-8"))
    ours = json.loads(json.dumps(load_tokens()))
    assert ours["sla_settings"]["soon_floor_applies_above_limit_s"] == 7200
    assert "2 h" in ours["sla"]["soon"]["rule"]
    ours["sla"]["soon"].pop("rule")
    theirs["sla"]["soon"].pop("rule")
    assert ours == theirs


@pytest.mark.parametrize("group", ["sync", "pending", "kpi_state"])
def test_state_entries_name_existing_tokens(group: str) -> None:
    from widgets.theme import Theme

    for name, entry in value(group).items():
        token = entry.get("token")
        if token is None:
            assert name == "queued_dispatch"
            continue
        if token.startswith("text."):
            Theme().color(token)
        else:
            Theme().tone(token)
