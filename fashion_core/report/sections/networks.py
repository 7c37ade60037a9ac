"""Figure 3: how each network is built, drawn from the model itself."""

import itertools
from collections import Counter

from fashion_core.analysis import network_summary
from fashion_core.analysis.network_summary import StageSummary as Stage
from fashion_core.models import registry
from fashion_core.models.torch_classifier import TorchClassifier
from fashion_core.report.content import Diagram, DiagramBox, ReportBlock, ReportSection
from fashion_core.report.inputs import ReportInputs, RunResult
from fashion_core.report.sections import SectionUnavailable

MAX_BOXES_PER_ROW = 7  # boxes that fit one row; more of them are wrapped
BOXES_PER_WRAPPED_ROW = 5


def build_networks_section(evidence: ReportInputs) -> ReportSection:
    """A diagram for each kind of network among the runs, the largest first, and its inner block where it has one."""
    kinds = {result.record.model: result for result in [*evidence.relu_output_results, *evidence.network_results]}
    if not kinds:
        raise SectionUnavailable("no network is among the chosen runs.")
    largest_first = sorted(kinds.values(), key=lambda result: -result.summary.n_parameters)
    blocks: list[ReportBlock] = []
    parts, sums = "abcdefgh", {}
    for result in largest_first:
        classifier = evidence.store.load_classifier(result.run)
        assert isinstance(classifier, TorchClassifier)
        stages = network_summary.summarise_stages(classifier)
        sums[result.record.model] = sum(stage.multiply_adds for stage in stages)
        blocks.append(_flow(f"Figure 3{parts[len(blocks)]}", result, classifier, stages, detail=bool(blocks)))
        if inner := next((stage for stage in stages if stage.kind == "InceptionResNetBlock"), None):
            blocks.append(_inner(f"Figure 3{parts[len(blocks)]}", result, classifier, inner))
    finding = "; ".join(
        f"{registry.get_model_spec(result.record.model).title}: {result.summary.n_parameters:,} parameters, "
        f"{sums[result.record.model] / 1e6:.1f} million multiply-adds a picture"
        for result in largest_first
    )
    source = "; ".join(dict.fromkeys(f"run {result.run.id}" for result in largest_first))
    return ReportSection("networks", "How the networks are built", f"{finding}.", source, tuple(blocks))


def _flow(figure: str, result: RunResult, classifier: TorchClassifier, stages: list[Stage], *, detail: bool) -> Diagram:
    """The stages in reading order, row by row."""
    texts: list[tuple[str, tuple[str, ...]]] = [("Picture", ("1 × 28 × 28",))]
    for stage in stages:
        kernels = _kernels(classifier, stage.name)
        details = [_times(stage.shape), *([kernels] if kernels else []), f"{stage.n_parameters:,} parameters"]
        texts.append((_words(stage.kind), tuple(details)))
    texts.append(("Ten classes", ("softmax",)))
    columns = len(texts) if len(texts) <= MAX_BOXES_PER_ROW else BOXES_PER_WRAPPED_ROW
    # wrapped like text, each row read from the left
    boxes = tuple(DiagramBox(name, details, i % columns, i // columns) for i, (name, details) in enumerate(texts))
    title = registry.get_model_spec(result.record.model).title
    return Diagram(
        f"{figure}. {title}: its parts as they run",
        f"{title} as a flow of {len(stages)} parts from the picture to ten classes: "
        + ", ".join(f"{_words(stage.kind)} to {_times(stage.shape)}" for stage in stages),
        f"run {result.run.id}, drawn from its model",
        boxes,
        tuple((i, i + 1) for i in range(len(boxes) - 1)),
        is_detail=detail,
    )


def _inner(figure: str, result: RunResult, classifier: TorchClassifier, stage: Stage) -> Diagram:
    """Inside an Inception-ResNet block: four branches, concatenated, projected, scaled and added to the input."""
    weights = {
        name.removeprefix(f"{stage.name}."): value
        for name, value in classifier.state_dict().items()
        if name.startswith(f"{stage.name}.") and value.ndim == 4
    }

    def unit(name: str) -> tuple[str, tuple[str, ...]]:
        n_out, _, h, w = weights[name].shape
        return f"Convolution {h} × {w}", (f"{n_out} channels",)

    width = stage.shape[0]
    joined = weights["project.0.weight"].shape[1]
    scale = classifier.network.get_submodule(stage.name).scale
    places = [
        (("Input", (_times(stage.shape),)), 0, 1),
        (unit("branch_1.weight"), 1, 0),
        (unit("branch_3.0.0.weight"), 1, 1),
        (unit("branch_3.1.weight"), 2, 1),
        (("Max pooling 3 × 3", (f"{width} channels",)), 1, 2),
        (unit("branch_pool.1.weight"), 2, 2),
        (unit("branch_5.0.0.weight"), 1, 3),
        (unit("branch_5.1.0.weight"), 2, 3),
        (unit("branch_5.2.weight"), 3, 3),
        (("Concatenate", (f"{joined} channels", "then ReLU")), 4, 1),
        (("Convolution 1 × 1", (f"{width} channels", f"× {scale:g}")), 5, 1),
        (("Add the input", ("then ReLU",)), 6, 1),
    ]
    boxes = tuple(DiagramBox(name, details, column, row) for (name, details), column, row in places)
    branches = ((1,), (2, 3), (4, 5), (6, 7, 8))
    arrows = (
        *((0, branch[0]) for branch in branches),
        *(pair for branch in branches for pair in itertools.pairwise(branch)),
        *((branch[-1], 9) for branch in branches),
        *((9, 10), (10, 11), (0, 11)),
    )
    return Diagram(
        f"{figure}. Inside one Inception-ResNet block",
        f"Three branches of convolutions and one of pooling, concatenated to {joined} channels, projected to {width}, "
        f"scaled by {scale:g} and added to the block's input",
        f'run {result.run.id}, drawn from its model, part {stage.name}; after C. Szegedy et al., "Inception-v4, '
        'Inception-ResNet and the Impact of Residual Connections on Learning", AAAI 2017, figures 4 and 10',
        boxes,
        arrows,
    )


def _kernels(classifier: TorchClassifier, stage: str) -> str:
    """How many convolutions the stage has of each kernel."""
    counts = Counter(
        "×".join(map(str, value.shape[2:]))
        for name, value in classifier.state_dict().items()
        if value.ndim == 4 and (name.startswith(f"{stage}.") or name == stage)
    )
    return ", ".join(kernel if n == 1 else f"{n} of {kernel}" for kernel, n in counts.items())


def _times(shape: tuple[int, ...]) -> str:
    return " × ".join(map(str, shape))


def _words(kind: str) -> str:
    """A module's class as words."""
    return {
        "ConvUnit": "Convolution",
        "Conv2d": "Convolution",
        "InceptionResNetBlock": "Inception-ResNet",
        "Linear": "Fully connected",
    }.get(kind, kind)
