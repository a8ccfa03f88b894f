"""Tokens over HTTP: hand out, list without secrets, take back."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Body, Response
from pydantic import BaseModel, ConfigDict, Field

from app.usecases import tokens
from app.usecases.forms import Line
from app.web.api.examples import TOKEN
from app.web.api.shapes import answer
from app.web.deps import Administrator, GuardedRoute
from app.web.errors import documented

router = APIRouter(
    prefix="/api/v1/tokens",
    tags=["tokens"],
    route_class=GuardedRoute,
    responses=documented(401, 403, 422, 503),
)

Role = Literal["viewer", "it", "procurement", "admin"]


class TokenForm(BaseModel):
    """A token to be handed out."""

    model_config = ConfigDict(extra="forbid", strict=True)

    name: Line = Field(description="Whose it is, or what for.", examples=["Purchasing import"])
    role: Role


class TokenOut(BaseModel):
    """A token, without its secret."""

    id: UUID
    name: str
    role: Role
    created_at: datetime
    revoked_at: datetime | None


class NewToken(TokenOut):
    """A new token with its secret, which is shown this once."""

    token: str = Field(description="Keep it now: it is stored as a hash only.")


class TokenList(BaseModel):
    """All tokens, oldest first."""

    items: list[TokenOut]


@router.post(
    "",
    status_code=201,
    response_model=NewToken,
    responses=documented(413, 415),
    summary="Mint a token",
)
def mint(form: Annotated[TokenForm, Body(openapi_examples=TOKEN)], desk: Administrator) -> Response:
    """Hand out a new token; its secret is in this answer and nowhere else."""
    with desk.writing() as session:
        token_id, secret = tokens.mint(
            session, form.name, form.role, actor=desk.actor, now=desk.now
        )
    shown = {"id": token_id, "name": form.name, "role": form.role, "created_at": desk.now}
    return answer({**shown, "revoked_at": None, "token": secret}, 201)


@router.get("", response_model=TokenList, summary="List tokens")
def every(desk: Administrator) -> Response:
    """Return all tokens, revoked ones too, without their secrets."""
    with desk.reading() as session:
        rows = tokens.every(session)
    return answer({"items": [dict(row) for row in rows]})


@router.delete("/{token_id}", status_code=204, responses=documented(404), summary="Revoke a token")
def revoke(token_id: UUID, desk: Administrator) -> Response:
    """Make a token invalid from the next request on."""
    with desk.writing() as session:
        tokens.revoke(session, token_id, actor=desk.actor, now=desk.now)
    return Response(status_code=204)
