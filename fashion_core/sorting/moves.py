"""Move a sorted picture to another folder of the output, once a person has decided where it belongs.

The decision and the new path are in the journal before the file is touched, together with the old path. A process that
is killed in between leaves the move in the journal, and ``finish_moves`` repeats it: every step can be repeated.
"""

import os
from pathlib import Path

from fashion_core.errors import PictureError
from fashion_core.sorting.journal import Journal, target_key
from fashion_core.sorting.transfer import hash_file, transfer


def plan_move(journal: Journal, picture: int) -> None:
    """Note in the caller's transaction that a picture goes where people or else the model put it, if it isn't there."""
    path, sha256, target = journal.connection.execute(
        "SELECT path, sha256, target FROM pictures WHERE id = ?", (picture,)
    ).fetchone()
    folder, old = journal.find_folder(picture), Path(os.fsdecode(target))
    if not target or old.parent.name == folder:  # only in the table, or there already
        return
    new = journal.find_free_target(folder, Path(os.fsdecode(path)).name, sha256)
    _set_target(journal, picture, new)
    journal.connection.execute("INSERT INTO moves (picture, source) VALUES (?, ?)", (picture, target))


def finish_moves(journal: Journal) -> list[str]:
    """Do the moves in the journal; returns a sentence for each file that stays where it is.

    Raises ``StorageError`` when a folder cannot be written; those that are left are in the journal still.
    """
    errors = []
    rows = journal.connection.execute(
        "SELECT picture, source, target, path, sha256 FROM moves JOIN pictures ON id = picture ORDER BY picture"
    ).fetchall()
    for picture, source, target, path, sha256 in rows:
        old, new = journal.check_inside(os.fsdecode(source)), journal.check_inside(os.fsdecode(target))
        name = Path(os.fsdecode(path)).name
        try:
            while not _move(journal.folder / old, journal.folder / new):
                new = journal.find_free_target(new.parent.name, name, sha256)
                with journal.connection:
                    _set_target(journal, picture, new)
        except PictureError as error:
            errors.append(f"{old}: {error}")
            if os.path.lexists(journal.folder / old):
                new = old
        with journal.connection:
            _set_target(journal, picture, new)
            journal.connection.execute("DELETE FROM moves WHERE picture = ?", (picture,))
    return errors


def _move(source: Path, target: Path) -> bool:
    """Whether the file lies at ``target`` now; False if another one does. The content may have been edited since."""
    try:
        transfer("move", source, target, hash_file(source))
    except FileExistsError:
        return False
    except FileNotFoundError as error:
        if not os.path.lexists(target):
            raise PictureError("The file is not there any more.") from error
    except OSError as error:
        raise PictureError(f"The file cannot be read ({error.strerror}).") from error
    return True


def _set_target(journal: Journal, picture: int, target: Path) -> None:
    journal.connection.execute(
        "UPDATE pictures SET target = ?, target_key = ? WHERE id = ?",
        (os.fsencode(target), target_key(target), picture),
    )
