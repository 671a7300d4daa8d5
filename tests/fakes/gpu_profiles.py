"""A profile of operators on a GPU, made up."""

from typing import Any

from tfkws.profiling.measure.gpu_operators import GpuOperator, GpuProfile, GpuRow


def profile(software: bool = True, refused: str = "", last_us: float | None = 150.0) -> dict[str, Any]:
    """Three operators, the last two in one row."""
    held = [
        GpuOperator(0, "CONV_2D", "conv", "Conv2D", 1000, 10, 40, 400, 90.0, ""),
        GpuOperator(1, "FULLY_CONNECTED", "logits", "Dense", 10, 10, 40, 80, 20.0, ""),
        GpuOperator(2, "SOFTMAX", "probabilities", "Softmax", 0, 0, 0, 24, 5.0, refused),
    ]
    rows = (
        GpuRow((held[0],), 80.0, (78.0, 83.0), "prefixes", 0.8),
        GpuRow((held[1], held[2]), 20.0, (15.0, 25.0), "prefixes", 0.2),
    )
    adapter = {"name": "SwiftShader", "software": software, "driver": "driver 1", "backend": "Vulkan"}
    operators: dict[str, Any] = {"gpu": 2 if refused else None, "cpu": 1 if refused else None, "refused": {}}
    facts = {
        "adapter": adapter, "precision": "float32", "fully_accelerated": not refused, "operators": operators
    }  # fmt: skip
    return GpuProfile(
        "m.tflite", "ab", "float32", "prefixes", "litert-gpu", "2.3.0", 1, 200, 20, facts, "It gives no events.", (),
        152.0, (150.0, 155.0), last_us, 50.0, 100.0, -0.013, True, 115.0, 0.086, (), {"cpu": "C"}, rows,
    ).to_dict()  # fmt: skip
