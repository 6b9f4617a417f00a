"""What can go wrong between the console and the world: contract section 4, and the stores' own errors.

Adapters translate once into these; nobody above them sees a `requests` or `sqlalchemy` exception. Each
carries one Chinese sentence for the operator (`title`) and a stable `code`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from services.domain.errors import DomainError


@dataclass(frozen=True, slots=True)
class Problem:
    """An `application/problem+json` answer; `status` is 0 when there was none. `fields`: path to sentence."""

    status: int
    code: str
    title: str
    detail: str = ""
    fields: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    trace_id: str = ""


class GatewayError(DomainError):
    """No decided answer, or one that is no decision; `problem` is what the centre said, if anything."""

    code = "gateway"

    def __init__(self, title: str, *, code: str | None = None, problem: Problem | None = None) -> None:
        """Keep the sentence and the centre's own words."""
        super().__init__(title, code=code)
        self.problem = problem


class SignInNeeded(GatewayError):  # noqa: N818 - the word of the contract's table: a state, not a fault
    """401 or 403: hold the outbox and ask for sign-in."""

    code = "sign_in_needed"


class MustChangePassword(SignInNeeded):
    """403 `must_change_password`: every other route is shut until the password was changed."""

    code = "must_change_password"


class Unknown(GatewayError):  # noqa: N818 - the word of the contract's table: a state, not a fault
    """408, 425, 429, 5xx, no answer, or an answer that is not the centre's: the same id again later.

    `reached` tells whether something answered at all (then the line works and the centre does not);
    `retry_after_s` is what a 429 or 503 asked for.
    """

    code = "no_answer"

    def __init__(
        self,
        title: str,
        *,
        code: str | None = None,
        problem: Problem | None = None,
        reached: bool = False,
        retry_after_s: float | None = None,
    ) -> None:
        """Keep whether anybody answered."""
        super().__init__(title, code=code, problem=problem)
        self.reached = reached
        self.retry_after_s = retry_after_s


class NeverValid(GatewayError):  # noqa: N818 - the word of the contract's table: a state, not a fault
    """Any other 4xx: asking again will not help. `problem` is always there."""

    code = "never_valid"

    def __init__(self, problem: Problem) -> None:
        """Take sentence and code from the problem."""
        super().__init__(problem.title, code=problem.code, problem=problem)
        self.problem: Problem = problem


class MustRefetch(GatewayError):  # noqa: N818 - the word of the contract's table: a state, not a fault
    """409 `must_refetch`: another epoch, a cursor the log no longer knows, or changed rights."""

    code = "must_refetch"


class TooOld(GatewayError):  # noqa: N818 - the word of the contract's table: a state, not a fault
    """409 `too_old`: the digest asked for lies too far back."""

    code = "too_old"


class StoreError(DomainError):
    """The console's own files could not be read or written."""

    code = "store"


class StorageFull(StoreError):  # noqa: N818 - says the state of the disk
    """The disk or the quota is full: nothing was saved, not even half."""

    code = "storage_full"


class StoreBroken(StoreError):  # noqa: N818 - says the state of the file
    """A file is damaged, or not one of ours. The file is left as it is."""

    code = "store_broken"


class StoreTooNew(StoreError):  # noqa: N818 - says the state of the file
    """The file was written by a newer program."""

    code = "store_too_new"


class WrongPassword(StoreError):  # noqa: N818 - says what was entered
    """The password does not open this user's data on this machine."""

    code = "wrong_password"


class NoLocalKey(StoreError):  # noqa: N818 - says what is lacking
    """This user has never signed in on this machine, so there is nothing to unlock offline."""

    code = "no_local_key"


class ActionRefused(DomainError):  # noqa: N818 - says what became of the wish
    """The console itself can tell that the centre would refuse: nothing was stored."""

    code = "refused"
