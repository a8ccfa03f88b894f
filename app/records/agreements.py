"""Which agreements are there? The table of facts and the questions asked of it.

Removed agreements are kept, and found by none of the questions.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Date,
    Numeric,
    and_,
    cast,
    func,
    insert,
    literal,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased

from app.records.engine import Row, Session, row, rows
from app.records.tables import Agreement, TermRow

_COLUMNS = tuple(Agreement.__table__.columns)
_IS_THERE = select(*_COLUMNS).where(Agreement.removed_at.is_(None))
"""The agreements that were not removed."""
_PARENT = aliased(Agreement)
_NO_DEADLINE = {False: date.max, True: date.min}
"""The key of agreements without a deadline, upwards and downwards: they come last."""
_CHUNK = 250
_INSERT = insert(Agreement)  # built once: building costs more than storing a row


@dataclass(frozen=True, slots=True)
class Filters:
    """Which agreements to look at; None means all."""

    text: str | None = None
    counterparty: str | None = None
    kind: str | None = None
    owner: str | None = None
    criticality: str | None = None
    spend_class: str | None = None
    tag: str | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """Return the filters as conditions on the agreements' table."""
        found: list[ColumnElement[bool]] = [
            getattr(Agreement, name) == wanted
            for name in ("counterparty", "kind", "owner", "criticality", "spend_class")
            if (wanted := getattr(self, name)) is not None
        ]
        if self.text is not None:
            found.append(Agreement.search_text.contains(self.text.casefold(), autoescape=True))
        if self.tag is not None:
            # Not LIKE, which minds upper and lower case on one database and not on the other.
            quoted = json.dumps(self.tag, ensure_ascii=False)
            found.append(func.replace(Agreement.tags, quoted, "") != Agreement.tags)
        return found

    def take(self, facts: Row) -> bool:
        """Tell whether an agreement that is not in the table would pass, by the same rules."""
        names = ("counterparty", "kind", "owner", "criticality", "spend_class")
        searched = search_text(facts["title"], facts["counterparty"], facts["reference"])
        return (
            all(getattr(self, name) in (None, facts[name]) for name in names)
            and (self.text is None or self.text.casefold() in searched)
            and (self.tag is None or self.tag in json.loads(facts["tags"]))
        )


def search_text(title: str, counterparty: str, reference: str) -> str:
    """Return what a search looks into."""
    return f"{title}\n{counterparty}\n{reference}".casefold()


@dataclass(frozen=True, slots=True)
class Order:
    """How a list is sorted; a page goes on after the key and id that the last one ended with."""

    by: str
    descending: bool
    as_of: date


class ReferenceTaken(Exception):
    """Another agreement has the same reference and counterparty."""


@contextmanager
def _unique_reference() -> Iterator[None]:
    try:
        yield
    except IntegrityError as error:
        told = str(error.orig)
        if "uq_agreements_reference" in told or "agreements.reference" in told:
            raise ReferenceTaken from error
        raise


def insert_rows(session: Session, new: Sequence[Row]) -> None:
    """Keep new agreements; many at a time go in chunks. Raises `ReferenceTaken`."""
    with _unique_reference():
        for start in range(0, len(new), _CHUNK):
            session.execute(_INSERT, list(new[start : start + _CHUNK]))


def update_if_version(session: Session, agreement_id: UUID, version: int, values: Row) -> bool:
    """Change an agreement if it is still at `version`; tell whether it was.

    Raises `ReferenceTaken`.
    """
    with _unique_reference():
        done = session.execute(
            update(Agreement)
            .where(Agreement.id == agreement_id, Agreement.version == version)
            .values(**values, version=version + 1)
        )
    return bool(done.rowcount == 1)


def by_id(session: Session, agreement_id: UUID) -> Row | None:
    """Return one agreement."""
    found = session.execute(_IS_THERE.where(Agreement.id == agreement_id))
    return row(found)


def ids_by_references(session: Session, references: Iterable[str]) -> dict[tuple[str, str], UUID]:
    """Return the ids of the agreements with these references, by reference and counterparty."""
    found: dict[tuple[str, str], UUID] = {}
    wanted = sorted(references)
    columns = select(Agreement.reference, Agreement.counterparty, Agreement.id)
    there = columns.where(Agreement.removed_at.is_(None))
    for start in range(0, len(wanted), _CHUNK):
        some = wanted[start : start + _CHUNK]
        for reference, counterparty, agreement_id in session.execute(
            there.where(Agreement.reference.in_(some))
        ):
            found[reference, counterparty] = agreement_id
    return found


def keys(session: Session) -> Iterator[tuple[UUID, str, str, str]]:
    """Go through all agreements: id, reference, counterparty and title, by reference."""
    place = tuple_(Agreement.reference, Agreement.counterparty)
    query = (
        select(Agreement.id, Agreement.reference, Agreement.counterparty, Agreement.title)
        .where(Agreement.removed_at.is_(None))
        .order_by(Agreement.reference, Agreement.counterparty)
        .limit(_CHUNK)
    )
    following = query
    while True:
        chunk = [(one[0], one[1], one[2], one[3]) for one in session.execute(following)]
        yield from chunk
        if len(chunk) < _CHUNK:
            return
        following = query.where(place > (chunk[-1][1], chunk[-1][2]))


def by_ids(session: Session, ids: Iterable[UUID]) -> dict[UUID, Row]:
    """Return the agreements of these ids, by id."""
    found: dict[UUID, Row] = {}
    wanted = sorted(ids)
    for start in range(0, len(wanted), _CHUNK):
        some = wanted[start : start + _CHUNK]
        matching = session.execute(_IS_THERE.where(Agreement.id.in_(some)))
        found |= {one["id"]: one for one in rows(matching)}
    return found


def co_terminous_children(session: Session, parent_id: UUID) -> list[Row]:
    """Return the agreements whose terms end with this one's."""
    found = session.execute(
        _IS_THERE.where(Agreement.parent_id == parent_id, Agreement.co_terminous).order_by(
            Agreement.id
        )
    )
    return rows(found)


class Mark(NamedTuple):
    """Which agreement, and what changes whenever its facts or its dates do."""

    id: UUID
    version: int
    dates_version: int


def marks(session: Session, filters: Filters) -> list[Mark]:
    """Return the marks of the agreements that pass, in the order of their ids."""
    found = session.execute(
        select(Agreement.id, Agreement.version, Agreement.dates_version)
        .where(Agreement.removed_at.is_(None), *filters.conditions())
        .order_by(Agreement.id)
    )
    return [Mark(*one) for one in found]


def date_anew(session: Session, agreement_id: UUID | None = None) -> None:
    """Mark an agreement, or all, as having other dates though its own facts are the same."""
    anew = update(Agreement).values(dates_version=Agreement.dates_version + 1)
    session.execute(anew if agreement_id is None else anew.where(Agreement.id == agreement_id))


def changed_since(session: Session, filters: Filters, moment: datetime) -> int:
    """Return how many agreements that pass were entered, changed or removed after a moment."""
    count = select(func.count()).where(Agreement.updated_at > moment, *filters.conditions())
    return int(session.execute(count).scalar_one())


def has_children(session: Session, agreement_id: UUID) -> bool:
    """Tell whether other agreements name this one as their parent."""
    found = session.execute(_IS_THERE.where(Agreement.parent_id == agreement_id).limit(1))
    return found.first() is not None


def every(session: Session) -> Iterator[Row]:
    """Go through all agreements, in the order of their ids, a chunk at a time."""
    after: UUID | None = None
    while True:
        query = _IS_THERE.order_by(Agreement.id).limit(_CHUNK)
        if after is not None:
            query = query.where(Agreement.id > after)
        chunk = rows(session.execute(query))
        yield from chunk
        if len(chunk) < _CHUNK:
            return
        after = chunk[-1]["id"]


def with_parents(session: Session, filters: Filters) -> Iterator[Row]:
    """Go through the agreements that pass, in the order of their references.

    A chunk at a time. Each has its parent's `parent_reference` and `parent_counterparty`
    beside its own columns; both are None where it has no parent.
    """
    place = tuple_(Agreement.reference, Agreement.counterparty)
    query = (
        _IS_THERE.add_columns(
            _PARENT.reference.label("parent_reference"),
            _PARENT.counterparty.label("parent_counterparty"),
        )
        .outerjoin(_PARENT, and_(_PARENT.id == Agreement.parent_id, _PARENT.removed_at.is_(None)))
        .where(*filters.conditions())
        .order_by(Agreement.reference, Agreement.counterparty)
        .limit(_CHUNK)
    )
    following = query
    while True:
        chunk = rows(session.execute(following))
        yield from chunk
        if len(chunk) < _CHUNK:
            return
        following = query.where(place > (chunk[-1]["reference"], chunk[-1]["counterparty"]))


def page(
    session: Session,
    filters: Filters,
    order: Order,
    after: tuple[Any, UUID] | None,
    limit: int,
) -> list[tuple[Any, Row]]:
    """Return the next agreements of a list, each with its sort key, at most `limit`.

    Keyset paging: what others write meanwhile neither repeats nor hides a row that kept
    its key.
    """
    key = _SORT_KEYS[order.by](order)
    query = _IS_THERE.add_columns(key.label("sort_key")).where(*filters.conditions())
    if after is not None:
        query = query.where(_beyond(key, order, *after))
    direction = key.desc() if order.descending else key.asc()
    query = query.order_by(direction, Agreement.id).limit(limit)
    return [(found["sort_key"], found) for found in rows(session.execute(query))]


def _beyond(
    key: ColumnElement[Any], order: Order, last_key: object, last_id: UUID
) -> ColumnElement[bool]:
    last = literal(last_key, key.type)
    past = key < last if order.descending else key > last
    return or_(past, and_(key == last, Agreement.id > last_id))


def _next_deadline(order: Order) -> ColumnElement[Any]:
    """Return the first deadline from the order's day on; agreements without one come last."""
    first = (
        select(func.min(TermRow.act_by))
        .where(TermRow.agreement_id == Agreement.id, TermRow.act_by >= order.as_of)
        .scalar_subquery()
    )
    return func.coalesce(first, literal(_NO_DEADLINE[order.descending], Date), type_=Date)


def _value(_order: Order) -> ColumnElement[Any]:
    """Return the value a year, else in all; agreements without one count as 0."""
    stated = func.coalesce(Agreement.annual_value, Agreement.total_value, "0")
    return cast(stated, Numeric(19, 4))


def _counterparty(_order: Order) -> ColumnElement[Any]:
    return func.lower(Agreement.counterparty)


_SORT_KEYS = {
    "next_deadline": _next_deadline,
    "value": _value,
    "counterparty": _counterparty,
}
