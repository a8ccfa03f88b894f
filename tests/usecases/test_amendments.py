"""What the parties agree on later moves the dates from its day on, and can be taken back."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest

from app.records import milestones, register
from app.records.engine import Database, Session
from app.usecases.act_forms import AmendmentForm, NewTermsForm, WithdrawalForm
from app.usecases.acts import ActKind
from app.usecases.agreements import history
from app.usecases.amendments import amend, amendment_document, check_fits, withdraw
from app.usecases.recording import open_dossier
from app.usecases.refusals import (
    AlreadyWithdrawn,
    Invalid,
    NotFound,
    Over,
    StillNeeded,
    Unreadable,
)
from tests.builders import (
    TODAY,
    amended,
    checked,
    entered,
    length,
    noticed,
    on,
    read,
    sabotage,
    settled,
    told,
    withdrawn,
)

# The agreement of the builders: yearly from 15 April 2024, 45 days' notice. Today is in term 3.
TOGETHER: dict[str, Any] = {
    "reference": "C",
    "co_terminous": True,
    "start_date": "2024-06-01",
    "initial_term": None,
    "renewal": None,
    "notice": None,
}


def deadlines(session: Session, agreement_id: UUID) -> list[str]:
    return [str(row["act_by"]) for row in milestones.of_agreement(session, agreement_id)]


def revision(session: Session) -> int:
    state = register.state(session)
    assert state is not None
    return state.revision


def faults(invalid: pytest.ExceptionInfo[Invalid]) -> list[str]:
    return [fault.field for fault in invalid.value.faults]


def test_an_amendment_moves_the_dates_from_its_day_on(database: Database) -> None:
    with database.writing() as session:
        one = entered(session).id
        before = deadlines(session, one), revision(session)
        done = amended(session, one, "2027-04-15", notice=length("90 days"), reason="Agreed.")
        after = read(session, one, "2027-05-01")
        assert read(session, one).position.notice_deadline == date(2027, 2, 28)
        assert before == (["2026-02-28", "2027-02-28", "2028-02-29", "2029-02-28"], 1)
        assert deadlines(session, one) == ["2026-02-28", "2027-02-28", "2028-01-15", "2029-01-14"]
        assert revision(session) == 2
        entry = history(session, one, after=0, limit=9)[-1]
    assert after.position.notice_deadline == date(2028, 1, 15)
    assert (after.version, done.number, done.kind) == (2, 1, ActKind.AMENDMENT)
    assert (entry["action"], entry["before"], entry["actor_name"]) == (
        "amendment",
        None,
        "Paul of procurement",
    )
    assert '"reason": "Agreed."' in entry["after"]


DOES_NOT_FIT: list[tuple[dict[str, Any], str, str]] = [
    ({"effective_from": "2024-04-14", "annual_value": "1"}, "effective_from", "before start_date"),
    ({"effective_from": "2027-01-01"}, "effective_from", "nothing is changed"),
    ({"effective_from": "2027-01-01", "begins_term": True}, "term", "needs its length"),
    ({"effective_from": "2027-01-01", "is_anchor": True}, "is_anchor", "only an end"),
    (
        {"effective_from": "2027-01-01", "end_date": "2027-01-01", "term": length("1 year")},
        "end_date",
        "not both",
    ),
    ({"effective_from": "2027-01-01", "end_date": "2026-12-31"}, "end_date", "must not be before"),
    ({"effective_from": "2027-01-01", "term": length("1 month")}, "term", "must not be before"),
    ({"effective_from": "2027-01-01", "end_date": "2030-01-01"}, "end_date", "set is_anchor"),
    (
        {"effective_from": "2027-01-01", "notice": {"value": 5, "unit": "business_days"}},
        "notice.unit",
        "calendar",
    ),
    (
        {"effective_from": "2027-01-01", "notice": {**length("5 days"), "calendar": "XX"}},
        "notice.calendar",
        "calendar",
    ),
    (
        {"effective_from": "2027-01-01", "renewal": {"kind": "auto"}},
        "renewal.term",
        "length",
    ),
    (
        {
            "effective_from": "2027-01-01",
            "renewal": {"kind": "evergreen"},
            "notice": {"by_month_day": "10-01"},
        },
        "notice.by_month_day",
        "a fixed day needs terms",
    ),
]


@pytest.mark.parametrize(("sent", "field", "rule"), DOES_NOT_FIT, ids=lambda value: str(value)[:60])
def test_an_amendment_that_does_not_fit_is_refused_by_the_forms_field(
    database: Database, sent: dict[str, Any], field: str, rule: str
) -> None:
    form = AmendmentForm.model_validate(sent)
    with database.writing() as session:
        one = entered(session).id
        for earlier in ("2026-05-01", "2026-06-01"):  # of others, which are counted before it
            amended(session, one, earlier, total_value="1")
        before = deadlines(session, one), told(read(session, one))
        with pytest.raises(Invalid, match=rule) as refused:
            amend(session, one, form, **on(TODAY))
        assert faults(refused) == [field]
        assert (deadlines(session, one), told(read(session, one))) == before


def test_what_ends_with_its_parent_is_amended_there(database: Database) -> None:
    with database.writing() as session:
        parent = entered(session, reference="P").id
        child = entered(session, parent_id=parent, **TOGETHER).id
        for change in ({"end_date": "2027-12-31"}, {"renewal": {"kind": "none"}}):
            with pytest.raises(Invalid, match="amend the parent") as refused:
                amended(session, child, "2027-01-01", **change)
            assert faults(refused) == ["effective_from"]
        amended(session, child, "2027-01-01", annual_value="1")


def test_children_follow_their_parents_amendment(database: Database) -> None:
    with database.writing() as session:
        parent = entered(session, reference="P").id
        child = entered(session, parent_id=parent, **TOGETHER).id
        amended(session, parent, "2027-01-01", end_date="2027-06-30", is_anchor=True)
        assert deadlines(session, child) == deadlines(session, parent)
        assert deadlines(session, child)[1:] == ["2027-05-16", "2028-05-16", "2029-05-16"]
        found = read(session, child)
    assert (found.position.term_end, found.version) == (date(2027, 6, 30), 1)


def test_a_parent_is_not_amended_so_that_a_child_does_not_fit(database: Database) -> None:
    with database.writing() as session:
        parent = entered(session, reference="P").id
        child = entered(
            session, parent_id=parent, **TOGETHER | {"notice": {"by_month_day": "10-01"}}
        ).id
        before = deadlines(session, parent), deadlines(session, child)
    with pytest.raises(StillNeeded, match=f"{child} ends with this one"):  # noqa: SIM117
        with database.writing() as session:
            amended(session, parent, "2027-04-15", renewal={"kind": "evergreen"})
    with database.reading() as session:
        assert (deadlines(session, parent), deadlines(session, child)) == before
        assert read(session, parent).version == 1


def test_after_a_notice_has_ended_it_nothing_can_be_amended(database: Database) -> None:
    with database.writing() as session:
        one = entered(session).id
        given = noticed(session, one, received_on="2026-11-20")
        assert given.effect.ends_on == date(2027, 4, 14)
        with pytest.raises(Over, match=r"ends the agreement on Wed 14 Apr 2027: .* withdraw"):
            amended(session, one, "2027-04-15", begins_term=True, term=length("1 year"))
        amended(session, one, "2027-04-14", annual_value="1")
        withdrawn(session, one, given.done)
        amended(session, one, "2027-04-15", begins_term=True, term=length("2 years"))
        assert read(session, one, "2028-05-01").position.term_end == date(2029, 4, 14)


def test_what_ends_by_itself_is_carried_on_by_an_amendment(database: Database) -> None:
    with database.writing() as session:
        one = entered(session, renewal=None, initial_term=length("3 years")).id
        amended(session, one, "2027-04-15", term=length("1 year"))
        assert read(session, one).position.final_end == date(2028, 4, 14)


def test_an_amendment_that_was_withdrawn_leaves_the_dates_as_they_were(database: Database) -> None:
    with database.writing() as session:
        one = entered(session).id
        before = deadlines(session, one), read(session, one).position.why
        done = amended(session, one, "2026-12-01", notice=length("90 days"))
        withdrawal = withdrawn(session, one, done)
        found = read(session, one)
        assert (deadlines(session, one), found.position.why) == before
        actions = [entry["action"] for entry in history(session, one, after=0, limit=9)]
    assert (withdrawal.kind, withdrawal.document["act"]) == (ActKind.WITHDRAWAL, 1)
    assert (found.version, actions) == (3, ["created", "amendment", "withdrawal"])


def test_an_act_is_withdrawn_once(database: Database) -> None:
    with database.writing() as session:
        one = entered(session).id
        amendment = amended(session, one, "2026-12-01", annual_value="1")
        given = noticed(session, one, sent_on="2026-11-20").done
        (check,) = checked(session, one, "term")
        for number, done in enumerate((amendment, given, check), 1):
            assert done.number == number
            withdrawn(session, one, done)
            with pytest.raises(AlreadyWithdrawn, match="withdrawn on Mon 23 Nov 2026"):
                withdrawn(session, one, done)


@pytest.mark.parametrize("kind", [ActKind.NOTICE, ActKind.VERIFICATION, ActKind.DECISION])
@pytest.mark.parametrize("number", [1, 2])
def test_only_an_act_of_that_kind_and_number_is_withdrawn(
    database: Database, kind: ActKind, number: int
) -> None:
    form = WithdrawalForm(reason="An error.")
    with database.writing() as session:
        one = entered(session).id
        amended(session, one, "2026-12-01", annual_value="1")
        with pytest.raises(NotFound, match=f"The agreement has no {kind} of this number"):
            withdraw(session, one, kind, number, form, **on(TODAY))
        with pytest.raises(NotFound, match="no agreement with this id"):
            withdraw(session, uuid4(), ActKind.AMENDMENT, 1, form, **on(TODAY))


def test_what_later_acts_rest_on_is_not_withdrawn(database: Database) -> None:
    with database.writing() as session:
        one = entered(session, renewal=None, initial_term=length("3 years")).id
        carried_on = amended(session, one, "2027-04-15", term=length("1 year"))
        later = amended(session, one, "2027-10-01", annual_value="1")
        with pytest.raises(Invalid, match="the last term ends on Wed 14 Apr 2027"):
            withdrawn(session, one, carried_on)
        assert read(session, one).position.final_end == date(2028, 4, 14)
        withdrawn(session, one, later)
        withdrawn(session, one, carried_on)
        assert read(session, one).position.final_end == date(2027, 4, 14)


def test_an_amendment_rests_on_the_option_that_it_follows(database: Database) -> None:
    option = {"kind": "option", "term": length("12 months"), "max": 1}
    with database.writing() as session:
        one = entered(session, renewal=option, initial_term=length("36 months")).id
        settled(session, one, 1, "extend")
        amended(session, one, "2027-10-01", annual_value="1")
        versions = frozenset({read(session, one).version})
        with pytest.raises(Invalid, match="the last term ends on Wed 14 Apr 2027"):
            settled(session, one, 1, "do_not_renew", versions=versions)
        assert read(session, one).position.final_end == date(2028, 4, 14)


def test_what_cannot_be_read_is_not_amended(database: Database) -> None:
    with database.writing() as session:
        one = entered(session).id
        sabotage(session, one, terms="{")
        with pytest.raises(Unreadable):
            amended(session, one, "2026-12-01", annual_value="1")
        with pytest.raises(NotFound):
            amended(session, uuid4(), "2026-12-01", annual_value="1")


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ({"annual_value": "1"}, {"annual_value": "1"}),
        (
            {"effective_from": "2027-01-01", "begins_term": True, "reason": "So it is."},
            {"effective_from": "2027-01-01", "begins_term": True, "reason": "So it is."},
        ),
        (
            {"begins_term": False, "notice": {**length("1 day"), "roll": None}, "is_anchor": False},
            {"notice": {"value": 1, "unit": "days"}, "is_anchor": False},
        ),
    ],
)
def test_what_was_left_out_of_a_form_is_not_kept(
    sent: dict[str, Any], kept: dict[str, Any]
) -> None:
    assert amendment_document(NewTermsForm.model_validate(sent)) == kept


def test_a_fault_of_new_terms_leads_to_its_field(database: Database) -> None:
    with database.writing() as session:
        one = entered(session).id
        dossier = open_dossier(session, one)
        with pytest.raises(Invalid) as refused:
            check_fits(session, dossier, {"effective_from": "2020-01-01"}, "new.")
    assert faults(refused) == ["new.effective_from"]
