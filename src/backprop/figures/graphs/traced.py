"""実装の記録から描く計算グラフ。"""

from __future__ import annotations

from collections.abc import Sequence

from backprop.autodiff import NodeTrace
from backprop.checks import Array, explained, sequence
from backprop.figures.drafting.inputs import worded
from backprop.figures.drafting.page import Figure
from backprop.figures.graphs.computational import computational_graph
from backprop.figures.graphs.layout import Wire

SYMBOLS = {
    "+": "$+$", "−": "$-$", "×": r"$\times$", "÷": r"$\div$", "@": r"$\cdot$", "ᵀ": r"$\top$",
    "Σ": r"$\Sigma$", "exp": r"$\exp$", "log": r"$\log$", "sigmoid": r"$\sigma$", "tanh": r"$\tanh$",
    "relu": "ReLU",
}  # fmt: skip
"""`backprop.autodiff` の演算の記号の、組み方。"""


@explained
@worded
def traced_graph(
    records: Sequence[NodeTrace],
    *,
    highlight: Sequence[str] = (),
    forward_key: str = "順伝播：値",
    backward_key: str = "逆伝播：勾配",
) -> Figure:
    """`backprop.autodiff.trace` の記録を、そのまま計算グラフに描く。

    要素が一つのノードには値と勾配を、ほかのノードにはそれらの形を書く。分岐するノードでは、線ごとに流れた勾配を
    それぞれの線に、和をノードの下に書く。

    Parameters
    ----------
    records : sequence of NodeTrace
        `backprop.autodiff.trace` の結果。ノードの名前は、``"$W^1$"`` のように書いておくと、そのまま節に組む。
        名前のないノードには、演算の記号を書く。
    highlight : sequence of str
        目立たせるノードの名前。
    forward_key, backward_key : str
        矢印の説明。

    Returns
    -------
    Figure

    Raises
    ------
    TypeError, ValueError
        記録でない、その名前のノードがない、深すぎる。

    Notes
    -----
    「計算グラフ」の章（22_computational_graph）による。

    Examples
    --------
    ``x * x`` では、同じ線を 3 が二度戻る。

    >>> from backprop.autodiff import Variable, trace
    >>> x = Variable(3.0, "$x$")
    >>> figure = traced_graph(trace(x * x + x))
    >>> [text.get_text() for text in figure.axes[0].texts].count("$6$")
    1
    """
    for record in sequence("records", records):
        if not isinstance(record, NodeTrace):
            raise TypeError(
                f"records は autodiff.trace の結果でなければなりませんが、{type(record).__name__} が含まれています。"
            )
    names = [record.name for record in records]
    for name in highlight:
        if name not in names:
            raise ValueError(f"highlight の {name!r} という名前のノードはありません。")
    nodes: dict[str, tuple[str, tuple[str, ...]]] = {}
    gradients: dict[str | Wire, object] = {}
    flows: dict[Wire, object] = {}
    for i, record in enumerate(records):
        nodes[str(i)] = _symbol(record), tuple(map(str, record.parents))
        gradients[str(i)] = _shown(record.gradient)
        for parent, part in zip(record.parents, record.parts):  # x * x では、一本の線に二つの勾配が流れる
            wire = str(parent), str(i)
            flows[wire] = flows[wire] + part if wire in flows else part
    return computational_graph(
        nodes,
        values={str(i): _shown(record.value) for i, record in enumerate(records)},
        gradients=gradients | {wire: _shown(part) for wire, part in flows.items()},
        highlight=[str(i) for i, name in enumerate(names) if name in highlight],
        forward_key=forward_key,
        backward_key=backward_key,
    )


def _symbol(record: NodeTrace) -> str:
    """節に書くもの: 名前があれば名前（数ならその組み方）、なければ演算の記号。"""
    if record.name:
        return f"${record.name}$" if record.name.lstrip("-").replace(".", "").isdigit() else record.name
    symbol = SYMBOLS.get(record.symbol, record.symbol)
    return rf"$(\;){symbol}$" if symbol.startswith("^") else symbol


def _shown(value: Array) -> object:
    """一つの数ならその値、ほかは形。"""
    return float(value.item()) if value.size == 1 else "$(" + r",\,".join(map(str, value.shape)) + ")$"
