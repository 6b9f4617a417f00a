"""Netstrings (`12:hello world!,`): the frames of baresip's control port."""

from __future__ import annotations

#: no answer of a softphone is longer; a stream that claims more is not one of ours
LONGEST = 1 << 20


class NotNetstringsError(ValueError):
    """What came is no netstring; the stream cannot be read on."""


def framed(body: bytes) -> bytes:
    """Return a body as a netstring."""
    return b"%d:%s," % (len(body), body)


class Unframer:
    """Takes bytes as they come and gives whole bodies."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._rest = b""

    def feed(self, data: bytes) -> list[bytes]:
        """Return the bodies that are complete now; raises NotNetstringsError."""
        self._rest += data
        found = []
        while (body := self._next()) is not None:
            found.append(body)
        return found

    def _next(self) -> bytes | None:
        """Take one body off the front, None when it has not all come yet."""
        head, colon, rest = self._rest.partition(b":")
        if len(head) > 7 or not (head.isdigit() or (not colon and not head)):
            raise NotNetstringsError(head[:20])
        if not colon:
            return None
        size = int(head)
        if size > LONGEST:
            raise NotNetstringsError(head)
        if len(rest) <= size:
            return None
        if rest[size : size + 1] != b",":
            raise NotNetstringsError(rest[size : size + 1])
        self._rest = rest[size + 1 :]
        return rest[:size]
