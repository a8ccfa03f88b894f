"""Which revision of an event is this? SEQUENCE and the stamps, from what was published before.

They grow with every change of what is rendered, and with nothing else: without that some
programs never take an edit (RFC 5545, sections 3.8.7.3 and 3.8.7.4). A milestone that goes
and comes back is the same event and climbs on.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from app.feeds.events import EventText, Moment, Subject, fingerprint, tell
from app.feeds.ical import Stamp
from app.records import published
from app.records.engine import Row, Session
from app.usecases.feed_events import BROKEN

log = logging.getLogger("noticeboard")


@dataclass(frozen=True, slots=True)
class Announced:
    """An event that is to be published: which it is, and what it is about."""

    uid: str
    subject: Subject
    moment: Moment


@dataclass(frozen=True, slots=True)
class Revision:
    """An event's text and which revision of it that is."""

    announced: Announced
    text: EventText
    stamp: Stamp

    @property
    def agreement_id(self) -> UUID:
        """The agreement it is about."""
        return self.announced.subject.agreement_id


def revisions(
    session: Session, announced: Sequence[Announced], details: str, now: datetime
) -> list[Revision]:
    """Return the revision that each event is at, and keep those that are new or changed.

    `details` names what is published beyond the dates; each has its own revisions. What
    cannot be told is left out and logged.
    """
    known = published.of_uids(session, [one.uid for one in announced], details)
    found: list[Revision] = []
    new, changed = [], []
    for one in announced:
        before = known.get(one.uid)
        moved_from = _moved_from(before, one.moment.on)
        try:
            text = tell(one.subject, replace(one.moment, moved_from=moved_from))
        except BROKEN:
            log.exception("agreement %s is left out of a feed", one.subject.agreement_id)
            continue
        mark = fingerprint(text)
        content: Row = {"fingerprint": mark, "on_day": one.moment.on, "moved_from": moved_from}
        if before is None:
            row: Row = {
                **content,
                "uid": one.uid,
                "details": details,
                "sequence": 0,
                "created_at": now,
                "changed_at": now,
            }
            new.append(row)
        elif before["fingerprint"] != mark:
            sequence, changed_at = before["sequence"] + 1, max(now, before["changed_at"])
            row = {**before, **content, "sequence": sequence, "changed_at": changed_at}
            changed.append(row)
        else:
            row = before
        stamp = Stamp(one.uid, row["sequence"], row["created_at"], row["changed_at"])
        found.append(Revision(one, text, stamp))
    published.add(session, new)
    published.change(session, changed)
    return found


def _moved_from(before: Row | None, on: date) -> date | None:
    """Return the day an event was published for before the one it is for now, if any."""
    if before is None:
        return None
    last: date | None = before["on_day"]
    moved_from: date | None = before["moved_from"]
    return moved_from if last in (None, on) else last
