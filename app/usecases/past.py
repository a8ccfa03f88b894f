"""What did the register hold at a moment that has passed? Told by the audit trail alone."""

import json
import logging
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson

from app.records import audit
from app.records.engine import Row, Session
from app.renewals.lead_times import Policy
from app.usecases.acts import ActKind, Acts, acts_of
from app.usecases.agreements import ACTS_OF_FACT
from app.usecases.dossiers import Dossier, Dossiers
from app.usecases.forms import FACTS
from app.usecases.lead_times import POLICY_ID
from app.usecases.refusals import NotFound, Unreadable
from app.usecases.usual_leads import current, policy_of_text

_CHUNK = 250


log = logging.getLogger("noticeboard")


class PastDossiers(Dossiers):
    """Opens dossiers as they stood at a moment: later facts and acts are not in them."""

    def __init__(self, session: Session, moment: datetime) -> None:
        super().__init__(session)
        self._moment = moment
        self._past_acts: dict[UUID, list[Row]] = {}

    @property
    def policy(self) -> Policy:
        """The lead-time policy of that moment."""
        if self._policy is None:
            later = audit.first_after(self._session, POLICY_ID, self._moment)
            if later is None:
                self._policy = current(self._session).policy
            else:
                self._policy = policy_of_text(json.dumps(orjson.loads(later["before"])["rows"]))
        return self._policy

    def by_id(self, agreement_id: UUID) -> Dossier:
        """Return the dossier of an agreement. Raises `NotFound` and `Unreadable`."""
        row = self._row(agreement_id)
        if row is None:
            raise NotFound("At that moment the register held no agreement with this id.")
        return self.of(row)

    def every(self) -> Iterator[tuple[Row, Dossier | None]]:
        """Go through all agreements of that moment; None stands for one that cannot be read."""
        subjects = audit.subjects_until(self._session, self._moment)
        for start in range(0, len(subjects), _CHUNK):
            some = subjects[start : start + _CHUNK]
            told = audit.about_until(self._session, some, self._moment).values()
            yield from self.each_of(row for row in map(self._readable, told) if row is not None)
            self._past_acts.clear()

    def _readable(self, entries: list[Row]) -> Row | None:
        try:
            return self._row_of(entries)
        except Unreadable:
            log.exception("the trail of %s is left out", entries[0]["subject_id"])
            return None

    def acts_of(self, row: Row) -> Acts:
        """Return what had been done about an agreement. Raises `Unreadable`."""
        try:
            return acts_of(self._past_acts.get(row["id"], ()))
        except (ValueError, KeyError, TypeError) as error:
            sentence = f"The trail of agreement {row['id']} cannot be read."
            raise Unreadable(sentence) from error

    def _look_up(self, rows: list[Row]) -> None:
        """Look up nothing: the trail was read with the rows."""

    def _row(self, agreement_id: UUID) -> Row | None:
        told = audit.about_until(self._session, [agreement_id], self._moment)
        return self._row_of(told[agreement_id])

    def _row_of(self, entries: list[Row]) -> Row | None:
        """Return an agreement as its entries leave it, None where it is none, or not any more.

        Raises `Unreadable`.
        """
        told = [entry for entry in entries if entry["action"] in ACTS_OF_FACT]
        done = [entry for entry in entries if entry["action"] in list(ActKind)]
        if not told or entries[-1]["action"] == "removed":
            return None
        agreement_id: UUID = entries[0]["subject_id"]
        try:
            self._past_acts[agreement_id] = [_act_row(entry) for entry in done]
            facts = _facts_row(orjson.loads(told[-1]["after"]))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise Unreadable(f"The trail of agreement {agreement_id} cannot be read.") from error
        return {
            **facts,
            "id": agreement_id,
            "version": len(entries),
            "acts": len(done),
            "created_at": entries[0]["at"],
            "updated_at": entries[-1]["at"],
        }


def _facts_row(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return facts as the trail holds them in the shape of a row; newer ones are not known."""
    parent, signed, custom = facts["parent_id"], facts["signed_date"], facts.get("custom")
    return {
        **dict.fromkeys(FACTS),
        **facts,
        "parent_id": None if parent is None else UUID(parent),
        "signed_date": None if signed is None else date.fromisoformat(signed),
        "tags": json.dumps(facts["tags"], ensure_ascii=False),
        "custom": None if custom is None else json.dumps(custom, ensure_ascii=False),
        "terms": json.dumps(facts["terms"], ensure_ascii=False),
    }


def _act_row(entry: Row) -> dict[str, Any]:
    told = orjson.loads(entry["after"])
    return {
        "number": told["act"],
        "kind": told["kind"],
        "document": json.dumps(told["document"], ensure_ascii=False),
        "done_on": date.fromisoformat(told["done_on"]),
        "at": entry["at"],
        "actor_name": entry["actor_name"],
    }


def open_at(session: Session, agreement_id: UUID, known_at: datetime | None) -> Dossier:
    """Return what is known of an agreement, or was known at a moment.

    Raises `NotFound` and `Unreadable`.
    """
    dossiers = Dossiers(session) if known_at is None else PastDossiers(session, known_at)
    return dossiers.by_id(agreement_id)
