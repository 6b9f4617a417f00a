"""One exchange: deadline, byte cap, no redirects, no proxies, one connection a thread."""

from __future__ import annotations

import gzip
import json
import threading
import time
import zlib

import pytest

from services.api import exchange
from services.api.transport import Reply, Transport, checked_base_url
from services.ports.errors import Unknown
from tests.support.scripted_server import ScriptedServer, at_once, http, scripted

GOOD = http(b'{"a":1}')


def ask(server: ScriptedServer, deadline_s: float = 2.0, cap: int = 10_000, read_s: float = 5.0) -> Reply:
    line = Transport(server.url)
    try:
        return line.exchange("GET", "/x", deadline_s=deadline_s, cap=cap, read_s=read_s)
    finally:
        line.close()


def refused(
    server: ScriptedServer, deadline_s: float = 2.0, cap: int = 10_000, read_s: float = 5.0
) -> Unknown:
    began = time.monotonic()
    with pytest.raises(Unknown) as error:
        ask(server, deadline_s, cap, read_s)
    assert time.monotonic() - began < deadline_s + 1.0
    return error.value


def test_a_whole_answer() -> None:
    with scripted(at_once(GOOD)) as server:
        reply = ask(server)
    assert (reply.status, reply.body, reply.headers["content-type"]) == (200, b'{"a":1}', "application/json")


def test_a_packed_answer_is_unpacked() -> None:
    body = json.dumps({"text": "网格" * 500}).encode()
    with scripted(at_once(http(gzip.compress(body), headers=["Content-Encoding: gzip"]))) as server:
        assert ask(server).body == body


def test_a_chunked_answer_is_joined() -> None:
    raw = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
    with scripted(at_once(raw)) as server:
        assert ask(server).body == b"abcde"


def test_an_answer_that_drips_ends_at_the_deadline() -> None:
    head, body = GOOD[:-7], b'{"a":1}'
    drip = ((0.0, head), *((0.2, body[i : i + 1]) for i in range(7)))
    with scripted(drip) as server:
        error = refused(server, deadline_s=0.7)
    assert (error.code, error.reached) == ("timeout", False)


def test_headers_that_drip_end_at_the_deadline() -> None:
    with scripted([(0.1, GOOD[i : i + 1]) for i in range(60)]) as server:
        assert refused(server, deadline_s=0.6).code == "timeout"


def test_slices_that_come_in_time_are_an_answer() -> None:
    with scripted([(0.002, GOOD[i : i + 3]) for i in range(0, len(GOOD), 3)]) as server:
        assert ask(server).body == b'{"a":1}'


def test_silence_ends_after_the_read_time() -> None:
    with scripted([(5.0, GOOD)]) as server:
        assert refused(server, deadline_s=3.0, read_s=0.3).code == "timeout"


def test_a_body_that_never_ends_is_cut_at_the_cap() -> None:
    raw = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n" + b"x" * 20_000
    with scripted(at_once(raw)) as server:
        error = refused(server)
    assert (error.code, error.reached) == ("too_big", True)


def test_a_bomb_is_cut_at_the_cap() -> None:
    pack = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = b"".join(pack.compress(b"\0" * 1_000_000) for _ in range(100)) + pack.flush()
    assert len(bomb) < 200_000
    with scripted(at_once(http(bomb, headers=["Content-Encoding: gzip"]))) as server:
        assert refused(server, cap=1_000_000).code == "too_big"


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (http(b'{"a":1', length=100), "cut_short"),
        (http(gzip.compress(b'{"a":1}')[:-9], headers=["Content-Encoding: gzip"]), "cut_short"),
        (http(b"not gzip at all", headers=["Content-Encoding: gzip"]), "no_line"),
        (http(b"x", headers=["Content-Encoding: br"]), "bad_coding"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "no_line"),
    ],
)
def test_half_and_odd_answers(raw: bytes, code: str) -> None:
    with scripted(at_once(raw), None) as server:
        error = refused(server, deadline_s=1.0, read_s=0.4)
    assert error.code in (code, "timeout", "no_line")


def test_nobody_there() -> None:
    with scripted(None) as server:
        url = server.url
        assert refused(server).code == "no_line"
    line = Transport(url)
    with pytest.raises(Unknown) as error:
        line.exchange("GET", "/x")
    assert (error.value.code, error.value.reached) == ("no_line", False)


def test_nothing_is_ever_sent_twice() -> None:
    with scripted(None) as server:
        line = Transport(server.url)
        for method in ("GET", "PUT", "POST", "DELETE"):
            with pytest.raises(Unknown):
                line.exchange(method, "/x", body=b"{}")
        line.close()
        assert [request.split(b" ")[0] for request in server.requests] == [b"GET", b"PUT", b"POST", b"DELETE"]


def test_a_redirect_is_not_followed() -> None:
    away = http(b"", "302 Found", headers=["Location: http://127.0.0.1:1/steal"])
    with scripted(at_once(away)) as server:
        assert ask(server).status == 302
        assert len(server.requests) == 1


def test_the_environment_sets_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nonexistent")
    with scripted(at_once(GOOD)) as server:
        assert ask(server).status == 200


def test_a_thread_keeps_its_line_and_shares_it_with_nobody() -> None:
    with scripted(at_once(GOOD)) as server:
        line = Transport(server.url)
        line.exchange("GET", "/x")
        line.exchange("GET", "/x")
        assert server.connections == 1
        other = threading.Thread(target=lambda: line.exchange("GET", "/x"))
        other.start()
        other.join()
        assert server.connections == 2
        line.close()


def test_closing_ends_calls_under_way() -> None:
    with scripted([(20.0, GOOD)]) as server:
        line = Transport(server.url)
        ended = threading.Event()

        def call() -> None:
            with pytest.raises(Unknown):
                line.exchange("GET", "/x", deadline_s=20, read_s=20)
            ended.set()

        caller = threading.Thread(target=call)
        caller.start()
        deadline = time.monotonic() + 5
        while not server.requests and time.monotonic() < deadline:
            threading.Event().wait(0.01)
        line.close()
        assert ended.wait(2)
        caller.join()


def test_a_watchdog_that_is_late_harms_nothing() -> None:
    call = exchange.Call()
    call.finish()
    call.expire()
    assert not call.expired
    early = exchange.Call()
    early.expire()
    assert early.expired, "there was no line to shut yet"


@pytest.mark.parametrize(
    "url",
    [
        "https://centre.example",
        "https://10.0.0.7:8443/",
        "http://127.0.0.1:8000",
        "http://localhost",
        "http://[::1]:1",
    ],
)
def test_addresses_that_are_fine(url: str) -> None:
    assert checked_base_url(f" {url} ") == url.rstrip("/")


@pytest.mark.parametrize(
    "url",
    [
        "http://centre.example",
        "http://10.0.0.7",
        "ftp://127.0.0.1",
        "centre",
        "",
        "https://u:p@h",
        "https://h?x=1",
    ],
)
def test_addresses_that_are_refused(url: str) -> None:
    with pytest.raises(ValueError, match="中心地址"):
        checked_base_url(url)
