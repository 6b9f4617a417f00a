"""Health and metrics, for loopback or allowed networks only; no sign-in. Also `GET /v1/meta` has none."""

from __future__ import annotations

import ipaddress
import time

from fastapi import APIRouter
from sqlalchemy import text
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from services.backend.http.calls import centre_of, json_answer, off_loop
from services.backend.http.openapi import document
from services.backend.problems import Problem
from services.sql.engine import glancing

router = APIRouter()
#: a beat older than this means that the feed of this process stands still
STALL_S = 5.0


def check_near(request: Request) -> None:
    """Raise Problem 404 for anybody outside loopback and the allowed networks: they need not know the route."""
    client = request.client
    address: ipaddress.IPv4Address | ipaddress.IPv6Address | None = None
    try:
        address = ipaddress.ip_address(client.host if client else "")
    except ValueError:
        # a unix socket or the tests' client has no address
        if client is None or client.host == "testclient":
            address = ipaddress.ip_address("127.0.0.1")
    allowed = address is not None and (
        address.is_loopback
        or any(address in ipaddress.ip_network(network) for network in request.app.state.health_networks)
    )
    if not allowed:
        raise Problem(404, "no_such_route", "没有这个地址。")


@router.get("/healthz")
async def alive(request: Request) -> Response:
    """Answer as long as the process serves at all."""
    check_near(request)
    return json_answer({"status": "ok"})


@router.get("/readyz")
async def ready(request: Request) -> Response:
    """Answer 200 when the database answers, reference data are there and the log is being numbered."""
    check_near(request)
    centre = centre_of(request)

    def work() -> None:
        with glancing(centre.engine) as conn:
            conn.execute(text("SELECT 1"))

    await off_loop(request, work)
    _ = centre.reference
    if time.monotonic() - centre.ticker.last_beat > STALL_S:
        raise Problem(503, "feed_stalled", "变更编号停顿，服务还没有就绪。")
    return json_answer({"status": "ok"})


@router.get("/metrics")
async def metrics(request: Request) -> Response:
    """Return counts and gauges in Prometheus' text form."""
    check_near(request)
    centre = centre_of(request)
    gauges = {
        "feed_head": float(centre.hub.head),
        "beat_age_seconds": time.monotonic() - centre.ticker.last_beat,
        "uptime_seconds": time.monotonic() - centre.started_at,
        "threads_busy": float(request.app.state.limiter.borrowed_tokens),
    }
    return PlainTextResponse(request.app.state.metrics.text(gauges), media_type="text/plain; version=0.0.4")


@router.get("/openapi.json")
async def openapi(request: Request) -> Response:
    """Return the description of all routes."""
    return json_answer(document())
