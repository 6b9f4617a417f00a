"""The six steps of a case as six small pips in a row (DESIGN §3.3)."""

from PySide6.QtCore import QCoreApplication, QRectF, Qt
from PySide6.QtGui import QPainter

from widgets.theme import Theme

STAGE_COUNT = 6
STAGE_ICONS = ("inbox", "stamp", "send", "wrench", "eye", "check_circle")
PIPS_WIDTH = 42


def stage_labels() -> tuple[str, ...]:
    """Return 受理 立案 派遣 处置 核查 结案, translated."""
    return (
        QCoreApplication.translate("Stage", "受理"),
        QCoreApplication.translate("Stage", "立案"),
        QCoreApplication.translate("Stage", "派遣"),
        QCoreApplication.translate("Stage", "处置"),
        QCoreApplication.translate("Stage", "核查"),
        QCoreApplication.translate("Stage", "结案"),
    )


def draw_stage_pips(painter: QPainter, rect: QRectF, index: int, look: Theme) -> None:
    """Draw six pips, left-aligned in a rectangle.

    Args:
        painter: any painter; its state is kept.
        rect: where; 42 px are used, vertically centred.
        index: the current step, 1–6; 0 before the first; more than 6 means all are past.
        look: the theme that gives the colours.
    """
    past = look.color("text.tertiary")
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    middle = round(rect.center().y() - 0.5) + 0.5  # straight edges fall between pixels
    for step in range(1, STAGE_COUNT + 1):
        x = rect.x() + (step - 1) * 7
        if step == index:
            painter.setBrush(look.color("accent.base"))
            painter.drawRoundedRect(QRectF(x, middle - 4.5, 5, 9), 1, 1)
        else:
            painter.setBrush(past if step < index else look.color("line.normal"))
            painter.drawRoundedRect(QRectF(x, middle - 2.5, 5, 5), 1, 1)
    painter.restore()
