"""Which folder is reviewed, by whom and in which order; and what to do while nothing is sorted."""

from collections import Counter
from pathlib import Path
from typing import cast

import streamlit as st

from fashion_core.sorting.known_folders import list_sorted_folders
from fashion_core.sorting.review import MAX_PERSON_LENGTH, Order, clean_person_name
from fashion_core.vision.picture_sources import replace_control_characters
from ui import hosting, shell
from ui.review.session import ReviewSession
from ui.review.view import ORDERS, REVIEW_STATE, folder_key

SESSION_KEY = "review-session"


def choose_review() -> ReviewSession | None:
    """The controls above the pictures; None while there is nothing to review, or nobody who does."""
    folders = {folder_key(folder): folder for folder in list_sorted_folders()} if hosting.may_change() else {}
    if not folders:
        _show_empty_state()
        return None
    view, problems = REVIEW_STATE.load()
    if view.folder not in folders:
        view = REVIEW_STATE.correct_fields_while_drawing(folder=next(iter(folders)))
    for problem in problems:
        st.warning(shell.escape_markdown(problem))
    titles = _format_titles(list(folders.values()))
    with st.container(horizontal=True, vertical_alignment="bottom", key="review-controls"):
        REVIEW_STATE.bound_widget(
            "folder", "Sorted folder", st.selectbox, list(folders),
            format_func=lambda key: titles[folders[key]] if key in folders else key, width=320,
        )  # fmt: skip
        name = st.text_input(
            "Your name", max_chars=MAX_PERSON_LENGTH, key="review-person", persist_state="session", width=200,
            placeholder="for the table",
        )  # fmt: skip
        REVIEW_STATE.bound_widget(
            "order", "Order", st.segmented_control, list(ORDERS), format_func=ORDERS.__getitem__, required=True
        )
    person = clean_person_name(name)
    if not person:
        st.info("Enter your name to begin. People who review at the same time need different names.")
        return None
    return _open_session(folders[view.folder], person, cast(Order, view.order))


def _open_session(folder: Path, person: str, order: Order) -> ReviewSession:
    """The session's review; another one for another folder or person."""
    session = st.session_state.get(SESSION_KEY)
    if not isinstance(session, ReviewSession) or (session.folder, session.person) != (folder, person):
        session = st.session_state[SESSION_KEY] = ReviewSession(folder, person, order)
    elif session.order != order:
        session.change_order(order)
    return session


def _format_titles(folders: list[Path]) -> dict[Path, str]:
    """The names of the folders; of equal ones, the whole paths."""
    names = Counter(folder.name for folder in folders)
    return {
        folder: replace_control_characters(folder.name if names[folder.name] == 1 else str(folder))
        for folder in folders
    }


def _show_empty_state() -> None:
    if not hosting.may_change():
        st.info("This dashboard is shown as a presentation, so nothing can be reviewed in it.")
    shell.show_finding("Nothing is sorted yet.")
    st.markdown(
        "Sort a folder of pictures first: the model sorts those that it is confident about, and leaves the others to "
        "you. Here you then see them one at a time with two or three likely classes, decide with one key each, alone "
        "or with others, and learn whether the model keeps what it promised."
    )
    st.code("fashion sort pictures --out sorted", language=None)  # colours would have too little contrast
    st.page_link(shell.find_page("try_it"), label="Or sort pictures on Try it", query_params={"source": "Folder"})
