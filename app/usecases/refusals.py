"""Why do we say no? Reasons in business terms; what status they get is the doors' affair."""

from dataclasses import dataclass


class Refusal(Exception):
    """Something asked for is not done, and nothing was changed."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with what was entered: the dotted field and the broken rule."""

    field: str
    rule: str


class Invalid(Refusal):
    """What was entered cannot be an agreement."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("; ".join(f"{fault.field}: {fault.rule}" for fault in faults))
        self.faults = faults


class NotFound(Refusal):
    """There is no such thing, or not any more."""


class Stale(Refusal):
    """Somebody else changed it since it was read."""


class AlreadyThere(Refusal):
    """Another agreement has this reference and counterparty."""


class StillNeeded(Refusal):
    """Other agreements refer to it."""


class Unreadable(Refusal):
    """What is stored of it cannot be read, so no date can be told."""


class KeyReused(Refusal):
    """The idempotency key was used for another request."""


class TooLarge(Refusal):
    """More was sent than is taken at a time."""


class TooManyForASheet(Refusal):
    """There are more agreements than a sheet has rows."""

    def __init__(self) -> None:
        super().__init__(
            "There are more agreements than a sheet has rows: take CSV or JSON, or filter them."
        )


class Over(Refusal):
    """The term or the agreement is over: nothing can be done about it any more."""


class NoOptionLeft(Refusal):
    """There is no option to exercise, or not any more."""


class NotYourSide(Refusal):
    """Each team speaks for itself."""


class NotYours(Refusal):
    """It belongs to somebody else, or to everybody."""


class Unversioned(Refusal):
    """It would replace what somebody recorded, without saying which version was read."""


class NotMissed(Refusal):
    """There is no missed deadline to acknowledge."""


class AlreadyWithdrawn(Refusal):
    """It was withdrawn, or acknowledged, before."""
