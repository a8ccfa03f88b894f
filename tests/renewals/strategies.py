"""Any terms there can be, within reason, for the generated tests."""

from datetime import date, timedelta

from hypothesis import settings
from hypothesis import strategies as st

from app.renewals.bad_terms import BadTerms
from app.renewals.business_days import BusinessCalendar
from app.renewals.clauses import (
    CountedFrom,
    EndDateIs,
    MonthDay,
    MonthRule,
    Notice,
    Renewal,
    RenewalKind,
    Roll,
    TerminationRight,
)
from app.renewals.months import ShortMonth
from app.renewals.schedule import check_starts_in_time, schedule_of
from app.renewals.spans import Span, Unit
from app.renewals.terms import Terms

quickly = settings(max_examples=100, deadline=None, derandomize=True)
"""For properties of any terms: the same hundred each time, found in about half a second."""


def _holidays_in(year: int) -> dict[date, str]:
    names = {(1, 1): "New Year", (5, 1): "May Day", (12, 25): "Christmas", (12, 26): "Boxing Day"}
    return {date(year, month, day): name for (month, day), name in names.items()}


A_PLACE = BusinessCalendar("A-PLACE", frozenset({5, 6}), _holidays_in)

days = st.dates(date(1995, 1, 1), date(2045, 12, 31))
lengths = st.one_of(
    st.builds(Span, st.integers(1, 400), st.just(Unit.DAYS)),
    st.builds(Span, st.integers(1, 60), st.just(Unit.WEEKS)),
    st.builds(Span, st.integers(1, 61), st.just(Unit.MONTHS)),
    st.builds(Span, st.integers(1, 6), st.just(Unit.YEARS)),
)
month_lengths = st.one_of(
    st.builds(Span, st.integers(1, 61), st.just(Unit.MONTHS)),
    st.builds(Span, st.integers(1, 6), st.just(Unit.YEARS)),
)
periods = st.one_of(
    st.builds(Span, st.integers(0, 200), st.just(Unit.DAYS)),
    st.builds(Span, st.integers(0, 20), st.just(Unit.WEEKS)),
    st.builds(Span, st.integers(0, 14), st.just(Unit.MONTHS)),
    st.builds(Span, st.integers(0, 2), st.just(Unit.YEARS)),
    st.builds(Span, st.integers(0, 60), st.just(Unit.BUSINESS_DAYS)),
)
month_days = st.dates(date(2000, 1, 1), date(2000, 12, 31)).map(
    lambda day: MonthDay(day.month, day.day)
)


deliveries = st.builds(Span, st.integers(0, 10), st.sampled_from((Unit.DAYS, Unit.BUSINESS_DAYS)))
rights = st.builds(
    TerminationRight,
    st.builds(Span, st.integers(0, 12), st.sampled_from((Unit.DAYS, Unit.MONTHS))),
    st.none() | days,
)
renewal_lengths = st.lists(lengths, min_size=1, max_size=4)
maybe_days = st.none() | days
maybe_deliveries = st.none() | deliveries
maybe_lengths = st.none() | lengths
maybe_rights = st.none() | rights
maybe_rolls = st.none() | st.sampled_from(Roll)
any_periods = periods | month_days


@st.composite
def notices(
    draw: st.DrawFn, *, windows: bool = True, fixed: bool = True, rolls: bool = True
) -> Notice:
    period = draw(any_periods if fixed else periods)
    opens = None
    if windows and draw(st.booleans()):
        at_least = period.value if isinstance(period, Span) else 0
        unit = period.unit if isinstance(period, Span) else Unit.DAYS
        opens = Span(at_least + draw(st.integers(0, 8)), unit)
    return Notice(
        period=period,
        counted_from=draw(st.sampled_from(CountedFrom)),
        month_rule=draw(st.sampled_from(MonthRule)),
        clear_days=draw(st.booleans()),
        opens=opens,
        delivery=draw(maybe_deliveries),
        roll=draw(maybe_rolls) if rolls else Roll.NONE,
        calendar=A_PLACE,
    )


# By whether there may be a window, and a fixed day.
maybe_notices = {
    (windows, fixed): st.none() | notices(windows=windows, fixed=fixed)
    for windows in (True, False)
    for fixed in (True, False)
}


@st.composite
def renewals(draw: st.DrawFn, *kinds: RenewalKind) -> Renewal:
    kind = draw(st.sampled_from(kinds or tuple(RenewalKind)))
    if kind not in (RenewalKind.AUTO, RenewalKind.OPTION):
        return Renewal(kind)
    most = draw(st.none() | st.integers(0, 6))
    exercised = draw(st.integers(0, 4 if most is None else most))
    return Renewal(
        kind=kind,
        terms=tuple(draw(renewal_lengths)),
        max=most,
        exercised=exercised if kind is RenewalKind.OPTION else 0,
    )


@st.composite
def own_terms(draw: st.DrawFn, *kinds: RenewalKind, windows: bool = True) -> Terms:
    """Draw terms with their own dates."""
    start = draw(days)
    renewal = draw(renewals(*kinds))
    ends = renewal.kind is not RenewalKind.PERPETUAL
    initial = draw(maybe_lengths) if ends else None
    end = None
    if ends and initial is None:
        end = start + timedelta(days=draw(st.integers(1, 1500)))
    a_notice = maybe_notices[windows, renewal.kind is not RenewalKind.EVERGREEN]
    return Terms(
        start_date=start,
        initial_term=initial,
        end_date=end,
        end_date_is=draw(st.sampled_from(EndDateIs)),
        short_month=draw(st.sampled_from(ShortMonth)),
        renewal=renewal,
        notice=draw(a_notice),
        renewal_notice=draw(a_notice),
        lead_days=draw(st.none() | st.integers(0, 400)),
        holdover=draw(maybe_lengths),
        notice_received_on=draw(maybe_days),
        termination_right=draw(maybe_rights),
    )


@st.composite
def any_terms(draw: st.DrawFn) -> Terms:
    """Draw terms of an agreement that stands alone or ends with its parent."""
    terms = draw(own_terms())
    if draw(st.integers(0, 3)):
        return terms
    a_notice = maybe_notices[True, terms.kind is not RenewalKind.EVERGREEN]
    try:
        child = Terms(
            start_date=terms.start_date + timedelta(days=draw(st.integers(0, 700))),
            parent=terms,
            notice=draw(a_notice),
            renewal_notice=draw(a_notice),
            notice_received_on=draw(maybe_days),
        )
        check_starts_in_time(child.start_date, schedule_of(terms))
    except BadTerms:  # the child would start after its parent's end
        return terms
    return child
