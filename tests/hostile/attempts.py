"""Hostile pictures, zips, runs, catalogues, settings files and addresses, each made from a seed, and what a user would
do with them."""

import io
import json
import zipfile
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image
from safetensors.numpy import load, save

from fashion_core.analysis.feasibility import assess_automation
from fashion_core.data.catalogue import Catalogue
from fashion_core.data.catalogue_archive import export_catalogue
from fashion_core.data.catalogue_list import delete_catalogue
from fashion_core.data.importing.build import import_catalogue
from fashion_core.data.importing.report import load_report
from fashion_core.errors import PictureError
from fashion_core.report.settings import ReportSettings
from fashion_core.runs.archive import export_zip, import_zip
from fashion_core.runs.store import RunStore
from fashion_core.runs.summary import summarize_run
from fashion_core.storage.arrays import arrays_from_npz_bytes, arrays_to_npz_bytes
from fashion_core.vision.decode import decode_picture
from fashion_core.vision.picture_sources import open_picture_sources
from fashion_core.vision.preparation import prepare_picture
from fashion_core.wording.catalogue import describe_findings, describe_import, describe_kinds, describe_split
from tests.core.data.catalogues import make_catalogue
from tests.core.data.importing.picture_folders import picture
from tests.hostile.mutations import TEXTS, draw_array, draw_value, mutate_bytes, mutate_json
from ui.clusters.view import ClustersView
from ui.compare.view import CompareView
from ui.feasibility.view import FeasibilityView
from ui.page_state import view_from_parameters, view_to_parameters

FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "AVIF", "BMP", "TIFF", "HEIF")
VIEWS = (ClustersView, CompareView, FeasibilityView)
COMPRESSIONS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
MEMBER_NAMES = (
    "../../x.png", "/etc/x.png", "C:\\x.png", "a/../x.png", "x.zip", "\x1b[2J.png", "a" * 300 + ".png", ".png",
)  # fmt: skip

Attempt = Callable[[np.random.Generator, Path], None]


@cache
def sound_pictures() -> list[bytes]:
    """A small picture in each format and several modes."""
    import pillow_heif

    pillow_heif.register_heif_opener()
    small = Image.open(io.BytesIO(picture(1)))
    saved = []
    for form in FORMATS:
        buffer = io.BytesIO()
        small.save(buffer, form)
        saved.append(buffer.getvalue())
    for mode, form, options in (
        ("RGBA", "PNG", {}), ("P", "PNG", {}), ("I;16", "PNG", {}), ("1", "TIFF", {}), ("CMYK", "JPEG", {}),
        ("F", "TIFF", {}), ("RGB", "JPEG", {"progressive": True}), ("RGB", "WEBP", {"lossless": True}),
        ("RGB", "TIFF", {"compression": "tiff_lzw"}), ("RGB", "GIF", {"save_all": True, "append_images": [small] * 3}),
    ):  # fmt: skip
        buffer = io.BytesIO()
        small.convert("L" if mode == "I;16" else "RGB").convert(mode).save(buffer, form, **options)
        saved.append(buffer.getvalue())
    return saved


def draw_picture(rng: np.random.Generator) -> bytes:
    """A spoilt picture; sometimes two in one file."""
    pictures = sound_pictures()
    content = pictures[rng.integers(len(pictures))]
    if rng.random() < 0.05:
        content += pictures[rng.integers(len(pictures))]
    return mutate_bytes(content, rng)


def try_picture(rng: np.random.Generator, folder: Path) -> None:
    """Decode a picture and, one time in twenty, prepare it."""
    decoded = decode_picture(draw_picture(rng))
    if rng.random() < 0.05:
        prepare_picture(decoded)


def draw_zip(rng: np.random.Generator) -> bytes:
    """A zip of spoilt pictures under hostile names, packed in any way; sometimes spoilt itself."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for i in range(rng.integers(0, 6)):
            name = MEMBER_NAMES[rng.integers(len(MEMBER_NAMES))] if rng.random() < 0.4 else f"shirt/{i}.png"
            content = bytes(30 * 2**20) if rng.random() < 0.02 else draw_picture(rng)
            archive.writestr(f"{i}/{name}", content, COMPRESSIONS[rng.integers(4)])
    return mutate_bytes(buffer.getvalue(), rng) if rng.random() < 0.7 else buffer.getvalue()


def try_zip(rng: np.random.Generator, folder: Path) -> None:
    """List the pictures in a zip, and decode them."""
    path = folder / "pictures.zip"
    path.write_bytes(draw_zip(rng))
    with open_picture_sources([path]) as sources:
        for source in sources:
            with suppress(PictureError):
                decode_picture(source.read())


@cache
def sound_run() -> dict[str, bytes]:
    """The files of a shipped run, by name."""
    with zipfile.ZipFile(io.BytesIO(export_zip(RunStore().get("mlp")))) as archive:
        return {Path(name).name: archive.read(name) for name in archive.namelist()}


def draw_run(rng: np.random.Generator) -> bytes:
    """A zip of a run in which one file is spoilt, or the zip itself."""
    files = dict(sound_run())
    action = rng.integers(8)
    if action < 3:
        files["run.json"] = json.dumps(mutate_json(json.loads(files["run.json"]), rng)).encode()
    elif action == 3:
        rows = [line.split(",") for line in files["history.csv"].decode().splitlines()]
        row = rows[rng.integers(len(rows))]
        row[rng.integers(len(row))] = str(draw_value(rng))[:1000]
        files["history.csv"] = "\n".join(",".join(row) for row in rows).encode(errors="replace")
    elif action == 4:
        arrays = arrays_from_npz_bytes(files["test.npz"], ("probabilities", "labels"))
        arrays[("probabilities", "labels")[rng.integers(2)]] = draw_array(rng)
        files["test.npz"] = arrays_to_npz_bytes(arrays)
    elif action == 5:
        weights = load(files["weights.safetensors"])
        name = sorted(weights)[rng.integers(len(weights))]
        changed = draw_array(rng)
        weights[name] = changed if changed.dtype.kind in "uif" else np.full_like(weights[name], np.nan)
        files["weights.safetensors"] = save(weights)
    else:
        name = sorted(files)[rng.integers(len(files))]
        files[name] = mutate_bytes(files[name], rng)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", COMPRESSIONS[rng.integers(4)] if rng.random() < 0.1 else 0) as archive:
        for name, content in files.items():
            archive.writestr(f"{('mlp', '..', '/')[rng.integers(3)]}/{name}", content)
    return mutate_bytes(buffer.getvalue(), rng) if action == 7 else buffer.getvalue()


def try_run(rng: np.random.Generator, folder: Path) -> None:
    """Import a run; one that can be imported is scored and assessed."""
    store = RunStore(folder / "runs")
    entry = import_zip(store, draw_run(rng))
    predictions = store.load_predictions(entry)
    summarize_run(entry, predictions)
    assess_automation(predictions, predictions, 0.99)
    store.load_history(entry)
    store.delete_entry(entry)


@cache
def sound_catalogue(folder: Path) -> dict[str, bytes]:
    """The files of an exported catalogue, by name."""
    catalogue = make_catalogue(folder / "pictures", {"Shirt": 6, "Coat": 6}, "Sound")
    path = folder / "sound.zip"
    export_catalogue(catalogue, path)
    delete_catalogue("sound")
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def draw_catalogue(rng: np.random.Generator, files: dict[str, bytes]) -> bytes:
    """A zip of an exported catalogue in which one file is spoilt, or the zip itself."""
    files = dict(files)
    names = sorted(files)
    action = rng.integers(5)
    name = names[rng.integers(len(names))]
    if action in (0, 4):
        name = next(name for name in names if name.endswith("report.json" if action else "dataset.json"))
        files[name] = json.dumps(mutate_json(json.loads(files[name]), rng)).encode()
    elif action == 1:
        buffer = io.BytesIO()
        np.save(buffer, draw_array(rng))
        files[next(name for name in names if name.endswith("images.npy"))] = buffer.getvalue()
    else:
        files[name] = mutate_bytes(files[name], rng)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return mutate_bytes(buffer.getvalue(), rng) if action == 3 else buffer.getvalue()


def try_catalogue(rng: np.random.Generator, folder: Path) -> None:
    """Import a catalogue; one that can be imported is described and read."""
    source = folder / "catalogue.zip"
    source.write_bytes(draw_catalogue(rng, sound_catalogue(folder)))
    catalogue = import_catalogue(source, TEXTS[rng.integers(len(TEXTS))] or "Mine", kind="letterbox")
    try:
        _read_catalogue(Catalogue.open(catalogue.folder))
    finally:
        delete_catalogue(catalogue.name)


def _read_catalogue(catalogue: Catalogue) -> None:
    if (report := load_report(catalogue.folder)) is not None:
        for describe in (describe_import, describe_split, describe_kinds, describe_findings):
            describe(report)
    for split in ("train", "validation", "test"):
        catalogue.split(split)
    catalogue.read_picture("train", 0)


def try_settings(rng: np.random.Generator, folder: Path) -> None:
    """Read the settings of a report."""
    sound = ReportSettings(author="A", logo=picture(2)).to_json()
    if rng.random() < 0.3:
        ReportSettings.from_json(mutate_bytes(sound.encode(), rng))
    ReportSettings.from_json(json.dumps(mutate_json(json.loads(sound), rng)).encode())


def try_address(rng: np.random.Generator, folder: Path) -> None:
    """Read what an address says about a page, and write it back."""
    default = VIEWS[rng.integers(len(VIEWS))]()
    names = [*default.__dataclass_fields__, "data", "tab", "nothing"]
    chosen = [names[i] for i in rng.integers(0, len(names), rng.integers(1, 6))]
    view, _ = view_from_parameters(default, {name: TEXTS[rng.integers(len(TEXTS))] for name in chosen})
    view_from_parameters(default, view_to_parameters(view))


ATTEMPTS: dict[str, tuple[Attempt, float]] = {  # by kind, with the fraction of all attempts
    "picture": (try_picture, 0.4),
    "zip": (try_zip, 0.15),
    "run": (try_run, 0.1),
    "catalogue": (try_catalogue, 0.05),
    "settings": (try_settings, 0.15),
    "address": (try_address, 0.15),
}
