"""What does the contract say about its duration, its renewal and its notice?

Values only: frozen, and impossible ones cannot be built (`BadTerms`). The end of a
term is its last covered day, inclusive; what is stored is what the contract states.
"""

from dataclasses import dataclass, replace
from datetime import date

from app.renewals.acts import GivenNotice, Said
from app.renewals.amendments import Amendment
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
from app.renewals.lead_times import LONGEST_LEAD, LeadTime, UsualLead
from app.renewals.months import ShortMonth, add_months
from app.renewals.spans import Span, check_length

DEFAULT_LEAD_DAYS = 90
_LONGEST_MONTH = 31


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of one agreement, as the contract states them.

    `notice` applies to the first term and, unless `renewal_notice` is given, to all later
    ones; None means that it is not known. `lead_days` is the preparation wanted before a
    notice must be sent; where it is None, `usual_leads` say it, in the order of the days from
    which they hold. `holdover` is the length of a period in which the service runs on after
    the end. `parent` is set when this agreement ends with its parent's terms.

    What happened since is beside them: `amendments` in the order of the days they take
    effect, the `notices` that were given, and what the teams `said` about each term, both
    in the order in which they were recorded. `as_known_on` is the day on which no more was
    known than this, None for all there is.
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
    amendments: tuple[Amendment, ...] = ()
    notices: tuple[GivenNotice, ...] = ()
    said: tuple[Said, ...] = ()
    usual_leads: tuple[UsualLead, ...] = ()
    as_known_on: date | None = None

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
        self._check_open_ended_notice()
        self._check_amendments()

    def known_on(self, day: date) -> "Terms":
        """Return the terms with the choices and notices that were known on a day.

        Amendments are part of the contract on every day: each says itself from when.
        """
        if not (self.said or self.notices or self.notice_received_on or self.parent):
            return self
        parent = None if self.parent is None else self.parent.known_on(day)
        received = self.notice_received_on
        if received is not None and received > day:
            received = None
        notices = tuple(given for given in self.notices if given.known_on <= day)
        said = tuple(one for one in self.said if one.on <= day)
        known = (parent, received, len(notices), len(said))
        if known == (self.parent, self.notice_received_on, len(self.notices), len(self.said)):
            return self
        return replace(
            self,
            parent=parent,
            notice_received_on=received,
            notices=notices,
            said=said,
            as_known_on=day,
        )

    def amended_until(self, day: date) -> "Terms":
        """Return the terms with the amendments that had taken effect by a day."""
        if not self.is_amended:
            return self
        parent = None if self.parent is None else self.parent.amended_until(day)
        amendments = tuple(one for one in self.amendments if one.effective_from <= day)
        if (parent, len(amendments)) == (self.parent, len(self.amendments)):
            return self
        return replace(self, parent=parent, amendments=amendments)

    def next_amendment_after(self, day: date) -> date:
        """Return the first day after `day` on which an amendment takes effect, else `date.max`."""
        own = [one.effective_from for one in self.amendments if one.effective_from > day]
        if self.parent is not None:
            own.append(self.parent.next_amendment_after(day))
        return min(own, default=date.max)

    @property
    def is_amended(self) -> bool:
        """Whether the parties changed these terms, or those of a parent, since."""
        return bool(self.amendments) or (self.parent is not None and self.parent.is_amended)

    @property
    def kind(self) -> RenewalKind:
        """The first renewal kind; one that was not stated counts as `none`: it ends."""
        if self.parent is not None:
            return self.parent.kind
        return RenewalKind.NONE if self.renewal is None else self.renewal.kind

    @property
    def kinds(self) -> set[RenewalKind]:
        """The renewal kinds that it has had, by its parent's amendments as by its own."""
        renewals = (amendment.renewal for amendment in self.amendments)
        amended = {renewal.kind for renewal in renewals if renewal is not None}
        return amended | ({self.kind} if self.parent is None else self.parent.kinds)

    @property
    def is_monthly(self) -> bool:
        """Whether it goes on by the month at most, or ends after one where nothing renews it."""
        if self.parent is not None:
            return self.parent.is_monthly
        if self.renewal is not None and self.kind is RenewalKind.AUTO:
            return all(_is_a_month_at_most(span) for span in self.renewal.terms)
        # An option does not make its first term a small matter: without it all ends.
        if self.initial_term is not None:
            return _is_a_month_at_most(self.initial_term)
        if self.end_date is None:
            return False
        a_month_later = add_months(self.start_date, 1)
        if self.end_date_is is EndDateIs.RENEWAL_DATE:
            return self.end_date <= a_month_later
        return self.end_date < a_month_later

    def usual_lead_on(self, day: date) -> LeadTime | None:
        """Return the policy's lead time for a term with this last day, None where it has none."""
        for usual in reversed(self.usual_leads):
            if usual.from_day <= day:
                return usual.lead_time
        return None

    def lead_on(self, day: date) -> int:
        """Return the days of preparation for a term with this last day: its own, else the usual."""
        if self.lead_days is not None:
            return self.lead_days
        usual = self.usual_lead_on(day)
        return DEFAULT_LEAD_DAYS if usual is None else usual.days

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

    def _check_open_ended_notice(self) -> None:
        if RenewalKind.EVERGREEN not in self.kinds:
            return
        notices = {"notice": self.notice, "renewal_notice": self.renewal_notice}
        for index, amendment in enumerate(self.amendments):
            notices[f"amendments.{index}.notice"] = amendment.notice
        for name, notice in notices.items():
            if notice is not None and isinstance(notice.period, MonthDay):
                raise BadTerms(
                    field=f"{name}.by_month_day",
                    rule="a fixed day needs terms; make renewal.kind auto, by year, instead.",
                )

    def _check_amendments(self) -> None:
        for index, amendment in enumerate(self.amendments):
            if self.parent is not None and (amendment.sets_an_end or amendment.renewal):
                raise BadTerms(
                    field=f"amendments.{index}.effective_from",
                    rule="a co-terminous agreement takes its parent's terms; amend the parent.",
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


def _is_a_month_at_most(span: Span) -> bool:
    return span.months <= 1 and span.days <= _LONGEST_MONTH
