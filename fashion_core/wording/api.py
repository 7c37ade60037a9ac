"""Sentences about the HTTP API."""

from fashion_core.wording.numbers import format_percent


def describe_threshold(run: str, target: float, threshold: float | None) -> str:
    """What the API decides: ``target`` and ``threshold`` from 0 to 1, None when no threshold reaches the target."""
    correct = format_percent(target)
    if threshold is None:
        return f"No threshold of {run} assures that {correct} are correct, so every picture is left to a check."
    return (
        f"{run} answers. Pictures with a probability of at least {threshold:.4f} are automatic, so that {correct} "
        "of them are correct, for pictures like those that it was validated on."
    )
