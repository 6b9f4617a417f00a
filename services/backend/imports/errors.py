"""What can be wrong with an import as a whole, and with one row of it."""

from __future__ import annotations

from services.domain.errors import DomainError


class ImportFileError(DomainError):
    """The file or its mapping cannot be used at all; `str()` is one Chinese sentence."""

    code = "bad_import"


class RowRefusedError(DomainError):
    """One row cannot become a case; `str()` is the reason in Chinese."""

    code = "row_refused"
