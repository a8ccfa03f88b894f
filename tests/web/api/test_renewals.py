from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from typing import Any

import httpx
import pytest

from tests.builders import TODAY, length

pytestmark = pytest.mark.anyio

Enter = Callable[..., Awaitable[dict[str, Any]]]
Headers = dict[str, str]
ADDRESS = "/api/v1/renewals"


@pytest.fixture
async def three(enter: Enter) -> None:
    """Enter a yearly, a monthly and an ending agreement."""
    await enter(reference="YEARLY", owner="Ann", tags=["hr"], kind="saas")
    await enter(
        reference="MONTHLY",
        counterparty="Acme",
        start_date="2026-01-01",
        initial_term=length("1 month"),
        renewal={"kind": "auto", "term": length("1 month")},
        notice=length("10 days"),
    )
    await enter(
        reference="ENDING",
        start_date="2026-01-01",
        initial_term=length("12 months"),
        renewal={"kind": "none"},
        notice=None,
    )


async def listed(
    client: httpx.AsyncClient, headers: Headers, **query: str
) -> list[tuple[str, str]]:
    answer = await client.get(ADDRESS, params=query, headers=headers)
    assert answer.status_code == 200, answer.text
    return [(item["reference"], item["act_by"]) for item in answer.json()["items"]]


@pytest.mark.usefixtures("three")
class TestTheWorkList:
    async def test_each_agreement_stands_there_once_soonest_first_after_what_was_missed(
        self, client: httpx.AsyncClient, as_admin: Headers
    ) -> None:
        assert await listed(client, as_admin) == [
            ("MONTHLY", "2026-11-20"),
            ("MONTHLY", "2026-12-21"),
            ("ENDING", "2026-12-31"),
            ("YEARLY", "2027-02-28"),
        ]

    @pytest.mark.parametrize(
        ("days", "references"),
        [(0, ""), (27, ""), (28, "MONTHLY"), (38, "MONTHLY ENDING"), (97, "MONTHLY ENDING YEARLY")],
    )
    async def test_it_reaches_as_far_as_asked_the_last_day_included(
        self, client: httpx.AsyncClient, as_admin: Headers, days: int, references: str
    ) -> None:
        missed, *found = await listed(client, as_admin, within_days=str(days))
        assert missed == ("MONTHLY", "2026-11-20")
        assert [reference for reference, _ in found] == references.split()

    async def test_a_range_lists_every_term(
        self, client: httpx.AsyncClient, as_admin: Headers
    ) -> None:
        query = {"from": "2026-12-21", "to": "2027-02-28"}
        assert await listed(client, as_admin, **query) == [
            ("MONTHLY", "2026-12-21"),
            ("ENDING", "2026-12-31"),
            ("MONTHLY", "2027-01-21"),
            ("MONTHLY", "2027-02-18"),
            ("YEARLY", "2027-02-28"),
        ]

    async def test_a_range_may_lie_in_the_past_and_far_ahead(
        self, client: httpx.AsyncClient, as_admin: Headers
    ) -> None:
        for first, last, day in (
            ("2025-02-01", "2025-03-31", "2025-02-28"),
            ("2031-02-01", "2031-03-31", "2031-02-28"),
        ):
            query = {"from": first, "to": last, "owner": "Ann"}
            assert await listed(client, as_admin, **query) == [("YEARLY", day)]

    async def test_it_is_the_list_of_another_day(
        self, client: httpx.AsyncClient, as_admin: Headers
    ) -> None:
        assert await listed(client, as_admin, as_of="2027-01-01", within_days="30") == [
            ("MONTHLY", "2026-11-20"),
            ("MONTHLY", "2026-12-21"),
            ("ENDING", "2026-12-31"),
            ("MONTHLY", "2027-01-21"),
        ]

    @pytest.mark.parametrize(
        ("query", "references"),
        [
            ({"owner": "Ann"}, "YEARLY"),
            ({"tag": "hr"}, "YEARLY"),
            ({"kind": "saas"}, "YEARLY"),
            ({"counterparty": "Acme"}, "MONTHLY MONTHLY"),
            ({"q": "endi"}, "ENDING"),
            ({"q": "nothing has this"}, ""),
        ],
    )
    async def test_it_is_filtered(
        self, client: httpx.AsyncClient, as_admin: Headers, query: dict[str, str], references: str
    ) -> None:
        found = await listed(client, as_admin, **query)
        assert [reference for reference, _ in found] == references.split()

    @pytest.mark.parametrize("query", [{}, {"from": "2026-12-01", "to": "2027-12-31"}])
    async def test_it_goes_on_where_a_page_ended(
        self, client: httpx.AsyncClient, as_admin: Headers, query: dict[str, str]
    ) -> None:
        found: list[dict[str, Any]] = []
        place: dict[str, str] = {}
        while True:
            answer = await client.get(
                ADDRESS, params={"limit": "1"} | query | place, headers=as_admin
            )
            found += answer.json()["items"]
            if answer.json()["next_cursor"] is None:
                break
            place = {"cursor": answer.json()["next_cursor"]}
        whole = (await client.get(ADDRESS, params=query, headers=as_admin)).json()["items"]
        assert found == whole

    async def test_every_date_of_an_item_says_why(
        self, client: httpx.AsyncClient, as_admin: Headers
    ) -> None:
        for item in (await client.get(ADDRESS, headers=as_admin)).json()["items"]:
            for name in (
                "act_by",
                "negotiation_start",
                "notice_window_opens",
                "send_by",
                "notice_deadline",
                "term_end",
                "renewal_date",
            ):
                assert (item[name] is None) == (not item["why"].get(name)), name

    async def test_it_says_what_happens_if_nobody_acts(
        self, client: httpx.AsyncClient, as_admin: Headers
    ) -> None:
        items = (await client.get(ADDRESS, headers=as_admin)).json()["items"]
        assert [item["if_nobody_acts"] for item in items] == [
            "renews",
            "renews",
            "ends",
            "renews",
        ]


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ({"within_days": "30", "from": "2026-01-01"}, "within_days"),
        ({"within_days": "30", "to": "2026-12-31"}, "within_days"),
        ({"within_days": "-1"}, "within_days"),
        ({"within_days": "3651"}, "within_days"),
        ({"within_days": "1_0"}, "within_days"),
        ({"within_days": " 10"}, "within_days"),
        ({"within_days": "1e1"}, "within_days"),
        ({"within_days": "٣"}, "within_days"),
        ({"from": "2026-12-31", "to": "2026-12-30"}, "to"),
        ({"to": "2026-11-22"}, "to"),
        ({"from": "2026-01-01", "to": "2037-01-01"}, "to"),
        ({"from": "2016-11-22", "to": "2017-01-01"}, "from"),
        ({"from": "2036-01-01", "to": "2036-11-24"}, "to"),
        ({"as_of": "2190-01-01"}, "to"),
        ({"from": "2026-W01-1"}, "from"),
        ({"from": "1969-12-31"}, "from"),
        ({"to": "2200-01-01"}, "to"),
        ({"as_of": "today"}, "as_of"),
        ({"limit": "0"}, "limit"),
        ({"limit": "201"}, "limit"),
        ({"within_day": "30"}, "within_day"),
        ({"cursor": "x"}, "cursor"),
    ],
)
async def test_what_makes_no_range_is_refused_by_name(
    client: httpx.AsyncClient, as_admin: Headers, query: dict[str, str], parameter: str
) -> None:
    answer = await client.get(ADDRESS, params=query, headers=as_admin)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["parameter"] == parameter


async def test_a_parameter_given_twice_is_refused(
    client: httpx.AsyncClient, as_admin: Headers
) -> None:
    answer = await client.get(f"{ADDRESS}?owner=Ann&owner=Bob", headers=as_admin)
    assert answer.status_code == 422
    assert answer.json()["errors"] == [
        {"parameter": "owner", "detail": "is given twice; give it once"}
    ]


async def test_a_decision_of_today_still_counts(
    client: httpx.AsyncClient, as_admin: Headers, enter: Enter
) -> None:
    ends = TODAY + timedelta(days=45)
    await enter(
        start_date="2026-01-01",
        initial_term=None,
        end_date=ends.isoformat(),
        notice=length("45 days"),
    )
    found = await listed(client, as_admin, within_days="0")
    assert [date.fromisoformat(act_by) for _, act_by in found] == [TODAY]
