"""What a run's epochs show: when output units died, and whether it was still improving."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

MIN_EPOCHS_FOR_SLOPE = 4
MAX_SLOPE_P_VALUE = 0.05


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
    n_last = max(len(epochs) // 4, MIN_EPOCHS_FOR_SLOPE)
    last, half = epochs.tail(n_last), epochs.tail(max(len(epochs) // 2, n_last))
    rate = half["learning_rate"].to_numpy()
    if len(epochs) < 2 * MIN_EPOCHS_FOR_SLOPE or rate.min() < rate.max() or not last["val_accuracy"].std() > 0:
        return None
    slope, p_value = fit_rising_line(*(last[name].to_numpy(np.float64) for name in ("epoch", "val_accuracy")))
    if not p_value < MAX_SLOPE_P_VALUE:
        return None
    return RisingAccuracy(slope, p_value, *(half[name].to_numpy(np.float64) for name in ("epoch", "val_accuracy")))


def fit_rising_line(x: np.ndarray, y: np.ndarray) -> tuple[float, float]:
    """Slope and one-sided p-value, that it is above 0, of a linear regression of ``y`` on ``x`` float64 [n], n above 2.

    The same as ``scipy.stats.linregress``, whose import takes longer than the rest of a report.
    """
    from scipy.special import stdtr

    x, y = x - x.mean(), y - y.mean()
    slope = float(x @ y / (x @ x))
    error = float(np.sqrt(((y - slope * x) ** 2).sum() / (len(x) - 2) / (x @ x)))
    if not error:
        return slope, 0.0 if slope > 0 else 1.0
    return slope, float(stdtr(len(x) - 2, -slope / error))
