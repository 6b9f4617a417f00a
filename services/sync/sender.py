"""Drains the outbox: uploads first, then commands, per case in order, the same id until there is an answer.

`step()` does one round and never sleeps; the engine decides when the next one comes. Contract section 4:
2xx is decided, 401/403 holds everything, "unknown" is tried again with the same id, any other 4xx goes to
the tray. What waits on one case never holds up another.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from services.ports.centre import INVALID, REJECTED, CentreGateway, Outcome
from services.ports.errors import GatewayError, NeverValid, SignInNeeded, Unknown
from services.ports.outbox import Outbox, SavedCommand
from services.ports.system import Clock, IdSource
from services.sync.backoff import Backoff

BATCH = 50
#: a command refused twice for missing attachments is shown to the operator
RENEWALS = 2


@dataclass(frozen=True, slots=True)
class SendReport:
    """What a round did: commands whose status changed, the outcomes behind them, the failure that ended it.

    `more` tells that another round is worth while at once; `retry_in_s` when to try again otherwise (None:
    when something new is saved or the line comes back).
    """

    changed: tuple[SavedCommand, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    failure: GatewayError | None = None
    more: bool = False
    retry_in_s: float | None = None


class Sender:
    """One console's sender; used by one thread at a time."""

    def __init__(
        self, outbox: Outbox, gateway: CentreGateway, ids: IdSource, clock: Clock, random: Callable[[], float]
    ) -> None:
        """Take the outbox to drain and the gateway to drain it into."""
        self._outbox = outbox
        self._gateway = gateway
        self._ids = ids
        self._clock = clock
        self._random = random
        self._backoff = Backoff(random)
        self._uploads: dict[str, tuple[float, Backoff]] = {}
        self._renewed: dict[int, int] = {}
        self._line_is_back = False

    def step(self) -> SendReport:
        """Do one round: one batch of commands that are ready, and one upload for a case that waits for it."""
        if self._line_is_back:
            self._line_is_back = False
            self._backoff.worked()
            self._uploads.clear()
        heads = self._outbox.heads(BATCH, self._resting())
        if not heads:
            return SendReport(retry_in_s=self._next_upload())
        ready = [command for command in heads if not command.uploads]
        try:
            report = self._send(ready) if ready else SendReport()
            waiting = [command for command in heads if command.uploads]
            if waiting:
                report = _joined(report, self._upload(waiting[0]))
        except NeverValid:  # the batch as a whole: ask one by one, each is judged on its own
            return self._one_by_one(ready)
        except GatewayError as error:
            return self._failed(error)
        if report.failure is None:
            self._backoff.worked()
        return report

    def _failed(self, error: GatewayError) -> SendReport:
        """Return the report of a round without an answer; a lapsed sign-in waits for the operator."""
        if isinstance(error, SignInNeeded):
            return SendReport(failure=error)
        asked = error.retry_after_s if isinstance(error, Unknown) else None
        return SendReport(failure=error, retry_in_s=self._backoff.failed(asked))

    def line_is_back(self) -> None:
        """Forget all delays at the next step: the feed was answered after a silence, or somebody signed in."""
        self._line_is_back = True

    # --- commands -----------------------------------------------------------------------------------

    def _send(self, ready: Sequence[SavedCommand]) -> SendReport:
        """Send commands of different cases in one go. Raises GatewayError; then nothing was stored."""
        leaving = self._outbox.leaving([command.command_id for command in ready])
        if not leaving:
            return SendReport(more=True)
        if len(leaving) == 1:
            outcomes = self._alone(leaving[0])
        else:
            outcomes = self._gateway.send_batch([command.wire() for command in leaving])
            if [o.command_id for o in outcomes] != [c.command_id for c in leaving]:
                raise Unknown("中心的答复与发送的操作对不上。", code="answer_mismatch", reached=True)
        return self._store(leaving, outcomes)

    def _alone(self, command: SavedCommand) -> tuple[Outcome, ...]:
        """Send one command; a 4xx becomes an invalid outcome of its own."""
        try:
            outcome = self._gateway.send(command.wire())
        except NeverValid as error:
            return (Outcome(command.command_id, command.case_id, INVALID, problem=error.problem),)
        if outcome.command_id != command.command_id:
            raise Unknown("中心的答复与发送的操作对不上。", code="answer_mismatch", reached=True)
        return (outcome,)

    def _one_by_one(self, ready: Sequence[SavedCommand]) -> SendReport:
        """Send the first of a refused batch alone, so that one bad entry does not hold up the others."""
        try:
            return self._send(ready[:1])
        except GatewayError as error:
            return self._failed(error)

    def _store(self, sent: Sequence[SavedCommand], outcomes: Sequence[Outcome]) -> SendReport:
        """Store what was decided; entries that were not decidable now stay and are asked again."""
        decided, undecided, renewed = [], False, []
        for command, outcome in zip(sent, outcomes, strict=True):
            if _try_again(outcome):
                undecided = True
                continue
            fresh = self._renew(command, outcome)
            if fresh is not None:
                renewed.append(fresh)
            else:
                decided.append(outcome)
        changed = self._outbox.decided(decided)
        if undecided:
            failure = Unknown("中心暂时不能答复部分操作。", code="busy", reached=True)
            return SendReport(changed, tuple(decided), failure, False, self._backoff.failed())
        return SendReport((*changed, *renewed), tuple(decided), more=True)

    def _renew(self, command: SavedCommand, outcome: Outcome) -> SavedCommand | None:
        """Turn `rejected/attachment_missing` into a new command whose attachments are uploaded again."""
        missing = outcome.outcome == REJECTED and outcome.reason is not None
        if not missing or outcome.reason is None or outcome.reason.code != "attachment_missing":
            return None
        times = self._renewed.get(command.n, 0)
        if times >= RENEWALS:
            return None
        self._renewed[command.n] = times + 1
        return self._outbox.renew(command.command_id, self._ids.new_id())

    # --- uploads ------------------------------------------------------------------------------------

    def _upload(self, command: SavedCommand) -> SendReport:
        """Upload what a command names; a failure rests this case only."""
        for sha256 in command.uploads:
            stored = self._outbox.attachment(sha256)
            try:
                if stored is not None:
                    self._gateway.put_attachment(sha256, stored.data, stored.mime)
            except NeverValid as error:
                return SendReport(self._outbox.never_valid(command.command_id, error.problem), more=True)
            except SignInNeeded as error:
                return SendReport(failure=error)
            except GatewayError as error:
                return SendReport(failure=error, retry_in_s=self._rest(command.case_id))
            self._outbox.uploaded(sha256)
        self._uploads.pop(command.case_id, None)
        return SendReport(more=True)

    def _rest(self, case_id: str) -> float:
        """Let a case with a failed upload rest; returns for how long."""
        _, backoff = self._uploads.get(case_id, (0.0, Backoff(self._random, 1.0, 30.0)))
        delay = backoff.failed()
        self._uploads[case_id] = (self._clock.monotonic() + delay, backoff)
        return delay

    def _resting(self) -> frozenset[str]:
        """Return the cases whose upload is not tried again yet."""
        now = self._clock.monotonic()
        return frozenset(case_id for case_id, (until, _) in self._uploads.items() if until > now)

    def _next_upload(self) -> float | None:
        """Return the seconds until the next resting upload may be tried, None when there is none."""
        now = self._clock.monotonic()
        return min(
            (max(0.0, until - now) for until, _ in self._uploads.values() if until > now), default=None
        )


def _try_again(outcome: Outcome) -> bool:
    """Tell whether an entry of a batch was not decided for a passing reason."""
    if outcome.outcome != INVALID or outcome.problem is None:
        return False
    status = outcome.problem.status
    return status in (401, 403, 408, 425, 429) or status >= 500


def _joined(first: SendReport, second: SendReport) -> SendReport:
    """Return two reports of one round as one."""
    delays = [report.retry_in_s for report in (first, second) if report.retry_in_s is not None]
    return SendReport(
        (*first.changed, *second.changed),
        (*first.outcomes, *second.outcomes),
        first.failure or second.failure,
        first.more or second.more,
        min(delays, default=None),
    )
