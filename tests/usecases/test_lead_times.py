"""An administrator replaces the lead-time policy, and every date follows."""

from typing import Any

import orjson
import pytest
from pydantic import ValidationError
from sqlalchemy import delete, update

from app.records import audit, lead_times, milestones, register
from app.records.engine import Database, Session
from app.records.tables import LeadTimePolicy
from app.renewals.lead_times import LeadTime
from app.usecases.dossiers import Dossiers
from app.usecases.forms import faults_of
from app.usecases.lead_times import POLICY_ID, LeadTimeRows, found_lead_times, replace
from app.usecases.refusals import Invalid, Stale
from app.usecases.usual_leads import KeptPolicy, current
from tests.builders import NOW, OPERATOR, TODAY, entered

ANYTHING = {"name": "anything", "days": 45}
SAAS = {"name": "saas", "days": 200, "kind": "saas", "value_from": "0", "value_below": "50.50"}


def a_policy(*rows: dict[str, Any]) -> LeadTimeRows:
    return LeadTimeRows.model_validate({"rows": list(rows)})


def replaced(
    session: Session, *rows: dict[str, Any], versions: tuple[int, ...] = (1,)
) -> KeptPolicy:
    return replace(session, a_policy(*rows), frozenset(versions), actor=OPERATOR, now=NOW)


def revision(session: Session) -> int:
    state = register.state(session)
    assert state is not None
    return state.revision


def test_every_date_follows_a_new_policy(database: Database) -> None:
    with database.writing() as session:
        old = entered(session, lead_days=None)
        own = entered(session, reference="own", lead_days=90)
        of_own = milestones.of_agreement(session, own.id)
        before = revision(session)
        kept = replaced(session, SAAS, ANYTHING)
        assert kept == current(session)
        assert kept.version == 2
        assert revision(session) == before + 1
        new = Dossiers(session).by_id(old.id)
        told = [row["told"] for row in milestones.of_agreement(session, old.id)]
        assert milestones.of_agreement(session, own.id) == of_own
    assert new.terms.usual_lead_on(TODAY) == LeadTime(45, 2, "anything")
    assert new.row["version"] == old.version
    assert all("row 2 of the lead-time policy (anything): 45 days" in one for one in told)


def test_the_trail_tells_what_was_and_what_is(database: Database) -> None:
    with database.writing() as session:
        replaced(session, ANYTHING)
        replaced(session, SAAS, ANYTHING, versions=(2,))
        first, second = audit.about(session, POLICY_ID, 0, 9)
    assert {entry["action"] for entry in (first, second)} == {"lead times replaced"}
    assert len(orjson.loads(first["before"])["rows"]) == 14
    assert first["after"] == second["before"]
    assert orjson.loads(second["after"]) == {"rows": [SAAS, ANYTHING]}
    assert second["actor_name"] == OPERATOR.name


@pytest.mark.parametrize("versions", [(), (2,), (0, 2)])
def test_whoever_read_another_policy_is_stopped(
    database: Database, versions: tuple[int, ...]
) -> None:
    with database.writing() as session:
        before = current(session), revision(session)
        with pytest.raises(Stale, match="read it again"):
            replaced(session, ANYTHING, versions=versions)
        assert (current(session), revision(session)) == before


def test_the_same_rows_again_change_nothing(database: Database) -> None:
    with database.writing() as session:
        kept = replaced(session, SAAS, ANYTHING)
        before = revision(session)
        again = replaced(session, SAAS | {"criticality": None}, ANYTHING, versions=(2,))
        assert again == kept
        assert revision(session) == before
        assert len(audit.about(session, POLICY_ID, 0, 9)) == 1


ONE_FAULT = [
    ([SAAS], ["rows.0"]),
    ([ANYTHING, ANYTHING], ["rows.0"]),
    ([SAAS, {**SAAS, "value_below": "0"}, ANYTHING], ["rows.1.value_below"]),
    (
        [{**SAAS, "value_from": "9", "value_below": "9.0"}, {**SAAS, "value_from": "60"}],
        ["rows.0.value_below", "rows.1.value_below"],
    ),
]


@pytest.mark.parametrize(("rows", "fields"), ONE_FAULT)
def test_a_policy_that_cannot_be_followed_is_refused_by_its_field(
    database: Database, rows: list[dict[str, Any]], fields: list[str]
) -> None:
    with database.writing() as session:
        before = current(session)
        with pytest.raises(Invalid) as refused:
            replaced(session, *rows)
        assert current(session) == before
    assert [fault.field for fault in refused.value.faults] == fields


BAD_SHAPES: list[tuple[object, str]] = [
    ([], "rows"),
    ([ANYTHING] * 101, "rows"),
    ({}, "rows"),
    ([None], "rows.0"),
    ([{"days": 1}], "rows.0.name"),
    ([{"name": "x"}], "rows.0.days"),
    ([ANYTHING, {**SAAS, "days": -1}], "rows.1.days"),
    ([{**SAAS, "days": 3_651}], "rows.0.days"),
    ([{**SAAS, "days": "90"}], "rows.0.days"),
    ([{**SAAS, "days": True}], "rows.0.days"),
    ([{**SAAS, "days": None}], "rows.0.days"),
    ([{**SAAS, "name": "a\nb"}], "rows.0.name"),
    ([{**SAAS, "kind": "Saas"}], "rows.0.kind"),
    ([{**SAAS, "monthly": "yes"}], "rows.0.monthly"),
    ([{**SAAS, "currency": "eur"}], "rows.0.currency"),
    ([{**SAAS, "value_from": 5}], "rows.0.value_from"),
    ([{**SAAS, "value_from": "-5"}], "rows.0.value_from"),
    ([{**SAAS, "value_below": "1e9"}], "rows.0.value_below"),
    ([{**SAAS, "handling": ""}], "rows.0.handling"),
    ([{**SAAS, "criticality": 'a"b'}], "rows.0.criticality"),
    ([{**SAAS, "spend_class": "x" * 61}], "rows.0.spend_class"),
    ([{**SAAS, "colour": "red"}], "rows.0.colour"),
]


@pytest.mark.parametrize(("rows", "field"), BAD_SHAPES)
def test_what_is_no_policy_is_refused_by_its_field(rows: object, field: str) -> None:
    with pytest.raises(ValidationError) as refused:
        LeadTimeRows.model_validate({"rows": rows})
    assert [fault.field for fault in faults_of(refused.value)] == [field]


def test_a_stored_policy_that_cannot_be_read_is_mended_by_another(database: Database) -> None:
    with database.writing() as session:
        session.execute(update(LeadTimePolicy).values(rows="{"))
        assert replaced(session, ANYTHING) == current(session)
        (entry,) = audit.about(session, POLICY_ID, 0, 9)
    assert orjson.loads(entry["before"]) == {"rows": "{"}


def test_a_new_register_has_no_dates_that_a_policy_could_move(database: Database) -> None:
    with database.writing() as session:
        session.execute(delete(LeadTimePolicy))
        found_lead_times(session)
        assert current(session).version == 1
        assert revision(session) == 0


def test_a_register_from_before_the_policy_gets_it_with_its_dates(database: Database) -> None:
    with database.writing() as session:
        new = entered(session, lead_days=None, handling="strategic")
        by_policy = milestones.of_agreement(session, new.id)
        milestones.remove(session, [new.id])  # stands for the dates of an older release
        session.execute(delete(LeadTimePolicy))
        before = revision(session)
        found_lead_times(session)
        assert milestones.of_agreement(session, new.id) == by_policy
        assert revision(session) == before + 1
        found_lead_times(session)
        assert revision(session) == before + 1
        lead_times.replace(session, 5, "[]")
        found_lead_times(session)
        assert lead_times.current(session) == {"version": 5, "rows": "[]"}
