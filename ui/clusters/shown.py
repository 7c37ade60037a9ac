"""Everything that the view shows, put together: subject, map, clusters, and the runs that can colour it."""

import dataclasses
from dataclasses import dataclass

import numpy as np
import streamlit as st

from fashion_core.analysis.clusters import ClusterReport, report
from fashion_core.computed.clustering import Clustering
from fashion_core.computed.projection import Projection
from fashion_core.errors import RunError
from fashion_core.models.kmeans import name_clusters
from fashion_core.runs.store import RunEntry
from ui import caches, pickers, results, shell
from ui.clusters import colouring
from ui.clusters.subject import Subject
from ui.clusters.view import View
from ui.components.map import Panel, quantised
from ui.results import Arrays


@dataclass(frozen=True)
class Shown:
    """Of the pictures shown: ``places`` uint16 [n, 2], ``clusters`` and ``labels`` uint8 [n] and their ``report``.

    ``names`` int [k] are those that the view asks for, ``majority`` and ``one_to_one`` those by the train part's
    labels; ``flat`` and ``found`` are the arrays of ``projection`` and ``clustering``.
    """

    view: View
    subject: Subject
    projection: Projection
    flat: Arrays
    places: np.ndarray
    extent: tuple[int, int]
    clustering: Clustering
    found: Arrays
    clusters: np.ndarray
    labels: np.ndarray
    majority: np.ndarray
    one_to_one: np.ndarray
    names: np.ndarray
    report: ClusterReport
    run: RunEntry | None

    @property
    def k(self) -> int:
        return self.clustering.k

    def ways(self) -> dict[str, Panel]:
        """Every way to colour the points, by the view's name of it; a run's only where there is one."""
        n = len(self.labels)
        ways = {
            "True class": colouring.by_class(self.labels),
            "Cluster": colouring.by_cluster(self.clusters, self.names),
            "Cluster name": colouring.by_cluster_name(self.clusters, self.names),
        }
        if self.run is not None:
            answers, title = caches.predictions(self.run), self.run.title
            confidence = answers.probabilities.max(axis=1)
            ways |= {
                "Prediction": colouring.by_prediction(title, answers, n),
                "Right or wrong": colouring.by_rightness(title, answers, n),
                "Confidence": colouring.by_value(f"Confidence, {title}", confidence, n),
            }
        brightness = self.subject.shown(self.subject.brightness)
        return ways | {
            "Brightness": colouring.by_value("Brightness", brightness, n),
            "Trust": colouring.by_value("Trust", self.flat["trust"], n),
        }

    @property
    def confidence(self) -> np.ndarray:
        """Largest probability of the run's answer, float32 [n]; nan for pictures that it was not asked."""
        values = np.full(len(self.labels), np.nan, np.float32)
        if self.run is not None:
            answers = caches.predictions(self.run).probabilities
            values[len(values) - len(answers) :] = answers.max(axis=1)
        return values


def gather(view: View, subject: Subject) -> Shown | None:
    """What ``view`` asks for; where it is not computed yet, a box that computes it and the standard meanwhile.

    None when even the standard has to be computed first.
    """
    projection = _or_standard(view.projection, Projection("pca", view.projection.images), subject, "The places")
    clustering = _or_standard(view.clustering, Clustering(), subject, "The clusters")
    if projection is None or clustering is None:
        return None
    flat, found = results.ready(projection, subject.fingerprint), results.ready(clustering, subject.fingerprint)
    if flat is None or found is None:
        return None
    assert isinstance(clustering, Clustering)
    assert isinstance(projection, Projection)
    places, extent = _places(projection.key(subject.fingerprint), flat["points"])
    assigned, labels = subject.shown(found["clusters"]), subject.shown(subject.labels)
    key = clustering.key(subject.fingerprint)
    majority, one_to_one = _names(key, found["clusters"], subject, clustering.k)
    matched = _report(f"{key} {subject.whole}", assigned, labels, clustering.k)
    if clustering != view.clustering:
        view = dataclasses.replace(view, names="", naming="Majority" if view.naming == "Own" else view.naming)
    names = {"Majority": majority, "One-to-one": one_to_one, "Own": own_names(view, majority)}[view.naming]
    return Shown(
        view, subject, projection, flat, places, extent, clustering, found, assigned, labels, majority,
        one_to_one, names, matched, _run(view, subject),
    )  # fmt: skip


def own_names(view: View, majority: np.ndarray) -> np.ndarray:
    """The visitor's names, int16 [k]; the majority's until there are some."""
    if not view.names:
        return majority
    return np.array([int(c) if c.isdigit() else -1 for c in view.names], np.int16)


def runs(subject: Subject) -> list[RunEntry]:
    """Runs that were scored on the pictures of ``subject``."""
    return pickers.finished_runs(
        lambda run: run.record is not None and run.record.data.fingerprint == subject.fingerprint
    )


def _run(view: View, subject: Subject) -> RunEntry | None:
    """The run that the view names or, where there is none such, the first whose answers can be read."""
    for run in sorted(runs(subject), key=lambda run: run.id != view.run):
        try:
            caches.predictions(run)
        except RunError as error:
            st.warning(shell.plain(f"{error} Another run colours the maps."))
        else:
            return run
    return None


def _or_standard(
    wanted: Projection | Clustering, standard: Projection | Clustering, subject: Subject, what: str
) -> Projection | Clustering | None:
    if results.ready(wanted, subject.fingerprint) is not None:
        return wanted
    if wanted == standard:
        results.begin_once(wanted, subject.dataset)
    there = wanted != standard and results.ready(standard, subject.fingerprint) is not None
    meanwhile = "" if not there else "The standard ones are shown."
    results.box(what, wanted, subject.fingerprint, subject.dataset, meanwhile=meanwhile)
    return standard if there else None


@st.cache_resource(max_entries=6, show_spinner=False)
def _places(key: str, _points: np.ndarray) -> tuple[np.ndarray, tuple[int, int]]:
    return quantised(_points)


@st.cache_resource(max_entries=24, show_spinner=False)
def _names(key: str, _clusters: np.ndarray, _subject: Subject, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Majority and one-to-one names by the labels of the train part alone."""
    n = _subject.n_train
    return name_clusters(_clusters[:n], _subject.labels[:n], k)


@st.cache_resource(max_entries=24, show_spinner=False)
def _report(key: str, _clusters: np.ndarray, _labels: np.ndarray, k: int) -> ClusterReport:
    return report(_clusters, _labels, k)
