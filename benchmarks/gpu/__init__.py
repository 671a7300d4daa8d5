"""One prepared program for a quarter of an hour on a machine with one large GPU: latency, traces, files, trainings.

What runs there imports JAX, NumPy, Keras and the parts of tfkws that need no more; see `benchmarks.gpu.program`.
"""
