"""The line to map services: every way a server can misbehave ends in time, in a sentence, and without the key."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator

import pytest

from services.api.map_services import HttpMapFetcher, freshness
from services.basemaps.errors import ServiceError
from services.ports.map_services import Bounds, Fetched, Known, Secret
from tests.support.map_server import Answer, MapServer, map_server
from tests.support.scripted_server import at_once, http, scripted

KEY = Secret("tk", "very-secret-key")
SMALL = Bounds(1.0, 10_000)


@pytest.fixture
def server() -> Iterator[MapServer]:
    with map_server(lambda asked: Answer(b"tile")) as made:
        yield made


@pytest.fixture
def fetcher() -> Iterator[HttpMapFetcher]:
    made = HttpMapFetcher()
    yield made
    made.close()


def refused(fetcher: HttpMapFetcher, url: str, bounds: Bounds = SMALL) -> ServiceError:
    began = time.monotonic()
    with pytest.raises(ServiceError) as error:
        fetcher.fetch(url, KEY, bounds)
    assert time.monotonic() - began < bounds.deadline_s + 1.0
    told = f"{error.value!r} {error.value} {error.value.__cause__!r} {error.value.title}"
    assert "very-secret-key" not in told
    assert "127.0.0.1" not in told
    assert error.value.title.endswith("。")
    return error.value


def test_a_good_answer_with_its_validators(fetcher: HttpMapFetcher, server: MapServer) -> None:
    modified = "Wed, 01 Jul 2026 10:00:00 GMT"
    server.rule = lambda asked: Answer(
        b"tile",
        kind="image/PNG; charset=x",
        headers=[("ETag", '"a"'), ("Last-Modified", modified), ("Cache-Control", "public, max-age=60")],
    )
    got = fetcher.fetch(server.url + "/t?x=1", KEY, SMALL)
    assert got == Fetched(b"tile", False, "image/png", '"a"', modified, 60.0, True)
    assert server.asked[0].query == {"x": "1", "tk": "very-secret-key"}


def test_an_unchanged_tile_is_not_sent_again(fetcher: HttpMapFetcher, server: MapServer) -> None:
    server.rule = lambda asked: Answer(status=304 if "if-none-match" in asked.headers else 200)
    got = fetcher.fetch(server.url, Secret(), SMALL, Known('"a"', "Wed, 01 Jul 2026 10:00:00 GMT"))
    assert (got.data, got.absent) == (None, False)
    assert server.asked[0].headers["if-modified-since"].startswith("Wed")


@pytest.mark.parametrize("status", [204, 404, 410])
def test_nothing_there_is_an_answer(fetcher: HttpMapFetcher, server: MapServer, status: int) -> None:
    server.rule = lambda asked: Answer(status=status)
    assert fetcher.fetch(server.url, KEY, SMALL).absent


@pytest.mark.parametrize(
    ("status", "code", "passing"),
    [
        (401, "denied", False),
        (403, "denied", False),
        (418, "denied", False),
        (429, "busy", True),
        (503, "busy", True),
        (500, "server_error", True),
        (502, "server_error", True),
        (400, "refused", False),
        (304, "refused", False),
        (206, "refused", False),
    ],
)
def test_refusals(fetcher: HttpMapFetcher, server: MapServer, status: int, code: str, passing: bool) -> None:
    server.rule = lambda asked: Answer(b"", status)
    error = refused(fetcher, server.url)
    assert (error.code, error.passing) == (code, passing)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("17", 17.0), ("soon", None), ("", None), ("9" * 40, None), ("Mon, 01 Jan 2001 00:00:00 GMT", 0.0)],
)
def test_how_long_to_wait(
    fetcher: HttpMapFetcher, server: MapServer, value: str, seconds: float | None
) -> None:
    server.rule = lambda asked: Answer(status=429, headers=[("Retry-After", value)])
    assert refused(fetcher, server.url).retry_after_s == seconds


def test_a_server_that_hangs(fetcher: HttpMapFetcher, server: MapServer) -> None:
    server.rule = lambda asked: Answer(hang=True)
    assert refused(fetcher, server.url).code == "timeout"


def test_a_server_that_drips(fetcher: HttpMapFetcher, server: MapServer) -> None:
    server.rule = lambda asked: Answer(b"x" * 500, drip=0.05)
    assert refused(fetcher, server.url).code == "timeout"


def test_a_server_that_tells_more_than_it_sends(fetcher: HttpMapFetcher, server: MapServer) -> None:
    server.rule = lambda asked: Answer(b"half", length=4000)
    assert refused(fetcher, server.url).code == "cut_short"


def test_a_server_that_sends_too_much(fetcher: HttpMapFetcher, server: MapServer) -> None:
    server.rule = lambda asked: Answer(b"x" * 20_000)
    assert refused(fetcher, server.url).code == "too_big"


def test_a_server_that_speaks_no_http(fetcher: HttpMapFetcher) -> None:
    with scripted(at_once(b"SSH-2.0-OpenSSH_9\r\n")) as strange:
        assert refused(fetcher, strange.url).code == "no_line"


def test_a_packed_bomb(fetcher: HttpMapFetcher) -> None:
    import gzip

    packed = gzip.compress(b"\0" * 5_000_000)
    with scripted(at_once(http(packed, headers=["Content-Encoding: gzip"]))) as strange:
        assert refused(fetcher, strange.url).code == "too_big"


def test_nobody_there(fetcher: HttpMapFetcher) -> None:
    assert refused(fetcher, "http://127.0.0.1:9/x").code == "no_line"
    assert refused(fetcher, "http://no-such-host.invalid/x", Bounds(5.0, 100)).code == "no_line"


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://127.0.0.1/x", "http://", "data:,x"])
def test_other_schemes_are_never_followed(fetcher: HttpMapFetcher, url: str) -> None:
    refused(fetcher, url)


@pytest.mark.parametrize(
    "target",
    [
        "http://elsewhere.invalid/tile",
        "file:///etc/passwd",
        "//elsewhere.invalid/x",
        "ftp://127.0.0.1/x",
        "http://127.0.0.1:1/x",
        "",
        "http://[broken/",
    ],
)
def test_a_redirect_to_another_place_is_not_followed(
    fetcher: HttpMapFetcher, server: MapServer, target: str
) -> None:
    server.rule = lambda asked: Answer(status=302, headers=[("Location", target)] if target else [])
    # the library itself stumbles over an address that is none
    wanted = "bad_address" if "[" in target else "redirected"
    assert refused(fetcher, server.url).code == wanted
    assert len(server.asked) == 1


def test_a_redirect_on_the_same_host_is_followed_but_not_for_ever(
    fetcher: HttpMapFetcher, server: MapServer
) -> None:
    server.rule = lambda asked: (
        Answer(status=301, headers=[("Location", "/there?a=1")]) if asked.path == "/here" else Answer(b"tile")
    )
    assert fetcher.fetch(server.url + "/here", KEY, SMALL).data == b"tile"
    server.rule = lambda asked: Answer(status=302, headers=[("Location", asked.url)])
    assert refused(fetcher, server.url).code == "redirected"


def test_the_environment_sets_no_proxy(
    fetcher: HttpMapFetcher, server: MapServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert fetcher.fetch(server.url, Secret(), SMALL).data == b"tile"


def test_closing_ends_what_is_under_way_and_nothing_begins_after(server: MapServer) -> None:
    server.rule = lambda asked: Answer(hang=True)
    fetcher = HttpMapFetcher()
    caught: list[ServiceError] = []

    def ask() -> None:
        try:
            fetcher.fetch(server.url, KEY, Bounds(30.0, 100))
        except ServiceError as error:
            caught.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    deadline = time.monotonic() + 5
    while not server.asked and time.monotonic() < deadline:
        threading.Event().wait(0.01)
    fetcher.close()
    thread.join(3)
    assert caught
    with pytest.raises(ServiceError):
        fetcher.fetch(server.url, KEY, SMALL)


def test_the_key_is_in_no_log(
    fetcher: HttpMapFetcher, server: MapServer, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        fetcher.fetch(server.url + "/a", KEY, SMALL)
        server.rule = lambda asked: Answer(b"x", 500)
        refused(fetcher, server.url + "/b")
        refused(fetcher, "http://127.0.0.1:9/x")
    assert "very-secret-key" not in caplog.text
    assert "very-secret-key" not in repr(KEY)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, (None, True)),
        ({"cache-control": "max-age=100"}, (100.0, True)),
        ({"cache-control": "max-age=100", "age": "30"}, (70.0, True)),
        ({"cache-control": "max-age=100", "age": "300"}, (0.0, True)),
        ({"cache-control": "no-store"}, (0.0, False)),
        ({"cache-control": "private, no-cache"}, (0.0, True)),
        ({"cache-control": "max-age=x"}, (None, True)),
        ({"cache-control": f"max-age={10**11}"}, (365 * 86400.0, True)),
        ({"cache-control": f"max-age={'9' * 400}"}, (None, True)),
        ({"expires": "Wed, 01 Jul 2026 10:01:00 GMT", "date": "Wed, 01 Jul 2026 10:00:00 GMT"}, (60.0, True)),
        ({"expires": "0"}, (0.0, True)),
        ({"expires": "Wed, 01 Jul 1999 10:01:00 GMT"}, (0.0, True)),
    ],
)
def test_how_long_an_answer_is_fresh(headers: dict[str, str], expected: tuple[float | None, bool]) -> None:
    assert freshness(headers) == expected
