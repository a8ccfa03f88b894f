"""Acts are kept in their order, and told for many agreements at once."""

from uuid import UUID, uuid4

import pytest
from sqlalchemy.exc import IntegrityError

from app.records import acts, agreements
from app.records.engine import Database, Row
from tests.builders import NOW, TODAY, a_row


def an_act(agreement_id: UUID, number: int = 1) -> Row:
    return {
        "agreement_id": agreement_id,
        "number": number,
        "kind": "decision",
        "document": "{}",
        "done_on": TODAY,
        "at": NOW,
        "actor_id": None,
        "actor_name": "Ada",
    }


def test_acts_are_told_by_agreement_in_the_order_they_were_recorded(database: Database) -> None:
    new = [a_row() for _ in range(300)]
    kept = [an_act(row["id"], number) for row in new for number in (1, 2)]
    with database.writing() as session:
        agreements.insert_rows(session, new)
        acts.add(session, kept[::-1])
        ids = [row["id"] for row in new]
        found = acts.of(session, [*ids, ids[0]])
        assert found == {one: [an_act(one, 1), an_act(one, 2)] for one in ids}
        unknown = uuid4()
        assert acts.of(session, [unknown]) == {unknown: []}
        assert acts.of(session, []) == {}


def test_two_acts_cannot_have_the_same_number(database: Database) -> None:
    row = a_row()
    with database.writing() as session:
        agreements.insert_rows(session, [row])
        acts.add(session, [an_act(row["id"])])
    with pytest.raises(IntegrityError), database.writing() as session:
        acts.add(session, [an_act(row["id"])])
