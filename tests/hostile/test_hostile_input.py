"""Whatever a stranger gives, the answer is a result or a sentence, in little time and memory."""

import re
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from fashion_core.errors import FashionError
from tests.hostile.attempts import ATTEMPTS

SEED = 0
MAX_SECONDS = 5.0  # of the processor, for one attempt
MAX_MEGABYTES = 400
MAX_SENTENCE = 1500  # characters
CLEAR_REFS, STATUS = Path("/proc/self/clear_refs"), Path("/proc/self/status")


def reset_peak_memory() -> int:
    """Memory in use, in MB; the peak is counted anew from here, where the system can do that."""
    with suppress(OSError):
        CLEAR_REFS.write_text("5")
    return peak_memory()


def peak_memory() -> int:
    """The peak of the memory in use, in MB; 0 where the system doesn't tell."""
    found = re.search(r"VmHWM:\s+(\d+) kB", STATUS.read_text()) if STATUS.exists() else None
    return int(found[1]) // 1024 if found else 0


def try_hostile_inputs(n: int, folder: Path) -> None:
    """Try ``n`` inputs, print what came of it, and fail for the first that broke something or took too much."""
    kinds = np.random.default_rng(SEED).choice(list(ATTEMPTS), n, p=[part for _, part in ATTEMPTS.values()])
    outcomes: Counter[str] = Counter()
    broken: list[str] = []
    most_seconds, most_megabytes = (0.0, ""), (0, "")
    for number, kind in enumerate(kinds):
        name = f"{kind} {number}"
        before, start = reset_peak_memory(), time.process_time()
        try:
            ATTEMPTS[kind][0](np.random.default_rng([SEED, number]), folder)
            outcomes[f"{kind} accepted"] += 1
        except FashionError as error:
            outcomes[f"{kind} refused"] += 1
            if len(str(error)) > MAX_SENTENCE:
                broken.append(f"{name}: a sentence of {len(str(error)):,} characters: {str(error)[:200]}")
        except Exception as error:  # noqa: BLE001 -- they are what is looked for
            broken.append(f"{name}: {type(error).__name__}: {str(error)[:200]}")
        most_seconds = max(most_seconds, (time.process_time() - start, name))
        most_megabytes = max(most_megabytes, (peak_memory() - before, name))
    print(f"tried {n:,} (seed {SEED}): {dict(sorted(outcomes.items()))}; tracebacks {len(broken)}")
    print(f"longest {most_seconds[0]:.2f} s ({most_seconds[1]}), peak {most_megabytes[0]} MB ({most_megabytes[1]})")
    assert broken == []
    assert most_seconds[0] < MAX_SECONDS, most_seconds
    assert most_megabytes[0] < MAX_MEGABYTES, most_megabytes


@pytest.mark.filterwarnings("default")  # of libraries, about damaged files
def test_three_hundred_hostile_inputs_give_results_or_sentences(tmp_path: Path) -> None:
    try_hostile_inputs(300, tmp_path)


@pytest.mark.exhaustive
@pytest.mark.filterwarnings("default")
def test_twenty_thousand_hostile_inputs_give_results_or_sentences(tmp_path: Path) -> None:
    try_hostile_inputs(20_000, tmp_path)
