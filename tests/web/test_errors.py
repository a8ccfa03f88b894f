"""The one shape of errors (RFC 9457), for every way in which a request can go wrong."""

import json
import logging
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from http import HTTPStatus
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from app.records.engine import Database
from app.usecases.refusals import Refusal
from app.web.errors import STATUSES
from tests.builders import an_agreement

pytestmark = pytest.mark.anyio

Enter = Callable[..., Awaitable[dict[str, Any]]]
Headers = dict[str, str]


def is_problem(answer: httpx.Response, status: int) -> bool:
    told = answer.json()
    assert set(told) == {"type", "title", "status", "detail", "request_id", "errors"}
    assert re.fullmatch("urn:noticeboard:[a-z-]+", told["type"])
    assert told["request_id"] == answer.headers["x-request-id"]
    assert told["detail"]
    assert answer.headers["content-type"] == "application/problem+json"
    return bool(answer.status_code == status == told["status"])


def test_every_refusal_has_a_status() -> None:
    assert set(all_below(Refusal)) == set(STATUSES)
    assert all(400 <= status < 500 for status in STATUSES.values())


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "OPTIONS"])
async def test_an_address_without_anything_is_a_problem(
    client: httpx.AsyncClient, method: str
) -> None:
    for path in (
        "/",
        "/nothing",
        "/api/v1",
        "/api/v1/nothing",
        "/docs/assets/nothing.js",
        "/docs/",
    ):
        if path.startswith("/docs/assets") and method != "GET":
            continue
        assert is_problem(await client.request(method, path), 404)


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/healthz", "GET, HEAD"),
        ("/openapi.json", "GET, HEAD"),
        ("/docs", "GET, HEAD"),
        ("/docs/assets/swagger-ui.css", "GET, HEAD"),
        ("/robots.txt", "GET, HEAD"),
        ("/api/v1/preview", "POST"),
        ("/api/v1/agreements", "GET, HEAD, POST"),
        ("/api/v1/agreements/x", "DELETE, GET, HEAD, PATCH"),
        ("/api/v1/agreements/x/terms", "GET, HEAD"),
        ("/api/v1/tokens", "GET, HEAD, POST"),
        ("/api/v1/tokens/x", "DELETE"),
        ("/api/v1/imports", "POST"),
    ],
)
async def test_a_method_that_is_not_taken_is_told_all_that_are(
    client: httpx.AsyncClient, path: str, allowed: str
) -> None:
    for method in ("OPTIONS", "PUT", "TRACE", "PROPFIND", "FOO"):
        answer = await client.request(method, path)
        assert is_problem(answer, 405)
        assert answer.headers["allow"] == allowed


async def test_a_head_of_what_has_no_get_is_no_get(client: httpx.AsyncClient) -> None:
    answer = await client.head("/api/v1/preview")
    assert (answer.status_code, answer.content) == (405, b"")
    assert answer.headers["allow"] == "POST"


async def test_a_problem_points_at_each_fault(client: httpx.AsyncClient, as_admin: Headers) -> None:
    bad = an_agreement(initial_term={"value": 0, "unit": "months"}, owner="", more=1)
    answer = await client.post("/api/v1/agreements", json=bad, headers=as_admin)
    assert is_problem(answer, 422)
    assert answer.json()["type"] == "urn:noticeboard:invalid"
    assert {error["pointer"] for error in answer.json()["errors"]} == {
        "#/initial_term/value",
        "#/owner",
        "#/more",
    }


async def test_a_rule_about_two_fields_names_the_one_to_mend(
    client: httpx.AsyncClient, as_admin: Headers
) -> None:
    for changes, pointer in (
        ({"annual_value": "5"}, "#/currency"),
        ({"co_terminous": True, "initial_term": None}, "#/parent_id"),
        ({"initial_term": None, "end_date": "2020-01-01"}, "#/end_date"),
        ({"renewal": {"kind": "auto"}}, "#/renewal/term"),
    ):
        answer = await client.post(
            "/api/v1/agreements", json=an_agreement(**changes), headers=as_admin
        )
        assert is_problem(answer, 422)
        assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


async def test_a_hundred_faults_are_enough(client: httpx.AsyncClient, as_admin: Headers) -> None:
    bad = an_agreement() | {f"field_{number}": 1 for number in range(5_000)}
    answer = await client.post("/api/v1/agreements", json=bad, headers=as_admin)
    assert is_problem(answer, 422)
    assert len(answer.json()["errors"]) == 100
    assert len(answer.json()["detail"]) < 1_000


async def test_a_name_that_cannot_be_ours_is_not_repeated(
    client: httpx.AsyncClient, as_admin: Headers
) -> None:
    for name in ("<script>alert(1)</script>", "a/b~c", "x" * 5_000, "\u202e", "a.b c"):
        answer = await client.post(
            "/api/v1/agreements", json=an_agreement(**{name: 1}), headers=as_admin
        )
        assert is_problem(answer, 422)
        assert name not in answer.text
        assert json.dumps(name) not in answer.text


async def test_our_own_faults_tell_nothing_but_the_request_and_are_logged_with_it(
    client: httpx.AsyncClient,
    application: FastAPI,
    as_admin: Headers,
    caplog: pytest.LogCaptureFixture,
) -> None:
    here = application.state.installation
    application.state.installation = None
    with caplog.at_level(logging.ERROR):
        answer = await client.get("/api/v1/agreements", headers=as_admin)
    application.state.installation = here
    assert is_problem(answer, 500)
    assert answer.json()["type"] == "urn:noticeboard:failure"
    assert "TypeError" not in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"
    (record,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert answer.json()["request_id"] in record.getMessage()
    assert record.exc_info is not None


async def test_without_a_database_the_api_says_so_and_nothing_else(
    client: httpx.AsyncClient,
    application: FastAPI,
    as_admin: Headers,
    away: Database,
    caplog: pytest.LogCaptureFixture,
) -> None:
    here = application.state.installation
    application.state.installation = replace(here, database=away)
    for method, path in (
        ("GET", "/api/v1/agreements"),
        ("POST", "/api/v1/agreements"),
        ("GET", "/api/v1/renewals"),
        ("POST", "/api/v1/imports"),
    ):
        answer = await client.request(method, path, json=an_agreement(), headers=as_admin)
        assert is_problem(answer, 503)
        assert answer.json()["type"] == "urn:noticeboard:unavailable"
        assert int(answer.headers["retry-after"]) > 0
        for inside in ("sqlite", "postgresql", "127.0.0.1", "SELECT", "Operational"):
            assert inside not in answer.text
    assert answer.json()["request_id"] in caplog.text


async def test_titles_do_not_hang_on_the_release_of_python(
    client: httpx.AsyncClient, as_admin: Headers
) -> None:
    answer = await client.post("/api/v1/agreements", json={}, headers=as_admin)
    assert answer.json()["title"] == "Unprocessable Content"
    assert HTTPStatus(answer.status_code) == 422


def all_below(kind: type[Refusal]) -> list[type[Refusal]]:
    below = kind.__subclasses__()
    return below + [deeper for each in below for deeper in all_below(each)]
