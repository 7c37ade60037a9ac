"""The feature spaces that the Clusters page offers: of pixels, and what the networks of runs compute."""

from fashion_core.computed.feature_spaces import FEATURE_SPACES
from fashion_core.computed.image_vectors import PIXELS, PRETRAINED, PRETRAINED_SPACE
from fashion_core.errors import ConfigError, RunError
from fashion_core.models import registry
from fashion_core.models.pretrained import missing_requirement
from fashion_core.runs.store import RunEntry
from fashion_core.runs.summary import RECOGNITION_RUN_IDS
from ui import caches, pickers


def list_spaces() -> dict[str, str]:
    """Title of every space by its name in the address; of networks that of the most accurate run comes first."""
    titles = {name: name for name in FEATURE_SPACES}
    titles |= {run.id: f"features of {pickers.run_label(run)}" for run in _list_network_runs()}
    return titles if missing_requirement() else titles | {PRETRAINED: "features of the network trained on ImageNet"}


def _list_network_runs() -> list[RunEntry]:
    """Trained networks: those on the data set, most accurate first; on a catalogue then the shipped one."""
    runs = [run for run in pickers.list_runs() if run.has_predictions and _is_network(run)]
    runs.sort(key=lambda run: -run.record.metrics["accuracy"] if run.record else 0.0)
    shipped = None if caches.current_dataset().has_shipped_runs else caches.find_run(RECOGNITION_RUN_IDS[0])
    return [*runs, shipped] if shipped else runs


def _is_network(run: RunEntry) -> bool:
    return run.record is not None and registry.get_model_spec(run.record.model).trainer == "gradient"


def find_space(name: str) -> str:
    """The space as computations name it, of a run with the hash of its weights.

    Raises ``ConfigError`` when there is none of this name.
    """
    if name in FEATURE_SPACES:
        return name
    if name == PRETRAINED:
        return PRETRAINED_SPACE
    run = caches.find_run(name)
    if run is None or not _is_network(run):
        raise ConfigError(f"space is {name!r}; choose {', '.join(FEATURE_SPACES)} or a run with a network.")
    try:
        return f"{run.id}@{caches.cached_weights_digest(run)}"
    except RunError as error:
        raise ConfigError(str(error)) from error


def find_map_space(name: str) -> str:
    """The space that maps are made in: a network's, else pixels."""
    return PIXELS if name in FEATURE_SPACES else find_space(name)
