import io
import json
import os
import shutil
import tracemalloc
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load, save

from fashion_core.errors import RunError
from fashion_core.runs.archive import export_zip, import_zip
from fashion_core.runs.store import RunStore
from fashion_core.storage.arrays import arrays_from_npz_bytes, arrays_to_npz_bytes

MEMBER = {"id": "a", "title": "A", "config": {"model": "mlp", "epochs": 1}}


@pytest.fixture(scope="module")
def exported() -> dict[str, bytes]:
    """The files of the shipped MLP's export, by name in the zip."""
    store = RunStore()
    with zipfile.ZipFile(io.BytesIO(export_zip(store.get("mlp")))) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def test_a_run_survives_the_way_through_a_zip(exported: dict[str, bytes], tmp_path: Path) -> None:
    store = RunStore(tmp_path / "runs")
    first, second = (import_zip(store, packed(exported)) for _ in range(2))
    assert [first.id, second.id] == ["mlp-2", "mlp-3"]  # the zoo has an mlp already
    original = store.load_predictions(RunStore().get("mlp"))
    np.testing.assert_array_equal(store.load_predictions(first).probabilities, original.probabilities)
    assert first.record is not None
    assert first.record.id == "mlp-2"


def _without(name: str) -> Callable[[dict[str, bytes]], dict[str, bytes]]:
    return lambda files: {key: value for key, value in files.items() if name not in key}


def _with(name: str, content: bytes) -> Callable[[dict[str, bytes]], dict[str, bytes]]:
    return lambda files: {key: content if key.endswith(name) else value for key, value in files.items()}


def _weights(change: Callable[[np.ndarray], np.ndarray]) -> Callable[[dict[str, bytes]], dict[str, bytes]]:
    """The export with the first of its weights changed."""

    def changed(files: dict[str, bytes]) -> dict[str, bytes]:
        name = next(key for key in files if key.endswith("weights.safetensors"))
        arrays = load(files[name])
        first = min(arrays)
        return files | {name: save(arrays | {first: change(arrays[first])})}

    return changed


def _run_json(**changes: object) -> Callable[[dict[str, bytes]], dict[str, bytes]]:
    """The export with fields of its run.json changed."""
    return lambda files: files | {"mlp/run.json": json.dumps(json.loads(files["mlp/run.json"]) | changes).encode()}


def _history(column: str, value: str) -> Callable[[dict[str, bytes]], dict[str, bytes]]:
    """The export with a value in each row of a column of its history changed."""

    def changed(files: dict[str, bytes]) -> dict[str, bytes]:
        head, *rows = files["mlp/history.csv"].decode().splitlines()
        place = head.split(",").index(column)
        cells = [row.split(",") for row in rows]
        rows = [",".join([*row[:place], value, *row[place + 1 :]]) for row in cells]
        return files | {"mlp/history.csv": "\n".join([head, *rows]).encode()}

    return changed


def _record(**changes: object) -> Callable[[dict[str, bytes]], dict[str, bytes]]:
    """The export with its settings changed."""

    def changed(files: dict[str, bytes]) -> dict[str, bytes]:
        record = json.loads(files["mlp/run.json"])
        return files | {"mlp/run.json": json.dumps(record | {"config": record["config"] | changes}).encode()}

    return changed


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (_weights(lambda array: np.full_like(array, np.nan)), "not finite"),
        (_weights(lambda array: np.full_like(array, np.inf)), "not finite"),
        (_weights(lambda array: np.zeros((3, 5), np.float32)), "has shape"),
        (_run_json(versions=["numpy"]), "missing or invalid"),
        (_run_json(versions={"numpy": 2}), "missing or invalid"),
        (_run_json(versions={"numpy": "2" * 1000}), "missing or invalid"),
        (_run_json(title=["a"]), "missing or invalid"),
        (_run_json(is_imported="no"), "missing or invalid"),
        (_history("val_accuracy", "high"), "no training gives"),
        (_history("val_accuracy", "inf"), "no training gives"),
        (_history("train_accuracy", ""), "no training gives"),
        (_history("val_accuracy", "7"), "no training gives"),
        (_history("train_loss", "-inf"), "no training gives"),
        (_history("epoch", "1"), "no training gives"),
        (_run_json(config={"model": "ensemble", "epochs": 1}, members=11 * [MEMBER]), "ensemble of 11 runs"),
        (_record(cutmix=0.2), "newer version"),
        (_record(epochs=0), "epochs is 0"),
        (_record(learning_rate=-0.1), "learning_rate is -0.1"),
        (_record(model="resnet"), "no model named"),
        (_without("weights"), "weights.safetensors is missing"),
        (_without("run.json"), "run.json is missing"),
        (_with("weights.safetensors", b"\x80\x04."), "safetensors"),
        (_with("test.npz", b"nothing"), "cannot be read"),
        (_with("history.csv", b"a,b\n1,2\n"), "columns"),
        (_with("run.json", b"{}"), "format"),
        (lambda files: files | {f"extra{i}": b"" for i in range(30)}, "more than a run"),
    ],
)
def test_a_spoilt_zip_leaves_nothing_behind(
    exported: dict[str, bytes], tmp_path: Path, spoil: Callable[[dict[str, bytes]], dict[str, bytes]], reason: str
) -> None:
    store = RunStore(tmp_path / "runs")
    with pytest.raises(RunError, match=reason):
        import_zip(store, packed(spoil(exported)))
    assert not store.runs_folder.exists() or list(store.runs_folder.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x03\x04" + bytes(100)])
def test_what_is_no_zip_is_refused(content: bytes, tmp_path: Path) -> None:
    with pytest.raises(RunError, match="not a readable zip"):
        import_zip(RunStore(tmp_path), content)


def test_a_path_outside_is_never_written(exported: dict[str, bytes], tmp_path: Path) -> None:
    moved = {f"../../{Path(name).name}": content for name, content in exported.items()}
    store = RunStore(tmp_path / "deep" / "runs")
    entry = import_zip(store, packed(moved))
    assert entry.path.parent == store.runs_folder
    assert sorted(p.name for p in tmp_path.iterdir()) == ["deep"]
    assert sorted(p.name for p in (tmp_path / "deep").iterdir()) == ["runs"]


def test_a_name_that_leads_outside_is_refused(exported: dict[str, bytes], tmp_path: Path) -> None:
    record = json.loads(exported["mlp/run.json"]) | {"id": "../outside"}
    with pytest.raises(RunError, match="cannot name a run"):
        import_zip(RunStore(tmp_path / "runs"), packed(exported | {"mlp/run.json": json.dumps(record).encode()}))


def test_a_title_that_cannot_be_shown_is_replaced(exported: dict[str, bytes], tmp_path: Path) -> None:
    store = RunStore(tmp_path / "runs")
    spoilt = _run_json(title="half \ud800 \x1b[2J", note="two\nlines", hardware="\udfff")
    entry = import_zip(store, packed(spoilt(exported)))
    assert entry.record is not None
    assert (entry.record.title, entry.record.note) == ("half \ufffd \ufffd[2J", "two\nlines")
    assert entry.record.to_json().encode()


@pytest.mark.parametrize(
    ("name", "method"),
    [
        ("run.json", zipfile.ZIP_BZIP2),
        ("history.csv", zipfile.ZIP_DEFLATED),
        ("test.npz", zipfile.ZIP_DEFLATED),
        ("weights.safetensors", zipfile.ZIP_DEFLATED),
        pytest.param("weights.safetensors", zipfile.ZIP_LZMA, marks=pytest.mark.exhaustive),
    ],
)
def test_a_bomb_is_refused_before_it_is_unpacked(
    exported: dict[str, bytes], tmp_path: Path, name: str, method: int
) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path, content in exported.items():
            is_bomb = path.endswith(name)
            archive.writestr(path, bytes(50_000_000) if is_bomb else content, method if is_bomb else None)
    tracemalloc.start()
    with pytest.raises(RunError, match="larger than"):
        import_zip(RunStore(tmp_path / "runs"), buffer.getvalue())
    assert tracemalloc.get_traced_memory()[1] < 30_000_000
    tracemalloc.stop()


def test_a_bomb_that_declares_a_small_size_is_not_unpacked(exported: dict[str, bytes], tmp_path: Path) -> None:
    size = 50_000_001
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in exported.items():
            archive.writestr(path, bytes(size) if path.endswith("history.csv") else content)
    content = buffer.getvalue().replace(size.to_bytes(4, "little"), (1000).to_bytes(4, "little"))
    tracemalloc.start()
    with pytest.raises(RunError, match="damaged"):
        import_zip(RunStore(tmp_path / "runs"), content)
    assert tracemalloc.get_traced_memory()[1] < 30_000_000
    tracemalloc.stop()


def test_metrics_are_computed_from_the_predictions(exported: dict[str, bytes], tmp_path: Path) -> None:
    forged = _run_json(metrics=dict.fromkeys(("accuracy", "macro_precision", "macro_recall", "macro_f1"), 1.0))
    entry = import_zip(RunStore(tmp_path / "runs"), packed(forged(exported)))
    original = RunStore().get("mlp").record
    assert entry.record is not None
    assert original is not None
    assert entry.record.metrics == pytest.approx(original.metrics)


def test_a_run_with_other_labels_than_its_data_set_is_refused(exported: dict[str, bytes], tmp_path: Path) -> None:
    arrays = arrays_from_npz_bytes(exported["mlp/test.npz"], ("probabilities", "labels"))
    store = RunStore(tmp_path / "runs")
    forged = arrays | {"labels": arrays["probabilities"].argmax(axis=1).astype(np.uint8)}  # everything is right
    with pytest.raises(RunError, match="not those of Fashion-MNIST"):
        import_zip(store, packed(exported | {"mlp/test.npz": arrays_to_npz_bytes(forged)}))
    few = {name: array[:1] for name, array in arrays.items()}
    one = _run_json(data=json.loads(exported["mlp/run.json"])["data"] | {"n_test": 1})
    with pytest.raises(RunError, match="not those of Fashion-MNIST"):
        import_zip(store, packed(one(exported) | {"mlp/test.npz": arrays_to_npz_bytes(few)}))


def test_a_damaged_run_on_the_same_pictures_blocks_no_import(exported: dict[str, bytes], tmp_path: Path) -> None:
    zoo = tmp_path / "zoo"
    for name in ("cnn", "mlp"):
        shutil.copytree(RunStore().get(name).path, zoo / name)
    store = RunStore(tmp_path / "runs", zoo)
    (store.entries()[0].path / "test.npz").write_bytes(b"damaged")
    assert import_zip(store, packed(exported)).id == "mlp-2"
    arrays = arrays_from_npz_bytes(exported["mlp/test.npz"], ("probabilities", "labels"))
    forged = arrays_to_npz_bytes(arrays | {"labels": arrays["labels"][::-1].copy()})
    with pytest.raises(RunError, match="not those of Fashion-MNIST"):  # the sound run after it is still compared
        import_zip(store, packed(exported | {"mlp/test.npz": forged}))


def test_an_imported_run_is_marked_whatever_it_says(exported: dict[str, bytes], tmp_path: Path) -> None:
    entry = import_zip(RunStore(tmp_path / "runs"), packed(_run_json(is_imported=False)(exported)))
    assert entry.record is not None
    assert entry.record.is_imported


def test_imports_at_the_same_time_all_succeed(exported: dict[str, bytes], tmp_path: Path) -> None:
    store = RunStore(tmp_path / "runs")
    with ThreadPoolExecutor(8) as pool:
        entries = list(pool.map(lambda _: import_zip(store, packed(exported)), range(8)))
    assert sorted(entry.id for entry in entries) == [f"mlp-{number}" for number in range(2, 10)]


def test_a_run_with_an_ancient_date_is_exported(tmp_path: Path) -> None:
    folder = tmp_path / "runs" / "old"
    shutil.copytree(RunStore().get("mlp").path, folder)
    for path in folder.iterdir():
        os.utime(path, (0, 0))
    store = RunStore(tmp_path / "runs")
    assert len(export_zip(store.get("old"))) > 100_000
