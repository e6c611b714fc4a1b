"""幅 h のつまみ: 数値微分の誤差。"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from backprop import checks
from backprop.checks import Array, explained
from backprop.figures.drafting.inputs import text
from backprop.interactive import sliders
from backprop.interactive.numbers import number
from backprop.interactive.widget import Widget, table
from backprop.judges import METHODS

WIDTHS = 2.0 ** np.arange(-50, 0)
PRECISION = 1e-14
"""これより小さい誤差は、丸めの偶然で決まるので、区別しない。"""
STYLES = {
    "forward_difference": "one", "central_difference": "two", "richardson": "three", "complex_step": "four",
}  # fmt: skip


@explained
def step_size(function: Callable[[Array], complex], at: float, slope: float, *, name: str) -> Widget:
    """数値微分の相対誤差を、幅 ``h`` を変えながら見る図。

    Parameters
    ----------
    function : callable
        1個の要素の配列から、一つの数を求める関数。複素数も受け取れること。四則だけで書けば、最後の桁まで
        どの計算機でも同じになる。
    at : float
        微分する点。
    slope : float
        本当の微分の値。
    name : str
        関数の名前。

    Returns
    -------
    Widget

    Raises
    ------
    TypeError, ValueError
        関数を呼び出せない、点か微分の値が有限な数でない、微分の値が0である。

    Notes
    -----
    「勾配の検査」の章（38_gradient_check）の「幅をどう選ぶか」の節で使う。

    Examples
    --------
    >>> step_size(lambda v: 1 / v.item(), 3.0, -1 / 9, name="1/x")
    幅 h を変える図: 1/x の x = 3 での微分の相対誤差。前進差分が最も良いのは h = 7.45×10⁻⁹ のとき。
    """
    checks.function("function", function), text("name", name)
    at, slope = checks.real("at", at), checks.real("slope", slope)
    if not slope:
        raise ValueError(
            "slope は 0 でない数でなければなりませんが、0 が与えられました（相対誤差が決まりません）。"
        )
    point = np.array([at])
    errors = {method: _errors(method, function, point, slope) for method in METHODS}
    best = {method: float(WIDTHS[error.argmin()]) for method, error in errors.items()}
    logs = np.log10(WIDTHS)
    data = {
        "label": "幅 h と、数値微分の誤差",
        "controls": [sliders.control("幅 h", [number(h) for h in WIDTHS], 40)],
        "readouts": [
            f"{name} の値（x = {number(at)} + h）", f"{name} の値（x = {number(at)}）", "そろっている桁",
            *(f"{METHODS[method].label}の誤差" for method in errors), "前進差分で大きい誤差",
        ],
        "plots": [
            {
                "title": f"{name} の x = {number(at)} での微分の相対誤差",
                "x": sliders.powers("幅 h（対数）", -15, 0, 5) | {"low": -15.4},
                "y": sliders.powers("相対誤差（対数）", -15, 0, 5),
                "fixed": [
                    sliders.line(logs, np.log10(error), STYLES[method], 1)
                    | {"name": METHODS[method].label}
                    for method, error in errors.items()
                ],
            }
        ],
        "frames": [_frame(i, function, point, errors, best) for i in range(len(WIDTHS))],
    }  # fmt: skip
    at_best = number(best["forward_difference"])
    what = f"幅 h を変える図: {name} の x = {number(at)} での微分の相対誤差。"
    return Widget(
        "sliders", f"{what}前進差分が最も良いのは h = {at_best} のとき。", data, _table(errors, name, at)
    )


def _errors(method: str, function: Callable, point: Array, slope: float) -> Array:
    values = np.array([METHODS[method].gradient(function, point, float(h))[0] for h in WIDTHS])
    return np.maximum(np.abs(values / slope - 1), PRECISION)


def _error_text(error: float) -> str:
    return "10⁻¹⁴ 以下" if error <= PRECISION else number(error, 1)


def _frame(
    i: int, function: Callable, point: Array, errors: dict[str, Array], best: dict[str, float]
) -> sliders.Drawn:
    h = float(WIDTHS[i])
    shifted, here = (f"{float(function(point + offset)):.16f}" for offset in (h, 0.0))
    same = _common(shifted, here)
    x = np.log10(h)
    regime = "打ち切り誤差" if h > best["forward_difference"] else "桁落ち"
    if h == best["forward_difference"]:
        regime = "釣り合っている"
    marks = [sliders.dots([x], [np.log10(error[i])], STYLES[m], 1) for m, error in errors.items()]
    return {
        "d": [[sliders.rule("", x=round(float(x), 2)), *marks]],
        "r": [shifted, here, f"{same} 桁", *(_error_text(error[i]) for error in errors.values()), regime],
        "say": f"前進差分の誤差 {_error_text(errors['forward_difference'][i])}、{regime}",
    }


def _common(a: str, b: str) -> int:
    """小数点より下の、先頭からそろっている桁の数。

    Examples
    --------
    >>> _common("0.3331", "0.3333"), _common("0.5", "0.5")
    (3, 1)
    """
    below = [text.partition(".")[2] for text in (a, b)]
    pairs = list(zip(*below))
    return next((n for n, (p, q) in enumerate(pairs) if p != q), len(pairs))


def _table(errors: dict[str, Array], name: str, at: float) -> str:
    rows = [
        (number(WIDTHS[i]), *(_error_text(error[i]) for error in errors.values()))
        for i in range(len(WIDTHS) - 4, 0, -4)
    ]
    head = ["幅 h", *(METHODS[method].label for method in errors)]
    return table(head, rows, f"{name} の x = {number(at)} での微分の相対誤差。")
