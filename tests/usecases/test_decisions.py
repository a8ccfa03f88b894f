"""Two teams decide about a term: what settles it, what is refused, and who acknowledges a miss."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from pydantic import ValidationError

from app.clock import StoppedClock
from app.records.engine import Database, Session
from app.renewals.acts import DecisionState, Team
from app.usecases.act_forms import AcknowledgementForm, DecisionForm
from app.usecases.acts import ActKind
from app.usecases.agreements import Actor, change
from app.usecases.decisions import Decided, acknowledge, decide, decision
from app.usecases.refusals import (
    AlreadyWithdrawn,
    Invalid,
    NoOptionLeft,
    NotFound,
    NotMissed,
    NotYourSide,
    Over,
    Refusal,
    Stale,
    Unversioned,
)
from tests.builders import (
    NOW,
    OPERATOR,
    TODAY,
    amended,
    entered,
    length,
    noticed,
    read,
    told,
    withdrawn,
)

# The agreement of the builders: yearly from 15 April 2024, 45 days' notice. Today is in term 3.
ANY = frozenset(range(1, 1_000))
OPTION: dict[str, Any] = {
    "start_date": "2025-01-01",
    "initial_term": length("24 months"),
    "renewal": {"kind": "option", "term": length("12 months"), "max": 1},
    "notice": length("30 days"),
}


def a_choice(choice: str = "renew", **more: Any) -> DecisionForm:  # noqa: ANN401 - fields of any type
    return DecisionForm.model_validate({"choice": choice, "reason": "So it is.", **more})


def chosen(
    session: Session,
    agreement_id: UUID,
    form: DecisionForm,
    who: str = "it",
    *,
    number: int = 3,
    versions: frozenset[int] | None = ANY,
    on: date = TODAY,
) -> Decided:
    return decide(
        session,
        agreement_id,
        number,
        form,
        versions,
        actor=Actor(None, f"Ada of {who}", who),
        today=on,
        now=StoppedClock(on).now(),
    )


@pytest.mark.parametrize(
    ("it", "procurement", "state"),
    [
        (None, None, "undecided"),
        ("undecided", "undecided", "undecided"),
        ("in_review", None, "in_review"),
        ("renew", None, "in_review"),
        ("renew", "in_review", "in_review"),
        ("renew", "renew", "renew"),
        ("renegotiate", "renegotiate", "renegotiate"),
        ("do_not_renew", "do_not_renew", "do_not_renew"),
        ("renew", "do_not_renew", "contested"),
    ],
)
def test_both_teams_settle_or_contest(
    database: Database, it: str | None, procurement: str | None, state: str
) -> None:
    with database.writing() as session:
        one = entered(session).id
        for who, choice in (("it", it), ("procurement", procurement)):
            if choice is not None:
                chosen(session, one, a_choice(choice), who)
        found = decision(session, one, 3)
    assert found.standing.state == state
    assert set(found.sides) == {
        team for team, choice in ((Team.IT, it), (Team.PROCUREMENT, procurement)) if choice
    }


def test_a_side_tells_who_chose_when_and_why(database: Database) -> None:
    with database.writing() as session:
        one = entered(session).id
        done = chosen(session, one, a_choice("renew", reason="Cheap."))
    side = done.sides[Team.IT]
    assert (side.actor_name, side.on, side.document["reason"]) == ("Ada of it", TODAY, "Cheap.")


def test_an_administrator_says_whose_choice_it_is(database: Database) -> None:
    with database.writing() as session:
        one = entered(session).id
        for side in ("it", "procurement"):
            done = chosen(session, one, a_choice(side=side), "admin")
        assert done.standing.state is DecisionState.RENEW
        with pytest.raises(Invalid, match="side: say whose choice it is"):
            chosen(session, one, a_choice(), "admin")


REFUSED: list[Any] = [
    pytest.param({"number": 1}, Over, "Term 1 was over on Mon 14 Apr 2025", id="past term"),
    pytest.param({"number": 0}, NotFound, "no term of this number", id="number 0"),
    pytest.param({"number": 99_999}, NotFound, "no term of this number", id="beyond the calendar"),
    pytest.param({"versions": frozenset({7})}, Stale, "since you read it", id="stale"),
    pytest.param({"form": a_choice("extend")}, NoOptionLeft, "no option left", id="no option"),
    pytest.param(
        {"form": a_choice(side="procurement")}, NotYourSide, "speaks for it", id="wrong team"
    ),
    pytest.param(
        {"form": a_choice("replace", successor_id=str(uuid4()))},
        Invalid,
        "successor_id: there is no such agreement",
        id="unknown successor",
    ),
    pytest.param(
        {"form": a_choice(amendment={"end_date": "2026-01-01", "effective_from": "2026-12-01"})},
        Invalid,
        "amendment.end_date: must not be before the day it takes effect",
        id="new terms that do not fit",
    ),
]


@pytest.mark.parametrize(("asked", "refusal", "sentence"), REFUSED)
def test_what_cannot_be_decided_is_refused_and_changes_nothing(
    database: Database, asked: dict[str, Any], refusal: type[Refusal], sentence: str
) -> None:
    with database.writing() as session:
        one = entered(session).id
        with pytest.raises(refusal, match=sentence):
            chosen(session, one, **{"form": a_choice(), **asked})
        found = decision(session, one, 3)
    assert (found.version, found.sides) == (1, {})


def test_who_replaces_its_own_choice_says_which_version_it_read(database: Database) -> None:
    with database.writing() as session:
        one = entered(session).id
        chosen(session, one, a_choice(), versions=None)
        chosen(session, one, a_choice(), "procurement", versions=None)
        with pytest.raises(Unversioned, match="If-Match"):
            chosen(session, one, a_choice("in_review"), versions=None)
        again = chosen(session, one, a_choice("in_review"), versions=frozenset({3}))
    assert again.standing.state is DecisionState.IN_REVIEW


def test_a_replacement_names_its_successor(database: Database) -> None:
    with database.writing() as session:
        one, other = entered(session).id, entered(session, reference="B").id
        chosen(session, one, a_choice("replace", successor_id=str(other)))
        done = chosen(session, one, a_choice("replace", successor="Something new"), "procurement")
        assert done.standing.state is DecisionState.CONTESTED  # they name different ones
        with pytest.raises(Invalid, match="successor_id"):
            chosen(session, one, a_choice("replace", successor_id=str(one)))


@pytest.mark.parametrize(
    ("sent", "rule"),
    [
        ({"choice": "renew"}, "reason: say why"),
        ({"choice": "replace", "reason": "x"}, "replace names a successor"),
        ({"choice": "renew", "reason": "x", "successor": "y"}, "nothing else does"),
        (
            {"choice": "extend", "reason": "x", "amendment": {"annual_value": "1"}},
            "new terms come with renew",
        ),
    ],
)
def test_a_choice_comes_with_what_belongs_to_it(sent: dict[str, Any], rule: str) -> None:
    with pytest.raises(ValidationError, match=rule):
        DecisionForm.model_validate(sent)


def test_new_terms_are_in_force_once_both_agree_and_written_once(database: Database) -> None:
    new = {"annual_value": "9.00", "currency": "EUR"}
    with database.writing() as session:
        one = entered(session).id
        first = chosen(session, one, a_choice(amendment=new))
        assert first.dossier.terms.amendments == ()
        second = chosen(session, one, a_choice(), "procurement")
        third = chosen(session, one, a_choice(reason="Still."), "procurement")
    for found in (second, third):
        (amendment,) = found.dossier.terms.amendments
        assert (amendment.effective_from, str(amendment.annual_value)) == (
            date(2027, 4, 15),
            "9.00",
        )
        (done,) = found.dossier.acts.standing(ActKind.AMENDMENT)
        assert done.document["decided_for_term"] == 3


def test_teams_that_bring_different_terms_differ(database: Database) -> None:
    with database.writing() as session:
        one = entered(session).id
        chosen(session, one, a_choice(amendment={"annual_value": "9.00"}))
        found = chosen(session, one, a_choice(amendment={"annual_value": "8.00"}), "procurement")
    assert found.standing.state is DecisionState.CONTESTED
    assert found.dossier.terms.amendments == ()


def test_an_open_ended_term_needs_the_day_of_its_new_terms(database: Database) -> None:
    open_ended = {"renewal": {"kind": "evergreen"}, "initial_term": None}
    with database.writing() as session:
        one = entered(session, **open_ended).id
        form = a_choice(amendment={"annual_value": "9.00"})
        with pytest.raises(Invalid, match=r"amendment\.effective_from: an open-ended term"):
            chosen(session, one, form, number=1)
        dated = {"annual_value": "9.00", "effective_from": "2027-01-01"}
        chosen(session, one, a_choice(amendment=dated), number=1)


def test_an_option_is_exercised_by_both_and_only_by_its_deadline(database: Database) -> None:
    lapsed = date(2026, 12, 2)
    with database.writing() as session:
        one = entered(session, **OPTION).id
        with pytest.raises(NoOptionLeft, match="lapsed on Tue 1 Dec 2026"):
            chosen(session, one, a_choice("extend"), number=1, on=lapsed)
        for who in ("it", "procurement"):
            done = chosen(session, one, a_choice("extend"), who, number=1)
        assert done.standing.state is DecisionState.EXTEND
        assert done.dossier.terms.said
        with pytest.raises(NoOptionLeft, match="Term 2 has no option left"):
            chosen(session, one, a_choice("extend"), number=2)


def test_what_ends_with_its_parent_is_extended_there(database: Database) -> None:
    with database.writing() as session:
        parent = entered(session, **OPTION).id
        child = entered(
            session,
            reference="C",
            parent_id=str(parent),
            co_terminous=True,
            start_date="2025-02-01",
            initial_term=None,
            renewal=None,
        ).id
        with pytest.raises(NoOptionLeft, match="extend that one"):
            chosen(session, child, a_choice("extend"), number=1)


def test_a_choice_lapses_when_a_correction_moves_its_term(database: Database) -> None:
    with database.writing() as session:
        one = entered(session).id
        for who in ("it", "procurement"):
            done = chosen(session, one, a_choice(), who)
        change(
            session,
            one,
            ANY,
            {"start_date": "2024-05-01"},
            actor=OPERATOR,
            today=TODAY,
            now=NOW,
        )
        found = decision(session, one, 3)
    assert done.standing.state is DecisionState.RENEW
    assert (found.standing.state, found.sides) == (DecisionState.UNDECIDED, {})


def seen(session: Session, agreement_id: UUID, number: int, on: date = TODAY) -> str:
    done = acknowledge(
        session,
        agreement_id,
        number,
        AcknowledgementForm(note="Seen."),
        actor=Actor(None, "Ada", "it"),
        today=on,
        now=StoppedClock(on).now(),
    )
    return done.actor_name


def test_a_missed_deadline_is_acknowledged_once(database: Database) -> None:
    late = date(2027, 3, 1)
    with database.writing() as session:
        one = entered(session).id
        with pytest.raises(NotMissed, match="nothing to acknowledge"):
            seen(session, one, 3, date(2027, 2, 28))
        assert seen(session, one, 3, late) == "Ada"
        with pytest.raises(AlreadyWithdrawn, match="Ada acknowledged it on Mon 1 Mar 2027"):
            seen(session, one, 3, late)
        with pytest.raises(NotMissed):
            seen(session, one, 80, late)  # not worked out so far ahead
        with pytest.raises(NotFound):
            seen(session, uuid4(), 3, late)


def test_a_term_after_the_end_is_no_term(database: Database) -> None:
    with database.writing() as session:
        one = entered(session).id
        chosen(session, one, a_choice(), number=4)
        given = noticed(session, one, received_on="2026-11-20")
        chosen(session, one, a_choice())
        for deed in (
            lambda: chosen(session, one, a_choice(), number=4),
            lambda: decision(session, one, 4),
            lambda: seen(session, one, 4, date(2028, 3, 1)),
        ):
            with pytest.raises(NotFound, match="The agreement has no term of this number"):
                deed()
        withdrawn(session, one, given.done)
        assert decision(session, one, 4).standing.state is DecisionState.IN_REVIEW


def test_new_terms_that_do_not_fit_any_more_are_not_agreed_on(database: Database) -> None:
    longer = {"term": length("2 years"), "begins_term": True}
    with database.writing() as session:
        one = entered(session).id
        chosen(session, one, a_choice(amendment=longer))
        given = noticed(session, one, received_on="2026-11-20").done
        before = told(read(session, one))
    with pytest.raises(Over, match=r"A notice ends the agreement on Wed 14 Apr 2027"):  # noqa: SIM117
        with database.writing() as session:
            chosen(session, one, a_choice(), "procurement")
    with database.writing() as session:
        assert told(read(session, one)) == before
        withdrawn(session, one, given)
        amended(session, one, "2027-01-01", renewal={"kind": "none"})
        amended(session, one, "2027-04-15", term=length("1 year"))
        settled = chosen(session, one, a_choice(), "procurement")
    assert settled.standing.state is DecisionState.RENEW


def test_new_terms_that_others_made_impossible_are_told_by_their_field(
    database: Database,
) -> None:
    with database.writing() as session:
        one = entered(session).id
        until = {"effective_from": "2026-12-01", "end_date": "2027-01-31"}
        chosen(session, one, a_choice(amendment=until))
        amended(session, one, "2026-11-25", end_date="2026-11-28", renewal={"kind": "none"})
    with pytest.raises(Invalid) as refused, database.writing() as session:
        chosen(session, one, a_choice(), "procurement")
    assert [fault.field for fault in refused.value.faults] == ["amendment.effective_from"]
