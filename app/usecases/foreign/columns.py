"""What was a column of somebody else's file taken for?"""

from dataclasses import dataclass

from app.usecases.foreign.fields import FIELDS, Reading


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a file: what it is taken for, how sure that is, and whether it is used.

    `field` is None where nothing was recognised. `unit` is what its bare numbers count.
    """

    place: int
    name: str
    field: str | None = None
    unit: str | None = None
    confidence: float = 0.0
    used: bool = False

    @property
    def reading(self) -> Reading:
        """How its cells are read, if it is used."""
        return FIELDS[self.field or "notes"]
