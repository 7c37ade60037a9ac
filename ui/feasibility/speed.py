"""What each run costs in computing, beside its error."""

import numpy as np
import pandas as pd
import streamlit as st

from fashion_core.analysis.metrics import wilson_interval
from fashion_core.analysis.pareto import pareto_front_mask
from fashion_core.computed import background, speed
from fashion_core.computed.speed import SpeedMeasurement
from fashion_core.wording.feasibility_costs import describe_pareto_front, describe_slowest_run_duration
from fashion_core.wording.numbers import format_duration, to_percent
from ui import caches, computations, hosting, shell, validation
from ui.csv_download import csv_button
from ui.feasibility.assessed_runs import AssessedRun, AssessedRuns
from ui.feasibility.view import COMPUTE_COST_AXES, FEASIBILITY_STATE, FeasibilityView

SPEED_POLL_SECONDS = 1.0
TABLE_SHOWN_KEY = "speed-table-shown"  # session key: measuring begins at the poll after, and doesn't delay the table
COMPUTE_COSTS_WITHOUT_MEASUREMENT = ("Parameters", "Size on disk", "Training time")
AXIS_TITLES = {
    "Multiply-adds": "Million multiply-adds for one picture",
    "Parameters": "Number of parameters",
    "Size on disk": "Size of the weights, KB",
    "One picture": "Time for one picture, ms",
    "1,000 pictures": "Time for 1,000 pictures at once, s",
    "Training time": "Training time, s",
}


def show_compute_costs(assessed: AssessedRuns, view: FeasibilityView) -> None:
    """Test error over computing cost. Runs that were not measured on this machine are measured one after the other."""
    FEASIBILITY_STATE.bound_widget("axis", "Compare by", st.segmented_control, COMPUTE_COST_AXES, required=True)
    waiting = hosting.may_change() and any(_measured(run) is None for run in assessed.runs)
    st.fragment(_show, run_every=SPEED_POLL_SECONDS if waiting else None)(assessed.runs, view, waiting)


def _computation(run: AssessedRun) -> SpeedMeasurement:
    weights = validation.current_validation_computation(run.run).weights
    return SpeedMeasurement(weights, run.run.id, speed.processor_and_usable_cores())


def _measured(run: AssessedRun) -> computations.ResultArrays | None:
    return computations.cached_result(_computation(run), caches.current_dataset().fingerprint)


def _show(runs: list[AssessedRun], view: FeasibilityView, was_waiting: bool) -> None:
    with shell.show_errors():  # a fragment's own reruns do not pass through the page
        measured = [_measured(run) for run in runs]
        missing = [run for run, arrays in zip(runs, measured, strict=True) if arrays is None]
        if missing:
            _measure(missing[0], len(runs) - len(missing), len(runs))
        elif was_waiting:
            st.rerun()  # without polling
        costs = pd.DataFrame([_costs(run, arrays) for run, arrays in zip(runs, measured, strict=True)])
        if not missing or view.axis in COMPUTE_COSTS_WITHOUT_MEASUREMENT:
            _chart(runs, costs[view.axis].to_numpy(float), view.axis)
        _table(runs, costs, view.volume)
        st.session_state[TABLE_SHOWN_KEY] = True
        if not missing and hosting.change_button("Measure again", icon=":material/replay:", key="feasibility-again"):
            for run in runs:
                computations.delete_result(_computation(run), caches.current_dataset().fingerprint)
            st.rerun()


def _measure(run: AssessedRun, n_done: int, n_runs: int) -> None:
    """Start measuring a run, or show its progress."""
    dataset, computation = caches.current_dataset(), _computation(run)
    status, may_begin = (
        background.computation_status(computation, dataset.fingerprint),
        TABLE_SHOWN_KEY in st.session_state,
    )
    if status.state == "absent" and may_begin:
        computations.start_computation_once(computation, dataset)
        status = background.computation_status(computation, dataset.fingerprint)
    if status.is_active or (status.state == "absent" and not may_begin):
        step = status.message or "starting"
        text = f"Measuring on this machine, {n_done:,} of {n_runs:,} runs done: {run.title}, {step}"
        st.progress((n_done + min(status.fraction, 1.0)) / n_runs, text=shell.escape_markdown(text))
        return
    if status.message:
        st.error(shell.escape_markdown(f"The speed of {run.title}: {status.message}"))
    if hosting.change_button("Measure", icon=":material/speed:", key="feasibility-measure"):
        background.queue_computation(computation, dataset)
        st.rerun(scope="fragment")


def _costs(run: AssessedRun, arrays: computations.ResultArrays | None) -> dict[str, float]:
    """The cost on each of ``COMPUTE_COST_AXES``, nan for what is not measured yet."""
    record = run.run.record
    assert record is not None
    known = {
        "Parameters": record.n_parameters,
        "Size on disk": (run.run.path / "weights.safetensors").stat().st_size / 1000,
        "Training time": max(record.seconds, 0.1),
    }
    if arrays is None:
        return known | dict.fromkeys(("Multiply-adds", "One picture", "1,000 pictures"), float("nan"))
    return known | {
        "Multiply-adds": float(arrays["multiply_adds"]) / 1e6,
        "One picture": 1000 * float(arrays["seconds"]),
        "1,000 pictures": 1000 / float(arrays["per_second"]),
    }


def _chart(runs: list[AssessedRun], cost: np.ndarray, axis: str) -> None:
    from fashion_core.charts.feasibility import pareto_chart

    n_wrong = [int((~run.test.is_correct).sum()) for run in runs]
    intervals = np.array([wilson_interval(wrong, len(run.test)) for wrong, run in zip(n_wrong, runs, strict=True)])
    error = np.array(n_wrong) / len(runs[0].test)
    front = pareto_front_mask(cost, error)
    titles = [run.title for run in runs]
    frame = pd.DataFrame(
        {"title": titles, "x": cost, "error": 100 * error, "low": 100 * intervals[:, 0],
         "high": 100 * intervals[:, 1], "front": front}
    )  # fmt: skip
    shell.show_finding(describe_pareto_front([t for t, best in zip(titles, front, strict=True) if best], axis.lower()))
    st.plotly_chart(
        pareto_chart(frame, AXIS_TITLES[axis]), key=f"feasibility-pareto-{axis}", config={"displayModeBar": False},
        alt=f"Test error of each run over {AXIS_TITLES[axis]}",
    )  # fmt: skip
    shell.show_provenance(f"test, n = {len(runs[0].test):,}; whiskers: Wilson, 95%")


def _table(runs: list[AssessedRun], costs: pd.DataFrame, volume: int) -> None:
    records = [run.run.record for run in runs]
    frame = pd.DataFrame(
        {
            "Run": [run.title for run in runs],
            "Wrong on test, %": [to_percent(float((~run.test.is_correct).mean())) for run in runs],
            "Million multiply-adds": costs["Multiply-adds"],
            "Parameters": costs["Parameters"],
            "Size, KB": costs["Size on disk"],
            "One picture, ms": costs["One picture"],
            "Pictures a second": 1000 / costs["1,000 pictures"],
            "Trained in": [format_duration(record.seconds) if record else None for record in records],
            "Trained on": [record.hardware if record else None for record in records],
        }
    )
    decimals, whole = st.column_config.NumberColumn(format="%.2f"), st.column_config.NumberColumn(format="%,d")
    columns = dict.fromkeys(("Wrong on test, %", "Million multiply-adds", "One picture, ms"), decimals)
    columns |= dict.fromkeys(("Parameters", "Size, KB", "Pictures a second"), whole)
    if not costs["1,000 pictures"].isna().any():
        slowest = int(costs["1,000 pictures"].argmax())
        seconds = volume / 1000 * float(costs["1,000 pictures"][slowest])
        multiply_adds = volume * 1e6 * float(costs["Multiply-adds"][slowest])
        sentence = describe_slowest_run_duration(runs[slowest].title, volume, seconds, multiply_adds)
        st.markdown(shell.escape_markdown(sentence))
    st.dataframe(frame, hide_index=True, placeholder=shell.MISSING_VALUE, column_config=columns)
    csv_button(lambda: frame, "speed.csv")
    shell.show_provenance(
        f"measured on this machine, {speed.processor_and_usable_cores()}, with one thread: one picture, median of "
        f"{speed.N_LATENCY_IMAGES}; pictures a second, median of {speed.THROUGHPUT_ROUNDS} times "
        f"{speed.N_THROUGHPUT_IMAGES} at once",
        "training times are those of the machines that trained, without the run that another one started from",
    )
