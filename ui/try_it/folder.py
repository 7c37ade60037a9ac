"""The folder tab: many pictures at once, answered while the visitor does something else."""

import streamlit as st

from fashion_core.recognition.picture_sources import PICTURE_SUFFIXES, UploadedFile
from fashion_core.vision.preparation import PreparationOptions
from fashion_core.wording.numbers import format_duration
from ui import caches, shell
from ui.try_it import folder_results
from ui.try_it.inputs import PICTURE_KIND_NAMES
from ui.try_it.job import RecognitionJob

FOLDER_JOB_KEY = "folder-job"  # session key
UPLOAD_MODES = {"Files or zips": "files", "A whole folder": "directory"}
MAX_FOLDER_FILES = 5_000  # pictures of which one page can show a table
MAX_UPLOAD_MEGABYTES = 200  # of one zip; the server's own limit
POLL_SECONDS = 1.0  # seconds between two looks at the work


def show_folder() -> None:
    """Choose pictures, watch them being answered, and see the answers; whichever is due."""
    job = st.session_state.get(FOLDER_JOB_KEY)
    if not isinstance(job, RecognitionJob):
        _choose_files()
        return
    running = job.state == "running"
    st.fragment(_show_progress, run_every=POLL_SECONDS if running else None)(job, running)
    if not running:
        _show_finished(job)


def _choose_files() -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        way = st.segmented_control(
            "What to send", list(UPLOAD_MODES), default="Files or zips", required=True, key="folder-way",
            persist_state="session", label_visibility="collapsed",
        )  # fmt: skip
        with st.popover("Options", icon=":material/tune:"):
            kinds = list(PICTURE_KIND_NAMES)
            kind = st.selectbox(
                "The pictures are", kinds, format_func=PICTURE_KIND_NAMES.__getitem__, key="folder-kind"
            )
            corrected = st.toggle(
                "Correct answers for the kind of picture", value=True, key="folder-corrected",
                help="A shift of each class's probability, fitted on labelled pictures of that kind.",
            )  # fmt: skip
    if UPLOAD_MODES[way] == "directory":
        types = [*sorted(PICTURE_SUFFIXES), ".zip"]
        files = st.file_uploader(
            "A folder, with all folders in it", accept_multiple_files="directory", type=types, key="folder-directory",
            max_upload_size=MAX_UPLOAD_MEGABYTES,
        )  # fmt: skip
    else:
        files = st.file_uploader(
            f"Pictures (up to 20 MB each), or zips of them (up to {MAX_UPLOAD_MEGABYTES} MB)", accept_multiple_files=True,
            key="folder-files", max_upload_size=MAX_UPLOAD_MEGABYTES,
        )  # fmt: skip
    st.caption(
        "Pictures in folders named t-shirt, trouser, pullover, dress, coat, sandal, shirt, sneaker, bag and ankle-boot "
        "are scored too: accuracy and a confusion matrix of your own catalogue. Any other folder counts as none of "
        "these. Nothing is kept on disk."
    )
    too_many = len(files) > MAX_FOLDER_FILES
    if too_many:
        st.warning(f"These are {len(files):,} files; at most {MAX_FOLDER_FILES:,} are answered at a time.")
    if st.button("Start", type="primary", icon=":material/play_arrow:", disabled=not files or too_many):
        recognizer = caches.cached_recognizer()
        uploads = [UploadedFile(file.name, file) for file in files]
        st.session_state[folder_results.CELL_KEY] = None
        st.session_state[FOLDER_JOB_KEY] = RecognitionJob(
            recognizer, uploads, PreparationOptions(kind), corrected=corrected
        )
        st.rerun()


def _show_progress(job: RecognitionJob, was_running: bool) -> None:
    with shell.show_errors():  # a fragment's own reruns do not pass through the page
        if job.state != "running":
            if was_running:
                st.rerun()  # with the answers
            return
        done = len(job.rows)
        if job.n_pictures is None:
            st.progress(0.0, text="Looking for pictures")
        else:
            seconds = job.seconds_left
            left = f", about {format_duration(seconds)} left" if seconds is not None else ""
            st.progress(job.fraction, text=f"{done:,} of {job.n_pictures:,} pictures answered{left}")
        st.caption("This page may be left; the work goes on.")
        if st.button("Cancel", icon=":material/stop:", key="folder-cancel"):
            job.cancel()
        folder_results.show_latest_results(job.rows)


def _show_finished(job: RecognitionJob) -> None:
    if job.state == "failed":
        st.error(shell.escape_markdown(job.reason))
    elif job.state == "cancelled":
        st.info(f"Cancelled after {len(job.rows):,} of {job.n_pictures or 0:,} pictures.")
    if st.button("Other pictures", icon=":material/restart_alt:"):
        del st.session_state[FOLDER_JOB_KEY]
        st.rerun()
    if job.rows:
        folder_results.show_folder_results(job)
