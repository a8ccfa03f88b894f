"""How does somebody subscribe with one click?

No vendor documents these links. So they are an offer beside the address itself, which can
always be copied and pasted. The address is a secret: no error text repeats it.
"""

import re
from dataclasses import dataclass
from urllib.parse import quote

from app.feeds.plain_text import one_line

LONGEST_ADDRESS = 256

# The address is nested in other addresses: a percent sign would be encoded twice there, and
# readers garble the rest of what is not here, "@", comma and semicolon above all.
_PLAIN = re.compile(r"[A-Za-z0-9._~:/\[\]-]*")

_GOOGLE = "https://calendar.google.com/calendar/r?cid="
_GOOGLE_BY_HAND = "https://calendar.google.com/calendar/u/0/r/settings/addbyurl"
_OUTLOOK_WORK = "https://outlook.office.com/calendar/0/addfromweb"
_OUTLOOK_PERSONAL = "https://outlook.live.com/calendar/0/addfromweb"


@dataclass(frozen=True, slots=True)
class Links:
    """The links that open a program with a calendar ready to be added.

    `google_by_hand` is the page to paste the address into, for when `google` is refused.
    `webcal` is for Apple Calendar, Thunderbird and classic Outlook; `new_outlook` is for the
    new Outlook for Windows, which takes only a form of its own.
    """

    google: str
    google_by_hand: str
    outlook_work: str
    outlook_personal: str
    webcal: str
    new_outlook: str


def links(address: str, name: str) -> Links:
    """Return the links to subscribe to the feed called `name` at `address`.

    Raises ValueError, as `check_address` does, for an address that programs would refuse.
    """
    check_address(address)
    _, _, host_and_path = address.partition("://")
    webcal = f"webcal://{host_and_path}"
    outlook = f"?url={_encoded(address)}&name={_encoded(one_line(name))}"
    return Links(
        # With https inside, Google takes it for a person's e-mail address.
        google=_GOOGLE + _encoded(webcal),
        google_by_hand=_GOOGLE_BY_HAND,
        outlook_work=_OUTLOOK_WORK + outlook,
        outlook_personal=_OUTLOOK_PERSONAL + outlook,
        webcal=webcal,
        # The new Outlook drops "webcal:" and fetches what is behind it.
        new_outlook=f"webcal:{address}",
    )


def check_address(address: str) -> None:
    """Raise ValueError, with a sentence, for an address that calendar programs would refuse.

    Google does so without a word, and people would wait for dates that never come.
    """
    scheme, _, host_and_path = address.partition("://")
    host, _, _ = host_and_path.partition("/")
    if scheme not in {"http", "https"} or not host:
        message = "The address must begin with https:// or http:// and a host."
    elif len(address) > LONGEST_ADDRESS:
        message = (
            f"The address must have at most {LONGEST_ADDRESS} characters: Google refuses more."
        )
    elif "?" in address or "#" in address:
        message = "The address must have no query and no fragment: some programs drop them."
    elif "@" in host:
        message = "The address must hold no user name and no password."
    elif not _PLAIN.fullmatch(address):
        message = (
            "The address must be plain, of letters, digits, and - . _ ~ : / [ ] only:"
            " calendar programs garble others, such as @ , ; % and a space."
        )
    else:
        return
    raise ValueError(message)


def _encoded(text: str) -> str:
    return quote(text, safe="")
