"""What stands in a worksheet? XLSX read as a stream, with limits before and while it is read.

A workbook is a zip of XML. Only five of its members are opened: the two lists of relations,
the workbook, its shared texts and styles, and one worksheet. Nothing it refers to outside is
followed, no formula is computed, and no document type, so no entity, is taken. Readers that
load a worksheet whole hold every cell between the first and the last, filled or not: two
cells far apart fill the memory of the server. Here one row is held at a time.
"""

import io
import posixpath
import re
import struct
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import cache, lru_cache, partial
from typing import NoReturn
from xml.parsers import expat
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile

from app.usecases.files import MOST_ROWS, BadFile, bad_file, bad_row, letters
from app.usecases.refusals import TooLarge

ZIPS = (b"PK\x03\x04", b"PK\x05\x06")
"""How a zip begins, full or empty."""

_MOST_UNPACKED = 500_000_000
_MOST_OVERHEAD = 16_000_000
"""Bytes of a member that is neither a worksheet nor its texts."""

_MOST_MEMBERS = 5_000
_LONGEST_DIRECTORY = 1_000_000
_MOST_RATIO = 100
_SMALL = 1_000_000
"""A member with fewer bytes than this may be packed as tightly as it likes."""

_MOST_TEXTS = 2_000_000
_MOST_CHARACTERS = 50_000_000
_LONGEST_ROW = 500_000
_LONGEST_TAG = 1_000_000
_DEEPEST = 50
_LONGEST_NAME = 31
_DIGITS = 15
_MOST_COLUMNS = 16_384

_BLOCK = 1 << 16
_END = b"PK\x05\x06"
_LOCATOR_64 = b"PK\x06\x07"
_ENCRYPTED = 0x1
_ROW = re.compile(rb"<(?:[\w.-]+:)?row[\s/>]")
_INDEX = re.compile("[0-9]{1,9}")
_NUMBER = re.compile("[1-9][0-9]{0,6}")
_LETTERS = re.compile("[A-Z]{1,3}")
_PARTS = frozenset({"c", "v", "row", "t", "f", "rPh", "sheetData"})
_ESCAPE = re.compile("_x(?![Dd][89A-Fa-f])([0-9A-Fa-f]{4})_")
_ELAPSED = re.compile(r"\[(?:h+|m+|s+)\]", re.IGNORECASE)
_NO_CODE = re.compile(r'"[^"]*"|\[[^\]]*\]|[\\_*].', re.DOTALL)
_DATE_CODE = re.compile("[ymdhs]", re.IGNORECASE)
_DATE_FORMATS = frozenset(map(str, [*range(14, 23), *range(27, 37), 45, 47, *range(50, 59)]))
"""The built-in formats that show days or times; 46 shows hours in all."""

_SECONDS = 86_400
_LAST_SERIAL = 2_900_000
"""In the year 9839: what is shown as a later day is no day that anybody meant."""

_FIRST_1900 = date(1899, 12, 31)
_FIRST_1904 = date(1904, 1, 1)
_NO_SUCH_DAY = 60
"""Spreadsheets count a 29 February 1900, after a program that did."""

_BROKEN = (
    *(BadZipFile, EOFError, NotImplementedError, UnicodeDecodeError),
    *(struct.error, zlib.error, expat.ExpatError),
)
_DAMAGED = "is cut off or damaged; save it anew with a spreadsheet program and send it again"
_LOCKED = "is protected by a password; save a copy without one"


@dataclass(frozen=True, slots=True)
class Worksheet:
    """A worksheet that was found; each call of `rows` reads it anew."""

    name: str
    book: "_Book"
    member: str

    def most_rows(self) -> int:
        """Return about how many rows it has, empty ones included. Raises `BadFile`."""
        with _mended():
            return sum(len(_ROW.findall(block)) for block in self.book.blocks(self.member))

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Yield each row that has cells with its number, the first one is 1.

        Raises `BadFile` for what cannot be read or would be lost, `TooLarge` for a huge row.
        """
        with _mended():
            reading = _Reading(self.book)
            blocks = self.book.blocks(self.member)
            for _ in _fed(reading.parser, blocks):
                for number, cells in reading.rows:
                    yield number, [cells.get(place, "") for place in range(max(cells) + 1)]
                reading.rows.clear()
                if reading.over:
                    break
            for _ in blocks:
                pass  # to the end, where the checksum is compared


def opened(content: bytes, name: str | None) -> Worksheet:
    """Return the worksheet of this name, else the first visible one that has cells.

    Raises `BadFile` for what is no workbook, `TooLarge` for one that is unsafe to unpack.
    """
    with _mended():
        book = _book(_archive(content))
        if name is not None:
            if name not in book.worksheets:
                raise bad_file("has no worksheet of that name; check it, capitals included")
            return Worksheet(name, book, book.worksheets[name])
        visible = [one for one in book.worksheets if one not in book.hidden]
        found = [Worksheet(one, book, book.worksheets[one]) for one in visible]
        for worksheet in found:
            if next(worksheet.rows(), None) is not None:
                return worksheet
    raise bad_file("has no visible worksheet with cells in it")


@contextmanager
def _mended() -> Iterator[None]:
    """Turn what the libraries say of a broken file into a refusal."""
    try:
        yield
    except _BROKEN as error:
        raise bad_file(_DAMAGED) from error


def _archive(content: bytes) -> ZipFile:
    """Return an archive whose directory says that it may be unpacked."""
    _check_directory(content)
    archive = ZipFile(io.BytesIO(content))
    members = archive.infolist()
    if len(members) > _MOST_MEMBERS:
        _too_large()
    if sum(member.file_size for member in members) > _MOST_UNPACKED:
        _too_large()
    for member in members:
        if member.file_size > max(_SMALL, _MOST_RATIO * member.compress_size):
            _too_large()
        if member.header_offset < 0:
            raise bad_file(_DAMAGED)
        if member.flag_bits & _ENCRYPTED:
            raise bad_file(_LOCKED)
        if member.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
            raise bad_file("is packed in a way no spreadsheet program packs; save it anew")
    return archive


def _check_directory(content: bytes) -> None:
    """Look at the size of the directory before all of its entries are made."""
    end = content.rfind(_END)
    if end < 0:
        raise bad_file(_DAMAGED)
    (size,) = struct.unpack_from("<L", content, end + 12)
    if content[:end].startswith(_LOCATOR_64, max(0, end - 20)):
        raise bad_file("is packed as only huge archives are; save it anew")
    if size > _LONGEST_DIRECTORY:
        _too_large()


def _too_large() -> NoReturn:
    raise TooLarge(
        "Unpacked, the workbook would be far larger than any register:"
        " save the worksheet as CSV and send that."
    )


@dataclass(slots=True)
class _Book:
    """What is to be known of a workbook before its worksheets are read."""

    archive: ZipFile
    members: Mapping[str, str]
    worksheets: dict[str, str] = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)
    texts: list[str] = field(default_factory=list)
    date_styles: set[str] = field(default_factory=set)
    since_1904: bool = False

    def blocks(self, member: str, most: int = _MOST_UNPACKED) -> Iterator[bytes]:
        """Yield a member unpacked, to its end, so that its checksum is compared."""
        known = self.members.get(member.lower())
        if known is None:
            raise bad_file(_DAMAGED)
        if self.archive.getinfo(known).file_size > most:
            _too_large()
        # The archive gives no more than its directory says, and the directory was judged.
        with self.archive.open(known) as file:
            while block := file.read(_BLOCK):
                yield block


def _book(archive: ZipFile) -> _Book:
    # Names differ in capitals only by mistake, which spreadsheet programs overlook.
    book = _Book(archive, {name.lower(): name for name in archive.namelist()})
    if "_rels/.rels" not in book.members:
        raise bad_file(
            "is an OpenDocument spreadsheet; save it as XLSX or CSV"
            if "content.xml" in book.members
            else "is a zip, but no workbook; send the XLSX or CSV file itself"
        )
    main = next((path for kind, _, path in _relations(book, "") if kind == "officeDocument"), "")
    if not main.endswith(".xml"):
        raise bad_file(
            "is a binary workbook (XLSB); save it as XLSX or CSV"
            if main.endswith(".bin")
            else "is an Office file, but no workbook; send an XLSX or CSV file"
        )
    relations = _relations(book, main)
    _read_workbook(book, main, {key: path for kind, key, path in relations if kind == "worksheet"})
    if not book.worksheets:
        raise bad_file("has no worksheet; save it as XLSX or CSV")
    for kind, _, path in relations:
        if kind == "sharedStrings":
            _read_texts(book, path)
        elif kind == "styles":
            _read_styles(book, path)
    return book


def _relations(book: _Book, source: str) -> list[tuple[str, str, str]]:
    """Return kind, key and path of what a member refers to inside of the archive."""
    folder, name = posixpath.split(source)
    found: list[tuple[str, str, str]] = []

    def start(path: list[str], given: dict[str, str]) -> None:
        if path[-1] == "Relationship" and given.get("TargetMode") != "External":
            kind = given.get("Type", "").rpartition("/")[2]
            target = posixpath.normpath(posixpath.join("/", folder, given.get("Target", "")))
            found.append((kind, given.get("Id", ""), target.lstrip("/")))

    _parse(book, posixpath.join(folder, "_rels", f"{name}.rels"), start)
    return found


def _read_workbook(book: _Book, member: str, paths: dict[str, str]) -> None:
    def start(path: list[str], given: dict[str, str]) -> None:
        if path[-1] == "workbookPr":
            book.since_1904 = given.get("date1904", "0") in {"1", "true"}
        elif path[-1] == "sheet":
            key = next((given[name] for name in given if _local(name) == "id"), "")
            name = given.get("name", "")[:_LONGEST_NAME]
            if key in paths:
                book.worksheets[name] = paths[key]
                if given.get("state", "visible") != "visible":
                    book.hidden.add(name)

    _parse(book, member, start)


def _read_texts(book: _Book, member: str) -> None:
    """Read the texts that cells refer to by number; how they are spoken is left out."""
    parts: list[str] = []
    characters = 0

    def data(path: list[str], text: str) -> None:
        if path[-1] == "t" and "rPh" not in path:
            parts.append(text)

    def end(path: list[str]) -> None:
        nonlocal characters
        if path[-1] == "si":
            book.texts.append(_unescaped("".join(parts)))
            parts.clear()
            characters += len(book.texts[-1])
            if len(book.texts) > _MOST_TEXTS or characters > _MOST_CHARACTERS:
                _too_large()

    _parse(book, member, end=end, data=data, most=_MOST_UNPACKED)


def _read_styles(book: _Book, member: str) -> None:
    """Note which styles show a number as a day."""
    codes: dict[str, str] = {}
    styles: list[str] = []

    def start(path: list[str], given: dict[str, str]) -> None:
        if path[-1] == "numFmt":
            codes[given.get("numFmtId", "")] = given.get("formatCode", "")
        elif path[-2:] == ["cellXfs", "xf"]:
            styles.append(given.get("numFmtId", ""))

    _parse(book, member, start)
    book.date_styles.update(
        str(style)
        for style, code in enumerate(styles)
        if (_is_date(codes[code]) if code in codes else code in _DATE_FORMATS)
    )


def _is_date(code: str) -> bool:
    if _ELAPSED.search(code):
        return False  # hours in all are no time of a day
    return _DATE_CODE.search(_NO_CODE.sub("", code)) is not None


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text


def _parser() -> expat.XMLParserType:
    """Return a parser of UTF-8, whatever a file says, that takes no document type."""
    parser = expat.ParserCreate("UTF-8", "}")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _no_document_type
    return parser


def _no_document_type(*_: object) -> NoReturn:
    raise bad_file("holds an XML document type, which no spreadsheet program writes; save it anew")


def _fed(parser: expat.XMLParserType, blocks: Iterable[bytes]) -> Iterator[None]:
    """Parse block after block, yielding after each.

    A tag that never ends would be looked through anew with every block.
    """
    length = 0
    for block in blocks:
        parser.Parse(block)
        length += len(block)
        if length - parser.CurrentByteIndex > _LONGEST_TAG:
            _too_large()
        yield
    parser.Parse(b"", True)  # noqa: FBT003 - the library's own


def _parse(
    book: _Book,
    member: str,
    start: Callable[[list[str], dict[str, str]], None] = lambda _path, _given: None,
    end: Callable[[list[str]], None] = lambda _path: None,
    data: Callable[[list[str], str], None] | None = None,
    most: int | None = None,
) -> None:
    """Call back with the path of names that leads to each element or text of a member.

    Raises `TooLarge` for a member of more bytes than `most`, or than overhead usually has.
    """
    path: list[str] = []

    def started(tag: str, given: dict[str, str]) -> None:
        path.append(_local(tag))
        if len(path) > _DEEPEST:
            _too_large()
        start(path, given)

    def ended(_tag: str) -> None:
        end(path)
        path.pop()

    parser = _parser()
    parser.StartElementHandler = started
    parser.EndElementHandler = ended
    if data is not None:
        parser.CharacterDataHandler = partial(data, path)
    for _ in _fed(parser, book.blocks(member, most or _MOST_OVERHEAD)):
        pass


class _Reading:
    """The rows of one worksheet, as far as they are parsed."""

    def __init__(self, book: _Book) -> None:
        self.rows: list[tuple[int, dict[int, str]]] = []
        self.over = False
        self.parser = _parser()
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._data
        self._book = book
        self._readings: dict[str, Callable[[str], str]] = {
            "n": self._number,
            "s": self._shared,
            "b": _truth,
            "d": _iso_day,
        }
        self._depth = 0
        self._names: dict[str, str] = {}
        self._row = 0
        self._begun = 0
        self._characters = 0
        self._cells: dict[int, str] = {}
        self._column = -1
        self._given: dict[str, str] = {}
        self._parts: list[str] = []
        self._listens = False
        self._spoken = False
        self._formula = False
        self._valued = False

    def _start(self, tag: str, given: dict[str, str]) -> None:
        self._depth += 1
        name = self._names.get(tag) or self._named(tag)
        if name == "c":
            self._begin_cell(given)
        elif name == "v":
            self._listens = self._valued = True
        elif name == "row":
            self._begin_row(given.get("r"))
        elif name == "t":
            self._listens = not self._spoken
        elif name == "f":
            self._formula = True
        elif name == "rPh":
            self._spoken = True
        if self._depth > _DEEPEST:
            _too_large()

    def _named(self, tag: str) -> str:
        name = _local(tag)
        if name in _PARTS:  # others are not kept: there can be any number of them
            self._names[tag] = name
        return name

    def _data(self, text: str) -> None:
        if self._listens:
            self._parts.append(text)
            self._characters += len(text)
            if self._characters > _LONGEST_ROW:
                raise TooLarge(f"Row {self._row} has more than {_LONGEST_ROW:,} characters.")

    def _end(self, tag: str) -> None:
        self._depth -= 1
        name = self._names.get(tag)
        if name in {"v", "t"}:
            self._listens = False
        elif name == "c":
            text = self._text()
            if text:
                self._cells[self._column] = text
        elif name == "row":
            if self._cells:
                self.rows.append((self._row, self._cells))
                self._cells = {}
        elif name == "rPh":
            self._spoken = False
        elif name == "sheetData":
            self.over = True
            self.parser.StartElementHandler = None
            self.parser.EndElementHandler = None
            self.parser.CharacterDataHandler = None

    def _begin_row(self, number: str | None) -> None:
        if number is None:
            self._row += 1
        elif _NUMBER.fullmatch(number):
            self._row = int(number)
        else:
            raise bad_file(_DAMAGED)
        self._column = -1
        self._characters = 0
        self._begun += 1
        if self._begun > MOST_ROWS:
            _too_large()

    def _begin_cell(self, given: dict[str, str]) -> None:
        place = given.get("r")
        if place is None:
            self._column += 1
        else:
            self._column = _column(place.rstrip("0123456789"))
        if self._column >= _MOST_COLUMNS:
            raise bad_file(_DAMAGED)
        self._given = given
        self._parts.clear()
        self._formula = self._valued = False

    def _text(self) -> str:
        """Return what a cell shows. Raises `BadFile` where that is not to be known."""
        text = "".join(self._parts)
        kind = self._given.get("t", "n")
        if kind == "e":
            raise self._bad_cell("shows an error instead of a value; mend its formula")
        if not text and self._formula and not self._valued:
            rule = "holds a formula without its result; save the file with a spreadsheet program"
            raise self._bad_cell(rule)
        return self._readings.get(kind, _unescaped)(text) if text else ""

    def _number(self, text: str) -> str:
        if self._given.get("s") in self._book.date_styles:
            day = _day(text, since_1904=self._book.since_1904)
            if day is not None:
                return day
        try:
            return _plain(text)
        except ValueError:
            raise self._bad_cell("holds no number, but says it does; type it anew") from None

    def _shared(self, text: str) -> str:
        if not _INDEX.fullmatch(text) or int(text) >= len(self._book.texts):
            raise bad_file(_DAMAGED)
        return self._book.texts[int(text)]

    def _bad_cell(self, rule: str) -> BadFile:
        return bad_row(self._row, rule, f"(cell {letters(self._column)}{self._row})")


def _truth(text: str) -> str:
    return "true" if text == "1" else "false"


def _iso_day(text: str) -> str:
    return text.removesuffix("Z").removesuffix("T00:00:00")


@cache
def _column(name: str) -> int:
    """Return the number of a column from its letters; the first one is 0."""
    if not _LETTERS.fullmatch(name):
        raise bad_file(_DAMAGED)
    number = 0
    for letter in name:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def _plain(text: str) -> str:
    """Return a number as people write it; a spreadsheet knows 15 digits and shows no more.

    Raises ValueError for what is no number.
    """
    if text.isdecimal() and len(text) <= _DIGITS and text[0] != "0":
        return text
    value = Decimal(f"{float(text):.{_DIGITS}g}")
    if not value.is_finite():
        raise ValueError(text)
    return f"{value:f}" if value else "0"


@lru_cache(4096)
def _day(text: str, *, since_1904: bool) -> str | None:
    """Return the day that a number stands for, with its time if it has one; None if none."""
    try:
        serial = float(text)
    except ValueError:
        return None
    if not 0 <= serial < _LAST_SERIAL:
        return None
    days, seconds = divmod(round(serial * _SECONDS), _SECONDS)
    time = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    if days == 0:
        return time
    if days == _NO_SUCH_DAY and not since_1904:
        day = "1900-02-29"
    else:
        first = _FIRST_1904 if since_1904 else _FIRST_1900 - timedelta(days > _NO_SUCH_DAY)
        day = str(first + timedelta(days))
    return f"{day} {time}" if seconds else day
