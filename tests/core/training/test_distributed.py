"""Two processes of one training, really started by torchrun."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file

from fashion_core.models import registry
from fashion_core.runs.store import RunStore
from fashion_core.training.distributed import ProcessGroup, join_process_group
from tests.conftest import PROJECT
from tests.core.training.together import train

TORCHRUN = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]


def torchrun(*arguments: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"FASHION_MNIST_DIR": os.devnull, "PYTHONPATH": str(PROJECT), "OMP_NUM_THREADS": "1"}
    return subprocess.run(
        [*TORCHRUN, *arguments], cwd=PROJECT, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.exhaustive
@pytest.mark.parametrize("model", ["mlp", "improved_cnn"])
def test_two_processes_train_what_one_trains_up_to_rounding(
    model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "uses_bfloat16", registry.uses_bfloat16)  # put back afterwards
    out = tmp_path / "weights.safetensors"
    done = torchrun("tests/core/training/together.py", model, str(out))
    assert done.returncode == 0, done.stderr
    alone, together = train(model, ProcessGroup()).classifier.state_dict(), load_file(out)
    assert alone.keys() == together.keys()
    for name, array in alone.items():
        np.testing.assert_allclose(array, together[name], rtol=2e-2, atol=2e-3, err_msg=name)


@pytest.mark.exhaustive
def test_a_run_trained_by_two_processes_is_kept_once(tmp_path: Path) -> None:
    arguments = ["train", "mlp", "--preset", "quick", "--epochs", "1", "--name", "mine", "--runs", str(tmp_path)]
    done = torchrun("-m", "fashion_core", *arguments, "--json")
    assert done.returncode == 0, done.stderr
    told = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    assert {one.get("state") for one in told} == {"finished", None}
    store = RunStore(tmp_path)
    assert [entry.id for entry in store.entries() if entry.origin == "mine"] == ["mine"]
    assert list(store.load_history(store.get("mine"))["epoch"]) == [1]


@pytest.mark.parametrize(("local_rank", "gpu"), [("0", 0), ("1", 1), ("2", 0)])
def test_each_process_has_a_gpu_and_exchanges_what_is_on_the_cpu(
    local_rank: str, gpu: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[object] = []
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.cuda, "set_device", calls.append)
    monkeypatch.setattr(torch.distributed, "init_process_group", calls.append)
    monkeypatch.setattr(torch.distributed, "get_rank", lambda: 1)
    for name, value in {"WORLD_SIZE": "3", "LOCAL_RANK": local_rank}.items():
        monkeypatch.setenv(name, value)
    assert join_process_group() == ProcessGroup(1, 3)
    assert calls == [gpu, "gloo"]


def test_a_group_of_one_leaves_everything_as_it_is() -> None:
    group = ProcessGroup()
    assert group.sum_values(1.5, 2) == [1.5, 2]
    assert group.broadcast_bytes(b"x") == b"x"
