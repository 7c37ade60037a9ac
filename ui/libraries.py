"""What every first page imports, while the browser still loads."""

from importlib import import_module
from threading import Thread

# of this project: what imports most of the rest. Streamlit's caches can't be made before a session runs a script
MODULES = (
    "pandas",
    "plotly.graph_objects",
    "scipy.special",
    "fashion_core.runs.queue",
    "fashion_core.recognition.recognizer",
)


def start_importing_libraries() -> None:
    """In the background, so that the server answers at once."""
    Thread(target=lambda: [import_module(name) for name in MODULES], daemon=True).start()
