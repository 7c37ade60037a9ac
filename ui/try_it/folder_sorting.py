"""Sort the pictures into a folder for each class, those that the promise doesn't cover into one for a person."""

import io
from collections.abc import Sequence

import streamlit as st

from fashion_core.sorting.promise import SortingPromise
from fashion_core.sorting.uploads import MAX_ZIP_MEGABYTES, fits_into_zip, sort_uploads, zip_sorted_folder
from fashion_core.vision.picture_sources import UploadedFile, open_picture_sources
from fashion_core.wording.sorting import describe_sort, describe_sorting_promise
from ui import hosting, shell
from ui.review.view import folder_key
from ui.try_it.job import RecognitionJob
from ui.try_it.task import PictureTask, Report, show_task


def show_sorting(job: RecognitionJob, promise: SortingPromise) -> None:
    """The button, with the promise that it sorts under; and then where the pictures are."""
    if not hosting.may_change():
        return
    if job.sorted_folder is not None and not job.sorted_folder.exists():
        job.sorted_folder = None  # deleted on the page Review
    if show_task(job.sorting_task):
        return
    if job.sorted_folder is None:
        with st.container(horizontal=True, vertical_alignment="center"):
            pressed = st.button("Sort into folders", icon=":material/folder_copy:", key="folder-sort")
            st.caption(shell.escape_markdown(describe_sorting_promise(promise)), width="stretch")
        if pressed:
            job.sorting_task = PictureTask(lambda report: _sort(job, promise, report))
            st.rerun()
        return
    folder = job.sorted_folder
    st.success(shell.escape_markdown(f"{job.sorting} They are in {folder}."))
    with st.container(horizontal=True, vertical_alignment="center"):
        if job.fits_into_zip:
            st.download_button(
                "Download as zip", lambda: zip_sorted_folder(folder), "sorted.zip", "application/zip",
                on_click="ignore", icon=":material/download:",
            )  # fmt: skip
        else:
            st.caption(f"A zip may have {MAX_ZIP_MEGABYTES} MB. Sort fewer pictures at once to download them.")
        parameters = {"folder": folder_key(folder)}
        st.page_link(shell.find_page("review"), label="Review what the model left to you", query_params=parameters)


def _sort(job: RecognitionJob, promise: SortingPromise, report: Report) -> None:
    report(0.0, "Sorting")
    results = job.results
    with open_picture_sources(job.uploads) as sources:
        # a cancelled job has predicted the first ones
        folder, progress = sort_uploads(
            sources[: len(results)], results, job.classes, promise, megabytes=_megabytes(job.uploads),
            report=lambda done: report(done.n_handled / done.n, f"Sorting {done.n_handled:,} of {done.n:,}"),
        )  # fmt: skip
    job.fits_into_zip = fits_into_zip(folder)
    job.sorted_folder, job.sorting = folder, describe_sort(progress)


def _megabytes(uploads: Sequence[UploadedFile]) -> float:
    return sum(upload.file.seek(0, io.SEEK_END) for upload in uploads) / 2**20
