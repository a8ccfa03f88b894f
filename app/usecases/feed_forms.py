"""What may be entered about feeds? The forms of a definition and of a subscription."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints

from app.feeds.colours import CSS3_COLOURS
from app.renewals.milestones import MilestoneKind
from app.usecases.forms import AgreementKind, Day, Line, StrictForm, Word

LONGEST_KEY = 40
MOST_MONTHS = 60

FeedTeam = Literal["it", "procurement", "both"]
KindName = Literal[
    "negotiation_start",
    "notice_window_opens",
    "send_by",
    "notice_deadline",
    "term_end",
    "renewal",
]

KINDS_OF_TEAM: dict[str, tuple[MilestoneKind, ...]] = {
    "it": (
        MilestoneKind.NEGOTIATION_START,
        MilestoneKind.NOTICE_DEADLINE,
        MilestoneKind.TERM_END,
        MilestoneKind.RENEWAL,
    ),
    "procurement": tuple(MilestoneKind),
    "both": tuple(MilestoneKind),
}
"""What a team looks at, where a feed does not say."""


def _colour(name: str) -> str:
    if name not in CSS3_COLOURS:
        message = "must be the name of a CSS3 colour, such as steelblue"
        raise ValueError(message)
    return name


def _each_once(kinds: list[str]) -> list[str]:
    if len(set(kinds)) < len(kinds):
        message = "names a kind twice; name it once"
        raise ValueError(message)
    return kinds


class FeedFilters(StrictForm):
    """Which agreements a feed shows: those that pass all given filters, as in the lists.

    Saved here, a search goes on finding what is entered later.
    """

    q: Line | None = Field(None, description="Text in title, counterparty or reference.")
    counterparty: Line | None = Field(None, examples=["Contoso Ltd"])
    kind: AgreementKind | None = None
    owner: Line | None = None
    criticality: Word | None = None
    spend_class: Word | None = None
    tag: Word | None = None


class FeedForm(StrictForm):
    """A feed: what it is called, which dates of which agreements it shows, and how."""

    name: Line = Field(description="What the calendar is called.", examples=["Finance renewals"])
    key: (
        Annotated[
            str,
            StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=LONGEST_KEY),
        ]
        | None
    ) = Field(
        None,
        description="The last part of its addresses; made from the name when left out.",
        examples=["finance"],
    )
    description: Line | None = Field(None, description="What subscribers read about it.")
    colour: Annotated[str, AfterValidator(_colour)] = Field(
        "steelblue", description="A CSS3 colour's name; some programs show it."
    )
    team: FeedTeam = Field("both", description="Whose view it is; `kinds` follow from it.")
    kinds: (
        Annotated[list[KindName], Field(min_length=1, max_length=6), AfterValidator(_each_once)]
        | None
    ) = Field(None, description="The dates it shows; those of the team when left out.")
    filters: FeedFilters = Field(default_factory=FeedFilters)
    months_back: int = Field(12, ge=0, le=MOST_MONTHS, description="Whole months of the past.")
    months_ahead: int = Field(24, ge=1, le=MOST_MONTHS, description="Whole months ahead.")
    amounts: bool = Field(default=False, description="Whether events say what it costs.")
    notes: bool = Field(default=False, description="Whether events hold the agreement's notes.")
    alarm_days_before: int | None = Field(
        None,
        ge=0,
        le=60,
        description="Has programs remind at 09:00 so many days before; most of them ignore it.",
    )


class SubscriptionForm(StrictForm):
    """Who an address is for, and until when."""

    label: Line = Field(description="Whose calendar it is for.", examples=["Anna, Outlook"])
    expires_on: Day | None = Field(
        None, description="The last day on which the address opens the feed; never when left out."
    )
