"""Any terms there can be, within reason, for the generated tests."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import settings
from hypothesis import strategies as st

from app.renewals.acts import Choice, Direction, GivenNotice, Purpose, Said, Team
from app.renewals.amendments import Amendment
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
from app.renewals.lead_times import LeadTime, UsualLead
from app.renewals.months import ShortMonth
from app.renewals.schedule import check_starts_in_time, schedule_of
from app.renewals.spans import Span, Unit
from app.renewals.terms import Terms

quickly = settings(max_examples=100, deadline=None, derandomize=True)
"""For properties of any terms: the same hundred each time, found in a second or two."""


def _holidays_in(year: int) -> dict[date, str]:
    names = {(1, 1): "New Year", (5, 1): "May Day", (12, 25): "Christmas", (12, 26): "Boxing Day"}
    return {date(year, month, day): name for (month, day), name in names.items()}


A_PLACE = BusinessCalendar("A-PLACE", frozenset({5, 6}), _holidays_in)

kept_days = st.dates(date(1970, 1, 1), date(2199, 12, 31))
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
leads = st.integers(0, 400)
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
def usual_leads(draw: st.DrawFn) -> tuple[UsualLead, ...]:
    """Draw the lead times of up to two policies, one after the other."""
    from_days = sorted(draw(st.lists(days, max_size=2)))
    return tuple(UsualLead(day, LeadTime(draw(leads), 1, "any")) for day in from_days)


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
        lead_days=draw(st.none() | leads),
        holdover=draw(maybe_lengths),
        notice_received_on=draw(maybe_days),
        termination_right=draw(maybe_rights),
    )


teams = st.sampled_from(Team)
choices = st.sampled_from(Choice)
directions = st.sampled_from(Direction)
purposes = st.sampled_from((Purpose.END, Purpose.END, Purpose.EXTEND))
maybe_flags = st.none() | st.booleans()
maybe_texts = st.none() | st.sampled_from(("36 months", "another supplier"))
maybe_renewals = st.none() | renewals()


def term_starts(terms: Terms, count: int) -> list[date]:
    """Return the first days of the first terms."""
    schedule = schedule_of(terms)
    numbers = range(1, min(count, schedule.last_number or count) + 1)
    return [schedule.term(number).start for number in numbers]


@st.composite
def choices_said(draw: st.DrawFn, terms: Terms) -> tuple[Said, ...]:
    """Draw what the teams chose for some of the first terms."""
    found: list[Said] = []
    for number, start in enumerate(term_starts(terms, 3), 1):
        for _ in range(draw(st.integers(0, 3))):
            on = start + timedelta(days=draw(st.integers(0, 400)))
            found.append(Said(number, start, draw(teams), draw(choices), on, draw(maybe_texts)))
        if draw(st.booleans()):
            found += [Said(number, start, team, Choice.EXTEND, start) for team in Team]
    return tuple(found)


@st.composite
def given_notices(draw: st.DrawFn, terms: Terms) -> GivenNotice:
    sent = draw(days)
    received = sent + timedelta(days=draw(st.integers(0, 20)))
    known = draw(st.integers(0, 2))
    return GivenNotice(
        received_on=received if known else None,
        sent_on=None if known == 1 else sent,
        direction=draw(directions),
        purpose=draw(purposes),
        term_start=draw(st.none() | st.sampled_from(term_starts(terms, 6))),
    )


@st.composite
def an_amendment_of(draw: st.DrawFn, terms: Terms) -> Amendment:
    """Draw an amendment of a day in one of the first terms, or of the day after the last."""
    schedule = schedule_of(terms)
    number = draw(st.integers(1, min(schedule.last_number or 9, 9)))
    term = schedule.term(number)
    day = draw(
        st.sampled_from(
            [
                term.start,
                term.start + timedelta(days=draw(st.integers(0, 900))),
                term.start if term.end is None else term.end,
                term.start if term.end is None else term.end + timedelta(days=1),
            ]
        )
    )
    if terms.amendments:
        day = max(day, terms.amendments[-1].effective_from)
    a_term, an_end = draw(maybe_lengths), None
    if a_term is None and draw(st.booleans()):
        an_end = day + timedelta(days=draw(st.integers(0, 900)))
    is_set = a_term is not None or an_end is not None
    renewal = draw(maybe_renewals)
    return Amendment(
        effective_from=day,
        begins_term=is_set and draw(st.booleans()),
        term=a_term,
        end_date=an_end,
        end_date_is=draw(st.sampled_from(EndDateIs)),
        is_anchor=draw(maybe_flags) if is_set and renewal is None else None,
        renewal=renewal,
        notice=draw(maybe_notices[True, False]),
        annual_value=Decimal(draw(st.integers(0, 9))),
        recorded_on=draw(maybe_days),
    )


@st.composite
def amended_terms(draw: st.DrawFn, base: st.SearchStrategy[Terms] | None = None) -> Terms:
    """Draw terms with up to three amendments that fit, and with what people did."""
    terms = draw(own_terms() if base is None else base)
    terms = replace(terms, said=draw(choices_said(terms)))
    for _ in range(draw(st.integers(0, 3))):
        try:
            amended = draw(an_amendment_of(terms))
            further = replace(terms, amendments=(*terms.amendments, amended))
            schedule_of(further)
        except BadTerms:  # it does not fit
            continue
        terms = further
    if draw(st.booleans()):
        given = draw(st.lists(given_notices(terms), max_size=2))
        terms = replace(terms, notices=tuple(given))
    return replace(terms, usual_leads=draw(usual_leads()))


@st.composite
def any_terms(draw: st.DrawFn) -> Terms:
    """Draw terms of an agreement that stands alone or ends with its parent."""
    terms = draw(st.one_of(own_terms(), amended_terms()))
    if draw(st.integers(0, 3)):
        return terms
    a_notice = maybe_notices[True, RenewalKind.EVERGREEN not in terms.kinds]
    try:
        child = Terms(
            start_date=terms.start_date + timedelta(days=draw(st.integers(0, 700))),
            parent=terms,
            notice=draw(a_notice),
            renewal_notice=draw(a_notice),
            notice_received_on=draw(maybe_days),
        )
        check_starts_in_time(child.start_date, schedule_of(terms))
        if draw(st.booleans()):
            day = child.start_date + timedelta(days=draw(st.integers(0, 900)))
            own = Amendment(day, notice=draw(maybe_notices[True, False]), currency="EUR")
            child = replace(child, amendments=(own,))
    except BadTerms:  # the child would start after its parent's end
        return terms
    return child
