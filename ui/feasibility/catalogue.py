"""The same questions about the visitor's own pictures, once a labelled folder was answered on Try it."""

import pandas as pd
import streamlit as st

from fashion_core.analysis import feasibility, feasibility_costs
from fashion_core.analysis.feasibility import ASSURANCE, Assessment
from fashion_core.recognition import labelled
from fashion_core.recognition.catalogue import FEWEST, SEED, Catalogue, catalogue, of_ten
from ui import shell
from ui.feasibility.view import View
from ui.try_it import folder, folder_results
from ui.try_it.job import Job

TITLE = "The recognition of your pictures"


def show(view: View) -> None:
    """How much of the visitor's own catalogue can be automated, and what that costs."""
    job = st.session_state.get(folder.JOB)
    if not isinstance(job, Job) or job.state == "running" or not labelled.is_labelled(job.rows):
        waiting = isinstance(job, Job) and job.state == "running"
        st.info(
            "Your folder is still being answered on Try it. This look follows when that is done."
            if waiting
            else "Nothing is judged here yet. On Try it, under Folder, send pictures that are sorted into a folder a "
            "class; when they are answered, this look tells how much of them could be automated."
        )
        st.page_link(shell.page_object("try_it"), label="Send a labelled folder", query_params={"source": "Folder"})
        return
    found = catalogue(job.rows)
    if found is None:
        st.info(f"Fewer than {FEWEST} of your pictures lie in a folder named for a class: too few to judge.")
        return
    judged = feasibility.judge(
        found.chosen_on, found.tried_on, view.target / 100, assured=view.assured, title=TITLE,
        temperature=found.temperature,
    )  # fmt: skip
    shell.finding(shell.plain(_sentence(found, judged)))
    left, right = st.columns([1.1, 1], gap="small")
    with left:
        _curve(found, judged, view)
        shell.provenance(*_source(job, found))
    with right:
        _costs(found, view)


def _sentence(found: Catalogue, judged: Assessment) -> str:
    n, enough = len(found.chosen_on), feasibility.enough(judged.target)
    if judged.threshold is None and judged.assured and n < enough:
        return (
            f"{n:,} pictures to choose a threshold on are too few to be {ASSURANCE:.0%} sure of {judged.target:.1%} "
            f"correct: without a single mistake it would take {enough:,}. Lower the target, or send more."
        )
    halves = {"on test, ": "in the other half, ", "of test ": "of the other half ", "on validation, ": "in one half, "}
    sentence = judged.sentence
    for split, half in halves.items():
        sentence = sentence.replace(split, half)
    return sentence


def _curve(found: Catalogue, judged: Assessment, view: View) -> None:
    from fashion_core.charts import feasibility as charts

    st.plotly_chart(
        charts.automation({TITLE: judged.curve}, judged, people=view.people / 100), key="feasibility-catalogue",
        config={"displayModeBar": False}, alt=f"Error among automated pictures over their share. {judged.sentence}",
    )  # fmt: skip


def _source(job: Job, found: Catalogue) -> list[str]:
    left_out = [
        f"{n:,} {what} left out" for n, what in ((found.copies, "copies"), (found.unlabelled, "in no folder")) if n
    ]
    return [
        folder_results.provenance(job),
        f"threshold and temperature {found.temperature:.2f} from one half, n = {len(found.chosen_on):,}, tried on the "
        f"other, n = {len(found.tried_on):,}; halves drawn at random, seed {SEED}",
        "unreadable pictures and those with a warning go to people; one of no class is a mistake when automated",
        *left_out,
    ]


def _costs(found: Catalogue, view: View) -> None:
    plan = feasibility_costs.plan(TITLE, of_ten(found.chosen_on), of_ten(found.tried_on), view.costs)
    shell.finding(shell.plain(feasibility_costs.finding(plan)))
    lines = [
        ("Cost of the cheapest plan", plan.cost), ("Cost of people alone", plan.people), ("Saving", plan.saving),
    ]  # fmt: skip
    frame = pd.DataFrame(
        [(name, x.value, f"{x.low:.1f} to {x.high:.1f}".replace("-", "−")) for name, x in lines],
        columns=["Per 1,000 pictures", "Value", "95% interval"],
    )
    st.dataframe(frame, hide_index=True, column_config={"Value": st.column_config.NumberColumn(format="%.1f")})
    st.download_button(
        "Table as CSV", lambda: frame.to_csv(index=False), "catalogue-costs.csv", "text/csv", on_click="ignore",
        icon=":material/download:",
    )  # fmt: skip
    threshold = "nothing automated" if not plan.coverage else f"{plan.coverage:.1%} need no person"
    shell.provenance(
        f"pictures of the ten classes in the other half, n = {plan.n:,}; {threshold}",
        f"paired bootstrap, {feasibility_costs.RESAMPLES:,} resamples, seed 0",
    )
