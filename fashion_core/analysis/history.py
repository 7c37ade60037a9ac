"""What a run's epochs show: the best one, and when output units died."""

import numpy as np
import pandas as pd

from fashion_core.models.registry import get_model_spec


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
