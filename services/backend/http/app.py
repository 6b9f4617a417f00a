"""The application: all routes of the contract under `/v1`, the web seats under `/seat`, health beside them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from anyio import CapacityLimiter
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from services.backend.centre import Centre
from services.backend.http import (
    routes_access,
    routes_calls,
    routes_cases,
    routes_commands,
    routes_feed,
    routes_field,
    routes_files,
    routes_filters,
    routes_handover,
    routes_health,
    routes_kpi,
    routes_kpi_acts,
    routes_learned,
    routes_referee,
    routes_reference,
    routes_rules,
)
from services.backend.http.calls import THREADS, trace_of
from services.backend.http.guard import Guard
from services.backend.http.metrics import Metrics
from services.backend.problems import MEDIA_TYPE, Problem
from services.backend.seat.app import mount_seat

PREFIX = "/v1"
_ROUTERS = (
    routes_access,
    routes_commands,
    routes_feed,
    routes_cases,
    routes_files,
    routes_reference,
    routes_field,
    routes_filters,
    routes_calls,
    routes_kpi,
    routes_kpi_acts,
    routes_learned,
    routes_handover,
    routes_referee,
    routes_rules,
)
_TITLES = {
    404: ("no_such_route", "没有这个地址。"),
    405: ("method_not_allowed", "这个地址不支持这种请求方式。"),
    413: ("too_large", "请求内容过大。"),
}


def create_app(centre: Centre, health_networks: tuple[str, ...] = ()) -> FastAPI:
    """Return the application of one centre; its lifespan starts and stops the centre's beat.

    `health_networks` are networks besides loopback that may ask for health and metrics (`10.0.0.0/8`).
    """

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        centre.start()
        try:
            yield
        finally:
            centre.stop()

    app = FastAPI(
        title="griddesk centre", version="1", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None,
        redirect_slashes=False,
    )  # fmt: skip
    app.state.centre = centre
    app.state.metrics = Metrics()
    app.state.limiter = CapacityLimiter(THREADS)
    app.state.health_networks = health_networks
    for module in _ROUTERS:
        app.include_router(module.router, prefix=PREFIX)
    app.include_router(routes_health.router)
    mount_seat(app, centre)
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_middleware(Guard, metrics=app.state.metrics)
    return app


def answer_problem(request: Request, problem: Problem) -> Response:
    """Return a problem as an answer."""
    return Response(problem.body(trace_of(request)), problem.status, problem.headers, MEDIA_TYPE)


async def _problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return answer_problem(request, error)


async def _http_error(request: Request, error: Exception) -> Response:
    """Turn the framework's own refusals (no such route, wrong method) into problems."""
    assert isinstance(error, HTTPException)
    code, title = _TITLES.get(error.status_code, ("http_error", "请求无法处理。"))
    return answer_problem(request, Problem(error.status_code, code, title, headers=error.headers))


async def _validation_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    wrong = {".".join(str(part) for part in entry["loc"][1:]): str(entry["msg"]) for entry in error.errors()}
    return answer_problem(request, Problem(422, "invalid", "请求内容有误。", fields=wrong))
