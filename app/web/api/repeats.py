"""Was this request sent before? POST with an Idempotency-Key is done once."""

import hashlib
from collections.abc import Callable
from typing import Annotated

from fastapi import Header, Response

from app.records.engine import Session
from app.usecases.answers import Answer, once
from app.web.deps import Desk

IdempotencyKey = Annotated[
    str | None,
    Header(
        min_length=1,
        max_length=255,
        pattern="^[!-~]+$",
        description="A name for this request; sending it again repeats the first answer.",
        examples=["8e03978e-40d5-43dd-bc93-6894a57f9324"],
    ),
]


def done_once(
    desk: Desk, key: str | None, request: str, do: Callable[[Session], Answer]
) -> Response:
    """Do a request in one transaction, once under its key; `request` tells requests apart."""
    with desk.writing() as session:
        if key is None or desk.actor.id is None:
            done = do(session)
        else:
            request_hash = hashlib.sha256(request.encode()).hexdigest()
            done = once(
                session, desk.actor.id, key, request_hash, lambda: do(session), now=desk.now
            )
    return Response(done.body, done.status, done.headers, "application/json")
