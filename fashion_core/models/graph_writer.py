"""Writes a torch network as an ONNX graph without its weights, from what ``torch.fx`` sees of the network.

torch's own exporter takes seconds, longer than a whole data set takes to predict.
"""

import threading
from typing import Any

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import fx, nn

from fashion_core.models.layers import GlobalAveragePool2d, ScaledBatchNorm2d
from fashion_core.models.onnx_engine import CLASSES_DIMENSION

OPSET = 21
_trace_lock = threading.Lock()  # torch.fx replaces a method of every module in the process while it traces one


class UnsupportedOperationError(TypeError):
    """The network has an operation that is not translated to ONNX here."""


def write_graph(network: nn.Module, shape: tuple[int | str, ...] = (1, 28, 28)) -> onnx.ModelProto:
    """The graph of ``network`` for inputs float32 [n, *``shape``], where a name is any number.

    Its outputs are the network's and, if it has a linear layer, what the last one gets. Its inputs are the images, then
    the network's weights. Raises ``UnsupportedOperationError`` naming an operation that is not translated.
    """
    return _GraphWriter(network).write_model(shape)


class _Tracer(fx.Tracer):
    def is_leaf_module(self, m: nn.Module, module_qualified_name: str) -> bool:
        return isinstance(m, nn.BatchNorm2d | GlobalAveragePool2d) or super().is_leaf_module(m, module_qualified_name)


class _GraphWriter:
    """Translates each step that ``torch.fx`` names to ONNX, under its name."""

    def __init__(self, network: nn.Module) -> None:
        try:
            with _trace_lock:
                self.steps: list[Any] = list(_Tracer().trace(network).nodes)
        except fx.proxy.TraceError as error:
            raise UnsupportedOperationError(f"torch.fx cannot trace the network: {error}") from error
        self.modules = dict(network.named_modules())
        self.state = network.state_dict()
        self.linear = [name for name, module in self.modules.items() if isinstance(module, nn.Linear)]
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[TensorProto] = []
        self.outputs: list[str] = []

    def write_model(self, shape: tuple[int | str, ...]) -> onnx.ModelProto:
        """The model for one input float32 [n, *``shape``] and the weights."""
        for step in self.steps:
            # ONNX Runtime merges a sum into a convolution only if the other summand lies in blocks of channels, as
            # the result of a pooling does; a pooling of single pixels changes no value
            pooled = step.target is torch.cat and any(user.target == "add_" for user in step.users)
            name = f"{step.name}.plain" if pooled else step.name
            if step.op == "output":
                self.outputs.insert(0, step.args[0].name)
            elif step.op == "call_module":
                self._module(name, step.target, step.args[0].name)
            elif step.op == "placeholder":
                images = helper.make_tensor_value_info(name, TensorProto.FLOAT, ("n", *shape))
            else:
                self._function(name, getattr(step.target, "__name__", step.target), step)
            if pooled:
                self._write("MaxPool", [name], step.name, kernel_shape=[1, 1])
        outputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in self.outputs]
        inputs = [images, *self._weight_inputs()]
        graph = helper.make_graph(self.nodes, "network", inputs, outputs, self.constants)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=10)

    def _weight_inputs(self) -> list[onnx.ValueInfoProto]:
        """All arrays of the state dict; the last linear layer has as many rows as there are classes."""
        last = {f"{self.linear[-1]}.{kind}" for kind in ("weight", "bias")} if self.linear else set()
        inputs = []
        for name, value in self.state.items():
            kind = helper.np_dtype_to_tensor_dtype(value.numpy().dtype)
            shape = (CLASSES_DIMENSION, *value.shape[1:]) if name in last else value.shape
            inputs.append(helper.make_tensor_value_info(name, kind, shape))
        return inputs

    def _module(self, name: str, path: str, x: str) -> None:
        match module := self.modules[path]:
            case nn.Conv2d():
                weights = self._weights(path, "weight", "bias")
                self._write("Conv", [x, *weights], name, group=module.groups, **_window(module))
            case nn.BatchNorm2d():
                factors = self._weights(path, "weight", "bias")
                if isinstance(module, ScaledBatchNorm2d):
                    factors = [self._scaled(weight, module.scale) for weight in factors]
                statistics = [*factors, *self._weights(path, "running_mean", "running_var")]
                self._write("BatchNormalization", [x, *statistics], name, epsilon=module.eps)
            case nn.MaxPool2d():
                self._write("MaxPool", [x], name, **_window(module))
            case nn.AvgPool2d():
                border = int(module.count_include_pad)
                self._write("AveragePool", [x], name, **_window(module), count_include_pad=border)
            case GlobalAveragePool2d():
                self._write("GlobalAveragePool", [x], f"{name}.map")  # [n, width, 1, 1]
                self._write("Flatten", [f"{name}.map"], name)
            case nn.Linear():
                if path == self.linear[-1]:
                    self.outputs.append(x)
                self._write("Gemm", [x, *self._weights(path, "weight", "bias")], name, transB=1)
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

    def _weights(self, path: str, *kinds: str) -> list[str]:
        """Names of those arrays that the module at ``path`` has."""
        return [name for kind in kinds if (name := f"{path}.{kind}") in self.state]

    def _scaled(self, weight: str, scale: float) -> str:
        name = f"{weight}.scaled"
        self._write("Mul", [weight, self._constant(f"{weight}.scale", np.float32(scale))], name)
        return name

    def _constant(self, name: str, value: np.ndarray | np.generic) -> str:
        self.constants.append(numpy_helper.from_array(np.asarray(value), name))
        return name


def _window(module: nn.Conv2d | nn.MaxPool2d | nn.AvgPool2d) -> dict[str, list[int]]:
    def pair(value: Any) -> list[int]:
        return [value] * 2 if isinstance(value, int) else list(value)

    return {
        "kernel_shape": pair(module.kernel_size),
        "strides": pair(module.stride),
        "pads": pair(module.padding) * 2,
        "dilations": pair(getattr(module, "dilation", 1)),
    }
