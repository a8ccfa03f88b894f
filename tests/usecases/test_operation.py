"""An installation is made ready, once, by whoever comes first."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from app.clock import StoppedClock
from app.records import feeds, register
from app.records.engine import Database
from app.records.migrations import OlderSchema
from app.settings import Settings
from app.usecases.operation import is_ready, prepare, publisher_of
from tests.builders import NOW, TODAY, entered


def test_a_new_register_covers_whole_months_around_its_day(database: Database) -> None:
    with database.reading() as session:
        state = register.state(session)
        assert state is not None
        assert state.revision == 0
        assert state.milestones_from == date(2025, 11, 1)
        assert state.milestones_until == date(2029, 2, 28)
        assert [feed["key"] for feed in feeds.every(session)] == ["it", "procurement"]


def test_preparing_again_keeps_what_was_founded(database: Database) -> None:
    with database.reading() as session:
        before = register.state(session), feeds.every(session)
    prepare(database, StoppedClock(TODAY + timedelta(days=400)), migrate=False)
    with database.reading() as session:
        assert (register.state(session), feeds.every(session)) == before


def test_a_database_of_an_older_release_is_not_served_unmigrated(tmp_path: Path) -> None:
    empty = Database(f"sqlite:///{tmp_path / 'empty.db'}")
    with pytest.raises(OlderSchema, match="start once without --no-migrate"):
        prepare(empty, StoppedClock(TODAY), migrate=False)
    empty.close()


def test_feeds_are_rendered_as_the_settings_say(database: Database) -> None:
    with database.writing() as session:
        entered(session)
        feed = feeds.by_key(session, "it")
    assert feed is not None
    settings = Settings(base_url="https://noticeboard.example", feed_max_events=3)
    published = publisher_of(database, settings).publish(feed["id"], today=TODAY, now=NOW)
    assert published.body.count(b"BEGIN:VEVENT") == 2
    assert b"URL:https://noticeboard.example/agreements/" in published.body


def test_a_prepared_database_is_ready(database: Database) -> None:
    assert is_ready(database)


def test_a_database_that_is_away_is_not_ready(caplog: pytest.LogCaptureFixture) -> None:
    away = Database("postgresql://nobody@127.0.0.1:1/nothing")
    assert not is_ready(away)
    away.close()
    assert "the database is not ready" in caplog.text
