"""Who asks for something: the user of this computer, or a visitor of a dashboard that others can reach."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

VISITOR_NAME_PATTERN = re.compile(r"[0-9a-f]{20}")


@dataclass(frozen=True)
class Amounts:
    """What a visitor has, or may have at most: runs, minutes of training, pictures in catalogues, megabytes on disk."""

    runs: float = 0
    minutes: float = 0
    pictures: float = 0
    megabytes: float = 0


@dataclass(frozen=True)
class Visitor:
    """``name``: 20 hex digits, the name of the visitor's own folder; "" for the user's, in which everything else lies.

    ``may_change``: whether anything may be started, changed or deleted. ``quota``: the most that the visitor may have;
    None for no limit.
    """

    name: str = ""
    may_change: bool = True
    quota: Amounts | None = None


USER = Visitor()  # of this computer, on the command line and in the dashboard of this computer
_find_visitor: Callable[[], Visitor] = lambda: USER  # noqa: E731 -- a dashboard sets another
_acting_visitor: ContextVar[Visitor | None] = ContextVar("acting_visitor", default=None)


def set_visitor_source(find_visitor: Callable[[], Visitor]) -> None:
    """Have ``find_visitor`` say who asks, in this process."""
    global _find_visitor
    _find_visitor = find_visitor


def current_visitor() -> Visitor:
    """Who asks now."""
    return _acting_visitor.get() or _find_visitor()


@contextmanager
def acting_as(visitor: Visitor) -> Iterator[None]:
    """Do the body of the ``with`` statement for ``visitor``: in another thread, nobody could say who asks."""
    token = _acting_visitor.set(visitor)
    try:
        yield
    finally:
        _acting_visitor.reset(token)
