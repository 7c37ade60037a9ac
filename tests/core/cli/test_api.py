"""``fashion api``: what it refuses to start with, and which model and threshold it takes."""

import socket
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from fashion_core.__main__ import main
from fashion_core.analysis.feasibility import calibrate_predictions_on_validation, choose_threshold_for_target
from fashion_core.api.app import make_app
from fashion_core.api.predictor import Predictor
from fashion_core.cli.sort import load_sorting_model
from fashion_core.computed.validation import load_validation_predictions
from fashion_core.errors import ConfigError
from fashion_core.runs.store import RunStore
from fashion_core.vision.picture_sources import PictureSource
from tests.core.api.servers import garments
from tests.ui.catalogues import save_run, train_run, write_catalogue


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["api", *arguments]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    (line,) = printed.err.splitlines()
    return line


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "192.0.2.1"])
def test_without_a_token_it_does_not_start_where_others_reach_it(
    address: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "FASHION_API_TOKEN" in refused(capsys, "--address", address)


def test_bad_tokens_targets_runs_and_ports_are_refused_with_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty").write_text("")
    assert "no token" in refused(capsys, "--token-file", str(tmp_path / "empty"))
    assert "cannot be read" in refused(capsys, "--token-file", str(tmp_path / "missing"))
    assert "target" in refused(capsys, "--target", "100")
    assert "nothing" in refused(capsys, "--run", "nothing")
    assert "doesn't say how sure it is" in refused(capsys, "--run", "kmeans")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert "can't listen" in refused(capsys, "--port", str(taken.getsockname()[1]))


def test_the_threshold_of_a_run_is_that_of_feasibility_on_validation() -> None:
    store = RunStore()
    entry = store.get("improved_cnn")
    calibrated, _ = calibrate_predictions_on_validation(
        load_validation_predictions(entry), store.load_predictions(entry)
    )
    model, _ = load_sorting_model(store, entry, 0.98)
    expected = choose_threshold_for_target(calibrated.risk_coverage_curve, 0.98, guaranteed=True)
    assert model.promise.threshold == expected is not None
    assert model.promise.run == "improved_cnn"
    answers = Predictor(model).predict([PictureSource("a", (), lambda: garments(1)[0])])
    assert answers[0]["decision"] in ("automatic", "check")  # a run has no score for none of the classes


def test_a_higher_target_has_a_higher_threshold() -> None:
    thresholds = [load_sorting_model(RunStore(), None, target)[0].promise.threshold for target in (0.95, 0.98, 0.99)]
    found = [threshold for threshold in thresholds if threshold is not None]
    assert len(found) == 3
    assert found == sorted(found)


def test_targets_that_are_none_are_refused() -> None:
    for target in (0.0, 1.0, float("nan")):
        with pytest.raises(ConfigError):
            load_sorting_model(RunStore(), None, target)


@pytest.mark.parametrize("n_classes", [2, 200])
def test_a_run_of_a_catalogue_answers_with_its_classes(n_classes: int) -> None:
    names = [f"Класс {c} 🧥" for c in range(n_classes)]
    entry = save_run(write_catalogue("mine", n_classes, names=names), "run-of-mine", 0.9)
    model, _ = load_sorting_model(RunStore(), entry, 0.9)
    with TestClient(make_app(Predictor(model)), "http://localhost") as client:
        answer = client.post("/v1/predict", content=garments(1)[0], headers={"content-type": "image/png"}).json()
        schemas = client.get("/openapi.json").json()["components"]["schemas"]
    (found,) = answer["pictures"]
    assert {c["class"] for c in found["classes"]} <= set(names)
    assert len(found["classes"]) == min(n_classes, 3)
    assert names == schemas["Answer"]["properties"]["pictures"]["items"]["anyOf"][0]["properties"]["class"]["enum"]


@pytest.mark.slow
def test_a_run_without_predictions_on_validation_gets_them() -> None:
    entry = train_run(write_catalogue("mine", 2, repeats=5), "run-of-mine")
    assert load_validation_predictions(entry) is None
    assert load_sorting_model(RunStore(), entry, 0.9)[0].promise.run == "run-of-mine"
