"""Agreements over HTTP: enter, list, read, change, remove; their terms and their history."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import orjson
from fastapi import APIRouter, Body, Header, Query, Response
from pydantic import BaseModel, create_model

from app.feeds.ical import CONTENT_TYPE
from app.feeds.identity import body_hash, weak_etag
from app.feeds.validators import etag_matches
from app.records.agreements import Order
from app.records.engine import Row, Session
from app.renewals.position import Phase
from app.usecases import agreements
from app.usecases.agreements import Kept
from app.usecases.answers import Answer
from app.usecases.forms import AgreementForm, Line
from app.usecases.past import open_at
from app.usecases.terms import terms_chain
from app.web.api.act_shapes import TermOut, term_out
from app.web.api.examples import AGREEMENT, PATCH
from app.web.api.preconditions import ETAG, IfMatch, etag_of, versions_of
from app.web.api.repeats import IdempotencyKey, done_once
from app.web.api.shapes import (
    PATCH_CONFIG,
    PATCH_DOC,
    AgreementOut,
    AgreementPage,
    AsOf,
    ByFilters,
    Cursor,
    KnownAt,
    Limit,
    PhaseName,
    Whole,
    agreement_out,
    all_optional,
    amount_in,
    answer,
    cursor_for,
    day_or,
    moment_or_none,
    place_of,
    whole_in,
    words_in,
)
from app.web.deps import GuardedRoute, Reader, Writer
from app.web.errors import documented
from app.web.paths import know_ids

know_ids()
router = APIRouter(
    prefix="/api/v1/agreements",
    tags=["agreements"],
    route_class=GuardedRoute,
    responses=documented(401, 403, 422, 503),
)


AgreementPatch: type[BaseModel] = create_model(
    "AgreementPatch", __config__=PATCH_CONFIG, __doc__=PATCH_DOC, **all_optional(AgreementForm)
)


class HistoryEntry(BaseModel):
    """One change: who, when, before and after.

    Of a correction that is the whole agreement, of anything else what was recorded.
    """

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
_SORT_KEYS: dict[str, Callable[[str], Any]] = {
    "next_deadline": date.fromisoformat,
    "counterparty": words_in,
    "value": amount_in,
}
_LOCATION = {
    "Location": {
        "required": True,
        "description": "The address of the new agreement.",
        "schema": {"type": "string", "format": "uri"},
    }
}


@router.post(
    "",
    status_code=201,
    response_model=AgreementOut,
    responses=documented(409, 413, 415) | {201: {"headers": ETAG | _LOCATION}},
    summary="Enter an agreement",
)
def create(
    form: Annotated[AgreementForm, Body(openapi_examples=AGREEMENT)],
    desk: Writer,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Keep a new agreement and answer with where it stands today."""

    def do(session: Session) -> Answer:
        kept = agreements.create(session, form, actor=desk.actor, today=desk.today, now=desk.now)
        location = f"{desk.settings.base_url}/api/v1/agreements/{kept.id}"
        headers = {**_etag_of(kept), "Location": location}
        body = orjson.dumps(agreement_out(kept, desk.settings)).decode()
        return Answer(201, body, headers)

    return done_once(desk, idempotency_key, f"create\n{form.model_dump_json()}", do)


@router.get("", response_model=AgreementPage, summary="List agreements")
def page(
    desk: Reader,
    filters: ByFilters,
    *,
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
    items = [agreement_out(kept, desk.settings) for kept in found.items]
    following = cursor_for(found.after)
    return answer({"items": items, "next_cursor": following, "left_out": found.left_out})


@router.get(
    "/{agreement_id}.ics",
    response_class=Response,
    responses=documented(404)
    | {
        200: {"content": {"text/calendar": {"schema": {"type": "string"}}}, "headers": ETAG},
        304: {"description": "Unchanged since the ETag that was sent."},
    },
    summary="An agreement as a calendar file",
)
def calendar(
    agreement_id: UUID, desk: Reader, if_none_match: Annotated[str | None, Header()] = None
) -> Response:
    """Return the events that the feeds have of one agreement, with the same UIDs."""
    body = desk.publisher.one_agreement(agreement_id, today=desk.today, now=desk.now)
    headers = {"ETag": weak_etag(body_hash(body)), "Cache-Control": "private, no-cache"}
    if etag_matches(if_none_match, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    headers["Content-Disposition"] = f'inline; filename="{agreement_id}.ics"'
    return Response(body, headers=headers, media_type=CONTENT_TYPE)


@router.get(
    "/{agreement_id:id}",
    response_model=AgreementOut,
    responses=documented(404, 409) | {200: {"headers": ETAG}},
    summary="Read an agreement",
)
def read(
    agreement_id: UUID, desk: Reader, as_of: AsOf = None, known_at: KnownAt = None
) -> Response:
    """Return an agreement as it stands on a day, or as it was on record at a moment."""
    moment, day = moment_or_none(desk, known_at), day_or(desk.today, as_of)
    with desk.reading() as session:
        kept = agreements.kept(open_at(session, agreement_id, moment), day)
    return answer(agreement_out(kept, desk.settings), headers=_etag_of(kept))


@router.patch(
    "/{agreement_id:id}",
    response_model=AgreementOut,
    responses=documented(404, 409, 412, 413, 415, 428) | {200: {"headers": ETAG}},
    summary="Correct an agreement",
)
def change(
    agreement_id: UUID,
    patch: Annotated[AgreementPatch, Body(openapi_examples=PATCH)],
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
    return answer(agreement_out(kept, desk.settings), headers=_etag_of(kept))


@router.delete(
    "/{agreement_id:id}",
    status_code=204,
    responses=documented(404, 409, 412, 428),
    summary="Remove an agreement",
)
def remove(
    agreement_id: UUID,
    desk: Writer,
    reason: Annotated[Line | None, Query(description="Why; kept in the history.")] = None,
    if_match: IfMatch = None,
) -> Response:
    """Take an agreement out of lists and calendars; its facts and its history stay on record."""
    versions = versions_of(if_match)
    with desk.writing() as session:
        agreements.remove(
            session, agreement_id, versions, reason=reason, actor=desk.actor, now=desk.now
        )
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
    known_at: KnownAt = None,
    past: Annotated[Whole, Query(ge=0, le=400, description="The most past terms.")] = 40,
    ahead: Annotated[Whole, Query(ge=0, le=60, description="The most projected terms.")] = 5,
) -> Response:
    """Return past terms with their outcome, the current one, and projected ones.

    Each with the rule in force, and with what was decided, sent and received.
    """
    day, moment = day_or(desk.today, as_of), moment_or_none(desk, known_at)
    with desk.reading() as session:
        told = terms_chain(
            session, agreement_id, as_of=day, past=past, ahead=ahead, known_at=moment
        )
    return answer({"items": [term_out(one) for one in told]})


@router.get(
    "/{agreement_id}/history",
    response_model=History,
    responses=documented(404),
    summary="List who changed an agreement",
)
def history(agreement_id: UUID, desk: Reader, cursor: Cursor = None, limit: Limit = 50) -> Response:
    """Return the changes of an agreement, oldest first; also of one that was removed."""
    (after,) = place_of(cursor, whole_in) or (0,)
    with desk.reading() as session:
        entries = agreements.history(session, agreement_id, after=after, limit=limit + 1)
    items = [_entry_out(entry) for entry in entries[:limit]]
    more = len(entries) > limit
    return answer({"items": items, "next_cursor": cursor_for([items[-1]["id"]] if more else None)})


def _etag_of(kept: Kept) -> dict[str, str]:
    return {"ETag": etag_of(kept.version)}


def _entry_out(entry: Row) -> dict[str, Any]:
    return {
        **{name: entry[name] for name in ("id", "at", "actor_id", "actor_name", "action")},
        "before": _document(entry["before"]),
        "after": _document(entry["after"]),
    }


def _document(text: str | None) -> object:
    return None if text is None else orjson.loads(text)
