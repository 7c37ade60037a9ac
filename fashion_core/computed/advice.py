"""What suggestions about a run are made from."""

from fashion_core.analysis.feasibility import split_for_threshold
from fashion_core.analysis.predictions import Predictions
from fashion_core.analysis.suggestions import AdviceInputs, LearningCurvePoints, ShiftEvidence
from fashion_core.computed.learning_curve import count_training_pictures
from fashion_core.data import Dataset
from fashion_core.models.registry import get_model_spec
from fashion_core.runs.store import RunEntry, RunStore
from fashion_core.training.settings import training_config_for


def load_advice_inputs(
    store: RunStore,
    run: RunEntry,
    dataset: Dataset | None,
    on_validation: Predictions | None,
    on_test: Predictions,
    *,
    points: LearningCurvePoints | None = None,
    shift: ShiftEvidence | None = None,
) -> AdviceInputs:
    """The inputs about a run that isn't damaged, with its predictions on validation (None with cross-validation) and
    test.

    ``dataset``: the one the run was trained on; None, or another, if that isn't there. Raises ``RunError`` for a
    history that can't be read.
    """
    record = run.record
    assert record is not None
    validation, test = split_for_threshold(on_validation, on_test)
    is_same = dataset is not None and dataset.fingerprint == record.data.fingerprint
    spec, history, n_passes, best_n_passes = get_model_spec(record.model), None, 0, 0
    if spec.trainer == "gradient" and not record.is_imported:
        history, n_passes = store.load_history(run), record.config.epochs * record.config.passes_per_epoch
        if dataset is not None and is_same and "best" in spec.presets:
            best = training_config_for(spec, "best", dataset)
            best_n_passes = best.epochs * best.passes_per_epoch
    counts = count_training_pictures(dataset) if dataset is not None and is_same else None
    return AdviceInputs(validation, test, counts, history, n_passes, best_n_passes, points, shift)
