"""Catalogues imported from pictures that the tests draw."""

from collections.abc import Mapping
from pathlib import Path

from fashion_core.data.catalogue import Catalogue
from fashion_core.data.importing.build import import_catalogue
from tests.core.data.importing.picture_folders import class_files, write_files


def make_catalogue(folder: Path, counts: Mapping[str, int], title: str = "Mine") -> Catalogue:
    """A catalogue with ``counts`` pictures of each class, drawn into ``folder``."""
    return import_catalogue(write_files(folder, class_files(counts)), title)
