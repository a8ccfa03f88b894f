"""Is the server alive, and can it do its work?"""

from typing import Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from app.usecases.operation import is_ready
from app.web.deps import installation_of

router = APIRouter(tags=["health"])


class Health(BaseModel):
    """How the server is."""

    status: Literal["ok", "unavailable"]


@router.get("/healthz", summary="Is it alive?")
async def healthz() -> Health:
    """Answer without touching the database."""
    return Health(status="ok")


@router.get("/readyz", responses={503: {"model": Health}}, summary="Can it do its work?")
def readyz(request: Request, response: Response) -> Health:
    """Answer 503 while the database cannot be reached or does not fit this release."""
    if is_ready(installation_of(request).database):
        return Health(status="ok")
    response.status_code = 503
    return Health(status="unavailable")
