"""What a page shows, as one frozen dataclass: read from the address, kept in the session, written to the address."""

import dataclasses
import itertools
import time
from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar

import streamlit as st

from fashion_core.errors import ConfigError
from ui import shell

View = TypeVar("View")
HEARD = 2.0  # seconds after which a browser has taken over an address
REMEMBERED = 10  # addresses


def to_address(view: Any) -> dict[str, str]:
    """Parameters of the address: the fields of ``view``, those alone that are not standard."""
    standard = type(view)()
    names = [field.name for field in dataclasses.fields(view)]
    return {name: str(getattr(view, name)) for name in names if getattr(view, name) != getattr(standard, name)}


def from_parameters(standard: View, parameters: Mapping[str, str]) -> tuple[View, list[str]]:
    """The view that an address asks for; what is impossible in it is left out, each with a sentence.

    The dataclass of ``standard`` has fields that can be made of a text, and raises ``ConfigError`` on a value that
    cannot be shown.
    """
    view, complaints = standard, []
    for field in dataclasses.fields(standard):  # type: ignore[arg-type]
        if field.name not in parameters:
            continue
        text = parameters[field.name]
        try:
            value = type(getattr(view, field.name))(text)
            view = dataclasses.replace(view, **{field.name: value})  # type: ignore[type-var]
        except ConfigError as error:
            complaints.append(f"{error} The standard is shown.")
        except ValueError:
            complaints.append(f"{field.name} cannot be {text!r}. The standard is shown.")
    return view, complaints


class Page(Generic[View]):
    """The view of the page called ``name``, one a session; without an address it is ``standard``.

    ``also`` is told the view and the fields about to change, and returns them with what has to change besides.
    """

    def __init__(
        self,
        name: str,
        standard: View,
        also: Callable[[View, dict[str, Any]], dict[str, Any]] = lambda view, fields: fields,
    ) -> None:
        self.name, self.standard, self.also = name, standard, also
        self.kept, self.written = f"{name}-view", f"{name}-address"

    def current(self) -> tuple[View, list[str]]:
        """The view to show now, and what was wrong with the address; a page come back to is as it was left."""
        asked = dict(st.query_params)
        complaints: list[str] = []
        if self._is_news(asked):
            view, complaints = from_parameters(self.standard, asked)
        else:
            view = st.session_state.get(self.kept, self.standard)
        return self._write(view), complaints

    def _is_news(self, asked: dict[str, str]) -> bool:
        """Whether the address is one that the visitor came by or went back to, and not one of our own writing."""
        written: list[tuple[dict[str, str], float]] = st.session_state.get(self.written, [])
        if not asked and not st.session_state.get(shell.SAME_PAGE):
            return False  # the page is come back to through the sidebar
        if not written or asked == written[-1][0]:
            return not written
        # a browser that has not heard of the last changes yet still sends the address before them
        replaced = itertools.pairwise(written)
        return not any(asked == old and time.time() - at < HEARD for (old, _), (_, at) in replaced)

    def now(self) -> View:
        """The view as last changed in this session."""
        view: View = st.session_state[self.kept]
        return view

    def change(self, **fields: Any) -> None:
        """Show something else, from a widget's callback; an impossible choice leaves all as it is and is told."""
        view = self.now()
        try:
            view = dataclasses.replace(view, **self.also(view, fields))  # type: ignore[type-var]
        except ConfigError as error:
            st.toast(shell.plain(str(error)))
        self._write(view)

    def correct(self, **fields: Any) -> View:
        """Put what can be shown in the place of what cannot."""
        return self._write(dataclasses.replace(self.now(), **fields))  # type: ignore[type-var]

    def widget(self, name: str, label: str, make: Callable[..., Any], *arguments: Any, **more: Any) -> None:
        """A widget that shows and changes the field called ``name``."""
        key = f"{self.name}-{name}"
        st.session_state[key] = getattr(self.now(), name)
        make(label, *arguments, key=key, on_change=lambda: self.change(**{name: st.session_state[key]}), **more)

    def _write(self, view: View) -> View:
        st.session_state[self.kept] = view
        address = to_address(view)
        written = st.session_state.setdefault(self.written, [])
        if not written or written[-1][0] != address:
            written.append((address, time.time()))
            del written[:-REMEMBERED]
        if dict(st.query_params) != address:
            st.query_params.from_dict(address)
        return view
