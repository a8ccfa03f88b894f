"""Does the reader already have the body that we would send, and how does it want it?

When in doubt it does not: an answer too many costs a few bytes, one too few hides a date.
"""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_TAG = r'(?:W/)?"[!#-~\x80-\xff]*"'
# A list may have empty members (RFC 9110, section 5.6.1.2) and commas inside its tags.
_TAG_LIST = re.compile(rf"[ \t,]*(?:{_TAG}[ \t]*(?:,[ \t,]*|\Z))*")
_REFUSED = re.compile(r"q[ \t]*=[ \t]*0(\.0{0,3})?")
_OPAQUE_TAG = re.compile(r'"[^"]*"')


def etag_matches(if_none_match: str | None, etag: str) -> bool:
    """Tell whether an If-None-Match field names `etag` (RFC 9110, section 13.1.2).

    Tags are compared weakly: `W/` does not count on either side. `*` matches whatever
    there is; a field that breaks the grammar matches nothing, and so does None.
    """
    if if_none_match is None:
        return False
    if if_none_match.strip(" \t") == "*":
        return True
    if not _TAG_LIST.fullmatch(if_none_match):
        return False
    return etag.removeprefix("W/") in _OPAQUE_TAG.findall(if_none_match)


def accepts_gzip(accept_encoding: str | None) -> bool:
    """Tell whether an Accept-Encoding field asks for gzip (RFC 9110, section 12.5.3).

    A program that asks for nothing gets the plain bytes: some fail on compressed ones.
    """
    for coding in (accept_encoding or "").lower().split(","):
        name, _, weight = coding.partition(";")
        if name.strip() in {"gzip", "x-gzip"}:
            return not _REFUSED.fullmatch(weight.strip())
    return False


def not_modified(
    *,
    if_none_match: str | None,
    if_modified_since: str | None,
    etag: str,
    last_modified: datetime,
) -> bool:
    """Tell whether the answer to a GET or HEAD is 304 (RFC 9110, section 13.2.2).

    The first two are the request's fields as received, None where absent; `etag` and
    `last_modified` (aware, in UTC) are the body's own. If-None-Match makes
    If-Modified-Since void, even when it matches nothing (section 13.1.3).
    """
    if if_none_match is not None:
        return etag_matches(if_none_match, etag)
    if if_modified_since is None:
        return False
    since = _instant(if_modified_since)
    # HTTP knows whole seconds only: the reader was sent ours without its fraction.
    return since is not None and last_modified.replace(microsecond=0) <= since


def _instant(http_date: str) -> datetime | None:
    try:
        instant = parsedate_to_datetime(http_date)
    except (ValueError, OverflowError):
        return None
    if instant.tzinfo is not None:
        return instant
    # Of the three forms (RFC 9110, section 5.6.7) only asctime names no zone, and it has
    # no comma; with one, this is a list or something else that is no date.
    return None if "," in http_date else instant.replace(tzinfo=UTC)
