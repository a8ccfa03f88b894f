"""What do the words mean that stand in cells of registers: yes, tacit, maintenance?

Compared as names of columns are, so that spelling, case and accents do not matter.
"""

from collections.abc import Mapping
from typing import get_args

from app.usecases.foreign.synonyms import plain
from app.usecases.forms import AgreementKind


def _table(meanings: Mapping[str, str]) -> dict[str, str]:
    return {
        plain(word): meaning for meaning, words in meanings.items() for word in words.split(",")
    }


_RENEWALS = _table(
    {
        "auto": (
            "auto, automatic, automatically, auto renew, auto renews, automatic renewal, tacit,"
            " tacite, tacitly, tacite reconduction, stillschweigend, automatisch, automático,"
            " automatica, tacito"
        ),
        "option": (
            "option, optional, options, express, expresse, explicit, by agreement, manual,"
            " renewable, extendable, ausdrücklich, auf wunsch, verlängerungsoption"
        ),
        "none": (
            "none, never, no, no renewal, not renewable, fixed, fixed term, nein, keine, nie,"
            " befristet, jamais, non, aucune, nunca, não, ninguna, nessuno, nee, geen"
        ),
        "evergreen": (
            "evergreen, rolling, open ended, until terminated, indefinite, unbefristet,"
            " indéterminée, indeterminado"
        ),
        "perpetual": "perpetual, lifetime, forever, dauerhaft, perpétuelle, perpetua",
    }
)
_TRUTHS = _table(
    {
        "yes": "yes, y, true, t, 1, x, ja, wahr, oui, vrai, o, sim, s, sí, si, verdadeiro",
        "no": "no, n, false, f, 0, nein, falsch, non, faux, não, falso, nee",
    }
)
_KINDS = _table(
    {
        "saas": "software as a service, cloud software, subscription, saas subscription",
        "software_maintenance": (
            "maintenance, software support, software maintenance and support, support, wartung,"
            " softwarewartung, softwarepflege, maintenance logicielle, license, licence, software"
        ),
        "hardware_support": (
            "hardware, hardware maintenance, hardware support and maintenance, warranty,"
            " hardwarewartung, garantie, maintenance matérielle"
        ),
        "telecom_circuit": (
            "telecom, telecoms, circuit, circuits, telecommunications, internet, line, leased line,"
            " mpls, wan, telekommunikation, télécom"
        ),
        "cloud_commitment": "cloud, iaas, paas, cloud services, reserved instances",
        "managed_service": (
            "managed services, outsourcing, service desk, services managed, it services,"
            " infogérance"
        ),
    }
) | {plain(kind): kind for kind in get_args(AgreementKind)}


def _found(table: Mapping[str, str], text: str) -> str | None:
    # SaaS is one word, and autoRenew is two.
    return table.get(plain(text)) or table.get(plain(text.casefold()))


def renewal_in(text: str) -> str | None:
    """Return the kind of renewal that words name, None for words that name none."""
    return _found(_RENEWALS, text)


def truth_in(text: str) -> bool | None:
    """Return whether words say yes, None for words that say neither."""
    found = _found(_TRUTHS, text)
    return None if found is None else found == "yes"


def kind_in(text: str) -> str | None:
    """Return the kind of agreement that words name, None for words that name none of ours."""
    return _found(_KINDS, text)
