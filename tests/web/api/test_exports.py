"""The register as a file over HTTP: whole, or refused, or cut off, and never half."""

import io
import json
from collections.abc import Awaitable, Callable
from tempfile import SpooledTemporaryFile
from typing import Any
from uuid import UUID

import anyio
import httpx
import pytest
from fastapi import FastAPI
from python_calamine import CalamineWorkbook
from starlette.types import Message

from app.records.engine import Database
from app.usecases.columns import COLUMNS
from app.usecases.exports import WRITERS
from app.web.api import exports
from tests.builders import an_agreement, sabotage

pytestmark = pytest.mark.anyio

Headers = dict[str, str]
Enter = Callable[..., Awaitable[dict[str, Any]]]
MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
    "ocds.json": "application/json",
}


def address(ending: str) -> str:
    return f"/api/v1/agreements.{ending}"


def references_in(answer: httpx.Response, ending: str) -> list[str]:
    if ending == "json":
        return [one["reference"] for one in answer.json()]
    if ending == "ocds.json":
        return [one["contracts"][0]["id"] for one in answer.json()["releases"]]
    if ending == "xlsx":
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0)
        return [str(row[0]) for row in sheet.to_python()[1:]]
    return [line.split(",")[0] for line in answer.text.splitlines()[1:]]


@pytest.mark.parametrize("ending", WRITERS)
async def test_a_file_is_sent_with_its_name_type_and_length(
    client: httpx.AsyncClient, as_admin: Headers, enter: Enter, ending: str
) -> None:
    for reference in ("B", "A"):
        await enter(reference=reference)
    answer = await client.get(address(ending), headers=as_admin)
    assert answer.status_code == 200
    assert references_in(answer, ending) == ["A", "B"]
    headers = answer.headers
    assert headers["content-type"] == MEDIA_TYPES[ending]
    disposition = f'attachment; filename="agreements-2026-11-23.{ending}"'
    assert headers["content-disposition"] == disposition
    assert headers["content-length"] == str(len(answer.content))
    assert headers["left-out"] == "0"
    assert headers["cache-control"] == "no-store"


@pytest.mark.parametrize("ending", WRITERS)
async def test_head_tells_what_get_would(
    client: httpx.AsyncClient, as_admin: Headers, enter: Enter, ending: str
) -> None:
    await enter()
    got, head = [
        await client.request(method, address(ending), headers=as_admin)
        for method in ("GET", "HEAD")
    ]
    assert head.content == b""
    del got.headers["x-request-id"], head.headers["x-request-id"]
    assert (head.status_code, head.headers) == (200, got.headers)


@pytest.mark.parametrize("ending", WRITERS)
async def test_the_filters_are_those_of_the_list(
    client: httpx.AsyncClient, as_admin: Headers, enter: Enter, ending: str
) -> None:
    await enter(reference="A", kind="saas", tags=["x"], title="VPN")
    await enter(reference="B", owner="Ada", criticality="high", spend_class="core")
    for asked, found in {
        "kind=saas&tag=x&q=vpn": ["A"],
        "owner=Ada&criticality=high&spend_class=core": ["B"],
        "counterparty=Northwind%20Software": ["A", "B"],
        "counterparty=Nobody": [],
    }.items():
        answer = await client.get(f"{address(ending)}?{asked}", headers=as_admin)
        assert references_in(answer, ending) == found, asked


@pytest.mark.parametrize("ending", WRITERS)
@pytest.mark.parametrize("asked", ["kind=toaster", "q=", "colour=red", "limit=5", "tag=a&tag=b"])
async def test_a_filter_that_is_none_is_refused(
    client: httpx.AsyncClient, as_admin: Headers, ending: str, asked: str
) -> None:
    answer = await client.get(f"{address(ending)}?{asked}", headers=as_admin)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert "content-disposition" not in answer.headers


async def test_an_empty_register_is_a_file_of_nothing(
    client: httpx.AsyncClient, as_admin: Headers
) -> None:
    assert (await client.get(address("json"), headers=as_admin)).json() == []
    as_csv = await client.get(address("csv"), headers=as_admin)
    assert as_csv.content.decode("utf-8-sig") == ",".join(COLUMNS) + "\r\n"


async def test_what_left_as_json_can_be_entered_again(
    client: httpx.AsyncClient, as_admin: Headers, enter: Enter
) -> None:
    parent = await enter(reference="P", tags=["a;b"], signed_date="2024-01-02", notes="=1\n'2")
    await enter(reference="C", parent_id=parent["id"])
    left = (await client.get(address("json"), headers=as_admin)).json()
    new_ids: dict[str, str] = {}
    for one in sorted(left, key=lambda one: "parent_id" in one):
        entered = {name: value for name, value in one.items() if name != "id"}
        entered["counterparty"] = "Somebody else"
        if "parent_id" in entered:
            entered["parent_id"] = new_ids[entered["parent_id"]]
        answer = await client.post("/api/v1/agreements", json=entered, headers=as_admin)
        assert answer.status_code == 201, answer.text
        new_ids[one["id"]] = answer.json()["id"]
    query = {"counterparty": "Somebody else"}
    again = (await client.get(address("json"), params=query, headers=as_admin)).json()
    old_ids = {new: old for old, new in new_ids.items()}
    for one in again:
        one["id"], one["counterparty"] = old_ids[one["id"]], "Northwind Software"
        if "parent_id" in one:
            one["parent_id"] = old_ids[one["parent_id"]]
    assert again == left


async def test_what_left_as_csv_is_imported_without_a_change(
    client: httpx.AsyncClient, as_admin: Headers, enter: Enter
) -> None:
    await enter(reference="=A", title="'-B", tags=["a;b"])
    left = await client.get(address("csv"), headers=as_admin)
    answer = await client.post(
        "/api/v1/imports", files={"file": ("x.csv", left.content)}, headers=as_admin
    )
    assert (answer.json()["unchanged"], answer.json()["changed"]) == (1, 0)


async def test_what_cannot_be_read_is_counted_in_a_header(
    client: httpx.AsyncClient, as_admin: Headers, enter: Enter, database: Database
) -> None:
    broken, _ = await enter(reference="A"), await enter(reference="B")
    with database.writing() as session:
        sabotage(session, UUID(broken["id"]), terms="{")
    answer = await client.get(address("csv"), headers=as_admin)
    assert references_in(answer, "csv") == ["B"]
    assert answer.headers["left-out"] == "1"


async def test_what_fails_while_the_file_is_made_is_answered_as_a_failure(
    client: httpx.AsyncClient, as_admin: Headers, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = []

    def broken(*arguments: Any) -> None:  # noqa: ANN401 - those of an export
        files.append(arguments[3])
        arguments[3].write(b"reference,title")
        raise ZeroDivisionError

    monkeypatch.setattr(exports, "export", broken)
    answer = await client.get(address("csv"), headers=as_admin)
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert b"reference" not in answer.content
    assert files[0].closed


async def test_a_file_that_fails_on_its_way_is_cut_off(
    application: FastAPI, as_admin: Headers, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Failing(SpooledTemporaryFile[bytes]):
        reads = 0

        def read(self, *size: int) -> bytes:
            self.reads += 1
            if self.reads == 2:
                raise OSError(5, "Input/output error")
            return super().read(*size)

    made = []

    def open_one(most: int) -> Failing:
        made.append(Failing(most))
        return made[0]

    monkeypatch.setattr(exports, "SpooledTemporaryFile", open_one)
    monkeypatch.setattr(exports, "_PIECE", 100)
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    with pytest.raises(OSError, match="Input/output"):
        await application(scope_of(address("csv"), as_admin), nothing_more, send)
    start, *pieces = sent
    length = dict(start["headers"])[b"content-length"]
    assert int(length) > sum(len(piece["body"]) for piece in pieces) == 100
    assert all(piece["more_body"] for piece in pieces)
    assert made[0].closed


async def test_nobody_waits_for_a_slow_reader(
    application: FastAPI, as_admin: Headers, client: httpx.AsyncClient, database: Database
) -> None:
    """The file is complete before its first byte goes out: no transaction is open then."""
    written: list[int] = []

    async def send(message: Message) -> None:
        if message["type"] == "http.response.body" and not written:
            new = await client.post("/api/v1/agreements", json=an_agreement(), headers=as_admin)
            written.append(new.status_code)
            assert database.engine.pool.checkedout() == 0  # type: ignore[attr-defined]

    await application(scope_of(address("json"), as_admin), nothing_more, send)
    assert written == [201]


def test_the_json_is_described_as_what_is_entered_with_an_id(application: FastAPI) -> None:
    document = application.openapi()
    told = document["paths"][address("json")]["get"]["responses"]["200"]
    assert set(told["headers"]) == {"Content-Disposition", "Left-Out"}
    reference = json.dumps(told["content"]["application/json"]["schema"]["items"])
    schemas = document["components"]["schemas"]
    (name,) = [name for name in schemas if f'/{name}"' in reference]
    assert set(schemas[name]["properties"]) == {"id", *schemas["AgreementForm"]["properties"]}


def scope_of(path: str, headers: Headers) -> dict[str, Any]:
    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},  # as our server says
        "http_version": "1.1",
        "method": "GET",
        "scheme": "https",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": raw,
        "client": ("127.0.0.1", 1),
        "server": ("noticeboard.example", 443),
    }


async def nothing_more() -> Message:
    await anyio.sleep_forever()
    raise AssertionError
