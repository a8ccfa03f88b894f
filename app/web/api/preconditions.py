"""Is it still the version that was read? ETag and If-Match (RFC 9110 13.1.1)."""

import re
from typing import Annotated

from fastapi import Header
from starlette.exceptions import HTTPException

IfMatch = Annotated[
    str | None,
    Header(description="Needed: the ETag the agreement was read with.", examples=['"1"']),
]
ETAG = {"ETag": {"required": True, "description": "Its version.", "schema": {"type": "string"}}}
"""How an answer with an ETag is documented."""

_OWN_ETAG = re.compile(r'"([0-9]{1,9})"')


class _AnyVersion(frozenset[int]):
    """What `If-Match: *` asks for: whatever version there is."""

    def __contains__(self, version: object) -> bool:
        return True


def etag_of(version: int) -> str:
    """Return the strong ETag of a version."""
    return f'"{version}"'


def versions_of(if_match: str | None) -> frozenset[int]:
    """Return the versions that If-Match allows; weak tags never match.

    Raises 428 without the header (RFC 6585).
    """
    if if_match is None:
        sentence = "Send If-Match with the ETag you read, so that nobody's change is lost."
        raise HTTPException(428, sentence)
    if if_match.strip() == "*":
        return _AnyVersion()
    tags = (_OWN_ETAG.fullmatch(tag.strip()) for tag in if_match.split(","))
    return frozenset(int(tag[1]) for tag in tags if tag is not None)
