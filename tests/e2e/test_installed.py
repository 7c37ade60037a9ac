"""The project after ``pip install .``: what the wheel holds, and the command ``fashion``."""

import re
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import PROJECT
from tests.e2e.conftest import serve


def run(*command: str | Path, folder: Path = PROJECT) -> str:
    """Run a command to its end; returns what it printed."""
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True, timeout=120).stdout


pytestmark = pytest.mark.exhaustive  # builds and installs the wheel


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project built as a wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    run(
        sys.executable, "-m", "pip", "wheel", ".", "--no-deps", "--no-build-isolation", "--no-index", "-q", "-w", folder
    )
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment with the wheel, which finds the dependencies in the environment that runs the tests."""
    folder = tmp_path_factory.mktemp("environment")
    run(sys.executable, "-m", "venv", "--without-pip", folder)
    python = folder / "bin" / "python"
    packages = run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip()
    Path(packages, "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    run(sys.executable, "-m", "pip", "--python", python, "install", "--no-deps", "--no-index", "-q", wheel)
    return folder


@pytest.fixture(scope="module")
def installed_server(environment: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a dashboard that the command ``fashion`` of that environment has started."""
    folder = tmp_path_factory.mktemp("elsewhere")
    with serve([environment / "bin" / "fashion", "dashboard"], folder, folder / "home") as url:
        yield url


def test_only_fashion_core_lies_at_the_top_of_the_wheel(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    top = {name.split("/")[0] for name in names}
    assert {name for name in top if not name.endswith(".dist-info")} == {"fashion_core"}


def test_the_wheel_holds_every_file_of_the_program(wheel: Path) -> None:
    tracked = run("git", "ls-files", "fashion_core", "ui", "pages", "dashboard.py", ".streamlit").splitlines()
    expected = {name if name.startswith("fashion_core/") else f"fashion_core/_dashboard/{name}" for name in tracked}
    assert expected <= set(zipfile.ZipFile(wheel).namelist())


def test_the_wheel_depends_on_what_the_requirements_files_name(wheel: Path) -> None:
    def pins(name: str) -> set[str]:
        return set(re.findall(r"^[\w.\[\]-]+==\S+", (PROJECT / name).read_text(encoding="utf-8"), re.MULTILINE))

    (name,) = [name for name in zipfile.ZipFile(wheel).namelist() if name.endswith(".dist-info/METADATA")]
    message = metadata.PathDistribution(zipfile.Path(wheel, name.split("/")[0] + "/"))
    by_extra: dict[str, set[str]] = {"": set(), "cluster": set(), "pretrained": set(), "dev": set()}
    for requirement in message.requires or []:
        extra = re.search(r"extra == ['\"](\w+)", requirement)
        by_extra[extra[1] if extra else ""].add(requirement.partition(";")[0].strip())
    assert by_extra[""] == pins("requirements.txt")
    assert by_extra["cluster"] == pins("requirements-cluster.txt")
    assert by_extra["pretrained"] == pins("requirements-pretrained.txt")
    assert by_extra["dev"] == pins("requirements-dev.txt") | by_extra["cluster"] | by_extra["pretrained"]
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
    assert set(project["build-system"]["requires"]) <= pins("requirements-dev.txt")


def test_fashion_is_the_command_line(environment: Path, tmp_path: Path) -> None:
    listed = run(environment / "bin" / "fashion", "runs", "list", folder=tmp_path)
    assert "improved_cnn" in listed


def test_the_dashboard_starts_with_its_settings(installed_server: str, page: Page) -> None:
    page.goto(f"{installed_server}/garments")
    expect(page.get_by_role("heading", name="Garments")).to_be_visible()
    # Streamlit's own settings would show the button Deploy
    expect(page.get_by_test_id("stAppDeployButton")).to_have_count(0)
