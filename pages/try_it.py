"""Try it: draw, upload, photograph or pick a garment, and see what each model makes of it."""

import streamlit as st

from fashion_core.errors import FashionError
from ui import shell
from ui.try_it import answering, closer, folder, kept, sources

MANY, KEPT = "Folder", "Your garments"
SOURCES = {
    "Draw": sources.drawn,
    "Upload": sources.uploaded,
    "Camera": sources.photographed,
    "Test image": sources.test_image,
}


@st.fragment
def garment(source: str) -> None:
    """Everything that a stroke or a new picture changes."""
    left, right = st.columns([2, 3], gap="large")
    found = None
    try:
        with left:
            found = SOURCES[source]()
        if found is None:
            right.info("The models answer as soon as there is a garment.")
            return
        with right:
            answering.show(found)
        with left:
            sources.steps(found.prepared)
        closer.look_closer(found.prepared)
    except FashionError as error:
        right.error(shell.plain(str(error)))


with shell.page("Try it", "What would the models make of a garment of yours, and should you believe them?"):
    chosen = st.segmented_control(
        "Garment",
        [*SOURCES, MANY, KEPT],
        default="Draw",
        required=True,
        key="source",
        bind="query-params",
        label_visibility="collapsed",
    )
    if chosen == MANY:
        folder.show()
    elif chosen == KEPT:
        kept.show()
    else:
        garment(chosen)
    st.caption(kept.PROMISE)
