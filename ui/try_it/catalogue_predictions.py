"""What a run on the user's catalogue predicts for one picture."""

from functools import partial

import streamlit as st

from fashion_core.models.registry import get_model_spec
from fashion_core.recognition.recognizer import Recognizer
from fashion_core.runs.store import RunEntry
from fashion_core.wording import recognition as wording
from fashion_core.wording.runs import describe_run_accuracy
from ui import caches, pickers, shell
from ui.try_it import inputs
from ui.try_it.explanations import predict_as_only_view, show_occlusion
from ui.try_it.inputs import InputPicture
from ui.try_it.verdict import show_verdict

RUN_KEY = "answering-run"


def show_catalogue_predictions(garment: InputPicture | None) -> None:
    """Choose a run, see its answer, and where the picture matters to it. Without a ``garment``: what to do."""
    run = choose_answering_run()
    if run is None:
        return
    if garment is None:
        st.markdown("Its prediction appears as soon as there is a picture.")
        return
    _show_prediction(run, garment)


def choose_answering_run() -> RunEntry | None:
    """The run on the user's catalogue that answers; None, and what to do, while there is none."""
    runs = {run.id: run for run in _list_answering_runs()}
    if not runs:
        st.info("No run on this data set has finished, so nothing can answer yet. Train a model first.")
        st.page_link(shell.find_page("train"), label="Train a model")
        return None
    if st.session_state.get(RUN_KEY) not in runs:
        st.session_state[RUN_KEY] = next(iter(runs))
    labels = {run_id: pickers.run_label(run) for run_id, run in runs.items()}
    return runs[st.selectbox("Run", list(runs), format_func=labels.__getitem__, key=RUN_KEY)]


def _list_answering_runs() -> list[RunEntry]:
    """Runs that know the classes of the data set, the most accurate first."""
    names = caches.current_dataset().classes.names
    runs = pickers.list_runs_with_test_predictions(
        lambda run: run.record is not None and run.record.data.classes == names
    )
    return sorted(runs, key=lambda run: -run.record.metrics["accuracy"] if run.record else 0.0)


def _show_prediction(run: RunEntry, garment: InputPicture) -> None:
    assert run.record is not None
    classes, recognizer = run.record.data.class_list, Recognizer([caches.cached_classifier(run)])
    prediction = recognizer.predict(garment.prepared)
    show_verdict(prediction, garment.prepared, run.title, classes)
    st.caption(wording.describe_verdict(prediction))
    inputs.show_preparation_steps(garment.prepared)
    shell.show_provenance(describe_run_accuracy(run.record))
    shown = {run.title: prediction.probabilities}
    takes_images = get_model_spec(run.record.model).inputs == "images"
    if takes_images and st.toggle("Important areas", key="catalogue-occlusion", persist_state="session"):
        show_occlusion(
            garment.prepared, {run.title: partial(predict_as_only_view, recognizer, garment.prepared)}, shown, classes
        )
