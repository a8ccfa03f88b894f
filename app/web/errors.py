"""How does a refusal look over HTTP? One table of statuses and one shape, RFC 9457.

The sentence names the field, the rule and the way out; never the value that was refused,
and nothing of our insides.
"""

import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.routing import Match

from app.renewals.bad_terms import BadTerms
from app.usecases.forms import fault_of
from app.usecases.imports import BadFile
from app.usecases.refusals import (
    AlreadyThere,
    Fault,
    Invalid,
    KeyReused,
    NotFound,
    Refusal,
    Stale,
    StillNeeded,
    TooLarge,
    Unreadable,
)

log = logging.getLogger("noticeboard")

STATUSES: Mapping[type[Refusal], int] = {
    NotFound: 404,
    AlreadyThere: 409,
    StillNeeded: 409,
    Unreadable: 409,
    Stale: 412,
    TooLarge: 413,
    Invalid: 422,
    KeyReused: 422,
    BadFile: 422,
}
_MOST_ERRORS = 100
_SENTENCES = {
    404: "There is nothing at this address.",
    405: "This address does not take that method.",
    413: "More was sent than is taken at a time; send less.",
}


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
    detail: str,
    kind: str,
    errors: Sequence[ProblemError] = (),
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """Return an error answer."""
    body = Problem(
        type=f"urn:noticeboard:{kind}",
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        request_id=request.scope.get("request_id", ""),
        errors=list(errors),
    )
    return JSONResponse(
        body.model_dump(exclude_none=True),
        status_code=status,
        headers=dict(headers or {}),
        media_type="application/problem+json",
    )


def install(app: FastAPI) -> None:
    """Have every error of the application answered in the one shape."""
    app.add_exception_handler(Refusal, _refused)
    app.add_exception_handler(BadTerms, _bad_terms)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _failed)


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the error answers of a route for its documentation."""
    return {
        status: {
            "description": HTTPStatus(status).phrase,
            "content": {"application/problem+json": {"schema": {"$ref": _PROBLEM}}},
        }
        for status in statuses
    }


_PROBLEM = "#/components/schemas/Problem"


def _refused(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, Refusal):
        raise error
    found: list[ProblemError] = []
    if isinstance(error, Invalid):
        found = [_in_body(fault) for fault in error.faults]
    elif isinstance(error, BadFile):
        found = [
            ProblemError(row=fault.row, column=fault.column, detail=fault.rule)
            for fault in error.faults[:_MOST_ERRORS]
        ]
    kind = _kind_of(type(error))
    return problem(request, STATUSES[type(error)], error.sentence, kind, found)


def _bad_terms(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, BadTerms):
        raise error
    wrong = ProblemError(parameter=error.field, detail=error.rule)
    return problem(request, 422, error.sentence, "invalid", [wrong])


def _malformed(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, RequestValidationError):
        raise error
    found = [_located(each["loc"], each["msg"]) for each in error.errors()]
    detail = "; ".join(_named(wrong) for wrong in found)
    return problem(request, 422, detail, "invalid", found)


def _located(loc: tuple[int | str, ...], message: str) -> ProblemError:
    place, *path = loc
    fault = fault_of(tuple(path), message)
    if place == "body":
        if message == "JSON decode error":
            return ProblemError(pointer="#", detail="the body is no JSON; check its syntax")
        return _in_body(fault)
    if place == "header":
        return ProblemError(header=fault.field, detail=fault.rule)
    return ProblemError(parameter=fault.field, detail=fault.rule)


def _in_body(fault: Fault) -> ProblemError:
    parts = fault.field.split(".") if fault.field else []
    return ProblemError(pointer="/".join(["#", *parts]), detail=fault.rule)


def _named(wrong: ProblemError) -> str:
    where = wrong.parameter or wrong.header or (wrong.pointer or "").removeprefix("#/")
    return f"{where.replace('/', '.')}: {wrong.detail}"


def _http(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, HTTPException):
        raise error
    status, headers = error.status_code, dict(error.headers or {})
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(sorted(_methods_of_path(request)))
    detail = _SENTENCES.get(status, error.detail)
    kind = HTTPStatus(status).phrase.lower().replace(" ", "-")
    return problem(request, status, detail, kind, headers=headers)


def _methods_of_path(request: Request) -> set[str]:
    """Return the methods of all routes at this path; the router itself knows one only."""
    methods: set[str] = set()
    for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"):
        scope = {**request.scope, "method": method}
        if any(route.matches(scope)[0] is Match.FULL for route in request.app.router.routes):
            methods.add(method)
    return methods


def _failed(request: Request, error: Exception) -> JSONResponse:
    log.error("request %s failed", request.scope.get("request_id"), exc_info=error)
    sentence = "Something went wrong here, and nothing was changed; tell us the request_id."
    return problem(request, 500, sentence, "failure")


def _kind_of(refusal: type[Refusal]) -> str:
    words = "".join(
        f"-{letter.lower()}" if letter.isupper() else letter for letter in refusal.__name__
    )
    return words.removeprefix("-")
