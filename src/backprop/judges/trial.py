"""数を変えて試すための検印: 押せなければ、わけを見せて先へ進む。

持ち帰りのノートブックが使う。本をつくるときと検査のときは、押せなければ止まる `backprop.judges.seal` を使う。
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from backprop.judges import sealing
from backprop.judges.sealing import Seal, SealBroken

SAID = "本文の式か数と違います。変えたのなら、そのままで構いません。"


@dataclass(frozen=True)
class Refusal:
    """押せなかった検印。ノートブックでは、わけを表示する。

    Attributes
    ----------
    reason : str
        どの審判が何を見つけたか、または、なぜ答えられなかったか。
    """

    reason: str

    def __repr__(self) -> str:
        return f"検印は押せません。{self.reason}{SAID}"

    def _repr_markdown_(self) -> str:
        return f"**検印は押せません。** {self.reason}\n\n{SAID}"


def seal(label: str, **given: Any) -> Seal | Refusal:
    """主張を審判にかけ、すべて通れば検印を、通らなければ、そのわけを返す。

    Parameters
    ----------
    label, **given
        `backprop.judges.seal` と同じ。

    Returns
    -------
    Seal or Refusal

    Raises
    ------
    TypeError, ValueError
        `backprop.judges.seal` が断るもの。

    Examples
    --------
    >>> import sympy as sp
    >>> from backprop.judges.cases import sample_cases
    >>> from backprop.symbolic import LossDerivative
    >>> w = sp.Symbol("w")
    >>> cases = sample_cases(lambda rng: {w: rng.normal()}, lambda values: values[w] ** 2)
    >>> seal("eq-square", claim=sp.Eq(LossDerivative(w), 3 * w), derived=(w**2).diff(w), cases=cases,
    ...      numpy=lambda case: 2 * case[w], independent=lambda case: case.complex_step(w))
    検印は押せません。eq-square: 記号の審判が退けました。差は w です。本文の式か数と違います。変えたのなら、そのままで構いません。
    """
    try:
        return sealing.seal(label, **given)
    except SealBroken as broken:
        return Refusal(str(broken))
