"""JAX before 0.7 compiles a function of one jaxpr once and gives it the name scopes of its first use.

`relu` in the fifth layer is then named after the first. Putting the bodies of such functions in place of their calls
keeps every name; the compiled program is the same. After
https://docs.jax.dev/en/latest/notebooks/Writing_custom_interpreters_in_Jax.html
"""

from collections.abc import Callable, Sequence
from typing import Any

NAMES_KEPT_FROM = (0, 7)
_CALLS = {
    "pjit": "jaxpr",
    "closed_call": "call_jaxpr",
    "custom_jvp_call": "call_jaxpr",
    "custom_vjp_call": "call_jaxpr",
}


def names_are_kept() -> bool:
    """Whether this JAX keeps the name scopes of functions that are used twice."""
    import jax

    return tuple(map(int, jax.__version__.split(".")[:2])) >= NAMES_KEPT_FROM


def inlined(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function of the same arguments with every call of a compiled function replaced by its body."""
    import jax

    def inline(weights: Any, inputs: Any) -> Any:
        closed = jax.make_jaxpr(function)(weights, inputs)
        return _run(closed.jaxpr, closed.consts, jax.tree.leaves((weights, inputs)))[0]

    return inline


def _run(jaxpr: Any, constants: Sequence[Any], arguments: Sequence[Any]) -> list[Any]:
    import jax

    values = dict(zip([*jaxpr.constvars, *jaxpr.invars], [*constants, *arguments], strict=True))

    def read(variable: Any) -> Any:
        return variable.val if hasattr(variable, "val") else values[variable]

    for equation in jaxpr.eqns:
        with jax.named_scope(str(equation.source_info.name_stack)):
            results = _results(equation, [read(variable) for variable in equation.invars])
        values.update(zip(equation.outvars, results, strict=True))
    return [read(variable) for variable in jaxpr.outvars]


def _results(equation: Any, inputs: Sequence[Any]) -> Sequence[Any]:
    body = equation.params.get(_CALLS.get(equation.primitive.name, ""))
    if body is not None:
        return _run(body.jaxpr, body.consts, inputs)
    functions, settings = equation.primitive.get_bind_params(equation.params)
    results = equation.primitive.bind(*functions, *inputs, **settings)
    return results if equation.primitive.multiple_results else [results]
