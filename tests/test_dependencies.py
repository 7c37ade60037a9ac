"""Every package that the project installs is pinned."""

from importlib import metadata

import pytest
from packaging.utils import canonicalize_name
from packaging.version import Version

from benchmarks.dependencies import find_installed, read_requirements
from tests.conftest import PROJECT

FILES = ("requirements.txt", "requirements-cluster.txt", "requirements-pretrained.txt", "requirements-dev.txt")


@pytest.fixture(scope="module")
def pins() -> dict[str, str]:
    """The pinned version of each package, by its name."""
    pins: dict[str, str] = {}
    for line in read_requirements("constraints.txt"):
        (specifier,) = line.specifier
        assert specifier.operator == "=="
        assert not line.extras  # pip refuses constraints with extras
        pins[canonicalize_name(line.name)] = specifier.version
    return pins


@pytest.mark.parametrize("name", FILES)
def test_constraints_agree_with_a_requirements_file(name: str, pins: dict[str, str]) -> None:
    for line in read_requirements(name):
        assert str(line.specifier) == f"=={pins[canonicalize_name(line.name)]}"


def test_every_installed_package_has_its_pinned_version(pins: dict[str, str]) -> None:
    installed = find_installed([line for name in FILES for line in read_requirements(name)])
    assert {name: Version(metadata.version(name)).public for name in installed} == {
        name: pins[name] for name in installed
    }


def test_every_command_that_installs_uses_the_constraints() -> None:
    for document in ("README.md", "CONTRIBUTING.md", "docs/cluster.md", ".ci/run"):
        for line in (PROJECT / document).read_text(encoding="utf-8").splitlines():
            if line.startswith("pip install") and "--no-deps" not in line:
                assert "-c constraints.txt" in line
