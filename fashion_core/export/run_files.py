"""An exported run: the files of its folder."""

from fashion_core.analysis.feasibility import (
    DEFAULT_TARGET_SELECTIVE_ACCURACY,
    assess_automation_from_calibrated,
    calibrate_predictions_on_validation,
)
from fashion_core.computed.validation import find_validation_predictions
from fashion_core.export import card as cards
from fashion_core.export import folder as folders
from fashion_core.runs.run_data import read_run_options
from fashion_core.runs.store import RunEntry, RunStore
from fashion_core.wording.model_card import describe_preparation_cost, format_model_card


def export_files(
    store: RunStore, entry: RunEntry, target: float = DEFAULT_TARGET_SELECTIVE_ACCURACY, data: str = ""
) -> dict[str, bytes]:
    """The files of the folder by name. ``target``: 0 to 1; ``data``: the data set, as for ``find_run_dataset``.

    Raises ``RunError`` for a run that can't be exported, ``DataError`` when its data set is needed and gone.
    """
    network = cards.load_network(store, entry)
    predictions = store.load_predictions(entry)
    stored = find_validation_predictions(store, entry, predictions, data)
    calibrated = calibrate_predictions_on_validation(stored, predictions)
    assessment = assess_automation_from_calibrated(*calibrated, target, title=entry.title)
    _, options = read_run_options(entry, "auto")
    card = cards.build_card(entry, network, options.kind, calibrated, assessment)
    cost = describe_preparation_cost(*cards.load_preparation_costs())
    return folders.make_files(network, card, model_card=format_model_card(card, cost), preparation_cost=cost)
