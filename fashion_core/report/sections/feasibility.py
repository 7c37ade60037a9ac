"""How much of the sorting can be left to a model, and what that saves."""

import numpy as np

from fashion_core.analysis import feasibility, feasibility_costs
from fashion_core.analysis.feasibility import Assessment
from fashion_core.analysis.feasibility_costs import Plan, Prices
from fashion_core.analysis.predictions import Predictions
from fashion_core.computed import validation
from fashion_core.report.content import Block, Lines, Section, Series, Table, Text, joined, with_interval
from fashion_core.report.evidence import WILSON, Evidence, Result, source
from fashion_core.report.sections import LeftOut

COVERAGES = np.arange(5, 101)  # percent of the garments at which the curves are drawn


def section(evidence: Evidence) -> Section:
    """What each run can take over at the standard target, its curve, and its cost at the standard prices."""
    known = _with_validation(evidence)
    if not known:
        raise LeftOut("it needs the answers of the runs on the validation images, which the page Feasibility computes.")
    assessed = [_assess(evidence, result, answers) for result, answers in known]
    results = [result for result, _ in known]
    most = max(assessed, key=_validated)
    chosen = f"threshold chosen on validation, n = {evidence.record.data.n_validation:,}"
    plans = [_plan(evidence, result, answers) for result, answers in known]
    blocks: list[Block] = [
        _table(results, assessed, chosen),
        _curves(results, assessed),
        Text((feasibility_costs.finding(feasibility_costs.cheapest(plans)),), source(results, chosen)),
        _costs(results, plans, chosen),
    ]
    if unknown := [r.run.id for r in evidence.results if not r.relu and r not in results]:
        blocks.append(Text((f"Not assessed, for want of answers on the validation images: {joined(unknown)}.",)))
    told = source([results[assessed.index(most)]], chosen, WILSON)
    return Section("feasibility", "How much can be left to the model", most.sentence, told, tuple(blocks))


def most_automated(evidence: Evidence) -> Assessment | None:
    """The run that can take over most by validation, None when none has answers there or none can."""
    assessed = [_assess(evidence, result, answers) for result, answers in _with_validation(evidence)]
    best = max(assessed, key=_validated, default=None)
    return best if best is not None and _validated(best) else None


def _with_validation(evidence: Evidence) -> list[tuple[Result, Predictions]]:
    """The runs without the output fault whose answers on validation are at hand, with those."""
    found = []
    for result in evidence.results:
        answers = None if result.relu else validation.kept(result.run)
        if answers is not None:
            found.append((result, answers))
    return found


def _assess(evidence: Evidence, result: Result, answers: Predictions) -> Assessment:
    return feasibility.assess(answers, evidence.store.predictions(result.run), title=result.title)


def _validated(found: Assessment) -> float:
    """How much is automated on validation, by which the best is chosen; test only says what it is worth."""
    return found.validation.coverage if found.validation is not None else 0.0


def _plan(evidence: Evidence, result: Result, answers: Predictions) -> Plan:
    chosen_on, tried_on, _ = feasibility.calibrated(answers, evidence.store.predictions(result.run))
    return feasibility_costs.plan(result.title, chosen_on, tried_on, Prices())


def _table(results: list[Result], assessed: list[Assessment], chosen: str) -> Table:
    goal = f"{feasibility.TARGET:.0%}"
    lines = []
    for found in assessed:
        cells = ("0.0%", "none automated")
        if found.test is not None and found.test.automated:
            cells = (
                with_interval(found.test.coverage, *found.test.coverage_interval),
                with_interval(found.test.correct, *found.test.correct_interval),
            )
        lines.append((found.title, *cells))
    return Table(
        f"What each run can take over when {goal} of it has to be right",
        "Share of the garments that need no person, and how much of that is right",
        source(results, chosen, f"so that {goal} holds with {feasibility.ASSURANCE:.0%} assurance", WILSON),
        ("Method", "Need no person", "Right of those, on test"),
        tuple(lines),
    )


def _curves(results: list[Result], assessed: list[Assessment]) -> Lines:
    return Lines(
        "How much of what is left to the model is right",
        "; ".join(found.sentence for found in assessed),
        source(results, "confidence calibrated on validation; every threshold tried on test"),
        COVERAGES.astype(float),
        tuple(
            # of equally sure garments all or none are left to the model: there is no curve before the first
            Series(found.title, np.interp(COVERAGES / 100, found.curve.coverage, 1 - found.curve.error, left=np.nan))
            for found in assessed
        ),
        "Garments left to the model, the surest first, in percent",
        "Right of those",
    )


def _costs(results: list[Result], plans: list[Plan], chosen: str) -> Table:
    prices = Prices()
    return Table(
        f"Cost per 1,000 garments when a mistake costs 1 and a person's look {prices.check:g}",
        "Cost of each run with people for what it is unsure of, against people alone",
        source(
            results,
            chosen,
            f"people sort {prices.people:.1%} right (n = {feasibility_costs.PEOPLE_N:,}, the data set's authors)",
            "95% intervals: bootstrap of the images",
        ),
        ("Method with people", "Left to the model", "Cost", "People alone", "Saved"),
        tuple(
            (
                plan.title,
                f"{100 * plan.coverage:.1f}%",
                *(_interval(figure.value, figure.low, figure.high) for figure in (plan.cost, plan.people, plan.saving)),
            )
            for plan in plans
        ),
        detail=True,
    )


def _interval(value: float, low: float, high: float) -> str:
    return f"{value:,.1f} ({low:,.1f} to {high:,.1f})".replace("-", "−").replace(" to ", "\u00a0to\u00a0")
