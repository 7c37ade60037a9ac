"""What resuming needs: everything that changes while a network trains, as plain arrays by name.

Arrays go back into tensors of the parameters' own memory layout: the same numbers laid out otherwise would be added
up in another order, and the resumed run would part from the uninterrupted one in the last bit.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from fashion_core.errors import RunError

if TYPE_CHECKING:
    import torch
    from torch import nn


@dataclass(frozen=True)
class TrainingSnapshot:
    """The state of a training after a whole epoch: ``arrays`` by name, and ``values`` that JSON can hold."""

    arrays: Mapping[str, np.ndarray]
    values: Mapping[str, Any]

    def get_number(self, name: str) -> Any:
        """One of ``values``, int or float; raises ``RunError`` when it is not there."""
        value = self.values.get(name)
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise RunError(f"The checkpoint lacks {name!r}. Delete the run and start it again.")
        return value

    def get_arrays(self, prefix: str) -> dict[str, np.ndarray]:
        """The arrays under ``prefix/``, their names without it."""
        return {name[len(prefix) + 1 :]: array for name, array in self.arrays.items() if name.startswith(prefix + "/")}


def add_name_prefix(prefix: str, arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """``arrays`` under ``prefix/``; the inverse of ``Snapshot.part``."""
    return {f"{prefix}/{name}": array for name, array in arrays.items()}


def optimizers_to_arrays(optimizers: Iterable["torch.optim.Optimizer"]) -> dict[str, np.ndarray]:
    """Momenta, second moments and step counters, named by optimizer, parameter and kind."""
    return {
        f"{place}/{kind}": value.detach().cpu().contiguous().numpy().copy()
        for place, parameter, optimizer in _parameters(optimizers)
        for kind, value in optimizer.state[parameter].items()
        if value is not None
    }


def restore_optimizers(optimizers: Iterable["torch.optim.Optimizer"], arrays: Mapping[str, np.ndarray]) -> None:
    """Put back what ``of_optimizers`` took; raises ``RunError`` when a shape does not fit."""
    import torch

    by_place: dict[str, dict[str, np.ndarray]] = {}
    for name, array in arrays.items():
        place, _, kind = name.rpartition("/")
        by_place.setdefault(place, {})[kind] = array
    for place, parameter, optimizer in _parameters(optimizers):
        for kind, array in by_place.pop(place, {}).items():
            if array.shape not in ((), tuple(parameter.shape)):
                raise RunError("The checkpoint does not fit this model. Delete the run and start it again.")
            # step counters are scalars and stay on the CPU but for fused optimizers, which keep them by the parameter
            like = torch.empty_like(parameter) if array.shape else torch.empty((), device=parameter.device)
            optimizer.state[parameter][kind] = like.detach().copy_(torch.from_numpy(np.array(array)))
    if by_place:
        raise RunError("The checkpoint holds more than this model has. Delete the run and start it again.")


def generator_to_array(generator: "torch.Generator") -> np.ndarray:
    """The generator's state, uint8 [n]."""
    return generator.get_state().numpy().copy()


def restore_generator(generator: "torch.Generator", state: np.ndarray) -> None:
    """Put back what ``of_generator`` took; raises ``RunError`` when it is no such state."""
    import torch

    try:
        generator.set_state(torch.from_numpy(np.array(state, np.uint8)))
    except (RuntimeError, TypeError, ValueError) as error:
        raise RunError("The checkpoint's random state cannot be used. Delete the run and start it again.") from error


def _parameters(
    optimizers: Iterable["torch.optim.Optimizer"],
) -> Iterator[tuple[str, "nn.Parameter", "torch.optim.Optimizer"]]:
    """Every parameter with a name that says which optimizer has it, and where."""
    for number, optimizer in enumerate(optimizers):
        parameters = [parameter for group in optimizer.param_groups for parameter in group["params"]]
        for index, parameter in enumerate(parameters):
            yield f"{number}/{index}", parameter, optimizer
