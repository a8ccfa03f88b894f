"""Which amount does a cell mean, and in which currency?

Whether 1.200 is more than a thousand is asked once for a file (see `votes`).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar, Literal

from app.usecases.columns import BadCell
from app.usecases.foreign.votes import Votes

Mark = Literal["point", "comma"]

_BOTH: frozenset[Mark] = frozenset({"point", "comma"})
_SYMBOLS: Mapping[str, str | None] = {
    "US$": "USD",
    "CA$": "CAD",
    "C$": "CAD",
    "AU$": "AUD",
    "A$": "AUD",
    "NZ$": "NZD",
    "R$": "BRL",
    "HK$": "HKD",
    "S$": "SGD",
    "€": "EUR",
    "£": "GBP",
    "₹": "INR",
    "₽": "RUB",
    "₺": "TRY",
    "₩": "KRW",
    "₴": "UAH",
    "zł": "PLN",
    "Kč": "CZK",
    "Fr.": "CHF",
    "SFr.": "CHF",
    # Several countries have these.
    "$": None,
    "¥": None,
    "kr.": None,
    "kr": None,
}
"""What currency a symbol means; None where several countries have it."""

_CURRENCY = "|".join(map(re.escape, sorted(_SYMBOLS, key=len, reverse=True))) + "|[A-Za-z]{3}"
_AMOUNT = re.compile(
    rf"(?P<before>{_CURRENCY})?\s*(?P<digits>[0-9][0-9.,'\u2019\s]*)(?:[-\u2013\u2014]{{1,2}})?\s*"
    rf"(?P<after>{_CURRENCY})?"
)
_SPACES = re.compile(r"[\s'\u2019]")
_DECIMALS = 4
_GROUPED: Mapping[Mark, tuple[str, str]] = {"point": (",", "."), "comma": (".", ",")}
_WHOLE = {
    group: re.compile(
        # Thousands, or lakhs and crores: groups of two before the last three.
        rf"[0-9]+|[1-9][0-9]{{0,2}}(?:{re.escape(group)}[0-9]{{3}})+"
        rf"|[1-9][0-9]?(?:{re.escape(group)}[0-9]{{2}})+{re.escape(group)}[0-9]{{3}}"
    )
    for group in (",", ".")
}
_SPACED = re.compile(r"[0-9]+|[1-9][0-9]{0,2}(?:[\s'\u2019][0-9]{3})+")
_LONGEST = 15
_LONGEST_TEXT = 100
"""Characters of the longest text that can be an amount, with blanks."""


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount with at most four decimals after a point; its currency where the cell says it."""

    value: str
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class AmountQuestion:
    """What has to be asked: is the mark before three digits for decimals or for thousands?

    `count` cells are like the example; `speak` is how many others can be read in one way only.
    """

    column: str
    row: int
    text: str
    as_point: str
    as_comma: str
    count: int
    speak: Mapping[Mark, int]
    setting: ClassVar[str] = "decimal_mark"
    choices: ClassVar[tuple[str, ...]] = ("point", "comma")

    @property
    def sentence(self) -> str:
        """The question in words, with the way to answer it."""
        also = " (others in the file are written in both ways)" if self.speak else ""
        return (
            f"{self.text} in row {self.row} may be {self.as_point} or {self.as_comma},"
            f" like {self.count} cells in all{also}: say what stands before decimals with"
            " decimal_mark, point or comma"
        )


class AmountVotes:
    """Collects the amounts of one file, and tells which decimal mark it has."""

    def __init__(self) -> None:
        self._votes: Votes[Mark] = Votes(marks_of, is_ambiguous)

    def add(self, column: str, row: int, text: str) -> None:
        """Take a cell into account."""
        self._votes.add(column, row, text)

    @property
    def order(self) -> Mark | None:
        """Which decimal mark the file has; None where nothing depends on it, or all does."""
        return self._votes.winner

    @property
    def question(self) -> AmountQuestion | None:
        """What has to be asked, if something has."""
        if not self._votes.is_undecided or self._votes.example is None:
            return None
        column, row, text = self._votes.example
        return AmountQuestion(
            column=column,
            row=row,
            text=text,
            as_point=read_amount(text, "point").value,
            as_comma=read_amount(text, "comma").value,
            count=self._votes.open,
            speak=self._votes.decided,
        )


def marks_of(text: str) -> frozenset[Mark]:
    """Return with which decimal marks a text is an amount; both where that does not matter."""
    return frozenset(mark for mark in ("point", "comma") if _amount(text, mark) is not None)


def is_ambiguous(text: str) -> bool:
    """Tell whether a text is one amount with one decimal mark and another with the other."""
    return marks_of(text) == _BOTH and _amount(text, "point") != _amount(text, "comma")


def read_amount(text: str, mark: Mark | None) -> Amount:
    """Return the amount that a text means, with a decimal mark if that matters.

    Raises `BadCell` for what is no amount, for negative ones, and for one that is another with
    the other mark while none is given.
    """
    text = text.strip()
    if mark is None and is_ambiguous(text):
        message = "may be one amount or another; say with decimal_mark what stands before decimals"
        raise BadCell(message)
    found = _amount(text, mark or "point") or (_amount(text, "comma") if mark is None else None)
    if found is None:
        message = "must be one amount, not negative, with at most four decimals, such as 1200.50"
        raise BadCell(message)
    return found


def currency_of(symbol: str) -> str | None:
    """Return the currency that a symbol stands for, None where that is no one currency."""
    return _SYMBOLS.get(symbol)


def _amount(text: str, mark: Mark) -> Amount | None:
    return _short_amount(text, mark) if len(text) <= _LONGEST_TEXT else None


@lru_cache(maxsize=4096)
def _short_amount(text: str, mark: Mark) -> Amount | None:
    match = _AMOUNT.fullmatch(text)
    if match is None or (match["before"] and match["after"]):
        return None
    digits = _plain_digits(match["digits"].strip(), mark)
    if digits is None:
        return None
    symbol = match["before"] or match["after"]
    currency = None if symbol is None else _SYMBOLS.get(symbol, symbol.upper())
    return Amount(digits, currency)


def _plain_digits(text: str, mark: Mark) -> str | None:
    group, decimal = _GROUPED[mark]
    whole, found, part = text.partition(decimal)
    if (found and (not part.isdigit() and part != "")) or decimal in part:
        return None
    if _SPACES.search(whole):
        if not _SPACED.fullmatch(whole):
            return None
        whole = _SPACES.sub("", whole)
    elif not _WHOLE[group].fullmatch(whole):
        return None
    whole = whole.replace(group, "")
    if len(part) > _DECIMALS:
        part = part.rstrip("0")
    if len(part) > _DECIMALS or len(whole) > _LONGEST:
        return None
    return f"{whole}.{part}" if part else whole
