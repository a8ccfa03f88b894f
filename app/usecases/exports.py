"""How does the register leave? As CSV, a sheet, JSON or OCDS, in the form it comes in by.

What is written is what was entered, so that an export that is imported again changes
nothing; dates worked out and what was done since are not in it. An agreement is read,
written and forgotten, so that a register of any size takes the same memory.
"""

import csv
import io
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any
from uuid import UUID

import orjson
from pydantic import ValidationError

from app.records import agreements, register
from app.records.agreements import Filters
from app.records.engine import Row, Session
from app.usecases.agreements import facts_of
from app.usecases.columns import COLUMNS, cells_of
from app.usecases.forms import AgreementForm
from app.usecases.formulas import disarmed
from app.usecases.refusals import Unreadable
from app.usecases.release_packages import write_package
from app.usecases.workbook import write_workbook

log = logging.getLogger("noticeboard")


@dataclass(frozen=True, slots=True)
class Leaving:
    """An agreement on its way out, as it was entered.

    `document` has the API's fields without those that are not given; the parent is told by
    reference and counterparty as well, None where there is none.
    """

    id: UUID
    version: int
    changed_at: datetime
    document: Mapping[str, Any]
    parent: tuple[str, str] | None

    def document_with_parent(self) -> dict[str, Any]:
        """Return the document with the parent as the import form names it."""
        told: dict[str, Any] = dict(self.document)
        if self.parent is not None:
            told["parent_reference"], counterparty = self.parent
            if counterparty != told["counterparty"]:
                told["parent_counterparty"] = counterparty
        return told

    def cells(self) -> dict[str, str]:
        """Return the agreement as a row of the import form."""
        return cells_of(self.document_with_parent())


@dataclass(frozen=True, slots=True)
class Exported:
    """How many agreements are in the file, and how many could not be read and are not."""

    written: int
    left_out: int


def export(session: Session, filters: Filters, ending: str, file: IO[bytes]) -> Exported:
    """Write the agreements that pass into a file, all as of one moment.

    `ending` is one of `WRITERS`; the session has asked nothing before. When this raises, what
    the file holds is to be thrown away. Raises `TooManyForASheet`.
    """
    register.stand_still(session)
    readable = _Readable(session, filters)
    WRITERS[ending](readable, file)
    return Exported(readable.written, readable.left_out)


class _Readable:
    """Goes through the agreements that pass, once, and counts them."""

    def __init__(self, session: Session, filters: Filters) -> None:
        self._rows = agreements.with_parents(session, filters)
        self.written = 0
        self.left_out = 0

    def __iter__(self) -> Iterator[Leaving]:
        for row in self._rows:
            try:
                leaving = _leaving(row)
            except Unreadable as unreadable:
                log.warning("%s It is not in the export.", unreadable.sentence)
                self.left_out += 1
            else:
                self.written += 1
                yield leaving


def _leaving(row: Row) -> Leaving:
    """Return a stored agreement as it was entered. Raises `Unreadable`."""
    facts, parent = facts_of(row), None
    if row["parent_id"] is not None:
        if row["parent_reference"] is None:
            raise Unreadable(f"The parent of agreement {row['id']} is not there: name another.")
        parent = (row["parent_reference"], row["parent_counterparty"])
    try:
        document = {**facts, **orjson.loads(row["terms"])}
        AgreementForm.model_validate(document)
    except (ValidationError, ValueError, TypeError) as error:
        sentence = f"The stored agreement {row['id']} cannot be read: correct it."
        raise Unreadable(sentence) from error
    given = {name: value for name, value in document.items() if value is not None}
    return Leaving(row["id"], row["version"], row["updated_at"], given, parent)


def _write_csv(leaving: Iterable[Leaving], file: IO[bytes]) -> None:
    """Write a CSV file (RFC 4180) that spreadsheets open as UTF-8, for its mark in front."""
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    try:
        writer = csv.writer(text)
        writer.writerow(COLUMNS)
        for one in leaving:
            writer.writerow(map(disarmed, one.cells().values()))
    finally:
        text.detach()  # else the file would be closed with it


def _write_json(leaving: Iterable[Leaving], file: IO[bytes]) -> None:
    """Write a list of what `POST /api/v1/agreements` takes, each with its id."""
    file.write(b"[")
    before = b"\n"
    for one in leaving:
        file.write(before + orjson.dumps({"id": one.id, **one.document}))
        before = b",\n"
    file.write(b"\n]\n")


def _write_xlsx(leaving: Iterable[Leaving], file: IO[bytes]) -> None:
    write_workbook((one.cells() for one in leaving), file)


WRITERS: Mapping[str, Callable[[Iterable[Leaving], IO[bytes]], None]] = {
    "csv": _write_csv,
    "xlsx": _write_xlsx,
    "json": _write_json,
    "ocds.json": write_package,
}
"""Who writes a file, by its ending."""


def ending_of(name: str) -> str | None:
    """Return which of `WRITERS` writes a file of this name, None when nobody does.

    The longest ending counts: "register.ocds.json" is not just any JSON.
    """
    fitting = [ending for ending in WRITERS if name.lower().endswith(f".{ending}")]
    return max(fitting, key=len, default=None)
