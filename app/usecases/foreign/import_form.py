"""What does a row of the import form say, after a spreadsheet program had it in its hands?

Such a program writes days, amounts and lengths its own way. What reads as the form has it is
taken as it is, so that what was exported comes back unchanged; the rest is read as that of
any other file, and what cannot be read stays for the form to judge.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress

from app.usecases.columns import LENGTH, BadCell, length_in_words
from app.usecases.foreign.amounts import Mark, read_amount
from app.usecases.foreign.columns import Column
from app.usecases.foreign.days import DayOrder, read_day
from app.usecases.foreign.fields import Reading
from app.usecases.foreign.lengths import read_length
from app.usecases.foreign.rows import Manner, Said, prose, with_custom
from app.usecases.forms import ISO_DAY, PLAIN_AMOUNT
from app.usecases.formulas import as_meant


class FormRows:
    """Reads the rows of a file in the import form."""

    def __init__(self, columns: Iterable[Column], manner: Manner, *, disarmed: bool) -> None:
        every = list(columns)
        self._columns = [one for one in every if one.used]
        self._rest = [one for one in every if not one.used] if manner.keep_unrecognised else []
        self._order: DayOrder | None = manner.day_order
        self._mark: Mark | None = manner.decimal_mark
        self._manner = manner
        self._disarmed = disarmed

    def name_of(self, column: str) -> str:
        """Return what the file calls one of our columns: the same."""
        return column

    def read(self, cells: Sequence[str]) -> Said:
        """Return what a row says."""
        ours = {}
        for one in self._columns:
            cell = cells[one.place]
            if cell:
                ours[one.name] = self._read(one, as_meant(cell) if self._disarmed else cell)
        self._amounts(ours)
        for name, value in self._manner.constants.items():
            if not ours.get(name, "").strip():
                ours[name] = value
        rest = {one.name: text for one in self._rest if (text := prose(cells[one.place]))}
        if rest:
            ours["custom"] = with_custom(ours.get("custom", ""), rest)
        said = Said(ours)
        if self._manner.end_date_is is not None and ours.get("end_date", "").strip():
            ours["end_date_is"] = ours.get("end_date_is", "").strip() or self._manner.end_date_is
        return said

    def _amounts(self, ours: dict[str, str]) -> None:
        """Write amounts as the form has them; one in another currency stays, to be refused."""
        for one in self._columns:
            text = ours.get(one.name, "").strip() if one.reading is Reading.AMOUNT else ""
            if not text or (self._mark != "comma" and PLAIN_AMOUNT.fullmatch(text)):
                continue
            with suppress(BadCell):
                amount = read_amount(text, self._mark)
                currency = ours.get("currency", "").strip() or amount.currency
                if amount.currency in (None, currency):
                    ours[one.name] = amount.value
                    if currency:
                        ours["currency"] = currency

    def _read(self, column: Column, cell: str) -> str:
        text = cell.strip()
        if not text:
            return cell
        try:
            match column.reading:
                case Reading.DAY | Reading.END if not ISO_DAY.fullmatch(text):
                    return read_day(text, self._order).isoformat()
                case Reading.LENGTH | Reading.TERM if not LENGTH.fullmatch(text):
                    return length_in_words(read_length(text))
        except BadCell:
            return cell
        return cell
