"""What extensions does a notice state in words? Only those that can be read in one way.

"2 x 12 months" states how many and how long; "up to 24 months" states neither, and a text
with two readings has none. Then nothing is returned, and somebody has to read the contract.
"""

import re
from dataclasses import dataclass

from app.usecases.foreign.lengths import Length

_NUMBERS = {
    word: number
    for number, words in {
        1: ("one", "once", "a", "an"),
        2: ("two", "twice"),
        3: ("three",),
        4: ("four",),
        5: ("five",),
        6: ("six",),
        12: ("twelve",),
        18: ("eighteen",),
        24: ("twenty-four",),
        36: ("thirty-six",),
    }.items()
    for word in words
}
_LONGEST = 5_000
"""Characters that are looked at; a text with more is no clause."""

_WORD = "|".join(sorted(_NUMBERS.keys() - {"once", "twice", "a", "an"}, key=len, reverse=True))
_AGAIN = r"(?:\s*\(\w+\))?"  # as in "two (2)"
_COUNT = rf"\b(?P<count>[0-9]{{1,2}}|{_WORD}){_AGAIN}"
_LENGTH = rf"(?P<value>[0-9]{{1,3}}|{_WORD}){_AGAIN}[\s-]*(?P<unit>day|week|month|year)s?\b"
_EXTENSIONS = r"(?:periods?|extensions?|renewals?|terms?)"
_ALONE = rf"(?!\s*(?:{_EXTENSIONS}|increments?|each|at a time))"
_EXTENDED = r"\b(?:extend|extended|extension|renew|renewed|renewal|prolong|prolonged)\s+"
_PERIOD = r"(?:further\s+|additional\s+)?period\s+of"
_OFTEN = rf"(?:(?P<count>once|twice)|(?P<times>[0-9]{{1,2}}|{_WORD}){_AGAIN}\s+times)"
_FURTHER = rf"(?:(?:an?\s+)?(?:further|additional|{_PERIOD})\s+)?"
_ONE_MORE = (
    rf"{_EXTENDED}(?:[a-z]+\s+){{0,3}}?(?:by|for|of)\s+(?P<count>a|an|one)\s+"
    rf"(?:further|additional|{_PERIOD})\s+"
)
_CLAUSES = (
    rf"{_COUNT}\s*[x\u00d7*]\s*{_LENGTH}",
    rf"{_COUNT}\s+(?:[a-z]+\s+){{0,2}}{_EXTENSIONS}\s+of\s+{_LENGTH}",
    rf"{_COUNT}\s+(?:[a-z]+\s+){{0,2}}{_LENGTH}\s+{_EXTENSIONS}",
    rf"{_EXTENDED}{_OFTEN}\s+(?:by|for)\s+{_FURTHER}{_LENGTH}",
    rf"{_ONE_MORE}{_LENGTH}{_ALONE}",
)
_PATTERNS = [re.compile(clause, re.IGNORECASE) for clause in _CLAUSES]
_DENIED = re.compile(r"\b(?:no|not|cannot|without|never)\b", re.IGNORECASE)
_ABOUT_TIME = re.compile(r"\b(?:exten[ds]|renew|prolong)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Extensions:
    """So many extensions, each of this length, which has `value` and `unit`."""

    count: int
    length: Length


def extensions_in(text: str) -> Extensions | None:
    """Return what extensions a text states; None when it states none, or none clearly."""
    if len(text) > _LONGEST or _DENIED.search(text) or not _ABOUT_TIME.search(text):
        return None
    found = [_read(match) for pattern in _PATTERNS for match in pattern.finditer(text)]
    first = next(iter(found), None)
    if first is None or any(other != first for other in found):
        return None
    return first if first.count and first.length["value"] else None


def _read(match: re.Match[str]) -> Extensions:
    said = match.groupdict()
    count = said["count"] or said["times"]
    unit = f"{said['unit'].lower()}s"
    return Extensions(_number(count), {"value": _number(said["value"]), "unit": unit})


def _number(text: str) -> int:
    return int(text) if text.isdecimal() else _NUMBERS[text.lower()]
