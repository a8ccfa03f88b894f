"""Imports over HTTP: a CSV file in, all of it or nothing."""

import hashlib
from typing import Annotated

import orjson
from fastapi import APIRouter, Form, Response, UploadFile
from pydantic import BaseModel, ConfigDict, Field

from app.records.engine import Session
from app.usecases.answers import Answer
from app.usecases.imports import BadFile, Plan, RowFault, carry_out, plan
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
_HEADER_ROW = 1


class ImportForm(BaseModel):
    """A file, and whether it is only tried."""

    model_config = ConfigDict(extra="forbid")

    file: UploadFile = Field(description="CSV in UTF-8; the first row names the columns.")
    dry_run: bool = Field(default=False, description="Only say what the file would do.")


class CellFault(BaseModel):
    """What is wrong in one cell; the header is row 1."""

    row: int
    column: str
    detail: str


class ImportReport(BaseModel):
    """What a file did, or would do."""

    dry_run: bool
    created: int
    changed: int
    unchanged: int
    errors: list[CellFault] = Field(description="At most the first 100; a dry run only.")
    errors_in_all: int


@router.post("", response_model=ImportReport, summary="Import agreements from a CSV file")
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
        return answer(_rehearsed(desk, content))

    def do(session: Session) -> Answer:
        planned = _planned(desk, session, content)
        carry_out(session, planned, actor=desk.actor, now=desk.now)
        return Answer(200, orjson.dumps(_report(planned, [], dry_run=False)).decode())

    return done_once(desk, idempotency_key, f"import\n{hashlib.sha256(content).hexdigest()}", do)


def _rehearsed(desk: Desk, content: bytes) -> dict[str, object]:
    with desk.reading() as session:
        try:
            return _report(_planned(desk, session, content), [], dry_run=True)
        except BadFile as bad:
            if bad.faults[0].row == _HEADER_ROW:
                raise  # no import file at all: there are no rows to tell about
            return _report(Plan(), bad.faults, dry_run=True)


def _planned(desk: Desk, session: Session, content: bytes) -> Plan:
    return plan(session, content, now=desk.now, max_rows=desk.settings.max_import_rows)


def _report(planned: Plan, faults: list[RowFault], *, dry_run: bool) -> dict[str, object]:
    return {
        "dry_run": dry_run,
        "created": len(planned.created),
        "changed": len(planned.changed),
        "unchanged": len(planned.unchanged),
        "errors": [
            {"row": fault.row, "column": fault.column, "detail": fault.rule}
            for fault in faults[:_MOST_ERRORS]
        ],
        "errors_in_all": len(faults),
    }
