"""How does an address get from a screen onto a phone? As a QR code (ISO/IEC 18004).

The picture stands by itself and asks nothing of the page around it: it has no script, no
style, no reference to anything, so that the strictest Content-Security-Policy lets it be.
"""

from collections.abc import Iterable, Iterator
from itertools import groupby

from segno import make

QUIET_ZONE = 4
"""How many light modules stand around the code; scanners need them to find it."""


def qr_svg(address: str) -> str:
    """Return the QR code of an address as an SVG document, in modules as its unit of length.

    Dark modules stand on a white ground of their own, so that a dark page does not swallow
    them. The same address gives the same text. Raises ValueError for an address too long
    for any QR code, of more than 2,331 bytes.
    """
    # Level M survives a smudge on paper; boosting it would make no smaller code, only another.
    code = make(address, error="m", micro=False, boost_error=False)
    rows = list(code.matrix_iter(border=QUIET_ZONE))
    size = len(rows)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" role="img"'
        ' shape-rendering="crispEdges">'
        # Not the address: it is a secret, and nobody wants it read out letter by letter.
        "<title>QR code of the calendar's address</title>"
        f'<path fill="#fff" d="M0 0h{size}v{size}H0z"/>'
        f'<path fill="#000" d="{"".join(_dark_runs(rows))}"/>'
        "</svg>\n"
    )


def _dark_runs(rows: Iterable[Iterable[int]]) -> Iterator[str]:
    """Yield one rectangle, as a part of a path, for each run of dark modules in a row."""
    for y, row in enumerate(rows):
        x = 0
        for is_dark, run in groupby(row):
            length = len(list(run))
            if is_dark:
                yield f"M{x} {y}h{length}v1h-{length}z"
            x += length
