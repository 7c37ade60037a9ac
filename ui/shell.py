"""What every page shares: navigation, header, findings, provenance, the sample data notice and error messages."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from fashion_core.data import download
from fashion_core.errors import FashionError
from fashion_core.wording.text import escape_markdown
from ui import caches, dataset_choice, run_notices
from ui.page_state import PAGE_KEY, SAME_PAGE_KEY

PAGES_FOLDER = Path(__file__).resolve().parent.parent / "pages"
# no icons: Streamlit would use a page's icon for the window too and fetch it from the network
PAGE_TITLES = {
    "overview": "Overview",
    "data": "Data",
    "garments": "Garments",
    "train": "Train",
    "clusters": "Clusters",
    "compare": "Compare",
    "try_it": "Try it",
    "feasibility": "Feasibility",
    "report": "Report",
}
__all__ = ["escape_markdown"]
_navigation_built = False
# the theme's colour for selected buttons is too dark for text in the dark theme
SELECTED_BUTTON_STYLE = (
    "<style>[data-testid='stButtonGroup'] button[data-selected='true'] p "
    "{ color: color-mix(in srgb, currentColor 60%, CanvasText); }</style>"
)
MISSING_VALUE = "–"  # in tables, instead of Streamlit's "None"


def find_page(name: str) -> StreamlitPage:
    """The page called ``name`` in ``PAGE_TITLES``, for navigation and links."""
    return st.Page(PAGES_FOLDER / f"{name}.py", title=PAGE_TITLES[name], url_path=name, default=name == "overview")


def build_navigation() -> StreamlitPage:
    """Build the navigation and return the page to run."""
    global _navigation_built
    page = st.navigation([find_page(name) for name in PAGE_TITLES])
    _navigation_built = True
    return page


@contextmanager
def page_frame(title: str, question: str) -> Iterator[None]:
    """Everything around a page's body: header, notices and error messages."""
    if not _navigation_built:
        # on a fresh server, Streamlit's older router serves a deep link without dashboard.py; a rerun with the
        # navigation built goes through it
        build_navigation()
        st.rerun()
    st.session_state[SAME_PAGE_KEY] = st.session_state.get(PAGE_KEY) == title
    st.session_state[PAGE_KEY] = title
    problem = dataset_choice.load_dataset_choice()
    st.html(SELECTED_BUTTON_STYLE)
    st.title(title, anchor=False)
    st.markdown(question)
    with show_errors():
        dataset_choice.show_dataset_choice()
        if problem:
            st.warning(escape_markdown(problem))
        run_notices.show_run_notices(page_lists_runs=title == PAGE_TITLES["train"])
        if uses_sample_data():
            running = download.background_download_status().is_active
            st.fragment(_sample_data_notice, run_every=1.0 if running else None)(running)
        yield


@contextmanager
def show_errors() -> Iterator[None]:
    """Show an error that the user can fix as a message, where it happened."""
    try:
        yield
    except FashionError as error:
        st.error(escape_markdown(str(error)))


def uses_sample_data() -> bool:
    """Whether the current dataset is synthetic sample data."""
    return caches.current_dataset().is_sample_data


def show_finding(text: str) -> None:
    """A computed sentence in bold above the chart that shows it."""
    st.markdown(f"**{escape_markdown(text)}**")


def show_provenance(*parts: str) -> None:
    """The small line below a chart: run, data and split, n, seed."""
    if text := " · ".join(part for part in parts if part):
        st.caption(escape_markdown(text))


def show_train_link(reason: str) -> None:
    """What to do where runs are missing."""
    st.info(escape_markdown(reason))
    st.page_link(find_page("train"), label="Train a run")


def _sample_data_notice(was_running: bool) -> None:
    status = download.background_download_status()
    if was_running and not status.is_active:
        st.rerun()  # to show the real data, or why the download failed
    with st.container(border=True):
        st.badge("Sample data", icon=":material/warning:", color="orange")
        st.markdown(
            "Fashion-MNIST is not on this machine, so the pictures here are synthetic. Figures of the shipped runs "
            "are real; results on synthetic pictures are not Fashion-MNIST results."
        )
        if status.is_active:
            st.progress(status.fraction, text=f"Downloading Fashion-MNIST, {status.fraction:.0%} of 31 MB")
            return
        if status.message:
            st.caption(escape_markdown(status.message))
        if st.button("Try the download again" if status.message else "Download Fashion-MNIST (31 MB)"):
            download.start_background_download()
            st.rerun()
