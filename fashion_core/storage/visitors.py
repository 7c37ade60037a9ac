"""Who asks for something: the user of this computer, or a visitor of a dashboard that others can reach."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True)
class Visitor:
    """``may_change``: whether anything may be started, changed or deleted."""

    may_change: bool = True


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
