"""The engine that computes a network with ONNX Runtime: the same answers as torch in less time on a processor.

ONNX Runtime merges normalisation, activation and residual sums into the convolutions, where torch makes a pass over
memory for each (``python -m benchmarks.inference``). The graph is written here from what ``torch.fx`` sees of the
network: torch's own exporter takes seconds, longer than a whole data set takes to predict.
"""

import threading
from typing import Any

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import fx, nn

from fashion_core.models.base import normalise_images
from fashion_core.models.inference import concatenate_batches, split_into_batches
from fashion_core.models.layers import GlobalAveragePool2d, LogitsAndFeaturesModule, ScaledBatchNorm2d
from fashion_core.models.threads import inference_pool

OPSET = 21
_trace_lock = threading.Lock()  # torch.fx replaces a method of every module in the process while it traces one


class UnsupportedOperationError(TypeError):
    """The network has an operation that is not translated to ONNX here."""


class OnnxEngine:
    """An ``Engine`` with a copy of the network's weights; later changes of the network do not reach it.

    Each batch is computed on one thread, several batches on all threads of ``inference_pool``. Raises
    ``UnsupportedOperationError`` naming an operation that is not translated.
    """

    def __init__(self, network: nn.Module) -> None:
        self._session = create_session(network, (1, 28, 28))
        self._input = self._session.get_inputs()[0].name

    def compute(self, images: np.ndarray) -> tuple[np.ndarray, ...]:
        """See ``Engine``."""
        batches = split_into_batches(images)
        compute = map if len(batches) == 1 else inference_pool().map
        return concatenate_batches(compute(self._compute_batch, batches))

    def _compute_batch(self, batch: np.ndarray) -> list[np.ndarray]:
        outputs: list[np.ndarray] = self._session.run(None, {self._input: normalise_images(batch)})
        return outputs


def create_session(network: nn.Module, shape: tuple[int | str, ...]) -> onnxruntime.InferenceSession:
    """A session that computes ``network`` on one thread, for inputs float32 [n, *``shape``]; a name is any number.

    Raises ``UnsupportedOperationError`` naming an operation that is not translated.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    model = _GraphWriter(LogitsAndFeaturesModule(network)).write_model(shape).SerializeToString()
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


class _Tracer(fx.Tracer):
    def is_leaf_module(self, m: nn.Module, module_qualified_name: str) -> bool:
        return isinstance(m, nn.BatchNorm2d | nn.MaxPool2d | GlobalAveragePool2d) or super().is_leaf_module(
            m, module_qualified_name
        )


class _GraphWriter:
    """Translates each step that ``torch.fx`` names to ONNX, under its name."""

    def __init__(self, network: nn.Module) -> None:
        try:
            with _trace_lock:
                self.steps: list[Any] = list(_Tracer().trace(network).nodes)
        except fx.proxy.TraceError as error:
            raise UnsupportedOperationError(f"torch.fx cannot trace the network: {error}") from error
        self.modules = dict(network.named_modules())
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[TensorProto] = []

    def write_model(self, shape: tuple[int | str, ...]) -> onnx.ModelProto:
        """The model for one input float32 [n, *``shape``]."""
        inputs = []
        outputs = []
        for step in self.steps:
            # ONNX Runtime merges a sum into a convolution only if the other summand lies in blocks of channels, as
            # the result of a pooling does; a pooling of single pixels changes no value
            pooled = step.target is torch.cat and any(user.target == "add_" for user in step.users)
            name = f"{step.name}.plain" if pooled else step.name
            if step.op == "placeholder":
                inputs = [_float(name, "n", *shape)]
            elif step.op == "output":
                outputs = [_float(value.name) for value in step.args[0]]
            elif step.op == "call_module":
                self._module(name, self.modules[step.target], step.args[0].name)
            else:
                self._function(name, getattr(step.target, "__name__", step.target), step)
            if pooled:
                self._write("MaxPool", [name], step.name, kernel_shape=[1, 1])
        graph = helper.make_graph(self.nodes, "network", inputs, outputs, self.constants)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=10)

    def _module(self, name: str, module: nn.Module, x: str) -> None:
        match module:
            case nn.Conv2d():
                weights = self._weights(name, module, "weight", "bias")
                self._write("Conv", [x, *weights], name, group=module.groups, **_window(module))
            case nn.BatchNorm2d():
                scale = module.scale if isinstance(module, ScaledBatchNorm2d) else 1.0
                factors = self._weights(name, module, "weight", "bias", scale=scale)
                statistics = [*factors, *self._weights(name, module, "running_mean", "running_var")]
                self._write("BatchNormalization", [x, *statistics], name, epsilon=module.eps)
            case nn.MaxPool2d():
                self._write("MaxPool", [x], name, **_window(module))
            case GlobalAveragePool2d():
                self._write("GlobalAveragePool", [x], f"{name}.map")  # [n, width, 1, 1]
                self._write("Flatten", [f"{name}.map"], name)
            case nn.Linear():
                self._write("Gemm", [x, *self._weights(name, module, "weight", "bias")], name, transB=1)
            case nn.ReLU():
                self._write("Relu", [x], name)
            case nn.ReLU6():
                limits = [self._constant(f"{name}.{limit}", np.float32(limit)) for limit in (0, 6)]
                self._write("Clip", [x, *limits], name)
            case nn.ZeroPad2d():
                left, right, top, bottom = module.padding
                pads = np.array([0, 0, top, left, 0, 0, bottom, right], np.int64)
                self._write("Pad", [x, self._constant(f"{name}.pads", pads)], name)
            case nn.Flatten():
                self._write("Flatten", [x], name)
            case nn.Identity():
                self._write("Identity", [x], name)
            case _:
                raise UnsupportedOperationError(f"{type(module).__name__} is not translated to ONNX")

    def _function(self, name: str, function: str, step: Any) -> None:
        match function:
            case "cat":
                self._write("Concat", [part.name for part in step.args[0]], name, axis=step.kwargs["dim"])
            case "add" | "add_" if not step.kwargs and all(isinstance(part, fx.Node) for part in step.args):
                self._write("Add", [part.name for part in step.args], name)
            case _:
                raise UnsupportedOperationError(f"{function} is not translated to ONNX")

    def _write(self, kind: str, inputs: list[str], output: str, **settings: Any) -> None:
        self.nodes.append(helper.make_node(kind, inputs, [output], output, **settings))

    def _weights(self, name: str, module: nn.Module, *kinds: str, scale: float = 1.0) -> list[str]:
        """Names of those arrays that ``module`` has; ``scale`` times them they become constants."""
        arrays = {f"{name}.{kind}": value for kind in kinds if (value := getattr(module, kind)) is not None}
        return [self._constant(key, (scale * value.detach()).numpy()) for key, value in arrays.items()]

    def _constant(self, name: str, value: np.ndarray | np.generic) -> str:
        self.constants.append(numpy_helper.from_array(np.asarray(value), name))
        return name


def _float(name: str, *shape: str | int) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape or None)


def _window(module: nn.Conv2d | nn.MaxPool2d) -> dict[str, list[int]]:
    def pair(value: Any) -> list[int]:
        return [value] * 2 if isinstance(value, int) else list(value)

    return {
        "kernel_shape": pair(module.kernel_size),
        "strides": pair(module.stride),
        "pads": pair(module.padding) * 2,
        "dilations": pair(module.dilation),
    }
