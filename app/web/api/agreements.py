"""Agreements over HTTP: enter, list, read, change, remove; their terms and their history."""

import hashlib
import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal, Optional
from uuid import UUID

import orjson
from fastapi import APIRouter, Header, Query, Response
from pydantic import BaseModel, ConfigDict, create_model
from pydantic.fields import FieldInfo
from starlette.exceptions import HTTPException

from app.records.agreements import Order
from app.records.engine import Row, Session
from app.renewals.position import Phase
from app.usecases import agreements
from app.usecases.answers import Answer, once
from app.usecases.forms import AgreementForm
from app.web.api.shapes import (
    AgreementOut,
    AgreementPage,
    AsOf,
    ByFilters,
    Cursor,
    Limit,
    PhaseName,
    TermOut,
    agreement_out,
    answer,
    cursor_for,
    day_or,
    place_of,
    term_out,
)
from app.web.deps import Desk, GuardedRoute, Reader, Writer
from app.web.errors import documented

router = APIRouter(
    prefix="/api/v1/agreements",
    tags=["agreements"],
    route_class=GuardedRoute,
    responses=documented(401, 403, 422),
)


def _optional(field: FieldInfo) -> Any:  # noqa: ANN401 - an annotation
    annotation = field.annotation
    if field.metadata:
        annotation = Annotated[(annotation, *field.metadata)]  # type: ignore[assignment]
    return Optional[annotation]  # noqa: UP045 - built at run time


AgreementPatch: type[BaseModel] = create_model(  # type: ignore[call-overload]
    "AgreementPatch",
    __config__=ConfigDict(extra="forbid", strict=True),
    __doc__="The fields to change; each takes the place of the old one, null empties it.",
    **{name: (_optional(field), None) for name, field in AgreementForm.model_fields.items()},
)


class HistoryEntry(BaseModel):
    """One change: who, when, before and after (the whole agreement, null where there is none)."""

    id: int
    at: datetime
    actor_id: UUID | None
    actor_name: str
    action: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None


class History(BaseModel):
    """Part of an agreement's history, oldest first."""

    items: list[HistoryEntry]
    next_cursor: str | None


class Chain(BaseModel):
    """Terms of an agreement, in their order."""

    items: list[TermOut]


SortBy = Literal[
    "next_deadline",
    "-next_deadline",
    "counterparty",
    "-counterparty",
    "value",
    "-value",
]
IfMatch = Annotated[
    str | None,
    Header(description="The ETag the agreement was read with.", examples=['"1"']),
]
IdempotencyKey = Annotated[
    str | None,
    Header(
        min_length=1,
        max_length=255,
        pattern="^[!-~]+$",
        description="A name for this request; sending it again repeats the first answer.",
    ),
]
_SORT_KEYS: dict[str, Callable[[str], Any]] = {
    "next_deadline": date.fromisoformat,
    "counterparty": str,
    "value": Decimal,
}


@router.post(
    "",
    status_code=201,
    response_model=AgreementOut,
    responses=documented(409),
    summary="Enter an agreement",
)
def create(form: AgreementForm, desk: Writer, idempotency_key: IdempotencyKey = None) -> Response:
    """Keep a new agreement and answer with where it stands today."""

    def do() -> Answer:
        kept = agreements.create(session, form, actor=desk.actor, today=desk.today, now=desk.now)
        location = f"{desk.settings.base_url}/api/v1/agreements/{kept.id}"
        headers = {"ETag": _etag(kept.version), "Location": location}
        return Answer(201, orjson.dumps(agreement_out(kept)).decode(), headers)

    with desk.writing() as session:
        done = repeatable(session, desk, idempotency_key, "create", form.model_dump_json(), do)
    return answer_again(done)


@router.get("", response_model=AgreementPage, summary="List agreements")
def page(  # noqa: PLR0913 - each is a query parameter
    desk: Reader,
    filters: ByFilters,
    phase: Annotated[PhaseName | None, Query(description="As of the day.")] = None,
    sort: Annotated[SortBy, Query(description="A minus sorts downwards.")] = "next_deadline",
    as_of: AsOf = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """Return agreements as they stand on a day, a page at a time."""
    by = sort.removeprefix("-")
    order = Order(by, sort.startswith("-"), day_or(desk.today, as_of))
    with desk.reading() as session:
        found = agreements.page(
            session,
            filters,
            order,
            phase=None if phase is None else Phase(phase),
            after=place_of(cursor, _SORT_KEYS[by], UUID),
            limit=limit,
        )
    items = [agreement_out(kept) for kept in found.items]
    following = cursor_for(found.after)
    return answer({"items": items, "next_cursor": following, "left_out": found.left_out})


@router.get(
    "/{agreement_id}",
    response_model=AgreementOut,
    responses=documented(404, 409),
    summary="Read an agreement",
)
def read(agreement_id: UUID, desk: Reader, as_of: AsOf = None) -> Response:
    """Return an agreement as it stands on a day."""
    with desk.reading() as session:
        kept = agreements.read(session, agreement_id, as_of=day_or(desk.today, as_of))
    return answer(agreement_out(kept), headers={"ETag": _etag(kept.version)})


@router.patch(
    "/{agreement_id}",
    response_model=AgreementOut,
    responses=documented(404, 409, 412, 428),
    summary="Correct an agreement",
)
def change(
    agreement_id: UUID,
    patch: AgreementPatch,
    desk: Writer,
    if_match: IfMatch = None,
) -> Response:
    """Put the given fields in the place of the old ones."""
    versions = versions_of(if_match)
    changes = patch.model_dump(exclude_unset=True)
    with desk.writing() as session:
        kept = agreements.change(
            session,
            agreement_id,
            versions,
            changes,
            actor=desk.actor,
            today=desk.today,
            now=desk.now,
        )
    return answer(agreement_out(kept), headers={"ETag": _etag(kept.version)})


@router.delete(
    "/{agreement_id}",
    status_code=204,
    responses=documented(404, 409, 412, 428),
    summary="Remove an agreement",
)
def remove(agreement_id: UUID, desk: Writer, if_match: IfMatch = None) -> Response:
    """Remove an agreement and its dates; its history stays."""
    versions = versions_of(if_match)
    with desk.writing() as session:
        agreements.remove(session, agreement_id, versions, actor=desk.actor, now=desk.now)
    return Response(status_code=204)


@router.get(
    "/{agreement_id}/terms",
    response_model=Chain,
    responses=documented(404, 409),
    summary="List an agreement's terms",
)
def terms(
    agreement_id: UUID,
    desk: Reader,
    as_of: AsOf = None,
    past: Annotated[int, Query(ge=0, le=400, description="The most past terms.")] = 40,
    ahead: Annotated[int, Query(ge=0, le=60, description="The most projected terms.")] = 5,
) -> Response:
    """Return past terms with their outcome, the current one, and projected ones."""
    day = day_or(desk.today, as_of)
    with desk.reading() as session:
        links = agreements.terms_chain(session, agreement_id, as_of=day, past=past, ahead=ahead)
    return answer({"items": [term_out(link) for link in links]})


@router.get(
    "/{agreement_id}/history",
    response_model=History,
    responses=documented(404),
    summary="List who changed an agreement",
)
def history(agreement_id: UUID, desk: Reader, cursor: Cursor = None, limit: Limit = 50) -> Response:
    """Return the changes of an agreement, oldest first; also of one that was removed."""
    (after,) = place_of(cursor, int) or (0,)
    with desk.reading() as session:
        entries = agreements.history(session, agreement_id, after=after, limit=limit + 1)
    items = [_entry_out(entry) for entry in entries[:limit]]
    more = len(entries) > limit
    return answer({"items": items, "next_cursor": cursor_for([items[-1]["id"]] if more else None)})


def repeatable(
    session: Session,
    desk: Desk,
    key: str | None,
    route: str,
    content: str,
    do: Callable[[], Answer],
) -> Answer:
    """Do a request once under its key; `route` and `content` tell requests apart."""
    if key is None or desk.actor.id is None:
        return do()
    request_hash = hashlib.sha256(f"{route}\n{content}".encode()).hexdigest()
    return once(session, desk.actor.id, key, request_hash, do, now=desk.now)


def answer_again(done: Answer) -> Response:
    """Return a kept answer as it was."""
    return Response(done.body, done.status, done.headers, "application/json")


class _AnyVersion(frozenset[int]):
    """What `If-Match: *` asks for: whatever version there is."""

    def __contains__(self, version: object) -> bool:
        return True


def versions_of(if_match: str | None) -> frozenset[int]:
    """Return the versions that If-Match allows (RFC 9110 13.1.1); weak tags never match.

    Raises 428 without the header (RFC 6585).
    """
    if if_match is None:
        sentence = "Send If-Match with the ETag you read, so that nobody's change is lost."
        raise HTTPException(428, sentence)
    if if_match.strip() == "*":
        return _AnyVersion()
    tags = (tag.strip() for tag in if_match.split(","))
    return frozenset(int(tag[1:-1]) for tag in tags if _OWN_ETAG.fullmatch(tag))


_OWN_ETAG = re.compile(r'"[0-9]{1,9}"')


def _etag(version: int) -> str:
    return f'"{version}"'


def _entry_out(entry: Row) -> dict[str, Any]:
    return {
        **{name: entry[name] for name in ("id", "at", "actor_id", "actor_name", "action")},
        "before": _document(entry["before"]),
        "after": _document(entry["after"]),
    }


def _document(text: str | None) -> object:
    return None if text is None else orjson.loads(text)
