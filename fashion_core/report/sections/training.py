"""The training curves of the best network."""

from fashion_core.report.content import ChartSeries, LineChart, ReportSection
from fashion_core.report.inputs import ReportInputs, find_most_accurate_result
from fashion_core.report.sections import SectionUnavailable
from fashion_core.wording.numbers import format_duration, format_percent
from fashion_core.wording.text import to_single_line
from fashion_core.wording.training import format_epoch_count, format_kept_epoch


def build_training_section(inputs: ReportInputs) -> ReportSection:
    """Accuracy on training and validation images by epoch, and the epoch whose weights were kept."""
    candidates = inputs.networks_without_relu_output, inputs.networks_with_relu_output
    trained = ([result for result in group if result.model.trainer == "gradient"] for group in candidates)
    networks = next(filter(None, trained), [])  # an ensemble and a pretrained model have no epochs
    if not networks:
        raise SectionUnavailable("no network that was trained in epochs is among the chosen runs.")
    best = find_most_accurate_result(networks)
    record, data = best.record, best.record.data
    history = inputs.store.load_history(best.run)
    if history.empty:
        raise SectionUnavailable(f"the run {best.run.id} has no epochs.")
    source = (
        f"{best.provenance}; curves as measured during training: train n = {data.n_train:,} (with augmentation), "
        f"validation n = {data.n_validation:,}"
    )
    train, validation = history["train_accuracy"].to_numpy(float), history["val_accuracy"].to_numpy(float)
    chart = LineChart(
        f"Accuracy of {best.title} during training",
        f"After the last epoch, as measured during training, {format_percent(train[-1])} on training images and "
        f"{format_percent(validation[-1])} on validation images",
        source,
        history["epoch"].to_numpy(float),
        (ChartSeries("Train", train), ChartSeries("Validation", validation)),
        "Epoch",
        "Accuracy",
        float(record.best_epoch) or None,
        "weights kept",
    )
    finding = (
        f"{best.title} was trained for {format_epoch_count(record.config)} in {format_duration(record.seconds)} on "
        f"{to_single_line(record.hardware)}. "
        f"The weights of epoch {record.best_epoch}, the {format_kept_epoch(record)}, were kept."
    )
    headline = f"{best.title} was trained in {format_duration(record.seconds)}"
    return ReportSection("training", headline, finding, source, (chart,))
