"""Imports over HTTP: a file in, all of it or nothing, or as much of it as can be taken.

A long one goes on as a job while nobody waits (RFC 7240, `Prefer: respond-async`).
"""

import hashlib
from collections.abc import Mapping
from datetime import date, datetime
from functools import partial
from typing import Annotated, Any, Literal
from uuid import UUID

import orjson
from fastapi import APIRouter, Form, Header, Path, Response, UploadFile
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.records.engine import Session
from app.usecases import mappings
from app.usecases.answers import Answer
from app.usecases.gathering import Progress, nobody
from app.usecases.jobs import Finish, Job, Refused, began, ended, refused_rows
from app.usecases.mapping_forms import MannerForm, MappingForm
from app.usecases.receiving import Sent, rehearse, take
from app.web.api.repeats import IdempotencyKey, done_once
from app.web.api.shapes import answer
from app.web.deps import Desk, UploadRoute, Writer
from app.web.errors import answer_to, documented

router = APIRouter(
    prefix="/api/v1/imports",
    tags=["imports"],
    route_class=UploadRoute,
    responses=documented(401, 403, 404, 413, 415, 422, 503),
)

_LONG_BYTES = 1_000_000
"""A file of more is taken as a job in any case: no client waits as long as that takes."""

_FILES = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_FILE = {"type": "string", "format": "binary"}


class ImportForm(BaseModel):
    """A file, how it is to be read, and whether it is only tried."""

    model_config = ConfigDict(extra="forbid")

    file: UploadFile = Field(
        description="CSV, XLSX or OCDS, whatever it is called; a table's first row names columns."
    )
    dry_run: bool = Field(default=False, description="Only say what the file would do.")
    partial: bool = Field(
        default=False, description="Store the rows that can be, and keep the others as a file."
    )
    worksheet: str | None = Field(
        default=None,
        max_length=31,
        description="Which worksheet of a workbook; the first visible one with cells if left out.",
    )
    mapping_name: str | None = Field(
        default=None, max_length=40, description="A preset, or a mapping that was saved."
    )
    mapping: str | None = Field(
        default=None,
        max_length=200_000,
        description="A mapping for this file alone, as JSON, instead of a name.",
    )
    day_order: Literal["dmy", "mdy"] | None = Field(
        default=None, description="What 03/04/2025 is: 3 April or March 4."
    )
    decimal_mark: Literal["point", "comma"] | None = Field(
        default=None, description="What stands before decimals."
    )
    end_date_is: Literal["last_day", "renewal_date"] | None = Field(
        default=None, description="What the file calls an end."
    )
    no_end: Literal["evergreen", "perpetual"] | None = Field(
        default=None, description="What an agreement without an end is; refused if left out."
    )
    keep_unrecognised: bool | None = Field(
        default=None, description="Keep columns that are none of ours in `custom`."
    )


class CellFault(BaseModel):
    """What is wrong in one cell, shortened; a header usually is row 1."""

    row: int
    column: str
    value: str
    detail: str


class FileFormat(BaseModel):
    """What the file was found to be; what its kind does not have is null."""

    name: Literal["csv", "xlsx", "ocds"]
    encoding: Literal["UTF-8", "UTF-16 LE", "UTF-16 BE", "Windows-1252"] | None
    delimiter: Literal["comma", "semicolon", "tab"] | None
    worksheet: str | None


class ColumnOut(BaseModel):
    """A column of the file, what it was taken for and how sure that is, from 0 to 1."""

    name: str
    field: str | None = Field(description="Null: it was not recognised.")
    unit: str | None
    confidence: float
    used: bool


class QuestionOut(BaseModel):
    """What only somebody who knows the file can say, by a setting of the form."""

    setting: Literal["day_order", "decimal_mark"]
    choices: list[str]
    column: str
    row: int
    sentence: str


class CreationOut(BaseModel):
    """An agreement that would be created, and where it would stand today."""

    row: int
    reference: str
    counterparty: str
    title: str
    term_end: date | None
    next_notice_deadline: date | None


class FieldChangeOut(BaseModel):
    """A field that would hold something else; null is not given."""

    field: str
    old: Any
    new: Any


class MovedDateOut(BaseModel):
    """A date of a term that would move, come (`old` is null) or go."""

    term: int
    milestone: str
    old: date | None
    new: date | None


class ChangeOut(BaseModel):
    """An agreement that would change."""

    row: int
    id: UUID
    reference: str
    counterparty: str
    fields: list[FieldChangeOut]
    dates: list[MovedDateOut]


class MissingOut(BaseModel):
    """A known agreement that the file does not have; it stays as it is."""

    id: UUID
    reference: str
    counterparty: str
    title: str


class DifferenceOut(BaseModel):
    """Where a date that another tool worked out is not ours."""

    row: int
    reference: str
    counterparty: str
    which: Literal["term_end", "notice_deadline"]
    theirs: date
    ours: date | None
    why: list[str]


class ImportReport(BaseModel):
    """What a file did, or would do. Lists are of a dry run, at most the first 1,000 of each."""

    dry_run: bool
    format: FileFormat
    columns: list[ColumnOut]
    questions: list[QuestionOut]
    created: int
    changed: int
    unchanged: int
    refused: int = Field(description="How many rows cannot be taken.")
    errors: list[CellFault] = Field(description="All of them.")
    errors_in_all: int
    warnings: list[CellFault]
    warnings_in_all: int
    missing: int = Field(description="How many known agreements are not in the file.")
    creations: list[CreationOut]
    changes: list[ChangeOut]
    missing_agreements: list[MissingOut]
    differences: list[DifferenceOut]
    differences_in_all: int
    refused_rows: str | None = Field(description="Where the rows that were left out are.")


class JobOut(BaseModel):
    """An import that goes on or is over."""

    id: UUID
    state: Literal["running", "done", "refused", "lost"]
    phase: Literal["waiting", "looking", "reading", "checking", "storing", "dating", "over"]
    done: int = Field(description="How many rows the phase has behind it.")
    total: int | None = Field(description="Of how many, once that is known.")
    created_at: datetime
    status: int | None = Field(description="What the import would have been answered with.")
    report: ImportReport | None
    problem: dict[str, Any] | None = Field(description="Why nothing was stored (RFC 9457).")


@router.post(
    "",
    response_model=ImportReport,
    responses={202: {"model": JobOut, "description": "Goes on; Location says where to look."}},
    summary="Import agreements from a file",
)
def import_file(
    form: Annotated[ImportForm, Form(media_type="multipart/form-data")],
    desk: Writer,
    idempotency_key: IdempotencyKey = None,
    prefer: Annotated[
        str | None,
        Header(max_length=200, description="`respond-async`: take it as a job (RFC 7240)."),
    ] = None,
) -> Response:
    """Store every row of the file, or none and say what is wrong in which row and column.

    Columns are recognised by their names, in several languages, or read by a mapping; rows are
    matched with stored agreements by reference and counterparty. A file of more than 1 MB is
    taken as a job.
    """
    content = form.file.file.read()
    sent = _sent(desk, form, content)
    waits = len(content) <= _LONG_BYTES and not _prefers_async(prefer)
    if form.dry_run and waits:
        return answer(_rehearsed(desk, sent))
    asked = _asked(form, content)
    if waits:
        gathered = sent.gathered()

        def do(session: Session) -> Answer:
            taken = take(session, sent, gathered, actor=desk.actor, now=desk.now)
            if taken.refused is None:
                return Answer(200, _body_of(taken.report))
            job_id = began(session, desk.actor, desk.now)
            told, refused = _with_refused(job_id, taken.report, taken.refused)
            ended(session, job_id, told, refused, now=desk.now)
            return told

        return done_once(desk, idempotency_key, asked, do)
    return _as_job(desk, form, sent, asked, idempotency_key)


@router.get("/{job_id}", response_model=JobOut, summary="Look how an import goes")
def read(job_id: Annotated[UUID, Path()], desk: Writer) -> Response:
    """Return how far an import is, or what became of it; kept for 30 days.

    `lost` means that the server was stopped before it was done: nothing was stored.
    """
    with desk.reading() as session:
        job = desk.jobs.by_id(session, job_id)
    return answer(_job_out(job))


@router.get(
    "/{job_id}/refused",
    response_class=Response,
    responses={200: {"content": {kind: {"schema": _FILE} for kind in _FILES.values()}}},
    summary="Fetch the rows that an import left out",
)
def read_refused(job_id: Annotated[UUID, Path()], desk: Writer) -> Response:
    """Return the refused rows in the form they came in, with a column of reasons."""
    with desk.reading() as session:
        refused = refused_rows(session, job_id)
    headers = {"Content-Disposition": f'attachment; filename="refused.{refused.ending}"'}
    return Response(refused.content, 200, headers, _FILES[refused.ending])


def _sent(desk: Desk, form: ImportForm, content: bytes) -> Sent:
    answers = MannerForm(
        day_order=form.day_order,
        decimal_mark=form.decimal_mark,
        end_date_is=form.end_date_is,
        no_end=form.no_end,
        keep_unrecognised=form.keep_unrecognised,
    )
    given = _mapping_in(form)
    with desk.reading() as session:
        choice = mappings.chosen(session, form.mapping_name, given, answers)
    return Sent(content, desk.settings.max_import_rows, form.worksheet, choice, form.partial)


def _mapping_in(form: ImportForm) -> MappingForm | None:
    if form.mapping is None:
        return None
    if form.mapping_name is not None:
        raise _wrong_mapping("is given beside mapping_name; give one of them", ())
    try:
        return MappingForm.model_validate_json(form.mapping)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise _wrong_mapping(first["msg"], first["loc"]) from None


def _wrong_mapping(rule: str, path: tuple[int | str, ...]) -> RequestValidationError:
    return RequestValidationError(
        [{"loc": ("body", "mapping", *path), "msg": rule, "type": "mapping"}]
    )


def _body_of(told: object) -> str:
    return orjson.dumps(told).decode()


def _prefers_async(prefer: str | None) -> bool:
    asked = (prefer or "").lower().split(",")
    return any(one.partition(";")[0].strip() == "respond-async" for one in asked)


def _asked(form: ImportForm, content: bytes) -> str:
    """Return what tells a request from others under the same Idempotency-Key."""
    said = form.model_dump(exclude={"file"}, exclude_none=True)
    return f"import\n{hashlib.sha256(content).hexdigest()}\n{orjson.dumps(said).decode()}"


def _rehearsed(desk: Desk, sent: Sent, tell: Progress = nobody) -> dict[str, Any]:
    with desk.reading() as session:
        return rehearse(session, sent, today=desk.today, now=desk.now, tell=tell)


def _as_job(
    desk: Desk, form: ImportForm, sent: Sent, asked: str, idempotency_key: str | None
) -> Response:
    """Keep the import as a job, and have it done while the client is told where to look."""
    sent.check()  # what can be seen at once is told at once
    begun: list[UUID] = []

    def keep(session: Session) -> Answer:
        job_id = began(session, desk.actor, desk.now)
        begun.append(job_id)
        told = desk.jobs.by_id(session, job_id)
        return Answer(202, _body_of(_job_out(told)), {"Location": f"/api/v1/imports/{job_id}"})

    def work(tell: Progress, finish: Finish) -> None:
        if form.dry_run:
            told = Answer(200, _body_of(_rehearsed(desk, sent, tell)))
            with desk.writing() as session:
                finish(session, told, None)
            return
        gathered = sent.gathered(tell)
        with desk.writing() as session:
            taken = take(session, sent, gathered, actor=desk.actor, now=desk.now, tell=tell)
            told, refused = _with_refused(begun[0], taken.report, taken.refused)
            finish(session, told, refused)

    response = done_once(desk, idempotency_key, asked, keep)
    if begun:  # else the request was repeated, and its job is known already
        desk.jobs.start(begun[0], work, partial(answer_to, request_id=begun[0].hex))
    return response


def _with_refused(
    job_id: UUID, report: Mapping[str, Any], refused: bytes | None
) -> tuple[Answer, Refused | None]:
    if refused is None:
        return Answer(200, _body_of(report)), None
    told = {**report, "refused_rows": f"/api/v1/imports/{job_id}/refused"}
    ending = "xlsx" if report["format"]["name"] == "xlsx" else "csv"
    return Answer(200, _body_of(told)), Refused(refused, ending)


def _job_out(job: Job) -> dict[str, Any]:
    over = None if job.answer is None else orjson.loads(job.answer.body)
    well = job.state == "done"
    return {
        "id": job.id,
        "state": job.state,
        "phase": job.phase,
        "done": job.done,
        "total": job.total,
        "created_at": job.created_at,
        "status": None if job.answer is None else job.answer.status,
        "report": over if well else None,
        "problem": None if well else over,
    }
