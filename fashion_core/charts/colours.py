"""Colours that several charts share. The pairs are safe for colour-blind readers, on light and on dark ground."""

from fashion_core.data.classes import ClassList
from fashion_core.models.kmeans import UNASSIGNED_CLUSTER_CLASS

NEUTRAL_COLOUR = "#8a8a8a"
CORRECT_COLOUR = "#5f86b8"
WRONG_COLOUR = "#e66100"


def cluster_colour(label: int, classes: ClassList) -> str:
    """The colour of the class a cluster is assigned to; grey for -1."""
    return NEUTRAL_COLOUR if label == UNASSIGNED_CLUSTER_CLASS else classes[label].colour
