"""What does a calendar say about one date of one agreement?

A term runs from its first to its last day, both covered. Every text that comes from the
register is put on one line, so that no title can pose as a line of ours.
"""

import json
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from uuid import UUID

from app.feeds.plain_text import clip, one_line, plain_url
from app.feeds.unrenderable import Unrenderable
from app.renewals.acts import DecisionState
from app.renewals.milestones import MilestoneKind
from app.renewals.reasons import say_day

LONGEST_SUMMARY = 255
LONGEST_DESCRIPTION = 7_999
LONGEST_URL = 2_000
_LONGEST_LINE = 500
_LONGEST_NOTES = 2_000

RENDERING = 2
"""Part of every fingerprint: raise it whenever the same text renders to other bytes."""

# No comma in these: several readers split a category there, escaped or not.
_CATEGORIES = {
    MilestoneKind.NEGOTIATION_START: "Negotiation start",
    MilestoneKind.NOTICE_WINDOW_OPENS: "Notice window opens",
    MilestoneKind.SEND_BY: "Send-by date",
    MilestoneKind.NOTICE_DEADLINE: "Notice deadline",
    MilestoneKind.TERM_END: "Term end",
    MilestoneKind.RENEWAL: "Renewal",
}
_ORDER = {kind: place for place, kind in enumerate(MilestoneKind)}

_DASH = " \N{EN DASH} "
_SAME_LINE = " / "


@dataclass(frozen=True, slots=True)
class Subject:
    """What is said of an agreement in all of its events.

    `url` leads to the agreement; `notes` are None where a feed does not show them. The texts
    may hold anything that a register holds.
    """

    agreement_id: UUID
    reference: str
    title: str
    counterparty: str
    owner: str | None
    procurement_contact: str | None
    url: str
    notes: str | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far people are with a term.

    `is_handled` tells that nobody need act on it any more; `letter_on` is the day from which
    on a notice is known that ends or extends the term.
    """

    state: DecisionState = DecisionState.UNDECIDED
    settled_on: date | None = None
    is_handled: bool = False
    letter_on: date | None = None


@dataclass(frozen=True, slots=True)
class Moment:
    """One date of one term, with what is needed to explain it.

    `assumed` marks a date that rests on a notice period nobody has entered; `why` holds
    the steps that led to the date; `chain` all dates of the same term, this one among
    them, in any order. `term_end` is None for a term without end; `goes_on` tells whether
    the agreement goes on after the term, as things stand, and `renews_for` how long (None
    where its end was stated). `notice` and `checked` are phrases: the notice clause, and how
    far the dates were checked against the contract. `moved_from` is the day that was
    published before this one, if any. `amounts` says what the term costs, one phrase a line;
    it is empty where a feed does not show that.
    """

    kind: MilestoneKind
    on: date
    assumed: bool
    why: tuple[str, ...]
    term_number: int
    term_start: date
    term_end: date | None
    chain: tuple[tuple[MilestoneKind, date], ...]
    goes_on: bool
    notice: str = "not known"
    checked: str | None = None
    renews_for: str | None = None
    progress: Progress = Progress()
    moved_from: date | None = None
    amounts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EventText:
    """All that a reader sees of an event; equal texts render to equal bytes.

    `summary` is one line, `description` several, separated by line feeds; `url` is ASCII,
    None where there is nothing to lead to; `tentative` marks a date not yet confirmed.
    """

    on: date
    summary: str
    description: str
    category: str
    url: str | None
    tentative: bool


def tell(subject: Subject, moment: Moment) -> EventText:
    """Return the text of the event for one date of an agreement.

    Raises `Unrenderable` for a URL of more than `LONGEST_URL` characters, which no program
    opens and which would leave no room for the text above it.
    """
    url = plain_url(subject.url)
    if len(url) > LONGEST_URL:
        raise Unrenderable("url", f"has at most {LONGEST_URL} characters")
    return EventText(
        on=moment.on,
        summary=_summary(subject, moment),
        description=_description(subject, moment, url),
        category=_CATEGORIES[moment.kind],
        url=url,
        tentative=moment.assumed,
    )


def fingerprint(text: EventText) -> str:
    """Return 64 hexadecimal digits that change with anything rendered from `text`.

    A caller raises SEQUENCE when they do (RFC 5545, section 3.8.7.4).
    """
    rendered = (
        RENDERING,
        text.on.isoformat(),
        text.summary,
        text.description,
        text.category,
        text.url,
        text.tentative,
    )
    # JSON, so that no two texts run together into the same one.
    return sha256(json.dumps(rendered).encode()).hexdigest()


def _summary(subject: Subject, moment: Moment) -> str:
    label = _label(moment)
    if moment.assumed:
        label += " (assumed)"
    names = [name for name in map(one_line, (subject.counterparty, subject.title)) if name]
    name = _DASH.join(names) or one_line(subject.reference)
    return clip(f"{label}: {name}" if name else label, LONGEST_SUMMARY)


_SETTLED = {
    DecisionState.RENEW: "Renewal decided",
    DecisionState.RENEGOTIATE: "Renegotiated",
    DecisionState.EXTEND: "Extension decided",
    DecisionState.DO_NOT_RENEW: "Non-renewal decided",
    DecisionState.REPLACE: "Replacement decided",
}
_ENDS = frozenset({MilestoneKind.TERM_END, MilestoneKind.RENEWAL})


def _label(moment: Moment) -> str:
    """Return what a title begins with: the date's name, and how far people are with it."""
    name, progress = _name(moment.kind, moment), moment.progress
    if moment.kind in _ENDS or progress.state is DecisionState.UNDECIDED:
        return name
    settled = _SETTLED.get(progress.state)
    if settled is None:
        return f"{name} ({_words(progress.state)})"
    return settled if progress.is_handled else f"{name} (decided: {_words(progress.state)})"


def _name(kind: MilestoneKind, moment: Moment) -> str:
    match kind:
        case MilestoneKind.TERM_END:
            return "Term ends" if moment.goes_on else "Ends"
        case MilestoneKind.RENEWAL if moment.goes_on and moment.renews_for:
            return f"Renews for {moment.renews_for}"
        case MilestoneKind.RENEWAL:
            return "Renews" if moment.goes_on else "Would renew"
        case _:
            return _CATEGORIES[kind]


def _words(state: DecisionState) -> str:
    return state.value.replace("_", " ")


def _decision(progress: Progress) -> str:
    match progress.state:
        case DecisionState.UNDECIDED:
            return "Decision: none yet"
        case DecisionState.CONTESTED:
            return "Decision: contested, IT and procurement differ"
        case state if progress.settled_on is not None:
            return f"Decision: {_words(state)}, settled on {say_day(progress.settled_on)}"
        case state:
            return f"Decision: {_words(state)}"


def _description(subject: Subject, moment: Moment, url: str) -> str:
    lines = [_MEANINGS[moment.kind](moment)]
    if moment.assumed:
        lines.append("Assumed, because the notice period is not known: please confirm it.")
    if moment.moved_from is not None:
        lines.append(f"This date has moved: it was {say_day(moment.moved_from)} before.")
    lines.append(_decision(moment.progress))
    if moment.progress.letter_on is not None:
        lines.append(f"Notice given: known since {say_day(moment.progress.letter_on)}")
    lines += [
        "",
        _term(moment),
        *(
            f"{_name(kind, moment)}: {say_day(on)}"
            for kind, on in sorted(moment.chain, key=lambda link: (link[1], _ORDER[link[0]]))
        ),
        "",
        _line("Notice", moment.notice, missing="not known"),
        *([] if moment.checked is None else [_line("Checked", moment.checked)]),
        _line("Owner (IT)", subject.owner),
        _line("Procurement contact", subject.procurement_contact),
        _line("Reference", subject.reference),
        *(clip(one_line(amount), _LONGEST_LINE) for amount in moment.amounts),
        *_notes(subject.notes),
        "",
        "Why:",
        *(clip(f"- {one_line(step)}", _LONGEST_LINE) for step in moment.why),
    ]
    # The link comes last and whole, whatever has to give way.
    link = f"\n\n{url}"
    return clip("\n".join(lines), LONGEST_DESCRIPTION - len(link)) + link


def _notes(notes: str | None) -> list[str]:
    lines = [one_line(line) for line in (notes or "").splitlines()]
    told = [line for line in lines if line]
    return [clip(f"Notes: {_SAME_LINE.join(told)}", _LONGEST_NOTES)] if told else []


def _meaning_of_negotiation_start(moment: Moment) -> str:
    dates = dict(moment.chain)
    if send_by := dates.get(MilestoneKind.SEND_BY):
        return f"Day to start negotiating: a notice must be sent by {say_day(send_by)}."
    if deadline := dates.get(MilestoneKind.NOTICE_DEADLINE):
        return f"Day to start negotiating: a notice must have arrived by {say_day(deadline)}."
    if moment.term_end:
        return f"Day to start negotiating: the term ends on {say_day(moment.term_end)}."
    return "Day to start negotiating."


def _meaning_of_window_opening(moment: Moment) -> str:
    return f"First day on which a notice is valid{_until_deadline(moment)}."


def _meaning_of_send_by(moment: Moment) -> str:
    return f"Last day to send the notice, so that it arrives in time{_until_deadline(moment)}."


def _meaning_of_notice_deadline(moment: Moment) -> str:
    told = "Last day on which a notice may arrive"
    if moment.goes_on:
        after = f" after {say_day(moment.term_end)}" if moment.term_end else ""
        return f"{told}; without one the agreement goes on{after}."
    # An option nobody has used yet, or a notice that has been received: both end it.
    end = f" on {say_day(moment.term_end)}" if moment.term_end else ""
    return f"{told}; as things stand the agreement ends{end}."


def _meaning_of_term_end(moment: Moment) -> str:
    if moment.goes_on:
        return "Last covered day of the term; the agreement goes on."
    return "Last covered day of the agreement."


def _meaning_of_renewal(moment: Moment) -> str:
    if moment.goes_on:
        length = f" for {moment.renews_for}" if moment.renews_for else ""
        return f"First day of the next term: the agreement renews{length}."
    return "First day of a next term, if the agreement is extended; else it is over."


_MEANINGS = {
    MilestoneKind.NEGOTIATION_START: _meaning_of_negotiation_start,
    MilestoneKind.NOTICE_WINDOW_OPENS: _meaning_of_window_opening,
    MilestoneKind.SEND_BY: _meaning_of_send_by,
    MilestoneKind.NOTICE_DEADLINE: _meaning_of_notice_deadline,
    MilestoneKind.TERM_END: _meaning_of_term_end,
    MilestoneKind.RENEWAL: _meaning_of_renewal,
}


def _until_deadline(moment: Moment) -> str:
    deadline = dict(moment.chain).get(MilestoneKind.NOTICE_DEADLINE)
    return f"; it has to arrive by {say_day(deadline)}" if deadline else ""


def _term(moment: Moment) -> str:
    start = f"Term {moment.term_number}: {say_day(moment.term_start)}"
    return f"{start} to {say_day(moment.term_end)}" if moment.term_end else f"{start}, open-ended"


def _line(name: str, value: str | None, *, missing: str = "not named") -> str:
    return clip(f"{name}: {one_line(value or '') or missing}", _LONGEST_LINE)
