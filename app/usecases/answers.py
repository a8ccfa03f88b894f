"""How is a request that is sent twice done once? By its Idempotency-Key.

The first answer is kept in the transaction of the work itself, so that a retry after a
crash finds both or neither. Keys belong to a token and are kept for a day.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from app.records import answers
from app.records.engine import Session
from app.usecases.refusals import KeyReused

_KEPT_FOR = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request is answered with: a status, headers and a JSON body."""

    status: int
    body: str
    headers: dict[str, str] = field(default_factory=dict)


def once(
    session: Session,
    token_id: UUID,
    key: str,
    request_hash: str,
    do: Callable[[], Answer],
    *,
    now: datetime,
) -> Answer:
    """Do what is asked and keep the answer, or repeat the answer kept under the key.

    Raises `KeyReused` when the key was used for another request; what `do` raises undoes
    the whole transaction, the claimed key with it.
    """
    answers.forget_before(session, token_id, key, now - _KEPT_FOR)
    claimed = answers.claim(
        session,
        {
            "token_id": token_id,
            "key": key,
            "request_hash": request_hash,
            "status": 0,
            "headers": "{}",
            "body": "",
            "created_at": now,
        },
    )
    if claimed:
        answer = do()
        kept = {
            "status": answer.status,
            "headers": json.dumps(answer.headers),
            "body": answer.body,
        }
        answers.keep(session, token_id, key, kept)
        return answer
    first = answers.find(session, token_id, key)
    if first is None or first["request_hash"] != request_hash:
        raise KeyReused("This Idempotency-Key was used for another request: use a new key.")
    return Answer(first["status"], first["body"], json.loads(first["headers"]))
