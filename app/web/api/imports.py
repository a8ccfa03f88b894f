"""Imports over HTTP: a CSV file in, all of it or nothing."""

import hashlib
from typing import Annotated

import orjson
from fastapi import APIRouter, Form, Response, UploadFile
from pydantic import BaseModel, Field

from app.usecases.answers import Answer
from app.usecases.imports import BadFile, Plan, RowFault, carry_out, plan
from app.web.api.agreements import IdempotencyKey, answer_again, repeatable
from app.web.api.shapes import answer
from app.web.deps import GuardedRoute, Writer
from app.web.errors import documented

router = APIRouter(
    prefix="/api/v1/imports",
    tags=["imports"],
    route_class=GuardedRoute,
    responses=documented(401, 403, 413, 422),
)


class ImportError_(BaseModel):
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
    errors: list[ImportError_] = Field(description="At most the first 100; a dry run only.")
    errors_in_all: int


@router.post("", response_model=ImportReport, summary="Import agreements from a CSV file")
def import_file(
    file: UploadFile,
    desk: Writer,
    dry_run: Annotated[
        bool, Form(description="Only say what the file would do; nothing is stored.")
    ] = False,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Store every row of the file, or none and say what is wrong in which row and column.

    The columns are the API's fields, nested ones joined by an underscore; rows are matched
    with stored agreements by reference and counterparty.
    """
    content = file.file.read()
    max_rows = desk.settings.max_import_rows
    if dry_run:
        with desk.reading() as session:
            try:
                planned = plan(session, content, now=desk.now, max_rows=max_rows)
            except BadFile as bad:
                return answer(report(Plan(), bad.faults, dry_run=True))
        return answer(report(planned, [], dry_run=True))

    def do() -> Answer:
        planned = plan(session, content, now=desk.now, max_rows=max_rows)
        carry_out(session, planned, actor=desk.actor, now=desk.now)
        return Answer(200, orjson.dumps(report(planned, [], dry_run=False)).decode())

    with desk.writing() as session:
        name = hashlib.sha256(content).hexdigest()
        done = repeatable(session, desk, idempotency_key, "import", name, do)
    return answer_again(done)


def report(planned: Plan, faults: list[RowFault], *, dry_run: bool) -> dict[str, object]:
    """Return what a file did in the shape of `ImportReport`."""
    return {
        "dry_run": dry_run,
        "created": len(planned.created),
        "changed": len(planned.changed),
        "unchanged": len(planned.unchanged),
        "errors": [
            {"row": fault.row, "column": fault.column, "detail": fault.rule}
            for fault in faults[:100]
        ],
        "errors_in_all": len(faults),
    }
