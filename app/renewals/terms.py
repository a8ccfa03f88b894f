"""What does the contract say about its duration, its renewal and its notice?

Values only: frozen, and impossible ones cannot be built (`BadTerms`). The end of a
term is its last covered day, inclusive; what is stored is what the contract states.
"""

from dataclasses import dataclass
from datetime import date

from app.renewals.bad_terms import BadTerms
from app.renewals.clauses import (
    EndDateIs,
    MonthDay,
    Notice,
    Renewal,
    RenewalKind,
    TerminationRight,
    check_day,
)
from app.renewals.months import ShortMonth
from app.renewals.spans import Span, check_length

LONGEST_LEAD = 3_650
DEFAULT_LEAD_DAYS = 90


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of one agreement, as the contract states them.

    `notice` applies to the first term and, unless `renewal_notice` is given, to all later
    ones; None means that it is not known. `lead_days` is the preparation wanted before a
    notice must be sent. `holdover` is the length of a period in which the service runs on
    after the end. `parent` is set when this agreement ends with its parent's terms.
    """

    start_date: date
    initial_term: Span | None = None
    end_date: date | None = None
    end_date_is: EndDateIs = EndDateIs.LAST_DAY
    short_month: ShortMonth = ShortMonth.CLIP
    renewal: Renewal | None = None
    notice: Notice | None = None
    renewal_notice: Notice | None = None
    lead_days: int | None = None
    holdover: Span | None = None
    notice_received_on: date | None = None
    termination_right: TerminationRight | None = None
    parent: "Terms | None" = None

    def __post_init__(self) -> None:
        """Refuse terms that no calendar can hold."""
        check_day("start_date", self.start_date)
        if self.notice_received_on is not None:
            check_day("notice_received_on", self.notice_received_on)
        if self.lead_days is not None and not 0 <= self.lead_days <= LONGEST_LEAD:
            raise BadTerms(field="lead_days", rule=f"must be from 0 to {LONGEST_LEAD} days.")
        if self.holdover is not None:
            check_length("holdover.", self.holdover)
        if self.parent is not None:
            self._check_ends_with_parent(self.parent)
        else:
            self._check_first_term()
        if self.kind is RenewalKind.EVERGREEN:
            self._check_evergreen_notice()

    @property
    def kind(self) -> RenewalKind:
        """The renewal kind; a renewal that was not stated counts as `none`: it ends."""
        if self.parent is not None:
            return self.parent.kind
        return RenewalKind.NONE if self.renewal is None else self.renewal.kind

    @property
    def options_left(self) -> bool:
        """Whether an option to extend is still there to be exercised."""
        if self.parent is not None:
            return self.parent.options_left
        renewal = self.renewal
        if renewal is None or renewal.kind is not RenewalKind.OPTION:
            return False
        return renewal.max is None or renewal.exercised < renewal.max

    @property
    def lead(self) -> int:
        """The lead time in days: the agreement's own, else the default."""
        return DEFAULT_LEAD_DAYS if self.lead_days is None else self.lead_days

    def notice_for(self, term_number: int) -> Notice | None:
        """Return the notice that ends a term, its parent's where it states none itself."""
        own = self.own_notice(term_number)
        if own is None and self.parent is not None:
            return self.parent.notice_for(term_number)
        return own

    def own_notice(self, term_number: int) -> Notice | None:
        """Return the notice that this agreement itself states for a term, None for none."""
        if term_number > 1 and self.renewal_notice is not None:
            return self.renewal_notice
        return self.notice

    def _check_first_term(self) -> None:
        if self.initial_term is not None and self.end_date is not None:
            raise BadTerms(field="end_date", rule="give initial_term or end_date, not both.")
        if self.kind is RenewalKind.PERPETUAL:
            if self.initial_term is not None or self.end_date is not None:
                stated = "end_date" if self.initial_term is None else "initial_term"
                raise BadTerms(field=stated, rule="a perpetual agreement has no end; leave it out.")
        elif (
            self.kind is not RenewalKind.EVERGREEN
            and self.initial_term is None
            and self.end_date is None
        ):
            raise BadTerms(
                field="initial_term",
                rule="give the length of the first term, or its end as end_date.",
            )
        if self.initial_term is not None:
            check_length("initial_term.", self.initial_term)
        if self.end_date is not None:
            check_day("end_date", self.end_date)
            self._check_end_after_start(self.end_date)

    def _check_end_after_start(self, end_date: date) -> None:
        if end_date < self.start_date:
            raise BadTerms(
                field="end_date", rule="must not be before start_date; check both dates."
            )
        if end_date == self.start_date and self.end_date_is is EndDateIs.RENEWAL_DATE:
            raise BadTerms(
                field="end_date", rule="a renewal date must be after start_date; check both dates."
            )

    def _check_evergreen_notice(self) -> None:
        for name, notice in (("notice", self.notice), ("renewal_notice", self.renewal_notice)):
            if notice is not None and isinstance(notice.period, MonthDay):
                raise BadTerms(
                    field=f"{name}.by_month_day",
                    rule="a fixed day needs terms; make renewal.kind auto, by year, instead.",
                )

    def _check_ends_with_parent(self, parent: "Terms") -> None:
        for name in ("initial_term", "end_date", "renewal"):
            if getattr(self, name) is not None:
                raise BadTerms(
                    field=name, rule="a co-terminous agreement takes its parent's; leave it out."
                )
        if self.start_date < parent.start_date:
            raise BadTerms(
                field="start_date",
                rule="a co-terminous agreement cannot start before its parent does.",
            )
