"""一つの層の、順伝播と逆伝播の組を確かめる。"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from backprop import checks
from backprop.checks import (
    Array,
    array,
    explained,
)
from backprop.judges.gradcheck import check_gradients
from backprop.judges.measuring import AUTO
from backprop.judges.reports import GradientsReport

APART = 0x5EED
"""種に添える数。"""


@explained
def check_layer(
    forward: Callable[..., Any],
    backward: Callable[..., Any],
    *inputs: Array,
    seed: int = 0,
    method: str = AUTO,
    tolerance: float | None = None,
) -> GradientsReport:
    """配列を返す関数の逆伝播を、でたらめな上流の勾配で確かめる。

    上流の勾配 ``G`` を乱数で決め、``Σ G ⊙ forward(…)`` という一つの数の勾配を、数値微分と比べる。``G`` を
    1 だけにすると、正規化や softmax では、逆伝播の項が抜けていても合格してしまう。

    Parameters
    ----------
    forward : callable
        ``forward(*inputs)`` で出力の配列を返す関数。出力と控えの組 ``(out, cache)`` を返してもよい。
    backward : callable
        控えがあれば ``backward(G, cache)``、なければ ``backward(G, *inputs)`` で、入力ごとの勾配を並べて返す
        関数。微分しない入力のところは ``None``。入力が一つなら、配列だけを返してもよい。
    *inputs : ndarray
        順伝播に渡す配列。
    seed : int, optional
        上流の勾配を決める乱数の種。
    method, tolerance
        `check_gradient` と同じ。

    Returns
    -------
    GradientsReport
        入力の名前は、``forward`` の引数の名前。

    Raises
    ------
    TypeError, ValueError
        関数や配列でない、勾配の数や形が入力と合わない、``backward`` が渡された配列を書き換える、その他
        `check_gradients` が断るもの。

    Examples
    --------
    対数 softmax の逆伝播は ``G − softmax(x) ΣG``。和を忘れると、見のがしやすい。

    >>> def log_softmax(x):
    ...     return x - np.log(np.exp(x).sum())
    >>> def wrong(G, x):
    ...     return G - np.exp(x) / np.exp(x).sum()
    >>> x = np.array([0.5, -1.0, 2.0])
    >>> check_layer(log_softmax, lambda G, x: G - np.exp(log_softmax(x)) * G.sum(), x).ok
    True
    >>> check_layer(log_softmax, wrong, x).ok
    False
    """
    checks.function("forward", forward), checks.function("backward", backward)
    if not inputs:
        raise ValueError(
            "inputs がありません。順伝播に渡す配列を、forward と backward のあとに並べてください。"
        )
    names = _names(forward, len(inputs))
    points = {name: array(name, value) for name, value in zip(names, inputs)}
    out, cache = _split(forward(*(value.copy() for value in points.values())))
    G = _upstream(checks.seed("seed", seed), out)
    gradients = _gradients(backward, G, cache, points)
    moved = {name: points[name] for name in gradients}

    def cost(values: dict[str, Array]) -> complex:
        return (G * _split(forward(*{**_copies(points), **values}.values()))[0]).sum()

    return check_gradients(cost, moved, gradients, method=method, tolerance=tolerance)


def _upstream(seed: int, out: Array) -> Array:
    """乱数で決めた上流の勾配。同じ種で作られたかもしれない入力と、同じ数にならないようにする。"""
    return np.random.default_rng([seed, APART]).standard_normal(out.shape).astype(out.dtype)


def _names(forward: Callable[..., Any], number: int) -> list[str]:
    """順伝播の引数の名前。わからなければ番号。"""
    try:
        parameters = list(inspect.signature(forward).parameters.values())
    except (TypeError, ValueError):
        parameters = []
    plain = [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    return plain[:number] if len(plain) >= number else [f"inputs[{n}]" for n in range(number)]


def _split(result: Any) -> tuple[Array, tuple[Any, ...]]:
    """順伝播の返したものを、出力と、あれば控えとに分ける。"""
    out, *cache = result if isinstance(result, tuple) else (result,)
    if len(cache) > 1:
        raise TypeError(
            f"forward は出力か (出力, 控え) を返さなければなりませんが、{len(cache) + 1} 個が返りました。"
        )
    if not isinstance(out, (np.ndarray, np.inexact)) or out.dtype.kind not in "fc":
        raise TypeError(
            f"forward の出力は浮動小数点数の配列でなければなりませんが、{type(out).__name__} でした。"
        )
    return np.asarray(out), tuple(cache)


def _copies(points: dict[str, Array]) -> dict[str, Array]:
    return {name: value.copy() for name, value in points.items()}


def _gradients(
    backward: Callable[..., Any], G: Array, cache: tuple[Any, ...], points: dict[str, Array]
) -> dict[str, Array]:
    """逆伝播の返した勾配を、入力の名前から引く辞書にする。"""
    upstream, given = G.copy(), _copies(points)
    result = backward(upstream, *(cache or given.values()))
    parts = result if isinstance(result, (tuple, list)) else (result,)
    if len(parts) != len(points):
        raise ValueError(
            f"backward は入力と同じ {len(points)} 個の勾配（{', '.join(points)} の順）を返さなければなりませんが、"
            f"{len(parts)} 個が返りました。"
        )
    if not np.array_equal(upstream, G):
        raise ValueError(
            "backward が、渡された上流の勾配を書き換えました。写しを取ってから計算してください。"
        )
    if not cache and any(not np.array_equal(given[name], value) for name, value in points.items()):
        raise ValueError("backward が、渡された入力を書き換えました。写しを取ってから計算してください。")
    kept = {name: part for name, part in zip(points, parts) if part is not None}
    if not kept:
        raise ValueError("backward の返した勾配が、すべて None です。")
    return kept
