import re
from uuid import uuid4

import httpx
import pytest

from app import credentials
from app.credentials import Opens
from app.records.engine import Database

pytestmark = pytest.mark.anyio

Headers = dict[str, str]
ADDRESS = "/api/v1/tokens"
LEAVER = {"name": "Leaver", "role": "viewer"}


async def test_a_secret_is_shown_once_and_listed_never(
    client: httpx.AsyncClient, as_admin: Headers
) -> None:
    minted = await client.post(ADDRESS, json=LEAVER, headers=as_admin)
    assert minted.status_code == 201
    secret = minted.json()["token"]
    assert re.fullmatch("nbapi_[0-9A-Za-z]{36}", secret)
    assert credentials.is_well_formed(secret, Opens.API)

    every = await client.get(ADDRESS, headers=as_admin)
    assert {item["name"] for item in every.json()["items"]} == {"a admin", "Leaver"}
    for known in (secret, secret.removeprefix("nbapi_"), credentials.digest(secret)):
        assert known not in every.text


async def test_only_its_hash_is_stored(
    client: httpx.AsyncClient, as_admin: Headers, database: Database
) -> None:
    secret = (await client.post(ADDRESS, json=LEAVER, headers=as_admin)).json()["token"]
    with database.reading() as session:
        stored = [
            str(row)
            for table in ("tokens", "audit", "repeatable_answers")
            for row in session.exec_driver_sql(f"SELECT * FROM {table}")  # noqa: S608
        ]
    assert not any(secret in row for row in stored)
    assert sum(credentials.digest(secret) in row for row in stored) == 1


async def test_a_revoked_token_stays_in_the_list_with_its_day(
    client: httpx.AsyncClient, as_admin: Headers
) -> None:
    minted = (await client.post(ADDRESS, json=LEAVER, headers=as_admin)).json()
    for _ in range(2):
        revoked = await client.delete(f"{ADDRESS}/{minted['id']}", headers=as_admin)
        assert (revoked.status_code, revoked.content) == (204, b"")
    items = (await client.get(ADDRESS, headers=as_admin)).json()["items"]
    assert {item["name"]: item["revoked_at"] for item in items} == {
        "a admin": None,
        "Leaver": "2026-11-23T12:00:00+00:00",
    }


async def test_what_is_no_token_cannot_be_revoked(
    client: httpx.AsyncClient, as_admin: Headers
) -> None:
    assert (await client.delete(f"{ADDRESS}/{uuid4()}", headers=as_admin)).status_code == 404
    assert (await client.delete(f"{ADDRESS}/1", headers=as_admin)).status_code == 422


@pytest.mark.parametrize(
    ("form", "pointer"),
    [
        ({"name": "x"}, "#/role"),
        ({"role": "admin"}, "#/name"),
        ({"name": "x", "role": "root"}, "#/role"),
        ({"name": "", "role": "admin"}, "#/name"),
        ({"name": "a\nb", "role": "admin"}, "#/name"),
        ({"name": "x" * 201, "role": "admin"}, "#/name"),
        ({"name": "x", "role": "admin", "id": str(uuid4())}, "#/id"),
        ({"name": "x", "role": "admin", "token": "nbapi_x"}, "#/token"),
        ({"name": "x", "role": ["admin"]}, "#/role"),
    ],
)
async def test_a_bad_form_mints_nothing(
    client: httpx.AsyncClient, as_admin: Headers, form: dict[str, object], pointer: str
) -> None:
    answer = await client.post(ADDRESS, json=form, headers=as_admin)
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    assert len((await client.get(ADDRESS, headers=as_admin)).json()["items"]) == 1


async def test_a_token_is_used_whatever_its_name(
    client: httpx.AsyncClient, as_admin: Headers
) -> None:
    minted = await client.post(
        ADDRESS, json={"name": "Zoë <b>& Sons</b>", "role": "viewer"}, headers=as_admin
    )
    assert minted.json()["name"] == "Zoë <b>& Sons</b>"
