"""What was sent, and what is wrong in it? The words for files that people import."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from app.usecases.foreign.columns import Column
from app.usecases.refusals import Refusal

WHOLE_FILE = "(whole file)"
WHOLE_ROW = "(whole row)"

MOST_ROWS = 1_048_576
"""As a spreadsheet has, blank ones among them."""


@dataclass(frozen=True, slots=True)
class Format:
    """What a file was found to be; what its kind does not have is None."""

    name: Literal["csv", "xlsx", "ocds"]
    encoding: str | None = None
    delimiter: str | None = None
    worksheet: str | None = None

    @property
    def sentence(self) -> str:
        """How the file was read, for people."""
        if self.name == "xlsx":
            return f"Read as XLSX, worksheet {self.worksheet}."
        if self.name == "ocds":
            return "Read as OCDS."
        return f"Read as CSV in {self.encoding}, with a {self.delimiter} between cells."


@dataclass(frozen=True, slots=True)
class RowFault:
    """What is wrong in one cell, and what stands there, shortened; rows count from 1."""

    row: int
    column: str
    rule: str
    value: str = ""


class BadFile(Refusal):
    """The file, or some of its rows, cannot be taken; nothing was stored.

    The format is known when the header was understood, so that it is about rows below it, and
    the columns when it was seen what they are.
    """

    def __init__(
        self,
        faults: list[RowFault],
        read_as: Format | None = None,
        columns: Sequence[Column] = (),
    ) -> None:
        first = faults[0]
        super().__init__(
            f"Row {first.row}, column {first.column}: {first.rule}"
            + (f" (and {len(faults) - 1} more)" if len(faults) > 1 else "")
        )
        self.faults = faults
        self.read_as = read_as
        self.columns = columns


def bad_file(rule: str) -> BadFile:
    """Return the refusal of a file as a whole."""
    return BadFile([RowFault(1, WHOLE_FILE, rule)])


def bad_row(row: int, rule: str, column: str = WHOLE_ROW) -> BadFile:
    """Return the refusal of a file because of one of its rows."""
    return BadFile([RowFault(row, column, rule)])


def letters(column: int) -> str:
    """Return the letters of a column as a spreadsheet shows them; the first one is 0."""
    name = ""
    left = column + 1
    while left:
        left, letter = divmod(left - 1, 26)
        name = chr(ord("A") + letter) + name
    return name
