"""What a report is told: title, author, logo, runs and sections; kept as a small JSON file."""

import base64
import binascii
import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fashion_core.errors import ConfigError
from fashion_core.report.logo import is_valid_logo
from fashion_core.runs.summary import POSTER_RUN_IDS, SHIPPED_RUN_IDS
from fashion_core.wording.text import UNPRINTABLE_CHARACTERS

SETTINGS_SCHEMA = 1
MAX_SETTINGS_BYTES = 4 * 2**20  # of a settings file, logo included
MAX_TEXT_LENGTH = 120  # characters of a title or a name
MAX_RUNS = 12  # a run more costs 30 kB of the file and a matrix to look at
SECTION_TITLES: Mapping[str, str] = {
    "question": "The question",
    "data": "The data",
    "results": "How well each method does",
    "kmeans": "What k-means finds without a label",
    "networks": "How the networks are built",
    "confusion": "What is taken for what",
    "training": "How the best run was trained",
    "failure": "What failed on the poster, and why it may have",
    "feasibility": "How much can be left to the model",
    "conclusion": "What follows",
    "provenance": "Where the figures come from",
}


@dataclass(frozen=True)
class ReportSettings:
    """Raises ``ConfigError`` in a sentence when a value cannot be used."""

    title: str = "Can clothing pictures be sorted automatically?"  # 1 to 120 characters
    author: str = ""  # up to 120 characters
    runs: tuple[str, ...] = SHIPPED_RUN_IDS + POSTER_RUN_IDS  # names of runs, 1 to 12
    sections: tuple[str, ...] = tuple(SECTION_TITLES)  # keys of SECTIONS, at least one; they keep the order there
    logo: bytes = b""  # a PNG as ``logo.read`` gives it, or nothing

    def __post_init__(self) -> None:
        for name, value, least in (("title", self.title, 1), ("author", self.author, 0)):
            if not isinstance(value, str) or not least <= len(value.strip()) <= MAX_TEXT_LENGTH:
                raise ConfigError(
                    f"The {name} needs {f'{least} to ' if least else 'up to '}{MAX_TEXT_LENGTH} characters."
                )
            if UNPRINTABLE_CHARACTERS.search(value):
                raise ConfigError(f"The {name} holds a line break or a character that cannot be shown. Remove it.")
        if not _are_words(self.runs) or not 1 <= len(self.runs) <= MAX_RUNS:
            raise ConfigError(f"A report is about 1 to {MAX_RUNS} different runs. Choose some.")
        if not _are_words(self.sections) or not self.sections:
            raise ConfigError("A report needs at least one section. Choose some.")
        if unknown := set(self.sections) - set(SECTION_TITLES):
            raise ConfigError(f"There is no section named {min(unknown)!r}; choose of {', '.join(SECTION_TITLES)}.")
        if self.logo and not is_valid_logo(self.logo):
            raise ConfigError("The logo is no picture that can be read. Choose it again.")

    def to_json(self) -> str:
        """The text of a settings file."""
        values = dataclasses.asdict(self) | {"logo": base64.b64encode(self.logo).decode()}
        return json.dumps({"schema": SETTINGS_SCHEMA, **values}, indent=2, ensure_ascii=False) + "\n"

    @classmethod
    def from_json(cls, content: bytes) -> "ReportSettings":
        """The inverse of ``to_json``; raises ``ConfigError`` saying what is wrong with the file."""
        if len(content) > MAX_SETTINGS_BYTES:
            raise ConfigError(
                f"The settings file has more than {MAX_SETTINGS_BYTES // 2**20} MB; it is none of a report's."
            )
        try:
            values: Any = json.loads(content.decode("utf-8"))
        except (ValueError, RecursionError) as error:
            raise ConfigError("The settings file is not readable JSON. Save the settings again.") from error
        if not isinstance(values, dict) or "schema" not in values:
            raise ConfigError("The file holds no settings of a report. Choose one that was saved from a report.")
        schema = values.pop("schema")
        if schema != SETTINGS_SCHEMA:
            raise ConfigError(
                f"The settings are in format number {str(schema)[:20]} and this program reads {SETTINGS_SCHEMA}. "
                "Update the program."
            )
        if foreign := set(values) - {field.name for field in dataclasses.fields(cls)}:
            raise ConfigError(f"The setting {min(foreign)[:80]!r} is unknown; the file may come from a newer version.")
        return cls(**_typed(values))


def _typed(values: dict[str, Any]) -> dict[str, Any]:
    """JSON's lists as tuples and its text of a logo as bytes."""
    for name in ("runs", "sections"):
        if name in values:
            if not isinstance(values[name], list):
                raise ConfigError(f"The setting {name!r} must be a list of names.")
            values[name] = tuple(values[name])
    if "logo" in values:
        try:
            values["logo"] = base64.b64decode(values["logo"], validate=True)
        except (TypeError, ValueError, binascii.Error) as error:
            raise ConfigError("The logo in the settings file is damaged. Choose it again.") from error
    return values


def _are_words(values: object) -> bool:
    """Whether ``values`` is a tuple of different texts."""
    return isinstance(values, tuple) and all(isinstance(v, str) for v in values) and len(set(values)) == len(values)
