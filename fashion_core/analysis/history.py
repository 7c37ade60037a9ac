"""What a run's epochs show: the best one, and when output units died."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from fashion_core.models.registry import get_model_spec

MIN_EPOCHS_FOR_SLOPE = 4
MAX_SLOPE_P_VALUE = 0.05


def find_best_epoch(model: str, epochs: pd.DataFrame) -> int:
    """The epoch whose weights are kept: the last of the best on validation, or of restarts that with the lowest
    training loss.

    ``epochs``: one row per epoch with the columns of ``history.csv``; 0 when it has none.
    """
    if epochs.empty:
        return 0
    if get_model_spec(model).trainer == "restarts":
        return int(epochs["epoch"].iloc[int(np.argmin(epochs["train_loss"]))])
    accuracy = epochs["val_accuracy"].to_numpy()
    return int(epochs["epoch"].iloc[int(np.flatnonzero(accuracy == accuracy.max())[-1])])


def find_death_epoch_by_unit(epochs: pd.DataFrame) -> dict[int, int]:
    """The epoch from which on each dead output unit was 0 for every validation image, by class.

    A unit that recovered in between died when it last became 0. ``epochs`` has the column ``dead``.
    """
    if epochs.empty or "dead" not in epochs:
        return {}
    rows = list(zip(epochs["epoch"], epochs["dead"], strict=True))
    died: dict[int, int] = {}
    for epoch, dead in rows:
        died = {unit: died.get(unit, int(epoch)) for unit in dead}
    return died


@dataclass(frozen=True)
class RisingAccuracy:
    """That the validation accuracy was still rising.

    By ``slope`` an epoch over the last quarter of the run, with the one-sided ``p_value`` of a linear regression.
    ``epochs`` and ``accuracy`` float64 [n] are its last half.
    """

    slope: float
    p_value: float
    epochs: np.ndarray
    accuracy: np.ndarray


def find_rising_accuracy(epochs: pd.DataFrame) -> RisingAccuracy | None:
    """Whether the accuracy on validation was still rising at the end; None if not, or if that can't be told.

    ``epochs``: one row per epoch with the columns of ``history.csv``. It can't be told from fewer than four epochs in
    the last quarter, nor when the learning rate was falling towards 0: then the accuracy rises at the end of any run.
    """
    from scipy.stats import linregress

    n_last = max(len(epochs) // 4, MIN_EPOCHS_FOR_SLOPE)
    last, half = epochs.tail(n_last), epochs.tail(max(len(epochs) // 2, n_last))
    rate = half["learning_rate"].to_numpy()
    if len(epochs) < 2 * MIN_EPOCHS_FOR_SLOPE or rate.min() < rate.max() or not last["val_accuracy"].std() > 0:
        return None
    fit = linregress(last["epoch"], last["val_accuracy"], alternative="greater")
    if not fit.pvalue < MAX_SLOPE_P_VALUE:
        return None
    columns = (half[name].to_numpy(np.float64) for name in ("epoch", "val_accuracy"))
    return RisingAccuracy(float(fit.slope), float(fit.pvalue), *columns)
