"""The register form in the order of speech: what, where, which class, how urgent, who."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QVBoxLayout, QWidget

from console.viewmodels.intake import IntakeViewModel
from console.viewmodels.intake_form import KINDS
from console.windows.dialogs.action_dialog import ErrorField
from console.windows.dialogs.photo_strip import PhotoStrip
from console.windows.dialogs.pick_field import PickField
from console.windows.dialogs.point_map import PointMap, place_words
from console.windows.intake.address_field import AddressField
from console.windows.intake.check_line import CheckLine
from widgets.forms.fields import ComboField, FieldLabel, FieldRow, LineField, TextField
from widgets.forms.segmented import Segment, Segmented
from widgets.indicators.text_label import TextLabel
from widgets.indicators.urgency import urgency_label


def tr(text: str) -> str:
    """Translate a word of the form."""
    return QCoreApplication.translate("Intake", text)


class RegisterForm(QWidget):
    """Shows the form of an `IntakeViewModel` and takes what is entered."""

    def __init__(self, model: IntakeViewModel, parent: QWidget | None = None) -> None:
        """Build the fields."""
        super().__init__(parent)
        self.model = model
        self._case_id = ""
        self.description = TextField(
            tr("诉求内容"), "Alt+N", tr("是什么问题，有什么要求"), self, required=True
        )
        self.description.editor.setFixedHeight(104)
        hint = tr("路口、门牌、小区；已知的地址支持拼音")
        self.address = AddressField(model.addresses, tr("发生地址"), "Alt+D", hint, self)
        self.place = TextLabel("", "label", "text.tertiary", self, wrap=True)
        self.map = PointMap(model.seat, self)
        self.map.setFixedHeight(212)
        self.category = PickField(
            tr("类别（可登记后再定）"), "Alt+L", tr("名称、编码、拼音或首字母"), self, rows=5
        )
        self.kind = ComboField(tr("问题种类"), parent=self, required=True)
        self.source = ComboField(tr("来源"), parent=self, required=True)
        self.urgency = Segmented(
            tuple(Segment(str(level), urgency_label(level), urgency=level) for level in range(4)),
            self,
            boxed=True,
        )
        self.urgency.setAccessibleName(tr("紧急程度"))
        self.name = LineField(tr("诉求人"), parent=self)
        self.phone = LineField(tr("联系电话"), parent=self)
        self.callback = QCheckBox(tr("要求回访"), self)
        self.confidential = QCheckBox(tr("身份保密"), self)
        self.photos = PhotoStrip(self)
        self.checks = CheckLine(self)
        self._lay_out()
        self._connect()
        self.description.editor.installEventFilter(self)
        self.show_model()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 16)
        column.setSpacing(14)
        where = QHBoxLayout()
        where.setSpacing(16)
        left = QVBoxLayout()
        left.setSpacing(6)
        left.addWidget(self.address)
        left.addWidget(self.place)
        left.addWidget(FieldRow(self.kind, self.source, parent=self))
        left.addWidget(self.category)
        left.addStretch(1)
        where.addLayout(left, 3)
        where.addWidget(self.map, 2, Qt.AlignmentFlag.AlignTop)
        level = QVBoxLayout()
        level.setSpacing(4)
        level.addWidget(FieldLabel(tr("紧急程度"), "Alt+E", self))
        level.addWidget(self.urgency)
        who = QHBoxLayout()
        who.setSpacing(16)
        who.addWidget(self.name, 2)
        who.addWidget(self.phone, 2)
        ticks = QVBoxLayout()
        ticks.setSpacing(4)
        ticks.addWidget(FieldLabel(tr("答复"), parent=self))
        both = QHBoxLayout()
        both.setSpacing(20)
        both.addWidget(self.callback)
        both.addWidget(self.confidential)
        both.addStretch(1)
        ticks.addLayout(both)
        ticks.addStretch(1)
        who.addLayout(ticks, 2)
        column.addWidget(self.description)
        column.addLayout(where)
        column.addLayout(level)
        column.addLayout(who)
        column.addWidget(self.photos)
        column.addWidget(self.checks)
        column.addStretch(1)

    def _connect(self) -> None:
        model = self.model
        self.description.text_changed.connect(lambda text: model.set_value(description=text))
        self.address.text_changed.connect(lambda text: model.set_value(address=text))
        self.address.placed.connect(model.take_address)
        self.map.point_picked.connect(model.set_point)
        self.category.picked.connect(lambda code: model.set_value(category=code))
        self.category.searched.connect(self._on_category_text)
        self.kind.chosen.connect(lambda key: model.set_value(kind=key))
        self.source.chosen.connect(lambda key: model.set_value(source=key))
        self.urgency.chosen.connect(lambda key: model.set_value(level=int(key)))
        self.name.text_changed.connect(lambda text: model.set_value(caller_name=text))
        self.phone.text_changed.connect(lambda text: model.set_value(caller_phone=text))
        self.callback.toggled.connect(lambda on: model.set_value(need_callback=on))
        self.confidential.toggled.connect(lambda on: model.set_value(confidential=on))
        self.photos.files_added.connect(model.reader.add_files)
        self.photos.picture_pasted.connect(model.reader.add_bytes)
        self.photos.removed.connect(model.remove_photo)
        model.form_changed.connect(self.show_model)
        model.candidates_changed.connect(self._show_checks)
        model.errors_changed.connect(self.show_errors)
        model.seat.reference_changed.connect(self._offer)
        self._offer()

    def _offer(self) -> None:
        """Fill lists from the reference data."""
        form = self.model.form
        self.category.set_choices(self.model.categories())
        self.kind.set_entries(tuple((key, tr(word)) for key, word in KINDS), form.kind)
        self.source.set_entries(self.model.sources(), form.source)

    # --- showing ------------------------------------------------------------------------------------

    def show_model(self) -> None:
        """Show the form; a replaced form starts at its first field."""
        model, form = self.model, self.model.form
        self.description.set_text(form.description)
        self.address.set_text(form.address)
        self.kind.set_current(form.kind)
        self.source.set_current(form.source)
        self.urgency.set_current(str(form.level))
        self.name.set_text(form.caller_name)
        self.phone.set_text(form.caller_phone)
        for box, on in ((self.callback, form.need_callback), (self.confidential, form.confidential)):
            box.blockSignals(True)
            box.setChecked(on)
            box.blockSignals(False)
        self.category.set_chosen(form.category, model.category_name())
        self.photos.set_photos(form.photos)
        self.map.show_point(form.lon, form.lat)
        words, tone = place_words(model.place(), model.finder.ready)
        self.place.set_text(words)
        self.place.set_token(tone)
        self._show_checks()
        self._case_id = form.case_id

    def _show_checks(self) -> None:
        model = self.model
        near = next((each for each in model.candidates if each.open), None)
        remark = ""
        if near is not None:
            remark = tr("与在办 {number} 相距 {metres} 米，请确认是并入还是新登记").format(
                number=near.number, metres=round(near.distance_m)
            )
        self.checks.set_checks(model.checks(), remark)
        self.map.show_candidates(model.candidates)

    def show_errors(self, errors: object) -> None:
        """Show sentences at the fields; the first one gets the cursor."""
        assert isinstance(errors, dict)
        fields: dict[str, ErrorField] = {
            "description": self.description,
            "address": self.address,
            "kind": self.kind,
            "source": self.source,
            "category": self.category,
            "caller_name": self.name,
            "caller_phone": self.phone,
            "photos": self.photos,
        }
        for name, field in fields.items():
            field.set_error(errors.get(name, ""))
        outside = errors.get("location") or errors.get("grid", "")
        if outside and not errors.get("address"):
            self.address.set_error(outside)
        self.place.setVisible(not outside)

    def to_first_error(self) -> None:
        """Put the cursor where something is missing."""
        order: tuple[tuple[str, QWidget], ...] = (
            ("description", self.description),
            ("address", self.address),
            ("location", self.map),
            ("grid", self.map),
            ("kind", self.kind),
            ("source", self.source),
            ("caller_phone", self.phone),
        )
        for name, widget in order:
            if name in self.model.errors:
                widget.setFocus(Qt.FocusReason.OtherFocusReason)
                return

    # --- keys ---------------------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A picture pasted into the text goes to the attachments."""
        pasting = isinstance(event, QKeyEvent) and event.matches(QKeySequence.StandardKey.Paste)
        if pasting and event.type() == QEvent.Type.KeyPress and self._clipboard_is_picture():
            return self.photos.paste()
        return super().eventFilter(watched, event)

    @staticmethod
    def _clipboard_is_picture() -> bool:
        data = QGuiApplication.clipboard().mimeData()
        return data is not None and (data.hasImage() or data.hasUrls()) and not data.hasText()

    def _on_category_text(self, text: str) -> None:
        if not text:
            self.model.set_value(category="")
