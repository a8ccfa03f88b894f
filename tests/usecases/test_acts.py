"""Acts are only ever added: what stands is told by all of them together."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from app.renewals.acts import Choice, Direction, GivenNotice, Purpose, Said, Team
from app.renewals.amendments import Amendment
from app.renewals.clauses import Notice
from app.renewals.spans import Span, Unit
from app.usecases.acts import ActKind, Acts, Check, Done, acts_of, amended_by
from tests.builders import NOW, TODAY

START = date(2025, 4, 15)
OF_TERM: dict[str, Any] = {"term_number": 2, "term_start": "2025-04-15"}
CHECK = '{"clause": "term", "checksum": "c0ffee", "checked_on": "2026-11-20"}'
NOTICE: dict[str, Any] = {"direction": "ours", "purpose": "end", "sent_on": "2026-11-20"}


def done(number: int, kind: ActKind, on: date = TODAY, **document: Any) -> Done:  # noqa: ANN401 - as JSON has it
    return Done(number, kind, document, on, NOW, "Ada")


def withdrawal(number: int, act: int) -> Done:
    return done(number, ActKind.WITHDRAWAL, act=act, reason="An error.")


def row(kind: str, document: str) -> dict[str, Any]:
    return {
        "number": 1,
        "kind": kind,
        "document": document,
        "done_on": TODAY,
        "at": NOW,
        "actor_name": "Ada",
    }


def test_a_stored_act_is_read_as_it_was_recorded() -> None:
    acts = acts_of([row("verification", CHECK)])
    (check,) = acts.every
    assert (check.number, check.kind, check.on, check.at) == (1, ActKind.VERIFICATION, TODAY, NOW)
    assert check.actor_name == "Ada"
    assert check.day("checked_on") == date(2026, 11, 20)
    assert check.day("received_on") is None
    assert acts.checks() == [Check("term", "c0ffee", date(2026, 11, 20))]


def test_what_was_withdrawn_does_not_stand() -> None:
    first, second = (done(n, ActKind.AMENDMENT, effective_from="2026-01-01") for n in (1, 2))
    acts = Acts([first, second, withdrawal(3, 1)])
    assert acts.standing(ActKind.AMENDMENT) == [second]
    assert acts.standing(ActKind.NOTICE) == []
    assert set(acts.withdrawn) == {1}


def test_a_notice_arrives_on_the_day_of_its_last_receipt() -> None:
    first = done(1, ActKind.NOTICE, **NOTICE)
    receipts = [done(n, ActKind.RECEIPT, act=1, received_on=f"2026-11-2{n}") for n in (2, 3)]
    for count, received_on in ((0, None), (1, date(2026, 11, 22)), (2, date(2026, 11, 23))):
        (given,) = Acts([first, *receipts[:count]]).notices()
        assert (given.sent_on, given.received_on) == (date(2026, 11, 20), received_on)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, GivenNotice(sent_on=date(2026, 11, 20))),
        (
            {"direction": "theirs", "received_on": "2026-11-21"},
            GivenNotice(date(2026, 11, 21), date(2026, 11, 20), Direction.THEIRS),
        ),
        (
            {"purpose": "extend", "term_start": "2025-04-15"},
            GivenNotice(None, date(2026, 11, 20), Direction.OURS, Purpose.EXTEND, START),
        ),
    ],
)
def test_a_notice_is_read_with_whose_and_what_for(
    changes: dict[str, str], expected: GivenNotice
) -> None:
    assert Acts([done(1, ActKind.NOTICE, **NOTICE | changes)]).notices() == (expected,)


@pytest.mark.parametrize(
    ("document", "particulars"),
    [
        ({}, None),
        ({"successor": "Contoso Backup"}, '["Contoso Backup"]'),
        ({"amendment": {"b": 1, "a": 2}}, '[{"a":2,"b":1}]'),
        ({"successor_id": "1", "amendment": None}, '["1"]'),
    ],
)
def test_a_choice_is_read_with_what_was_chosen_with_it(
    document: dict[str, Any], particulars: str | None
) -> None:
    choice = done(1, ActKind.DECISION, **OF_TERM, side="it", choice="renew", **document)
    expected = Said(2, START, Team.IT, Choice.RENEW, TODAY, particulars)
    assert Acts([choice]).said() == (expected,)


def test_an_acknowledgement_is_known_by_its_term() -> None:
    seen = done(1, ActKind.ACKNOWLEDGEMENT, **OF_TERM)
    assert Acts([seen]).acknowledged() == {(2, START): seen}
    assert Acts([seen, withdrawal(2, 1)]).acknowledged() == {}


@pytest.mark.parametrize(("signed", "known_on"), [(None, TODAY), ("2026-10-01", date(2026, 10, 1))])
def test_an_amendment_is_known_from_its_signature_or_its_recording_on(
    signed: str | None, known_on: date
) -> None:
    document: dict[str, Any] = {
        "effective_from": "2027-01-01",
        "annual_value": "10.50",
        "currency": "EUR",
        "notice": {"value": 60, "unit": "days"},
        "reason": "Nobody's business here.",
        "decided_for_term": 2,
        "signed_date": signed,
    }
    assert amended_by(done(1, ActKind.AMENDMENT, **document)) == Amendment(
        date(2027, 1, 1),
        annual_value=Decimal("10.50"),
        currency="EUR",
        notice=Notice(Span(60, Unit.DAYS)),
        recorded_on=known_on,
    )


@pytest.mark.parametrize(
    ("kind", "document"),
    [
        pytest.param("party", "{}", id="an unknown kind"),
        pytest.param("notice", "", id="nothing"),
        pytest.param("notice", "{", id="half a document"),
        pytest.param("verification", "null", id="null"),
        pytest.param("verification", "[]", id="a list"),
        pytest.param("verification", "7", id="a number"),
        pytest.param("verification", "{}", id="a check of nothing"),
        pytest.param(
            "verification", '{"clause": "term", "checksum": "0"}', id="a check without a day"
        ),
        pytest.param(
            "verification",
            '{"clause": "term", "checksum": "0", "checked_on": "soon"}',
            id="a check on no day",
        ),
        pytest.param("acknowledgement", "{}", id="an acknowledgement of nothing"),
        pytest.param(
            "acknowledgement",
            '{"term_number": 1, "term_start": 7}',
            id="an acknowledgement of no term",
        ),
        pytest.param("withdrawal", "{}", id="a withdrawal of nothing"),
        pytest.param("withdrawal", '{"act": []}', id="a withdrawal of none"),
        pytest.param("decision", '{"term_number": 1}', id="half a choice"),
        pytest.param("notice", '{"direction": "up"}', id="a notice of nobody"),
        pytest.param("amendment", '{"effective_from": "soon"}', id="an amendment from no day"),
        pytest.param("amendment", '{"effective_from": "2027-01-01"}', id="an amendment of nothing"),
    ],
)
def test_what_is_no_act_cannot_be_read(kind: str, document: str) -> None:
    with pytest.raises((ValueError, KeyError, TypeError)):
        acts_of([row(kind, document)])
