"""Where the YAML files are: those shipped with the package, and those of the user's own folder, which go first."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from dischargesim.scenario.problems import one_line
from dischargesim.scenario.yaml_reader import YamlError, read_yaml_file

GROUPS: dict[str, tuple[str, ...]] = {
    "system": ("configs/system",),
    "run": ("configs/run",),
    "scenario": ("scenarios",),
    "experiment": ("experiments",),
    "executor": ("configs/executor",),
    "appraisal": ("configs/appraisal",),
}
"""Groups of files and their folders among the shipped files."""
USER_FOLDERS: dict[str, tuple[str, ...]] = {
    "system": ("system", "systems"),
    "run": ("run", "runs"),
    "scenario": ("scenario", "scenarios"),
    "experiment": ("experiment", "experiments"),
    "executor": ("executor", "executors"),
    "appraisal": ("appraisal", "appraisals"),
}
"""The same in a user's own folder, singular or plural."""

_STEM = re.compile(r"^[A-Za-z]\w{0,39}$", re.ASCII)


@dataclass(frozen=True, slots=True)
class Source:
    """A YAML file that can be chosen."""

    group: str
    name: str
    path: Path
    shipped: bool

    def __str__(self) -> str:
        # The whole path of a shipped file would tell the reader about the machine, not about the file.
        return f"{self.group}/{self.path.name}" if self.shipped else str(self.path)


def shipped_folder() -> Path:
    """Folder that holds configs/, scenarios/ and experiments/: in the installed package, or in the checkout."""
    package = Path(__file__).resolve().parent.parent
    for folder in (package / "library", package.parent):
        if (folder / "configs").is_dir():
            return folder
    return package.parent


def sources(group: str, config_dir: Path | None = None) -> dict[str, Source]:
    """Files of a group by name, in order of name; a user's file hides a shipped one of the same name."""
    found: dict[str, Source] = {}
    for folder in GROUPS[group]:
        found.update(_in_folder(group, shipped_folder() / folder, shipped=True))
    for folder in USER_FOLDERS[group] if config_dir is not None else ():
        found.update(_in_folder(group, config_dir / folder, shipped=False))  # type: ignore[operator]
    return dict(sorted(found.items()))


def data_folders(config_dir: Path | None = None) -> tuple[Path, ...]:
    """Where a CSV file named in a scenario is looked for, in order."""
    own = () if config_dir is None else (config_dir, config_dir / "data")
    return (*own, shipped_folder() / "configs" / "data")


def _in_folder(group: str, folder: Path, *, shipped: bool) -> Iterator[tuple[str, Source]]:
    if not folder.is_dir():
        return
    for path in sorted(folder.iterdir()):
        if path.suffix in (".yaml", ".yml") and _STEM.match(path.stem) and path.is_file():
            yield path.stem, Source(group, path.stem, path, shipped)


def label_of(source: Source) -> dict[str, str]:
    """What a file says of itself, without looking at the rest of it: its texts in one line each, such as title.

    The title says why the file cannot be read, if so.
    """
    try:
        label = read_yaml_file(source.path).get(source.group)
    except YamlError as error:
        return {"title": f"(cannot be used: {error})"}
    texts = label.items() if isinstance(label, dict) else ()
    return {str(key): one_line(str(text)) for key, text in texts if isinstance(text, str | int | float)}
