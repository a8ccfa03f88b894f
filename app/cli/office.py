"""What does a command work on? The installation that the environment names."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn
from zoneinfo import ZoneInfo

import typer

from app.clock import WallClock
from app.records.engine import Database, DatabaseAway
from app.records.migrations import NewerSchema, OlderSchema
from app.settings import Settings
from app.usecases.agreements import Actor
from app.usecases.files import BadFile
from app.usecases.operation import prepare
from app.usecases.refusals import Refusal, TooLarge

OPERATOR = Actor(None, "command line", "admin")


@dataclass(frozen=True, slots=True)
class Office:
    """The installation that a command works on."""

    settings: Settings
    clock: WallClock
    database: Database


@contextmanager
def opened_office(*, migrate: bool = True) -> Iterator[Office]:
    """Open the installation that the environment names; what it refuses ends the command."""
    try:
        settings = Settings()
        database = Database(settings.database_url)
    except ValueError as error:
        stop(str(error))
    office = Office(settings, WallClock(ZoneInfo(settings.timezone)), database)
    try:
        prepare(database, office.clock, migrate=migrate)
        yield office
    except BadFile as bad:
        how = [] if bad.read_as is None else [bad.read_as.sentence]
        faults = [f"row {fault.row}, {fault.column}: {fault.rule}" for fault in bad.faults]
        stop("\n".join([*how, *faults, f"Nothing was stored: {len(faults)} faults."]))
    except (Refusal, NewerSchema, OlderSchema, DatabaseAway) as refusal:
        stop(str(refusal) or str(refusal.__doc__))
    finally:
        database.close()


def stop(sentence: str) -> NoReturn:
    """End a command with a sentence on standard error, and status 1."""
    typer.echo(sentence, err=True)
    raise typer.Exit(1)


def content_of(file: Path, most_bytes: int) -> bytes:
    """Return what a file holds. Raises `TooLarge`; what cannot be read ends the command."""
    try:
        with file.open("rb") as opened:
            content = opened.read(most_bytes + 1)
    except OSError as error:
        stop(f"{file} cannot be read: {error.strerror}.")
    if len(content) > most_bytes:
        raise TooLarge(f"{file} has more than {most_bytes} bytes: split it.")
    return content
