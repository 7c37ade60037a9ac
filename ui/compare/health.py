"""Data health: copies between train and test, and images whose label every strong run contests."""

import numpy as np
import streamlit as st

from fashion_core.analysis import metrics
from fashion_core.analysis.duplicates import NEAR, Duplicates
from fashion_core.labels import NAMES, SHORT_NAMES
from fashion_core.runs.store import RunEntry
from ui import caches, pickers, results, serving, shell
from ui.compare.pair import Pair, pictures_of
from ui.compare.view import LEAVES, PAGE
from ui.components.pictures import picture_rows

STRONG = 0.9  # accuracy from which a run counts as strong


def keep(run: RunEntry, leave: str) -> np.ndarray | None:
    """The test images left when those called ``leave`` are out, bool [n]; None for all of them."""
    assert run.record is not None
    if leave == "Nothing":
        return None
    kept = np.ones(run.record.data.n_test, bool)
    if leave in ("Copies", "Both"):
        found = copies(run)
        if found is None:
            st.warning("The copies are not looked for yet, so none is left out. Compute them under Data health.")
        else:
            kept[found] = False
    if leave in ("Contested", "Both"):
        kept[contested(run)[0]] = False
    return kept


def copies(run: RunEntry) -> np.ndarray | None:
    """Test images that the train part holds too, or nearly, int64; None when that is not computed."""
    assert run.record is not None
    found = results.ready(Duplicates(), run.record.data.fingerprint)
    return None if found is None else np.flatnonzero(found["distance"] < NEAR)


def contested(run: RunEntry) -> tuple[np.ndarray, list[str]]:
    """Test images that every strong run takes for one and the same other class, int64, and those runs' names."""
    assert run.record is not None
    fingerprint = run.record.data.fingerprint
    strong = []
    for other in pickers.finished_runs(lambda r: r.record is not None and r.record.data.fingerprint == fingerprint):
        predictions = caches.predictions(other)
        answers = predictions.probabilities.argmax(axis=1)
        if (answers == predictions.labels).mean() >= STRONG:
            strong.append((other.id, answers, predictions.labels))
    if len(strong) < 2:
        return np.zeros(0, np.int64), [name for name, _, _ in strong]
    answers = np.stack([a for _, a, _ in strong])
    one_mind = (answers == answers[0]).all(axis=0)
    return np.flatnonzero(one_mind & (answers[0] != strong[0][2])), [name for name, _, _ in strong]


def show(pair: Pair) -> None:
    """Both kinds of doubtful images, and the switch that leaves them out of every figure of the page."""
    run = pair.a.run
    PAGE.widget("leave", "Leave out of every figure on this page", st.segmented_control, LEAVES, required=True)
    if pair.left_out:
        _change(pair)
    data = pictures_of(run)
    found = copies(run)
    assert run.record is not None
    if found is None:
        results.box("The copies", Duplicates(), run.record.data.fingerprint, data, meanwhile="")
    else:
        arrays = results.ready(Duplicates(), run.record.data.fingerprint)
        assert arrays is not None
        exact = int((arrays["distance"] == 0).sum())
        copied = "No test image is an exact copy" if not exact else f"{exact} test images are exact copies"
        shell.finding(f"{copied} of a train image; {len(found) - exact} are nearly so.")
        order = found[np.argsort(arrays["distance"][found])]
        if data is not None and len(order):
            test, train = data.published_test[0], data.published_train[0]
            stacks = [np.concatenate([test[i], train[arrays["nearest"][i]]]) for i in order]
            labels = data.published_test[1]
            captions = [f"{SHORT_NAMES[labels[i]]} {i}\ndiffers by {arrays['distance'][i]:.1f}" for i in order]
            picture_rows([serving.inline(s) for s in stacks], captions, key="copies", on_pick=lambda p: None, tall=2)
        shell.provenance(
            f"above the test image, below the train image; nearly: brightness differs by less than {NEAR:g} of 255, "
            "root mean square"
        )
    doubted, strong = contested(run)
    if len(strong) < 2:
        st.markdown(f"No label can be called contested: fewer than two runs here have {STRONG:.0%} accuracy or more.")
        return
    shell.finding(
        f"{len(doubted):,} labels are contested: all {len(strong)} runs with {STRONG:.0%} accuracy or more take the "
        "garment for one and the same other class."
    )
    if data is not None and len(doubted):
        page = 60
        number = st.pagination(-(-len(doubted) // page), key="contested-page") if len(doubted) > page else 1
        here = doubted[(number - 1) * page : number * page]
        predictions = caches.predictions(caches.store().get(strong[0]))
        said = predictions.probabilities.argmax(axis=1)
        captions = [f"{SHORT_NAMES[predictions.labels[i]]} {i}\nsaid: {SHORT_NAMES[said[i]]}" for i in here]
        images = data.published_test[0]
        picture_rows([serving.inline(images[i]) for i in here], captions, key="contested", on_pick=lambda p: None)
    shell.provenance(f"Strong runs: {', '.join(strong) or 'none'}", f"test, n = {run.record.data.n_test:,}")


def _change(pair: Pair) -> None:
    parts = []
    for s in pair.sides:
        everything = caches.predictions(s.run)
        before = metrics.compute(everything.labels, everything.probabilities.argmax(axis=1)).accuracy
        parts.append(f"{s.letter} from {before:.2%} to {s.scored.accuracy:.2%}")
    lost = np.bincount(np.delete(caches.predictions(pair.a.run).labels, pair.places), minlength=len(NAMES))
    most = NAMES[int(lost.argmax())]
    st.caption("Leaving out what strong runs contest can only raise their own accuracy; it shows by how much at most.")
    shell.finding(f"Without {pair.left_out:,} images, most of them {most}, accuracy goes: {'; '.join(parts)}.")
