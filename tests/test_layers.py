"""Imports point one way, nothing slow is imported before it is needed, and functions are short."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from tests.conftest import PROJECT

# Each may import those after it, none before it. docs/architecture.md shows the packages of fashion_core in this order.
PACKAGES = (
    "cli", "api", "report", "charts", "export", "wording", "sorting", "recognition", "computed", "runs", "training",
    "analysis", "models", "config", "data", "vision", "jobs", "storage", "errors",
)  # fmt: skip
ORDER = ("dashboard", "pages", "ui", "__main__", *PACKAGES, "__init__")
# who else's package is imported where
ONLY_IN = {"streamlit": {"dashboard", "pages", "ui"}, "plotly": {"charts"}}
LONGEST_FUNCTION = 45  # lines
SLOW = {"torch", "sklearn", "umap", "numba", "cv2", "scipy", "ray", "grpc", "onnx", "onnxruntime"}


@cache
def modules() -> dict[str, Path]:
    """Every file of the program by the name under which it is imported."""
    files = [PROJECT / "dashboard.py"]
    for folder in ("pages", "ui", "fashion_core"):
        files += sorted((PROJECT / folder).rglob("*.py"))
    return {".".join(path.relative_to(PROJECT).with_suffix("").parts).removesuffix(".__init__"): path for path in files}


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imported(node: ast.AST) -> Iterator[str]:
    """The modules that one import statement names; none for another statement."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        for alias in node.names:
            submodule = f"{node.module}.{alias.name}"
            yield submodule if submodule in modules() else str(node.module)


def package(name: str) -> str:
    """The entry of ``ORDER`` that the module ``name`` belongs to; "" for a library's."""
    top, _, rest = name.partition(".")
    if top == "fashion_core":
        return rest.split(".")[0] or "__init__"
    return top if top in ORDER else ""


@cache
def all_imports() -> list[tuple[str, str, str]]:
    """Of every import, inside functions and for types too: where it stands, the package there and the module named."""
    return [
        (f"{path.relative_to(PROJECT)}:{getattr(node, 'lineno', 0)}", package(name), target)
        for name, path in modules().items()
        for node in ast.walk(parsed(path))
        for target in imported(node)
    ]


def test_every_package_is_in_the_order() -> None:
    assert {package(name) for name in modules()} <= set(ORDER)


def test_packages_import_only_those_after_them() -> None:
    wrong = [
        f"{place}: {own} imports {target}"
        for place, own, target in all_imports()
        if (other := package(target)) and ORDER.index(other) < ORDER.index(own)
    ]
    assert wrong == []


def test_libraries_are_imported_where_they_belong() -> None:
    wrong = [
        f"{place}: {own} imports {target}"
        for place, own, target in all_imports()
        if own not in ONLY_IN.get(target.split(".")[0], {own}) or target.split(".")[0] in ("tests", "benchmarks")
    ]
    assert wrong == []


def test_commands_are_imported_only_where_they_are_called() -> None:
    assert {own for _, own, target in all_imports() if package(target) == "cli"} <= {"cli", "__main__"}


def test_no_page_imports_another() -> None:
    assert [place for place, own, target in all_imports() if own == "pages" == package(target)] == []


def test_no_files_import_each_other() -> None:
    """Not even in a ring of three. Imports under ``TYPE_CHECKING`` are never run and don't count."""
    graph = {}
    for name, path in modules().items():
        blocks = [node for node in ast.walk(parsed(path)) if isinstance(node, ast.If)]
        for_types = {node for block in blocks if "TYPE_CHECKING" in ast.unparse(block.test) for node in ast.walk(block)}
        targets = {target for node in ast.walk(parsed(path)) if node not in for_types for target in imported(node)}
        graph[name] = (targets & modules().keys()) - {name}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" imports ".join(reversed(error.args[1])))


def test_no_function_is_too_long() -> None:
    lengths = {
        f"{path.relative_to(PROJECT)}:{node.lineno} {node.name}": (node.end_lineno or 0) - node.lineno + 1
        for path in modules().values()
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_FUNCTION} == {}


@pytest.mark.slow
def test_the_command_line_and_the_pages_start_without_slow_libraries() -> None:
    names = [name for name in modules() if package(name) == "ui"]
    code = (
        "import importlib, sys\n"
        "from fashion_core.__main__ import build_parser\n"
        "build_parser()\n"
        f"for name in {names}: importlib.import_module(name)\n"
        f"print(*{SLOW} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
