"""記号に入れる数。検印は、ここで作る場面のもとで、式とプログラムを突き合わせる。

場面は、記号から値を引く辞書のように振る舞い、もう一つ `complex_step` を持つ。それは微分の公式を
使わず、損失を求めるプログラムだけから微分を測る。
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np
import sympy as sp

from backprop import checks
from backprop.checks import (
    Array,
    count,
    explained,
    function,
    instance,
    mapping,
    sequence,
)
from backprop.judges import differences
from backprop.network import Network
from backprop.symbolic import BATCH, ArbitraryFunction, Family, Layer, entries

SMOOTH = ("sigmoid", "tanh", "softplus")
"""複素ステップ法の使える、曲がった活性化関数。"""


@runtime_checkable
class Case(Protocol):
    """検印の場面。"""

    def __getitem__(self, item: Any) -> Any:
        """記号の値。"""

    def complex_step(self, item: Any) -> Array:
        """損失のプログラムを ``item`` で微分した値。公式は使わない。"""


@explained
@dataclass(frozen=True)
class SampleCase:
    """いくつかの数と、それらから損失を求めるプログラム。

    Attributes
    ----------
    values : dict
        記号から値を引く辞書。値は数か、`Family` なら配列。
    program : callable
        ``program(values)`` が損失。複素数の値を受け入れること。配列を返せば、その和を損失とみなす。

    Examples
    --------
    >>> w = sp.Symbol("w")
    >>> SampleCase({w: 3.0}, lambda values: values[w] ** 2).complex_step(w)
    array(6.)
    """

    values: Mapping[Any, Any]
    program: Callable[[Mapping[Any, Any]], complex]

    def __post_init__(self) -> None:
        mapping("values", self.values), function("program", self.program, takes=1)

    def __getitem__(self, item: Any) -> Any:
        return self.values[item]

    def __contains__(self, item: Any) -> bool:
        return item in self.values

    def complex_step(self, item: Any) -> Array:
        """プログラムを ``item`` で複素ステップ微分した値。形は ``item`` の値と同じ。"""
        point = np.asarray(self.values[item], dtype=float)
        return differences.complex_step(lambda x: np.sum(self.program({**self.values, item: x})), point)


@explained
def sample_cases(
    draw: Callable[[np.random.Generator], Mapping[Any, Any]],
    program: Callable[[Mapping[Any, Any]], complex],
    *,
    number: int = 6,
    seed: int = 0,
) -> list[SampleCase]:
    """種を決めた乱数から、`SampleCase` をいくつか作る。

    Parameters
    ----------
    draw : callable
        乱数生成器から、記号の値の辞書を一つ引く関数。
    program : callable
        `SampleCase` と同じ。
    number, seed : int
        作る数と乱数の種。

    Returns
    -------
    list of SampleCase

    Raises
    ------
    TypeError, ValueError
        関数でない、数や種が整数でない。

    Examples
    --------
    >>> w = sp.Symbol("w")
    >>> len(sample_cases(lambda rng: {w: rng.normal()}, lambda values: values[w] ** 2))
    6
    """
    rng = np.random.default_rng(checks.seed("seed", seed))
    function("draw", draw, takes=1), function("program", program, takes=1)
    return [SampleCase(draw(rng), program) for _ in range(count("number", number))]


SIZES = ((3, 3, 3), (2, 2, 2), (2, 4, 3), (4, 3, 2))
"""演算の場面の、大きさの組。はじめの二つでは、添字を入れ替えた誤りも値を持つ。"""


@explained
def operation_cases(
    operation: Callable[..., Array | tuple[Array, ...]],
    inputs: Mapping[Family, tuple[sp.Symbol | int, ...]],
    upstream: Family | tuple[Family, ...],
    *,
    functions: Mapping[Any, Callable[[Any], Any]] | None = None,
    seed: int = 0,
) -> list[SampleCase]:
    """一つの演算と、そのあとに続く損失のプログラムの場面を、種を決めて作る。

    上流の勾配は、公式からではなく、演算の出力から先のプログラムだけを複素ステップ法で測って求める。
    損失は、どの成分の勾配も互いに違う値になるように、出力の正弦の和とする。

    Parameters
    ----------
    operation : callable
        入力の配列から出力の配列（いくつかあるなら、その組）を求める、複素数でも動く関数。
    inputs : mapping of Family to tuple
        入力の族から形への対応。形は大きさの記号か整数の組で、大きさの記号は三つまで。
    upstream : Family or tuple of Family
        上流の勾配の族。出力と同じ数。
    functions : mapping, optional
        式に現れる名前だけの関数から、NumPy の関数への対応。
    seed : int
        乱数の種。

    Returns
    -------
    list of SampleCase
        大きさの違う四つの場面。はじめの二つでは、どの大きさも等しい。

    Raises
    ------
    TypeError, ValueError
        引数の型が違う、大きさの記号が多すぎる、出力と上流の数が違う。

    Examples
    --------
    >>> N = sp.Symbol("N", integer=True, positive=True)
    >>> x, g = Family("x"), Family("g")
    >>> case = operation_cases(lambda x: 2 * x, {x: (N, 1)}, g)[0]
    >>> bool(np.allclose(case.complex_step(x), 2 * case[g], rtol=1e-12))
    True
    """
    function("operation", operation), _check_inputs(inputs)
    functions = {} if functions is None else mapping("functions", functions)
    dimensions = sorted({d for shape in inputs.values() for d in shape if isinstance(d, sp.Symbol)}, key=str)
    if len(dimensions) > len(SIZES[0]):
        raise ValueError(f"大きさの記号は {len(SIZES[0])} 個までですが、{dimensions} が与えられました。")
    families = upstream if isinstance(upstream, tuple) else (upstream,)
    for g in families:
        instance("upstream", g, Family)
    rng = np.random.default_rng(checks.seed("seed", seed))

    def outputs(values: Mapping[Any, Any]) -> tuple[Array, ...]:
        result = operation(*(values[x] for x in inputs))
        return result if isinstance(result, tuple) else (result,)

    cases = []
    for sizes in SIZES:
        values: dict[Any, Any] = {**dict(zip(dimensions, sizes)), **functions}
        for x, shape in inputs.items():
            values[x] = rng.standard_normal([values.get(d, d) for d in shape])
        found = outputs(values)
        if len(found) != len(families):
            raise ValueError(
                f"上流の勾配 upstream は {len(found)} 個要りますが、{len(families)} 個が与えられました。"
            )
        for n, (g, Z) in enumerate(zip(families, found)):
            values[g] = differences.complex_step(lambda at, n=n: _waves(n, at), Z)
        cases.append(SampleCase(values, lambda v: sum(_waves(n, Z) for n, Z in enumerate(outputs(v)))))
    return cases


def _check_inputs(inputs: Mapping[Family, tuple[sp.Symbol | int, ...]]) -> None:
    if not mapping("inputs", inputs):
        raise ValueError("inputs が空です。少なくとも1つの入力が要ります。")
    for x, shape in inputs.items():
        instance("inputs の名前", x, Family)
        for size in sequence(f"inputs[{x}]", shape):
            if not isinstance(size, sp.Symbol):
                count(f"inputs[{x}] の大きさ", size)


def _waves(n: int, Z: Array) -> complex:
    """演算の先の損失。出力がいくつかあるときは、それぞれに違う関数を使う。"""
    return np.sin((n + 1) * Z + 0.5).sum()


@explained
@dataclass(frozen=True)
class NetworkCase:
    """一つのネットワークと例。`symbolic.Layer` の記号（成分の族も行列も）から、その層の値を引く。

    誤差項と、活性についての勾配 ``G`` は、`src` の逆伝播ではなく、定義のとおりに複素ステップ法で求める。

    Attributes
    ----------
    network : Network
    X, Y : ndarray, shape (N_0, m), (N_L, m)
        入力と目標。
    l : int
        記号 ``l`` の表す層の番号。

    Raises
    ------
    TypeError, ValueError
        ネットワークとデータが合わない、その番号の層がない。

    Examples
    --------
    >>> from backprop.symbolic import layers
    >>> net = Network([np.eye(2), np.ones((1, 2))], [np.zeros((2, 1)), np.zeros((1, 1))],
    ...               ["identity", "identity"], "half_squared_error")
    >>> case = NetworkCase(net, np.array([[1.0], [2.0]]), np.array([[1.0]]), l=1)
    >>> this, after = layers("l", "l+1")
    >>> case[this.N], case[after.delta]
    (2, array([[2.]]))
    """

    network: Network
    X: Array
    Y: Array
    l: int

    def __post_init__(self) -> None:
        instance("network", self.network, Network).cost(self.X, self.Y)  # 合わないデータは、ここで断られる
        if count("l", self.l) > self.network.num_layers:
            raise ValueError(
                f"l は層の数 {self.network.num_layers} 以下でなければなりませんが、{self.l} が与えられました。"
            )

    def __contains__(self, item: Any) -> bool:
        try:
            self[item]
        except KeyError:
            return False
        return True

    def __getitem__(self, item: Any) -> Any:
        if isinstance(item, type) and issubclass(item, ArbitraryFunction):
            return self._function(item)
        if item == BATCH:
            return self.X.shape[1]
        letter, l = self._parse(item)
        if letter == r"\delta":
            return self.complex_step(Layer(str(l)).z)
        if letter == "g":
            return self.complex_step(Layer(str(l)).a)
        return self._values()[letter][l]

    def complex_step(self, item: Any) -> Array:
        """損失を ``item`` で複素ステップ微分した値。

        重みとバイアスについては平均損失 ``J`` の、``z`` と ``a`` については例ごとの 𝓛 の微分である。
        """
        letter, l = self._parse(item)
        point = self._values()[letter][l]
        if letter in "wb":
            name = f"{letter.upper() if letter == 'w' else letter}{l}"
            return differences.complex_step(lambda x: self._cost(**{name: x}), point)
        return differences.complex_step(lambda x: self._losses_from(letter, l, x).sum(), point)

    def activation(self, layer: Layer) -> Any:
        """その層の活性化関数（`backprop.activations.Activation`）。"""
        return self.network.activations[layer.position(self.l, self.network.num_layers) - 1]

    def _cost(self, **parameters: Array) -> complex:
        return self.network.replace(**parameters).cost(self.X, self.Y)

    def _losses_from(self, letter: str, l: int, value: Array) -> Array:
        """層 ``l`` の加重和か活性だけを与えて、そこから先を計算した、例ごとの損失。"""
        net = self.network
        Z, A = (value, net.activations[l - 1].value(value)) if letter == "z" else (None, value)
        for W, b, f in zip(net.weights[l:], net.biases[l:], net.activations[l:]):
            Z = W @ A + b
            A = f.value(Z)
        if net.loss.value_at_z is not None and Z is not None:
            return net.loss.value_at_z(Z, self.Y)
        return net.loss.value(A, self.Y)

    def _values(self) -> dict[str, Any]:
        net, record = self.network, self.network.forward(self.X)
        layers = range(1, net.num_layers + 1)
        return {
            "N": net.sizes,
            "w": dict(zip(layers, net.weights)),
            "b": dict(zip(layers, net.biases)),
            "z": dict(zip(layers, record.Z)),
            "a": record.A,
            "y": {net.num_layers: self.Y},
        }

    def _parse(self, item: Any) -> tuple[str, int]:
        item = entries(item) if isinstance(item, sp.MatrixSymbol) else item
        name = item.label.name if isinstance(item, Family) else str(item)
        if name == "y":
            return "y", self.network.num_layers
        match = re.fullmatch(r"(N|w|b|z|a|\\delta|g)[_^]\{(.+)\}", name)
        if match is None:
            raise KeyError(item)
        return match[1], Layer(match[2]).position(self.l, self.network.num_layers)

    def _function(self, function: type[ArbitraryFunction]) -> Callable[..., Any]:
        if function.tex == r"\ell":
            rule = self.network.loss.gradient if function.order else self.network.loss.value
            return lambda y_hat, y: rule(np.array([[y_hat]]), np.array([[y]])).item()
        activation = self.activation(Layer(re.fullmatch(r"f\^\{(.+)\}", function.tex)[1]))
        return activation.derivative if function.order else activation.value


@explained
def network_cases(
    *,
    number: int = 6,
    seed: int = 0,
    losses: Sequence[str] = ("half_squared_error", "binary_cross_entropy"),
    batch: int = 1,
) -> list[NetworkCase]:
    """層の数、幅、活性化関数、損失の違うネットワークを、種を決めて作る。

    はじめの二つはすべての幅が等しい。形だけでは気づけない誤り（転置の忘れなど）も、そこでは値に出る。

    Parameters
    ----------
    number, seed : int
        作る数と乱数の種。
    losses : sequence of str
        順に使う損失関数の名前。
    batch : int
        例の数 ``m``。

    Returns
    -------
    list of NetworkCase
        層の番号 ``l`` は、出力層より前の層を指す。

    Raises
    ------
    TypeError, ValueError
        数や種が整数でない、損失がないか、その名前がない。

    Examples
    --------
    >>> for case in network_cases(number=3):
    ...     print(case.network)
    Network(3–3–3, sigmoid–tanh, half_squared_error)
    Network(3–3–3–3, tanh–softplus–sigmoid, binary_cross_entropy)
    Network(2–2–2–4–1, softplus–sigmoid–tanh–softplus, half_squared_error)
    """
    count("batch", batch)
    if not sequence("losses", losses):
        raise ValueError("losses が空です。少なくとも1つの損失が要ります。")
    rng = np.random.default_rng(checks.seed("seed", seed))
    cases = []
    for n in range(count("number", number)):
        depth = 2 + n % 3
        sizes = [3] * (depth + 1) if n < 2 else [int(size) for size in rng.integers(1, 5, depth + 1)]
        net = _network(sizes, losses[n % len(losses)], n, rng)
        X = rng.standard_normal((sizes[0], batch))
        Y = rng.uniform(0.1, 0.9, (sizes[-1], batch))
        cases.append(NetworkCase(net, X, Y, l=1 + n % (depth - 1)))
    return cases


def _network(sizes: list[int], loss: str, n: int, rng: np.random.Generator) -> Network:
    activations = [SMOOTH[(n + layer) % len(SMOOTH)] for layer in range(len(sizes) - 1)]
    if loss == "binary_cross_entropy":
        activations[-1] = "sigmoid"
    return Network.random(sizes, activations, loss, rng=rng, weight_scale=0.8, bias_scale=0.5)
