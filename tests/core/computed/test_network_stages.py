import subprocess
import sys

import pytest

from fashion_core.analysis.network_summary import summarise_stages
from fashion_core.computed.network_stages import load_network_stages
from fashion_core.models.registry import build_classifier
from fashion_core.models.torch_classifier import TorchClassifier
from fashion_core.runs.store import RunStore

STORE = RunStore()


@pytest.mark.parametrize("run_id", ["mlp", "mlp-poster", "cnn", "cnn-poster", "improved_cnn"])
def test_the_shipped_stages_are_those_of_the_network(run_id: str) -> None:
    run = STORE.get(run_id)
    assert run.record is not None
    classifier = build_classifier(run.record.config, 10)
    assert isinstance(classifier, TorchClassifier)
    assert load_network_stages(run.record) == summarise_stages(classifier.network)


def test_a_run_without_a_network_has_no_stages() -> None:
    record = STORE.get("kmeans").record
    assert record is not None
    assert load_network_stages(record) == []


@pytest.mark.slow
def test_a_report_on_included_runs_imports_neither_torch_nor_scikit_learn() -> None:
    script = (
        "import sys\n"
        "from fashion_core.data import load_dataset\n"
        "from fashion_core.report.build import build_report\n"
        "from fashion_core.report.settings import default_report_settings\n"
        "from fashion_core.runs.store import RunStore\n"
        "store, data = RunStore(), load_dataset(None)\n"
        "build_report(default_report_settings(store, data), store, data)\n"
        "print([name for name in ('torch', 'sklearn', 'scipy.stats') if name in sys.modules])\n"
    )
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"
