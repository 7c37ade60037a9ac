"""Files that version 1 wrote still open: a run, a zip, an interrupted run, a cached result, settings, garments.

``tests/fixtures/v1/README.md`` says how they were made. They are never changed; a test copies what it needs.
"""

import json
import shlex
import shutil
from pathlib import Path
from urllib.parse import parse_qsl

import numpy as np
import pytest

from fashion_core import data
from fashion_core.__main__ import build_parser
from fashion_core.computed import registry, store
from fashion_core.data.sample_data import SampleDataset
from fashion_core.jobs.job import Job
from fashion_core.recognition.garment_store import GarmentStore
from fashion_core.report.settings import ReportSettings
from fashion_core.runs import archive, queue
from fashion_core.runs.store import RunStore
from fashion_core.runs.worker import train_in_foreground
from tests.conftest import PROJECT
from ui.clusters.view import ClustersView
from ui.compare.view import CompareView
from ui.feasibility.view import FeasibilityView
from ui.garments_view import GarmentsView
from ui.page_state import view_from_parameters, view_to_parameters
from ui.train.view import TrainView
from ui.try_it.view import TryItView

V1 = PROJECT / "tests" / "fixtures" / "v1"
VIEWS = {
    "clusters": ClustersView(),
    "compare": CompareView(),
    "feasibility": FeasibilityView(),
    "garments": GarmentsView(),
    "train": TrainView(),
    "try_it": TryItView(),
}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A per-user folder as version 1 left it."""
    home = tmp_path / "old-home"
    shutil.copytree(V1 / "home", home)
    monkeypatch.setenv("FASHION_HOME", str(home))
    return home


def test_a_run_folder_opens_with_its_record_history_predictions_and_weights(home: Path) -> None:
    runs = RunStore()
    run = runs.get("old-kmeans")
    assert run.damage is None
    assert run.record is not None
    assert (run.record.model, run.record.config.epochs, run.record.data.n_test) == ("kmeans", 1, 2000)
    assert run.record.metrics["accuracy"] == pytest.approx(0.6175)
    assert list(runs.load_history(run)["epoch"]) == [1]
    kept, test = runs.load_predictions(run), SampleDataset().split("test")
    np.testing.assert_array_equal(kept.labels, test.labels)
    answers = runs.load_classifier(run).predict_proba(test.images)
    np.testing.assert_allclose(answers, kept.probabilities, atol=1e-3)


@pytest.mark.slow
def test_weights_with_an_early_exit_load_and_the_exit_is_ignored(home: Path) -> None:
    runs = RunStore()
    run = archive.import_zip(runs, (V1 / "improved_cnn.zip").read_bytes())
    classifier = runs.load_classifier(run)
    assert not [name for name in classifier.state_dict() if "exit" in name]
    kept, test = runs.load_predictions(run), SampleDataset().split("test")
    answers = classifier.predict_proba(test.images[:500])
    assert (answers.argmax(axis=1) == kept.probabilities[:500].argmax(axis=1)).mean() > 0.95
    assert archive.export_zip(run)


def test_an_interrupted_run_goes_on_from_its_checkpoint(home: Path) -> None:
    runs, dataset = RunStore(), SampleDataset()
    assert queue.run_phase(runs.get("old-interrupted")) == "interrupted"
    queue.resume_run(runs, runs.get("old-interrupted"), dataset, foreground=True)
    record = train_in_foreground(runs.get("old-interrupted"), dataset)
    assert record.state == "finished"
    assert Job(runs.get("old-interrupted").path).read_spec().threads == 2  # as it began
    history = runs.load_history(runs.get("old-interrupted"))
    assert list(history["epoch"]) == [1, 2, 3]


def test_a_cached_result_is_found_by_the_settings_that_made_it(home: Path) -> None:
    """Another key, or a result that can't be read, would compute it again."""
    values = json.loads((V1 / "computation.json").read_text())
    computation = registry.computation_from_dict({name: values[name] for name in ("kind", "settings")})
    assert values["fingerprint"] == SampleDataset().fingerprint
    assert computation.key(values["fingerprint"]) == values["key"]
    arrays = store.load_result(computation, values["fingerprint"])
    assert arrays is not None
    assert arrays["points"].shape == (2000, 2)
    assert np.isfinite(arrays["trust"]).all()


def test_saved_garments_open_and_can_be_added_to(home: Path) -> None:
    garments = GarmentStore()
    [garment] = garments.load_page(1, 10)
    assert (garment.kind, garment.label, garment.correction) == ("shop", 0, 6)
    assert garment.confidence == pytest.approx(0.9186, abs=1e-4)
    assert garment.has_warning
    assert set(garment.model_predictions) == {"Improved CNN"}
    garments.set_user_correction(garment.id, 0)
    assert garments.compute_accuracy().n_correct == 1


def test_settings_of_a_report_open() -> None:
    settings = ReportSettings.from_json((V1 / "report-settings.json").read_bytes())
    assert (settings.title, settings.author) == ("Shirts & more", "Zoë")
    assert settings.runs == ("improved_cnn", "cnn-poster")
    assert settings.sections == ("results", "feasibility")
    assert settings.logo.startswith(b"\x89PNG")


@pytest.mark.parametrize("command", (V1 / "commands.txt").read_text().splitlines())
def test_a_command_is_still_understood(command: str) -> None:
    build_parser().parse_args(shlex.split(command))


ADDRESSES = [tuple(line.split("?", 1)) for line in (V1 / "addresses.txt").read_text().splitlines()]


@pytest.mark.parametrize(("name", "query"), ADDRESSES)
def test_an_address_shows_what_it_showed(name: str, query: str) -> None:
    parameters = dict(parse_qsl(query))
    assert len(parameters) == query.count("=")
    view, complaints = view_from_parameters(VIEWS[name], parameters)
    assert complaints == []
    assert len(view_to_parameters(view)) >= len(parameters)


def test_a_script_of_version_1_loads_the_data_by_the_name_it_knows() -> None:
    assert data.load is data.load_dataset
