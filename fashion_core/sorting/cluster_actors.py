"""What runs on a cluster: a coordinator on its head, and one sorter on each of its processors.

They are local classes and functions, which Ray sends whole instead of importing them, and which import what they need
on the spot: the nodes don't have this program until a sorter unpacks it. What goes in and out are plain values.
"""

from collections.abc import Callable, Iterator
from typing import Any

from fashion_core.runs.ray_connection import make_program_unpacker


def make_coordinator_class() -> type:
    """The actor that has the manifests placed, and collects what comes back."""
    place_manifests = _make_placing_function()

    class Coordinator:
        """``work``: a list with a reference to what ``Sorter`` needs; ``names`` of manifests."""

        def __init__(self, work: Any, names: list[str]) -> None:
            import threading

            self.reports: list[dict[str, Any]] = []
            self.lock, self.ended = threading.Lock(), threading.Event()
            threading.Thread(target=self.sort, args=(work, names), daemon=True).start()

        def sort(self, work: Any, names: list[str]) -> None:
            try:
                for report in place_manifests(work, names):
                    self.report(report)
            except Exception as error:  # noqa: BLE001 -- told to the command
                self.report({"error": " ".join(str(error).split())[-300:] or type(error).__name__})
            finally:
                self.ended.set()

        def report(self, report: dict[str, Any]) -> None:
            with self.lock:
                self.reports.append(report)

        def collect(self, seconds: float) -> dict[str, Any]:
            """What was reported since the last call; returns after ``seconds``, or when all is done."""
            ended = self.ended.wait(seconds)
            with self.lock:
                reports, self.reports = self.reports, []
            return {"reports": reports, "ended": ended}

    return Coordinator


def _make_placing_function() -> Callable[[Any, list[str]], Iterator[dict[str, Any]]]:
    sorter = _make_sorter_class()

    def place_manifests(work: Any, names: list[str]) -> Iterator[dict[str, Any]]:
        """A report on each manifest; those on a process or node that is lost are left out."""
        import json

        import ray.data

        ray.data.DataContext.get_current().max_errored_blocks = -1  # a lost process is no error
        n_sorters = min(len(names), max(1, int(ray.cluster_resources().get("CPU", 1))))
        one_each = ray.data.from_items([{"name": name} for name in names], override_num_blocks=len(names))
        reports = one_each.map_batches(
            sorter,
            fn_constructor_args=(work,),
            batch_size=1,
            num_cpus=1,
            compute=ray.data.ActorPoolStrategy(size=n_sorters, max_tasks_in_flight_per_actor=1),
            max_restarts=0,  # or the last manifests would wait for the processor of a lost node
        )
        for row in reports.iter_rows():
            yield json.loads(row["report"])

    return place_manifests


def _make_sorter_class() -> type:
    unpack = make_program_unpacker()

    class Sorter:
        """Sorts one manifest after the other on one processor. ``work``: a list with a reference to the values that
        ``sort_on_cluster`` packs."""

        def __init__(self, work: Any) -> None:
            import ray

            self.work: Any = ray.get(work[0])
            self.model: Any = None
            self.folder = unpack(self.work["program"], self.work["environment"])

        def sort(self, name: str) -> dict[str, Any]:
            import pathlib

            from fashion_core.sorting.packed_model import unpack_model
            from fashion_core.sorting.shards import sort_manifest
            from fashion_core.sorting.stores import open_store

            if self.model is None:
                self.model = unpack_model(self.work["model"], pathlib.Path(self.folder.name) / "runs")
            output = open_store(self.work["output"])
            return {"name": name, "decisions": sort_manifest(self.model, output, name, n_threads=1).decisions}

        def __call__(self, batch: Any) -> Any:
            import json

            try:
                report = self.sort(str(batch["name"][0]))
            except Exception as error:  # noqa: BLE001 -- told to the command
                is_explained = type(error).__module__ == "fashion_core.errors"
                report = {"error": str(error) if is_explained else f"{type(error).__name__}: {error}"}
            return {"report": [json.dumps(report)]}

    return Sorter
