"""How is a CSV file read? Encoding and delimiter are found out from its bytes.

Nothing is taken on a guess: where two readings fit, or bytes fit none, the file is refused
with the row in which that shows. Text is decoded while it is read, so that a large file
stands in memory once.
"""

import csv
import io
import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE, getincrementaldecoder
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from app.usecases.files import MOST_ROWS, BadFile, bad_file, bad_row
from app.usecases.refusals import TooLarge

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab"}

_LONGEST_ROW = 500_000
"""Characters of one row: more is no row of a register, and would be held in memory at once."""

_SAMPLE = 50
"""So many rows have a say in what the delimiter is."""

_BLOCK = 1 << 16
_UNDECODED = re.compile("[\ud800-\udfff]")
_BROKEN = re.compile("[\udc80-\udcff]")
_WHOLE = re.compile("[^\x00-\x7f\udc80-\udcff]")
_TYPICAL = re.compile("[\x80-\xff\u2010-\u2027]")
_SEPARATOR_LINE = re.compile(r"sep=([,;\t])[\r\n]*", re.IGNORECASE)
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f]")
_LINE_END = re.compile(rb"[\r\n]")
_CONTROL_BYTES = re.compile(rb"[\x00-\x08\x0e-\x1f]")
_STRAY = 3
"""So many control characters can get into a text by accident."""


@dataclass(frozen=True, slots=True)
class Encoding:
    """How bytes become text: a codec, what it does with bytes it cannot read, and its mark."""

    label: str
    codec: str
    errors: str = "surrogateescape"
    mark: bytes = b""


_UTF_8 = Encoding("UTF-8", "utf-8")
_WINDOWS = Encoding("Windows-1252", "cp1252")
_UTF_16_LE = Encoding("UTF-16 LE", "utf-16-le", "surrogatepass")
_UTF_16_BE = Encoding("UTF-16 BE", "utf-16-be", "surrogatepass")
_MARKED = (
    Encoding("UTF-8", "utf-8", mark=BOM_UTF8),
    Encoding("UTF-16 LE", "utf-16-le", "surrogatepass", BOM_UTF16_LE),
    Encoding("UTF-16 BE", "utf-16-be", "surrogatepass", BOM_UTF16_BE),
)
_BAD_BYTES = {
    "utf-8": "holds bytes that are no UTF-8, but the file is; save the whole file as CSV UTF-8",
    "cp1252": "holds a byte that Windows-1252 does not have; save the file as CSV UTF-8",
    "utf-16-le": "is cut off or damaged; save the file as CSV UTF-8",
    "utf-16-be": "is cut off or damaged; save the file as CSV UTF-8",
}


@dataclass(frozen=True, slots=True)
class Delimited:
    """A CSV file that was looked into; each call of `rows` reads it anew."""

    content: bytes
    encoding: Encoding
    delimiter: str

    def most_rows(self) -> int:
        """Return a number of rows that the file cannot exceed."""
        return self.content.count(b"\n") + self.content.count(b"\r") + 1

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Yield each row with its number, the first one is 1.

        Raises `BadFile` where the text is broken, and `TooLarge` for an endless row.
        """
        lines = _Lines(self.content, self.encoding)
        if _separator_in(self.content, self.encoding) is not None:
            next(lines)
            lines.begin_row()
        try:
            for cells in csv.reader(lines, delimiter=self.delimiter, strict=True):
                yield lines.row, cells
                lines.begin_row()
        except csv.Error as error:
            raise bad_row(lines.row, f"cannot be read as CSV ({error})") from error


def opened(content: bytes) -> Delimited:
    """Return a CSV file with its encoding and delimiter. Raises `BadFile` when in doubt."""
    encoding = _encoding_of(content)
    if encoding.codec.startswith("utf-16") and len(content) % 2:
        raise bad_file("is cut off in the middle of a character; send it again")
    return Delimited(content, encoding, _delimiter_of(content, encoding))


class _Lines(Iterator[str]):
    """The lines of a text, each checked before anything is made of it."""

    def __init__(self, content: bytes, encoding: Encoding) -> None:
        file = io.BytesIO(content)
        file.seek(len(encoding.mark))
        self._text = io.TextIOWrapper(file, encoding.codec, encoding.errors, newline="")
        self._codec = encoding.codec
        self._length = 0
        self.row = 1

    def begin_row(self) -> None:
        """Count what follows to the next row."""
        self.row += 1
        self._length = 0

    def __next__(self) -> str:
        line = self._text.readline(_LONGEST_ROW + 1)
        self._length += len(line)
        if self._length > _LONGEST_ROW:
            raise TooLarge(
                f"Row {self.row} has more than {_LONGEST_ROW:,} characters:"
                " check its quotation marks and delimiters."
            )
        if not line:
            raise StopIteration
        if self.row > MOST_ROWS:
            raise TooLarge(f"More than {MOST_ROWS:,} rows were sent, most of them blank.")
        if self.row == 1 and _CONTROLS.search(line):
            raise _no_text()
        if "\0" in line:
            raise bad_row(self.row, "holds a NUL character, which no text has")
        if not line.isascii() and _UNDECODED.search(line):
            raise bad_row(self.row, _BAD_BYTES[self._codec])
        return line


def _no_text() -> BadFile:
    return bad_file("is no text; send a CSV or XLSX file")


def _is_binary(content: bytes) -> bool:
    found = len(_CONTROL_BYTES.findall(content[:_BLOCK]))
    return found > max(_STRAY, len(content[:_BLOCK]) / 100)


def _encoding_of(content: bytes) -> Encoding:
    for encoding in _MARKED:
        if content.startswith(encoding.mark):
            return encoding
    wide = _unmarked_utf_16(content)
    if wide is not None:
        return wide
    if _is_binary(content):
        raise _no_text()
    return _eight_bits(content)


def _unmarked_utf_16(content: bytes) -> Encoding | None:
    """Tell UTF-16 by the zero bytes in its header: Latin letters have one each."""
    start = _LINE_END.split(content[:_BLOCK], maxsplit=1)[0]
    even, odd = start[::2].count(0), start[1::2].count(0)
    if even + odd < max(1, len(start) / 8) or (even and odd):
        return None
    return _UTF_16_LE if odd else _UTF_16_BE


def _eight_bits(content: bytes) -> Encoding:
    """Tell UTF-8 from Windows-1252, and both from a mix of them.

    A mix counts as UTF-8, so that reading it stops at the first row that is none. Windows-1252
    can look like UTF-8 by chance, as in an accented capital before a quotation mark; a mix
    has more of it, or what UTF-8 makes of Western letters and typographic marks.
    """
    broken = whole = 0
    typical = False
    decoder = getincrementaldecoder("utf-8")(errors="surrogateescape")
    for start in range(0, len(content), _BLOCK):
        text = decoder.decode(content[start : start + _BLOCK])
        if not text.isascii():
            broken += len(_BROKEN.findall(text))
            whole += len(_WHOLE.findall(text))
            typical = typical or _TYPICAL.search(text) is not None
    broken += len(decoder.decode(b"", final=True))
    return _WINDOWS if broken and not typical and whole <= broken else _UTF_8


def _separator_in(content: bytes, encoding: Encoding) -> str | None:
    """Return the delimiter that a first line `sep=;` names, as Excel writes it."""
    first = len(encoding.mark)
    start = content[first : first + 16].decode(encoding.codec, "replace")
    found = _SEPARATOR_LINE.match(start)
    return found[1] if found else None


def _delimiter_of(content: bytes, encoding: Encoding) -> str:
    named = _separator_in(content, encoding)
    if named is not None:
        return named
    widths = {
        delimiter: _widths(Delimited(content, encoding, delimiter)) for delimiter in DELIMITERS
    }
    fits = {delimiter: _fit(found) for delimiter, found in widths.items() if found and found[0] > 1}
    if not fits:
        return ","
    best = max(fits.values())
    (widest, delimiter), *others = sorted(
        ((widths[delimiter][0], delimiter) for delimiter, fit in fits.items() if fit == best),
        reverse=True,
    )
    # Twice as many columns are no accident of some names that hold the other delimiter.
    if others and widest < 2 * others[0][0]:
        names = " and ".join(
            sorted(f"{DELIMITERS[mark]}s" for _, mark in [*others, (0, delimiter)])
        )
        raise bad_file(
            f"{names} divide its header equally well; put names that hold one into quotation marks"
        )
    return delimiter


def _widths(file: Delimited) -> list[int]:
    """Return how many cells the first rows have, up to one that cannot be read."""
    found: list[int] = []
    try:
        for _, cells in islice(_filled(file.rows()), _SAMPLE):
            found.append(len(cells))
    except (BadFile, TooLarge):
        found += [0] * bool(found)  # it does not speak for this delimiter
    return found


def _filled(rows: Iterable[tuple[int, list[str]]]) -> Iterator[tuple[int, list[str]]]:
    return ((number, cells) for number, cells in rows if any(cells))


def _fit(widths: list[int]) -> float:
    """Return the share of rows that are as wide as the header."""
    return widths.count(widths[0]) / len(widths)
