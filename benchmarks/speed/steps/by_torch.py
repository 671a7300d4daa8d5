"""A step as a user of PyTorch writes it: the layers of a description as modules, AdamW, an average of the weights."""

from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from benchmarks.speed.steps import recipe
from benchmarks.speed.steps.description import Layer


def prepare(
    layers: list[Layer], shape: list[int], classes: int, batch: int, channels_last: bool = False, compiled: bool = False
) -> tuple[Any, dict[str, Any]]:
    """Build the network, and return its step, and facts.

    Args:
        channels_last: lays maps out that way in memory, and takes the fused optimiser.
        compiled: compiles forward and backward pass.
    """
    torch._dynamo.reset()
    network = Network(layers, shape)
    weights = sum(parameter.numel() for parameter in network.parameters())
    layout = torch.channels_last if channels_last else torch.contiguous_format
    network = network.to(memory_format=layout).train()
    forward = torch.compile(network) if compiled else network
    optimizer = torch.optim.AdamW(
        network.parameters(), lr=recipe.RATE, weight_decay=recipe.WEIGHT_DECAY, fused=True if channels_last else None
    )
    averaged = [parameter.detach().clone() for parameter in network.parameters()]

    def step(maps: np.ndarray, labels: np.ndarray) -> float:
        x = torch.from_numpy(maps).permute(0, 3, 1, 2).contiguous(memory_format=layout)
        optimizer.zero_grad(set_to_none=True)
        answer = forward(x)
        loss = functional.cross_entropy(answer, torch.from_numpy(labels), label_smoothing=recipe.LABEL_SMOOTHING)
        loss.backward()
        optimizer.step()
        with torch.no_grad():
            torch._foreach_lerp_(averaged, list(network.parameters()), 1 - recipe.AVERAGE_DECAY)
        return float(loss)

    return recipe.on_batches(step, shape, classes, batch), {"weights": weights, **runtime()}


def runtime() -> dict[str, Any]:
    """Return version and threads."""
    return {"version": torch.__version__, "threads": torch.get_num_threads()}


class Network(nn.Module):
    """A description's layers, on maps (b, channels, rows, frames)."""

    def __init__(self, layers: list[Layer], shape: list[int]) -> None:
        super().__init__()
        self.layers = layers
        x = {0: torch.zeros(2, shape[2], shape[0], shape[1])}
        self.parts = nn.ModuleList()
        for layer in layers:
            inputs = [x[number] for number in layer["inputs"]]
            self.parts.append(_make(layer, inputs[0]))
            x[layer["output"]] = self.parts[-1](*inputs)

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        """Return logits (b, n)."""
        x = {0: maps}
        for layer, part in zip(self.layers, self.parts, strict=True):
            x[layer["output"]] = part(*[x[number] for number in layer["inputs"]])
        return x[self.layers[-1]["output"]]


def _make(layer: Layer, x: torch.Tensor) -> nn.Module:
    kind, channels = layer["kind"], x.shape[1]
    if kind in ("conv", "depthwise"):
        return _convolution(layer, x)
    if kind == "strided_rows":
        return nn.Conv2d(channels, channels, (3, 1), (2, 1), (1, 0), groups=channels, bias=False)
    if kind == "norm":
        return nn.BatchNorm2d(channels, eps=layer["epsilon"], momentum=1 - layer["momentum"])
    if kind == "band_norm":
        return BandNorm(layer, channels)
    if kind == "dense":
        return nn.Linear(channels, layer["units"])
    if kind == "dropout":
        return nn.Dropout(layer["rate"])
    if kind == "map_dropout":
        return nn.Dropout2d(layer["rate"])
    if kind == "pad_frames":
        return nn.ZeroPad2d((layer["width"], layer["width"], 0, 0))
    return _Function(kind)


class _Function(nn.Module):
    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind = kind

    def forward(self, *x: torch.Tensor) -> torch.Tensor:
        if self.kind == "relu":
            return functional.relu(x[0])
        if self.kind == "silu":
            return functional.silu(x[0])
        if self.kind == "add":
            return x[0] + x[1]
        if self.kind == "mean_rows":
            return x[0].mean(dim=2, keepdim=True)
        if self.kind == "mean":
            return x[0].mean(dim=(2, 3))
        if self.kind == "rows_to_channels":  # (b, 1, rows, frames) to (b, rows, frames, 1)
            return x[0].permute(0, 2, 3, 1)
        raise ValueError(self.kind)


def _convolution(layer: Layer, x: torch.Tensor) -> nn.Module:
    """Return the convolution, behind a padding of its own where TensorFlow's "same" pads more on one side."""
    channels = x.shape[1]
    grouped = layer["kind"] == "depthwise"
    sides = [
        _same(*each) for each in zip(x.shape[2:], layer["kernel"], layer["strides"], layer["dilation"], strict=True)
    ]
    if layer["padding"] == "valid":
        sides = [(0, 0), (0, 0)]
    even = all(low == high for low, high in sides)
    convolution = nn.Conv2d(
        channels,
        channels if grouped else layer["filters"],
        layer["kernel"],
        layer["strides"],
        padding=tuple(low for low, _ in sides) if even else 0,
        dilation=layer["dilation"],
        groups=channels if grouped else 1,
        bias=layer["bias"],
    )
    return convolution if even else nn.Sequential(nn.ZeroPad2d((*sides[1], *sides[0])), convolution)


def _same(size: int, kernel: int, stride: int, dilation: int) -> tuple[int, int]:
    reach = (kernel - 1) * dilation + 1
    total = max((-(-size // stride) - 1) * stride + reach - size, 0)
    return total // 2, total - total // 2


class BandNorm(nn.Module):
    """Normalise each channel of each band of rows, with statistics of its own."""

    def __init__(self, layer: Layer, channels: int) -> None:
        super().__init__()
        self.bands = layer["bands"]
        self.even = len(set(self.bands)) == 1
        settings = {"eps": layer["epsilon"], "momentum": 1 - layer["momentum"]}
        if self.even:
            self.norm = nn.BatchNorm2d(channels * len(self.bands), **settings)
        else:
            self.norms = nn.ModuleList(nn.BatchNorm2d(channels, **settings) for _ in self.bands)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Normalise (b, channels, rows, frames)."""
        if self.even:  # as the authors of BC-ResNet write it
            b, c, rows, frames = x.shape
            folded = x.reshape(b, c * len(self.bands), rows // len(self.bands), frames)
            return self.norm(folded).reshape(b, c, rows, frames)
        return torch.cat([norm(part) for norm, part in zip(self.norms, x.split(self.bands, dim=2), strict=True)], dim=2)
