"""Makes `benchmarks` importable: it is run from the repository's root and never installed."""

import sys
from pathlib import Path

# Appended, not put first: an installed wheel of tfkws must win over the folder beside benchmarks.
sys.path.append(str(Path(__file__).parents[2]))
