"""What every page shares: navigation, header, findings, provenance, the sample data notice and error messages."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.navigation.page import StreamlitPage

from fashion_core.data import download
from fashion_core.wording.sample_data import SAMPLE_DATA_NOTICE
from fashion_core.wording.text import escape_markdown
from ui import caches, dataset_choice, hosting, run_notices, visitor_box
from ui.errors import show_errors
from ui.page_state import PAGE_KEY, SAME_PAGE_KEY
from ui.style import PAGE_TITLES

PAGES_FOLDER = Path(__file__).resolve().parent.parent / "pages"
__all__ = ["PAGE_TITLES", "escape_markdown", "show_errors"]
NAVIGATION_KEY, PAGES_KEY = "navigation-built", "pages"  # session keys
MISSING_VALUE = "–"  # in tables, instead of Streamlit's "None"


def find_page(name: str) -> StreamlitPage:
    """The page called ``name`` in ``PAGE_TITLES``, for navigation and links.

    Each session makes it once, as Streamlit resolves and looks for the file every time.
    """
    pages: dict[str, StreamlitPage] = st.session_state.setdefault(PAGES_KEY, {})
    if name not in pages:
        path = PAGES_FOLDER / f"{name}.py"
        pages[name] = st.Page(path, title=PAGE_TITLES[name], url_path=name, default=name == "overview")
    return pages[name]


def build_navigation() -> StreamlitPage:
    """Build the navigation and return the page to run."""
    page = st.navigation([find_page(name) for name in PAGE_TITLES])
    st.session_state[NAVIGATION_KEY] = True
    return page


@contextmanager
def page_frame(title: str, question: str) -> Iterator[None]:
    """Everything around a page's body: header, notices and error messages."""
    if NAVIGATION_KEY not in st.session_state:
        # on a fresh server, Streamlit's older router serves deep links without dashboard.py; a rerun with the
        # navigation built goes through it. Several sessions may begin like that at the same time
        build_navigation()
        st.rerun()
    st.session_state[SAME_PAGE_KEY] = st.session_state.get(PAGE_KEY) == title
    st.session_state[PAGE_KEY] = title
    problem = dataset_choice.load_dataset_choice()
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="page-header"):
        st.title(title, anchor=False, width="content")
        st.markdown(question, width="content")
    with show_errors():
        dataset_choice.show_dataset_choice()
        if problem:
            st.warning(escape_markdown(problem))
        visitor_box.show_visitor_box()
        run_notices.show_run_notices(page_lists_runs=title == PAGE_TITLES["train"])
        if uses_sample_data():
            running = download.background_download_status().is_active
            st.fragment(_sample_data_notice, run_every=1.0 if running else None)(running)
        yield


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


def result_panel(height: int, *, has_result: bool) -> DeltaGenerator:
    """A container ``height`` pixels high beside a chart for what is chosen in it; on a phone at the window's bottom.

    Without a result it says what to choose, and stays in its place.
    """
    return st.container(height=height, key="result-panel" if has_result else "hint-panel", gap="xsmall")


def show_train_link(reason: str) -> None:
    """What to do where runs are missing."""
    st.info(escape_markdown(reason))
    st.page_link(find_page("train"), label="Train a run")


def _sample_data_notice(was_running: bool) -> None:
    status = download.background_download_status()
    if was_running and not status.is_active:
        st.rerun()  # to show the real data, or why the download failed
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="sample-data-notice"):
        st.badge("Sample data", icon=":material/warning:", color="orange")
        if status.is_active:
            st.progress(status.fraction, text=f"Downloading Fashion-MNIST, {status.fraction:.0%} of 31 MB")
            return
        st.caption(
            escape_markdown(status.message or SAMPLE_DATA_NOTICE),
            width="content",
            help="Figures of the included runs are real.",
        )
        label = "Try the download again" if status.message else "Download Fashion-MNIST (31 MB)"
        if hosting.change_button(label, shared=True, type="tertiary"):
            with show_errors():
                download.start_background_download()
                st.rerun()
