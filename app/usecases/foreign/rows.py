"""What does a row of somebody else's file say in our columns?

Nothing is filled in that the row does not say. Where two of its cells disagree, the rule that
settles it is told as a warning, and what did not win is kept in `custom`.
"""

import html
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from app.renewals.months import add_months, months_apart
from app.usecases.columns import COLUMNS, BadCell, length_in_words, lengths_in_words
from app.usecases.foreign.amounts import Amount, Mark, currency_of, read_amount
from app.usecases.foreign.columns import Column
from app.usecases.foreign.days import DayOrder, OpenEnd, open_end, read_day
from app.usecases.foreign.fields import FIELDS, FIRST_THAT_IS_FILLED, Reading
from app.usecases.foreign.lengths import Length, Term, read_duration, read_length, read_term
from app.usecases.foreign.words import kind_in, renewal_in, truth_in
from app.usecases.formulas import as_meant

LONGEST_REFERENCE = 200
LONGEST_TITLE = 300
LONGEST_NOTES = 5_000
_LONGEST_NAME = 100
_LONGEST_CUSTOM = 2_000
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Manner:
    """How a file is to be read where it does not say so itself.

    `compares_end`: its ends are what another tool goes by, to be compared with ours too.
    """

    day_order: DayOrder | None = None
    decimal_mark: Mark | None = None
    end_date_is: str | None = None
    no_end: str | None = None
    keep_unrecognised: bool = False
    compares_end: bool = False
    constants: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Remark:
    """Something to be said about a cell, by the name of its column in the file."""

    column: str
    rule: str
    value: str = ""


@dataclass(slots=True)
class Said:
    """What a row says: cells of our columns, what is wrong, what to look at.

    `theirs` are dates that another tool worked out, to be compared with ours.
    """

    cells: dict[str, str] = field(default_factory=dict)
    faults: list[Remark] = field(default_factory=list)
    warnings: list[Remark] = field(default_factory=list)
    theirs: dict[str, date] = field(default_factory=dict)


class ForeignRows:
    """Reads the rows of one file by its columns."""

    def __init__(self, columns: Iterable[Column], manner: Manner, *, disarmed: bool) -> None:
        every = list(columns)
        self._disarmed = disarmed
        self._used = sorted((one for one in every if one.used), key=lambda one: -one.confidence)
        self._rest = [one for one in every if not one.used] if manner.keep_unrecognised else []
        self._manner = manner
        self._named = {one.field: one.name for one in reversed(self._used)}

    def name_of(self, column: str) -> str:
        """Return what the file calls one of our columns."""
        return self._named.get(column, column)

    def read(self, cells: Sequence[str]) -> Said:
        """Return what a row says."""
        meant = [as_meant(cell) for cell in cells] if self._disarmed else cells
        return _Row(self._used, self._rest, self._manner, self._named, meant).said()


class _Row:
    def __init__(
        self,
        used: list[Column],
        rest: list[Column],
        manner: Manner,
        named: Mapping[str | None, str],
        cells: Sequence[str],
    ) -> None:
        self._manner = manner
        self._named = named
        self._said = Said()
        self._ours: dict[str, str] = {}
        self._got: dict[str, Any] = {}
        self._text: dict[str, str] = {}
        self._end: date | None = None
        self._custom = {one.name: text for one in rest if (text := prose(cells[one.place]))}
        for column in used:
            cell = cells[column.place].strip()
            if cell and not (column.field in self._got and column.field in FIRST_THAT_IS_FILLED):
                self._take(column, cell)

    def _take(self, column: Column, cell: str) -> None:
        reading, name = column.reading, column.field or ""
        if _says_nothing(reading, cell):
            return
        try:
            found = _READERS[reading](cell, column, self._manner)
        except BadCell as bad:
            if reading is Reading.THEIR_DAY:
                self._warn(name, f"is not compared: {bad}")
            else:
                self._said.faults.append(Remark(column.name, str(bad), cell))
            return
        if found is None:
            self._custom[column.name] = prose(cell)
        else:
            self._got[name], self._text[name] = found, cell

    def said(self) -> Said:
        """Return what the row says, once its cells are weighed against one another."""
        self._texts()
        self._period()
        self._renewal()
        self._money()
        for name, value in self._manner.constants.items():
            self._ours.setdefault(name, value)
        for name in ("their_end_date", "their_notice_deadline"):
            if name in self._got:
                self._said.theirs[name] = self._got[name]
        if self._custom:
            self._ours["custom"] = with_custom(self._ours.get("custom", ""), self._custom)
        self._said.cells = self._ours
        return self._said

    def _texts(self) -> None:
        for name, value in self._got.items():
            if name in COLUMNS and isinstance(value, str) and FIELDS[name] is not Reading.END:
                self._ours[name] = value
        for name in _CHECKED_DAYS:
            if name in self._got:
                self._ours[name] = self._got[name].isoformat()
        if "name" in self._got:
            self._ours.setdefault("title", self._got["name"])
            self._ours.setdefault("reference", _cut(self._got["name"], LONGEST_REFERENCE))
        title = self._ours.get("title", "")
        if len(title) > LONGEST_TITLE:
            self._ours["title"] = _cut(title, LONGEST_TITLE)
            source = "title" if "title" in self._got else "name"
            self._custom[self._named[source]] = title
            self._warn(source, f"is cut after {LONGEST_TITLE} characters; custom has all of it")
        if len(self._ours.get("notes", "")) > LONGEST_NOTES:
            self._ours["notes"] = _cut(self._ours["notes"], LONGEST_NOTES)
            self._warn("notes", f"is cut after {LONGEST_NOTES} characters")
        if not self._ours.get("document_link", "https://").startswith(("https://", "http://")):
            self._custom[self._named["document_link"]] = self._ours.pop("document_link")

    def _period(self) -> None:
        """Settle on one period: as it was awarded, as a whole, else as it was planned."""
        start, end = self._got.get("start_date"), self._got.get("end_date")
        planned = self._got.get("planned_start_date"), self._got.get("planned_end_date")
        end_name = "end_date"
        if start is None and end in (None, "unknown") and planned != (None, None):
            (start, end), end_name = planned, "planned_end_date"
        elif planned != (start, end):
            for name in ("planned_start_date", "planned_end_date"):
                self._keep(name)
        if start is not None:
            self._ours["start_date"] = start.isoformat()
        term: Term | None = self._got.get("initial_term")
        if isinstance(end, date):
            self._ends(start, end, end_name, term)
        else:
            self._ends_openly(end, end_name, term)

    def _ends(self, start: date | None, end: date, name: str, term: Term | None) -> None:
        self._end = end
        self._ours["end_date"] = end.isoformat()
        if self._manner.compares_end:
            self._got.setdefault("their_end_date", end)
        said = self._manner.end_date_is or self._manner.constants.get("end_date_is")
        if said is not None:
            self._ours.setdefault("end_date_is", said)
        is_said = "end_date_is" in self._ours
        if not is_said and start is not None and _is_anniversary(start, end):
            self._warn(
                name,
                "is the start's anniversary: taken as the last day; if the next term begins on it,"
                " say so with end_date_is renewal_date",
            )
        if term is not None and start is not None and end not in _ends_of(start, term.initial):
            length = length_in_words(term.initial)
            self._warn("initial_term", f"says {length}, which ends on another day; the end counts")

    def _ends_openly(self, end: OpenEnd | None, name: str, term: Term | None) -> None:
        follows = end == "evergreen" and term is not None and self._renews()
        if end in _ENDLESS and not follows:
            self._got["renewal_kind"] = end
            if term is not None and end == "evergreen":
                self._ours["initial_term"] = length_in_words(term.initial)
                self._warn("initial_term", "is taken as the time that it runs at least")
            elif term is not None:
                self._keep("initial_term")
        elif end == "month_to_month":
            month: Length = {"value": 1, "unit": "months"}
            for replaced in ("initial_term", "renewal_term"):
                self._keep(replaced)
            self._got |= {"renewal_kind": "auto", "renewal_term": length_in_words(month)}
            self._ours["initial_term"] = length_in_words(month)
        elif term is not None:
            self._ours["initial_term"] = length_in_words(term.initial)
            if term.at_most:
                self._warn("initial_term", "is the most that it can be; taken as the length")
        elif self._manner.no_end is not None:
            self._got.setdefault("renewal_kind", self._manner.no_end)
        elif name in self._named and not self._is_settled(name):
            self._said.faults.append(
                Remark(
                    self._named[name],
                    "says no end; fill it in, or say with no_end what an empty one means",
                    self._text.get(name, ""),
                )
            )

    def _renews(self) -> bool:
        """Tell whether the row says that terms follow one another; then no end means that."""
        return self._kind()[0] in ("auto", "option") or "renewal_term" in self._got

    def _is_settled(self, end: str) -> bool:
        """Tell whether no end is what the row means, or something else is wrong with it."""
        wrong = {one.column for one in self._said.faults}
        return self._got.get("renewal_kind") in _ENDLESS or self._named[end] in wrong

    def _renewal(self) -> None:
        got, ours = self._got, self._ours
        term: Term | None = got.get("initial_term")
        options = () if term is None else term.options
        renewal_term = got.get("renewal_term")
        kind, is_open = self._kind()
        if is_open and options:
            kind, renewal_term = "option", None
            self._keep("renewal_max")
            ours["renewal_terms"] = lengths_in_words(options)
            ours["renewal_max"] = str(len(options))
        elif options:
            self._keep("initial_term")
        is_open = is_open and "renewal_terms" not in ours and renewal_term is None
        if is_open and self._one_extension():
            kind = "option"
        elif got.get("latest_end_date") not in (None, "unknown", self._end):
            self._keep("latest_end_date")
        if (
            kind is None
            and renewal_term is not None
            and "renewal_kind" not in self._manner.constants
        ):
            kind = "auto"
            self._warn(
                "renewal_term", "says for how long, and nothing says how: taken as automatic"
            )
        ours.pop("renewal_term", None)
        if kind is not None:
            ours["renewal_kind"] = kind
        if renewal_term is not None and kind not in ("none", *_ENDLESS):
            ours["renewal_term"] = renewal_term
        else:
            self._keep("renewal_term")
        if kind not in (None, "auto", "option"):
            ours.pop("renewal_max", None)
            self._keep("renewal_max")

    def _kind(self) -> tuple[str | None, bool]:
        """Return how it renews, and whether other cells may say that it does by option.

        What does not renew by itself may still be extended.
        """
        kind = self._got.get("renewal_kind")
        by_itself, by_option = self._got.get("auto_renewal"), self._got.get("renewable")
        if kind is None and by_itself != "auto":
            return by_option or by_itself, by_option != "none"
        kind = kind or by_itself
        return kind, kind == "option"

    def _one_extension(self) -> bool:
        """Take the last possible end for one option of whole months, where it is one."""
        latest, end = self._got.get("latest_end_date"), self._end
        if end is None or not isinstance(latest, date) or latest <= end:
            return False
        # Options count from the day after the last, which a renewal date is already.
        is_next = self._ours.get("end_date_is") == "renewal_date"
        after = timedelta(0) if is_next else _ONE_DAY
        length = _whole_months(end + after, latest + after)
        if length is None:
            return False
        self._ours["renewal_terms"] = length_in_words({"value": length, "unit": "months"})
        self._ours["renewal_max"] = "1"
        self._warn("latest_end_date", "is taken as one option until then")
        return True

    def _money(self) -> None:
        amounts = {
            name: self._got[name]
            for name in ("annual_value", "total_value", "monthly_value")
            if name in self._got
        }
        monthly: Amount | None = amounts.pop("monthly_value", None)
        if monthly is not None:
            year = Decimal(monthly.value) * 12
            annual = amounts.setdefault("annual_value", Amount(f"{year:f}", monthly.currency))
            if Decimal(annual.value) != year:
                self._keep("monthly_value")
        for name, amount in amounts.items():
            self._ours[name] = amount.value
            if amount.currency is None:
                continue
            if self._ours.setdefault("currency", amount.currency) != amount.currency:
                source = name if name in self._got else "monthly_value"
                rule = f"is in {amount.currency}, and the row in {self._ours['currency']}"
                self._said.faults.append(Remark(self._named[source], rule, self._text[source]))

    def _keep(self, name: str) -> None:
        """Keep in `custom` what a cell says and no column of ours does."""
        if name in self._text:
            self._custom[self._named[name]] = self._text[name]

    def _warn(self, name: str, rule: str) -> None:
        remark = Remark(self._named.get(name, name), rule, self._text.get(name, ""))
        self._said.warnings.append(remark)


_ENDLESS = ("evergreen", "perpetual")
_CHECKED_DAYS = ("signed_date", "notice_received_on", "termination_right_earliest_on")


def _says_nothing(reading: Reading, cell: str) -> bool:
    """Tell whether a cell only says that it is not known; a renewal of "none" is known."""
    if reading in (Reading.TEXT, Reading.PROSE, Reading.END):
        return False
    is_known = reading is Reading.RENEWAL and renewal_in(cell) is not None
    return open_end(cell) == "unknown" and not is_known


def _line(text: str) -> str:
    return " ".join(html.unescape(text).split())


def prose(text: str) -> str:
    """Return a text without escapes of web pages and needless blanks; its lines stay."""
    lines = html.unescape(text).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(" ".join(line.split()) for line in lines).strip()


def with_custom(cell: str, more: Mapping[str, str]) -> str:
    """Return the cell of `custom` with more in it; a cell that cannot be read stays as it is."""
    try:
        kept = json.loads(cell or "{}")
        told = {name[:_LONGEST_NAME]: _cut(text, _LONGEST_CUSTOM) for name, text in more.items()}
        return json.dumps({**told, **kept}, ensure_ascii=False)
    except (ValueError, TypeError, RecursionError):
        return cell


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def _ends_of(start: date, length: Length) -> tuple[date, ...]:
    """Return the days that a length can end on: its last day, or the day after."""
    value, unit = length["value"], length["unit"]
    try:
        if unit in ("months", "years"):
            after = add_months(start, value * (12 if unit == "years" else 1))
        else:
            after = start + timedelta(days=value * (7 if unit == "weeks" else 1))
    except (OverflowError, ValueError):
        return ()  # no calendar goes that far
    return after - _ONE_DAY, after


def _is_anniversary(start: date, end: date) -> bool:
    return _whole_months(start, end) is not None


def _whole_months(start: date, end: date) -> int | None:
    """Return how many months lie between two days, None if that is no whole number above 0."""
    months = months_apart(start, end)
    return months if months > 0 and add_months(start, months) == end else None


def _read_end(cell: str, _column: Column, manner: Manner) -> date | OpenEnd:
    return open_end(cell) or read_day(cell, manner.day_order)


def _read_length(cell: str, column: Column, _manner: Manner) -> str | None:
    if column.field != "renewal_term":
        return length_in_words(read_length(cell, column.unit))
    length = read_duration(cell, column.unit)
    return length_in_words(length) if length["value"] else None


def _read_renewal(cell: str, _column: Column, _manner: Manner) -> str:
    found = renewal_in(cell)
    if found is None:
        message = "must say how it renews: auto, option, none, evergreen or perpetual"
        raise BadCell(message)
    return found


def _truth(cell: str) -> bool:
    found = truth_in(cell)
    if found is None:
        message = "must be yes or no"
        raise BadCell(message)
    return found


def _read_currency(cell: str, _column: Column, _manner: Manner) -> str:
    code = cell.upper()
    if len(code) == 3 and code.isascii() and code.isalpha():  # noqa: PLR2004 - as ISO 4217 has them
        return code
    found = currency_of(cell)
    if found is None:
        message = "must be an ISO 4217 currency, such as EUR"
        raise BadCell(message)
    return found


_READERS: Mapping[Reading, Callable[[str, Column, Manner], Any]] = {
    Reading.TEXT: lambda cell, _, __: _line(cell),
    Reading.PROSE: lambda cell, _, __: prose(cell),
    Reading.DAY: lambda cell, _, manner: read_day(cell, manner.day_order),
    Reading.THEIR_DAY: lambda cell, _, manner: read_day(cell, manner.day_order),
    Reading.END: _read_end,
    Reading.TERM: lambda cell, column, _: read_term(cell, column.unit),
    Reading.LENGTH: _read_length,
    Reading.AMOUNT: lambda cell, _, manner: read_amount(cell, manner.decimal_mark),
    Reading.RENEWAL: _read_renewal,
    Reading.IS_AUTO: lambda cell, _, __: "auto" if _truth(cell) else "none",
    Reading.IS_RENEWABLE: lambda cell, _, __: "option" if _truth(cell) else "none",
    Reading.KIND: lambda cell, _, __: kind_in(cell),
    Reading.CURRENCY: _read_currency,
}
