"""What the page Train shows: its tab, and the model and preset of the form. Back undoes each choice."""

import dataclasses
from dataclasses import dataclass

from fashion_core.models import registry
from ui import caches
from ui.page_state import PageState, check_choices

NEW_RUN, RUNS, SWEEPS, POSTER_EXPERIMENT = "New run", "Runs", "Sweeps", "Poster experiment"
CATALOGUE_MODEL = "improved_cnn"  # preselected for a catalogue


@dataclass(frozen=True)
class TrainView:
    """Every field is a parameter of the address, left out when it has its default. ``model``: a title."""

    tab: str = NEW_RUN
    model: str = registry.get_model_spec(registry.DEFAULT_MODEL).title
    preset: str = "quick"

    def __post_init__(self) -> None:
        models = [spec.title for spec in registry.MODELS.values()]
        check_choices(self, {"tab": (NEW_RUN, RUNS, SWEEPS, POSTER_EXPERIMENT), "model": models})


def adapt_to_dataset(default: TrainView) -> TrainView:
    """For a catalogue the model and preset that suit few pictures."""
    if caches.current_dataset().has_shipped_runs:
        return default
    title = registry.get_model_spec(CATALOGUE_MODEL).title
    return dataclasses.replace(default, model=title, preset="best")  # takes minutes there, not an hour


TRAIN_PAGE_STATE = PageState("train", TrainView(), adapt_default=adapt_to_dataset)
