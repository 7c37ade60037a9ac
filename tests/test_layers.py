"""Imports point one way: dashboard, pages, ui, fashion_core; and what else the plan of the house says."""

import ast
import subprocess
import tomllib
from pathlib import Path

import pytest

from fashion_core.data.classes import CLASS_COLOURS
from tests.conftest import PROJECT

FOLDERS = ("fashion_core", "ui", "pages")
FILES = [PROJECT / "dashboard.py", *(path for folder in FOLDERS for path in sorted((PROJECT / folder).rglob("*.py")))]
MAY_IMPORT = {
    "fashion_core": {"fashion_core"},
    "ui": {"ui", "fashion_core"},
    "pages": {"ui", "fashion_core"},
    "dashboard.py": {"ui", "pages", "fashion_core"},
}
# each package may import those after it, none before it
ORDER = (
    "cli", "report", "charts", "wording", "recognition", "computed", "runs", "training", "analysis", "models", "config",
    "data", "vision", "jobs", "storage", "errors",
)  # fmt: skip
OURS = {"fashion_core", "ui", "pages", "dashboard", "tests"}


def imported(path: Path) -> set[str]:
    """Every module named in an import anywhere in the file."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            names.add(node.module or "")
    return names


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PROJECT)))
def test_imports_point_one_way(path: Path) -> None:
    relative = path.relative_to(PROJECT)
    roots = {name.split(".")[0] for name in imported(path)}
    assert (roots & OURS) <= MAY_IMPORT[relative.parts[0]]
    if relative.parts[0] == "fashion_core":
        assert "streamlit" not in roots
    if "plotly" in roots:
        assert relative.parts[:2] == ("fashion_core", "charts")


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PROJECT)))
def test_nothing_slow_is_imported_before_it_is_needed(path: Path) -> None:
    slow = {"torch", "sklearn", "umap", "numba", "cv2", "scipy", "ray", "grpc", "onnx", "onnxruntime"}
    networks = {"mlp.py", "cnn.py", "inception_resnet.py", "layers.py", "early_exit.py", "onnx_engine.py"}
    networks |= {"max_pool.py", "augment.py", "robust_augmentation.py", "optimizers.py", "ghost_batches.py"}
    tree = ast.parse(path.read_text(encoding="utf-8"))
    top = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    names = {alias.name for node in top if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in top if isinstance(node, ast.ImportFrom)}
    if path.name not in networks:
        assert not {name.split(".")[0] for name in names} & slow
        assert not {name.rsplit(".", 1)[-1] + ".py" for name in names if name.startswith("fashion_core")} & networks


def test_the_theme_s_palette_is_the_classes_palette() -> None:
    config = tomllib.loads((PROJECT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    assert tuple(config["theme"]["chartCategoricalColors"]) == CLASS_COLOURS
    assert config["server"]["address"] == "127.0.0.1"
    assert config["server"]["enableXsrfProtection"] is True
    assert config["browser"]["gatherUsageStats"] is False


def test_no_file_of_the_data_set_is_in_the_repository_and_the_zoo_is_small() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=PROJECT, capture_output=True, text=True, check=True).stdout
    assert not [name for name in listed.splitlines() if "ubyte" in name]
    shipped = [PROJECT / "fashion_core" / "zoo", PROJECT / "fashion_core" / "computed" / "shipped"]
    for folder in shipped:
        assert sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) <= 10_000_000


def test_packages_of_fashion_core_import_only_those_after_them() -> None:
    against = []
    for path in sorted((PROJECT / "fashion_core").glob("*/**/*.py")):
        own = path.relative_to(PROJECT).parts[1]
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                root = node.module == "fashion_core"
                names = [f"fashion_core.{alias.name}" for alias in node.names] if root else [node.module or ""]
            packages = {name.split(".")[1] for name in names if name.startswith("fashion_core.")} - {own}
            against += [f"{path.relative_to(PROJECT)} -> {p}" for p in packages if ORDER.index(p) < ORDER.index(own)]
    assert not against
