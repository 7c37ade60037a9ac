"""What every page shares: navigation, header, findings, provenance, the stand-in notice, and errors in words."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from fashion_core.errors import FashionError
from ui import caches, download, ends
from ui.text import plain

PAGES_FOLDER = Path(__file__).resolve().parent.parent / "pages"
# no icons: Streamlit makes a page's icon the window's too, and fetches that from the network
PAGES = {
    "overview": "Overview",
    "garments": "Garments",
    "train": "Train",
    "clusters": "Clusters",
    "compare": "Compare",
    "try_it": "Try it",
    "feasibility": "Feasibility",
    "report": "Report",
}
__all__ = ["plain"]  # from ``text``, for those who use the shell
_navigation_built = False
# the theme colours what is selected like a button, on which white has to stand out: too dark for words on black
SELECTED = (
    "<style>[data-testid='stButtonGroup'] button[data-selected='true'] p "
    "{ color: color-mix(in srgb, currentColor 60%, CanvasText); }</style>"
)
MISSING = "–"  # what a table shows where there is no figure; Streamlit's own is "None"
SAME_PAGE = "same-page"  # session key: whether this run shows the page that the last one showed


def page_object(name: str) -> StreamlitPage:
    """The page called ``name`` in ``PAGES``, for navigation and links."""
    return st.Page(PAGES_FOLDER / f"{name}.py", title=PAGES[name], url_path=name, default=name == "overview")


def navigation() -> StreamlitPage:
    """Build the navigation and return the page to run."""
    global _navigation_built
    page = st.navigation([page_object(name) for name in PAGES])
    _navigation_built = True
    return page


@contextmanager
def page(title: str, question: str) -> Iterator[None]:
    """Everything around a page's body; an error that the user can mend becomes one sentence where it happened."""
    if not _navigation_built:
        # Streamlit's older router serves a deep link on a fresh server and skips dashboard.py; once the
        # navigation is built, a rerun goes the right way.
        navigation()
        st.rerun()
    st.session_state[SAME_PAGE] = st.session_state.get("page") == title
    st.session_state["page"] = title
    st.html(SELECTED)
    st.title(title, anchor=False)
    st.markdown(question)
    with errors_told():
        ends.notices(seen=title == PAGES["train"])
        if stand_in():
            running = download.downloader().state == "running"
            st.fragment(_stand_in_notice, run_every=1.0 if running else None)(running)
        yield


@contextmanager
def errors_told() -> Iterator[None]:
    """An error that the user can mend becomes one sentence where it happened."""
    try:
        yield
    except FashionError as error:
        st.error(plain(str(error)))


def stand_in() -> bool:
    """Whether the pictures at hand are synthetic."""
    return caches.dataset().is_stand_in


def finding(text: str) -> None:
    """A computed sentence over the chart that shows it."""
    st.markdown(f"**{text}**")


def provenance(*parts: str) -> None:
    """The small line under a chart: run, data and split, n, seed."""
    if text := " · ".join(part for part in parts if part):
        st.caption(plain(text))


def _stand_in_notice(was_running: bool) -> None:
    fetch = download.downloader()
    if was_running and fetch.state != "running":
        st.rerun()  # with the real data, or with the reason why not
    with st.container(border=True):
        st.badge("Stand-in data", icon=":material/warning:", color="orange")
        st.markdown(
            "Fashion-MNIST is not on this machine, so the pictures here are synthetic. Figures of the shipped runs "
            "are real; whatever is computed on stand-in pictures is no Fashion-MNIST result."
        )
        if fetch.state == "running":
            st.progress(fetch.share, text=f"Downloading Fashion-MNIST, {fetch.share:.0%} of 31 MB")
            return
        if fetch.state == "failed":
            st.caption(plain(fetch.reason))
        if st.button("Try the download again" if fetch.state == "failed" else "Download Fashion-MNIST (31 MB)"):
            fetch.start()
            st.rerun()
