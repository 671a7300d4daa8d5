"""Names of functions that are used twice, in a process on JAX."""

from collections.abc import Callable

CODE = """
import jax, re
import jax.numpy as jnp
import numpy as np
from tfkws.profiling.trace.inline_jax import inlined, names_are_kept

def network(weights, x):
    for number in range(3):
        with jax.named_scope(f"tfkws.{number}"):
            x = jax.nn.silu(jax.nn.relu(x @ weights[number]))
    return x + jax.lax.scan(lambda carry, _: (carry * 0.5, None), x, None, length=3)[0]

weights = [jnp.asarray(np.random.default_rng(i).normal(size=(4, 4)), "float32") for i in range(3)]
x = jnp.ones((2, 4))
np.testing.assert_allclose(inlined(network)(weights, x), network(weights, x), rtol=1e-6)
texts = [jax.jit(f).lower(weights, x).compile().as_text() for f in (network, inlined(network))]
plain, named = (set(re.findall(r"tfkws.(\\d)/jit\\((?:relu|silu)\\)|tfkws.(\\d)/max", text)) for text in texts)
without_names = [re.sub(r", metadata=\\{[^}]*\\}", "", text).count(" = ") for text in texts]
relus = set(re.findall(r'tfkws.(\\d)/[^"]*max"', texts[1]))
assert relus == {"0", "1", "2"}, texts[1]
kept = set(re.findall(r'tfkws.(\\d)/[^"]*max"', texts[0])) == relus
assert kept == names_are_kept(), (jax.__version__, kept)
assert without_names[0] == without_names[1], without_names
print("as told")
"""


def test_every_layer_keeps_its_name_and_the_program_is_the_same(run_on_jax: Callable[..., str]) -> None:
    assert run_on_jax(CODE) == "as told\n"
