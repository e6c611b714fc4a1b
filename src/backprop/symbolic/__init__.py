"""任意の幅のネットワークを、SymPy の記号で扱う。

幅 ``N_l`` は数ではなく記号のままである。成分の族 ``z^l_j`` は `Family`、番号 ``j = 1, …, N_l`` は
`Index`、名前だけの活性化関数 ``f^l`` は `Layer.f` が表す。微分すると、同じ族の成分どうしから
クロネッカーのデルタが現れる。`resolve` は、その和を番号の範囲のもとで片づける。

数を入れる `backprop.symbolic.evaluation` だけが NumPy を使うので、ここでは取り込まない。
"""

from backprop.symbolic.functions import (
    ArbitraryFunction,
    DefinedFunction,
    arbitrary_function,
    expand_definitions,
    sigma,
    softmax,
    softplus,
    tanh,
)
from backprop.symbolic.identities import is_zero
from backprop.symbolic.left_sides import CostDerivative, LossDerivative, derivative_of, gradient_symbol
from backprop.symbolic.matrices import component, entries, matrix_pullback
from backprop.symbolic.network import ELL, Layer, Y, layers
from backprop.symbolic.notation import BATCH, Component, Family, Index, Kronecker, Partial, Partials
from backprop.symbolic.six_steps import derive_six_steps
from backprop.symbolic.sums import Terms, resolve
from backprop.symbolic.typesetting import Elementwise, Hadamard, Ones, Transposed, typeset
from backprop.symbolic.wrong_forms import mutants

__all__ = [
    "BATCH",
    "ELL",
    "ArbitraryFunction",
    "Component",
    "CostDerivative",
    "DefinedFunction",
    "Elementwise",
    "Family",
    "Hadamard",
    "Index",
    "Kronecker",
    "Layer",
    "LossDerivative",
    "Ones",
    "Partial",
    "Partials",
    "Terms",
    "Transposed",
    "Y",
    "arbitrary_function",
    "component",
    "derivative_of",
    "derive_six_steps",
    "entries",
    "expand_definitions",
    "gradient_symbol",
    "is_zero",
    "layers",
    "matrix_pullback",
    "mutants",
    "resolve",
    "sigma",
    "softmax",
    "softplus",
    "tanh",
    "typeset",
]
