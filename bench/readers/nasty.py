# ruff: noqa: RUF001 - signs that look like others are the point
"""Which names break calendars? A register of them, each with what a calendar shall show.

What is shown is written by hand, not worked out: texts on one line, white space of any kind
as one space, a slash for a backslash, nothing that cannot be seen and would do harm.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from unicodedata import normalize


@dataclass(frozen=True, slots=True)
class Nasty:
    """A title or a counterparty, and how it is shown; by itself, as it stands."""

    text: str
    shown_as: str | None = None

    @property
    def shown(self) -> str:
        """What a calendar shows of it."""
        return self.text if self.shown_as is None else self.shown_as


SCRIPTS = (
    "Größe, Maß & Übermut – Straße",
    "Ελληνικά· συμβόλαιο",
    "Договор на обслуживание",
    "Պայմանագիր",
    "ხელშეკრულება",
    "חוזה תחזוקה 2027 (גרסה ב)",
    "عقد الصيانة، ٢٠٢٧؛ تجديد",
    "قرارداد می‌شود",
    "सेवा अनुबंध क्षत्रिय",
    "চুক্তি",
    "ਇਕਰਾਰਨਾਮਾ",
    "ஒப்பந்தம்",
    "ఒప్పందం",
    "ഉടമ്പടി",
    "සේවා ගිවිසුම",
    "สัญญาบริการ",
    "ສັນຍາ",
    "စာချုပ်",
    "កិច្ចសន្យា",
    "བོད་ཡིག",
    "ውል ስምምነት",
    "ᏣᎳᎩ ᎦᏬᏂᎯᏍᏗ",
    "ᠮᠣᠩᠭᠣᠯ",
    "保守契約、第三版；更新",
    "维护合同，第一期",
    "유지보수 계약",
    "Hợp đồng bảo trì",
    "ꦗꦮ ꧋",
    "𐌰𐌱𐌲 𓀀𓀁 𝔘𝔫𝔦𝔠𝔬𝔡𝔢 𠜎𠜱",
    "🗓️👩🏽‍💻👨‍👩‍👧‍👦🏴󠁧󠁢󠁳󠁣󠁴󠁿🇩🇪🇺🇦#️⃣",
    "Z̶̡̛͍͙a̷̢͚̽l̸̨͔̈́g̵̱̈́o̴̙̕",
    "ﬁ ﷺ Ⅷ ½ ｆｕｌｌ ㍿",
    "soft\u00adhyphen zero\u200bwidth mark\u200e\u200f \u2060 \ufffc \ufffd \ue000",
)
"""All kinds of writing, as the API takes it and a calendar shows it."""

PUNCTUATION = (
    Nasty("Alpha, Beta; Gamma: Delta, and; so: on"),
    Nasty(",;,;,;,;:,;,;"),
    Nasty('"Quoted" \'single\' “curly” ‘x’ «y» `z` ""'),
    Nasty('";VALUE=DATE:20270101'),
    Nasty(r"C:\New\notes\Table, \\server\share", "C:/New/notes/Table, //server/share"),
    Nasty(r"ends with a backslash \ ".strip(), "ends with a backslash /"),
    Nasty(r"\n \N \, \; \\n \t \r \" \:", '/n /N /, /; //n /t /r /" /:'),
    Nasty("^n ^^ ^' =0D=0A %0D%0A &#10; &amp; <b>bold</b> <script>"),
    Nasty("BEGIN:VEVENT"),
    Nasty("END:VCALENDAR"),
    Nasty("SUMMARY;LANGUAGE=en:Not a line of its own"),
    Nasty("null"),
    Nasty("undefined NaN [object Object] __proto__"),
    Nasty("{{ 7*7 }} ${x} %s %d {0} #{y}"),
    Nasty("=1+1 @SUM(A1) -2 +3 |calc"),
    Nasty("mailto:a@b.example https://example.org/a,b;c?d=e&f#g"),
    Nasty("0"),
    Nasty("20270101T000000Z"),
    Nasty("a  b   c", "a b c"),
    Nasty("no\u00a0break thin\u2009space wide\u3000space", "no break thin space wide space"),
    Nasty("  spaces around  ", "spaces around"),
    Nasty("cafe\u0301 in two parts", "caf\u00e9 in two parts"),
    Nasty("byte order \ufeffmark within"),
)
"""Signs that mean something to iCalendar, to its readers, or to who shows them."""

LONG = (
    *(Nasty("x" * ahead + "€" * (300 - ahead)) for ahead in range(3)),
    *(Nasty("x" * ahead + "🗓" * (300 - ahead)) for ahead in range(4)),
    *(Nasty("x" * ahead + ",;" * 100) for ahead in range(4)),
    *(Nasty("x" * ahead + "\\," * 100, "x" * ahead + "/," * 100) for ahead in range(3)),
    *(Nasty(("ab cde " * 50)[ahead : ahead + 200].strip()) for ahead in range(7)),
    Nasty("é" * 300),
    Nasty("A" * 300),
    Nasty("\u0627" * 299 + "!"),
    Nasty("e\u0323\u0302" * 60, "\u1ec7" * 60),
)
"""Titles so long that they are folded, at every place where folding can go wrong."""

_CONTROLS = "".join(map(chr, (*range(1, 9), *range(14, 32), *range(0x7F, 0x85))))
_LATER_CONTROLS = "".join(map(chr, range(0x86, 0xA0)))

REFUSED = (
    Nasty(f"one {_CONTROLS}two", "one two"),
    Nasty(f"one {_LATER_CONTROLS}two", "one two"),
    Nasty("nul \0within", "nul within"),
    Nasty("escape \x1b[31mred\x1b[0m, bell \a, back \b", "escape [31mred[0m, bell , back"),
    Nasty(
        "tab\tbreak\nvertical\vpage\freturn\rnext\x85end", "tab break vertical page return next end"
    ),
    Nasty(
        "line\u2028separator and paragraph\u2029separator", "line separator and paragraph separator"
    ),
    Nasty(
        "carriage\rreturn, line\nfeed, both\r\nof them", "carriage return, line feed, both of them"
    ),
    Nasty("two\n\n\nempty lines\n", "two empty lines"),
    Nasty("\u2028", ""),
    Nasty(
        "x\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:evil\r\nSUMMARY:y",
        "x END:VEVENT BEGIN:VEVENT UID:evil SUMMARY:y",
    ),
    Nasty("x\r\n folded by hand\n\tand again", "x folded by hand and again"),
    Nasty("turned \u202eredro\u202c \u2066around\u2069", "turned redro around"),
    Nasty("no characters \ufdd0\ufffe\uffff\U0001ffff\U0010ffff.", "no characters ."),
    Nasty("long " * 2_000),
    Nasty("🗓" * 10_000),
    Nasty("", ""),
    Nasty(" \t\r\n\v\f\x85\xa0\u2028\u3000", ""),
)
"""What the API does not let in; older data or another hand could still have left it there."""

RENAMED = Nasty(r"Renamed, “again”; C:\x 新しい 🗓️", "Renamed, “again”; C:/x 新しい 🗓️")
"""The title that an agreement is given between two readings."""

_SHORT = 100
_DASH = " \N{EN DASH} "

STAND_IN = "A title that a moment later is another"


@dataclass(frozen=True, slots=True)
class Agreement:
    """An agreement with nasty names; `is_refused` when the API has to answer 422."""

    reference: str
    title: Nasty
    counterparty: Nasty
    is_refused: bool

    @property
    def shown(self) -> str:
        """What stands in its events' titles, after what kind of date it is."""
        names = [name for name in (self.counterparty.shown, self.title.shown) if name]
        return _DASH.join(names) or self.reference

    @property
    def owner(self) -> str:
        """Who answers for it: somebody with the same name."""
        return self.title.text[:200]


def _in_nfc(text: str) -> Nasty:
    return Nasty(text, normalize("NFC", text))


def register() -> Iterator[Agreement]:
    """Yield the nasty register; every other counterparty is as nasty as the title."""
    titles = [*map(_in_nfc, SCRIPTS), *PUNCTUATION, *LONG, *REFUSED]
    for number, title in enumerate(titles):
        is_refused = number >= len(titles) - len(REFUSED)
        is_short = len(title.text) <= _SHORT
        counterparty = title if number % 2 and is_short else Nasty(f"Supplier {number}")
        yield Agreement(f"N-{number:03}", title, counterparty, is_refused)


def as_form(agreement: Agreement) -> dict[str, Any]:
    """Return an agreement as the API takes it; one of its terms ends within three years."""
    return {
        "reference": agreement.reference,
        "title": agreement.title.text,
        "counterparty": agreement.counterparty.text,
        "owner": agreement.owner,
        "procurement_contact": agreement.owner,
        "start_date": "2024-03-31",
        "initial_term": {"value": 36, "unit": "months"},
        "renewal": {"kind": "auto", "term": {"value": 36, "unit": "months"}},
        "notice": {
            "value": 90,
            "unit": "days",
            "opens": {"value": 180, "unit": "days"},
            "delivery": {"value": 3, "unit": "days"},
        },
        "lead_days": 60,
    }
