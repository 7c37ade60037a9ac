"""What a sweep varies: settings of the model, and the values or ranges typed for each."""

from dataclasses import dataclass

import streamlit as st

from fashion_core.config import sweep as search
from fashion_core.config.train_config import TrainConfig
from fashion_core.models import registry
from fashion_core.models.registry import ModelSpec

GRID, RANDOM = "Grid", "Random"


@dataclass(frozen=True)
class Wanted:
    """The sweep as typed: ``texts`` by setting, and how many runs to draw, or None for a grid."""

    texts: dict[str, str]
    draws: int | None

    @property
    def fields(self) -> tuple[str, ...]:
        """The settings that vary."""
        return tuple(self.texts)

    def configs(self, base: TrainConfig) -> list[TrainConfig]:
        """The settings of each run; raises ``ConfigError`` on what cannot be meant."""
        axes = [
            search.axis(base, field, text, registry.spec(base.model).settings) for field, text in self.texts.items()
        ]
        return search.grid(base, axes) if self.draws is None else search.drawn(base, axes, self.draws, seed=base.seed)


def ask(spec: ModelSpec, chosen: TrainConfig) -> Wanted | None:
    """The sweep's inputs; None while nothing is to vary."""
    able = [name for name in spec.settings if name != "start_share" or chosen.start_from]
    # not a multiselect: that shrinks when it loses the focus, and Start below it moves away under the click
    fields = st.pills(
        "Settings to vary", able, selection_mode="multi", format_func=search.label, key=f"sweep-{spec.name}"
    )
    if not fields:
        st.caption("Choose some, and a run is made with each combination of the values that you give.")
        return None
    how = st.segmented_control("Combinations", [GRID, RANDOM], default=GRID, required=True, key="sweep-how")
    texts = {field: _text(spec, field, how or GRID) for field in fields}
    if how == GRID:
        st.caption("Values with commas between them.")
        return Wanted(texts, None)
    draws = st.number_input("Runs", 2, search.LIMIT, 8, key="sweep-draws")
    st.caption(
        "Values with commas between them, or a range such as 0.0001 to 0.01. Rates and batch sizes are drawn on a "
        "logarithmic scale; the seed above decides the draw."
    )
    return Wanted(texts, int(draws))


def _text(spec: ModelSpec, field: str, how: str) -> str:
    example = search.example(field, of_range=how == RANDOM)
    return st.text_input(search.label(field), example, max_chars=500, key=f"sweep-{spec.name}-{how}-{field}")
