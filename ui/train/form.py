"""The training form: settings from a preset or another run, repeats on several seeds, and a sweep."""

import dataclasses
import time
from dataclasses import dataclass
from typing import Any

import streamlit as st

from fashion_core.config import sweep
from fashion_core.config.train_config import HYPERPARAMETERS, TrainConfig
from fashion_core.data import Dataset
from fashion_core.errors import ConfigError
from fashion_core.models import registry
from fashion_core.models.registry import ModelSpec
from fashion_core.runs.execute import match_start_architecture
from fashion_core.runs.store import RunEntry
from fashion_core.training.settings import training_config_for
from fashion_core.wording.text import escape_markdown
from ui import caches, pickers
from ui.train import duration, sweep_form
from ui.train.view import TRAIN_PAGE_STATE

START_TIME_KEY = "train-start"  # session key: when Start was pressed, until what it starts is known
MAX_START_DELAY_SECONDS = 30.0  # a page that was left before it answered does not start anything later
TEMPLATE_KEY = "train-template"  # session key: the run whose settings the form starts from
PRESETS = {
    "quick": "a first impression in a few epochs",
    "poster": "as on the poster; MLP and CNN with a ReLU on the output units",
    "best": "as the shipped run",
}
CATALOGUE_PRESETS = {"best": "trains until more steps gain little", "quick": "a rough first result"}
ALWAYS_SHOWN = ("epochs", "seed", "output_activation", "clusters", "naming")


@dataclass(frozen=True)
class TrainingRequest:
    """Runs to start: one for each of ``configs``, called ``title`` (may be empty).

    ``varied_fields`` are the settings that a sweep varies; without any, several configs are repeats on several seeds.
    """

    configs: tuple[TrainConfig, ...]
    title: str
    varied_fields: tuple[str, ...]


def show_training_form(dataset: Dataset, runs: list[RunEntry]) -> TrainingRequest | None:
    """The form; returns what to start when Start is pressed, else None. ``runs``: the user's."""
    template = caches.find_run(st.session_state.get(TEMPLATE_KEY, ""))
    if template is not None and template.record is not None and pickers.is_run_on(template, dataset):
        spec, chosen, source = _template(template)
    else:
        spec, chosen, source = _preset(dataset)
    if missing := spec.missing_requirement():
        st.info(escape_markdown(missing))
        return None
    start = st.container()  # above the settings, so that a laptop's screen shows it
    values = _settings(spec, chosen, source)
    with st.expander("Name and repeats", key="part-name"):  # with a key it stays open when the page changes
        title = st.text_input("Name", max_chars=80, placeholder="model and time", key=f"title-{source}")
        repeats = st.number_input(
            "Seeds", 1, 20, 1, key="repeats", help="Train a run with the same settings on each of this many seeds."
        )
    varied = None
    if spec.hyperparameters:
        with st.expander("Sweep", key=sweep_form.SWEEP_EXPANDER_KEY, on_change="rerun"):
            varied = sweep_form.show_sweep_form(spec, chosen)
    try:
        config = dataclasses.replace(chosen, **values)
        configs = sweep.repeat_on_seeds(varied.make_configs(spec, config) if varied else [config], int(repeats))
        problem = ""
    except ConfigError as error:
        configs, problem = [], str(error)
    with start:
        # the message is below the button, so that the button does not move when a click on it ends an input
        label = "Start training" if len(configs) < 2 else f"Start {len(configs)} runs"
        st.button(label, key="start", type="primary", icon=":material/play_arrow:", on_click=_request_start)
        if problem:
            st.session_state.pop(START_TIME_KEY, None)
            st.error(escape_markdown(problem))
            return None
        duration.show_estimated_duration(tuple(configs), dataset, runs)
    if not is_start_requested():
        return None
    del st.session_state[START_TIME_KEY]
    return TrainingRequest(tuple(configs), " ".join(title.split()), varied.varied_fields if varied else ())


def is_start_requested() -> bool:
    """Whether the button was pressed and nothing was started yet: another click, as on a tab, may have come before."""
    return time.time() - st.session_state.get(START_TIME_KEY, 0.0) < MAX_START_DELAY_SECONDS


def _request_start() -> None:
    st.session_state[START_TIME_KEY] = time.time()


def _preset(dataset: Dataset) -> tuple[ModelSpec, TrainConfig, str]:
    models = {spec.title: spec for spec in registry.MODELS.values()}
    left, right = st.columns([5, 6])
    with left:
        TRAIN_PAGE_STATE.bound_widget("model", "Model", st.selectbox, list(models))
    spec = models[TRAIN_PAGE_STATE.current_view().model]
    descriptions = PRESETS if dataset.has_shipped_runs else CATALOGUE_PRESETS
    names = [name for name in spec.presets if dataset.has_poster_figures or name != "poster"]
    if not dataset.has_shipped_runs:
        names.sort(key="best".__ne__)  # takes minutes, not an hour
    if TRAIN_PAGE_STATE.current_view().preset not in names:  # it may be another model's
        TRAIN_PAGE_STATE.correct_fields_while_drawing(preset=names[0])
    with right:
        TRAIN_PAGE_STATE.bound_widget(
            "preset", "Preset", st.segmented_control, names, required=True, wrap=True, format_func=str.capitalize
        )
    preset = TRAIN_PAGE_STATE.current_view().preset
    is_described = preset in descriptions and (dataset.has_shipped_runs or spec.trainer == "gradient")
    st.caption(f"{spec.summary} {preset.capitalize()}: {descriptions[preset]}." if is_described else spec.summary)
    config, source = training_config_for(spec, preset, dataset), f"{spec.name}-{preset}"
    if dataset.has_shipped_runs:
        return spec, config, source
    source = f"{source}-{dataset.name}"
    if spec.trainer == "gradient":
        start = _choose_start(spec, config.start_from, source)
        config = training_config_for(spec, preset, dataset, start_from=start)
        config = match_start_architecture(config, caches.run_store())
        source += "" if start else "-random"  # which needs other settings
    return spec, config, source


def _choose_start(spec: ModelSpec, default: str, source: str) -> str:
    """The run whose weights training starts from; empty for random ones."""
    runs = [run for run in caches.list_runs() if run.has_predictions and run.record and run.record.model == spec.name]
    titles = {"": "Random weights"} | {run.id: pickers.run_label(run) for run in runs}
    ids = list(titles)
    return st.selectbox(
        "Start from",
        ids,
        ids.index(default) if default in ids else 0,
        format_func=titles.__getitem__,
        help="The weights that training begins with. For other classes, only the last layer begins at random.",
        key=f"start-{source}",
    )


def _template(entry: RunEntry) -> tuple[ModelSpec, TrainConfig, str]:
    record = entry.record
    assert record is not None
    spec = registry.get_model_spec(record.model)
    st.markdown(f"{spec.title} with the settings of **{escape_markdown(entry.title)}**; change what you like.")
    if st.button("Back to presets", icon=":material/arrow_back:"):
        del st.session_state[TEMPLATE_KEY]
        st.rerun()
    return spec, record.config, entry.id


def _settings(spec: ModelSpec, chosen: TrainConfig, source: str) -> dict[str, Any]:
    """The widgets of all settings; returns their values."""
    values: dict[str, Any] = {}
    if not spec.hyperparameters:
        return values
    for column, name in zip(st.columns(2), ("epochs", "seed"), strict=True):
        with column:
            values[name] = _setting(spec, name, chosen, source)
    often = [name for name in spec.hyperparameters if name in ALWAYS_SHOWN and name not in values]
    values |= {name: _setting(spec, name, chosen, source) for name in often}
    # with weights to start from, the pooling is that of their run
    fixed = {*ALWAYS_SHOWN, "pooling"} if chosen.start_from else ALWAYS_SHOWN
    rare = [name for name in spec.hyperparameters if name not in fixed]
    if rare:
        with st.expander("Hyperparameters", key="part-hyperparameters"):
            values |= {name: _setting(spec, name, chosen, source) for name in rare}
    return values


def _setting(spec: ModelSpec, name: str, chosen: TrainConfig, source: str) -> Any:
    """The widget of one hyperparameter, as its declaration describes it; returns its value."""
    declaration = HYPERPARAMETERS[name]
    value, key, help = getattr(chosen, name), f"{name}-{source}", declaration.help
    if declaration.choices:
        options = declaration.choices
        labels = declaration.choice_labels
        return st.selectbox(
            declaration.label,
            options,
            options.index(value),
            format_func=lambda option: labels.get(option, option),
            help=help,
            key=key,
        )
    if declaration.type is bool:
        return st.checkbox(declaration.label, value, help=help, key=key)
    label = spec.epoch_word.capitalize() if name == "epochs" else declaration.label
    label = f"{label}, {declaration.unit}" if declaration.unit else label
    low, high = declaration.type(declaration.low), declaration.type(declaration.high)
    number_format = None if declaration.type is int else "%g"
    # an excluded end of the range is refused, with a sentence, where the config is made
    return declaration.type(st.number_input(label, low, high, value, format=number_format, help=help, key=key))
