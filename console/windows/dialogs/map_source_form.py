"""The form of one map source: only the fields its kind has, the key masked, every error at its field."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QLineEdit, QVBoxLayout, QWidget

from console.viewmodels.map_source_editor import SourceEditor
from console.windows.dialogs.words import tr
from services.basemaps.sources import Dark, Datum, Kind, MapSource
from widgets.forms.buttons import Button, ButtonKind
from widgets.forms.field_frame import FieldRow
from widgets.forms.fields import ComboField, LineField

_REMOTE = frozenset((Kind.XYZ, Kind.WMTS, Kind.WFS, Kind.ARCGIS, Kind.SUPERMAP))
_FEATURES = frozenset((Kind.FILE, Kind.WFS, Kind.ARCGIS, Kind.SUPERMAP))
_LAYERED = frozenset((Kind.WMTS, Kind.WFS, Kind.ARCGIS, Kind.SUPERMAP, Kind.FILE))


class SourceForm(QWidget):
    """Fields of the source an editor has chosen. `field_changed(str, object)`, `key_changed(str)`."""

    field_changed = Signal(str, object)
    key_changed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Build all fields; `show_source` hides what a kind does not have."""
        super().__init__(parent)
        self.title = LineField(tr("名称"), "", "", self, required=True)
        self.address = LineField(tr("地址"), "", "", self, required=True)
        self.browse = Button(tr("选择文件…"), ButtonKind.PLAIN, "", "document", parent=self)
        self.layer_name = LineField(tr("图层"), "", "", self)
        self.matrix_set = LineField(tr("矩阵集"), "", tr("自动"), self)
        self.subdomains = LineField(tr("子域名"), "", "t0,t1,…,t7", self)
        self.key = LineField(tr("密钥"), "", "", self)
        self.key.editor.setEchoMode(QLineEdit.EchoMode.Password)
        self.key_name = LineField(tr("密钥参数名"), "", "tk", self)
        self.tile_crs = ComboField(tr("瓦片坐标系"), "", self)
        self.tile_crs.set_entries(
            (
                ("EPSG:3857", tr("墨卡托（3857）")),
                ("EPSG:4490", tr("经纬度（4490）")),
                ("EPSG:4326", tr("经纬度（4326）")),
            )
        )
        self.crs = LineField(tr("坐标系（服务没写明时）"), "", "EPSG:4547", self)
        self.name_field = LineField(tr("名称字段"), "", tr("自动"), self)
        self.datum = ComboField(tr("偏移"), "", self)
        self.datum.set_entries(
            ((Datum.WGS84.value, tr("无（WGS84 / CGCS2000）")), (Datum.GCJ02.value, tr("GCJ-02（火星坐标）")))
        )
        self.dark = ComboField(tr("深色界面时"), "", self)
        self.dark.set_entries(
            (
                (Dark.DIM.value, tr("压暗")),
                (Dark.INVERT.value, tr("明暗对调")),
                (Dark.NONE.value, tr("不变")),
            )
        )
        self._lines = {
            "title": self.title,
            "address": self.address,
            "layer": self.layer_name,
            "matrix_set": self.matrix_set,
            "key_name": self.key_name,
            "crs": self.crs,
            "name_field": self.name_field,
        }
        self._combos = {"tile_crs": self.tile_crs, "datum": self.datum, "dark": self.dark}
        self._arrange()
        self._connect()

    def _arrange(self) -> None:
        """Lay the fields out in rows."""
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        self._rows: list[tuple[QWidget, tuple[QWidget, ...]]] = []
        rows: tuple[tuple[QWidget, ...], ...] = (
            (self.title,),
            (self.address,),
            (self.browse,),
            (self.layer_name, self.matrix_set, self.subdomains),
            (self.key, self.key_name),
            (self.tile_crs, self.crs, self.name_field),
            (self.datum, self.dark),
        )
        for row in rows:
            holder = FieldRow(*row, parent=self) if len(row) > 1 else row[0]
            self._rows.append((holder, row))
            column.addWidget(holder)
        column.addStretch(1)

    def _connect(self) -> None:
        """Pass changes on by field name."""
        for name, line in self._lines.items():
            line.text_changed.connect(lambda text, name=name: self.field_changed.emit(name, text.strip()))
        for name, combo in self._combos.items():
            combo.chosen.connect(lambda key, name=name: self._on_combo(name, key))
        self.subdomains.text_changed.connect(self._on_subdomains)
        self.key.text_changed.connect(self.key_changed)
        self.browse.clicked.connect(self._on_browse)

    # --- values in ------------------------------------------------------------------------------------

    def show_source(self, editor: SourceEditor) -> None:
        """Show the chosen source with its errors; nothing when there is none."""
        source = editor.source
        self.setVisible(source is not None)
        if source is None:
            return
        kind = source.kind
        for widget, shown in (
            (self.browse, source.is_local),
            (self.layer_name, kind in _LAYERED),
            (self.matrix_set, kind is Kind.WMTS),
            (self.subdomains, "{s}" in source.address),
            (self.key, kind in _REMOTE),
            (self.key_name, kind in _REMOTE),
            (self.tile_crs, kind is Kind.XYZ),
            (self.crs, kind in _FEATURES),
            (self.name_field, kind in _FEATURES),
            (self.dark, source.is_tiles),
        ):
            widget.setVisible(shown)
        for holder, widgets in self._rows:
            if len(widgets) > 1:
                holder.setVisible(any(not widget.isHidden() for widget in widgets))
        for name, line in self._lines.items():
            if line.text().strip() != getattr(source, name):
                line.set_text(str(getattr(source, name)))
            line.set_error(editor.errors.get(name, ""))
        for name, combo in self._combos.items():
            combo.set_current(str(getattr(source, name)))
            combo.set_error(editor.errors.get(name, ""))
        self.address.editor.setPlaceholderText(_example(source))
        self.layer_name.editor.setPlaceholderText(_layer_example(kind))
        joined = ",".join(source.subdomains)
        if self._subdomains() != source.subdomains:
            self.subdomains.set_text(joined)
        hint = tr("已保存，不显示；留空表示不变") if editor.key_known else tr("没有密钥则留空")
        self.key.editor.setPlaceholderText(hint)

    def clear_key(self) -> None:
        """Empty the field of the key: another source is shown."""
        self.key.set_text("")

    # --- changes out ----------------------------------------------------------------------------------

    def _on_combo(self, name: str, key: str) -> None:
        """Pass a choice on as its value."""
        values = {"datum": Datum, "dark": Dark}
        self.field_changed.emit(name, values[name](key) if name in values else key)

    def _subdomains(self) -> tuple[str, ...]:
        """The names in the field."""
        return tuple(part.strip() for part in self.subdomains.text().split(",") if part.strip())

    def _on_subdomains(self, _text: str) -> None:
        """Pass the names on."""
        self.field_changed.emit("subdomains", self._subdomains())

    def _on_browse(self) -> None:
        """Choose a file."""
        filters = tr("底图与图层文件") + " (*.mbtiles *.geojson *.json *.gpkg *.shp)"
        path, _ = QFileDialog.getOpenFileName(self, tr("选择文件"), str(Path.home()), filters)
        if path:
            self.address.set_text(path)
            self.field_changed.emit("address", path)


def _example(source: MapSource) -> str:
    """An address as this kind has it."""
    return {
        Kind.XYZ: "https://…/{z}/{x}/{y}.png",
        Kind.WMTS: "https://{s}.tianditu.gov.cn/vec_c/wmts",
        Kind.WFS: "http://…/geoserver/wfs",
        Kind.ARCGIS: "http://…/arcgis/rest/services/…/MapServer/0",
        Kind.SUPERMAP: "http://…/iserver/services/…/rest/data",
        Kind.MBTILES: "*.mbtiles",
        Kind.FILE: "*.geojson  *.gpkg  *.shp",
    }[source.kind]


def _layer_example(kind: Kind) -> str:
    """A layer as this kind names it."""
    return {
        Kind.WMTS: "vec",
        Kind.WFS: "gis:roads",
        Kind.ARCGIS: "0",
        Kind.SUPERMAP: tr("数据源:数据集"),
    }.get(kind, tr("自动"))
