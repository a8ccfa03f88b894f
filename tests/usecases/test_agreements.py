"""People enter, read, list, change and remove agreements; each deed leaves its trail."""

import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from app.records import audit, milestones, register
from app.records.agreements import Filters, Order
from app.records.engine import Database, Row, Session
from app.renewals.documents import TERMS_FIELDS
from app.renewals.position import Phase, position
from app.usecases import agreements
from app.usecases.agreements import Actor, Kept, Page
from app.usecases.dossiers import LONGEST_LINE, Dossiers
from app.usecases.forms import PreviewForm
from app.usecases.refusals import (
    AlreadyThere,
    Invalid,
    NotFound,
    Refusal,
    Stale,
    StillNeeded,
    Unreadable,
)
from app.usecases.register import add_milestones
from app.usecases.terms import terms_chain
from tests.builders import (
    NOW,
    TODAY,
    amended,
    an_agreement,
    entered,
    findings,
    length,
    read,
    sabotage,
    settled,
    told,
)

LATER = NOW + timedelta(hours=1)
ADA = Actor(uuid4(), "Ada", "procurement")
BY_COUNTERPARTY = Order("counterparty", descending=False, as_of=TODAY)
YEARLY = {"kind": "auto", "term": length("12 months")}
TOGETHER = {
    "co_terminous": True,
    "initial_term": None,
    "renewal": None,
    "notice": None,
    "start_date": "2024-06-01",
}
BROKEN = [
    pytest.param("", id="nothing"),
    pytest.param("{", id="half a document"),
    pytest.param("null", id="null"),
    pytest.param("[]", id="a list"),
    pytest.param("7", id="a number"),
    pytest.param('"terms"', id="a text"),
    pytest.param("{}", id="an empty document"),
    pytest.param('{"start": "2024-04-15"}', id="an unknown field"),
    pytest.param('{"start_date": 20240415}', id="a number for a day"),
    pytest.param('{"start_date": "9999-12-31", "end_date": "9999-12-31"}', id="the last day"),
    pytest.param('{"start_date": "2024-04-15", "renewal": []}', id="a list for a part"),
    pytest.param(
        '{"start_date": "2024-04-15", "notice": {"calendar": {}}}', id="a part for a text"
    ),
    pytest.param(
        '{"start_date": "2024-04-15", "initial_term": {"value": NaN, "unit": "days"}}', id="NaN"
    ),
]


def change(
    session: Session, one: Kept, changes: dict[str, Any], *, version: int | None = None
) -> Kept:
    versions = frozenset({one.version if version is None else version})
    return agreements.change(session, one.id, versions, changes, actor=ADA, today=TODAY, now=LATER)


def remove(
    session: Session, one: Kept, *, version: int | None = None, reason: str | None = None
) -> None:
    versions = frozenset({one.version if version is None else version})
    agreements.remove(session, one.id, versions, reason=reason, actor=ADA, now=LATER)


def revision(session: Session) -> int:
    state = register.state(session)
    assert state is not None
    return state.revision


def trail(session: Session, agreement_id: UUID) -> list[Row]:
    return agreements.history(session, agreement_id, after=0, limit=100)


def deadlines(session: Session, agreement_id: UUID) -> list[str]:
    return [str(row["act_by"]) for row in milestones.of_agreement(session, agreement_id)]


def page(
    session: Session,
    *,
    phase: Phase | None = None,
    after: tuple[Any, UUID] | None = None,
    limit: int = 50,
) -> Page:
    return agreements.page(
        session, Filters(), BY_COUNTERPARTY, phase=phase, after=after, limit=limit
    )


def references(found: Page) -> list[str]:
    return [one.facts["reference"] for one in found.items]


def test_what_is_entered_is_read_back_with_its_dates(database: Database) -> None:
    with database.writing() as session:
        new = entered(session, signed_date="2024-04-01", tags=["backup"], notes="Two\nlines")
    with database.reading() as session:
        again = read(session, new.id)
        assert deadlines(session, new.id) == [
            "2026-02-28",
            "2027-02-28",
            "2028-02-29",
            "2029-02-28",
        ]
    assert told(again) == told(new)
    assert new.version == 1
    assert new.facts["signed_date"] == "2024-04-01"
    assert new.facts["tags"] == ["backup"]
    assert new.terms_document["notice"] == {"value": 45, "unit": "days"}
    assert new.position.notice_deadline == date(2027, 2, 28)
    assert (new.created_at, new.updated_at) == (NOW, NOW)


def test_an_agreement_is_read_as_it_stands_on_a_day(database: Database) -> None:
    with database.writing() as session:
        new = entered(session)
        for as_of, number in (("2024-05-01", 1), ("2025-05-01", 2), ("2046-05-01", 23)):
            found = read(session, new.id, as_of)
            assert found.position.term_number == number


def test_reference_and_counterparty_are_taken_once(database: Database) -> None:
    with database.writing() as session:
        entered(session)
        entered(session, counterparty="Other")
    with pytest.raises(AlreadyThere), database.writing() as session:
        entered(session)
    with database.reading() as session:
        assert len(page(session).items) == 2


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"end_date": "2020-01-01", "initial_term": None}, "end_date"),
        ({"initial_term": None}, "initial_term"),
        ({"notice": {"value": 5, "unit": "business_days"}}, "notice.unit"),
        ({"notice": {"value": 5, "unit": "days", "calendar": "XX"}}, "notice.calendar"),
        ({"parent_id": UUID(int=1)}, "parent_id"),
        ({"parent_id": UUID(int=1), **TOGETHER}, "parent_id"),
    ],
)
def test_what_cannot_be_an_agreement_is_refused_by_field(
    database: Database, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refused, database.writing() as session:
        entered(session, **changes)
    assert [fault.field for fault in refused.value.faults] == [field]
    with database.reading() as session:
        assert page(session).items == []
        assert revision(session) == 0


def test_a_change_moves_the_dates_and_the_version(database: Database) -> None:
    with database.writing() as session:
        new = entered(session, owner="Grace")
        changed = change(session, new, {"notice": length("60 days"), "owner": None, "title": "New"})
        assert deadlines(session, new.id)[:2] == ["2026-02-13", "2027-02-13"]
        assert told(read(session, new.id)) == told(changed)
    assert changed.version == 2
    assert (changed.created_at, changed.updated_at) == (NOW, LATER)
    assert changed.facts | {"title": "New", "owner": None} == changed.facts
    assert changed.position.notice_deadline == date(2027, 2, 13)


def test_a_change_that_changes_nothing_leaves_no_trace(database: Database) -> None:
    with database.writing() as session:
        new = entered(session)
        before = revision(session)
        same = change(session, new, {"title": new.facts["title"], "notice": length("45 days")})
        assert told(same) == told(new)
        assert revision(session) == before
        assert len(trail(session, new.id)) == 1


def test_a_change_of_what_was_changed_meanwhile_is_stale(database: Database) -> None:
    with database.writing() as session:
        new = entered(session)
        change(session, new, {"title": "First"})
        with pytest.raises(Stale):
            change(session, new, {"title": "Second"})
        with pytest.raises(Stale):
            remove(session, new)
        assert read(session, new.id).facts["title"] == "First"
        either = frozenset({1, 2})
        agreements.change(
            session, new.id, either, {"title": "Third"}, actor=ADA, today=TODAY, now=LATER
        )


@pytest.mark.parametrize(
    "deed", [lambda session, one: change(session, one, {"title": "Second"}), remove]
)
def test_of_two_at_the_same_time_the_second_is_told(
    database: Database, deed: Callable[[Session, Kept], object]
) -> None:
    with database.writing() as session:
        new = entered(session)

    def second() -> None:
        with database.writing() as session:
            deed(session, new)

    with ThreadPoolExecutor() as threads:
        with database.writing() as session:
            register.lock(session)
            waiting = threads.submit(second)
            threading.Event().wait(0.15)
            change(session, new, {"title": "First"})
        assert isinstance(waiting.exception(), Stale)
    with database.reading() as session:
        found = read(session, new.id)
        assert (found.version, found.facts["title"]) == (2, "First")
        assert deadlines(session, new.id)


def test_a_change_into_another_ones_place_is_refused(database: Database) -> None:
    with database.writing() as session:
        new = entered(session, reference="A")
        entered(session, reference="B")
    with pytest.raises(AlreadyThere), database.writing() as session:
        change(session, new, {"reference": "B"})


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": None}, "title"),
        ({"title": "two\nlines"}, "title"),
        ({"colour": "red"}, "colour"),
        ({"annual_value": "10"}, "currency"),
        ({"co_terminous": True}, "parent_id"),
        ({"start_date": "2024-02-30"}, "start_date"),
        ({"notice": {"value": -1, "unit": "days"}}, "notice.value"),
        ({"end_date": "2025-01-01"}, "end_date"),
    ],
)
def test_a_change_into_what_cannot_be_is_refused_by_field(
    database: Database, changes: dict[str, Any], field: str
) -> None:
    with database.writing() as session:
        new = entered(session)
        with pytest.raises(Invalid) as refused:
            change(session, new, changes)
        assert [fault.field for fault in refused.value.faults] == [field]
        assert told(read(session, new.id)) == told(new)


def test_what_is_removed_is_gone_but_for_its_trail(database: Database) -> None:
    with database.writing() as session:
        new = entered(session)
        remove(session, new)
        assert deadlines(session, new.id) == []
        assert [entry["action"] for entry in trail(session, new.id)] == ["created", "removed"]
        for deed in (
            lambda: read(session, new.id),
            lambda: change(session, new, {"title": "New"}),
            lambda: remove(session, new),
            lambda: terms_chain(session, new.id, as_of=TODAY, past=1, ahead=1),
        ):
            with pytest.raises(NotFound):
                deed()


def test_what_was_never_there_has_no_history(database: Database) -> None:
    with database.reading() as session, pytest.raises(NotFound):
        trail(session, uuid4())


def test_the_trail_tells_who_did_what_when_before_and_after(database: Database) -> None:
    with database.writing() as session:
        new = entered(session)
        remove(session, change(session, new, {"title": "New"}), reason="Sold with the site.")
        created, changed, removed = trail(session, new.id)
    actions = [entry["action"] for entry in (created, changed, removed)]
    assert actions == ["created", "corrected", "removed"]
    assert (created["actor_id"], created["actor_name"], created["at"]) == (None, "the tests", NOW)
    assert (changed["actor_id"], changed["actor_name"], changed["at"]) == (ADA.id, "Ada", LATER)
    assert created["before"] is None
    assert changed["before"] == created["after"]
    assert json.loads(changed["after"]) == json.loads(changed["before"]) | {"title": "New"}
    assert removed["before"] == changed["after"]
    assert json.loads(removed["after"]) == {"reason": "Sold with the site."}
    assert json.loads(created["after"])["terms"]["notice"] == {"value": 45, "unit": "days"}


def test_the_trail_goes_on_after_an_entry(database: Database) -> None:
    with database.writing() as session:
        new = entered(session)
        change(session, new, {"title": "New"})
        first, second = trail(session, new.id)
        assert agreements.history(session, new.id, after=0, limit=1) == [first]
        assert agreements.history(session, new.id, after=first["id"], limit=9) == [second]
        assert agreements.history(session, new.id, after=second["id"], limit=9) == []


def test_a_deed_and_its_trail_are_stored_together_or_not_at_all(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.writing() as session:
        new = entered(session)
    deeds: list[Callable[[Session], object]] = [
        lambda session: entered(session, reference="another"),
        lambda session: change(session, new, {"title": "New"}),
        lambda session: remove(session, new),
    ]
    for broken in ((audit, "add"), (register, "raise_revision")):
        for deed in deeds:
            with monkeypatch.context() as patch:
                patch.setattr(*broken, _fail)
                with pytest.raises(ZeroDivisionError), database.writing() as session:
                    deed(session)
    with database.reading() as session:
        assert references(page(session)) == ["IT-2024-017"]
        assert told(read(session, new.id)) == told(new)
        assert len(trail(session, new.id)) == 1
        assert revision(session) == 1
        assert deadlines(session, new.id)


def _fail(*_: object) -> None:
    raise ZeroDivisionError


def test_every_change_that_can_show_raises_the_revision(database: Database) -> None:
    with database.writing() as session:
        new = entered(session)
        assert revision(session) == 1
        changed = change(session, new, {"title": "New"})
        assert revision(session) == 2
        remove(session, changed)
        assert revision(session) == 3


def test_children_move_with_their_parent(database: Database) -> None:
    with database.writing() as session:
        parent = entered(session, reference="P")
        child = entered(session, reference="C", parent_id=parent.id, **TOGETHER)
        grandchild = entered(session, reference="G", parent_id=child.id, **TOGETHER)
        loose = entered(session, reference="L", parent_id=parent.id)
        before = deadlines(session, loose.id)
        for one in (child, grandchild):
            assert deadlines(session, one.id) == deadlines(session, parent.id)
        change(session, parent, {"notice": length("90 days"), "start_date": "2024-04-01"})
        assert deadlines(session, parent.id)[:2] == ["2025-12-31", "2026-12-31"]
        for one in (child, grandchild):
            assert deadlines(session, one.id) == deadlines(session, parent.id)
            assert read(session, one.id).position.notice_deadline == date(2026, 12, 31)
        assert deadlines(session, loose.id) == before


def test_a_parent_cannot_change_so_that_a_child_does_not_fit(database: Database) -> None:
    with database.writing() as session:
        parent = entered(session, reference="P")
        child = entered(session, reference="C", parent_id=parent.id, **TOGETHER)
    with pytest.raises(StillNeeded, match=str(child.id)), database.writing() as session:
        change(session, parent, {"start_date": "2025-01-01"})
    with database.reading() as session:
        assert told(read(session, parent.id)) == told(parent)
        assert told(read(session, child.id)) == told(child)


def test_a_child_enters_while_its_parent_changes_and_has_the_new_dates(
    database: Database,
) -> None:
    with database.writing() as session:
        parent = entered(session, reference="P")

    def enter_child() -> Kept:
        with database.writing() as session:
            return entered(session, reference="C", parent_id=parent.id, **TOGETHER)

    with ThreadPoolExecutor() as threads:
        with database.writing() as session:
            change(session, parent, {"notice": length("90 days")})
            entering = threads.submit(enter_child)
            threading.Event().wait(0.15)
        child = entering.result()
    with database.reading() as session:
        assert deadlines(session, child.id) == deadlines(session, parent.id)


def test_a_child_that_leaves_its_parent_has_its_own_dates(database: Database) -> None:
    with database.writing() as session:
        parent = entered(session, reference="P")
        child = entered(session, reference="C", parent_id=parent.id, **TOGETHER)
        left = {
            "co_terminous": False,
            "parent_id": None,
            "initial_term": length("12 months"),
            "renewal": YEARLY,
        }
        changed = change(session, child, left)
        assert changed.position.term_end == date(2027, 5, 31)
        remove(session, parent)


def test_a_parent_is_not_removed_before_its_children(database: Database) -> None:
    with database.writing() as session:
        parent = entered(session, reference="P")
        child = entered(session, reference="C", parent_id=parent.id)
        with pytest.raises(StillNeeded):
            remove(session, parent)
        remove(session, child)
        remove(session, parent)


@pytest.mark.parametrize("together", [False, True], ids=["apart", "co-terminous"])
def test_nobody_is_their_own_ancestor(database: Database, *, together: bool) -> None:
    below = TOGETHER if together else {}
    with database.writing() as session:
        top = entered(session, reference="A")
        middle = entered(session, reference="B", parent_id=top.id, **below)
        low = entered(session, reference="C", parent_id=middle.id, **below)
        for parent in (top, middle, low):
            with pytest.raises(Invalid) as refused:
                change(session, top, {"parent_id": parent.id, **below})
            assert [fault.field for fault in refused.value.faults] == ["parent_id"]


@pytest.mark.parametrize("together", [False, True], ids=["apart", "co-terminous"])
def test_a_line_of_parents_has_an_end(database: Database, *, together: bool) -> None:
    below = TOGETHER if together else {}
    with database.writing() as session:
        low = entered(session, reference="0")
        for number in range(1, LONGEST_LINE + 1):
            low = entered(session, reference=f"{number}", parent_id=low.id, **below)
        assert told(read(session, low.id)) == told(low)
        with pytest.raises(Invalid, match="more than 10 parents"):
            entered(session, reference="one more", parent_id=low.id, **below)


def test_a_line_cannot_grow_from_above_either(database: Database) -> None:
    with database.writing() as session:
        low = top = entered(session, reference="0")
        for number in range(1, LONGEST_LINE + 1):
            low = entered(session, reference=f"{number}", parent_id=low.id, **TOGETHER)
        other = entered(session, reference="above all")
    with pytest.raises(StillNeeded), database.writing() as session:
        change(session, top, {"parent_id": other.id, **TOGETHER})


def test_a_stored_circle_is_unreadable_and_ends(database: Database) -> None:
    with database.writing() as session:
        one = entered(session, reference="A")
        other = entered(session, reference="B", parent_id=one.id, **TOGETHER)
        sabotage(session, one.id, parent_id=other.id, co_terminous=True)
        with pytest.raises(Unreadable):
            read(session, one.id)
        found = page(session)
        assert (found.items, found.left_out) == ([], 2)
        with pytest.raises(Refusal):
            entered(session, reference="C", parent_id=one.id, **TOGETHER)
        change(session, one, {"parent_id": None, "co_terminous": False})
        assert page(session).left_out == 0


def test_a_co_terminous_agreement_without_a_parent_is_unreadable(database: Database) -> None:
    with database.writing() as session:
        one = entered(session)
        sabotage(session, one.id, co_terminous=True)
        with pytest.raises(Unreadable, match="name another"):
            read(session, one.id)


@pytest.mark.parametrize("stored", BROKEN)
def test_what_cannot_be_read_is_left_out_counted_and_put_right(
    database: Database, stored: str, caplog: pytest.LogCaptureFixture
) -> None:
    with database.writing() as session:
        broken, whole = entered(session, reference="A"), entered(session, reference="B")
        sabotage(session, broken.id, terms=stored)
        found = page(session)
        assert (references(found), found.left_out, found.after) == (["B"], 1, None)
        assert str(broken.id) in caplog.text
        with pytest.raises(Unreadable):
            read(session, broken.id)
        with pytest.raises(Unreadable):
            terms_chain(session, broken.id, as_of=TODAY, past=1, ahead=1)
        assert told(read(session, whole.id)) == told(whole)
        again = {name: broken.terms_document.get(name) for name in TERMS_FIELDS}
        righted = change(session, broken, again)
        assert righted.terms_document == broken.terms_document
        assert righted.version == 2
        assert page(session).left_out == 0
        assert deadlines(session, broken.id) == deadlines(session, whole.id)


def test_what_cannot_be_read_can_still_be_removed(database: Database) -> None:
    with database.writing() as session:
        broken = entered(session)
        sabotage(session, broken.id, terms="{", tags="[")
        remove(session, broken)
        _, removed = trail(session, broken.id)
    assert json.loads(removed["before"])["terms"] == "{"


@pytest.mark.parametrize("stored", ["", "[", "null", '{"a": 1}'])
def test_broken_tags_are_left_out_and_put_right_too(database: Database, stored: str) -> None:
    with database.writing() as session:
        broken = entered(session, tags=["vpn"])
        sabotage(session, broken.id, tags=stored)
        assert page(session).left_out == 1
        with pytest.raises(Unreadable):
            read(session, broken.id)
        assert change(session, broken, {"tags": ["vpn"]}).facts["tags"] == ["vpn"]
        assert page(session).left_out == 0


def test_a_child_of_what_cannot_be_read_is_left_out_with_it(database: Database) -> None:
    with database.writing() as session:
        parent = entered(session, reference="P")
        child = entered(session, reference="C", parent_id=parent.id, **TOGETHER)
        entered(session, reference="L", parent_id=parent.id)
        sabotage(session, parent.id, terms="{}")
        found = page(session)
        assert (references(found), found.left_out) == (["L"], 2)
        righted = change(session, parent, parent.terms_document)
        assert righted.position.why == parent.position.why
        assert told(read(session, child.id)) == told(child)


def test_a_list_goes_on_page_by_page_around_what_cannot_be_read(database: Database) -> None:
    with database.writing() as session:
        new = [entered(session, reference=f"{i:02}", counterparty=f"S {i:02}") for i in range(12)]
        for broken in (0, 4, 5, 11):
            sabotage(session, new[broken].id, terms="{")
        seen, left_out, sizes = [], 0, []
        after: tuple[Any, UUID] | None = None
        while True:
            found = page(session, after=after, limit=3)
            seen += references(found)
            sizes.append(len(found.items))
            left_out += found.left_out
            after = found.after
            if after is None:
                break
    assert seen == ["01", "02", "03", "06", "07", "08", "09", "10"]
    assert left_out == 4
    assert sizes == [3, 3, 2]


def test_a_full_last_page_says_that_it_is_the_last(database: Database) -> None:
    with database.writing() as session:
        for number in range(4):
            entered(session, reference=f"{number}")
        first = page(session, limit=2)
        assert first.after is not None
        second = page(session, after=first.after, limit=2)
    assert len(second.items) == 2
    assert second.after is None


def test_a_list_of_one_phase_looks_through_all_rows(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(agreements, "_SCAN", 4)
    with database.writing() as session:
        for number in range(12):
            start = "2027-01-01" if number % 3 == 0 else "2024-04-15"
            entered(
                session, reference=f"{number:02}", counterparty=f"{number:02}", start_date=start
            )
        seen, after = [], None
        for _ in range(9):
            found = page(session, phase=Phase.NOT_STARTED, after=after, limit=3)
            seen += references(found)
            after = found.after
            if after is None:
                break
    assert seen == ["00", "03", "06", "09"]


def test_the_terms_around_a_day_can_be_told(database: Database) -> None:
    with database.writing() as session:
        new = entered(session)
        found = terms_chain(session, new.id, as_of=TODAY, past=2, ahead=2)
    assert [one.link.number for one in found] == [1, 2, 3, 4, 5]


def test_a_register_that_was_not_founded_says_so(database: Database) -> None:
    with database.writing() as session:
        new = Dossiers(session).by_id(entered(session).id)
        session.exec_driver_sql("DELETE FROM register")
        with pytest.raises(RuntimeError, match="was not founded"):
            add_milestones(session, new)
        session.rollback()


def test_terms_are_checked_for_what_is_only_looked_at(database: Database) -> None:
    with database.reading() as session:
        looked_at = PreviewForm.model_validate(an_agreement())
        assert agreements.previewed(session, looked_at, NOW).lead_on(TODAY) == 90
        below_nothing = looked_at.model_copy(update={"parent_id": uuid4()})
        with pytest.raises(Invalid, match="there is no such agreement"):
            agreements.previewed(session, below_nothing, NOW)


def test_what_was_removed_is_in_no_list_and_its_reference_is_free(database: Database) -> None:
    with database.writing() as session:
        new, other = entered(session, reference="A"), entered(session, reference="B")
        remove(session, new)
        assert references(page(session)) == ["B"]
        (*_, removed) = trail(session, new.id)
        again = entered(session, reference="A")
        assert sorted(references(page(session))) == ["A", "B"]
    with pytest.raises(AlreadyThere), database.writing() as session:
        change(session, other, {"reference": "A"})
    with database.writing() as session:
        remove(session, again)
        change(session, other, {"reference": "A"})
    assert removed["after"] is None
    assert findings(database) == []


def test_what_was_removed_is_nobodys_parent(database: Database) -> None:
    with database.writing() as session:
        new, other = entered(session, reference="A"), entered(session, reference="B")
        remove(session, new)
        with pytest.raises(Invalid, match="there is no such agreement"):
            entered(session, reference="C", parent_id=new.id)
        with pytest.raises(Invalid, match="there is no such agreement"):
            change(session, other, {"parent_id": new.id})


def test_an_agreement_tells_the_price_of_the_day(database: Database) -> None:
    with database.writing() as session:
        one = entered(session, annual_value="100.00", currency="EUR").id
        amended(session, one, "2027-04-15", annual_value="120.00")
        (listed,) = page(session).items
        prices = [
            str(read(session, one, day).price.annual_value) for day in ("2027-04-14", "2027-04-15")
        ]
    assert prices == ["100.00", "120.00"]
    assert told(listed) == told(read_again(database, one))
    assert listed.facts["annual_value"] == "100.00"


def read_again(database: Database, agreement_id: UUID) -> Kept:
    with database.reading() as session:
        return read(session, agreement_id)


def test_what_was_done_stays_when_an_agreement_is_corrected(database: Database) -> None:
    with database.writing() as session:
        new = entered(session)
        settled(session, new.id, 3, "renew")
        done = amended(session, new.id, "2027-04-15", notice=length("90 days"))
        before = read(session, new.id)
        changed = change(session, before, {"title": "New", "notice": length("60 days")})
        assert told(read(session, new.id)) == told(changed)
        dossier = Dossiers(session).by_id(new.id)
        (*_, entry) = trail(session, new.id)
    assert (changed.version, dossier.row["acts"]) == (5, 3)
    assert dossier.acts.standing(done.kind) == [done]
    assert changed.position.notice_deadline == date(2027, 2, 13)
    assert len(changed.terms.amendments) == 1
    assert entry["action"] == "corrected"
    assert findings(database) == []


def test_a_correction_is_refused_by_what_was_done(database: Database) -> None:
    with database.writing() as session:
        new = entered(session)
        amended(session, new.id, "2024-05-01", annual_value="1.00")
        with pytest.raises(Invalid) as refused:
            change(session, new, {"start_date": "2024-06-01"}, version=2)
        assert read(session, new.id).version == 2
    assert [fault.field for fault in refused.value.faults] == ["amendments.0.effective_from"]


def test_only_the_version_that_was_read_is_stored(database: Database) -> None:
    with database.writing() as session:
        new = entered(session)
        with pytest.raises(Stale, match="read it again"):
            agreements.store(session, new.id, 2, {"title": "New"})
        agreements.store(session, new.id, 1, {"title": "New"})
        assert read(session, new.id).facts["title"] == "New"


def test_what_would_end_with_a_parent_can_be_looked_at(database: Database) -> None:
    with database.writing() as session:
        parent = entered(session, reference="P").id
        amended(session, parent, "2026-12-01", end_date="2027-06-30", is_anchor=True)
        together = an_agreement(parent_id=parent, **TOGETHER)
        terms = agreements.previewed(session, PreviewForm.model_validate(together), NOW)
    assert position(terms, TODAY).term_end == date(2027, 6, 30)
