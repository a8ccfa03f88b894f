"""What is done with a file that was sent in? Tried, taken, or taken as far as it goes.

The doors ask here with everything that was said about the file, and get a report for people.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from itertools import islice
from typing import Any

from app.records.engine import Session
from app.usecases.agreements import Actor
from app.usecases.files import BadFile, Format, RowFault
from app.usecases.foreign.amounts import AmountQuestion
from app.usecases.foreign.columns import Column
from app.usecases.foreign.days import DayQuestion
from app.usecases.gathering import Gathered, OpenQuestions, Progress, gather, look_into, nobody
from app.usecases.imports import Plan, carry_out, judge
from app.usecases.mapping_forms import Choice
from app.usecases.refused_rows import refused_file
from app.usecases.rehearsals import Rehearsal

MOST_TOLD = 1_000
"""So many rows of each outcome are told one by one; all of them are counted."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A file, and how it is to be read and taken."""

    content: bytes
    max_rows: int
    worksheet: str | None = None
    choice: Choice = field(default_factory=Choice)
    partial: bool = False

    def check(self) -> None:
        """Look through the file as far as that needs no time. Raises as `gather` does."""
        look_into(self.content, self.max_rows, self.worksheet, self.choice)

    def gathered(self, tell: Progress = nobody) -> Gathered:
        """Return what its rows state. Raises as `gather` does."""
        return gather(
            self.content,
            max_rows=self.max_rows,
            worksheet=self.worksheet,
            choice=self.choice,
            tell=tell,
        )


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a file: the report, and the rows that were left out as a file."""

    report: dict[str, Any]
    refused: bytes | None


def take(
    session: Session,
    sent: Sent,
    gathered: Gathered,
    *,
    actor: Actor,
    now: datetime,
    tell: Progress = nobody,
) -> Taken:
    """Store what a file states, in the session's transaction. Raises `BadFile` and `Stale`."""
    planned = judge(session, gathered, now=now, partial=sent.partial, tell=tell)
    carry_out(session, planned, actor=actor, now=now, tell=tell)
    refused = None
    if planned.faults:
        refused = refused_file(sent.content, planned.faults, planned.read_as, sent.max_rows)
    return Taken(_counted(planned) | {"dry_run": False}, refused)


def rehearse(
    session: Session,
    sent: Sent,
    *,
    today: date,
    now: datetime,
    most: int | None = MOST_TOLD,
    tell: Progress = nobody,
) -> dict[str, Any]:
    """Return what a file would do, in detail, at most `most` rows of each outcome one by one.

    What is refused is told wholly. Raises `BadFile` for what is no table at all, and `TooLarge`.
    """
    try:
        gathered = sent.gathered(tell)
    except BadFile as bad:
        if bad.read_as is None:
            raise  # no import file at all: there are no rows to tell about
        questions = bad.questions if isinstance(bad, OpenQuestions) else ()
        unread = _report(bad.read_as, bad.columns, bad.faults)
        return unread | {"questions": [_told(one) for one in questions]}
    planned = judge(session, gathered, now=now, partial=True, tell=tell)
    rehearsal = Rehearsal(session, planned, today)
    missing, differences = list(rehearsal.missing()), list(rehearsal.differences())
    return _counted(planned) | {
        "missing": len(missing),
        "creations": [asdict(one) for one in islice(rehearsal.newcomers(), most)],
        "changes": [asdict(one) for one in islice(rehearsal.changes(), most)],
        "missing_agreements": [asdict(one) for one in missing[:most]],
        "differences": [asdict(one) for one in differences[:most]],
        "differences_in_all": len(differences),
    }


def _counted(planned: Plan) -> dict[str, Any]:
    return _report(planned.read_as, planned.columns, planned.faults, planned.warnings) | {
        "created": len(planned.created),
        "changed": len(planned.changed),
        "unchanged": len(planned.unchanged),
    }


def _report(
    read_as: Format,
    columns: Iterable[Column],
    faults: list[RowFault],
    warnings: Iterable[RowFault] = (),
) -> dict[str, Any]:
    told = list(warnings)
    return {
        "dry_run": True,
        "format": asdict(read_as),
        "columns": [
            {
                "name": one.name,
                "field": one.field,
                "unit": one.unit,
                "confidence": round(one.confidence, 2),
                "used": one.used,
            }
            for one in columns
        ],
        "questions": [],
        "created": 0,
        "changed": 0,
        "unchanged": 0,
        "refused": len({fault.row for fault in faults}),
        "errors": [_fault(fault) for fault in faults],
        "errors_in_all": len(faults),
        "warnings": [_fault(fault) for fault in told[:MOST_TOLD]],
        "warnings_in_all": len(told),
        "missing": 0,
        "creations": [],
        "changes": [],
        "missing_agreements": [],
        "differences": [],
        "differences_in_all": 0,
        "refused_rows": None,
    }


def _fault(fault: RowFault) -> dict[str, Any]:
    return {
        "row": fault.row,
        "column": fault.column,
        "value": fault.value,
        "detail": fault.rule,
    }


def _told(question: DayQuestion | AmountQuestion) -> dict[str, Any]:
    return {
        "setting": question.setting,
        "choices": list(question.choices),
        "column": question.column,
        "row": question.row,
        "sentence": question.sentence,
    }
