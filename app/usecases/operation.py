"""How is an installation made ready, and is it?"""

import logging

from app.clock import Clock
from app.records import migrations, register
from app.records.engine import Database
from app.settings import Settings
from app.usecases.feeds import found_feeds
from app.usecases.lead_times import found_lead_times
from app.usecases.publishing import Conditions, Publisher
from app.usecases.register import found_register

log = logging.getLogger("noticeboard")


def prepare(database: Database, clock: Clock, *, migrate: bool = True) -> None:
    """Bring the database to this release and found what every register has.

    Raises `NewerSchema` for a database of a newer release, and without `migrate` also
    `OlderSchema` for one of an older release.
    """
    if migrate:
        migrations.migrate(database)
    else:
        migrations.check(database)
    with database.writing() as session:
        found_register(session, clock.today())
        register.lock(session)  # another server may be founding the rest
        found_feeds(session, clock.now())
        found_lead_times(session)


def publisher_of(database: Database, settings: Settings) -> Publisher:
    """Return who renders the feeds of an installation."""
    conditions = Conditions(
        base_url=settings.base_url,
        good_for=settings.verification_months,
        most_events=settings.feed_max_events,
        most_bytes=settings.feed_max_bytes,
    )
    return Publisher(database, conditions, settings.feed_memory_bytes)


def is_ready(database: Database) -> bool:
    """Tell whether the database answers and has this release's schema; the reason is logged."""
    try:
        with database.reading() as session:
            return not migrations.pending(session)
    except Exception:
        log.exception("the database is not ready")
        return False
