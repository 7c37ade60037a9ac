"""The same questions about your own pictures, once you uploaded a labelled folder on Try it."""

import pandas as pd
import streamlit as st

from fashion_core.analysis.compare import N_BOOTSTRAP_RESAMPLES
from fashion_core.analysis.feasibility import (
    AutomationAssessment,
    assess_automation_from_calibrated,
    min_calibration_size,
)
from fashion_core.analysis.feasibility_costs import choose_deferral_policy
from fashion_core.recognition import labelled_folder
from fashion_core.recognition.folder_automation import (
    FOLDER_SPLIT_SEED,
    MIN_FOLDER_PICTURES,
    LabelledFolderSplit,
    filter_known_classes,
    split_and_calibrate_labelled_folder,
)
from fashion_core.wording.feasibility import describe_automation, describe_saving, describe_too_few_pictures
from fashion_core.wording.numbers import format_percent, format_range
from ui import shell
from ui.csv_download import csv_button
from ui.feasibility.automation import show_automation_chart
from ui.feasibility.view import FeasibilityView
from ui.try_it import folder, folder_results
from ui.try_it.job import RecognitionJob

CATALOGUE_TITLE = "The recognition of your pictures"


def show_own_catalogue(view: FeasibilityView) -> None:
    """How much of your own catalogue can be automated, and what that costs."""
    job = st.session_state.get(folder.FOLDER_JOB_KEY)
    if isinstance(job, RecognitionJob) and job.state != "running" and labelled_folder.has_class_folders(job.results):
        _show_results(job, view)
        return
    if isinstance(job, RecognitionJob) and job.state == "running":
        st.info("Try it is still working on your folder. The result appears here when it is done.")
    else:
        st.info("Upload one folder per kind on Try it to see your own result.")
    st.page_link(shell.find_page("try_it"), label="Upload a labelled folder", query_params={"source": "Folder"})


def _show_results(job: RecognitionJob, view: FeasibilityView) -> None:
    split = split_and_calibrate_labelled_folder(job.results)
    if split is None:
        st.info(f"You need at least {MIN_FOLDER_PICTURES} pictures in folders named after a class.")
        return
    assessment = assess_automation_from_calibrated(
        split.calibration,
        split.evaluation,
        view.target / 100,
        guaranteed=view.requires_target_on_new_garments,
        title=CATALOGUE_TITLE,
    )
    shell.show_finding(_describe(assessment, len(split.calibration)))
    left, right = st.columns([1.1, 1], gap="small")
    with left:
        show_automation_chart({CATALOGUE_TITLE: assessment.curve}, assessment, view, key="feasibility-catalogue")
        shell.show_provenance(*_provenance(split))
    with right:
        _costs(split, view)


def _describe(assessment: AutomationAssessment, n: int) -> str:
    needed = min_calibration_size(assessment.target)
    if assessment.threshold is None and assessment.guaranteed and n < needed:
        return describe_too_few_pictures(assessment, n, needed)
    return describe_automation(assessment, chosen_on="one half", tested_on="the other half")


def _provenance(split: LabelledFolderSplit) -> list[str]:
    return [
        folder_results.ENSEMBLE_PROVENANCE,
        f"threshold and temperature {split.temperature:.2f} from one half, n = {len(split.calibration):,}, measured on "
        f"the other, n = {len(split.evaluation):,}; random halves, seed {FOLDER_SPLIT_SEED}",
        "unreadable pictures and pictures with a warning get a manual check; a picture of none of the ten counts as a "
        "mistake when it is automated",
        f"{split.n_duplicates:,} copies left out" if split.n_duplicates else "",
        f"{split.n_unlabelled:,} in no folder left out" if split.n_unlabelled else "",
    ]


def _costs(split: LabelledFolderSplit, view: FeasibilityView) -> None:
    policy = choose_deferral_policy(
        CATALOGUE_TITLE,
        filter_known_classes(split.calibration),
        filter_known_classes(split.evaluation),
        view.cost_model,
    )
    shell.show_finding(describe_saving(policy))
    intervals = {
        "Cost at the cheapest threshold": policy.cost,
        "Cost of manual sorting": policy.manual_cost,
        "Saving": policy.saving,
    }
    frame = pd.DataFrame(
        [(name, x.estimate, format_range(x.low, x.high)) for name, x in intervals.items()],
        columns=["Per 1,000 pictures", "Value", "95% interval"],
    )
    st.dataframe(frame, hide_index=True, column_config={"Value": st.column_config.NumberColumn(format="%.1f")})
    csv_button(lambda: frame, "catalogue-costs.csv")
    shell.show_provenance(
        f"pictures of the ten classes in the other half, n = {policy.n:,}; {format_percent(policy.coverage)} automated",
        f"paired bootstrap, {N_BOOTSTRAP_RESAMPLES:,} resamples, seed 0",
    )
