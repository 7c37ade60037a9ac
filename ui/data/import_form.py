"""Import pictures: the form to start with, and the imports that run or failed."""

import os
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

import streamlit as st

from fashion_core.data.catalogue import catalogues_folder
from fashion_core.data.catalogue_list import make_catalogue_name
from fashion_core.data.class_names import MAX_CLASS_NAME_LENGTH
from fashion_core.data.importing import jobs
from fashion_core.data.importing.jobs import ImportJob
from fashion_core.data.importing.prepare import CatalogueKind
from fashion_core.errors import DataError
from fashion_core.wording.numbers import format_duration
from fashion_core.wording.recognition import PICTURE_KIND_TITLES
from fashion_core.wording.text import escape_markdown
from ui import dataset_choice, hosting, shell
from ui.data.uploads import MAX_UPLOAD_MEGABYTES, Upload, save_uploads

IMPORT_POLL_SECONDS = 0.5
STARTED_KEY = "data-import"  # session key: name of the catalogue whose import this session started
FORM_NUMBER_KEY = "data-import-form"  # session key: how many imports were started, so that the form is empty again
FILES, FOLDER, PATH = "Files", "Folder", "Path"
FORMATS = (
    "A folder for each class with its pictures; a zip of that; pictures and a CSV with the columns file and label; IDX "
    "files or an .npz like those of MNIST; a data set that was exported here. Pictures without classes can be "
    "clustered, and the clusters named."
)


def show_imports() -> None:
    """The imports under way, whoever started them, or the form."""
    entries = jobs.list_imports()
    if st.session_state.get(STARTED_KEY) and not any(e.name == st.session_state[STARTED_KEY] for e in entries):
        _choose_imported(st.session_state.pop(STARTED_KEY))
    active = [entry.name for entry in entries if jobs.import_status(entry).is_active]
    for entry in entries:
        with st.container(border=True):
            running = entry.name in active
            st.fragment(_show_import, run_every=IMPORT_POLL_SECONDS if running else None)(entry, running)
    if not active and hosting.may_change():
        _show_form()


def _choose_imported(name: str) -> None:
    """Show the catalogue that this session has imported, unless that was cancelled or discarded elsewhere."""
    if (catalogues_folder() / name).is_dir():
        dataset_choice.choose_while_drawing(name)
        st.rerun()


def _show_import(entry: ImportJob, was_running: bool) -> None:
    with shell.show_errors():  # the page's own handler doesn't cover reruns of a fragment
        status = jobs.import_status(entry)
        if was_running and not status.is_active:
            st.rerun()  # with the new data set, or the reason why there is none
        title = escape_markdown(entry.title)
        if status.is_active:
            left = f", about {format_duration(status.seconds_left)} left" if status.seconds_left is not None else ""
            st.progress(min(status.fraction, 1.0), text=f"{title}: {escape_markdown(status.message)}{left}")
            st.caption("You can leave this page; the import goes on.")
            if hosting.change_button("Cancel", icon=":material/stop:", key=f"import-cancel-{entry.name}"):
                st.session_state.pop(STARTED_KEY, None)
                jobs.cancel_import(entry)
                st.rerun()
            return
        st.error(f"{title} was not imported. {escape_markdown(status.message)}")
        if hosting.change_button("Close", icon=":material/close:", key=f"import-close-{entry.name}"):
            st.session_state.pop(STARTED_KEY, None)
            jobs.discard_import(entry)
            st.rerun()


def _show_form() -> None:
    number = st.session_state.setdefault(FORM_NUMBER_KEY, 0)
    ways = [FILES, FOLDER, PATH] if hosting.find_mode() == "local" else [FILES, FOLDER]
    way = st.segmented_control(
        "Import your pictures", ways, default=FILES, required=True, key="import-way", persist_state="session",
    )  # fmt: skip
    uploads, path = _choose_source(way, number)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        title = st.text_input(
            "Name",
            max_chars=MAX_CLASS_NAME_LENGTH,
            placeholder=_suggest_title(uploads, path),
            key=f"import-name-{number}",
        )
        with st.popover("Options", icon=":material/tune:"):
            kind = st.selectbox(
                "Kind of picture", list(PICTURE_KIND_TITLES), format_func=PICTURE_KIND_TITLES.__getitem__,
                key="import-kind", persist_state="session",
            )  # fmt: skip
        pressed = st.button("Start", type="primary", icon=":material/play_arrow:", key="import-start")
    if pressed:
        with shell.show_errors():
            _start(uploads, path, title or _suggest_title(uploads, path), kind)
            st.session_state[FORM_NUMBER_KEY] += 1
            st.rerun()


def _choose_source(way: str, number: int) -> tuple[Sequence[Upload], str]:
    """The uploaded files, or a path."""
    if way == PATH:
        path = st.text_input(
            "Folder, zip or CSV on the computer that runs this dashboard", key=f"import-path-{number}"
        )  # fmt: skip
        return (), path.strip().strip('"')
    files: Sequence[Upload] = st.file_uploader(
        "A folder of your pictures" if way == FOLDER else "A zip, or other files",
        accept_multiple_files="directory" if way == FOLDER else True,
        key=f"import-{way}-{number}", max_upload_size=MAX_UPLOAD_MEGABYTES, help=FORMATS,
    )  # fmt: skip
    return files, ""


def _suggest_title(uploads: Sequence[Upload], path: str) -> str:
    """The name of the folder or file."""
    names = [upload.name for upload in uploads] or [path]
    first = PurePosixPath(names[0].replace("\\", "/").rstrip("/"))
    return first.parts[0] if len(first.parts) > 1 and uploads else first.stem


def _start(uploads: Sequence[Upload], path: str, title: str, kind: CatalogueKind) -> None:
    if uploads:
        make_catalogue_name(title)  # refuses a title that is taken before anything is written
        entry = jobs.queue_import(save_uploads(uploads), title, kind=kind, delete_source=True)
    elif path and hosting.find_mode() == "local":
        source = os.path.expanduser(path)  # these two take any text; pathlib raises for a name that is too long
        if not os.path.exists(source):
            raise DataError(
                f"There is nothing at {path[:200]} on this computer. Write the path of a folder, zip or CSV."
            )
        entry = jobs.queue_import(Path(source), title, kind=kind)
    else:
        raise DataError("There is nothing to import yet. Choose files or a folder.")
    st.session_state[STARTED_KEY] = entry.name
