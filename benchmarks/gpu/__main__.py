"""`python -m benchmarks.gpu`, for a machine on which the other pages' packages are missing."""

import sys

from benchmarks.gpu.program import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
