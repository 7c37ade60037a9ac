"""What a few pictures teach: ``python -m benchmarks.few_pictures TRAIN TEST [--per-class 60] [--draws 1]``.

TRAIN and TEST hold a folder for each class. Draws some pictures of each class of TRAIN that has enough, imports them
with those of TEST into an empty home folder, and trains there, with the default settings, the improved CNN from weights
that have seen no picture but Fashion-MNIST's, the pretrained model, and their ensemble. Prints each accuracy on TEST.
"""

import argparse
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from fashion_core.analysis.metrics import wilson_interval
from fashion_core.data import Dataset
from fashion_core.data.importing.build import import_catalogue
from fashion_core.models.registry import get_model_spec
from fashion_core.runs import queue, worker
from fashion_core.runs.ensemble import create_ensemble
from fashion_core.runs.execute import match_start_architecture, new_run_record
from fashion_core.runs.record import RunRecord
from fashion_core.runs.store import RunStore
from fashion_core.training.settings import training_config_for
from fashion_core.vision.picture_sources import PICTURE_SUFFIXES


def copy_pictures(train: Path, test: Path, folder: Path, per_class: int, draw: int) -> None:
    """Copy ``per_class`` pictures of each class of ``train``, and all of ``test``, below ``folder``."""
    rng = np.random.default_rng(draw)
    for source in sorted(path for path in train.iterdir() if path.is_dir()):
        files = sorted(path for path in source.iterdir() if path.suffix.lower() in PICTURE_SUFFIXES)
        if len(files) < per_class:
            continue
        target = folder / "train" / source.name
        target.mkdir(parents=True)
        for number in rng.choice(len(files), per_class, replace=False):
            shutil.copy(files[number], target)
        shutil.copytree(test / source.name, folder / "test" / source.name)


def train_models(dataset: Dataset, store: RunStore) -> Iterator[RunRecord]:
    """The finished runs of both models and their ensemble."""
    entries = []
    for model, start in (("improved_cnn", "improved_cnn"), ("pretrained", "")):
        config = training_config_for(get_model_spec(model), "best", dataset, start_from=start)
        config = match_start_architecture(config, store)
        entry = queue.create_foreground_run(store, new_run_record(config, dataset), dataset)
        yield worker.train_in_foreground(entry, dataset)
        entries.append(store.get(entry.id))
    record = create_ensemble(store, entries).record
    assert record is not None
    yield record


def main() -> None:
    """Print a row for each draw and model."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("train", type=Path, metavar="TRAIN")
    parser.add_argument("test", type=Path, metavar="TEST")
    parser.add_argument("--per-class", type=int, default=60)
    parser.add_argument("--draws", type=int, default=1)
    args = parser.parse_args()
    for draw in range(args.draws):
        with tempfile.TemporaryDirectory() as folder:
            os.environ["FASHION_HOME"] = str(Path(folder, "home"))
            copy_pictures(args.train, args.test, Path(folder, "pictures"), args.per_class, draw)
            dataset = import_catalogue(Path(folder, "pictures"), f"draw {draw}")
            for record in train_models(dataset, RunStore()):
                n = record.data.n_test
                low, high = wilson_interval(round(record.metrics["accuracy"] * n), n)
                print(
                    f"draw {draw}, {get_model_spec(record.config.model).title}: {record.metrics['accuracy']:.1%} "
                    f"({low:.1%} to {high:.1%}) of {n:,}, in {record.seconds:.0f} s",
                    flush=True,
                )


if __name__ == "__main__":
    main()
