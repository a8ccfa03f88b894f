"""How long before a notice must be sent does work begin, where an agreement does not say?

By the lead-time policy: a table in order, of which the first row that matches counts. A
value band holds its lower end and not its upper one: from 10,000, below 100,000.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

LONGEST_LEAD = 3_650
MOST_ROWS = 100
_CONDITIONS = (
    "kind",
    "monthly",
    "currency",
    "value_from",
    "value_below",
    "criticality",
    "spend_class",
    "handling",
)


class BadPolicy(ValueError):
    """A policy that cannot be followed: the dotted field at fault and the rule it breaks."""

    def __init__(self, field: str, rule: str) -> None:
        self.field = field
        self.rule = rule
        super().__init__(f"{field}: {rule}")


@dataclass(frozen=True, slots=True)
class PolicyRow:
    """One row: how many days, and what must be true of an agreement for it; None is any.

    `name` says the same in words. `value_from` and `value_below` are about the annual value,
    in the agreement's own currency: nothing is converted, and `currency` picks one.
    """

    name: str
    days: int
    kind: str | None = None
    monthly: bool | None = None
    currency: str | None = None
    value_from: Decimal | None = None
    value_below: Decimal | None = None
    criticality: str | None = None
    spend_class: str | None = None
    handling: str | None = None

    def __post_init__(self) -> None:
        """Refuse rows that can never match, or whose days no calendar can hold."""
        if not 0 <= self.days <= LONGEST_LEAD:
            raise BadPolicy(field="days", rule=f"must be from 0 to {LONGEST_LEAD} days.")
        if self.value_below is not None and self.value_below <= (self.value_from or 0):
            raise BadPolicy(
                field="value_below",
                rule="must be more than value_from, or than 0; no value is in that band.",
            )

    @property
    def matches_any(self) -> bool:
        """Whether it has no condition."""
        return all(getattr(self, name) is None for name in _CONDITIONS)

    def matches(self, profile: "Profile") -> bool:
        """Tell whether all its conditions are true of an agreement."""
        return (
            self.monthly in (None, profile.monthly)
            and self._holds(profile.annual_value)
            and _is_said(self.kind, profile.kind)
            and _is_said(self.currency, profile.currency)
            and _is_said(self.criticality, profile.criticality)
            and _is_said(self.spend_class, profile.spend_class)
            and _is_said(self.handling, profile.handling)
        )

    def _holds(self, value: Decimal | None) -> bool:
        if self.value_from is None and self.value_below is None:
            return True
        if value is None:
            return False
        return (self.value_from is None or self.value_from <= value) and (
            self.value_below is None or value < self.value_below
        )


@dataclass(frozen=True, slots=True)
class Profile:
    """What a policy looks at in an agreement; None is not known."""

    kind: str
    monthly: bool = False
    currency: str | None = None
    annual_value: Decimal | None = None
    criticality: str | None = None
    spend_class: str | None = None
    handling: str | None = None


@dataclass(frozen=True, slots=True)
class LeadTime:
    """How long a policy has an agreement prepared, and by which of its rows; the first is 1."""

    days: int
    row_number: int
    row_name: str


@dataclass(frozen=True, slots=True)
class UsualLead:
    """The lead time that the policy gives an agreement from a day on."""

    from_day: date
    lead_time: LeadTime


@dataclass(frozen=True, slots=True)
class Policy:
    """A lead-time policy. Its last row has no condition, so that one always matches."""

    rows: tuple[PolicyRow, ...]

    def __post_init__(self) -> None:
        """Refuse a table that leaves agreements without a lead time, or rows without use."""
        if not 1 <= len(self.rows) <= MOST_ROWS:
            raise BadPolicy(field="rows", rule=f"must be from 1 to {MOST_ROWS} rows.")
        *earlier, last = self.rows
        if not last.matches_any:
            raise BadPolicy(
                field=f"rows.{len(earlier)}",
                rule="the last row must have no condition, so that one always matches; add one.",
            )
        for index, row in enumerate(earlier):
            if row.matches_any:
                raise BadPolicy(
                    field=f"rows.{index}",
                    rule="has no condition, so no row after it is reached; make it the last one.",
                )


def lead_time(policy: Policy, profile: Profile) -> LeadTime:
    """Return the lead time of the first row that matches."""
    number, row = next(
        (number, row) for number, row in enumerate(policy.rows, 1) if row.matches(profile)
    )
    return LeadTime(row.days, number, row.name)


def _is_said(wanted: str | None, word: str | None) -> bool:
    """Tell whether a word is the wanted one, if one is wanted; capitals mean nothing."""
    return wanted is None or (word is not None and wanted.casefold() == word.casefold())


DEFAULT_POLICY = Policy(
    (
        # Before all others, although it is short: the decision comes back every month, a
        # missed one costs a month, and a year's lead would have every month's work begun in
        # the year before.
        PolicyRow("monthly terms", 30, monthly=True),
        # From here the longer lead stands first and wins: too early costs a reminder, too
        # late a term.
        PolicyRow("public tender, critical", 540, handling="public_tender", criticality="critical"),
        PolicyRow(
            "public tender, high criticality", 540, handling="public_tender", criticality="high"
        ),
        PolicyRow("public tender", 365, handling="public_tender"),
        PolicyRow("strategic", 365, handling="strategic"),
        PolicyRow("from 500,000 a year", 365, value_from=Decimal(500_000)),
        PolicyRow("cloud commitment", 365, kind="cloud_commitment"),
        PolicyRow("from 100,000 a year", 180, value_from=Decimal(100_000)),
        PolicyRow("hard to replace", 180, handling="hard_to_replace"),
        PolicyRow("critical", 180, criticality="critical"),
        PolicyRow("high criticality", 180, criticality="high"),
        PolicyRow("telecom circuit", 120, kind="telecom_circuit"),
        # Only what nothing above speaks for is small: a cheap part can be critical.
        PolicyRow("below 10,000 a year", 30, value_below=Decimal(10_000)),
        # The value may be unknown here, so the middle band's lead stands for it.
        PolicyRow("anything else", 90),
    )
)
"""What a new register begins with."""
