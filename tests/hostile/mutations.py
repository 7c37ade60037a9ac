"""Values and changes that a hostile file or address may hold, drawn at random."""

import copy
from typing import Any

import numpy as np

TEXTS = (
    "", " ", "\0", "\n\n", "\x1b[2J", "\ud800", "\u202e", "🧥", "٣", "a" * 100_000, "=1+1", "../../etc/passwd", "C:\\x",
    "<script>alert(1)</script>", "[x](javascript:1)", "{{7*7}}", "%s%n", "1e999", "nan", "-1", "1_000", "9" * 5000,
    "true", "null", "mlp", "kmeans,mlp", "0:1:nan", "0.1:1e308", ",,,,", "con", "🧥" * 500,
)  # fmt: skip
NUMBERS = (0, 1, -1, 2, 255, 256, 2**31, 2**63, -(2**63), 10**400, 0.5, 1e308, -1e308, 1e-320)
EXTREME_SIZES = (bytes(4), b"\xff" * 4, b"\x7f\xff\xff\xff", b"\0\xff\xff\0")
NOT_NUMBERS = (float("nan"), float("inf"), -float("inf"))


def draw_value(rng: np.random.Generator) -> Any:
    """A value of JSON."""
    nested: Any = "x"
    for _ in range(200):
        nested = [nested]
    values = [*TEXTS, *NUMBERS, *NOT_NUMBERS, None, True, False, [], {}, [None], {"": {}}, [[]] * 300, nested]
    return values[rng.integers(len(values))]


def mutate_json(value: Any, rng: np.random.Generator) -> Any:
    """``value`` with one to three of its parts replaced, removed or doubled."""
    changed = copy.deepcopy(value)
    for _ in range(rng.integers(1, 4)):
        container, key = _draw_place(changed, rng)
        if container is None:
            return draw_value(rng)
        if rng.random() < 0.8:
            container[key] = draw_value(rng)
        elif rng.random() < 0.7:
            del container[key]
        elif isinstance(container, list):
            container.append(container[key])
        else:
            container[draw_value(rng).__repr__()[:50]] = container[key]
    return changed


def _draw_place(value: Any, rng: np.random.Generator) -> tuple[Any, Any]:
    """A container inside ``value`` and a key of it; None for both when ``value`` has no parts."""
    container, key = None, None
    while isinstance(value, dict | list) and value and (container is None or rng.random() < 0.8):
        keys = list(value) if isinstance(value, dict) else range(len(value))
        container, key = value, keys[rng.integers(len(keys))]
        value = container[key]
    return container, key


def mutate_bytes(content: bytes, rng: np.random.Generator) -> bytes:
    """``content`` with bytes changed, cut off, doubled or put in, and lengths replaced by extreme ones."""
    changed = bytearray(content)
    for _ in range(rng.integers(1, 8)):
        place = int(rng.integers(len(changed) + 1))
        if rng.random() < 0.5:  # headers, where the sizes are
            place = min(place, int(rng.integers(1, 200)))
        action = rng.integers(6)
        if action == 0:
            changed[place : place + 4] = EXTREME_SIZES[rng.integers(len(EXTREME_SIZES))]
        elif action == 1:
            changed[place : place + 1] = bytes(rng.integers(0, 256, 1, np.uint8))
        elif action == 2 and len(changed) > 1:
            del changed[place : place + int(rng.integers(1, len(changed)))]
        elif action == 3:
            changed[place:place] = changed[place : place + 5000] * int(rng.integers(1, 4))
        elif action == 4:
            changed[place:place] = bytes(rng.integers(0, 256, rng.integers(1, 100), np.uint8))
        elif changed:
            changed[place % len(changed)] ^= 1 << int(rng.integers(8))
    return bytes(changed)


def draw_array(rng: np.random.Generator) -> np.ndarray:
    """An array of any of several shapes and types, objects excepted."""
    shapes: list[tuple[int, ...]] = [
        (),
        (0,),
        (1,),
        (10,),
        (10_000,),
        (10_000, 10),
        (10, 10_000),
        (0, 10),
        (3, 2, 1),
        (1, 28, 28),
    ]
    types: list[Any] = [np.uint8, np.int64, np.float16, np.float32, np.complex64, np.bool_, "U3", "datetime64[s]"]
    array = np.zeros(shapes[rng.integers(len(shapes))], types[rng.integers(len(types))])
    if array.dtype.kind in "ui":
        array[...] = rng.integers(0, 120)
    elif array.dtype.kind == "f" and rng.random() < 0.5:
        array[...] = NOT_NUMBERS[rng.integers(len(NOT_NUMBERS))]
    return array
