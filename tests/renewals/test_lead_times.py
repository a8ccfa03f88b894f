"""The first row of the policy that matches says how early to prepare."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.renewals.chain import chain
from app.renewals.lead_times import (
    DEFAULT_POLICY,
    BadPolicy,
    LeadTime,
    Policy,
    PolicyRow,
    Profile,
    UsualLead,
    lead_time,
)
from app.renewals.milestones import milestones
from app.renewals.position import position
from tests.renewals.builders import day, yearly
from tests.renewals.strategies import quickly

ANYTHING = PolicyRow("anything", 90)

BY_DEFAULT = [
    ("other", {}, 90, "anything else"),
    ("other", {"value": "9999.99"}, 30, "below 10,000 a year"),
    ("other", {"value": "0"}, 30, "below 10,000 a year"),
    ("other", {"value": "10000"}, 90, "anything else"),
    ("saas", {"value": "99999.9999"}, 90, "anything else"),
    ("saas", {"value": "100000.00"}, 180, "from 100,000 a year"),
    ("saas", {"value": "499999.99"}, 180, "from 100,000 a year"),
    ("saas", {"value": "500000"}, 365, "from 500,000 a year"),
    ("cloud_commitment", {"value": "2000"}, 365, "cloud commitment"),
    ("cloud_commitment", {}, 365, "cloud commitment"),
    ("telecom_circuit", {"value": "2000"}, 120, "telecom circuit"),
    ("telecom_circuit", {"value": "120000"}, 180, "from 100,000 a year"),
    ("telecom_circuit", {"criticality": "critical"}, 180, "critical"),
    ("telecom_circuit", {"monthly": True}, 30, "monthly terms"),
    ("saas", {"criticality": "critical", "value": "900"}, 180, "critical"),
    ("saas", {"criticality": "HIGH", "value": "50000"}, 180, "high criticality"),
    ("saas", {"criticality": "low", "value": "50000"}, 90, "anything else"),
    ("saas", {"handling": "hard_to_replace"}, 180, "hard to replace"),
    ("saas", {"handling": "Hard_To_Replace", "value": "800000"}, 365, "from 500,000 a year"),
    ("saas", {"handling": "strategic", "value": "900"}, 365, "strategic"),
    ("saas", {"handling": "public_tender"}, 365, "public tender"),
    (
        "saas",
        {"handling": "public_tender", "criticality": "critical"},
        540,
        "public tender, critical",
    ),
    (
        "saas",
        {"handling": "Public_Tender", "criticality": "High"},
        540,
        "public tender, high criticality",
    ),
    ("saas", {"handling": "public_tender", "criticality": "low"}, 365, "public tender"),
    (
        "saas",
        {"monthly": True, "handling": "public_tender", "criticality": "high", "value": "900000"},
        30,
        "monthly terms",
    ),
    ("saas", {"spend_class": "strategic"}, 90, "anything else"),
    ("saas", {"handling": "one nobody has heard of"}, 90, "anything else"),
]


def a_profile(kind: str = "saas", *, value: str | None = None, **words: object) -> Profile:
    known = Profile(kind, annual_value=None if value is None else Decimal(value), currency="EUR")
    return replace(known, **words)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "known", "days", "named"), BY_DEFAULT, ids=lambda part: str(part)[:40]
)
def test_the_first_policy_follows_the_table_of_the_trade(
    kind: str, known: dict[str, str], days: int, named: str
) -> None:
    found = lead_time(DEFAULT_POLICY, a_profile(kind, **known))
    assert (found.days, found.row_name) == (days, named)
    assert DEFAULT_POLICY.rows[found.row_number - 1].name == named


CONDITIONS = [
    ({"kind": "saas"}, a_profile("SaaS"), a_profile("other")),
    ({"monthly": True}, a_profile(monthly=True), a_profile()),
    ({"monthly": False}, a_profile(), a_profile(monthly=True)),
    ({"currency": "EUR"}, a_profile(), a_profile(currency="USD")),
    ({"currency": "EUR"}, a_profile(currency="eur"), a_profile(currency=None)),
    ({"criticality": "high"}, a_profile(criticality="High"), a_profile()),
    ({"spend_class": "Straße"}, a_profile(spend_class="STRASSE"), a_profile(spend_class="x")),
    ({"handling": "x"}, a_profile(handling="X"), a_profile(handling="x y")),
    ({"value_from": Decimal(5)}, a_profile(value="5"), a_profile(value="4.9999")),
    ({"value_from": Decimal(0)}, a_profile(value="0"), a_profile()),
    ({"value_below": Decimal(5)}, a_profile(value="4.9999"), a_profile(value="5")),
    ({"value_below": Decimal(5)}, a_profile(value="0"), a_profile()),
    (
        {"value_from": Decimal(5), "value_below": Decimal(6)},
        a_profile(value="5"),
        a_profile(value="6"),
    ),
    (
        {"kind": "saas", "criticality": "high"},
        a_profile(criticality="high"),
        a_profile("other", criticality="high"),
    ),
    (
        {"currency": "USD", "value_from": Decimal(5)},
        a_profile(value="5", currency="USD"),
        a_profile(value="500", currency="EUR"),
    ),
    (
        # Nothing is converted: a band without a currency holds amounts of every currency.
        {"value_from": Decimal(5)},
        a_profile(value="5", currency="JPY"),
        a_profile(value="4", currency="KWD"),
    ),
]


@pytest.mark.parametrize(("conditions", "fits", "does_not"), CONDITIONS)
def test_a_row_matches_when_all_its_conditions_are_true(
    conditions: dict[str, object], fits: Profile, does_not: Profile
) -> None:
    row = PolicyRow("the row", 1, **conditions)  # type: ignore[arg-type]
    policy = Policy((row, ANYTHING))
    assert lead_time(policy, fits) == LeadTime(1, 1, "the row")
    assert lead_time(policy, does_not) == LeadTime(90, 2, "anything")


BAD_ROWS = [
    ({"days": -1}, "days: must be from 0 to 3650 days."),
    ({"days": 3651}, "days: must be from 0 to 3650 days."),
    ({"value_below": Decimal(0)}, "value_below: must be more than value_from, or than 0;"),
    (
        {"value_from": Decimal(5), "value_below": Decimal(5)},
        "value_below: must be more than value_from, or than 0; no value is in that band.",
    ),
]


@pytest.mark.parametrize(("fields", "sentence"), BAD_ROWS)
def test_a_row_that_cannot_match_is_refused(fields: dict[str, int], sentence: str) -> None:
    with pytest.raises(BadPolicy) as refused:
        PolicyRow(**{"name": "x", "days": 1, **fields})  # type: ignore[arg-type]
    assert str(refused.value).startswith(sentence)


SAAS = PolicyRow("saas", 1, kind="saas")
BAD_TABLES = [
    ((), "rows: must be from 1 to 100 rows."),
    ((*(SAAS for _ in range(100)), ANYTHING), "rows: must be from 1 to 100 rows."),
    (
        (SAAS,),
        "rows.0: the last row must have no condition, so that one always matches; add one.",
    ),
    (
        (SAAS, PolicyRow("not monthly", 1, monthly=False)),
        "rows.1: the last row must have no condition, so that one always matches; add one.",
    ),
    (
        (SAAS, ANYTHING, SAAS, ANYTHING),
        "rows.1: has no condition, so no row after it is reached; make it the last one.",
    ),
]


@pytest.mark.parametrize(("rows", "sentence"), BAD_TABLES)
def test_a_table_that_leaves_gaps_is_refused(rows: tuple[PolicyRow, ...], sentence: str) -> None:
    with pytest.raises(BadPolicy) as refused:
        Policy(rows)
    assert str(refused.value) == sentence


LEAST, MOST = PolicyRow("none at all", 0), PolicyRow("ten years", 3650)


def test_a_lead_may_be_nothing_or_ten_years() -> None:
    assert [lead_time(Policy((row,)), a_profile()).days for row in (LEAST, MOST)] == [0, 3650]


words = st.none() | st.sampled_from(["a", "A", "high", "critical", "public_tender", "strategic"])
values = st.none() | st.integers(0, 1_000_000).map(Decimal)
profiles = st.builds(
    Profile,
    kind=st.sampled_from(["saas", "telecom_circuit", "cloud_commitment", "other"]),
    monthly=st.booleans(),
    currency=st.sampled_from([None, "EUR", "USD"]),
    annual_value=values,
    criticality=words,
    spend_class=words,
    handling=words,
)


@st.composite
def policy_rows(draw: st.DrawFn) -> PolicyRow:
    low, high = draw(values), draw(values)
    if high is not None and high <= (low or 0):
        high = None
    return PolicyRow(
        name="a row",
        days=draw(st.integers(0, 3650)),
        kind=draw(st.sampled_from(["saas", "other"])),
        monthly=draw(st.none() | st.booleans()),
        currency=draw(st.sampled_from([None, "EUR"])),
        value_from=low,
        value_below=high,
        criticality=draw(words),
        handling=draw(words),
    )


policies = st.lists(policy_rows(), max_size=6).map(lambda rows: Policy((*rows, ANYTHING)))


@quickly
@given(policies, profiles)
def test_every_agreement_has_the_lead_of_the_first_row_that_matches(
    policy: Policy, profile: Profile
) -> None:
    found = lead_time(policy, profile)
    row = policy.rows[found.row_number - 1]
    assert (row.days, row.name) == (found.days, found.row_name)
    assert [row.matches(profile) for row in policy.rows[: found.row_number]] == (
        [False] * (found.row_number - 1) + [True]
    )


@quickly
@given(policies, profiles)
def test_rows_that_do_not_match_might_as_well_not_be_there(
    policy: Policy, profile: Profile
) -> None:
    short = Policy(tuple(row for row in policy.rows if row.matches(profile)))
    assert lead_time(short, profile).days == lead_time(policy, profile).days


@quickly
@given(profiles.filter(lambda profile: not profile.monthly))
def test_by_the_first_policy_the_longest_of_the_leads_that_apply_wins(profile: Profile) -> None:
    applying = [row.days for row in DEFAULT_POLICY.rows[:-1] if row.matches(profile)]
    assert lead_time(DEFAULT_POLICY, profile).days == max(applying, default=90)


@quickly
@given(profiles)
def test_by_the_first_policy_more_money_never_means_a_shorter_lead(profile: Profile) -> None:
    value = profile.annual_value or Decimal(0)
    less, more = (replace(profile, annual_value=amount) for amount in (value, value + 50_000))
    assert lead_time(DEFAULT_POLICY, less).days <= lead_time(DEFAULT_POLICY, more).days


SIXTY = LeadTime(60, 2, "small (of ours)")
TOLD = (
    "No lead time of its own, so row 2 of the lead-time policy (small (of ours)): 60 days of"
    " preparation before Sat 28 Feb 2026, the day to send the notice: Tue 30 Dec 2025."
)


def test_the_reason_names_the_row_that_matched() -> None:
    terms = replace(yearly(), usual_leads=(UsualLead(day("0001-01-01"), SIXTY),))
    on = day("2025-12-01")
    assert position(terms, on).negotiation_start == day("2025-12-30")
    assert position(terms, on).why["negotiation_start"] == [TOLD]
    (link, *_) = chain(terms, on, 0, 0)
    assert link.why["negotiation_start"] == [TOLD]
    (milestone, *_) = milestones(terms, day("2025-12-01"), day("2026-01-01"))
    assert milestone.why == [TOLD]


def test_an_end_that_needs_no_notice_is_prepared_by_the_policy_too() -> None:
    terms = replace(
        yearly(renewal="none", notice="0 days"),
        usual_leads=(UsualLead(day("0001-01-01"), SIXTY),),
    )
    (told,) = position(terms, day("2024-05-01")).why["negotiation_start"]
    assert told == (
        "No lead time of its own, so row 2 of the lead-time policy (small (of ours)): 60 days of"
        " preparation before Mon 14 Apr 2025, the last day, for there is no notice to give:"
        " Thu 13 Feb 2025."
    )


def test_an_agreement_s_own_lead_time_comes_before_the_policy() -> None:
    terms = replace(yearly(lead_days=10), usual_leads=(UsualLead(day("0001-01-01"), SIXTY),))
    found = position(terms, day("2025-12-01"))
    assert found.negotiation_start == day("2026-02-18")
    assert "policy" not in str(found.why)


BY_DAY = [
    ("2025-01-09", 90),  # before the first one: as without a policy
    ("2025-01-10", 60),
    ("2026-04-13", 60),
    ("2026-04-14", 365),
    ("2199-12-31", 365),
]


@pytest.mark.parametrize(("on", "days"), BY_DAY)
def test_a_lead_time_holds_from_its_day_until_the_next_one(on: str, days: int) -> None:
    later = UsualLead(day("2026-04-14"), LeadTime(365, 1, "large"))
    terms = replace(yearly(), usual_leads=(UsualLead(day("2025-01-10"), SIXTY), later))
    assert terms.lead_on(day(on)) == days


def test_all_dates_of_a_term_go_by_the_lead_time_of_its_last_day() -> None:
    # The notice is sent long before the larger lead holds; the term ends after it.
    later = UsualLead(day("2026-04-14"), LeadTime(365, 1, "large"))
    terms = replace(yearly(), usual_leads=(UsualLead(day("0001-01-01"), SIXTY), later))
    found = position(terms, day("2025-05-01"))
    assert (found.send_by, found.negotiation_start) == (day("2026-02-28"), day("2025-02-28"))
