"""図、動かす図、記録、審判の、思いがけない呼びかたの検査。

`test_odd_calls` と同じ奇妙な値を、残りの部屋のすべての引数に順に入れる。文字と真偽の引数も、ここでは調べる。
表（`test_bad_input.INTERFACE`）が一つの引数とみなすものの中身（曲線の配列、節の書き方、模様など）と、誤りの博物館は、
`PARTS` と `MUSEUM` で補う。
"""

from __future__ import annotations

import inspect
from abc import ABCMeta
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from matplotlib.path import Path as Outline
from test_bad_input import FALLING, INTERFACE, PLANE, TIMES, X, Y, network, public, state
from test_odd_calls import ENDLESS, NEVER, ODD, assert_explained, outcome

from backprop import figures, interactive
from backprop.autodiff import Variable
from backprop.figures.drafting import page, placing, text
from backprop.judges import museum
from backprop.network import Network

ROOMS = ("figures", "interactive", "judges", "records")
Calls = dict[str, tuple[Callable[..., object], dict[str, Any]]]

SQUARE = (np.square, lambda z: 2 * z)
GRAPH = {"x": ("$x$", ()), "y": ("$y$", ("x",))}
LINE = Network([np.array([[0.5]])], [np.array([[0.0]])], ["identity"], "mse")
XS = np.array([[-1.0, 0.0, 1.0]])

PARTS: Calls = {
    "activation_plot": (lambda pair: figures.activation_plot({"f": pair}), {"pair": SQUARE}),
    "loss_and_slope": (
        lambda pair, low: figures.loss_and_slope({"f": pair}, (low, 1.0), x="x", slope="s"),
        {"pair": SQUARE, "low": -1.0},
    ),
    "tangents": (lambda pair: figures.tangents({"f": pair}, 0.5, (0.0, 1.0), x="x"), {"pair": SQUARE}),
    "line_plot": (
        lambda curve, level: figures.line_plot({"A": curve}, x="x", y="y", references={"a": level}),
        {"curve": (TIMES, FALLING), "level": 0.5},
    ),
    "line_plot の配列": (
        lambda x, y: figures.line_plot({"A": (x, y)}, x="x", y="y"), {"x": TIMES, "y": FALLING},
    ),
    "final_costs": (
        lambda costs: figures.final_costs({"A": costs}, solved_below=0.5), {"costs": np.linspace(0.1, 1, 9)},
    ),
    "layer_norms": (
        lambda curves, pair: figures.layer_norms({"t": curves, "u": {"A": pair}}, y="y"),
        {"curves": {"A": (FALLING, FALLING)}, "pair": (FALLING, FALLING)},
    ),
    "descent": (
        lambda path: figures.descent(np.square, (-2.0, 2.0), {"A": path}), {"path": FALLING},
    ),
    "loss_surface": (
        lambda path, low: figures.loss_surface(
            lambda u, v: u * u + v, (low, 1.0), (-1.0, 1.0), paths={"A": path}, resolution=5
        ),
        {"path": np.ones((2, 3)), "low": -1.0},
    ),
    "likelihoods": (
        lambda mean: figures.likelihoods([mean], TIMES, 0.5), {"mean": 1.0},
    ),
    "decision_surfaces": (
        lambda predict: figures.decision_surfaces([predict], PLANE, Y, ["t"]), {"predict": lambda X: X[:1]},
    ),
    "gears": (lambda pair, teeth: figures.gears([pair, (8, teeth)]), {"pair": (8, 16), "teeth": 9}),
    "network の数": (lambda size: figures.network([2, size]), {"size": 1}),
    "network の模様": (
        lambda neuron, wire, row: figures.network(
            [2, 1], highlight_nodes=[neuron], forward_edges=[wire], highlight_edges=[(1, row, 1)]
        ),
        {"neuron": (1, 1), "wire": 1, "row": None},
    ),
    "network の文字": (
        lambda labels, one, names: figures.network(
            [2, 1], node_labels={1: labels}, values={(0, 1): one}, index_names={1: names}
        ),
        {"labels": "a", "one": 0.5, "names": ["j"]},
    ),
    "network の線のない層": (
        lambda edges, labels: figures.network([2], forward_edges=edges, edge_labels=labels),
        {"edges": (), "labels": {}},
    ),
    "neuron": (
        lambda entry, weight: figures.neuron(inputs=[entry], weights=[weight]),
        {"entry": 1.0, "weight": "$w$"},
    ),
    "matrices": (
        lambda term, name, content, row: figures.matrices([term, (name, content, "形"), ("V", [row])]),
        {"term": ("W", (1, 2)), "name": "W", "content": (1, 2), "row": ["a", "b"]},
    ),
    "matrices の書き方": (
        lambda written, shape, cell, place: figures.matrices(
            [("W", (1, 2), written)], stretched={1: shape}, highlight=[cell, (1, place, 1)]
        ),
        {"written": "形", "shape": (2, 2), "cell": (1, 1, 1), "place": None},
    ),
    "computational_graph": (
        lambda node, symbol, parents, value: figures.computational_graph(
            {"x": ("$x$", ()), "y": node, "z": (symbol, parents)}, values={"x": value}
        ),
        {"node": ("$y$", ("x",)), "symbol": "$z$", "parents": ("y",), "value": 0.5},
    ),
    "computational_graph の文字": (
        lambda value, lit: figures.computational_graph(GRAPH, gradients={"y": value}, highlight=[lit]),
        {"value": 0.5, "lit": "x"},
    ),
    "verdicts": (
        lambda rows, verdict, noticed, heading: figures.verdicts(
            {"a": rows, "b": {"行": verdict}, "c": {"行": {"審判": noticed}}}, {"審判": heading}
        ),
        {"rows": {"行": {"審判": True}}, "verdict": {"審判": True}, "noticed": True, "heading": "審判"},
    ),
    "Figure": (figures.Figure, {"height": 1.0}),
    "Widget": (
        interactive.Widget, {"kind": "sliders", "summary": "説明", "data": {"low": 0.5}, "table": "<p>表</p>"},
    ),
    "learning_rate": (
        lambda rate, curve: interactive.learning_rate([0.1, rate], [curve, 4.0]), {"rate": 0.5, "curve": 1.0},
    ),
    "ravine": (
        lambda rate, curve, start: interactive.ravine([0.1, rate], (1.0, curve), start=(-2.0, start)),
        {"rate": 0.5, "curve": 10.0, "start": 1.0},
    ),
    "losses": (lambda step: interactive.losses(step=step), {"step": 2.0}),
    "activations": (lambda step: interactive.activations(step=step), {"step": 2.0}),
    "knobs": (
        lambda first, figure: interactive.knobs(LINE, XS, XS, first=first, figure=figure),
        {"first": 2, "figure": "fig-a"},
    ),
    "softmax_tug": (
        lambda z, target: interactive.softmax_tug((z, 1.0, 0.0), target), {"z": 0.5, "target": 2},
    ),
    "momentum_plane": (
        lambda steep, mu, updates: interactive.momentum_plane((steep, mu), updates=updates),
        {"steep": 0.5, "mu": 0.5, "updates": 20},
    ),
    "two_valleys": (
        lambda w, rate, updates: interactive.two_valleys((w, 0.5), rate, updates=updates),
        {"w": 0.5, "rate": 0.1, "updates": 2},
    ),
    "paths": (
        lambda name, way: interactive.paths(
            [np.ones((2, 1)), np.ones((1, 2))], [["x"], [name, "b"], ["v"]], ways=["paths", way]
        ),
        {"name": "a", "way": "exit"},
    ),
    "product": (
        lambda row, figure: interactive.product(XS.T @ XS, XS.T, opened=(row, 1), figure=figure),
        {"row": 2, "figure": "fig-a"},
    ),
    "backward_graph": (
        lambda output: interactive.backward_graph({"a": output}), {"output": Variable(2.0, "$x$") * 2.0},
    ),
    "vanishing": (
        lambda name, depth, scale: interactive.vanishing(
            ["tanh", name], [3, depth], [0.1, scale], width=4, nets=1
        ),
        {"name": "tanh", "depth": 5, "scale": 0.5},
    ),
}  # fmt: skip

OWN = museum.own(lambda network, record, Y: network.backward(record, Y)[1], network(), X, Y)
STAGE, START = museum.SOFTMAX, museum.SOFTMAX.network()
RECORD, TARGET = START.forward(STAGE.data()[0]), STAGE.data()[1]
DELTA1, DELTA2 = START.backward(RECORD, TARGET)[0]

MUSEUM: Calls = {
    "Stage": (
        museum.Stage,
        {
            "activations": ("tanh", "softmax"), "loss": "cross_entropy",
            "outputs": 3, "m": 12, "rate": 0.5, "seed": 0,
        },
    ),
    "OwnStage": (museum.OwnStage, {"start": network(), "X": X, "Y": Y, "rate": 0.1, "seed": 0}),
    "Exhibit": (
        museum.Exhibit,
        {
            "name": "名前", "room": "場所", "title": "題", "page": "", "stage": STAGE,
            "backward": museum.right, "forward": Network.forward, "cost": Network.cost,
            "step": museum.EXHIBITS["no_slope"].step, "gate": np.ones((1, 3)),
        },
    ),
    "own": (museum.own, {"backward": OWN.backward, "network": network(), "X": X, "Y": Y, "rate": 0.1}),
    "control": (museum.control, {"stage": STAGE}),
    "random_point": (museum.random_point, {"stage": STAGE}),
    "random_point の種": (
        lambda seed: museum.random_point(museum.OwnStage(network(), X, Y, 0.1, seed)), {"seed": 0},
    ),
    "learn": (museum.learn, {"exhibit": OWN}),
    "cosine": (museum.cosine, {"exhibit": OWN}),
    "differs_at": (museum.differs_at, {"exhibit": OWN, "name": "W1", "index": (0, 0)}),
    "differs_from": (museum.differs_from, {"exhibit": OWN, "reference": Network.gradients}),
    "examine": (museum.examine, {"exhibit": OWN, "references": {}}),
    "examine の審判": (
        lambda reference: museum.examine(OWN, {"本": reference}), {"reference": Network.gradients},
    ),
    "right": (museum.right, {"network": START, "record": RECORD, "Y": TARGET}),
    "right_output": (museum.right_output, {"network": START, "record": RECORD, "Y": TARGET}),
    "right_hidden": (museum.right_hidden, {"network": START, "record": RECORD, "delta2": DELTA2}),
    "from_output": (museum.from_output, {"network": START, "record": RECORD, "delta2": DELTA2}),
    "collect": (museum.collect, {"record": RECORD, "delta1": DELTA1, "delta2": DELTA2}),
}  # fmt: skip


def defaults(call: Callable[..., object]) -> dict[str, Any]:
    """省いてもよい引数の、省いたときの値。"""
    parameters = inspect.signature(call).parameters.values()
    return {p.name: p.default for p in parameters if p.default is not p.empty}


def small_network() -> tuple[Callable[..., object], dict[str, Any]]:
    """表のネットワークでは、要素が多くて時間がかかる。"""
    net = Network([np.full((1, 2), 0.5)], [np.zeros((1, 1))], ["sigmoid"], "mse")
    row = INTERFACE["judges.check_network"]
    return row.call, row.good() | {"network": net, "gradients": net.gradients(X, Y)}


TABLE: Calls = {
    **{
        key: (row.call, defaults(row.call) | row.good())
        for key, row in INTERFACE.items()
        if key.split(".")[0] in ROOMS
    },
    "judges.check_network": small_network(),
    **{f"中身.{key}": call for key, call in PARTS.items()},
    **{f"博物館.{key}": call for key, call in MUSEUM.items()},
}

WORDS = {
    "str": {"文字列", "空の文字列"},
    "bool": {"True", "np.True_"},
    "Sequence[str]": {"文字のリスト"},
    "Sequence[str] | None": {"文字のリスト"},
    "object": {"文字列", "空の文字列"},
    "Sequence[object]": {"文字のリスト"},
}
"""注釈から、奇妙な値のうち、その引数では正しいものを引く表。"""

TEXT, CALL = WORDS["str"], {"関数", "クラス"}
FINE: dict[tuple[str, str], set[str]] = {
    ("judges.SampleCase", "program"): {"関数"}, ("judges.sample_cases", "program"): {"関数"},
    ("judges.check_layer", "tolerance"): {"None"},
    ("中身.network の模様", "row"): {"None"},
    ("中身.network の文字", "labels"): TEXT, ("中身.network の文字", "one"): TEXT,
    ("中身.network の文字", "names"): {"文字のリスト"},
    ("中身.network の線のない層", "labels"): {"None"},
    ("中身.neuron", "entry"): TEXT, ("中身.neuron", "weight"): TEXT,
    ("中身.matrices", "term"): TEXT, ("中身.matrices", "name"): TEXT, ("中身.matrices", "row"): {"文字のリスト"},
    ("中身.matrices の書き方", "written"): TEXT, ("中身.matrices の書き方", "place"): {"None"},
    ("中身.matrices の書き方", "shape"): {"None"},
    ("中身.computational_graph", "symbol"): TEXT, ("中身.computational_graph", "value"): TEXT,
    ("中身.computational_graph の文字", "value"): TEXT, ("中身.computational_graph の文字", "lit"): {"文字列"},
    ("中身.verdicts", "noticed"): {"True"}, ("中身.verdicts", "heading"): TEXT, ("中身.paths", "name"): TEXT,
    ("中身.knobs", "figure"): TEXT, ("中身.product", "figure"): TEXT,
    **{("博物館.Exhibit", name): CALL for name in ("backward", "forward", "cost", "step")},
    ("博物館.Exhibit", "gate"): {"None"}, ("博物館.own", "backward"): CALL,
}  # fmt: skip
"""その引数では正しい値。"""

INSIDE = {("judges.check_layer", "x", "あふれる配列"), ("interactive.step_size", "at", "0次元の配列")}
"""正しい値であり、表の「読者の関数」のほうが、その点で値を持たない（3乗があふれる、0で割る）もの。"""


def may_be_accepted(key: str, name: str, odd: str) -> bool:
    """その値を受け取ってもよいか。"""
    parameter = inspect.signature(TABLE[key][0]).parameters[name]
    if odd in WORDS.get(str(parameter.annotation), ()) or odd in FINE.get((key, name), ()):
        return True
    if odd == "None":
        return parameter.default is None
    return odd not in NEVER and odd not in ENDLESS


@pytest.fixture(autouse=True, scope="module")
def without_measuring() -> Iterator[None]:
    """文字の大きさを測らず、置き場所も探さない。どちらも、与えられたものを調べたあとのことで、時間がかかる。"""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text, "extent", lambda artist: (0.3, 0.2))
        patch.setattr(text, "TextPath", lambda *args, **kwargs: Outline([(0.0, 0.0), (1.0, 1.0)]))
        patch.setattr(page, "crowded", lambda figure: False)
        patch.setattr(placing, "_settle", lambda alone, together, ranges: [r.start for r in ranges])
        yield


def shown(value: object) -> object:
    """動かす図は、ノートブックに表示するところまで。"""
    return value._repr_mimebundle_() if isinstance(value, interactive.Widget) else value


@pytest.mark.long
@pytest.mark.parametrize(("key", "name"), [(key, name) for key, (_, good) in TABLE.items() for name in good])
def test_odd_values_are_used_or_refused_in_japanese(key: str, name: str) -> None:
    call, good = TABLE[key]
    wrong, before = {}, state(good)
    for odd in (odd for odd in ODD if (key, name, odd) not in INSIDE):
        given = good | {name: ODD[odd]()}
        found = outcome(lambda given=given: shown(call(**given)))
        if found == "結果" and not may_be_accepted(key, name, odd):
            wrong[odd] = "黙って受け取った"
        elif found not in ("結果", "断った"):
            wrong[odd] = found
        elif state(good) != before:
            wrong[odd] = "渡されたものを変えた"
    assert wrong == {}


@pytest.mark.parametrize("key", [key for key in TABLE if key not in INTERFACE])
def test_right_arguments_are_accepted(key: str) -> None:
    """`PARTS` と `MUSEUM` の「正しい値」は、ほんとうに正しい。"""
    call, good = TABLE[key]
    assert outcome(lambda: shown(call(**good))) == "結果"


HUGE: dict[str, Callable[[], object]] = {
    "誤差項": lambda: interactive.vanishing(["identity"], [3, 5], [0.1, 1e60], width=4, nets=1),
    "順伝播": lambda: interactive.vanishing(["identity"], [3, 50], [0.1, 1e10], width=4, nets=1),
    "谷": lambda: interactive.learning_rate([0.1, 2.5], [1.0, 4.0], updates=3000),
    "細長い谷": lambda: interactive.ravine([0.1, 1e10], (1.0, 10.0), updates=40),
    "細長い谷の損失": lambda: interactive.ravine([0.1, 1e7], (1.0, 1e7), updates=20),
}


@pytest.mark.parametrize("case", HUGE)
def test_a_walk_that_overflows_is_refused_in_japanese(case: str) -> None:
    """一つずつは使える値でも、計算の途中であふれることがある。"""
    assert outcome(HUGE[case]) == "断った"


# ---- 引数の数と名前 ----

RAW = {
    "figures.Figure.set": "matplotlib のもの",
    "judges.Case.complex_step": "場面の約束を書いただけの型",
    "judges.Method": "部屋の中の表だけがつくる",
    "museum.Ground": "舞台の約束を書いただけの型",
    **dict.fromkeys(
        (
            "judges.GradientReport", "judges.GradientsReport", "judges.NetworkReport", "judges.Kink",
            "judges.Seal", "museum.Outcome",
        ),
        "結果を入れて返すためのもの",
    ),
}  # fmt: skip
"""読者が呼ばないものと、その理由。"""


def callables() -> dict[str, Callable[..., object]]:
    found = {key: call for key, call in public() if key.split(".")[0] in ROOMS}
    things = {name: getattr(museum, name) for name in museum.__all__}
    called = [k for k, thing in things.items() if inspect.isfunction(thing) or type(thing) in (type, ABCMeta)]
    return {
        key: call
        for key, call in {**found, **{f"museum.{name}": things[name] for name in called}}.items()
        if key not in RAW
    }


@pytest.mark.parametrize("key", callables())
def test_a_wrong_number_or_name_is_explained(key: str) -> None:
    assert_explained(callables()[key])


@pytest.mark.parametrize("key", callables())
def test_explaining_keeps_name_description_and_signature(key: str) -> None:
    call = callables()[key]
    inner = inspect.unwrap(call.__init__ if isinstance(call, type) else call)
    given, expected = inspect.signature(call), inspect.signature(inner)
    names = [name for name in expected.parameters if not (isinstance(call, type) and name == "self")]
    assert call.__doc__
    assert call.__module__.startswith("backprop.")
    assert list(given.parameters) == names


def test_every_room_has_its_callables() -> None:
    """表の部屋が空なら、上の検査は何も調べずに通ってしまう。"""
    keys = callables()
    for room, least in {"figures": 30, "interactive": 17, "judges": 15, "records": 2, "museum": 16}.items():
        assert sum(key.startswith(f"{room}.") for key in keys) >= least
