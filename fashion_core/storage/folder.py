"""The per-user folder of data, runs and results and, in a classroom, a folder like it for each visitor."""

import os
from functools import lru_cache
from pathlib import Path

import platformdirs

from fashion_core.storage.visitors import VISITOR_NAME_PATTERN, current_visitor

VISITORS_FOLDER = "visitors"


def shared_data_folder() -> Path:
    """Per-user folder of data and runs, without symbolic links: ``FASHION_HOME``, or the platform's data folder."""
    configured = os.environ.get("FASHION_HOME")
    return _resolve(configured or platformdirs.user_data_dir("fashion-dashboard", appauthor=False))


@lru_cache(maxsize=16)  # pages ask for it ten times each
def _resolve(path: str) -> Path:
    return Path(path).resolve()


def user_data_folder() -> Path:
    """The folder of who asks: the per-user folder or, of a visitor, one inside it, which no other visitor sees."""
    name = current_visitor().name
    return shared_data_folder() / VISITORS_FOLDER / name if name else shared_data_folder()


def visitor_name_of(path: Path) -> str:
    """The name of the visitor whose folder ``path`` lies in; "" for none."""
    folder = _visitor_folder_of(path)
    return "" if folder is None else folder.name


def shared_counterpart(path: Path) -> Path:
    """``path``, which lies in the folder of a visitor or in the shared one, in the shared one."""
    folder = _visitor_folder_of(path)
    return path if folder is None else folder.parent.parent / path.relative_to(folder)


def counterparts(path: Path) -> list[Path]:
    """``path`` in the shared folder and in that of each visitor, as far as they exist: what takes turns is in all.

    ``path`` is a folder in the per-user folder, or any other, which has no counterpart but itself.
    """
    shared, folder = shared_counterpart(path), _visitor_folder_of(path)
    home = shared_data_folder() if folder is None else folder.parent.parent
    found = [shared]
    if shared.is_relative_to(home):
        found += sorted(home.glob(f"{VISITORS_FOLDER}/*/{shared.relative_to(home)}"))
    return [each for each in found if each.is_dir()]


def _visitor_folder_of(path: Path) -> Path | None:
    folders = (p for p in path.parents if p.parent.name == VISITORS_FOLDER and VISITOR_NAME_PATTERN.fullmatch(p.name))
    return next(folders, None)
