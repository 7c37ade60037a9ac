"""At a presentation, no page has a button that changes something, and what is left changes nothing."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from fashion_core.data import load_dataset
from fashion_core.data.catalogue_edits import rename_class
from fashion_core.jobs.job import Job
from fashion_core.recognition.garment_store import GarmentStore
from fashion_core.runs import queue
from fashion_core.runs.store import RunStore
from fashion_core.storage.folder import user_data_folder
from tests.conftest import PROJECT
from tests.core.recognition import garments
from tests.test_access import CONFIG, contents
from tests.ui.catalogues import save_run, write_catalogue
from ui.clusters.view import CLUSTERS_SECTIONS
from ui.feasibility.view import DETAIL_VIEWS
from ui.shell import PAGE_TITLES
from ui.train.view import POSTER_EXPERIMENT, RUNS, SWEEPS

SECTIONS: list[tuple[str, dict[str, str]]] = [
    *(("train", {"tab": tab}) for tab in (RUNS, SWEEPS, POSTER_EXPERIMENT)),
    *(("clusters", {"look": section}) for section in CLUSTERS_SECTIONS),
    ("clusters", {"map": "UMAP", "neighbours": "7"}),
    *(("feasibility", {"look": section}) for section in DETAIL_VIEWS),
    *(("data", {"section": section}) for section in ("Classes", "What to fix", "Import report")),
    *(("try_it", {"source": source}) for source in ("Test image", "Upload", "Folder", "Your garments")),
]


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch) -> Path:
    """What the owner has made, on both data sets; nothing of it is running."""
    monkeypatch.setattr(Job, "launch", lambda job: None)
    catalogue = rename_class(write_catalogue("shoes", 3, repeats=3), "Kind 0", "Boot")
    for name, accuracy in (("first", 0.8), ("second", 0.7)):
        save_run(catalogue, name, accuracy)
    queue.queue_runs(RunStore(), [(CONFIG, "a"), (CONFIG, "b")], load_dataset(), tag="sweep-1")
    queue.cancel_runs(RunStore(), RunStore().entries()[-1:])
    garments.save(GarmentStore())
    monkeypatch.setenv("FASHION_MODE", "presentation")
    return user_data_folder()


def things(home: Path) -> dict[str, bytes]:
    """Everything but small results that a page computes while it opens."""
    return {name: content for name, content in contents(home).items() if Path(name).parent.name != "computed"}


def open_view(name: str, **query: str) -> AppTest:
    test = AppTest.from_file(str(PROJECT / "pages" / f"{name}.py"), default_timeout=120)
    test.query_params.update(query)
    return assert_sound(test.run())


def assert_sound(test: AppTest) -> AppTest:
    assert not test.exception
    assert [error.value for error in test.error] == []
    return test


def buttons(test: AppTest) -> list[str | None]:
    return [button.key or button.label for button in test.button if not button.disabled]


@pytest.mark.slow
@pytest.mark.parametrize("data", ["fashion-mnist", "shoes"])
@pytest.mark.parametrize("name", PAGE_TITLES)
def test_what_can_be_pressed_changes_nothing_and_is_never_refused(name: str, data: str, home: Path) -> None:
    press_everything(home, name, data=data)


@pytest.mark.exhaustive
@pytest.mark.parametrize("data", ["fashion-mnist", "shoes"])
@pytest.mark.parametrize(("name", "query"), SECTIONS, ids=str)
def test_nor_does_what_can_be_pressed_in_a_section(name: str, query: dict[str, str], data: str, home: Path) -> None:
    press_everything(home, name, data=data, **query)


def press_everything(home: Path, name: str, **query: str) -> None:
    before = things(home)
    for key in buttons(open_view(name, **query)):
        test = open_view(name, **query)
        for button in test.button:
            if (button.key or button.label) == key:
                assert_sound(button.click().run())
                break
    assert things(home) == before


def test_the_owner_s_garments_are_not_shown(home: Path) -> None:
    test = open_view("try_it", source="Your garments")
    assert "Your garments" not in test.button_group[0].options


@pytest.mark.slow
def test_every_page_says_that_it_is_a_presentation(home: Path) -> None:
    for name in PAGE_TITLES:
        assert any("presentation" in caption.value for caption in open_view(name).sidebar.caption)
