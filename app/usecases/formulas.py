"""What would a spreadsheet take for a formula? Cells of a CSV file, made harmless and back.

A cell that begins like a formula is run by whoever opens the file, and can send away what
stands beside it. An apostrophe in front makes it text. It is put before a text that has
apostrophes of its own there, too: so taking one away leads back to every text there is.
"""

import re

# As OWASP lists them (CSV Injection): full-width signs count for some languages of Excel.
_FORMULA = re.compile(r"'*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")


def disarmed(text: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def as_meant(cell: str) -> str:
    """Return the text that a cell was before it was disarmed; any other cell as it is."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell
