"""The connection to a Ray cluster, and this program as its nodes are sent it."""

import io
import logging
import os
import socket
import threading
import warnings
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

from fashion_core.errors import RunError
from fashion_core.jobs.process import PROJECT_FOLDER

CLUSTER_CONNECT_TIMEOUT_SECONDS = 20.0  # seconds for the cluster to answer
CLUSTER_SESSION_TIMEOUT_SECONDS = 60.0  # seconds for a head that has answered to start the process that serves this one
CLUSTER_SESSION_ATTEMPTS = 3  # with gRPC's fork support a head may fail to start that process

log = logging.getLogger("worker")


def zip_program() -> bytes:
    """The source of this program and the graphs of its networks as a zip, below 1 MB: nodes compute with this version,
    whatever is installed there."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, strict_timestamps=False) as archive:
        package = PROJECT_FOLDER / "fashion_core"
        for path in sorted([*package.rglob("*.py"), *package.rglob("*.onnx")]):
            archive.write(path, path.relative_to(PROJECT_FOLDER))
    return buffer.getvalue()


def make_program_unpacker() -> Callable[[bytes, dict[str, str]], Any]:
    """A function that unpacks ``zip_program`` on a node, so that it can be imported, in a folder that it returns.

    A local function, which Ray sends whole instead of importing it, and which imports what it needs on the spot. Its
    second argument: variables of the environment, which numerical libraries read when they are loaded.
    """

    def unpack(program: bytes, environment: dict[str, str]) -> Any:
        import io
        import os
        import sys
        import tempfile
        import zipfile

        folder = tempfile.TemporaryDirectory(prefix="fashion-", ignore_cleanup_errors=True)
        zipfile.ZipFile(io.BytesIO(program)).extractall(folder.name)
        sys.path.insert(0, folder.name)
        os.environ.update(environment)
        return folder

    return unpack


@contextmanager
def connected_ray(address: str, local_advice: str) -> Iterator[ModuleType]:
    """Ray, connected to the cluster; raises ``RunError`` when it is not installed or the cluster does not answer.

    ``local_advice``: how to do without the cluster, for the message: "unset FASHION_CLUSTER to ...".
    """
    ray = _import_ray(local_advice)
    # other versions of Ray or Python, or a missing token
    refusals: tuple[type[Exception], ...] = (RuntimeError, ValueError, *connection_errors(ray))
    name = "The cluster of this machine" if address == "auto" else f"The cluster at {address}"
    try:
        if address == "auto":
            _call_in_time(lambda: _connect(ray, address), CLUSTER_CONNECT_TIMEOUT_SECONDS)
        else:
            host = urlsplit(address)  # Ray would try three times even where it is refused
            socket.create_connection(
                (str(host.hostname), host.port or 0), timeout=CLUSTER_CONNECT_TIMEOUT_SECONDS / 4
            ).close()
            connect_to_head(ray, address)
    except OSError as error:  # among them ConnectionError and TimeoutError
        reason = error.strerror or last_line(error)
        raise RunError(f"{name} does not answer ({reason}). Start it, or {local_advice}.") from error
    except refusals as error:
        raise RunError(f"{name} cannot be used ({' '.join(str(error).split())[:400]}).") from error
    try:
        yield ray
    finally:
        ray.shutdown()


def connection_errors(ray: Any) -> tuple[type[Exception], ...]:
    """What Ray raises when a process, a node, or the connection to the cluster is gone."""
    import grpc

    return ray.exceptions.RayError, ConnectionError, grpc.RpcError


def _import_ray(local_advice: str) -> Any:
    """Ray, which is optional; raises ``RunError`` saying how to install it."""
    os.environ.setdefault("RAY_CLIENT_MAX_CONNECTION_TIMEOUT_S", "5")  # three tries; read on import
    try:
        import grpc  # noqa: F401 -- for addresses that begin with ray://
        import ray
        import ray.exceptions
    except ImportError as error:
        raise RunError(
            "FASHION_CLUSTER is set, and Ray is not installed. Run pip install -r requirements-cluster.txt, or "
            f"{local_advice}."
        ) from error
    return ray


def _connect(ray: Any, address: str) -> None:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Ray Client connection timed out")  # raised as well
        ray.init(address, log_to_driver=False, logging_level="ERROR")


def connect_to_head(ray: Any, address: str) -> None:
    """Connect to a head that has answered, trying three times."""
    for n_left in reversed(range(CLUSTER_SESSION_ATTEMPTS)):
        try:
            return _call_in_time(lambda: _connect(ray, address), CLUSTER_SESSION_TIMEOUT_SECONDS)
        except ConnectionAbortedError as error:
            if not n_left:
                raise
            log.info("the cluster could not serve this, trying again: %s", error)


def _call_in_time(function: Callable[[], object], seconds: float) -> None:
    """Raise TimeoutError when ``function`` takes longer: Ray tries forever where a cluster has been."""
    done: Future[object] = Future()

    def work() -> None:
        try:
            done.set_result(function())
        except Exception as error:  # noqa: BLE001 -- raised in the thread that waits
            done.set_exception(error)

    threading.Thread(target=work, daemon=True).start()
    try:
        done.result(seconds)
    except TimeoutError as error:
        raise TimeoutError(f"nothing within {seconds:.0f} s") from error


def last_line(error: BaseException) -> str:
    """What an error says in the end, at most 200 characters: Ray puts whole tracebacks in front."""
    return (str(error).strip().splitlines() or [type(error).__name__])[-1].strip()[:200]
