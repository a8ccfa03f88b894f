"""What do other people call our columns? Names seen in real registers and tools.

Kept as they are written; `plain` makes them comparable. A name that says its unit brings it.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from app.usecases.columns import COLUMNS

CERTAIN = 1.0
LIKELY = 0.95
VAGUE = 0.7
"""How sure a name makes us: our own, one that means this, and one that can mean much."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a column with some name says, in which unit, and how sure that is, from 0 to 1."""

    field: str
    unit: str | None = None
    confidence: float = LIKELY


_NAMES: Mapping[str, str] = {
    "reference": (
        "contract number, contract no, contract id, contract reference, contract ref, agreement"
        " number, agreement no, agreement id, reference number, our reference, notice identifier,"
        " procurement id, swc nbr, tender number, vertragsnummer, vertragsnr, vertrags nr,"
        " numéro de contrat, número de contrato, número do contrato, numero contratto,"
        " contractnummer"
    ),
    "title": (
        "contract name, contract title, agreement name, contract description, description en,"
        " item name, license name, licence name, software name, subject, bezeichnung,"
        " vertragsbezeichnung, titel, intitulé, objet, libellé, objeto, título, oggetto, onderwerp"
    ),
    "counterparty": (
        "supplier, supplier name, vendor, vendor name, company, company name, contractor,"
        " contractor name, winning bidder, external party, external party object, provider,"
        " service provider, associated supplier, associated suppliers, lieferant, anbieter,"
        " vertragspartner, fournisseur, prestataire, titulaire, fornecedor, contratada,"
        " proveedor, contratista, adjudicatario, fornitore, leverancier"
    ),
    "vendor_reference": (
        "external reference, supplier reference, vendor contract number,"
        " supplier contract number, order number, purchase order number, po number"
    ),
    "reseller": "reseller name, distributor, wiederverkäufer, revendeur",
    "parent_reference": (
        "parent, parent contract, parent agreement, master agreement, framework reference,"
        " rahmenvertrag, contrat cadre"
    ),
    "owner": (
        "contract owner, business owner, it owner, service owner, contract manager, responsible,"
        " division, department, verantwortlich, verantwortlicher, abteilung, responsable,"
        " responsável, gestor do contrato"
    ),
    "procurement_contact": "buyer name, procurement officer, purchaser, einkäufer, acheteur",
    "cost_centre": (
        "cost center, account number, budget code, gl code, organisation name, organization name,"
        " kostenstelle, centre de coût, centro de custo"
    ),
    "criticality": "business criticality, kritikalität, criticité",
    "spend_class": "spend category, category name",
    "currency": "currency code, währung, devise, moeda, moneda, valuta",
    "total_value": (
        "awarded value, contract value, contract amount, estimated value, total contract value,"
        " total cost, total amount, original value, purchase cost, cost, amount,"
        " value, auftragswert, vertragswert, gesamtwert, montant, valor, valor total, importe"
    ),
    "annual_value": (
        "annual cost, annual amount, annual spend, annual contract value, acv, yearly cost,"
        " yearly value, yearly recurring cost, yrc, cost per year, jahreskosten, jahreswert,"
        " jährliche kosten, coût annuel, montant annuel, valor anual"
    ),
    "monthly_value": (
        "monthly cost, monthly amount, monthly recurring cost, mrc, cost per month,"
        " monatliche kosten, coût mensuel, valor mensal"
    ),
    "signed_date": (
        "date signed, signature date, signed on, signed, awarded date, award date,"
        " contract signature date, unterzeichnet am, unterschriftsdatum, date de signature,"
        " data assinatura, data de assinatura, fecha de firma"
    ),
    "start_date": (
        "contract start date, contract start, start, begin, begin date, start day,"
        " contract period start, date effective, effective date, effective from, commencement,"
        " commencement date, purchase date, valid from, data inicio vigencia, data de início,"
        " início da vigência, fecha de inicio, vertragsbeginn, beginn, laufzeitbeginn,"
        " date de début, début, data inizio, ingangsdatum, startdatum"
    ),
    "planned_start_date": "contract start date planned, planned start date, planned start",
    "end_date": (
        "contract end date, contract end, end, end day, expiration, expiration date, expiry,"
        " expiry date, expires, expires on, expire date, delivery date, contract period end,"
        " initial term end, term end, valid until, valid to, data fim vigencia, data de término,"
        " fim da vigência, data final, fecha de fin, fecha de vencimiento, vertragsende,"
        " laufzeitende, ablaufdatum, gültig bis, date d'échéance, échéance,"
        " date de fin, fin, data fine, scadenza, einddatum"
    ),
    "planned_end_date": "contract end date planned, planned end date, planned end",
    "latest_end_date": (
        "max end, max end date, max extent date, latest end date, last possible end,"
        " maximum end date, end date including extensions, letztmögliches ende"
    ),
    "initial_term": (
        "duration, contract duration, contract length, contract term, length, term,"
        " initial contract period, initial period, initial duration, minimum term,"
        " laufzeit, vertragslaufzeit, mindestlaufzeit, durée, durée initiale, duración,"
        " duração, prazo, vigência, durata, looptijd"
    ),
    "renewal_kind": (
        "renewal, renewal type, renewal mechanism, type of renewal, verlängerung,"
        " verlängerungsart, reconduction, renouvellement, renovação, renovación, rinnovo"
    ),
    "auto_renewal": (
        "auto renew, auto renewal, automatic renewal, automatically renews, autorenew,"
        " renews automatically, automatische verlängerung, tacite reconduction,"
        " renovação automática, rinnovo automatico, tacito rinnovo"
    ),
    "renewable": "has renewal, extendable, can be extended, prorrogável, verlängerbar",
    "renewal_term": (
        "renewal period, contract renewal period, renewal length, extension period, periodicity,"
        " verlängerungszeitraum, verlängerung um, période de reconduction"
    ),
    "renewal_max": "number options, number of options, options, number of extensions",
    "notice": (
        "notice period, notice required, cancellation period, cancellation notice,"
        " termination notice, kündigungsfrist, kuendigungsfrist, préavis,"
        " délai de préavis, aviso previo, preavviso, opzegtermijn"
    ),
    "their_notice_deadline": (
        "notice date, notice deadline, cancel by, cancel by date, notice due, notice due date,"
        " last cancellation date, kündigung bis, kündbar bis, expiration date notice"
    ),
    "notice_method": "form of notice, method of notice, kündigungsform",
    "governing_law": "applicable law, law, anwendbares recht, droit applicable",
    "document_link": "documents, contract link, link, url, document url, dokument",
    "tags": "labels, keywords, schlagwörter",
    "notes": (
        "note, comment, comments, remarks, remark, description, details, bemerkung, bemerkungen,"
        " kommentar, beschreibung, commentaire, commentaires, remarques, observações,"
        " observaciones, note interne, opmerkingen"
    ),
}
_WITH_UNITS: tuple[tuple[str, str, str], ...] = (
    ("initial_term", "days", "duration in days, duration days, term days, prazo dias"),
    (
        "initial_term",
        "months",
        (
            "duration in months, duration months, term months, term in months,"
            " initial term months, laufzeit monate, laufzeit in monaten, durée en mois,"
            " durée mois, prazo meses, duración meses"
        ),
    ),
    (
        "initial_term",
        "years",
        (
            "number years, number of years, term years, duration years, duration in years,"
            " laufzeit jahre, laufzeit in jahren, durée années"
        ),
    ),
    ("renewal_term", "months", "renewal months, renewal term months, renewal period months"),
    ("renewal_term", "years", "renewal years, renewal term years"),
    ("notice", "days", "notice days, notice period days, notice in days, notice period in days"),
    ("notice", "weeks", "notice weeks, notice period weeks"),
    (
        "notice",
        "months",
        (
            "notice months, notice period months, notice in months, notice period in months,"
            " kündigungsfrist monate, kündigungsfrist in monaten, préavis mois, préavis en mois"
        ),
    ),
)
_VAGUE: Mapping[str, str] = {
    "reference": "contract, number, num, no, id, ref, nr, serial, serial number, product key, key",
    "title": "name, service, services, product, software, item, agreement",
    "counterparty": "manufacturer, party, partner, firma",
    "cost_centre": "controller, account",
    "parent_reference": "pa",
    "kind": "contract type, type, agreement type, vertragsart, type de contrat",
    "criticality": "priority",
    "end_date": "termination date",
}
IGNORED = "refused_because"
"""The column that a file of refused rows has more, so that it can come in mended as it is."""


def plain(name: str) -> str:
    """Return a name of a column so that spelling, case, accents and marks do not matter."""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z][a-z])", " ", name)
    bare = unicodedata.normalize("NFKD", apart.casefold())
    letters = "".join(one for one in bare if not unicodedata.combining(one))
    return " ".join(re.findall(r"[^\W_]+", letters.replace("'", " ")))


def _meanings() -> Iterator[tuple[str, Meaning]]:
    for names, confidence in ((_VAGUE, VAGUE), (_NAMES, LIKELY)):
        for field, written in names.items():
            for name in written.split(","):
                yield plain(name), Meaning(field, confidence=confidence)
    for field, unit, written in _WITH_UNITS:
        for name in written.split(","):
            yield plain(name), Meaning(field, unit)
    for name in COLUMNS:
        yield plain(name), Meaning(name, confidence=CERTAIN)


MEANINGS: Mapping[str, Meaning] = dict(_meanings())
"""What every plain name means; a later entry is the better one."""
