"""What may be recorded about an agreement? The forms of amendments, choices, notices, checks."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from app.usecases.forms import (
    AgreementId,
    Currency,
    Day,
    Line,
    Link,
    Money,
    Notes,
    NoticeForm,
    RenewalForm,
    StrictForm,
    TermLength,
)

TeamName = Literal["it", "procurement"]
ChoiceName = Literal[
    "undecided", "in_review", "renew", "renegotiate", "do_not_renew", "extend", "replace"
]
ClauseName = Literal["term", "renewal", "notice"]
"""The clauses that dates rest on."""


class NewTermsForm(StrictForm):
    """What the parties agreed on, from a day on. What is left out stays as it was."""

    effective_from: Day | None = Field(
        None, description="The first day of the next term when left out."
    )
    begins_term: bool = Field(
        default=False, description="Whether a new term begins on that day (early renewal)."
    )
    term: TermLength | None = Field(None, description="The length of the term, from its first day.")
    end_date: Day | None = Field(None, description="The term's end, instead of its length.")
    end_date_is: Literal["last_day", "renewal_date"] | None = None
    is_anchor: bool | None = Field(
        None,
        description="Whether later terms count from the new end; else they keep their ends."
        " Left out: yes for a new term or a new renewal rule, no for another end alone.",
    )
    renewal: RenewalForm | None = Field(None, description="How it renews from then on.")
    notice: NoticeForm | None = Field(None, description="The notice of this and all later terms.")
    annual_value: Money | None = Field(None, examples=["130000.00"])
    total_value: Money | None = None
    currency: Currency | None = None
    signed_date: Day | None = None
    document_link: Link | None = None
    reason: Notes | None = Field(None, examples=["Price list 2027, 8 % uplift after negotiation."])


class AmendmentForm(NewTermsForm):
    """An amendment: what changes, from which day on."""

    effective_from: Day = Field(description="Dates before this day stay as they were.")


class DecisionForm(StrictForm):
    """What one team chooses for one term."""

    choice: ChoiceName
    reason: Notes | None = Field(None, description="Why; needed with every choice that settles.")
    side: TeamName | None = Field(
        None, description="Whose choice it is; an administrator says, else the token does."
    )
    successor_id: AgreementId | None = Field(
        None, description="With replace: the agreement that takes its place."
    )
    successor: Line | None = Field(
        None, description="With replace: what takes its place, while it is not entered yet."
    )
    amendment: NewTermsForm | None = Field(
        None, description="With renew: new dates or prices, in force once both teams agree."
    )

    @model_validator(mode="after")
    def _fits_the_choice(self) -> "DecisionForm":
        if self.choice not in ("undecided", "in_review") and self.reason is None:
            message = "reason: say why; those who come after you will ask"
            raise ValueError(message)
        is_named = self.successor_id is not None or self.successor is not None
        if (self.choice == "replace") is not is_named:
            message = "successor: replace names a successor, and nothing else does"
            raise ValueError(message)
        if self.amendment is not None and self.choice not in ("renew", "renegotiate"):
            message = "amendment: new terms come with renew or renegotiate only"
            raise ValueError(message)
        return self


class GivenNoticeForm(StrictForm):
    """A notice that was given. Without `received_on` its arrival is presumed."""

    direction: Literal["ours", "theirs"] = "ours"
    purpose: Literal["end", "extend"] = Field(
        default="end", description="To end the agreement, or to exercise an option."
    )
    sent_on: Day | None = None
    received_on: Day | None = None
    term_number: Annotated[int, Field(ge=1, le=100_000)] | None = Field(
        None, description="The term it is meant for; the first it can end when left out."
    )
    method: Line | None = Field(None, examples=["registered letter"])
    proof: Line | None = Field(None, description="Where the proof is.", examples=["RR123456789DE"])
    note: Notes | None = None


class ReceiptForm(StrictForm):
    """That a notice arrived."""

    received_on: Day
    proof: Line | None = None


class VerificationForm(StrictForm):
    """That a clause was checked against the paper."""

    clause: ClauseName = Field(description="What was checked: term, renewal or notice.")
    quotation: Notes = Field(description="What the paper says, word for word.")
    link: Link | None = Field(None, description="Where the paper is.")
    checked_on: Day | None = Field(None, description="Today when left out.")


class AcknowledgementForm(StrictForm):
    """That a missed deadline was seen."""

    note: Notes | None = None


class WithdrawalForm(StrictForm):
    """That something was recorded in error, or taken back by those who agreed on it."""

    reason: Notes
