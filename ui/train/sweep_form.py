"""What a sweep varies: settings of the model, with the values or range typed for each."""

from dataclasses import dataclass

import streamlit as st

from fashion_core.config import sweep
from fashion_core.config.train_config import HYPERPARAMETERS, TrainConfig
from fashion_core.models.registry import ModelSpec

GRID, RANDOM = "Grid", "Random"
SWEEP_EXPANDER_KEY = "part-sweep"  # session key: whether the sweep's inputs are open


@dataclass(frozen=True)
class SweepRequest:
    """The sweep as typed: the values of each setting, and the number of random runs, or None for a grid."""

    value_texts: dict[str, str]
    n_samples: int | None

    @property
    def varied_fields(self) -> tuple[str, ...]:
        """The settings that vary."""
        return tuple(self.value_texts)

    def make_configs(self, spec: ModelSpec, base: TrainConfig) -> list[TrainConfig]:
        """The settings of each run; raises ``ConfigError`` on values that are not valid."""
        return sweep.make_sweep_configs(base, self.value_texts.items(), spec.hyperparameters, self.n_samples)


def show_sweep_form(spec: ModelSpec, chosen: TrainConfig) -> SweepRequest | None:
    """The sweep's inputs; None while no setting is chosen."""
    unused = {"pooling"} if chosen.start_from else {"start_share"}  # the pooling is that of the run to start from
    names = [name for name in spec.hyperparameters if name not in unused]
    # not a multiselect: it shrinks when it loses the focus, and the button below would move away from the click
    fields = st.pills(
        "Settings to vary",
        names,
        selection_mode="multi",
        format_func=lambda name: HYPERPARAMETERS[name].label,
        key=f"sweep-{spec.name}",
    )
    if not fields:
        st.caption("Choose settings to train a run with each combination of their values.")
        return None
    method = st.segmented_control("Combinations", [GRID, RANDOM], default=GRID, required=True, key="sweep-how")
    texts = {field: _values_input(spec, field, method or GRID) for field in fields}
    if method == GRID:
        st.caption("Separate values with commas.")
        return SweepRequest(texts, None)
    n_samples = st.number_input("Runs", 2, sweep.MAX_SWEEP_RUNS, 8, key="sweep-draws")
    st.caption(
        "Separate values with commas, or give a range such as 0.0001 to 0.01. Rates and batch sizes are drawn on a "
        "logarithmic scale; the seed above determines the draw."
    )
    return SweepRequest(texts, int(n_samples))


def _values_input(spec: ModelSpec, field: str, method: str) -> str:
    declaration = HYPERPARAMETERS[field]
    example = declaration.example_range if method == RANDOM and declaration.is_number else declaration.examples
    return st.text_input(declaration.label, example, max_chars=500, key=f"sweep-{spec.name}-{method}-{field}")
