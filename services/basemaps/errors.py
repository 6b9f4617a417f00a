"""What can be wrong with a map source: each error carries one Chinese sentence that can be shown as it is."""

from __future__ import annotations

from collections.abc import Mapping

from services.domain.errors import DomainError


class SourceError(DomainError):
    """The settings of a source do not fit together; `fields` maps the field's name to a sentence."""

    code = "bad_map_source"

    def __init__(self, fields: Mapping[str, str]) -> None:
        """Keep all field errors; the title is the first."""
        super().__init__(next(iter(fields.values()), "来源的设置有误。"))
        self.fields = dict(fields)


class ServiceError(DomainError):
    """A map service cannot be used now. `passing` tells whether asking again later may help.

    `retry_after_s` is what a 429 or 503 asked for.
    """

    code = "map_service"

    def __init__(
        self,
        title: str,
        *,
        code: str | None = None,
        passing: bool = True,
        retry_after_s: float | None = None,
    ) -> None:
        """Keep whether it will pass."""
        super().__init__(title, code=code)
        self.passing = passing
        self.retry_after_s = retry_after_s


class PictureError(DomainError):
    """The bytes of a tile are no picture that may be drawn: another type, broken, too large."""

    code = "bad_tile"


class AnswerError(DomainError):
    """The document of a service (capabilities, features) cannot be read."""

    code = "bad_answer"
