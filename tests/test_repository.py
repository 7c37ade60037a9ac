"""What is in the repository, and what the dashboard's server is set to."""

import subprocess
import tomllib

from fashion_core.data.classes import FASHION_CLASSES
from tests.conftest import PROJECT


def test_the_theme_has_the_colours_of_the_classes_and_the_server_is_private() -> None:
    config = tomllib.loads((PROJECT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    assert tuple(config["theme"]["chartCategoricalColors"]) == FASHION_CLASSES.colours
    assert config["server"]["address"] == "127.0.0.1"
    assert config["server"]["enableXsrfProtection"] is True
    assert config["browser"]["gatherUsageStats"] is False


def test_no_file_of_fashion_mnist_is_in_the_repository_and_shipped_files_are_small() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=PROJECT, capture_output=True, text=True, check=True).stdout
    assert not [name for name in listed.splitlines() if "ubyte" in name]
    shipped = [PROJECT / "fashion_core" / "zoo", PROJECT / "fashion_core" / "computed" / "shipped"]
    for folder in shipped:
        assert sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) <= 12_000_000
