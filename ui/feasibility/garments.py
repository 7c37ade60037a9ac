"""The garments behind the chosen point: mistakes that nobody would see, and what goes to people."""

import numpy as np
import streamlit as st

from fashion_core.analysis.feasibility import AutomationAssessment, CalibratedPredictions
from fashion_core.data.classes import CLASS_NAMES, SHORT_CLASS_NAMES
from ui import pickers, serving, shell
from ui.components.pictures import picture_grid
from ui.feasibility.assessed_runs import RunComparison

GARMENTS_PER_PAGE = 36


def show_affected_garments(comparison: RunComparison, assessment: AutomationAssessment) -> None:
    """Both groups, the surest mistakes first and the least sure garments first."""
    if assessment.threshold is None:
        st.info("Nothing is automated at this target, so every garment goes to a person.")
        return
    answers = comparison.selected.test
    automated = answers.confidence >= assessment.threshold
    unseen = np.flatnonzero(automated & ~answers.is_correct)
    passed = np.flatnonzero(~automated)
    left, right = st.columns(2, gap="medium")
    with left:
        classes = np.bincount(answers.labels[unseen], minlength=len(CLASS_NAMES))
        most = f", most often of {CLASS_NAMES[int(classes.argmax())]}" if len(unseen) else ""
        shell.show_finding(f"{len(unseen):,} mistakes would go unseen{most}.")
        _rows(comparison, answers, unseen[np.argsort(-answers.confidence[unseen], kind="stable")], "unseen")
    with right:
        good = int(answers.is_correct[passed].sum())
        shell.show_finding(
            f"{len(passed):,} garments go to people; {comparison.selected.title} has {good:,} of them right."
        )
        _rows(comparison, answers, passed[np.argsort(answers.confidence[passed], kind="stable")], "passed")
    shell.show_provenance(
        comparison.provenance, "under each: class and place in the published file, answer and calibrated confidence"
    )


def _rows(table: RunComparison, answers: CalibratedPredictions, places: np.ndarray, name: str) -> None:
    if not len(places):
        return
    pages = -(-len(places) // GARMENTS_PER_PAGE)
    number = st.pagination(pages, key=f"feasibility-{name}-{pages}") if pages > 1 else 1
    here = places[(number - 1) * GARMENTS_PER_PAGE : number * GARMENTS_PER_PAGE]
    captions = [
        f"{SHORT_CLASS_NAMES[answers.labels[i]]} {i}\n{SHORT_CLASS_NAMES[answers.predicted[i]]} {answers.confidence[i]:.1%}"
        for i in here
    ]
    data = pickers.dataset_of_run(table.selected.run)
    if data is None:
        st.caption("The pictures themselves are not on this machine. Download Fashion-MNIST to see them.")
        st.dataframe({"Garment": [caption.replace("\n", ": ") for caption in captions]}, hide_index=True)
        return
    images = data.published_test_arrays[0]
    picture_grid(
        [serving.png_data_url(images[i]) for i in here], captions, key=f"feasibility-pictures-{name}",
        on_select=lambda position: None,
    )  # fmt: skip
