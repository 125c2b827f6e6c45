"""Executors of more than one machine: Dask clusters and jobs of SLURM. Their packages come with the extra `cluster`."""

from __future__ import annotations

import contextlib
import logging
import shutil
import threading
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from dischargesim.experiment.executor_settings import ExecutorError, ExecutorSettings
from dischargesim.experiment.local_executors import deaf_children

if TYPE_CHECKING:
    from distributed import Client, LocalCluster

P = ParamSpec("P")
T = TypeVar("T")

_LOGS = ("distributed", "tornado", "asyncio", "bokeh")
_ASK_AGAIN = 5.0
_JOBS = 20
_LOOK_AGAIN = 0.2


def dask(settings: ExecutorSettings, workers: int) -> Executor:
    """A Dask cluster: the one at the address, or one on this machine for as long as it is needed.

    Parameters
    ----------
    settings : ExecutorSettings
    workers : int
        Processes of a cluster on this machine.

    Raises
    ------
    ExecutorError
        If Dask is not installed, or the scheduler does not answer.
    """
    try:
        from distributed import Client, LocalCluster
        from distributed.security import Security
    except ImportError:
        raise ExecutorError(_missing("dask", "Dask's `distributed`")) from None
    for name in list(logging.root.manager.loggerDict):
        # What it has to say is said by the errors that reach us.
        if name.partition(".")[0] in _LOGS:
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    security: Any = None
    if settings.tls_ca is not None:
        security = Security(
            tls_ca_file=settings.tls_ca,
            tls_client_cert=settings.tls_cert,
            tls_client_key=settings.tls_key,
            require_encryption=True,
        )
    cluster: LocalCluster | None = None
    try:
        with deaf_children():
            if settings.address is None:
                cluster = LocalCluster(
                    n_workers=workers,
                    threads_per_worker=1,
                    host="127.0.0.1",
                    dashboard_address="127.0.0.1:0",
                    silence_logs=logging.CRITICAL,
                )
            at = settings.address if cluster is None else cluster
            client = Client(at, timeout=settings.timeout, security=security, set_as_default=False)
    except (OSError, ValueError, RuntimeError, TypeError) as error:
        if cluster is not None:
            cluster.close()
        reason = " ".join(str(error).split())[:120] or type(error).__name__
        where = "on this machine" if settings.address is None else f"at {settings.address}"
        raise ExecutorError(f"executor=dask: no scheduler can be reached {where} ({reason})") from None
    return DaskCluster(client, cluster, workers)


def _missing(kind: str, package: str) -> str:
    return (
        f'executor={kind}: {package} is not installed; install it with: python -m pip install "dischargesim[cluster]"'
    )


class DaskCluster(Executor):
    """A Dask cluster as a `concurrent.futures.Executor`. A lost worker's batches are run again by another."""

    def __init__(self, client: Client, cluster: LocalCluster | None, workers: int) -> None:
        self._client, self._cluster, self._workers = client, cluster, workers
        self._executor = client.get_executor(pure=False)
        self._asked_at = float("-inf")
        self._slots = 1

    @property
    def slots(self) -> int:
        """Threads of all workers that there are just now."""
        if time.monotonic() - self._asked_at > _ASK_AGAIN:
            self._asked_at = time.monotonic()
            with contextlib.suppress(OSError):
                self._slots = max(sum(self._client.nthreads().values()), 1)
        return self._slots

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Run a function on the cluster; as `concurrent.futures.Executor.submit`."""
        if self._client.status not in ("running", "connecting"):
            raise ExecutorError("executor=dask: the scheduler went away")
        future: Future[T] = self._executor.submit(fn, *args, **kwargs)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Leave the cluster, and end it if it was started here."""
        self._executor.shutdown(wait=wait and not cancel_futures)
        with contextlib.suppress(OSError, RuntimeError):
            self._client.close()
        if self._cluster is not None:
            self._cluster.close()


def slurm(settings: ExecutorSettings, folder: Path) -> Executor:
    """Jobs of SLURM, a batch each, handed over by submitit.

    Parameters
    ----------
    settings : ExecutorSettings
    folder : Path
        Seen by all machines; jobs and their logs are kept in its folder jobs/.

    Raises
    ------
    ExecutorError
        If submitit is not installed, or there is no SLURM here.
    """
    try:
        import submitit
    except ImportError:
        raise ExecutorError(_missing("slurm", "submitit")) from None
    if settings.cluster == "slurm" and shutil.which("srun") is None:
        raise ExecutorError("executor=slurm: there is no SLURM here (the command srun is not found)")
    jobs = submitit.AutoExecutor(folder=folder.resolve() / "jobs", cluster=settings.cluster)
    jobs.update_parameters(
        name="dischargesim", timeout_min=settings.minutes, mem_gb=settings.memory_gb, cpus_per_task=1
    )
    if settings.cluster == "slurm" and settings.partition is not None:
        jobs.update_parameters(slurm_partition=settings.partition)
    return SlurmJobs(jobs, folder.resolve() / "jobs", settings.workers or _JOBS)


class SlurmJobs(Executor):
    """Jobs of a batch system as a `concurrent.futures.Executor`.

    What comes in together is handed over together, as one array of jobs.
    """

    def __init__(self, jobs: Any, folder: Path, at_a_time: int) -> None:
        self.slots = at_a_time
        self._jobs, self._folder = jobs, folder
        self._new: list[tuple[Future[Any], Callable[..., Any], tuple[Any, ...], dict[str, Any]]] = []
        self._under_way: list[tuple[Future[Any], Any]] = []
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._failed = False
        self._watcher = threading.Thread(target=self._watch, name="jobs", daemon=True)
        self._watcher.start()

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Have a job run a function; as `concurrent.futures.Executor.submit`."""
        future: Future[T] = Future()
        with self._lock:
            self._new.append((future, fn, args, kwargs))
        return future

    def _watch(self) -> None:
        while not self._ended.wait(_LOOK_AGAIN):
            self._hand_over()
            self._collect()

    def _hand_over(self) -> None:
        with self._lock:
            new, self._new = self._new, []
        new = [one for one in new if one[0].set_running_or_notify_cancel()]
        if not new:
            return
        try:
            with self._jobs.batch():
                jobs = [self._jobs.submit(fn, *args, **kwargs) for _, fn, args, kwargs in new]
        except Exception as error:  # whatever the batch system says belongs to those who wait for the results
            for future, *_ in new:
                future.set_exception(ExecutorError(f"executor=slurm: {_reason(error)}"))
            return
        self._under_way += zip((future for future, *_ in new), jobs, strict=True)

    def _collect(self) -> None:
        for future, job in list(self._under_way):
            if not job.done():
                continue
            self._under_way.remove((future, job))
            try:
                result = job.result()
            except Exception as error:  # of the job, which was killed or ran out of time: run_work raises nothing
                self._failed = True
                future.set_exception(RuntimeError(_reason(error)))
            else:
                future.set_result(result)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Cancel what has not ended, and take the jobs' files away unless one of them failed."""
        while wait and not cancel_futures and (self._new or self._under_way):
            time.sleep(_LOOK_AGAIN)
        self._ended.set()
        self._watcher.join()
        left = len(self._under_way)
        for future, job in self._under_way:
            with contextlib.suppress(Exception):
                job.cancel(check=False)
            future.set_exception(InterruptedError())
        self._under_way.clear()
        for future, *_ in self._new:
            future.cancel()
        if not left and not self._failed:
            shutil.rmtree(self._folder, ignore_errors=True)


def _reason(error: Exception) -> str:
    """What went wrong, in one line: the last of a job's trace, which submitit puts between two rules."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    rules = [at for at, line in enumerate(lines) if set(line) == {"-"}]
    return " ".join(lines[rules[-1] - 1 : rules[-1]] if len(rules) > 1 else lines)[:200]
