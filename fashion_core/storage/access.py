"""The one function that everything passes that starts, changes or deletes something; and what a visitor may have."""

import dataclasses
import os
from pathlib import Path

from fashion_core.errors import AccessError, ConfigError
from fashion_core.storage.files import file_size, folder_size
from fashion_core.storage.folder import user_data_folder
from fashion_core.storage.visitors import Amounts, current_visitor

QUOTA_VARIABLE = "FASHION_QUOTA"
DEFAULT_QUOTA = Amounts(runs=20, minutes=60, pictures=2_000, megabytes=500)
TRAINING_TIME_FILE = "trained-seconds.txt"  # of each training, also of runs that were deleted; summed
IMAGE_BYTES = 28 * 28  # of a picture in the images of a catalogue
HOW_TO_GET_ROOM = {
    "runs": "Delete some on the page Train.",
    "minutes": "Ask the owner of this dashboard for more.",
    "pictures": "Import fewer, or delete a data set.",
    "megabytes": "Delete runs, data sets or garments.",
}


def check_change(
    *, runs: int = 0, minutes: float = 0, pictures: int = 0, megabytes: float = 0, shared: bool = False
) -> None:
    """Raise ``AccessError`` unless the visitor who asks may change something, and has room for what it adds.

    ``shared``: it changes what all visitors see.
    """
    visitor = current_visitor()
    if not visitor.may_change:
        raise AccessError(
            "This dashboard is shown as a presentation, so nothing can be started or changed. Ask its owner, or start "
            "your own."
        )
    if shared and visitor.name:
        raise AccessError("All visitors of this dashboard share this, so only its owner can change it. Ask the owner.")
    added = Amounts(runs, minutes, pictures, megabytes)
    if visitor.quota is None or added == Amounts():
        return
    used = measure_used_amounts()
    for name, how in HOW_TO_GET_ROOM.items():
        most, total = getattr(visitor.quota, name), getattr(used, name) + getattr(added, name)
        if total > most:
            raise AccessError(f"This would make {total:,.0f} {name}, and you may have {most:,.0f}. {how}")


def measure_used_amounts() -> Amounts:
    """What the visitor who asks has."""
    home = user_data_folder()
    runs = [path for path in _list(home / "runs") if path.is_dir() and not path.name.startswith(".")]
    n_pictures = sum(file_size(path / "images.npy") // IMAGE_BYTES for path in _list(home / "datasets"))
    return Amounts(len(runs), _trained_seconds(home) / 60, n_pictures, folder_size(home) / 2**20)


def add_training_seconds(seconds: float) -> None:
    """Count ``seconds`` of training against the quota of the visitor who asks."""
    if current_visitor().name:
        with (user_data_folder() / TRAINING_TIME_FILE).open("a", encoding="ascii") as file:
            file.write(f"{seconds:.2f}\n")


def training_seconds_left() -> float:
    """For how long the visitor who asks may still train; infinite without a quota."""
    quota = current_visitor().quota
    return float("inf") if quota is None else 60 * quota.minutes - _trained_seconds(user_data_folder())


def quota_from_environment() -> Amounts:
    """``FASHION_QUOTA``, such as "runs=20 minutes=60 pictures=2000 megabytes=500"; what it leaves out has its default.

    Raises ``ConfigError`` when it can't be read.
    """
    text = os.environ.get(QUOTA_VARIABLE, "")
    try:
        values = {name: float(value) for name, value in (part.split("=") for part in text.replace(",", " ").split())}
        if not all(value >= 0 for value in values.values()):
            raise ValueError("a negative number")
        return dataclasses.replace(DEFAULT_QUOTA, **values)
    except (ValueError, TypeError) as error:
        raise ConfigError(
            f"{QUOTA_VARIABLE} is {text!r}; write it like runs=20 minutes=60 pictures=2000 megabytes=500."
        ) from error


def _trained_seconds(home: Path) -> float:
    try:
        return sum(map(float, (home / TRAINING_TIME_FILE).read_text(encoding="ascii").split()))
    except (OSError, ValueError):
        return 0.0


def _list(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []
