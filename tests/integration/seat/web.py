"""A browser without a window: cookies, forms as they stand in the page, answers."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser
from io import BytesIO
from typing import Any

from PIL import Image

from tests.support.centre import PASSWORD, Backend


class _Page(HTMLParser):
    """What a browser would send from the forms of a page, by their action."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[dict[str, str]] = []
        self._area: str | None = None
        self._select: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "form":
            self.forms.append({})
        if tag == "option" and self._select and self.forms:
            if "selected" in found or self._select not in self.forms[-1]:
                self.forms[-1][self._select] = found.get("value") or ""
            return
        if not self.forms or not found.get("name"):
            return
        name, values = str(found["name"]), self.forms[-1]
        if tag == "textarea":
            self._area, values[name] = name, ""
        elif tag == "select":
            self._select = name
        elif tag == "input" and found.get("type") != "file":
            if found.get("type") in ("radio", "checkbox") and "checked" not in found:
                return
            values[name] = found.get("value") or ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = None
        if tag == "select":
            self._select = None

    def handle_data(self, data: str) -> None:
        if self._area:
            self.forms[-1][self._area] += data.removeprefix("\n")


def forms_in(text: str) -> list[dict[str, str]]:
    """The contents of every form of a page, in order; the last one is signing out."""
    page = _Page()
    page.feed(text)
    return page.forms


def said(text: str) -> str:
    """The words of a page, without tags, blanks drawn together."""
    body = re.sub(r"<(script|style|title)\b.*?</\1>", " ", text, flags=re.S)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


def picture(
    colour: str = "red", size: tuple[int, int] = (64, 48), form: str = "JPEG", exif: bool = False
) -> bytes:
    """A small picture; with `exif` one that says when it was taken."""
    out = BytesIO()
    made = Image.new("RGB", size, colour)
    if exif:
        tags = Image.Exif()
        tags[0x0132] = "2026:11:20 10:00:00"
        made.save(out, form, exif=tags)
    else:
        made.save(out, form)
    return out.getvalue()


@dataclass
class Web:
    """One person's browser at a centre's web seat."""

    backend: Backend
    username: str = ""
    scheme: str = "http"
    cookies: dict[str, str] = field(default_factory=dict)

    def request(self, method: str, path: str, **more: Any) -> Any:
        """One request with this browser's cookies; redirects are not followed."""
        headers = dict(more.pop("headers", {}))
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        url = path if path.startswith("http") else f"{self.scheme}://testserver{path}"
        answer = self.backend.client.request(method, url, headers=headers, follow_redirects=False, **more)
        for line in answer.headers.get_list("set-cookie"):
            name, _, value = line.split(";")[0].partition("=")
            if value in ("", '""'):
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = value
        self.backend.client.cookies.clear()
        return answer

    def get(self, path: str, status: int = 200) -> str:
        """The text of a page."""
        answer = self.request("GET", f"/seat{path}")
        assert answer.status_code == status, (answer.status_code, said(answer.text)[:400])
        text: str = answer.text
        return text

    def form(self, path: str) -> dict[str, str]:
        """What the form of a page holds as it is shown."""
        return forms_in(self.get(path))[0]

    def post(self, path: str, values: dict[str, Any], files: Any = None, **more: Any) -> Any:
        """Send a form the way a browser does: multipart, empty file fields included."""
        sent = [("photos", ("", b"", "application/octet-stream")), *(files or [])]
        return self.request("POST", f"/seat{path}", data=values, files=sent, **more)

    def act(self, case: dict[str, Any], action: str, files: Any = None, **typed: str) -> Any:
        """Open the form of an action, fill it in and send it."""
        path = f"/cases/{case['case_id']}/{action}"
        return self.post(path, {**self.form(path), **typed}, files)

    def answer(self, reply: Any) -> str:
        """The words of the answer page an applied command leads to."""
        assert reply.status_code == 303, said(reply.text)
        place = reply.headers["location"]
        assert place.startswith("/seat/answers/")
        return said(self.get(place.removeprefix("/seat")))

    def sign_in(self, password: str = PASSWORD, then: str | None = None) -> Any:
        """Sign in through the page."""
        page = self.request("GET", "/seat/sign-in", params={} if then is None else {"next": then})
        values = {**forms_in(page.text)[0], "username": self.username, "password": password}
        return self.request("POST", "/seat/sign-in", data=values)


def photo(name: str = "现场.jpg", body: bytes | None = None, field_name: str = "photos") -> tuple[str, Any]:
    """One file of a form."""
    return field_name, (name, picture() if body is None else body, "image/jpeg")
