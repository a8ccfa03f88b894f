"""GET /feeds/<secret>/<name>.ics: the calendar that people subscribe to.

The secret in the path is the only key: calendar programs can send no other. An
`Authorization` header is ignored (classic Outlook sends an empty one to every calendar).
RFC 9110 rules the validators, RFC 5545 the body.
"""

import logging
from email.utils import format_datetime
from typing import Annotated

from fastapi import APIRouter, Header, Request
from fastapi.responses import PlainTextResponse, Response

from app.feeds.ical import CONTENT_TYPE
from app.feeds.validators import not_modified
from app.records.engine import DatabaseAway
from app.usecases.feeds import Published, publish
from app.usecases.refusals import NotFound
from app.web.deps import installation_of

log = logging.getLogger("noticeboard")

router = APIRouter(tags=["feeds"])

_RETRY = {"Retry-After": "300"}
_TEXT = {"type": "string"}
_VALIDATORS = {
    "ETag": {"required": True, "schema": _TEXT},
    "Last-Modified": {"required": True, "schema": _TEXT},
}


@router.get(
    "/feeds/{secret}/{name}.ics",
    response_class=Response,
    responses={
        200: {"content": {"text/calendar": {"schema": _TEXT}}, "headers": _VALIDATORS},
        304: {"description": "Unchanged since the validators that were sent."},
        404: {"description": "No calendar is here.", "content": {"text/plain": {"schema": _TEXT}}},
        503: {
            "description": "Not at the moment; what was fetched before is still right.",
            "content": {"text/plain": {"schema": _TEXT}},
        },
    },
    summary="The calendar at a secret address",
)
def feed(
    secret: str,
    name: str,  # noqa: ARG001 - for people's eyes: the secret alone opens the calendar
    request: Request,
    if_none_match: Annotated[str | None, Header()] = None,
    if_modified_since: Annotated[str | None, Header()] = None,
) -> Response:
    """Return the calendar that the address opens, or 304 while it is unchanged."""
    here = installation_of(request)
    try:
        published = publish(
            here.database,
            here.bodies,
            secret,
            base_url=here.settings.base_url,
            good_for=here.settings.verification_months,
            today=here.clock.today(),
            now=here.clock.now(),
        )
    except NotFound as refusal:
        return PlainTextResponse(f"{refusal.sentence}\n", 404)
    except DatabaseAway:
        log.exception("a calendar cannot be read: the database is away")
        return PlainTextResponse("The calendar cannot be read now.\n", 503, _RETRY)
    if not_modified(
        if_none_match=if_none_match,
        if_modified_since=if_modified_since,
        etag=published.etag,
        last_modified=published.since,
    ):
        return Response(status_code=304, headers=_headers(published))
    return Response(published.body, headers=_headers(published), media_type=CONTENT_TYPE)


def _headers(published: Published) -> dict[str, str]:
    return {
        "ETag": published.etag,
        "Last-Modified": format_datetime(published.since, usegmt=True),
        "Cache-Control": "private, max-age=300",
        "Vary": "Accept-Encoding",
        "X-Robots-Tag": "noindex",
    }


@router.get("/robots.txt", response_class=PlainTextResponse, include_in_schema=False)
def robots() -> str:
    """Let fetchers in: one obeys this file and would not read a calendar otherwise."""
    return "User-agent: *\nDisallow: /api/\n"
