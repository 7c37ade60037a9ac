"""What a page shows, as one frozen dataclass: read from the address, stored in the session, written to the address."""

import dataclasses
import itertools
import re
import time
from collections.abc import Callable, Collection, Mapping
from typing import Any, Generic, TypeVar

import streamlit as st

from fashion_core.errors import ConfigError
from fashion_core.wording.text import escape_markdown
from ui import caches

ViewType = TypeVar("ViewType")
ADDRESS_LAG_SECONDS = 2.0  # after which a browser shows the address that it was sent
BACK_SECONDS = 0.5  # after a change; an address that comes later is one that the visitor went back to
MAX_REMEMBERED_ADDRESSES = 10
CLASS_NUMBERS_PATTERN = re.compile(r"(\d{1,3}(,\d{1,3})*)?")  # of a parameter
# session keys: the page's title, whether the run before showed it, and the identity of each widget that the script sets
PAGE_KEY, SAME_PAGE_KEY, IDENTITIES_KEY = "page", "same-page", "widget-identities"


def check_choices(view: Any, choices: Mapping[str, Collection[str]]) -> None:
    """Raise ``ConfigError`` if a field of ``view`` is not among its ``choices``."""
    for name, allowed in choices.items():
        if getattr(view, name) not in allowed:
            raise ConfigError(f"{name} is {getattr(view, name)!r}; choose {', '.join(allowed)}.")


def view_to_parameters(view: Any, default: Any = None) -> dict[str, str]:
    """Parameters of the address: the fields of ``view`` that differ from ``default``, or from their own defaults."""
    default = default or type(view)()
    values = {field.name: getattr(view, field.name) for field in dataclasses.fields(view)}
    return {name: str(value) for name, value in values.items() if value != getattr(default, name)}


def rename_old_parameters(parameters: Mapping[str, str]) -> dict[str, str]:
    """The parameters with today's names: ``data=Stand-in`` is of a version before there were several data sets."""
    renamed = dict(parameters)
    if renamed.get("data") == "Stand-in":
        renamed["results"] = renamed.pop("data")
    return renamed


def view_from_parameters(default: ViewType, parameters: Mapping[str, str]) -> tuple[ViewType, list[str]]:
    """The view that an address describes, and a sentence for each parameter that can't be used.

    The fields of the dataclass ``default`` are made of text; it raises ``ConfigError`` for a value that can't be shown.
    """
    view, problems = default, []
    parameters = rename_old_parameters(parameters)
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


def set_widget_value(key: str, value: Any, identity: Any = None) -> None:
    """Make the widget that the script draws next show ``value``; one that shows it already is left alone.

    What the script sets, the browser takes over, even while the visitor moves the widget on: they would lose those
    steps. A change of ``identity``, as of a slider's limits, makes it a new widget to Streamlit, without a value.
    """
    # all in one entry of the session: each select box goes through every entry
    identities: dict[str, Any] = st.session_state.setdefault(IDENTITIES_KEY, {})
    is_same_widget = key in st.session_state and identities.get(key) == identity
    if not is_same_widget or st.session_state[key] != value:
        st.session_state[key], identities[key] = value, identity


class PageState(Generic[ViewType]):
    """The view of the page called ``name``, one per session and data set; ``default`` without an address.

    ``complete_changes`` gets the view and the fields about to change, and returns all fields to change.
    ``adapt_default`` returns the default for the current data set. The address may have parameters of others, which
    stay.
    """

    def __init__(
        self,
        name: str,
        default: ViewType,
        complete_changes: Callable[[ViewType, dict[str, Any]], dict[str, Any]] = lambda view, fields: fields,
        adapt_default: Callable[[ViewType], ViewType] = lambda default: default,
    ) -> None:
        self.name, self._default, self._complete_changes = name, default, complete_changes
        self._adapt_default = adapt_default
        self._parameter_names = {field.name for field in dataclasses.fields(default)}  # type: ignore[arg-type]

    @property
    def default(self) -> ViewType:
        """The view of the current data set without an address."""
        return self._adapt_default(self._default)

    def load(self) -> tuple[ViewType, list[str]]:
        """The view to show now, and what was wrong with the address. A page that you come back to is as you left it."""
        parameters = self._read_parameters()
        problems: list[str] = []
        view = st.session_state.get(self._key("view")) or self.default
        if not parameters and not st.session_state.get(SAME_PAGE_KEY):
            st.session_state[self._entered_key()] = view  # the visitor comes back through the sidebar
        elif self._is_new_address(parameters):
            view, problems = self._view_at(parameters)
        return self._store_view(view), problems

    def _view_at(self, parameters: dict[str, str]) -> tuple[ViewType, list[str]]:
        if not parameters:  # the visitor went back to where the sidebar led
            return st.session_state.get(self._entered_key()) or self.default, []
        return view_from_parameters(self.default, parameters)

    def _read_parameters(self) -> dict[str, str]:
        return {name: value for name, value in st.query_params.items() if name in self._parameter_names}

    def _is_new_address(self, parameters: dict[str, str]) -> bool:
        """Whether the visitor came by or went back to this address; False for one that this page wrote."""
        written: list[tuple[dict[str, str], float]] = st.session_state.get(self._key("address"), [])
        if not written or parameters == written[-1][0]:
            return not written
        # a browser that has not received the last changes still sends the address before them
        if time.time() - written[-1][1] > BACK_SECONDS:
            return True
        replaced = itertools.pairwise(written)
        return not any(parameters == old and time.time() - at < ADDRESS_LAG_SECONDS for (old, _), (_, at) in replaced)

    def current_view(self) -> ViewType:
        """The view as last changed in this session."""
        view: ViewType = st.session_state[self._key("view")]
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
        set_widget_value(key, getattr(self.current_view(), name), arguments)
        make(label, *arguments, key=key, on_change=lambda: self.update(**{name: st.session_state[key]}), **options)

    def _store_view(self, view: ViewType) -> ViewType:
        st.session_state[self._key("view")] = view
        parameters = view_to_parameters(view, self.default)
        written = st.session_state.setdefault(self._key("address"), [])
        if not written or written[-1][0] != parameters:
            written.append((parameters, time.time()))
            del written[:-MAX_REMEMBERED_ADDRESSES]
            if not parameters:  # an address without parameters means the default from now on
                st.session_state[self._entered_key()] = view
        others = {name: value for name, value in st.query_params.items() if name not in self._parameter_names}
        if dict(st.query_params) != others | parameters:
            self._write_parameters(others, parameters)
        return view

    def _write_parameters(self, others: dict[str, str], parameters: dict[str, str]) -> None:
        st.query_params.from_dict(others | parameters)

    def _key(self, what: str) -> str:
        """Session key: each data set has a view of its own."""
        return f"{self.name}-{what}-{caches.current_dataset_name()}"

    def _entered_key(self) -> str:
        """Session key of the view that this page without parameters shows."""
        return f"{self._key('entered')}-{st.session_state.get(PAGE_KEY, '')}"
