"""Locks between processes: they exclude each other, end in time, and say what to do."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from fashion_core.errors import StorageError
from fashion_core.storage.locks import lock

HOLD = "import sys, time; from pathlib import Path; from fashion_core.storage.locks import lock\n"
HOLD += "with lock(Path(sys.argv[1])): print('locked', flush=True); time.sleep(600)"


def test_only_one_holds_a_lock_at_a_time(tmp_path: Path) -> None:
    counts = [0]

    def count() -> None:
        for _ in range(100):
            with lock(tmp_path / "lock"):
                before = counts[0]
                counts[0] = before + 1

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counts == [400]


def test_a_stuck_lock_is_an_error_in_one_sentence_and_ends_with_its_process(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with subprocess.Popen([sys.executable, "-c", HOLD, str(path)], stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        with pytest.raises(StorageError, match=r"locked by another process for 0.1 seconds"), lock(path, timeout=0.1):
            pass
        holder.kill()
        holder.wait()
        with lock(path, timeout=5):
            pass


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageError, match="Set FASHION_HOME"), lock(tmp_path / "file" / "lock"):
        pass
