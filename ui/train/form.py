"""The form: a model's settings from a preset or another run, on how many seeds, and what a sweep varies."""

import dataclasses
from dataclasses import dataclass
from typing import Any

import streamlit as st

from fashion_core.config import sweep
from fashion_core.config.train_config import CHOICES, HYPERPARAMETERS, TrainConfig
from fashion_core.data import Dataset
from fashion_core.errors import ConfigError
from fashion_core.models import registry
from fashion_core.models.registry import ModelSpec
from fashion_core.runs.store import RunEntry
from fashion_core.wording.text import escape_markdown
from ui import caches
from ui.train import duration, sweep_form

TEMPLATE_KEY = "train-template"  # session key: the run whose settings the form starts from
PRESETS = {
    "quick": "a first look in a few epochs",
    "poster": "as on the poster; MLP and CNN with a ReLU on the output units",
    "best": "as the shipped run",
    "robust": "from the shipped run towards photographs and drawings, and 60% of the way back",
    "wild": "from the shipped run to photographs and drawings",
}
LABELS = {
    "optimizer": "Optimizer",
    "one_cycle": "One-cycle schedule: rise over the first tenth, then fall to 0",
    "mirror": "Mirror half of the images, and look at the mirror image when unsure",
    "robust": "Bend, relight, tear and draw the images, as photographs and drawings do",
    "output_activation": "Output activation",
    "naming": "Clusters named by",
}
WORDS = {
    "none": "none (sound)",
    "relu": "ReLU (the poster's failure)",
    "majority": "majority class",
    "one-to-one": "one-to-one assignment",
}
ALWAYS_SHOWN = ("epochs", "seed", "output_activation", "clusters", "naming")


@dataclass(frozen=True)
class TrainingRequest:
    """What is to be started: a run of each of ``configs``, under ``title`` (may be empty). ``varied``: the settings
    that a sweep varies; without any, several configs are repeats on several seeds."""

    configs: tuple[TrainConfig, ...]
    title: str
    varied_fields: tuple[str, ...]


def show_training_form(dataset: Dataset, runs: list[RunEntry]) -> TrainingRequest | None:
    """The form; what it orders once Start is pressed, else None. ``runs``: the user's."""
    template = caches.find_run(st.session_state.get(TEMPLATE_KEY, ""))
    if template is not None and template.record is not None:
        spec, chosen, source = _template(template)
    else:
        spec, chosen, source = _preset()
    values = _settings(spec, chosen, source)
    with st.expander("Name and repeats", key="part-name"):  # with a key it stays open when the page changes
        title = st.text_input("Name", max_chars=80, placeholder="model and time", key=f"title-{source}")
        repeats = st.number_input(
            "Seeds", 1, 20, 1, key="repeats", help="The same settings on so many seeds in a row, as a run each."
        )
    with st.expander("Sweep", key="part-sweep"):
        wanted = sweep_form.show_sweep_form(spec, chosen)
    try:
        config = dataclasses.replace(chosen, **values)
        configs = sweep.repeat_on_seeds(wanted.make_configs(config) if wanted else [config], int(repeats))
        problem = ""
    except ConfigError as error:
        configs, problem = [], str(error)
    # the sentence stands under the button, which so stays where it is while a click on it ends an input
    label = "Start training" if len(configs) < 2 else f"Start {len(configs)} runs"
    pressed = st.button(label, key="start", type="primary", icon=":material/play_arrow:")
    if problem:
        st.error(escape_markdown(problem))
        return None
    if pressed:
        return TrainingRequest(tuple(configs), " ".join(title.split()), wanted.varied_fields if wanted else ())
    duration.show_estimated_duration(tuple(configs), dataset, runs)
    return None


def _preset() -> tuple[ModelSpec, TrainConfig, str]:
    models = {spec.title: spec for spec in registry.MODELS.values()}
    titles = list(models)
    spec = models[st.selectbox("Model", titles, index=titles.index("MLP"), key="model", bind="query-params")]
    st.caption(spec.summary)
    preset = st.segmented_control(
        "Preset", list(spec.presets), default="quick", required=True, wrap=True, key="preset", bind="query-params"
    )
    preset = preset if preset in spec.presets else "quick"  # an address may name another model's
    st.caption(f"{preset.capitalize()}: {PRESETS[preset]}.")
    return spec, spec.presets[preset], f"{spec.name}-{preset}"


def _template(entry: RunEntry) -> tuple[ModelSpec, TrainConfig, str]:
    record = entry.record
    assert record is not None
    spec = registry.get_model_spec(record.model)
    st.markdown(f"{spec.title} with the settings of **{escape_markdown(entry.title)}**; change what is to differ.")
    if st.button("Back to presets", icon=":material/arrow_back:"):
        del st.session_state[TEMPLATE_KEY]
        st.rerun()
    return spec, record.config, entry.id


def _settings(spec: ModelSpec, chosen: TrainConfig, source: str) -> dict[str, Any]:
    """The widgets of all settings; returns their values."""
    values: dict[str, Any] = {}
    for column, name in zip(st.columns(2), ("epochs", "seed"), strict=True):
        with column:
            values[name] = _setting(spec, name, chosen, source)
    often = [name for name in spec.hyperparameters if name in ALWAYS_SHOWN and name not in values]
    values |= {name: _setting(spec, name, chosen, source) for name in often}
    rare = [name for name in spec.hyperparameters if name not in ALWAYS_SHOWN]
    if rare:
        with st.expander("Hyperparameters", key="part-hyperparameters"):
            values |= {name: _setting(spec, name, chosen, source) for name in rare}
    return values


def _setting(spec: ModelSpec, name: str, chosen: TrainConfig, source: str) -> Any:
    """The widget of one setting; returns its value."""
    value, key = getattr(chosen, name), f"{name}-{source}"
    if name in CHOICES:
        options = list(CHOICES[name])
        return st.selectbox(LABELS[name], options, options.index(value), format_func=lambda o: WORDS.get(o, o), key=key)
    if isinstance(value, bool):
        return st.checkbox(LABELS[name], value, key=key)
    setting = HYPERPARAMETERS[name]
    label = spec.epoch_word.capitalize() if name == "epochs" else setting.label
    unit = f", {setting.unit}" if setting.unit and name != "epochs" else ""
    if isinstance(value, int):
        return int(st.number_input(f"{label}{unit}", int(setting.low), int(setting.high), value, key=key))
    # the range's open ends are checked where the settings are made, with a sentence
    return float(st.number_input(f"{label}{unit}", setting.low * 1.0, setting.high * 1.0, value, format="%g", key=key))
