"""Write costs.json: parameters and multiply-accumulates of every registered network, by pen-and-paper arithmetic.

Independent of tfkws and of Keras: it walks the published tables, typed in again in compact form, with nothing but
integer sums. Run `python tests/golden/rebuild_costs.py`; see README.md for the sources.
"""

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any


class Tally:
    """A map of h x w x c and the running sums."""

    def __init__(self, h: Any, w: Any, c: Any = 1) -> None:
        self.h, self.w, self.c = h, w, c
        self.params = self.macs = self.convolutions = self.norms = self.dense_layers = 0

    def conv(
        self,
        c: Any,
        kh: Any = 1,
        kw: Any = None,
        sh: Any = 1,
        sw: Any = None,
        groups: Any = 1,
        bias: Any = False,
        norm: Any = True,
        padded: Any = True,
    ) -> Any:
        kw, sw = kh if kw is None else kw, sh if sw is None else sw
        out = lambda n, k, s: math.ceil(n / s) if padded else (n - k) // s + 1  # noqa: E731
        self.h, self.w = out(self.h, kh, sh), out(self.w, kw, sw)
        weights = kh * kw * (self.c // groups) * c
        self.params += weights + bias * c
        self.macs += weights * self.h * self.w
        self.convolutions += 1
        self.c = c
        if norm:
            self.norm()
        return self

    def norm(self, bands: Any = 1) -> None:
        self.params += 2 * self.c * bands
        self.norms += 1

    def depthwise(self, kh: Any, kw: Any = None, sh: Any = 1, sw: Any = None, **rest: Any) -> Any:
        return self.conv(self.c, kh, kw, sh, sw, groups=self.c, **rest)

    def branch(self, c: Any, kh: Any = 1, kw: Any = None, sh: Any = 1, sw: Any = None, **rest: Any) -> None:
        """A convolution beside the main path: counted, the map left as it is."""
        kept = self.h, self.w, self.c
        self.conv(c, kh, kw, sh, sw, **rest)
        self.h, self.w, self.c = kept

    def squeeze(self, width: Any, as_dense: Any) -> None:
        """Two layers with bias on the averaged 1 x 1 map."""
        self.params += 2 * self.c * width + width + self.c
        self.macs += 2 * self.c * width
        if as_dense:
            self.dense_layers += 2
        else:
            self.convolutions += 2

    def pool(self, size: Any = 2) -> None:
        self.h, self.w = self.h // size, self.w // size

    def dense(self, inputs: Any, outputs: Any) -> None:
        self.params += inputs * outputs + outputs
        self.macs += inputs * outputs
        self.dense_layers += 1

    def result(self, classes: Any, inputs: Any = None) -> Any:
        self.dense(self.c if inputs is None else inputs, classes)
        return self


def eights(value: Any) -> Any:
    """Nearest multiple of eight, at least eight, never more than a tenth below."""
    rounded = max(8, int(value + 4) // 8 * 8)
    return rounded + 8 if rounded < 0.9 * value else rounded


def rows(text: Any) -> Any:
    """Read a table of integers: rows by spaces, cells by commas."""
    return [tuple(map(int, row.split(","))) for row in text.split()]


def seed(units: Any, h: Any, w: Any, c: Any, classes: Any) -> Any:
    net = Tally(h, w, c)
    for number, unit in enumerate(units.split()):
        kernel, filters = unit.split(",")
        kh, kw = map(int, kernel.split("x"))
        net.conv(int(filters), kh, kw, 1, 2 if number == 0 else 1)
    return net.result(classes)


def inverted(
    net: Any, expansion: Any, c: Any, kernel: Any, stride: Any, squeeze_width: Any = 0, as_dense: Any = False
) -> None:
    if expansion != 1:
        net.conv(net.c * expansion)
    net.depthwise(kernel, sh=stride)
    if squeeze_width:
        net.squeeze(squeeze_width, as_dense)
    net.conv(c)


def mobilenet_v2(width: Any, h: Any, w: Any, c: Any, classes: Any) -> Any:
    net = Tally(h, w, c).conv(eights(32 * width), 3, sh=2)
    for t, channels, n, s in rows("1,16,1,1 6,24,2,2 6,32,3,2 6,64,4,2 6,96,3,1 6,160,3,2 6,320,1,1"):
        for i in range(n):
            inverted(net, t, eights(channels * width), 3, s if i == 0 else 1)
    return net.conv(eights(1280 * width) if width > 1 else 1280).result(classes)


def mnasnet(width: Any, h: Any, w: Any, c: Any, classes: Any) -> Any:
    net = Tally(h, w, c).conv(eights(32 * width), 3, sh=2)
    net.depthwise(3).conv(eights(16 * width))
    for t, channels, n, k, s in rows("3,24,3,3,2 3,40,3,5,2 6,80,3,5,2 6,96,2,3,1 6,192,4,5,2 6,320,1,3,1"):
        for i in range(n):
            inverted(net, t, eights(channels * width), k, s if i == 0 else 1)
    return net.conv(1280).result(classes)


EFFICIENTNET = "1,16,1,3,1 6,24,2,3,2 6,40,2,5,2 6,80,3,3,2 6,112,3,5,1 6,192,4,5,2 6,320,1,3,1"


def efficientnet(width: Any, depth: Any, h: Any, w: Any, c: Any, classes: Any) -> Any:
    net = Tally(h, w, c).conv(eights(32 * width), 3, sh=2)
    for t, channels, n, k, s in rows(EFFICIENTNET):
        for i in range(math.ceil(n * depth)):
            inverted(net, t, eights(channels * width), k, s if i == 0 else 1, squeeze_width=max(1, net.c // 4))
    return net.conv(eights(1280 * width)).result(classes)


V2 = {
    "s": "1,24,2,1,0 4,48,4,2,0 4,64,4,2,0 4,128,6,2,1 6,160,9,1,1 6,256,15,2,1",
    "m": "1,24,3,1,0 4,48,5,2,0 4,80,5,2,0 4,160,7,2,1 6,176,14,1,1 6,304,18,2,1 6,512,5,1,1",
    "l": "1,32,4,1,0 4,64,7,2,0 4,96,7,2,0 4,192,10,2,1 6,224,19,1,1 6,384,25,2,1 6,640,7,1,1",
    "xl": "1,32,4,1,0 4,64,8,2,0 4,96,8,2,0 4,192,16,2,1 6,256,24,1,1 6,512,32,2,1 6,640,8,1,1",
}


def efficientnet_v2(size: Any, h: Any, w: Any, c: Any, classes: Any) -> Any:
    net = Tally(h, w, c).conv(24, 3, sh=2)
    for t, channels, n, s, se in rows(V2[size]):
        for i in range(n):
            stride = s if i == 0 else 1
            if se:
                inverted(net, t, channels, 3, stride, squeeze_width=eights(net.c // 4), as_dense=True)
            else:
                net.conv(net.c * t, 3, sh=stride).conv(channels)
    return net.conv(1792).result(classes)


def densenet(depth: Any, growth: Any, h: Any, w: Any, c: Any, classes: Any) -> Any:
    net = Tally(h, w, c).conv(2 * growth, 3, norm=False)
    for block in range(3):
        for _ in range((depth - 4) // 6):
            before = net.c
            net.norm()
            net.conv(4 * growth).conv(growth, 3, norm=False)
            net.c = before + growth
        if block < 2:
            net.norm()
            net.conv(net.c // 2, norm=False).pool()
    net.norm()
    return net.result(classes)


def vgg(per_stage: Any, h: Any, w: Any, c: Any, classes: Any) -> Any:
    net = Tally(h, w, c)
    for channels, repeats in zip((64, 128, 256, 512, 512), per_stage, strict=True):
        for _ in range(repeats):
            net.conv(channels, 3, bias=True)
        net.pool()
    net.dense(net.h * net.w * net.c, 4096)
    net.dense(4096, 4096)
    return net.result(classes, 4096)


def bc_resnet(tau: Any, h: Any, w: Any, c: Any, classes: Any) -> Any:
    base = int(8 * tau)
    net = Tally(h, w, c).conv(2 * base, 5, sh=2, sw=1)
    for factor, repeats, stride in ((1, 2, 1), (1.5, 2, 2), (2, 4, 2), (2.5, 4, 1)):
        for i in range(repeats):
            if i == 0:
                net.conv(int(base * factor))
            net.depthwise(3, 1, stride if i == 0 else 1, 1, norm=False)
            net.norm(bands=5)
            rows, net.h = net.h, 1
            net.depthwise(1, 3).conv(net.c, norm=False)
            net.h = rows
    frames = net.w
    net.w += 4
    net.depthwise(5, norm=False, padded=False)
    assert (net.h, net.w) == (1, frames)  # noqa: S101
    return net.conv(4 * base).result(classes)


def mlperf(h: Any, w: Any, c: Any, classes: Any) -> Any:
    net = Tally(h, w, c).conv(64, 10, 4, 2, bias=True)
    for _ in range(4):
        net.depthwise(3, bias=True).conv(64, bias=True)
    return net.result(classes)


def tc_resnet(repeats: Any, width: Any, h: Any, w: Any, c: Any, classes: Any) -> Any:
    net = Tally(w, 1, h * c).conv(int(16 * width), 3, 1)
    for channels in (24, 32, 48):
        for i in range(repeats):
            k = int(channels * width)
            if i == 0:
                net.branch(k, 1, 1, 2, 1)
            net.conv(k, 9, 1, 2 if i == 0 else 1, 1).conv(k, 9, 1)
    return net.result(classes)


def matchboxnet(blocks: Any, sub_blocks: Any, channels: Any, h: Any, w: Any, c: Any, classes: Any) -> Any:
    net = Tally(w, 1, h * c)
    net.depthwise(11, 1, norm=False).conv(128)
    for block in range(blocks):
        net.branch(channels)
        for _ in range(sub_blocks):
            net.depthwise(13 + 2 * block, 1, norm=False).conv(channels)
    net.depthwise(29, 1, norm=False).conv(128).conv(128)
    return net.result(classes)


def mixednet(stem: Any, channels: Any, h: Any, w: Any, c: Any, classes: Any) -> Any:
    net = Tally(w, 1, h * c).conv(stem, 5, 1, 3, 1, norm=False, padded=False)
    for kernel in (5, 7, 9, 11):
        net.depthwise(kernel, 1, norm=False, padded=False).conv(channels)
    return net.result(classes, inputs=net.h * net.c)


A = (32, 32, 1, 2)
B = (40, 32, 1, 10)
TABLE_II = {
    "seed_cnn": "4x10,100 3x3,100 3x3,100 3x3,100 3x3,100 3x3,100",
    "kws1": "3x3,40 3x3,30 1x1,30 5x5,50 5x5,50 5x5,50",
    "kws2": "5x5,40 3x3,50 1x1,30 5x5,40 3x3,50 5x5,50",
    "kws3": "5x5,50 1x1,30 5x5,40 3x3,20 5x5,30 3x3,50",
    "kws4": "5x5,50 3x3,40 5x5,20 1x1,20 5x5,30 3x3,50",
    "kws5": "5x5,20 1x1,40 5x5,30 3x3,20 5x5,30 3x3,30",
    "kws6": "5x5,20 3x3,40 3x3,40 3x3,20 3x3,40 3x3,40",
    "kws7": "3x3,50 1x1,30 3x3,20 5x5,20 3x3,50 3x3,40",
    "kws8": "5x5,50 1x1,50 3x3,20 3x3,40 3x3,30 3x3,20",
    "kws9": "5x5,50 1x1,20 1x1,50 3x3,20 5x5,20 3x3,40",
    "kws10": "3x3,40 1x1,20 1x1,20 3x3,20 5x5,20 3x3,30",
    "kws11": "5x5,30 1x1,20 1x1,20 1x1,20 3x3,20 5x5,20",
    "kws12": "5x5,50 1x1,40 1x1,50 1x1,20 3x3,20 3x3,20",
}
MOBILENET_WIDTHS = {
    "mobilenetv2_0_35": 0.35,
    "mobilenetv2_0_5": 0.5,
    "mobilenetv2_0_75": 0.75,
    "dscnn": 1.0,
    "mobilenetv2_1_4": 1.4,
}
COEFFICIENTS = ((1.0, 1.0), (1.0, 1.1), (1.1, 1.2), (1.2, 1.4), (1.4, 1.8), (1.6, 2.2), (1.8, 2.6), (2.0, 3.1))


def networks() -> Iterator[Any]:
    """Yield (name, input and classes, tally)."""
    for name, units in TABLE_II.items():
        yield name, B, seed(units, *B)
    for name, width in MOBILENET_WIDTHS.items():
        yield name, A, mobilenet_v2(width, *A)
    for number, (width, depth) in enumerate(COEFFICIENTS):
        yield f"efficientnet_b{number}", A, efficientnet(width, depth, *A)
    for size in V2:
        yield f"effnetv2_{size}", A, efficientnet_v2(size, *A)
    for depth, growth in ((100, 12), (250, 24), (190, 40)):
        yield f"densenet_bc_{depth}_{growth}", A, densenet(depth, growth, *A)
    for name, width in (("mnasnet0_5", 0.5), ("mnasnet0_75", 0.75), ("mnasnet1_0", 1.0), ("mnasnet1_3", 1.3)):
        yield name, A, mnasnet(width, *A)
    for name, per_stage in (("vgg11", "11222"), ("vgg13", "22222"), ("vgg16", "22333"), ("cnn", "22444")):
        yield name, A, vgg(tuple(map(int, per_stage)), *A)
    for name, tau in (("1", 1), ("1_5", 1.5), ("2", 2), ("3", 3), ("6", 6), ("8", 8)):
        yield f"bc_resnet_{name}", (40, 98, 1, 12), bc_resnet(tau, 40, 98, 1, 12)
    yield "mlperf_ds_cnn", (49, 10, 1, 12), mlperf(49, 10, 1, 12)
    for name, repeats, width in (("8", 1, 1), ("8_1_5", 1, 1.5), ("14", 2, 1), ("14_1_5", 2, 1.5)):
        yield f"tc_resnet{name}", (40, 98, 1, 12), tc_resnet(repeats, width, 40, 98, 1, 12)
    for b, r, k in ((3, 1, 64), (3, 2, 64), (6, 2, 64)):
        yield f"matchboxnet_{b}x{r}x{k}", (64, 128, 1, 30), matchboxnet(b, r, k, 64, 128, 1, 30)
    for name, stem, channels in (("mixednet", 32, 64), ("mixednet_32", 16, 32)):
        yield name, (40, 98, 1, 2), mixednet(stem, channels, 40, 98, 1, 2)


def main() -> None:
    costs = {
        name: {
            "input_shape": list(shape[:3]),
            "num_classes": shape[3],
            "params": net.params,
            "macs": net.macs,
            "convolutions": net.convolutions,
            "batch_norms": net.norms,
            "dense_layers": net.dense_layers,
        }
        for name, shape, net in networks()
    }
    Path(__file__).with_name("costs.json").write_text(json.dumps(costs, indent=1) + "\n")


if __name__ == "__main__":
    main()
