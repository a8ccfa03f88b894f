"""The words of registers mean one thing of ours, or nothing."""

from typing import get_args

import pytest

from app.usecases.foreign.words import kind_in, renewal_in, truth_in
from app.usecases.forms import AgreementKind


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        (["auto", "Automatic", "AUTO-RENEW", "Tacit", "tacite reconduction"], "auto"),
        (["stillschweigend", "automático", "autoRenew", "AutoRenews"], "auto"),
        (["option", "Express", "manual", "by agreement", "ausdrücklich"], "option"),
        (["none", "Never", "No", "fixed term", "befristet", "jamais", "não"], "none"),
        (["evergreen", "rolling", "unbefristet", "indéterminée"], "evergreen"),
        (["perpetual", "Lifetime", "perpétuelle"], "perpetual"),
        (["", "yes", "12 months", "whatever"], None),
    ],
)
def test_words_of_a_renewal(words: list[str], kind: str | None) -> None:
    for word in words:
        assert renewal_in(word) == kind, word


@pytest.mark.parametrize(
    ("words", "truth"),
    [
        (["yes", "Y", "TRUE", "1", "x", "Ja", "oui", "Sí", "si", "sim"], True),
        (["no", "N", "false", "0", "Nein", "non", "não", "nee"], False),
        (["", "maybe", "2", "auto"], None),
    ],
)
def test_words_of_truth(words: list[str], truth: bool | None) -> None:  # noqa: FBT001 - an expectation
    for word in words:
        assert truth_in(word) is truth, word


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        (["SaaS", "Software as a Service", "cloud software"], "saas"),
        (["Maintenance", "software_maintenance", "Wartung", "licence"], "software_maintenance"),
        (["Hardware Support", "warranty", "Garantie"], "hardware_support"),
        (["Telecom circuit", "MPLS", "leased line", "Télécom"], "telecom_circuit"),
        (["cloud", "IaaS", "cloud-commitment"], "cloud_commitment"),
        (["managed service", "Outsourcing", "infogérance"], "managed_service"),
        (["other", "Other"], "other"),
        (["", "catering"], None),
    ],
)
def test_words_of_a_kind(words: list[str], kind: str | None) -> None:
    for word in words:
        assert kind_in(word) == kind, word


def test_our_own_kinds_are_known() -> None:
    for kind in get_args(AgreementKind):
        assert kind_in(kind) == kind
