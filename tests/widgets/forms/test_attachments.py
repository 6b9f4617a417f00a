"""Attachments: tiles, keys, dropping and pasting."""

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QColor, QDragEnterEvent, QDropEvent, QGuiApplication, QImage
from PySide6.QtTest import QTest

from tests.widgets.pixels import count, picture, same
from widgets.forms.attachments import TILE_HEIGHT, TILE_WIDTH, Attachment, AttachmentDrop, AttachmentStrip
from widgets.theme import Theme


def photo(colour: str, width: int = 200, height: int = 100) -> QImage:
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(QColor(colour))
    return image


ITEMS = (
    Attachment("1", "photo", "现场", photo("#336633")),
    Attachment("2", "sound", "录音 02:47"),
    Attachment("3", "file", "调货单.pdf", percent=60),
    Attachment("4", "video", "路口"),
    Attachment("5", "unknown", "其他"),
)


@pytest.fixture
def strip(qtbot) -> AttachmentStrip:
    strip = AttachmentStrip()
    qtbot.addWidget(strip)
    strip.set_items(ITEMS)
    strip.resize(400, strip.heightForWidth(400))
    with qtbot.waitActive(strip):
        strip.show()
    return strip


def test_tiles_wrap(strip: AttachmentStrip) -> None:
    assert (TILE_WIDTH, TILE_HEIGHT) == (94, 64)
    assert strip.heightForWidth(400) == 64 * 2 + 8
    assert strip.heightForWidth(2000) == 64
    assert strip.heightForWidth(90) == 5 * 72 - 8
    strip.set_items(())
    assert strip.heightForWidth(400) == 0


def test_it_speaks(strip: AttachmentStrip) -> None:
    assert strip.accessibleName() == "附件 5 个"
    assert "录音 02:47" in strip.accessibleDescription()
    assert strip.items == ITEMS


def test_click_opens(strip: AttachmentStrip, qtbot) -> None:
    with qtbot.waitSignal(strip.opened) as told:
        QTest.mouseClick(strip, Qt.MouseButton.LeftButton, pos=QPoint(TILE_WIDTH + 20, 20))
    assert told.args == ["2"]
    with qtbot.assertNotEmitted(strip.opened):
        QTest.mouseClick(
            strip, Qt.MouseButton.LeftButton, pos=QPoint(TILE_WIDTH + 4, 20)
        )  # between two tiles


def test_keys(strip: AttachmentStrip) -> None:
    opened: list[str] = []
    strip.opened.connect(opened.append)
    strip.setFocus()
    left, right, enter = Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Return
    for key in (enter, right, right, enter, left, Qt.Key.Key_Space, *[right] * 9, enter):
        QTest.keyClick(strip, key)
    assert opened == ["1", "3", "2", "5"]


def test_focus_is_seen(strip: AttachmentStrip) -> None:
    strip.clearFocus()
    before = picture(strip)
    strip.setFocus(Qt.FocusReason.TabFocusReason)
    assert not same(before, picture(strip))
    assert count(picture(strip), Theme().color("accent.focus")) > 200


def test_a_picture_fills_its_tile_without_distortion(strip: AttachmentStrip) -> None:
    halves = QImage(200, 64, QImage.Format.Format_RGB32)
    halves.fill(QColor("#336633"))
    for x in range(50):
        for y in range(64):
            halves.setPixelColor(x, y, QColor("#993333"))
    strip.set_items((Attachment("1", "photo", "", halves),))
    image = picture(strip)
    assert count(image, QColor("#336633")) > 5000
    assert count(image, QColor("#993333")) == 0  # the sides are cut off, not squeezed in


def test_progress(strip: AttachmentStrip) -> None:
    accent = Theme().color("accent.base")
    assert 100 < count(picture(strip), accent) < 94 * 3
    strip.set_items(tuple(Attachment(one.id, one.kind, one.words, one.thumbnail) for one in ITEMS))
    assert count(picture(strip), accent) == 0


# --- adding --------------------------------------------------------------------------------------------


@pytest.fixture
def drop(qtbot) -> AttachmentDrop:
    drop = AttachmentDrop()
    qtbot.addWidget(drop)
    drop.resize(400, 48)
    with qtbot.waitActive(drop):
        drop.show()
    return drop


def files(*paths: str) -> QMimeData:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(path) for path in paths])
    return data


def test_dropped_files(drop: AttachmentDrop, qtbot) -> None:
    data = files("/tmp/一.jpg", "/tmp/二.pdf")
    enter = QDragEnterEvent(
        QPoint(5, 5),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    drop.dragEnterEvent(enter)
    assert enter.isAccepted()
    assert count(picture(drop), Theme().color("accent.soft"), tolerance=2) > 8000
    dropped = QDropEvent(
        QPointF(5, 5),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    with qtbot.waitSignal(drop.files_dropped) as told:
        drop.dropEvent(dropped)
    assert told.args == [("/tmp/一.jpg", "/tmp/二.pdf")]
    assert count(picture(drop), Theme().color("accent.soft"), tolerance=2) == 0


def test_other_drags_are_refused(drop: AttachmentDrop) -> None:
    data = QMimeData()
    data.setText("文字")
    enter = QDragEnterEvent(
        QPoint(5, 5),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    enter.ignore()
    drop.dragEnterEvent(enter)
    assert not enter.isAccepted()
    assert not drop.paste(data)
    drop.dragLeaveEvent(None)


def test_web_addresses_are_no_files(drop: AttachmentDrop, qtbot) -> None:
    data = QMimeData()
    data.setUrls([QUrl("https://example.org/a.jpg")])
    with qtbot.assertNotEmitted(drop.files_dropped):
        assert not drop.paste(data)


def test_a_pasted_picture(drop: AttachmentDrop, qtbot) -> None:
    QGuiApplication.clipboard().setImage(photo("#336633"))
    drop.setFocus()
    with qtbot.waitSignal(drop.image_pasted) as told:
        QTest.keyClick(drop, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert told.args[0].size().toTuple() == (200, 100)
    QGuiApplication.clipboard().clear()


def test_asking_for_a_file(drop: AttachmentDrop, qtbot) -> None:
    for act in (
        lambda: QTest.mouseClick(drop, Qt.MouseButton.LeftButton),
        lambda: QTest.keyClick(drop, Qt.Key.Key_Return),
        lambda: QTest.keyClick(drop, Qt.Key.Key_Space),
    ):
        with qtbot.waitSignal(drop.browse_asked):
            act()
