"""How are secrets minted, recognised and compared? API tokens and feed addresses alike.

A secret is a prefix that says what it opens, 30 random base-62 characters (178 bits) and
six characters of checksum, so that a scanner can tell a leaked one without a look-up:
`nb(api|feed)_[0-9A-Za-z]{36}`. Only its SHA-256 is stored: at that length a plain hash
cannot be searched.
"""

import hashlib
import re
import secrets
import string
import zlib
from enum import StrEnum

_ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
_RANDOM_LENGTH = 30
_CHECKSUM_LENGTH = 6


class Opens(StrEnum):
    """What a secret opens; its value is the secret's prefix."""

    API = "nbapi_"
    FEED = "nbfeed_"


_SHAPE = re.compile(
    rf"({Opens.API}|{Opens.FEED})([0-9A-Za-z]{{{_RANDOM_LENGTH}}})([0-9A-Za-z]{{6}})"
)


def mint(opens: Opens) -> str:
    """Return a new secret. It is shown once, by whoever asked for it."""
    body = "".join(secrets.choice(_ALPHABET) for _ in range(_RANDOM_LENGTH))
    return f"{opens}{body}{_checksum(opens + body)}"


def is_well_formed(secret: str, opens: Opens) -> bool:
    """Tell whether `secret` can be one of ours that opens `opens`; costs no look-up."""
    match = _SHAPE.fullmatch(secret)
    if match is None or match[1] != opens:
        return False
    return secrets.compare_digest(match[3], _checksum(match[1] + match[2]))


def digest(secret: str) -> str:
    """Return the SHA-256 of a secret in hexadecimal: what is stored and looked up."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _checksum(text: str) -> str:
    number, characters = zlib.crc32(text.encode()), ""
    for _ in range(_CHECKSUM_LENGTH):
        number, digit = divmod(number, len(_ALPHABET))
        characters = _ALPHABET[digit] + characters
    return characters
