"""How is an installation made ready, and is it?"""

import logging

from app.clock import Clock
from app.records import migrations, register
from app.records.engine import Database
from app.usecases.feeds import found_feeds
from app.usecases.lead_times import found_lead_times
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


def is_ready(database: Database) -> bool:
    """Tell whether the database answers and has this release's schema; the reason is logged."""
    try:
        with database.reading() as session:
            return not migrations.pending(session)
    except Exception:
        log.exception("the database is not ready")
        return False
