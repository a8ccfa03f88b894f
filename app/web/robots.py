"""Who may fetch by themselves? Fetchers of calendars read this file and obey it."""

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse

router = APIRouter()


@router.get("/robots.txt", response_class=PlainTextResponse, include_in_schema=False)
def robots() -> str:
    """Let fetchers in: one obeys this file and would not read a calendar otherwise."""
    return "User-agent: *\nDisallow: /api/\n"
