"""審判: 式とプログラムが正しいかを、互いに独立なやりかたで決める。

- `seal` は、一つの式を、記号・数値・独立の三人の審判と、落ちるべき対照にかける（{ref}`検印 <sec-seals>`）。
- `check_gradient`、`check_gradients`、`check_layer`、`check_network` は、プログラムの勾配を数値微分と比べる
  （{ref}`勾配を確かめる <sec-gradient-check>`）。
- `backprop.judges.museum` は、わざと間違えた逆伝播に、誰が気づくかを調べる（{ref}`誤りの博物館 <sec-bug-museum>`）。

記号の式と数値のプログラムの両方を知っているのは、この部屋と、練習問題の部屋（`backprop.exercises`）だけである。
"""

from backprop.judges.cases import Case, NetworkCase, SampleCase, network_cases, operation_cases, sample_cases
from backprop.judges.differences import (
    METHODS,
    Method,
    NotAnalytic,
    best_step,
    central_difference,
    complex_step,
    forward_difference,
    richardson,
)
from backprop.judges.errors import norm_relative_error, relative_error
from backprop.judges.gradcheck import check_gradient, check_gradients, check_network
from backprop.judges.layercheck import check_layer
from backprop.judges.places import symbol
from backprop.judges.reports import GradientReport, GradientsReport, Kink, NetworkReport
from backprop.judges.sealing import MIME, Seal, SealBroken, seal

__all__ = [
    "METHODS",
    "MIME",
    "Case",
    "GradientReport",
    "GradientsReport",
    "Kink",
    "Method",
    "NetworkCase",
    "NetworkReport",
    "NotAnalytic",
    "SampleCase",
    "Seal",
    "SealBroken",
    "best_step",
    "central_difference",
    "check_gradient",
    "check_gradients",
    "check_layer",
    "check_network",
    "complex_step",
    "forward_difference",
    "network_cases",
    "norm_relative_error",
    "operation_cases",
    "relative_error",
    "richardson",
    "sample_cases",
    "seal",
    "symbol",
]
