"""A folder that may not be looked into, also where tests run as root, who may look everywhere."""

import errno
import os
from typing import Any

import pytest


def close_folder(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the system refuse to tell anything about what lies in any folder called ``name``."""
    stat = os.stat

    def refuse(path: os.PathLike[str], **options: Any) -> os.stat_result:
        if f"/{name}/" in os.fspath(path):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return stat(path, **options)

    monkeypatch.setattr(os, "stat", refuse)
