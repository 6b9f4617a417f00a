"""One row as a value, its columns and its speech."""

from dataclasses import FrozenInstanceError, replace
from datetime import timedelta

import pytest

from tests.widgets.gallery_rows import NOW, queue_rows, reading
from widgets.tables.queue_row import (
    PendingMark,
    QueueRow,
    column_names,
    column_title,
    column_width,
    is_pending_mark,
    pending_look,
)


def test_columns_of_the_design() -> None:
    assert column_names() == (
        "urgency",
        "sla_shape",
        "number",
        "category",
        "grid",
        "summary",
        "source",
        "stage",
        "limit",
        "holder",
    )
    assert [column_width(name) for name in column_names()] == [14, 26, 80, 84, 78, 0, 36, 78, 102, 84]
    with pytest.raises(KeyError):
        column_width("colour")


def test_titles() -> None:
    titles = [column_title(name) for name in column_names()]
    assert titles == ["", "", "案号", "类别", "网格", "摘要", "来源", "阶段", "时限", "承办"]


def test_a_row_is_a_value() -> None:
    row = queue_rows()[0]
    assert row == replace(row)
    assert hash(row) == hash(replace(row))
    with pytest.raises(FrozenInstanceError):
        row.grid = "望塔-01"  # type: ignore[misc]


def test_spoken_as_the_design_says() -> None:
    row = QueueRow(
        "c1", "1120-0417", "井盖缺失", "望塔-09", "雨水井盖缺失", stage="派遣", stage_index=3, band="soon",
        limit=reading("soon", 292), holder="待派遣", urgency=3,
    )  # fmt: skip
    assert row.spoken(NOW) == "特急，即将超时，余 4 分 52 秒，1120-0417，井盖缺失，望塔-09，派遣，待派遣"


def test_spoken_names_marks_and_leaves_out_what_is_empty() -> None:
    row = QueueRow(
        "c1", "1120-0417", band="over1", limit_text="超 6:12:40", pending="conflict", locked_by="派遣 05 席"
    )
    assert row.spoken(NOW) == "一般，超时<24h，超 6:12:40，1120-0417，冲突，派遣 05 席"


def test_parts_of_the_limit() -> None:
    row = QueueRow("c1", limit=reading("ok", 38160, counting=False, off_hours=True))
    assert row.limit_parts(NOW) == ("非工作时", "余 10:36:00")
    assert row.limit_shown(NOW) == "非工作时 余 10:36:00"
    assert QueueRow("c1", limit_text="—").limit_parts(NOW) == ("", "—")


def test_limit_counts_down() -> None:
    row = QueueRow("c1", band="soon", limit=reading("soon", 292))
    assert row.limit_shown(NOW) == "余 0:04:52"
    assert row.limit_shown(NOW + timedelta(seconds=52)) == "余 0:04:00"
    assert row.limit_shown(NOW + timedelta(seconds=300)) == "超 0:00:08"
    assert QueueRow("c1", limit_text="—").limit_shown(NOW) == "—"


@pytest.mark.parametrize(
    ("mark", "look"),
    [
        (PendingMark.QUEUED, ("待发送", "cloud_up", "sla.soon")),
        (PendingMark.NEEDS_CONFIRM, ("需再确认", "history", "sla.soon")),
        (PendingMark.CONFLICT, ("冲突", "warn", "sla.over2")),
        ("rejected", ("未通过", "x", "sla.over2")),
    ],
)
def test_pending_looks(mark: str, look: tuple[str, str, str]) -> None:
    assert pending_look(mark) == look


def test_an_unknown_mark_is_passed_over() -> None:
    assert not is_pending_mark("claimed") and not is_pending_mark("")
    assert is_pending_mark("queued")
    row = QueueRow("c1", "1120-0417", limit_text="—", pending="claimed")
    assert row.spoken(NOW) == "一般，正常，—，1120-0417"


@pytest.mark.parametrize("mark", ["", "claimed", "done"])
def test_other_marks_have_no_look(mark: str) -> None:
    with pytest.raises((KeyError, ValueError)):
        pending_look(mark)
