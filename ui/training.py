"""The parts of the Train page: the form, the run being watched, and the list of runs."""

import dataclasses

import pandas as pd
import streamlit as st

from fashion_core.analysis import summary
from fashion_core.labels import NAMES
from fashion_core.models import registry
from fashion_core.runs import archive, queue
from fashion_core.runs.store import RunEntry
from fashion_core.training.config import OutputActivation, TrainConfig
from ui import caches, pickers, shell

LIVE = ("queued", "running")
WATCHED = "watched-run"
NO_TOOLBAR = {"displayModeBar": False}
PRESETS = {
    "quick": "a first look in a few epochs",
    "poster": "as on the poster; MLP and CNN with a ReLU on the output units",
    "best": "as the shipped run",
    "robust": "from the shipped run, for photographs and drawings",
}


def config_form() -> TrainConfig | None:
    """Ask for model, preset, epochs and seed; the config once Start is pressed, else None."""
    models = {spec.title: spec for spec in registry.MODELS.values()}
    spec = models[
        st.selectbox("Model", list(models), index=list(models).index("MLP"), key="model", bind="query-params")
    ]
    st.caption(spec.summary)
    preset = st.segmented_control(
        "Preset", list(spec.presets), default="quick", required=True, key="preset", bind="query-params"
    )
    chosen = spec.presets[preset]
    st.caption(f"{preset.capitalize()}: {PRESETS[preset]}.")
    with st.form("train", border=False):
        epochs = st.number_input(
            spec.epoch_word.capitalize(), 1, 1000, chosen.epochs, key=f"epochs-{spec.name}-{preset}"
        )
        seed = st.number_input("Seed", 0, 2**31 - 1, chosen.seed, key="seed")
        activation = chosen.output_activation
        if spec.has_output_activation:
            options: dict[OutputActivation, str] = {"none": "none (sound)", "relu": "ReLU (the poster's failure)"}
            activation = st.selectbox(
                "Output activation",
                list(options),
                index=list(options).index(activation),
                format_func=options.__getitem__,
                key=f"activation-{spec.name}-{preset}",
            )
        if not st.form_submit_button("Start training", type="primary", icon=":material/play_arrow:"):
            return None
    return dataclasses.replace(chosen, epochs=int(epochs), seed=int(seed), output_activation=activation)


def own_runs() -> list[RunEntry]:
    """The user's runs, newest first, damaged ones included."""
    return [entry for entry in caches.entries() if entry.origin == "mine"]


def is_live(entry: RunEntry) -> bool:
    """Whether the run waits or trains."""
    return entry.record is not None and queue.phase(entry) in LIVE


def watch(entry: RunEntry) -> None:
    """Show a run as it trains, refreshed twice a second until it ends."""
    live = is_live(entry)
    st.fragment(_watch, run_every=0.5 if live else None)(entry.id, live)


def _watch(run_id: str, was_live: bool) -> None:
    with shell.errors_told():  # a fragment's own reruns do not pass through the page
        _progress(run_id, was_live)


def _progress(run_id: str, was_live: bool) -> None:
    from fashion_core.charts import curves

    entry = caches.store().get(run_id)
    record = entry.record
    if record is None:
        st.warning(shell.plain(f"The run {entry.id} is damaged. {entry.damage}"))
        return
    progress = queue.progress(entry)
    if was_live and progress.phase not in LIVE:
        st.toast(shell.plain(f"{record.title}: {progress.phase}"))
        st.rerun()  # the list below and the other pages know it now
    word = registry.spec(record.model).epoch_word
    st.markdown(f"**{shell.plain(record.title)}**: {_state_sentence(entry, progress)}")
    if progress.phase in LIVE:
        left = f", about {summary.duration(progress.seconds_left)} left" if progress.seconds_left is not None else ""
        done = len(progress.epochs)
        st.progress(min(progress.share, 1.0), text=f"{done} of {record.config.epochs} {word} done{left}")
        if st.button("Cancel", key=f"cancel-{run_id}", icon=":material/stop:"):
            queue.cancel(caches.store(), entry)
    if progress.epochs.empty:
        if progress.phase in LIVE:
            st.caption("The first figures appear after the first pass over the images.")
        return
    kept = record.best_epoch if progress.phase == "finished" else 0
    one, two = st.columns(2)
    one.plotly_chart(
        curves.accuracy(progress.epochs, best_epoch=kept, epoch_word=word), key=f"a-{run_id}", config=NO_TOOLBAR
    )
    two.plotly_chart(
        curves.loss(progress.epochs, epoch_word=word),
        key=f"l-{run_id}",
        config=NO_TOOLBAR,
        alt="Training and validation: loss over epochs",
    )
    st.plotly_chart(
        curves.recalls(progress.epochs, epoch_word=word),
        key=f"r-{run_id}",
        config=NO_TOOLBAR,
        alt="Training and validation: recall of each class over epochs",
    )
    lost = [name for name, recall in zip(NAMES, progress.epochs["recall"].iloc[-1], strict=True) if recall == 0]
    if lost:
        shell.finding(f"Not found in validation at the last look: {', '.join(lost)}.")
    data = "Fashion-MNIST" if record.data.source == "fashion-mnist" else "stand-in data"
    shell.provenance(
        f"run {entry.id}, seed {record.config.seed}",
        f"{data}: train n = {record.data.n_train:,}, validation n = {record.data.n_validation:,}",
    )


def _state_sentence(entry: RunEntry, progress: queue.Progress) -> str:
    record = entry.record
    assert record is not None
    if progress.phase == "finished":
        return (
            f"finished in {summary.duration(record.seconds)}; test accuracy {record.metrics['accuracy']:.1%} "
            f"of {record.data.n_test:,} images."
        )
    return {
        "queued": "waiting for its turn.",
        "running": "training. This page may be left; the run goes on.",
        "interrupted": "its process has ended before it finished. Resume it.",
        "cancelled": "cancelled.",
        "failed": shell.plain(f"failed. {record.reason}"),
        "diverged": shell.plain(f"stopped. {record.reason} The best weights until then are kept."),
    }[progress.phase]


def runs_table(runs: list[RunEntry]) -> RunEntry | None:
    """The user's runs as a table; returns the one chosen."""
    frame = pd.DataFrame([_row(entry) for entry in runs])
    event = st.dataframe(
        frame,
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        key=f"runs-{len(runs)}",
        column_config={
            "Validation": st.column_config.NumberColumn(format="%.1f%%"),
            "Test": st.column_config.NumberColumn(format="%.1f%%"),
            "Parameters": st.column_config.NumberColumn(format="localized"),
        },
    )
    chosen = event.selection.rows
    return runs[chosen[0]] if chosen and chosen[0] < len(runs) else None


def _row(entry: RunEntry) -> dict[str, object]:
    record = entry.record
    if record is None:
        return {"Run": entry.id, "State": f"damaged: {entry.damage}"}
    progress = queue.progress(entry)
    return {
        "Run": pickers.run_label(entry),
        "State": progress.phase,
        "Epochs": record.config.epochs,
        "Seed": record.config.seed,
        "Validation": 100 * progress.epochs["val_accuracy"].max() if not progress.epochs.empty else None,
        "Test": 100 * record.metrics["accuracy"] if record.metrics else None,
        "Parameters": record.n_parameters or None,
        "Trained in": summary.duration(record.seconds) if record.seconds else "",
    }


def actions(entry: RunEntry) -> None:
    """Watch, download or delete the chosen run."""
    with st.container(horizontal=True):
        if st.button("Show its curves", icon=":material/monitoring:"):
            st.session_state[WATCHED] = entry.id
            st.rerun()
        if entry.has_predictions:
            st.download_button(
                "Export as zip",
                lambda: archive.export_zip(entry),
                f"{entry.id}.zip",
                "application/zip",
                on_click="ignore",
                icon=":material/download:",
            )
        if st.button("Delete", icon=":material/delete:", disabled=is_live(entry)):
            _confirm_delete(entry)


@st.dialog("Delete this run?")
def _confirm_delete(entry: RunEntry) -> None:
    st.markdown(f"{shell.plain(entry.title)} and its weights will be gone for good.")
    if st.button("Delete it", type="primary"):
        with shell.errors_told():
            queue.delete(caches.store(), entry)
            st.session_state.pop(WATCHED, None)
            st.rerun()


def import_box() -> None:
    """Take in a run exported here or elsewhere."""
    with st.expander("Import a run"):
        file = st.file_uploader("A zip that was exported on this page", type="zip", key="import")
        if file is None:
            return
        if st.session_state.get("imported") == file.file_id:
            st.success("The run is in the list above.")
            return
        archive.import_zip(caches.store(), file.getvalue())
        st.session_state["imported"] = file.file_id
        st.rerun()
