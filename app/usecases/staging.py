"""Where do the rows of a large file wait while the whole of it is judged? On the disk.

A register of 100,000 rows is judged as a whole before a row of it is stored. Kept as objects
it would take more memory than the rest of the server.
"""

import pickle
import weakref
from collections.abc import Mapping
from datetime import date
from tempfile import SpooledTemporaryFile

from app.usecases.forms import AgreementForm

_IN_MEMORY = 4_000_000
"""Bytes up to which rows are not worth a file."""


class Staged:
    """Rows that wait, each by its place."""

    def __init__(self) -> None:
        file = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - closed with its owner
        self._file = file
        self._end = 0
        weakref.finalize(self, file.close)

    def put(self, form: AgreementForm, theirs: Mapping[str, date]) -> int:
        """Keep a row, with the dates that another tool has for it; return its place."""
        row = pickle.dumps((form, dict(theirs)), pickle.HIGHEST_PROTOCOL)
        place, self._end = self._end, self._end + len(row)
        self._file.seek(place)
        self._file.write(row)
        return place

    def form(self, place: int) -> AgreementForm:
        """Return the form that was put at a place."""
        return self._at(place)[0]

    def theirs(self, place: int) -> dict[str, date]:
        """Return the dates that another tool has for the row at a place."""
        return self._at(place)[1]

    def _at(self, place: int) -> tuple[AgreementForm, dict[str, date]]:
        self._file.seek(place)
        # The file is ours alone and has no name. Checked anew each time, rows take thrice as long.
        found: tuple[AgreementForm, dict[str, date]] = pickle.load(self._file)  # noqa: S301
        return found
