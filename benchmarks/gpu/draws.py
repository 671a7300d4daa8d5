"""Training batches made on the device: clips are drawn, shifted, scaled, mixed with noise, and become feature maps.

All of it on band powers, which add up as independent sounds do, so that no audio is needed.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.gpu.byte_maps import ByteMaps
from tfkws.config import AugmentConfig, FeatureConfig
from tfkws.features.mel import tables_of

if TYPE_CHECKING:
    import jax

DECIBELS = 10.0
LOUDEST_NOISE = 1e3  # times its own power; a silent clip would ask for none or for all of it

Draw = Callable[["jax.Array"], tuple["jax.Array", "jax.Array"]]


def to_features(powers: Any, features: FeatureConfig) -> Any:
    """Finish the front end on the device: logarithm, cosines where it has them, normalisation.

    Args:
        powers: float32 (n, bands, frames), band powers without the floor.

    Returns:
        float32 (n, rows, frames, 1).
    """
    import jax.numpy as jnp

    tables = tables_of(features)
    maps = jnp.log(powers + tables.floor)
    if tables.cosines is not None:
        maps = jnp.einsum("nbt,br->nrt", maps, tables.cosines, precision="highest")
    return ((maps - tables.mean[:, None]) * tables.scale[:, None])[..., None]


def to_powers(values: Any, maps: ByteMaps, features: FeatureConfig) -> Any:
    """Return band powers without the floor of bytes on the scale of `maps`, float32."""
    import jax.numpy as jnp

    from benchmarks.gpu.byte_maps import STEPS

    logarithms = maps.low + values.astype(jnp.float32) * ((maps.high - maps.low) / STEPS)
    return jnp.maximum(jnp.exp(logarithms) - tables_of(features).floor, 0.0)


def make_draw(
    clips: ByteMaps, labels: np.ndarray, noise: ByteMaps, features: FeatureConfig, augment: AugmentConfig, batch: int
) -> Draw:
    """Return a function from a random key to one augmented batch, for use inside a compiled loop.

    Args:
        labels: int (n,) of the clips.
        augment: shift, gain and noise; the other settings are of waveforms and masks, which are not used here.

    Returns:
        A function to (float32 (batch, rows, frames, 1), int32 (batch,)).
    """
    import jax
    import jax.numpy as jnp

    every, answers, sounds = jnp.asarray(clips.values), jnp.asarray(labels, jnp.int32), jnp.asarray(noise.values)
    most_frames = round(augment.shift_ms / 1e3 * features.sample_rate_hz / features.hop_samples)

    def draw(key: jax.Array) -> tuple[jax.Array, jax.Array]:
        pick, shift, gain, noisy, which, ratio = jax.random.split(key, 6)
        rows = jax.random.randint(pick, (batch,), 0, len(every))
        powers = to_powers(every[rows], clips, features)
        powers = shifted(powers, jax.random.randint(shift, (batch,), -most_frames, most_frames + 1))
        powers *= 10 ** (jax.random.uniform(gain, (batch, 1, 1), minval=-1, maxval=1) * augment.gain_db / DECIBELS)
        sound = to_powers(sounds[jax.random.randint(which, (batch,), 0, len(sounds))], noise, features)
        low, high = augment.noise_snr_db
        wanted = 10 ** (jax.random.uniform(ratio, (batch, 1, 1), minval=low, maxval=high) / DECIBELS)
        added = at_ratio(powers, sound, wanted)
        heard = jax.random.uniform(noisy, (batch, 1, 1)) < augment.noise_probability
        return to_features(powers + jnp.where(heard, added, 0.0), features), answers[rows]

    return draw


def shifted(powers: Any, frames: Any) -> Any:
    """Shift each map (n, bands, frames) by its own number of frames, later where it is positive; silence moves in."""
    import jax.numpy as jnp

    columns = jnp.arange(powers.shape[2])[None] - frames[:, None]
    inside = (columns >= 0) & (columns < powers.shape[2])
    moved = jnp.take_along_axis(powers, jnp.clip(columns, 0, powers.shape[2] - 1)[:, None, :], 2)
    return moved * inside[:, None, :]


def at_ratio(powers: Any, sound: Any, ratio: Any) -> Any:
    """Scale a sound so that the power of `powers` is `ratio` times its own, both summed over the map."""
    import jax.numpy as jnp

    own = jnp.maximum(sound.sum((1, 2), keepdims=True), 1e-9)
    return sound * jnp.minimum(powers.sum((1, 2), keepdims=True) / own / ratio, LOUDEST_NOISE)
