"""Imports over HTTP: a CSV or XLSX file in, all of it or nothing."""

import hashlib
from dataclasses import asdict
from typing import Annotated, Literal

import orjson
from fastapi import APIRouter, Form, Response, UploadFile
from pydantic import BaseModel, ConfigDict, Field

from app.records.engine import Session
from app.usecases.answers import Answer
from app.usecases.files import BadFile, RowFault
from app.usecases.imports import Plan, carry_out, plan
from app.web.api.repeats import IdempotencyKey, done_once
from app.web.api.shapes import answer
from app.web.deps import Desk, UploadRoute, Writer
from app.web.errors import documented

router = APIRouter(
    prefix="/api/v1/imports",
    tags=["imports"],
    route_class=UploadRoute,
    responses=documented(401, 403, 413, 415, 422, 503),
)

_MOST_ERRORS = 100


class ImportForm(BaseModel):
    """A file, and whether it is only tried."""

    model_config = ConfigDict(extra="forbid")

    file: UploadFile = Field(
        description="CSV or XLSX, whatever it is called; the first row names the columns."
    )
    dry_run: bool = Field(default=False, description="Only say what the file would do.")
    worksheet: str | None = Field(
        default=None,
        max_length=31,
        description="Which worksheet of a workbook; the first visible one with cells if left out.",
    )


class CellFault(BaseModel):
    """What is wrong in one cell; the header is row 1."""

    row: int
    column: str
    detail: str


class FileFormat(BaseModel):
    """What the file was found to be; what its kind does not have is null."""

    name: Literal["csv", "xlsx"]
    encoding: Literal["UTF-8", "UTF-16 LE", "UTF-16 BE", "Windows-1252"] | None
    delimiter: Literal["comma", "semicolon", "tab"] | None
    worksheet: str | None


class ImportReport(BaseModel):
    """What a file did, or would do."""

    dry_run: bool
    format: FileFormat
    created: int
    changed: int
    unchanged: int
    errors: list[CellFault] = Field(description="At most the first 100; a dry run only.")
    errors_in_all: int


@router.post("", response_model=ImportReport, summary="Import agreements from a file")
def import_file(
    form: Annotated[ImportForm, Form(media_type="multipart/form-data")],
    desk: Writer,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Store every row of the file, or none and say what is wrong in which row and column.

    The columns are the API's fields, nested ones joined by an underscore; rows are matched
    with stored agreements by reference and counterparty.
    """
    content = form.file.file.read()
    if form.dry_run:
        return answer(_rehearsed(desk, content, form.worksheet))

    def do(session: Session) -> Answer:
        planned = _planned(desk, session, content, form.worksheet)
        carry_out(session, planned, actor=desk.actor, now=desk.now)
        return Answer(200, orjson.dumps(_report(planned, [], dry_run=False)).decode())

    asked = f"import\n{hashlib.sha256(content).hexdigest()}"
    if form.worksheet is not None:
        asked += f"\n{form.worksheet}"
    return done_once(desk, idempotency_key, asked, do)


def _rehearsed(desk: Desk, content: bytes, worksheet: str | None) -> dict[str, object]:
    with desk.reading() as session:
        try:
            planned = _planned(desk, session, content, worksheet)
            return _report(planned, [], dry_run=True)
        except BadFile as bad:
            if bad.read_as is None:
                raise  # no import file at all: there are no rows to tell about
            return _report(Plan(bad.read_as), bad.faults, dry_run=True)


def _planned(desk: Desk, session: Session, content: bytes, worksheet: str | None) -> Plan:
    most = desk.settings.max_import_rows
    return plan(session, content, now=desk.now, max_rows=most, worksheet=worksheet)


def _report(planned: Plan, faults: list[RowFault], *, dry_run: bool) -> dict[str, object]:
    return {
        "dry_run": dry_run,
        "format": asdict(planned.read_as),
        "created": len(planned.created),
        "changed": len(planned.changed),
        "unchanged": len(planned.unchanged),
        "errors": [
            {"row": fault.row, "column": fault.column, "detail": fault.rule}
            for fault in faults[:_MOST_ERRORS]
        ],
        "errors_in_all": len(faults),
    }
