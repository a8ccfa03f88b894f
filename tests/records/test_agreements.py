"""The register is asked for pages, filters and references, whoever writes meanwhile."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy.exc import IntegrityError

from app.records import agreements, milestones
from app.records.agreements import Filters, Mark, Order, ReferenceTaken
from app.records.engine import Database, Row, Session
from tests.builders import NOW, TODAY, a_row, a_term

EVERYTHING = Filters()
ORDERS = [
    pytest.param(by, descending, id=f"{by} {'down' if descending else 'up'}")
    for by in ("next_deadline", "value", "counterparty")
    for descending in (False, True)
]
VALUES = ("9.00", "10.00", None, "0.1", "999999999999999.9999", "123456789012345.6789")


def rows_with(count: int, **changes: object) -> list[dict[str, Any]]:
    return [a_row(**changes) for _ in range(count)]


def put(session: Session, number: int) -> UUID:
    """Keep an agreement whose keys it shares with many others; some have no deadline."""
    value = VALUES[number % len(VALUES)]
    row = a_row(
        counterparty=f"{'ÄaBb'[number % 4]} Supplier",
        currency="EUR",
        **{("annual_value", "total_value")[number % 2]: value},
    )
    agreements.insert_rows(session, [row])
    days = number % 5
    if days:
        act_by = (TODAY + timedelta(days=days)).isoformat()
        past = (TODAY - timedelta(days=days)).isoformat()
        terms = [a_term(row["id"], past, 1), a_term(row["id"], act_by, 2)]
        milestones.add(session, terms)
    found: UUID = row["id"]
    return found


def listed(
    session: Session, filters: Filters = EVERYTHING, by: str = "counterparty"
) -> list[tuple[Any, Row]]:
    return agreements.page(session, filters, Order(by, descending=False, as_of=TODAY), None, 1_000)


def titles(session: Session, **filters: str) -> set[str]:
    return {row["title"] for _, row in listed(session, Filters(**filters))}


def test_an_agreement_is_read_back_as_it_was_kept(database: Database) -> None:
    row = a_row(
        signed_date="2024-04-01",
        currency="EUR",
        annual_value="120000.10",
        tags=["vpn", "Zürich"],
        notes="Two\nlines",
    )
    with database.writing() as session:
        agreements.insert_rows(session, [row])
    with database.reading() as session:
        assert agreements.by_id(session, row["id"]) == row
        assert agreements.by_id(session, uuid4()) is None


def test_the_same_reference_and_counterparty_is_taken(database: Database) -> None:
    with database.writing() as session:
        agreements.insert_rows(
            session, [a_row(reference="A"), a_row(reference="A", counterparty="Other")]
        )
    with pytest.raises(ReferenceTaken), database.writing() as session:
        agreements.insert_rows(session, [a_row(reference="A")])


def test_a_change_cannot_take_the_reference_of_another(database: Database) -> None:
    row = a_row(reference="B")
    with database.writing() as session:
        agreements.insert_rows(session, [a_row(reference="A"), row])
    with pytest.raises(ReferenceTaken), database.writing() as session:
        agreements.update_if_version(session, row["id"], 1, {"reference": "A"})


def test_other_broken_rules_are_not_taken_for_a_reference(database: Database) -> None:
    row = a_row(title="uq_agreements_reference")
    with pytest.raises(IntegrityError), database.writing() as session:
        agreements.insert_rows(session, [row, a_row(id=row["id"])])
    with pytest.raises(IntegrityError), database.writing() as session:
        agreements.insert_rows(session, [a_row(parent_id=uuid4())])


def test_only_the_version_that_was_read_is_changed(database: Database) -> None:
    row = a_row()
    with database.writing() as session:
        agreements.insert_rows(session, [row])
        assert agreements.update_if_version(session, row["id"], 1, {"title": "New"})
        assert not agreements.update_if_version(session, row["id"], 1, {"title": "Newer"})
        assert not agreements.update_if_version(session, uuid4(), 1, {"title": "Newer"})
        assert agreements.by_id(session, row["id"]) == row | {"title": "New", "version": 2}


def test_a_removed_agreement_is_found_by_nothing_and_frees_its_reference(
    database: Database,
) -> None:
    parent, other = a_row(reference="P"), a_row(reference="Q")
    row = a_row(reference="A", parent_id=parent["id"], co_terminous=True)
    with database.writing() as session:
        agreements.insert_rows(session, [parent, other, row])
        assert agreements.has_children(session, parent["id"])
        assert agreements.update_if_version(session, row["id"], 1, {"removed_at": NOW})
        assert agreements.by_id(session, row["id"]) is None
        assert agreements.by_ids(session, [row["id"]]) == {}
        assert agreements.ids_by_references(session, ["A"]) == {}
        assert not agreements.has_children(session, parent["id"])
        assert agreements.co_terminous_children(session, parent["id"]) == []
        there = {parent["id"], other["id"]}
        assert {one["id"] for one in agreements.every(session)} == there
        assert {one["id"] for _, one in listed(session)} == there
        agreements.insert_rows(session, [a_row(reference="A")])
        (again,) = agreements.ids_by_references(session, ["A"]).values()
        assert again != row["id"]


def test_filters_take_rows_as_the_list_does(database: Database) -> None:
    rows = [
        a_row(title="VPN für Zürich", owner="Ada", tags=["vpn", "a b"], kind="saas"),
        a_row(counterparty="Contoso", criticality="high", spend_class="core"),
        a_row(reference="X-1"),
    ]
    asked = [
        Filters(),
        Filters(text="ZÜRICH"),
        Filters(text="x-1"),
        Filters(counterparty="Contoso"),
        Filters(kind="saas"),
        Filters(owner="Ada"),
        Filters(criticality="high", spend_class="core"),
        Filters(tag="vpn"),
        Filters(tag="a"),
        Filters(owner="Ada", kind="other"),
    ]
    with database.writing() as session:
        agreements.insert_rows(session, rows)
        for filters in asked:
            taken = {row["id"] for row in rows if filters.take(row)}
            assert taken == {row["id"] for _, row in listed(session, filters)}


def test_many_agreements_go_in_and_out_in_chunks(database: Database) -> None:
    new = rows_with(520)
    with database.writing() as session:
        agreements.insert_rows(session, new)
    ids = {row["id"] for row in new}
    with database.reading() as session:
        every = [row["id"] for row in agreements.every(session)]
        assert every == sorted(ids)
        assert set(agreements.by_ids(session, ids | {uuid4()})) == ids
        references = {row["reference"] for row in new} | {"unknown"}
        found = list(agreements.ids_by_references(session, references).values())
        assert len(found) == 520
        assert set(found) == ids


def test_going_through_all_ends_at_a_whole_chunk(database: Database) -> None:
    with database.writing() as session:
        assert list(agreements.every(session)) == []
        agreements.insert_rows(session, rows_with(250))
        assert len(list(agreements.every(session))) == 250


def test_going_through_with_parents_is_in_the_order_of_references(database: Database) -> None:
    parent = a_row(reference="R0300", counterparty="Reseller")
    rows = [
        a_row(reference=f"R{number // 2:04}", counterparty=f"{number % 2}", parent_id=parent["id"])
        for number in range(500)
    ]
    gone = a_row(reference="R0000", removed_at=NOW)
    with database.writing() as session:
        assert list(agreements.with_parents(session, EVERYTHING)) == []
        agreements.insert_rows(session, [parent, gone, *reversed(rows)])
        found = list(agreements.with_parents(session, EVERYTHING))
        assert [one["id"] for one in found] == [one["id"] for one in [*rows, parent]]
        told = {(one["parent_reference"], one["parent_counterparty"]) for one in found[:-1]}
        assert told == {("R0300", "Reseller")}
        assert found[-1]["parent_reference"] is found[-1]["parent_counterparty"] is None
        some = agreements.with_parents(session, Filters(counterparty="1"))
        assert [one["id"] for one in some] == [one["id"] for one in rows[1::2]]


def test_children_are_found_by_their_parent(database: Database) -> None:
    parent, lone = a_row(), a_row()
    child = a_row(parent_id=parent["id"], co_terminous=True)
    loose = a_row(parent_id=parent["id"])
    with database.writing() as session:
        agreements.insert_rows(session, [parent, lone, child, loose])
        assert agreements.co_terminous_children(session, parent["id"]) == [child]
        assert agreements.has_children(session, parent["id"])
        assert not agreements.has_children(session, lone["id"])


@pytest.mark.parametrize(("by", "descending"), ORDERS)
def test_paging_neither_repeats_nor_skips_while_others_write(
    database: Database, by: str, *, descending: bool
) -> None:
    order, number = Order(by, descending, TODAY), 60
    with database.writing() as session:
        still_there = {put(session, i) for i in range(number)}
    seen: list[UUID] = []
    after: tuple[Any, UUID] | None = None
    while True:
        with database.reading() as session:
            found = agreements.page(session, EVERYTHING, order, after, 7)
        seen += [row["id"] for _, row in found]
        if len(found) < 7:
            break
        last_key, last = found[-1]
        after = last_key, last["id"]
        with database.writing() as session:
            put(session, number)
            put(session, number + 1)
            gone = [seen[0], *(next(iter(still_there - set(seen)), seen[1]),)]
            for agreement_id in gone:
                agreements.update_if_version(session, agreement_id, 1, {"removed_at": NOW})
            still_there -= set(gone) - set(seen)
        number += 2
    assert len(seen) == len(set(seen)), "no row twice"
    assert still_there <= set(seen), "no row skipped"


@pytest.mark.parametrize(("by", "descending"), ORDERS)
def test_pages_together_are_the_whole_list_in_order(
    database: Database, by: str, *, descending: bool
) -> None:
    order = Order(by, descending, TODAY)
    with database.writing() as session:
        for i in range(30):
            put(session, i)
    with database.reading() as session:
        whole = agreements.page(session, EVERYTHING, order, None, 100)
        paged: list[tuple[Any, Row]] = []
        while some := agreements.page(
            session, EVERYTHING, order, (paged[-1][0], paged[-1][1]["id"]) if paged else None, 4
        ):
            paged += some
    assert [row["id"] for _, row in paged] == [row["id"] for _, row in whole]
    assert len(whole) == 30
    ties = [
        (whole[i][1]["id"], whole[i + 1][1]["id"])
        for i in range(29)
        if whole[i][0] == whole[i + 1][0]
    ]
    assert ties
    assert all(first < second for first, second in ties), "ties are in the order of ids"


@pytest.mark.parametrize("descending", [False, True], ids=["up", "down"])
def test_agreements_without_a_deadline_come_last(database: Database, *, descending: bool) -> None:
    soon, late, never, over = (a_row() for _ in range(4))
    with database.writing() as session:
        agreements.insert_rows(session, [soon, late, never, over])
        terms = [
            a_term(soon["id"], TODAY.isoformat()),
            a_term(soon["id"], "2027-11-23", 2),
            a_term(late["id"], "2026-11-22"),
            a_term(late["id"], "2026-11-24", 2),
            a_term(over["id"], "2026-11-22"),
            a_term(never["id"], None),
        ]
        milestones.add(session, terms)
        order = Order("next_deadline", descending, TODAY)
        found = [row["id"] for _, row in agreements.page(session, EVERYTHING, order, None, 10)]
    dated = [late["id"], soon["id"]] if descending else [soon["id"], late["id"]]
    assert found == [*dated, *sorted([never["id"], over["id"]])]


def test_values_sort_as_numbers_with_none_as_nothing(database: Database) -> None:
    with database.writing() as session:
        for annual, total in (("10", "1"), (None, "9.5"), ("0.5", "900"), (None, None)):
            row = a_row(currency="EUR", annual_value=annual, total_value=total)
            agreements.insert_rows(session, [row])
        keys = [key for key, _ in listed(session, by="value")]
    assert keys == [Decimal(0), Decimal("0.5"), Decimal("9.5"), Decimal(10)]


def test_counterparties_sort_without_regard_to_case(database: Database) -> None:
    with database.writing() as session:
        for name in ("beta", "Alpha", "ALPHA 2", "Beta 2"):
            agreements.insert_rows(session, [a_row(counterparty=name)])
        found = [row["counterparty"] for _, row in listed(session)]
    assert found == ["Alpha", "ALPHA 2", "beta", "Beta 2"]


@pytest.mark.parametrize(
    "text",
    [
        "backup",
        "BACKUP",
        "400 serv",
        "zürich",
        "ZÜRICH",
        "STRASSE",
        "straße",
        "ωμεγα",
        "ΩΜΕΓΑ",
        "R-7",
    ],
)
def test_text_is_searched_without_regard_to_case(database: Database, text: str) -> None:
    row = a_row(title="Backup, 400 servers", counterparty="Zürich Straße Ωμεγα", reference="r-7")
    with database.writing() as session:
        agreements.insert_rows(session, [row, a_row(title="Other", counterparty="Other")])
        assert titles(session, text=text) == {"Backup, 400 servers"}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("%", {"100 % uptime"}),
        ("_", {"a_b"}),
        ("a_b", {"a_b"}),
        ("'", {"O'Brien"}),
        ('"', {'the "big" one'}),
        ("/", {"and/or"}),
        ("\\", {"C:\\New"}),
        ("'; DROP TABLE agreements; --", set()),
    ],
)
def test_signs_in_a_search_stand_for_themselves(
    database: Database, text: str, found: set[str]
) -> None:
    kept = ("100 % uptime", "a_b", "aXb", "O'Brien", 'the "big" one', "and/or", "C:\\New")
    with database.writing() as session:
        agreements.insert_rows(session, [a_row(title=title) for title in kept])
        assert titles(session, text=text) == found


@pytest.mark.parametrize(
    ("tag", "found"),
    [
        ("vpn", {"vpn", "vpn and wan"}),
        ("wan", {"vpn and wan"}),
        ("VPN", {"VPN"}),
        ("vp", set()),
        ("v_n", {"v_n"}),
        ("%", set()),
        ('vpn", "wan', set()),
        ("zürich", {"zürich"}),
        ("data room", {"data room"}),
        ("'", {"'"}),
    ],
)
def test_a_tag_is_found_whole_and_as_written(database: Database, tag: str, found: set[str]) -> None:
    kept = [a_row(title=name, tags=name.split(" and ")) for name in (
        "vpn", "vpn and wan", "VPN", "v_n", "vXn", "zürich", "data room", "'",
    )]  # fmt: skip
    with database.writing() as session:
        agreements.insert_rows(session, [*kept, a_row(title="none")])
        assert titles(session, tag=tag) == found


@pytest.mark.parametrize("name", ["counterparty", "kind", "owner", "criticality", "spend_class"])
def test_the_other_filters_match_exactly_and_all_together(database: Database, name: str) -> None:
    facts = {
        "counterparty": "Contoso",
        "kind": "saas",
        "owner": "Ada",
        "criticality": "high",
        "spend_class": "core",
    }
    with database.writing() as session:
        agreements.insert_rows(session, [a_row(title="ours", **facts), a_row(title="other")])
        assert titles(session, **{name: facts[name]}) == {"ours"}
        assert titles(session, **facts) == {"ours"}
        assert titles(session, **facts | {name: "other wise"}) == set()
        assert titles(session, text="ours", **facts) == {"ours"}


def test_a_deadline_counts_from_the_day_the_list_is_seen_from(database: Database) -> None:
    row = a_row()
    with database.writing() as session:
        agreements.insert_rows(session, [row])
        milestones.add(
            session, [a_term(row["id"], "2027-02-28"), a_term(row["id"], "2028-02-28", 2)]
        )
        keys = []
        for as_of in ("2027-02-28", "2027-03-01", "2028-02-29"):
            order = Order("next_deadline", descending=False, as_of=date.fromisoformat(as_of))
            keys += [str(key) for key, _ in agreements.page(session, EVERYTHING, order, None, 9)]
    assert keys == ["2027-02-28", "2028-02-28", "9999-12-31"]


def marks_of(session: Session, *rows: Row) -> list[tuple[int, int]]:
    """Return the versions by which a change of these agreements or of their dates shows."""
    found = {mark.id: mark for mark in agreements.marks(session, EVERYTHING)}
    return [(found[row["id"]].version, found[row["id"]].dates_version) for row in rows]


def test_a_mark_changes_with_the_facts_and_with_the_dates(database: Database) -> None:
    one, other = rows_with(2)
    with database.writing() as session:
        agreements.insert_rows(session, [one, other])
        assert marks_of(session, one, other) == [(1, 0), (1, 0)]
        agreements.update_if_version(session, one["id"], 1, {"title": "New"})
        assert marks_of(session, one, other) == [(2, 0), (1, 0)]
        agreements.date_anew(session, one["id"])
        assert marks_of(session, one, other) == [(2, 1), (1, 0)]
        agreements.date_anew(session)
        assert marks_of(session, one, other) == [(2, 2), (1, 1)]
        agreements.date_anew(session, uuid4())
        assert marks_of(session, one, other) == [(2, 2), (1, 1)]


def test_new_dates_are_no_change_of_the_facts(database: Database) -> None:
    (row,) = rows_with(1)
    with database.writing() as session:
        agreements.insert_rows(session, [row])
        agreements.date_anew(session, row["id"])
        assert agreements.by_id(session, row["id"]) == row | {"dates_version": 1}


def test_marks_are_those_of_the_agreements_that_pass_in_the_order_of_their_ids(
    database: Database,
) -> None:
    ours, other = rows_with(30, owner="Ada"), a_row(owner="Grace")
    with database.writing() as session:
        agreements.insert_rows(session, [*ours, other])
        agreements.update_if_version(session, ours[0]["id"], 1, {"removed_at": NOW})
        passing = sorted(row["id"] for row in ours[1:])
        assert agreements.marks(session, Filters(owner="Ada")) == [
            Mark(one, 1, 0) for one in passing
        ]
        assert len(agreements.marks(session, EVERYTHING)) == 30
        assert agreements.marks(session, Filters(owner="Nobody")) == []


@pytest.mark.parametrize(
    ("minutes", "changes", "filters", "count"),
    [
        pytest.param(0, {}, {}, 0, id="at that moment"),
        pytest.param(-1, {}, {}, 0, id="before it"),
        pytest.param(1, {}, {}, 1, id="after it"),
        pytest.param(1, {"removed_at": NOW + timedelta(minutes=1)}, {}, 1, id="removed after it"),
        pytest.param(1, {"owner": "Ada"}, {"owner": "Ada"}, 1, id="of those that pass"),
        pytest.param(1, {"owner": "Ada"}, {"owner": "Grace"}, 0, id="of others"),
        pytest.param(1, {"tags": ["vpn"]}, {"tag": "vpn"}, 1, id="by tag"),
        pytest.param(1, {"title": "Wide net"}, {"text": "NET"}, 1, id="by text"),
    ],
)
def test_agreements_that_changed_since_a_moment_are_counted(
    database: Database, minutes: int, changes: dict[str, Any], filters: dict[str, str], count: int
) -> None:
    at = NOW + timedelta(minutes=minutes)
    with database.writing() as session:
        agreements.insert_rows(session, [a_row(), a_row(**changes, updated_at=at)])
        assert agreements.changed_since(session, Filters(**filters), NOW) == count
