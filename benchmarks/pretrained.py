"""The pretrained model on Fashion-MNIST's own pixels, beside the MLP: ``python -m benchmarks.pretrained``.

Both learn from the first 6,000 training images, 500 of them for validation, and answer the first 6,000 test images.
"""

import argparse
import dataclasses

from fashion_core.analysis.metrics import wilson_interval
from fashion_core.data import load_dataset
from fashion_core.models.registry import get_model_spec
from fashion_core.runs.execute import score_on_test
from fashion_core.training.benchmark import DatasetSubset
from fashion_core.training.loop import create_trainer

N_IMAGES = 6000


def main() -> None:
    """Train both models and print their accuracies."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    dataset = DatasetSubset(load_dataset(), N_IMAGES)
    for model in ("pretrained", "mlp"):
        config = dataclasses.replace(get_model_spec(model).presets["best"], seed=args.seed)
        trainer = create_trainer(config, dataset)
        for _ in trainer.train_epochs():
            pass
        predictions, scored = score_on_test(trainer.classifier, dataset)
        low, high = wilson_interval(int(predictions.is_correct.sum()), scored.n_images)
        sizes = dataset.split_sizes
        print(
            f"{model}: {scored.accuracy:.1%} ({low:.1%} to {high:.1%}) of {scored.n_images:,} test images of "
            f"{dataset.title}, {sizes['train']:,} to train, seed {args.seed}",
            flush=True,
        )


if __name__ == "__main__":
    main()
