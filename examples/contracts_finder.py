"""Say which IT agreements a UK Contracts Finder export holds, in the import form.

    python examples/contracts_finder.py IN.csv > OUT.csv

IN.csv is a file of notices as Contracts Finder hands it out. The agreements go to
standard output; every IT row that cannot become one goes to standard error with its
number and the reason, and so does the count. Rows are numbered as a spreadsheet
numbers them: the header is row 1, the first notice row 2.

Conventions, stated once:

- Nothing is invented. A notice has no field for renewal or for a notice period, so
  every agreement is written as one with a fixed end, and its notes say so.
- A date is cut off as it is written and never converted to another time zone:
  2025-04-01T00:00:00+01:00 is 1 April, although it is still 31 March in UTC.
- The end of a period is its last day, included (notices end at 23:59:59).
- The awarded period wins over the planned one, as a whole: a start from the one and
  an end from the other would be a period that nobody agreed.
- The buying organisation becomes the cost centre, not the owner. It pays; an owner
  is somebody who acts, and the notice names nobody. Left empty, the owner is seen to
  be missing.
"""

import argparse
import csv
import html
import io
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path

Row = dict[str, str]

COLUMNS_READ = (
    "Notice OCID",
    "Notice Identifier",
    "Title",
    "Description",
    "Organisation Name",
    "Supplier",
    "CPV Code",
    "Contract Start Date (planned)",
    "Contract End Date (planned)",
    "Awarded Date",
    "Contract Start Date",
    "Contract End Date",
    "Awarded Value",
    "Currency",
)
COLUMNS_WRITTEN = (
    "reference",
    "title",
    "kind",
    "counterparty",
    "cost_centre",
    "currency",
    "total_value",
    "start_date",
    "end_date",
    "end_date_is",
    "renewal_kind",
    "document_link",
    "notes",
)

# Divisions of the Common Procurement Vocabulary: 30 computers, 32 network and audio
# equipment, 48 software, 503 repair of computers, 64 telecommunications, 72 services.
IT_CODES = ("30", "32", "48", "503", "64", "72")

# What the notice says in words comes first, in this order; what its code says second;
# and where neither says it, the kind is "other".
KIND_BY_WORDS = {
    "saas": r"\bsaas\b|\bsoftware[- ]as[- ]a[- ]service\b",
    "managed_service": r"\bmanaged (\w+ )?services?\b",
    "software_maintenance": r"\bsoftware (\w+ (and|&) )?(support|maintenance)\b",
    "hardware_support": r"\bhardware (\w+ (and|&) )?(support|maintenance)\b",
}
KIND_BY_CODE = {
    "503": "hardware_support",
    "642": "telecom_circuit",
    "72261": "software_maintenance",
    "72267": "software_maintenance",
    "7251": "managed_service",
}

# Some buyers write a day that never comes for "no end".
FIRST_YEAR_OF_NO_END = 2099

EXTENSION = re.compile(r"\b(extend|extension|renew)", re.IGNORECASE)


class NoAgreementError(Exception):
    """The row cannot become an agreement; the message says why."""


@dataclass(slots=True)
class Outcome:
    """What became of the rows of one file: every row is in exactly one place."""

    agreements: list[Row] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    repeats: list[str] = field(default_factory=list)
    not_it: int = 0

    def messages(self) -> Iterator[str]:
        """Say what was left out and why, then count."""
        yield from self.refusals
        yield from self.repeats
        written, repeated = len(self.agreements), len(self.repeats)
        refused = len(self.refusals)
        yield (
            f"{self.not_it + written + refused + repeated} rows read: "
            f"{self.not_it} not IT, {written} written, "
            f"{refused} refused, {repeated} repeated"
        )


def main() -> None:
    """Read the file named on the command line; write agreements and messages."""
    parser = argparse.ArgumentParser(
        description="Turn the IT rows of a Contracts Finder CSV into the import form."
    )
    parser.add_argument("notices", type=Path, help="the Contracts Finder CSV")
    path: Path = parser.parse_args().notices
    try:
        outcome = convert(numbered_notices(path))
    except (OSError, ValueError, csv.Error) as error:
        parser.error(f"{path} is not a readable file of notices: {error}")
    # As bytes, so that no platform changes the encoding or the line ends.
    sys.stdout.buffer.write(as_csv(outcome.agreements).encode())
    print(*outcome.messages(), sep="\n", file=sys.stderr)


def numbered_notices(path: Path) -> Iterator[tuple[int, Row]]:
    """Yield the rows that are not blank, with their numbers."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file)
        header = next(reader, [])
        missing = [name for name in COLUMNS_READ if name not in header]
        if missing:
            reason = f"no column {', '.join(missing)}"
            raise ValueError(reason)
        for number, cells in enumerate(reader, start=2):
            if any(cells):
                row = dict(zip(header, cells, strict=False))
                yield number, {name: tidy(row.get(name, "")) for name in COLUMNS_READ}


def tidy(cell: str) -> str:
    """Put a cell on one line and undo the page's escapes ("St Bede&apos;s")."""
    return " ".join(html.unescape(cell).split())


def convert(rows: Iterable[tuple[int, Row]]) -> Outcome:
    """Sort the rows into agreements, refusals, repeats and what is not IT."""
    outcome = Outcome()
    first_seen: dict[tuple[str, str], int] = {}
    for number, notice in rows:
        try:
            if not is_it(notice):
                outcome.not_it += 1
                continue
            found = agreement(notice)
        except NoAgreementError as reason:
            outcome.refusals.append(f"row {number} refused: {reason}")
            continue
        key = found["reference"], found["counterparty"]
        first = first_seen.setdefault(key, number)
        if first == number:
            outcome.agreements.append(found)
        else:
            outcome.repeats.append(f"row {number} repeats row {first}: {' / '.join(key)}")
    return outcome


def as_csv(agreements: Iterable[Row]) -> str:
    """Render agreements in the import form."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS_WRITTEN, lineterminator="\n")
    writer.writeheader()
    writer.writerows(agreements)
    return text.getvalue()


def agreement(notice: Row) -> Row:
    """Say one notice in the columns of the import form."""
    start, end = period(notice)
    return {
        "reference": stated(notice, "Notice Identifier"),
        "title": stated(notice, "Title"),
        "kind": kind(notice),
        "counterparty": counterparty(notice),
        "cost_centre": notice["Organisation Name"],
        "currency": notice["Currency"],
        "total_value": total_value(notice),
        "start_date": start.isoformat(),
        "end_date": end.isoformat(),
        "end_date_is": "last_day",
        "renewal_kind": "none",
        "document_link": "",
        "notes": notes(notice),
    }


def is_it(notice: Row) -> bool:
    """Tell by the code whether the notice is about IT."""
    return cpv_code(notice).startswith(IT_CODES)


def cpv_code(notice: Row) -> str:
    """Return the eight digits of the notice's procurement code.

    A spreadsheet drops a leading zero: 3000000 is 03000000, farm produce, and not a
    computer. No code begins with two zeros. The check digit ("48000000-8") goes.
    """
    written = re.fullmatch(r"([0-9]{7,8})(-[0-9])?", notice["CPV Code"])
    if written is None:
        reason = f"cannot tell whether it is IT: CPV code {notice['CPV Code']!r}"
        raise NoAgreementError(reason)
    return written[1].zfill(8)


def kind(notice: Row) -> str:
    """Return the agreement's kind where words or code say it, else "other"."""
    text, code = words(notice), cpv_code(notice)
    for name, pattern in KIND_BY_WORDS.items():
        if re.search(pattern, text, re.IGNORECASE):
            return name
    for prefix, name in KIND_BY_CODE.items():
        if code.startswith(prefix):
            return name
    return "other"


def words(notice: Row) -> str:
    """Return what the buyer wrote about the contract."""
    return f"{notice['Title']}. {notice['Description']}"


def counterparty(notice: Row) -> str:
    """Return the supplier; an agreement has one, so a list is no answer."""
    supplier = stated(notice, "Supplier")
    if ";" in supplier:
        reason = f"several suppliers, and an agreement has one: {supplier}"
        raise NoAgreementError(reason)
    return supplier


def total_value(notice: Row) -> str:
    """Return the awarded value with two decimals, empty if none is stated."""
    value = notice["Awarded Value"]
    if not value:
        return ""
    if not re.fullmatch(r"[0-9]+(\.[0-9]{1,2})?", value):
        reason = f"Awarded Value {value!r} is not an amount"
        raise NoAgreementError(reason)
    stated(notice, "Currency")
    return f"{Decimal(value):.2f}"


def period(notice: Row) -> tuple[date, date]:
    """Return first and last day: as awarded if that is given, else as planned."""
    suffix = "" if has_awarded_period(notice) else " (planned)"
    start = day(notice, f"Contract Start Date{suffix}")
    end = day(notice, f"Contract End Date{suffix}")
    if end < start:
        reason = f"it ends on {end}, before it starts on {start}"
        raise NoAgreementError(reason)
    if end.year >= FIRST_YEAR_OF_NO_END:
        reason = f"its end, {end}, reads as no end at all"
        raise NoAgreementError(reason)
    return start, end


def has_awarded_period(notice: Row) -> bool:
    """Tell whether the notice states a period, or half of one, as awarded."""
    return bool(notice["Contract Start Date"] or notice["Contract End Date"])


def day(notice: Row, column: str) -> date:
    """Return the date in a column as it is written there, whatever the time zone."""
    written = stated(notice, column)
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(T.*)?", written):
        reason = f"{column} {written!r} is not a date"
        raise NoAgreementError(reason)
    try:
        return date.fromisoformat(written[:10])
    except ValueError:
        reason = f"{column} {written[:10]} is not a day of the calendar"
        raise NoAgreementError(reason) from None


def stated(notice: Row, column: str) -> str:
    """Return a cell that an agreement cannot do without."""
    if not notice[column]:
        reason = f"no {column}"
        raise NoAgreementError(reason)
    return notice[column]


def notes(notice: Row) -> str:
    """Say where the agreement comes from and what its source leaves open."""
    return " ".join(sentences(notice))


def sentences(notice: Row) -> Iterator[str]:
    """Yield the notes one by one."""
    awarded = notice["Awarded Date"][:10]
    yield f"From Contracts Finder, {notice['Notice OCID'] or 'no OCID'}" + (
        f", awarded {awarded}." if awarded else "."
    )
    planned = period_as_written(notice, " (planned)")
    if has_awarded_period(notice) and planned != period_as_written(notice, ""):
        yield f"Planned period: {planned}."
    yield (
        "A notice has no field for renewal or for a notice period; "
        "what is known is the end it states."
    )
    if EXTENSION.search(words(notice)):
        yield "Its text speaks of an extension or renewal: read the contract."


def period_as_written(notice: Row, suffix: str) -> str:
    """Return the days of a period unread, for a person."""
    start = notice[f"Contract Start Date{suffix}"][:10]
    end = notice[f"Contract End Date{suffix}"][:10]
    return f"{start or 'not stated'} to {end or 'not stated'}"


if __name__ == "__main__":
    main()
