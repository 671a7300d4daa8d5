"""`tfkws doctor`: what is installed, what is broken, and the mend."""


def doctor() -> None:
    """Report versions, runtimes, decoders, microphone, GPU and known traps."""
