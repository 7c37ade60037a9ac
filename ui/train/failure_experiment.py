"""The poster's failure as an experiment to rerun: ordinary queued runs with a common tag."""

import secrets

import pandas as pd
import streamlit as st

from fashion_core.config.train_config import TrainConfig
from fashion_core.data import Dataset
from fashion_core.data.classes import FASHION_CLASSES
from fashion_core.runs import poster_experiment, queue
from fashion_core.runs.store import RunEntry
from fashion_core.wording import training as wording
from fashion_core.wording.numbers import format_percent, to_percent
from fashion_core.wording.poster import POSTER_FAILURE_EXPLANATION
from fashion_core.wording.run_phases import format_phase_counts
from fashion_core.wording.runs import format_split
from ui import caches, hosting, shell
from ui.train import failure_demo, panel

EXPERIMENT_POLL_SECONDS = 10.0  # while its runs go on


def show_poster_experiment(data: Dataset, runs: list[RunEntry]) -> None:
    """Buttons that start it on ``data``, in short or in full, and the latest outcome beside the poster's figures."""
    if hosting.may_change():
        _show_start(data)
    with st.expander("Why classes are lost", key="part-explanation"):
        st.markdown(POSTER_FAILURE_EXPLANATION)
    tags = [run.record.tag for run in caches.list_runs() if run.record is not None]
    latest = next((tag for tag in tags if tag.startswith(poster_experiment.EXPERIMENT_TAG_PREFIX)), None)
    if latest is None:
        st.caption(
            f"MLP and CNN, with and without the ReLU, on {poster_experiment.EXPERIMENT_SEEDS} seeds. Not started yet."
        )
        return
    live = any(queue.run_phase(entry) in queue.LIVE_PHASES for entry in _runs(latest))
    st.fragment(_outcome, run_every=EXPERIMENT_POLL_SECONDS if live else None)(latest, live)


def _show_start(data: Dataset) -> None:
    if st.button("Watch one MLP fail", icon=":material/play_arrow:", type="primary"):
        panel.follow_run(failure_demo.start_demo())
    st.caption(wording.DEMO_EXPLANATION)
    n = len(poster_experiment.make_experiment_configs(1))
    st.markdown(f"**The whole experiment: {n} runs**")
    with st.form("experiment", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        epochs = st.number_input("Epochs of each run", 1, 90, 3, width=150)
        if st.form_submit_button(f"Train all {n} runs", icon=":material/science:"):
            panel.follow_run(_start(int(epochs), data))


def _start(epochs: int, data: Dataset) -> str:
    tag = f"{poster_experiment.EXPERIMENT_TAG_PREFIX}{secrets.token_hex(3)}"
    titled = [(config, _title(config)) for config in poster_experiment.make_experiment_configs(epochs)]
    return queue.queue_runs(caches.run_store(), titled, data, tag=tag)[0].id


def _title(config: TrainConfig) -> str:
    return f"{wording.format_model_with_failure_cause(config)}, seed {config.seed}"


def _runs(tag: str) -> list[RunEntry]:
    return [entry for entry in caches.list_runs() if entry.record is not None and entry.record.tag == tag]


def _outcome(tag: str, was_live: bool) -> None:
    with shell.show_errors():
        runs = _runs(tag)
        live = [entry for entry in runs if queue.run_phase(entry) in queue.LIVE_PHASES]
        if was_live and not live:
            st.rerun()
        records = [run.record for run in runs if run.record is not None]
        arms = poster_experiment.group_into_arms(
            (e.record, queue.run_progress(e).epochs) for e in runs if e.record is not None
        )
        if text := wording.describe_poster_experiment(arms):
            shell.show_finding(text)
        st.dataframe(pd.DataFrame([_arm(arm) for arm in arms]), hide_index=True)
        seeds = [_seed(arm, outcome) for arm in arms for outcome in arm.outcomes if outcome.lost_classes is not None]
        if seeds:
            with st.expander("Each run: classes never predicted on test, and the epoch at which each output unit died"):
                st.dataframe(pd.DataFrame(seeds), hide_index=True)
        shell.show_provenance(
            f"tag {tag}, {len(runs)} runs: {format_phase_counts([queue.run_phase(run) for run in runs])}",
            format_split(records[0].data, "test") if records else "",
            "mean ± standard deviation over the seeds",
            "a unit is dead when it is 0 for every validation image",
        )
        if live and hosting.change_button("Cancel the rest", icon=":material/stop:"):
            queue.cancel_runs(caches.run_store(), live)
            st.rerun()


def _arm(arm: poster_experiment.ExperimentArm) -> dict[str, object]:
    row: dict[str, object] = {"Network": wording.format_arm(arm)}
    for name in ("precision", "recall"):
        mean, deviation = arm.mean_and_deviation(name) if arm.finished_outcomes else (0.0, 0.0)
        spread = f" ± {100 * deviation:.1f}" if len(arm.finished_outcomes) > 1 else ""  # one run has no deviation
        row[name.capitalize()] = f"{to_percent(mean):.1f}{spread}%" if arm.finished_outcomes else shell.MISSING_VALUE
    row["Poster P / R"] = f"{arm.poster[0]} / {arm.poster[1]}"
    row["Runs"] = f"{len(arm.finished_outcomes)} of {len(arm.outcomes)}"
    row["Classes lost, by seed"] = (
        ", ".join(str(len(outcome.lost_classes or ())) for outcome in arm.finished_outcomes) or shell.MISSING_VALUE
    )
    deaths = [str(epoch) for outcome in arm.outcomes for epoch in sorted(outcome.dead_since.values())]
    row["Units died in epoch"] = ", ".join(deaths) or shell.MISSING_VALUE
    return row


def _seed(arm: poster_experiment.ExperimentArm, outcome: poster_experiment.SeedOutcome) -> dict[str, object]:
    return {
        "Network": wording.format_arm(arm),
        "Seed": outcome.seed,
        "Precision": format_percent(outcome.precision or 0),
        "Recall": format_percent(outcome.recall or 0),
        "Classes lost": wording.format_lost_classes(outcome, FASHION_CLASSES) or "none",
    }
