"""XOR の練習問題の、正しい答え。"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from backprop.checks import Array


def all_at_once(E: Array) -> Array:
    """行列のまま。"""
    return np.hstack([20 * E.T - 10, 5 - 10 * E.T.sum(axis=1, keepdims=True)])


def one_by_one(E: Array) -> list[list[float]]:
    """例を一つずつ、リストで。"""
    rows = []
    for example in E.T:
        weights = [10 if bit == 1 else -10 for bit in example]
        rows.append([*weights, 5 - sum(w for w in weights if w > 0)])
    return rows


def by_solving(E: Array) -> Array:
    """加重和の条件を、連立1次方程式として解く。"""
    found = []
    for example in E.T:
        others = np.abs(np.eye(len(example)) - example)
        corners = np.vstack([example, others])
        found.append(
            np.linalg.solve(np.hstack([corners, np.ones((len(corners), 1))]), _heights(len(example)))
        )
    return np.array(found)


def _heights(n: int) -> Array:
    """見張る例で5、入力が1か所違う例で −5。"""
    return np.append(5.0, np.full(n, -5.0))


def filled(E: Array) -> Array:
    """空の配列に書きこむ。"""
    found = np.empty((E.shape[1], E.shape[0] + 1))
    found[:, :-1] = np.where(E.T > 0.5, 10, -10)
    found[:, -1] = 5 - np.einsum("nk,kn->n", found[:, :-1], E)
    return found


RIGHT = {
    "ex-xor-square": [
        [Fraction(1, 16), Fraction(1, 4), Fraction(1, 4)],
        (0.0625, 0.25, 0.25),
        np.array([1, 4, 4]) / 16,
    ],
    "ex-xor-reversed": ["W2 と b2"],
    "ex-xor-signs": [
        "-t/(1 + exp(t*z))",
        "-t*exp(-t*z)/(1 + exp(-t*z))",
        "-t*sigma(-t*z)",
        "t*(sigma(t*z) - 1)",
        "t*sigma(t*z) - t",
        "t/(1 + exp(-t*z)) - t",
        "Eq(t, -t*(1 - sigma(t*z)))",
    ],
    "ex-xor-bug": [7],
    "ex-xor-and": [[0, Fraction(-1, 2), Fraction(-1, 2)], (0.0, -0.5, -0.5), np.array([0, -1, -1]) / 2],
    "ex-xor-watchers": [
        all_at_once,
        one_by_one,
        by_solving,
        filled,
        lambda E: [[*(10 * (2 * x - 1)), 5 - 10 * x.sum()] for x in E.T],
        lambda E: np.vstack([20 * E - 10, 5 - 10 * E.sum(axis=0)]).T,
    ],
}
