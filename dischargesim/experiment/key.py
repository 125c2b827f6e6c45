"""What a scenario is known by: hashes of it, and its whole text."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

import yaml

from dischargesim import __version__
from dischargesim.scenario.schema import Scenario

_LENGTH = 16
# The result depends on neither.
_NOT_IN_HASH = {"run": {"engine", "workers"}}
# Each replication is the same however many there are.
_NOT_IN_KEY = {"run": {"engine", "workers", "replications"}}


def batch_key(scenario: Scenario) -> str:
    """16 hexadecimal digits that stand for everything that a replication of the scenario depends on.

    That is the scenario with its seed, and the version of this package; not how often, on which engine or in how many
    processes it is run.
    """
    data = scenario.model_dump(mode="json", by_alias=True, exclude=_NOT_IN_KEY)
    return _hash([__version__, data])[:_LENGTH]


def scenario_hash(scenario: Scenario) -> str:
    """SHA-256 of everything in a scenario that results depend on."""
    return _hash(scenario.model_dump(mode="json", by_alias=True, exclude=_NOT_IN_HASH))


def _hash(data: Any) -> str:
    return hashlib.sha256(json.dumps(data, sort_keys=True, ensure_ascii=True).encode()).hexdigest()


def resolved_yaml(scenario: Scenario) -> str:
    """The whole scenario as YAML that `load_scenario_file` reads back to the same scenario."""
    return as_yaml(scenario.model_dump(mode="json", by_alias=True, exclude_none=True))


def as_yaml(data: Any) -> str:
    """Plain data as YAML that `read_yaml` reads back to the same data."""
    return yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)


class _Dumper(yaml.SafeDumper):
    """Quotes texts that YAML 1.2 reads as numbers, such as `1e3`, and writes every list out where it stands."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: _Dumper, text: str) -> yaml.Node:
    # Within single quotes these would be read as ordinary ends of lines.
    style = '"' if any(end in text for end in "\x85\u2028\u2029") else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)
_Dumper.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$"),
    list("-+.0123456789"),
)
