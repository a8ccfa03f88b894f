"""GET /feeds/<secret>/<name>.ics: the calendar that people subscribe to.

The secret in the path is the only key: calendar programs can send no other. An
`Authorization` header is ignored (classic Outlook sends an empty one to every calendar).
RFC 9110 rules the validators, RFC 5545 the body.
"""

from email.utils import format_datetime
from typing import Annotated

from fastapi import APIRouter, Header, Request
from fastapi.responses import PlainTextResponse, Response

from app.feeds.ical import CONTENT_TYPE
from app.feeds.validators import not_modified
from app.usecases.feeds import publish
from app.usecases.refusals import NotFound
from app.web.deps import installation_of

router = APIRouter(tags=["feeds"])


@router.api_route(
    "/feeds/{secret}/{name}.ics",
    methods=["GET", "HEAD"],
    response_class=Response,
    responses={
        200: {"content": {"text/calendar": {"schema": {"type": "string"}}}},
        304: {"description": "Unchanged since the validators that were sent."},
        404: {"content": {"text/plain": {"schema": {"type": "string"}}}},
    },
    summary="The calendar at a secret address",
)
def feed(
    secret: str,
    name: str,
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
            today=here.clock.today(),
            now=here.clock.now(),
        )
    except NotFound as refusal:
        return PlainTextResponse(refusal.sentence + "\n", 404)
    headers = {
        "ETag": published.etag,
        "Last-Modified": format_datetime(published.since, usegmt=True),
        "Cache-Control": "private, max-age=300",
        "Vary": "Accept-Encoding",
        "X-Robots-Tag": "noindex",
    }
    if not_modified(
        if_none_match=if_none_match,
        if_modified_since=if_modified_since,
        etag=published.etag,
        last_modified=published.since,
    ):
        return Response(status_code=304, headers=headers)
    return Response(published.body, headers=headers | {"Content-Type": CONTENT_TYPE})


@router.get("/robots.txt", response_class=PlainTextResponse, include_in_schema=False)
def robots() -> str:
    """Let fetchers in: one obeys this file and would not read a calendar otherwise."""
    return "User-agent: *\nDisallow: /api/\n"
