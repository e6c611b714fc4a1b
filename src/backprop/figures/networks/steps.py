"""六つのステップの図。どの章でも同じネットワークの、そのステップが触れるところだけを目立たせる。

上の帯は、そのステップがアルゴリズムの何行めかを示す。
"""

from __future__ import annotations

from typing import Any

from backprop.checks import explained
from backprop.figures.drafting.inputs import step_number
from backprop.figures.drafting.page import Figure, drawing
from backprop.figures.networks.lines import here
from backprop.figures.networks.network import network

SIZES = (2, 3, 2)
"""本を通して使う標準のネットワーク。"""

_NODES = {0: "x", 1: "a", 2: "a"}

_PARTS: dict[int, dict[str, Any]] = {
    1: {  # 目標と比べるところまで描く。逆伝播はそこから始まる
        "sizes": (*SIZES, 1),
        "titles": ["入力層", "隠れ層", "出力層", "損失"],
        "node_labels": {**_NODES, (3, 1): r"$\mathcal{L}$"},
        "values": {(3, 1): r"目標 $y_1,\ y_2$"},
        "highlight_nodes": [2],
        "backward_edges": [3],
        "deltas": {(2, j): rf"$\partial\mathcal{{L}}/\partial a^2_{j}$" for j in (1, 2)},
    },
    2: {"highlight_nodes": [2], "deltas": {2: r"\delta"}},
    3: {"highlight_nodes": [1], "backward_edges": [2], "deltas": {1: r"\delta", 2: r"\delta"}},
    4: {
        "highlight_edges": [1, 2],
        "deltas": {1: r"\delta", 2: r"\delta"},
    },
    5: {"highlight_nodes": [1, 2], "deltas": {1: r"\delta", 2: r"\delta"}},
    6: {  # 動くのは重みとバイアスだけ。重みの名前は、どの線のものか紛れない上の2本にだけ書く
        "node_labels": {0: "x", 1: "b", 2: "b"},
        "edge_labels": {(l, 1, 1): rf"$w^{l}_{{11}}$" for l in (1, 2)},
        "highlight_nodes": [1, 2],
        "highlight_edges": [1, 2],
    },
}


@explained
@drawing
def step(number: int) -> Figure:
    """標準のネットワークの、ステップ1から6のどれかが触れるところと、アルゴリズムの中の場所。

    Parameters
    ----------
    number : int
        ステップの番号。1から6。

    Returns
    -------
    Figure

    Raises
    ------
    TypeError, ValueError
        番号が1から6の整数でない。

    Notes
    -----
    導出の章（31 から 36）で使う。

    Examples
    --------
    >>> figure = step(2)
    >>> r"$\\delta^{2}_{1}$" in [text.get_text() for text in figure.axes[0].texts]
    True
    """
    number = step_number(number)
    return here(network(**{"sizes": SIZES, "node_labels": _NODES, **_PARTS[number]}), number)
