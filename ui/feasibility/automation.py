"""How much can be automated, over the error among it, and what that costs: the page's first screen."""

import pandas as pd
import streamlit as st

from fashion_core.analysis import feasibility, feasibility_costs, metrics
from fashion_core.analysis.feasibility import Assessment
from fashion_core.analysis.feasibility_costs import PEOPLE, PEOPLE_N, Plan
from ui import shell
from ui.feasibility.judged import Table
from ui.feasibility.view import View

PEOPLE_SOURCE = (
    "People: 83.5% right in the benchmark table of the data set's authors (github.com/zalandoresearch/fashion-mnist): "
    "crowd workers without knowledge of fashion, 1,000 test images, the majority of three labels each."
)


def curve(table: Table, found: Assessment, view: View) -> None:
    """The automation curve with the chosen point."""
    from fashion_core.charts import feasibility as charts

    curves = {run.title: feasibility.curve(run.tried_on) for run in table.runs}
    st.plotly_chart(
        charts.automation(curves, found, people=view.people / 100), key="feasibility-automation",
        config={"displayModeBar": False}, alt=f"Error among automated garments over their share. {found.sentence}",
    )  # fmt: skip
    temperature, n = f"temperature {found.temperature:.2f}", len(table.chosen.chosen_on)
    if found.threshold is not None:
        temperature = f"threshold {found.threshold:.3f} on confidence and {temperature}"
    shell.provenance(
        table.source,
        f"{temperature} from validation, n = {n:,}",
        "intervals: Wilson, 95%",
    )


def costs(table: Table, plans: list[Plan], view: View) -> None:
    """What each run costs with its cheapest threshold, and people alone."""
    best = feasibility_costs.cheapest(plans)
    shell.finding(shell.plain(feasibility_costs.finding(best)))
    people = plans[0].people
    lines = [
        (plan.title, 100 * plan.coverage, plan.cost.value, plan.saving.value, _between(plan.saving)) for plan in plans
    ]
    lines.append(("People alone", 0.0, people.value, 0.0, ""))
    frame = pd.DataFrame(lines, columns=["Sorted by", "No person", "Cost", "Saving", "95% interval"])
    number, text = st.column_config.NumberColumn, st.column_config.TextColumn
    columns = {
        "Sorted by": text(width=108),
        "No person": number(format="%.1f%%", width=72),
        "Cost": number(format="%.1f", width=52),
        "Saving": number(format="%.1f", width=56),
        "95% interval": text(width=104),
    }
    st.dataframe(
        frame.sort_values("Cost", kind="stable"), hide_index=True, column_config=columns,
        alt="Cost per 1,000 garments of each run with its cheapest threshold, and of people alone",
    )  # fmt: skip
    changed = ", changed" if view.prices else ""
    shell.provenance(
        f"Cost per 1,000 test garments, n = {plans[0].n:,}: {view.preset}{changed}, a look {view.check:g}, people "
        f"{view.people:.1f}% right",
        "thresholds: cheapest on validation",
        f"paired bootstrap, {feasibility_costs.RESAMPLES:,} resamples, seed 0",
    )


def _between(interval: feasibility_costs.Interval) -> str:
    return f"{interval.low:.1f} to {interval.high:.1f}".replace("-", "−")


def people(view: View) -> str:
    """What people are assumed to do, and where that comes from."""
    if abs(view.people - 100 * PEOPLE) > 1e-9:
        return f"People are assumed to sort {view.people:.1f}% right, as entered here. {PEOPLE_SOURCE}"
    low, high = metrics.wilson(round(PEOPLE * PEOPLE_N), PEOPLE_N)
    return f"{PEOPLE_SOURCE} Their 95% interval is {low:.1%} to {high:.1%}."


def csv_of(table: Table) -> str:
    """The curves of all runs, a row a threshold, at most 250 a run."""
    frames = []
    for run in table.runs:
        found = feasibility.curve(run.tried_on).thinned()
        frames.append(
            pd.DataFrame(
                {
                    "run": run.run.id,
                    "threshold": found.threshold,
                    "coverage": found.coverage,
                    "error": found.error,
                    "automated": found.automated,
                    "wrong": found.wrong,
                }
            )
        )
    return pd.concat(frames).to_csv(index=False, float_format="%.6g")


def download(table: Table) -> None:
    """The curves to take away."""
    st.download_button(
        "Curves as CSV", lambda: csv_of(table), "automation.csv", "text/csv", on_click="ignore",
        icon=":material/download:",
    )  # fmt: skip
