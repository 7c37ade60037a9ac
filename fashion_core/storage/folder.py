"""The per-user folder of data, runs and results."""

import os
from pathlib import Path

import platformdirs


def user_data_folder() -> Path:
    """Per-user folder of data and runs: ``FASHION_HOME``, or the platform's data folder."""
    configured = os.environ.get("FASHION_HOME")
    return Path(configured) if configured else Path(platformdirs.user_data_dir("fashion-dashboard", appauthor=False))
