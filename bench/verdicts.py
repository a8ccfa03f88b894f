"""How do two series of figures compare, and does that keep a promise? Printed, never enforced."""

import statistics
from collections.abc import Sequence


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """Return the median of what ours is of theirs, each pair measured one after the other."""
    return statistics.median(a / b for a, b in zip(ours, theirs, strict=True))


def at_least(bound: float, what: str, value: float) -> None:
    """Print whether a figure reaches what was promised."""
    _print(what, value, f">= {bound:g}", is_met=value >= bound)


def at_most(bound: float, what: str, value: float) -> None:
    """Print whether a figure stays within what was promised."""
    _print(what, value, f"<= {bound:g}", is_met=value <= bound)


def _print(what: str, value: float, gate: str, *, is_met: bool) -> None:
    print(f"  {what:62} {value:9.3f}   gate {gate:8} {'met' if is_met else 'MISSED'}")
