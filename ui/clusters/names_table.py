"""How many garments of each class each cluster has, and the names of the clusters."""

from dataclasses import dataclass

import pandas as pd
import streamlit as st

from fashion_core.models.kmeans import UNASSIGNED_CLUSTER_CLASS
from fashion_core.wording.clusters import format_cluster_class
from fashion_core.wording.numbers import format_percent
from ui import shell
from ui.clusters import view
from ui.clusters.cluster_map import ClusterMap
from ui.csv_download import csv_button

EDITOR_KEY = "clusters-names"  # session key: the editor that is shown


@dataclass(frozen=True)
class NamesEditor:
    """An editor that was filled with ``names`` for the clusters of ``clustering``. An edit changes the view; the editor
    is filled again only when the names change elsewhere, because another editor loses edits that come meanwhile."""

    clustering: str
    names: list[str]
    number: int

    @property
    def key(self) -> str:
        return f"clusters-names-{self.number}"

    def edited_names(self) -> list[str]:
        """The names with the edits."""
        edits = st.session_state[self.key]["edited_rows"]
        return [edits.get(row, {}).get("Name", name) for row, name in enumerate(self.names)]


def find_editor(clustering: str, names: list[str]) -> NamesEditor:
    """The editor that shows ``names``."""
    editor: NamesEditor | None = st.session_state.get(EDITOR_KEY)
    if (
        editor is None
        or editor.clustering != clustering
        or editor.key not in st.session_state  # another page was shown
        or editor.edited_names() != names
    ):
        editor = st.session_state[EDITOR_KEY] = NamesEditor(clustering, names, editor.number + 1 if editor else 0)
    return editor


def show_cluster_names_editor(cluster_map: ClusterMap) -> None:
    """The table; its column Name can be edited."""
    classes = cluster_map.images.classes
    options = [*classes.names, format_cluster_class(UNASSIGNED_CLUSTER_CLASS, cluster_map.images.classes)]
    current = [options[label] for label in cluster_map.cluster_classes]  # -1 is the last option
    contingency = cluster_map.metrics.contingency
    class_columns = [f"{name} (class)" if name in ("Cluster", "Name") else name for name in classes.short_names]
    # the default clusters, shown while others are computed, cannot be named
    is_editable = cluster_map.clustering == view.CLUSTERS_PAGE_STATE.current_view().clustering
    editor = find_editor(cluster_map.clustering.key(""), current)

    def store_names() -> None:
        numbers = ["-" if name == options[-1] else str(options.index(name)) for name in editor.edited_names()]
        view.CLUSTERS_PAGE_STATE.update(names=",".join(numbers), naming="Own")

    st.data_editor(
        {"Cluster": list(range(1, cluster_map.n_clusters + 1)), "Name": editor.names}
        | {name: contingency[:, c] for c, name in enumerate(class_columns)},
        hide_index=True,
        height="content",
        disabled=["Cluster", *class_columns] if is_editable else True,
        column_config={"Name": st.column_config.SelectboxColumn(options=options, required=True)},
        key=editor.key,
        on_change=store_names,
    )
    accuracy = cluster_map.metrics.accuracy_of_assigned_classes(cluster_map.cluster_classes)
    shell.show_provenance(
        cluster_map.images.provenance,
        f"with these names {format_percent(accuracy)} are in a cluster of their class; the best possible names reach "
        f"{format_percent(cluster_map.metrics.purity)}",
    )
    csv_button(lambda: _contingency_table(cluster_map), "clusters.csv")


def _contingency_table(cluster_map: ClusterMap) -> pd.DataFrame:
    class_names = cluster_map.images.classes.names
    frame = pd.DataFrame(cluster_map.metrics.contingency, columns=list(class_names))
    frame.insert(0, "cluster", range(1, cluster_map.n_clusters + 1), allow_duplicates=True)
    names = [class_names[label] if label != UNASSIGNED_CLUSTER_CLASS else "" for label in cluster_map.cluster_classes]
    frame.insert(1, "name", names, allow_duplicates=True)
    return frame
