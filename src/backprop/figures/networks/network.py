"""層を並べたネットワークの図。本の標準の絵であり、各章はその章で使うところだけに色をつける。"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from backprop.checks import explained
from backprop.figures.drafting.arrows import direction_key
from backprop.figures.drafting.page import Figure, drawing, sheet
from backprop.figures.drafting.text import text_at
from backprop.figures.drafting.widths import full_width, narrow
from backprop.figures.networks.plan import RADIUS, Labels, Plan, Selection
from backprop.figures.networks.wiring import Marks, draw
from backprop.figures.style import TEXT

WIDE_ROW = 1.25
PAIRED_ROW = 1.7


@explained
@drawing
def network(
    sizes: Sequence[int],
    *,
    node_labels: Labels | None = None,
    edge_labels: Labels | None = None,
    backward_labels: Labels | None = None,
    values: Labels | None = None,
    deltas: Labels | None = None,
    titles: Sequence[str] | None = None,
    highlight_nodes: Selection = (),
    highlight_edges: Selection = (),
    forward_edges: Selection = (),
    backward_edges: Selection = (),
    ellipsis: Selection = (),
    layer_names: Sequence[str] | None = None,
    index_names: Mapping[int, Sequence[str]] | None = None,
    key: bool = True,
) -> Figure:
    """層を左から右へ並べたネットワーク。色をつけたところのほかは、細い灰色で描く。

    ラベルは、層の番号から次のどれかへの対応で与える。文字（``"a"`` は :math:`a^l_j` に、``"w"`` は
    :math:`w^l_{jk}` になる）、配列（値を書き込む）。``(l, j)`` や ``(l, j, k)`` から文字列か数への対応でもよい。

    Parameters
    ----------
    sizes : list of int
        層ごとのニューロンの数。入力層が層0。
    node_labels : dict, optional
        ニューロンの中に書くもの。配列なら形は (N_l, 1)。
    edge_labels, backward_labels : dict, optional
        線の上に書くもの。配列なら形は (N_l, N_{l−1})。前者は順伝播の線、後者は逆伝播の線に載る。
    values, deltas : dict, optional
        ニューロンの上（順伝播の色）と下（逆伝播の色）に添えるもの。
    titles : list of str, optional
        層の名前。省くと、入力層・隠れ層・出力層。空のリストなら書かない。
    highlight_nodes, highlight_edges : iterable, optional
        目立たせるニューロンと線。
    forward_edges, backward_edges : iterable, optional
        順伝播の矢印、逆伝播の矢印を描く線。
    ellipsis : iterable, optional
        すぐ下に「⋮」を置くニューロン。「いくつでもよい」を表す。
    layer_names : list of str, optional
        記号の右肩に書く層の名前。たとえば ``["l", "l+1"]``。
    index_names : dict, optional
        層の番号から、記号の右下に書く添字のリストへの対応。たとえば ``{0: ["1", "j", "N_l"]}``。
    key : bool
        矢印を描いたとき、その説明を下に置くか。

    Returns
    -------
    Figure

    Raises
    ------
    TypeError, ValueError
        層の大きさが正の整数でない、ないニューロンや線を指した、配列の形が合わない。

    Notes
    -----
    記法は「順伝播」の章（21_forward_pass）による。

    Examples
    --------
    >>> figure = network([2, 3, 1], node_labels={0: "x", 1: "a", 2: r"\\hat{y}"}, forward_edges=[1])
    >>> sorted(text.get_text() for text in figure.axes[0].texts)[:3]
    ['$\\\\hat{y}_{1}$', '$a^{1}_{1}$', '$a^{1}_{2}$']
    """
    plan = Plan(sizes, layer_names, index_names, ellipsis)
    names = _titles(plan, titles)
    marks = Marks(
        lit_nodes=plan.select("highlight_nodes", highlight_nodes, plan.nodes),
        lit_edges=plan.select("highlight_edges", highlight_edges, plan.edges),
        forward=plan.select("forward_edges", forward_edges, plan.edges),
        backward=plan.select("backward_edges", backward_edges, plan.edges),
        node_text=plan.expand("node_labels", node_labels, plan.nodes),
        edge_text=plan.expand("edge_labels", edge_labels, plan.edges),
        backward_text=plan.expand("backward_labels", backward_labels, plan.edges),
        above=plan.expand("values", values, plan.nodes),
        below=plan.expand("deltas", deltas, plan.nodes),
    )
    for edge in marks.backward_text:
        if edge not in marks.backward:
            raise ValueError(f"backward_labels の {edge} には、backward_edges の矢印がありません。")
    has_key = key and bool(marks.forward or marks.backward)
    columns, height = _arrange(plan, marks, bool(names), has_key)

    figure, ax = sheet(height)
    for x, name in zip(columns, names):
        text_at(ax, x, height - 0.24, name, fontsize=TEXT)
    draw(ax, plan, marks)
    if has_key:
        words = "順伝播" if marks.forward else None, "逆伝播" if marks.backward else None
        direction_key(ax, 0.24, forward=words[0], backward=words[1])
    return figure


def _titles(plan: Plan, titles: Sequence[str] | None) -> list[str]:
    if titles is None:
        hidden = len(plan.sizes) - 2
        middle = ["隠れ層"] if hidden == 1 else [f"隠れ層{i}" for i in range(1, hidden + 1)]
        return ["入力層", *middle, "出力層"][: len(plan.sizes)]
    if titles and len(titles) != len(plan.sizes):
        raise ValueError(
            f"titles の数は層の数 {len(plan.sizes)} でなければなりませんが、{len(titles)} が与えられました。"
        )
    return list(titles)


def _arrange(plan: Plan, marks: Marks, named: bool, has_key: bool) -> tuple[list[float], float]:
    """ニューロンの場所を決める。返すのは、層ごとの横の位置と、図の高さ。"""
    if len(marks.edge_text) + len(marks.backward_text) > 4:  # 線の上に文字が多いときは、線どうしを離す
        row = WIDE_ROW if set(marks.forward).isdisjoint(marks.backward) else PAIRED_ROW
        plan.rows = [row * (1.15 if narrow() else 1.0)] * len(plan.sizes)
    top = 0.22 + (0.32 if named else 0.0) + (0.28 if marks.above else 0.0)
    bottom = 0.22 + (0.38 if has_key else 0.0) + (0.28 if marks.below else 0.0)
    tallest = max(plan.column_height(l) for l in range(len(plan.sizes)))
    gap = min(2.9, (full_width() - 1.7) / max(len(plan.sizes) - 1, 1))
    left = (full_width() - gap * (len(plan.sizes) - 1)) / 2
    columns = [left + gap * l for l in range(len(plan.sizes))]
    plan.arrange(columns, bottom + RADIUS + tallest / 2)
    return columns, top + bottom + tallest + 2 * RADIUS
