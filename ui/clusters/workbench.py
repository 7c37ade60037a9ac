"""The k-means workbench: its figures, the names that clusters carry, and the choice of k."""

import numpy as np
import streamlit as st

from fashion_core.analysis import clusters
from fashion_core.computed.sweep import Sweep
from fashion_core.data.labels import NAMES, SHORT_NAMES
from fashion_core.models.kmeans import NO_CLASS
from ui import results, shell
from ui.clusters import view
from ui.clusters.shown import Shown

FIGURES = {
    "Majority names": "Share of garments whose cluster is named for their class; a cluster is named for its most "
    "frequent class on the train images.",
    "One-to-one names": "The same when each class names one cluster, so that most train images are right (Hungarian "
    "method).",
    "Own names": "The same with the names you gave.",
    "Purity": "Share of garments in the class most frequent in their cluster, here and now.",
    "ARI": "Adjusted Rand index: 0 by chance, 1 when clusters are the classes.",
    "NMI": "Normalised mutual information: 0 when unrelated, 1 when the same.",
    "Trustworthiness": "How far the map's neighbours are neighbours among the pictures themselves: 1 is always. "
    "15 neighbours; their colour on the map is Trust.",
}
NO_NAME = "no class"


def finding(shown: Shown) -> None:
    """In a sentence: what k-means merged and split, and how many garments its names put right."""
    way = {"Majority": "by majority", "One-to-one": "one-to-one", "Own": "as you chose"}[shown.view.naming]
    shell.finding(
        f"{clusters.merged_and_lost(shown.report.contingency, shown.majority)} "
        f"Named {way}, {shown.report.accuracy(shown.names):.1%} of the garments are in a cluster of their class."
    )


def figures(shown: Shown) -> None:
    """Agreement of clusters and classes, and the map's trust, as numbers."""
    report = shown.report
    names = {"Majority names": shown.majority, "One-to-one names": shown.one_to_one}
    if shown.view.naming == "Own":
        names["Own names"] = shown.names
    values = {label: f"{report.accuracy(named):.1%}" for label, named in names.items()} | {
        "Purity": f"{report.purity:.1%}",
        "ARI": f"{report.ari:.3f}",
        "NMI": f"{report.nmi:.3f}",
        "Trustworthiness": f"{float(shown.flat['trust'].mean()):.3f}",
    }
    with st.container(horizontal=True, gap="medium"):  # as many in a row as fit
        for label, value in values.items():
            st.metric(label, value, help=FIGURES[label], width="content")


def names_table(shown: Shown) -> None:
    """How many garments of each class are in each cluster; the first column renames."""
    options = [*NAMES, NO_NAME]
    current = [options[name] if name != NO_CLASS else NO_NAME for name in shown.names]
    contingency = shown.report.contingency
    renamable = shown.clustering == view.PAGE.now().clustering  # not while others are shown instead
    edited = st.data_editor(
        {"Cluster": list(range(1, shown.k + 1)), "Name": current}
        | {short: contingency[:, c] for c, short in enumerate(SHORT_NAMES)},
        hide_index=True,
        disabled=["Cluster", *SHORT_NAMES] if renamable else True,
        column_config={"Name": st.column_config.SelectboxColumn(options=options, required=True)},
        key=f"clusters-names-{shown.clustering.key('')}-{shown.view.naming}-{shown.view.names}",
    )
    chosen: list[str] = list(edited["Name"])  # type: ignore[call-overload]
    if renamable and chosen != current:
        text = "".join("-" if name == NO_NAME else str(NAMES.index(name)) for name in chosen)
        view.PAGE.change(names=text, naming="Own")
        st.rerun()
    best = shown.report.purity
    shell.provenance(
        shown.subject.source,
        f"with these names {shown.report.accuracy(shown.names):.1%} are in a cluster of their class; "
        f"no names could do better than {best:.1%}",
    )
    st.download_button(
        "Table as CSV", _contingency_csv(shown), "clusters.csv", "text/csv", on_click="ignore",
        icon=":material/download:",
    )  # fmt: skip


def _contingency_csv(shown: Shown) -> str:
    lines = [",".join(["cluster", "name", *NAMES])]
    for i, (name, row) in enumerate(zip(shown.names, shown.report.contingency, strict=True)):
        lines.append(",".join([str(i + 1), NAMES[name] if name != NO_CLASS else "", *map(str, row.tolist())]))
    return "\n".join(lines) + "\n"


def choosing_k(shown: Shown) -> None:
    """Inertia and silhouette over k."""
    from fashion_core.charts import elbow

    sweep = Sweep(shown.clustering.space, shown.clustering.seed)
    found = results.ready(sweep, shown.subject.fingerprint)
    if found is None:
        results.box("The figures of every k", sweep, shown.subject.fingerprint, shown.subject.dataset, meanwhile="")
        return
    best = int(found["k"][found["silhouette"].argmax()])
    at = float(found["silhouette"][shown.k - 2])
    shell.finding(
        f"The silhouette is highest at k = {best} ({found['silhouette'].max():.3f}; at k = {shown.k} it is {at:.3f}): "
        f"the silhouette does not single out ten kinds of garment."
        if best != len(NAMES)
        else f"The silhouette is highest at k = {best}, the number of classes."
    )
    one, two = st.columns(2)
    one.plotly_chart(
        elbow.line(found["k"], found["inertia"], "Inertia an image", shown.k), key="elbow",
        config={"displayModeBar": False}, alt="Inertia falls as k rises",
    )  # fmt: skip
    two.plotly_chart(
        elbow.line(found["k"], found["silhouette"], "Silhouette", shown.k), key="silhouette",
        config={"displayModeBar": False}, alt="Mean silhouette over k",
    )  # fmt: skip
    n = min(sweep.sample, shown.subject.n_train)
    shell.provenance(
        f"{shown.subject.title}, random sample of train, n = {n:,}, seed {sweep.seed}, best of 3 starts; "
        f"silhouette over {min(n, sweep.silhouette_sample):,} of them"
    )


def explained(shown: Shown) -> str:
    """In words: do clusters follow brightness or class?"""
    key = f"{shown.clustering.key(shown.subject.fingerprint)} {shown.subject.whole}"
    brightness = shown.subject.shown(shown.subject.brightness)
    by_cluster, by_class, follows_brightness, follows_class = _shares(key, brightness, shown.clusters, shown.labels)
    return (
        f"The clusters explain {by_cluster:.1%} of the variance of a garment's mean brightness, the true classes "
        f"{by_class:.1%}. Of the variance of cluster membership, brightness alone (20 levels) explains "
        f"{follows_brightness:.1%}, the class {follows_class:.1%}."
    )


@st.cache_data(max_entries=24, show_spinner=False)
def _shares(
    key: str, _brightness: np.ndarray, _clusters: np.ndarray, _labels: np.ndarray
) -> tuple[float, float, float, float]:
    return (
        clusters.variance_explained(_brightness, _clusters),
        clusters.variance_explained(_brightness, _labels),
        clusters.membership_explained(_clusters, clusters.levels(_brightness)),
        clusters.membership_explained(_clusters, _labels),
    )


def closest_and_borderline(shown: Shown, cluster: int, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Members nearest to their centroid, and those almost as near to another; indices int64 [<= n] each."""
    members = np.flatnonzero(shown.clusters == cluster)
    nearest = shown.subject.shown(shown.found["nearest"])[members].astype(np.float32)
    second = shown.subject.shown(shown.found["second"])[members].astype(np.float32)
    return members[np.argsort(nearest, kind="stable")[:n]], members[np.argsort(second - nearest, kind="stable")[:n]]
