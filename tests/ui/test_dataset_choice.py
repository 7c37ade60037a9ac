"""The data set is chosen once, for every page: in the sidebar or in the address."""

import json
import shutil
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from fashion_core.data.catalogue_values import DATASET_FILE
from fashion_core.data.fashion_mnist import PUBLISHED_FILES
from tests.conftest import PROJECT
from tests.ui.catalogues import write_catalogue


def open_page(name: str, **query: str) -> AppTest:
    test = AppTest.from_file(str(PROJECT / "pages" / f"{name}.py"), default_timeout=120)
    test.query_params.update(query)
    return test.run()


def parameters(test: AppTest) -> dict[str, str]:
    """The address; AppTest gives lists."""
    return {name: value if isinstance(value, str) else value[-1] for name, value in test.query_params.items()}


def warnings(test: AppTest) -> str:
    return " ".join(warning.value for warning in test.warning).replace("\\", "")


def captions(test: AppTest) -> str:
    return " ".join(caption.value for caption in test.caption).replace("\\", "")


def test_without_a_catalogue_there_is_nothing_to_choose() -> None:
    test = open_page("garments")
    assert not test.exception
    assert len(test.sidebar.selectbox) == 0


def test_the_address_names_the_data_set() -> None:
    write_catalogue("shoes", 2, title="Our shoes")
    test = open_page("garments", data="shoes")
    assert not test.exception
    assert test.sidebar.selectbox[0].value == "shoes"
    assert "Our shoes" in captions(test)
    assert parameters(test)["data"] == "shoes"


def test_a_choice_in_the_sidebar_is_written_to_the_address() -> None:
    write_catalogue("shoes", 2, title="Our shoes")
    test = open_page("garments")
    test.sidebar.selectbox[0].set_value("shoes").run()
    assert parameters(test)["data"] == "shoes"
    assert "Our shoes" in captions(test)
    test.sidebar.selectbox[0].set_value("fashion-mnist").run()
    assert "data" not in parameters(test)
    assert "Our shoes" not in captions(test)


def test_an_unknown_name_in_the_address_shows_the_default_with_a_warning() -> None:
    write_catalogue("shoes", 2)
    for name in ("hats", "../shoes", "/etc", "<b>x</b>"):
        test = open_page("garments", data=name)
        assert not test.exception
        assert "There is no data set named" in warnings(test)
        assert "data" not in parameters(test)
        assert "Synthetic sample data" in captions(test)


def test_a_catalogue_deleted_while_the_page_is_open_gives_a_warning() -> None:
    catalogue = write_catalogue("shoes", 2)
    test = open_page("garments", data="shoes")
    shutil.rmtree(catalogue.folder)
    test.run()
    assert not test.exception
    assert "There is no data set named 'shoes'" in warnings(test)
    assert "Synthetic sample data" in captions(test)


def test_an_edited_catalogue_is_read_again() -> None:
    catalogue = write_catalogue("shoes", 2, title="Our shoes")
    test = open_page("garments", data="shoes")
    values = json.loads((catalogue.folder / DATASET_FILE).read_text())
    (catalogue.folder / DATASET_FILE).write_text(json.dumps(values | {"title": "Their shoes"}))
    test.run()
    assert "Their shoes" in captions(test)
    assert "Our shoes" not in captions(test)


def test_catalogues_of_the_same_title_are_told_apart() -> None:
    write_catalogue("shoes", 2, title="Shoes")
    write_catalogue("shoes-2", 2, title="Shoes")
    assert open_page("garments").sidebar.selectbox[0].options[1:] == ["Shoes", "Shoes (shoes-2)"]


@pytest.mark.parametrize("content", ["", "{}", '{"schema": 99}'])
def test_a_catalogue_that_cannot_be_read_is_not_offered(content: str) -> None:
    catalogue = write_catalogue("shoes", 2)
    (catalogue.folder / DATASET_FILE).write_text(content)
    test = open_page("garments", data="shoes")
    assert not test.exception
    assert len(test.sidebar.selectbox) == 0
    assert "There is no data set named 'shoes'" in warnings(test)


def test_fashion_mnist_that_appears_is_shown_at_the_next_rerun(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fashion_mnist_folder: Path
) -> None:
    monkeypatch.setenv("FASHION_MNIST_DIR", str(tmp_path))
    test = open_page("garments")
    assert "Synthetic sample data" in captions(test)
    for file in PUBLISHED_FILES.values():
        found = file.find(fashion_mnist_folder)
        assert found is not None
        (tmp_path / found.name).symlink_to(found)
    assert "Synthetic sample data" not in captions(test.run())
    assert not test.exception
