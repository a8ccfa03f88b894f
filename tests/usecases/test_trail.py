"""What is changed behind the register's back is found, in the trail and beside it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import delete, insert, select, text, update

from app.records import audit, milestones
from app.records.agreements import by_id, insert_rows
from app.records.audit import NO_ENTRY, Head
from app.records.engine import Database, Session, row
from app.records.tables import Act, Agreement, AuditEntry, Register
from app.usecases import agreements, tokens
from app.usecases.act_forms import VerificationForm
from app.usecases.agreements import change_entry
from app.usecases.trail import Verdict, verify
from app.usecases.verifications import verify_clause
from tests.builders import NOW, OPERATOR, TODAY, a_row, entered, sabotage

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""Which keeps anything in any column."""


@contextmanager
def unguarded(database: Database) -> Iterator[Session]:
    """Open a session in which the database lets the trail be changed."""
    with database.writing() as session:
        if database.is_sqlite:
            for deed in ("update", "delete"):
                session.execute(text(f"DROP TRIGGER IF EXISTS audit_refuses_{deed}"))
        else:
            session.execute(text("SET LOCAL session_replication_role = replica"))
        yield session


def verdict_on(database: Database, noted: Head | None = None) -> Verdict:
    with database.reading() as session:
        return verify(session, noted)


def entries_found(database: Database, noted: Head | None = None) -> list[int | None]:
    return [finding.entry_id for finding in verdict_on(database, noted).findings]


def told_of(database: Database, noted: Head | None = None) -> str:
    return "\n".join(finding.sentence for finding in verdict_on(database, noted).findings)


def five_deeds(database: Database) -> UUID:
    """Enter an agreement, check two clauses, hand out a token and take it back."""
    with database.writing() as session:
        one = entered(session)
        for clause in ("term", "notice"):
            form = VerificationForm.model_validate({"clause": clause, "quotation": "45 days"})
            verify_clause(session, one.id, form, actor=OPERATOR, today=TODAY, now=NOW)
        token_id, _ = tokens.mint(session, "Ada", "it", actor=OPERATOR, now=NOW)
        tokens.revoke(session, token_id, actor=OPERATOR, now=NOW)
    return one.id


def remove(session: Session, agreement_id: UUID) -> None:
    one = by_id(session, agreement_id)
    assert one is not None
    versions = frozenset({one["version"]})
    agreements.remove(session, agreement_id, versions, reason="sold", actor=OPERATOR, now=NOW)


def entry(session: Session, entry_id: int) -> dict[str, Any]:
    found = row(session.execute(select(*AuditEntry.__table__.columns).filter_by(id=entry_id)))
    assert found is not None
    return dict(found)


def rewrite(session: Session, entry_id: int, **changes: object) -> None:
    session.execute(update(AuditEntry).where(AuditEntry.id == entry_id).values(**changes))


def chain_anew(session: Session) -> None:
    """Hash the whole trail again, as somebody would who knows how it is done."""
    last = NO_ENTRY
    for entry_id, kept in list(audit.every(session)):
        assert kept is not None
        link = {**kept, "previous_hash": last.hash}
        rewrite(session, entry_id, previous_hash=last.hash, hash=audit.entry_hash(link))
        last = Head(entry_id, audit.entry_hash(link))
    session.execute(update(Register).values(audit_id=last.id, audit_hash=last.hash))


def test_an_empty_trail_is_sound(database: Database) -> None:
    assert verdict_on(database) == Verdict(0, NO_ENTRY, [])
    assert verdict_on(database, NO_ENTRY) == Verdict(0, NO_ENTRY, [])


def test_what_people_do_leaves_a_sound_trail_that_outlives_an_agreement(
    database: Database,
) -> None:
    one = five_deeds(database)
    earlier = verdict_on(database)
    assert (earlier.entries, earlier.head.id, earlier.findings) == (5, 5, [])
    with database.writing() as session:
        other = entered(session, reference="other", notes="zwölf Monate", tags=["Ω"])
        changes = {"title": "New", "annual_value": "12.00", "currency": "EUR", "notes": None}
        versions = frozenset({other.version})
        agreements.change(
            session, other.id, versions, changes, actor=OPERATOR, today=TODAY, now=NOW
        )
        remove(session, one)
    with database.reading() as session:
        assert len(agreements.history(session, one, after=0, limit=9)) == 4
    later = verdict_on(database, earlier.head)
    assert (later.entries, later.head.id, later.findings) == (8, 8, [])


@pytest.mark.parametrize(
    "changes",
    [
        {"at": NOW + timedelta(microseconds=1)},
        {"actor_id": uuid4()},
        {"actor_name": "nobody"},
        {"action": "token found"},
        {"subject_id": uuid4()},
        {"before": "nothing"},
        {"after": None},
        {"hash": "0" * 64},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_a_changed_entry_is_found(database: Database, changes: dict[str, object]) -> None:
    five_deeds(database)
    with unguarded(database) as session:
        rewrite(session, 4, **changes)
    assert "Entry 4 was changed after it was written." in told_of(database)


def test_a_changed_entry_that_was_hashed_again_is_found_by_the_next(database: Database) -> None:
    five_deeds(database)
    with unguarded(database) as session:
        changed = entry(session, 4) | {"actor_name": "nobody"}
        rewrite(session, 4, **changed | {"hash": audit.entry_hash(changed)})
    assert entries_found(database) == [5]
    assert "Entry 5 was not written after entry 4: entries were removed" in told_of(database)


@pytest.mark.parametrize(
    ("gone", "found"), [([4], [5]), ([1], [2, 3]), ([5], [5]), ([4, 5], [5])], ids=str
)
def test_removed_entries_are_found(database: Database, gone: list[int], found: list[int]) -> None:
    five_deeds(database)
    with unguarded(database) as session:
        session.execute(delete(AuditEntry).where(AuditEntry.id.in_(gone)))
    assert entries_found(database) == found


def test_a_trail_that_was_emptied_is_found(database: Database) -> None:
    five_deeds(database)
    with unguarded(database) as session:
        session.execute(delete(AuditEntry))
    assert "The trail does not end with entry 5 as the register knows it." in told_of(database)


def test_entries_that_changed_places_are_found(database: Database) -> None:
    five_deeds(database)
    with unguarded(database) as session:
        for old, new in ((4, 99), (5, 4), (99, 5)):
            rewrite(session, old, id=new)
    assert entries_found(database) == [4, 4, 5, 5, 5]


def test_an_entry_that_was_put_in_is_found(database: Database) -> None:
    five_deeds(database)
    with unguarded(database) as session:
        last = entry(session, 5)
        more = last | {"id": 6, "previous_hash": last["hash"]}
        session.execute(insert(AuditEntry).values(**more | {"hash": audit.entry_hash(more)}))
    assert entries_found(database) == [5]


def test_a_change_of_what_the_register_knows_of_the_trail_is_found(database: Database) -> None:
    five_deeds(database)
    with unguarded(database) as session:
        session.execute(update(Register).values(audit_id=4))
    assert entries_found(database) == [4]


def test_a_trail_written_anew_is_found_by_a_head_that_was_noted(database: Database) -> None:
    five_deeds(database)
    noted = verdict_on(database).head
    with unguarded(database) as session:
        rewrite(session, 4, actor_name="nobody")
        chain_anew(session)
    assert entries_found(database) == []
    assert entries_found(database, noted) == [5]
    assert "Entry 5 does not stand in the trail as it was noted." in told_of(database, noted)


def test_an_end_that_was_cut_off_with_care_is_found_by_a_head_that_was_noted(
    database: Database,
) -> None:
    five_deeds(database)
    noted = verdict_on(database).head
    with unguarded(database) as session:
        session.execute(delete(AuditEntry).where(AuditEntry.id == 5))
        chain_anew(session)
    assert entries_found(database) == []
    assert entries_found(database, noted) == [5]


@ON_SQLITE
@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("at", "'yesterday'"),
        ("at", "7"),
        ("actor_id", "'nobody'"),
        ("subject_id", "7"),
        ("after", "CAST(x'ff' AS TEXT)"),
    ],
)
def test_an_entry_that_cannot_be_read_is_found_and_the_rest_is_checked(
    database: Database, column: str, value: str
) -> None:
    five_deeds(database)
    with unguarded(database) as session:
        session.execute(text(f"UPDATE audit SET {column} = {value} WHERE id = 4"))  # noqa: S608
        rewrite(session, 5, actor_name="nobody")
    assert entries_found(database) == [4, 5]
    assert "Entry 4 was changed: it cannot be read." in told_of(database)


@ON_SQLITE
def test_bytes_in_the_place_of_text_are_a_change_like_any_other(database: Database) -> None:
    five_deeds(database)
    with unguarded(database) as session:
        session.execute(text("UPDATE audit SET after = x'ff' WHERE id IN (1, 2)"))
    assert entries_found(database) == [1, 2, 3, 3]


def test_a_long_trail_is_checked_in_chunks(database: Database) -> None:
    with database.writing() as session:
        one = change_entry(OPERATOR, NOW, "deed", uuid4(), None, "{}")
        audit.add(session, [one] * 600)
    assert verdict_on(database).entries == 600
    for entry_id in (250, 251, 600):
        with unguarded(database) as session:
            rewrite(session, entry_id, actor_name="nobody")
    assert entries_found(database) == [250, 251, 600]


def test_facts_that_were_changed_are_found(database: Database) -> None:
    one = five_deeds(database)
    with database.writing() as session:
        sabotage(session, one, notes="no notice is needed")
    assert entries_found(database) == [3]
    told = f"Agreement {one} has other facts than the trail tells, up to entry 3."
    assert told in told_of(database)


@pytest.mark.parametrize("after", ["nothing", "[]", None])
def test_facts_that_the_trail_does_not_tell_any_more_are_found(
    database: Database, after: str | None
) -> None:
    five_deeds(database)
    with unguarded(database) as session:
        rewrite(session, 1, after=after)
    assert entries_found(database) == [1, 3]


def test_facts_that_an_older_release_did_not_ask_for_are_no_finding(database: Database) -> None:
    five_deeds(database)
    with unguarded(database) as session:
        facts = json.loads(entry(session, 1)["after"])
        assert facts.pop("handling") is None
        rewrite(session, 1, after=json.dumps(facts))
        chain_anew(session)
    assert entries_found(database) == []


@pytest.mark.parametrize(
    "deed",
    [
        update(Act).where(Act.number == 1).values(document='{"clause": "renewal"}'),
        update(Act).where(Act.number == 2).values(number=3),
        delete(Act).where(Act.number == 2),
        update(Agreement).values(acts=0),
    ],
    ids=["changed", "renumbered", "removed", "not looked up"],
)
def test_acts_that_were_changed_are_found(database: Database, deed: Any) -> None:  # noqa: ANN401
    one = five_deeds(database)
    with database.writing() as session:
        session.execute(deed)
    told = f"Agreement {one} has other acts than the trail tells, up to entry 3."
    assert told_of(database) == told


def test_an_agreement_that_nobody_entered_is_found(database: Database) -> None:
    new = a_row()
    with database.writing() as session:
        insert_rows(session, [new])
    told = f"Agreement {new['id']} is in the register, and no entry tells of it."
    assert told_of(database) == told


def test_an_agreement_that_nobody_removed_is_found(database: Database) -> None:
    one = five_deeds(database)
    with database.writing() as session:
        sabotage(session, one, removed_at=NOW)
    told = f"Agreement {one} is gone, and no entry tells why, up to entry 3."
    assert told_of(database) == told
    with database.writing() as session:
        milestones.remove(session, [one])
        session.execute(delete(Act))
        session.execute(delete(Agreement))
    assert told_of(database) == told


def test_a_removed_agreement_that_is_there_again_is_found(database: Database) -> None:
    one = five_deeds(database)
    with database.writing() as session:
        remove(session, one)
        sabotage(session, one, removed_at=None)
    assert "is in the register, and no entry tells of it." in told_of(database)


def test_what_cannot_be_read_in_the_register_is_found(database: Database) -> None:
    five_deeds(database)
    with database.writing() as session:
        session.execute(update(Act).values(document="{"))
    assert "The register holds what cannot be read" in told_of(database)


@ON_SQLITE
def test_a_day_that_is_none_is_found(database: Database) -> None:
    five_deeds(database)
    with database.writing() as session:
        session.execute(text("UPDATE agreements SET signed_date = 'soon'"))
    assert "The register holds what cannot be read" in told_of(database)
