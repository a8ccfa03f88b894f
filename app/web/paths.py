"""Which part of a path can be an id? What has a meaning of its own beside ids is none.

Else `PATCH /feeds/health` would be told that "health" is no id, where the truth is that
the address takes no PATCH.
"""

from starlette.convertors import Convertor, register_url_convertor


class _Id(Convertor[str]):
    regex = r"(?!health$)[^/.]+"

    def convert(self, value: str) -> str:
        """Return it as it is: the route judges it."""
        return value

    def to_string(self, value: str) -> str:
        """Return it as it is."""
        return value


def know_ids() -> None:
    """Let routes write `{name:id}`."""
    register_url_convertor("id", _Id())
