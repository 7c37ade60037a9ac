"""Where the pinned packages install, and under which licences: ``python -m benchmarks.dependencies``.

For each version of Python and each platform, uv resolves the requirements against constraints.txt with wheels alone. It
reads the registry's metadata and installs nothing.
"""

import os
import re
import subprocess
from collections import defaultdict
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PROJECT = Path(__file__).resolve().parent.parent
PLATFORMS = {
    "Linux, x86-64": "x86_64-manylinux_2_28",
    "Linux, ARM": "aarch64-manylinux_2_28",
    "macOS 14, ARM": "aarch64-apple-darwin",
    "macOS 14, Intel": "x86_64-apple-darwin",
    "Windows, x86-64": "x86_64-pc-windows-msvc",
}
PYTHON_VERSIONS = ("3.11", "3.12", "3.13", "3.14")
SPDX_NAMES = {  # what packages write instead of the names at spdx.org
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache 2.0": "Apache-2.0",
    "Apache License 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "Apache Software License 2.0": "Apache-2.0",
    "BSD 3-Clause License": "BSD-3-Clause",
    "BSD License": "BSD",
    "DFSG approved, MIT License": "MIT",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
}


def read_requirements(name: str) -> list[Requirement]:
    """The requirements of a file in the project's folder, without those of files it includes."""
    lines = (PROJECT / name).read_text(encoding="utf-8").splitlines()
    return [Requirement(line) for line in lines if line and line[0] not in "#-"]


def find_installed(requirements: list[Requirement]) -> set[str]:
    """Names of the installed packages that ``requirements`` need on this machine, and of what those need in turn."""
    found: set[tuple[str, str]] = set()
    waiting = [(requirement, "") for requirement in requirements]
    while waiting:
        requirement, parent_extra = waiting.pop()
        if requirement.marker and not requirement.marker.evaluate({"extra": parent_extra}):
            continue
        name = canonicalize_name(requirement.name)
        for extra in {"", *requirement.extras}:
            if (name, extra) not in found:
                found.add((name, extra))
                waiting += [(Requirement(text), extra) for text in metadata.requires(name) or []]
    return {name for name, _ in found}


def find_licence(name: str) -> str:
    """The licence of an installed package, as its metadata or the first line of its licence file names it."""
    distribution = metadata.distribution(name)
    fields = distribution.metadata
    classifiers = [c.split(" :: ")[-1] for c in fields.get_all("Classifier") or [] if c.startswith("License ::")]
    (stated, *_) = [fields[name] for name in ("License-Expression", "License") if name in fields] or [""]
    if stated in ("", "UNKNOWN") or "\n" in stated:
        stated = ", ".join(classifiers)
    if stated in ("", "OSI Approved"):
        (path, *_) = [p for p in distribution.files or [] if re.match("LICEN[CS]E", p.name)]
        stated = path.read_text().splitlines()[0]
    return SPDX_NAMES.get(stated, stated)


def licence_rows() -> Iterator[list[str]]:
    """Each licence with the packages under it: those of the dashboard, and those that only other files require."""
    yield ["licence", "for the dashboard", "for clusters, the pretrained model and development"]
    other_files = ("requirements-cluster.txt", "requirements-pretrained.txt", "requirements-dev.txt")
    dashboard = find_installed(read_requirements("requirements.txt"))
    others = find_installed([line for name in other_files for line in read_requirements(name)]) - dashboard
    everywhere = {line.name for line in read_requirements("constraints.txt") if not is_for_one_system(line)}
    by_licence: dict[str, tuple[list[str], list[str]]] = defaultdict(lambda: ([], []))
    for column, names in enumerate((dashboard, others)):
        for name in sorted(names & everywhere):
            by_licence[find_licence(name)][column].append(name)
    for licence in sorted(by_licence):
        yield [licence, *(", ".join(names) for names in by_licence[licence])]


def is_for_one_system(line: Requirement) -> bool:
    """Whether a pin is for Linux or for Windows alone."""
    return "sys_platform ==" in str(line.marker)


def installs(requirements: str, platform: str, python: str) -> bool:
    """Whether every package has a wheel there in its pinned version."""
    command = ["uv", "pip", "compile", "--quiet", "--no-config", "--only-binary", ":all:", "--constraints"]
    command += ["constraints.txt", "--python-platform", platform, "--python-version", python, requirements]
    environment = os.environ | {"MACOSX_DEPLOYMENT_TARGET": "14.0"}
    return subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True).returncode == 0


def main() -> None:
    print(f"| platform | {' | '.join(PYTHON_VERSIONS)} |")
    for title, platform in PLATFORMS.items():
        cells = []
        for python in PYTHON_VERSIONS:
            names = [n for n in ("requirements.txt", "requirements-dev.txt") if installs(n, platform, python)]
            cells.append({0: "no", 1: "dashboard only", 2: "yes"}[len(names)])
        print(f"| {title} | {' | '.join(cells)} |", flush=True)
    for row in licence_rows():
        print(f"| {' | '.join(row)} |")


if __name__ == "__main__":
    main()
