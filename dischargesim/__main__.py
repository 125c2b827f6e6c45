"""`python -m dischargesim` is the command line."""

import sys

from dischargesim.cli import main

if __name__ == "__main__":
    sys.exit(main())
