"""Suspected label errors are confirmed and corrected with one key each, and figures follow."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from fashion_core.data.label_corrections import load_label_corrections
from fashion_core.runs.label_errors import find_label_errors_of_runs
from fashion_core.runs.store import RunStore
from tests.e2e.conftest import running_dashboard, wait_until_idle


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def own_server(home: Path, fashion_mnist_folder: Path) -> Iterator[str]:
    """A server of its own: corrections would show in other tests."""
    with running_dashboard(home, fashion_mnist_folder) as url:
        yield url


def test_labels_are_reviewed_with_one_key_each(
    own_server: str, page: Page, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = RunStore()
    found = find_label_errors_of_runs(store.entries(), store.load_predictions)
    assert found is not None
    first, second = found.errors.indices[:2].tolist()
    page.goto(f"{own_server}/compare?look=Data+health")
    wait_until_idle(page)
    labelling = page.get_by_role("group", name="Say what each picture shows")
    expect(labelling).to_contain_text(f"Picture 1 of {len(found.errors)}, 0 checked")
    labelling.focus()
    page.keyboard.press("1")  # the label is right
    expect(labelling).to_contain_text("Picture 2 of")
    page.keyboard.press("2")  # the suggested class
    page.keyboard.press("0")  # not sure
    expect(page.get_by_text("2 of them are reviewed")).to_be_visible()
    page.get_by_role("radio", name="Corrected").click()
    expect(page.get_by_text("corrected labels (1 changed)")).to_be_visible()
    page.reload()
    expect(labelling).to_contain_text(f"Picture 3 of {len(found.errors)}, 2 checked")
    expect(page.get_by_text("corrected labels (1 changed)")).to_be_visible()
    data = store.get("cnn").record.data  # type: ignore[union-attr]
    monkeypatch.setenv("FASHION_HOME", str(home))
    stored = load_label_corrections(data.test_fingerprint, data.n_test, len(data.classes))
    assert dict(stored.reviewed) == {first: int(found.labels[first]), second: int(found.errors.suggested[1])}
