"""Read the pictures of a request, within the limits of size, number and time."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import ExitStack, asynccontextmanager
from functools import partial
from tempfile import SpooledTemporaryFile
from typing import IO

from starlette.datastructures import Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request

from fashion_core.api.limits import Limits, RequestRefused
from fashion_core.errors import PictureError
from fashion_core.vision.decode import MAX_PICTURE_BYTES
from fashion_core.vision.picture_sources import PictureSource, replace_control_characters

FIELD_NAME = "picture"  # of each part of a multipart request
SINGLE_PICTURE_NAME = "picture"
ZIP_STARTS = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
MEMORY_BYTES = 2**20  # of a body; what is longer goes to a temporary file
WRONG_TYPE = (
    f"Send one picture with a content type such as image/jpeg, or several as multipart/form-data in fields named "
    f"{FIELD_NAME}. Unpack a zip first."
)


@asynccontextmanager
async def read_pictures(request: Request, limits: Limits) -> AsyncIterator[Sequence[PictureSource]]:
    """The pictures of a request, readable inside the context. Raises ``RequestRefused``."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    with ExitStack() as files:
        try:
            async with asyncio.timeout(limits.body_seconds):
                if kind.startswith("image/"):
                    sources = [await _read_single(request, limits, files)]
                elif kind == "multipart/form-data":
                    sources = await _read_parts(request, limits, files)
                else:
                    raise RequestRefused(415, WRONG_TYPE)
        except TimeoutError as error:
            sentence = f"The pictures did not arrive within {limits.body_seconds:.0f} seconds. Send smaller or fewer."
            raise RequestRefused(408, sentence) from error
        except ClientDisconnect as error:
            raise RequestRefused(400, "The connection ended before the pictures were complete.") from error
        yield sources


async def _stream(request: Request, max_bytes: int) -> AsyncGenerator[bytes, None]:
    """The body in pieces; ends with ``RequestRefused`` as soon as it is known to be too long."""
    refusal = RequestRefused(413, f"A request of this kind may have {max_bytes // 2**20} MB. Send less at once.")
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and (len(declared) > 15 or int(declared) > max_bytes):
        raise refusal
    n_bytes = 0
    async for chunk in request.stream():
        n_bytes += len(chunk)
        if n_bytes > max_bytes:
            raise refusal
        yield chunk


async def _read_single(request: Request, limits: Limits, files: ExitStack) -> PictureSource:
    file = files.enter_context(SpooledTemporaryFile(MEMORY_BYTES))  # noqa: SIM115 -- by the caller
    async for chunk in _stream(request, limits.picture_bytes):
        file.write(chunk)
    return _source(SINGLE_PICTURE_NAME, file)


class _Parts(MultiPartParser):
    """Knows whether the body's last line was there: without it, a part may be missing."""

    is_complete = False

    def __init__(self, headers: Headers, stream: AsyncGenerator[bytes, None], max_files: int) -> None:
        super().__init__(headers, stream, max_files=max_files, max_fields=0)
        self.max_pictures = max_files

    def on_headers_finished(self) -> None:
        if len(self.items) == self.max_pictures:
            raise RequestRefused(413, f"A request may have {self.max_pictures} pictures. Send the others separately.")
        super().on_headers_finished()

    def on_end(self) -> None:
        self.is_complete = True

    def close(self) -> None:
        """Close the files of all parts, that of one whose end is missing too."""
        for file in self._files_to_close_on_error:
            file.close()


async def _read_parts(request: Request, limits: Limits, files: ExitStack) -> list[PictureSource]:
    parser = _Parts(request.headers, _stream(request, limits.body_bytes), limits.max_pictures)
    files.callback(parser.close)
    try:
        form = await parser.parse()
    except MultiPartException as error:
        sentence = f"This is not multipart/form-data with only files. Send files in fields named {FIELD_NAME}."
        raise RequestRefused(400, sentence) from error
    parts = [(name, part) for name, part in form.multi_items() if isinstance(part, UploadFile)]
    if not parser.is_complete:
        raise RequestRefused(400, "The end of this request is missing. Send it again.")
    if not parts or any(name != FIELD_NAME for name, _ in parts):
        raise RequestRefused(
            400, f"Send at least one picture, each in a field named {FIELD_NAME} and with a file name."
        )
    return [_source(part.filename or SINGLE_PICTURE_NAME, part.file) for _, part in parts]


def _source(name: str, file: IO[bytes]) -> PictureSource:
    return PictureSource(replace_control_characters(name), (), partial(_read, file))


def _read(file: IO[bytes]) -> bytes:
    file.seek(0)
    content = file.read(MAX_PICTURE_BYTES + 1)  # one more than allowed, for decode_picture to refuse it
    if content.startswith(ZIP_STARTS):
        raise PictureError("This is a zip. Unpack it and send the pictures themselves.")
    return content
