"""Correct a run's answers to your pictures, add them to the catalogue, train again, and compare before and after."""

import streamlit as st

from fashion_core.data.catalogue import Catalogue
from fashion_core.data.importing.growing import NewPicture, add_pictures
from fashion_core.models.registry import MODELS
from fashion_core.recognition.labelled_folder import labels_from_folders, rank_classes
from fashion_core.runs import queue
from fashion_core.runs.store import RunEntry
from fashion_core.vision.picture_sources import open_picture_sources
from fashion_core.wording import growing as wording
from fashion_core.wording.numbers import format_count, format_percent
from fashion_core.wording.run_phases import format_phase
from ui import caches, hosting, serving, shell
from ui.components.labelling import LEFT_OUT, MAX_CHOICES, PictureToLabel, label_pictures
from ui.pagination import paginate
from ui.try_it.folder_results import thumbnail_url
from ui.try_it.job import RecognitionJob
from ui.try_it.task import PictureTask, Report, show_task

PICTURES_PER_PAGE = 60
RUN_POLL_SECONDS = 2.0


def show_growing(job: RecognitionJob, run: RunEntry) -> None:
    """The answers to correct, the least certain first, and the buttons to add the pictures and to train again."""
    catalogue = caches.current_dataset()
    if not hosting.may_change():
        return
    if not isinstance(catalogue, Catalogue) or catalogue.classes.names != job.classes.names:
        st.info("The classes of the data set have changed since. Start again with a run on the classes of today.")
        return
    rows = rows_least_certain_first(job)
    if rows:
        shell.show_finding(wording.describe_corrections(len(rows), sum(row in job.labels for row in rows)))
        _show_labelling(job, rows)
    _show_addition(job, catalogue)
    if job.addition:
        st.success(shell.escape_markdown(job.addition))
        with shell.show_errors():
            _show_training(job, run, catalogue)


def rows_least_certain_first(job: RecognitionJob) -> list[int]:
    """Rows of the readable pictures that aren't copies of others nor in the catalogue yet."""
    certainty = {
        row: float(result.prediction.probabilities.max())
        for row, result in enumerate(job.results)
        if result.prediction is not None and not result.duplicate_of and row not in job.added_rows
    }
    return sorted(certainty, key=certainty.__getitem__)


def _show_labelling(job: RecognitionJob, rows: list[int]) -> None:
    number = len(job.added_rows)  # the pages begin anew when pictures have gone
    on_page = rows[paginate(len(rows), PICTURES_PER_PAGE, f"growing-page-{number}")]
    folder_labels = labels_from_folders(job.results, job.classes)

    def store_labels(labels: dict[int, int]) -> None:
        job.labels |= {on_page[position]: label for position, label in labels.items()}

    pictures = [_picture_to_label(job, row, int(folder_labels[row])) for row in on_page]
    name = f"{id(job)}-{number}-{on_page[0]}"
    label_pictures(pictures, job.classes.names, name=name, key="growing-labels", on_label=store_labels)


def _picture_to_label(job: RecognitionJob, row: int, folder_label: int) -> PictureToLabel:
    """A picture with its likely classes; one that lies in a folder named after a class is suggested that one first."""
    result = job.results[row]
    assert result.prediction is not None
    ranked = [int(label) for label in rank_classes(result)[:MAX_CHOICES]]
    if folder_label >= 0:
        ranked = [folder_label, *(label for label in ranked if label != folder_label)]
    texts = [format_percent(result.prediction.probabilities[label]) for label in ranked]
    url = thumbnail_url(result) or serving.image_data_url(result.image) if result.image is not None else ""
    return PictureToLabel(url, result.name, list(zip(ranked, texts, strict=True)), job.labels.get(row))


def _show_addition(job: RecognitionJob, catalogue: Catalogue) -> None:
    chosen = {row: label for row, label in job.labels.items() if label != LEFT_OUT and row not in job.added_rows}
    rest = [row for row in rows_least_certain_first(job) if row not in job.labels]
    if show_task(job.addition_task):
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        with_rest = bool(rest) and st.toggle(
            wording.describe_unchecked(len(rest)), key="growing-rest", help="As the run predicts them."
        )
        if with_rest:
            chosen |= {row: int(rank_classes(job.results[row])[0]) for row in rest}
        title = shell.escape_markdown(catalogue.title)
        label = f"Add {format_count(len(chosen), 'picture')} to {title}"
        pressed = st.button(
            label, type="primary", icon=":material/library_add:", key="growing-add", disabled=not chosen
        )
    if pressed:
        job.addition_task = PictureTask(lambda report: _add(job, catalogue, chosen, report))
        st.rerun()


def _add(job: RecognitionJob, catalogue: Catalogue, chosen: dict[int, int], report: Report) -> None:
    """Add the pictures; they go to train and validation, so the test pictures stay the same."""
    report(0.0, "Preparing the pictures")
    rows = sorted(chosen)
    with open_picture_sources(job.uploads) as sources:
        pictures = [NewPicture(sources[row].read, job.classes[chosen[row]].name, sources[row].name) for row in rows]
        added = add_pictures(catalogue, pictures, lambda n: report(n / len(rows), "Preparing the pictures"))
    job.added_rows |= set(rows)
    job.addition, job.next_run_id = wording.describe_addition(added), ""


def _show_training(job: RecognitionJob, run: RunEntry, catalogue: Catalogue) -> None:
    """The button that trains the run again, and then how it compares."""
    record = run.record
    assert record is not None
    if record.model not in MODELS:
        st.caption("An ensemble is made of trained runs. Train those again on the page Train.")
        return
    if not job.next_run_id:
        if st.button("Train again", icon=":material/model_training:", key="growing-train"):
            title = f"{record.title}, {wording.GROWN_SUFFIX}"[:80]
            job.next_run_id = queue.queue_run(caches.run_store(), record.config, catalogue, title=title).id
            st.rerun()
        return
    next_run = caches.find_run(job.next_run_id)
    is_live = next_run is not None and queue.run_phase(next_run) in queue.LIVE_PHASES
    st.fragment(_show_next_run, run_every=RUN_POLL_SECONDS if is_live else None)(run, job.next_run_id, is_live)


def _show_next_run(run: RunEntry, next_run_id: str, was_live: bool) -> None:
    with shell.show_errors():
        next_run = caches.find_run(next_run_id)
        if next_run is None or next_run.record is None or run.record is None:
            st.info("The new run was deleted.")
            return
        progress = queue.run_progress(next_run)
        if progress.phase in queue.LIVE_PHASES:
            st.progress(progress.fraction, text=f"Training again: {format_phase(progress.phase)}")
            return
        if was_live:
            st.rerun()
        if next_run.has_predictions:
            shell.show_finding(wording.describe_before_and_after(run.record, next_run.record))
            parameters = {"data": next_run.record.data.name, "a": run.id, "b": next_run.id}
            st.page_link(shell.find_page("compare"), label="Compare before and after", query_params=parameters)
        else:
            st.info(f"The new run has ended: {format_phase(progress.phase)}. See the page Train.")
