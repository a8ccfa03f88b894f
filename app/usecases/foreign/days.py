"""Which day does a cell mean that somebody else wrote, and does it mean one at all?

A day is taken as it is written: a time and a zone behind it are cut off, never converted, and
a day that no calendar has is refused, never rolled over. Whether 03/04 is in March or in April
is asked once for a file (see `votes`).
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import ClassVar, Literal

from app.renewals.bad_terms import BadTerms
from app.renewals.clauses import FIRST_YEAR, LAST_YEAR, check_day
from app.renewals.reasons import say_day
from app.usecases.columns import BadCell
from app.usecases.foreign.votes import Votes

DayOrder = Literal["dmy", "mdy"]
OpenEnd = Literal["perpetual", "evergreen", "month_to_month", "unknown"]


_TIME = (
    r"(?:[T ,]+[0-9]{1,2}[:.h][0-9]{2}(?:[:.][0-9]{2}(?:[.,][0-9]+)?)?"
    r"\s*(?:[AaPp]\.?[Mm]\.?)?\s*(?:Z|UTC|GMT|[+-][0-9]{2}:?[0-9]{2})?)?"
)
_YEAR_FIRST = re.compile(rf"([0-9]{{4}})([-/.])([0-9]{{1,2}})\2([0-9]{{1,2}}){_TIME}")
_COMPACT = re.compile(r"(19[7-9][0-9]|2[01][0-9]{2}|9999)([0-9]{2})([0-9]{2})")
_YEAR_LAST = re.compile(
    rf"([0-9]{{1,2}})([-/. ])\s?([0-9]{{1,2}})\2\s?([0-9]{{4}}|[0-9]{{2}}){_TIME}"
)
_NAMED = re.compile(r"[^\W\d_]")
_SERIAL = re.compile(r"([2-7][0-9]{4}|80000)(?:[.,][0-9]+)?")
_ONLY_MONTH = re.compile(r"[0-9]{4}([-/.][0-9]{1,2})?|[0-9]{1,2}[-/.][0-9]{4}")
_DAY_ZERO = date(1899, 12, 30)
"""From which spreadsheets count; they take 1900 for a leap year, which matters before March."""

_LONGEST = 100
"""Characters of the longest text that can be a day."""
_FIRST_YEAR_OF_NO_END = 2099
_CENTURY_FROM = 69
"""Two digits from here on are 19xx, as POSIX reads them."""

_MONTHS: Mapping[str, str] = {
    "1": "january jan januar janner jan janvier janv enero ene janeiro gennaio gen januari",
    "2": "february feb februar fevrier fevr fev febrero fevereiro febbraio februari",
    "3": "march mar marz mrz mars marzo marco maart mrt",
    "4": "april apr avril avr abril abr aprile",
    "5": "may mai mayo maio maggio mag mei",
    "6": "june jun juni juin junio junho giugno giu",
    "7": "july jul juli juillet juil julio julho luglio lug",
    "8": "august aug aout agosto ago augustus",
    "9": "september sep sept septembre septiembre setembro set settembre",
    "10": "october oct oktober okt octobre octubre outubro out ottobre ott",
    "11": "november nov novembre noviembre novembro",
    "12": "december dec dezember dez decembre diciembre dic dezembro dicembre",
}
_MONTH_OF = {name: int(number) for number, names in _MONTHS.items() for name in names.split()}
_WEEKDAYS = {
    name
    for language in (
        "mon monday tue tues tuesday wed wednesday thu thur thurs thursday fri friday",
        "sat saturday sun sunday",
        "montag mo dienstag di mittwoch mi donnerstag do freitag fr samstag sa sonntag so",
        "lundi mardi mercredi jeudi vendredi samedi dimanche",
    )
    for name in language.split()
}
_FILLERS = frozenset({"de", "del", "of", "the", "den", "le", "di", "do"})
_DAY_OR_YEAR = re.compile(r"([0-9]{1,2})(?:st|nd|rd|th|er|o|a)?|([0-9]{4})")

_OPEN_ENDS: Mapping[OpenEnd, str] = {
    "unknown": (
        "tbc,tbd,n a,na,none,unknown,not known,not stated,to be confirmed,to be determined,"
        "to be agreed,unbekannt,offen,k a,keine angabe,inconnu,a definir,null,nan,pending"
    ),
    "evergreen": (
        "ongoing,on going,open,open ended,open end,until terminated,until further notice,"
        "until cancelled,indefinite,indefinitely,no end,no end date,rolling,evergreen,continuous,"
        "unbefristet,bis auf weiteres,unbestimmt,auf unbestimmte zeit,indeterminee,"
        "duree indeterminee,indetermine,indeterminado,indefinido,prazo indeterminado,"
        "indeterminato,tempo indeterminato,onbepaald,onbepaalde tijd"
    ),
    "month_to_month": (
        "mo to mo,month to month,m2m,mtm,m t m,monthly,month by month,monatlich,"
        "monatlich kundbar,mensuel,mensual,mensal,mes a mes"
    ),
    "perpetual": (
        "perpetual,lifetime,life time,forever,permanent,dauerhaft,zeitlich unbegrenzt,perpetuelle,"
        "perpetuel,a vie,perpetuo,perpetua,vitalicio,eeuwigdurend"
    ),
}
_OPEN_END_OF: dict[str, OpenEnd] = {
    words: kind for kind, listed in _OPEN_ENDS.items() for words in listed.split(",")
}
_NO_LETTERS = re.compile(r"[\s\-\u2013\u2014?./_*]*")
_LAST_OF_99 = re.compile(rf"(12[-/.]31|31[-/.]12)[-/.]99{_TIME}")


@dataclass(frozen=True, slots=True)
class DayQuestion:
    """What has to be asked: is it the day or the month that stands first?

    `count` cells are like the example; `speak` is how many others can be read in one order only.
    """

    column: str
    row: int
    text: str
    as_dmy: date
    as_mdy: date
    count: int
    speak: Mapping[DayOrder, int]
    setting: ClassVar[str] = "day_order"
    choices: ClassVar[tuple[str, ...]] = ("dmy", "mdy")

    @property
    def sentence(self) -> str:
        """The question in words, with the way to answer it."""
        also = " (others in the file are written in both orders)" if self.speak else ""
        return (
            f"{self.text} in row {self.row} may be {say_day(self.as_dmy)} or"
            f" {say_day(self.as_mdy)}, like {self.count} cells in all{also}:"
            " say which with day_order, dmy or mdy"
        )


class DayVotes:
    """Collects the day cells of one file, and tells in which order they are written."""

    def __init__(self) -> None:
        self._votes: Votes[DayOrder] = Votes(orders_of, is_ambiguous)

    def add(self, column: str, row: int, text: str) -> None:
        """Take a cell into account."""
        self._votes.add(column, row, text)

    @property
    def order(self) -> DayOrder | None:
        """In which order the file is written; None where nothing depends on it, or all does."""
        return self._votes.winner

    @property
    def question(self) -> DayQuestion | None:
        """What has to be asked, if something has."""
        if not self._votes.is_undecided or self._votes.example is None:
            return None
        column, row, text = self._votes.example
        return DayQuestion(
            column=column,
            row=row,
            text=text,
            as_dmy=read_day(text, "dmy"),
            as_mdy=read_day(text, "mdy"),
            count=self._votes.open,
            speak=self._votes.decided,
        )


def orders_of(text: str) -> frozenset[DayOrder]:
    """Return in which orders a text is a day of the calendar; both where order does not matter."""
    return frozenset(order for order in ("dmy", "mdy") if _day(text, order) is not None)


def is_ambiguous(text: str) -> bool:
    """Tell whether a text is one day in one order and another day in the other."""
    as_dmy, as_mdy = _day(text, "dmy"), _day(text, "mdy")
    if as_dmy is None or as_mdy is None or as_dmy == as_mdy:
        return False
    return FIRST_YEAR <= as_dmy.year <= LAST_YEAR  # any other is refused in both


def read_day(text: str, order: DayOrder | None) -> date:
    """Return the day that a text means, in an order if that matters.

    Raises `BadCell` for what is no day, for a day that no calendar has, and for one that is
    another in the other order while none is given.
    """
    text = text.strip()
    if order is None and is_ambiguous(text):
        message = "may be one day or another; say which with day_order, dmy or mdy"
        raise BadCell(message)
    found = _day(text, order or "dmy") or (_day(text, "mdy") if order is None else None)
    if found is None:
        raise BadCell(_why_not(text, order))
    try:
        check_day("", found)
    except BadTerms as bad:
        raise BadCell(bad.rule) from None
    return found


def open_end(text: str) -> OpenEnd | None:
    """Return what stands in the place of an end; None where something else does, say a day."""
    text = text.strip()
    if _NO_LETTERS.fullmatch(text):
        return "unknown"
    if _LAST_OF_99.fullmatch(text) or _is_far(text):
        return "evergreen"
    return _OPEN_END_OF.get(_bare(text))


def _is_far(text: str) -> bool:
    # Nobody signs for so long: it is a day that was typed for "never".
    found = _day(text, "dmy") or _day(text, "mdy")
    return found is not None and found.year >= _FIRST_YEAR_OF_NO_END


def _why_not(text: str, order: DayOrder | None) -> str:
    if _ONLY_MONTH.fullmatch(text):
        return "names no day of the month; write the whole day, such as 2026-03-31"
    if order is not None and orders_of(text):
        first = "day" if order == "dmy" else "month"
        return f"no calendar has that day with the {first} first; check it"
    if _YEAR_FIRST.fullmatch(text) or _YEAR_LAST.fullmatch(text) or _COMPACT.fullmatch(text):
        return "no calendar has that day; check it"
    return "is no day; write it such as 2026-03-31"


def _day(text: str, order: DayOrder) -> date | None:
    """Return the day of a text in an order, None where it is none."""
    return _short_day(text, order) if len(text) <= _LONGEST else None


@lru_cache(maxsize=4096)
def _short_day(text: str, order: DayOrder) -> date | None:
    try:
        if match := _YEAR_FIRST.fullmatch(text):
            return date(int(match[1]), int(match[3]), int(match[4]))
        if match := _COMPACT.fullmatch(text):
            return date(int(match[1]), int(match[2]), int(match[3]))
        if match := _YEAR_LAST.fullmatch(text):
            first, second, year = int(match[1]), int(match[3]), _year(match[4])
            day, month = (first, second) if order == "dmy" else (second, first)
            return date(year, month, day)
        if match := _SERIAL.fullmatch(text):
            return _DAY_ZERO + timedelta(days=int(match[1]))
        return _with_month_name(text) if _NAMED.search(text) else None
    except ValueError:
        return None


def _year(digits: str) -> int:
    year = int(digits)
    if len(digits) > 2:  # noqa: PLR2004 - written in full
        return year
    return year + (1900 if year >= _CENTURY_FROM else 2000)


def _with_month_name(text: str) -> date | None:
    """Return the day of a text that names its month, in any order of its parts."""
    text = re.sub(rf"{_TIME}$", "", text) if ":" in text else text
    words = [
        word
        for word in re.findall(r"[^\W_]+", _bare(text.replace("º", "").replace("ª", "")))
        if word not in _WEEKDAYS or word in _MONTH_OF
    ]
    words = [word for word in words if word not in _FILLERS]
    months = [word for word in words if word in _MONTH_OF]
    numbers = [match for word in words if (match := _DAY_OR_YEAR.fullmatch(word))]
    if len(words) != 3 or len(months) != 1 or len(numbers) != 2:  # noqa: PLR2004 - day, month, year
        return None
    first, second = numbers
    if first[2]:  # the year stands first
        first, second = second, first
    if first[2] or not second[0].isdigit():
        return None
    return date(_year(second[0]), _MONTH_OF[months[0]], int(first[1]))


def _bare(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(one for one in decomposed if not unicodedata.combining(one))
    return " ".join(re.findall(r"[^\W_]+", letters))
