"""Every run in one table, with intervals."""

import numpy as np

from fashion_core.analysis import compare
from fashion_core.report.content import Bars, Section, Series, Table, with_interval
from fashion_core.report.evidence import WILSON, Evidence, Result, source
from fashion_core.runs import summary


def section(evidence: Evidence) -> Section:
    """The table of all runs, their accuracy with intervals, and whether the best is better by more than chance."""
    results = evidence.results
    bootstrap = f"95% intervals of precision and recall: bootstrap of the images, {compare.RESAMPLES:,} resamples"
    table = Table(
        "Every run on the test split",
        "Precision, recall and accuracy of every run",
        source(results, "precision and recall: means over the ten classes", bootstrap, "of accuracy: Wilson, 95%"),
        _head(evidence),
        tuple(_line(result, poster=not evidence.stand_in) for result in results),
    )
    low, high = (np.array([result.row.interval[i] for result in results]) for i in (0, 1))
    bars = Bars(
        "Accuracy of every run",
        "; ".join(f"{result.title} {_accuracy(result)}" for result in results),
        source(results, WILSON),
        tuple(result.title for result in results),
        (Series("Accuracy", np.array([result.row.scored.accuracy for result in results]), low, high),),
        "Accuracy",
    )
    finding, told = _finding(evidence)
    return Section("results", "How well each method does", finding, told, (table, bars))


def _finding(evidence: Evidence) -> tuple[str, str]:
    """The best against the runner-up, and the source of that."""
    ranked = sorted(evidence.results, key=lambda result: result.row.scored.accuracy, reverse=True)
    if len(ranked) == 1:
        only = ranked[0]
        return summary.headline(only.row, only.title), f"{only.source}; {WILSON}"
    best, second = ranked[:2]
    found = compare.bootstrap(evidence.labels, second.answers, best.answers)
    test = compare.mcnemar(second.answers == evidence.labels, best.answers == evidence.labels)
    sentence = compare.verdict(second.title, best.title, found, test)
    told = f"interval: paired bootstrap, {found.resamples:,} resamples; McNemar's exact test, {compare.p_text(test.p)}"
    return sentence, source([second, best], told)


def _head(evidence: Evidence) -> tuple[str, ...]:
    poster = () if evidence.stand_in else ("Poster P / R",)
    return ("Method", *poster, "Precision", "Recall", "Accuracy", "Parameters", "Trained in")


def _line(result: Result, *, poster: bool) -> tuple[str, ...]:
    row = result.row
    figures = [result.intervals[name] for name in ("macro_precision", "macro_recall")]
    return (
        result.title,
        *([f"{row.poster[0]} / {row.poster[1]}"] if poster else []),
        *(with_interval(figure.value, figure.low, figure.high) for figure in figures),
        _accuracy(result),
        f"{row.parameters:,}",
        summary.duration(row.seconds),
    )


def _accuracy(result: Result) -> str:
    return with_interval(result.row.scored.accuracy, *result.row.interval)
