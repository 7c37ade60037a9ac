"""The files of an exported run, as a folder or as a zip."""

import io
import json
import os
import tempfile
import textwrap
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fashion_core.errors import StorageError

if TYPE_CHECKING:
    from fashion_core.models.trained_network import TrainedNetwork

EXAMPLE_PATH = Path(__file__).with_name("example.py")
MAX_LINE_LENGTH = 120
PREPARATION_COST = "PREPARATION_COST"  # in the example, where a sentence goes


def make_files(
    network: "TrainedNetwork", card: dict[str, Any], *, model_card: str, preparation_cost: str
) -> dict[str, bytes]:
    """The files by name. ``model_card``: text of ``README.md``; ``preparation_cost``: a sentence for the example's
    docstring on what its simple preparation costs."""
    example = EXAMPLE_PATH.read_text(encoding="utf-8")
    (line,) = (line for line in example.splitlines() if PREPARATION_COST in line)
    wrapped = textwrap.fill(line.replace(PREPARATION_COST, preparation_cost), MAX_LINE_LENGTH)
    example = example.replace(line, wrapped, 1)
    return {
        "model.onnx": network.to_onnx().SerializeToString(),
        "card.json": (json.dumps(card, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode(),
        "README.md": model_card.encode(),
        "predict.py": example.encode(),
    }


def save_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write ``files`` by name into the new ``folder``, which appears with all of them.

    Raises ``StorageError`` when there is something at ``folder`` already, or it cannot be written.
    """
    check_is_new(folder)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".new-") as temporary:
            unfinished = Path(temporary, "export")
            unfinished.mkdir()
            for name, content in files.items():
                (unfinished / name).write_bytes(content)
            check_is_new(folder)
            unfinished.rename(folder)
    except OSError as error:
        raise StorageError(
            f"{folder} cannot be written ({error.strerror}). Free some space, or choose another folder."
        ) from error


def check_is_new(folder: Path) -> None:
    """Raise ``StorageError`` when there is something at ``folder``, a dangling link included."""
    if os.path.lexists(folder):
        raise StorageError(f"{folder} is there already. Choose a new folder.")


def make_zip(name: str, files: Mapping[str, bytes]) -> bytes:
    """``files`` by name as a zip of one folder called ``name``."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for file, content in files.items():
            archive.writestr(f"{name}/{file}", content)
    return buffer.getvalue()
