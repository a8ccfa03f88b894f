"""Names of columns that registers and tools have are known, however they are written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.usecases.columns import COLUMNS
from app.usecases.foreign.fields import FIELDS
from app.usecases.foreign.synonyms import (
    CERTAIN,
    IGNORED,
    LIKELY,
    MEANINGS,
    VAGUE,
    Meaning,
    plain,
)


@pytest.mark.parametrize(
    ("field", "names"),
    [
        ("reference", "CONTRACT, Contract Number, Notice Identifier, reference_number"),
        ("reference", "procurement_id, swc_nbr, Tender Number, serial, Vertrags-Nr"),
        ("title", "Title, SERVICE, contract_name, description_en, Contract Description, Item name"),
        ("counterparty", "Supplier, COMPANY, vendor, vendor_name, VENDOR NAME, Winning Bidder"),
        ("counterparty", "supplier_name, external_party, counterparty, Fornecedor, Lieferant"),
        ("parent_reference", "PARENT, PA, Parent"),
        ("start_date", "Contract Start Date, start, begin_date, contract_period_start"),
        ("start_date", "Date Effective, effective_date, startDate, purchase date"),
        ("start_date", "data_inicio_vigencia, Vertragsbeginn, date de debut, Date de début"),
        ("end_date", "Contract End Date, EXPIRATION, expires, expire_date, delivery_date, endDate"),
        ("end_date", "expiration date, contract_end, initial_term_end, data_fim_vigencia"),
        ("end_date", "Vertragsende, date d'echeance, Date d\u2019échéance"),
        ("initial_term", "Duration, durationInDays, number_years, prazo_meses, Laufzeit, duree"),
        ("renewal_kind", "renewal, renewal_mechanism, Verlängerung"),
        ("renewal_term", "periodicity, renewal period"),
        ("renewal_max", "number_options"),
        ("renewable", "hasRenewal, prorrogavel, prorrogável"),
        ("auto_renewal", "autoRenew, tacite reconduction"),
        ("latest_end_date", "max_end, maxExtentDate, Latest End Date"),
        (
            "notice",
            "notice (months), notice_period_days, Kuendigungsfrist, Kündigungsfrist, preavis",
        ),
        ("their_notice_deadline", "notice_date, cancel_by"),
        ("total_value", "Awarded Value, contract_value, Estimated Value, original_value"),
        ("total_value", "purchase cost"),
        ("annual_value", "annual_value, yrc"),
        ("monthly_value", "mrc"),
        ("owner", "contract_owner, business_owner, Division"),
        ("cost_centre", "CONTROLLER, Organisation Name, cost_centre"),
        ("planned_start_date", "Contract Start Date (planned)"),
        ("planned_end_date", "Contract End Date (planned)"),
    ],
)
def test_names_seen_in_real_registers_are_known(field: str, names: str) -> None:
    for name in names.split(", "):
        assert MEANINGS[plain(name)].field == field, name


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("durationInDays", "days"),
        ("Laufzeit (Monate)", "months"),
        ("prazo_meses", "months"),
        ("number_years", "years"),
        ("notice (months)", "months"),
        ("notice_period_days", "days"),
        ("Notice Period [weeks]", "weeks"),
        ("Kündigungsfrist in Monaten", "months"),
        ("Renewal period (months)", "months"),
        ("renewal_years", "years"),
        ("Duration", None),
    ],
)
def test_a_name_that_says_its_unit_brings_it(name: str, unit: str | None) -> None:
    assert MEANINGS[plain(name)].unit == unit


@pytest.mark.parametrize("name", ["amendment_value", "nrc", "review date", "", "x"])
def test_what_can_mean_anything_means_nothing(name: str) -> None:
    assert plain(name) not in MEANINGS


def test_our_own_names_are_certain() -> None:
    for name in COLUMNS:
        assert MEANINGS[plain(name)] == Meaning(name, confidence=CERTAIN)
    assert plain(IGNORED) not in MEANINGS


def test_a_name_means_a_field_that_there_is() -> None:
    assert {meaning.field for meaning in MEANINGS.values()} <= set(FIELDS)
    assert {meaning.confidence for meaning in MEANINGS.values()} == {VAGUE, LIKELY, CERTAIN}
    assert all(name == plain(name) for name in MEANINGS)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("contractStartDate", "contract start date"),
        (" Contract  START\ndate: ", "contract start date"),
        ("Kündigungsfrist_(Monate)", "kundigungsfrist monate"),
        ("date d'échéance", "date d echeance"),
        ("STRASSE", "strasse"),
        ("Straße", "strasse"),
        ("", ""),
    ],
)
def test_spelling_does_not_matter(name: str, expected: str) -> None:
    assert plain(name) == expected


@given(st.text())
def test_any_name_is_made_plain(name: str) -> None:
    assert plain(name) == plain(f" {name}\n")
