"""What is known of an agreement: its facts, what people did since, and its terms with both?

As it stands, or as it stood at a moment that has passed: then all of it comes from the
audit trail, which holds each fact and each act as it was recorded.
"""

import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import InvalidOperation
from typing import Any
from uuid import UUID

import orjson

from app import calendars
from app.records import acts, agreements
from app.records.engine import Row, Session
from app.renewals.bad_terms import BadTerms
from app.renewals.documents import terms_of
from app.renewals.lead_times import Policy
from app.renewals.prices import Price
from app.renewals.terms import Terms
from app.usecases.acts import Acts, acts_of
from app.usecases.refusals import NotFound, Unreadable
from app.usecases.usual_leads import current, price_of, with_usual_leads

log = logging.getLogger("noticeboard")

LONGEST_LINE = 10
"""How many parents can stand above one another."""
_CHUNK = 250


@dataclass(frozen=True, slots=True)
class Dossier:
    """One agreement with all that was recorded of it. `terms` hold the acts as well."""

    row: Row
    acts: Acts
    terms: Terms

    @property
    def id(self) -> UUID:
        """The agreement's id."""
        found: UUID = self.row["id"]
        return found

    @property
    def price(self) -> Price:
        """What was to be paid before any amendment."""
        return price_of(self.row)


class Dossiers:
    """Opens dossiers within one transaction; what they share is asked once."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._policy: Policy | None = None
        self._found: dict[UUID, list[Row]] = {}

    @property
    def policy(self) -> Policy:
        """The lead-time policy."""
        if self._policy is None:
            self._policy = current(self._session).policy
        return self._policy

    def by_id(self, agreement_id: UUID) -> Dossier:
        """Return the dossier of an agreement. Raises `NotFound` and `Unreadable`."""
        row = self._row(agreement_id)
        if row is None:
            raise NotFound("There is no agreement with this id; it may have been removed.")
        return self.of(row)

    def of(self, row: Row) -> Dossier:
        """Return the dossier of a stored agreement.

        Raises `Unreadable` when what is stored cannot be read.
        """
        return self._open(row, 0)

    def each_of(self, rows: Iterable[Row]) -> Iterator[tuple[Row, Dossier | None]]:
        """Go through rows with their dossiers; None stands for one that cannot be read, logged."""
        some: list[Row] = []
        for row in rows:
            some.append(row)
            if len(some) == _CHUNK:
                yield from self._each_of(some)
                some = []
        yield from self._each_of(some)

    def _each_of(self, rows: list[Row]) -> Iterator[tuple[Row, Dossier | None]]:
        self._look_up(rows)
        for row in rows:
            try:
                yield row, self.of(row)
            except Unreadable:
                log.exception("agreement %s is left out: it cannot be read", row["id"])
                yield row, None

    def with_terms(
        self, row: Row, document: Mapping[str, Any], parent: Terms | None, known: Acts
    ) -> Terms:
        """Return the terms that a document states, with acts and with the policy's lead times.

        Raises `BadTerms`, also for acts that do not fit them.
        """
        terms = terms_of(
            document,
            calendars.named,
            parent,
            amendments=known.amendments(),
            notices=known.notices(),
            said=known.said(),
        )
        return with_usual_leads(terms, row, self.policy)

    def acts_of(self, row: Row) -> Acts:
        """Return what was done about an agreement. Raises `Unreadable`."""
        if not row["acts"]:
            return Acts()
        agreement_id: UUID = row["id"]
        found = self._found.get(agreement_id)
        if found is None:
            found = acts.of(self._session, [agreement_id])[agreement_id]
        try:
            return acts_of(found)
        except (ValueError, KeyError, TypeError) as error:
            raise _unreadable(row) from error

    def _look_up(self, rows: list[Row]) -> None:
        """Ask at once what was done about many agreements."""
        self._found = acts.of(self._session, (row["id"] for row in rows if row["acts"]))

    def _row(self, agreement_id: UUID) -> Row | None:
        return agreements.by_id(self._session, agreement_id)

    def _open(self, row: Row, below: int) -> Dossier:
        try:
            document = orjson.loads(row["terms"])
            parent = self._parent(row, below + 1) if row["co_terminous"] else None
            known = self.acts_of(row)
            return Dossier(row, known, self.with_terms(row, document, parent, known))
        except _UNREADABLE as error:
            raise _unreadable(row) from error

    def _parent(self, row: Row, below: int) -> Terms:
        parent = self._row(row["parent_id"])
        if parent is None or below > LONGEST_LINE:
            sentence = f"No parent of agreement {row['id']} has dates of its own: name another."
            raise Unreadable(sentence)
        return self._open(parent, below).terms


_UNREADABLE = (BadTerms, ValueError, KeyError, TypeError, AttributeError, InvalidOperation)


def _unreadable(row: Row) -> Unreadable:
    return Unreadable(f"The stored terms of agreement {row['id']} cannot be read: correct them.")
