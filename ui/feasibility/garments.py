"""The garments behind the chosen point: mistakes that nobody would see, and what goes to people."""

import numpy as np
import streamlit as st

from fashion_core.analysis.feasibility import Answers, Assessment
from fashion_core.data.labels import NAMES, SHORT_NAMES
from ui import pickers, serving, shell
from ui.components.pictures import picture_rows
from ui.feasibility.judged import Table

A_PAGE = 36


def show(table: Table, found: Assessment) -> None:
    """Both groups, the surest mistakes first and the least sure garments first."""
    if found.threshold is None:
        st.info("Nothing is automated at this target, so every garment goes to a person.")
        return
    answers = table.chosen.tried_on
    automated = answers.confidence >= found.threshold
    unseen = np.flatnonzero(automated & ~answers.right)
    passed = np.flatnonzero(~automated)
    left, right = st.columns(2, gap="medium")
    with left:
        classes = np.bincount(answers.labels[unseen], minlength=len(NAMES))
        most = f", most often of {NAMES[int(classes.argmax())]}" if len(unseen) else ""
        shell.finding(f"{len(unseen):,} mistakes would go unseen{most}.")
        _rows(table, answers, unseen[np.argsort(-answers.confidence[unseen], kind="stable")], "unseen")
    with right:
        good = int(answers.right[passed].sum())
        shell.finding(f"{len(passed):,} garments go to people; {table.chosen.title} has {good:,} of them right.")
        _rows(table, answers, passed[np.argsort(answers.confidence[passed], kind="stable")], "passed")
    shell.provenance(
        table.source, "under each: class and place in the published file, answer and calibrated confidence"
    )


def _rows(table: Table, answers: Answers, places: np.ndarray, name: str) -> None:
    if not len(places):
        return
    pages = -(-len(places) // A_PAGE)
    number = st.pagination(pages, key=f"feasibility-{name}-{pages}") if pages > 1 else 1
    here = places[(number - 1) * A_PAGE : number * A_PAGE]
    captions = [
        f"{SHORT_NAMES[answers.labels[i]]} {i}\n{SHORT_NAMES[answers.predicted[i]]} {answers.confidence[i]:.1%}"
        for i in here
    ]
    data = pickers.pictures_of(table.chosen.run)
    if data is None:
        st.caption("The pictures themselves are not on this machine. Download Fashion-MNIST to see them.")
        st.dataframe({"Garment": [caption.replace("\n", ": ") for caption in captions]}, hide_index=True)
        return
    images = data.published_test[0]
    picture_rows(
        [serving.inline(images[i]) for i in here], captions, key=f"feasibility-pictures-{name}",
        on_pick=lambda position: None,
    )  # fmt: skip
