"""From what a form sends to a payload of the contract: one small reader per kind of field.

The same form contents always give the same payload, whenever they are read: a repeated submission must be the
same command. So nothing here looks at the clock or at the case as it is by now.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from services.backend.seat import words
from services.backend.seat.form_fields import Field, Form
from services.domain.fields import Bad, fit_text
from services.domain.limits import UNITS
from services.geo.coords import distance_m, gcj02_to_wgs84

Values = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Photo:
    """One stored picture of a form: its hash, and what a record of it needs."""

    sha256: str
    name: str
    mime: str
    size: int


@dataclass(frozen=True, slots=True)
class Sent:
    """What a form has sent: texts by field name, and the pictures stored for it."""

    values: Values
    photos: tuple[Photo, ...]
    zone: str

    def text(self, name: str) -> str:
        """Return a text with one kind of line ends, without blanks at its ends; empty when it was not sent."""
        return fit_text(self.values.get(name, "")).replace("\r\n", "\n").strip()


def payload_of(form: Form, sent: Sent) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the payload of a form's contents, and a sentence for each field that cannot be read."""
    payload: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    for field in form.fields:
        try:
            _READERS[field.kind](field, sent, payload)
        except Bad as bad:
            wrong[field.name] = str(bad)
    return payload, wrong


def _area(field: Field, sent: Sent, payload: dict[str, Any]) -> None:
    text = sent.text(field.name)
    if not text and field.required:
        raise Bad("请填写")
    if len(text) > field.most:
        raise Bad(f"最多 {field.most} 个字，现在 {len(text)} 个")
    if text:
        payload[field.name] = text


def _radio(field: Field, sent: Sent, payload: dict[str, Any]) -> None:
    value = sent.text(field.name)
    if not value and not field.required:
        return
    if value not in {choice for choice, _ in field.choices}:
        raise Bad("请选择一项")
    payload[field.name] = value == "yes" if value in ("yes", "no") else value


def _check(field: Field, sent: Sent, payload: dict[str, Any]) -> None:
    if sent.text(field.name):
        payload[field.name] = True


def _moment(field: Field, sent: Sent, payload: dict[str, Any]) -> None:
    text = sent.text(field.name).replace("T", " ")
    try:
        payload[field.name] = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(sent.zone)).isoformat()
    except ValueError:
        raise Bad("请按 2026-11-20 14:30 的样子填写") from None


def _day(field: Field, sent: Sent, payload: dict[str, Any]) -> None:
    """The chosen day still belongs to it: the moment is the beginning of the next one."""
    try:
        day = datetime.strptime(sent.text(field.name), "%Y-%m-%d").date() + timedelta(days=1)
    except (ValueError, OverflowError):
        raise Bad("请按 2026-11-20 的样子填写") from None
    payload[field.name] = datetime.combine(day, time(), ZoneInfo(sent.zone)).isoformat()


def _person(field: Field, sent: Sent, payload: dict[str, Any]) -> None:
    payload[field.name] = sent.text(field.name) or None


def _limit(_field: Field, sent: Sent, payload: dict[str, Any]) -> None:
    amount = sent.text("amount")
    if not amount:
        return
    found = number(amount, "应为数字，例如 2 或 1.5")
    if sent.text("unit") not in UNITS:
        raise Bad("请选择单位")
    payload["amount"], payload["unit"] = found, sent.text("unit")


def _photos(field: Field, sent: Sent, payload: dict[str, Any]) -> None:
    if sent.photos:
        payload[field.name] = [photo.sha256 for photo in sent.photos]


def _photo(_field: Field, sent: Sent, payload: dict[str, Any]) -> None:
    if len(sent.photos) != 1:
        raise Bad("请选择一张照片")
    photo = sent.photos[0]
    payload.update(sha256=photo.sha256, name=photo.name, mime=photo.mime, size=photo.size)


def _category(field: Field, sent: Sent, payload: dict[str, Any]) -> None:
    code = sent.text(field.name)
    if code:
        payload[field.name] = code
        kind = code.partition("-")[0]
        if kind in ("component", "event", "grid", "service"):
            payload["kind"] = kind


def _place(field: Field, sent: Sent, payload: dict[str, Any]) -> None:
    point = read_point(sent)
    if point is None:
        raise Bad("请取当前位置，或填写经度和纬度")
    spot: dict[str, Any] = {"lon": point[0], "lat": point[1]}
    address = sent.text("address")
    if len(address) > 200:
        raise Bad("地址最多 200 个字")
    if address:
        spot["address"] = address
    payload[field.name] = spot


def _here(_field: Field, sent: Sent, payload: dict[str, Any]) -> None:
    """The payload has no place of its own for the position, so it becomes the last sentence of the text."""
    line = here_line(sent)
    if line is None:
        return
    name = "reason" if "reason" in payload else "note"
    if name == "note" or payload.get("reason"):
        payload[name] = f"{payload[name]}\n{line}" if payload.get(name) else line


def here_line(sent: Sent) -> str | None:
    """Return the sentence about where somebody stood, None when no position was given."""
    point = read_point(sent)
    if point is None:
        return None
    line = f"现场位置 {point[0]:.6f},{point[1]:.6f}"
    accuracy = sent.text("accuracy")
    if accuracy:
        line += f"（定位精度 {number(accuracy, '定位精度应为数字'):.0f} 米）"
    if sent.text("case_lon") and sent.text("case_lat"):
        case_lon, case_lat = (number(sent.text(name), "案件位置有误") for name in ("case_lon", "case_lat"))
        line += f"，距案件位置 {words.distance_text(distance_m(point[0], point[1], case_lon, case_lat))}"
    return line + "。"


def read_point(sent: Sent) -> tuple[float, float] | None:
    """Return the point of a form in WGS84, rounded to about a decimetre; None when none was given.

    Raises Bad for half a point or one that lies nowhere.
    """
    lon_text, lat_text = sent.text("lon"), sent.text("lat")
    if not lon_text and not lat_text:
        return None
    lon = number(lon_text, "经度应为数字，例如 113.264385")
    lat = number(lat_text, "纬度应为数字，例如 23.129112")
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise Bad("经纬度超出范围，请检查是否填反了")
    if sent.text("crs") == "gcj02":
        moved = gcj02_to_wgs84(lon, lat)
        lon, lat = float(moved[0]), float(moved[1])
    return round(lon, 6), round(lat, 6)


def number(text: str, sentence: str) -> float:
    """Return a finite number of a form; raises Bad with the sentence."""
    if not text or len(text) > 24 or not set(text) <= set("0123456789.-"):
        raise Bad(sentence)
    try:
        return float(text)
    except ValueError:
        raise Bad(sentence) from None


_READERS: dict[str, Callable[[Field, Sent, dict[str, Any]], None]] = {
    "area": _area,
    "radio": _radio,
    "check": _check,
    "moment": _moment,
    "day": _day,
    "person": _person,
    "limit": _limit,
    "photos": _photos,
    "photo": _photo,
    "category": _category,
    "place": _place,
    "here": _here,
}
