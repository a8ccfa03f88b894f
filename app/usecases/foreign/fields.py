"""What can a column of somebody else's file say? Our own columns, and a few that we have not.

Beside the columns of the import form there are some that only lead to them: a name that is
title and reference in one, a monthly price, a period that was planned before another was
signed, or a date that another tool worked out.
"""

from collections.abc import Mapping
from enum import StrEnum

from app.usecases.columns import COLUMNS


class Reading(StrEnum):
    """How the cells of a column are to be read."""

    TEXT = "text"
    PROSE = "prose"
    DAY = "day"
    END = "end"
    TERM = "term"
    LENGTH = "length"
    AMOUNT = "amount"
    RENEWAL = "renewal"
    IS_AUTO = "is auto"
    IS_RENEWABLE = "is renewable"
    KIND = "kind"
    CURRENCY = "currency"
    THEIR_DAY = "their day"


_DAYS = ("start_date", "signed_date", "notice_received_on", "termination_right_earliest_on")
_LENGTHS = (
    "renewal_term",
    "notice",
    "notice_opens",
    "notice_delivery",
    "renewal_notice",
    "renewal_notice_opens",
    "renewal_notice_delivery",
    "holdover",
    "termination_right_notice",
)

FIELDS: Mapping[str, Reading] = {
    **dict.fromkeys(COLUMNS, Reading.TEXT),
    **dict.fromkeys(("notes", "notice_address"), Reading.PROSE),
    **dict.fromkeys(_DAYS, Reading.DAY),
    "end_date": Reading.END,
    "initial_term": Reading.TERM,
    **dict.fromkeys(_LENGTHS, Reading.LENGTH),
    **dict.fromkeys(("annual_value", "total_value"), Reading.AMOUNT),
    "currency": Reading.CURRENCY,
    "kind": Reading.KIND,
    "renewal_kind": Reading.RENEWAL,
    "auto_renewal": Reading.IS_AUTO,
    "renewable": Reading.IS_RENEWABLE,
    "name": Reading.TEXT,
    "monthly_value": Reading.AMOUNT,
    "planned_start_date": Reading.DAY,
    "planned_end_date": Reading.END,
    "latest_end_date": Reading.END,
    "their_end_date": Reading.THEIR_DAY,
    "their_notice_deadline": Reading.THEIR_DAY,
}
"""Every field that a column can fill."""

WITH_DAYS = frozenset({Reading.DAY, Reading.END, Reading.THEIR_DAY})
FIRST_THAT_IS_FILLED = frozenset({"reference", "title", "counterparty"})
"""Several columns may say these: in each row, the first that is filled does."""
