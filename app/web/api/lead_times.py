"""The lead-time policy over HTTP: read, and put another in its place."""

from dataclasses import asdict
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Body, Header, Response
from pydantic import BaseModel

from app.usecases import lead_times
from app.usecases.lead_times import LeadTimeRow, LeadTimeRows
from app.usecases.usual_leads import KeptPolicy, current
from app.web.api.examples import LEAD_TIMES
from app.web.api.preconditions import ETAG, etag_of, versions_of
from app.web.api.shapes import answer
from app.web.deps import Administrator, GuardedRoute, Reader
from app.web.errors import documented

router = APIRouter(
    prefix="/api/v1/lead-times",
    tags=["lead times"],
    route_class=GuardedRoute,
    responses=documented(401, 403, 409, 422, 503),
)


class LeadTimesOut(BaseModel):
    """The policy; the first row that matches an agreement gives its lead time."""

    version: int
    rows: list[LeadTimeRow]


@router.get(
    "",
    response_model=LeadTimesOut,
    responses={200: {"headers": ETAG}},
    summary="Read the lead-time policy",
)
def read(desk: Reader) -> Response:
    """Return how early an agreement without `lead_days` is prepared."""
    with desk.reading() as session:
        kept = current(session)
    return _answer(kept)


@router.put(
    "",
    response_model=LeadTimesOut,
    responses=documented(412, 413, 415, 428) | {200: {"headers": ETAG}},
    summary="Replace the lead-time policy",
)
def replace(
    form: Annotated[LeadTimeRows, Body(openapi_examples=LEAD_TIMES)],
    desk: Administrator,
    if_match: Annotated[
        str | None,
        Header(description="Needed: the ETag the policy was read with.", examples=['"1"']),
    ] = None,
) -> Response:
    """Put these rows in the place of all old ones, and work out every agreement's dates anew."""
    versions = versions_of(if_match)
    with desk.writing() as session:
        kept = lead_times.replace(session, form, versions, actor=desk.actor, now=desk.now)
    return _answer(kept)


def _answer(kept: KeptPolicy) -> Response:
    rows = [
        {name: str(v) if isinstance(v, Decimal) else v for name, v in asdict(row).items()}
        for row in kept.policy.rows
    ]
    return answer({"version": kept.version, "rows": rows}, headers={"ETag": etag_of(kept.version)})
