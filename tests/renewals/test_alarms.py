"""What is wrong with a term is told from the day after it went wrong."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from app.renewals.acts import DecisionState
from app.renewals.alarms import Watch, alarms_on
from tests.renewals.builders import day

WATCH = Watch(
    act_by=day("2025-02-28"),
    send_by=day("2025-02-25"),
    negotiation_start=day("2024-11-27"),
    state=DecisionState.IN_REVIEW,
    open_until=date.max,
    silence_renews=True,
)
UNDECIDED: dict[str, Any] = {"state": DecisionState.UNDECIDED}
LEAVE: dict[str, Any] = {"state": DecisionState.DO_NOT_RENEW}
EXTEND: dict[str, Any] = {"state": DecisionState.EXTEND, "silence_renews": False}
ALARMS = [
    pytest.param({}, "2025-02-28", "", id="the day to act by"),
    pytest.param({}, "2025-03-01", "missed", id="the day after"),
    pytest.param(
        {"open_until": day("2025-03-01")}, "2025-03-01", "", id="taken care of or acknowledged"
    ),
    pytest.param(
        {"open_until": day("2025-03-02")}, "2025-03-01", "missed", id="acknowledged a day later"
    ),
    pytest.param({"act_by": None}, "2025-03-01", "", id="nothing to act on"),
    pytest.param({"state": DecisionState.CONTESTED}, "2024-06-01", "contested", id="contested"),
    pytest.param(
        {"state": DecisionState.CONTESTED, "open_until": day("2024-06-01")},
        "2024-06-01",
        "",
        id="contested, taken care of",
    ),
    pytest.param(
        {"state": DecisionState.CONTESTED}, "2025-03-01", "missed contested", id="contested, missed"
    ),
    pytest.param(UNDECIDED, "2024-11-27", "", id="the negotiation begins"),
    pytest.param(UNDECIDED, "2024-11-28", "negotiation_late", id="nobody has looked"),
    pytest.param(UNDECIDED, "2025-02-28", "negotiation_late", id="nobody has looked, last day"),
    pytest.param(UNDECIDED, "2025-03-01", "missed", id="nobody has looked, missed"),
    pytest.param(
        UNDECIDED | {"negotiation_start": None}, "2024-11-28", "", id="no day to begin on"
    ),
    pytest.param(
        UNDECIDED | {"act_by": None}, "2024-11-28", "", id="a day to begin on, nothing to act on"
    ),
    pytest.param({}, "2024-11-28", "", id="somebody has looked"),
    pytest.param(LEAVE, "2025-02-25", "", id="the day to send"),
    pytest.param(LEAVE, "2025-02-26", "notice_overdue", id="no letter went out"),
    pytest.param(LEAVE, "2025-03-01", "missed notice_overdue", id="no letter went out, missed"),
    pytest.param(
        LEAVE | {"letter_on": day("2025-02-26")}, "2025-02-26", "", id="a letter is there"
    ),
    pytest.param(
        LEAVE | {"letter_on": day("2025-02-27")},
        "2025-02-26",
        "notice_overdue",
        id="a letter a day later",
    ),
    pytest.param(
        LEAVE | {"acknowledged_on": day("2025-02-26")}, "2025-02-26", "", id="acknowledged"
    ),
    pytest.param(
        LEAVE | {"acknowledged_on": day("2025-02-27")},
        "2025-02-26",
        "notice_overdue",
        id="acknowledged the next day",
    ),
    pytest.param(LEAVE | {"send_by": None}, "2025-02-26", "", id="no day to send"),
    pytest.param(LEAVE | {"silence_renews": False}, "2025-02-26", "", id="it ends by itself"),
    pytest.param(EXTEND, "2025-02-26", "notice_overdue", id="to extend, no letter went out"),
    pytest.param(
        {"state": DecisionState.REPLACE}, "2025-02-26", "notice_overdue", id="to replace, no letter"
    ),
    pytest.param({"is_verified": False}, "2024-06-01", "unverified", id="not verified"),
    pytest.param(
        LEAVE | {"is_verified": False},
        "2025-03-01",
        "missed notice_overdue unverified",
        id="the most urgent first",
    ),
]


@pytest.mark.parametrize(("fields", "on", "expected"), ALARMS)
def test_a_term_raises_its_alarms(fields: dict[str, Any], on: str, expected: str) -> None:
    found = alarms_on(replace(WATCH, **fields), day(on))
    assert " ".join(alarm.value for alarm in found) == expected
