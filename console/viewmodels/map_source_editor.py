"""What the dialog 底图与图层来源 edits: a draft of the list, checked field by field, tried, then saved as a whole."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtCore import QObject, Signal

from console.viewmodels.map_prefetch import World
from console.viewmodels.map_sources import MapSources, tr
from services.basemaps.errors import SourceError
from services.basemaps.keys import without_key
from services.basemaps.sources import Kind, MapSource, fresh_id, kind_word
from services.usecases.map_trial import Trial


@dataclass(frozen=True, slots=True)
class Template:
    """A source to start from; `key` names it, `word` is shown."""

    key: str
    word: str
    source: MapSource


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One line of the list: id, title, kind in words, where it comes from, what is wrong at present."""

    id: str
    title: str
    kind: str
    from_centre: bool
    state: str


def templates() -> tuple[Template, ...]:
    """Sources to start from: 天地图 with its layers, and one of each kind."""
    tdt = "https://{s}.tianditu.gov.cn"
    named = (
        ("tdt-vec", tr("天地图矢量"), "vec"),
        ("tdt-cva", tr("天地图矢量注记"), "cva"),
        ("tdt-img", tr("天地图影像"), "img"),
        ("tdt-cia", tr("天地图影像注记"), "cia"),
    )
    made = [
        Template(
            key,
            word,
            MapSource(
                key,
                word,
                Kind.WMTS,
                f"{tdt}/{layer}_w/wmts",
                layer=layer,
                matrix_set="w",
                key_name="tk",
                subdomains=tuple(f"t{n}" for n in range(8)),
                attribution=tr("天地图"),
            ),
        )
        for key, word, layer in named
    ]
    made += [Template(str(kind), kind_word(kind), MapSource("", kind_word(kind), kind, "")) for kind in Kind]
    return tuple(made)


class SourceEditor(QObject):
    """Draft of the user's sources. `changed()` when list, choice or errors are new, `tried(Trial)` after 试连."""

    changed = Signal()
    tried = Signal(object)

    def __init__(
        self,
        sources: MapSources,
        place: tuple[float, float],
        area: World | None = None,
        parent: QObject | None = None,
    ) -> None:
        """Start from what is stored.

        `place` (lon, lat) is where a trial looks for a tile, `area` what 预下载 fetches.
        """
        super().__init__(parent)
        self._sources, self._place, self._area = sources, place, area
        self._drafts: list[MapSource] = list(reversed(sources.sources))
        self._own = {source.id for source in sources.own}
        self._keys: dict[str, str] = {}
        self.errors: dict[str, str] = {}
        self.current = self._drafts[0].id if self._drafts else ""
        self.trying = False
        self.trial: Trial | None = None
        self._tried_as: tuple[MapSource | None, str | None] = (None, None)
        sources.state_changed.connect(self._on_state)
        sources.prefetch.changed.connect(self._on_state)

    # --- reading ------------------------------------------------------------------------------------

    @property
    def rows(self) -> tuple[SourceRow, ...]:
        """The list, the topmost layer first."""
        return tuple(
            SourceRow(s.id, s.title, kind_word(s.kind), s.id not in self._own, self._sources.state(s.id))
            for s in self._drafts
        )

    @property
    def source(self) -> MapSource | None:
        """The source that is edited."""
        return next((source for source in self._drafts if source.id == self.current), None)

    @property
    def key_known(self) -> bool:
        """Whether a key is stored or was entered for the source; it is not shown."""
        entered = self._keys.get(self.current)
        return bool(entered) if entered is not None else self._sources.has_key(self.current)

    # --- editing ------------------------------------------------------------------------------------

    def choose(self, source_id: str) -> None:
        """Edit another source."""
        if source_id != self.current:
            self.current, self.errors, self.trial = source_id, {}, None
            self.changed.emit()

    def add(self, template_key: str) -> None:
        """Add a source on top, from a template."""
        template = next(t for t in templates() if t.key == template_key)
        taken = [source.id for source in self._drafts]
        made = replace(template.source, id=fresh_id(template.source.id or template.key, taken))
        self._drafts.insert(0, made)
        self._own.add(made.id)
        self.current, self.errors, self.trial = made.id, {}, None
        self.changed.emit()

    def remove(self) -> None:
        """Take the source out; one of the centre comes back as the centre gives it."""
        at = self._at()
        if at < 0:
            return
        gone = self._drafts.pop(at)
        self._own.discard(gone.id)
        self._keys[gone.id] = ""
        self.current = self._drafts[min(at, len(self._drafts) - 1)].id if self._drafts else ""
        self.errors, self.trial = {}, None
        self.changed.emit()

    def move(self, by: int) -> None:
        """Move the source down the list (`by` > 0) or up."""
        at = self._at()
        to = min(max(at + by, 0), len(self._drafts) - 1)
        if at >= 0 and to != at:
            self._drafts.insert(to, self._drafts.pop(at))
            self.changed.emit()

    def set_field(self, name: str, value: Any) -> None:
        """Change a field of the source; a key inside a pasted address goes where keys belong."""
        at = self._at()
        if at < 0:
            return
        source = self._drafts[at]
        if name == "address":
            split = without_key(str(value).strip())
            value = split.address
            if split.key_name:
                source = replace(source, key_name=split.key_name)
            if split.key:
                self._keys[source.id] = split.key
        made = replace(source, **{name: value})
        self.errors.pop(name, None)
        if made != self._drafts[at]:
            self._drafts[at] = made
            self._own.add(made.id)
            self.trial = None
            self.changed.emit()

    def set_key(self, key: str) -> None:
        """Enter a key; an emptied field leaves the stored one as it is."""
        if not self.current:
            return
        if key.strip():
            self._keys[self.current] = key.strip()
        else:
            self._keys.pop(self.current, None)
        self.trial = None
        self.changed.emit()

    # --- trying and saving ----------------------------------------------------------------------------

    def try_current(self) -> None:
        """试连 the source as it stands in the form; `tried` tells what came of it."""
        source = self.source
        if source is None or self.trying or not self._check(source):
            return
        self.trying, self.trial, self._tried_as = True, None, self._as_it_stands()
        self._sources.try_source(source, self._keys.get(source.id), self._place, self._on_tried)
        self.changed.emit()

    @property
    def prefetch_reason(self) -> str:
        """Why 预下载 cannot be begun for the source, empty when it can (or runs and can be stopped)."""
        source = self.source
        if self._sources.prefetch.running:
            return ""
        if source is None or not source.is_tiles or source.is_local or self._area is None:
            return tr("只有网上的瓦片可以预下载。")
        if self._sources.source(source.id) != source or source.id in self._keys:
            return tr("请先保存，再预下载。")
        return ""

    @property
    def prefetch_text(self) -> str:
        """How far fetching ahead of the source is, in words; empty when there is nothing to say."""
        state = self._sources.prefetch.state
        if state is None or state.source != self.current:
            return ""
        done = tr("已看 {n} / {total} 张瓦片，下载 {mib} MB。").format(
            n=f"{state.looked_at:,}", total=f"{state.total:,}", mib=f"{state.fetched_bytes / 1048576:.1f}"
        )
        return done if state.running else state.sentence + done

    @property
    def prefetching(self) -> bool:
        """Whether an area is being fetched ahead."""
        return self._sources.prefetch.running

    def toggle_prefetch(self) -> None:
        """Begin 预下载 for the source and the area, or stop it."""
        source = self.source
        if self.prefetching:
            self._sources.prefetch.stop()
        elif source is not None and self._area is not None and not self.prefetch_reason:
            self._sources.prefetch.start(source, self._area)

    def save(self) -> bool:
        """Check all and store; False when a source is wrong, which is then chosen with its errors."""
        own = [source for source in reversed(self._drafts) if source.id in self._own]
        for source in own:
            if not self._check(source):
                return False
        self._sources.save(own, self._keys)
        return True

    def _check(self, source: MapSource) -> bool:
        """Check a source; its errors are shown at its fields."""
        try:
            source.checked()
        except SourceError as error:
            self.current, self.errors = source.id, dict(error.fields)
            self.changed.emit()
            return False
        return True

    def _on_tried(self, trial: Trial) -> None:
        """Show what came of a trial, unless another source or other settings stand in the form by now."""
        self.trying = False
        self.trial = trial if self._tried_as == self._as_it_stands() else None
        self.tried.emit(trial)
        self.changed.emit()

    def _as_it_stands(self) -> tuple[MapSource | None, str | None]:
        """Return what a trial is about: the source in the form, and the key entered for it."""
        return self.source, self._keys.get(self.current)

    def _on_state(self, _news: object) -> None:
        """The words about a source changed."""
        self.changed.emit()

    def _at(self) -> int:
        """Place of the source in the list, -1 for none."""
        return next((at for at, source in enumerate(self._drafts) if source.id == self.current), -1)
