"""What must hold of any terms on any day."""

from dataclasses import replace
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta
from hypothesis import assume, given
from hypothesis import strategies as st

from app.renewals.acts import GivenNotice
from app.renewals.amendments import Amendment
from app.renewals.bad_terms import BadTerms
from app.renewals.chain import TermState, chain
from app.renewals.clauses import CountedFrom, Notice, Renewal, RenewalKind, Roll
from app.renewals.endings import (
    Verdict,
    decision_about,
    ending_of,
    judged,
    next_decision,
)
from app.renewals.milestones import milestones
from app.renewals.months import ShortMonth
from app.renewals.notice import notice_dates
from app.renewals.position import Phase, Position, position
from app.renewals.schedule import Schedule, schedule_of
from app.renewals.spans import Span, Unit
from app.renewals.terms import Terms
from tests.renewals.strategies import (
    amended_terms,
    any_terms,
    days,
    kept_days,
    lengths,
    month_lengths,
    notices,
    own_terms,
    quickly,
)

ONE_DAY = timedelta(days=1)
AUTO, NONE = RenewalKind.AUTO, RenewalKind.NONE
OVER = (Phase.EXPIRED, Phase.TERMINATED)
POSITION_DATES = (
    "term_start",
    "term_end",
    "renewal_date",
    "final_end",
    "notice_window_opens",
    "notice_deadline",
    "send_by",
    "negotiation_start",
    "next_term_end",
    "next_notice_deadline",
    "next_send_by",
    "next_negotiation_start",
    "exit_if_notice_today",
    "exit_for_convenience",
)
LINK_DATES = (
    "term_start",
    "term_end",
    "renewal_date",
    "notice_window_opens",
    "notice_deadline",
    "send_by",
    "negotiation_start",
)


def first_terms(schedule: Schedule, count: int) -> range:
    return range(1, min(count, schedule.last_number or count) + 1)


def dates_of(found: Position) -> dict[str, date | None]:
    return {name: getattr(found, name) for name in POSITION_DATES}


def kept(terms: Terms, numbers: range, until: date) -> list[tuple[int, str, date]]:
    """Return the milestones of some terms up to a day, for three years."""
    terms = replace(terms, notices=(), notice_received_on=None)
    found = milestones(terms, until - timedelta(days=1000), until)
    return [(one.term_number, one.kind, one.on) for one in found if one.term_number in numbers]


def fits(terms: Terms) -> bool:
    try:
        schedule_of(terms)
    except BadTerms:
        return False
    return True


@quickly
@given(any_terms())
def test_terms_touch_without_gap_or_overlap(terms: Terms) -> None:
    schedule = schedule_of(terms)
    assert schedule.term(1).start == terms.start_date
    for number in first_terms(schedule, 30)[:-1]:
        end = schedule.term(number).end
        assert end is not None
        assert end >= schedule.term(number).start
        assert schedule.term(number + 1).start == end + ONE_DAY


@quickly
@given(any_terms(), days)
def test_the_day_lies_in_its_term(terms: Terms, as_of: date) -> None:
    found = position(terms, as_of)
    if found.phase not in (Phase.NOT_STARTED, *OVER):
        assert found.term_start <= as_of
        assert found.term_end is None or as_of <= found.term_end


@quickly
@given(any_terms(), days)
def test_a_term_is_found_as_if_by_walking(terms: Terms, as_of: date) -> None:
    schedule, number = schedule_of(terms), 1
    while number != schedule.last_number:
        end = schedule.term(number).end
        if end is None or end >= as_of:
            break
        number += 1
    assert schedule.number_on(as_of) == number


@quickly
@given(days, st.lists(month_lengths, min_size=2, max_size=6), st.sampled_from(ShortMonth))
def test_boundaries_in_months_are_counted_from_the_start(
    start: date, spans: list[Span], short_month: ShortMonth
) -> None:
    renewal = Renewal(AUTO, tuple(spans[1:]))
    terms = Terms(start, initial_term=spans[0], renewal=renewal, short_month=short_month)
    schedule, months = schedule_of(terms), 0
    for number in range(1, 20):
        expected = start + relativedelta(months=months)
        if short_month is ShortMonth.ROLL_FORWARD and expected.day < start.day:
            expected += ONE_DAY
        assert schedule.term(number).start == expected
        months += spans[min(number, len(spans)) - 1].months


@quickly
@given(days, month_lengths, st.integers(1, 12))
def test_a_boundary_does_not_depend_on_the_path(start: date, span: Span, count: int) -> None:
    whole = Span(span.months * count, Unit.MONTHS)
    one = schedule_of(Terms(start, initial_term=whole, renewal=Renewal(NONE)))
    many = schedule_of(Terms(start, initial_term=span, renewal=Renewal(AUTO, (span,))))
    assert one.term(1).end == many.term(count).end


@quickly
@given(days, days, notices(windows=False, fixed=False, rolls=False))
def test_a_notice_on_the_deadline_reaches_no_further_than_the_end(
    start: date, term_end: date, notice: Notice
) -> None:
    terms = Terms(start, initial_term=Span(1, Unit.YEARS))
    found = notice_dates(terms, notice, term_end)
    assert found.send_by <= found.deadline <= term_end
    assert found.negotiation_start == found.send_by - timedelta(days=90)
    assert isinstance(notice.period, Span)
    later = timedelta(days=notice.counted_from is CountedFrom.RENEWAL_DATE)
    reach = relativedelta(months=notice.period.months, days=notice.period.days)
    assert found.deadline + reach <= term_end + later


@quickly
@given(days, notices())
def test_a_window_opens_no_later_than_it_closes(term_end: date, notice: Notice) -> None:
    found = notice_dates(Terms(term_end, end_date=term_end), notice, term_end)
    assert found.opens is None or found.opens <= found.deadline


@quickly
@given(days, notices())
def test_the_day_before_a_day_off_is_never_later(term_end: date, notice: Notice) -> None:
    terms = Terms(term_end, end_date=term_end)
    moved = notice_dates(terms, replace(notice, roll=Roll.PRECEDING), term_end)
    stayed = notice_dates(terms, replace(notice, roll=Roll.NONE), term_end)
    forward = notice_dates(terms, replace(notice, roll=Roll.FOLLOWING), term_end)
    assert moved.deadline <= stayed.deadline
    assert moved.deadline <= forward.deadline <= term_end


@quickly
@given(any_terms(), days)
def test_the_next_decision_is_found_as_if_by_walking(terms: Terms, as_of: date) -> None:
    schedule = schedule_of(terms)
    expected = None
    number = schedule.number_on(as_of)
    while number <= (schedule.last_number or number):
        expected = decision_about(terms, schedule, number)
        if expected is not None and expected.dates.deadline >= as_of:
            break
        expected, number = None, number + 1
    assert next_decision(terms, schedule, as_of) == expected


@quickly
@given(own_terms(AUTO, RenewalKind.OPTION), days)
def test_the_next_deadline_can_still_be_met(terms: Terms, as_of: date) -> None:
    found = next_decision(terms, schedule_of(terms), as_of)
    if found is not None:
        dates = found.dates
        assert as_of <= dates.deadline <= found.term_end
        assert dates.negotiation_start <= dates.send_by <= dates.deadline


@quickly
@given(own_terms(AUTO, windows=False), days, st.integers(0, 400))
def test_leaving_never_gets_earlier_as_time_goes_by(terms: Terms, as_of: date, later: int) -> None:
    terms = replace(terms, notice_received_on=None, holdover=None)
    exits = [
        position(terms, day).exit_if_notice_today for day in (as_of, as_of + timedelta(days=later))
    ]
    assume(all(day is not None for day in exits))
    assert exits == sorted(exits, key=str)


@quickly
@given(own_terms(), days)
def test_a_notice_recorded_today_ends_it_when_it_was_said_to(terms: Terms, as_of: date) -> None:
    terms = replace(terms, notice_received_on=None, termination_right=None)
    before = position(terms, as_of)
    after = position(replace(terms, notice_received_on=as_of), as_of)
    if before.exit_if_notice_today is not None and before.phase is not Phase.HOLDOVER:
        assert after.final_end == after.exit_if_notice_today == before.exit_if_notice_today


@quickly
@given(days, lengths, st.lists(lengths, min_size=1, max_size=3), lengths, st.integers(0, 900))
def test_a_renewal_that_is_far_away_changes_nothing_today(
    start: date, initial: Span, spans: list[Span], later: Span, after: int
) -> None:
    as_of = start + timedelta(days=after)
    near = (*spans, *[spans[-1]] * 80)
    terms = Terms(start, initial_term=initial, renewal=Renewal(AUTO, near))
    schedule = schedule_of(terms)
    assume(schedule.number_on(as_of + timedelta(days=500)) < len(near))
    changed = replace(terms, renewal=Renewal(AUTO, (*near, later)))
    limited = replace(terms, renewal=Renewal(AUTO, near, max=200))
    found = dates_of(position(terms, as_of))
    assert dates_of(position(changed, as_of)) == found
    assert dates_of(position(limited, as_of)) | {"final_end": None} == found


@quickly
@given(any_terms(), days)
def test_no_date_is_without_its_reason(terms: Terms, as_of: date) -> None:
    found = position(terms, as_of)
    given_dates = {name for name, day in dates_of(found).items() if day is not None}
    assert given_dates == set(found.why)
    for link in chain(terms, as_of, 3, 3):
        told = {name for name in (*LINK_DATES, "outcome") if getattr(link, name) is not None}
        assert told == set(link.why)
    around = milestones(terms, as_of - timedelta(days=300), as_of + timedelta(days=300))
    assert all(milestone.why for milestone in around)


@quickly
@given(any_terms(), days)
def test_reasons_end_with_their_date(terms: Terms, as_of: date) -> None:
    found = position(terms, as_of)
    for name in ("notice_deadline", "negotiation_start", "next_notice_deadline", "renewal_date"):
        if name in found.why:
            on = getattr(found, name)
            assert f"{on.day} {on:%b %Y}" in " ".join(found.why[name])


@quickly
@given(any_terms(), days, st.integers(0, 900), st.integers(0, 900))
def test_milestones_of_a_span_are_those_of_its_parts(
    terms: Terms, first: date, one: int, two: int
) -> None:
    middle = first + timedelta(days=one)
    last = middle + timedelta(days=two)
    parts = milestones(terms, first, middle) + milestones(terms, middle + ONE_DAY, last)
    keys = [(found.term_number, found.kind, found.on, found.why) for found in parts]
    whole = milestones(terms, first, last)
    assert sorted(keys) == sorted((m.term_number, m.kind, m.on, m.why) for m in whole)
    assert all(first <= milestone.on <= last for milestone in whole)


@quickly
@given(any_terms(), days)
def test_a_position_agrees_with_the_chain(terms: Terms, as_of: date) -> None:
    found = position(terms, as_of)
    if found.phase in (*OVER, Phase.HOLDOVER):
        return
    links = {link.number: link for link in chain(terms, as_of, 0, 40)}
    assert found.term_number is not None
    link = links[found.term_number]
    assert [getattr(found, name) for name in LINK_DATES] == [
        getattr(link, name) for name in LINK_DATES
    ]
    assert link.state is not TermState.PAST
    if found.next_term_number in links:
        later = links[found.next_term_number]
        assert later.notice_deadline == found.next_notice_deadline
        assert later.term_end == found.next_term_end


@quickly
@given(any_terms(), days)
def test_milestones_agree_with_the_chain(terms: Terms, as_of: date) -> None:
    terms = replace(terms, notice_received_on=None, notices=()).known_on(as_of)
    if ending_of(terms, schedule_of(terms)).noticed_on is not None:
        return  # what a notice makes moot stays in the chain and leaves the calendar
    for link in chain(terms, as_of, 1, 1):
        for name in LINK_DATES[3:]:
            on = getattr(link, name)
            if on is not None:
                found = milestones(terms, on, on)
                assert (link.number, name) in {(one.term_number, one.kind) for one in found}


@quickly
@given(any_terms(), days)
def test_each_day_has_one_phase_and_what_is_over_stays_over(terms: Terms, as_of: date) -> None:
    today, tomorrow = position(terms, as_of), position(terms, as_of + ONE_DAY)
    if today.phase in OVER:
        assert tomorrow.phase is today.phase
        assert not set(today.why) - {"term_start", "term_end", "final_end"}
    if today.phase is not Phase.NOT_STARTED:
        assert tomorrow.phase is not Phase.NOT_STARTED
    if today.phase in (*OVER, Phase.HOLDOVER):
        assert today.final_end is not None
        assert today.final_end < as_of
    elif today.final_end is not None:
        assert as_of <= today.final_end


@quickly
@given(any_terms(), kept_days)
def test_any_terms_have_a_place_on_any_day(terms: Terms, as_of: date) -> None:
    assert position(terms, as_of).as_of == as_of
    assert chain(terms, as_of, 1, 1)
    milestones(terms, as_of, as_of + timedelta(days=40))


@quickly
@given(any_terms())
def test_no_deadline_lies_after_the_end_of_its_term(terms: Terms) -> None:
    schedule = schedule_of(terms)
    for number in first_terms(schedule, 12):
        found = decision_about(terms, schedule, number)
        if found is not None:
            dates = found.dates
            assert dates.negotiation_start <= dates.send_by <= dates.deadline <= found.term_end


@quickly
@given(amended_terms())
def test_what_lay_before_an_amendment_stays(terms: Terms) -> None:
    if not terms.amendments:
        return
    *earlier, last = terms.amendments
    before = replace(terms, amendments=tuple(earlier))
    old, new = schedule_of(before), schedule_of(terms)
    changed = old.number_on(last.effective_from)
    end = old.term(changed).end
    same = range(1, changed + (end is not None and end < last.effective_from))
    for number in same:
        assert new.term(number) == old.term(number)
        assert decision_about(terms, new, number) == decision_about(before, old, number)
    assert new.term(changed).start == old.term(changed).start
    until = old.term(changed).start - ONE_DAY
    assert kept(terms, same, until) == kept(before, same, until)


@quickly
@given(amended_terms(own_terms(AUTO)), st.integers(0, 900))
def test_an_amendment_far_away_changes_nothing_today(amended: Terms, ahead: int) -> None:
    amended = replace(amended, notice_received_on=None, notices=())
    terms = replace(amended, amendments=())
    schedule = schedule_of(terms)
    changes_on = terms.start_date
    if amended.amendments:
        number = schedule.number_on(amended.amendments[0].effective_from)
        changes_on = schedule.term(number).start
    as_of = changes_on - timedelta(days=ahead)
    found = dates_of(position(terms, as_of))
    if max(as_of, *(day for day in found.values() if day is not None)) < changes_on:
        assert dates_of(position(amended, as_of)) | {"final_end": None} == found


@quickly
@given(own_terms(AUTO, RenewalKind.OPTION), notices(), st.integers(1, 900))
def test_a_deadline_that_passed_before_an_amendment_stays(
    terms: Terms, notice: Notice, after: int
) -> None:
    day = terms.start_date + timedelta(days=after)
    amended = replace(terms, amendments=(Amendment(day, notice=notice),))
    assume(fits(amended))
    schedule = schedule_of(amended)
    for number in first_terms(schedule, 12):
        old = decision_about(terms, schedule_of(terms), number)
        new = decision_about(amended, schedule, number)
        if old is None or new is None:
            assert old is new
        elif old.dates.deadline < day:
            assert new == old
        else:
            plain = notice_dates(terms, notice, new.term_end).deadline
            was_open = old.dates.opens is None or old.dates.opens < day
            assert new.dates.deadline == (max(plain, day - ONE_DAY) if was_open else plain)


@quickly
@given(any_terms(), days)
def test_a_notice_is_judged_by_the_terms_of_its_day(terms: Terms, received: date) -> None:
    given = GivenNotice(received_on=received)
    then = terms.amended_until(received)
    was = judged(then, schedule_of(then), given)
    now = judged(terms, schedule_of(terms), given)
    until = terms.next_amendment_after(received)
    if was.verdict is not Verdict.NOT_NEEDED and was.ends_on is not None and was.ends_on < until:
        assert replace(now, reason=()) == replace(was, reason=())
