"""The QR code of an address: a picture that scanners read and strict pages accept."""

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from app.feeds.qr import QUIET_ZONE, qr_svg

ADDRESS = (
    "https://noticeboard.example/feeds/nbfeed_0123456789abcdefghijklmnopqrstuvwxyzABCDEFG/it.ics"
)
SVG = "{http://www.w3.org/2000/svg}"

# Where the two bits of the error correction level stand (ISO/IEC 18004, section 7.9), and
# the mask that is laid over them there.
LEVEL_PLACES, LEVEL_MASK, LEVEL_M = ((0, 8), (1, 8)), (1, 0), (0, 0)

FINDER = [
    "#######",
    "#.....#",
    "#.###.#",
    "#.###.#",
    "#.###.#",
    "#.....#",
    "#######",
]


def test_a_code_that_was_read_with_another_library_still_has_these_bytes() -> None:
    golden = Path(__file__).with_name("address.svg")
    assert qr_svg(ADDRESS).encode() == golden.read_bytes()


def test_the_same_address_gives_the_same_text_and_another_one_another() -> None:
    assert qr_svg(ADDRESS) == qr_svg(ADDRESS)
    assert qr_svg(ADDRESS) != qr_svg(ADDRESS.replace("it.ics", "buying.ics"))


def test_it_is_an_svg_document_that_says_what_it_is() -> None:
    root = ET.fromstring(qr_svg(ADDRESS))  # noqa: S314 - our own text
    assert root.tag == f"{SVG}svg"
    assert root.get("role") == "img"
    assert root.findtext(f"{SVG}title") == "QR code of the calendar's address"
    assert qr_svg(ADDRESS).startswith("<svg "), "it can stand in a page as it is"


def test_a_strict_policy_for_content_finds_nothing_to_block() -> None:
    root = ET.fromstring(qr_svg(ADDRESS))  # noqa: S314 - our own text
    assert {element.tag.removeprefix(SVG) for element in root.iter()} == {"svg", "title", "path"}
    attributes = {name for element in root.iter() for name in element.attrib}
    assert attributes == {"viewBox", "role", "shape-rendering", "fill", "d"}


def test_dark_modules_stand_on_white_whatever_the_page_looks_like() -> None:
    root = ET.fromstring(qr_svg(ADDRESS))  # noqa: S314 - our own text
    size = len(modules(ADDRESS))
    ground, dark = root.findall(f"{SVG}path")
    assert root.get("viewBox") == f"0 0 {size} {size}"
    assert (ground.get("fill"), ground.get("d")) == ("#fff", f"M0 0h{size}v{size}H0z")
    assert dark.get("fill") == "#000"


@pytest.mark.parametrize(
    "address",
    [
        pytest.param("http://127.0.0.1:8000/a.ics", id="short"),
        pytest.param(ADDRESS, id="usual"),
        pytest.param("https://h.example/" + "a" * 238, id="as long as Google takes"),
        pytest.param("https://bücher.example/契.ics", id="beyond ASCII"),
        pytest.param("a\"'<>&]]>", id="marks of XML"),
    ],
)
def test_the_code_has_three_finders_level_m_and_a_quiet_zone(address: str) -> None:
    picture = modules(address)
    quiet = range(QUIET_ZONE)
    for edge in (picture, [*zip(*picture, strict=True)]):
        assert not any(dark for y in quiet for row in (edge[y], edge[-1 - y]) for dark in row)
    code = [row[QUIET_ZONE:-QUIET_ZONE] for row in picture[QUIET_ZONE:-QUIET_ZONE]]
    size = len(code)
    assert (size - 17) % 4 == 0, "a size of no QR code"
    for top, left in ((0, 0), (0, size - 7), (size - 7, 0)):
        corner = [code[top + y][left : left + 7] for y in range(7)]
        assert ["".join(".#"[dark] for dark in row) for row in corner] == FINDER
    found = [
        code[size - 1 - y][x] ^ mask for (y, x), mask in zip(LEVEL_PLACES, LEVEL_MASK, strict=True)
    ]
    assert tuple(found) == LEVEL_M


def test_what_no_code_can_hold_is_refused() -> None:
    assert qr_svg("a" * 2_331)
    with pytest.raises(ValueError, match="too large"):
        qr_svg("a" * 2_332)


def modules(address: str) -> list[list[bool]]:
    """Return the picture's modules, row by row, as they would be painted; True is dark."""
    root = ET.fromstring(qr_svg(address))  # noqa: S314 - our own text
    size = int((root.get("viewBox") or "").split()[-1])
    picture = [[False] * size for _ in range(size)]
    path = root.findall(f"{SVG}path")[1].get("d") or ""
    assert re.fullmatch(r"(M\d+ \d+h\d+v1h-\d+z)+", path)
    for x, y, length, back in re.findall(r"M(\d+) (\d+)h(\d+)v1h-(\d+)z", path):
        assert length == back
        for module in range(int(x), int(x) + int(length)):
            assert not picture[int(y)][module], "painted twice"
            picture[int(y)][module] = True
    return picture
