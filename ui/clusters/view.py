"""What the Clusters page shows, as one value that the address holds."""

import dataclasses
import re
import time
from dataclasses import dataclass
from typing import Any, get_args

import streamlit as st

from fashion_core.computed.clustering import KMeansClustering, choose_default_clustering
from fashion_core.computed.computation import ImageSet
from fashion_core.computed.image_vectors import PIXELS
from fashion_core.computed.projection import DistanceMetric, Projection
from fashion_core.errors import ConfigError
from fashion_core.models.kmeans import UNASSIGNED_CLUSTER_CLASS
from ui import caches
from ui.clusters.spaces import find_map_space, find_space
from ui.map_selection import NO_ISOLATED_GROUP, MapSelection, selection_from_address
from ui.page_state import PageState, check_choices

PROJECTION_METHODS = ("PCA", "UMAP")
IMAGE_SPLITS = ("Test", "All")
DATA_SOURCES = ("Fashion-MNIST", "Stand-in")  # without Fashion-MNIST: its shipped results, or sample data
COLOURINGS = (
    "True class",
    "Cluster",
    "Cluster name",
    "Prediction",
    "Right or wrong",
    "Confidence",
    "Brightness",
    "Trust",
)
CLUSTER_NAMINGS = ("Majority", "One-to-one", "Own")
GARMENT_ORDERS = ("Nearest to centroid", "Farthest from centroid", "Least confident", "Most confident", "As published")
CLUSTERS_SECTIONS = ("Maps", "Centroids", "Names", "Members", "Brightness", "Choosing k")
CLUSTERS_VIEW_ALLOWED_VALUES = {
    "map": PROJECTION_METHODS,
    "images": IMAGE_SPLITS,
    "results": DATA_SOURCES,
    "left": COLOURINGS,
    "right": COLOURINGS,
    "naming": CLUSTER_NAMINGS,
    "metric": get_args(DistanceMetric),
    "order": GARMENT_ORDERS,
    "look": CLUSTERS_SECTIONS,
}
NO_POINT = -1
FOCUS_KEY = "clusters-focus"  # session key of the point to centre the maps on
# fields that change the positions or the points
FIELDS_THAT_CHANGE_CLUSTERS = {"k", "space", "seed", "restarts", "results"}
FIELDS_THAT_MOVE_POINTS = {"map", "images", "space", "results", "neighbours", "distance", "metric", "layout"}


@dataclass(frozen=True)
class ClustersView:
    """Every field is a parameter of the address, left out when it has its default."""

    map: str = "PCA"
    images: str = "Test"
    results: str = "Fashion-MNIST"
    left: str = "True class"
    right: str = "Cluster"
    run: str = "improved_cnn"
    space: str = PIXELS  # or another feature space, or the run whose network gives the features
    k: int = 10
    restarts: int = 10
    seed: int = 0
    naming: str = "Majority"
    names: str = ""  # chosen classes: a number for each cluster, "-" for none, with commas; or one digit each
    neighbours: int = 15
    distance: float = 0.1
    metric: str = "euclidean"
    layout: int = 0  # UMAP's seed
    order: str = "Nearest to centroid"
    look: str = "Maps"
    sel: str = ""
    point: int = NO_POINT  # the garment that is shown beside the maps

    def __post_init__(self) -> None:
        check_choices(self, CLUSTERS_VIEW_ALLOWED_VALUES)
        self.clustering  # noqa: B018 -- this and the next two raise ConfigError for impossible values
        self._umap()
        self.selection  # noqa: B018
        if self.point < NO_POINT:
            raise ConfigError(f"There is no picture {self.point}.")
        if self.names and len(parse_cluster_classes(self.names)) != self.k:
            raise ConfigError(f"The names in the address do not fit {self.k} clusters.")

    @property
    def clustering(self) -> KMeansClustering:
        return KMeansClustering(find_space(self.space), self.k, self.restarts, self.seed)

    @property
    def projection(self) -> Projection:
        if self.map == "PCA":
            return Projection("pca", self._images, space=find_map_space(self.space))
        return self._umap()

    @property
    def _images(self) -> ImageSet:
        return "test" if self.images == "Test" else "all"

    def _umap(self) -> Projection:
        return Projection(
            "umap",
            self._images,
            neighbours=self.neighbours,
            min_distance=self.distance,
            metric=self.metric,  # type: ignore[arg-type]
            seed=self.layout,
            space=find_map_space(self.space),
        )

    @property
    def selection(self) -> MapSelection:
        return selection_from_address(self.sel) if self.sel else MapSelection()


def parse_cluster_classes(names: str) -> list[int]:
    """The classes in an address, ``UNASSIGNED_CLUSTER_CLASS`` for none; empty if they can't be read."""
    parts = names.split(",") if "," in names else list(names)
    if not all(re.fullmatch(r"-|\d{1,3}", part) for part in parts):
        return []
    return [UNASSIGNED_CLUSTER_CLASS if part == "-" else int(part) for part in parts]


def adapt_default(default: ClustersView) -> ClustersView:
    """Of a catalogue: all its pictures, in as many clusters as it has classes, or by brightness where it has none."""
    dataset = caches.current_dataset()
    if dataset.has_shipped_runs:
        return default
    clustering = choose_default_clustering(dataset)
    adapted = dataclasses.replace(default, images="All", k=clustering.k, restarts=clustering.restarts)
    return adapted if dataset.is_labelled else dataclasses.replace(adapted, look="Names", left="Brightness")


def load_view() -> tuple[ClustersView, list[str]]:
    """The view to show now, and what can't be shown: the address may be wrong, or a run be gone since."""
    view, problems = CLUSTERS_PAGE_STATE.load()
    try:
        find_space(view.space)
    except ConfigError as error:
        return CLUSTERS_PAGE_STATE.correct_fields_while_drawing(space=PIXELS), [*problems, f"{error} Pixels are used."]
    return view, problems


def centre_maps_on_point(point: int) -> None:
    """Show a point beside the maps, and centre them on it."""
    CLUSTERS_PAGE_STATE.update(point=point, look="Maps")
    st.session_state[FOCUS_KEY] = (point, time.time_ns() // 1_000_000)


def add_cluster_name_and_selection_resets(view: ClustersView, fields: dict[str, Any]) -> dict[str, Any]:
    """``fields`` and what they reset: names of clusters that no longer exist, a selection that no longer fits."""
    fields = {name: value for name, value in fields.items() if value != getattr(view, name)}
    if FIELDS_THAT_CHANGE_CLUSTERS & set(fields):
        fields = {"names": "", "naming": "Majority" if view.naming == "Own" else view.naming} | fields
    if fields.get("naming") == "Own":
        fields = {"look": "Names"} | fields  # the section with the names
    if set(fields) & FIELDS_THAT_MOVE_POINTS:
        st.session_state.pop(FOCUS_KEY, None)
    if set(fields) & {"sel", "images", "results"}:
        fields = {"point": NO_POINT} | fields
    return {"sel": keep_valid_selection_parts(view.selection, set(fields)).to_address_text()} | fields


def keep_valid_selection_parts(selection: MapSelection, changed: set[str]) -> MapSelection:
    """What of ``selection`` still has the same meaning after the fields in ``changed`` have changed."""
    left, right = selection.isolated_groups
    if changed & (FIELDS_THAT_MOVE_POINTS | FIELDS_THAT_CHANGE_CLUSTERS | {"naming", "names", "run"}):
        left = right = NO_ISOLATED_GROUP
    isolated = (NO_ISOLATED_GROUP if "left" in changed else left, NO_ISOLATED_GROUP if "right" in changed else right)
    polygon = () if changed & FIELDS_THAT_MOVE_POINTS else selection.polygon
    return dataclasses.replace(selection, isolated_groups=isolated, polygon=polygon)


CLUSTERS_PAGE_STATE = PageState("clusters", ClustersView(), add_cluster_name_and_selection_resets, adapt_default)
