"""The model card of an exported run, in the form of the Hugging Face Hub, and what its example's preparation costs."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from fashion_core.analysis.metrics import wilson_interval
from fashion_core.models.registry import get_model_spec
from fashion_core.wording.numbers import format_count, format_cross_validation, format_percent, format_percent_range
from fashion_core.wording.text import escape_markdown, join_with_and, to_single_line

FASHION_MNIST_HUB_NAME = "zalando-datasets/fashion_mnist"
KIND_TITLES = {
    "shop": "shop pictures on a plain background",
    "photo": "photographs",
    "drawing": "drawings",
    "sample": "images of Fashion-MNIST",
}
LIMITATIONS = """\
- The network answers one of its classes for every picture, also for a picture of something else.
- The promise holds for pictures like those it was made on. For others, label some and measure.
- The preparation in `predict.py` is for garments on a plain background: prepare photographs in another way. {cost}
"""
TEMPLATE = """\
---
{metadata}---

# {title}

{summary} Exported with its weights as an ONNX graph. The example `predict.py` needs onnxruntime, Pillow and numpy.

```sh
python predict.py PICTURE ...
```

## Intended use

Sorting pictures of {classes}. {decision}

`model.onnx` takes `images`, uint8 [n, 28, 28], light on black, and returns `logits`. `card.json` holds the classes, the
temperature, the threshold and whether images that the network is unsure of are averaged with their mirror image.

## Training data

{training_data}

## Evaluation

{evaluation}

{promise}

## Limitations

{limitations}"""


def format_model_card(card: Mapping[str, Any], preparation_cost: str) -> str:
    """The text of ``README.md`` for a card as ``export.card.build_card`` makes it. ``preparation_cost``: a sentence."""
    run, data = card["run"], card["data"]
    names = [escape_markdown(to_single_line(name)) for name in card["classes"]]
    spec = get_model_spec(run["model"])
    return TEMPLATE.format(
        metadata=_format_metadata(card),
        title=_escape(run["title"]),
        summary=f"{spec.title} with {run['n_parameters']:,} parameters, trained on {_escape(data['title'])}.",
        classes=f"{format_count(len(names), 'class', 'classes')}: {join_with_and(names)}",
        decision=_describe_decision(card),
        training_data=_describe_training_data(data),
        evaluation=_describe_evaluation(card["evaluation"]),
        promise=_describe_promise(card),
        limitations=LIMITATIONS.format(cost=preparation_cost),
    )


def describe_preparation_cost(costs: Sequence[Mapping[str, Any]], run_id: str) -> str:
    """How often the example and this program are correct with the same network; see ``load_preparation_costs``."""
    parts = []
    for cost in costs:
        n = cost["n"]
        simple, full = (_format_rate(cost[key], n) for key in ("n_correct_simple", "n_correct"))
        parts.append(f"of {n:,} {KIND_TITLES[cost['kind']]} {simple} are correct, with `fashion predict` {full}")
    return f"Measured with {run_id}, with 95% intervals: {'; '.join(parts)}."


def _format_rate(n_correct: int, n: int) -> str:
    return f"{format_percent(n_correct / n)} ({format_percent_range(*wilson_interval(n_correct, n))})"


def _escape(text: str) -> str:
    return escape_markdown(to_single_line(text))


def _quote(text: str) -> str:
    """A text as YAML, which reads JSON's strings."""
    return json.dumps(to_single_line(text), ensure_ascii=False)


def _format_metadata(card: Mapping[str, Any]) -> str:
    data, evaluation = card["data"], card["evaluation"]
    is_fashion_mnist = data["source"] == "fashion-mnist"
    lines = [
        f"license: {'mit' if card['licence'] == 'MIT' else 'unknown'}",
        "library_name: onnx",
        "pipeline_tag: image-classification",
        "tags: [image-classification, onnx, clothing]",
        *([f"datasets: [{FASHION_MNIST_HUB_NAME}]"] if is_fashion_mnist else []),
        "metrics: [accuracy, precision, recall, f1]",
        "model-index:",
        f"- name: {_quote(card['run']['title'])}",
        "  results:",
        "  - task: {type: image-classification, name: Image classification}",
        "    dataset:",
        f"      type: {_quote(FASHION_MNIST_HUB_NAME if is_fashion_mnist else data['name'])}",
        f"      name: {_quote(data['title'])}",
        "      split: test",
        "    metrics:",
    ]
    metrics = {"accuracy": "accuracy", "precision": "macro_precision", "recall": "macro_recall", "f1": "macro_f1"}
    for name, key in metrics.items():
        lines.append(f"    - {{type: {name}, name: {_quote(key.replace('_', ' '))}, value: {evaluation[key]:.6f}}}")
    return "\n".join(lines) + "\n"


def _describe_decision(card: Mapping[str, Any]) -> str:
    if card["threshold"] is None:
        return "No threshold reaches the target, so a person should check every picture."
    return (
        f"Pictures whose confidence reaches the threshold of {card['threshold']:.4f} are sorted automatically; "
        "a person should check the others."
    )


def _describe_training_data(data: Mapping[str, Any]) -> str:
    sentences = [
        f"{_escape(data['title'])} (fingerprint {data['fingerprint']}): "
        f"{format_count(data['n_train'], 'image')} to train and {data['n_validation']:,} to validate."
    ]
    if data["extra_pictures"]:
        extra = _escape(data["extra_pictures"])
        sentences.append(f"Also the prepared pictures {extra}, whose licence isn't recorded.")
    if data["start_from"]:
        sentences.append(f"Training started from the weights of the run {_escape(data['start_from'])}.")
    if data["is_imported"]:
        sentences.append("The run was imported, so all this is what its file says.")
    if data["licence"]:
        sentences.append(f"Licence of {_escape(data['title'])}: {data['licence']}.")
    else:
        sentences.append("The licence of these pictures isn't recorded. Add it before you publish the network.")
    return " ".join(sentences)


def _describe_evaluation(evaluation: Mapping[str, Any]) -> str:
    n = evaluation["n"]
    on = f"{format_count(n, 'test image')}, each scored once"
    if evaluation["n_folds"]:
        on = f"{format_cross_validation(evaluation['n_folds'], n)}; the exported weights were trained on all of them"
    interval = format_percent_range(*evaluation["accuracy_interval"])
    return (
        f"Accuracy {format_percent(evaluation['accuracy'])} (95% interval {interval}, Wilson), macro precision "
        f"{format_percent(evaluation['macro_precision'])}, recall {format_percent(evaluation['macro_recall'])}, F1 "
        f"{format_percent(evaluation['macro_f1'])}, on {on}."
    )


def _describe_promise(card: Mapping[str, Any]) -> str:
    promise, test = card["promise"], card["promise"]["test"]
    target = f"{format_percent(promise['target'])} of the automated pictures correct"
    if test is None:
        return f"On {promise['n_validation']:,} validation images, no threshold assures {target}."
    assured = (
        f"On {promise['n_validation']:,} validation images, a threshold was chosen that assures {target}, with "
        f"{format_percent(promise['certainty'], 0)} certainty."
    )
    coverage, interval = format_percent(test["coverage"]), format_percent_range(*test["coverage_interval"])
    automated = f"Of {promise['n_test']:,} test images, {coverage} (95% interval {interval}) are automated"
    if test["accuracy"] is None:
        return f"{assured} {automated}."
    accuracy = f"{format_percent(test['accuracy'])} ({format_percent_range(*test['accuracy_interval'])})"
    return f"{assured} {automated}; {accuracy} of these are correct."
