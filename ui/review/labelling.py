"""The pictures to review, one at a time, with how far the review is."""

import streamlit as st

from fashion_core.wording import sorting_review as wording
from fashion_core.wording.numbers import format_percent
from ui import shell
from ui.components.labelling import LEFT_OUT, NOT_SURE, OtherAnswer, PictureToLabel, label_pictures
from ui.review.session import ReviewSession
from ui.review.view import folder_key

OTHER_ANSWERS = (
    OtherAnswer(LEFT_OUT, "0", "None of the classes", "none of the classes"),
    OtherAnswer(NOT_SURE, "s", "Not sure", "not sure"),
)


def show_labelling(session: ReviewSession) -> None:
    """The progress, and the picture to decide on with its likely classes."""
    with shell.show_errors():  # what was chosen in the browser stays there meanwhile
        session.refresh()
    progress = session.progress
    if progress is None:
        return
    fraction = progress.n_checked / progress.n_to_check if progress.n_to_check else 1.0
    st.progress(fraction, text=shell.escape_markdown(wording.describe_progress(progress)))
    if session.problem:
        st.warning(shell.escape_markdown(session.problem))
    shown = [session.pictures[i] for i in session.sequence[session.first :] if i in session.pictures]
    if all(picture.is_answered for picture in shown):
        st.info(shell.escape_markdown(wording.describe_end(progress)))
    if not shown:
        return
    numbers = {name: label for label, name in enumerate(session.classes)}
    pictures = [
        PictureToLabel(
            session.thumbnails[picture.id],
            picture.name,
            [(numbers[name], format_percent(picture.probability) if not i else "") for i, name in enumerate(names)],
            session.to_label(picture),
        )
        for picture in shown
        for names in [picture.candidates]
    ]
    label_pictures(
        pictures, session.classes, name=f"{folder_key(session.folder)} {session.person} {session.generation}",
        key="review-labels", on_label=session.save, others=OTHER_ANSWERS, hint=wording.REVIEW_HINT,
        first=session.first, on_undo=session.undo_last, n_undone=session.n_undone,
    )  # fmt: skip
