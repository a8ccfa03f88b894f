from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import date, timedelta
from itertools import pairwise
from typing import Any
from uuid import uuid4

import httpx
import pytest

from app.records.engine import Database
from tests.builders import TODAY, an_agreement, length

pytestmark = pytest.mark.anyio

Enter = Callable[..., Awaitable[dict[str, Any]]]
Headers = dict[str, str]
ADDRESS = "/api/v1/agreements"


async def test_an_agreement_is_entered_and_read_back_with_its_dates(
    client: httpx.AsyncClient, as_admin: Headers
) -> None:
    entered = await client.post(ADDRESS, json=an_agreement(), headers=as_admin)
    assert entered.status_code == 201, entered.text
    assert entered.headers["etag"] == '"1"'

    read = await client.get(entered.headers["location"], headers=as_admin)
    assert read.json() == entered.json()
    assert read.headers["etag"] == '"1"'
    position = read.json()["position"]
    assert position["term_end"] == "2027-04-14"
    assert position["notice_deadline"] == "2027-02-28"
    assert position["next_decision"]["deadline"] == "2027-02-28"


async def test_the_location_comes_from_the_settings_and_not_from_the_request(
    client: httpx.AsyncClient, as_admin: Headers
) -> None:
    forged = as_admin | {"Host": "evil.example", "X-Forwarded-Host": "evil.example"}
    entered = await client.post(ADDRESS, json=an_agreement(), headers=forged)
    assert entered.headers["location"] == (
        f"https://noticeboard.example/api/v1/agreements/{entered.json()['id']}"
    )
    assert "evil" not in entered.text


async def test_an_agreement_is_read_as_it_stands_on_another_day(
    client: httpx.AsyncClient, as_admin: Headers, enter: Enter
) -> None:
    address = f"{ADDRESS}/{(await enter())['id']}"
    later = await client.get(address, params={"as_of": "2030-01-01"}, headers=as_admin)
    assert later.json()["position"]["as_of"] == "2030-01-01"
    assert later.json()["position"]["term_end"] == "2030-04-14"
    before = await client.get(address, params={"as_of": "2020-01-01"}, headers=as_admin)
    assert before.json()["position"]["phase"] == "not_started"


async def test_what_is_not_there_is_told_with_404(
    client: httpx.AsyncClient, as_admin: Headers
) -> None:
    for address in (
        f"{ADDRESS}/{uuid4()}",
        f"{ADDRESS}/{uuid4()}/terms",
        f"{ADDRESS}/{uuid4()}/history",
    ):
        answer = await client.get(address, headers=as_admin)
        assert answer.status_code == 404
        assert answer.json()["type"] == "urn:noticeboard:not-found"
    for method, content in (("PATCH", b"{}"), ("DELETE", b"")):
        answer = await client.request(
            method,
            f"{ADDRESS}/{uuid4()}",
            content=content,
            headers=as_admin | {"If-Match": "*", "Content-Type": "application/json"},
        )
        assert answer.status_code == 404


async def test_the_same_reference_and_counterparty_are_refused(
    client: httpx.AsyncClient, as_admin: Headers, enter: Enter
) -> None:
    await enter()
    again = await client.post(ADDRESS, json=an_agreement(title="Another"), headers=as_admin)
    assert again.status_code == 409
    assert again.json()["type"] == "urn:noticeboard:already-there"
    await enter(counterparty="Contoso")
    other = await enter(reference="IT-2024-018")
    taken = await client.patch(
        f"{ADDRESS}/{other['id']}",
        json={"reference": "IT-2024-017"},
        headers=as_admin | {"If-Match": "*"},
    )
    assert taken.status_code == 409


class TestIfMatch:
    """RFC 9110 13.1.1 and RFC 6585: nobody's change is overwritten unseen."""

    @pytest.mark.parametrize("method", ["PATCH", "DELETE"])
    async def test_without_it_nothing_is_changed(
        self, client: httpx.AsyncClient, as_admin: Headers, enter: Enter, method: str
    ) -> None:
        address = f"{ADDRESS}/{(await enter())['id']}"
        answer = await client.request(method, address, json={"title": "New"}, headers=as_admin)
        assert answer.status_code == 428
        assert answer.json()["type"] == "urn:noticeboard:precondition-required"
        assert (await client.get(address, headers=as_admin)).json()["version"] == 1

    @pytest.mark.parametrize("method", ["PATCH", "DELETE"])
    @pytest.mark.parametrize(
        "tag",
        ['"2"', 'W/"1"', "1", '"1', '"01x"', '"2", "3"', "", '"', '"-1"', '"99999999999999"', "é"],
    )
    async def test_another_version_is_refused(
        self, client: httpx.AsyncClient, as_admin: Headers, enter: Enter, method: str, tag: str
    ) -> None:
        address = f"{ADDRESS}/{(await enter())['id']}"
        headers = [*as_admin.items(), ("If-Match", tag)]
        encoded = [(name.encode(), value.encode("latin-1")) for name, value in headers]
        answer = await client.request(method, address, json={"title": "New"}, headers=encoded)
        assert answer.status_code == 412
        assert (await client.get(address, headers=as_admin)).json()["version"] == 1

    @pytest.mark.parametrize("tag", ['"1"', "*", '"7", "1"', 'W/"1" , "1",', ' "1" '])
    async def test_the_version_that_was_read_may_be_changed(
        self, client: httpx.AsyncClient, as_admin: Headers, enter: Enter, tag: str
    ) -> None:
        address = f"{ADDRESS}/{(await enter())['id']}"
        answer = await client.patch(
            address, json={"title": "New"}, headers=as_admin | {"If-Match": tag}
        )
        assert answer.status_code == 200
        assert answer.headers["etag"] == '"2"'
        assert answer.json()["title"] == "New"

    async def test_the_loser_of_two_edits_is_told(
        self, client: httpx.AsyncClient, as_admin: Headers, enter: Enter
    ) -> None:
        address = f"{ADDRESS}/{(await enter())['id']}"
        seen = as_admin | {"If-Match": '"1"'}
        assert (await client.patch(address, json={"owner": "Ann"}, headers=seen)).status_code == 200
        assert (await client.patch(address, json={"owner": "Bob"}, headers=seen)).status_code == 412
        assert (await client.delete(address, headers=seen)).status_code == 412
        assert (await client.get(address, headers=as_admin)).json()["owner"] == "Ann"


async def test_a_change_of_terms_moves_the_dates(
    client: httpx.AsyncClient, as_admin: Headers, enter: Enter
) -> None:
    address = f"{ADDRESS}/{(await enter())['id']}"
    changed = await client.patch(
        address, json={"notice": length("3 months")}, headers=as_admin | {"If-Match": '"1"'}
    )
    assert changed.json()["position"]["notice_deadline"] == "2027-01-14"
    due = (await client.get("/api/v1/renewals", headers=as_admin)).json()["items"]
    assert [item["act_by"] for item in due] == ["2027-01-14"]


async def test_null_empties_a_field_and_what_is_needed_cannot_be_emptied(
    client: httpx.AsyncClient, as_admin: Headers, enter: Enter
) -> None:
    address = f"{ADDRESS}/{(await enter(owner='Ann'))['id']}"
    anyhow = as_admin | {"If-Match": "*"}
    emptied = await client.patch(address, json={"owner": None, "notice": None}, headers=anyhow)
    assert emptied.json()["owner"] is None
    assert "notice_deadline" in emptied.json()["position"]["assumed"]
    for name in ("title", "reference", "counterparty", "start_date", "kind", "co_terminous"):
        refused = await client.patch(address, json={name: None}, headers=anyhow)
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["pointer"] == f"#/{name}"


async def test_a_change_that_changes_nothing_keeps_the_version(
    client: httpx.AsyncClient, as_admin: Headers, enter: Enter
) -> None:
    address = f"{ADDRESS}/{(await enter())['id']}"
    for same in ({}, {"title": "Backup software, 400 servers"}):
        kept = await client.patch(address, json=same, headers=as_admin | {"If-Match": '"1"'})
        assert kept.headers["etag"] == '"1"'
    history = await client.get(f"{address}/history", headers=as_admin)
    assert len(history.json()["items"]) == 1


async def test_an_agreement_that_was_removed_is_gone_and_its_history_stays(
    client: httpx.AsyncClient, as_admin: Headers, enter: Enter
) -> None:
    address = f"{ADDRESS}/{(await enter())['id']}"
    removed = await client.delete(address, headers=as_admin | {"If-Match": '"1"'})
    assert (removed.status_code, removed.content) == (204, b"")
    assert (await client.get(address, headers=as_admin)).status_code == 404
    assert (await client.get(ADDRESS, headers=as_admin)).json()["items"] == []
    assert (await client.get("/api/v1/renewals", headers=as_admin)).json()["items"] == []
    entries = (await client.get(f"{address}/history", headers=as_admin)).json()["items"]
    assert [entry["action"] for entry in entries] == ["created", "removed"]
    assert entries[1]["before"] == entries[0]["after"]
    assert entries[1]["after"] is None


async def test_a_parent_stays_while_others_name_it(
    client: httpx.AsyncClient, as_admin: Headers, enter: Enter
) -> None:
    parent = await enter()
    await enter(reference="IT-2024-017-A", parent_id=parent["id"])
    refused = await client.delete(f"{ADDRESS}/{parent['id']}", headers=as_admin | {"If-Match": "*"})
    assert refused.status_code == 409
    assert refused.json()["type"] == "urn:noticeboard:still-needed"


class TestIdempotencyKey:
    async def test_a_repeated_request_is_done_once_and_answered_alike(
        self, client: httpx.AsyncClient, as_admin: Headers
    ) -> None:
        keyed = as_admin | {"Idempotency-Key": "order-66"}
        first = await client.post(ADDRESS, json=an_agreement(), headers=keyed)
        again = await client.post(ADDRESS, json=an_agreement(), headers=keyed)
        assert (again.status_code, again.content) == (201, first.content)
        for name in ("etag", "location", "content-type"):
            assert again.headers[name] == first.headers[name]
        assert len((await client.get(ADDRESS, headers=as_admin)).json()["items"]) == 1

    async def test_the_key_of_another_request_is_refused(
        self, client: httpx.AsyncClient, as_admin: Headers
    ) -> None:
        keyed = as_admin | {"Idempotency-Key": "order-66"}
        await client.post(ADDRESS, json=an_agreement(), headers=keyed)
        other = await client.post(ADDRESS, json=an_agreement(reference="B"), headers=keyed)
        assert other.status_code == 422
        assert other.json()["type"] == "urn:noticeboard:key-reused"

    async def test_everybody_has_keys_of_their_own(
        self, client: httpx.AsyncClient, signed_in: Callable[[str], Headers]
    ) -> None:
        for reference in ("A", "B"):
            keyed = signed_in("procurement") | {"Idempotency-Key": "order-66"}
            answer = await client.post(
                ADDRESS, json=an_agreement(reference=reference), headers=keyed
            )
            assert answer.status_code == 201

    async def test_what_was_refused_may_be_sent_again_corrected(
        self, client: httpx.AsyncClient, as_admin: Headers
    ) -> None:
        keyed = as_admin | {"Idempotency-Key": "order-66"}
        bad = an_agreement(end_date="2020-01-01", initial_term=None)
        assert (await client.post(ADDRESS, json=bad, headers=keyed)).status_code == 422
        assert (await client.post(ADDRESS, json=an_agreement(), headers=keyed)).status_code == 201

    @pytest.mark.parametrize("key", ["", " ", "a b", "x" * 256, "é", "tab\there"])
    async def test_a_malformed_key_is_refused(
        self, client: httpx.AsyncClient, as_admin: Headers, key: str
    ) -> None:
        headers = [
            *((name.encode(), value.encode()) for name, value in as_admin.items()),
            (b"Idempotency-Key", key.encode()),
        ]
        answer = await client.post(ADDRESS, json=an_agreement(), headers=headers)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["header"] == "idempotency-key"
        assert (await client.get(ADDRESS, headers=as_admin)).json()["items"] == []


@pytest.fixture
async def three(enter: Enter) -> None:
    """Enter three agreements that differ in everything one can ask for."""
    await enter(
        reference="A-1",
        title="Alpha Suite",
        counterparty="Zenith",
        kind="saas",
        owner="Ann",
        criticality="high",
        spend_class="core",
        tags=["hr", "cloud"],
        currency="EUR",
        annual_value="100.50",
    )
    await enter(
        reference="B-2",
        title="beta lines, 10%",
        counterparty="acme",
        kind="telecom_circuit",
        owner="Bob",
        criticality="low",
        spend_class="tail",
        tags=["hr"],
        currency="EUR",
        total_value="99.99",
        start_date="2026-03-01",
        notice=length("30 days"),
        lead_days=30,
    )
    await enter(
        reference="C-3",
        title="Gamma_Haus ÄÖÜ",
        counterparty="Mid",
        start_date="2024-12-31",
        renewal={"kind": "none"},
        notice=None,
    )


@pytest.mark.usefixtures("three")
class TestTheList:
    @pytest.mark.parametrize(
        ("query", "references"),
        [
            ({}, "A-1 B-2 C-3"),
            ({"q": "alpha"}, "A-1"),
            ({"q": "ALPHA"}, "A-1"),
            ({"q": "zen"}, "A-1"),
            ({"q": "c-3"}, "C-3"),
            ({"q": "äöü"}, "C-3"),
            ({"q": "10%"}, "B-2"),
            ({"q": "%"}, "B-2"),
            ({"q": "_"}, "C-3"),
            ({"q": "'; --"}, ""),
            ({"q": "a\u0308öü"}, "C-3"),
            ({"counterparty": "acme"}, "B-2"),
            ({"counterparty": "ACME"}, ""),
            ({"kind": "saas"}, "A-1"),
            ({"owner": "Bob"}, "B-2"),
            ({"criticality": "high"}, "A-1"),
            ({"spend_class": "tail"}, "B-2"),
            ({"tag": "hr"}, "A-1 B-2"),
            ({"tag": "h"}, ""),
            ({"tag": "_r"}, ""),
            ({"tag": "hr", "owner": "Ann"}, "A-1"),
            ({"phase": "expired"}, "C-3"),
            ({"phase": "expired", "as_of": "2025-01-01"}, ""),
            ({"phase": "active", "tag": "hr"}, "A-1 B-2"),
        ],
    )
    async def test_it_is_filtered(
        self,
        client: httpx.AsyncClient,
        as_admin: Headers,
        query: dict[str, str],
        references: str,
    ) -> None:
        answer = await client.get(ADDRESS, params=query, headers=as_admin)
        assert answer.status_code == 200, answer.text
        assert sorted(item["reference"] for item in answer.json()["items"]) == references.split()

    @pytest.mark.parametrize(
        ("sort", "references"),
        [
            ("next_deadline", "B-2 A-1 C-3"),
            ("-next_deadline", "A-1 B-2 C-3"),
            ("counterparty", "B-2 C-3 A-1"),
            ("-counterparty", "A-1 C-3 B-2"),
            ("value", "C-3 B-2 A-1"),
            ("-value", "A-1 B-2 C-3"),
        ],
    )
    async def test_it_is_sorted_and_goes_on_where_a_page_ended(
        self, client: httpx.AsyncClient, as_admin: Headers, sort: str, references: str
    ) -> None:
        query = {"sort": sort, "limit": "1"}
        found = [item["reference"] async for item in through(client, as_admin, query)]
        assert found == references.split()

    async def test_a_page_that_is_just_full_is_the_last(
        self, client: httpx.AsyncClient, as_admin: Headers
    ) -> None:
        page = (await client.get(ADDRESS, params={"limit": 3}, headers=as_admin)).json()
        assert len(page["items"]) == 3
        assert page["next_cursor"] is None

    async def test_what_others_enter_meanwhile_neither_repeats_nor_hides_a_row(
        self, client: httpx.AsyncClient, as_admin: Headers, enter: Enter
    ) -> None:
        query = {"sort": "counterparty", "limit": "1"}
        first = (await client.get(ADDRESS, params=query, headers=as_admin)).json()
        await enter(reference="D-4", counterparty="Aardvark")
        await enter(reference="E-5", counterparty="Night")
        rest = (
            await client.get(
                ADDRESS,
                params={"sort": "counterparty", "cursor": first["next_cursor"]},
                headers=as_admin,
            )
        ).json()
        assert [item["reference"] for item in rest["items"]] == ["C-3", "E-5", "A-1"]

    async def test_a_phase_is_looked_for_through_all_pages(
        self, client: httpx.AsyncClient, as_admin: Headers
    ) -> None:
        query = {"phase": "active", "limit": "1"}
        found = [item["reference"] async for item in through(client, as_admin, query)]
        assert found == ["B-2", "A-1"]


async def test_equal_sort_keys_are_paged_without_loss(
    client: httpx.AsyncClient, as_admin: Headers, enter: Enter
) -> None:
    wanted = {f"R-{number}" for number in range(7)}
    for reference in wanted:
        await enter(reference=reference, currency="EUR", annual_value="999999999999999.9999")
    for sort in ("value", "-value", "next_deadline", "-next_deadline", "counterparty"):
        query = {"sort": sort, "limit": "2"}
        found = [item["reference"] async for item in through(client, as_admin, query)]
        assert len(found) == len(wanted)
        assert set(found) == wanted


async def test_a_row_that_cannot_be_read_is_left_out_and_counted(
    client: httpx.AsyncClient, as_admin: Headers, enter: Enter, database: Database
) -> None:
    broken, sound = await enter(), await enter(reference="IT-2024-018")
    spoil(database, broken["id"])
    page = (await client.get(ADDRESS, headers=as_admin)).json()
    assert [item["id"] for item in page["items"]] == [sound["id"]]
    assert page["left_out"] == 1
    for part in ("", "/terms"):
        answer = await client.get(f"{ADDRESS}/{broken['id']}{part}", headers=as_admin)
        assert answer.status_code == 409
        assert answer.json()["type"] == "urn:noticeboard:unreadable"
    mended = await client.patch(
        f"{ADDRESS}/{broken['id']}",
        json={name: an_agreement()[name] for name in ("start_date", "initial_term", "renewal")},
        headers=as_admin | {"If-Match": "*"},
    )
    assert mended.status_code == 200


class TestTerms:
    async def test_past_terms_say_what_became_of_them_and_every_date_why(
        self, client: httpx.AsyncClient, as_admin: Headers, enter: Enter
    ) -> None:
        address = f"{ADDRESS}/{(await enter())['id']}/terms"
        items = (await client.get(address, params={"ahead": 2}, headers=as_admin)).json()["items"]
        assert [item["number"] for item in items] == [1, 2, 3, 4, 5]
        assert [item["state"] for item in items] == [*["past"] * 2, "current", *["projected"] * 2]
        assert items[0]["outcome"] == "renewed_by_default"
        for item in items:
            check_reasons(item)
        for before, after in pairwise(items):
            assert date.fromisoformat(before["term_end"]) + timedelta(days=1) == (
                date.fromisoformat(after["term_start"])
            )

    @pytest.mark.parametrize(
        ("query", "numbers"),
        [
            ({"past": 0, "ahead": 0}, [3]),
            ({"past": 1, "ahead": 0}, [2, 3]),
            ({"past": 0, "ahead": 1}, [3, 4]),
            ({"as_of": "2024-05-01", "ahead": 0}, [1]),
        ],
    )
    async def test_as_many_are_listed_as_were_asked_for(
        self,
        client: httpx.AsyncClient,
        as_admin: Headers,
        enter: Enter,
        query: dict[str, Any],
        numbers: list[int],
    ) -> None:
        address = f"{ADDRESS}/{(await enter())['id']}/terms"
        items = (await client.get(address, params=query, headers=as_admin)).json()["items"]
        assert [item["number"] for item in items] == numbers


async def test_the_history_tells_who_changed_what_and_when(
    client: httpx.AsyncClient,
    as_admin: Headers,
    signed_in: Callable[[str], Headers],
    enter: Enter,
) -> None:
    address = f"{ADDRESS}/{(await enter())['id']}"
    buyer = signed_in("procurement") | {"If-Match": "*"}
    for owner in ("Ann", "Bob"):
        await client.patch(address, json={"owner": owner}, headers=buyer)
    first = (await client.get(f"{address}/history", params={"limit": 2}, headers=as_admin)).json()
    rest = (
        await client.get(
            f"{address}/history", params={"cursor": first["next_cursor"]}, headers=as_admin
        )
    ).json()
    entries = first["items"] + rest["items"]
    assert rest["next_cursor"] is None
    assert [entry["action"] for entry in entries] == ["created", "corrected", "corrected"]
    assert [entry["actor_name"] for entry in entries] == ["a admin", *["a procurement"] * 2]
    assert [entry["after"]["owner"] for entry in entries] == [None, "Ann", "Bob"]
    assert entries[2]["before"] == entries[1]["after"]
    assert all(entry["at"].startswith(TODAY.isoformat()) for entry in entries)


async def through(
    client: httpx.AsyncClient, headers: Headers, query: dict[str, str]
) -> AsyncIterator[dict[str, Any]]:
    """Go through a list page by page."""
    place: dict[str, str] = {}
    while True:
        answer = await client.get(ADDRESS, params=query | place, headers=headers)
        assert answer.status_code == 200, answer.text
        for item in answer.json()["items"]:
            yield item
        if answer.json()["next_cursor"] is None:
            return
        place = {"cursor": answer.json()["next_cursor"]}


def check_reasons(dates: dict[str, Any]) -> None:
    """Every date that is given has steps that lead to it, the last of which names it."""
    for name, value in dates.items():
        if isinstance(value, str) and name.endswith(
            ("_end", "_date", "_deadline", "_by", "_opens")
        ):
            assert dates["why"].get(name), name


def spoil(database: Database, agreement_id: str) -> None:
    """Store what no door lets in, as an older release or a hand at the database might have."""
    with database.writing() as session:
        parameter = agreement_id.replace("-", "") if database.is_sqlite else agreement_id
        session.exec_driver_sql(
            f"UPDATE agreements SET terms = '{{\"start_date\": NaN' WHERE id = '{parameter}'"  # noqa: S608
        )
