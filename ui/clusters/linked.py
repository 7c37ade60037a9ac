"""The pair of maps, and the garments selected on it."""

import csv
import io
import time
from functools import partial
from typing import Any

import numpy as np
import streamlit as st

from fashion_core.data.labels import NAMES, SHORT_NAMES
from ui import serving, shell
from ui.clusters import colouring, view
from ui.clusters.shown import Shown
from ui.components.map import Cloud, paired_map, received
from ui.components.pictures import picture_rows
from ui.selection import Selection, from_browser

A_PAGE = 48
FEW, TALLEST = 10, 440  # rows that a table of counts shows at once, and pixels that it is then high
MAP, PICTURES, MADE_ON = "clusters-pair", "clusters-pictures", "clusters-selection-of"
FACTS = {"class": "True class", "cluster": "Cluster"}
FALLBACK_POINTS = 2000  # that a browser without WebGL can draw


def explore(shown: Shown) -> None:
    """The maps, and under them what is selected; a selection reruns this part of the page alone."""
    with shell.errors_told():
        _reconcile(shown)
        selection = _maps(shown)
        if selection is not None:
            _selected(shown, selection)


def focus_on(index: int) -> None:
    """Show the point at ``index`` of those shown on the maps."""
    st.session_state[view.FOCUS] = (index, time.time_ns() // 1_000_000)


def _maps(shown: Shown) -> np.ndarray | None:
    """Draw the maps; returns the selected indices, None when nothing is selected."""
    ways = shown.ways()
    now = view.PAGE.now()
    if now.left not in ways or now.right not in ways:  # those of a run, and there is none
        now = view.PAGE.correct(left="True class", right="Cluster")
    pictures = None if shown.subject.dataset is None else serving.publish_pictures(shown.subject.dataset)
    cloud = Cloud(shown.places, shown.extent, shown.subject.n_train - shown.subject.first, axes(shown), pictures)
    able = paired_map(
        cloud, ways, FACTS, (now.left, now.right), _selection(), key=MAP, on_selection=_take_selection,
        focus=st.session_state.pop(view.FOCUS, None),
    )  # fmt: skip
    if not able:
        _without_webgl(shown)
    shell.provenance(shown.subject.source, provenance(shown))
    selection = _selection()
    if not selection:
        return None
    return np.flatnonzero(selection.mask(shown.places, [ways[now.left].groups, ways[now.right].groups]))


def axes(shown: Shown) -> str:
    """What the directions on the map mean."""
    if shown.projection.method == "umap":
        return "UMAP: near points are alike; gaps between islands mean little."
    first, second = shown.flat["explained"]
    return f"Across: PC 1, {first:.1%} of the variance. Up: PC 2, {second:.1%}."


def provenance(shown: Shown) -> str:
    """How map and clusters came about."""
    p, c = shown.projection, shown.clustering
    way = "PCA fitted on train"
    if p.method == "umap":
        way = f"UMAP of 50 principal components, {p.neighbours} neighbours, distance {p.min_distance:g}, {p.metric}, "
        way += f"seed {p.seed}"
    starts = "1 start" if c.restarts == 1 else f"best of {c.restarts} starts"
    return f"{way} · k-means on {c.space}, k = {c.k}, {starts}, seed {c.seed}, fitted on train"


def _selection() -> Selection:
    selection = view.PAGE.now().selection
    revision = st.session_state.get(f"{MAP}-revision", selection.revision)
    return Selection(selection.polygon, selection.only, revision)


def _reconcile(shown: Shown) -> None:
    """Drop of the selection what was made on other places or clusters than those now shown.

    They change under it when a map that was computed meanwhile takes the standard one's place.
    """
    now, fingerprint = view.PAGE.now(), shown.subject.fingerprint
    asked = (now.projection.key(fingerprint), now.clustering.key(fingerprint))
    here = (shown.projection.key(fingerprint), shown.clustering.key(fingerprint))
    made_on, of = st.session_state.get(MADE_ON, (asked, now.sel))
    if of != now.sel:
        made_on = asked  # it came with the address, and is of what that asks for
    selection = now.selection
    kept = selection
    if made_on[0] != here[0]:
        kept = Selection()
    elif made_on[1] != here[1]:
        kept = Selection(selection.polygon)
    if kept != selection:
        now = view.PAGE.correct(sel=kept.to_address())
        st.caption("The selection was made on another map, and is gone.")
    st.session_state[MADE_ON] = (here, now.sel)


def _take_selection() -> None:
    sent = received(MAP)
    selection = from_browser(sent)
    if selection is None:
        return
    st.session_state[f"{MAP}-revision"] = selection.revision
    now = view.PAGE.now()
    left, right = ways_of(sent, (now.left, now.right))
    if (left, right) != (now.left, now.right):
        view.PAGE.change(left=left, right=right)
    view.PAGE.change(sel=selection.to_address())
    if MADE_ON in st.session_state:  # it was made on what was drawn last
        st.session_state[MADE_ON] = (st.session_state[MADE_ON][0], view.PAGE.now().sel)


def ways_of(sent: Any, standard: tuple[str, str]) -> tuple[str, str]:
    """The colours of both panels that a browser sent, or the ``standard`` ones when there are none such."""
    ways = sent.get("ways")
    if isinstance(ways, list) and len(ways) == 2 and all(way in view.COLOURINGS for way in ways):
        return ways[0], ways[1]
    return standard


def _without_webgl(shown: Shown) -> None:
    from fashion_core.charts import maps

    n = len(shown.labels)
    some = np.arange(n) if n <= FALLBACK_POINTS else np.random.default_rng(0).permutation(n)[:FALLBACK_POINTS]
    st.info(
        f"This browser has no WebGL, so a plain pair of charts of {len(some):,} points drawn at random is shown, by "
        "true class and by cluster, without lasso or pictures."
    )
    chart = maps.pair(
        shown.flat["points"][some],
        shown.labels[some],
        shown.clusters[some],
        shown.names.tolist(),
        ("", ""),
        webgl=False,
    )
    st.plotly_chart(chart, key="clusters-plain", alt="The points by true class and by k-means cluster")
    shell.provenance(axes(shown))


def _selected(shown: Shown, chosen: np.ndarray) -> None:
    if not len(chosen):
        st.markdown("Nothing lies in this selection.")
        return
    counts = np.bincount(shown.labels[chosen], minlength=len(NAMES))
    most = int(counts.argmax())
    shell.finding(
        f"{len(chosen):,} garments selected: {counts[most] / len(chosen):.1%} are {NAMES[most]}, "
        f"{int((counts > 0).sum())} of {len(NAMES)} classes and "
        f"{len(np.unique(shown.clusters[chosen]))} of {shown.k} clusters are among them."
    )
    left, right = st.columns([2.6, 1], gap="medium")
    with left:
        _gallery(shown, chosen)
    with right:
        _counts(shown, chosen)
        st.download_button(
            "Selection as CSV",
            partial(table, shown, chosen),
            "selection.csv",
            "text/csv",
            on_click="ignore",
            icon=":material/download:",
        )


def _ordered(shown: Shown, chosen: np.ndarray, order: str) -> np.ndarray:
    if order == "As published":
        return chosen
    values = shown.confidence if "confident" in order else shown.subject.shown(shown.found["nearest"])
    ranks = values[chosen].astype(np.float64)
    ranked = np.argsort(-ranks if order.startswith(("Farthest", "Most")) else ranks, kind="stable")  # nan comes last
    return chosen[ranked]


def _gallery(shown: Shown, chosen: np.ndarray) -> None:
    if shown.subject.dataset is None:
        st.caption("The pictures themselves are not on this machine. Download Fashion-MNIST above to see them.")
        return
    one, two = st.columns([1, 1], vertical_alignment="bottom")
    with one:
        view.PAGE.widget("order", "Order", st.selectbox, view.ORDERS)
    now = view.PAGE.now()
    chosen = _ordered(shown, chosen, now.order)
    pages = -(-len(chosen) // A_PAGE)
    with two:  # another selection or order begins at its first page
        number = st.pagination(pages, key=f"{PICTURES}-page-{now.sel}-{now.order}") if pages > 1 else 1
    here = chosen[(number - 1) * A_PAGE : number * A_PAGE]
    garments(shown, here, PICTURES)
    if "confident" in now.order and shown.run is not None:
        shell.provenance(f"Confidence: largest probability of run {shown.run.id}; pictures it was not asked come last")
    else:
        shell.provenance("Choose a garment to see it on the maps")


def garments(shown: Shown, indices: np.ndarray, key: str) -> None:
    """The pictures of the points at ``indices``, if they are on this machine; a click shows one on the maps."""
    data = shown.subject.dataset
    if data is None:
        return
    n_train = shown.subject.n_train
    addresses, captions = [], []
    for index in indices.tolist():
        place, part = index + shown.subject.first, "train "
        images = data.published_train[0]
        if place >= n_train:
            place, part, images = place - n_train, "", data.published_test[0]
        addresses.append(serving.inline(images[place]))
        captions.append(f"{SHORT_NAMES[shown.labels[index]]} {part}{place}")
    picture_rows(addresses, captions, key=key, on_pick=lambda position: focus_on(int(indices[position])))


def _counts(shown: Shown, chosen: np.ndarray) -> None:
    """How many of each class and of each cluster; plain tables, for data frames take the browser longer to draw."""
    by_class = np.bincount(shown.labels[chosen], minlength=len(NAMES))
    by_cluster = np.bincount(shown.clusters[chosen], minlength=shown.k)
    for title, names, counts in (
        ("Class", NAMES, by_class),
        ("Cluster", colouring.cluster_names(shown.names), by_cluster),
    ):
        there = [int(i) for i in np.argsort(-counts, kind="stable") if counts[i]]
        rows = [f"| {names[i]} | {counts[i]:,} |" for i in there]
        with st.container(height=TALLEST if len(there) > FEW else "content", border=False):
            st.markdown("\n".join([f"| {title} | Garments |", "|:--|--:|", *rows]))


def table(shown: Shown, chosen: np.ndarray) -> str:
    """The selection as CSV: one row a garment, everything that the page knows of it."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    run = shown.run.id if shown.run is not None else "run"
    writer.writerow(
        ["part", "index", "class", "cluster", "cluster_name", "x", "y", "trust", "brightness", "distance_to_centroid",
         f"{run}_confidence"]
    )  # fmt: skip
    n_train, first = shown.subject.n_train, shown.subject.first
    confidence = shown.confidence
    brightness, nearest = shown.subject.shown(shown.subject.brightness), shown.subject.shown(shown.found["nearest"])
    points, trust = shown.flat["points"], shown.flat["trust"]
    for i in chosen.tolist():
        place = i + first
        name = int(shown.names[shown.clusters[i]])
        writer.writerow(
            [
                "train" if place < n_train else "test",
                place if place < n_train else place - n_train,
                NAMES[shown.labels[i]],
                int(shown.clusters[i]) + 1,
                NAMES[name] if name >= 0 else "",
                f"{points[i, 0]:.4f}",
                f"{points[i, 1]:.4f}",
                f"{trust[i]:.4f}",
                f"{brightness[i]:.2f}",
                f"{float(nearest[i]):.4g}",
                "" if np.isnan(confidence[i]) else f"{confidence[i]:.4f}",
            ]
        )
    return out.getvalue()
