"""Which data set the pages show: chosen in the sidebar, held by the session and the address."""

from dataclasses import dataclass

import streamlit as st

from fashion_core.data.loading import DEFAULT_DATASET_NAME
from fashion_core.wording.text import escape_markdown
from ui import caches
from ui.page_state import PageState, rename_old_parameters, set_widget_value, view_to_parameters

MAX_NAME_SHOWN = 80  # letters of an unknown name


@dataclass(frozen=True)
class DatasetChoice:
    """The parameter ``data`` of every page's address: the name of a data set."""

    data: str = DEFAULT_DATASET_NAME


class _DatasetState(PageState[DatasetChoice]):
    """One choice for all pages, which have parameters of their own."""

    def _store_view(self, view: DatasetChoice) -> DatasetChoice:
        st.session_state[caches.DATASET_NAME_KEY] = view.data
        return super()._store_view(view)

    def _write_parameters(self, others: dict[str, str], parameters: dict[str, str]) -> None:
        if parameters:  # alone, because those of widgets can't be written
            st.query_params.update(parameters)
        else:
            del st.query_params["data"]

    def _key(self, what: str) -> str:
        return f"{self.name}-{what}"


DATASET_STATE = _DatasetState("dataset", DatasetChoice())
WIDGET_KEY = "dataset-box"


def load_dataset_choice() -> str:
    """Read the choice from the address or the session. Returns what is wrong with it; then it is the default."""
    parameters = dict(st.query_params)
    if rename_old_parameters(parameters) != parameters:
        st.query_params.from_dict(rename_old_parameters(parameters))
    choice, _ = DATASET_STATE.load()
    if choice.data == DEFAULT_DATASET_NAME or choice.data in caches.list_dataset_titles():
        return ""
    DATASET_STATE.correct_fields_while_drawing(data=DEFAULT_DATASET_NAME)
    return (
        f"There is no data set named {choice.data[:MAX_NAME_SHOWN]!r} on this machine, or it can't be read. You see "
        f"{caches.current_dataset().title}. Choose another in the sidebar."
    )


def show_dataset_choice() -> None:
    """The data set in the sidebar: a box where there is more than one."""
    titles = caches.list_dataset_titles()
    if len(titles) > 1:
        set_widget_value(WIDGET_KEY, DATASET_STATE.current_view().data)
        st.sidebar.selectbox(
            "Data set",
            list(titles),
            format_func=lambda name: titles.get(name, name),
            key=WIDGET_KEY,
            on_change=lambda: choose(st.session_state[WIDGET_KEY]),
        )
    else:
        st.sidebar.caption(f"Data set: {escape_markdown(*titles.values())}")


def choose_while_drawing(name: str) -> None:
    """Show the data set called ``name`` from the next rerun on, which the caller starts."""
    DATASET_STATE.correct_fields_while_drawing(data=name)


def choose(name: str) -> None:
    """Show the data set called ``name``, from a callback, and this page as it was left on it: parameters about the
    other data set go."""
    choice = DatasetChoice(name)
    st.query_params.from_dict(view_to_parameters(choice))
    DATASET_STATE.update(data=choice.data)
