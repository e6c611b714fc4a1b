"""計算グラフと、その上の誤差逆伝播法。{ref}`計算グラフ <sec-graph>`の章に対応する。

- **演算**（`Operation`）は ``forward`` と ``backward`` の組である。``forward`` は値を求めて入力を覚え、
  ``backward`` は上流から来た勾配に局所的な微分を掛けて、入力ごとの勾配を返す。
- **ノード**（`Node`）は、値と、それをつくった演算と、演算の入力（親）を持つ。ふつうの式を書けばグラフになる。
- `gradients` はグラフを出力から逆にたどり、分岐では勾配を足す。どのノードも一度しか訪れない。

形は黙って合わせない。要素ごとの演算で引き伸ばすのは、階数が等しいときの長さ1の軸だけで、
``(N,)`` と ``(N, 1)`` は断る。引き伸ばした軸では、逆伝播のときに勾配を足し合わせて元の形に戻す。
"""

from backprop.autodiff.graph import NodeTrace, gradients, replace, topological_order, trace
from backprop.autodiff.nodes import Node, Operand, Variable, activate, affine, apply, exp, log
from backprop.autodiff.operation import Operation
from backprop.autodiff.operations import (
    Add,
    Affine,
    Broadcast,
    Divide,
    Elementwise,
    Exp,
    Log,
    MatMul,
    Mean,
    Multiply,
    Negate,
    Power,
    Reshape,
    Softmax,
    Subtract,
    Sum,
    Transpose,
)

__all__ = [
    "Add",
    "Affine",
    "Broadcast",
    "Divide",
    "Elementwise",
    "Exp",
    "Log",
    "MatMul",
    "Mean",
    "Multiply",
    "Negate",
    "Node",
    "NodeTrace",
    "Operand",
    "Operation",
    "Power",
    "Reshape",
    "Softmax",
    "Subtract",
    "Sum",
    "Transpose",
    "Variable",
    "activate",
    "affine",
    "apply",
    "exp",
    "gradients",
    "log",
    "replace",
    "topological_order",
    "trace",
]
