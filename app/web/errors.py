"""How does a refusal look over HTTP? One table of statuses and one shape, RFC 9457.

The sentence names the field, the rule and the way out; never the value that was refused,
and nothing of our insides.
"""

import json
import logging
import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.routing import Match, Mount

from app.records.engine import DatabaseAway
from app.usecases.answers import Answer
from app.usecases.files import BadFile
from app.usecases.forms import fault_of
from app.usecases.gathering import OpenQuestions
from app.usecases.refusals import (
    AlreadyThere,
    AlreadyWithdrawn,
    Fault,
    Invalid,
    KeyReused,
    NoOptionLeft,
    NotFound,
    NotMissed,
    NotYours,
    NotYourSide,
    Over,
    Refusal,
    Stale,
    StillNeeded,
    TooLarge,
    TooManyForASheet,
    Unreadable,
    Unversioned,
)

log = logging.getLogger("noticeboard")

STATUSES: Mapping[type[Refusal], int] = {
    NotYours: 403,
    NotYourSide: 403,
    NotFound: 404,
    AlreadyThere: 409,
    StillNeeded: 409,
    Unreadable: 409,
    Over: 409,
    NoOptionLeft: 409,
    NotMissed: 409,
    AlreadyWithdrawn: 409,
    TooManyForASheet: 409,
    Stale: 412,
    TooLarge: 413,
    Invalid: 422,
    KeyReused: 422,
    BadFile: 422,
    OpenQuestions: 422,
    Unversioned: 428,
}
_MOST_ERRORS = 100
_MOST_TOLD = 5
_RETRY = {"Retry-After": "30"}
_SENTENCES = {
    404: "There is nothing at this address.",
    405: "This address does not take that method.",
    413: "More was sent than is taken at a time; send less.",
}
_KINDS = {
    401: "unauthorized",
    403: "forbidden",
    404: "not-found",
    405: "method-not-allowed",
    413: "too-large",
    415: "unsupported-media-type",
    428: "precondition-required",
}
# Names of RFC 9110; older releases of Python have others.
_TITLES = {413: "Content Too Large", 422: "Unprocessable Content"}
_PLAIN_NAME = re.compile(r"[A-Za-z0-9_-]{1,60}")


class BadParameter(Exception):
    """A parameter that does not fit: its name and the rule it breaks."""

    def __init__(self, name: str, rule: str) -> None:
        super().__init__(f"{name}: {rule}")
        self.name = name
        self.rule = rule


class ProblemError(BaseModel):
    """One thing wrong with a request, and where."""

    pointer: str | None = Field(None, description="The field, as a JSON pointer.")
    parameter: str | None = Field(None, description="The query parameter or path part.")
    header: str | None = None
    row: int | None = Field(None, description="The row of a file; its header is row 1.")
    column: str | None = None
    detail: str


class Problem(BaseModel):
    """An error, as RFC 9457 has it."""

    type: str = Field(examples=["urn:noticeboard:invalid"])
    title: str = Field(examples=["Unprocessable Content"])
    status: int = Field(examples=[422])
    detail: str = Field(examples=["initial_term.value: a term lasts at least 1."])
    request_id: str
    errors: list[ProblemError] = Field(default_factory=list)


def problem(
    request: Request,
    status: int,
    kind: str,
    detail: str,
    *,
    errors: Sequence[ProblemError] = (),
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """Return an error answer."""
    body = _body(status, kind, detail, request.scope["request_id"], errors)
    return JSONResponse(
        body,
        status_code=status,
        headers=dict(headers or {}),
        media_type="application/problem+json",
    )


def answer_to(error: Exception, request_id: str) -> Answer:
    """Return what an error is answered with where nobody waits for the answer; logs its fault."""
    if isinstance(error, Refusal):
        status, kind = STATUSES[type(error)], _kind_of(type(error))
        body = _body(status, kind, error.sentence, request_id, _faults_in(error))
    elif isinstance(error, DatabaseAway):
        status = 503
        body = _body(status, "unavailable", _DATABASE_AWAY, request_id)
    else:
        log.error("import %s failed", request_id, exc_info=error)
        status = 500
        body = _body(status, "failure", _FAILED, request_id)
    return Answer(status, json.dumps(body))


_FAILED = "Something went wrong here, and nothing was changed; tell us the request_id."
_DATABASE_AWAY = "The register cannot be reached at the moment; nothing was changed. Try again."


def _body(
    status: int, kind: str, detail: str, request_id: str, errors: Sequence[ProblemError] = ()
) -> dict[str, Any]:
    told = Problem(
        type=f"urn:noticeboard:{kind}",
        title=_title(status),
        status=status,
        detail=detail,
        request_id=request_id,
        errors=list(errors),
    )
    return told.model_dump(exclude_none=True)


def install(app: FastAPI) -> None:
    """Have every error of the application answered in the one shape; `Frame` has the rest."""
    app.add_exception_handler(Refusal, _refused)
    app.add_exception_handler(BadParameter, _bad_parameter)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(DatabaseAway, _away)


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the error answers of a route for its documentation."""
    return {
        status: {
            "description": _title(status),
            "content": {"application/problem+json": {"schema": {"$ref": _PROBLEM}}},
            **({"headers": _DOCUMENTED_HEADERS[status]} if status in _DOCUMENTED_HEADERS else {}),
        }
        for status in statuses
    }


_PROBLEM = "#/components/schemas/Problem"
_TEXT = {"type": "string"}
_DOCUMENTED_HEADERS = {
    401: {"WWW-Authenticate": {"required": True, "schema": _TEXT}},
    503: {"Retry-After": {"required": True, "schema": _TEXT}},
}


def _refused(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, Refusal):
        raise error
    kind = _kind_of(type(error))
    found = _faults_in(error)
    return problem(request, STATUSES[type(error)], kind, error.sentence, errors=found)


def _faults_in(error: Refusal) -> list[ProblemError]:
    """Return what exactly is wrong with what was sent, as far as that is told one by one."""
    if isinstance(error, Invalid):
        return [_in_body(fault) for fault in error.faults]
    if isinstance(error, BadFile):
        return [
            ProblemError(row=fault.row, column=fault.column, detail=fault.rule)
            for fault in error.faults[:_MOST_ERRORS]
        ]
    return []


def _bad_parameter(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, BadParameter):
        raise error
    wrong = ProblemError(parameter=error.name, detail=error.rule)
    return problem(request, 422, "invalid", _named(wrong), errors=[wrong])


def _malformed(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, RequestValidationError):
        raise error
    found = [_located(each) for each in error.errors()[:_MOST_ERRORS]]
    detail = "; ".join(_named(wrong) for wrong in found[:_MOST_TOLD])
    return problem(request, 422, "invalid", detail, errors=found)


def _located(error: Mapping[str, Any]) -> ProblemError:
    place, *path = error["loc"]
    if error["type"] == "json_invalid":
        return ProblemError(pointer="#", detail=error["ctx"]["error"])
    fault = fault_of(tuple(path), error["msg"])
    if place == "body":
        return _in_body(fault)
    if place == "header":
        return ProblemError(header=fault.field, detail=fault.rule)
    return ProblemError(parameter=_shown(fault.field), detail=fault.rule)


def _in_body(fault: Fault) -> ProblemError:
    parts = [_shown(part) for part in fault.field.split(".")] if fault.field else []
    return ProblemError(pointer="/".join(["#", *parts]), detail=fault.rule)


def _shown(name: str) -> str:
    """Return a name as it was sent if it can be one of ours; any other is not repeated."""
    return name if _PLAIN_NAME.fullmatch(name) else "(unknown)"


def _named(wrong: ProblemError) -> str:
    where = wrong.parameter or wrong.header or (wrong.pointer or "").removeprefix("#/")
    return f"{'the body' if where == '#' else where.replace('/', '.')}: {wrong.detail}"


def _http(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, HTTPException):
        raise error
    status, headers = error.status_code, dict(error.headers or {})
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(sorted(_methods_of_path(request)))
    detail = _SENTENCES.get(status, error.detail)
    return problem(request, status, _KINDS[status], detail, headers=headers)


def _methods_of_path(request: Request) -> set[str]:
    """Return the methods of all routes at this path; the router itself knows one only."""
    methods: set[str] = set()
    # A mount puts its own root_path in the place of the application's.
    root_path = request.scope.get("app_root_path", request.scope.get("root_path", ""))
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
        scope = {**request.scope, "root_path": root_path, "method": method}
        for route in request.app.router.routes:
            if route.matches(scope)[0] is Match.FULL:
                methods |= {"GET"} if isinstance(route, Mount) else {method}
    return methods | {"HEAD"} if "GET" in methods else methods


def _away(request: Request, error: Exception) -> JSONResponse:
    log.error("request %s: the database is away", request.scope["request_id"], exc_info=error)
    return problem(request, 503, "unavailable", _DATABASE_AWAY, headers=_RETRY)


def failure(request: Request, error: Exception) -> JSONResponse:
    """Return the answer to a fault of ours, which the log tells about and the answer not."""
    log.error("request %s failed", request.scope["request_id"], exc_info=error)
    return problem(request, 500, "failure", _FAILED)


def _title(status: int) -> str:
    return _TITLES.get(status, HTTPStatus(status).phrase)


def _kind_of(refusal: type[Refusal]) -> str:
    words = "".join(
        f"-{letter.lower()}" if letter.isupper() else letter for letter in refusal.__name__
    )
    return words.removeprefix("-")
