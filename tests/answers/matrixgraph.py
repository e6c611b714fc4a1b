"""行列の計算グラフの練習問題の、正しい答え。"""

from __future__ import annotations

import numpy as np

from backprop.checks import Array


def step_by_step(G: Array, rows: int, columns: int) -> Array:
    """向きごとに調べて。"""
    if rows == 1:
        G = G.sum(axis=0, keepdims=True)
    if columns == 1:
        G = G.sum(axis=1, keepdims=True)
    return G


def loops(G: Array, rows: int, columns: int) -> list[list[float]]:
    """それぞれの場所の値を、写す前の場所に足す。"""
    found = [[0.0] * columns for _ in range(rows)]
    for k in range(G.shape[0]):
        for n in range(G.shape[1]):
            found[k % rows][n % columns] += G[k, n]
    return found


def with_axes(G: Array, rows: int, columns: int) -> Array:
    """足す軸を集めて、一度に足す。"""
    return G.sum(axis=tuple(n for n, size in enumerate((rows, columns)) if size == 1), keepdims=True)


def with_matrices(G: Array, rows: int, columns: int) -> Array:
    """1を並べた行列か、単位行列を掛ける。"""
    left = np.ones((1, len(G))) if rows == 1 else np.eye(rows)
    right = np.ones((G.shape[1], 1)) if columns == 1 else np.eye(columns)
    return left @ G @ right


def reshaped(G: Array, rows: int, columns: int) -> Array:
    """keepdims の代わりに、形を直す。"""
    kept = "kn"[: 1 if rows > 1 else 0] + ("n" if columns > 1 else "")
    return np.einsum(f"kn->{kept}", G).reshape(rows, columns)


RIGHT = {
    "ex-matrixgraph-reach": [5],
    "ex-matrixgraph-product": [[[0, 4], [-3, 10]], np.array([[0.0, 4.0], [-3.0, 10.0]])],
    "ex-matrixgraph-bug": [3],
    "ex-matrixgraph-unstretch": [step_by_step, loops, with_axes, with_matrices, reshaped],
    "ex-matrixgraph-gram": [
        "Sum(g[i, n]*x[n, s], n) + Sum(g[k, i]*x[k, s], k)",
        "Sum(g[i, n]*x[n, s] + g[n, i]*x[n, s], n)",
        "Sum((g[i, k] + g[k, i])*x[k, s], k)",
        "Sum(x[k, s]*g[k, i], k) + Sum(x[k, s]*g[i, k], k)",
        "Eq(x[i, s], Sum(g[n, i]*x[n, s], n) + Sum(g[i, n]*x[n, s], n))",
        "2*Sum((g[i, k]/2 + g[k, i]/2)*x[k, s], k)",
    ],
    "ex-matrixgraph-centre": [
        "g[i, j] - Sum(g[i, n], n)/M",
        "g[i, j] - 1/M*Sum(g[i, t], t)",
        "-(Sum(g[i, n], n)/M - g[i, j])",
        "(M*g[i, j] - Sum(g[i, n], n))/M",
        "Sum(g[i, j] - g[i, n], n)/M",
        "g[i, j] - Sum(g[i, n]/M, n)",
    ],
}
