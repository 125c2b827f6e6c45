"""The command line.

Nothing heavy is imported here: `dischargesim --help` answers at once, and a command imports what it needs.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

from dischargesim.cli.console import Failure, complain, speak_safely
from dischargesim.memory import collect_seldom

__all__ = ["main", "program"]

OVERVIEW = """\
usage: dischargesim COMMAND [NAME=VALUE ...] [OPTIONS]

Simulates how people move through and out of hospital: who is ready to leave and cannot, what they wait
for, how many bed days that costs, and how many admissions are avoided.

commands:
  run        run a scenario and write its results into a folder of their own
  sweep      run many scenarios, or a whole experiment, side by side; it goes on after any interruption
  compare    hold scenarios that were run against a baseline, on the same people
  explain    what would happen without each reason for delay
  report     make a page, a document, tables and figures of results, for a business case
  query      ask the results of a sweep or a run a question in SQL
  validate   check a scenario without running it, and compare what is asked for with what there is
  list       list the systems, scenarios, runs, experiments or executors that can be chosen
  new        copy a scenario with its comments into your own folder, to start from
  schema     write the JSON Schema of a scenario, for an editor that completes and checks YAML

examples:
  dischargesim run system=small                          a first run, in seconds
  dischargesim run                                       an average acute hospital system in England
  dischargesim run scenario=discharge_to_assess          the same system with something changed
  dischargesim run system=small settings.acute.capacity=28 run.days=90
  dischargesim sweep scenario=baseline,trusted_assessors settings.reablement.capacity=280,308,340
  dischargesim sweep experiment=beds_plus
  dischargesim validate system=small
  dischargesim list scenarios
  dischargesim run scenario=trusted_assessors evidence=low
  dischargesim new scenario our_assessors --from trusted_assessors --config-dir my_area

options:
  -h, --help   this text; `dischargesim run --help` says more about a command
  --version    the version
"""


def program() -> int:
    """The command line as a program, in a process of its own; see `main`."""
    collect_seldom()
    return main()


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    argv : sequence of str, optional
        Arguments after the name of the program; those of this process if left out.

    Returns
    -------
    int
        Exit code: 0 if all went well, 1 if the program is at fault, 2 if what it was given is, 3 if some points of a
        sweep failed, 130 if interrupted.
    """
    speak_safely()
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        return _dispatch(arguments)
    except Failure as failure:
        for line in failure.lines:
            complain(line)
        return 2
    except KeyboardInterrupt:
        complain("interrupted; no results were written")
        return 130
    except BrokenPipeError:
        # The reader of our output, such as `head`, has seen enough.
        sys.stderr.close()
        return 1
    except Exception as error:
        if "--debug" in arguments:
            raise
        complain(f"something went wrong inside dischargesim: {type(error).__name__}: {error}")
        complain("This is a fault of the program. Run the same command with --debug to see where, and report it.")
        return 1


def _dispatch(arguments: list[str]) -> int:
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        sys.stdout.write(OVERVIEW)
        return 0
    if arguments[0] in ("--version", "-V"):
        from dischargesim import __version__

        sys.stdout.write(f"dischargesim {__version__}\n")
        return 0
    command = _commands().get(arguments[0])
    if command is None:
        from dischargesim.scenario.problems import Problem, suggestion

        known = list(_commands())
        raise Failure(
            [str(Problem("dischargesim", f"there is no command {arguments[0]}", "", suggestion(arguments[0], known)))]
        )
    return command(arguments[1:])


def _commands() -> dict[str, Callable[[list[str]], int]]:
    from dischargesim.cli import commands, comparing, library, reporting, sweeps

    return {
        "run": commands.run,
        "sweep": sweeps.sweep,
        "compare": comparing.compare,
        "explain": comparing.explain,
        "report": reporting.report,
        "query": sweeps.query,
        "validate": commands.validate,
        "list": library.list_,
        "new": library.new,
        "schema": commands.schema,
    }
