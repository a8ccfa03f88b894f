"""Whole calendars, byte by byte: what is rendered here is the `.ics` file of the same name.

When other bytes are wanted, write the files anew, and raise `RENDERING` in
`app/feeds/events.py`: readers take a change only with a higher SEQUENCE.
"""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID

import pytest

from app.feeds.events import EventText, Moment, Progress, Subject, tell
from app.feeds.ical import Feed, Stamp, bind, event_bytes, render
from app.feeds.identity import event_uid, placeholder_uid
from app.renewals.acts import DecisionState
from app.renewals.milestones import MilestoneKind as Kind

HERE = Path(__file__).parent
INSTALLATION = UUID("7a1e4c0e-2f55-4d43-9a55-0c7d1be7f0a1")
CREATED_AT = datetime(2025, 6, 1, 8, 0, 0, tzinfo=UTC)
CHANGED_AT = datetime(2025, 9, 30, 12, 34, 56, tzinfo=UTC)

AZURE = Subject(
    agreement_id=UUID("11111111-1111-4111-8111-111111111111"),
    reference="C-2024-17",
    title="Azure EA",
    counterparty="Contoso",
    owner="Ada Lovelace",
    procurement_contact="Grace Hopper",
    url="https://noticeboard.example/agreements/11111111-1111-4111-8111-111111111111",
)
AZURE_DATES = (
    (Kind.NEGOTIATION_START, date(2025, 11, 30)),
    (Kind.NOTICE_DEADLINE, date(2026, 2, 28)),
    (Kind.RENEWAL, date(2026, 4, 15)),
)
CIRCUIT = Subject(
    agreement_id=UUID("22222222-2222-4222-8222-222222222222"),
    reference='N/17; "old", C:\\Net',
    title="Leitung München–東京, 10 Gbit/s 🛰️; für Büro & Lager\r\nBEGIN:VEVENT",  # noqa: RUF001
    counterparty="חברת תקשורת\u2028بيانات",  # noqa: RUF001
    owner=None,
    procurement_contact=None,
    url="https://noticeboard.example/agreements/2,2;2",
)
CIRCUIT_DATES = (
    (Kind.SEND_BY, date(2026, 9, 29)),
    (Kind.NOTICE_DEADLINE, date(2026, 10, 2)),
    (Kind.TERM_END, date(2026, 12, 31)),
)


def azure(kind: Kind, on: date) -> EventText:
    moment = Moment(
        kind=kind,
        on=on,
        assumed=False,
        why=("Term 2 ends on Tue 14 Apr 2026.", "45 days before that: Sat 28 Feb 2026."),
        term_number=2,
        term_start=date(2025, 4, 15),
        term_end=date(2026, 4, 14),
        chain=AZURE_DATES,
        goes_on=True,
        notice="45 days before the last day of the term",
        checked="against the contract on Thu 4 Sep 2025, good until Fri 4 Sep 2026",
        renews_for="12 months",
        progress=Progress(DecisionState.CONTESTED),
        moved_from=date(2026, 3, 1) if kind is Kind.NOTICE_DEADLINE else None,
    )
    return tell(AZURE, moment)


def circuit(kind: Kind, on: date) -> EventText:
    moment = Moment(
        kind=kind,
        on=on,
        assumed=kind is not Kind.TERM_END,
        why=("No notice period is known; 90 days are assumed.",),
        term_number=1,
        term_start=date(2024, 1, 1),
        term_end=date(2026, 12, 31),
        chain=CIRCUIT_DATES,
        goes_on=False,
    )
    return tell(CIRCUIT, moment)


def with_all_details(kind: Kind, on: date) -> EventText:
    notes = "Ask for 12 % off; they gave it in 2024.\nBEGIN:VALARM"
    moment = Moment(
        kind=kind,
        on=on,
        assumed=False,
        why=("Term 2 ends on Tue 14 Apr 2026.",),
        term_number=2,
        term_start=date(2025, 4, 15),
        term_end=date(2026, 4, 14),
        chain=AZURE_DATES,
        goes_on=True,
        notice="45 days before the last day of the term",
        checked="not yet, against the contract: term, renewal, notice",
        renews_for="12 months",
        amounts=("Value a year: 120,000.00 EUR", "Locked in if it renews: 123,600.00 EUR"),
    )
    return tell(replace(AZURE, notes=notes), moment)


def stamp(agreement_id: UUID, term_number: int, kind: Kind, sequence: int) -> Stamp:
    uid = event_uid(INSTALLATION, agreement_id, term_number, kind)
    return Stamp(uid, sequence, CREATED_AT, CHANGED_AT if sequence else CREATED_AT)


def feed(name: str, description: str, *events: tuple[EventText, Stamp]) -> Feed:
    return Feed(
        name=name,
        description=description,
        colour="steelblue",
        placeholder_uid=placeholder_uid(INSTALLATION, "finance"),
        created_at=CREATED_AT,
        events=events,
    )


FEEDS = {
    "plain": feed(
        "IT renewals - Finance",
        "Dates by which IT and procurement have to act",
        *(
            (azure(kind, on), stamp(AZURE.agreement_id, 2, kind, sequence))
            for sequence, (kind, on) in enumerate(AZURE_DATES)
        ),
    ),
    "awkward": feed(
        "Verträge, Fristen; Termine\nMETHOD:CANCEL",
        "C:\\Netze\\Nord – 契約",  # noqa: RUF001 - awkward on purpose
        *(
            (circuit(kind, on), stamp(CIRCUIT.agreement_id, 1, kind, 0))
            for kind, on in CIRCUIT_DATES
        ),
    ),
    "nothing_to_show": feed("IT renewals - Finance", ""),
}
DETAILED = feed("Procurement renewals, priced", "With amounts, notes and a reminder the day before")


@pytest.mark.parametrize("name", FEEDS)
def test_the_bytes_are_those_of_the_golden_file(name: str) -> None:
    assert render(FEEDS[name]) == (HERE / f"{name}.ics").read_bytes()


def test_so_are_those_with_amounts_notes_and_an_alarm() -> None:
    blocks = [
        event_bytes(with_all_details(kind, on), stamp(AZURE.agreement_id, 2, kind, 7), 1)
        for kind, on in AZURE_DATES
    ]
    assert bind(DETAILED, blocks) == (HERE / "details_and_alarm.ics").read_bytes()


def test_every_golden_file_has_its_feed() -> None:
    assert {path.stem for path in HERE.glob("*.ics")} == {*FEEDS, "details_and_alarm"}
