"""F20: what answers is not the centre, or not whole. Nothing breaks, nothing is taken for an answer, all is kept."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from services.api.transport import Transport
from services.ports.errors import GatewayError, MustRefetch, Unknown
from services.ports.picture import NO_ANSWER, OFFLINE, ONLINE, CaseQuery
from services.sync.digest import DigestCheck
from services.usecases.desk import attachment
from tests.integration.faults.ground import Hall, act, engine_of, say
from tests.support.console_core import ConsoleCore
from tests.support.scripted_server import ScriptedServer, at_once, http, scripted

PORTAL = "<html><body>请先登录无线网络</body></html>".encode()
BOMB = gzip.compress(bytes(80 * 1024 * 1024), 1)
HALF = b'{"outcomes": [{"command_id": "x", "outco'

#: name, bytes on the line, the code it must be told as
BAD: list[tuple[str, bytes, str]] = [
    ("a portal's page", http(PORTAL, kind="text/html"), "not_the_centre"),
    ("a portal's page that says JSON", http(PORTAL), "bad_answer"),
    ("JSON cut short, length and all", http(HALF), "bad_answer"),
    ("a line cut inside the body", http(HALF, length=5000, headers=("Connection: close",)), "cut_short"),
    ("nothing at all, as 204", b"HTTP/1.1 204 No Content\r\n\r\n", "not_the_centre"),
    ("an empty body as 200", http(b""), "bad_answer"),
    ("a conflict without a body", http(b"", "409 Conflict"), "not_the_centre"),
    ("a conflict in HTML", http(PORTAL, "409 Conflict", "text/html"), "not_the_centre"),
    ("a gzip bomb", http(BOMB, headers=("Content-Encoding: gzip",)), "too_big"),
    ("half a gzip", http(gzip.compress(b"{}" * 999)[:20], headers=("Content-Encoding: gzip",)), "cut_short"),
    ("another type of content", http(b'{"outcomes": []}', kind="text/plain"), "not_the_centre"),
    ("a list", http(b"[]"), "bad_answer"),
    ("null", http(b"null"), "bad_answer"),
    ("an object of somebody else", http(b'{"ok": true}'), "bad_answer"),
    ("numbers that are none", http(b'{"epoch": "e", "next": NaN, "outcomes": [NaN]}'), "bad_answer"),
    ("a sign-in page as 401", http(PORTAL, "401 Unauthorized", "text/html"), "not_the_centre"),
    ("a wall as 403", http(PORTAL, "403 Forbidden", "text/html"), "not_the_centre"),
    ("a proxy's 403 in JSON", http(b'{"code": "blocked", "title": "no"}', "403 Forbidden"), "not_the_centre"),
    ("a proxy's 413 in JSON", http(b'{"message": "too big"}', "413 Content Too Large"), "not_the_centre"),
    ("a gateway's 502", http(PORTAL, "502 Bad Gateway", "text/html"), "http_502"),
    ("another protocol", b"SSH-2.0-OpenSSH_9.2\r\n", "no_line"),
    ("a closed door", b"", "no_line"),
]


@contextmanager
def answered_by(core: ConsoleCore, raw: bytes) -> Iterator[ScriptedServer]:
    """Let every question of a console be answered with these bytes, over a real line."""
    good = core.gateway._transport
    ends = ((0.0, b""),) if b"Connection: close" in raw else ()
    with scripted(((0.0, raw), *ends) if raw else None) as server:
        bad = Transport(server.url)
        core.gateway._transport = bad
        try:
            yield server
        finally:
            core.gateway._transport = good
            bad.close()


def kept(core: ConsoleCore) -> tuple[Any, ...]:
    """What no answer of that kind may change."""
    return (
        [(row.command_id, row.status, row.uploads) for row in core.outbox.history(1000)],
        core.cache.position(),
        sorted((row.case_id, row.version, row.state) for row in core.cache.rows(CaseQuery())),
        sorted(path.name for path in (core.folder / "attachments").iterdir()),
    )


def questions(core: ConsoleCore) -> list[tuple[str, Callable[[], Any]]]:
    """Everything the console asks by itself."""
    return [
        ("the sender", core.push),
        ("the feed", core.pull),
        ("the digest", lambda: DigestCheck(core.cache, core.gateway).check(core.cache.position().cursor)),
        ("one case", lambda: core.gateway.case_detail("01930000-0000-7000-8000-000000000001")),
        ("reference data", lambda: core.gateway.reference("e")),
        ("presence", core.gateway.presence),
    ]


def test_no_bad_answer_is_taken_for_one(hall: Hall) -> None:
    cases = hall.cases(3)
    core = hall.sit_down()
    photo = attachment(b"\xff\xd8picture", "1.jpg", "image/jpeg")
    projected = core.overlay.project(cases[2]["case_id"])
    assert projected is not None
    clicks = [act(core, "accept", cases[0]["case_id"]), say(core, cases[1]["case_id"], "好")]
    clicks.append(core.desk.attach(projected, photo))
    before = kept(core)
    wrong: list[str] = []
    for name, raw, code in BAD:
        with answered_by(core, raw) as server:
            core.sender.line_is_back()
            for who, ask in questions(core):
                try:
                    found = ask()
                except GatewayError as error:
                    found = error
                failure = getattr(found, "failure", found)
                if not isinstance(failure, Unknown) or failure.code != code or not failure.title:
                    wrong.append(f"{who}, {name}: {failure!r} {getattr(failure, 'code', '')}")
            asked = len(server.requests)
            assert asked >= len(questions(core)), name
        assert kept(core) == before, name
    assert not wrong, "\n".join(wrong)
    assert hall.settled(clicks) == {"applied": 3}


def test_a_redirect_is_never_followed(hall: Hall) -> None:
    """A command that went to another place, or in the clear, would be out of our hands."""
    [case] = hall.cases(1)
    core = hall.sit_down()
    clicks = [act(core, "accept", case["case_id"])]
    before = kept(core)
    with scripted(at_once(http(b"{}"))) as elsewhere:
        for status in (
            "301 Moved Permanently",
            "302 Found",
            "307 Temporary Redirect",
            "308 Permanent Redirect",
        ):
            with answered_by(
                core, http(b"", status, headers=(f"Location: {elsewhere.url}/v1/commands",))
            ) as server:
                core.sender.line_is_back()
                report = core.push()
                assert isinstance(report.failure, Unknown) and report.failure.code == "not_the_centre"
                with pytest.raises(Unknown):
                    core.pull()
                assert len(server.requests) == 2
        assert elsewhere.connections == 0
    assert kept(core) == before
    assert hall.settled(clicks) == {"applied": 1}


def test_an_answer_to_another_question_is_none(hall: Hall) -> None:
    """Outcomes of other commands, too few, in another order, with a word nobody knows: no command is decided."""
    cases = hall.cases(2)
    core = hall.sit_down()
    clicks = [act(core, "accept", case["case_id"]) for case in cases]
    before = kept(core)

    def outcome(n: int, **changes: Any) -> dict[str, Any]:
        good = {"command_id": clicks[n].command_id, "case_id": clicks[n].case_id, "outcome": "applied", "version": 9,
                "xver": 9, "decided_at": "2026-11-23T01:00:00Z"}  # fmt: skip
        return {**good, **changes}

    batches: list[list[Any]] = [
        [],
        [outcome(0)],
        [outcome(1), outcome(0)],
        [outcome(0), outcome(0)],
        [outcome(0), outcome(1), outcome(1)],
        [outcome(0), outcome(1, command_id="01930000-0000-7000-8000-000000000001")],
        [outcome(0), outcome(1, outcome="perhaps")],
        [outcome(0), outcome(1, version="nine")],
        [outcome(0), None],
    ]
    for batch in batches:
        with answered_by(core, http(json.dumps({"outcomes": batch}).encode())):
            core.sender.line_is_back()
            report = core.push()
            assert isinstance(report.failure, Unknown), batch
            assert report.changed == () and kept(core) == before, batch
    assert hall.settled(clicks) == {"applied": 2}


def test_a_feed_of_another_history_costs_the_copy_at_most(hall: Hall) -> None:
    """A wrong epoch, a cursor that goes back, a change nobody can read: no row is touched by them."""
    [case] = hall.cases(1)
    core = hall.sit_down()
    clicks = [act(core, "accept", case["case_id"])]
    before, place = kept(core), core.cache.position()

    def page(**changes: Any) -> bytes:
        good = {"epoch": place.epoch, "changes": [], "next": place.cursor, "head": place.cursor + 9,
                "server_time": "2026-11-23T01:00:00Z"}  # fmt: skip
        return http(json.dumps({**good, **changes}).encode())

    for raw in (page(next=place.cursor - 1), page(changes=[{"seq": 1}]), page(next="7"), page(changes={})):
        with answered_by(core, raw), pytest.raises(Unknown):
            core.pull()
        assert kept(core) == before
    with answered_by(core, page(epoch="01930000-0000-7000-8000-00000000eeee", next=1)):
        assert core.pull().refetch
    assert core.feed.copying and kept(core) == before, "the copy is shown until another one is whole"
    with answered_by(core, http(PORTAL, kind="text/html")), pytest.raises(Unknown):
        core.pull()
    assert kept(core) == before
    assert hall.settled(clicks) == {"applied": 1}


@pytest.mark.parametrize(("raw", "state"), [(BAD[0][1], NO_ANSWER), (BAD[-1][1], OFFLINE)])
def test_the_lamp_tells_a_silent_line_from_a_strange_answer(hall: Hall, raw: bytes, state: str) -> None:
    core = hall.sit_down()
    engine = engine_of(core)
    engine._feed_round()
    assert engine.connection.state == ONLINE
    with answered_by(core, raw):
        assert engine._workers["feed"]._safely() is not None, "it asks again by itself"
        assert engine.connection.state == state and engine.connection.sentence
    engine._feed_round()
    assert engine.connection.state == ONLINE


def test_must_refetch_is_no_never_valid() -> None:
    """The three 409 of the contract stay apart from a 409 that nobody explains."""
    from services.api.exchange import Reply
    from services.api.refusals import failure

    told = Reply(409, {"content-type": "application/problem+json"}, b'{"code": "must_refetch", "title": "x"}')
    assert isinstance(failure(told), MustRefetch)
    assert isinstance(failure(Reply(409, {}, b"")), Unknown)
