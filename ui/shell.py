"""What every page shares: navigation, header, findings, provenance, the sample data notice and error messages."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.navigation.page import StreamlitPage

from fashion_core.data import download
from fashion_core.errors import FashionError
from fashion_core.wording.hosting import PRESENTATION_NOTICE
from fashion_core.wording.sample_data import SAMPLE_DATA_NOTICE
from fashion_core.wording.text import escape_markdown
from ui import caches, dataset_choice, hosting, run_notices
from ui.page_state import PAGE_KEY, SAME_PAGE_KEY

PAGES_FOLDER = Path(__file__).resolve().parent.parent / "pages"
PRODUCT_NAME = "Fashion dashboard"
# no icons: Streamlit would use a page's icon for the window too and fetch it from the network
PAGE_GROUPS = {
    "Answer": {"overview": "Overview", "try_it": "Try it", "feasibility": "Feasibility"},
    "Explain": {"compare": "Compare", "clusters": "Clusters", "garments": "Garments"},
    "Build": {"train": "Train", "data": "Data"},
    "Share": {"report": "Report"},
}
PAGE_TITLES = {name: title for pages in PAGE_GROUPS.values() for name, title in pages.items()}
__all__ = ["escape_markdown"]
NAVIGATION_KEY = "navigation-built"  # session key
# all of the project's CSS outside its own components
PAGE_STYLE = """
/* the page begins at the top of the window; Streamlit's header floats over it */
[data-testid=stMainBlockContainer] { padding: 1.5rem 2rem 3rem; }
[data-testid=stHeader] { background: none; pointer-events: none; }
[data-testid=stHeader] > * { pointer-events: none; }
[data-testid=stHeader] :is(button, a, [data-testid=stStatusWidget]) { pointer-events: auto; }
[data-testid=stHeading] h1 { padding: 0; }
[data-testid=stHeading] h2 { padding: 0 0 0.75rem; }
/* room for the button that opens the sidebar */
[data-testid=stApp]:has([data-testid=stExpandSidebarButton]) {
  [data-testid=stMainBlockContainer] { padding-top: 0.75rem; }
  h1 { padding-left: 2.25rem; }
}
@media (max-width: 767px) { [data-testid=stMainBlockContainer] { padding-inline: 1rem; } }
/* Streamlit ignores a sidebar width from set_page_config when a deep link opens the page */
[data-testid=stSidebar][data-collapsed=false] { width: 13rem !important; min-width: 13rem; max-width: 13rem; }
[data-testid=stSidebarResizeHandle] { display: none; }
[data-testid=stSidebarContent] { padding: 0 0.125rem; }
[data-testid=stSidebarHeader] { margin-bottom: 0; }
[data-testid=stSidebarHeader]::before {
  content: "PRODUCT_NAME"; font-weight: 700; padding-left: 0.5rem; white-space: nowrap;
}
[data-testid=stSidebarUserContent] { padding: 0.75rem 0.5rem 1rem; }
/* links look like links, also those that change the page */
:is([data-testid=stPageLink], .st-key-sample-data-notice button) p {
  color: light-dark(#1f5b9e, #8cc0f2); text-decoration: underline; text-underline-offset: 0.2em;
}
[data-testid=stPageLink] a { padding-left: 0; }
/* on a phone, what was chosen in a chart stays in view below it */
@media (max-width: 640px) {
  .st-key-result-panel {
    position: fixed; inset: auto 0 0 0; z-index: 100; max-height: 45vh; border-radius: 0;
    background: light-dark(#ffffff, #191817);
  }
}
.st-key-sample-data-notice button { min-height: 1.5rem; padding-block: 0; }
/* before there is a file, the whole column accepts one */
.st-key-upload:not(:has([data-testid=stFileChips])) { min-height: 24rem; }
.st-key-upload [data-testid=stFileUploaderDropzone]:has([data-testid=stFileUploaderDropzoneInstructions]) {
  min-height: 22rem; flex-direction: column; place-content: center;
}
/* room for widgets that arrive late, so that nothing below them moves */
.st-key-feasibility-controls { min-height: 4.25rem; }
.st-key-feasibility-answer { min-height: 4.75rem; }
.st-key-feasibility-curves { min-height: 29rem; }
.st-key-canvas, .st-key-paint { min-height: min(27rem, 100vw); }
/* the theme's colour for selected buttons and values of sliders is too dark for text in the dark theme */
:is([data-testid=stButtonGroup] button[data-selected=true], [data-testid=stSliderThumbValue]) p {
  color: color-mix(in srgb, currentColor 60%, CanvasText);
}
"""
# headings of st.navigation would stand in a list without being items of it, which is not accessible
GROUP_HEADING_STYLE = """
[data-testid=stSidebarNavItems] li:nth-child(NUMBER)::before {
  content: "GROUP"; display: block; padding: 0.75rem 0.5rem 0.25rem; font-size: 0.875rem; opacity: 0.8;
}
"""
MISSING_VALUE = "–"  # in tables, instead of Streamlit's "None"


def _style() -> str:
    firsts = (list(PAGE_TITLES).index(next(iter(pages))) + 1 for pages in PAGE_GROUPS.values())
    headings = (
        GROUP_HEADING_STYLE.replace("NUMBER", str(number)).replace("GROUP", group)
        for number, group in zip(firsts, PAGE_GROUPS, strict=True)
    )
    return PAGE_STYLE.replace("PRODUCT_NAME", PRODUCT_NAME) + "".join(headings)


def find_page(name: str) -> StreamlitPage:
    """The page called ``name`` in ``PAGE_TITLES``, for navigation and links."""
    return st.Page(PAGES_FOLDER / f"{name}.py", title=PAGE_TITLES[name], url_path=name, default=name == "overview")


def build_navigation() -> StreamlitPage:
    """Build the navigation and return the page to run. The style comes first, so that nothing moves later."""
    st.html(f"<style>{_style()}</style>")
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
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.title(title, anchor=False, width="content")
        st.markdown(question, width="content")
    with show_errors():
        dataset_choice.show_dataset_choice()
        if problem:
            st.warning(escape_markdown(problem))
        if not hosting.may_change():
            st.sidebar.caption(PRESENTATION_NOTICE)
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
        if hosting.change_button(label, type="tertiary"):
            download.start_background_download()
            st.rerun()
