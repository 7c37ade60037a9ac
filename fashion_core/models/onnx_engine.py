"""A torch network as ONNX Runtime computes it on a processor: the same answers in less time.

Its convolutions take normalisation, activation and the residual sum along, of each of which torch makes a pass over
memory (``python -m benchmarks.inference``). The graph is written here from what ``torch.fx`` sees of the network:
torch's own exporter takes seconds, longer than a whole data set takes to answer.
"""

from collections.abc import Callable
from typing import Any

import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import fx, nn

from fashion_core.models.layers import GlobalAveragePool2d, ScaledBatchNorm2d

OPSET = 21
Compute = Callable[[torch.Tensor], tuple[torch.Tensor, ...]]


def compile_network(network: nn.Module, shape: tuple[int, ...]) -> Compute:
    """What computes ``network`` in evaluation, on one thread; any number of threads may call it at once.

    ``network`` takes float32 [n, *``shape``] and gives a tuple of float32 [n, ...]. Weights are copied: later changes
    do not reach what is computed. Raises ``TypeError`` for an operation that ``_Writer`` does not know.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    model = _Writer(network).model(shape).SerializeToString()
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    return lambda x: tuple(map(torch.from_numpy, session.run(None, {name: x.contiguous().numpy()})))


class _Tracer(fx.Tracer):
    def is_leaf_module(self, m: nn.Module, module_qualified_name: str) -> bool:
        return isinstance(m, nn.BatchNorm2d | nn.MaxPool2d | GlobalAveragePool2d) or super().is_leaf_module(
            m, module_qualified_name
        )


class _Writer:
    """Writes as ONNX each step that ``torch.fx`` names, under its name."""

    def __init__(self, network: nn.Module) -> None:
        self.steps: list[Any] = list(_Tracer().trace(network).nodes)
        self.modules = dict(network.named_modules())
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[TensorProto] = []

    def model(self, shape: tuple[int, ...]) -> onnx.ModelProto:
        """The whole, for one input float32 [n, *``shape``]."""
        inputs = []
        outputs = []
        for step in self.steps:
            # ONNX Runtime lets a convolution add only what lies in blocks of channels; it lays out so what goes through
            # a pooling, be it of one pixel, which changes nothing
            in_blocks = (step.op == "placeholder" or step.target is torch.cat) and _is_added(step)
            name = f"{step.name}.plain" if in_blocks else step.name
            if step.op == "placeholder":
                inputs = [_float(name, "n", *shape)]
            elif step.op == "output":
                outputs = [_float(value.name) for value in step.args[0]]
            elif step.op == "call_module":
                self._module(name, self.modules[step.target], step.args[0].name)
            else:
                self._function(name, getattr(step.target, "__name__", step.target), step)
            if in_blocks:
                self._write("MaxPool", [name], step.name, kernel_shape=[1, 1])
        graph = helper.make_graph(self.nodes, "network", inputs, outputs, self.constants)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=10)

    def _module(self, name: str, module: nn.Module, x: str) -> None:
        match module:
            case nn.Conv2d():
                self._write("Conv", [x, *self._weights(name, module, "weight", "bias")], name, **_window(module))
            case nn.BatchNorm2d():
                scale = module.scale if isinstance(module, ScaledBatchNorm2d) else 1.0
                factors = self._weights(name, module, "weight", "bias", scale=scale)
                statistics = [*factors, *self._weights(name, module, "running_mean", "running_var")]
                self._write("BatchNormalization", [x, *statistics], name, epsilon=module.eps)
            case nn.MaxPool2d():
                self._write("MaxPool", [x], name, **_window(module))
            case nn.AvgPool2d():
                self._write("AveragePool", [x], name, **_window(module))
            case GlobalAveragePool2d():
                self._write("GlobalAveragePool", [x], f"{name}.map")  # [n, width, 1, 1]
                self._write("Flatten", [f"{name}.map"], name)
            case nn.Linear():
                self._write("Gemm", [x, *self._weights(name, module, "weight", "bias")], name, transB=1)
            case nn.ReLU():
                self._write("Relu", [x], name)
            case nn.Flatten():
                self._write("Flatten", [x], name)
            case nn.Identity():
                self._write("Identity", [x], name)
            case _:
                raise TypeError(f"{type(module).__name__} is not known to be written as ONNX")

    def _function(self, name: str, function: str, step: Any) -> None:
        match function:
            case "cat":
                self._write("Concat", [part.name for part in step.args[0]], name, axis=step.kwargs["dim"])
            case "add_":
                self._write("Add", [part.name for part in step.args], name)
            case _:
                raise TypeError(f"{function} is not known to be written as ONNX")

    def _write(self, kind: str, inputs: list[str], output: str, **settings: Any) -> None:
        self.nodes.append(helper.make_node(kind, inputs, [output], output, **settings))

    def _weights(self, name: str, module: nn.Module, *kinds: str, scale: float = 1.0) -> list[str]:
        """Names of those arrays that ``module`` has; ``scale`` times them they become constants."""
        arrays = {f"{name}.{kind}": value for kind in kinds if (value := getattr(module, kind)) is not None}
        for key, value in arrays.items():
            self.constants.append(numpy_helper.from_array((scale * value.detach()).numpy(), key))
        return list(arrays)


def _is_added(step: Any) -> bool:
    return any(user.target == "add_" for user in step.users)


def _float(name: str, *shape: str | int) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape or None)


def _window(module: nn.Conv2d | nn.MaxPool2d | nn.AvgPool2d) -> dict[str, list[int]]:
    def pair(value: Any) -> list[int]:
        return [value] * 2 if isinstance(value, int) else list(value)

    kernel, stride, padding = pair(module.kernel_size), pair(module.stride), pair(module.padding)
    return {"kernel_shape": kernel, "strides": stride, "pads": padding * 2}
