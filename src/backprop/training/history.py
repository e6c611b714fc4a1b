"""学習の記録。"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from backprop.checks import Array, DivergenceError, explained, floats, instance, mapping, plain, sequence
from backprop.network import Network


@explained
@dataclass(frozen=True, eq=False)
class History:
    """学習の記録。

    Attributes
    ----------
    epochs : ndarray of int, shape (記録の数,)
        記録したエポック。0 は学習の前。
    cost : ndarray, shape (記録の数,)
        そのエポックを終えたときの、データ全体での平均損失 ``J``。
    snapshots : dict of int to Network
        頼んだエポックでの、ネットワークの写し。

    Examples
    --------
    >>> History(np.array([0, 10]), np.array([0.75, 0.5]))
    History(エポック 0–10, 記録 2, 損失 0.75 → 0.5)
    """

    epochs: Array
    cost: Array
    snapshots: dict[int, Network] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _check_record(self.epochs, self.cost)
        mapping("snapshots", self.snapshots)

    def __repr__(self) -> str:
        kept = f", 写し {', '.join(map(str, self.snapshots))}" if self.snapshots else ""
        return (
            f"History(エポック {self.epochs[0]}–{self.epochs[-1]}, 記録 {len(self.epochs)}, "
            f"損失 {self.cost[0]:.6g} → {self.cost[-1]:.6g}{kept})"
        )


@explained
@dataclass(frozen=True, eq=False)
class EnsembleHistory:
    """多くのネットワークを同時に学習させた記録。

    Attributes
    ----------
    epochs : ndarray of int, shape (記録の数,)
        記録したエポック。0 は学習の前。
    cost : ndarray, shape (記録の数, ネットワークの数)
        そのエポックを終えたときの、ネットワークごとの平均損失 ``J``。
    networks : list of Network
        学習の終わったネットワーク。渡した順に並ぶ。
    """

    epochs: Array
    cost: Array
    networks: list[Network]

    def __post_init__(self) -> None:
        if not sequence("networks", self.networks):
            raise ValueError("networks が空です。少なくとも1つのネットワークが要ります。")
        for i, network in enumerate(self.networks):
            instance(f"networks[{i}]", network, Network)
        _check_record(self.epochs, self.cost, len(self.networks))

    @property
    def final_cost(self) -> Array:
        """最後の平均損失、形 (ネットワークの数,)。"""
        return self.cost[-1]

    def __repr__(self) -> str:
        return (
            f"EnsembleHistory({len(self.networks)} 個の {self.networks[0]!r}, "
            f"エポック {self.epochs[0]}–{self.epochs[-1]}, 損失の中央値 {np.median(self.final_cost):.6g})"
        )


def milestones_of(epochs: int, record_every: int) -> Array:
    return np.unique(np.append(np.arange(0, epochs + 1, record_every), epochs))


def frozen(values: Array) -> Array:
    values.flags.writeable = False
    return values


def divergence(name: str, epoch: int, *, which: str = "", started: bool = True) -> DivergenceError:
    """発散の知らせ。まだ一度も更新していなければ、学習率のせいではない。"""
    advice = "学習率を小さくしてください。" if started else "X か Y、または始めの重みの値を小さくしてください。"
    return DivergenceError(
        f"エポック {epoch} で{which}学習が発散しました（{name}が有限でないか、大きすぎます）。"
        f" {advice}渡されたものは、呼び出す前のままです。"
    )


def _check_record(epochs: object, cost: object, *others: int) -> None:
    plain("epochs", instance("epochs", epochs, np.ndarray))
    floats("cost", instance("cost", cost, np.ndarray))
    if epochs.ndim != 1 or epochs.dtype.kind not in "iu" or not epochs.size:
        raise ValueError(
            "epochs は一つ以上の整数を並べた1次元配列でなければなりませんが、"
            f"形 {epochs.shape} (dtype={epochs.dtype}) が与えられました。"
        )
    if cost.shape != (wanted := (len(epochs), *others)):
        raise ValueError(
            f"epochs が {len(epochs)} 個なので、cost の形は {wanted} でなければなりませんが、"
            f"{cost.shape} が与えられました。"
        )
