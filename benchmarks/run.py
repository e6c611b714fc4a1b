"""速さの測定。同じ実行の中で測った時間の比を、上限と並べて表にする。

    make bench

比べる相手とは、短い測定を交互にくり返し、一回ごとの比の中央値を取る。散らばり（下から1割と9割の比）も見せる。時間そのものは
機械によって違うが、比はあまり違わない。上限を超えた行が一つでもあれば、終了コードは1になる。
"""

from __future__ import annotations

import ctypes
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from backprop.datasets import xor
from backprop.network import Network
from backprop.optimizers import GradientDescent
from backprop.training import train, train_ensemble

try:
    import torch
except ImportError:
    torch = None

ROUNDS = 40
TRIM, MAP, KEPT = -1, -3, 1 << 28
"""`keep_memory` で使う、glibc の `mallopt` の二つの番号（malloc.h）と、手もとに残す量。"""

Repeat = Callable[[int], object]
"""``n`` を受け取り、測りたいことを ``n`` 回くり返す関数。"""


@dataclass(frozen=True)
class Row:
    """表の1行。"""

    what: str
    value: float
    bound: float
    detail: str

    @property
    def ok(self) -> bool:
        return self.value <= self.bound


def seconds(repeat: Repeat, n: int) -> float:
    """``n`` 回にかかった、1回あたりの秒数。"""
    start = time.perf_counter()
    repeat(n)
    return (time.perf_counter() - start) / n


def compare(n: int, ours: Repeat, other: Repeat) -> np.ndarray:
    """``n`` 回ずつ交互に測った、1回あたりの秒数 ``(ROUNDS, 2)``。はじめの一組は、慣らしなので数えない。"""
    rounds = [(seconds(ours, n), seconds(other, n)) for _ in range(ROUNDS + 1)]
    return np.array(rounds[1:])


def ratio(what: str, ours: Repeat, other: Repeat, bound: float, n: int, times: int = 1) -> Row:
    """``ours`` の時間 ÷ ``other`` を ``times`` 回する時間。"""
    mine, theirs = compare(n, ours, other).T
    found = mine / (times * theirs)
    low, high = np.quantile(found, [0.1, 0.9])
    spent = f"{np.median(mine) * 1e6:.1f} µs ÷ {times * np.median(theirs) * 1e6:.1f} µs"
    return Row(what, float(np.median(found)), bound, f"{spent}、散らばり {low:.3f}–{high:.3f}")


def again(function: Callable[[], object]) -> Repeat:
    """``function`` を ``n`` 回呼ぶ。結果を残すと、そのたびに新しいメモリーが要るので、残さない。"""

    def repeat(n: int) -> None:
        for _ in range(n):
            function()

    return repeat


def keep_memory() -> None:
    """使い終わったメモリーを、手もとに残させる（glibc だけ）。

    システムに返して借りなおす時間は、借り方で大きく変わり、測りたい計算の時間ではない。
    """
    set_option = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if set_option is not None:
        set_option(TRIM, KEPT)
        set_option(MAP, KEPT)


def training_steps(network: Network, X: np.ndarray, Y: np.ndarray) -> Repeat:
    """データ全体を使う勾配降下法を ``n`` ステップ。損失は始めと終わりにだけ記録する。"""
    return lambda n: train(
        network, X, Y, optimizer=GradientDescent(learning_rate=0.1), epochs=n, record_every=n
    )


# ---- XOR: 2–3–1 --------------------------------------------------------------------------------


def plain_xor_steps(network: Network, X: np.ndarray, Y: np.ndarray) -> Repeat:
    """同じ1ステップを、教科書どおりに NumPy で書いたもの。"""

    def sigmoid(z: np.ndarray) -> np.ndarray:
        return 1 / (1 + np.exp(-z))

    def sigmoid_derivative(z: np.ndarray) -> np.ndarray:
        return sigmoid(z) * (1 - sigmoid(z))

    W1, b1, W2, b2 = (value.copy() for value in network.parameters().values())
    m, learning_rate = X.shape[1], 0.1

    def repeat(n: int) -> None:
        for _ in range(n):
            Z1 = np.dot(W1, X) + b1
            A1 = sigmoid(Z1)
            Z2 = np.dot(W2, A1) + b2
            A2 = sigmoid(Z2)
            delta2 = A2 - Y
            dW2 = (1 / m) * np.dot(delta2, A1.T)
            db2 = (1 / m) * np.sum(delta2, axis=1, keepdims=True)
            delta1 = np.dot(W2.T, delta2) * sigmoid_derivative(Z1)
            dW1 = (1 / m) * np.dot(delta1, X.T)
            db1 = (1 / m) * np.sum(delta1, axis=1, keepdims=True)
            for parameter, gradient in ((W1, dW1), (b1, db1), (W2, dW2), (b2, db2)):
                parameter -= learning_rate * gradient

    return repeat


def torch_steps(network: Network, X: np.ndarray, Y: np.ndarray) -> Repeat:
    """同じ1ステップを PyTorch（CPU、float64、eager）で。"""
    modules = {"sigmoid": torch.nn.Sigmoid, "softmax": torch.nn.Identity}  # 下の損失が softmax を含む
    layers: list[torch.nn.Module] = []
    for W, b, activation in zip(network.weights, network.biases, network.activations):
        linear = torch.nn.Linear(W.shape[1], W.shape[0], dtype=torch.float64)
        with torch.no_grad():
            linear.weight.copy_(torch.from_numpy(W))
            linear.bias.copy_(torch.from_numpy(b[:, 0]))
        layers += [linear, modules[activation.name]()]
    model = torch.nn.Sequential(*layers)
    inputs, targets = torch.from_numpy(X.T.copy()), torch.from_numpy(Y.T.copy())
    loss = torch.nn.BCELoss() if network.loss.name == "binary_cross_entropy" else torch.nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)

    def repeat(n: int) -> None:
        for _ in range(n):
            optimizer.zero_grad()
            loss(model(inputs), targets).backward()
            optimizer.step()

    return repeat


def xor_rows() -> list[Row]:
    X, Y = xor()
    network = Network.random(
        [2, 3, 1], ["sigmoid", "sigmoid"], "binary_cross_entropy", rng=np.random.default_rng(0)
    )
    ours = training_steps(network, X, Y)
    rows = [ratio("XOR の学習1ステップ ÷ 素朴な NumPy", ours, plain_xor_steps(network, X, Y), 1.0, n=1000)]
    if torch is not None:
        rows.append(ratio("XOR の学習1ステップ ÷ PyTorch", ours, torch_steps(network, X, Y), 0.15, n=200))
    return rows


def ensemble_row() -> Row:
    X, Y = xor()
    rng = np.random.default_rng(0)
    starts = [
        Network.random([2, 3, 1], ["sigmoid", "sigmoid"], "binary_cross_entropy", rng=rng) for _ in range(400)
    ]
    together = lambda n: train_ensemble(starts, X, Y, learning_rate=0.1, epochs=n)  # noqa: E731
    return ratio(
        "400 個の同時の学習 ÷ 一つずつ", together, training_steps(starts[0], X, Y), 0.1, n=200, times=400
    )


# ---- 784–128–10、バッチ 128 --------------------------------------------------------------------


def bare_products(sizes: tuple[int, int, int], m: int) -> Repeat:
    """1ステップに欠かせない五つの行列の積だけ。順伝播2、重みの勾配2、隠れ層の誤差項1。"""
    rng = np.random.default_rng(0)
    n0, n1, n2 = sizes
    X, A1 = rng.standard_normal((n0, m)), rng.standard_normal((n1, m))
    W1, W2 = rng.standard_normal((n1, n0)), rng.standard_normal((n2, n1))
    delta1, delta2 = rng.standard_normal((n1, m)), rng.standard_normal((n2, m))
    Z1, Z2, D1 = np.empty((n1, m)), np.empty((n2, m)), np.empty((n1, m))
    dW1, dW2 = np.empty((n1, n0)), np.empty((n2, n1))

    def repeat(n: int) -> None:
        for _ in range(n):
            np.matmul(W1, X, out=Z1)
            np.matmul(W2, A1, out=Z2)
            np.matmul(delta2, A1.T, out=dW2)
            np.matmul(W2.T, delta2, out=D1)
            np.matmul(delta1, X.T, out=dW1)

    return repeat


def large_rows() -> list[Row]:
    sizes, m, rng = (784, 128, 10), 128, np.random.default_rng(0)
    X = rng.random((784, m))
    Y = np.eye(10)[:, rng.integers(10, size=m)]
    network = Network.random(sizes, ["sigmoid", "softmax"], "cross_entropy", rng=rng, weight_scale=0.05)
    ours = training_steps(network, X, Y)
    rows = []
    if torch is not None:
        rows.append(
            ratio("784–128–10 の学習1ステップ ÷ PyTorch", ours, torch_steps(network, X, Y), 1.0, n=100)
        )
    rows.append(ratio("784–128–10 の学習1ステップ ÷ 行列の積だけ", ours, bare_products(sizes, m), 1.5, n=100))
    rows.append(
        ratio(
            "784–128–10 の勾配 ÷ 予測",
            again(lambda: network.gradients(X, Y)),
            again(lambda: network.predict(X)),
            2.5,
            n=20,
        )
    )
    return rows


# ---- 差分との比較 ------------------------------------------------------------------------------


def central_differences(network: Network, X: np.ndarray, Y: np.ndarray, h: float = 1e-6) -> None:
    """すべてのパラメータについての中心差分。パラメータ一つにつき、順伝播が2回要る。"""
    for values in network.parameters().values():
        for index in np.ndindex(values.shape):
            original = values[index]
            values[index] = original + h
            above = network.cost(X, Y)
            values[index] = original - h
            _ = (above - network.cost(X, Y)) / (2 * h)
            values[index] = original


def difference_row(width: int) -> str:
    """幅のそろった2層のネットワークでの、差分の時間 ÷ 誤差逆伝播法の時間。"""
    rng = np.random.default_rng(0)
    network = Network.random([width, width, width], ["tanh", "identity"], "mse", rng=rng)
    X, Y = rng.standard_normal((width, 16)), rng.standard_normal((width, 16))
    size = sum(values.size for values in network.parameters().values())
    by_differences = min(seconds(lambda n: central_differences(network, X, Y), 1) for _ in range(3))
    by_backprop = min(seconds(again(lambda: network.gradients(X, Y)), 100) for _ in range(ROUNDS))
    found = by_differences / by_backprop
    return f"{size:14,d}   {found:19,.0f}   {found / size:19.2f}"


# ---- 記号の導出 --------------------------------------------------------------------------------

DERIVATION = """
import time
from backprop.symbolic import derive_six_steps
start = time.perf_counter()
derive_six_steps()
print(time.perf_counter() - start)
"""


def symbolic_row() -> Row:
    """六つのステップの、幅を記号のままにした導出。覚えた結果を使わないよう、新しいプロセスで測る。"""
    runs = [
        float(subprocess.run([sys.executable, "-c", DERIVATION], check=True, capture_output=True).stdout)
        for _ in range(3)
    ]
    return Row(
        "記号での六つのステップの導出（秒）", min(runs), 5.0, "幅は記号のまま。どの幅でも同じ一回の導出"
    )


def main() -> int:
    keep_memory()
    rows = [*xor_rows(), ensemble_row(), *large_rows(), symbolic_row()]
    for row in rows:
        verdict = "ok" if row.ok else "超過"
        print(f"{verdict:4} {row.value:7.3f} ≤ {row.bound:<5g} {row.what}（{row.detail}）")
    if torch is None:
        print("PyTorch が入っていないので、PyTorch との比較は飛ばしました。")
    print()
    print("差分の手間は、パラメータの数にほぼ比例して、誤差逆伝播法の手間より大きくなる。")
    print("パラメータの数   差分 ÷ 誤差逆伝播法   比 ÷ パラメータの数")
    for width in (2, 8, 32, 64):
        print(difference_row(width))
    return 0 if all(row.ok for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
