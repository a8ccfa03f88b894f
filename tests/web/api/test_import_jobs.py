"""Imports over HTTP that are answered later, partly taken, or read by a mapping."""

import asyncio
from typing import Any
from uuid import uuid4

import httpx
import pytest

from app.records import jobs
from app.records.engine import Database
from app.settings import Settings
from tests.builders import NOW

pytestmark = pytest.mark.anyio

Headers = dict[str, str]
Json = dict[str, Any]
ADDRESS = "/api/v1/imports"
HEADER = "reference,title,counterparty,start_date,initial_term,renewal_kind,renewal_term,notice\n"
ROW = "{reference},Backup,Northwind,2024-04-15,12 months,auto,12 months,45 days\n"
GERMAN = "Vertragsnummer;Bezeichnung;Lieferant;Vertragsbeginn;Vertragsende;Inventarnummer\n"
GERMAN_ROW = "V-1;Telefonie;Nordwind;03/04/2024;05/06/2027;LN-1\n"


def rows(*references: str) -> str:
    return HEADER + "".join(ROW.format(reference=reference) for reference in references)


async def sent(
    client: httpx.AsyncClient, headers: Headers, content: str | bytes, **fields: str
) -> httpx.Response:
    file = content.encode() if isinstance(content, str) else content
    return await client.post(ADDRESS, files={"file": ("x", file)}, data=fields, headers=headers)


async def over(client: httpx.AsyncClient, headers: Headers, answer: httpx.Response) -> Json:
    assert answer.status_code == 202, answer.text
    for _ in range(400):
        found: Json = (await client.get(answer.headers["Location"], headers=headers)).json()
        if found["state"] != "running":
            return found
        await asyncio.sleep(0.05)
    pytest.fail("the job does not end")


async def stored(client: httpx.AsyncClient, headers: Headers) -> list[str]:
    items = (await client.get("/api/v1/agreements", headers=headers)).json()["items"]
    return sorted(item["reference"] for item in items)


async def test_whoever_does_not_want_to_wait_is_told_where_to_look(
    client: httpx.AsyncClient, as_admin: Headers
) -> None:
    asking = as_admin | {"Prefer": "respond-async, wait=10", "Idempotency-Key": "once"}
    answer = await sent(client, asking, rows("A", "B"))
    begun = answer.json()
    assert begun["state"] == "running"
    assert answer.headers["Location"] == f"{ADDRESS}/{begun['id']}"
    again = await sent(client, asking, rows("A", "B"))
    assert again.json() == begun
    assert again.headers["Location"] == answer.headers["Location"]
    done = await over(client, as_admin, answer)
    assert (done["state"], done["status"], done["phase"]) == ("done", 200, "over")
    assert done["report"]["created"] == 2
    assert done["problem"] is None
    assert await stored(client, as_admin) == ["A", "B"]


async def test_a_long_file_goes_on_as_a_job_and_a_dry_run_too(
    client: httpx.AsyncClient, as_admin: Headers
) -> None:
    header = HEADER.strip() + ",notes\n"
    long = header + "".join(
        f"{ROW.format(reference=f'R{number:03}').strip()},{'x' * 5_000}\n" for number in range(200)
    )
    tried = await over(client, as_admin, await sent(client, as_admin, long, dry_run="true"))
    assert tried["report"]["dry_run"]
    assert tried["report"]["creations"][0]["reference"] == "R000"
    assert await stored(client, as_admin) == []
    done = await over(client, as_admin, await sent(client, as_admin, long))
    assert done["report"]["created"] == 200


async def test_a_job_that_is_refused_has_stored_nothing(
    client: httpx.AsyncClient, as_admin: Headers
) -> None:
    asking = as_admin | {"Prefer": "respond-async"}
    bad = rows("A", "B").replace("45 days", "soon", 1)
    done = await over(client, as_admin, await sent(client, asking, bad))
    assert (done["state"], done["status"], done["report"]) == ("refused", 422, None)
    assert done["problem"]["type"] == "urn:noticeboard:bad-file"
    assert done["problem"]["errors"] == [
        {"row": 2, "column": "notice", "detail": done["problem"]["errors"][0]["detail"]}
    ]
    assert await stored(client, as_admin) == []


async def test_what_can_be_seen_at_once_is_told_at_once(
    client: httpx.AsyncClient, as_admin: Headers
) -> None:
    asking = as_admin | {"Prefer": "respond-async"}
    assert (await sent(client, asking, "Shoe size\n46\n")).status_code == 422
    question = await sent(client, asking, GERMAN + GERMAN_ROW)
    assert question.status_code == 422
    assert "day_order" in question.json()["errors"][0]["detail"]


async def test_a_fault_of_ours_ends_a_job_and_is_logged(
    client: httpx.AsyncClient,
    as_admin: Headers,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("a secret of ours")

    monkeypatch.setattr("app.web.api.imports.take", broken)
    asking = as_admin | {"Prefer": "respond-async"}
    done = await over(client, as_admin, await sent(client, asking, rows("A")))
    assert (done["state"], done["status"]) == ("refused", 500)
    assert "secret" not in str(done["problem"])
    assert "failed" in caplog.text


async def test_a_database_that_went_away_ends_a_job_too(
    client: httpx.AsyncClient, as_admin: Headers, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.records.engine import DatabaseAway  # noqa: PLC0415 - used here alone

    def away(*_: object, **__: object) -> None:
        raise DatabaseAway

    monkeypatch.setattr("app.web.api.imports.take", away)
    asking = as_admin | {"Prefer": "respond-async"}
    done = await over(client, as_admin, await sent(client, asking, rows("A")))
    assert (done["state"], done["status"]) == ("refused", 503)


async def test_what_is_no_job_is_not_found(client: httpx.AsyncClient, as_admin: Headers) -> None:
    for path in (f"/{uuid4()}", f"/{uuid4()}/refused"):
        answer = await client.get(ADDRESS + path, headers=as_admin)
        assert answer.status_code == 404
        assert "30 days" in answer.json()["detail"]
    assert (await client.get(ADDRESS + "/17", headers=as_admin)).status_code == 422


async def test_a_job_of_a_server_that_was_stopped_is_lost(
    client: httpx.AsyncClient, as_admin: Headers, database: Database
) -> None:
    job_id = uuid4()
    long_ago = NOW.replace(hour=1)
    with database.writing() as session:
        jobs.add(
            session,
            {
                "id": job_id,
                "state": "running",
                "phase": "reading",
                "done": 250,
                "created_at": long_ago,
                "seen_at": long_ago,
            },
        )
    found = (await client.get(f"{ADDRESS}/{job_id}", headers=as_admin)).json()
    assert (found["state"], found["done"], found["report"]) == ("lost", 250, None)


async def test_the_rows_that_can_be_are_stored_and_the_others_fetched(
    client: httpx.AsyncClient, as_admin: Headers
) -> None:
    content = rows("A", "B").replace("45 days", "soon", 1)
    answer = await sent(client, as_admin, content, partial="true")
    report = answer.json()
    assert (answer.status_code, report["created"], report["refused"]) == (200, 1, 1)
    assert await stored(client, as_admin) == ["B"]
    refused = await client.get(report["refused_rows"], headers=as_admin)
    assert refused.headers["content-type"].startswith("text/csv")
    assert refused.headers["content-disposition"] == 'attachment; filename="refused.csv"'
    assert refused.text.removeprefix("\ufeff").startswith(HEADER.strip() + ",refused_because")
    mended = refused.text.replace("soon", "45 days")
    assert (await sent(client, as_admin, mended)).json()["created"] == 1
    asking = as_admin | {"Prefer": "respond-async"}
    later = await over(client, as_admin, await sent(client, asking, content, partial="true"))
    assert (later["report"]["unchanged"], later["report"]["refused"]) == (1, 1)
    assert later["report"]["refused_rows"] == f"{ADDRESS}/{later['id']}/refused"


async def test_a_mapping_is_given_saved_and_used(
    client: httpx.AsyncClient, as_admin: Headers
) -> None:
    content = GERMAN + GERMAN_ROW
    tried = (await sent(client, as_admin, content, dry_run="true")).json()
    assert [one["setting"] for one in tried["questions"]] == ["day_order"]
    address = "/api/v1/import-mappings/vertraege"
    mapping = {"day_order": "dmy", "keep_unrecognised": True}
    saved = await client.put(address, json=mapping, headers=as_admin)
    assert saved.json() == {
        "name": "vertraege",
        "is_preset": False,
        "mapping": mapping | {"columns": [], "constants": {}},
    }
    assert (await client.get(address, headers=as_admin)).json() == saved.json()
    listed = (await client.get("/api/v1/import-mappings", headers=as_admin)).json()["items"]
    assert [one["name"] for one in listed] == [
        "glpi",
        "snipe-it",
        "netbox-contract",
        "vertraege",
    ]
    used = await sent(client, as_admin, content, mapping_name="vertraege")
    assert used.json()["created"] == 1
    kept = (await client.get("/api/v1/agreements", headers=as_admin)).json()["items"]
    assert kept[0]["custom"] == {"Inventarnummer": "LN-1"}
    other = await sent(client, as_admin, content, mapping='{"day_order": "mdy"}')
    assert other.json()["changed"] == 1
    assert (await client.delete(address, headers=as_admin)).status_code == 204
    assert (await client.get(address, headers=as_admin)).status_code == 404
    assert (await client.delete(address, headers=as_admin)).status_code == 404


@pytest.mark.parametrize(
    ("fields", "status", "sentence"),
    [
        ({"mapping_name": "nobody"}, 404, "there are glpi"),
        ({"mapping": "{"}, 422, "mapping"),
        ({"mapping": '{"columns": 5}'}, 422, "mapping.columns"),
        ({"mapping": "{}", "mapping_name": "glpi"}, 422, "give one of them"),
        ({"day_order": "ymd"}, 422, "day_order"),
    ],
)
async def test_a_mapping_that_is_none_is_refused(
    client: httpx.AsyncClient,
    as_admin: Headers,
    fields: dict[str, str],
    status: int,
    sentence: str,
) -> None:
    answer = await sent(client, as_admin, rows("A"), **fields)
    assert answer.status_code == status
    assert sentence in answer.text
    assert await stored(client, as_admin) == []


async def test_a_preset_cannot_be_replaced(client: httpx.AsyncClient, as_admin: Headers) -> None:
    answer = await client.put("/api/v1/import-mappings/glpi", json={}, headers=as_admin)
    assert answer.status_code == 409
    odd = await client.put("/api/v1/import-mappings/Not%20plain", json={}, headers=as_admin)
    assert odd.status_code == 422


def test_a_short_file_is_waited_for() -> None:
    assert Settings().max_import_bytes > 1_000_000, "there are files long enough for a job"
