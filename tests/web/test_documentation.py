import base64
import hashlib
import re
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

pytestmark = pytest.mark.anyio

Operation = tuple[str, dict[str, Any]]


FIRST = {
    "notices": {"sent_on": "2026-01-12"},
    "amendments": {"effective_from": "2026-12-01", "annual_value": "1.00"},
    "verifications": {"clause": "notice", "quotation": "45 days"},
}


@pytest.fixture
def document(application: FastAPI) -> dict[str, Any]:
    return application.openapi()


@pytest.fixture
def operations(document: dict[str, Any]) -> list[Operation]:
    return [
        (f"{method.upper()} {path}", operation)
        for path, found in document["paths"].items()
        for method, operation in found.items()
    ]


async def test_the_page_shows_the_document_from_our_own_files_only(
    client: httpx.AsyncClient,
) -> None:
    page = await client.get("/docs")
    assert page.status_code == 200
    addresses = re.findall(r"""(?:src|href)="([^"]+)"|url: '([^']+)'""", page.text)
    ours = [first or second for first, second in addresses]
    assert len(ours) == 4
    for address in ours:
        assert address.startswith("/")
        assert not address.startswith("//")
        assert (await client.get(address)).status_code == 200
    assert "://" not in page.text
    assert '"validatorUrl": null' in page.text


async def test_the_page_lets_its_own_script_run_and_no_other(client: httpx.AsyncClient) -> None:
    page = await client.get("/docs")
    policy = page.headers["content-security-policy"]
    (script,) = re.findall(r"<script>(.*?)</script>", page.text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'self' 'sha256-{digest}';" in policy
    assert "default-src 'self'" in policy
    assert "http" not in policy


async def test_the_document_is_what_is_served(
    client: httpx.AsyncClient, document: dict[str, Any]
) -> None:
    assert (await client.get("/openapi.json")).json() == document


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    for reference in references(document):
        part: Any = document
        for name in reference.removeprefix("#/").split("/"):
            part = part[name]
    assert "HTTPValidationError" not in str(document)


def test_every_operation_is_described(operations: list[Operation]) -> None:
    for name, operation in operations:
        assert operation["summary"], name
        assert operation["description"], name
        assert operation["tags"], name
        assert not operation["summary"].endswith("."), name
    ids = [operation["operationId"] for _, operation in operations]
    assert len(ids) == len(set(ids))


def test_every_guarded_operation_says_how_to_sign_in_and_how_it_refuses(
    operations: list[Operation], document: dict[str, Any]
) -> None:
    scheme = document["components"]["securitySchemes"]["token"]
    assert (scheme["type"], scheme["scheme"]) == ("http", "bearer")
    for name, operation in operations:
        if "/api/" not in name:
            assert "security" not in operation, name
            continue
        assert operation["security"] == [{"token": []}], name
        refusals = {status for status in operation["responses"] if status >= "400"}
        assert {"401", "403", "422", "503"} <= refusals, name
        if "requestBody" in operation:
            assert {"413", "415"} <= refusals, name
        for status in refusals:
            content = operation["responses"][status]["content"]
            assert content == {
                "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
            }, name


def test_every_answer_with_content_has_a_shape(operations: list[Operation]) -> None:
    for name, operation in operations:
        for status, answer in operation["responses"].items():
            if status in {"204", "304"}:
                assert "content" not in answer, name
            else:
                assert all(each["schema"] for each in answer["content"].values()), name


async def test_every_form_has_an_example_that_is_taken(
    client: httpx.AsyncClient,
    as_admin: dict[str, str],
    operations: list[Operation],
    enter: Callable[..., Awaitable[dict[str, Any]]],
) -> None:
    for name, operation in operations:
        body = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if body is None:
            continue
        assert body["examples"], name
        # Its third term's deadline has passed, and each of these can be recorded about it.
        missed = (await enter(reference=name, start_date="2024-01-01"))["id"]
        method, path = name.replace("{agreement_id}", missed).split()
        own_feed = {"name": "A feed of our own"}
        feed = await client.post("/api/v1/feeds", json=own_feed, headers=as_admin)
        path = path.replace("{feed_id}", feed.json()["id"])
        path = path.replace("{name}", "of-our-own")
        path = path.replace("/terms/{number}", "/terms/3").replace("{number}", "1")
        for what, sent in FIRST.items():
            above, found, _ = path.partition(f"/{what}/1/")
            if found:
                await client.post(f"{above}/{what}", json=sent, headers=as_admin)
        for number, example in enumerate(body["examples"].values()):
            sent = example["value"]
            if path.endswith("/decision"):
                sent |= {"side": "it"}  # an administrator says whose choice it is
            if "reference" in sent:
                sent |= {"reference": f"EXAMPLE-{number}"}
            answer = await client.request(
                method, path, json=sent, headers=as_admin | {"If-Match": "*"}
            )
            assert answer.status_code in {200, 201, 204}, answer.text


def references(part: object) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        for value in part.values():
            yield from references(value)
    elif isinstance(part, list):
        for value in part:
            yield from references(value)
