"""The register form as a value: what was entered, what it lacks, and the payloads and drafts it becomes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from PySide6.QtCore import QCoreApplication

from console.viewmodels.actions.photos import Photo
from console.viewmodels.intake_place import Place
from services.domain.ids import uuid7
from services.domain.reference import Rules

#: 诉求类型 (domain section 9.1, `appeal_kind`) with the letter of its key (Alt+T Q Z J B)
APPEALS = (
    ("complaint", "投诉", "T"),
    ("help", "求助", "Q"),
    ("inquiry", "咨询", "Z"),
    ("suggestion", "建议", "J"),
    ("report", "举报", "B"),
)
APPEAL_WORDS = {key: word for key, word, _ in APPEALS}
KINDS = (
    ("component", "部件"),
    ("event", "事件"),
    ("grid", "网格事项"),
    ("service", "服务事项"),
    ("hotline", "热线诉求"),
)
DESCRIPTION_MAX = 5000


def _tr(text: str) -> str:
    return QCoreApplication.translate("Intake", text)


@dataclass(frozen=True, slots=True)
class IntakeForm:
    """One form; `case_id` is the id the case will be born with. The point is WGS84, None before it is set."""

    case_id: str
    appeal: str = "help"
    kind: str = "event"
    source: str = "hotline"
    description: str = ""
    address: str = ""
    lon: float | None = None
    lat: float | None = None
    category: str = ""
    level: int = 0
    caller_name: str = ""
    caller_phone: str = ""
    need_callback: bool = False
    confidential: bool = False
    photos: tuple[Photo, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether nothing was entered that would be a loss."""
        words = (self.description, self.address, self.caller_name, self.caller_phone, self.category)
        return not any(word.strip() for word in words) and self.lon is None and not self.photos

    @property
    def title(self) -> str:
        """Return one line for the list of drafts."""
        return (self.description.strip() or self.address.strip() or self.caller_name.strip())[:40]


def new_form(source: str = "hotline") -> IntakeForm:
    """Return an empty form with a new case id."""
    return IntakeForm(uuid7(), source=source)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing the form needs: field, whether it is there, and the sentence when it is not.

    The sentence is empty where another one says the same already.
    """

    field: str
    met: bool
    sentence: str


def checks_of(form: IntakeForm, place: Place | None, areas_known: bool) -> tuple[Check, ...]:
    """Return the seven things a registration needs, in the order of the form."""
    has_point = form.lon is not None and form.lat is not None
    outside = has_point and areas_known and place is not None and not place.inside
    phone_needed = form.need_callback and not form.caller_phone.strip()
    return (
        Check("description", bool(form.description.strip()), _tr("请填写诉求内容")),
        Check("address", bool(form.address.strip()), _tr("请填写发生地址")),
        Check("location", has_point, _tr("请在地图上点出位置")),
        Check("grid", has_point and not outside, _tr("地址不在本区范围内，请重选") if outside else ""),
        Check("kind", bool(form.kind), _tr("请选择问题种类")),
        Check("source", bool(form.source), _tr("请选择来源")),
        Check("caller_phone", not phone_needed, _tr("要求回访的，请填写联系电话")),
    )


def register_payload(form: IntakeForm) -> dict[str, Any]:
    """Return the payload of `register`; parts that were not entered are left out."""
    made: dict[str, Any] = {
        "kind": form.kind,
        "source": form.source,
        "description": form.description.strip(),
        "location": {"lon": form.lon, "lat": form.lat, "address": form.address.strip()},
        "ticket": {"appeal_kind": form.appeal},
    }
    if form.category:
        made["category"] = form.category
    caller = {"name": form.caller_name.strip(), "phone": form.caller_phone.strip()}
    caller = {key: word for key, word in caller.items() if word}
    if caller:
        made["caller"] = caller
    if form.need_callback:
        made["need_callback"] = True
    if form.confidential:
        made["confidential"] = True
    if form.level:
        made["level"] = form.level
    return made


def join_payload(form: IntakeForm) -> dict[str, Any]:
    """Return the payload of `log_call` with which a further caller joins an open case (并入此件)."""
    made: dict[str, Any] = {"appeal_kind": form.appeal, "channel": form.source}
    if form.description.strip():
        made["content"] = form.description.strip()
    caller = {"name": form.caller_name.strip(), "phone": form.caller_phone.strip()}
    caller = {key: word for key, word in caller.items() if word}
    return made | ({"caller": caller} if caller else {})


def draft_fields(form: IntakeForm) -> dict[str, Any]:
    """Return the form as JSON values; photos are named here and kept beside it."""
    fields = asdict(replace(form, photos=()))
    fields["photos"] = [{"sha256": p.sha256, "name": p.name, "mime": p.mime} for p in form.photos]
    return fields


def form_of_draft(case_id: str, fields: Mapping[str, Any], photos: tuple[Photo, ...] = ()) -> IntakeForm:
    """Read a form back; fields of another version are passed over."""
    known = {key: value for key, value in fields.items() if key in IntakeForm.__dataclass_fields__}
    known |= {"case_id": case_id, "photos": photos}
    return IntakeForm(**known)


def default_kind(category: str, rules: Rules, kind: str) -> str:
    """Return the kind a chosen category stands for; a hotline ticket stays one."""
    entry = rules.categories.get(category)
    return kind if entry is None or kind == "hotline" else entry.kind
