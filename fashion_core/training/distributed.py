"""One training on several processes or hosts: each computes a part of every batch, and the gradients are summed.

All processes draw the same batches and the same augmentation, so the result is that of one process up to rounding.
``torchrun`` starts them and numbers them in the environment.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fashion_core.errors import ConfigError

if TYPE_CHECKING:
    import torch
    from torch import nn


@dataclass(frozen=True)
class ProcessGroup:
    """The processes of a training: this one's ``rank``, 0 to ``size`` - 1. Rank 0 writes the run."""

    rank: int = 0
    size: int = 1

    def broadcast_weights(self, network: "nn.Module") -> None:
        """Give every process rank 0's weights."""
        if self.size == 1:
            return
        import torch
        from torch import distributed

        with torch.no_grad():
            for value in network.state_dict().values():
                contiguous = value.contiguous()
                distributed.broadcast(contiguous, 0)
                value.copy_(contiguous)

    def all_reduce(self, tensors: "Sequence[torch.Tensor]") -> None:
        """Replace each tensor by its sum over the processes."""
        if self.size == 1:
            return
        import torch
        from torch import distributed

        flat = torch.cat([tensor.reshape(-1) for tensor in tensors])
        distributed.all_reduce(flat)
        for tensor, part in zip(tensors, flat.split([t.numel() for t in tensors]), strict=True):
            tensor.copy_(part.view(tensor.shape))

    def sum_values(self, *values: float) -> list[float]:
        """Each value summed over the processes."""
        if self.size == 1:
            return list(values)
        import torch
        from torch import distributed

        summed = torch.tensor(values, dtype=torch.float64)
        distributed.all_reduce(summed)
        return summed.tolist()

    def broadcast_bytes(self, content: bytes) -> bytes:
        """Rank 0's ``content``, on every process; that of the others is ignored."""
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

    def close(self) -> None:
        """End the connection between the processes."""
        if self.size > 1:
            from torch import distributed

            distributed.destroy_process_group()


def join_process_group() -> ProcessGroup:
    """The group in which ``torchrun`` started this process, or else a group of one.

    Each process computes on one of its machine's GPUs, if there are any. Raises ``ConfigError`` if the processes do not
    find each other.
    """
    size = int(os.environ.get("WORLD_SIZE", "1"))
    if size == 1:
        return ProcessGroup()
    from torch import cuda, distributed

    if cuda.is_available():
        cuda.set_device(int(os.environ.get("LOCAL_RANK", "0")) % cuda.device_count())
    try:
        distributed.init_process_group("gloo")  # nccl exchanges nothing that is on the CPU, as the settings are
    except (RuntimeError, ValueError) as error:
        raise ConfigError("The processes did not find each other. Start them with torchrun.") from error
    return ProcessGroup(distributed.get_rank(), size)
