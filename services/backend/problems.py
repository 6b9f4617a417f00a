"""What is answered when something cannot be done: `application/problem+json` with a sentence fit for an operator."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

MEDIA_TYPE = "application/problem+json"


class Problem(Exception):  # noqa: N818 - the word of RFC 9457
    """An answer of status 4xx or 5xx.

    `code` is a stable snake_case word, `title` a Chinese sentence, `detail` more for whoever looks into it,
    `fields` maps a field's path to what is wrong with it.
    """

    def __init__(
        self,
        status: int,
        code: str,
        title: str,
        *,
        detail: str | None = None,
        fields: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(f"{status} {code}: {title}")
        self.status = status
        self.code = code
        self.title = title
        self.detail = detail
        self.fields = dict(fields or {})
        self.headers = dict(headers or {})

    def document(self, trace_id: str) -> dict[str, Any]:
        """Return the body as JSON values."""
        return {
            "type": "about:blank",
            "status": self.status,
            "code": self.code,
            "title": self.title,
            "detail": self.detail,
            "fields": self.fields,
            "trace_id": trace_id,
        }

    def body(self, trace_id: str) -> bytes:
        """Return the body; what cannot be written in UTF-8 (it may quote the request) is replaced."""
        return json.dumps(self.document(trace_id), ensure_ascii=False).encode("utf-8", "replace")


def invalid(fields: Mapping[str, str], title: str | None = None) -> Problem:
    """Return the answer to a request whose fields are wrong."""
    first = next(iter(fields.items()), ("", "内容有误"))
    return Problem(422, "invalid", title or f"{first[0]}：{first[1]}", fields=fields)


def not_found(title: str = "没有找到，或它不在您的范围内。") -> Problem:
    """Return the answer for something that is not there or not in the caller's scope."""
    return Problem(404, "not_found", title)


def must_refetch(why: str) -> Problem:
    """Return the answer that makes a console fetch a new snapshot."""
    return Problem(409, "must_refetch", "本机数据与中心不再衔接，需要重新取全部案件。", detail=why)
