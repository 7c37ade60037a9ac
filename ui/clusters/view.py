"""What the Clusters page shows, as one value: read from the address, kept in the session, written to the address."""

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, get_args

import streamlit as st

from fashion_core.analysis.clustering import Clustering
from fashion_core.analysis.projection import Metric, Projection
from fashion_core.analysis.spaces import SPACES
from fashion_core.computed.computation import Images
from fashion_core.errors import ConfigError
from ui import shell
from ui.selection import NONE, Selection, from_address

MAPS = ("PCA", "UMAP")
IMAGES = ("Test", "All")
DATA = ("Fashion-MNIST", "Stand-in")  # without Fashion-MNIST: its shipped results, or the synthetic pictures
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
NAMINGS = ("Majority", "One-to-one", "Own")
ORDERS = ("Nearest to centroid", "Farthest from centroid", "Least confident", "Most confident", "As published")
LOOKS = ("Centroids", "Names", "Members", "Brightness", "Choosing k")
CHOICES = {
    "map": MAPS,
    "images": IMAGES,
    "data": DATA,
    "left": COLOURINGS,
    "right": COLOURINGS,
    "space": tuple(SPACES),
    "naming": NAMINGS,
    "metric": get_args(Metric),
    "order": ORDERS,
    "look": LOOKS,
}
KEPT, WRITTEN, FOCUS = "clusters-view", "clusters-address", "clusters-focus"
# fields that give the points other places, or other points
MOVES_POINTS = {"map", "images", "data", "neighbours", "distance", "metric", "layout"}


@dataclass(frozen=True)
class View:
    """Every field is one parameter of the address, there only when it is not the standard one."""

    map: str = "PCA"
    images: str = "Test"
    data: str = "Fashion-MNIST"
    left: str = "True class"
    right: str = "Cluster"
    run: str = "improved_cnn"
    space: str = "pixels"
    k: int = 10
    restarts: int = 10
    seed: int = 0
    naming: str = "Majority"
    names: str = ""  # the visitor's own: a class index a cluster, "-" for none
    neighbours: int = 15
    distance: float = 0.1
    metric: str = "euclidean"
    layout: int = 0  # UMAP's seed
    order: str = "Nearest to centroid"
    look: str = "Centroids"
    sel: str = ""

    def __post_init__(self) -> None:
        for name, choices in CHOICES.items():
            if getattr(self, name) not in choices:
                raise ConfigError(f"{name} is {getattr(self, name)!r}; it can be {', '.join(choices)}.")
        self.clustering  # noqa: B018 -- each raises ConfigError on an impossible value
        self._umap()
        self.selection  # noqa: B018
        if self.names and (len(self.names) != self.k or set(self.names) - set("0123456789-")):
            raise ConfigError(f"The names in the address are not those of {self.k} clusters.")

    @property
    def clustering(self) -> Clustering:
        return Clustering(self.space, self.k, self.restarts, self.seed)  # type: ignore[arg-type]

    @property
    def projection(self) -> Projection:
        return Projection("pca", self._images) if self.map == "PCA" else self._umap()

    @property
    def _images(self) -> Images:
        return "test" if self.images == "Test" else "all"

    def _umap(self) -> Projection:
        return Projection(
            "umap",
            self._images,
            neighbours=self.neighbours,
            min_distance=self.distance,
            metric=self.metric,  # type: ignore[arg-type]
            seed=self.layout,
        )

    @property
    def selection(self) -> Selection:
        return from_address(self.sel) if self.sel else Selection()

    def to_address(self) -> dict[str, str]:
        """Parameters of the address, those alone that are not standard."""
        standard = View()
        names = [field.name for field in dataclasses.fields(self)]
        return {name: str(getattr(self, name)) for name in names if getattr(self, name) != getattr(standard, name)}


def from_parameters(parameters: Mapping[str, str]) -> tuple[View, list[str]]:
    """The view that an address asks for; what is impossible in it is left out, each with a sentence."""
    view, complaints = View(), []
    for field in dataclasses.fields(View):
        if field.name not in parameters:
            continue
        text = parameters[field.name]
        try:
            value = type(getattr(view, field.name))(text)
            view = dataclasses.replace(view, **{field.name: value})
        except ConfigError as error:
            complaints.append(f"{error} The standard is shown.")
        except ValueError:
            complaints.append(f"{field.name} cannot be {text!r}. The standard is shown.")
    return view, complaints


def current() -> tuple[View, list[str]]:
    """The view to show now, and what was wrong with the address; a page come back to is as it was left."""
    asked = dict(st.query_params)
    if asked and asked != st.session_state.get(WRITTEN):
        view, complaints = from_parameters(asked)
        st.session_state[KEPT] = view
    else:
        view, complaints = st.session_state.get(KEPT, View()), []
    _write(view)
    return view, complaints


def now() -> View:
    """The view as last changed in this session."""
    view: View = st.session_state[KEPT]
    return view


def change(**fields: Any) -> None:
    """Show something else, from a widget's callback; an impossible choice leaves all as it is and is told."""
    view = now()
    if {"k", "space"} & set(fields):
        fields = {"names": "", "naming": "Majority" if view.naming == "Own" else view.naming} | fields
    if fields.get("naming") == "Own":
        fields = {"look": "Names"} | fields  # where names are given
    fields = {"sel": _kept_selection(view.selection, set(fields)).to_address()} | fields
    if set(fields) & MOVES_POINTS:
        st.session_state.pop(FOCUS, None)
    try:
        st.session_state[KEPT] = dataclasses.replace(view, **fields)
    except ConfigError as error:
        st.toast(shell.plain(str(error)))
    _write(now())


def _kept_selection(selection: Selection, changed: set[str]) -> Selection:
    """What of ``selection`` still means the same once the fields called ``changed`` have other values."""
    left, right = selection.only
    if changed & (MOVES_POINTS | {"k", "space", "naming", "names", "run"}):
        left = right = NONE
    only = (NONE if "left" in changed else left, NONE if "right" in changed else right)
    return dataclasses.replace(selection, only=only, polygon=() if changed & MOVES_POINTS else selection.polygon)


def correct(**fields: Any) -> View:
    """Put what can be shown in the place of what cannot."""
    view = dataclasses.replace(now(), **fields)
    _write(view)
    return view


def widget(name: str, label: str, make: Callable[..., Any], *arguments: Any, **more: Any) -> None:
    """A widget that shows and changes the field called ``name``."""
    key = f"clusters-{name}"
    st.session_state[key] = getattr(now(), name)
    make(label, *arguments, key=key, on_change=lambda: change(**{name: st.session_state[key]}), **more)


def _write(view: View) -> None:
    st.session_state[KEPT] = view
    address = view.to_address()
    st.session_state[WRITTEN] = address
    if dict(st.query_params) != address:
        st.query_params.from_dict(address)
