"""Where batches shall run, as a user says it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import ValidationError

from dischargesim.scenario.base import Part, Text, number
from dischargesim.scenario.explain import explain
from dischargesim.scenario.problems import Problem, ScenarioError


class ExecutorError(OSError):
    """Nothing to run on; the text says why, in one line."""


class ExecutorSettings(Part):
    """Where batches run. It has no part in what they come to."""

    kind: Literal["local", "threads", "dask", "slurm"] = "local"
    """Processes of this machine, threads of this process, a Dask cluster, or jobs of SLURM."""
    workers: Annotated[int, number("processes, threads or jobs", 0, 10_000)] = 0
    """How many at a time; 0 for all cores of this machine but one, or 20 jobs of SLURM. A Dask cluster that is there
    has its own number."""
    address: Text | None = None
    """Of the scheduler of a Dask cluster, such as tcp://10.0.0.5:8786; a cluster on this machine is started if left
    out."""
    tls_ca: Text | None = None
    """File of the certificate authority, for a Dask cluster with TLS; handed on to Dask as it is."""
    tls_cert: Text | None = None
    """File of the client's certificate, for a Dask cluster with TLS."""
    tls_key: Text | None = None
    """File of the client's key, for a Dask cluster with TLS."""
    timeout: Annotated[float, number("seconds", 0.1, 3600)] = 30.0
    """How long a Dask scheduler is waited for."""
    cluster: Literal["slurm", "local", "debug"] = "slurm"
    """What submitit hands jobs to: SLURM, or, to try things out, processes of this machine, or this process."""
    partition: Text | None = None
    """Partition of SLURM."""
    minutes: Annotated[int, number("minutes", 1, 100_000)] = 60
    """Longest time that a job of SLURM may take."""
    memory_gb: Annotated[float, number("GB", 0.1, 10_000)] = 2.0
    """Memory of a job of SLURM."""


def executor_settings(data: Mapping[str, Any]) -> ExecutorSettings:
    """Settings from plain data.

    Raises
    ------
    ScenarioError
        With every problem that was found.
    """
    data = {key: value for key, value in data.items() if value is not None}
    try:
        settings = ExecutorSettings.model_validate(data)
    except ValidationError as error:
        problems = explain(error.errors(), data, ExecutorSettings)
        found = [Problem(f"executor.{p.path}", p.problem, p.got, p.expected, p.unit) for p in problems]
        raise ScenarioError(found) from None
    tls = (settings.tls_ca, settings.tls_cert, settings.tls_key)
    if any(tls) and not all(tls):
        raise ScenarioError([Problem("executor", "TLS needs all of tls_ca, tls_cert and tls_key")])
    return settings
