"""What a sweep varies: settings of the model, and the values or ranges typed for each."""

from dataclasses import dataclass

import streamlit as st

from fashion_core.config import sweep
from fashion_core.config.train_config import TrainConfig
from fashion_core.models import registry
from fashion_core.models.registry import ModelSpec

GRID, RANDOM = "Grid", "Random"


@dataclass(frozen=True)
class SweepRequest:
    """The sweep as typed: ``texts`` by setting, and how many runs to draw, or None for a grid."""

    value_texts: dict[str, str]
    n_samples: int | None

    @property
    def varied_fields(self) -> tuple[str, ...]:
        """The settings that vary."""
        return tuple(self.value_texts)

    def make_configs(self, base: TrainConfig) -> list[TrainConfig]:
        """The settings of each run; raises ``ConfigError`` on what cannot be meant."""
        axes = [
            sweep.parse_sweep_axis(base, field, text, registry.get_model_spec(base.model).hyperparameters)
            for field, text in self.value_texts.items()
        ]
        return (
            sweep.make_grid(base, axes)
            if self.n_samples is None
            else sweep.sample_configs(base, axes, self.n_samples, seed=base.seed)
        )


def show_sweep_form(spec: ModelSpec, chosen: TrainConfig) -> SweepRequest | None:
    """The sweep's inputs; None while nothing is to vary."""
    able = [name for name in spec.hyperparameters if name != "start_share" or chosen.start_from]
    # not a multiselect: that shrinks when it loses the focus, and Start below it moves away under the click
    fields = st.pills(
        "Settings to vary",
        able,
        selection_mode="multi",
        format_func=sweep.hyperparameter_label,
        key=f"sweep-{spec.name}",
    )
    if not fields:
        st.caption("Choose some, and a run is made with each combination of the values that you give.")
        return None
    how = st.segmented_control("Combinations", [GRID, RANDOM], default=GRID, required=True, key="sweep-how")
    texts = {field: _text(spec, field, how or GRID) for field in fields}
    if how == GRID:
        st.caption("Values with commas between them.")
        return SweepRequest(texts, None)
    draws = st.number_input("Runs", 2, sweep.MAX_SWEEP_RUNS, 8, key="sweep-draws")
    st.caption(
        "Values with commas between them, or a range such as 0.0001 to 0.01. Rates and batch sizes are drawn on a "
        "logarithmic scale; the seed above decides the draw."
    )
    return SweepRequest(texts, int(draws))


def _text(spec: ModelSpec, field: str, how: str) -> str:
    example = sweep.example_values(field, of_range=how == RANDOM)
    return st.text_input(
        sweep.hyperparameter_label(field), example, max_chars=500, key=f"sweep-{spec.name}-{how}-{field}"
    )
