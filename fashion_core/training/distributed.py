"""One training on several processes or hosts: each computes its part of every batch, and they add up.

Every process draws the same batches and the same augmentation, so the result is that of one process up to rounding.
Started by ``torchrun``, which says in the environment who is who.
"""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fashion_core.errors import ConfigError

if TYPE_CHECKING:
    import torch
    from torch import nn


@dataclass(frozen=True)
class Group:
    """The processes of a training: this one's ``rank``, 0 to ``size`` - 1. Rank 0 keeps the run."""

    rank: int = 0
    size: int = 1

    def mine(self, batch: "torch.Tensor") -> "torch.Tensor":
        """This process's part of a batch [n, ...]: a run of about n / size rows."""
        return batch if self.size == 1 else batch.tensor_split(self.size)[self.rank]

    def prepare(self, network: "nn.Module") -> None:
        """Start from rank 0's weights, and have batch normalisation see whole batches."""
        if self.size == 1:
            return
        import torch
        from torch import distributed

        with torch.no_grad():
            for value in network.state_dict().values():
                whole = value.contiguous()
                distributed.broadcast(whole, 0)
                value.copy_(whole)
        for module in network.modules():
            if isinstance(module, torch.nn.BatchNorm2d):
                module.forward = _WholeBatch(module)  # type: ignore[assignment, method-assign]

    def add_gradients(self, parameters: Iterable["nn.Parameter"]) -> None:
        """Replace every gradient by the sum of all processes'."""
        if self.size == 1:
            return
        import torch
        from torch import distributed

        gradients = [p.grad for p in parameters if p.grad is not None]
        flat = torch.cat([gradient.reshape(-1) for gradient in gradients])
        distributed.all_reduce(flat)
        for gradient, part in zip(gradients, flat.split([g.numel() for g in gradients]), strict=True):
            gradient.copy_(part.view(gradient.shape))

    def totals(self, *values: float) -> list[float]:
        """Each value summed over the processes."""
        if self.size == 1:
            return list(values)
        import torch
        from torch import distributed

        summed = torch.tensor(values, dtype=torch.float64)
        distributed.all_reduce(summed)
        return summed.tolist()

    def share(self, content: bytes) -> bytes:
        """Rank 0's ``content``, on every process; the others' is not looked at."""
        if self.size == 1:
            return content
        import torch
        from torch import distributed

        length = torch.tensor([len(content)])
        distributed.broadcast(length, 0)
        buffer = torch.zeros(int(length), dtype=torch.uint8)
        if self.rank == 0 and content:
            buffer = torch.frombuffer(bytearray(content), dtype=torch.uint8)
        if len(buffer):
            distributed.broadcast(buffer, 0)
        return buffer.numpy().tobytes()

    def leave(self) -> None:
        """End the connection between the processes."""
        if self.size > 1:
            from torch import distributed

            distributed.destroy_process_group()


class _WholeBatch:
    """Batch normalisation over the parts of all processes; torch's own does so on a GPU only."""

    def __init__(self, module: Any) -> None:
        self.module = module

    def __call__(self, x: "torch.Tensor") -> "torch.Tensor":
        """[n, c, h, w] -> the same shape and type."""
        import torch
        from torch.distributed.nn.functional import all_reduce
        from torch.nn import functional

        m = self.module
        if not m.training:
            return functional.batch_norm(x, m.running_mean, m.running_var, m.weight, m.bias, False, 0.0, m.eps)
        values = x.float()
        n = all_reduce(torch.tensor(float(x.numel() // x.shape[1])))
        mean = all_reduce(values.sum(dim=(0, 2, 3))) / n  # [c]
        centred = values - mean[:, None, None]
        variance = all_reduce(centred.square().sum(dim=(0, 2, 3))) / n  # [c]
        with torch.no_grad():
            m.num_batches_tracked += 1
            m.running_mean.lerp_(mean, m.momentum)
            m.running_var.lerp_(variance * n / (n - 1), m.momentum)
        scale = m.weight * torch.rsqrt(variance + m.eps)
        return (centred * scale[:, None, None] + m.bias[:, None, None]).to(x.dtype)


def join() -> Group:
    """The group that ``torchrun`` started this process in; a group of one outside of it.

    Raises ``ConfigError`` when the processes do not find each other.
    """
    size = int(os.environ.get("WORLD_SIZE", "1"))
    if size == 1:
        return Group()
    from torch import cuda, distributed

    try:
        distributed.init_process_group("nccl" if cuda.is_available() else "gloo")
    except (RuntimeError, ValueError) as error:
        raise ConfigError("The processes did not find each other. Start them with torchrun.") from error
    return Group(distributed.get_rank(), size)
