"""What each run costs in computing, beside how good it is."""

import numpy as np
import pandas as pd
import streamlit as st

from fashion_core.analysis import metrics
from fashion_core.analysis.pareto import pareto_front
from fashion_core.computed import background, speed
from fashion_core.computed.speed import SpeedMeasurement
from fashion_core.wording.numbers import format_duration
from ui import caches, computations, shell, validation
from ui.feasibility.assessed_runs import AssessedRun, AssessedRuns
from ui.feasibility.view import COMPUTE_COST_AXES, FEASIBILITY_STATE, FeasibilityView

POLL_SECONDS = 1.0  # seconds between two looks at a measurement
KNOWN_WITHOUT_MEASURING = ("Parameters", "Size on disk", "Training time")  # without measuring
X_TITLES = {
    "Multiply-adds": "Multiply-adds for one picture",
    "Parameters": "Number of parameters",
    "Size on disk": "Size of the weights",
    "One picture": "Time for one picture",
    "1,000 pictures": "Time for 1,000 pictures at once",
    "Training time": "Training time",
}
UNITS = {"Size on disk": ", KB", "One picture": ", ms", "1,000 pictures": ", s", "Training time": ", s"}


def show_compute_costs(table: AssessedRuns, view: FeasibilityView) -> None:
    """Test error over computing; what is not measured on this machine yet is measured now, one run after the other."""
    FEASIBILITY_STATE.bound_widget("axis", "Compare by", st.segmented_control, COMPUTE_COST_AXES, required=True)
    waiting = any(_measured(run) is None for run in table.runs)
    st.fragment(_part, run_every=POLL_SECONDS if waiting else None)(table.runs, view.axis, view.volume, waiting)


def _wanted(run: AssessedRun) -> SpeedMeasurement:
    return SpeedMeasurement(
        validation.current_validation_computation(run.run).weights, run.run.id, speed.machine_name()
    )


def _measured(run: AssessedRun) -> computations.ResultArrays | None:
    return computations.cached_result(_wanted(run), caches.current_dataset().fingerprint)


def _part(runs: list[AssessedRun], axis: str, volume: int, was_waiting: bool) -> None:
    with shell.show_errors():  # a fragment's own reruns do not pass through the page
        found = {run.run.id: _measured(run) for run in runs}
        missing = [run for run in runs if found[run.run.id] is None]
        if missing:
            _measure(missing[0], len(runs) - len(missing), len(runs))
        elif was_waiting:
            st.rerun()  # without looking again
        measured = {key: value for key, value in found.items() if value is not None}
        if not missing or axis in KNOWN_WITHOUT_MEASURING:
            _front(runs, measured, axis)
        _table(runs, measured, volume)
        if not missing and st.button("Measure again", icon=":material/replay:", key="feasibility-again"):
            for run in runs:
                computations.delete_result(_wanted(run), caches.current_dataset().fingerprint)
            st.rerun()


def _measure(run: AssessedRun, done: int, of: int) -> None:
    """Start measuring a run, or say how far that is."""
    data, wanted = caches.current_dataset(), _wanted(run)
    status = background.computation_status(wanted, data.fingerprint)
    if status.state == "absent":
        computations.start_once(wanted, data)
        status = background.computation_status(wanted, data.fingerprint)
    if status.is_active:
        text = f"Measuring on this machine, {done:,} of {of:,} runs done: {run.title}, {status.message}"
        st.progress((done + min(status.fraction, 1.0)) / of, text=shell.escape_markdown(text))
        return
    if status.message:
        st.error(shell.escape_markdown(f"The speed of {run.title}: {status.message}"))
    if st.button("Measure", icon=":material/speed:", key="feasibility-measure"):
        background.start_computation(wanted, data)
        st.rerun(scope="fragment")


def _front(shown: list[AssessedRun], measured: dict[str, computations.ResultArrays], axis: str) -> None:
    from fashion_core.charts import feasibility as charts

    x = np.array([_cost(run, measured.get(run.run.id), axis) for run in shown])
    scored = [metrics.wilson_interval(int((~run.test.is_correct).sum()), len(run.test)) for run in shown]
    error = np.array([float((~run.test.is_correct).mean()) for run in shown])
    front = pareto_front(x, error)
    frame = pd.DataFrame(
        {
            "title": [run.title for run in shown], "x": x, "error": 100 * error,
            "low": [100 * low for low, _ in scored], "high": [100 * high for _, high in scored], "front": front,
        }
    )  # fmt: skip
    best = [run.title for run, yes in zip(shown, front, strict=True) if yes]
    worth = "is" if len(best) == 1 else "are"
    shell.show_finding(
        f"By {X_TITLES[axis].lower()} and error, {_listed(best)} {worth} "
        "worth considering: no other run is as good in both."
    )
    figure = charts.pareto_chart(frame, X_TITLES[axis] + UNITS.get(axis, ""))
    st.plotly_chart(
        figure, key=f"feasibility-pareto-{axis}", config={"displayModeBar": False},
        alt=f"Test error of each run over {X_TITLES[axis]}",
    )  # fmt: skip
    shell.show_provenance(
        f"test, n = {len(shown[0].test):,}; whiskers: Wilson, 95%",
        "none is better in both: no other run errs less and costs less",
    )


def _cost(run: AssessedRun, arrays: computations.ResultArrays | None, axis: str) -> float:
    record = run.run.record
    assert record is not None
    if axis == "Parameters":
        return record.n_parameters
    if axis == "Size on disk":
        return (run.run.path / "weights.safetensors").stat().st_size / 1000
    if axis == "Training time":
        return max(record.seconds, 0.1)
    assert arrays is not None
    if axis == "One picture":
        return 1000 * float(arrays["seconds"])
    if axis == "1,000 pictures":
        return 1000 / float(arrays["per_second"])
    return int(arrays["multiply_adds"])


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _table(runs: list[AssessedRun], measured: dict[str, computations.ResultArrays], volume: int) -> None:
    lines = []
    for run in runs:
        record, arrays = run.run.record, measured.get(run.run.id)
        assert record is not None
        nothing = float("nan")
        lines.append(
            {
                "Run": run.title,
                "Wrong on test, %": 100 * float((~run.test.is_correct).mean()),
                "Million multiply-adds": nothing if arrays is None else float(arrays["multiply_adds"]) / 1e6,
                "Parameters": record.n_parameters,
                "Size, KB": _cost(run, arrays, "Size on disk"),
                "One picture, ms": nothing if arrays is None else 1000 * float(arrays["seconds"]),
                "Pictures a second": nothing if arrays is None else float(arrays["per_second"]),
                "Trained in": format_duration(record.seconds),
                "Trained on": record.hardware,
            }
        )
    frame = pd.DataFrame(lines)
    formats = {"Wrong on test, %": "%.2f", "Million multiply-adds": "%.2f", "One picture, ms": "%.2f"}
    columns = {name: st.column_config.NumberColumn(format=form) for name, form in formats.items()}
    whole = dict.fromkeys(("Parameters", "Size, KB", "Pictures a second"), st.column_config.NumberColumn(format="%,d"))
    if len(measured) == len(runs):
        slowest = min(measured, key=lambda run_id: float(measured[run_id]["per_second"]))
        title = next(run.title for run in runs if run.run.id == slowest)
        seconds = volume / float(measured[slowest]["per_second"])
        st.markdown(
            shell.escape_markdown(
                f"Even the slowest, {title}, sorts {volume:,} garments in {_duration(seconds)} on one core of this "
                f"machine, with {_many(volume * int(measured[slowest]['multiply_adds']))} multiply-adds."
            )
        )
    st.dataframe(frame, hide_index=True, placeholder=shell.MISSING_VALUE, column_config=columns | whole)
    st.download_button(
        "Table as CSV", lambda: frame.to_csv(index=False), "speed.csv", "text/csv", on_click="ignore",
        icon=":material/download:",
    )  # fmt: skip
    shell.show_provenance(
        f"times of this machine, {speed.machine_name()}, on one thread, beside whatever else it does: one picture, the "
        f"median of {speed.LATENCY_REPEATS}; a second, the median of {speed.THROUGHPUT_ROUNDS} times {speed.THROUGHPUT_SAMPLE} at once",
        "multiply-adds and parameters are counted; training times are of the machines that trained, without that of "
        "a run that another went on from",
    )


def _many(number: int) -> str:
    for size, word in ((10**12, "trillion"), (10**9, "billion"), (10**6, "million")):
        if number >= size:
            return f"{number / size:,.1f} {word}"
    return f"{number:,}"


def _duration(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 10 else format_duration(seconds)
