"""Add the pictures on which people decided to a catalogue, for the next training."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from fashion_core.data.catalogue import Catalogue
from fashion_core.data.importing.growing import AddedPictures, NewPicture, add_pictures
from fashion_core.sorting.review import open_review
from fashion_core.vision.picture_sources import make_file_source


@dataclass(frozen=True)
class DecidedPicture:
    """A picture of a sorted folder with the class that a person gave it; ``path``: its file."""

    id: int
    path: Path
    class_name: str


def list_decided_pictures(folder: Path, catalogue_name: str) -> list[DecidedPicture]:
    """The pictures with a class from a person that were not added to the catalogue yet, by the order of the answers.

    Raises what ``open_review`` does.
    """
    query = (
        "SELECT pictures.id, path, target, answer FROM reviews JOIN pictures ON pictures.id = picture "
        "WHERE answer != '' AND reviews.id = (SELECT min(id) FROM reviews other WHERE other.picture = pictures.id "
        "AND other.answer IS NOT NULL) AND pictures.id NOT IN (SELECT picture FROM added WHERE catalogue = ?) "
        "ORDER BY reviews.id"
    )
    with open_review(folder) as journal:
        rows = journal.connection.execute(query, (catalogue_name,)).fetchall()
    return [
        DecidedPicture(identifier, folder / os.fsdecode(target) if target else Path(os.fsdecode(path)), answer)
        for identifier, path, target, answer in rows
    ]


def add_decided_pictures(
    folder: Path, catalogue: Catalogue, report: Callable[[float], None] = lambda fraction: None
) -> AddedPictures:
    """Add them all, and remember that; ``report`` gets the fraction that is prepared, 0 to 1.

    Raises what ``open_review`` and ``add_pictures`` do.
    """
    decided = list_decided_pictures(folder, catalogue.name)
    pictures = [NewPicture(make_file_source(each.path).read, each.class_name, each.path.name) for each in decided]
    added = add_pictures(catalogue, pictures, lambda n: report(n / len(pictures)))
    with open_review(folder) as journal, journal.connection:
        rows = [(each.id, catalogue.name) for each in decided]
        journal.connection.executemany("INSERT OR IGNORE INTO added VALUES (?, ?)", rows)
    return added
