"""One prepared program for a quarter of an hour on a machine with one large GPU: latency, traces, files, trainings.

What runs there imports JAX, NumPy, Keras and the parts of tfkws that need no more; see `benchmarks.gpu.program`.
"""

from tfkws import lean_imports

lean_imports.install()  # each step of the program is a process of its own
