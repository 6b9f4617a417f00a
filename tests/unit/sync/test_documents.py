"""Reference data and polygons are fetched when their tag changed, and only then."""

from __future__ import annotations

from typing import Any

import pytest

from services.ports.centre import Tagged
from services.ports.errors import Unknown
from services.sync import documents as documents_module
from services.sync.documents import Documents, areas_name
from services.usecases.field import stored_components
from tests.unit.sync.ground import Ground

LEVELS = ("city", "district", "street", "community", "grid")


def test_everything_is_fetched_once(g: Ground) -> None:
    g.gateway.documents = {
        "reference": Tagged("r2", {"version": "r2"}),
        **{areas_name(level): Tagged(f"{level}-1", {"features": []}) for level in LEVELS},
    }
    documents = Documents(g.core.cache, g.gateway)
    assert documents.all() == {"reference", "areas"}
    assert g.core.cache.document("reference") == Tagged("r2", {"version": "r2"})
    assert g.core.cache.document("areas/grid").etag == "grid-1"
    assert documents.all() == frozenset()


def test_one_level_alone_is_news(g: Ground) -> None:
    documents = Documents(g.core.cache, g.gateway)
    documents.all()
    g.gateway.documents["areas/street"] = Tagged("s2", {"features": [1]})
    assert documents.all() == {"areas"}
    g.gateway.documents["reference"] = Tagged("r9", {"version": "r9"})
    assert documents.all() == {"reference"}


def test_a_failure_keeps_what_is_there(g: Ground) -> None:
    before = g.core.cache.document("reference")
    g.gateway.faults = [Unknown("断了")]
    with pytest.raises(Unknown):
        Documents(g.core.cache, g.gateway).all()
    assert g.core.cache.document("reference") == before


def test_layers_of_the_map_are_fetched_with_the_rest(g: Ground) -> None:
    g.gateway.documents["components"] = Tagged("c1", {"components": []})
    g.gateway.documents["grids/activity"] = Tagged("a1", {"grids": []})
    documents = Documents(g.core.cache, g.gateway)
    assert {"components", "grids/activity"} <= documents.all()
    assert g.core.cache.document("components") == Tagged("c1", {"side": "a", "parts": 0, "version": None})
    assert g.core.cache.document("cameras") == Tagged(None, None)  # a centre without the route has none
    g.gateway.documents["cameras"] = Tagged("k1", {"cameras": []})
    assert documents.all() == {"cameras"}
    assert documents.all() == frozenset()


def test_news_before_a_failure_is_told_all_the_same(g: Ground) -> None:
    g.gateway.documents["reference"] = Tagged("r7", {"version": "r7"})
    documents = Documents(g.core.cache, g.gateway)

    def fail(etag: str | None = None) -> Tagged:
        raise Unknown("断了")

    g.gateway.components = fail  # type: ignore[method-assign]  # one route of the centre is broken
    with pytest.raises(Unknown):
        documents.all()
    assert "reference" in documents.news()
    assert documents.news() == frozenset()


def components(count: int, version: int) -> Tagged:
    rows = [
        {"code": f"{n:016d}", "category": "component-0137", "name": f"{version}", "lon": 113.0, "lat": 23.0}
        for n in range(count)
    ]
    return Tagged(f"c{version}", {"components": rows, "version": version})


def test_many_components_are_stored_in_parts_that_are_swapped_as_a_whole(
    g: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents_module, "A_PART", 100)
    documents = Documents(g.core.cache, g.gateway)
    for version, count in ((1, 250), (2, 30), (3, 201), (4, 0)):
        g.gateway.documents["components"] = components(count, version)
        assert documents.layer("components") is True
        found = stored_components(g.core.cache)
        assert len(found) == count and {one.name for one in found} <= {str(version)}
        assert g.core.cache.document("components").etag == f"c{version}"
        assert documents.layer("components") is False


def test_a_crash_between_two_parts_leaves_the_old_state(g: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents_module, "A_PART", 100)
    documents = Documents(g.core.cache, g.gateway)
    g.gateway.documents["components"] = components(250, 1)
    documents.layer("components")
    g.gateway.documents["components"] = components(250, 2)
    whole, left = g.core.cache.put_document, [2]

    def power_cut(name: str, etag: str | None, doc: Any) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise KeyboardInterrupt
        whole(name, etag, doc)

    monkeypatch.setattr(g.core.cache, "put_document", power_cut)
    with pytest.raises(KeyboardInterrupt):
        documents.layer("components")
    monkeypatch.undo()
    assert [one.name for one in stored_components(g.core.cache)] == ["1"] * 250
    documents.layer("components")
    assert [one.name for one in stored_components(g.core.cache)] == ["2"] * 250
