"""Figure 3: how each network is built, drawn from the model itself."""

import dataclasses
import itertools
import string
from collections import Counter
from collections.abc import Sequence

import numpy as np

from fashion_core.analysis.network_summary import BlockSummary, StageSummary
from fashion_core.computed.network_stages import load_network_stages
from fashion_core.report.content import Diagram, DiagramBox, ReportSection
from fashion_core.report.inputs import ReportInputs, RunResult
from fashion_core.report.sections import SectionUnavailable
from fashion_core.wording.numbers import format_count

MAX_BOXES_PER_ROW = 7
BOXES_PER_WRAPPED_ROW = 5  # of a diagram with more boxes than fit in a row


def build_networks_section(inputs: ReportInputs) -> ReportSection:
    """A diagram for each kind of network, the largest first, and one of its blocks where they have branches."""
    by_model = {
        result.record.model: result
        for result in [*inputs.networks_with_relu_output, *inputs.networks_without_relu_output]
    }
    results = sorted(by_model.values(), key=lambda result: -result.summary.n_parameters)
    diagrams: list[Diagram] = []
    sizes, drawn, parameter_counts = [], [], []
    for result in results:
        stages = load_network_stages(result.record)
        if not stages:
            continue
        n_parameters, multiply_adds = np.sum([(stage.n_parameters, stage.multiply_adds) for stage in stages], axis=0)
        sizes.append(
            f"{result.model.title}: {n_parameters:,} parameters, "
            f"{multiply_adds / 1e6:.1f} million multiply-adds per image"
        )
        parameter_counts.append(int(n_parameters))
        drawn.append(f"run {result.run.id}")
        diagrams.append(_build_flow(result, stages, is_detail=bool(diagrams)))
        diagrams += [_build_block(result, stage, stage.block) for stage in stages if stage.block is not None][:1]
    if not diagrams:
        raise SectionUnavailable("no network is among the chosen runs.")
    numbered = tuple(
        dataclasses.replace(diagram, number=f"3{letter}")
        for letter, diagram in zip(string.ascii_lowercase, diagrams, strict=False)
    )
    source = "; ".join(drawn)
    n = sorted(parameter_counts)
    size = f"{n[0]:,} parameters" if len(n) == 1 else f"{n[0]:,} to {n[-1]:,} parameters"
    headline = f"{format_count(len(n), 'kind')} of network, with {size}"
    return ReportSection("networks", headline, f"{'; '.join(sizes)}.", source, numbered)


def _build_flow(result: RunResult, stages: Sequence[StageSummary], *, is_detail: bool) -> Diagram:
    """The stages in reading order, row by row."""
    boxes: list[tuple[str, tuple[str, ...]]] = [("Image", ("1 × 28 × 28",))]
    for stage in stages:
        details = (
            _format_shape(stage.shape),
            _count_kernels(stage),
            f"{stage.n_parameters:,} parameters",
        )
        boxes.append((stage.title, tuple(filter(None, details))))
    boxes.append((f"{result.classes.count_word.capitalize()} classes", ("softmax",)))
    columns = len(boxes) if len(boxes) <= MAX_BOXES_PER_ROW else BOXES_PER_WRAPPED_ROW
    shapes = ", ".join(f"{stage.title} to {_format_shape(stage.shape)}" for stage in stages)
    return Diagram(
        f"{result.model.title}: its parts in order",
        f"{result.model.title} as a flow of {len(stages)} parts from the image to {result.classes.count_word} classes: "
        f"{shapes}",
        f"run {result.run.id}, drawn from its model",
        tuple(DiagramBox(name, details, i % columns, i // columns) for i, (name, details) in enumerate(boxes)),
        tuple(itertools.pairwise(range(len(boxes)))),
        is_detail=is_detail,
    )


def _build_block(result: RunResult, stage: StageSummary, block: BlockSummary) -> Diagram:
    """Inside a block: parallel branches, concatenated, projected, scaled and added to the input."""
    middle_row = (len(block.branches) - 1) // 2
    boxes = [DiagramBox("Input", (_format_shape(stage.shape),), 0, middle_row)]
    arrows, ends = [], []
    for row, branch in enumerate(block.branches):
        for column, (title, side, n_channels) in enumerate(branch, 1):
            arrows.append((len(boxes) - 1 if column > 1 else 0, len(boxes)))
            boxes.append(DiagramBox(title, (f"{side} × {side}", f"{n_channels} channels"), column, row))
        ends.append(len(boxes) - 1)
    width, n_concatenated = stage.shape[0], block.n_concatenated
    joint, column = len(boxes), 1 + max(map(len, block.branches))
    boxes += [
        DiagramBox("Concatenate", (f"{n_concatenated} channels", "then ReLU"), column, middle_row),
        DiagramBox("Convolution", ("1 × 1", f"{width} channels, × {block.scale:g}"), column + 1, middle_row),
        DiagramBox("Add the input", ("then ReLU",), column + 2, middle_row),
    ]
    arrows += [*((end, joint) for end in ends), (joint, joint + 1), (joint + 1, joint + 2), (0, joint + 2)]
    return Diagram(
        f"Inside one {stage.title} block",
        f"{len(block.branches)} parallel branches, concatenated to {n_concatenated} channels, projected to {width}, "
        f"scaled by {block.scale:g} and added to the block's input",
        f'run {result.run.id}, drawn from its model, part {stage.name}; after C. Szegedy et al., "Inception-v4, '
        'Inception-ResNet and the Impact of Residual Connections on Learning", AAAI 2017, figures 4 and 10',
        tuple(boxes),
        tuple(arrows),
    )


def _count_kernels(stage: StageSummary) -> str:
    """How many convolutions of each kernel size a stage has."""
    counts = Counter("×".join(map(str, kernel)) for kernel in stage.kernels)
    return ", ".join(kernel if n == 1 else f"{n} of {kernel}" for kernel, n in counts.items())


def _format_shape(shape: tuple[int, ...]) -> str:
    return " × ".join(map(str, shape))
