"""Routes of commands: one, and a batch (contract sections 3 and 4)."""

from __future__ import annotations

from functools import partial
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from services.backend.access.sessions import Caller
from services.backend.centre import Centre
from services.backend.commands.deciding import decide_batch
from services.backend.commands.outcomes import Outcome, render
from services.backend.commands.parsing import Parsed, check_key, named_id, parse_command
from services.backend.db.packing import compact
from services.backend.http.bodies import BATCH_BYTES, COMMAND_BYTES, read_body, too_large
from services.backend.http.calls import bytes_answer, centre_of, signed_in, trace_of
from services.backend.http.metrics import Metrics
from services.backend.problems import Problem, invalid
from services.backend.strict_json import read_json

router = APIRouter()
BATCH = 200


@router.post("/commands")
async def give_command(request: Request) -> Response:
    """Decide one command; the same `command_id` again gives the same answer, byte for byte."""
    body = await read_body(request, COMMAND_BYTES)
    work = partial(
        _command, body=body, key=request.headers.get("idempotency-key"), metrics=request.app.state.metrics
    )
    answer = await signed_in(request, work)
    centre_of(request).ticker.nudge()
    return bytes_answer(answer)


def _command(centre: Centre, caller: Caller, *, body: bytes, key: str | None, metrics: Metrics) -> bytes:
    parsed = parse_command(read_json(body))
    check_key(key, parsed.command.command_id)
    found = decide_batch(centre.desk(), caller.actor, [parsed], centre.now())[0]
    if isinstance(found, Problem):
        raise found
    return answer_bytes(centre, found, metrics)


def answer_bytes(centre: Centre, outcome: Outcome, metrics: Metrics) -> bytes:
    """Return the answer of a decided command; the case after it is kept at hand for the feed."""
    metrics.outcome(str(outcome.row["outcome"]))
    case = outcome.case
    if case is not None and outcome.row["outcome"] == "applied":
        centre.cases.put((case.case_id, case.version), case)
    return render(outcome, centre.references.at(int(outcome.row["rules"])).rules.calendar)


@router.post("/commands/batch")
async def give_batch(request: Request) -> Response:
    """Decide up to 200 commands in order, each on its own."""
    body = await read_body(request, BATCH_BYTES)
    work = partial(_batch, body=body, trace=trace_of(request), metrics=request.app.state.metrics)
    answer = await signed_in(request, work)
    centre_of(request).ticker.nudge()
    return bytes_answer(answer)


def _batch(centre: Centre, caller: Caller, *, body: bytes, trace: str, metrics: Metrics) -> bytes:
    raw = _entries(read_json(body))
    if len(body) > COMMAND_BYTES and any(_is_oversize(entry) for entry in raw):
        raise too_large(COMMAND_BYTES)
    read: list[Parsed | Problem] = [_parse(entry) for entry in raw]
    decidable = [entry for entry in read if not isinstance(entry, Problem)]
    decided = iter(decide_batch(centre.desk(), caller.actor, decidable, centre.now()) if decidable else ())
    parts = []
    for entry, parsed in zip(raw, read, strict=True):
        found = parsed if isinstance(parsed, Problem) else next(decided)
        if isinstance(found, Problem):
            metrics.outcome("invalid")
            parts.append(_invalid_bytes(entry, found, trace))
        else:
            parts.append(answer_bytes(centre, found, metrics))
    return b'{"outcomes":[' + b",".join(parts) + b"]}"


def _entries(raw: Any) -> list[Any]:
    """Return the commands of a batch; raises Problem 422 for another shape."""
    if not isinstance(raw, dict) or not isinstance(raw.get("commands"), list):
        raise invalid({"commands": "应为命令的列表"})
    if len(raw) > 1:
        raise invalid({str(key)[:40]: "不认识的字段" for key in raw if key != "commands"})
    entries: list[Any] = raw["commands"]
    if len(entries) > BATCH:
        raise invalid({"commands": f"最多 {BATCH} 条"})
    return entries


def _is_oversize(entry: Any) -> bool:
    """Tell whether one entry of a batch is longer than a single command may be."""
    return len(compact(entry).encode("utf-8", "surrogatepass")) > COMMAND_BYTES


def _parse(entry: Any) -> Parsed | Problem:
    try:
        return parse_command(entry)
    except Problem as problem:
        return problem


def _invalid_bytes(entry: Any, problem: Problem, trace: str) -> bytes:
    """Return the answer for an entry that cannot be decided."""
    document = {"command_id": named_id(entry), "outcome": "invalid", "problem": problem.document(trace)}
    return compact(document).encode("utf-8", "replace")
