from pathlib import Path

import pandas as pd
import pytest

from fashion_core.errors import RunError
from fashion_core.runs.history_file import HISTORY_COLUMNS, HISTORY_FILE, read_history

HEADER = ",".join(HISTORY_COLUMNS)
EPOCH = "1,0.5,0.5,0.5,0.5,0.1,1"


def write(folder: Path, *lines: str) -> Path:
    (folder / HISTORY_FILE).write_text("\n".join(lines))
    return folder


@pytest.mark.parametrize("header", ["a", HEADER + ",x" * 1000, HEADER + "  " + ",x" * 1000, HEADER + "\t,x"])
def test_other_columns_are_refused_before_pandas_reads_them(
    header: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(pd, "read_csv")
    with pytest.raises(RunError, match="columns"):
        read_history(write(tmp_path, header, EPOCH))


def test_cells_beyond_the_columns_are_left_aside(tmp_path: Path) -> None:
    history = read_history(write(tmp_path, HEADER, EPOCH + ",9" * 1000))
    assert (history.index.nlevels, history["epoch"].tolist()) == (1, [1])


@pytest.mark.parametrize("epoch", ["2,0.5,0.5,0.5,0.5,0.1,1", "1,0.5,1.5,0.5,0.5,0.1,1", "1,inf,0.5,0.5,0.5,0.1,1"])
def test_values_that_no_training_gives_are_refused(epoch: str, tmp_path: Path) -> None:
    with pytest.raises(RunError, match="no training gives"):
        read_history(write(tmp_path, HEADER, epoch))
