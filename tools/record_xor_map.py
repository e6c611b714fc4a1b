"""XOR をいろいろな設定で学習させ、解けた回数と、プラトーを抜けるまでのエポックを記録する。

どの設定でも、種 0, 1, …, 399 の乱数から始めた 400 個のネットワークを、勾配降下法で学習させる。
一つのプロセスで数分かかる。記録は `backprop.records.load("xor-map")` で読む。

    python tools/record_xor_map.py
"""

from __future__ import annotations

import json
import platform
from importlib.metadata import version
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

import backprop
from backprop.activations import sigmoid, sigmoid_derivative
from backprop.datasets import xor
from backprop.network import Network
from backprop.optimizers import Adam, Momentum, Optimizer
from backprop.training import EnsembleHistory, train_ensemble

RECORD = Path(__file__).resolve().parents[1] / "src" / "backprop" / "records" / "xor-map.json"

STARTS = 400
SOLVED_BELOW = float(np.log(2) / 4)
ESCAPED_BELOW = float(0.9 * np.log(2))

EPOCHS = 10_000
CHUNK = 1_000
DONE_BELOW = 0.01
AXES: dict[str, list[Any]] = {
    "activation": ["sigmoid", "tanh", "relu"],
    "width": [2, 3, 8],
    "weight_scale": [0.1, 0.3, 1.0, 3.0],
    "learning_rate": [0.1, 0.3, 1.0],
}

# 活性化関数ごとの、学習率と、(重みの大きさ, エポック数, 記録の間隔)
ESCAPES: dict[str, tuple[float, list[tuple[float, int, int]]]] = {
    "sigmoid": (2.0, [(0.05, 16_000, 25), (0.1, 5_000, 10), (0.2, 1_600, 5), (0.4, 600, 2)]),
    "tanh": (2.0, [(0.025, 4_000, 10), (0.05, 1_500, 2), (0.1, 500, 1), (0.2, 200, 1)]),
    "softplus": (2.0, [(0.0125, 2_500, 5), (0.025, 1_250, 2), (0.05, 700, 2), (0.1, 400, 1)]),
    "relu": (1.0, [(0.001, 300, 1), (0.01, 300, 1), (0.1, 300, 1)]),
}  # fmt: skip


def starts(activation: str, width: int, weight_scale: float) -> list[Network]:
    """種 0 から順に引いた、学習を始める前のネットワーク。バイアスはすべて 0。"""
    return [
        Network.random(
            [2, width, 1],
            [activation, "sigmoid"],
            "binary_cross_entropy",
            rng=np.random.default_rng(seed),
            weight_scale=weight_scale,
        )
        for seed in range(STARTS)
    ]


def solved(activation: str, width: int, weight_scale: float, learning_rate: float) -> int:
    """最後の損失が ``(log 2)/4`` より小さい、つまり四つとも正しく答えたネットワークの数。

    勾配降下法には状態がないので、学習は途中で区切れる。損失が 0.01 を下回ったものは、区切りで外す。
    """
    nets, done = starts(activation, width, weight_scale), 0
    for _ in range(EPOCHS // CHUNK):
        history = train_ensemble(nets, *xor(), learning_rate=learning_rate, epochs=CHUNK)
        going = history.final_cost >= DONE_BELOW
        done += int((~going).sum())
        if not going.any():
            return done
        nets = [net for net, keep in zip(history.networks, going) if keep]
    last = history.final_cost[going]
    return done + int((last < SOLVED_BELOW).sum())


def escape_epochs(history: EnsembleHistory) -> np.ndarray:
    """損失がはじめて ``0.9 log 2`` を下回った、記録のあるエポック。下回らなければ無限大。"""
    below = history.cost < ESCAPED_BELOW
    return np.where(below.any(axis=0), history.epochs[below.argmax(axis=0)], np.inf)


def escape(
    activation: str, weight_scale: float, learning_rate: float, epochs: int, record_every: int
) -> dict[str, Any]:
    """幅 3 のネットワークが、プラトーを抜けるまでのエポック。"""
    nets = starts(activation, 3, weight_scale)
    history = train_ensemble(
        nets, *xor(), learning_rate=learning_rate, epochs=epochs, record_every=record_every
    )
    found = np.sort(escape_epochs(history))
    return {
        "weight_scale": weight_scale,
        "learning_rate": learning_rate,
        "epochs": epochs,
        "record_every": record_every,
        "escaped": int(np.isfinite(found).sum()),
        "median": float((found[STARTS // 2 - 1] + found[STARTS // 2]) / 2),
    }


def with_biases(hidden: float, output: float) -> list[Network]:
    """重みの大きさ 0.1 のネットワークに、平均 0 の正規分布から引いたバイアスをつける。引数は標準偏差。"""
    nets = []
    for seed in range(STARTS):
        rng = np.random.default_rng(seed)
        net = Network.random([2, 3, 1], ["sigmoid"] * 2, "binary_cross_entropy", rng=rng, weight_scale=0.1)
        b1, b2 = hidden * rng.standard_normal((3, 1)), output * rng.standard_normal((1, 1))
        nets.append(net.replace(b1=b1, b2=b2))
    return nets


def solved_with(optimizer: Optimizer) -> int:
    """記事の設定から、更新のしかただけを替えて、解けた数。

    更新は要素ごとなので、400 個を一つの配列に並べて、まとめて渡せる。
    """
    X, Y = xor()
    nets = starts("sigmoid", 3, 0.1)
    theta = [np.stack([net.parameters()[name] for net in nets]) for name in ("W1", "b1", "W2", "b2")]
    W1, b1, W2, b2 = theta
    for _ in range(EPOCHS):
        Z1 = W1 @ X + b1  # (400, 3, 4)
        A1 = sigmoid(Z1)
        delta2 = sigmoid(W2 @ A1 + b2) - Y  # (400, 1, 4)
        delta1 = (W2.transpose(0, 2, 1) @ delta2) * sigmoid_derivative(Z1)
        gradients = [
            delta1 @ X.T / 4,
            delta1.mean(axis=2, keepdims=True),
            delta2 @ A1.transpose(0, 2, 1) / 4,
            delta2.mean(axis=2, keepdims=True),
        ]
        optimizer.step(theta, gradients)
    final = [
        net.replace(**dict(zip(("W1", "b1", "W2", "b2"), each))).cost(X, Y)
        for net, *each in zip(nets, *theta)
    ]
    return int(sum(cost < SOLVED_BELOW for cost in final))


def variants() -> dict[str, int]:
    """記事の設定（シグモイド関数、幅 3、重みの大きさ 0.1、学習率 0.1）から一つだけを変えて、解けた数。"""
    X, Y = xor()

    def descend(nets: list[Network], inputs: np.ndarray) -> int:
        history = train_ensemble(nets, inputs, Y, learning_rate=0.1, epochs=EPOCHS)
        return int((history.final_cost < SOLVED_BELOW).sum())

    return {
        "隠れ層のバイアスを標準偏差1の乱数に": descend(with_biases(1.0, 0.0), X),
        "出力のバイアスを標準偏差1の乱数に": descend(with_biases(0.0, 1.0), X),
        "バイアスをどれも標準偏差1の乱数に": descend(with_biases(1.0, 1.0), X),
        "入力を−1と1に": descend(starts("sigmoid", 3, 0.1), 2 * X - 1),
        "入力を−1と1に、tanh に": descend(starts("tanh", 3, 0.1), 2 * X - 1),
        "softplus に": descend(starts("softplus", 3, 0.1), X),
        "モーメンタム（0.9）に": solved_with(Momentum(learning_rate=0.1, momentum=0.9)),
        "Adam（学習率0.1）に": solved_with(Adam(learning_rate=0.1)),
        "Adam（学習率0.001）に": solved_with(Adam(learning_rate=0.001)),
    }


def main() -> None:
    """すべてを測り、記録を書く。"""
    shape = [len(values) for values in AXES.values()]
    changed = variants()
    counts = [solved(*setting) for setting in product(*AXES.values())]
    escapes = {
        activation: [escape(activation, scale, rate, *steps) for scale, *steps in runs]
        for activation, (rate, runs) in ESCAPES.items()
    }
    record = {
        "made_by": "tools/record_xor_map.py",
        "python": platform.python_version(),
        "numpy": version("numpy"),
        "backprop": backprop.__version__,
        "network": "2–N–1、出力はシグモイド関数、損失は2値クロスエントロピー、始めのバイアスは 0",
        "optimizer": "勾配降下法、毎回四つの例をすべて使う",
        "seeds": [0, STARTS - 1],
        "starts": STARTS,
        "epochs": EPOCHS,
        "done_below": DONE_BELOW,
        "solved_below": SOLVED_BELOW,
        "escaped_below": ESCAPED_BELOW,
        "axes": AXES,
        "solved": np.reshape(counts, shape).tolist(),
        "variants": changed,
        "escape_width": 3,
        "escape": escapes,
    }
    RECORD.write_text(json.dumps(record, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
