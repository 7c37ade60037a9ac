"""Prepare each picture of a source: the image that models see, its views, and the picture itself as a small JPEG."""

import hashlib
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from PIL import Image

from fashion_core.data.catalogue import DIGEST_BYTES, LOOK_SIDE
from fashion_core.errors import PictureError
from fashion_core.jobs.process import count_cores
from fashion_core.vision.decode import decode_picture
from fashion_core.vision.parallel import map_in_order, preparation_errors
from fashion_core.vision.picture_sources import PictureSource
from fashion_core.vision.preparation import PictureKind, PreparationOptions, prepare_picture

JPEG_QUALITY = 85
PICTURES_AHEAD = 8  # that are prepared before they are needed, for each thread

CatalogueKind = PictureKind | Literal["auto"]


@dataclass(frozen=True)
class PreparedFile:
    """A picture file made ready.

    ``views`` uint8 [v, 28, 28], the first being what models see; ``jpeg``: the picture with at most 224 pixels a side
    and no metadata; ``look`` uint8 [192], the picture reduced further; ``digest``: of the file's content; ``kind``:
    how the picture was prepared.
    """

    kind: PictureKind
    digest: bytes
    views: np.ndarray
    jpeg: bytes
    look: np.ndarray


def prepare_content(content: bytes, kind: CatalogueKind = "auto") -> PreparedFile:
    """Prepare the content of a file. Where no garment stands out, the whole picture is taken.

    Raises ``PictureError`` when it is no picture.
    """
    with preparation_errors():
        picture = decode_picture(content)
        prepared = prepare_picture(picture, PreparationOptions(kind, letterbox_without_garment=True))
    image = Image.fromarray(prepared.picture)
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=JPEG_QUALITY)
    look = np.asarray(image.resize((LOOK_SIDE, LOOK_SIDE), Image.Resampling.BOX)).reshape(-1)
    digest = hashlib.blake2b(content, digest_size=DIGEST_BYTES).digest()
    return PreparedFile(prepared.kind, digest, prepared.views, buffer.getvalue(), look)


def prepare_sources(
    sources: Iterable[PictureSource], kind: CatalogueKind = "auto"
) -> Iterator[PreparedFile | PictureError]:
    """Prepare every source, in order, or say why it can't be; a few dozen files are in memory at a time."""
    n_threads = count_cores()

    def prepare(source: PictureSource) -> PreparedFile | PictureError:
        try:
            return prepare_content(source.read(), kind)
        except PictureError as error:
            return error

    return map_in_order(prepare, sources, n_threads=n_threads, n_ahead=n_threads * PICTURES_AHEAD)
