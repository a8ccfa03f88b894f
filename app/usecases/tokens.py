"""Who may do what? Tokens of the API: hand out, look up, take back."""

from datetime import datetime
from uuid import UUID, uuid4

from app import credentials
from app.credentials import Opens
from app.records import register, tokens
from app.records.engine import Row, Session
from app.usecases.agreements import Actor, note_change
from app.usecases.refusals import NotFound

ROLES = ("viewer", "it", "procurement", "admin")


def mint(
    session: Session, name: str, role: str, *, actor: Actor, now: datetime
) -> tuple[UUID, str]:
    """Keep a new token and return its id and its secret, which is shown this once."""
    token_id, secret = uuid4(), credentials.mint(Opens.API)
    row = {
        "id": token_id,
        "name": name,
        "role": role,
        "secret_hash": credentials.digest(secret),
        "created_at": now,
        "revoked_at": None,
    }
    tokens.add(session, row)
    note_change(session, actor, now, "token minted", token_id, None, f"{role}: {name}")
    return token_id, secret


def holder(session: Session, secret: str) -> Actor | None:
    """Return whose token this is; None for one that is malformed, unknown or revoked."""
    if not credentials.is_well_formed(secret, Opens.API):
        return None
    row = tokens.valid_by_hash(session, credentials.digest(secret))
    return None if row is None else Actor(row["id"], row["name"], row["role"])


def every(session: Session) -> list[Row]:
    """Return all tokens, revoked ones too, without their secrets."""
    return tokens.every(session)


def revoke(session: Session, token_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Make a token invalid at once. Raises `NotFound`."""
    register.lock(session)  # two who take it back at once would both be written down
    row = tokens.by_id(session, token_id)
    if row is None:
        raise NotFound("There is no token with this id.")
    if row["revoked_at"] is None:
        tokens.revoke(session, token_id, now)
        note_change(session, actor, now, "token revoked", token_id, row["name"], None)
