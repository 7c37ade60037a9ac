"""What a page shows, as one frozen dataclass: read from the address, kept in the session, written to the address."""

import dataclasses
import itertools
import time
from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar

import streamlit as st

from fashion_core.errors import ConfigError
from ui import shell

ViewType = TypeVar("ViewType")
ADDRESS_LAG_SECONDS = 2.0  # seconds after which a browser has taken over an address
MAX_REMEMBERED_ADDRESSES = 10  # addresses


def view_to_parameters(view: Any) -> dict[str, str]:
    """Parameters of the address: the fields of ``view``, those alone that are not standard."""
    standard = type(view)()
    names = [field.name for field in dataclasses.fields(view)]
    return {name: str(getattr(view, name)) for name in names if getattr(view, name) != getattr(standard, name)}


def view_from_parameters(default: ViewType, parameters: Mapping[str, str]) -> tuple[ViewType, list[str]]:
    """The view that an address asks for; what is impossible in it is left out, each with a sentence.

    The dataclass of ``standard`` has fields that can be made of a text, and raises ``ConfigError`` on a value that
    cannot be shown.
    """
    view, complaints = default, []
    for field in dataclasses.fields(default):  # type: ignore[arg-type]
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


class PageState(Generic[ViewType]):
    """The view of the page called ``name``, one a session; without an address it is ``standard``.

    ``also`` is told the view and the fields about to change, and returns them with what has to change besides.
    """

    def __init__(
        self,
        name: str,
        standard: ViewType,
        also: Callable[[ViewType, dict[str, Any]], dict[str, Any]] = lambda view, fields: fields,
    ) -> None:
        self.name, self.standard, self.also = name, standard, also
        self.kept, self.written = f"{name}-view", f"{name}-address"

    def load(self) -> tuple[ViewType, list[str]]:
        """The view to show now, and what was wrong with the address; a page come back to is as it was left."""
        asked = dict(st.query_params)
        complaints: list[str] = []
        if self._is_new_address(asked):
            view, complaints = view_from_parameters(self.standard, asked)
        else:
            view = st.session_state.get(self.kept, self.standard)
        return self._store_view(view), complaints

    def _is_new_address(self, asked: dict[str, str]) -> bool:
        """Whether the address is one that the visitor came by or went back to, and not one of our own writing."""
        written: list[tuple[dict[str, str], float]] = st.session_state.get(self.written, [])
        if not asked and not st.session_state.get(shell.SAME_PAGE_KEY):
            return False  # the page is come back to through the sidebar
        if not written or asked == written[-1][0]:
            return not written
        # a browser that has not heard of the last changes yet still sends the address before them
        replaced = itertools.pairwise(written)
        return not any(asked == old and time.time() - at < ADDRESS_LAG_SECONDS for (old, _), (_, at) in replaced)

    def current_view(self) -> ViewType:
        """The view as last changed in this session."""
        view: ViewType = st.session_state[self.kept]
        return view

    def update(self, **fields: Any) -> None:
        """Show something else, from a widget's callback; an impossible choice leaves all as it is and is told."""
        view = self.current_view()
        try:
            view = dataclasses.replace(view, **self.also(view, fields))  # type: ignore[type-var]
        except ConfigError as error:
            st.toast(shell.escape_markdown(str(error)))
        self._store_view(view)

    def replace_fields(self, **fields: Any) -> ViewType:
        """Put what can be shown in the place of what cannot."""
        return self._store_view(dataclasses.replace(self.current_view(), **fields))  # type: ignore[type-var]

    def bound_widget(self, name: str, label: str, make: Callable[..., Any], *arguments: Any, **more: Any) -> None:
        """A widget that shows and changes the field called ``name``."""
        key = f"{self.name}-{name}"
        st.session_state[key] = getattr(self.current_view(), name)
        make(label, *arguments, key=key, on_change=lambda: self.update(**{name: st.session_state[key]}), **more)

    def _store_view(self, view: ViewType) -> ViewType:
        st.session_state[self.kept] = view
        address = view_to_parameters(view)
        written = st.session_state.setdefault(self.written, [])
        if not written or written[-1][0] != address:
            written.append((address, time.time()))
            del written[:-MAX_REMEMBERED_ADDRESSES]
        if dict(st.query_params) != address:
            st.query_params.from_dict(address)
        return view
