"""Review: people decide on the pictures that the model left to them, and check some that it sorted."""

import streamlit as st

from ui import shell
from ui.review.controls import choose_review
from ui.review.labelling import show_labelling
from ui.review.outcome import show_outcome
from ui.review.results import show_results
from ui.review.session import ReviewSession


@st.fragment
def show_review(session: ReviewSession) -> None:
    """Everything that an answer changes."""
    with shell.show_errors():
        show_labelling(session)
        show_outcome(session)
        show_results(session)


with shell.page_frame("Review", "What are the pictures that the model left to you, and does it keep its promise?"):
    session = choose_review()
    if session is not None:
        show_review(session)
