"""The single-file HTML report: the poster's figures in our version, interactive, every number with its source."""

import base64
import io
from collections.abc import Sequence
from html import escape

import numpy as np
import plotly.graph_objects as go
from PIL import Image

from fashion_core import poster
from fashion_core.analysis import clusters, summary
from fashion_core.analysis.clustering import Clustering
from fashion_core.analysis.facts import Facts
from fashion_core.analysis.projection import Method, Projection
from fashion_core.charts import confusion, curves, maps
from fashion_core.computed import store as results
from fashion_core.labels import NAMES, SHORT_NAMES
from fashion_core.models import registry
from fashion_core.models.kmeans import KMeansClassifier
from fashion_core.runs.store import RunEntry, RunStore

TITLE = "Can clothing pictures be sorted automatically?"
STYLE = """
:root { color-scheme: light; }
body { font: 16px/1.55 system-ui, "Segoe UI", sans-serif; color: #1d232b; background: #fff; margin: 0; }
main { max-width: 1080px; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
h1 { font-size: 2rem; line-height: 1.2; margin: 0 0 .5rem; }
h2 { font-size: 1.35rem; margin: 2.75rem 0 .25rem; border-top: 1px solid #d5dbe2; padding-top: 1.25rem; }
p.finding { font-weight: 600; }
figure { margin: 1rem 0; break-inside: avoid; }
figcaption { color: #56606c; font-size: .85rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: .4rem .6rem; text-align: right; border-bottom: 1px solid #d5dbe2; white-space: nowrap; }
th:first-child, td:first-child { text-align: left; }
.pictures { display: flex; flex-wrap: wrap; gap: .75rem; }
.pictures div { text-align: center; font-size: .8rem; color: #56606c; }
.pictures img { display: block; image-rendering: pixelated; }
@media print { main { max-width: none; padding: 0; } .modebar { display: none; } }
"""


def build(store: RunStore) -> str:
    """The report on the shipped runs as one HTML document.

    Raises ``RunError`` when a shipped run or map cannot be read.
    """
    rows = summary.rows(store)
    failed = summary.rows(store, summary.POSTER_RUNS)
    best = max(rows, key=lambda row: row.scored.accuracy)
    page = _Page()
    page.add(f"<h1>{escape(TITLE)}</h1><p class='finding'>{escape(summary.headline(best))}</p>")
    page.add(_table([*rows, *failed]))
    page.note(
        "Precision, recall and accuracy in percent; precision and recall are means over the ten classes, the interval "
        "is Wilson's 95 %.",
        *(_source(row.run) for row in rows),
    )
    _kmeans_sections(page, store, rows[0])
    by_id = {row.run.id: row for row in [*rows, *failed]}
    page.section("Supervised models", summary.hardest(best.scored))
    for run_id in ("mlp", "cnn", "improved_cnn"):
        row = by_id[run_id]
        page.chart(
            confusion.matrix(row.scored.confusion, by_row=False, title=row.method),
            f"Confusion matrix of {row.method}: rows the true class, columns the predicted one. "
            f"{summary.hardest(row.scored)}",
            _source(row.run),
        )
    page.section(
        "What failed on the poster, and why it may have",
        "; ".join(f"{row.method} {summary.never(row.scored)}" for row in failed) + ".",
    )
    page.add(f"<p>{escape(poster.EXPLANATION)}</p>")
    page.chart(
        confusion.matrix(by_id["cnn-poster"].scored.confusion, by_row=False, title=by_id["cnn-poster"].method),
        f"Confusion matrix of the CNN with a ReLU on its output units; it {summary.never(by_id['cnn-poster'].scored)}.",
        _source(by_id["cnn-poster"].run),
    )
    assert best.run.record is not None
    sizes = best.run.record.data
    page.section("Training of the best run", f"Kept: the epoch that was best on validation, {_best_epoch(best.run)}.")
    page.chart(
        curves.accuracy(store.history(best.run), best_epoch=_best_epoch(best.run)),
        f"Train and validation accuracy of {best.method} over its epochs.",
        f"{_source(best.run)}; curves: train n = {sizes.n_train:,} (augmented as learnt), validation n = "
        f"{sizes.n_validation:,}",
    )
    return page.document(TITLE)


def _kmeans_sections(page: "_Page", store: RunStore, row: summary.Row) -> None:
    facts = results.shipped_result(Facts())
    class_means = facts["class_means"].astype(np.float32)
    labels = store.predictions(row.run).labels
    model = store.classifier(row.run)
    assert isinstance(model, KMeansClassifier)
    assert row.run.record is not None
    found = results.shipped_result(Clustering())["clusters"][-len(labels) :]
    report = clusters.report(found, labels, len(model.centroids))
    names = model.majority_names
    page.section("What k-means finds without a label", clusters.merged_and_lost(report.contingency))
    methods: dict[Method, str] = {"pca": "PCA", "umap": "UMAP"}
    for method, title in methods.items():
        points = results.shipped_result(Projection(method))["points"]
        page.chart(
            maps.pair(points, labels, found, names.tolist(), (f"{title} 1", f"{title} 2")),
            f"{title} of the test images twice: left by true class, right by k-means cluster.",
            _source(row.run),
        )
    centroids = model.centroids.reshape(-1, 28, 28)
    pairs = np.concatenate([centroids, class_means[names]], axis=1)  # [k, 56, 28]
    page.add("<h3>Centroids (top) over the means of the classes they are named for (bottom)</h3>")
    page.pictures(
        np.rint(pairs).astype(np.uint8),
        [f"{k + 1}: {SHORT_NAMES[name]}" for k, name in enumerate(names)],
        [f"Cluster {k + 1}: its centroid above the mean image of {NAMES[name]}" for k, name in enumerate(names)],
    )
    page.note(_source(row.run), f"class means: train split, n = {row.run.record.data.n_train:,}")


class _Page:
    """Collects the document's parts; every text that is not markup of ours is escaped on its way in."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.charts = 0

    def add(self, markup: str) -> None:
        self.parts.append(markup)

    def section(self, title: str, finding: str) -> None:
        self.add(f"<h2>{escape(title)}</h2><p class='finding'>{escape(finding)}</p>")

    def note(self, *parts: str) -> None:
        self.add(f"<p><small>{escape(' · '.join(parts))}</small></p>")

    def chart(self, figure: go.Figure, alternative: str, source: str) -> None:
        """``plotly.js`` itself goes into the first chart, so the file needs no network."""
        figure.update_layout(template="plotly_white", width=None)
        markup = figure.to_html(
            full_html=False,
            include_plotlyjs=self.charts == 0,
            div_id=f"chart-{self.charts}",
            config={"displaylogo": False, "responsive": True},
        )
        self.charts += 1
        self.add(
            f"<figure aria-label='{escape(alternative)}'><div class='scroll'>{markup}</div>"
            f"<figcaption>{escape(alternative)} <br>{escape(source)}</figcaption></figure>"
        )

    def pictures(self, images: np.ndarray, captions: Sequence[str], alternatives: Sequence[str]) -> None:
        """Grey pictures uint8 [n, h, 28], three screen pixels each."""
        cells = []
        for image, caption, alternative in zip(images, captions, alternatives, strict=True):
            buffer = io.BytesIO()
            Image.fromarray(image).save(buffer, "PNG")
            data = base64.b64encode(buffer.getvalue()).decode()
            cells.append(
                f"<div><img src='data:image/png;base64,{data}' width='{3 * image.shape[1]}' "
                f"height='{3 * image.shape[0]}' alt='{escape(alternative)}'>{escape(caption)}</div>"
            )
        self.add(f"<div class='pictures'>{''.join(cells)}</div>")

    def document(self, title: str) -> str:
        body = "\n".join(self.parts)
        return (
            f"<!DOCTYPE html><html lang='en'><head><meta charset='utf-8'><title>{escape(title)}</title>"
            f"<meta name='viewport' content='width=device-width, initial-scale=1'><style>{STYLE}</style></head>"
            f"<body><main>{body}</main></body></html>"
        )


def _table(rows: list[summary.Row]) -> str:
    head = ("Method", "Poster P / R", "Precision", "Recall", "Accuracy", "95% interval", "Parameters", "Trained in")
    lines = []
    for row in rows:
        low, high = row.interval
        cells = (
            row.method,
            f"{row.poster[0]} / {row.poster[1]}",
            f"{100 * row.scored.macro_precision:.1f}",
            f"{100 * row.scored.macro_recall:.1f}",
            f"{100 * row.scored.accuracy:.1f}",
            f"{100 * low:.1f} to {100 * high:.1f}",
            f"{row.parameters:,}",
            summary.duration(row.seconds),
        )
        lines.append("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>")
    header = "".join(f"<th scope='col'>{escape(name)}</th>" for name in head)
    return f"<div class='scroll'><table><thead><tr>{header}</tr></thead><tbody>{''.join(lines)}</tbody></table></div>"


def _source(run: RunEntry) -> str:
    record = run.record
    assert record is not None
    data = "Fashion-MNIST" if record.data.source == "fashion-mnist" else "stand-in data"
    return (
        f"run {run.id} ({registry.spec(record.model).title}), seed {record.config.seed}, {data} test, "
        f"n = {record.data.n_test:,}, data {record.data.fingerprint}"
    )


def _best_epoch(run: RunEntry) -> int:
    assert run.record is not None
    return run.record.best_epoch
