"""Every route and everybody who might knock: who is told 401, who 403, and who gets in.

The routes come from the live OpenAPI document, so that a new one fails here until somebody
decides who may use it.
"""

from collections.abc import Callable, Iterator
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI

from app import credentials
from app.credentials import Opens

pytestmark = pytest.mark.anyio

READERS = {"viewer", "it", "procurement", "admin"}
WRITERS = {"procurement", "admin"}
TEAMS = {"it", "procurement", "admin"}
WHO_MAY = {
    ("POST", "/api/v1/preview"): READERS,
    ("GET", "/api/v1/agreements"): READERS,
    ("POST", "/api/v1/agreements"): WRITERS,
    ("GET", "/api/v1/agreements.csv"): READERS,
    ("GET", "/api/v1/agreements.xlsx"): READERS,
    ("GET", "/api/v1/agreements.json"): READERS,
    ("GET", "/api/v1/agreements.ocds.json"): READERS,
    ("GET", "/api/v1/agreements/{agreement_id}"): READERS,
    ("GET", "/api/v1/agreements/{agreement_id}.ics"): READERS,
    ("PATCH", "/api/v1/agreements/{agreement_id}"): WRITERS,
    ("DELETE", "/api/v1/agreements/{agreement_id}"): WRITERS,
    ("GET", "/api/v1/agreements/{agreement_id}/terms"): READERS,
    ("GET", "/api/v1/agreements/{agreement_id}/history"): READERS,
    ("GET", "/api/v1/agreements/{agreement_id}/terms/{number}/decision"): READERS,
    ("PUT", "/api/v1/agreements/{agreement_id}/terms/{number}/decision"): TEAMS,
    ("POST", "/api/v1/agreements/{agreement_id}/terms/{number}/acknowledgement"): TEAMS,
    ("GET", "/api/v1/agreements/{agreement_id}/notices"): READERS,
    ("POST", "/api/v1/agreements/{agreement_id}/notices"): WRITERS,
    ("POST", "/api/v1/agreements/{agreement_id}/notices/{number}/receipt"): WRITERS,
    ("POST", "/api/v1/agreements/{agreement_id}/notices/{number}/withdrawal"): WRITERS,
    ("GET", "/api/v1/agreements/{agreement_id}/amendments"): READERS,
    ("POST", "/api/v1/agreements/{agreement_id}/amendments"): WRITERS,
    ("POST", "/api/v1/agreements/{agreement_id}/amendments/{number}/withdrawal"): WRITERS,
    ("GET", "/api/v1/agreements/{agreement_id}/verifications"): READERS,
    ("POST", "/api/v1/agreements/{agreement_id}/verifications"): TEAMS,
    ("POST", "/api/v1/agreements/{agreement_id}/verifications/{number}/withdrawal"): TEAMS,
    ("GET", "/api/v1/renewals"): READERS,
    ("GET", "/api/v1/lead-times"): READERS,
    ("PUT", "/api/v1/lead-times"): {"admin"},
    ("GET", "/api/v1/feeds"): READERS,
    ("POST", "/api/v1/feeds"): READERS,
    ("GET", "/api/v1/feeds/health"): READERS,
    ("GET", "/api/v1/feeds/{feed_id}"): READERS,
    ("PATCH", "/api/v1/feeds/{feed_id}"): READERS,
    ("DELETE", "/api/v1/feeds/{feed_id}"): READERS,
    ("GET", "/api/v1/feeds/{feed_id}/subscriptions"): READERS,
    ("POST", "/api/v1/feeds/{feed_id}/subscriptions"): READERS,
    ("DELETE", "/api/v1/feeds/{feed_id}/subscriptions/{subscription_id}"): READERS,
    ("POST", "/api/v1/feeds/{feed_id}/subscriptions/{subscription_id}/replacement"): READERS,
    ("GET", "/api/v1/tokens"): {"admin"},
    ("POST", "/api/v1/tokens"): {"admin"},
    ("DELETE", "/api/v1/tokens/{token_id}"): {"admin"},
    ("POST", "/api/v1/imports"): WRITERS,
    ("GET", "/api/v1/imports/{job_id}"): WRITERS,
    ("GET", "/api/v1/imports/{job_id}/refused"): WRITERS,
    ("GET", "/api/v1/import-mappings"): WRITERS,
    ("GET", "/api/v1/import-mappings/{name}"): WRITERS,
    ("PUT", "/api/v1/import-mappings/{name}"): WRITERS,
    ("DELETE", "/api/v1/import-mappings/{name}"): WRITERS,
}
PUBLIC = ["/healthz", "/readyz", "/openapi.json", "/docs", "/robots.txt"]


def test_the_table_names_every_operation_of_the_document(application: FastAPI) -> None:
    guarded: set[tuple[str, str]] = set()
    public: set[tuple[str, str]] = set()
    for path, operations in application.openapi()["paths"].items():
        for method, operation in operations.items():
            (guarded if "security" in operation else public).add((method.upper(), path))
    assert guarded == set(WHO_MAY)
    assert {path for _, path in public} == {"/healthz", "/readyz", "/feeds/{secret}/{name}.ics"}


def nobodies(valid: str, revoked: str, feed_secret: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield everybody who is nobody: a name and what is sent in headers."""
    unknown = credentials.mint(Opens.API)
    wrong_checksum = unknown[:-1] + ("0" if unknown[-1] != "0" else "1")
    for name, sent in {
        "empty": "",
        "only the scheme": "Bearer",
        "scheme and a space": "Bearer ",
        "Basic": "Basic YWRtaW46YWRtaW4=",
        "a valid token as Basic": f"Basic {valid}",
        "a valid token without a scheme": valid,
        "a valid token under another scheme": f"Token {valid}",
        "a valid token and more": f"Bearer {valid} {valid}",
        "a valid token twice": f"Bearer {valid}, Bearer {valid}",
        "a valid token in quotes": f'Bearer "{valid}"',
        "a valid token, lower case": f"Bearer {valid.lower()}",
        "a valid token, cut": f"Bearer {valid[:-1]}",
        "a valid token, longer": f"Bearer {valid}0",
        "garbage": "Bearer \x01\x7f%00'; DROP TABLE tokens; --",
        "not ASCII": "Bearer nbapi_é",
        "very long": f"Bearer {'x' * 10_000}",
        "wildcard": "Bearer *",
        "SQL": "Bearer ' OR 1=1 --",
        "null": "Bearer null",
        "wrong checksum": f"Bearer {wrong_checksum}",
        "well formed, never handed out": f"Bearer {unknown}",
        "the hash of a valid token": f"Bearer {credentials.digest(valid)}",
        "a feed's secret": f"Bearer {feed_secret}",
        "revoked": f"Bearer {revoked}",
    }.items():
        yield name, {"Authorization": sent}
    yield "nothing", {}
    yield "a valid token in a cookie", {"Cookie": f"token={valid}; Authorization=Bearer {valid}"}
    yield "a valid token in another header", {"X-API-Key": valid, "X-Auth-Token": valid}
    yield "another header that proxies set", {"X-Forwarded-User": "admin", "X-Remote-User": "admin"}


async def test_who_is_nobody_is_told_so_before_the_body_is_judged(
    client: httpx.AsyncClient,
    signed_in: Callable[[str], dict[str, str]],
    as_admin: dict[str, str],
    feed_secret: str,
) -> None:
    valid = signed_in("admin")["Authorization"].removeprefix("Bearer ")
    revoked = await revoked_secret(client, as_admin)
    wrong = []
    for method, path in WHO_MAY:
        for who, headers in nobodies(valid, revoked, feed_secret):
            answer = await knock(client, method, path, headers)
            if not is_refusal(answer, 401) or answer.headers.get("www-authenticate") != "Bearer":
                wrong.append(f"{who}: {method} {path} gave {answer.status_code}")
        for name in ("token", "access_token", "authorization", "api_key"):
            answer = await client.request(method, filled(path), params={name: valid})
            if not is_refusal(answer, 401):
                wrong.append(f"?{name}=: {method} {path} gave {answer.status_code}")
    assert not wrong


@pytest.mark.parametrize("role", sorted(READERS))
async def test_each_role_is_let_in_where_the_table_says(
    client: httpx.AsyncClient, signed_in: Callable[[str], dict[str, str]], role: str
) -> None:
    headers, wrong = signed_in(role), []
    for (method, path), roles in WHO_MAY.items():
        answer = await knock(client, method, path, headers)
        let_in = answer.status_code not in {401, 403}
        if let_in != (role in roles) or (not let_in and not is_refusal(answer, 403)):
            wrong.append(f"{method} {path} gave {answer.status_code}")
    assert not wrong


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "Bearer "])
async def test_the_scheme_may_be_spelt_as_one_likes(
    client: httpx.AsyncClient, as_admin: dict[str, str], scheme: str
) -> None:
    secret = as_admin["Authorization"].removeprefix("Bearer ")
    answer = await client.get("/api/v1/tokens", headers={"Authorization": f"{scheme} {secret}"})
    assert answer.status_code == 200


async def test_other_spellings_of_a_path_lead_nowhere(
    client: httpx.AsyncClient, as_admin: dict[str, str]
) -> None:
    for path in (
        "/api/v1/tokens/",
        "//api/v1/tokens",
        "/API/V1/TOKENS",
        "/api/v1/./tokens/..%2ftokens",
        "/api//v1/tokens",
        "/api/v1/tokens;x",
        "/api/v1/tokens%00",
        "/api/v2/tokens",
    ):
        for headers in ({}, as_admin):
            answer = await client.get(
                httpx.URL(f"https://noticeboard.example{path}"), headers=headers
            )
            assert answer.status_code == 404, path
            assert "location" not in answer.headers


async def test_a_revoked_token_is_refused_at_the_next_request(
    client: httpx.AsyncClient, as_admin: dict[str, str]
) -> None:
    minted = (
        await client.post(
            "/api/v1/tokens", json={"name": "leaver", "role": "viewer"}, headers=as_admin
        )
    ).json()
    headers = {"Authorization": f"Bearer {minted['token']}"}
    assert (await client.get("/api/v1/agreements", headers=headers)).status_code == 200
    await client.delete(f"/api/v1/tokens/{minted['id']}", headers=as_admin)
    assert is_refusal(await client.get("/api/v1/agreements", headers=headers), 401)


@pytest.mark.parametrize("path", PUBLIC)
async def test_what_is_public_looks_at_no_token(client: httpx.AsyncClient, path: str) -> None:
    for headers in ({}, {"Authorization": "Bearer"}, {"Authorization": "Basic eDp5"}):
        assert (await client.get(path, headers=headers)).status_code == 200


async def test_a_strangers_huge_body_is_not_even_weighed(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/v1/agreements", content=b"[" * 2_000_000)
    assert is_refusal(answer, 401)


async def revoked_secret(client: httpx.AsyncClient, as_admin: dict[str, str]) -> str:
    minted = await client.post(
        "/api/v1/tokens", json={"name": "gone", "role": "admin"}, headers=as_admin
    )
    await client.delete(f"/api/v1/tokens/{minted.json()['id']}", headers=as_admin)
    return str(minted.json()["token"])


async def knock(
    client: httpx.AsyncClient, method: str, path: str, headers: dict[str, str]
) -> httpx.Response:
    raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    raw.append((b"Content-Type", b"application/json"))
    return await client.request(method, filled(path), content=b"{", headers=raw)


def filled(path: str) -> str:
    filled = path.replace("{agreement_id}", str(uuid4())).replace("{token_id}", str(uuid4()))
    return filled.replace("{number}", "1")


def is_refusal(answer: httpx.Response, status: int) -> bool:
    return (
        answer.status_code == status
        and answer.headers["content-type"] == "application/problem+json"
        and answer.json()["status"] == status
    )
