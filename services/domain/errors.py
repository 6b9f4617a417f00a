"""The error tree of the field: what can be wrong with a value, a rule or a request.

`DomainError` and its children are the world's fault: they carry a Chinese sentence fit for an operator.
A bug of ours is any other exception.
"""

from __future__ import annotations

from collections.abc import Mapping


class DomainError(Exception):
    """Something in the outside world is wrong; `str()` is one Chinese sentence for the operator.

    `code` is a stable snake_case word, `title` the sentence.
    """

    code = "domain_error"

    def __init__(self, title: str, *, code: str | None = None) -> None:
        """Keep the sentence and, when given, a code narrower than the class's own."""
        super().__init__(title)
        self.title = title
        if code is not None:
            self.code = code


class CodeError(DomainError):
    """A grid, area or category code breaks its layout (domain section 3)."""

    code = "bad_code"


class LimitError(DomainError):
    """A time limit has no known unit or no positive amount (domain section 6.1)."""

    code = "bad_limit"


class CalendarError(DomainError):
    """The working calendar cannot answer: broken slots, or no working time for years."""

    code = "bad_calendar"


class ReferenceDataError(DomainError):
    """A reference table (categories, departments, settings) contradicts itself."""

    code = "bad_reference"


class PayloadError(DomainError):
    """A command's payload has the wrong shape; `fields` maps field path to a Chinese sentence."""

    code = "invalid_payload"

    def __init__(self, fields: Mapping[str, str]) -> None:
        """Keep all field errors; the title names the first."""
        first = next(iter(fields.items()), ("", "内容有误"))
        super().__init__(f"{first[0]}：{first[1]}" if first[0] else first[1])
        self.fields = dict(fields)
