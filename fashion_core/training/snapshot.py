"""What resuming needs: everything that changes while a model trains, as plain arrays by name.

Arrays are restored into tensors with the parameters' own memory layout: in another layout the same numbers would be
summed in another order, and a resumed run would differ from an uninterrupted one in the last bit.
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
        """One of ``values``, int or float; raises ``RunError`` if it is missing."""
        value = self.values.get(name)
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise RunError(f"The checkpoint lacks {name!r}. Delete the run and start it again.")
        return value

    def get_arrays(self, prefix: str) -> dict[str, np.ndarray]:
        """The arrays whose names begin with ``prefix/``, by the rest of the name."""
        return {name[len(prefix) + 1 :]: array for name, array in self.arrays.items() if name.startswith(prefix + "/")}


def add_name_prefix(prefix: str, arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """``arrays`` with ``prefix/`` before their names; ``TrainingSnapshot.get_arrays`` is the inverse."""
    return {f"{prefix}/{name}": array for name, array in arrays.items()}


def optimizers_to_arrays(optimizers: Iterable["torch.optim.Optimizer"]) -> dict[str, np.ndarray]:
    """Momenta, second moments and step counters, named "optimizer/parameter/kind"."""
    return {
        f"{key}/{kind}": value.detach().cpu().contiguous().numpy().copy()
        for key, parameter, optimizer in _parameters(optimizers)
        for kind, value in optimizer.state[parameter].items()
        if value is not None
    }


def restore_optimizers(optimizers: Iterable["torch.optim.Optimizer"], arrays: Mapping[str, np.ndarray]) -> None:
    """The inverse of ``optimizers_to_arrays``; raises ``RunError`` if a shape does not fit."""
    import torch

    by_parameter: dict[str, dict[str, np.ndarray]] = {}
    for name, array in arrays.items():
        key, _, kind = name.rpartition("/")
        by_parameter.setdefault(key, {})[kind] = array
    for key, parameter, optimizer in _parameters(optimizers):
        for kind, array in by_parameter.pop(key, {}).items():
            if array.shape not in ((), tuple(parameter.shape)):
                raise RunError("The checkpoint does not fit this model. Delete the run and start it again.")
            # step counters are scalars; fused optimizers keep them on the parameter's device
            like = torch.empty_like(parameter) if array.shape else torch.empty((), device=parameter.device)
            optimizer.state[parameter][kind] = like.detach().copy_(torch.from_numpy(np.array(array)))
    if by_parameter:
        raise RunError("The checkpoint holds more than this model has. Delete the run and start it again.")


def generator_to_array(generator: "torch.Generator") -> np.ndarray:
    """The generator's state, uint8 [n]."""
    return generator.get_state().numpy().copy()


def restore_generator(generator: "torch.Generator", state: np.ndarray) -> None:
    """The inverse of ``generator_to_array``; raises ``RunError`` if the array is not a generator's state."""
    import torch

    try:
        generator.set_state(torch.from_numpy(np.array(state, np.uint8)))
    except (RuntimeError, TypeError, ValueError) as error:
        raise RunError("The checkpoint's random state cannot be used. Delete the run and start it again.") from error


def _parameters(
    optimizers: Iterable["torch.optim.Optimizer"],
) -> Iterator[tuple[str, "nn.Parameter", "torch.optim.Optimizer"]]:
    """Every parameter with its optimizer, named by the numbers of both."""
    for number, optimizer in enumerate(optimizers):
        parameters = [parameter for group in optimizer.param_groups for parameter in group["params"]]
        for index, parameter in enumerate(parameters):
            yield f"{number}/{index}", parameter, optimizer
