"""How long is what a cell says in words: "36 months", "3+1+1", "2 x 12 Monate", 1080 days?

What cannot be read as a whole is refused: half of a length is a wrong date.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TypedDict

from app.usecases.columns import BadCell


class Length(TypedDict):
    """A length as the form of an agreement has it."""

    value: int
    unit: str


@dataclass(frozen=True, slots=True)
class Term:
    """The length of a first term, and of the options to go on after it.

    `at_most`: the length was stated as the most that it can be.
    """

    initial: Length
    options: tuple[Length, ...] = ()
    at_most: bool = False


_UNIT_NAMES: Mapping[str, str] = {
    "days": "day days d tag tage tagen jour jours dia dias giorno giorni dag dagen",
    "weeks": "week weeks wk wks w woche wochen semaine semaines semana semanas settimana"
    " settimane weken",
    "months": "month months mth mths mo mos m monat monate monaten mois mes meses mese mesi maand"
    " maanden",
    "years": "year years yr yrs y jahr jahre jahren an ans annee annees ano anos anno anni jaar"
    " jaren",
}
_UNIT_OF = {name: unit for unit, names in _UNIT_NAMES.items() for name in names.split()}
_BUSINESS_DAYS = re.compile(
    # Werktage are no business days: by German law a Saturday is one.
    r"(?:business|working|work|bank)[ _-]?days?|arbeitstagen?|arbeitstage|bankarbeitstage"
    r"|jours? ouvres|dias uteis|dias habiles"
)
_NUMBERS: Mapping[str, int] = {
    word: number
    for number, words in enumerate(
        (
            "one a an ein eine einem einen un une um uma",
            "two zwei deux dos dois duas",
            "three drei trois tres",
            "four vier quatre cuatro quatro",
            "five funf cinq cinco",
            "six sechs seis",
            "seven sieben sept siete sete",
            "eight acht huit ocho oito",
            "nine neun neuf nueve nove",
            "ten zehn dix diez dez",
            "eleven elf onze once",
            "twelve zwolf douze doce doze",
        ),
        start=1,
    )
    for word in words.split()
}
_LONGEST: Mapping[str, int] = {
    "days": 36_500,
    "weeks": 36_500,
    "months": 36_500,
    "years": 36_500,
    "business_days": 3_650,
}
_LONGEST_TEXT = 200
"""Characters of the longest text that can be a length."""
_DAYS_OF_MONTH, _DAYS_OF_YEAR = 30, 365
# Three digits behind a mark could be thousands.
_NUMBER = re.compile(r"([0-9]{1,6})(?:[.,]0{1,2})?")
_PART = r"([0-9]{1,6}(?:[.,][0-9]{1,2})?|[^\W\d_]+) ?-?([^\W\d_]+)?"
_ONE = re.compile(rf"{_PART}(?: (?:and|und|et|e|y) | )?(?:([0-9]{{1,6}}) ?([^\W\d_]+))?")
_ISO = re.compile(r"p(?:([0-9]{1,6})y)?(?:([0-9]{1,6})m)?(?:([0-9]{1,6})w)?(?:([0-9]{1,6})d)?")
_TIMES = re.compile(r"([0-9]{1,2}|[^\W\d_]+) ?(?:x|\u00d7|\*|times|mal) ?(.+)")
_HALF = re.compile(
    r"(?:(?:a|an|one|ein|eine|un|une) )?(?:half|halbes|halber|demi|demie)"
    r"(?: (?:a|an))? ?(?:year|jahr|annee|an)"
)
_AT_MOST = re.compile(r"(?:up to|maximum(?: of)?|max|bis zu|jusqu'?a|not more than|no more than) ?")
_PLUS = re.compile(r"[0-9]{1,6}(?: ?\+ ?[0-9]{1,6})+")
_MONTHS_IN_YEAR = 12
_YEARS_UP_TO = 10


def length_of_days(days: int) -> Length:
    """Return a number of days as procurement data counts them: a month is 30, a year 365.

    1080 is 36 months and 730 two years; what is no whole number of either stays days.
    """
    for size, unit in ((_DAYS_OF_YEAR, "years"), (_DAYS_OF_MONTH, "months")):
        if days and days % size == 0:
            return {"value": days // size, "unit": unit}
    return {"value": days, "unit": "days"}


def read_length(text: str, unit: str | None = None) -> Length:
    """Return a length; a bare number counts `unit`.

    Raises `BadCell` for what is no whole length, and for a bare number without a unit.
    """
    bare = _bare(text)
    found = _bare_number(bare, unit) or _iso(bare) or _half_a_year(bare) or _in_business_days(bare)
    found = found or _times(bare) or _in_words(bare)
    if found is None:
        message = "must be a length such as 12 months, 90 days or 15 business days"
        raise BadCell(message)
    if found["value"] > _LONGEST[found["unit"]]:
        message = "is too long; check it"
        raise BadCell(message)
    return found


def read_duration(text: str, unit: str | None = None) -> Length:
    """Return the length of a term: a bare number of days is one as procurement data counts them.

    Not for notice, where 90 days are another day than three months.
    """
    length = read_length(text, unit)
    is_bare = unit == "days" and _NUMBER.fullmatch(_bare(text)) is not None
    return length_of_days(length["value"]) if is_bare else length


def read_term(text: str, unit: str | None = None) -> Term:
    """Return the length of a first term with the options that a text states after it.

    Raises `BadCell` for what cannot be read as a whole.
    """
    bare = _bare(text)
    if at_most := _AT_MOST.match(bare):
        return Term(_positive(read_duration(bare[at_most.end() :], unit)), at_most=True)
    if _PLUS.fullmatch(bare):
        return _sum_of(bare, unit)
    # One year and six months are no year with an option for six months.
    for pattern in () if _in_words(bare) else _WITH_OPTIONS:
        if match := pattern.fullmatch(bare):
            initial = _positive(read_length(match["initial"]))
            times = _number(match["times"]) if match["times"] else 1
            if not times or times > 50:  # noqa: PLR2004 - as the form takes them
                break
            each = _positive(read_length(match["each"]))
            return Term(initial, (each,) * times)
    return Term(_positive(read_duration(bare, unit)))


_LENGTH_WORDS = r"(?:[0-9.,]+|[^\W\d_]+)[ -]?[^\W\d_]+"
# One length and another are their sum, unless words make the second an option.
_AND = r"and(?=.* (?:option|extension|renewal|further|additional|another|possible))"
_WITH_OPTIONS = (
    # As in: 2 years with the option for a further one year extension.
    re.compile(
        rf"(?P<initial>{_LENGTH_WORDS}),? (?:with|plus|{_AND}|\+|mit|avec|\() ?"
        r"(?:with )?(?:an |the |a )?(?:possible |further )?"
        r"(?:option(?:s)? (?:to extend |for |of |to renew |auf )?(?:by |for |of |up to |um )?)?"
        r"(?:a |an )?(?:further |additional |another |possible )?"
        r"(?:(?P<times>[0-9]{1,2}|two|three|four|five) ?(?:x|\u00d7|\*) ?)?"
        rf"(?:a |an )?(?:further |additional |another )?(?P<each>{_LENGTH_WORDS})"
        r"(?: (?:extension|option|renewal|verlangerung)s?(?: options?)?)? ?\)?"
    ),
    # As in: 12 months with 3 optional 12 month extensions.
    re.compile(
        rf"(?P<initial>{_LENGTH_WORDS}),? (?:with|plus|{_AND}|\+) "
        r"(?P<times>[0-9]{1,2}|two|three|four|five|one) "
        r"(?:optional |further |possible |additional |options? of |extensions? of )?"
        rf"(?P<each>{_LENGTH_WORDS})(?: (?:extension|option|renewal)s?(?: options?)?)?"
    ),
)


def _sum_of(bare: str, unit: str | None) -> Term:
    """Return 3+1+1: years, unless the column counts something else or they must be months."""
    numbers = re.findall(r"[0-9]+", bare)
    if unit is None:
        if all(int(number) <= _YEARS_UP_TO for number in numbers):
            unit = "years"
        elif all(int(number) and int(number) % _MONTHS_IN_YEAR == 0 for number in numbers):
            unit = "months"
        else:
            message = "must say whether it counts months or years"
            raise BadCell(message)
    lengths = [_positive(read_duration(number, unit)) for number in numbers]
    return Term(lengths[0], tuple(lengths[1:]))


def _positive(length: Length) -> Length:
    if length["value"] == 0:
        message = "must be longer than nothing"
        raise BadCell(message)
    return length


def _bare_number(bare: str, unit: str | None) -> Length | None:
    match = _NUMBER.fullmatch(bare)
    if match is None:
        return None
    if unit is None:
        message = "must say what it counts, such as 12 months"
        raise BadCell(message)
    return {"value": int(match[1]), "unit": unit}


def _iso(bare: str) -> Length | None:
    match = _ISO.fullmatch(bare)
    if match is None or not any(match.groups()):
        return None
    years, months, weeks, days = (int(part or 0) for part in match.groups())
    given = [(years * 12 + months, "months"), (weeks, "weeks"), (days, "days")]
    there = [{"value": value, "unit": unit} for value, unit in given if value]
    if len(there) > 1:
        return None
    if years and not months:
        return {"value": years, "unit": "years"}
    return Length(
        value=given[0][0] or weeks or days, unit=str(there[0]["unit"]) if there else "days"
    )


def _half_a_year(bare: str) -> Length | None:
    return {"value": 6, "unit": "months"} if _HALF.fullmatch(bare) else None


def _in_business_days(bare: str) -> Length | None:
    number, _, words = bare.partition(" ")
    count = _number(number)
    if count is None or not _BUSINESS_DAYS.fullmatch(words):
        return None
    return {"value": count, "unit": "business_days"}


def _times(bare: str) -> Length | None:
    match = _TIMES.fullmatch(bare)
    times = _number(match[1]) if match else None
    if match is None or not times:
        return None
    each = read_length(match[2])
    return {"value": each["value"] * times, "unit": each["unit"]}


def _in_words(bare: str) -> Length | None:
    """Return a number and a unit, or years and months together."""
    match = _ONE.fullmatch(bare)
    unit = _UNIT_OF.get(match[2] or "") if match else None
    amount = _decimal(match[1]) if match else None
    if match is None or unit is None or amount is None:
        return None
    if match[3] is not None:
        both = unit == "years" and _UNIT_OF.get(match[4]) == "months" and not amount % 1
        return {"value": int(amount) * 12 + int(match[3]), "unit": "months"} if both else None
    if amount % 1 and unit == "years":
        amount, unit = amount * 12, "months"  # one year and a half is a whole number of them
    return None if amount % 1 else {"value": int(amount), "unit": unit}


def _decimal(word: str) -> Decimal | None:
    if word[0].isdigit():
        return Decimal(word.replace(",", "."))
    number = _NUMBERS.get(word)
    return None if number is None else Decimal(number)


def _number(word: str) -> int | None:
    if re.fullmatch(r"[0-9]{1,5}", word):
        return int(word)
    return _NUMBERS.get(word)


def _bare(text: str) -> str:
    if len(text) > _LONGEST_TEXT:
        message = "must be a length such as 12 months, and no more text"
        raise BadCell(message)
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(one for one in decomposed if not unicodedata.combining(one))
    return " ".join(letters.replace("_", " ").split()).strip(" .")
