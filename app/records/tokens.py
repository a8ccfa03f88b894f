"""Which API tokens are there, and whose is this one?"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, insert, select, update

from app.records.engine import Row, Session, row, rows
from app.records.tables import Token

_SHOWN = (Token.id, Token.name, Token.role, Token.created_at, Token.revoked_at)


def add(session: Session, row: Row) -> None:
    """Keep a new token."""
    session.execute(insert(Token).values(**row))


_VALID_BY_HASH = select(Token.id, Token.name, Token.role).where(
    Token.secret_hash == bindparam("secret_hash"), Token.revoked_at.is_(None)
)


def valid_by_hash(session: Session, secret_hash: str) -> Row | None:
    """Return the token with this hash, unless it was revoked."""
    return row(session.execute(_VALID_BY_HASH, {"secret_hash": secret_hash}))


def by_id(session: Session, token_id: UUID) -> Row | None:
    """Return one token, without its hash."""
    found = session.execute(select(*_SHOWN).where(Token.id == token_id))
    return row(found)


def every(session: Session) -> list[Row]:
    """Return all tokens, oldest first, without their hashes."""
    found = session.execute(select(*_SHOWN).order_by(Token.created_at, Token.id))
    return rows(found)


def revoke(session: Session, token_id: UUID, at: datetime) -> None:
    """Make a token invalid from now on; revoking again changes nothing."""
    session.execute(
        update(Token).where(Token.id == token_id, Token.revoked_at.is_(None)).values(revoked_at=at)
    )
