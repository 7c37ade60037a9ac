"""Train the recognition networks: ``python -m fashion_core.recognition.train PHOTOGRAPHS STROKES``.

Run by the authors. Prepares the pictures, then trains the runs of ``RECOGNITION_RUN_IDS``, which start from the shipped
improved CNN. Start it again after an interruption: a run goes on after its last whole epoch. With ``--ship`` the
trained networks replace the shipped ones, and what the program ships for them is made again.
"""

import argparse
import hashlib
import sys
from pathlib import Path

from fashion_core.computed.accuracy_evidence import IMPROVED_CNN_RUN_ID, save_seed_results
from fashion_core.config.train_config import TrainConfig
from fashion_core.data import load_dataset
from fashion_core.errors import RunError
from fashion_core.recognition.ship import ship_recognition_networks, ship_run
from fashion_core.recognition.training_pictures import find_held_out_photographs, prepare_training_pictures
from fashion_core.runs.execute import match_start_architecture, new_run_record, train_and_score_run
from fashion_core.runs.store import RunEntry, RunStore
from fashion_core.runs.summary import RECOGNITION_RUN_IDS


def recognition_config(seed: int, pictures: str) -> TrainConfig:
    """Settings of a recognition network."""
    return TrainConfig(
        "improved_cnn",
        4,
        seed=seed,
        batch_size=64,
        ghost_batches=2,
        optimizer="muon",
        learning_rate=0.008,
        weight_decay=0.05,
        label_smoothing=0.05,
        shift=2,
        mirror=True,
        erase=0.1,
        ema_decay=0.998,
        start_from="improved_cnn",
        start_share=0.1,
        pictures=pictures,
    )


def train_network(run_id: str, config: TrainConfig, store: RunStore) -> None:
    """Train the run, go on with it, or leave it when it is finished; prints a line an epoch and the test accuracy."""
    dataset = load_dataset()
    title = f"Recognition network {run_id.rpartition('-')[2]}"
    own_runs = {entry.id: entry for entry in store.entries() if entry.origin == "mine"}
    entry = own_runs.get(run_id) or store.create_run(new_run_record(config, dataset, title=title, run_id=run_id))
    record = entry.record
    if record is not None and record.config != config:
        raise RunError(f"Your run {run_id} has other settings or pictures. Delete it to train it again.")
    if record is None or record.state != "finished":
        record = train_and_score_run(entry, dataset, on_epoch=lambda result: print(run_id, result, flush=True))
    assert record.metrics is not None
    print(f"{run_id}: test accuracy {record.metrics['accuracy']:.4f}, {record.seconds:.0f} s, {entry.path}")


def _ship_improved_cnn(run: RunEntry, store: RunStore) -> None:
    """Put ``run`` in place of the shipped improved_cnn, unless networks in ``store`` started from an earlier one."""
    for entry in store.entries():
        started_before = entry.record and run.record and entry.record.created < run.record.created
        if entry.id in RECOGNITION_RUN_IDS and started_before:
            raise RunError(f"Your run {entry.id} did not start from {run.id}. Delete it to train it again.")
    ship_run(run, RunStore(), IMPROVED_CNN_RUN_ID)
    save_seed_results(store)


def _parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photographs", type=Path, help="folder with a sub-folder for each class and none-of-these")
    parser.add_argument("strokes", type=Path, help="drawings, one JSON object with word, class, key and strokes a line")
    parser.add_argument(
        "--hold-out", type=float, metavar="FRACTION", help="of the people in PHOTOGRAPHS/people.csv, not learnt from"
    )
    parser.add_argument("--runs", type=Path, help="folder of the runs (default: yours)")
    parser.add_argument(
        "--ship",
        nargs="+",
        type=Path,
        metavar="FOLDER",
        help="labelled pictures to choose the thresholds on, when the networks replace the shipped ones",
    )
    parser.add_argument(
        "--improved-cnn",
        metavar="RUN",
        help="a finished run to ship in place of improved_cnn, with --ship",
    )
    args = parser.parse_args()
    if args.improved_cnn and not args.ship:
        parser.error("--improved-cnn needs --ship, because everything made from improved_cnn changes with it")
    if args.hold_out is not None:
        if args.ship:
            parser.error("shipped networks learn from everyone's pictures: leave out --hold-out or --ship")
        if not 0 < args.hold_out < 1:
            parser.error("--hold-out takes a fraction between 0 and 1, such as 0.2")
        if not (args.photographs / "people.csv").is_file():
            parser.error(f"--hold-out needs {args.photographs / 'people.csv'}, which says who took which picture")
    return args


def main() -> None:
    """Prepare the pictures and train the networks."""
    args = _parse_arguments()
    runs = RunStore(args.runs).runs_folder
    store = RunStore(runs, zoo=runs / ".none")  # without the shipped runs, which have the same names
    if args.improved_cnn:
        _ship_improved_cnn(store.get(args.improved_cnn), store)
    held_out = find_held_out_photographs(args.photographs, args.hold_out) if args.hold_out else ()
    pictures = prepare_training_pictures(
        args.photographs, args.strokes, lambda n: print(f"\r{n:,} pictures prepared", end="", file=sys.stderr), held_out
    )
    content = b"".join(array.tobytes() for array in (pictures.images, pictures.labels, pictures.weights))
    name = f"recognition-{hashlib.sha256(content).hexdigest()[:12]}"
    pictures.save(name)
    print(f"\n{len(pictures.images):,} views in {name}")
    for seed, run_id in enumerate(RECOGNITION_RUN_IDS):
        train_network(run_id, match_start_architecture(recognition_config(seed, name), RunStore()), store)
    if args.ship:
        ship_recognition_networks(store, args.ship, RunStore())


if __name__ == "__main__":
    main()
