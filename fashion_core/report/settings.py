"""The settings of a report: title, author, logo, runs and sections, saved as a small JSON file."""

import base64
import binascii
import dataclasses
import json
from dataclasses import dataclass
from typing import Any

from fashion_core.data import Dataset
from fashion_core.errors import ConfigError, RunError
from fashion_core.models.registry import get_model_spec
from fashion_core.report.content import SECTION_TITLES, section_titles
from fashion_core.report.logo import convert_logo_to_png
from fashion_core.runs.store import RunStore
from fashion_core.runs.summary import MAIN_RUN_IDS, POSTER_RUN_IDS
from fashion_core.wording.text import UNPRINTABLE_CHARACTERS, to_single_line

REPORT_SETTINGS_SCHEMA_VERSION = 1
MAX_SETTINGS_BYTES = 4 * 2**20  # with the logo
MAX_TITLE_OR_AUTHOR_CHARACTERS = 120  # characters of the title or the author
DEFAULT_CATALOGUE_RUNS = 6  # the best of your runs on a catalogue
MAX_REPORT_RUNS = 12  # each run adds 30 kB to the file, and a matrix


@dataclass(frozen=True)
class ReportSettings:
    """What a report is about. Raises ``ConfigError`` if a value cannot be used, ``PictureError`` if the logo can't.

    ``logo`` may be any picture file; it becomes a small PNG.
    """

    title: str = "Can clothing pictures be sorted automatically?"  # 1 to 120 characters
    author: str = ""  # up to 120 characters
    runs: tuple[str, ...] = MAIN_RUN_IDS + POSTER_RUN_IDS  # ids of 1 to 12 runs
    sections: tuple[str, ...] = tuple(SECTION_TITLES)  # keys of SECTION_TITLES, at least one; their order is fixed
    logo: bytes = b""

    def __post_init__(self) -> None:
        for name, value, min_length in (("title", self.title, 1), ("author", self.author, 0)):
            if not isinstance(value, str) or not min_length <= len(value.strip()) <= MAX_TITLE_OR_AUTHOR_CHARACTERS:
                raise ConfigError(f"The {name} needs {min_length} to {MAX_TITLE_OR_AUTHOR_CHARACTERS} characters.")
            if UNPRINTABLE_CHARACTERS.search(value):
                raise ConfigError(f"The {name} has a line break or a character that cannot be shown. Remove it.")
        if not _are_different_texts(self.runs) or not 1 <= len(self.runs) <= MAX_REPORT_RUNS:
            raise ConfigError(f"A report needs 1 to {MAX_REPORT_RUNS} different runs. Choose some.")
        if not _are_different_texts(self.sections) or not self.sections:
            raise ConfigError("A report needs at least one section. Choose one.")
        if unknown := set(self.sections) - set(SECTION_TITLES):
            raise ConfigError(f"There is no section {min(unknown)!r:.80}. Choose from {', '.join(SECTION_TITLES)}.")
        if self.logo:
            object.__setattr__(self, "logo", convert_logo_to_png(self.logo))

    def to_json(self) -> str:
        """The text of a settings file."""
        values = dataclasses.asdict(self) | {"logo": base64.b64encode(self.logo).decode()}
        return json.dumps({"schema": REPORT_SETTINGS_SCHEMA_VERSION, **values}, indent=2, ensure_ascii=False) + "\n"

    @classmethod
    def from_json(cls, content: bytes) -> "ReportSettings":
        """Read a settings file; raises ``ConfigError`` that says what is wrong with it."""
        if len(content) > MAX_SETTINGS_BYTES:
            raise ConfigError(f"The file is larger than {MAX_SETTINGS_BYTES // 2**20} MB. It has no report settings.")
        try:
            values: Any = json.loads(content.decode("utf-8"))
        except (ValueError, RecursionError) as error:
            raise ConfigError("The settings file is not valid JSON. Save the settings again.") from error
        if not isinstance(values, dict) or "schema" not in values:
            raise ConfigError("The file has no report settings. Choose a file that was saved from a report.")
        schema = values.pop("schema")
        if schema != REPORT_SETTINGS_SCHEMA_VERSION:
            raise ConfigError(
                f"The settings have format {str(schema)[:20]}, and this program reads format "
                f"{REPORT_SETTINGS_SCHEMA_VERSION}. Update the program."
            )
        if unknown := set(values) - {field.name for field in dataclasses.fields(cls)}:
            raise ConfigError(f"The setting {min(unknown)[:80]!r} is unknown. The file may come from a newer version.")
        for name in {"runs", "sections"} & set(values):
            if not isinstance(values[name], list):
                raise ConfigError(f"The setting {name!r} must be a list of names.")
            values[name] = tuple(values[name])
        if any("/" in str(run_id) or "\\" in str(run_id) for run_id in values.get("runs", ())):
            raise ConfigError(
                "The settings file names a run by its path. Import that run, and save the settings again."
            )
        if "logo" in values:
            try:
                values["logo"] = base64.b64decode(values["logo"], validate=True)
            except (TypeError, ValueError, binascii.Error) as error:
                raise ConfigError("The logo in the settings file is damaged. Choose it again.") from error
        return cls(**values)


def default_report_settings(store: RunStore, dataset: Dataset) -> ReportSettings:
    """The shipped runs where they answer the classes of ``dataset``, else the best of your finished runs on it.

    Raises ``RunError`` when there is no finished run.
    """
    if dataset.has_shipped_runs:
        return ReportSettings()
    records = [entry.record for entry in store.entries() if entry.record is not None]
    finished = [
        record
        for record in records
        if record.state == "finished"
        and record.data.n_test
        and record.data.test_fingerprint == dataset.test_fingerprint
    ]
    if not finished:
        raise RunError(f"There is no finished run on {dataset.title}. Train one first.")
    best = sorted(finished, key=lambda record: record.metrics.get("accuracy", 0.0), reverse=True)
    best = best[:DEFAULT_CATALOGUE_RUNS]
    clusters = any(get_model_spec(record.model).is_clustering for record in best)
    title = f"Can the pictures of {to_single_line(dataset.title)} be sorted automatically?"
    if len(title) > MAX_TITLE_OR_AUTHOR_CHARACTERS:
        title = "Can these pictures be sorted automatically?"
    return ReportSettings(
        title=title,
        runs=tuple(record.id for record in best),
        sections=tuple(key for key in section_titles(dataset) if clusters or key != "kmeans"),
    )


def _are_different_texts(values: object) -> bool:
    return isinstance(values, tuple) and all(isinstance(v, str) for v in values) and len(set(values)) == len(values)
