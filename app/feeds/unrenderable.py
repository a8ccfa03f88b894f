"""Why can this value not stand in a calendar?"""


class Unrenderable(ValueError):
    """A value that a calendar cannot hold, or that its readers would stumble over.

    `what` names the value, without showing it: it may come from anybody.
    """

    def __init__(self, what: str, rule: str) -> None:
        """Say that `what` breaks `rule`: a name, then a phrase that follows it."""
        self.what = what
        super().__init__(f"{what} {rule}")
