"""What did the parties change since, and from which day on?

An amendment is a fact of its own: what lay before `effective_from` stays as it was. An
end that it states wins over the formula, for the term that holds that day or, with
`begins_term`, for a new term that begins on it.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from app.renewals.bad_terms import BadTerms
from app.renewals.clauses import EndDateIs, Notice, Renewal, check_day
from app.renewals.spans import Span, check_length


@dataclass(frozen=True, slots=True)
class Amendment:
    """One effective-dated change; what is None stays as it was.

    `term` is the length of the term from its own first day, `end_date` its end instead.
    With `is_anchor` later terms are counted from that end, without it they keep the ends
    they would have had; None decides by itself: a new term and a new renewal rule are
    anchors, another end alone is not. `notice` ends this and all later terms.
    `recorded_on` is the day on which it became known.
    """

    effective_from: date
    begins_term: bool = False
    term: Span | None = None
    end_date: date | None = None
    end_date_is: EndDateIs = EndDateIs.LAST_DAY
    is_anchor: bool | None = None
    renewal: Renewal | None = None
    notice: Notice | None = None
    annual_value: Decimal | None = None
    total_value: Decimal | None = None
    currency: str | None = None
    recorded_on: date | None = None

    def __post_init__(self) -> None:
        """Refuse amendments that contradict themselves or change nothing."""
        check_day("effective_from", self.effective_from)
        if self.term is not None:
            check_length("term.", self.term)
        if self.end_date is not None:
            check_day("end_date", self.end_date)
        if self.term is not None and self.end_date is not None:
            raise BadTerms(field="end_date", rule="give term or end_date, not both.")
        if self.begins_term and not self.sets_an_end:
            raise BadTerms(
                field="term", rule="a new term needs its length, or its end as end_date."
            )
        if self.is_anchor is not None and not self.sets_an_end:
            raise BadTerms(
                field="is_anchor", rule="only an end can be an anchor; give term or end_date."
            )
        if self.is_anchor is False and self.renewal is not None:
            raise BadTerms(
                field="is_anchor",
                rule="a new renewal rule counts from the new end; leave is_anchor out.",
            )
        if not (self.sets_an_end or self.renewal or self.notice or self.sets_a_price):
            raise BadTerms(
                field="effective_from",
                rule="nothing is changed; give an end, a renewal, a notice or a value.",
            )

    @property
    def sets_an_end(self) -> bool:
        """Whether it fixes the end of a term."""
        return self.term is not None or self.end_date is not None

    @property
    def fixed_end(self) -> Span | date | None:
        """The end that it fixes: a length, or the first day after; None where it fixes none."""
        if self.end_date is None or self.end_date_is is EndDateIs.RENEWAL_DATE:
            return self.term or self.end_date
        return self.end_date + timedelta(days=1)

    @property
    def counts_anew(self) -> bool:
        """Whether later terms are counted from the end that it fixes."""
        if self.is_anchor is None:
            return self.begins_term or self.renewal is not None
        return self.is_anchor

    @property
    def sets_a_price(self) -> bool:
        """Whether it changes what is paid."""
        prices = (self.annual_value, self.total_value, self.currency)
        return any(price is not None for price in prices)
