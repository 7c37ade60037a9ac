"""The record of a run, ``run.json``, and its validation."""

import dataclasses
import json
import re
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from fashion_core.config.train_config import TrainConfig
from fashion_core.data.class_names import is_clean_name
from fashion_core.data.classes import CLASS_NAMES, MAX_CLASSES, ClassList, make_classes
from fashion_core.data.dataset import DatasetSourceName
from fashion_core.errors import ConfigError, RunError
from fashion_core.models import registry
from fashion_core.vision.picture_sources import replace_control_characters

if TYPE_CHECKING:
    import pandas as pd

RUN_SCHEMA = 2  # 1: without the classes; they are Fashion-MNIST's
METRIC_NAMES = ("accuracy", "macro_precision", "macro_recall", "macro_f1")
MAX_VERSIONS = 20
MAX_ENSEMBLE_MEMBERS = 10
MAX_TITLE_LENGTH = 80  # characters
RUN_ID_PATTERN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")
RunState = Literal["queued", "running", "finished", "failed", "diverged", "cancelled"]


@dataclass(frozen=True)
class DataInfo:
    """The data set of a run: its source, its 16-digit fingerprint, and the number of images in each split.

    ``test_fingerprint`` is that of the test split; figures of two runs are compared only where it is equal. ``classes``
    are the names of the classes, in order. ``n_folds``: of cross-validation, in which each of the ``n_test`` images was
    predicted by a model that had not seen it; they are among the others too. 0 for a test split of its own.
    """

    source: DatasetSourceName
    fingerprint: str
    n_train: int
    n_validation: int
    n_test: int
    name: str = "fashion-mnist"
    title: str = "Fashion-MNIST"
    test_fingerprint: str = ""
    classes: tuple[str, ...] = CLASS_NAMES
    n_folds: int = 0

    @cached_property
    def class_list(self) -> ClassList:
        """The classes with short names and colours."""
        return make_classes(self.classes)


@dataclass(frozen=True)
class EnsembleMember:
    """A run that an ensemble was made of; the ensemble holds a copy of its weights."""

    id: str
    title: str
    config: TrainConfig


@dataclass(frozen=True)
class RunRecord:
    """Everything about a run except its arrays.

    ``created`` is ISO 8601 in UTC; ``seconds`` the training time; ``metrics`` the test accuracy, macro_precision,
    macro_recall and macro_f1 from 0 to 1, empty until the run is finished; ``reason`` one sentence when it failed;
    ``note`` is the user's; runs that were started together have the same ``tag``. ``members`` are the runs that an
    ensemble was made of. ``is_imported``: trained elsewhere, so nothing here knows how. A diverged run has the weights
    that were kept until then, and no metrics. ``best_epoch`` is the epoch whose weights are kept, 0 before they are.
    """

    id: str
    title: str
    config: TrainConfig
    data: DataInfo
    state: RunState
    created: str
    seconds: float = 0.0
    n_parameters: int = 0
    best_epoch: int = 0
    metrics: dict[str, float] = field(default_factory=dict)
    never_predicted: tuple[int, ...] = ()
    versions: dict[str, str] = field(default_factory=dict)
    hardware: str = ""
    reason: str = ""
    note: str = ""
    tag: str = ""
    members: tuple[EnsembleMember, ...] = ()
    is_imported: bool = False

    @property
    def model(self) -> str:
        """Registry name of the model."""
        return self.config.model

    def find_kept_epoch(self, epochs: "pd.DataFrame") -> int:
        """The epoch whose weights are kept, or would be if training ended now; 0 before the first.

        ``epochs``: one row per epoch with the columns of ``history.csv``.
        """
        if self.best_epoch or epochs.empty:
            return self.best_epoch
        if registry.get_model_spec(self.model).trainer == "restarts":  # the one with the lowest training loss
            return int(epochs["epoch"].iloc[int(np.argmin(epochs["train_loss"]))])
        if self.config.one_cycle:
            return int(epochs["epoch"].iloc[-1])
        accuracy = epochs["val_accuracy"].to_numpy()
        return int(epochs["epoch"].iloc[int(np.flatnonzero(accuracy == accuracy.max())[-1])])

    def to_json(self) -> str:
        """The text of ``run.json``."""
        return json.dumps({"schema": RUN_SCHEMA, **dataclasses.asdict(self)}, indent=2) + "\n"

    @classmethod
    def from_json(cls, text: str) -> "RunRecord":
        """Parse ``run.json``; raises ``RunError`` saying what is wrong with it."""
        try:
            values: Any = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise RunError("Its run.json is not readable JSON.") from error
        if not isinstance(values, dict):
            raise RunError("Its run.json does not describe a run.")
        schema = values.pop("schema", None)
        if schema not in range(1, RUN_SCHEMA + 1):
            raise RunError(
                f"Its format is version {schema!r:.20}, and this program reads up to {RUN_SCHEMA}; update the program."
            )
        try:
            values = _replace_unprintable(values)
            values["config"] = TrainConfig.from_dict(values["config"])
            values["data"] = _parse_data_info(values["data"])
            values["never_predicted"] = tuple(int(c) for c in values.get("never_predicted", ()))
            values["metrics"] = {str(k): float(v) for k, v in values.get("metrics", {}).items()}
            values["members"] = tuple(
                EnsembleMember(member["id"], member["title"], TrainConfig.from_dict(member["config"]))
                for member in values.get("members", ())
            )
            record = cls(**values)
            registry.get_model_spec(record.config.model)
            _check_values(record)
        except ConfigError as error:
            raise RunError(f"Its settings cannot be used. {error}") from error
        except (TypeError, KeyError, ValueError, AttributeError, OverflowError, RecursionError) as error:
            raise RunError("A field of its run.json is missing or invalid.") from error
        check_run_id(record.id)
        if record.state not in get_args(RunState):
            raise RunError(f"Its state {record.state!r:.80} is unknown.")
        return record


def _replace_unprintable(value: Any) -> Any:
    """JSON whose texts have no characters that control a terminal, or that can't be encoded as UTF-8."""
    if isinstance(value, str):
        return "\n".join(map(replace_control_characters, value.split("\n")))
    if isinstance(value, dict):
        return {_replace_unprintable(key): _replace_unprintable(each) for key, each in value.items()}
    return [_replace_unprintable(each) for each in value] if isinstance(value, list) else value


def _parse_data_info(values: dict[str, Any]) -> DataInfo:
    """The field "data" of a record; schema 1 has no names and no classes."""
    sample = values["source"] == "stand-in"
    defaults = {"title": "Synthetic sample data"} if sample else {}
    values = {"test_fingerprint": values["fingerprint"], **defaults, **values}
    values["classes"] = tuple(values.get("classes", CLASS_NAMES))
    return DataInfo(**values)


def _check_values(record: RunRecord) -> None:
    """Raise ValueError, TypeError or RunError when a value has a wrong type or is out of range."""
    if bool(record.members) != (record.model == registry.ENSEMBLE):
        raise ValueError("an ensemble has members, and no other run has")
    if len(record.members) > MAX_ENSEMBLE_MEMBERS:
        raise RunError(
            f"It is an ensemble of {len(record.members):,} runs, and one has at most {MAX_ENSEMBLE_MEMBERS}. "
            "Choose another."
        )
    for member in record.members:
        check_run_id(member.id)
        if not registry.get_model_spec(member.config.model).is_trainable:
            raise ValueError("an ensemble is no member of another")
    texts = [*(member.title for member in record.members)]
    texts += [record.title, record.created, record.hardware, record.reason, record.note, record.tag]
    data = record.data
    texts += [data.fingerprint, data.test_fingerprint, data.name, data.title, *record.versions.values()]
    if not all(isinstance(text, str) and len(text) < 1000 for text in texts):
        raise TypeError("a text is missing")
    if {"/", "\\"} & set(data.name) or not isinstance(record.is_imported, bool):
        raise ValueError("a data set is named by a path, or a mark is no truth value")
    if len(record.versions) > MAX_VERSIONS or not all(map(is_clean_name, data.classes)):
        raise ValueError("a name is too long, or there are too many")
    if datetime.fromisoformat(record.created).tzinfo is None:
        raise ValueError("the time has no zone")
    counts = (record.n_parameters, record.best_epoch, data.n_train, data.n_validation, data.n_test, data.n_folds)
    if not all(type(count) is int and 0 <= count < 10**12 for count in counts):
        raise ValueError("a count is out of range")
    if not 0 <= record.seconds < 10**9 or data.source not in get_args(DatasetSourceName):
        raise ValueError("a value is out of range")
    if not 2 <= len(set(data.classes)) == len(data.classes) <= MAX_CLASSES:
        raise ValueError("the classes are not distinct")
    if not all(0 <= c < len(data.classes) for c in record.never_predicted):
        raise ValueError("a class is unknown")
    if not all(0 <= value <= 1 for value in record.metrics.values()):
        raise ValueError("a metric is out of range")
    if record.state == "finished" and set(record.metrics) != set(METRIC_NAMES):
        raise ValueError("a metric is missing")


def check_title(title: str) -> str:
    """Return ``title`` on one line if it has 1 to ``MAX_TITLE_LENGTH`` characters; raise ``RunError`` otherwise."""
    title = " ".join(title.split())
    if not 1 <= len(title) <= MAX_TITLE_LENGTH:
        raise RunError(f"A run's name has 1 to {MAX_TITLE_LENGTH} characters. Choose another one.")
    return title


def check_run_id(run_id: object) -> str:
    """Return ``run_id`` if it can name a folder on any system; raise ``RunError`` otherwise."""
    if not isinstance(run_id, str) or not RUN_ID_PATTERN.fullmatch(run_id) or run_id.endswith("."):
        raise RunError(
            f"{str(run_id)[:80]!r} cannot name a run. Use up to 80 letters, digits, dots, dashes or underscores."
        )
    return run_id
