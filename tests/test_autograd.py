"""外部の審判 HIPS autograd と、多くのネットワークの勾配を比べる。

順伝播は autograd.numpy で、定義どおりに、`src/backprop` を使わずに書いてある。
"""

from __future__ import annotations

import autograd.numpy as anp
import numpy as np
import pytest
from autograd import grad

from backprop.activations import ACTIVATIONS
from backprop.losses import LOSSES
from backprop.network import Network

FUNCTIONS = {
    "identity": lambda z: z,
    "sigmoid": lambda z: 1 / (1 + anp.exp(-z)),
    "tanh": lambda z: (anp.exp(z) - anp.exp(-z)) / (anp.exp(z) + anp.exp(-z)),
    "relu": lambda z: anp.where(z > 0, z, 0.0),
    "leaky_relu": lambda z: anp.where(z > 0, z, 0.01 * z),
    "softplus": lambda z: anp.log(1 + anp.exp(z)),
    "softmax": lambda z: anp.exp(z) / anp.sum(anp.exp(z), axis=0),
}
PER_EXAMPLE = {
    "mse": lambda p, t: anp.mean((p - t) ** 2, axis=0),
    "half_squared_error": lambda p, t: 0.5 * anp.sum((p - t) ** 2, axis=0),
    "binary_cross_entropy": lambda p, t: -anp.sum(t * anp.log(p) + (1 - t) * anp.log(1 - p), axis=0),
    "cross_entropy": lambda p, t: -anp.sum(t * anp.log(p), axis=0),
}
PAIRS = {"binary_cross_entropy": "sigmoid", "cross_entropy": "softmax"}


def independent_cost(parameters, names, loss, X, Y):
    A = X
    for (W, b), name in zip(parameters, names):
        A = FUNCTIONS[name](anp.dot(W, A) + b)
    return anp.mean(PER_EXAMPLE[loss](A, Y))


def random_case(loss, activation, seed):
    """深さ1〜6、幅1〜8、バッチ1〜7。``activation`` は、どこかの層にかならず現れる。"""
    # 種は名前の並び順からつくる。hash() は実行のたびに変わる
    rng = np.random.default_rng([list(LOSSES).index(loss), list(ACTIVATIONS).index(activation), seed])
    depth, m = int(rng.integers(1, 7)), int(rng.integers(1, 8))
    if loss in PAIRS and depth == 1 and activation != PAIRS[loss]:
        depth = 2
    sizes = rng.integers(1, 9, depth + 1).tolist()
    names = rng.choice(list(ACTIVATIONS), depth).tolist()
    names[int(rng.integers(depth - (loss in PAIRS))) if depth > 1 else 0] = activation
    if loss in PAIRS:
        names[-1] = PAIRS[loss]
    # 幅1の softmax の出力は定数1で、勾配はちょうど 0。審判の方に丸め誤差だけが残り、比べられない
    sizes[1:] = [max(size, 2) if name == "softmax" else size for size, name in zip(sizes[1:], names)]
    network = Network.random(sizes, names, loss, rng=rng, weight_scale=0.8, bias_scale=0.5)
    X, Y = rng.normal(size=(sizes[0], m)), rng.random((sizes[-1], m))
    return network, names, X, Y / Y.sum(axis=0) if loss == "cross_entropy" else Y


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("loss", LOSSES)
def test_gradients_agree_with_autograd(loss, activation):
    for seed in range(8):  # 4 × 7 × 8 = 224 のネットワーク
        network, names, X, Y = random_case(loss, activation, seed)
        parameters = list(zip(network.weights, network.biases))
        assert network.cost(X, Y) == pytest.approx(independent_cost(parameters, names, loss, X, Y), rel=1e-12)
        judged = grad(independent_cost)(parameters, names, loss, X, Y)
        expected = np.concatenate([part.ravel() for pair in judged for part in pair])
        given = np.concatenate([part.ravel() for part in network.gradients(X, Y).values()])
        assert np.linalg.norm(given - expected) <= 1e-10 * np.linalg.norm(expected), (network, seed)


def test_the_judge_would_notice():
    """自明に一致しているのではない: 勾配はたいてい 0 ではなく、半分にすれば、どの例でも気づく。"""
    norms = []
    for loss in LOSSES:
        for activation in ACTIVATIONS:
            network, _, X, Y = random_case(loss, activation, 0)
            flat = np.concatenate([g.ravel() for g in network.gradients(X, Y).values()])
            norms.append(np.linalg.norm(flat))
    assert np.mean(np.array(norms) > 1e-3) > 0.9


def test_cases_cover_what_they_should():
    cases = [random_case(loss, f, seed)[0] for loss in LOSSES for f in ACTIVATIONS for seed in range(8)]
    assert {network.num_layers for network in cases} == set(range(1, 7))
    assert {size for network in cases for size in network.sizes} == set(range(1, 9))
    assert all(
        any(f.name == name for network in cases if network.loss.name == loss for f in network.activations)
        for loss in LOSSES
        for name in ACTIVATIONS
    )
