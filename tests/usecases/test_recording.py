"""An act is recorded with the dates that follow, its trail and the revision, or not at all."""

import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID, uuid4

import pytest

from app.records import acts, audit, milestones, register
from app.records.agreements import by_id
from app.records.engine import Database, Session
from app.usecases.act_forms import VerificationForm
from app.usecases.acts import ActKind
from app.usecases.agreements import change, history, remove
from app.usecases.decisions import decision
from app.usecases.recording import open_dossier, record
from app.usecases.refusals import Invalid, NotFound, Refusal, Stale, StillNeeded
from app.usecases.verifications import verify_clause
from tests.builders import (
    IT,
    NOW,
    PROCUREMENT,
    TODAY,
    amended,
    checked,
    decided,
    entered,
    findings,
    length,
    noticed,
    on,
    read,
    settled,
    told,
)


def revision(session: Session) -> int:
    state = register.state(session)
    assert state is not None
    return state.revision


def kept(session: Session, agreement_id: UUID) -> tuple[object, ...]:
    """Return all that is kept of an agreement, to be compared."""
    return (
        by_id(session, agreement_id),
        acts.of(session, [agreement_id]),
        milestones.of_agreement(session, agreement_id),
        history(session, agreement_id, after=0, limit=99),
        revision(session),
    )


def test_an_act_is_kept_with_who_did_it_when(database: Database) -> None:
    with database.writing() as session:
        one = entered(session).id
        dossier = open_dossier(session, one)
        document = {"clause": "term", "day": TODAY, "nothing": None, "checksum": "é"}
        more = {"checked_on": "2026-11-23", "quotation": "Zwölf\nMonate"}
        after, done = record(
            session, dossier, ActKind.VERIFICATION, document | more, **on(TODAY, PROCUREMENT)
        )
        (row,) = acts.of(session, [one])[one]
        created, entry = history(session, one, after=0, limit=9)
        found = by_id(session, one)
    said = {"clause": "term", "day": "2026-11-23", "checksum": "é", **more}
    assert (done.number, done.kind, done.document, done.on) == (1, "verification", said, TODAY)
    assert (row["actor_id"], row["actor_name"], row["at"], row["done_on"]) == (
        PROCUREMENT.id,
        "Paul of procurement",
        NOW,
        TODAY,
    )
    assert json.loads(row["document"]) == said
    assert found is not None
    assert (found["version"], found["acts"], found["updated_at"]) == (2, 1, NOW)
    assert {name: after.row[name] for name in found} == dict(found)
    assert created["action"] == "created"
    assert (entry["action"], entry["actor_id"], entry["before"]) == (
        "verification",
        PROCUREMENT.id,
        None,
    )
    assert json.loads(entry["after"]) == {
        "act": 1,
        "kind": "verification",
        "done_on": "2026-11-23",
        "document": said,
    }


def test_acts_are_numbered_within_their_agreement(database: Database) -> None:
    with database.writing() as session:
        first, second = entered(session, reference="A").id, entered(session, reference="B").id
        numbers = [checked(session, one, "term")[0].number for one in (first, second, first)]
    assert numbers == [1, 1, 2]


def test_a_dossier_is_opened_at_a_version_that_was_read(database: Database) -> None:
    with database.writing() as session:
        one = entered(session).id
        assert open_dossier(session, one).row["version"] == 1
        assert open_dossier(session, one, frozenset({1, 7})).id == one
        with pytest.raises(Stale, match="read it again"):
            open_dossier(session, one, frozenset({2}))
        with pytest.raises(NotFound):
            open_dossier(session, uuid4(), frozenset({1}))


def test_an_act_is_recorded_about_what_was_opened_and_nothing_newer(database: Database) -> None:
    with database.writing() as session:
        one = entered(session).id
        dossier = open_dossier(session, one)
        change(session, one, frozenset({1}), {"title": "New"}, actor=IT, today=TODAY, now=NOW)
        before = kept(session, one)
    with pytest.raises(Stale), database.writing() as session:
        record(session, dossier, ActKind.ACKNOWLEDGEMENT, {}, **on(TODAY))
    with database.reading() as session:
        assert kept(session, one) == before


DEEDS: list[Callable[[Session, UUID], object]] = [
    lambda session, one: amended(session, one, "2026-12-01", annual_value="1"),
    lambda session, one: decided(session, one, 3, "renew"),
    lambda session, one: noticed(session, one, sent_on="2026-11-20"),
    lambda session, one: checked(session, one, "term"),
]


@pytest.mark.parametrize("deed", DEEDS)
@pytest.mark.parametrize(
    "broken", [(acts, "add"), (milestones, "add"), (audit, "add"), (register, "raise_revision")]
)
def test_an_act_and_what_follows_are_stored_together_or_not_at_all(
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    deed: Callable[[Session, UUID], object],
    broken: tuple[Any, str],
) -> None:
    with database.writing() as session:
        one = entered(session).id
        before = kept(session, one)
    with monkeypatch.context() as patch:
        patch.setattr(*broken, _fail)
        with pytest.raises(ZeroDivisionError), database.writing() as session:
            deed(session, one)
    with database.writing() as session:
        assert kept(session, one) == before
        deed(session, one)
        assert kept(session, one) != before


def _fail(*_: object) -> None:
    raise ZeroDivisionError


def test_a_refused_act_leaves_no_trace(database: Database) -> None:
    with database.writing() as session:
        one = entered(session).id
        before = kept(session, one)
        with pytest.raises(Invalid):
            amended(session, one, "2020-01-01", annual_value="1")
        assert kept(session, one) == before


def test_removal_keeps_the_facts_and_the_acts_and_lets_the_dates_go(database: Database) -> None:
    with database.writing() as session:
        one = entered(session)
        decided(session, one.id, 3, "renew")
        checked(session, one.id, "term")
        recorded, trail = acts.of(session, [one.id]), history(session, one.id, after=0, limit=9)
        versions = frozenset({3})
        remove(session, one.id, versions, reason="Sold with the site.", actor=IT, now=NOW)
        assert acts.of(session, [one.id]) == recorded
        assert milestones.of_agreement(session, one.id) == []
        (*before, removed) = history(session, one.id, after=0, limit=9)
        assert before == trail
        assert json.loads(removed["after"]) == {"reason": "Sold with the site."}
        deeds: list[Callable[[], object]] = [
            lambda: read(session, one.id),
            lambda: decision(session, one.id, 3),
            *(lambda deed=deed: deed(session, one.id) for deed in DEEDS),
        ]
        for deed in deeds:
            with pytest.raises(NotFound, match="it may have been removed"):
                deed()
        again = entered(session)
        assert (again.facts, again.checked) == (
            one.facts,
            dict.fromkeys(("term", "renewal", "notice")),
        )
        assert decision(session, again.id, 3).sides == {}
    assert findings(database) == []


def test_a_correction_that_acts_do_not_fit_is_refused(database: Database) -> None:
    with database.writing() as session:
        one = entered(session).id
        amended(session, one, "2024-06-01", annual_value="1")
        before = kept(session, one)
        changes = {"start_date": "2024-07-01"}
        with pytest.raises(Invalid, match="must not be before start_date") as refused:
            change(session, one, frozenset({2}), changes, actor=IT, today=TODAY, now=NOW)
        assert [fault.field for fault in refused.value.faults] == ["amendments.0.effective_from"]
        assert kept(session, one) == before


OPTION: dict[str, Any] = {
    "renewal": {"kind": "option", "term": length("12 months"), "max": 1},
    "initial_term": length("36 months"),
}
TOGETHER: dict[str, Any] = {
    "reference": "C",
    "co_terminous": True,
    "initial_term": None,
    "renewal": None,
    "notice": None,
}


def test_children_follow_what_is_decided_about_their_parent(database: Database) -> None:
    with database.writing() as session:
        parent = entered(session, reference="P", **OPTION).id
        child = entered(session, parent_id=parent, start_date="2024-06-01", **TOGETHER).id
        assert str(read(session, child).position.final_end) == "2027-04-14"
        settled(session, parent, 1, "extend")
        assert str(read(session, child).position.final_end) == "2028-04-14"
        of_parent, of_child = (
            [row["act_by"] for row in milestones.of_agreement(session, one)]
            for one in (parent, child)
        )
        assert of_child == of_parent
        assert read(session, child).version == 1


def test_a_choice_is_not_taken_back_that_a_child_rests_on(database: Database) -> None:
    with database.writing() as session:
        parent = entered(session, reference="P", **OPTION).id
        settled(session, parent, 1, "extend")
        child = entered(session, parent_id=parent, start_date="2027-06-01", **TOGETHER).id
        before = kept(session, parent), kept(session, child), told(read(session, child))
        versions = frozenset({read(session, parent).version})
    with pytest.raises(StillNeeded, match=f"Agreement {child} ends with this one"):  # noqa: SIM117
        with database.writing() as session:
            decided(session, parent, 1, "do_not_renew", versions=versions)
    with database.reading() as session:
        assert (kept(session, parent), kept(session, child), told(read(session, child))) == before


def at_once(database: Database, *deeds: Callable[[Session], object]) -> list[object]:
    """Do several things at the same moment; return what came of each."""
    ready = threading.Barrier(len(deeds))

    def do(deed: Callable[[Session], object]) -> object:
        ready.wait()
        try:
            with database.writing() as session:
                return deed(session)
        except Refusal as refusal:
            return refusal

    with ThreadPoolExecutor(len(deeds)) as threads:
        return list(threads.map(do, deeds))


@pytest.mark.parametrize("attempt", range(3))
def test_two_teams_that_decide_at_the_same_moment_both_get_a_true_answer(
    database: Database, attempt: int
) -> None:
    choices = ("renew", "renew") if attempt else ("renew", "do_not_renew")
    with database.writing() as session:
        one = entered(session).id
    teams = zip((IT, PROCUREMENT), choices, strict=True)
    answers: list[Any] = at_once(
        database,
        *(
            lambda session, actor=actor, choice=choice: decided(
                session, one, 3, choice, actor=actor
            )
            for actor, choice in teams
        ),
    )
    with database.reading() as session:
        last = decision(session, one, 3)
        assert len(acts.of(session, [one])[one]) == 2
    # One was first and heard of one side, the other was second and heard of both.
    assert sorted(len(answer.sides) for answer in answers) == [1, 2]
    assert sorted(answer.version for answer in answers) == [2, 3]
    (second,) = (answer for answer in answers if answer.version == 3)
    assert (second.standing, second.sides) == (last.standing, last.sides)
    assert last.standing.state == ("renew" if attempt else "contested")


def test_of_two_who_read_the_same_version_one_is_told_that_it_is_stale(
    database: Database,
) -> None:
    with database.writing() as session:
        one = entered(session).id
    answers = at_once(
        database,
        *(
            lambda session, actor=actor: decided(
                session, one, 3, "renew", actor=actor, versions=frozenset({1})
            )
            for actor in (IT, PROCUREMENT)
        ),
    )
    assert sorted(type(answer).__name__ for answer in answers) == ["Decided", "Stale"]
    with database.reading() as session:
        assert (read(session, one).version, len(decision(session, one, 3).sides)) == (2, 1)


def test_of_many_at_the_same_moment_nothing_is_lost(database: Database) -> None:
    with database.writing() as session:
        one = entered(session).id

    def check(session: Session) -> int:
        form = VerificationForm(clause="term", quotation="So it says.", link=None, checked_on=None)
        return verify_clause(session, one, form, **on(TODAY))[1].number

    deeds: list[Callable[[Session], object]] = [check] * 6
    deeds += [
        lambda session: change(
            session, one, frozenset(range(99)), {"title": "New"}, actor=IT, today=TODAY, now=NOW
        )
    ]
    answers = at_once(database, *deeds)
    assert sorted(str(answer) for answer in answers[:6]) == ["1", "2", "3", "4", "5", "6"]
    with database.reading() as session:
        found = read(session, one)
        assert (found.version, found.facts["title"]) == (8, "New")
        assert len(acts.of(session, [one])[one]) == 6
        assert len(history(session, one, after=0, limit=99)) == 8
    assert findings(database) == []
