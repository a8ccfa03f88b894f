"""What may be entered? The form of an agreement, the same for API and import.

Shapes and texts are judged here, what the terms mean by the heart (`BadTerms`). Values are
strict: nothing is converted, unknown fields are refused, and text that could break a
calendar, a log or a page is refused at the door.
"""

import re
import unicodedata
from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    WithJsonSchema,
    model_validator,
)

from app.renewals.bad_terms import BadTerms
from app.renewals.clauses import check_day
from app.renewals.documents import TERMS_FIELDS
from app.usecases.refusals import Fault

AgreementKind = Literal[
    "saas",
    "software_maintenance",
    "hardware_support",
    "telecom_circuit",
    "cloud_commitment",
    "managed_service",
    "other",
]
_UNSAFE = frozenset({"Cc", "Cs", "Zl", "Zp"})
_NO_CHARACTERS = frozenset(
    chr(code)
    for code in (
        *range(0xFDD0, 0xFDF0),
        *range(0xFFFE, 0x110000, 0x10000),
        *range(0xFFFF, 0x110000, 0x10000),
    )
)
_TURNED_AROUND = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Marks that change the reading order: a name with them can pose as another name."""
_MOST_CUSTOM = 10_000
ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
"""A day as the form has it; whether a calendar has it is another question."""

PLAIN_AMOUNT = re.compile(r"[0-9]{1,15}(\.[0-9]{1,4})?")
"""An amount as the form has it."""


def _clean(text: str, allowed: str = "") -> str:
    printable = text.replace(allowed, "").isprintable()  # which takes a hundredth of the time
    for character in "" if printable else text:
        if character in allowed:
            continue
        if unicodedata.category(character) in _UNSAFE or character in _NO_CHARACTERS:
            message = (
                "holds a control character, line break or broken character; take it out"
                f" (U+{ord(character):04X})"
            )
            raise ValueError(message)
        if character in _TURNED_AROUND:
            message = f"changes the reading order; take the mark out (U+{ord(character):04X})"
            raise ValueError(message)
    text = unicodedata.normalize("NFC", text).strip()
    if not text:
        message = "is empty; give some text, or leave the field out"
        raise ValueError(message)
    return text


def _clean_notes(text: str) -> str:
    return _clean(text.replace("\r\n", "\n"), allowed="\n")


def _iso_day(text: str) -> str:
    if not ISO_DAY.fullmatch(text):
        message = "must be a day as YYYY-MM-DD"
        raise ValueError(message)
    try:
        check_day("", date.fromisoformat(text))
    except BadTerms as bad:
        raise ValueError(bad.rule) from None
    except ValueError:
        message = "no calendar has that day; check it"
        raise ValueError(message) from None
    return text


def _link(text: str) -> str:
    if not re.fullmatch(r"https?://[^\s<>\"\\^`{|}]+", text):
        message = "must be a link that begins with https:// or http://"
        raise ValueError(message)
    return text


def _short_in_all(texts: dict[str, str]) -> dict[str, str]:
    # A cell of a sheet holds 32,767 characters, and some are written as two.
    if sum(len(name) + len(text) for name, text in texts.items()) > _MOST_CUSTOM:
        message = f"holds more than {_MOST_CUSTOM:,} characters in all; leave some out"
        raise ValueError(message)
    return texts


def _uuid(value: object) -> UUID:
    if isinstance(value, UUID):
        return value
    if isinstance(value, str):
        try:
            return UUID(value)
        except ValueError:
            pass  # refused below, like every other value that is no id
    message = "must be the id of an agreement"
    raise ValueError(message)


# A text is measured before it is put into NFC and after: a few characters become two by that.
_LINE = StringConstraints(min_length=1, max_length=200)
_TITLE = StringConstraints(min_length=1, max_length=300)
_WORD = StringConstraints(min_length=1, max_length=60)
_NOTES = StringConstraints(min_length=1, max_length=5_000)
_NAME = StringConstraints(min_length=1, max_length=100)
_TEXT = StringConstraints(min_length=1, max_length=2_000)
_LINK = StringConstraints(min_length=1, max_length=1_000)
_NO_QUOTES = StringConstraints(pattern=r'^[^"%\\]*$')

Line = Annotated[str, _LINE, AfterValidator(_clean), _LINE]
Title = Annotated[str, _TITLE, AfterValidator(_clean), _TITLE]
Word = Annotated[str, _WORD, _NO_QUOTES, AfterValidator(_clean), _WORD]
Notes = Annotated[str, _NOTES, AfterValidator(_clean_notes), _NOTES]
Custom = Annotated[
    dict[
        Annotated[str, _NAME, AfterValidator(_clean), _NAME],
        Annotated[str, _TEXT, AfterValidator(_clean_notes), _TEXT],
    ],
    Field(min_length=1, max_length=200),
    AfterValidator(_short_in_all),
]
Link = Annotated[str, _LINK, AfterValidator(_clean), AfterValidator(_link), _LINK]
Day = Annotated[
    str,
    AfterValidator(_iso_day),
    WithJsonSchema(
        {
            "type": "string",
            "format": "date",
            "pattern": "^(19[7-9][0-9]|2[01][0-9]{2})-[0-9]{2}-[0-9]{2}$",
        }
    ),
]
Money = Annotated[str, StringConstraints(pattern=rf"^{PLAIN_AMOUNT.pattern}$", max_length=20)]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$", max_length=3)]
AgreementId = Annotated[UUID, BeforeValidator(_uuid)]


class StrictForm(BaseModel):
    """A form that converts nothing and knows every field it takes."""

    model_config = ConfigDict(extra="forbid", strict=True)


class TermLength(StrictForm):
    """A length of time in calendar units."""

    value: int = Field(ge=1, le=36_500, examples=[12])
    unit: Literal["days", "weeks", "months", "years"] = Field(examples=["months"])


class NoticeLength(StrictForm):
    """A length of time counted back from an end."""

    value: int = Field(ge=0, le=3_650, examples=[120])
    unit: Literal["days", "weeks", "months", "years", "business_days"]


class DeliveryLength(StrictForm):
    """What a letter is allowed to take."""

    value: int = Field(ge=0, le=3_650, examples=[2])
    unit: Literal["days", "weeks", "business_days"]


class RenewalForm(StrictForm):
    """How the agreement continues after its first term."""

    kind: Literal["auto", "option", "none", "evergreen", "perpetual"]
    term: TermLength | None = Field(None, description="The length of each renewal term.")
    terms: Annotated[list[TermLength], Field(min_length=1, max_length=50)] | None = Field(
        None, description="Different lengths in order, instead of `term`; the last repeats."
    )
    max: int | None = Field(None, ge=0, le=1_000, description="How many renewals there can be.")
    exercised: int | None = Field(None, ge=0, le=1_000, description="Options used so far.")


class NoticeForm(StrictForm):
    """How notice is given. Give `value` and `unit`, or `by_month_day`."""

    value: int | None = Field(None, ge=0, le=3_650, examples=[90])
    unit: Literal["days", "weeks", "months", "years", "business_days"] | None = None
    counted_from: Literal["term_end", "renewal_date"] | None = None
    month_rule: Literal["clip", "eom"] | None = None
    clear_days: bool | None = None
    by_month_day: Annotated[str, StringConstraints(pattern=r"^[0-9]{2}-[0-9]{2}$")] | None = Field(
        None, description="A fixed day, MM-DD: notice on or before it.", examples=["10-01"]
    )
    opens: NoticeLength | None = Field(None, description="The earliest valid notice.")
    delivery: DeliveryLength | None = None
    roll: Literal["none", "preceding", "following"] | None = Field(
        None, description="Where a deadline on a day off goes; `preceding` with a calendar."
    )
    calendar: Annotated[str, StringConstraints(max_length=20)] | None = Field(
        None, description="The business calendar, by ISO code.", examples=["GB-ENG"]
    )


class TerminationRightForm(StrictForm):
    """The right to leave at any time, for convenience."""

    notice: TermLength
    earliest_on: Day | None = None
    fee: Line | None = Field(None, description="What it costs, in words.")


class TermsForm(StrictForm):
    """An agreement's terms, as the contract states them."""

    start_date: Day = Field(description="The first day of the first term.")
    initial_term: TermLength | None = Field(None, description="The length of the first term.")
    end_date: Day | None = Field(None, description="The first term's end, instead of its length.")
    end_date_is: Literal["last_day", "renewal_date"] | None = None
    short_month: Literal["clip", "roll_forward"] | None = None
    renewal: RenewalForm | None = None
    notice: NoticeForm | None = Field(None, description="Leave it out while it is not known.")
    renewal_notice: NoticeForm | None = Field(
        None, description="For the later terms, where they differ from the first."
    )
    lead_days: int | None = Field(None, ge=0, le=3_650)
    holdover: TermLength | None = Field(
        None, description="How long each period is in which the service runs on after the end."
    )
    notice_received_on: Day | None = None
    termination_right: TerminationRightForm | None = None


class FactsForm(StrictForm):
    """What is known of an agreement beside its terms."""

    kind: AgreementKind = "other"
    vendor_reference: Line | None = None
    reseller: Line | None = None
    parent_id: AgreementId | None = None
    co_terminous: bool = Field(
        default=False, description="Whether its terms end with its parent's."
    )
    owner: Line | None = Field(None, description="Who answers for it in IT.")
    procurement_contact: Line | None = None
    cost_centre: Line | None = None
    criticality: Word | None = Field(None, examples=["high"])
    spend_class: Word | None = Field(None, examples=["core"])
    handling: Word | None = Field(
        None,
        description="What makes it slow to replace; the first lead-time policy knows"
        " public_tender, strategic and hard_to_replace.",
        examples=["public_tender"],
    )
    currency: Currency | None = Field(None, description="ISO 4217.", examples=["EUR"])
    annual_value: Money | None = Field(None, examples=["120000.00"])
    total_value: Money | None = None
    signed_date: Day | None = None
    notice_method: Line | None = Field(None, examples=["registered letter"])
    notice_address: Notes | None = None
    governing_law: Line | None = None
    time_zone: Line | None = None
    document_link: Link | None = None
    tags: Annotated[list[Word], Field(max_length=20)] = Field(default_factory=list)
    notes: Notes | None = None
    custom: Custom | None = Field(
        None,
        description="What has no field of its own, by its name.",
        examples=[{"asset tag": "LN-1180"}],
    )

    @model_validator(mode="after")
    def _fits_together(self) -> "FactsForm":
        if self.currency is None and (self.annual_value or self.total_value):
            message = "currency: a value needs its ISO 4217 currency, such as EUR"
            raise ValueError(message)
        if self.co_terminous and self.parent_id is None:
            message = "parent_id: a co-terminous agreement needs its parent's id"
            raise ValueError(message)
        return self


class AgreementForm(FactsForm, TermsForm):
    """A whole agreement."""

    reference: Line = Field(description="Our own number for it.", examples=["IT-2024-017"])
    title: Title = Field(examples=["Backup software, 400 servers"])
    counterparty: Line = Field(description="Whom we notify.", examples=["Northwind Software"])


FACTS = ("reference", "title", "counterparty", *FactsForm.model_fields)
"""The fields of an agreement beside its terms."""


class PreviewForm(FactsForm, TermsForm):
    """An agreement that is only looked at: what it is called may be left out."""

    reference: Line | None = None
    title: Title | None = None
    counterparty: Line | None = None
    as_of: Day | None = Field(None, description="The day to look from; today when left out.")
    terms: int = Field(3, ge=0, le=60, description="How many terms to list.")


def faults_of(error: ValidationError) -> list[Fault]:
    """Return what is wrong with an entered form, field by field, without the values."""
    return [fault_of(fault["loc"], fault["msg"]) for fault in error.errors(include_url=False)]


def fault_of(where: tuple[int | str, ...], message: str) -> Fault:
    """Return one fault; a rule about several fields names the one to mend itself."""
    rule = message.removeprefix("Value error, ")
    field = ".".join(str(part) for part in where)
    if not field and ": " in rule:
        field, rule = rule.split(": ", 1)
    return Fault(field, rule)


def terms_document(form: TermsForm) -> dict[str, Any]:
    """Return the terms part of a form as the document that the heart reads."""
    given = form.model_dump(include=set(TERMS_FIELDS), exclude_none=True, mode="json")
    return {name: given[name] for name in TERMS_FIELDS if name in given}
