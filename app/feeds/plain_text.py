"""Which characters may a calendar program be shown?

Names and titles come from many hands. What is let through here passes every reader that
was tried; what is not would cut a title short, or make a reader refuse the whole file.
"""

import re
from urllib.parse import quote

# Controls that mean no space, lone surrogates and noncharacters; and the marks that turn
# the reading order around, with which a title could pose as another text.
_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef"
    + "".join(
        f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0, 0x110000, 0x10000)
    )
    + "]"
)

# All that a URI may hold (RFC 3986, section 2) but comma and semicolon, at which some
# readers split; a percent sign stays, so that what is encoded is not encoded twice.
_IN_A_URL = "%:/?#[]@!$&'()*+="


def one_line(text: str) -> str:
    r"""Return `text` on one line and without anything that calendar programs trip over.

    White space of any kind becomes single spaces, none at the ends. A backslash becomes a
    slash: half the readers take the `\N` of `C:\New` for a line break, however escaped.
    """
    return " ".join(_UNPRINTABLE.sub("", text).replace("\\", "/").split())


def clip(text: str, limit: int) -> str:
    """Return `text` in at most `limit` characters; what is cut ends in an ellipsis."""
    return text if len(text) <= limit else f"{text[: limit - 1].rstrip()}…"


def plain_url(url: str) -> str:
    """Return `url` in ASCII, without comma, semicolon, space or control."""
    return quote(one_line(url), safe=_IN_A_URL)
