"""The folder tab: many pictures at once, answered while the visitor does something else."""

import streamlit as st

from fashion_core.recognition.sources import SUFFIXES, Upload
from fashion_core.runs import summary
from fashion_core.vision.pipeline import Wishes
from ui import caches, shell
from ui.try_it import folder_results
from ui.try_it.job import Job
from ui.try_it.sources import KIND_NAMES

JOB = "folder-job"  # session key
WAYS = {"Files or zips": "files", "A whole folder": "directory"}
MOST_FILES = 5_000  # pictures of which one page can show a table
MOST_MEGABYTES = 200  # of one zip; the server's own limit
INTERVAL = 1.0  # seconds between two looks at the work


def show() -> None:
    """Choose pictures, watch them being answered, and see the answers; whichever is due."""
    job = st.session_state.get(JOB)
    if not isinstance(job, Job):
        _choose()
        return
    running = job.state == "running"
    st.fragment(_watch, run_every=INTERVAL if running else None)(job, running)
    if not running:
        _ended(job)


def _choose() -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        way = st.segmented_control(
            "What to send", list(WAYS), default="Files or zips", required=True, key="folder-way",
            persist_state="session", label_visibility="collapsed",
        )  # fmt: skip
        with st.popover("Options", icon=":material/tune:"):
            kinds = list(KIND_NAMES)
            kind = st.selectbox("The pictures are", kinds, format_func=KIND_NAMES.__getitem__, key="folder-kind")
            corrected = st.toggle(
                "Correct answers for the kind of picture", value=True, key="folder-corrected",
                help="A shift of each class's probability, fitted on labelled pictures of that kind.",
            )  # fmt: skip
    if WAYS[way] == "directory":
        types = [*sorted(SUFFIXES), ".zip"]
        files = st.file_uploader(
            "A folder, with all folders in it", accept_multiple_files="directory", type=types, key="folder-directory",
            max_upload_size=MOST_MEGABYTES,
        )  # fmt: skip
    else:
        files = st.file_uploader(
            f"Pictures (up to 20 MB each), or zips of them (up to {MOST_MEGABYTES} MB)", accept_multiple_files=True,
            key="folder-files", max_upload_size=MOST_MEGABYTES,
        )  # fmt: skip
    st.caption(
        "Pictures in folders named t-shirt, trouser, pullover, dress, coat, sandal, shirt, sneaker, bag and ankle-boot "
        "are scored too: accuracy and a confusion matrix of your own catalogue. Any other folder counts as none of "
        "these. Nothing is kept on disk."
    )
    too_many = len(files) > MOST_FILES
    if too_many:
        st.warning(f"These are {len(files):,} files; at most {MOST_FILES:,} are answered at a time.")
    if st.button("Start", type="primary", icon=":material/play_arrow:", disabled=not files or too_many):
        recognizer = caches.recognizer()
        uploads = [Upload(file.name, file) for file in files]
        st.session_state[folder_results.PICK] = None
        st.session_state[JOB] = Job(recognizer, uploads, Wishes(kind), corrected=corrected)
        st.rerun()


def _watch(job: Job, was_running: bool) -> None:
    with shell.errors_told():  # a fragment's own reruns do not pass through the page
        if job.state != "running":
            if was_running:
                st.rerun()  # with the answers
            return
        done = len(job.rows)
        if job.total is None:
            st.progress(0.0, text="Looking for pictures")
        else:
            seconds = job.seconds_left
            left = f", about {summary.duration(seconds)} left" if seconds is not None else ""
            st.progress(job.share, text=f"{done:,} of {job.total:,} pictures answered{left}")
        st.caption("This page may be left; the work goes on.")
        if st.button("Cancel", icon=":material/stop:", key="folder-cancel"):
            job.cancel()
        folder_results.latest(job.rows)


def _ended(job: Job) -> None:
    if job.state == "failed":
        st.error(shell.plain(job.reason))
    elif job.state == "cancelled":
        st.info(f"Cancelled after {len(job.rows):,} of {job.total or 0:,} pictures.")
    if st.button("Other pictures", icon=":material/restart_alt:"):
        del st.session_state[JOB]
        st.rerun()
    if job.rows:
        folder_results.show(job)
