"""``predict``: classify picture files."""

import argparse
from pathlib import Path
from typing import Any

import numpy as np

from fashion_core.cli.arguments import add_json, add_runs
from fashion_core.errors import FashionError, PictureError
from fashion_core.labels import NAMES
from fashion_core.recognition.recognizer import TOGETHER, Recognizer, shipped_recognizer
from fashion_core.runs.store import RunStore
from fashion_core.vision.pipeline import KINDS

SUFFIXES = {".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp", ".tif", ".tiff"}


def add(verbs: Any) -> None:
    """Add the verb's arguments."""
    parser = verbs.add_parser("predict", help="say what garment is on a picture")
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="picture files, or folders of them")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--model", metavar="NAME", help=f"one shipped run (default: {' and '.join(TOGETHER)} together)")
    which.add_argument("--run", dest="run_name", metavar="RUN", help="a run of yours")
    parser.add_argument("--kind", choices=["auto", *KINDS], default="auto")
    parser.add_argument("--save-steps", type=Path, metavar="DIR", help="write the preparation's steps there as PNG")
    add_runs(parser)
    add_json(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Answer for each picture; one that cannot be read becomes a line that says why, and the others go on."""
    store = RunStore(args.runs)
    recognizer = _recognizer(store, args.run_name or args.model)
    paths = [found for path in args.paths for found in _pictures(path)]
    if not paths:
        raise PictureError("There are no pictures in these folders. Give PNG, JPEG, GIF, WebP, BMP or TIFF files.")
    answers = [_answer(path, recognizer, args.kind, args.save_steps) for path in paths]
    if all("error" in answer for answer in answers):
        raise PictureError(f"{answers[0]['path']}: {answers[0]['error']}")
    if not args.json:
        for answer in answers:
            told = answer.get("error") or ", ".join(f"{c['label']} {c['probability']:.1%}" for c in answer["classes"])
            print(f"{answer['path']}: {told}")
    return {"pictures": answers}


def _recognizer(store: RunStore, run_id: str | None) -> Recognizer:
    return Recognizer([store.classifier(store.get(run_id))]) if run_id else shipped_recognizer(store)


def _pictures(path: Path) -> list[Path]:
    if path.is_dir():
        return sorted(p for p in path.rglob("*") if p.suffix.lower() in SUFFIXES and p.is_file())
    return [path]


def _answer(path: Path, recognizer: Recognizer, kind: Any, save_steps: Path | None) -> dict[str, Any]:
    from fashion_core.vision.opening import MAX_BYTES, open_picture
    from fashion_core.vision.pipeline import Wishes, prepare

    try:
        if path.exists() and not path.is_file():
            return {"path": str(path), "error": "This is no file. Choose a picture."}
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)  # one more than is taken, so that the size is told
        prepared = prepare(open_picture(content), Wishes(kind))
    except PictureError as error:
        return {"path": str(path), "error": str(error)}
    except OSError as error:
        return {"path": str(path), "error": f"The file cannot be read ({error.strerror})."}
    if save_steps is not None:
        _save(prepared.steps, save_steps / path.stem)
    p = recognizer.answer(prepared).probabilities
    best = np.argsort(-p, kind="stable")[:3]
    return {
        "path": str(path),
        "kind": prepared.kind,
        "classes": [{"label": NAMES[c], "probability": float(p[c])} for c in best],
    }


def _save(steps: Any, folder: Path) -> None:
    from PIL import Image

    try:
        folder.mkdir(parents=True, exist_ok=True)
        for number, step in enumerate(steps, 1):
            Image.fromarray(step.image).save(folder / f"{number}.png")
    except OSError as error:
        raise FashionError(f"{folder} cannot be written ({error.strerror}). Choose another folder.") from error
