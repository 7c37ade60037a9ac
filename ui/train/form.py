"""The form: a model's settings from a preset or another run, with their units and ranges."""

import dataclasses
from dataclasses import dataclass
from typing import Any

import streamlit as st

from fashion_core.analysis import summary
from fashion_core.models import registry
from fashion_core.models.registry import ModelSpec
from fashion_core.runs.store import RunEntry
from fashion_core.training.config import CHOICES, SETTINGS, TrainConfig
from ui import caches
from ui.text import plain

TEMPLATE = "train-template"  # session key: the run whose settings the form starts from
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
    "mirror": "Mirror half of the images, and average answers over both",
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
class Order:
    """What is to be started: ``config`` on ``repeats`` seeds from its own on, under ``title`` (may be empty)."""

    config: TrainConfig
    title: str
    repeats: int


def ask() -> Order | None:
    """The form; what it orders once Start is pressed, else None."""
    template = caches.entry(st.session_state.get(TEMPLATE, ""))
    if template is not None and template.record is not None:
        spec, chosen, source = _template(template)
    else:
        spec, chosen, source = _preset()
    with st.form("train", border=False):
        values: dict[str, Any] = {}
        for column, name in zip(st.columns(2), ("epochs", "seed"), strict=True):
            with column:
                values[name] = _setting(spec, name, chosen, source)
        often = [name for name in spec.settings if name in ALWAYS_SHOWN and name not in values]
        values |= {name: _setting(spec, name, chosen, source) for name in often}
        rare = [name for name in spec.settings if name not in ALWAYS_SHOWN]
        if rare:
            with st.expander("Hyperparameters"):
                values |= {name: _setting(spec, name, chosen, source) for name in rare}
        with st.expander("Name and repeats"):
            title = st.text_input("Name", max_chars=80, placeholder="model and time", key=f"title-{source}")
            repeats = st.number_input(
                "Seeds", 1, 20, 1, key="repeats", help="The same settings on so many seeds in a row, as a run each."
            )
        _estimate(chosen)
        if not st.form_submit_button("Start training", type="primary", icon=":material/play_arrow:"):
            return None
    return Order(dataclasses.replace(chosen, **values), " ".join(title.split()), int(repeats))


def _preset() -> tuple[ModelSpec, TrainConfig, str]:
    models = {spec.title: spec for spec in registry.MODELS.values()}
    titles = list(models)
    spec = models[st.selectbox("Model", titles, index=titles.index("MLP"), key="model", bind="query-params")]
    st.caption(spec.summary)
    preset = st.segmented_control(
        "Preset", list(spec.presets), default="quick", required=True, key="preset", bind="query-params"
    )
    preset = preset if preset in spec.presets else "quick"  # an address may name another model's
    st.caption(f"{preset.capitalize()}: {PRESETS[preset]}.")
    return spec, spec.presets[preset], f"{spec.name}-{preset}"


def _template(entry: RunEntry) -> tuple[ModelSpec, TrainConfig, str]:
    record = entry.record
    assert record is not None
    spec = registry.spec(record.model)
    st.markdown(f"{spec.title} with the settings of **{plain(entry.title)}**; change what is to differ.")
    if st.button("Back to presets", icon=":material/arrow_back:"):
        del st.session_state[TEMPLATE]
        st.rerun()
    return spec, record.config, entry.id


def _setting(spec: ModelSpec, name: str, chosen: TrainConfig, source: str) -> Any:
    """The widget of one setting; returns its value."""
    value, key = getattr(chosen, name), f"{name}-{source}"
    if name in CHOICES:
        options = list(CHOICES[name])
        return st.selectbox(LABELS[name], options, options.index(value), format_func=lambda o: WORDS.get(o, o), key=key)
    if isinstance(value, bool):
        return st.checkbox(LABELS[name], value, key=key)
    setting = SETTINGS[name]
    label = spec.epoch_word.capitalize() if name == "epochs" else setting.label
    unit = f", {setting.unit}" if setting.unit and name != "epochs" else ""
    if isinstance(value, int):
        return int(st.number_input(f"{label}{unit}", int(setting.low), int(setting.high), value, key=key))
    # the range's open ends are checked where the settings are made, with a sentence
    return float(st.number_input(f"{label}{unit}", setting.low * 1.0, setting.high * 1.0, value, format="%g", key=key))


def _estimate(config: TrainConfig) -> None:
    """How long an epoch took in the latest finished run of this model, and so about how long these would."""
    alike = [e.record for e in caches.entries() if e.has_predictions and e.record and e.record.model == config.model]
    timed = [record for record in alike if record.seconds > 0]
    if timed:
        latest = max(timed, key=lambda record: record.created)
        each = latest.seconds / latest.config.epochs
        st.caption(
            f"About {summary.duration(each * config.epochs)} for the preset's {config.epochs}, as the run "
            f"{plain(latest.id)} took {each:.1f} s each ({plain(latest.hardware)})."
        )
