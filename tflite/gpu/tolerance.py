"""How far a GPU's answers may be from the CPU's, as probabilities."""

FLOAT32 = 1e-4  # other orders of the same sums
HALF = 0.02  # float16 has 11 bits; errors of 2^-11 a product add up over layers
INT8 = 8 / 256  # the accelerator computes int8 files in floating point: some roundings fall on the other side


def tolerance_for(precision: str, float_model: bool) -> float:
    """Return the largest allowed difference of a probability from the CPU's.

    Args:
        precision: "float32" or "half", of the accelerator.
        float_model: whether the file computes in floating point; others are int8.

    Example:
        >>> tolerance_for("float32", float_model=True), tolerance_for("half", float_model=False)
        (0.0001, 0.03125)
    """
    if not float_model:
        return INT8
    return FLOAT32 if precision == "float32" else HALF
