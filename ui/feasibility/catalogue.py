"""The same questions about the visitor's own pictures, once a labelled folder was answered on Try it."""

import pandas as pd
import streamlit as st

from fashion_core.analysis import feasibility, feasibility_costs
from fashion_core.analysis.feasibility import GUARANTEE_LEVEL, AutomationAssessment
from fashion_core.recognition import labelled_folder
from fashion_core.recognition.folder_automation import (
    FOLDER_SPLIT_SEED,
    MIN_FOLDER_PICTURES,
    LabelledFolderSplit,
    keep_known_classes,
    split_labelled_folder,
)
from ui import shell
from ui.feasibility.view import FeasibilityView
from ui.try_it import folder, folder_results
from ui.try_it.job import RecognitionJob

CATALOGUE_TITLE = "The recognition of your pictures"


def show_own_catalogue(view: FeasibilityView) -> None:
    """How much of the visitor's own catalogue can be automated, and what that costs."""
    job = st.session_state.get(folder.FOLDER_JOB_KEY)
    if not isinstance(job, RecognitionJob) or job.state == "running" or not labelled_folder.has_class_folders(job.rows):
        waiting = isinstance(job, RecognitionJob) and job.state == "running"
        st.info(
            "Your folder is still being answered on Try it. This look follows when that is done."
            if waiting
            else "Nothing is judged here yet. On Try it, under Folder, send pictures that are sorted into a folder a "
            "class; when they are answered, this look tells how much of them could be automated."
        )
        st.page_link(shell.find_page("try_it"), label="Send a labelled folder", query_params={"source": "Folder"})
        return
    found = split_labelled_folder(job.rows)
    if found is None:
        st.info(
            f"Fewer than {MIN_FOLDER_PICTURES} of your pictures lie in a folder named for a class: too few to judge."
        )
        return
    judged = feasibility.assess_calibrated(
        found.calibration, found.evaluation, view.target / 100, guaranteed=view.guaranteed, title=CATALOGUE_TITLE,
        temperature=found.temperature,
    )  # fmt: skip
    shell.show_finding(_sentence(found, judged))
    left, right = st.columns([1.1, 1], gap="small")
    with left:
        _curve(found, judged, view)
        shell.show_provenance(*_source(job, found))
    with right:
        _costs(found, view)


def _sentence(found: LabelledFolderSplit, judged: AutomationAssessment) -> str:
    n, enough = len(found.calibration), feasibility.min_calibration_size(judged.target)
    if judged.threshold is None and judged.guaranteed and n < enough:
        return (
            f"{n:,} pictures to choose a threshold on are too few to be {GUARANTEE_LEVEL:.0%} sure of {judged.target:.1%} "
            f"correct: without a single mistake it would take {enough:,}. Lower the target, or send more."
        )
    halves = {"on test, ": "in the other half, ", "of test ": "of the other half ", "on validation, ": "in one half, "}
    sentence = judged.sentence
    for split, half in halves.items():
        sentence = sentence.replace(split, half)
    return sentence


def _curve(found: LabelledFolderSplit, judged: AutomationAssessment, view: FeasibilityView) -> None:
    from fashion_core.charts import feasibility as charts

    st.plotly_chart(
        charts.automation_chart({CATALOGUE_TITLE: judged.curve}, judged, human_accuracy=view.people / 100), key="feasibility-catalogue",
        config={"displayModeBar": False}, alt=f"Error among automated pictures over their share. {judged.sentence}",
    )  # fmt: skip


def _source(job: RecognitionJob, found: LabelledFolderSplit) -> list[str]:
    left_out = [
        f"{n:,} {what} left out"
        for n, what in ((found.n_duplicates, "copies"), (found.n_unlabelled, "in no folder"))
        if n
    ]
    return [
        folder_results.format_folder_provenance(job),
        f"threshold and temperature {found.temperature:.2f} from one half, n = {len(found.calibration):,}, tried on the "
        f"other, n = {len(found.evaluation):,}; halves drawn at random, seed {FOLDER_SPLIT_SEED}",
        "unreadable pictures and those with a warning go to people; one of no class is a mistake when automated",
        *left_out,
    ]


def _costs(found: LabelledFolderSplit, view: FeasibilityView) -> None:
    plan = feasibility_costs.choose_deferral_policy(
        CATALOGUE_TITLE, keep_known_classes(found.calibration), keep_known_classes(found.evaluation), view.cost_model
    )
    shell.show_finding(feasibility_costs.describe_saving(plan))
    lines = [
        ("Cost of the cheapest plan", plan.cost), ("Cost of people alone", plan.manual_cost), ("Saving", plan.saving),
    ]  # fmt: skip
    frame = pd.DataFrame(
        [(name, x.estimate, f"{x.low:.1f} to {x.high:.1f}".replace("-", "−")) for name, x in lines],
        columns=["Per 1,000 pictures", "Value", "95% interval"],
    )
    st.dataframe(frame, hide_index=True, column_config={"Value": st.column_config.NumberColumn(format="%.1f")})
    st.download_button(
        "Table as CSV", lambda: frame.to_csv(index=False), "catalogue-costs.csv", "text/csv", on_click="ignore",
        icon=":material/download:",
    )  # fmt: skip
    threshold = "nothing automated" if not plan.coverage else f"{plan.coverage:.1%} need no person"
    shell.show_provenance(
        f"pictures of the ten classes in the other half, n = {plan.n:,}; {threshold}",
        f"paired bootstrap, {feasibility_costs.N_RESAMPLES:,} resamples, seed 0",
    )
