"""Prepare labelled photographs and drawings, many views of each, for training the recognition networks."""

import csv
import json
import multiprocessing
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from fashion_core.data.classes import CLASS_FOLDER_NAMES, NONE_OF_THESE_LABEL
from fashion_core.errors import PictureError
from fashion_core.recognition.labelled_folder import NONE_OF_THESE_FOLDER
from fashion_core.recognition.pens import draw_strokes
from fashion_core.training.extra_pictures import ExtraPictures
from fashion_core.vision.decode import decode_picture
from fashion_core.vision.picture_sources import PICTURE_SUFFIXES
from fashion_core.vision.preparation import PreparationOptions, prepare_picture

PENS_PER_DRAWING = 6
# words of the drawings of none of the ten classes that are never trained on: things to wear, an animal, objects
HELD_OUT_WORDS = ("belt", "cat", "guitar", "hat", "star")
# of the pictures sampled in training
GROUP_FRACTIONS = {"photographs": 0.36, "drawings": 0.38, "other photographs": 0.11, "other drawings": 0.15}
PREPARATION_SEED = 0
MAX_HELD_OUT_PICTURES = 100  # of one person: a promise must not depend on a few people


@dataclass(frozen=True)
class _Views:
    """Views uint8 [v, 28, 28] of one picture in the group of ``GROUP_FRACTIONS``."""

    group: str
    label: int
    views: np.ndarray


def find_held_out_photographs(photographs: Path, fraction: float) -> set[Path]:
    """The pictures of a fixed random ``fraction`` of the people, 0 to 1, as ``people.csv`` in the folder names them.

    Of people with more than ``MAX_HELD_OUT_PICTURES`` pictures none is held out.
    """
    with (photographs / "people.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    counts = Counter(row["person"] for row in rows)
    people = sorted(person for person, n in counts.items() if n <= MAX_HELD_OUT_PICTURES)
    chosen = set(np.random.default_rng(0).permutation(people)[: round(fraction * len(people))])
    return {photographs / row["file"] for row in rows if row["person"] in chosen}


def prepare_training_pictures(
    photographs: Path,
    strokes: Path,
    report: Callable[[int], None] = lambda n: None,
    held_out: Collection[Path] = (),
) -> ExtraPictures:
    """Views of the photographs in class folders and of the drawings in ``strokes``, one JSON object a line.

    Classes are sampled in proportion to the square root of their number of pictures. ``report`` gets the number of
    pictures prepared. Left out are the photographs ``held_out``, and pictures in which there is nothing to classify.
    """
    jobs = [*_photograph_jobs(photographs, held_out), *_drawing_jobs(strokes)]
    prepared: list[_Views] = []
    # threads would wait for each other: half of the time is spent in Python
    with ProcessPoolExecutor(mp_context=multiprocessing.get_context("spawn")) as pool:
        for n, views in enumerate(pool.map(_run, jobs, chunksize=8), 1):
            prepared += [views] if len(views.views) else []
            report(n)
    return ExtraPictures(
        images=np.concatenate([p.views for p in prepared]),
        labels=np.repeat([p.label for p in prepared], [len(p.views) for p in prepared]).astype(np.int64),
        weights=np.repeat(_view_weights(prepared), [len(p.views) for p in prepared]),
    )


def _run(job: Callable[[], _Views]) -> _Views:
    import cv2

    cv2.setNumThreads(1)
    return job()


def _view_weights(prepared: list[_Views]) -> np.ndarray:
    """How often each view of each picture is sampled, float64 [n]."""
    keys = [(p.group, p.label) for p in prepared]
    counts = Counter(keys)
    totals = {group: sum(np.sqrt(n) for (g, _), n in counts.items() if g == group) for group in GROUP_FRACTIONS}
    pictures = np.array(
        [GROUP_FRACTIONS[group] / totals[group] / np.sqrt(counts[group, label]) for group, label in keys]
    )
    return pictures / [len(p.views) for p in prepared]


def _photograph_jobs(folder: Path, held_out: Collection[Path]) -> Iterator[Callable[[], _Views]]:
    for label, name in [*enumerate(CLASS_FOLDER_NAMES), (NONE_OF_THESE_LABEL, NONE_OF_THESE_FOLDER)]:
        for path in sorted((folder / name).rglob("*")):
            if path.suffix.lower() in PICTURE_SUFFIXES and path not in held_out:
                yield partial(_prepare_photograph, path, label)


def _prepare_photograph(path: Path, label: int) -> _Views:
    group = "other photographs" if label == NONE_OF_THESE_LABEL else "photographs"
    try:
        rgb = decode_picture(path.read_bytes()).rgb
    except PictureError:
        return _Views(group, label, _prepare_views([], PreparationOptions()))
    random = np.random.default_rng([PREPARATION_SEED, *path.stem.encode()])
    grey = np.repeat(np.rint(rgb.mean(axis=2, keepdims=True)).astype(np.uint8), 3, axis=2)
    versions = [rgb, grey, _change_photograph(rgb, random)]
    return _Views(group, label, _prepare_views(versions, PreparationOptions("photo")))


def _change_photograph(rgb: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """The photograph turned, cropped and relit a little, as another person would take it."""
    import cv2

    height, width = rgb.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), random.uniform(-12, 12), random.uniform(0.9, 1.15))
    turn[:, 2] += random.uniform(-0.06, 0.06, 2) * np.array([width, height])
    changed = cv2.warpAffine(rgb, turn, (width, height), borderMode=cv2.BORDER_REFLECT)
    relit = 255 * (changed / 255.0) ** np.exp(random.uniform(-0.4, 0.4)) * random.uniform(0.8, 1.15)
    return np.clip(relit * random.uniform(0.92, 1.08, 3), 0, 255).astype(np.uint8)


def _drawing_jobs(path: Path) -> Iterator[Callable[[], _Views]]:
    for line in path.read_text(encoding="utf-8").splitlines():
        drawing = json.loads(line)
        if drawing["word"] not in HELD_OUT_WORDS:
            yield partial(_prepare_drawing, drawing)


def _prepare_drawing(drawing: dict[str, object]) -> _Views:
    random = np.random.default_rng([PREPARATION_SEED, *str(drawing["key"]).encode()])
    name = str(drawing["class"])
    label = CLASS_FOLDER_NAMES.index(name) if name in CLASS_FOLDER_NAMES else NONE_OF_THESE_LABEL
    sheets = [draw_strokes(drawing["strokes"], random) for _ in range(PENS_PER_DRAWING)]  # type: ignore[arg-type]
    group = "other drawings" if label == NONE_OF_THESE_LABEL else "drawings"
    return _Views(group, label, _prepare_views(sheets, PreparationOptions("drawing")))


def _prepare_views(pictures: Iterable[np.ndarray], options: PreparationOptions) -> np.ndarray:
    views = [np.empty((0, 28, 28), np.uint8)]
    for picture in pictures:
        try:
            views.append(prepare_picture(picture, options).views)
        except PictureError:
            continue
    return np.concatenate(views)
