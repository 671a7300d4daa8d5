"""The smallest effort with which a wake word goes through every stage."""

from tfkws.config.wakeword import Effort

TINY = Effort(
    voices=8,
    takes=1,
    hard_negatives=4,
    negative_takes=2,
    sentences=4,
    validation_voices=3,
    training_hours=0.16,
    validation_hours=0.16,
    steps=24,
    rounds=2,
)
