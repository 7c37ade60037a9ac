"""The ten Fashion-MNIST classes: order, names and colours. No other file spells them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class GarmentClass:
    """One class: its published name, a short one for chart axes, the name of a folder of pictures, a ``#rrggbb``."""

    index: int
    name: str
    short_name: str
    folder_name: str
    colour: str


# Names and order: https://github.com/zalandoresearch/fashion-mnist#labels
# Colours: M. A. Petroff, "Accessible Color Sequences for Data Visualization", arXiv:2107.02270, ten-colour set.
CLASSES = (
    GarmentClass(0, "T-shirt/top", "T-shirt", "t-shirt", "#3f90da"),
    GarmentClass(1, "Trouser", "Trouser", "trouser", "#ffa90e"),
    GarmentClass(2, "Pullover", "Pullover", "pullover", "#bd1f01"),
    GarmentClass(3, "Dress", "Dress", "dress", "#94a4a2"),
    GarmentClass(4, "Coat", "Coat", "coat", "#832db6"),
    GarmentClass(5, "Sandal", "Sandal", "sandal", "#a96b59"),
    GarmentClass(6, "Shirt", "Shirt", "shirt", "#e76300"),
    GarmentClass(7, "Sneaker", "Sneaker", "sneaker", "#b9ac70"),
    GarmentClass(8, "Bag", "Bag", "bag", "#717581"),
    GarmentClass(9, "Ankle boot", "Boot", "ankle-boot", "#92dadd"),
)
N_CLASSES = len(CLASSES)
NONE_OF_THESE_LABEL = -1  # label of a picture of none of the ten classes
CLASS_NAMES = tuple(c.name for c in CLASSES)
SHORT_CLASS_NAMES = tuple(c.short_name for c in CLASSES)
CLASS_FOLDER_NAMES = tuple(c.folder_name for c in CLASSES)
CLASS_COLOURS = tuple(c.colour for c in CLASSES)
