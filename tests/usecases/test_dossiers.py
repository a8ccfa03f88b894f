"""A dossier holds the facts and the acts of an agreement, and what they amount to together."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import event, insert, update

from app.records import acts, milestones
from app.records.agreements import Filters, Order, every
from app.records.engine import Database, Session
from app.records.tables import Act, Agreement
from app.renewals.prices import Price
from app.usecases import agreements
from app.usecases.acts import ActKind, Acts
from app.usecases.agreements import Page
from app.usecases.dossiers import Dossiers
from app.usecases.refusals import NotFound, Refusal, Unreadable
from app.usecases.register import extend, rebuild
from app.usecases.renewals import Look, work_list
from tests.builders import (
    IT,
    NOW,
    TODAY,
    amended,
    checked,
    decided,
    entered,
    length,
    noticed,
    read,
    sabotage,
    told,
)

TOGETHER: dict[str, Any] = {
    "co_terminous": True,
    "start_date": "2024-06-01",
    "initial_term": None,
    "renewal": None,
    "notice": None,
}


@contextmanager
def questions_asked(session: Session) -> Iterator[list[str]]:
    """Tell which questions the block asks the database."""
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        asked.append(statement)

    event.listen(session, "before_cursor_execute", note)
    yield asked
    event.remove(session, "before_cursor_execute", note)


def page(session: Session) -> Page:
    order = Order("counterparty", descending=False, as_of=TODAY)
    return agreements.page(session, Filters(), order, phase=None, after=None, limit=50)


def test_a_dossier_holds_what_was_entered_and_what_was_done(database: Database) -> None:
    with database.writing() as session:
        one = entered(session, annual_value="10.00", currency="EUR").id
        amended(session, one, "2027-04-15", annual_value="12.00")
        decided(session, one, 3, "renew")
        noticed(session, one, sent_on="2026-11-20")
        checked(session, one, "term")
        dossier = Dossiers(session).by_id(one)
    kinds = [done.kind for done in dossier.acts.every]
    assert kinds == [ActKind.AMENDMENT, ActKind.DECISION, ActKind.NOTICE, ActKind.VERIFICATION]
    assert (dossier.id, dossier.row["acts"]) == (one, 4)
    assert dossier.price == Price(Decimal("10.00"), None, "EUR")
    terms = dossier.terms
    assert (len(terms.amendments), len(terms.notices), len(terms.said)) == (1, 1, 1)


def test_what_is_not_there_has_no_dossier(database: Database) -> None:
    with database.writing() as session:
        one = entered(session).id
        agreements.remove(session, one, frozenset({1}), reason=None, actor=IT, now=NOW)
        for nobody in (one, uuid4()):
            with pytest.raises(NotFound, match="it may have been removed"):
                Dossiers(session).by_id(nobody)


def test_many_dossiers_are_opened_with_few_questions(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.usecases.dossiers._CHUNK", 4)
    with database.writing() as session:
        ids = [entered(session, reference=f"{number}").id for number in range(10)]
        for one in ids[::2]:
            checked(session, one, "term", "notice")
        rows = list(every(session))
        with questions_asked(session) as asked:
            found = list(Dossiers(session).each_of(iter(rows)))
        assert [row["id"] for row, _ in found] == sorted(ids)
        assert {
            row["id"]: 0 if dossier is None else len(dossier.acts.every) for row, dossier in found
        } == {one: 0 if number % 2 else 2 for number, one in enumerate(ids)}
        with questions_asked(session) as asked_of_none:
            assert Dossiers(session).acts_of({"acts": 0}) == Acts()
    assert len(asked) <= 4
    assert asked_of_none == []


def test_a_parents_acts_count_for_what_ends_with_it(database: Database) -> None:
    with database.writing() as session:
        parent = entered(session, reference="P").id
        child = entered(session, reference="C", parent_id=parent, **TOGETHER).id
        amended(session, parent, "2027-01-01", end_date="2027-06-30")
        dossier = Dossiers(session).by_id(child)
        assert dossier.acts == Acts()
        assert dossier.terms.parent == Dossiers(session).by_id(parent).terms
    assert read_end(dossier.terms.parent) == date(2027, 6, 30)


def read_end(terms: Any) -> date | None:  # noqa: ANN401 - of a parent, if any
    found: date | None = terms.amendments[0].end_date
    return found


BROKEN: list[Any] = [
    pytest.param({"document": ""}, id="no document"),
    pytest.param({"document": "{"}, id="half a document"),
    pytest.param({"document": "null"}, id="null"),
    pytest.param({"document": "[]"}, id="a list"),
    pytest.param({"document": "7"}, id="a number"),
    pytest.param({"document": "{}"}, id="an empty document"),
    pytest.param({"kind": "party"}, id="an unknown kind"),
    *(
        pytest.param({"kind": kind.value, "document": "{}"}, id=f"an empty {kind}")
        for kind in ActKind
        if kind is not ActKind.RECEIPT
    ),
    pytest.param(
        {"kind": "amendment", "document": '{"effective_from": "2020-01-01", "annual_value": "1"}'},
        id="an amendment before the start",
    ),
    pytest.param(
        {"kind": "acknowledgement", "document": '{"term_number": 3, "term_start": 7}'},
        id="an acknowledgement of no term",
    ),
]


def broken_act(session: Session, agreement_id: UUID, changes: dict[str, Any]) -> None:
    """Write among the acts about an agreement what nobody can record."""
    row = {
        "agreement_id": agreement_id,
        "number": 1,
        "kind": "verification",
        "document": '{"clause": "term", "checksum": "0", "checked_on": "2026-11-23"}',
        "done_on": TODAY,
        "at": NOW,
        "actor_id": None,
        "actor_name": "nobody",
    }
    session.execute(insert(Act).values(**row | changes))
    sabotage(session, agreement_id, acts=1)


@pytest.mark.parametrize("changes", BROKEN)
def test_an_act_that_cannot_be_read_leaves_its_agreement_out_and_nothing_else(
    database: Database, changes: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    with database.writing() as session:
        broken, whole = entered(session, reference="A"), entered(session, reference="B")
        child = entered(session, reference="C", parent_id=broken.id, **TOGETHER)
        before = milestones.of_agreement(session, broken.id)
        broken_act(session, broken.id, changes)
        found = page(session)
        assert ([one.id for one in found.items], found.left_out) == ([whole.id], 2)
        assert f"agreement {broken.id} is left out: it cannot be read" in caplog.text
        for one in (broken, child):
            with pytest.raises(Unreadable):
                read(session, one.id)
        deeds = (
            lambda: decided(session, broken.id, 3, "renew"),
            lambda: amended(session, broken.id, "2027-01-01", annual_value="1"),
            lambda: agreements.change(
                session, broken.id, frozenset({1}), {"title": "New"},
                actor=IT, today=TODAY, now=NOW,
            ),
        )  # fmt: skip
        for deed in deeds:
            with pytest.raises(Refusal):
                deed()
        # Its dates stay what they were; the others go on.
        rebuild(session)
        extend(session, date(2020, 1, 1), date(2035, 1, 1))
        assert milestones.of_agreement(session, broken.id) == before
        assert len(milestones.of_agreement(session, whole.id)) > len(before)
        look = Look(day=TODAY, first=TODAY, last=date(2027, 12, 31), only_next=True, good_for=12)
        listed = work_list(session, Filters(), look, after=None, limit=9, today=TODAY)
        assert whole.id in {due.row["agreement_id"] for due in listed.items}
        # It can be put away, and what remains is whole.
        sabotage(session, child.id, parent_id=None, co_terminous=False)
        agreements.remove(session, broken.id, frozenset({1}), reason=None, actor=IT, now=NOW)
        assert told(read(session, whole.id)) == told(whole)


def test_an_act_that_is_gone_leaves_the_others(database: Database) -> None:
    with database.writing() as session:
        one = entered(session).id
        checked(session, one, "term")
        sabotage(session, one, acts=7)
        (done,) = checked(session, one, "notice")
        assert done.number == 8
        assert [act["number"] for act in acts.of(session, [one])[one]] == [1, 8]
        assert read(session, one).checked["notice"] == TODAY


def test_a_receipt_of_nothing_changes_nothing(database: Database) -> None:
    with database.writing() as session:
        one = entered(session)
        broken_act(session, one.id, {"kind": "receipt", "document": "{}"})
        session.execute(update(Agreement).values(acts=1))
        assert told(read(session, one.id)) == told(one)


def test_a_value_that_is_no_number_is_unreadable(database: Database) -> None:
    with database.writing() as session:
        one = entered(session, lead_days=None, notice=length("1 month")).id
        sabotage(session, one, annual_value="many", currency="EUR")
        with pytest.raises(Unreadable):
            read(session, one)
