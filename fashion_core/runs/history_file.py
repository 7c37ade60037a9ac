"""``history.csv`` of a run folder: one row an epoch."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from fashion_core.errors import RunError

if TYPE_CHECKING:
    import pandas as pd

HISTORY_FILE = "history.csv"
HISTORY_COLUMNS = ["epoch", "train_loss", "train_accuracy", "val_loss", "val_accuracy", "learning_rate", "seconds"]


def read_history(folder: Path) -> "pd.DataFrame":
    """The epochs in a run folder, with ``HISTORY_COLUMNS``; raises ``RunError`` when they cannot be read."""
    import pandas as pd

    run, header = folder.name, ",".join(HISTORY_COLUMNS)
    try:
        with (folder / HISTORY_FILE).open(encoding="utf-8") as file:
            if file.readline(len(header) + 1).removesuffix("\n") != header:  # text mode makes each end of a line \n
                raise RunError(f"The {HISTORY_FILE} of run {run} has other columns than {header}. Import it again.")
            file.seek(0)
            # of a longer row, pandas would make the first cells an index, which takes it quadratic time
            frame = pd.read_csv(file, usecols=range(len(HISTORY_COLUMNS)))
    except (OSError, ValueError) as error:
        raise RunError(f"The run {run} has no readable {HISTORY_FILE}. Import it again.") from error
    if not _is_history(frame):
        raise RunError(f"The {HISTORY_FILE} of run {run} has values that no training gives. Import it again.")
    return frame


def _is_history(frame: "pd.DataFrame") -> bool:
    """Whether the epochs are numbered from 1, accuracies are fractions, and everything is a finite number."""
    if frame.empty:
        return True
    if any(dtype.kind not in "iuf" for dtype in frame.dtypes) or not np.isfinite(frame.to_numpy(float)).all():
        return False
    accuracies = frame[["train_accuracy", "val_accuracy"]].to_numpy(float)
    is_fraction = ((accuracies >= 0) & (accuracies <= 1)).all()
    return bool(is_fraction and (frame["epoch"] == np.arange(1, len(frame) + 1)).all())
