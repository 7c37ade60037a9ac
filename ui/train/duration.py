"""About how long what the form says will take, before it is started."""

import streamlit as st

from fashion_core.config.train_config import TrainConfig
from fashion_core.data import Dataset
from fashion_core.models import registry
from fashion_core.runs import estimate, job, queue, standby
from fashion_core.runs.estimate import EpochEstimate
from fashion_core.runs.store import RunEntry
from fashion_core.training.probe import relevant
from fashion_core.wording.numbers import format_duration
from ui import shell

INTERVAL = 0.5  # seconds between two looks while a probe is under way
PROBES = 8  # of a sweep's kinds of run, those that are measured; the others are taken to be as fast


def show_estimated_duration(configs: tuple[TrainConfig, ...], dataset: Dataset, runs: list[RunEntry]) -> None:
    """The time that runs of ``configs`` take one after another, as the latest run alike or a probe of a few steps says.

    Nothing is measured while a run waits or trains, or where a cluster trains them. ``runs``: the user's.
    """
    busy = any(entry.record is not None and queue.run_phase(entry) in queue.LIVE_PHASES for entry in runs)
    here = not job.cluster_address()
    if here and not busy:
        standby.prepare(dataset)  # the next run starts from it
    speeds = _speeds(configs, dataset, runs)
    if here and not busy and any(speed is None and standby.ask(kind, dataset) for kind, speed in speeds.items()):
        st.fragment(_waiting, run_every=INTERVAL)(configs, dataset, runs)
        return
    why = "a run trains, and measuring would disturb it" if busy else "it could not be measured here"
    st.caption(_told(configs, speeds, why if here else "the cluster has not trained such a run yet"))


def _waiting(configs: tuple[TrainConfig, ...], dataset: Dataset, runs: list[RunEntry]) -> None:
    with shell.show_errors():
        st.caption("Measuring how fast this machine trains it.")
        if not any(
            speed is None and standby.ask(kind, dataset) for kind, speed in _speeds(configs, dataset, runs).items()
        ):
            st.rerun()


def _speeds(
    configs: tuple[TrainConfig, ...], dataset: Dataset, runs: list[RunEntry]
) -> dict[TrainConfig, EpochEstimate | None]:
    """What is known of each kind of run among the first ``PROBES``."""
    records = [entry.record for entry in runs if entry.record is not None]
    kinds = list(dict.fromkeys(map(relevant, configs)))[:PROBES]
    if job.cluster_address():
        return {kind: estimate.estimate_epoch(kind, dataset, records, anywhere=True) for kind in kinds}
    return {kind: estimate.estimate_epoch(kind, dataset, records) or estimate.of_probe(kind, dataset) for kind in kinds}


def _told(configs: tuple[TrainConfig, ...], speeds: dict[TrainConfig, EpochEstimate | None], why_not: str) -> str:
    known = {kind: speed for kind, speed in speeds.items() if speed is not None}
    what = _what(configs)
    if not known:
        return f"{what}. How long it takes is not known: {why_not}."
    mean = sum(speed.seconds_per_epoch for speed in known.values()) / len(known)
    seconds = sum(
        config.epochs * (known[kind].seconds_per_epoch if (kind := relevant(config)) in known else mean)
        for config in configs
    )
    together = ", one after another" if len(configs) > 1 else ""
    return f"{what}: about {format_duration(seconds)}{together}, as {_why(list(known.values()), configs[0])}."


def _what(configs: tuple[TrainConfig, ...]) -> str:
    word = registry.get_model_spec(configs[0].model).epoch_word
    epochs = {config.epochs for config in configs}
    each = f"{min(epochs)} {word}" if len(epochs) == 1 else f"{min(epochs)} to {max(epochs)} {word}"
    if epochs == {1}:
        each = f"1 {word.removesuffix('s')}"
    return each if len(configs) == 1 else f"{len(configs)} runs of {each}"


def _why(speeds: list[EpochEstimate], config: TrainConfig) -> str:
    if len(speeds) > 1:
        return (
            "runs alike took" if all(speed.run_id for speed in speeds) else "runs alike or probes of a few steps took"
        )
    (speed,) = speeds
    if speed.run_id:
        return f"the run {shell.escape_markdown(speed.run_id)} took {speed.seconds_per_epoch:.1f} s for each"
    counted = "start on {:,} images" if config.model == "kmeans" else "probe of {:,} steps"
    return f"a {counted.format(speed.count)} took {speed.seconds:.1f} s on this machine"
