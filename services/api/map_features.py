"""Walks through a feature service page by page: WFS, ArcGIS REST, SuperMap iServer; or reads a file.

Read-only, bounded in requests, bytes, features and seconds; a service that pages wrongly ends the walk.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from urllib.parse import quote, urlsplit, urlunsplit

from services.basemaps.errors import AnswerError, ServiceError
from services.basemaps.feature_files import read_feature_file
from services.basemaps.feature_pages import Page, read_json, read_page, supermap_crs
from services.basemaps.features import FeatureLimits, FeatureSet, Gatherer
from services.basemaps.sources import Kind, MapSource
from services.basemaps.urls import with_params
from services.basemaps.wfs import feature_url, parse_wfs_capabilities, wfs_capabilities_url
from services.ports.map_services import Bounds, MapFetcher, Progress, Secret

PAGE_BOUNDS = Bounds(40.0, 48 * 1024 * 1024)
PAGE_FEATURES = 2_000
_MOST_CHILDREN = 500


class FeatureWalker:
    """The `FeatureGiver`: gives the features of any source. Safe from several threads."""

    def __init__(
        self,
        fetcher: MapFetcher,
        limits: FeatureLimits | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Keep who asks; nothing is sent."""
        self._fetcher = fetcher
        self._limits = limits or FeatureLimits()
        self._clock = clock

    def __call__(self, source: MapSource, secret: Secret, progress: Progress | None = None) -> FeatureSet:
        """Return the features of a source. Raises ServiceError or AnswerError with a sentence."""
        if source.kind is Kind.FILE:
            return read_feature_file(source, self._limits)
        return _Walk(source, secret, self._fetcher, self._limits, self._clock).run(progress)


class _Walk:
    """One walk."""

    def __init__(
        self,
        source: MapSource,
        secret: Secret,
        fetcher: MapFetcher,
        limits: FeatureLimits,
        clock: Callable[[], float],
    ) -> None:
        """Hold what every request needs."""
        self.source, self._secret, self._fetcher = source, secret, fetcher
        self._limits, self._clock = limits, clock

    def run(self, progress: Progress | None) -> FeatureSet:
        """Walk through the pages."""
        ends = self._clock() + self._limits.most_s
        gatherer = Gatherer(self.source, self._limits)
        walks = {Kind.WFS: self._wfs, Kind.ARCGIS: self._arcgis, Kind.SUPERMAP: self._supermap}
        seen: set[bytes] = set()
        for number, page in enumerate(walks[self.source.kind](gatherer), 1):
            mark = page.print if len(page.rows) > 1 else b""
            if mark and mark in seen:
                gatherer.note("服务不支持分页，只显示了第一批要素。")
                break
            seen.add(mark)
            gatherer.take(page.rows, page.crs)
            if progress is not None:
                progress(gatherer.count, page.matched)
            if gatherer.full:
                break
            if number >= self._limits.most_pages or self._clock() > ends:
                gatherer.note(f"取数时间过长，只显示前 {gatherer.count:,} 个要素。")
                break
        return gatherer.done()

    def _get(self, url: str) -> bytes:
        """Ask for one document."""
        fetched = self._fetcher.fetch(url, self._secret, PAGE_BOUNDS)
        if fetched.data is None:
            raise ServiceError("地图服务没有这个地址，请检查地址和图层。", code="absent", passing=False)
        return fetched.data

    def _wfs(self, _gatherer: Gatherer) -> Iterator[Page]:
        """Walk through a feature type."""
        service = parse_wfs_capabilities(self._get(wfs_capabilities_url(self.source)))
        entry = service.named(self.source)
        start = 0
        while True:
            page = read_page(self._get(feature_url(self.source, service, entry, start, PAGE_FEATURES)))
            yield page
            start += len(page.rows)
            known_end = page.matched is not None and start >= page.matched
            short = page.matched is None and len(page.rows) < PAGE_FEATURES
            if not page.rows or known_end or short:
                return

    def _arcgis(self, _gatherer: Gatherer) -> Iterator[Page]:
        """Walk through a layer."""
        base = self.source.address.split("?")[0].rstrip("/")
        if self.source.layer and not base.endswith(f"/{self.source.layer}"):
            base = f"{base}/{quote(self.source.layer)}"
        about = read_json(self._get(with_params(base, {"f": "json"})))
        if "layers" in about and "geometryType" not in about:
            known = "、".join(f"{e.get('id')} {e.get('name')}" for e in list(about["layers"])[:12])
            raise AnswerError(f"请在图层一栏填写图层编号，现有：{known or '无'}。")
        geojson = "geojson" in str(about.get("supportedQueryFormats", "")).lower()
        most = about.get("maxRecordCount")
        count = min(most, PAGE_FEATURES) if isinstance(most, int) and most > 0 else 1_000
        name = self.source.name_field or str(about.get("displayField") or "")
        start = 0
        while True:
            wanted = {
                "where": "1=1",
                "outFields": name or "*",
                "returnGeometry": "true",
                "outSR": "4326",
                "resultOffset": str(start),
                "resultRecordCount": str(count),
                "f": "geojson" if geojson else "json",
            }
            page = read_page(self._get(with_params(f"{base}/query", wanted)))
            yield page
            start += len(page.rows)
            if not page.rows or not (page.more or len(page.rows) >= count):
                return

    def _supermap(self, gatherer: Gatherer) -> Iterator[Page]:
        """Walk through a dataset: as GeoJSON where iServer offers it, else in its own JSON."""
        store, _, dataset = self.source.layer.partition(":")
        base = self.source.address.split("?")[0].rstrip("/")
        stem = f"{base}/datasources/{quote(store)}/datasets/{quote(dataset)}"
        start, form = 0, "geojson"
        about = read_json(self._get(f"{stem}.json"))
        info = about.get("datasetInfo")
        crs = supermap_crs(info.get("prjCoordSys")) if isinstance(info, dict) else None
        total = info.get("recordCount") if isinstance(info, dict) else None
        while True:
            span = {"fromIndex": str(start), "toIndex": str(start + PAGE_FEATURES - 1)}
            try:
                page = read_page(self._get(with_params(f"{stem}/features.{form}", span)))
            except (AnswerError, ServiceError) as error:
                if form == "geojson" and start == 0 and error.code in ("bad_answer", "absent", "refused"):
                    form = "json"
                    continue
                raise
            if page.children:
                yield from self._children(page, gatherer, crs)
                return
            matched = page.matched if page.matched is not None else total
            yield Page(page.rows, page.crs or crs, matched, page.more)
            start += len(page.rows)
            known_end = isinstance(matched, int) and start >= matched
            if not page.rows or known_end or (matched is None and len(page.rows) < PAGE_FEATURES):
                return

    def _children(self, page: Page, gatherer: Gatherer, crs: str | None) -> Iterator[Page]:
        """Fetch features one by one, as an old iServer wants it; only so many."""
        own = urlsplit(self.source.address)
        for uri in page.children[:_MOST_CHILDREN]:
            there = urlsplit(uri)
            path = there.path if there.path.endswith(".json") else f"{there.path}.json"
            made = read_page(self._get(urlunsplit((own.scheme, own.netloc, path, "", ""))))
            yield Page(made.rows, made.crs or crs, page.matched)
        if (page.matched or 0) > _MOST_CHILDREN or len(page.children) > _MOST_CHILDREN:
            gatherer.note(f"服务只能逐个取要素，只显示前 {_MOST_CHILDREN} 个。")
