"""XML of map services, read with care: no entities, no document types, the encodings of the field."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError

import defusedxml.ElementTree
from defusedxml import DefusedXmlException

from services.basemaps.errors import AnswerError

MOST_XML_BYTES = 8 * 1024 * 1024
MOST_ELEMENTS = 200_000
_DECLARED = re.compile(rb"^\s*<\?xml[^>]*encoding=[\"']([A-Za-z0-9_-]{1,30})[\"']")


def read_xml(data: bytes) -> Element:
    """Parse a document. Raises AnswerError: not XML, too big, or with entities of its own (a bomb)."""
    if len(data) > MOST_XML_BYTES:
        raise AnswerError("服务的说明文件过大，没有接收。")
    try:
        root: Element = defusedxml.ElementTree.fromstring(_text(data), forbid_dtd=False)
    except DefusedXmlException as error:
        raise AnswerError("服务的答复含有不允许的 XML 实体，没有接收。") from error
    except (ParseError, ValueError, LookupError, RecursionError) as error:
        raise AnswerError(_not_xml(data)) from error
    for count, _ in enumerate(root.iter()):
        if count > MOST_ELEMENTS:
            raise AnswerError("服务的说明文件过大，没有接收。")
    return root


def _text(data: bytes) -> str | bytes:
    """Decode what the parser itself cannot (GBK and its kin)."""
    found = _DECLARED.match(data[:200])
    name = found.group(1).decode().lower() if found else ""
    if name.startswith(("gb", "big5", "cp936")):
        return data.decode("gb18030" if name.startswith(("gb", "cp936")) else name, errors="replace")
    return data


def _not_xml(data: bytes) -> str:
    head = data[:400].lstrip().lower()
    if head.startswith((b"<!doctype html", b"<html")):
        return "服务返回的是网页，不是服务说明，请检查地址。"
    return "服务的答复不是正确的 XML，请检查地址。"


def local(element: Element) -> str:
    """Return the name of an element without its namespace."""
    tag = element.tag
    return tag.rsplit("}", 1)[-1] if isinstance(tag, str) else ""


def children(element: Element, name: str) -> Iterator[Element]:
    """Yield the direct children of a name, whatever their namespace."""
    return (child for child in element if local(child) == name)


def child(element: Element, *path: str) -> Element | None:
    """Walk down by names, None when a step is missing."""
    at: Element | None = element
    for name in path:
        at = next(children(at, name), None) if at is not None else None
    return at


def words(element: Element | None, *path: str) -> str:
    """Return the text at a path, empty when it is missing."""
    found = child(element, *path) if element is not None else None
    return (found.text or "").strip() if found is not None else ""


def exception_words(root: Element) -> str | None:
    """Return what an OGC exception report says, None when the document is none."""
    if local(root) not in ("ExceptionReport", "ServiceExceptionReport"):
        return None
    said = [(e.text or "").strip() for e in root.iter() if local(e) in ("ExceptionText", "ServiceException")]
    codes = [e.get("exceptionCode", "") or e.get("code", "") for e in root.iter()]
    return next((t for t in (*said, *codes) if t), "没有说明原因")[:200]
