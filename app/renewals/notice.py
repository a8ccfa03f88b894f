"""By which day must notice to end a term have arrived, and when must it be sent?

A deadline is the last day on which a notice may be received; that day still counts.
The order of the rules is fixed: count back, clear day, fixed day, day off, delivery, lead.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from app.renewals.business_days import BusinessCalendar, HolidaysBetween
from app.renewals.clauses import CountedFrom, MonthDay, MonthRule, Notice, Roll
from app.renewals.months import add_months, is_month_end, month_end
from app.renewals.reasons import Step, Steps, say_month, say_month_day
from app.renewals.schedule import ONE_DAY, NoticeRules
from app.renewals.spans import Span, Unit
from app.renewals.terms import Terms

ASSUMED = Notice(period=Span(90, Unit.DAYS))
"""What is reckoned with while a notice period is not known: early enough to be safe."""

TOLD_ASSUMED: Step = (
    "The notice period is not known: {} are assumed until it is entered.",
    ASSUMED.period,
)


@dataclass(frozen=True, slots=True)
class NoticeDates:
    """The dates on which notice to end one term is prepared, sent and due, with their steps.

    `notice` is the clause they follow from, None where it is not known.
    """

    notice: Notice | None
    deadline: date
    opens: date | None
    send_by: date
    negotiation_start: date
    assumed: bool
    why_deadline: Steps
    why_opens: Steps
    why_send_by: Steps
    why_negotiation_start: Steps

    def by_name(self) -> tuple[tuple[str, date | None, Steps], ...]:
        """Return each date with its name and its steps, in the order of the work."""
        return (
            ("negotiation_start", self.negotiation_start, self.why_negotiation_start),
            ("notice_window_opens", self.opens, self.why_opens),
            ("send_by", self.send_by, self.why_send_by),
            ("notice_deadline", self.deadline, self.why_deadline),
        )


def notice_dates(terms: Terms, known: Notice | None, term_end: date) -> NoticeDates:
    """Return the dates of the notice that ends a term on its last covered day `term_end`.

    `known` is that notice as the contract has it, None when nobody has entered it.
    """
    notice = ASSUMED if known is None else known
    deadline, why_deadline = _deadline(notice, term_end)
    opens, why_opens = _opening(notice, term_end, deadline)
    send_by, why_send_by = _send_by(notice, deadline)
    negotiation_start, why_start = _lead_before_sending(terms, send_by, term_end)
    if known is None:
        why_deadline = (TOLD_ASSUMED, *why_deadline)
        why_send_by = (TOLD_ASSUMED, *why_send_by)
        why_start = (TOLD_ASSUMED, *why_start)
    return NoticeDates(
        notice=known,
        deadline=deadline,
        opens=opens,
        send_by=send_by,
        negotiation_start=negotiation_start,
        assumed=known is None,
        why_deadline=why_deadline,
        why_opens=why_opens,
        why_send_by=why_send_by,
        why_negotiation_start=why_start,
    )


def dates_in_force(terms: Terms, rules: NoticeRules, term_end: date) -> NoticeDates:
    """Return the dates of the notice that ends a term whose notice was amended.

    A date that lay before an amendment took effect stays as it was; the others follow the
    amended clause. A deadline that this clause puts before its own effect is the last day of
    the older one: that notice was in time by the rule in force when it arrived.
    """
    dates = notice_dates(terms, rules[0][1], term_end)
    for effective_from, notice in rules[1:]:
        if dates.deadline < effective_from:
            break
        amended = _told_amended(notice_dates(terms, notice, term_end), effective_from)
        if amended.deadline >= effective_from:
            dates = _amended(dates, amended, effective_from, terms, term_end)
        elif dates.opens is None or dates.opens < effective_from:
            dates = _until(dates, amended, effective_from, terms, term_end)
        else:
            dates = amended  # too early by the older clause, too late by this one
    return dates


def opening_in_force(notice: Notice | None, term_end: date) -> tuple[date | None, Steps]:
    """Return the day from which a clause lets notice to end a term arrive, None for any day."""
    if notice is None or notice.opens is None:
        return None, ()
    deadline, _ = _deadline(notice, term_end)
    return _opening(notice, term_end, deadline)


def _told_amended(new: NoticeDates, effective_from: date) -> NoticeDates:
    told: Step = ("By the amendment effective from {}.", effective_from)
    return replace(
        new,
        why_deadline=(told, *new.why_deadline),
        why_opens=(told, *new.why_opens) if new.opens is not None else (),
        why_send_by=(told, *new.why_send_by),
        why_negotiation_start=(told, *new.why_negotiation_start),
    )


def _amended(
    old: NoticeDates, new: NoticeDates, effective_from: date, terms: Terms, term_end: date
) -> NoticeDates:
    """Return the new dates, but the old ones that lay before the amendment took effect."""
    found = _opened(old, new, effective_from)
    if old.send_by < effective_from:
        found = replace(found, send_by=old.send_by, why_send_by=old.why_send_by)
    elif new.send_by < effective_from:
        found = _sent_until(found, old, effective_from, terms, term_end)
    if old.negotiation_start < min(effective_from, found.send_by):
        start, why = old.negotiation_start, old.why_negotiation_start
        found = replace(found, negotiation_start=start, why_negotiation_start=why)
    return found


def _opened(old: NoticeDates, new: NoticeDates, effective_from: date) -> NoticeDates:
    """Return the new dates with the opening of the window that begins under the older clause."""
    if old.opens is not None and old.opens < effective_from:
        return replace(new, opens=old.opens, why_opens=old.why_opens)
    if new.opens is None or new.opens >= effective_from:
        return new
    if old.opens is None:  # a notice was always in time
        return replace(new, opens=None, why_opens=())
    told: Step = (
        "By the amendment the window is open when it takes effect, on {}.",
        effective_from,
    )
    return replace(new, opens=effective_from, why_opens=(told,))


def _until(
    old: NoticeDates, new: NoticeDates, effective_from: date, terms: Terms, term_end: date
) -> NoticeDates:
    """Return the dates where an amendment leaves the older clause only the days before it."""
    last = effective_from - ONE_DAY
    told = _told_older(effective_from, last)
    found = replace(old, deadline=last, why_deadline=(*new.why_deadline, told))
    if old.send_by <= last:
        return found
    return _sent_until(found, old, effective_from, terms, term_end)


def _sent_until(
    found: NoticeDates, old: NoticeDates, effective_from: date, terms: Terms, term_end: date
) -> NoticeDates:
    """Return the dates with the last day to send under the older clause, so that it arrives."""
    notice = ASSUMED if old.notice is None else old.notice
    send_by, why = _send_by(notice, found.deadline)
    if send_by >= effective_from:
        send_by, why = _send_by(replace(notice, delivery=None), effective_from - ONE_DAY)
    told = _told_older(effective_from, effective_from - ONE_DAY)
    found = replace(found, send_by=send_by, why_send_by=(told, *why))
    if old.negotiation_start < min(effective_from, send_by):
        return found
    start, why_start = _lead_before_sending(terms, send_by, term_end)
    return replace(found, negotiation_start=start, why_negotiation_start=why_start)


def _told_older(effective_from: date, last: date) -> Step:
    told = "The amendment effective from {} asks for more: until {} the older clause holds."
    return (told, effective_from, last)


def arrival_of(notice: Notice | None, sent: date) -> tuple[date, Steps]:
    """Return the day on which a notice sent on `sent` is presumed to arrive.

    It takes the time the clause allows for delivery; without one it arrives that very day.
    """
    delivery = None if notice is None else notice.delivery
    day = sent
    if notice is not None and delivery is not None:
        day = count_forward(sent, delivery, calendar=notice.calendar)
    told = "No receipt is recorded: sent on {}, it is presumed to arrive on {}."
    return day, ((told, sent, day),)


def lead_before_end(terms: Terms, last_day: date) -> tuple[date, Steps]:
    """Return the day to start preparing for an end that needs no notice."""
    named = "the last day, for there is no notice to give"
    return _lead_before(terms, last_day, last_day, named)


def _lead_before_sending(terms: Terms, send_by: date, term_end: date) -> tuple[date, Steps]:
    return _lead_before(terms, term_end, send_by, "the day to send the notice")


def _lead_before(terms: Terms, term_end: date, day: date, named: str) -> tuple[date, Steps]:
    """Return the day to start preparing for `day`, neither rolled nor cut to the term.

    Every date of a term goes by the lead time of its last day, wherever it lies itself.
    """
    days = terms.lead_on(term_end)
    start = day - timedelta(days=days)
    told = "{} days of preparation before {}, {}: {}."
    if terms.lead_days is not None:
        return start, ((told, days, day, named, start),)
    usual = terms.usual_lead_on(term_end)
    if usual is None:
        told = f"No lead time is set, so the usual {told}"
        return start, ((told, days, day, named, start),)
    told = f"No lead time of its own, so row {{}} of the lead-time policy ({{}}): {told}"
    return start, ((told, usual.row_number, usual.row_name, days, day, named, start),)


def day_of_exit(notice: Notice | None, received: date) -> tuple[date, Steps]:
    """Return the last covered day of an open-ended agreement after a notice received that day.

    Months count to the corresponding day, clipped; nothing is rolled. An unknown notice
    counts as the assumed one. Raises TypeError for a fixed day, which open-ended terms refuse.
    """
    assumed = notice is None
    notice = ASSUMED if notice is None else notice
    span = notice.period
    if isinstance(span, MonthDay):
        raise TypeError(span)
    last = count_forward(received, span, notice.month_rule, notice.calendar)
    steps: Steps = (("{} after {}, the day the notice is received: {}.", span, received, last),)
    if span.months:
        steps += _told_months(notice.month_rule, received, last)
    if span.unit is Unit.BUSINESS_DAYS and notice.calendar is not None:
        steps += (_told_calendar(notice.calendar, received, last),)
    if notice.clear_days:
        last += ONE_DAY
        steps += (("Clear days: one day more, {}.", last),)
    return last, (TOLD_ASSUMED, *steps) if assumed else steps


def count_forward(
    day: date,
    span: Span,
    month_rule: MonthRule = MonthRule.CLIP,
    calendar: BusinessCalendar | None = None,
) -> date:
    """Return the day that lies `span` after `day`."""
    if span.months:
        return _months_away(day, span.months, month_rule)
    if span.unit is Unit.BUSINESS_DAYS and calendar is not None:
        return calendar.forward(day, span.value)
    return day + timedelta(days=span.days)


def earliest_end_in_reach(notice: Notice | None, received: date) -> date:
    """Return a day before which no term can end for which a notice of that day is in time.

    A lower bound, for jumping close to the right term instead of walking there.
    """
    notice = ASSUMED if notice is None else notice
    span = notice.period
    if notice.counted_from is CountedFrom.RENEWAL_DATE:
        received -= ONE_DAY
    # A deadline that rolls forward past a long holiday can be met that much later.
    day = received - timedelta(days=31) if notice.rolls is Roll.FOLLOWING else received
    if isinstance(span, MonthDay):
        this_year = span.in_year(day.year)
        return this_year if this_year >= day else span.in_year(day.year + 1)
    if span.months:
        return day + timedelta(days=span.months * 30 - 2)
    return day + timedelta(days=span.value if span.unit is Unit.BUSINESS_DAYS else span.days)


def _deadline(notice: Notice, term_end: date) -> tuple[date, Steps]:
    steps: Steps
    if isinstance(notice.period, MonthDay):
        day, steps = _fixed_day(notice.period, term_end)
    else:
        day, steps = _count_back(notice, notice.period, term_end, "the notice must have arrived by")
        if notice.clear_days:
            day -= ONE_DAY
            steps += (("Clear days: one day more, {}.", day),)
    if notice.calendar is not None and notice.rolls is not Roll.NONE:
        moved = _rolled(notice.calendar, notice.rolls, day, term_end)
        if moved != day:
            steps += (_told_moved(notice.calendar, day, moved),)
            day = moved
    if day > term_end:
        # "0 days before the renewal date": after the last day there is nothing to end.
        return term_end, (*steps, ("Not later than the last day of the term: {}.", term_end))
    return day, steps


def _fixed_day(fixed: MonthDay, term_end: date) -> tuple[date, Steps]:
    day = fixed.in_year(term_end.year)
    if day > term_end:
        day = fixed.in_year(term_end.year - 1)
    named = say_month_day(fixed.month, fixed.day)
    steps: Steps = (("The contract fixes the day of the year: on or before {}.", named),)
    if day.day != fixed.day:
        steps += (_told_short_month(fixed.day, day),)
    return day, (*steps, ("The last one not after the end of the term, {}: {}.", term_end, day))


def _count_back(notice: Notice, span: Span, term_end: date, purpose: str) -> tuple[date, Steps]:
    origin, named = term_end, "the last day of the term"
    if notice.counted_from is CountedFrom.RENEWAL_DATE:
        origin, named = term_end + ONE_DAY, "the renewal date"
    steps: Steps = ()
    if span.months:
        day = _months_away(origin, -span.months, notice.month_rule)
        steps = _told_months(notice.month_rule, origin, day)
    elif span.unit is Unit.BUSINESS_DAYS and notice.calendar is not None:
        day = notice.calendar.back(origin, span.value)
        steps = (_told_calendar(notice.calendar, day, origin),)
    else:
        day = origin - timedelta(days=span.days)
    return day, (("{} before {}, {}: {} {}.", span, origin, named, purpose, day), *steps)


def _opening(notice: Notice, term_end: date, deadline: date) -> tuple[date | None, Steps]:
    if notice.opens is None:
        return None, ()
    day, steps = _count_back(notice, notice.opens, term_end, "a notice is valid from")
    if day > deadline:
        # Days off can move a deadline in front of the opening of a very short window.
        return deadline, (*steps, ("The window is a single day, the deadline {}.", deadline))
    return day, (*steps, ("The opening day counts, and is not moved off a day off.",))


def _send_by(notice: Notice, deadline: date) -> tuple[date, Steps]:
    steps: Steps = (("The notice must have arrived by {}.", deadline),)
    day, delivery, calendar = deadline, notice.delivery, notice.calendar
    if delivery is None:
        steps += (("No time for delivery is set: it can be sent on that very day.",),)
    elif delivery.unit is Unit.BUSINESS_DAYS and calendar is not None:
        day = calendar.back(day, delivery.value)
        steps += (("{} for delivery: sent by {}.", delivery, day),)
        steps += (_told_calendar(calendar, day, deadline),)
    else:
        day -= timedelta(days=delivery.days)
        steps += (("{} for delivery: sent by {}.", delivery, day),)
    if calendar is not None and not calendar.is_open(day):
        moved = calendar.preceding(day)
        steps += (_told_moved(calendar, day, moved),)
        day = moved
    return day, steps


def _rolled(calendar: BusinessCalendar, roll: Roll, day: date, term_end: date) -> date:
    move: Callable[[date], date] = calendar.preceding
    if roll is Roll.FOLLOWING and calendar.following(day) <= term_end:
        move = calendar.following
    return move(day)


def _months_away(origin: date, months: int, rule: MonthRule) -> date:
    day = add_months(origin, months)
    return month_end(day) if rule is MonthRule.EOM and is_month_end(origin) else day


def _told_months(rule: MonthRule, origin: date, day: date) -> Steps:
    if rule is MonthRule.EOM and is_month_end(origin):
        return (("Counted from month end to month end (month_rule eom).",),)
    if day.day == origin.day:
        return ()
    return (_told_short_month(origin.day, day),)


def _told_short_month(wanted: int, stand_in: date) -> Step:
    return ("{} has no day {}: its last day, {}, stands in.", say_month(stand_in), wanted, stand_in)


def _told_moved(calendar: BusinessCalendar, day: date, moved: date) -> Step:
    return (
        "{} is a day off in {} ({}): moved to the business day {}, {}.",
        day,
        calendar.name,
        calendar.closed_because(day),
        "before" if moved < day else "after",
        moved,
    )


def _told_calendar(calendar: BusinessCalendar, first: date, last: date) -> Step:
    return (
        "Only business days of {} count: no weekends, {}.",
        calendar.name,
        HolidaysBetween(calendar, first, last),
    )
