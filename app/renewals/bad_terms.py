"""Why can these terms not be terms of an agreement?"""


class BadTerms(ValueError):
    """Terms that contradict themselves or leave the calendar.

    `field` is the dotted name of the input at fault (`renewal.term.value`),
    `sentence` names that field, the rule it breaks and the way out.
    """

    def __init__(self, field: str, rule: str) -> None:
        self.field = field
        self.rule = rule
        self.sentence = f"{field}: {rule}"
        super().__init__(self.sentence)

    def within(self, prefix: str) -> "BadTerms":
        """Return the same fault with its field named from further out (`notice.`)."""
        return BadTerms(prefix + self.field, self.rule)
