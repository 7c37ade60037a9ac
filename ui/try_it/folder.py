"""The tab Folder: predict many pictures in the background."""

import dataclasses
from typing import Literal

import streamlit as st

from fashion_core.data.catalogue import Catalogue
from fashion_core.recognition.recognizer import Recognizer
from fashion_core.runs.store import RunEntry
from fashion_core.vision.picture_sources import PICTURE_SUFFIXES, UploadedFile
from fashion_core.vision.preparation import PictureKind, PreparationOptions
from fashion_core.wording.numbers import format_duration
from fashion_core.wording.recognition import PICTURE_KIND_TITLES, describe_folder_names
from ui import caches, shell
from ui.try_it import folder_growing, folder_promise, folder_results, folder_sorting
from ui.try_it.catalogue_predictions import choose_answering_run
from ui.try_it.job import MAX_FOLDER_FILES, RecognitionJob

FOLDER_JOB_KEY = "folder-job"
UPLOAD_MODES = {"Files or zips": "files", "A whole folder": "directory"}
MAX_UPLOAD_MEGABYTES = 200  # of one zip; also the server's limit
FOLDER_POLL_SECONDS = 1.0


def show_folder_recognition() -> None:
    """Choose pictures, watch the progress, or see the results, depending on the job."""
    job = st.session_state.get(_job_key())
    if not isinstance(job, RecognitionJob):
        _choose_files()
        return
    running = job.state == "running"
    st.fragment(_show_progress, run_every=FOLDER_POLL_SECONDS if running else None)(job, running)
    if not running:
        _show_finished(job)


def _job_key() -> str:
    """Session key of the job on the current data set."""
    data = caches.current_dataset()
    return FOLDER_JOB_KEY if data.has_shipped_runs else f"{FOLDER_JOB_KEY}-{data.name}"


def _choose_files() -> None:
    data, run = caches.current_dataset(), None
    if not data.has_shipped_runs:
        run = choose_answering_run()
        if run is None:
            return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        mode = st.segmented_control(
            "Upload", list(UPLOAD_MODES), default="Files or zips", required=True, key="folder-way",
            persist_state="session", label_visibility="collapsed",
        )  # fmt: skip
        with st.popover("Options", icon=":material/tune:"):
            kinds = list(PICTURE_KIND_TITLES)
            kind = st.selectbox(
                "Kind of picture", kinds, format_func=PICTURE_KIND_TITLES.__getitem__, key="folder-kind"
            )
    if UPLOAD_MODES[mode] == "directory":
        types = [*sorted(PICTURE_SUFFIXES), ".zip"]
        files = st.file_uploader(
            "A folder with its sub-folders", accept_multiple_files="directory", type=types, key="folder-directory",
            max_upload_size=MAX_UPLOAD_MEGABYTES,
        )  # fmt: skip
    else:
        files = st.file_uploader(
            f"Pictures (up to 20 MB each) or zips (up to {MAX_UPLOAD_MEGABYTES} MB)", accept_multiple_files=True,
            key="folder-files", max_upload_size=MAX_UPLOAD_MEGABYTES,
        )  # fmt: skip
    st.caption(shell.escape_markdown(describe_folder_names(data.classes)))
    too_many = len(files) > MAX_FOLDER_FILES
    if too_many:
        st.warning(f"You chose {len(files):,} files; the limit is {MAX_FOLDER_FILES:,}.")
    if st.button("Start", type="primary", icon=":material/play_arrow:", disabled=not files or too_many):
        st.session_state[_job_key()] = _start(kind, [UploadedFile(file.name, file) for file in files], run)
        st.rerun()


def _start(kind: PictureKind | Literal["auto"], uploads: list[UploadedFile], run: RunEntry | None) -> RecognitionJob:
    """Pictures that a run on a catalogue answers are prepared as those of the catalogue were."""
    options = PreparationOptions(kind)
    if run is None:
        return RecognitionJob(caches.cached_recognizer(), uploads, options)
    data = caches.current_dataset()
    if isinstance(data, Catalogue):
        options = data.preparation if kind == "auto" else dataclasses.replace(data.preparation, kind=kind)
    return RecognitionJob(Recognizer([caches.cached_classifier(run)]), uploads, options, run)


def _show_progress(job: RecognitionJob, was_running: bool) -> None:
    with shell.show_errors():  # the page's own handler doesn't cover reruns of a fragment
        if job.state != "running":
            if was_running:
                st.rerun()  # to show the results
            return
        done = len(job.results)
        if job.n_pictures is None:
            st.progress(0.0, text="Listing pictures")
        else:
            seconds = job.seconds_left
            left = f", about {format_duration(seconds)} left" if seconds is not None else ""
            st.progress(job.fraction, text=f"{done:,} of {job.n_pictures:,} pictures{left}")
        st.caption("You can leave this page; the work goes on.")
        if st.button("Cancel", icon=":material/stop:", key="folder-cancel"):
            job.cancel()
        folder_results.show_latest_pictures(job.results, job.classes)


def _show_finished(job: RecognitionJob) -> None:
    if job.state == "failed":
        st.error(shell.escape_markdown(job.failure_reason))
    elif job.state == "cancelled":
        st.info(f"Cancelled after {len(job.results):,} of {job.n_pictures or 0:,} pictures.")
    if st.button("Other pictures", icon=":material/restart_alt:"):
        del st.session_state[_job_key()]
        st.rerun()
    if job.results and job.run is not None:
        folder_growing.show_growing(job, job.run)
    if job.results:
        with shell.show_errors():
            promise = folder_promise.show_promise(job)
            if promise is not None:
                folder_sorting.show_sorting(job, promise)
        folder_results.show_folder_results(job)
