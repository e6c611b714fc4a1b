"""六つのステップを組み合わせた、全結合のニューラルネットワーク。

層の数、幅、層ごとの活性化関数、損失関数は自由に選べる。例は列に並べる。
順伝播の記録からどう勾配が求まるかは `Network.backward` の十数行がすべてである。
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np

from backprop.activations import ACTIVATIONS, Activation
from backprop.checks import (
    Array,
    DivergenceError,
    array,
    choice,
    count,
    explained,
    finite_result,
    generator,
    instance,
    not_negative,
    plain,
    sequence,
)
from backprop.initialisers import INITIALISERS
from backprop.losses import LOSSES, Loss
from backprop.steps import bias_gradient, hidden_delta, output_delta, output_gradient, weight_gradient


@explained
@dataclass(frozen=True)
class ForwardPass:
    """順伝播の記録。逆伝播は、ここに残した値だけを使う。

    `Network.forward` の作った記録は、`Network.backward` が、いまの重みから求めたものと同じかを確かめる。
    手で組んだ記録（``ForwardPass(Z, A)``）は、形のほかは確かめない。

    Attributes
    ----------
    Z : list of ndarray
        加重和。``Z[l-1]`` が ``Z^l`` (N_l, m)。
    A : list of ndarray
        活性。``A[l]`` が ``A^l`` (N_l, m)、``A[0]`` は入力 ``X``。

    Raises
    ------
    TypeError, ValueError
        配列の並びでない、``A`` の数が ``Z`` の数より一つ多くない。
    """

    Z: list[Array]
    A: list[Array]
    _by_forward: bool = field(default=False, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if len(sequence("A", self.A)) != len(sequence("Z", self.Z)) + 1:
            raise ValueError(
                f"A は Z より一つ多くなければなりませんが、Z は {len(self.Z)} 個、A は {len(self.A)} 個です。"
            )


@explained
class Network:
    """全結合のニューラルネットワーク。

    Parameters
    ----------
    weights : sequence of ndarray
        ``weights[l-1]`` が ``W^l`` (N_l, N_{l−1})。
    biases : sequence of ndarray
        ``biases[l-1]`` が ``b^l`` (N_l, 1)。
    activations : sequence of str
        層ごとの活性化関数の名前（`backprop.activations.ACTIVATIONS`）。
    loss : str
        損失関数の名前（`backprop.losses.LOSSES`）。

    Raises
    ------
    TypeError, ValueError
        層の数がそろわない、形がつながらない、要素が有限な浮動小数点数でない、名前がない、
        損失関数と出力層の活性化関数が対にならない。

    Examples
    --------
    >>> import numpy as np
    >>> net = Network([np.array([[1.0, -1.0]])], [np.array([[0.0]])], ["sigmoid"], "binary_cross_entropy")
    >>> net.predict(np.array([[2.0], [2.0]]))
    array([[0.5]])
    >>> net.gradients(np.array([[2.0], [2.0]]), np.array([[1.0]]))["W1"]
    array([[-1., -1.]])
    """

    def __init__(
        self, weights: Sequence[Array], biases: Sequence[Array], activations: Sequence[str], loss: str
    ) -> None:
        _check_lengths(weights, biases, activations)
        self.activations, self.loss = _functions(activations, loss)
        _check_parameters(weights, biases)
        self.weights: list[Array] = [W.copy() for W in weights]
        self.biases: list[Array] = [b.copy() for b in biases]

    @classmethod
    def random(
        cls,
        sizes: Sequence[int],
        activations: Sequence[str],
        loss: str,
        *,
        rng: np.random.Generator,
        weight_scale: float | str = 1.0,
        bias_scale: float = 0.0,
    ) -> Network:
        """重みとバイアスを正規分布から引いたネットワーク。

        Parameters
        ----------
        sizes : sequence or ndarray of int
            ニューロンの数 ``N_0, N_1, …, N_L``。
        activations, loss
            `Network` と同じ。
        rng : numpy.random.Generator
            乱数生成器。
        weight_scale : float or str
            重みの標準偏差。0 ならすべて 0 になる。``"glorot"`` のような名前
            （`backprop.initialisers.INITIALISERS`）なら、層ごとに、その幅から決める。
        bias_scale : float
            バイアスの標準偏差。

        Returns
        -------
        Network

        Raises
        ------
        TypeError, ValueError
            大きさが正の整数でない、標準偏差が負、規則の名前がない、その他 `Network` が断るもの。

        Examples
        --------
        >>> import numpy as np
        >>> Network.random([2, 3, 1], ["tanh", "identity"], "mse", rng=np.random.default_rng(0))
        Network(2–3–1, tanh–identity, mse)
        >>> net = Network.random([200, 99, 1], ["relu", "identity"], "mse", rng=np.random.default_rng(0),
        ...                      weight_scale="he")
        >>> round(float(net.weights[0].std()), 2)
        0.1
        """
        if isinstance(sizes, np.ndarray) and plain("sizes", sizes).ndim == 1:
            sizes = sizes.tolist()
        if len(sequence("sizes", sizes)) < 2:
            raise ValueError(f"sizes には入力層と出力層の少なくとも2つが要りますが、{list(sizes)} が与えられました。")
        widths = [count(f"sizes[{i}]", size) for i, size in enumerate(sizes)]
        scales = _weight_scales(weight_scale, widths)
        not_negative("bias_scale", bias_scale)
        shapes = [(rows, columns) for columns, rows in pairwise(widths)]
        _check_lengths(shapes, shapes, activations)
        _functions(activations, loss)  # 断るなら、乱数を引く前に
        generator("rng", rng)
        position = rng.bit_generator.state
        with np.errstate(over="ignore"):
            weights = [scale * rng.standard_normal(shape) for scale, shape in zip(scales, shapes)]
            biases = [bias_scale * rng.standard_normal((rows, 1)) for rows in widths[1:]]
        try:
            return cls(weights, biases, activations, loss)
        except ValueError:  # 標準偏差が大きすぎて、あふれた
            rng.bit_generator.state = position
            raise

    def __repr__(self) -> str:
        sizes = "–".join(map(str, self.sizes))
        activations = "–".join(activation.name for activation in self.activations)
        return f"Network({sizes}, {activations}, {self.loss.name})"

    @property
    def num_layers(self) -> int:
        """重みを持つ層の数 ``L``。"""
        return len(self.weights)

    @property
    def sizes(self) -> tuple[int, ...]:
        """ニューロンの数 ``(N_0, …, N_L)``。"""
        return (self.weights[0].shape[1], *(len(W) for W in self.weights))

    def parameters(self) -> dict[str, Array]:
        """すべての重みとバイアスを、名前 ``W1, b1, W2, …`` から引く辞書（コピーではない）。"""
        layers = enumerate(zip(self.weights, self.biases), start=1)
        return {f"{name}{l}": value for l, pair in layers for name, value in zip("Wb", pair)}

    def replace(self, **parameters: Array) -> Network:
        """名前を指定した重みやバイアスだけを取り替えた、新しいネットワーク。

        Parameters
        ----------
        **parameters : ndarray
            ``W1=…`` のように、名前と新しい値。複素数の値は複素ステップ法のために使う。

        Returns
        -------
        Network

        Raises
        ------
        TypeError, ValueError
            その名前の重みやバイアスがない、形が違う。

        Examples
        --------
        >>> import numpy as np
        >>> net = Network([np.ones((1, 1))], [np.zeros((1, 1))], ["identity"], "mse")
        >>> net.replace(W1=np.array([[3.0]])).predict(np.array([[2.0]]))
        array([[6.]])
        """
        current = self.parameters()
        for name, value in parameters.items():
            array(name, value, shape=choice("パラメータ", name, current).shape)
        merged = {**current, **parameters}
        layers = range(1, self.num_layers + 1)
        return Network(
            [merged[f"W{l}"] for l in layers],
            [merged[f"b{l}"] for l in layers],
            [activation.name for activation in self.activations],
            self.loss.name,
        )

    def forward(self, X: Array) -> ForwardPass:
        """順伝播 ``Z^l = W^l A^{l−1} + b^l``、``A^l = f^l(Z^l)``。

        Parameters
        ----------
        X : ndarray, shape (N_0, m)
            入力。1列が1例。

        Returns
        -------
        ForwardPass

        Raises
        ------
        TypeError, ValueError
            ``X`` の型や形が合わない、有限でない、空である。重みかバイアスが、書き換えられて、形がつながらない
            か、有限でない。
        DivergenceError
            加重和があふれる。
        """
        record = self._forward(X)
        object.__setattr__(record, "_by_forward", True)
        return record

    def _forward(self, X: Array) -> ForwardPass:
        if not len(self.weights) == len(self.biases) == len(self.activations):
            _check_lengths(self.weights, self.biases, self.activations)
        Z: list[Array] = []
        A = [array("X", X, shape=(_columns(self.weights[0]), "m"))]  # A^0 = X (N_0, m)
        with np.errstate(all="ignore"):  # あふれは警告ではなく、DivergenceError で知らせる
            for l, f in enumerate(self.activations, start=1):
                Z.append(self._weighted_input(l, A[-1]))  # (N_l, m)
                A.append(f.value(Z[-1]))  # (N_l, m)
        return ForwardPass(Z, A)

    def _weighted_input(self, l: int, A_prev: Array) -> Array:
        """``Z^l = W^l A^{l−1} + b^l``。重みは書き換えられるので、形は先に、有限かどうかは結果で確かめる。"""
        W, b = self.weights[l - 1], self.biases[l - 1]
        if _columns(W) != len(A_prev) or np.shape(b) != (len(W), 1):
            _check_parameters(self.weights, self.biases)
        Z = W @ A_prev + b  # (N_l, m)
        if not np.isfinite(Z).all():
            _check_parameters(self.weights, self.biases)
            raise DivergenceError(
                f"Z{l} が、浮動小数点数の最大値を超えてあふれました。X か、W{l} か b{l} の値が大きすぎます。"
                "学習の途中なら、学習率が大きすぎるのかもしれません。"
            )
        return Z

    def predict(self, X: Array) -> Array:
        """出力 ``Ŷ = A^L`` (N_L, m)。"""
        return self._forward(X).A[-1]

    def cost(self, X: Array, Y: Array) -> float:
        """バッチの平均損失 ``J = (1/m) Σ_n 𝓛^{(n)}``。

        Parameters
        ----------
        X : ndarray, shape (N_0, m)
        Y : ndarray, shape (N_L, m)
            目標。

        Returns
        -------
        float
            パラメータか入力が複素数なら複素数。

        Raises
        ------
        TypeError, ValueError
            配列の型や形が合わない、目標が損失の定義域にない。
        DivergenceError
            加重和か損失があふれる。
        """
        record = self._forward(X)
        self.loss.targets(Y, record.A[-1].shape)
        if self.loss.value_at_z is not None:
            losses = self.loss.value_at_z(record.Z[-1], Y)
        else:
            losses = self.loss.value(record.A[-1], Y)
        with np.errstate(all="ignore"):
            return finite_result("平均損失", losses.mean())

    def backward(self, record: ForwardPass, Y: Array) -> tuple[list[Array], dict[str, Array]]:
        """逆伝播。順伝播の記録から、すべての誤差項と勾配を求める。

        Parameters
        ----------
        record : ForwardPass
            `forward` の結果。
        Y : ndarray, shape (N_L, m)
            目標。

        Returns
        -------
        deltas : list of ndarray
            誤差項。``deltas[l-1]`` が ``Δ^l`` (N_l, m)。
        gradients : dict of str to ndarray
            ``J`` の勾配。名前は ``W1, b1, W2, …``、形はパラメータと同じ。

        Raises
        ------
        TypeError, ValueError
            別のネットワークの記録である、順伝播のあとで重みか入力か記録が書き換えられた、
            目標の型や形が合わない、損失の定義域にない。
        DivergenceError
            誤差項か勾配があふれる。
        """
        self._check_record(record)
        return self._backward(record, Y)

    def _backward(self, record: ForwardPass, Y: Array) -> tuple[list[Array], dict[str, Array]]:
        self.loss.targets(Y, record.A[-1].shape)
        deltas = [self._output_delta(record, Y)]
        for l in range(self.num_layers - 1, 0, -1):
            f, Z, W_next = self.activations[l - 1], record.Z[l - 1], self.weights[l]
            deltas.insert(0, hidden_delta(W_next, deltas[0], Z, f))  # ステップ3
        gradients = {}
        for l, (delta, A_prev) in enumerate(zip(deltas, record.A), start=1):
            gradients[f"W{l}"] = weight_gradient(delta, A_prev)  # ステップ4
            gradients[f"b{l}"] = bias_gradient(delta)  # ステップ5
        return deltas, gradients

    def gradients(self, X: Array, Y: Array) -> dict[str, Array]:
        """順伝播と逆伝播を続けて行い、``J`` の勾配だけを返す。"""
        return self._backward(self._forward(X), Y)[1]

    def _output_delta(self, record: ForwardPass, Y: Array) -> Array:
        Z, Y_hat = record.Z[-1], record.A[-1]
        if self.loss.delta is not None:  # 対になる組では、ステップ1と2の積が簡単な式になる
            return self.loss.delta(Y_hat, Y)
        return output_delta(output_gradient(Y_hat, Y, self.loss), Z, self.activations[-1])

    def _check_record(self, record: ForwardPass) -> None:
        sizes = tuple(len(A) for A in instance("record", record, ForwardPass).A)
        if sizes != self.sizes:
            raise ValueError(
                f"record は大きさ {self.sizes} のネットワークの記録でなければなりませんが、"
                f"大きさ {sizes} のものが与えられました。"
            )
        for l, (Z, A_prev) in enumerate(zip(record.Z, record.A), start=1):
            array(f"record の A{l - 1}", A_prev, shape=(sizes[l - 1], "m"))
            array(f"record の Z{l}", Z, shape=(sizes[l], A_prev.shape[1]))
        array(f"record の A{self.num_layers}", record.A[-1], shape=record.Z[-1].shape)
        if record._by_forward:
            with np.errstate(all="ignore"):
                self._check_fresh(record)

    def _check_fresh(self, record: ForwardPass) -> None:
        for l, f in enumerate(self.activations, start=1):
            A_prev, Z, A = map(np.asarray, (record.A[l - 1], record.Z[l - 1], record.A[l]))
            if not (_same(Z, self._weighted_input(l, A_prev)) and _same(A, f.value(Z))):
                raise ValueError(
                    f"record の Z{l} か A{l} が、いまの重みと入力から求めたものと違います。順伝播のあとで、重みか入力か"
                    "記録を書き換えたか、別のネットワークの記録です。 forward をもう一度呼んでください"
                    "（わざと使うなら、ForwardPass(record.Z, record.A) と組みなおします）。"
                )


def _columns(W: object) -> int | str:
    """重みの列の数。行列でなければ、あとで名前をつけて断る。"""
    return W.shape[1] if isinstance(W, np.ndarray) and W.ndim == 2 else "N_0"


def _same(kept: Array, now: Array) -> bool:
    """丸め誤差のほかは同じか。"""
    if np.array_equal(kept, now):
        return True
    return bool(np.abs(kept - now).max() <= 100 * np.finfo(now.dtype).eps * np.abs(now).max())


def _weight_scales(weight_scale: float | str, widths: Sequence[int]) -> list[float]:
    """層ごとの、重みの標準偏差。"""
    if isinstance(weight_scale, str):
        rule = choice("weight_scale", weight_scale, INITIALISERS)
        return [rule(columns, rows) for columns, rows in pairwise(widths)]
    return [not_negative("weight_scale", weight_scale)] * (len(widths) - 1)


def _functions(activations: Sequence[str], loss: str) -> tuple[tuple[Activation, ...], Loss]:
    """名前から、活性化関数と損失関数を選ぶ。"""
    chosen = tuple(choice(f"activations[{i}]", name, ACTIVATIONS) for i, name in enumerate(activations))
    loss_function = choice("loss", loss, LOSSES)
    _check_pair(loss_function.name, loss_function.output_activation, chosen[-1].name)
    return chosen, loss_function


def _check_lengths(weights: Sequence[Any], biases: Sequence[Any], activations: Sequence[str]) -> None:
    sequence("weights", weights), sequence("biases", biases), sequence("activations", activations)
    lengths = len(weights), len(biases), len(activations)
    if len(set(lengths)) > 1 or not weights:
        raise ValueError(
            "weights, biases, activations の長さはどれも層の数 L (1以上) でなければなりませんが、"
            f"{lengths[0]}, {lengths[1]}, {lengths[2]} が与えられました。"
        )


def _check_pair(loss: str, required: str | None, given: str) -> None:
    if required is not None and given != required:
        raise ValueError(
            f"損失関数 {loss} の出力層の活性化関数は {required} でなければなりませんが、{given} が与えられました。"
        )


def _check_parameters(weights: Sequence[Array], biases: Sequence[Array]) -> None:
    width: int | str = "N_0"
    for l, (W, b) in enumerate(zip(weights, biases), start=1):
        array(f"W{l}", W, shape=(f"N_{l}", width))
        width = len(W)
        array(f"b{l}", b, shape=(width, 1))
