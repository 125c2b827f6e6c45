"""`python -m dischargesim` is the command line."""

import sys

from dischargesim.cli import program

if __name__ == "__main__":
    sys.exit(program())
