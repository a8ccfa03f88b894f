"""What became of each term, and what is to come? The chain of terms with all that was done."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson

from app.records.engine import Session
from app.renewals.acts import Team
from app.renewals.chain import Link, Outcome, TermState, chain
from app.renewals.endings import decision_about
from app.renewals.prices import LockedIn, Price, locked_in, price_on
from app.renewals.schedule import Schedule, schedule_of
from app.renewals.terms import Terms
from app.usecases.acts import ActKind, Done
from app.usecases.dossiers import Dossier
from app.usecases.notices import Judged, every_notice
from app.usecases.past import open_at
from app.usecases.told import say_notice

_BEGUN_BY_ITSELF = frozenset(
    {Outcome.RENEWED_BY_DEFAULT, Outcome.RENEWED_BY_DECISION, Outcome.OPTION_EXERCISED}
)


@dataclass(frozen=True, slots=True)
class Rule:
    """What the contract said for one term; `amended_from` is None for the first terms.

    `price` is the one in force at its end.
    """

    price: Price
    renewal: Mapping[str, Any] | None
    notice: Mapping[str, Any] | None
    notice_in_words: str
    amended_from: date | None


@dataclass(frozen=True, slots=True)
class TermTold:
    """One term: its dates, the rule that was in force, and what was done about it."""

    link: Link
    rule: Rule
    sides: dict[Team, Done]
    notices: list[Judged]
    acknowledged: Done | None
    locked_in: LockedIn | None


def terms_chain(
    session: Session,
    agreement_id: UUID,
    *,
    as_of: date,
    past: int,
    ahead: int,
    known_at: datetime | None = None,
) -> list[TermTold]:
    """Return the agreement's terms around a day, with what was known then.

    With `known_at` only what was on record at that moment counts. Raises `NotFound` and
    `Unreadable`.
    """
    dossier = open_at(session, agreement_id, known_at)
    terms = dossier.terms.known_on(as_of)
    schedule = schedule_of(terms)
    notices = [one for one in every_notice(dossier) if one.given.known_on <= as_of]
    return [
        _told(dossier, terms, schedule, notices, link, as_of)
        for link in chain(dossier.terms, as_of, past, ahead)
    ]


def _told(
    dossier: Dossier,
    terms: Terms,
    schedule: Schedule,
    notices: list[Judged],
    link: Link,
    as_of: date,
) -> TermTold:
    key = (link.number, link.term_start)
    said = [
        done
        for done in dossier.acts.standing(ActKind.DECISION)
        if done.term == key and done.on <= as_of
    ]
    seen = dossier.acts.acknowledged().get(key)
    return TermTold(
        link=link,
        rule=_rule(dossier, terms, schedule, link, as_of),
        sides={Team(done.document["side"]): done for done in said},
        notices=[one for one in notices if _is_about(one, link)],
        acknowledged=seen if seen is not None and seen.on <= as_of else None,
        locked_in=_locked_in(dossier, schedule, link),
    )


def _is_about(notice: Judged, link: Link) -> bool:
    """Tell whether a notice was meant for a term, or ends it."""
    return link.number == notice.effect.term_number or link.term_start == notice.given.term_start


def _locked_in(dossier: Dossier, schedule: Schedule, link: Link) -> LockedIn | None:
    if link.state is not TermState.PAST or link.outcome not in _BEGUN_BY_ITSELF:
        return None
    term, length = schedule.term(link.number + 1), schedule.length_of(link.number + 1)
    price = price_on(dossier.price, dossier.terms.amendments, term.start)
    return locked_in(price, term.start, term.end, 0 if length is None else length.months)


def _rule(dossier: Dossier, terms: Terms, schedule: Schedule, link: Link, as_of: date) -> Rule:
    price = price_on(dossier.price, terms.amendments, link.term_end or as_of)
    entered = orjson.loads(dossier.row["terms"])
    renewal, notice = entered.get("renewal"), entered.get("notice")
    if link.number > 1 and entered.get("renewal_notice") is not None:
        notice = entered["renewal_notice"]
    decision = decision_about(terms, schedule, link.number)
    amended_from = None
    for amendment in amended(dossier)[: link.amendments]:
        document = amendment.document
        # A deadline that had passed stays with the clause it was counted by.
        kept = decision is not None and decision.dates.deadline < effective_from(amendment)
        renewal = document.get("renewal", renewal)
        notice = notice if kept else document.get("notice", notice)
        amended_from = effective_from(amendment)
    words = say_notice(terms, schedule, link.number)
    return Rule(price, renewal, notice, words, amended_from)


def amended(dossier: Dossier) -> list[Done]:
    """Return the amendments in force, in the order they take effect."""
    return sorted(dossier.acts.standing(ActKind.AMENDMENT), key=effective_from)


def effective_from(done: Done) -> date:
    """Return the day on which an amendment takes effect."""
    return date.fromisoformat(done.document["effective_from"])
