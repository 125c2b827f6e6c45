"""The commands about the files that can be chosen: list, new."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path

from dischargesim.cli.console import Failure, complain, say
from dischargesim.cli.options import FOLDER
from dischargesim.cli.options import parser as new_parser

_KINDS = {"mechanism": "Mechanisms, things that can be done anywhere", "place": "Places, what somebody did somewhere"}
_OTHERS = "Others"


def list_(arguments: list[str]) -> int:
    """List what can be chosen."""
    parser = new_parser(
        "list", "List the systems, scenarios, runs, experiments, executors or appraisals to choose from, a line each."
    )
    parser.add_argument("what", choices=["systems", "scenarios", "runs", "experiments", "executors", "appraisals"])
    parser.add_argument("--config-dir", type=Path, metavar="DIR", help=FOLDER)
    parser.add_argument("--debug", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)

    from dischargesim.scenario.files import USER_FOLDERS, label_of, sources

    if options.config_dir is not None and not options.config_dir.is_dir():
        raise Failure([f"--config-dir: no such folder (got {options.config_dir})"])
    group = options.what.removesuffix("s")
    found = sources(group, options.config_dir)
    labels = {name: label_of(source) for name, source in found.items()}
    if group == "scenario":
        _say_by_kind(labels)
    else:
        for name, label in labels.items():
            say(_line(name, label))
    if not found:
        complain(f"There are no {options.what} to choose from.")
    usable = {source.path for source in found.values()}
    for folder in USER_FOLDERS[group] if options.config_dir is not None else ():
        for path in sorted((options.config_dir / folder).glob("*.y*ml")):
            if path not in usable:
                complain(f"{path}: cannot be chosen by this name (expected letters without accents, digits and _)")
    return 0


def _line(name: str, label: Mapping[str, str]) -> str:
    parts = [label[key] for key in ("place", "title") if label.get(key)]
    return f"{name} - {': '.join(parts)}" if parts else name


def _say_by_kind(labels: Mapping[str, Mapping[str, str]]) -> None:
    """Mechanisms, then places in the order of their names, then what is neither."""
    for kind, title in [*_KINDS.items(), ("", _OTHERS)]:
        names = [name for name, label in labels.items() if _kind(label) == kind]
        names.sort(key=lambda name: (labels[name].get("place", ""), name))
        if names:
            say(f"{title}:")
        for name in names:
            say(_line(name, labels[name]))


def _kind(label: Mapping[str, str]) -> str:
    return kind if (kind := label.get("kind", "")) in _KINDS else ""


_NEW = """\
The file goes into scenarios/ of your own folder, with all its comments, and is yours to change:

  dischargesim new scenario our_assessors --from trusted_assessors --config-dir my_area
  dischargesim run scenario=our_assessors --config-dir my_area
"""


def new(arguments: list[str]) -> int:
    """Copy a scenario to start from."""
    parser = new_parser("new", "Copy a scenario with its comments, to start one of your own from.", _NEW)
    parser.add_argument("what", choices=["scenario"])
    parser.add_argument("name", metavar="NAME", help="what the new one is chosen by")
    parser.add_argument("--from", dest="source", required=True, metavar="NAME", help="the scenario to start from")
    parser.add_argument("--config-dir", type=Path, required=True, metavar="DIR", help=f"{FOLDER}; made if not there")
    parser.add_argument("--debug", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)

    from dischargesim.scenario.files import USER_FOLDERS, sources
    from dischargesim.scenario.gather import FILE_NAME
    from dischargesim.scenario.problems import Problem, shown, suggestion

    if not FILE_NAME.fullmatch(options.name):
        expected = "a letter, then at most 39 letters without accents, digits and _"
        raise Failure([str(Problem("new scenario", "not a name for a file", shown(options.name), expected))])
    known = sources("scenario", options.config_dir)
    if options.source not in known:
        there = suggestion(options.source, known)
        raise Failure([str(Problem("--from", "there is no scenario of this name", shown(options.source), there))])
    if options.name in known:
        raise Failure([str(Problem("new scenario", "there is one of this name already", options.name, "another name"))])
    folders = [options.config_dir / name for name in USER_FOLDERS["scenario"]]
    folder = next((folder for folder in folders if folder.is_dir()), folders[-1])
    path = folder / f"{options.name}.yaml"
    head = f"# Copied from {options.source}. To run it: dischargesim run scenario={options.name} --config-dir ...\n"
    try:
        text = known[options.source].path.read_bytes()
        folder.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:
            file.write(head.encode() + text.removeprefix(b"\xef\xbb\xbf"))
    except OSError as error:
        raise Failure([f"{path}: cannot be written: {error.strerror}"]) from None
    say(str(path))
    return 0
