"""Pictures that are in a catalogue twice, exactly or nearly, and pictures that are like those of another class."""

from collections.abc import Iterator

import numpy as np

MIN_CORRELATION = 0.995  # of two reduced pictures that are near duplicates: saved again, resized or slightly brighter
MAX_RMS_DIFFERENCE = 25.0  # in brightness, 0 to 255, of two reduced pictures that are near duplicates
ROWS_AT_ONCE = 500  # whose similarities to all pictures are in memory
N_NEIGHBOURS = 5
NO_PAIRS = np.empty((0, 2), np.int64)


def group_near_duplicates(looks: np.ndarray, groups: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """``groups`` int [n] with those joined that have near duplicates in common, int32 [n]; and which those are.

    The second is a row for each picture that is like an earlier one, and the first such, int64 [k, 2]. ``looks`` uint8
    [n, d]: pictures reduced to a few pixels. Two are near duplicates when these correlate and are about equally bright.
    """
    first_pairs = [NO_PAIRS]
    for pairs in near_duplicate_pairs(looks):
        groups = join_groups(groups, pairs)
        first_pairs.append(pairs[np.unique(pairs[:, 0], return_index=True)[1]])
    return groups.astype(np.int32), np.concatenate(first_pairs)


def group_equal_images(digests: np.ndarray, groups: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """As ``group_near_duplicates``, of images that are equal: ``digests`` uint8 [n, 16] of them."""
    _, first, inverse = np.unique(digests, axis=0, return_index=True, return_inverse=True)
    pairs = np.stack([np.arange(len(digests)), first[inverse]], axis=1)
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    return join_groups(groups, pairs), pairs


def join_groups(groups: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    """``groups`` int [n] with those joined that ``pairs`` of rows, int [k, 2], connect: int32 [n], numbered from 0."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    groups = np.unique(groups, return_inverse=True)[1]
    n, (a, b) = int(groups.max(initial=-1)) + 1, groups[pairs].T
    graph = coo_array((np.ones(len(pairs), bool), (a, b)), (n, n))
    return connected_components(graph, directed=False)[1][groups].astype(np.int32)


def near_duplicate_pairs(looks: np.ndarray, n_new: int | None = None) -> Iterator[np.ndarray]:
    """Pairs of rows of ``looks`` uint8 [n, d] that are near duplicates, int64 [k, 2], in chunks, the larger row first.

    ``n_new``: only pairs with one of that many last rows.
    """
    pixels = looks.astype(np.float32)
    directions = pixels - pixels.mean(axis=1, keepdims=True)
    directions /= np.maximum(np.linalg.norm(directions, axis=1, keepdims=True), 1e-6)
    squares = (pixels**2).sum(axis=1)
    max_distance = looks.shape[1] * MAX_RMS_DIFFERENCE**2
    for start in range(0 if n_new is None else len(looks) - n_new, len(looks), ROWS_AT_ONCE):
        stop = min(start + ROWS_AT_ONCE, len(looks))
        is_near = directions[start:stop] @ directions[:stop].T >= MIN_CORRELATION
        distance = squares[start:stop, None] + squares[:stop] - 2 * (pixels[start:stop] @ pixels[:stop].T)
        is_near &= distance <= max_distance  # compared in place: a still camera makes every pair a near duplicate
        rows, others = np.nonzero(np.tril(is_near, start - 1))
        yield np.stack([rows + start, others], axis=1)


def nearest_pictures(images: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """The five images most like each image that are of other groups, the most similar first: int64 [n, 5].

    ``images`` uint8 [n, 28, 28]; they are compared by the correlation of their squares of 2 x 2 pixels.
    """
    pixels = images.reshape(len(images), 14, 2, 14, 2).mean(axis=(2, 4), dtype=np.float32).reshape(len(images), -1)
    pixels -= pixels.mean(axis=1, keepdims=True)
    pixels /= np.maximum(np.linalg.norm(pixels, axis=1, keepdims=True), 1e-6)
    nearest = np.empty((len(images), min(N_NEIGHBOURS, len(images) - 1)), np.int64)
    for start in range(0, len(images), ROWS_AT_ONCE):
        rows = slice(start, start + ROWS_AT_ONCE)
        similarity = pixels[rows] @ pixels.T
        similarity[groups[rows, None] == groups[None]] = -np.inf
        for column in nearest.T:  # five maxima are found faster than a partition
            column[rows] = similarity.argmax(axis=1)
            np.put_along_axis(similarity, column[rows, None], -np.inf, axis=1)
    return nearest
