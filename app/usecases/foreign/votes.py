"""In which of two ways is a whole file written, where single cells leave that open?

Cells that can be read in one way only decide for the file. Where none does, or they
contradict each other, a person has to say: nothing is guessed, least of all cell by cell.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Way = TypeVar("Way", bound=str)


@dataclass(slots=True)
class Votes(Generic[Way]):
    """Counts the cells of a file that speak for one way or leave it open.

    `readings` tells in which ways a cell can be read at all; `is_open` whether it can be read
    in both, and not as the same.
    """

    readings: Callable[[str], frozenset[Way]]
    is_open: Callable[[str], bool]
    decided: dict[Way, int] = field(default_factory=dict)
    open: int = 0
    example: tuple[str, int, str] | None = None

    def add(self, column: str, row: int, text: str) -> None:
        """Count a cell."""
        ways = self.readings(text)
        if len(ways) == 1:
            (way,) = ways
            self.decided[way] = self.decided.get(way, 0) + 1
        elif ways and self.is_open(text):
            self.open += 1
            if self.example is None:
                self.example = (column, row, text)

    @property
    def winner(self) -> Way | None:
        """The way for which all cells speak that can be read in one way only."""
        return next(iter(self.decided)) if len(self.decided) == 1 else None

    @property
    def is_undecided(self) -> bool:
        """Whether cells are left open, and the others do not settle it."""
        return self.open > 0 and self.winner is None
