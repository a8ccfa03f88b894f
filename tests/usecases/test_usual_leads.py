"""The policy that is kept gives agreements their lead time, wherever their terms are made."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import delete, event, update

from app.records import milestones
from app.records.agreements import Filters, Order
from app.records.engine import Database, Session
from app.records.tables import LeadTimePolicy
from app.renewals.amendments import Amendment
from app.renewals.clauses import Notice
from app.renewals.lead_times import DEFAULT_POLICY, LeadTime
from app.renewals.spans import Span, Unit
from app.renewals.terms import Terms
from app.usecases import agreements, imports
from app.usecases.dossiers import Dossiers
from app.usecases.refusals import Unreadable
from app.usecases.register import extend, rebuild
from app.usecases.usual_leads import current, with_usual_leads
from tests.builders import NOW, OPERATOR, TODAY, a_form, entered, length, sabotage

ALL = Filters()
IN_ORDER = Order("next_deadline", descending=False, as_of=TODAY)
LARGE = {"lead_days": None, "currency": "EUR", "annual_value": "600000"}
BY_ITS_VALUE = "No lead time of its own, so row 6 of the lead-time policy (from 500,000 a year):"


def test_a_new_register_follows_the_first_policy(database: Database) -> None:
    with database.reading() as session:
        kept = current(session)
    assert (kept.version, kept.policy) == (1, DEFAULT_POLICY)


FACTS: list[tuple[dict[str, Any], int]] = [
    ({}, 90),
    ({"currency": "JPY", "annual_value": "9999"}, 30),
    ({"criticality": "High"}, 180),
    ({"handling": "public_tender"}, 365),
    ({"handling": "PUBLIC_TENDER", "criticality": "critical"}, 540),
    ({"kind": "telecom_circuit"}, 120),
    ({"kind": "cloud_commitment", "lead_days": 10}, 10),
    ({"kind": "cloud_commitment", "lead_days": 0}, 0),
    ({"renewal": {"kind": "auto", "term": length("1 month")}, "criticality": "high"}, 30),
]


@pytest.mark.parametrize(("facts", "days"), FACTS)
def test_the_policy_looks_at_what_is_known_of_an_agreement(
    database: Database, facts: dict[str, Any], days: int
) -> None:
    with database.writing() as session:
        form = a_form(**{"lead_days": None, **facts})
        kept = agreements.create(session, form, actor=OPERATOR, today=TODAY, now=NOW)
        read = Dossiers(session).by_id(kept.id)
    assert (kept.terms.lead_on(TODAY), read.terms.lead_on(TODAY)) == (days, days)


def test_list_and_milestones_name_the_same_row(database: Database) -> None:
    with database.writing() as session:
        new = entered(session, **LARGE)
        (listed,) = agreements.page(session, ALL, IN_ORDER, phase=None, after=None, limit=9).items
        kept = milestones.of_agreement(session, new.id)
        extend(session, date(2025, 1, 1), date(2033, 1, 1))
        extended = milestones.of_agreement(session, new.id)
        rebuild(session)
        rebuilt = milestones.of_agreement(session, new.id)
    for found in (new.position, listed.position):
        (told,) = found.why["negotiation_start"]
        assert told.startswith(BY_ITS_VALUE)
    assert len(extended) > len(kept)
    assert rebuilt == extended
    assert all(BY_ITS_VALUE in row["told"] for row in rebuilt)


def test_what_is_known_decides_anew_when_it_changes(database: Database) -> None:
    with database.writing() as session:
        new = entered(session, lead_days=None)
        changed = agreements.change(
            session,
            new.id,
            frozenset({1}),
            {"handling": "strategic"},
            actor=OPERATOR,
            today=TODAY,
            now=NOW,
        )
        kept = milestones.of_agreement(session, new.id)
    assert new.terms.usual_lead_on(TODAY) == LeadTime(90, 14, "anything else")
    assert changed.terms.usual_lead_on(TODAY) == LeadTime(365, 5, "strategic")
    assert all("(strategic): 365 days" in row["told"] for row in kept)


def test_what_ends_with_its_parent_is_prepared_by_its_own_facts(database: Database) -> None:
    none = {"initial_term": None, "renewal": None, "lead_days": None}
    with database.writing() as session:
        parent = entered(session, reference="P", **LARGE)
        child = entered(
            session, reference="C", parent_id=parent.id, co_terminous=True,
            currency="EUR", annual_value="900", **none,
        )  # fmt: skip
        changes = {"notice": length("60 days")}
        agreements.change(
            session, parent.id, frozenset({1}), changes, actor=OPERATOR, today=TODAY, now=NOW
        )
        kept = milestones.of_agreement(session, child.id)
    assert (parent.terms.lead_on(TODAY), child.terms.lead_on(TODAY)) == (365, 30)
    assert all("(below 10,000 a year): 30 days" in row["told"] for row in kept)


def test_an_amended_price_has_its_own_lead_time_from_its_day_on() -> None:
    dearer = Amendment(date(2026, 4, 15), annual_value=Decimal(600_000))
    sooner = Amendment(date(2026, 6, 1), notice=Notice(Span(60, Unit.DAYS)))
    in_yen = Amendment(date(2027, 4, 15), annual_value=Decimal(9_000), currency="JPY")
    terms = Terms(date(2024, 4, 15), Span(1, Unit.YEARS), amendments=(dearer, sooner, in_yen))
    facts = a_form(lead_days=None, currency="EUR", annual_value="120000").model_dump()
    found = with_usual_leads(terms, facts, DEFAULT_POLICY)
    assert [(lead.from_day, lead.lead_time.row_name) for lead in found.usual_leads] == [
        (date.min, "from 100,000 a year"),
        (date(2026, 4, 15), "from 500,000 a year"),
        (date(2027, 4, 15), "below 10,000 a year"),
    ]


IMPORTED = (
    "reference,title,counterparty,start_date,initial_term,renewal_kind,renewal_term,notice,"
    "handling,lead_days\n"
)
TERMS_CELLS = "2024-04-15,12 months,auto,12 months,45 days"


def taken(session: Session, *rows: str) -> None:
    content = (IMPORTED + "\n".join(rows)).encode()
    planned = imports.plan(session, content, now=NOW, max_rows=1_000)
    imports.carry_out(session, planned, actor=OPERATOR, now=NOW)


def lead_by_reference(session: Session) -> dict[str, tuple[int, list[str]]]:
    items = agreements.page(session, ALL, IN_ORDER, phase=None, after=None, limit=200).items
    return {
        item.facts["reference"]: (
            item.terms.lead_on(TODAY),
            [row["told"] for row in milestones.of_agreement(session, item.id)],
        )
        for item in items
    }


def test_imported_agreements_follow_the_policy_when_new_and_when_changed(
    database: Database,
) -> None:
    with database.writing() as session:
        taken(
            session,
            f"A,t,c,{TERMS_CELLS},public_tender,",
            f"B,t,c,{TERMS_CELLS},,",
            f"C,t,c,{TERMS_CELLS},public_tender,20",
        )
        found = lead_by_reference(session)
        assert {name: days for name, (days, _) in found.items()} == {"A": 365, "B": 90, "C": 20}
        assert all("row 4 of the lead-time policy" in told for told in found["A"][1])
        taken(session, f"A,t,c,{TERMS_CELLS},,", f"B,t,c,{TERMS_CELLS},hard_to_replace,")
        found = lead_by_reference(session)
        assert {name: days for name, (days, _) in found.items()} == {"A": 90, "B": 180, "C": 20}
        assert all("row 9 of the lead-time policy" in told for told in found["B"][1])


@contextmanager
def counted(session: Session) -> Iterator[list[str]]:
    asked: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_more: object) -> None:
        if "lead_time_policy" in statement:
            asked.append(statement)

    event.listen(session, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(session, "before_cursor_execute", note)


def test_many_agreements_ask_for_the_policy_once(database: Database) -> None:
    rows = [f"R-{number},t,c,{TERMS_CELLS},,\n" for number in range(30)]
    others = [row.replace(",t,", ",u,") for row in rows]
    with database.writing() as session:
        for work in (
            lambda: taken(session, *rows),
            lambda: taken(session, *others),
            lambda: rebuild(session),
            lambda: extend(session, date(2020, 1, 1), TODAY),
            lambda: agreements.page(session, ALL, IN_ORDER, phase=None, after=None, limit=200),
        ):
            with counted(session) as asked:
                work()
            assert 1 <= len(asked) <= 2  # an import plans, then carries out


BROKEN = [
    "{",
    "{}",
    "[]",
    "[1]",
    "null",
    "7",
    '[{"days": 90}]',
    '[{"name": "x", "days": "90"}]',
    '[{"name": "x", "days": 90, "colour": "red"}]',
    '[{"name": "x", "days": 90, "value_from": "lots"}, {"name": "y", "days": 90}]',
    '[{"name": "x", "days": 90, "kind": "saas"}]',
]


@pytest.mark.parametrize("rows", BROKEN)
def test_a_stored_policy_that_cannot_be_read_says_who_mends_it(
    database: Database, rows: str
) -> None:
    with database.writing() as session:
        session.execute(update(LeadTimePolicy).values(rows=rows))
        with pytest.raises(Unreadable, match="an administrator replaces it"):
            current(session)
        session.rollback()


def test_without_a_policy_the_database_was_not_prepared(database: Database) -> None:
    with database.writing() as session:
        session.execute(delete(LeadTimePolicy))
        with pytest.raises(RuntimeError, match="to prepare the database"):
            current(session)
        session.rollback()


def test_a_stored_value_that_is_no_number_is_left_out_of_lists(database: Database) -> None:
    with database.writing() as session:
        new = entered(session, **LARGE)
        sabotage(session, new.id, annual_value="lots")
        with pytest.raises(Unreadable, match=f"agreement {new.id} cannot be read"):
            Dossiers(session).by_id(new.id)
        order = Order("counterparty", descending=False, as_of=TODAY)
        found = agreements.page(session, ALL, order, phase=None, after=None, limit=9)
    assert (found.items, found.left_out) == ([], 1)
