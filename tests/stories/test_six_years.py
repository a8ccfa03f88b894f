"""One agreement from its first day to its last: what two teams see and do, turn by turn.

Each turn looks at the work list, the calendar and the reasons, as both teams would on that day.
"""

from typing import Any

import pytest

from app.records.engine import Database
from tests.builders import an_agreement, length
from tests.stories.office import Json, Office, open_office

pytestmark = pytest.mark.anyio


def titles(events: dict[str, Any], year: str) -> list[str]:
    name = ": Northwind Software \N{EN DASH} Backup software, 400 servers"
    return [title.removesuffix(name) for title in events if title.startswith(year)]


def event_on(events: dict[str, Any], day: str) -> Any:  # noqa: ANN401 - of the calendar library
    (found,) = (event for title, event in events.items() if title.startswith(day))
    return found


def seen(items: list[Json]) -> list[tuple[int, int, str, list[str]]]:
    """Return each term's number, days left, decision and alarms, but for the unchecked clauses."""
    return [
        (
            item["term_number"],
            item["days_left"],
            item["decision"],
            [alarm for alarm in item["alarms"] if alarm != "unverified"],
        )
        for item in items
    ]


@pytest.fixture
async def office(database: Database) -> Office:
    """Procurement enters it: two years from 2027 on, then year by year, 60 days' notice."""
    desk = open_office(database)
    body = an_agreement(
        start_date="2027-01-01",
        initial_term=length("24 months"),
        notice={**length("60 days"), "delivery": length("3 days")},
        lead_days=None,
        annual_value="100000.00",
        currency="EUR",
    )
    entered = await desk.ask("2026-11-23", "POST", "/api/v1/agreements", "procurement", json=body)
    desk.agreement = entered.json()["id"]
    return desk


async def test_an_agreement_is_followed_for_six_years(office: Office) -> None:
    await _the_first_term_is_renewed_by_decision_at_a_new_price(office)
    await _the_second_renews_by_default(office)
    await _for_the_third_the_notice_is_amended_and_the_teams_differ(office)
    await _in_the_fourth_the_notice_comes_late(office)
    await _in_the_fifth_it_comes_in_time_and_ends_the_agreement(office)
    await _what_was_believed_before_is_still_told(office)


async def _the_first_term_is_renewed_by_decision_at_a_new_price(office: Office) -> None:
    assert titles(await office.events("2026-11-30"), "2028") == [
        "2028-05-02 Negotiation start",
        "2028-10-29 Send-by date",
        "2028-11-01 Notice deadline",
    ]
    (due,) = await office.due("2028-05-10")
    assert seen([due]) == [(1, 175, "undecided", ["negotiation_late"])]
    assert due["why"]["negotiation_start"] == [
        (
            "No lead time of its own, so row 8 of the lead-time policy (from 100,000 a year):"
            " 180 days of preparation before Sun 29 Oct 2028, the day to send the notice:"
            " Tue 2 May 2028."
        )
    ]
    assert due["locked_in"]["amount"] == "100000.00"

    await office.decide("2028-05-12", "it", 1, "in_review")
    assert seen(await office.due("2028-05-12")) == [(1, 173, "in_review", [])]
    new_price = {"annual_value": "108000.00"}
    await office.decide("2028-06-01", "procurement", 1, "renew", amendment=new_price)
    settled = await office.decide("2028-06-03", "it", 1, "renew")
    assert (settled["decision"], settled["settled_on"]) == ("renew", "2028-06-03")
    assert titles(await office.events("2028-06-04"), "202") == [
        "2028-11-01 Renewal decided",
        "2029-01-01 Renews for 12 months",
        "2029-05-02 Negotiation start",
        "2029-10-29 Send-by date",
        "2029-11-01 Notice deadline",
    ]
    assert seen(await office.due("2028-11-02")) == [(2, 364, "undecided", [])]
    first, _ = await office.terms("2029-01-10")
    assert first["outcome"] == "renewed_by_decision"
    assert first["why"]["outcome"] == [
        "It was settled to renew, in time for the deadline Wed 1 Nov 2028."
    ]
    assert first["locked_in"]["why"] == [
        "12 months at 108000.00 EUR a year, from Mon 1 Jan 2029 to Mon 31 Dec 2029: 108000.00 EUR."
    ]
    assert (await office.read("2028-12-31"))["price"]["annual_value"] == "100000.00"
    assert (await office.read("2029-01-01"))["price"]["annual_value"] == "108000.00"


async def _the_second_renews_by_default(office: Office) -> None:
    missed = (2, -4, "undecided", ["missed"])
    nearing: tuple[int, int, str, list[str]] = (3, 361, "undecided", [])
    assert seen(await office.due("2029-11-05")) == [missed, nearing]
    assert seen(await office.due("2029-11-05", alarm="missed")) == [missed]
    assert (await office.read("2029-11-05"))["position"]["phase"] == "renewal_locked"
    await office.do(
        "2029-11-06", "procurement", "POST", "/terms/2/acknowledgement", {"note": "Holidays."}
    )
    assert seen(await office.due("2029-11-06")) == [(3, 360, "undecided", [])]
    # What it looked like the day before does not change.
    assert seen(await office.due("2029-11-06", as_of="2029-11-05")) == [missed, nearing]
    _, second, _ = await office.terms("2030-01-10")
    assert (second["outcome"], second["locked_in"]["amount"]) == ("renewed_by_default", "108000.00")
    assert second["acknowledged"] == {
        "term_number": 2,
        "by": "a procurement",
        "on": "2029-11-06",
        "note": "Holidays.",
    }
    assert second["why"]["outcome"] == [
        "The deadline Thu 1 Nov 2029 passed, and nothing was settled: it renewed."
    ]


async def _for_the_third_the_notice_is_amended_and_the_teams_differ(office: Office) -> None:
    before = event_on(await office.events("2030-02-01"), "2030-11-01")
    notice = {**length("90 days"), "delivery": length("3 days")}
    amendment = {"effective_from": "2030-04-01", "notice": notice, "signed_date": "2030-02-20"}
    await office.do("2030-03-01", "procurement", "POST", "/amendments", amendment)
    after = event_on(await office.events("2030-03-02"), "2030-10-02")
    assert after["UID"] == before["UID"]
    assert after["SEQUENCE"] == before["SEQUENCE"] + 1
    assert "This date has moved: it was Fri 1 Nov 2030 before." in after["DESCRIPTION"]
    _, second, third = await office.terms("2030-03-10")
    assert (second["notice_deadline"], second["rule"]["notice"]["value"]) == ("2029-11-01", 60)
    assert (third["notice_deadline"], third["rule"]["notice"]["value"]) == ("2030-10-02", 90)
    assert third["rule"]["amended_from"] == "2030-04-01"
    assert third["why"]["notice_deadline"] == [
        "By the amendment effective from Mon 1 Apr 2030.",
        (
            "90 days before Tue 31 Dec 2030, the last day of the term: the notice must have arrived"
            " by Wed 2 Oct 2030."
        ),
    ]

    await office.decide("2030-06-10", "it", 3, "do_not_renew")
    differing = await office.decide("2030-06-12", "procurement", 3, "renew")
    assert differing["decision"] == "contested"
    assert seen(await office.due("2030-06-13")) == [(3, 111, "contested", ["contested"])]
    assert "2030-10-02 Notice deadline (contested)" in titles(
        await office.events("2030-06-13"), "2030"
    )
    settled = await office.decide("2030-08-12", "it", 3, "renew")
    assert (settled["decision"], settled["it"]["on"]) == ("renew", "2030-08-12")
    assert titles(await office.events("2030-08-12"), "2030") == [
        "2030-01-01 Renews for 12 months",
        "2030-10-02 Renewal decided",
    ]
    *_, third, _ = await office.terms("2031-01-10")
    assert third["outcome"] == "renewed_by_decision"


async def _in_the_fourth_the_notice_comes_late(office: Office) -> None:
    for who in ("it", "procurement"):
        settled = await office.decide("2031-06-10", who, 4, "do_not_renew")
    assert (settled["decision"], settled["handled_on"]) == ("do_not_renew", None)
    assert seen(await office.due("2031-09-29")) == [(4, 3, "do_not_renew", [])]
    assert seen(await office.due("2031-09-30")) == [(4, 2, "do_not_renew", ["notice_overdue"])]
    assert "2031-10-02 Notice deadline (decided: do not renew)" in titles(
        await office.events("2031-09-30"), "2031"
    )
    sent = {"sent_on": "2031-10-01", "term_number": 4, "method": "registered letter"}
    given = await office.do("2031-10-01", "procurement", "POST", "/notices", sent)
    # It is presumed to take three days, and the deadline is 2 October.
    assert (given["verdict"], given["term_number"], given["ends_on"]) == ("late", 5, "2032-12-31")
    assert given["why"] == [
        (
            "No receipt is recorded: sent on Wed 1 Oct 2031, it is presumed to arrive on"
            " Sat 4 Oct 2031."
        ),
        (
            "A notice received on Sat 4 Oct 2031 is in time for term 5 at the earliest, whose"
            " deadline is Sat 2 Oct 2032."
        ),
        "That term's last covered day is Fri 31 Dec 2032.",
    ]
    assert seen(await office.due("2031-10-08")) == [
        (4, -6, "do_not_renew", ["missed", "notice_overdue"])
    ]
    assert (await office.read("2031-10-08"))["position"]["final_end"] == "2032-12-31"
    # The supplier sends it back: it named the wrong term.
    await office.do(
        "2031-10-20",
        "procurement",
        "POST",
        f"/notices/{given['number']}/withdrawal",
        {"reason": "Returned by the supplier."},
    )
    assert (await office.read("2031-10-20"))["position"]["final_end"] is None
    *_, fourth, _ = await office.terms("2032-01-10")
    assert fourth["outcome"] == "renewed_by_default"
    assert fourth["why"]["outcome"] == [
        (
            "Both teams settled on Tue 10 Jun 2031: do not renew. But by the deadline"
            " Thu 2 Oct 2031 it was not done: it renewed."
        )
    ]


async def _in_the_fifth_it_comes_in_time_and_ends_the_agreement(office: Office) -> None:
    for who in ("it", "procurement"):
        await office.decide("2032-03-01", who, 5, "do_not_renew")
    sent = {"sent_on": "2032-09-01", "term_number": 5, "proof": "RR1"}
    given = await office.do("2032-09-01", "procurement", "POST", "/notices", sent)
    assert (given["verdict"], given["assumed"]) == ("in_time", True)
    receipt = {"received_on": "2032-09-06"}
    what = f"/notices/{given['number']}/receipt"
    received = await office.do("2032-09-07", "procurement", "POST", what, receipt)
    assert (received["verdict"], received["assumed"]) == ("in_time", False)
    assert (received["term_number"], received["ends_on"]) == (5, "2032-12-31")
    assert seen(await office.due("2032-10-10", alarm="notice_overdue", days_left="0")) == [
        (4, -374, "do_not_renew", ["missed", "notice_overdue"])
    ]
    assert titles(await office.events("2032-10-10"), "203") == [
        "2031-10-02 Notice deadline (decided: do not renew)",
        "2032-01-01 Renews for 12 months",
        "2032-12-31 Ends",
    ]
    over = await office.read("2033-01-01")
    assert (over["position"]["phase"], over["position"]["final_end"]) == (
        "terminated",
        "2032-12-31",
    )
    assert [term["outcome"] for term in await office.terms("2033-01-01")] == [
        "renewed_by_decision",
        "renewed_by_default",
        "renewed_by_decision",
        "renewed_by_default",
        "ended_by_notice",
    ]
    refused = await office.ask(
        "2033-01-01",
        "PUT",
        f"/api/v1/agreements/{office.agreement}/terms/5/decision",
        "it",
        json={"choice": "renew", "reason": "Too late."},
        headers={"If-Match": "*"},
    )
    assert refused.status_code == 409
    assert "Term 5 was over on Fri 31 Dec 2032" in refused.json()["detail"]


async def _what_was_believed_before_is_still_told(office: Office) -> None:
    believed = await office.read("2033-01-01", as_of="2030-10-02", known_at="2030-02-01")
    assert believed["position"]["notice_deadline"] == "2030-11-01"
    known = await office.read("2033-01-01", as_of="2030-10-02")
    assert known["position"]["notice_deadline"] == "2030-10-02"
    work = await office.due("2033-01-01", as_of="2031-10-08", known_at="2031-10-08")
    assert seen(work) == [(4, -6, "do_not_renew", ["missed", "notice_overdue"])]
    *_, fifth = await office.terms("2033-01-01", as_of="2032-12-01", known_at="2032-09-01")
    assert [notice["received_on"] for notice in fifth["notices"]] == [None]
