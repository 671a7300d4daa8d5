"""A child that describes networks of the registry, and counts them, so that its parent need not load Keras."""

from benchmarks.speed.children import Message, serve
from benchmarks.speed.steps.networks import TimedNetwork


def answer(fields: Message) -> Message:
    """Return layers, multiply-accumulates and trainable weights of a `TimedNetwork`, given by its fields."""
    from benchmarks.speed.steps.description import describe
    from tfkws.cost.keras import count_keras

    model = TimedNetwork(**fields).build()
    weights = sum(weight.numpy().size for weight in model.trainable_weights)
    return {"layers": describe(model), "macs": count_keras(model).macs, "weights": weights}


if __name__ == "__main__":
    serve(lambda: answer)
