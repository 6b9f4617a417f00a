"""What every console needs to know of a centre: who it is, its reference data, its areas."""

from __future__ import annotations

from functools import partial
from importlib.metadata import PackageNotFoundError, version

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from services.backend.access.sessions import Caller
from services.backend.areas_view import area_collection, areas_etag
from services.backend.centre import Centre
from services.backend.db.packing import compact
from services.backend.http.calls import (
    centre_of,
    json_answer,
    only_query,
    query_text,
    signed_in,
    tagged_answer,
)
from services.backend.problems import invalid
from services.domain.case_doc import time_text
from services.domain.codes import LEVELS

router = APIRouter()
CONTRACT = 1


def server_version() -> str:
    """Return the version of the installed distribution."""
    try:
        return version("griddesk")
    except PackageNotFoundError:
        return "0"


@router.get("/meta")
async def meta(request: Request) -> Response:
    """Return who this centre is and what time it has; no sign-in."""
    centre = centre_of(request)
    facts = centre.facts
    return json_answer(
        {
            "feed_epoch": facts.epoch,
            "server_version": server_version(),
            "contract": CONTRACT,
            "server_time": time_text(centre.now()),
            "centre": {"code": facts.centre_code, "name": facts.centre_name},
        }
    )


@router.get("/reference")
async def reference(request: Request) -> Response:
    """Return categories, departments, roster, calendar, windows, sources, settings, KPI definitions."""
    only_query(request)
    return await signed_in(request, partial(_reference, known=request.headers.get("if-none-match")))


def _reference(centre: Centre, caller: Caller, *, known: str | None) -> Response:
    centre.references.refresh()
    found = centre.reference
    body = {**found.doc, "rules_version": found.number}
    return tagged_answer(found.etag, known, lambda: compact(body).encode())


@router.get("/areas")
async def areas(request: Request) -> Response:
    """Return the areas of a level as GeoJSON; all of them, whatever the caller's own area is."""
    only_query(request, "level")
    level = query_text(request, "level", 20)
    if level not in LEVELS:
        raise invalid({"level": "应为 " + "、".join(LEVELS) + " 之一"})
    known = request.headers.get("if-none-match")
    return await signed_in(request, partial(_areas, level=level, known=known))


def _areas(centre: Centre, caller: Caller, *, level: str, known: str | None) -> Response:
    etag = areas_etag(centre.engine, centre.facts.epoch, level)
    return tagged_answer(etag, known, lambda: area_collection(centre.engine, level), "application/geo+json")
