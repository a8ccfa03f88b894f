"""What the register held at a moment that has passed is told as it was told then."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
from sqlalchemy import select

from app.clock import StoppedClock
from app.records import milestones
from app.records.agreements import Filters, by_id
from app.records.engine import Database, Session
from app.records.tables import TermRow
from app.renewals.months import add_months
from app.usecases import (
    agreements,
    amendments,
    decisions,
    imports,
    lead_times,
    notices,
    verifications,
)
from app.usecases.act_forms import (
    AcknowledgementForm,
    AmendmentForm,
    DecisionForm,
    GivenNoticeForm,
    ReceiptForm,
    VerificationForm,
    WithdrawalForm,
)
from app.usecases.acts import ActKind
from app.usecases.dossiers import Dossiers
from app.usecases.lead_times import LeadTimeRow, LeadTimeRows
from app.usecases.past import PastDossiers, open_at
from app.usecases.refusals import NotFound, Refusal, Unreadable
from app.usecases.register import reading_milestones, rebuild
from app.usecases.renewals import Look, WorkList, work_list, work_list_known
from app.usecases.terms import terms_chain
from app.usecases.usual_leads import current
from tests.builders import (
    IT,
    NOW,
    OPERATOR,
    PROCUREMENT,
    TODAY,
    a_form,
    amended,
    entered,
    findings,
    length,
    read,
    told,
)

EVERYTHING = Filters()
CHOICES = ["undecided", "in_review", "renew", "renegotiate", "do_not_renew", "extend", "replace"]


def chain_told(session: Session, one: UUID, day: date, known_at: datetime | None) -> object:
    found = terms_chain(session, one, as_of=day, past=9, ahead=2, known_at=known_at)
    return [
        (
            replace(term.link, reasons={}),
            term.link.why,
            term.rule,
            term.sides,
            [(one.done, one.given, replace(one.effect, reason=())) for one in term.notices],
            term.acknowledged,
            term.locked_in,
        )
        for term in found
    ]


def list_told(found: WorkList) -> object:
    names = ("agreement_id", "number", "act_by", "open_until", "assumed", "tags", *milestones.FACTS)
    return (
        found.left_out,
        found.after,
        [
            (
                {name: due.row[name] for name in names},
                due.told,
                due.decision,
                due.settled_on,
                due.days_left,
                due.alarms,
                due.verification,
            )
            for due in found.items
        ],
    )


def looks(day: date) -> list[Look]:
    """Return how the list is looked at: from the day, over a range, and from a day before."""
    soon = Look(day=day, first=day, last=add_months(day, 12), only_next=True, good_for=6)
    before = day - timedelta(days=100)
    return [
        soon,
        replace(soon, first=before, only_next=False),
        replace(soon, day=before, first=before),
    ]


def one_told(session: Session, one: UUID, day: date, known_at: datetime | None) -> object:
    """Return what is told of an agreement as of the day, and as of others."""
    try:
        dossier = open_at(session, one, known_at)
    except NotFound:
        return None
    days = [day, day - timedelta(days=100), day + timedelta(days=200)]
    return [
        (told(agreements.kept(dossier, as_of)), chain_told(session, one, as_of, known_at))
        for as_of in days
    ]


@dataclass
class Walk:
    """Two teams who do whatever comes to their minds, and what they were told after each deed."""

    database: Database
    chance: random.Random
    day: date = TODAY
    steps: int = 0
    ids: list[UUID] = field(default_factory=list)
    done: dict[str, int] = field(default_factory=dict)
    answers: list[tuple[datetime, date, list[UUID], object]] = field(default_factory=list)

    def go(self) -> None:
        """Do something, refused or not, and ask about everything."""
        self.steps += 1
        self.day += timedelta(days=self.chance.choice((0, 1, 9, 30, 60)))
        deed = self.chance.choice(DEEDS)
        try:
            with self.database.writing() as session:
                deed(self, session)
        except Refusal:
            pass
        else:
            self.done[deed.__name__] = self.done.get(deed.__name__, 0) + 1
        self.ask()

    def ask(self) -> None:
        """Keep what is told now."""
        day = self.day
        before = day - timedelta(days=100)
        with reading_milestones(self.database, before, add_months(day, 12)) as session:
            lists = [
                list_told(
                    work_list(session, EVERYTHING, look, after=None, limit=99, today=self.day)
                )
                for look in looks(day)
            ]
            each = [one_told(session, one, day, None) for one in self.ids]
        self.answers.append((self.now, day, list(self.ids), (lists, each)))

    @property
    def now(self) -> datetime:
        return StoppedClock(self.day).now() + timedelta(seconds=self.steps)

    @property
    def by(self) -> dict[str, Any]:
        """Who does it, when."""
        actor = self.chance.choice((IT, PROCUREMENT))
        return {"actor": actor, "today": self.day, "now": self.now}

    def one(self) -> UUID:
        return self.chance.choice(self.ids)

    def term(self, session: Session, one: UUID) -> int:
        """Return a term around the day."""
        number = agreements.kept(open_at(session, one, None), self.day).position.term_number
        return max(1, (number or 1) + self.chance.choice((-1, 0, 0, 1)))

    def new_terms(self) -> dict[str, Any]:
        lengths = ("6 months", "12 months", "24 months", "45 days")
        span = length(self.chance.choice(lengths))
        return self.chance.choice(
            (
                {"annual_value": f"{self.chance.randrange(1, 900_000)}.00", "currency": "EUR"},
                {"notice": length(f"{self.chance.randrange(10, 120)} days")},
                {"notice": {**length("2 months"), "delivery": length("3 days")}},
                {"term": span},
                {"term": span, "begins_term": True},
                {"end_date": str(self.day + timedelta(days=200)), "is_anchor": True},
                {"renewal": {"kind": "auto", "term": span}},
                {"renewal": {"kind": "option", "term": span, "max": 2}},
                {"renewal": {"kind": "evergreen"}},
                {"renewal": {"kind": "none"}},
            )
        )


def decide(walk: Walk, session: Session) -> None:
    one, choice = walk.one(), walk.chance.choice(CHOICES)
    said: dict[str, Any] = {"choice": choice, "reason": f"Step {walk.steps}."}
    if choice == "replace":
        said["successor"] = walk.chance.choice(("This", "That"))
    if choice in ("renew", "renegotiate") and walk.chance.random() < 0.5:
        said["amendment"] = walk.new_terms()
    form, number = DecisionForm.model_validate(said), walk.term(session, one)
    for actor in walk.chance.sample((IT, PROCUREMENT), walk.chance.choice((1, 2, 2))):
        found = by_id(session, one)
        versions = frozenset({0 if found is None else found["version"]})
        decisions.decide(session, one, number, form, versions, **walk.by | {"actor": actor})


def amend(walk: Walk, session: Session) -> None:
    from_day = walk.day + timedelta(days=walk.chance.randrange(-60, 200))
    form = AmendmentForm.model_validate({"effective_from": str(from_day), **walk.new_terms()})
    amendments.amend(session, walk.one(), form, **walk.by)


def give(walk: Walk, session: Session) -> None:
    one, day = walk.one(), str(walk.day)
    sent = walk.chance.choice(({"sent_on": day}, {"received_on": day}))
    more = {"purpose": walk.chance.choice(("end", "extend", "extend"))}
    if walk.chance.random() < 0.5:
        more["term_number"] = walk.term(session, one)  # type: ignore[assignment]
    notices.give(session, one, GivenNoticeForm.model_validate(sent | more), **walk.by)


def receive(walk: Walk, session: Session) -> None:
    one = walk.one()
    for done in Dossiers(session).by_id(one).acts.standing(ActKind.NOTICE):
        form = ReceiptForm(received_on=str(walk.day))
        notices.receive(session, one, done.number, form, **walk.by)


def withdraw(walk: Walk, session: Session) -> None:
    one = walk.one()
    acts = Dossiers(session).by_id(one).acts
    kinds = (ActKind.NOTICE, ActKind.NOTICE, ActKind.AMENDMENT, ActKind.VERIFICATION)
    standing = acts.standing(walk.chance.choice(kinds))
    if standing:
        done, form = walk.chance.choice(standing), WithdrawalForm(reason="An error.")
        amendments.withdraw(session, one, done.kind, done.number, form, **walk.by)


def check(walk: Walk, session: Session) -> None:
    one = walk.one()
    for clause in walk.chance.sample(("term", "renewal", "notice"), 2):
        form = VerificationForm.model_validate({"clause": clause, "quotation": "So it says."})
        verifications.verify_clause(session, one, form, **walk.by)


def acknowledge(walk: Walk, session: Session) -> None:
    one = walk.one()
    number, form = walk.term(session, one), AcknowledgementForm(note="Seen.")
    decisions.acknowledge(session, one, number, form, **walk.by)


def correct(walk: Walk, session: Session) -> None:
    one = walk.one()
    changes = walk.chance.choice(
        (
            {"title": f"Title {walk.steps}"},
            {"tags": [f"tag {walk.steps}"], "owner": None},
            {"start_date": f"2024-0{walk.chance.randrange(1, 9)}-15"},
            {"notice": length(f"{walk.chance.randrange(20, 90)} days")},
            {"notice": None},
            {"annual_value": f"{walk.steps}.50", "currency": "EUR"},
            {"lead_days": walk.chance.choice((None, 30))},
            {"criticality": walk.chance.choice((None, "high"))},
            {"signed_date": walk.chance.choice((None, "2024-01-01"))},
        )
    )
    found = by_id(session, one)
    versions = frozenset({0 if found is None else found["version"]})
    agreements.change(session, one, versions, changes, **walk.by)


def remove(walk: Walk, session: Session) -> None:
    one = walk.one()
    found = by_id(session, one)
    if found is not None and walk.chance.random() < 0.3:
        versions = frozenset({found["version"]})
        agreements.remove(session, one, versions, reason="Sold.", actor=OPERATOR, now=walk.now)


def enter(walk: Walk, session: Session) -> None:
    form = a_form(
        reference=f"R-{walk.chance.randrange(8)}",
        start_date=str(walk.day - timedelta(days=walk.chance.randrange(700))),
        lead_days=None,
    )
    walk.ids.append(agreements.create(session, form, **walk.by).id)


def take_in(walk: Walk, session: Session) -> None:
    lines = ["reference,title,counterparty,start_date,initial_term,renewal_kind,renewal_term"]
    for number in range(3):
        title = f"Title {walk.chance.randrange(2)}"
        lines.append(
            f"R-{number},{title},Northwind Software,2025-0{number + 3}-01,1 year,auto,1 year"
        )
    planned = imports.plan(session, "\n".join(lines).encode(), now=walk.now, max_rows=9)
    imports.carry_out(session, planned, actor=IT, now=walk.now)
    walk.ids += [entry.id for entry in planned.created]


def replace_policy(walk: Walk, session: Session) -> None:
    kept = current(session)
    days = walk.chance.choice((30, 100, 300))
    rows = LeadTimeRows(rows=[LeadTimeRow(name="all", days=days)])
    versions = frozenset({kept.version})
    lead_times.replace(session, rows, versions, actor=OPERATOR, now=walk.now)


DEEDS: list[Callable[[Walk, Session], None]] = [
    decide, decide, decide, amend, amend, give, give, receive, withdraw, check,
    acknowledge, acknowledge, correct, correct, remove, enter, take_in, replace_policy,
]  # fmt: skip


def set_out(database: Database, seed: int) -> Walk:
    """Enter agreements of every kind, one of which ends with another."""
    walk = Walk(database, random.Random(seed))  # noqa: S311 - the same walk each time
    option = {"kind": "option", "term": length("12 months"), "max": 3}
    together = {"co_terminous": True, "initial_term": None, "renewal": None, "notice": None}
    with database.writing() as session:
        for changes in (
            {"reference": "A", "lead_days": None, "annual_value": "9000.00", "currency": "EUR"},
            {"reference": "B", "renewal": option, "initial_term": length("36 months")},
            {"reference": "C", "renewal": {"kind": "evergreen"}, "notice": length("3 months")},
            {"reference": "D", "renewal": None, "initial_term": length("33 months")},
            {"reference": "E", "notice": {**length("60 days"), "opens": length("120 days")}},
        ):
            walk.ids.append(entered(session, **changes).id)
        for parent in walk.ids[:2]:
            child = entered(
                session, reference=f"of {parent}", parent_id=parent, start_date="2024-06-01",
                **together,
            )  # fmt: skip
            walk.ids.append(child.id)
    walk.ask()
    return walk


def kept_terms(session: Session) -> list[Any]:
    columns = TermRow.__table__.columns
    found = session.execute(select(*columns).order_by(TermRow.agreement_id, TermRow.number))
    return list(found.mappings())


@pytest.mark.parametrize("seed", range(2))
def test_what_was_told_at_a_moment_is_told_of_that_moment_for_ever(
    database: Database, seed: int
) -> None:
    walk = set_out(database, seed)
    for _ in range(30):
        walk.go()
    assert len(walk.done) > 5
    with database.reading() as session:
        for moment, day, ids, answer in walk.answers:
            lists = [
                list_told(work_list_known(session, EVERYTHING, look, moment, after=None, limit=99))
                for look in looks(day)
            ]
            each = [one_told(session, one, day, moment) for one in ids]
            assert (lists, each) == answer
    assert findings(database) == []
    with database.writing() as session:
        # Dates placed one deed after another are those that all facts together give.
        placed = kept_terms(session)
        rebuild(session)
        assert kept_terms(session) == placed


def note(session: Session, one: UUID, action: str, after: str | None) -> None:
    """Put something into the trail that nobody did."""
    agreements.note_change(session, OPERATOR, LATER, action, one, None, after)


LATER, BEFORE = NOW + timedelta(hours=1), NOW - timedelta(seconds=1)


def known(session: Session, moment: datetime = LATER) -> list[UUID]:
    return [row["id"] for row, _ in PastDossiers(session, moment).every()]


def test_before_it_was_entered_and_after_it_was_removed_nothing_was_known(
    database: Database,
) -> None:
    with database.writing() as session:
        one = entered(session)
        agreements.remove(session, one.id, frozenset({1}), reason=None, actor=IT, now=LATER)
        again = entered(session)  # by the same reference
        for moment, expected in ((BEFORE, []), (NOW, sorted([one.id, again.id]))):
            assert known(session, moment) == expected
        assert known(session) == [again.id]
        assert told(agreements.kept(open_at(session, one.id, NOW), TODAY)) == told(one)
        for nobody, moment in ((one.id, BEFORE), (one.id, LATER), (uuid4(), LATER)):
            with pytest.raises(NotFound, match="At that moment the register held no agreement"):
                open_at(session, nobody, moment)


def test_what_was_not_yet_a_fact_then_is_not_known(database: Database) -> None:
    with database.writing() as session:
        one = entered(session, signed_date="2024-04-01", tags=["vpn"])
        facts = dict(one.facts, tags=["vpn"], terms=one.terms_document)
        older = {name: facts[name] for name in facts if name != "handling"}
        note(session, one.id, "changed", orjson.dumps(older, default=str).decode())
        found = open_at(session, one.id, LATER)
    assert found.row["handling"] is None
    assert found.row["signed_date"] == date(2024, 4, 1)
    assert found.terms == one.terms


@pytest.mark.parametrize(
    "after", ["", "{", "null", "[]", "7", "{}", '{"parent_id": 7, "signed_date": null}']
)
@pytest.mark.parametrize("action", ["corrected", "decision", "verification"])
def test_a_trail_that_cannot_be_read_is_left_out(
    database: Database, action: str, after: str, caplog: pytest.LogCaptureFixture
) -> None:
    with database.writing() as session:
        broken, whole = entered(session, reference="A").id, entered(session, reference="B").id
        note(session, broken, action, after)
        assert known(session) == [whole]
        assert f"the trail of {broken} is left out" in caplog.text
        with pytest.raises(Unreadable, match=f"The trail of agreement {broken} cannot be read"):
            open_at(session, broken, LATER)
        assert known(session, NOW) == sorted([broken, whole])


@pytest.mark.parametrize(
    "act",
    [
        {"kind": "party", "document": {}},
        {"kind": "verification", "document": {}},
        {"kind": "amendment", "document": {"effective_from": "2027-01-01"}},
    ],
)
def test_an_act_in_the_trail_that_is_none_leaves_its_agreement_out(
    database: Database, act: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    with database.writing() as session:
        broken, whole = entered(session, reference="A").id, entered(session, reference="B").id
        told_act = {"act": 1, "done_on": "2026-11-23", **act}
        note(session, broken, "verification", orjson.dumps(told_act).decode())
        with pytest.raises(Unreadable):
            open_at(session, broken, LATER)
        look = looks(TODAY)[0]
        found = work_list_known(session, EVERYTHING, look, LATER, after=None, limit=9)
    assert {due.row["agreement_id"] for due in found.items} == {whole}
    assert f"agreement {broken} is left out" in caplog.text


def test_the_lead_times_of_that_moment_count(database: Database) -> None:
    def start(session: Session, moment: datetime | None) -> str:
        kept = agreements.kept(open_at(session, one, moment), TODAY)
        return str(kept.position.negotiation_start)

    with database.writing() as session:
        one = entered(session, lead_days=None).id
        before = start(session, None)
        for number, days in enumerate((10, 20), 1):
            rows = LeadTimeRows(rows=[LeadTimeRow(name="all", days=days)])
            moment = NOW + timedelta(hours=number)
            versions = frozenset({number})
            lead_times.replace(session, rows, versions, actor=OPERATOR, now=moment)
        starts = [start(session, NOW + timedelta(hours=hours)) for hours in (0, 1, 2)]
        assert starts[-1] == start(session, None)
    assert [before, *starts[1:]] == ["2026-11-30", "2027-02-18", "2027-02-08"]
    assert starts[0] == before


def test_more_agreements_than_are_read_at_a_time_are_all_known(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.usecases.past._CHUNK", 2)
    with database.writing() as session:
        parent = entered(session, reference="P").id
        together = {"co_terminous": True, "initial_term": None, "renewal": None}
        ids = [
            entered(
                session, reference=f"{n}", parent_id=parent, start_date="2024-06-01", **together
            ).id
            for n in range(4)
        ]
        amended(session, parent, "2027-01-01", end_date="2027-06-30", is_anchor=True)
        found = {row["id"]: dossier for row, dossier in PastDossiers(session, LATER).every()}
        assert found.keys() == {parent, *ids}
        for one, dossier in found.items():
            assert dossier is not None
            assert told(agreements.kept(dossier, TODAY)) == told(read(session, one))
