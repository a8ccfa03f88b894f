"""Which column of somebody else's file is which of ours? Proposed, and fixed by a mapping.

A name proposes; the cells below it confirm or deny. What is only alike is proposed and never
used: a column taken for another moves dates.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches

from app.usecases.columns import NEEDED
from app.usecases.foreign.amounts import AmountVotes, marks_of
from app.usecases.foreign.columns import Column
from app.usecases.foreign.days import DayVotes, open_end, orders_of
from app.usecases.foreign.fields import FIRST_THAT_IS_FILLED, WITH_DAYS, Reading
from app.usecases.foreign.synonyms import IGNORED, MEANINGS, Meaning, plain
from app.usecases.forms import PLAIN_AMOUNT

_USED_FROM = 0.5
_ALIKE = 0.4
_CUTOFF = 0.85
"""How alike two names must be to be proposed, as `difflib` counts it."""
_SAMPLE = 200
"""So many cells of a column have a say in what it is."""


@dataclass(slots=True)
class Looked:
    """What a look at all rows of a file found: how days and amounts are written.

    `odd_amounts`: some amounts are not written as the import form has them.
    """

    days: DayVotes = field(default_factory=DayVotes)
    amounts: AmountVotes = field(default_factory=AmountVotes)
    odd_amounts: bool = False


def is_import_form(header: Iterable[str]) -> bool:
    """Tell whether a file names the columns that are needed as we do."""
    return set(NEEDED) <= set(header)


def proposed(
    header: Sequence[str], fixed: Mapping[str, Meaning | None], sample: Sequence[Sequence[str]]
) -> list[Column]:
    """Return what each column is taken for; `fixed` says it for some, None for none of ours.

    `fixed` goes by plain names. `sample` are some of the rows.
    """
    guessed = [_taken_for(place, name, fixed) for place, name in enumerate(header)]
    places = {one.place for one in guessed if one.field == "reference"}
    references = {row[place].strip() for row in sample for place in places} - {""}
    weighed = [
        one if plain(one.name) in fixed else _weighed(one, sample, references) for one in guessed
    ]
    return _chosen(weighed)


def _taken_for(place: int, name: str, fixed: Mapping[str, Meaning | None]) -> Column:
    said = plain(name)
    if said in fixed or name == IGNORED:
        meaning = fixed.get(said)
    else:
        meaning = MEANINGS.get(said) or _alike(said)
    if meaning is None:
        return Column(place, name)
    return Column(place, name, meaning.field, meaning.unit, meaning.confidence)


def _alike(said: str) -> Meaning | None:
    for near in get_close_matches(said, MEANINGS, 1, _CUTOFF):
        return Meaning(MEANINGS[near].field, MEANINGS[near].unit, _ALIKE)
    return None


def _weighed(column: Column, sample: Sequence[Sequence[str]], references: set[str]) -> Column:
    """Return a column with the confidence that its cells leave."""
    if column.field is None:
        return column
    cells = [cell for row in sample if (cell := row[column.place].strip())][:_SAMPLE]
    if column.field == "parent_reference":
        fits = sum(cell in references for cell in cells)
    elif column.reading in WITH_DAYS:
        fits = sum(bool(orders_of(cell)) or open_end(cell) is not None for cell in cells)
    elif column.reading is Reading.AMOUNT:
        fits = sum(bool(marks_of(cell)) or open_end(cell) == "unknown" for cell in cells)
    else:
        return column
    share = fits / len(cells) if cells else 1.0
    return replace(column, confidence=round(column.confidence * share, 2))


def _chosen(columns: list[Column]) -> list[Column]:
    """Return columns, used where they are sure enough and nobody is surer."""
    best: dict[str, Column] = {}
    for one in columns:
        if one.field is not None and one.confidence >= _USED_FROM:
            rival = best.get(one.field)
            if rival is None or rival.confidence < one.confidence:
                best[one.field] = one
    return [
        replace(
            one,
            used=one.field in best
            and one.confidence >= _USED_FROM
            and (one.field in FIRST_THAT_IS_FILLED or best[one.field] is one),
        )
        for one in columns
    ]


def look(columns: Iterable[Column], rows: Iterable[tuple[int, Sequence[str]]]) -> Looked:
    """Go through all rows for what only the whole file can tell."""
    looked = Looked()
    voting = [
        (one, one.reading in WITH_DAYS)
        for one in columns
        if one.used and (one.reading in WITH_DAYS or one.reading is Reading.AMOUNT)
    ]
    for number, cells in rows:
        for column, has_days in voting:
            cell = cells[column.place].strip()
            if not cell:
                continue
            if has_days:
                if open_end(cell) is None:
                    looked.days.add(column.name, number, cell)
            else:
                looked.amounts.add(column.name, number, cell)
                looked.odd_amounts |= not PLAIN_AMOUNT.fullmatch(cell)
    return looked
