"""What a page shows, as one frozen dataclass: read from the address, stored in the session, written to the address."""

import dataclasses
import itertools
import time
from collections.abc import Callable, Collection, Mapping
from typing import Any, Generic, TypeVar

import streamlit as st

from fashion_core.errors import ConfigError
from fashion_core.wording.text import escape_markdown
from ui import shell

ViewType = TypeVar("ViewType")
ADDRESS_LAG_SECONDS = 2.0  # after which a browser shows the address that it was sent
MAX_REMEMBERED_ADDRESSES = 10


def check_choices(view: Any, choices: Mapping[str, Collection[str]]) -> None:
    """Raise ``ConfigError`` if a field of ``view`` is not among its ``choices``."""
    for name, allowed in choices.items():
        if getattr(view, name) not in allowed:
            raise ConfigError(f"{name} is {getattr(view, name)!r}; choose {', '.join(allowed)}.")


def view_to_parameters(view: Any) -> dict[str, str]:
    """Parameters of the address: the fields of ``view`` that differ from their default."""
    default = type(view)()
    values = {field.name: getattr(view, field.name) for field in dataclasses.fields(view)}
    return {name: str(value) for name, value in values.items() if value != getattr(default, name)}


def view_from_parameters(default: ViewType, parameters: Mapping[str, str]) -> tuple[ViewType, list[str]]:
    """The view that an address describes, and a sentence for each parameter that can't be used.

    The fields of the dataclass ``default`` are made of text; it raises ``ConfigError`` for a value that can't be shown.
    """
    view, problems = default, []
    for field in dataclasses.fields(default):  # type: ignore[arg-type]
        if field.name not in parameters:
            continue
        text = parameters[field.name]
        try:
            value = type(getattr(view, field.name))(text)
            view = dataclasses.replace(view, **{field.name: value})  # type: ignore[type-var]
        except ConfigError as error:
            problems.append(f"{error} The default is shown.")
        except ValueError:
            problems.append(f"{field.name} can't be {text!r}. The default is shown.")
    return view, problems


class PageState(Generic[ViewType]):
    """The view of the page called ``name``, one per session; ``default`` without an address.

    ``complete_changes`` gets the view and the fields about to change, and returns all fields to change.
    """

    def __init__(
        self,
        name: str,
        default: ViewType,
        complete_changes: Callable[[ViewType, dict[str, Any]], dict[str, Any]] = lambda view, fields: fields,
    ) -> None:
        self.name, self.default, self._complete_changes = name, default, complete_changes
        self._view_key, self._addresses_key = f"{name}-view", f"{name}-address"

    def load(self) -> tuple[ViewType, list[str]]:
        """The view to show now, and what was wrong with the address. A page that you come back to is as you left it."""
        parameters = dict(st.query_params)
        problems: list[str] = []
        if self._is_new_address(parameters):
            view, problems = view_from_parameters(self.default, parameters)
        else:
            view = st.session_state.get(self._view_key, self.default)
        return self._store_view(view), problems

    def _is_new_address(self, parameters: dict[str, str]) -> bool:
        """Whether the visitor came by or went back to this address; False for one that this page wrote."""
        written: list[tuple[dict[str, str], float]] = st.session_state.get(self._addresses_key, [])
        if not parameters and not st.session_state.get(shell.SAME_PAGE_KEY):
            return False  # the visitor comes back through the sidebar
        if not written or parameters == written[-1][0]:
            return not written
        # a browser that has not received the last changes still sends the address before them
        replaced = itertools.pairwise(written)
        return not any(parameters == old and time.time() - at < ADDRESS_LAG_SECONDS for (old, _), (_, at) in replaced)

    def current_view(self) -> ViewType:
        """The view as last changed in this session."""
        view: ViewType = st.session_state[self._view_key]
        return view

    def update(self, **fields: Any) -> None:
        """Change fields, from a widget's callback. An impossible choice changes nothing and shows a message."""
        view = self.current_view()
        try:
            view = dataclasses.replace(view, **self._complete_changes(view, fields))  # type: ignore[type-var]
        except ConfigError as error:
            st.toast(escape_markdown(str(error)))
        self._store_view(view)

    def correct_fields_while_drawing(self, **fields: Any) -> ViewType:
        """Change fields while the page is drawn: what can't be shown, to what can."""
        return self._store_view(dataclasses.replace(self.current_view(), **fields))  # type: ignore[type-var]

    def bound_widget(self, name: str, label: str, make: Callable[..., Any], *arguments: Any, **options: Any) -> None:
        """A widget that shows and changes the field called ``name``."""
        key = f"{self.name}-{name}"
        st.session_state[key] = getattr(self.current_view(), name)
        make(label, *arguments, key=key, on_change=lambda: self.update(**{name: st.session_state[key]}), **options)

    def _store_view(self, view: ViewType) -> ViewType:
        st.session_state[self._view_key] = view
        parameters = view_to_parameters(view)
        written = st.session_state.setdefault(self._addresses_key, [])
        if not written or written[-1][0] != parameters:
            written.append((parameters, time.time()))
            del written[:-MAX_REMEMBERED_ADDRESSES]
        if dict(st.query_params) != parameters:
            st.query_params.from_dict(parameters)
        return view
