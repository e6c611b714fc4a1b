"""図の検査: 欠けた文字、重なり、はみ出し、色、矢印の向き、再現性、ノートブックでの表示、断られる入力。"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import matplotlib as mpl
import nbformat
import numpy as np
import pytest
from matplotlib.colors import LinearSegmentedColormap, to_hex
from matplotlib.lines import Line2D
from matplotlib.patches import Circle, Patch, PathPatch, Polygon, Rectangle
from matplotlib.text import Text
from matplotlib.textpath import TextPath
from nbclient import NotebookClient

from backprop import autodiff, figures
from backprop.activations import ACTIVATIONS
from backprop.figures import style
from backprop.figures.drafting.colourmaps import DARK_MAPS, DIVERGING, SEQUENTIAL, STEPS, ink_on, to_oklab
from backprop.figures.drafting.dark import dark, darkened
from backprop.figures.drafting.lettering import Letters, covering, lettering, outside, overlaps
from backprop.figures.drafting.numbers import number
from backprop.figures.drafting.spreading import spread
from backprop.figures.drafting.widths import NARROW, PHONE

pytestmark = pytest.mark.filterwarnings("error")

X = np.array([[0.0, 0.0, 1.0, 1.0], [0.0, 1.0, 0.0, 1.0]])
Y = np.array([[0.0, 1.0, 1.0, 0.0]])
INPUTS = ["(0, 0)", "(0, 1)", "(1, 0)", "(1, 1)"]
W = np.array([[0.1, -0.25, 0.3], [1.5, -0.075, 0.2], [0.9, 0.8, -1.25]])
W1 = np.array([[5.0, 5.2], [6.1, 6.0], [-1.0, 3.0]])
B1 = np.array([[-2.5], [-9.0], [-0.4]])
A1 = np.array([[0.02, 0.96, 0.95, 0.99], [0.01, 0.05, 0.06, 0.93], [0.5, 0.44, 0.2, 0.7]])
EPOCHS = np.arange(0.0, 10_001.0, 100.0)
WIDTHS = np.geomspace(1e-12, 1e-1, 23)
STARTS = np.random.default_rng(0)
COSTS = {
    "重み 0.1": 0.693 + 0.0005 * STARTS.standard_normal(400),
    "tanh、重み 1": np.where(STARTS.random(400) < 0.9, 0.01 + 0.005 * STARTS.random(400), 0.35),
}
NEURON = {
    "x": ("$x$", ()),
    "w": ("$w$", ()),
    "wx": (r"$\times$", ("x", "w")),
    "b": ("$b$", ()),
    "z": ("$+$", ("wx", "b")),
    "a": ("$f$", ("z",)),
    "y": ("$y$", ()),
    "loss": (r"$\mathcal{L}$", ("a", "y")),
}
NEURON_VALUES = {"x": 2.0, "w": -0.5, "wx": -1.0, "b": 0.3, "z": -0.7, "a": 0.3318, "y": 1.0, "loss": 1.103}
NEURON_GRADIENTS = {"loss": 1.0, "a": -3.01, "z": -0.668, "wx": -0.668, "b": -0.668, "w": -1.34, "x": 0.334}
DIAMOND = {
    "x": ("$x$", ()),
    "u": ("$x^2$", ("x",)),
    "v": (r"$\sin$", ("x",)),
    "s": ("$+$", ("u", "v")),
}
SKIP = {
    "x": ("$x$", ()),
    "e": (r"$\exp$", ("x",)),
    "q": ("$+1$", ("e",)),
    "d": (r"$\div$", ("x", "q")),
    "o": (r"$\log$", ("d",)),
}
LAYERS = {
    "X": ("$X$", ()),
    "W1": ("$W^1$", ()),
    "p1": (r"$\cdot$", ("W1", "X")),
    "b1": ("$b^1$", ()),
    "z1": ("$+$", ("p1", "b1")),
    "a1": ("$f$", ("z1",)),
    "W2": ("$W^2$", ()),
    "p2": (r"$\cdot$", ("W2", "a1")),
    "b2": ("$b^2$", ()),
    "z2": ("$+$", ("p2", "b2")),
    "loss": (r"$\mathcal{L}$", ("z2",)),
}
SHOP = {
    "apple": ("$p_1$", ()),
    "apples": ("$n_1$", ()),
    "m1": (r"$\times$", ("apple", "apples")),
    "orange": ("$p_2$", ()),
    "oranges": ("$n_2$", ()),
    "m2": (r"$\times$", ("orange", "oranges")),
    "s": ("$+$", ("m1", "m2")),
    "tax": ("$t$", ()),
    "price": (r"$\times$", ("s", "tax")),
}


def traced_neuron() -> list[autodiff.NodeTrace]:
    """ニューロン1個と損失の計算グラフ。"""
    leaves = ((2.0, "$w$"), (1.0, "$x$"), (-2.0, "$b$"), (1.0, "$y$"))
    w, x, b, y = (autodiff.Variable(value, name) for value, name in leaves)
    return autodiff.trace(0.5 * (autodiff.activate("sigmoid", w * x + b) - y) ** 2)


def traced_network() -> list[autodiff.NodeTrace]:
    """2–3–2 のネットワークの計算グラフ。"""
    rng = np.random.default_rng(0)
    shapes = {"X": (2, 4), "Y": (2, 4), "W^1": (3, 2), "b^1": (3, 1), "W^2": (2, 3), "b^2": (2, 1)}
    v = {n: autodiff.Variable(rng.normal(size=shape), f"${n}$") for n, shape in shapes.items()}
    A = v["X"]
    for l in (1, 2):
        Z = autodiff.apply(autodiff.Affine(), v[f"W^{l}"], A, v[f"b^{l}"], name=f"$Z^{l}$")
        A = autodiff.activate("tanh", Z)
    return autodiff.trace(((A - v["Y"]) ** 2).mean())


def traced_branch() -> list[autodiff.NodeTrace]:
    """入り口で枝分かれするグラフ。"""
    p, n, q, r = (
        autodiff.Variable(v, f"${s}$") for v, s in ((120.0, "p"), (4.0, "n"), (80.0, "q"), (0.75, "r"))
    )
    return autodiff.trace((p * n + n * q) * r)


def trained(sharpness: float):
    sigmoid = ACTIVATIONS["sigmoid"].value
    return lambda X: sigmoid(sharpness * (np.array([[9.0, -10.0, 1.0]]) @ sigmoid(W1 @ X + B1) - 4))


def slide(rate: float) -> np.ndarray:
    return 2.5 * (1 - rate) ** np.arange(20.0)


def descent(rate: float) -> np.ndarray:
    path = [np.array([2.5, 1.5])]
    for _ in range(12):
        path.append(path[-1] - rate * np.array([path[-1][0], 10 * path[-1][1]]))
    return np.array(path).T


def bowl(u: float, v: float) -> float:
    return 0.5 * u * u + 5 * v * v + 0.01


SOFTPLUS = (ACTIVATIONS["softplus"].value, ACTIVATIONS["softplus"].derivative)

DRAWINGS = {
    "network": lambda: figures.network(
        [2, 3, 1],
        node_labels={0: "x", 1: "a", 2: r"\hat{y}"},
        edge_labels={1: "w", 2: "w"},
        forward_edges=[1, 2],
    ),
    "network_full": lambda: figures.network(
        [3, 3, 3],
        node_labels={0: "x", 1: "a", 2: "a"},
        edge_labels={1: W, 2: "w"},
        values={1: "z"},
        deltas={2: r"\delta"},
        highlight_nodes=[(1, 2)],
        forward_edges=[1],
        backward_edges=[2],
    ),
    "network_both": lambda: figures.network(
        [2, 2, 2],
        node_labels={0: "x", 1: "a", 2: "a"},
        edge_labels={1: "w", 2: "w"},
        backward_labels={2: W[:2, :2]},
        forward_edges=[1, 2],
        backward_edges=[1, 2],
    ),
    "network_wide": lambda: figures.network(
        [3, 4, 4, 2],
        node_labels={0: "x", 1: "a"},
        edge_labels={(2, 2, 3): "$w^2_{23}$"},
        highlight_nodes=[(2, 2)],
        highlight_edges=[(2, 2, 3)],
        ellipsis=[(1, 3), (2, 3)],
        index_names={1: ["1", "2", "3", "N_1"]},
    ),
    "network_layer": lambda: figures.network(
        [3, 1],
        titles=["層 $l-1$", "層 $l$"],
        layer_names=["l-1", "l"],
        index_names={0: ["1", "k", "N_{l-1}"], 1: ["j"]},
        node_labels={0: "a", 1: "z"},
        edge_labels={1: "w"},
        ellipsis=[(0, 1), (0, 2)],
        forward_edges=[1],
        highlight_nodes=[1],
    ),
    "hidden_delta_symbols": figures.hidden_delta_paths,
    "output_delta_paths": figures.output_delta_paths,
    "hidden_delta_numbers": lambda: figures.hidden_delta_paths(
        np.array([2.0, -1.0, 0.5]), np.array([0.1, 0.4, -0.2]), 0.25
    ),
    "neuron": figures.neuron,
    "neuron_dots": lambda: figures.neuron(
        inputs=["$a_1$", "$a_2$", "$a_n$"], weights=["$w_1$", "$w_2$", "$w_n$"], dots=True
    ),
    "neuron_numbers": lambda: figures.neuron(
        inputs=[1.0, 2.0], weights=[0.5, -0.5], bias=0.1, z=-0.4, output=0.401
    ),
    "graph_neuron": lambda: figures.computational_graph(
        NEURON, values=NEURON_VALUES, gradients=NEURON_GRADIENTS
    ),
    "graph_diamond": lambda: figures.computational_graph(
        DIAMOND,
        values={"x": 2.0, "u": 4.0, "v": 0.909, "s": 4.909},
        gradients={"s": 1.0, "u": 1.0, "v": 1.0, ("x", "u"): 4.0, ("x", "v"): -0.416, "x": 3.584},
        highlight=["x"],
    ),
    "graph_skip": lambda: figures.computational_graph(
        SKIP,
        values={"x": 1.0, "e": 2.718, "q": 3.718, "d": 0.269, "o": -1.31},
        gradients={
            "o": 1.0, "d": 3.718, "q": -0.27, "e": -0.27, ("x", "e"): -0.731, ("x", "d"): 1.0, "x": 0.269,
        },
    ),
    "graph_shop": lambda: figures.computational_graph(
        SHOP,
        values={
            "apple": 100.0, "apples": 2.0, "m1": 200.0, "orange": 150.0, "oranges": 3.0, "m2": 450.0,
            "s": 650.0, "tax": 1.1, "price": 715.0,
        },
        gradients={
            "price": 1.0, "s": 1.1, "tax": 650.0, "m1": 1.1, "m2": 1.1, "apple": 2.2, "apples": 110.0,
            "orange": 3.3, "oranges": 165.0,
        },
    ),
    "network_deep": lambda: figures.network(
        [2, 3, 3, 1],
        node_labels={0: "x"},
        edge_labels={1: "w", 2: "w", 3: "w"},
        values={1: "z", 2: "z", 3: "z"},
        deltas={1: r"\delta", 2: r"\delta", 3: r"\delta"},
        forward_edges=[1, 2, 3],
        backward_edges=[1, 2, 3],
    ),
    "network_four": lambda: figures.network(
        [4, 4], edge_labels={1: np.linspace(-1, 1, 16).reshape(4, 4)}, forward_edges=[1]
    ),
    "hidden_delta_long": lambda: figures.hidden_delta_paths(
        np.array([-0.00157, 0.9]), np.array([-0.000237, -0.000629]), 0.123456
    ),
    "graph_deep": lambda: figures.computational_graph(
        LAYERS,
        values=dict.fromkeys(LAYERS, "$(2, m)$"),
        gradients=dict.fromkeys(LAYERS, "$(2, m)$"),
    ),
    "graph_structure": lambda: figures.computational_graph(SKIP),
    "traced_neuron": lambda: figures.traced_graph(traced_neuron()),
    "traced_network": lambda: figures.traced_graph(traced_network()),
    "traced_branch": lambda: figures.traced_graph(traced_branch(), highlight=["$n$"]),
    "wire_symbols": figures.wire_gradients,
    "wire_numbers": lambda: figures.wire_gradients(np.array([0.5, 0.0, -2.0]), 0.2),
    "wire_bias": lambda: figures.wire_gradients(bias=True),
    "wire_bias_numbers": lambda: figures.wire_gradients(np.array([-0.125, -1.25, 0.075]), -0.375, bias=True),
    "table": lambda: figures.weight_table(W[:2]),
    "table_row": lambda: figures.weight_table(W[:2], inputs=W[:1].T, row=2),
    "table_column": lambda: figures.weight_table(W, returned=W[:, :1], column=2),
    "table_both": lambda: figures.weight_table(W, inputs=W[:1].T, returned=W[:, 1:2], row=3, column=1),
    "table_square": lambda: figures.weight_table(
        W[:2, :2], inputs=W[:2, :1], returned=W[:2, :1], row=1, column=2
    ),
}  # fmt: skip

CHARTS = {
    "matrices_shapes": lambda: figures.matrices(
        [
            ("$W^l$", (3, 2), r"$(N_l,\,N_{l-1})$"),
            "",
            ("$A^{l-1}$", (2, 4), r"$(N_{l-1},\,m)$"),
            "$+$",
            ("$b^l$", (3, 1), r"$(N_l,\,1)$"),
            "$=$",
            ("$Z^l$", (3, 4), r"$(N_l,\,m)$"),
        ],
        highlight=[(1, 2, None), (2, None, 3), (3, 2, 3), (4, 2, 3)],
        stretched={3: (3, 4)},
    ),
    "matrices_numbers": lambda: figures.matrices(
        [
            ("$X$", np.array([[1.25, -0.125, 2.0], [0.5, -1.0, -0.75]])),
            r"$\to$",
            ("$b$", np.array([[0.5], [-1.0]])),
        ]
    ),
    "matrices_symbols": lambda: figures.matrices(
        [("$W^1$", [[f"$w^1_{{{j}{k}}}$" for k in (1, 2)] for j in (1, 2, 3)])], highlight=[(1, 3, None)]
    ),
    "loss_curve": lambda: figures.loss_curve(
        {
            r"$\eta=0.1$": (EPOCHS, 0.69315 + 0.02 * np.exp(-EPOCHS / 500)),
            r"$\eta=1$": (EPOCHS, 0.7 * np.exp(-EPOCHS / 3000)),
            "tanh、重み 1": (EPOCHS, 0.68 * np.exp(-EPOCHS / 2800) + 0.01),
        },
        references={r"$\ln 2$": np.log(2)},
    ),
    "loss_curve_log": lambda: figures.loss_curve({"": (EPOCHS, 0.7 * np.exp(-EPOCHS / 3000))}, log=True),
    "loss_curve_tiny": lambda: figures.loss_curve({"A": (EPOCHS, 1.5e-6 + 1e-10 * EPOCHS)}),
    "line_plot": lambda: figures.line_plot(
        {"前進差分": (WIDTHS, WIDTHS + 1e-16 / WIDTHS), "中心差分": (WIDTHS, WIDTHS**2 + 1e-16 / WIDTHS)},
        x="刻み $h$",
        y="相対誤差",
        log_x=True,
        log_y=True,
        markers=True,
    ),
    "activation_plot": lambda: figures.activation_plot(
        {
            name: (ACTIVATIONS[name].value, ACTIVATIONS[name].derivative)
            for name in ("sigmoid", "tanh", "relu", "leaky_relu", "softplus", "identity")
        }
    ),
    "final_costs": lambda: figures.final_costs(COSTS, solved_below=0.1, references={r"$\ln 2$": np.log(2)}),
    "final_costs_log": lambda: figures.final_costs(COSTS, solved_below=0.1, log=True),
    "final_costs_near": lambda: figures.final_costs(
        COSTS, solved_below=0.6, references={r"$\ln 2$": np.log(2), "0.65": 0.65, "0.67": 0.67}
    ),
    "heatmap": lambda: figures.heatmap(
        np.linspace(0, 1, 24).reshape(4, 6),
        ["sigmoid、幅 2", "sigmoid、幅 3", "tanh、幅 3", "ReLU、幅 8"],
        ["0.01", "0.1", "0.3", "1", "3", "10"],
        rows="条件",
        columns="重みの標準偏差",
        title="XOR が解けた割合",
        percent=True,
    ),
    "outer_product": lambda: figures.outer_products(W[:, :1], W[:, 1:2]),
    "outer_products": lambda: figures.outer_products(W[:, :2], W[:2, 1:]),
    "hidden_representation": lambda: figures.hidden_representation(A1, INPUTS, Y),
    "hidden_representation_plane": lambda: figures.hidden_representation(A1[:2], INPUTS, Y),
    "decision_surface": lambda: figures.decision_surface(trained(1.0), X, Y, title="学習のあと"),
    "decision_surfaces": lambda: figures.decision_surfaces(
        [trained(t) for t in (0.0, 0.1, 0.3, 1.0)], X, Y, [f"{n} エポック" for n in (0, 100, 1000, 10_000)]
    ),
    "hidden_boundaries": lambda: figures.hidden_boundaries(W1, B1, X, Y),
    "hidden_boundaries_outside": lambda: figures.hidden_boundaries(W1, B1 - 90, X, Y),
    "loss_surface": lambda: figures.loss_surface(
        bowl,
        (-3.0, 3.0),
        (-2.0, 2.0),
        paths={r"$\eta=0.05$": descent(0.05), r"$\eta=0.18$": descent(0.18)},
    ),
    "loss_surface_relief": lambda: figures.loss_surface(
        bowl, (-3.0, 3.0), (-2.0, 2.0), relief=True, log=True
    ),
    "descent": lambda: figures.descent(
        lambda w: w**2 / 2,
        (-3.0, 3.0),
        {rf"$\eta={rate}$": slide(rate) for rate in (0.1, 1.0, 1.9, 2.0, 2.1)},
    ),
    "descent_two": lambda: figures.descent(
        lambda w: w**4 / 4 - w**2 / 2 + 0.2 * w,
        (-2.6, 2.6),
        {"左から": slide(1.5), "右から": slide(0.5)},
    ),
    "layer_norms": lambda: figures.layer_norms(
        {
            name: {f"傾き {rate}": (rate ** np.arange(49.0),) * 2 for rate in (0.3, 0.9, 1.1)}
            for name in ("シグモイド", "tanh", "ReLU", "恒等関数")
        },
        y=r"$\|\delta^l\|\,/\,\|\delta^{49}\|$",
    ),
    "layer_norms_two": lambda: figures.layer_norms(
        {name: {"He": (slide(0.2), slide(0.3))} for name in ("学習の前", "学習のあと")}, y="大きさ", every=4
    ),
}
LOSSES = {
    "likelihoods": lambda: figures.likelihoods([1.0, 2.0], np.array([1.2, 0.7, 1.1]), 0.5),
    "likelihoods_one": lambda: figures.likelihoods([-0.25], np.array([0.1]), 0.02),
    "loss_and_slope": lambda: figures.loss_and_slope(
        {"2乗": (np.square, lambda z: 2 * z), "指数関数": (np.exp, np.exp), "softplus": SOFTPLUS},
        (-3.0, 2.0),
        x="加重和 $z$",
        slope=r"$d\mathcal{L}/dz$",
    ),
    "tangents": lambda: figures.tangents(
        {
            name: (np.square, lambda u: 2 * u)
            for name in ("平均二乗誤差", "二乗誤差の半分", "クロスエントロピー")
        },
        0.7,
        (-1.0, 1.0),
        x=r"$a^L_1$",
    ),
    "tangents_one": lambda: figures.tangents({"2乗": (np.square, lambda u: 2 * u)}, 0.5, (0.0, 1.0), x="$u$"),
}
COLUMN = 358
"""電話（390 px）の段の幅。"""

MAPPED = {to_hex(colours(i)) for pair in DARK_MAPS for colours in pair for i in range(STEPS)}
"""濃淡の地図の色。"""

PICTURES = {f"step_{number}": lambda number=number: figures.step(number) for number in range(1, 7)}
PICTURES["applications"] = figures.applications
PICTURES["verdicts"] = lambda: figures.verdicts(
    {
        "対照": {"正しい実装": {"損失": False, "中心差分": False}},
        "隠れ層": {
            "転置を忘れる": {"損失": False, "中心差分": True},
            "道を上書きする": {"損失": True, "中心差分": True},
        },
    },
    {"中心差分": "中心\n差分"},
)
IDEAS = {
    "gears": lambda: figures.gears([(36, 18), (27, 18)]),
    "gears_three": lambda: figures.gears([(20, 10), (12, 24), (30, 20)], ["x", "s", "t", "v"]),
    "gears_one": lambda: figures.gears([(30, 20)], ["x", "u"]),
    "learning_loop": figures.learning_loop,
    "learning_loop_numbers": lambda: figures.learning_loop(
        weight=-0.632, cost=0.0311, gradient=-0.000123, learning_rate=0.1
    ),
}
GALLERY = DRAWINGS | CHARTS | PICTURES | IDEAS | LOSSES


@cache
def drawn(name: str) -> tuple[figures.Figure, str]:
    """図と、その SVG。描くのは一度だけ。"""
    figure = GALLERY[name]()
    return figure, figure.svg()


SHEETS = ("wide", "narrow")


def on(sheet: str, name: str) -> figures.Figure:
    """広い紙か、電話のための狭い紙に描いた図。"""
    figure = drawn(name)[0]
    return figure if sheet == "wide" else figure.narrow


@cache
def letters(sheet: str, name: str) -> list[Letters]:
    """描かれた文字。"""
    return lettering(on(sheet, name))


each_sheet = pytest.mark.parametrize("sheet", SHEETS)


def _is_shown(artist: object) -> bool:
    """線・面・文字のうち、実際に描かれるもの。"""
    if not isinstance(artist, Line2D | Patch | Text) or not artist.get_visible():
        return False
    if isinstance(artist, Text):
        return bool(artist.get_text().strip()) and _is_drawn(artist, artist.get_figure(root=True))
    ax = artist.axes
    return ax is None or ax.axison or artist in ax.get_children()


def _is_drawn(artist: Text, figure: figures.Figure) -> bool:
    """目盛りの候補のうち、範囲の外で描かれないものと、枠を消した軸の目盛りを除く。"""
    for ax in figure.axes:
        if ax.name == "3d" and artist in ax.findobj(Text):
            return False  # 立体の図の目盛りの場所は、投影で決まる
        if not ax.axison and artist in ax.findobj(Text) and artist not in ax.texts:
            return False
        for axis, interval in ((ax.xaxis, ax.get_xlim()), (ax.yaxis, ax.get_ylim())):
            ticks = [t for t in axis.get_major_ticks() if artist in (t.label1, t.label2)]
            if ticks:
                ends = axis.get_transform().transform(np.array([*interval, ticks[0].get_loc()]))
                return -1e-6 <= (ends[2] - ends[0]) / (ends[1] - ends[0]) <= 1 + 1e-6
    return True


def in_circles(figure: figures.Figure) -> Iterator[tuple[Circle, np.ndarray]]:
    """丸と、その中に書いた文字の、墨の四隅（インチ）。"""
    for ax in figure.axes:
        circles = [patch for patch in ax.patches if isinstance(patch, Circle)]
        for text in (
            text
            for text in ax.texts
            if text.get_text() and text.get_ha() == "left" and text.get_va() == "baseline"
        ):
            ink = TextPath((0, 0), text.get_text(), size=text.get_fontsize(), prop=text.get_fontproperties())
            corners = ink.get_extents().corners() / 72 + text.get_position()
            middle = corners.mean(axis=0)
            for circle in circles:
                if np.hypot(*(middle - circle.center)) < 0.1 * circle.radius:
                    yield circle, corners


@pytest.mark.long
class TestLooks:
    """見た目のうち、機械に判定できるもの。"""

    def test_every_function_is_in_the_gallery(self) -> None:
        functions = {name for name in figures.__all__ if callable(getattr(figures, name))} - {"Figure"}
        sources = {name: draw.__code__.co_names for name, draw in GALLERY.items() if "<lambda>" in repr(draw)}
        used = {name for names in sources.values() for name in names}
        used |= {draw.__name__ for draw in GALLERY.values()}
        assert functions <= used

    @pytest.mark.parametrize("name", GALLERY)
    def test_no_missing_glyph_and_no_warning(self, name: str) -> None:
        assert drawn(name)[1]  # 欠けた字形は警告になり、警告は失敗になる

    @pytest.mark.parametrize("name", GALLERY)
    def test_size(self, name: str) -> None:
        figure, svg = drawn(name)
        width, height = map(int, re.search(r'width="(\d+)" height="(\d+)"', svg).groups())
        assert width == 100 * style.WIDTH
        assert 0.25 < height / width < 1.05
        assert len(gzip.compress(svg.encode(), 9)) < 50_000
        assert figure.narrow.get_size_inches()[0] in [sheet.width for sheet in NARROW]

    @pytest.mark.parametrize("name", GALLERY)
    def test_a_raster_would_not_be_smaller(self, name: str) -> None:
        alone = re.sub(r"(?s)<metadata>.*</metadata>", "", drawn(name)[1])
        assert len(gzip.compress(alone.encode(), 9)) < len(drawn(name)[0].png())

    @each_sheet
    @pytest.mark.parametrize("name", GALLERY)
    def test_texts_do_not_overlap(self, name: str, sheet: str) -> None:
        assert not overlaps(letters(sheet, name))

    @each_sheet
    @pytest.mark.parametrize("name", GALLERY)
    def test_texts_stay_on_the_page(self, name: str, sheet: str) -> None:
        assert not outside(on(sheet, name), letters(sheet, name))

    @each_sheet
    @pytest.mark.parametrize("name", GALLERY)
    def test_texts_stay_off_other_circles(self, name: str, sheet: str) -> None:
        assert not covering(on(sheet, name), letters(sheet, name))

    @pytest.mark.parametrize("name", GALLERY)
    def test_texts_are_large_enough(self, name: str) -> None:
        assert min(text.size for text in letters("wide", name)) >= 10

    @pytest.mark.parametrize("name", GALLERY)
    def test_texts_can_be_read_on_a_phone(self, name: str) -> None:
        # 段より広い図は、縮めずに横に動かす。
        smallest = min(text.size for text in letters("narrow", name))
        assert smallest / 72 * COLUMN / PHONE >= 11

    @each_sheet
    @pytest.mark.parametrize("name", GALLERY)
    def test_letters_stay_inside_their_circle(self, name: str, sheet: str) -> None:
        for circle, corners in in_circles(on(sheet, name)):
            assert np.hypot(*(corners - circle.center).T).max() <= circle.radius

    @pytest.mark.parametrize("name", DRAWINGS)
    def test_labels_do_not_cover_arrowheads(self, name: str) -> None:
        halo = 1.6 * style.DPI / 72
        ax = drawn(name)[0].axes[0]
        nodes = [patch.get_window_extent() for patch in ax.patches if isinstance(patch, Circle)]
        middles = [(box, box.min + box.size / 2) for _, box, _ in letters("wide", name)]
        boxes = [b.padded(halo) for b, at in middles if not any(node.contains(*at) for node in nodes)]
        heads = [p for p in drawn(name)[0].axes[0].patches if type(p) is Polygon]
        for head in heads:
            corners = head.get_transform().transform(head.get_xy())
            assert not [box for box in boxes for corner in corners if box.contains(*corner)]

    @pytest.mark.parametrize("name", GALLERY)
    def test_colours_come_from_the_palette(self, name: str) -> None:
        used = set()
        for artist in drawn(name)[0].findobj(_is_shown):
            if isinstance(artist, Patch):
                used |= {artist.get_facecolor(), artist.get_edgecolor()}
            else:
                used.add(mpl.colors.to_rgba(artist.get_color()))
        used = {to_hex(colour) for colour in used if colour[3] > 0}
        assert used - MAPPED <= style.PALETTE

    @pytest.mark.parametrize("name", GALLERY)
    def test_every_colour_has_one_for_the_dark(self, name: str) -> None:
        svg = drawn(name)[1]
        used = set(re.findall(r"#[0-9a-f]{6}\b", svg))
        assert used - MAPPED <= style.PALETTE
        assert {dark(colour) for colour in used}
        night = darkened(svg)
        assert 'fill="#ffffff"' not in night
        assert re.sub(r"#[0-9a-f]{6}\b|base64,[^\"]+", "", night) == re.sub(
            r"#[0-9a-f]{6}\b|base64,[^\"]+", "", svg
        )

    @pytest.mark.parametrize("name", DRAWINGS)
    def test_forward_points_right_and_backward_left(self, name: str) -> None:
        heads = [p for p in drawn(name)[0].axes[0].patches if type(p) is Polygon]
        assert heads or name == "network_wide"  # 矢印のない図
        for head in heads:
            tip, base, _ = head.get_xy()[:3]
            colour = to_hex(head.get_facecolor()).upper()
            assert colour in (style.FORWARD, style.BACKWARD)
            if abs(tip[0] - base[0]) > 0.1:
                assert (tip[0] > base[0]) == (colour == style.FORWARD)

    @pytest.mark.parametrize("name", DRAWINGS)
    def test_backward_is_dashed_too(self, name: str) -> None:
        for line in drawn(name)[0].axes[0].lines:
            if to_hex(line.get_color()).upper() == style.BACKWARD:
                assert line.is_dashed()
            else:
                assert not line.is_dashed()


def contrast(ink: str, paper: str) -> float:
    """WCAG の明暗差。"""
    luminance = []
    for colour in (ink, paper):
        rgb = np.array(mpl.colors.to_rgb(colour))
        linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
        luminance.append(float(linear @ [0.2126, 0.7152, 0.0722]))
    return (max(luminance) + 0.05) / (min(luminance) + 0.05)


class Outline:
    """歯車の輪郭: 中心、歯の半ばの半径、ある角度での縁の位置。"""

    def __init__(self, patch: PathPatch) -> None:
        corners = patch.get_path().vertices[:-1]
        self.centre = corners.mean(axis=0)
        self.offsets = corners - self.centre
        lengths = np.hypot(*self.offsets.T)
        self.radius = (lengths.min() + lengths.max()) / 2

    def reach(self, angle: float) -> float:
        towards = self.offsets @ [np.cos(angle), np.sin(angle)]
        nearest = np.argsort(-towards / np.hypot(*self.offsets.T))[:2]
        return float(np.hypot(*self.offsets[nearest].T).mean())


class TestContent:
    """図が、与えられたものを描いていること。"""

    def test_whole_numbers_are_not_divided_and_markers_are_not_cut(self) -> None:
        n = np.arange(1.0, 5.0)
        ax = figures.line_plot({"A": (n, n)}, x="$n$", y="$y$", markers=True).axes[0]
        assert [tick for tick in ax.get_xticks() if 1 <= tick <= 4] == [1, 2, 3, 4]
        low, high = ax.get_xlim()
        assert low < 1
        assert high > 4

    def words(self, figure: figures.Figure) -> list[str]:
        return [text.get_text() for ax in figure.axes for text in ax.texts]

    @pytest.mark.parametrize(
        ("number", "line"), [(1, "行3"), (2, "行4a"), (3, "行4b"), (4, "行4c"), (5, "行4d"), (6, "行5")]
    )
    def test_a_step_lights_its_line_of_the_algorithm(self, number: int, line: str) -> None:
        (ax,) = drawn(f"step_{number}")[0].axes
        cells = [patch for patch in ax.patches if isinstance(patch, Rectangle)]
        lit = [cell for cell in cells if to_hex(cell.get_facecolor()).upper() == style.HIGHLIGHT_FILL]
        assert len(cells) == 8
        assert len(lit) == 1
        area = lit[0].get_window_extent()
        inside = {
            t.get_text() for t in ax.texts if area.contains(*t.get_window_extent().get_points().mean(axis=0))
        }
        assert inside == {line, f"ステップ{number}"}

    def test_array_lands_on_its_own_wire(self) -> None:
        figure = figures.network([2, 2], edge_labels={1: np.array([[1.0, 2.0], [3.0, 4.0]])}, titles=[])
        placed = {t.get_text(): t.get_position() for t in figure.axes[0].texts}
        ends = {"$1$": (1, 1), "$2$": (1, 2), "$3$": (2, 1), "$4$": (2, 2)}  # 値: (j, k)
        circles = sorted(
            (p.center for p in figure.axes[0].patches if hasattr(p, "center")), key=lambda c: -c[1]
        )
        source = dict(zip((1, 2), [c for c in circles if c[0] < 3.5]))
        target = dict(zip((1, 2), [c for c in circles if c[0] > 3.5]))
        for text, (j, k) in ends.items():
            a, b, p = np.array(source[k]), np.array(target[j]), np.array(placed[text])
            along = (b - a) / np.linalg.norm(b - a)
            assert abs(along[0] * (p - a)[1] - along[1] * (p - a)[0]) < 1e-9

    def test_symbols_follow_the_notation(self) -> None:
        figure = figures.network([2, 1], node_labels={0: "x", 1: "a"}, edge_labels={1: "w"})
        words = self.words(figure)
        assert {"$x_{1}$", "$a^{1}_{1}$", "$w^{1}_{11}$", "$w^{1}_{12}$"} <= set(words)

    def test_selection_lights_only_what_is_named(self) -> None:
        figure = figures.network([2, 3, 2], forward_edges=[(2, None, 1)], backward_edges=[(1, 2, 1)])
        heads = [to_hex(p.get_facecolor()).upper() for p in figure.axes[0].patches if type(p) is Polygon]
        assert heads.count(style.FORWARD) == 2 + 1  # 2本と、説明の1本
        assert heads.count(style.BACKWARD) == 1 + 1

    def test_hidden_delta_computes_what_it_shows(self) -> None:
        w, d = np.array([2.0, -1.0, 0.5]), np.array([0.1, 0.4, -0.2])
        words = self.words(figures.hidden_delta_paths(w, d, 0.25))
        assert r"$2\times 0.1=0.2$" in words
        assert r"$-1\times 0.4=-0.4$" in words
        assert r"$0.5\times (-0.2)=-0.1$" in words
        assert r"$\delta^{l}_{j}=(0.2-0.4-0.1)\times 0.25=-0.075$" in words

    def test_wires_carry_their_own_product(self) -> None:
        figure = figures.wire_gradients(np.array([0.5, 0.0, -2.0]), 0.2, bias=True)
        y = {t.get_text(): t.get_position()[1] for t in figure.axes[0].texts}
        products = {1: "0.5=0.1", 2: "0=0", 3: "(-2)=-0.4"}
        for k, end in products.items():
            assert 0 < y[rf"$w^{{l}}_{{j{k}}}$"] - y[rf"$0.2\times {end}$"] < 0.6
        assert 0 < y["$b^{l}_{j}$"] - y[r"$0.2\times 1=0.2$"] < 0.6

    def test_table_and_wires_use_the_row_out_and_the_column_back(self) -> None:
        weights = np.array([[2.0, -1.0, 3.0], [1.0, 4.0, -2.0]])
        values, points = np.array([[3.0], [2.0], [1.0]]), np.array([[1.0], [3.0]])
        figure = figures.weight_table(weights, inputs=values, returned=points, row=1, column=3)
        words = self.words(figure)
        assert r"行き　1行め：$2\times 3-1\times 2+3\times 1=7$" in words
        assert r"帰り　3列め：$3\times 1-2\times 3=-3$" in words
        heads = [to_hex(p.get_facecolor()).upper() for p in figure.axes[0].patches if type(p) is Polygon]
        assert heads.count(style.FORWARD) == 3 + 1  # 行き先1に着く3本と、説明の1本
        assert heads.count(style.BACKWARD) == 2 + 1
        cells = [p for p in figure.axes[0].patches if isinstance(p, Rectangle)]
        framed = {to_hex(p.get_edgecolor()).upper(): p for p in cells}
        row, column = framed[style.FORWARD], framed[style.BACKWARD]
        assert (row.get_linestyle() == "solid", column.get_linestyle() == "solid") == (True, False)
        placed = {"$4$": [], "$3$": [row, column], "$-1$": [row], "$-2$": [column]}
        for text, frames in placed.items():
            spots = [t.get_position() for t in figure.axes[0].texts if t.get_text() == text]
            for frame in (row, column):
                assert any(frame.get_bbox().contains(*spot) for spot in spots) == (frame in frames), text

    def test_both_arrows_of_one_wire_carry_its_weight_away_from_other_wires(self) -> None:
        weights = np.array([[2.0, -1.0, 3.0], [1.0, 4.0, -2.0]])
        values, points = np.array([[3.0], [2.0], [1.0]]), np.array([[1.0], [3.0]])
        ax = figures.weight_table(weights, inputs=values, returned=points, row=1, column=3).axes[0]
        threes = [to_hex(text.get_color()).upper() for text in ax.texts if text.get_text() == "$3$"]
        assert threes.count(style.FORWARD) == 1  # 行きの線の重み
        assert threes.count(style.BACKWARD_INK) == 1 + 1  # 帰りの線の重みと、行き先2の点数
        assert "$9$" in [text.get_text() for text in ax.texts]  # 指していない行き先にも、届く値
        faint = [line.get_xydata() for line in ax.lines if to_hex(line.get_color()).upper() == style.PALE]
        assert len(faint) == 2
        coloured = (style.FORWARD, style.BACKWARD_INK)
        for text in ax.texts:
            if text.get_text() in ("$3$", "$-1$") and to_hex(text.get_color()).upper() in coloured:
                for start, end in faint:
                    on = start + np.linspace(0, 1, 200)[:, None] * (end - start)
                    assert np.hypot(*(on - text.get_position()).T).min() > 0.13, text

    def test_negative_values_stand_in_brackets_in_the_sum(self) -> None:
        figure = figures.weight_table(
            np.array([[0.25, 1.0], [-0.5, 1.0]]), returned=np.array([[-0.5], [0.75]]), column=1
        )
        assert r"帰り　1列め：$0.25\times (-0.5)-0.5\times 0.75=-0.5$" in self.words(figure)

    def test_outer_products_multiply_row_and_column(self) -> None:
        d, a = np.array([[0.2, 0.4], [-0.1, 0.3]]), np.array([[1.0, 3.0], [2.0, 0.0]])
        at = {}
        for text in figures.outer_products(d, a).axes[0].texts:
            at.setdefault(text.get_text(), []).append(text.get_position())
        # 例1: 0.2×1, 0.2×2, …、例2: 0.4×3, …、平均: (0.2×1 + 0.4×3)/2 = 0.7
        assert {"$0.2$", "$0.4$", "$-0.1$", "$-0.2$", "$1.2$", "$0.9$", "$0.7$"} <= set(at)
        assert at["$0.7$"][0][0] > at["$1.2$"][0][0] > at["$-0.2$"][0][0]

    def test_graph_flows_from_left_to_right(self) -> None:
        figure = figures.computational_graph(SKIP)
        x = {t.get_text(): t.get_position()[0] for t in figure.axes[0].texts}
        for name, (symbol, parents) in SKIP.items():
            assert all(x[SKIP[parent][0]] < x[symbol] for parent in parents), name

    def test_trunk_of_the_graph_is_straight(self) -> None:
        figure = figures.computational_graph(NEURON)
        trunk = [p.center[1] for p in figure.axes[0].patches if isinstance(p, Circle)]
        assert len(trunk) == 4
        assert np.ptp(trunk) < 0.02
        y = {t.get_text(): t.get_position()[1] for t in figure.axes[0].texts}
        assert y["$x$"] > y["$w$"]  # 先に書いた入力が上

    def test_descent_path_stands_on_the_curve(self) -> None:
        figure = figures.descent(np.square, (-3.0, 3.0), {"A": slide(0.5), "B": slide(2.3)})
        for ax, rate in zip(figure.axes, (0.5, 2.3)):
            w, J = ax.lines[1].get_data()
            assert np.array_equal(J, w**2)
            assert np.array_equal(w, slide(rate)[: len(w)])
        inside, outside = (len(ax.lines) for ax in figure.axes)
        assert (inside, outside) == (4, 3)  # 枠の外へ出た道には、終点の印がない
        assert len(figure.axes[1].lines[1].get_xdata()) == 2  # 出るところで切れる

    def test_likelihood_is_the_product_of_the_heights(self) -> None:
        targets = np.array([1.2, 0.7, 1.1])
        figure = figures.likelihoods([1.0, 2.0], targets, 0.5)
        for ax, mean in zip(figure.axes, (1.0, 2.0)):
            heights = np.exp(-2 * (targets - mean) ** 2) / np.sqrt(np.pi / 2)
            assert np.allclose(ax.lines[1].get_ydata(), heights)
            assert ax.texts[0].get_text().endswith(number(float(heights.prod())))

    def test_tangent_touches_the_curve(self) -> None:
        figure = figures.tangents({"2乗": (np.square, lambda u: 2 * u)}, 0.5, (0.0, 1.0), x="$u$")
        _, curve, line, point = figure.axes[0].lines
        u, heights = curve.get_data()
        gap = heights - line.get_ydata()  # u² − (u − ¼) = (u − ½)²
        assert np.allclose(gap, (u - 0.5) ** 2)
        assert point.get_xydata().tolist() == [[0.5, 0.25]]

    def test_traced_graph_writes_what_flows(self) -> None:
        words = self.words(figures.traced_graph(traced_branch()))
        for text in ("$p$", "$4$", "$480$", "$320$", "$90$", "$60$", "$150$"):  # 90 + 60 = 150
            assert words.count(text) == 1, text
        assert words.count(r"$\times$") == 3

    def test_traced_graph_writes_the_shape_of_value_and_gradient(self) -> None:
        words = self.words(figures.traced_graph(traced_network()))
        assert words.count(r"$(3,\,2)$") == 2  # W1 とその勾配
        assert words.count(r"$(2,\,3)$") == 2
        assert "$Z^1$" in words

    def test_matrices_light_and_stretch(self) -> None:
        W, X = np.array([[1.0, 2.0]]), np.array([[3.0, 5.0], [4.0, 6.0]])
        figure = figures.matrices(
            [("$W$", W), "", ("$X$", X), "$+$", ("$b$", np.array([[7.0]]))],
            highlight=[(2, None, 2)],
            stretched={3: (1, 2)},
        )
        cells = [p for p in figure.axes[0].patches if isinstance(p, Rectangle)]
        lit = [p for p in cells if to_hex(p.get_facecolor()).upper() == style.HIGHLIGHT_FILL]
        assert len(cells) == 2 + 4 + 2
        assert len(lit) == 2
        assert [p.get_linestyle() == "-" or p.get_linestyle() == "solid" for p in cells].count(False) == 1
        words = self.words(figure)
        assert words.count("$7$") == 2  # もとのますと、写し
        assert {r"$(1,\,2)$", r"$(2,\,2)$", r"$(1,\,1)$"} <= set(words)
        x = {t.get_text(): t.get_position()[0] for t in figure.axes[0].texts}
        assert x["$3$"] < x["$5$"]

    def test_gears_turn_by_the_ratio_of_their_teeth(self) -> None:
        figure = figures.gears([(20, 10), (12, 24), (30, 20)], ["x", "s", "t", "v"])
        turns = [word for word in self.words(figure) if "回転" in word]
        assert turns == ["$1$ 回転", "$-2$ 回転", "$1$ 回転", r"$-\frac{3}{2}$ 回転"]
        assert r"$\frac{dt}{ds}=-\frac{1}{2}$" in self.words(figure)
        outlines = [p.get_path().vertices for p in figure.axes[0].patches if isinstance(p, PathPatch)]
        assert sorted(len(outline) // 4 for outline in outlines) == [10, 12, 20, 20, 24, 30]

    def test_gears_mesh(self) -> None:
        figure = figures.gears([(30, 20)], ["x", "u"])
        driver, driven = (Outline(p) for p in figure.axes[0].patches if isinstance(p, PathPatch))
        meeting = driver.centre[0] + driver.radius
        assert driven.centre[0] - driven.radius == pytest.approx(meeting, abs=1e-9)
        assert driver.reach(0.0) > driver.radius  # 片方は歯
        assert driven.reach(np.pi) < driven.radius  # もう片方は歯のすき間

    def test_learning_loop_computes_the_update(self) -> None:
        words = self.words(drawn("learning_loop_numbers")[0])
        assert "新しい $w$ = $-0.632$" in words
        words = self.words(figures.learning_loop(weight=1.0, cost=0.5, gradient=2.0, learning_rate=0.1))
        assert "新しい $w$ = $0.8$" in words

    def test_final_costs_counts(self) -> None:
        figure = figures.final_costs({"A": np.array([0.05, 0.1, 0.2, 0.3])}, solved_below=0.1)
        assert figure.axes[0].get_yticklabels()[0].get_text() == "A\n解けた 1 / 4（25 %）"

    def test_colour_maps_are_even(self) -> None:
        lab = np.array([to_oklab(to_hex(DIVERGING(i))) for i in range(STEPS)])
        steps = np.linalg.norm(np.diff(lab, axis=0), axis=1)
        assert np.abs(lab[:, 0] - lab[::-1, 0]).max() < 0.005  # 左右の明るさが等しい
        for half in (steps[:125], steps[129:]):
            assert half.std() / half.mean() < 0.35  # 16進の丸めを含む
        lightness = np.array([to_oklab(to_hex(SEQUENTIAL(i)))[0] for i in range(STEPS)])
        assert (np.diff(lightness) <= 0.002).all()

    @pytest.mark.parametrize("colours", [DIVERGING, SEQUENTIAL], ids=lambda c: c.name)
    def test_numbers_on_the_map_are_readable(self, colours: LinearSegmentedColormap) -> None:
        worst = min(contrast(ink_on(colours(i)), to_hex(colours(i))) for i in range(STEPS))
        assert worst >= 3.9

    @pytest.mark.parametrize("ink", ["FORWARD", "BACKWARD_INK", "INK", "GREY"])
    def test_text_colours_are_readable_on_paper(self, ink: str) -> None:
        assert contrast(getattr(style, ink), style.PAPER) >= 4.5

    @pytest.mark.parametrize("ink", ["FORWARD", "BACKWARD_INK", "INK", "GREY"])
    def test_text_colours_are_readable_in_the_dark(self, ink: str) -> None:
        assert contrast(dark(getattr(style, ink).lower()), dark("#ffffff")) >= 4.5

    @pytest.mark.parametrize("colour", sorted(style.PALETTE - {"#ffffff", style.HIGHLIGHT_FILL.lower()}))
    def test_lines_are_seen_in_the_dark(self, colour: str) -> None:
        assert contrast(dark(colour), dark("#ffffff")) >= 3

    @pytest.mark.parametrize("pair", DARK_MAPS, ids=lambda pair: pair[0].name)
    def test_numbers_on_the_map_are_readable_in_the_dark(
        self, pair: tuple[LinearSegmentedColormap, ...]
    ) -> None:
        light, night = pair
        worst = min(contrast(dark(ink_on(light(i)).lower()), to_hex(night(i))) for i in range(STEPS))
        assert worst >= 3.8

    def test_colours_that_differ_in_the_light_differ_in_the_dark(self) -> None:
        assert len({dark(colour) for colour in style.PALETTE}) == len(style.PALETTE)

    def test_spread_is_optimal_and_ordered(self) -> None:
        rng = np.random.default_rng(0)
        for _ in range(50):
            targets = rng.random(6) * 3
            placed = np.array(spread(list(targets), 0.3, -10.0, 10.0))
            order = np.argsort(targets)
            assert (np.diff(placed[order]) >= 0.3 - 1e-9).all()
            assert abs(placed.mean() - targets.mean()) < 1e-9


def one_of_each() -> list[str]:
    """描く関数ごとに、いちばん文字の多い見本を一つ。章の図は、どれも章ごとのプロセスで描きなおし、記録と比べている。"""
    chosen: dict[tuple[str, ...], str] = {}
    for name in sorted(GALLERY, key=lambda name: -len(letters("wide", name))):
        draw = GALLERY[name]
        drawers = draw.__code__.co_names if "<lambda>" in repr(draw) else (draw.__name__,)
        chosen.setdefault(tuple(sorted(set(drawers) & set(figures.__all__))), name)
    return list(chosen.values())


SCRIPT = """
import hashlib, json, sys
sys.path.insert(0, {tests!r})
import matplotlib as mpl
{before}
import test_figures as t
print(json.dumps({{n: hashlib.sha256(t.GALLERY[n]().svg().encode()).hexdigest() for n in {names!r}}}))
"""


SETTINGS = {
    "font.size": 30,
    "lines.markersize": 20,
    "axes.grid": True,
    "xtick.direction": "in",
    "image.interpolation": "nearest",
    "mathtext.default": "bf",
    "savefig.bbox": "tight",
    "path.sketch": (1, 100, 2),
}
"""読者がしているかもしれない設定。"""


class TestReproducibility:
    """いつ、どこで、どんな設定で描いても同じバイト列になること。"""

    @pytest.mark.long
    def test_other_process_other_settings_same_bytes(self) -> None:
        here = {name: hashlib.sha256(drawn(name)[1].encode()).hexdigest() for name in one_of_each()}
        assert len(here) > 25
        # 読者が設定を変え、pyplot を先に読み込んでいても、ハッシュの種が違っても変わらない
        before = f"import matplotlib.pyplot as plt\nmpl.rcParams.update({SETTINGS})"
        code = SCRIPT.format(tests=str(Path(__file__).parent), before=before, names=list(here))
        environment = os.environ | {"PYTHONHASHSEED": "7", "MPLBACKEND": "agg"}
        answer = subprocess.run(
            [sys.executable, "-c", code], env=environment, capture_output=True, encoding="utf-8", check=True
        )
        assert json.loads(answer.stdout) == here

    def test_no_metadata(self) -> None:
        for chunk in (b"tEXt", b"iTXt", b"zTXt", b"tIME"):
            assert chunk not in drawn("network")[0].png()
        assert "date" not in drawn("network")[1].lower()

    def test_png_is_the_same_again(self) -> None:
        assert figures.neuron().png() == figures.neuron().png()

    def test_import_leaves_matplotlib_alone(self) -> None:
        code = (
            "import sys, matplotlib as mpl\n"
            # "backend" は、読むだけで pyplot を読み込む
            "settings = lambda: {k: mpl.rcParams[k] for k in mpl.rcParams if k != 'backend'}\n"
            "before = settings()\n"
            "from backprop import figures\n"
            "figures.neuron().svg()\n"
            "assert settings() == before\n"
            "assert 'matplotlib.pyplot' not in sys.modules"
        )
        subprocess.run([sys.executable, "-W", "error", "-c", code], check=True)

    def test_drawing_reads_but_never_writes(self) -> None:
        values = np.array([2.0, -1.0, 0.5])
        values.flags.writeable = False
        figures.hidden_delta_paths(values, values, 0.25)


class TestNotebook:
    """ノートブックの中で、図がちょうど1回だけ表示されること。"""

    @pytest.mark.parametrize(
        "first",
        ["from backprop import figures", "import matplotlib.pyplot as plt\nfrom backprop import figures"],
    )
    def test_one_image_per_cell(self, first: str) -> None:
        notebook = nbformat.v4.new_notebook()
        calls = ["figures.neuron()", "figure = figures.network([2, 3, 1])\nfigure", "figures.neuron();"]
        notebook.cells = [nbformat.v4.new_code_cell(source) for source in [first, *calls]]
        NotebookClient(notebook, kernel_name="python3", timeout=120).execute()
        first_cell, neuron, network, silent = (cell.outputs for cell in notebook.cells)
        assert not first_cell
        assert not silent
        for outputs, drawn in ((neuron, figures.neuron()), (network, figures.network([2, 3, 1]))):
            (output,) = outputs
            assert output.output_type == "execute_result"
            assert output.data["image/svg+xml"] == drawn.svg()
            assert output.data["text/plain"] == repr(drawn)
            assert set(output.data) == {"image/svg+xml", "text/plain"}


REFUSED = {
    "歯の少ない歯車": (lambda: figures.gears([(36, 4)]), ValueError, "8 以上"),
    "歯の数が整数でない": (lambda: figures.gears([(36, 18.0)]), TypeError, r"pairs\[0\]"),
    "軸の記号の数": (lambda: figures.gears([(36, 18)]), ValueError, "names は組の数"),
    "一部だけの学習の値": (lambda: figures.learning_loop(weight=1.0), ValueError, "四つとも"),
    "sizes が整数でない": (lambda: figures.network([2, 0]), ValueError, r"sizes\[1\] は1以上"),
    "sizes がリストでない": (lambda: figures.network(3), TypeError, "sizes は層ごと"),
    "ないニューロン": (
        lambda: figures.network([2, 1], highlight_nodes=[(1, 2)]),
        ValueError,
        "highlight_nodes",
    ),
    "ない線": (lambda: figures.network([2, 1], forward_edges=[(1, 1, 3)]), ValueError, r"\(l, j, k\)"),
    "重みの形": (
        lambda: figures.network([2, 1], edge_labels={1: np.zeros((2, 1))}),
        ValueError,
        r"edge_labels\[1\] の形は \(1, 2\)",
    ),
    "矢印のない逆伝播の値": (
        lambda: figures.network([2, 1], backward_labels={1: "w"}),
        ValueError,
        "backward_edges の矢印がありません",
    ),
    "層の名前の数": (lambda: figures.network([2, 1], layer_names=["l"]), ValueError, "layer_names の数"),
    "題の数": (lambda: figures.network([2, 1], titles=["入力"]), ValueError, "titles の数"),
    "添字の数": (lambda: figures.network([2, 1], index_names={0: ["1"]}), ValueError, r"index_names\[0\]"),
    "一部だけの値": (lambda: figures.hidden_delta_paths(np.ones(3)), ValueError, "三つとも"),
    "誤差項の数": (
        lambda: figures.hidden_delta_paths(np.ones(3), np.ones(2), 1.0),
        ValueError,
        r"deltas の形は \(3,\)",
    ),
    "誤差項だけ": (lambda: figures.wire_gradients(delta=0.2), ValueError, "両方とも"),
    "多すぎる線": (
        lambda: figures.wire_gradients(np.ones(4), 0.2, bias=True),
        ValueError,
        "4 本まで",
    ),
    "例の数の違う外積": (
        lambda: figures.outer_products(np.ones((2, 2)), np.ones((2, 3))),
        ValueError,
        r"A_prev の形は \(N_prev, 2\)",
    ),
    "表の大きさ": (lambda: figures.weight_table(np.ones((4, 2))), ValueError, "3 行 3 列まで"),
    "表にない行": (lambda: figures.weight_table(np.ones((2, 3)), row=3), ValueError, "row は1から 2 まで"),
    "表にない列": (
        lambda: figures.weight_table(np.ones((2, 3)), column=4),
        ValueError,
        "column は1から 3 まで",
    ),
    "出どころの数": (
        lambda: figures.weight_table(np.ones((2, 3)), inputs=np.ones((2, 1)), row=1),
        ValueError,
        r"inputs の形は \(3, 1\)",
    ),
    "行き先の数": (
        lambda: figures.weight_table(np.ones((2, 3)), returned=np.ones((3, 1)), column=1),
        ValueError,
        r"returned の形は \(2, 1\)",
    ),
    "広すぎる外積": (
        lambda: figures.outer_products(np.ones((2, 4)), np.ones((3, 4))),
        ValueError,
        "幅に収まりません",
    ),
    "重みの数": (lambda: figures.neuron(inputs=["x"], weights=[]), ValueError, "同じ数だけ"),
    "記録でない": (lambda: figures.traced_graph([1]), TypeError, "autodiff.trace の結果"),
    "ない名前": (
        lambda: figures.traced_graph(traced_branch(), highlight=["$z$"]),
        ValueError,
        "名前のノード",
    ),
    "行列のない式": (lambda: figures.matrices(["$+$"]), ValueError, "行列が一つも"),
    "行列の中身": (lambda: figures.matrices([("$W$", 3)]), TypeError, "配列か"),
    "行列の名前": (lambda: figures.matrices([(1, (2, 2))]), TypeError, r"terms\[0\]"),
    "一列に並んだ配列": (lambda: figures.matrices([("$b$", np.zeros(3))]), ValueError, r"\(n, m\)"),
    "引き伸ばせない辺": (
        lambda: figures.matrices([("$b$", (2, 1))], stretched={1: (3, 4)}),
        ValueError,
        "引き伸ばせません",
    ),
    "引き伸ばす行列がない": (
        lambda: figures.matrices([("$b$", (2, 1))], stretched={2: (2, 2)}),
        ValueError,
        "2 個めの行列",
    ),
    "行の長さ": (lambda: figures.matrices([("$W$", [["a"], ["b", "c"]])]), ValueError, "行の長さ"),
    "ないます": (lambda: figures.matrices([("$b$", (2, 1))], highlight=[(1, 3, 1)]), ValueError, "highlight"),
    "大きな行列": (lambda: figures.matrices([("$X$", (2, 40))]), ValueError, "収まりません"),
    "グラフでない": (lambda: figures.computational_graph([]), TypeError, "nodes は"),
    "後ろの親": (
        lambda: figures.computational_graph({"a": ("$a$", ("b",)), "b": ("$b$", ())}),
        ValueError,
        "親を先に",
    ),
    "節の書き方": (lambda: figures.computational_graph({"a": ("$a$", "b")}), TypeError, r"nodes\['a'\]"),
    "深すぎるグラフ": (
        lambda: figures.computational_graph(
            {"n0": ("$x$", ())} | {f"n{i}": ("$f$", (f"n{i - 1}",)) for i in range(1, 10)}
        ),
        ValueError,
        "9 列まで",
    ),
    "多すぎる道": (
        lambda: figures.hidden_delta_paths(np.ones(5), np.ones(5), 1.0),
        ValueError,
        "4 本まで",
    ),
    "ない節の値": (
        lambda: figures.computational_graph(DIAMOND, values={"q": 1.0}),
        ValueError,
        "values の 'q'",
    ),
    "クラスが三つ": (
        lambda: figures.decision_surface(trained(1.0), X, Y + 1),
        ValueError,
        "0 か 1",
    ),
    "予測の形": (
        lambda: figures.decision_surface(lambda X: X, X, Y),
        ValueError,
        r"predict の返り値 の形は \(1, 25921\)",
    ),
    "題と図の数": (
        lambda: figures.decision_surfaces([trained(1.0)], X, Y, []),
        ValueError,
        "同じ数だけ",
    ),
    "平面でない重み": (
        lambda: figures.hidden_boundaries(np.ones((3, 3)), B1, X, Y),
        ValueError,
        r"W1 の形は \(N_1, 2\)",
    ),
    "逆の範囲": (lambda: figures.loss_surface(bowl, (1.0, -1.0), (0.0, 1.0)), ValueError, "x_range"),
    "対数にできない損失": (
        lambda: figures.loss_surface(lambda u, v: u, (-1.0, 1.0), (0.0, 1.0), log=True),
        ValueError,
        "対数",
    ),
    "道の形": (
        lambda: figures.loss_surface(bowl, (-1.0, 1.0), (0.0, 1.0), paths={"A": np.zeros((3, 2))}),
        ValueError,
        r"paths\['A'\] の形は \(2, n\)",
    ),
    "枠の外から始まる道": (
        lambda: figures.descent(np.square, (-1.0, 1.0), {"A": np.array([2.0, 1.0])}),
        ValueError,
        "始点 2 が",
    ),
    "平面の道": (
        lambda: figures.descent(np.square, (-1.0, 1.0), {"A": np.zeros((2, 2))}),
        ValueError,
        r"paths\['A'\] の形は \(n,\)",
    ),
    "道がない": (lambda: figures.descent(np.square, (-1.0, 1.0), {}), TypeError, "paths は"),
    "逆の枠": (
        lambda: figures.descent(np.square, (1.0, -1.0), {"A": np.zeros(1)}),
        ValueError,
        "w_range",
    ),
    "長さの違う曲線": (
        lambda: figures.loss_curve({"A": (np.zeros(3), np.zeros(2))}),
        ValueError,
        r"縦の値 の形は \(3,\)",
    ),
    "曲線がない": (lambda: figures.loss_curve({}), TypeError, "curves は"),
    "対数に0": (
        lambda: figures.loss_curve({"A": (np.zeros(2), np.zeros(2))}, log=True),
        ValueError,
        "対数目盛りには正",
    ),
    "NaN": (
        lambda: figures.loss_curve({"A": (np.zeros(1), np.array([np.nan]))}),
        ValueError,
        "NaN",
    ),
    "境目が負": (lambda: figures.final_costs(COSTS, solved_below=-1.0), ValueError, "solved_below"),
    "表の形": (lambda: figures.heatmap(np.ones((2, 2)), ["a"], ["b", "c"]), ValueError, r"\(1, 2\)"),
    "百分率でない": (
        lambda: figures.heatmap(np.full((1, 1), 96.0), ["a"], ["b"], percent=True),
        ValueError,
        "0 以上 1 以下",
    ),
    "入力の名前の数": (
        lambda: figures.hidden_representation(A1, ["a"], Y),
        ValueError,
        "labels は 4 個",
    ),
    "関数の値の形": (
        lambda: figures.activation_plot({"f": (np.sum, np.sum)}),
        (TypeError, ValueError),
        "functions",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_bad_input_is_refused_in_japanese(name: str) -> None:
    call, error, message = REFUSED[name]
    with pytest.raises(error, match=message):
        call()
