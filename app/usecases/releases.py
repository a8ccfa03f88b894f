"""Which contracting processes does an OCDS file tell of, and what does it say of each?

The Open Contracting Data Standard tells a process in releases, one for each time that
something became known. A file holds packages of releases, packages of records, or one
release or record a line. Whatever it is, the releases of a process are laid over one
another in the order of their dates: a later one replaces a member of a contract as a whole,
so that no period begins in one release and ends in another.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from app.usecases.files import bad_file
from app.usecases.refusals import TooLarge

_MOST_VALUES = 2_000_000
"""Values in a file. A release takes thirty bytes for each; a file of brackets takes two, and
an object takes the memory of thirty of those."""

_NO_OCDS = "is JSON, but no package of OCDS releases or records; send that, or a CSV or XLSX file"
_BROKEN = "is no JSON that can be read; download it again, whole"
_NO_UTF_8 = "is JSON, but not in UTF-8, as JSON has to be; save it in UTF-8"
_LINKED = "has links to releases or none at all; send its compiled release"
_LONGEST_WHOLE = 9
_NO_DATE = datetime.min.replace(tzinfo=UTC)
Members = Mapping[str, Any]


class Odd(ValueError):
    """Something in the file is not as the standard has it; says where, and what to do."""

    def __init__(self, where: str, rule: str) -> None:
        super().__init__(f"{where} {rule}")
        self.where = where
        self.rule = rule


@dataclass(frozen=True, slots=True)
class Part:
    """An object in the file, and where it stands; one that is not there has no members."""

    where: str
    members: Members = field(default_factory=dict)

    def part(self, name: str) -> "Part":
        """Return an object in it. Raises `Odd` when it is none."""
        return _part(f"{self.where}.{name}", self.members.get(name))

    def parts(self, name: str) -> list["Part"]:
        """Return the objects of a list in it. Raises `Odd` when it is none, or has others."""
        where = f"{self.where}.{name}"
        return [_part(f"{where}[{place}]", one) for place, one in enumerate(self.values(name))]

    def values(self, name: str) -> list[Any]:
        """Return a list in it. Raises `Odd` when it is none."""
        return self._given(name, list, "must be a list") or []

    def text(self, name: str) -> str | None:
        """Return a text in it on one line, None when it is blank. Raises `Odd` for no text."""
        return " ".join((self.exact(name) or "").split()) or None

    def exact(self, name: str) -> str | None:
        """Return a text in it as it stands. Raises `Odd` for no text."""
        value: str | None = self._given(name, str, "must be a text")
        return value

    def key(self, name: str) -> str | None:
        """Return an id in it; the standard lets it be a whole number, too. Raises `Odd`."""
        if type(self.members.get(name)) is int:
            return str(self.members[name])
        return self.text(name)

    def truth(self, name: str) -> bool | None:
        """Return whether something is so, if it says. Raises `Odd` for no truth value."""
        value: bool | None = self._given(name, bool, "must be true or false")
        return value

    def whole(self, name: str) -> int | None:
        """Return a whole number in it. Raises `Odd` for any other value."""
        value = self.members.get(name)
        if value is None:
            return None
        # Programs that know one kind of number write 1080.0.
        number = Decimal(value) if type(value) in {int, Decimal} else None
        if number is None or number.adjusted() >= _LONGEST_WHOLE or number % 1:
            raise Odd(f"{self.where}.{name}", "must be a whole number, and no huge one")
        return int(number)

    def says(self, *names: str) -> bool:
        """Tell whether it has one of these members."""
        return any(self.members.get(name) is not None for name in names)

    def _given(self, name: str, kind: type, rule: str) -> Any:  # noqa: ANN401 - one of that type
        value = self.members.get(name)
        if value is not None and not isinstance(value, kind):
            raise Odd(f"{self.where}.{name}", rule)
        return value


@dataclass(frozen=True, slots=True)
class Process:
    """What a file says of one contracting process, its releases taken together.

    Parties and lots are found by their ids: looking through all of them for each contract
    would take a file with many of both for hours.
    """

    ocid: str | None
    buyer: Part
    tender: Part
    lots: Mapping[str | None, Part]
    parties: Mapping[str | None, Part]
    roles: Mapping[str, list[Part]]
    awards: list[Part]
    contracts: list[Part]


def processes(content: bytes) -> list[Process]:
    """Return the processes that a file tells of, in the order in which it names them first.

    Raises `BadFile` for what is no OCDS, `TooLarge` for more than any register needs.
    """
    try:
        releases = list(_releases(_values(content)))
        return [_together(ocid, told) for ocid, told in _by_process(releases)]
    except RecursionError:
        raise bad_file(
            "is nested more deeply than any release is; check where it is from"
        ) from None
    except Odd as odd:
        raise bad_file(f"cannot be read as OCDS: {odd}") from odd


def _values(content: bytes) -> Iterator[Members]:
    """Yield the objects that stand in a file one after the other: one, or one a line."""
    if sum(map(content.count, (b",", b"{", b"["))) > _MOST_VALUES:
        raise TooLarge(f"The file holds more than {_MOST_VALUES:,} values: split it.")
    decoder = json.JSONDecoder(parse_float=Decimal, parse_constant=_no_number)
    try:
        text = content.decode("utf-8-sig").strip()
        place = 0
        while place < len(text):
            value, place = decoder.raw_decode(text, place)
            if not isinstance(value, dict):
                raise bad_file(_NO_OCDS)
            yield value
            while text[place : place + 1].isspace():
                place += 1
    except UnicodeDecodeError as error:
        raise bad_file(_NO_UTF_8) from error
    except (ValueError, ArithmeticError) as error:  # numbers can be too long, or too large
        raise bad_file(_BROKEN) from error


def _no_number(name: str) -> None:
    raise ValueError(name)


def _releases(values: Iterable[Members]) -> Iterator[Part]:
    for value in values:
        file = Part("the file", value)
        if "records" in value:
            for record in file.parts("records"):
                yield from _of_record(record)
        elif "compiledRelease" in value or {"ocid", "releases"} <= value.keys():
            yield from _of_record(file)
        elif "releases" in value:
            yield from file.parts("releases")
        elif "ocid" in value:
            yield file
        else:
            raise bad_file(_NO_OCDS)


def _of_record(record: Part) -> Iterable[Part]:
    """Return the releases of a record, the compiled one alone where there is one."""
    if record.says("compiledRelease"):
        return [record.part("compiledRelease")]
    releases = [one for one in record.parts("releases") if one.says("ocid")]
    if releases:
        return releases
    if record.says("versionedRelease"):
        versioned = record.part("versionedRelease")
        return [_part(versioned.where, _newest(versioned.members))]
    raise Odd(record.where, _LINKED)


def _newest(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """Return a versioned value as it last was: each is a list of what it was, with dates."""
    if isinstance(value, dict):
        return {name: _newest(one) for name, one in value.items()}
    if not isinstance(value, list):
        return value
    if value and all(isinstance(one, dict) and "releaseDate" in one for one in value):
        return value[-1].get("value")
    return [_newest(one) for one in value]


def _by_process(releases: Iterable[Part]) -> Iterable[tuple[str | None, list[Part]]]:
    """Return the releases by their processes; one without an ocid is a process by itself."""
    found: dict[object, list[Part]] = {}
    for release in releases:
        found.setdefault(release.key("ocid") or object(), []).append(release)
    return [(told[0].key("ocid"), told) for told in found.values()]


def _together(ocid: str | None, releases: list[Part]) -> Process:
    """Return what releases say together; where they differ, the later one counts."""
    found: dict[str, dict[object, dict[str, Any]]] = {}
    whole: dict[str, dict[str, Any]] = {"buyer": {}, "tender": {}}
    for release in sorted(releases, key=_date_of):
        for name in whole:
            whole[name] |= release.part(name).members
        for name in ("parties", "awards", "contracts"):
            for part in release.parts(name):
                # What has no id is nothing that another release could tell of.
                key = part.key("id") or object()
                found.setdefault(name, {}).setdefault(key, {}).update(part.members)
    parties, awards, contracts = (
        [Part(one, members) for members in found.get(name, {}).values()]
        for name, one in (("parties", "party"), ("awards", "award"), ("contracts", "contract"))
    )
    buyer, tender = (Part(name, members) for name, members in whole.items())
    lots = {lot.key("id"): lot for lot in tender.parts("lots")}
    named = {party.key("id"): party for party in parties}
    return Process(ocid, buyer, tender, lots, named, _by_role(parties), awards, contracts)


def _by_role(parties: list[Part]) -> Mapping[str, list[Part]]:
    told = [(party, party.values("roles")) for party in parties]
    return {
        role: [party for party, roles in told if role in roles] for role in ("buyer", "supplier")
    }


def _date_of(release: Part) -> datetime:
    """Return the moment of a release; one that does not tell comes first."""
    try:
        found = datetime.fromisoformat(release.text("date") or "")
    except ValueError:
        return _NO_DATE
    try:
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except OverflowError:
        return _NO_DATE


def _part(where: str, value: object) -> Part:
    if value is not None and not isinstance(value, dict):
        raise Odd(where, "must be an object")
    return Part(where, value or {})
