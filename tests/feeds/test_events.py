"""The facts of one date in, the words of its event out."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from app.feeds.events import (
    LONGEST_DESCRIPTION,
    LONGEST_SUMMARY,
    LONGEST_URL,
    EventText,
    Moment,
    Progress,
    Subject,
    fingerprint,
    tell,
)
from app.feeds.unrenderable import Unrenderable
from app.renewals.acts import DecisionState
from app.renewals.milestones import MilestoneKind as Kind

URL = "https://noticeboard.example/agreements/11111111"
AZURE = Subject(
    agreement_id=UUID("11111111-1111-4111-8111-111111111111"),
    reference="C-2024-17",
    title="Azure EA",
    counterparty="Contoso",
    owner="Ada Lovelace",
    procurement_contact=None,
    url=URL,
)
DEADLINE = Moment(
    kind=Kind.NOTICE_DEADLINE,
    on=date(2026, 2, 28),
    assumed=False,
    why=("The term's last day is Tue 14 Apr 2026.", "45 days before that: Sat 28 Feb 2026."),
    term_number=2,
    term_start=date(2025, 4, 15),
    term_end=date(2026, 4, 14),
    chain=(
        (Kind.RENEWAL, date(2026, 4, 15)),
        (Kind.NOTICE_DEADLINE, date(2026, 2, 28)),
        (Kind.SEND_BY, date(2026, 2, 26)),
        (Kind.NEGOTIATION_START, date(2025, 11, 28)),
    ),
    goes_on=True,
    notice="45 days before the last day of the term",
    renews_for="12 months",
)
NO_CHAIN = replace(DEADLINE, chain=())


def first_line(moment: Moment) -> str:
    return tell(AZURE, moment).description.splitlines()[0]


def test_an_event_tells_the_whole_story() -> None:
    assert tell(AZURE, DEADLINE) == EventText(
        on=date(2026, 2, 28),
        summary="Notice deadline: Contoso – Azure EA",  # noqa: RUF001 - the dash it has
        description=(
            "Last day on which a notice may arrive; without one the agreement goes on after "
            "Tue 14 Apr 2026.\n"
            "Decision: none yet\n"
            "\n"
            "Term 2: Tue 15 Apr 2025 to Tue 14 Apr 2026\n"
            "Negotiation start: Fri 28 Nov 2025\n"
            "Send-by date: Thu 26 Feb 2026\n"
            "Notice deadline: Sat 28 Feb 2026\n"
            "Renews for 12 months: Wed 15 Apr 2026\n"
            "\n"
            "Notice: 45 days before the last day of the term\n"
            "Owner (IT): Ada Lovelace\n"
            "Procurement contact: not named\n"
            "Reference: C-2024-17\n"
            "\n"
            "Why:\n"
            "- The term's last day is Tue 14 Apr 2026.\n"
            "- 45 days before that: Sat 28 Feb 2026.\n"
            "\n"
            f"{URL}"
        ),
        category="Notice deadline",
        url=URL,
        tentative=False,
    )


@pytest.mark.parametrize(
    ("kind", "goes_on", "label", "category"),
    [
        (Kind.NEGOTIATION_START, True, "Negotiation start", "Negotiation start"),
        (Kind.NOTICE_WINDOW_OPENS, True, "Notice window opens", "Notice window opens"),
        (Kind.SEND_BY, True, "Send-by date", "Send-by date"),
        (Kind.NOTICE_DEADLINE, False, "Notice deadline", "Notice deadline"),
        (Kind.TERM_END, False, "Ends", "Term end"),
        (Kind.TERM_END, True, "Term ends", "Term end"),
        (Kind.RENEWAL, True, "Renews for 12 months", "Renewal"),
        (Kind.RENEWAL, False, "Would renew", "Renewal"),
    ],
)
def test_the_kind_comes_first(kind: Kind, *, goes_on: bool, label: str, category: str) -> None:
    text = tell(AZURE, replace(DEADLINE, kind=kind, goes_on=goes_on))
    assert text.summary.startswith(f"{label}: Contoso")
    assert text.category == category


SETTLED = Progress(DecisionState.RENEW, date(2026, 1, 12))


@pytest.mark.parametrize(
    ("kind", "progress", "label"),
    [
        (Kind.NOTICE_DEADLINE, Progress(DecisionState.IN_REVIEW), "Notice deadline (in review)"),
        (Kind.NOTICE_DEADLINE, Progress(DecisionState.CONTESTED), "Notice deadline (contested)"),
        (
            Kind.NEGOTIATION_START,
            Progress(DecisionState.CONTESTED),
            "Negotiation start (contested)",
        ),
        (
            Kind.SEND_BY,
            Progress(DecisionState.DO_NOT_RENEW, date(2026, 1, 12)),
            "Send-by date (decided: do not renew)",
        ),
        (Kind.NOTICE_DEADLINE, SETTLED, "Notice deadline (decided: renew)"),
        (Kind.NOTICE_DEADLINE, replace(SETTLED, is_handled=True), "Renewal decided"),
        *(
            (
                Kind.NOTICE_DEADLINE,
                Progress(state, date(2026, 1, 12), is_handled=True),
                label,
            )
            for state, label in (
                (DecisionState.RENEGOTIATE, "Renegotiated"),
                (DecisionState.EXTEND, "Extension decided"),
                (DecisionState.DO_NOT_RENEW, "Non-renewal decided"),
                (DecisionState.REPLACE, "Replacement decided"),
            )
        ),
        (Kind.RENEWAL, SETTLED, "Renews for 12 months"),
        (Kind.TERM_END, Progress(DecisionState.CONTESTED), "Term ends"),
    ],
)
def test_a_title_says_how_far_people_are(kind: Kind, progress: Progress, label: str) -> None:
    text = tell(AZURE, replace(DEADLINE, kind=kind, progress=progress))
    assert text.summary.startswith(f"{label}: Contoso")


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ({}, "Decision: none yet"),
        ({"progress": Progress(DecisionState.IN_REVIEW)}, "Decision: in review"),
        (
            {"progress": Progress(DecisionState.CONTESTED)},
            "Decision: contested, IT and procurement differ",
        ),
        ({"progress": SETTLED}, "Decision: renew, settled on Mon 12 Jan 2026"),
        (
            {"progress": Progress(letter_on=date(2026, 2, 20))},
            "Notice given: known since Fri 20 Feb 2026",
        ),
        (
            {"moved_from": date(2026, 3, 1)},
            "This date has moved: it was Sun 1 Mar 2026 before.",
        ),
        ({"checked": "not yet"}, "Checked: not yet"),
        (
            {"kind": Kind.RENEWAL},
            "First day of the next term: the agreement renews for 12 months.",
        ),
        (
            {"kind": Kind.RENEWAL, "renews_for": None},
            "First day of the next term: the agreement renews.",
        ),
    ],
)
def test_the_text_says_what_people_did(change: dict[str, Any], line: str) -> None:
    assert line in tell(AZURE, replace(DEADLINE, **change)).description.splitlines()


def test_a_renewal_without_a_stated_length_just_renews() -> None:
    moment = replace(DEADLINE, kind=Kind.RENEWAL, renews_for=None)
    assert tell(AZURE, moment).summary.startswith("Renews: Contoso")


@pytest.mark.parametrize("kind", Kind)
def test_a_category_is_fixed_words_without_a_comma(kind: Kind) -> None:
    assert (
        tell(AZURE, replace(DEADLINE, kind=kind))
        .category.replace(" ", "")
        .replace("-", "")
        .isalpha()
    )


@pytest.mark.parametrize(
    ("moment", "meaning"),
    [
        pytest.param(
            replace(DEADLINE, kind=Kind.NEGOTIATION_START),
            "Day to start negotiating: a notice must be sent by Thu 26 Feb 2026.",
            id="negotiation before a send-by date",
        ),
        pytest.param(
            replace(
                DEADLINE,
                kind=Kind.NEGOTIATION_START,
                chain=((Kind.NOTICE_DEADLINE, date(2026, 2, 28)),),
            ),
            "Day to start negotiating: a notice must have arrived by Sat 28 Feb 2026.",
            id="negotiation before a deadline",
        ),
        pytest.param(
            replace(NO_CHAIN, kind=Kind.NEGOTIATION_START),
            "Day to start negotiating: the term ends on Tue 14 Apr 2026.",
            id="negotiation without notice",
        ),
        pytest.param(
            replace(NO_CHAIN, kind=Kind.NEGOTIATION_START, term_end=None),
            "Day to start negotiating.",
            id="negotiation, open-ended",
        ),
        pytest.param(
            replace(DEADLINE, kind=Kind.NOTICE_WINDOW_OPENS),
            "First day on which a notice is valid; it has to arrive by Sat 28 Feb 2026.",
            id="window",
        ),
        pytest.param(
            replace(NO_CHAIN, kind=Kind.NOTICE_WINDOW_OPENS),
            "First day on which a notice is valid.",
            id="window, no deadline known",
        ),
        pytest.param(
            replace(DEADLINE, kind=Kind.SEND_BY),
            "Last day to send the notice, so that it arrives in time; "
            "it has to arrive by Sat 28 Feb 2026.",
            id="send by",
        ),
        pytest.param(
            replace(DEADLINE, goes_on=False),
            "Last day on which a notice may arrive; "
            "as things stand the agreement ends on Tue 14 Apr 2026.",
            id="deadline of an option",
        ),
        pytest.param(
            replace(DEADLINE, term_end=None),
            "Last day on which a notice may arrive; without one the agreement goes on.",
            id="deadline, open-ended",
        ),
        pytest.param(
            replace(DEADLINE, goes_on=False, term_end=None),
            "Last day on which a notice may arrive; as things stand the agreement ends.",
            id="deadline, end not known",
        ),
        pytest.param(
            replace(DEADLINE, kind=Kind.TERM_END, goes_on=False),
            "Last covered day of the agreement.",
            id="end",
        ),
        pytest.param(
            replace(DEADLINE, kind=Kind.TERM_END),
            "Last covered day of the term; the agreement goes on.",
            id="end of a minimum term",
        ),
        pytest.param(
            replace(DEADLINE, kind=Kind.RENEWAL),
            "First day of the next term: the agreement renews for 12 months.",
            id="renewal",
        ),
        pytest.param(
            replace(DEADLINE, kind=Kind.RENEWAL, goes_on=False),
            "First day of a next term, if the agreement is extended; else it is over.",
            id="renewal that nobody has asked for",
        ),
    ],
)
def test_the_first_line_says_what_the_date_means(moment: Moment, meaning: str) -> None:
    assert first_line(moment) == meaning


def test_an_assumed_date_says_so_and_is_tentative() -> None:
    text = tell(AZURE, replace(DEADLINE, assumed=True))
    assert text.summary == "Notice deadline (assumed): Contoso – Azure EA"  # noqa: RUF001
    assert text.tentative
    assert "Assumed, because the notice period is not known: please confirm it.\n" in (
        text.description
    )


def test_a_term_without_end_is_open_ended() -> None:
    description = tell(AZURE, replace(DEADLINE, term_end=None)).description
    assert "\nTerm 2: Tue 15 Apr 2025, open-ended\n" in description


def test_dates_on_the_same_day_follow_the_order_of_the_vocabulary() -> None:
    day = date(2026, 2, 28)
    chain = ((Kind.NOTICE_DEADLINE, day), (Kind.SEND_BY, day), (Kind.NEGOTIATION_START, day))
    description = tell(AZURE, replace(DEADLINE, chain=chain)).description
    assert (
        "\nNegotiation start: Sat 28 Feb 2026\n"
        "Send-by date: Sat 28 Feb 2026\n"
        "Notice deadline: Sat 28 Feb 2026\n"
    ) in description


@pytest.mark.parametrize(
    ("counterparty", "title", "name"),
    [
        ("Contoso", "", "Contoso"),
        ("\n", "Azure EA", "Azure EA"),
        ("\x07", " ", "C-2024-17"),
    ],
)
def test_a_name_that_is_empty_leaves_no_gap(counterparty: str, title: str, name: str) -> None:
    text = tell(replace(AZURE, counterparty=counterparty, title=title), DEADLINE)
    assert text.summary == f"Notice deadline: {name}"


def test_an_agreement_without_any_name_still_has_a_summary() -> None:
    nameless = replace(AZURE, counterparty="", title="", reference="")
    assert tell(nameless, DEADLINE).summary == "Notice deadline"


def test_what_is_blank_is_named_as_missing() -> None:
    blank = replace(AZURE, owner=" ", procurement_contact="")
    description = tell(blank, replace(DEADLINE, notice="")).description
    assert "\nNotice: not known\nOwner (IT): not named\nProcurement contact: not named\n" in (
        description
    )


def test_no_text_of_the_register_can_pose_as_a_line_of_ours() -> None:
    forged = "x\r\nNotice deadline: Fri 1 Jan 2100\u2028Why:\vEND:VEVENT"
    subject = replace(
        AZURE,
        title=forged,
        counterparty=forged,
        reference=forged,
        owner=forged,
        procurement_contact=forged,
    )
    text = tell(subject, replace(DEADLINE, why=(forged,), notice=forged))
    honest = tell(AZURE, replace(DEADLINE, why=("x",)))
    assert "\n" not in text.summary
    assert len(text.description.splitlines()) == len(honest.description.splitlines())
    assert "\nNotice deadline: Fri 1 Jan 2100" not in text.description


def test_a_long_title_is_cut_to_what_outlook_takes() -> None:
    summary = tell(replace(AZURE, title="t" * 300), DEADLINE).summary
    assert len(summary) == LONGEST_SUMMARY
    assert summary.endswith("t…")


def test_a_long_explanation_gives_way_to_the_link() -> None:
    endless = replace(DEADLINE, why=tuple(f"Step {n}. {'word ' * 200}" for n in range(100)))
    description = tell(AZURE, endless).description
    assert len(description) <= LONGEST_DESCRIPTION
    assert description.endswith(f"…\n\n{URL}")
    assert "\nReference: C-2024-17\n" in description


def test_a_link_that_no_program_opens_is_refused() -> None:
    fits = "https://x.example/".ljust(LONGEST_URL, "a")
    assert tell(replace(AZURE, url=fits), DEADLINE).url == fits
    with pytest.raises(Unrenderable, match=f"url has at most {LONGEST_URL} characters"):
        tell(replace(AZURE, url=f"{fits}a"), DEADLINE)


def test_the_link_is_encoded_alike_in_both_places() -> None:
    text = tell(replace(AZURE, url="https://x.example/a,b;c"), DEADLINE)
    assert text.url == "https://x.example/a%2Cb%3Bc"
    assert text.description.splitlines()[-1] == text.url


@pytest.mark.parametrize(
    "change",
    [
        {"title": "Azure EA 2"},
        {"counterparty": "Contoso Europe"},
        {"reference": "C-2024-18"},
        {"owner": "Grace Hopper"},
        {"procurement_contact": "Grace Hopper"},
        {"url": f"{URL}/terms"},
    ],
    ids=lambda change: str(*change),
)
def test_a_change_of_the_agreement_changes_the_fingerprint(change: dict[str, Any]) -> None:
    assert _mark(replace(AZURE, **change), DEADLINE) != _mark(AZURE, DEADLINE)


@pytest.mark.parametrize(
    "change",
    [
        {"on": date(2026, 2, 27)},
        {"kind": Kind.SEND_BY},
        {"assumed": True},
        {"why": ()},
        {"term_number": 3},
        {"term_start": date(2025, 4, 16)},
        {"term_end": date(2026, 4, 15)},
        {"chain": ()},
        {"goes_on": False},
        {"notice": "not known"},
        {"checked": "not yet"},
        {"renews_for": "24 months"},
        {"progress": Progress(DecisionState.IN_REVIEW)},
        {"progress": Progress(letter_on=date(2026, 2, 1))},
        {"moved_from": date(2026, 3, 1)},
    ],
    ids=lambda change: str(*change),
)
def test_a_change_of_the_date_changes_the_fingerprint(change: dict[str, Any]) -> None:
    assert _mark(AZURE, replace(DEADLINE, **change)) != _mark(AZURE, DEADLINE)


@pytest.mark.parametrize(
    "change",
    [
        {"on": date(2026, 2, 27)},
        {"summary": "Renews: Contoso"},
        {"description": ""},
        {"category": "Renewal"},
        {"url": None},
        {"url": ""},
        {"tentative": True},
    ],
    ids=str,
)
def test_each_field_of_a_text_counts_for_its_fingerprint(change: dict[str, Any]) -> None:
    text = tell(AZURE, DEADLINE)
    assert fingerprint(replace(text, **change)) != fingerprint(text)


def test_text_that_moves_from_one_field_to_the_next_changes_the_fingerprint() -> None:
    text = EventText(date(2026, 2, 28), 'a","b', "c", "d", None, tentative=False)
    assert fingerprint(text) != fingerprint(replace(text, summary="a", description='b","c'))


def test_the_same_facts_give_the_same_fingerprint_in_every_release() -> None:
    # If this fails, every event of every subscriber is about to climb by one revision.
    assert (
        _mark(AZURE, DEADLINE) == "a3737bdecf1a6c70cf04354fe2444aae2a93095671291065a1bb38277ba9d914"
    )


def test_the_order_in_which_dates_are_handed_in_does_not_matter() -> None:
    turned = replace(DEADLINE, chain=DEADLINE.chain[::-1])
    assert _mark(AZURE, turned) == _mark(AZURE, DEADLINE)


def test_every_weekday_and_month_has_its_name() -> None:
    days = [date(2026, 1, 1) + timedelta(days=31 * n) for n in range(12)]
    told = [tell(AZURE, replace(DEADLINE, term_start=day)).description for day in days]
    for day, description in zip(days, told, strict=True):
        assert f"Term 2: {day:%a} {day.day} {day:%b} {day.year} to " in description


def _mark(subject: Subject, moment: Moment) -> str:
    return fingerprint(tell(subject, moment))


class TestWhatAFeedMayShowBeside:
    def test_amounts_stand_one_a_line_below_the_reference(self) -> None:
        amounts = ("Value a year: 120,000.00 EUR", "Locked in if it renews: 120,000.00 EUR")
        description = tell(AZURE, replace(DEADLINE, amounts=amounts)).description
        below = description.partition("Reference: C-2024-17\n")[2]
        assert below.startswith(f"{amounts[0]}\n{amounts[1]}\n\nWhy:\n")

    @pytest.mark.parametrize(
        ("notes", "line"),
        [
            pytest.param("Ask Ada.", "Notes: Ask Ada.", id="one line"),
            pytest.param("Ask Ada.\n\n  Then Grace. ", "Notes: Ask Ada. / Then Grace.", id="three"),
            pytest.param("a\r\nb\u2028c\vd", "Notes: a / b / c / d", id="rare line breaks"),
            pytest.param("x\nWhy:\n- nothing", "Notes: x / Why: / - nothing", id="posing as ours"),
        ],
    )
    def test_notes_stand_on_one_line(self, notes: str, line: str) -> None:
        text = tell(replace(AZURE, notes=notes), DEADLINE)
        assert f"\nReference: C-2024-17\n{line}\n\nWhy:\n" in text.description
        assert text.summary == tell(AZURE, DEADLINE).summary

    @pytest.mark.parametrize("notes", [None, "", " \n \r\n\t"])
    def test_without_notes_there_is_no_line_for_them(self, notes: str | None) -> None:
        assert tell(replace(AZURE, notes=notes), DEADLINE) == tell(AZURE, DEADLINE)

    def test_long_notes_and_amounts_give_way_to_what_follows(self) -> None:
        subject = replace(AZURE, notes="n" * 5_000)
        text = tell(subject, replace(DEADLINE, amounts=("a" * 600, "b\nc")))
        rest = ["", "Why:", *(f"- {step}" for step in DEADLINE.why), "", URL]
        *_, first, second, notes = text.description.splitlines()[: -len(rest)]
        assert (len(first), first[-2:], second) == (500, "a…", "b c")
        assert (len(notes), notes[:8], notes[-2:]) == (2_000, "Notes: n", "n…")
        assert text.description.splitlines()[-len(rest) :] == rest

    def test_what_is_shown_beside_counts_for_the_fingerprint(self) -> None:
        marks = {
            _mark(AZURE, DEADLINE),
            _mark(AZURE, replace(DEADLINE, amounts=("Value a year: 1.00 EUR",))),
            _mark(AZURE, replace(DEADLINE, amounts=("Value a year: 2.00 EUR",))),
            _mark(replace(AZURE, notes="Ask Ada."), DEADLINE),
        }
        assert len(marks) == 4
