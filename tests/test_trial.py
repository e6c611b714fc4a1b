"""数を変えて試すための検印: 押せれば同じ検印、押せなければ、止まらずにわけを言う。ほかの誤りは、断ったまま。"""

from __future__ import annotations

import pytest
import sympy as sp

from backprop.judges import SealBroken, sealing
from backprop.judges.cases import sample_cases
from backprop.judges.trial import SAID, Refusal, seal
from backprop.symbolic import LossDerivative

w = sp.Symbol("w")
CASES = sample_cases(lambda rng: {w: rng.normal()}, lambda values: values[w] ** 2)
SQUARE = {
    "derived": (w**2).diff(w),
    "cases": CASES,
    "numpy": lambda case: 2 * case[w],
    "independent": lambda case: case.complex_step(w),
}
RIGHT, WRONG = (sp.Eq(LossDerivative(w), factor * w) for factor in (2, 3))


def test_a_right_claim_gets_the_same_seal() -> None:
    assert seal("eq-square", claim=RIGHT, **SQUARE) == sealing.seal("eq-square", claim=RIGHT, **SQUARE)


def test_a_wrong_claim_is_told_and_not_raised() -> None:
    with pytest.raises(SealBroken) as broken:
        sealing.seal("eq-square", claim=WRONG, **SQUARE)
    refused = seal("eq-square", claim=WRONG, **SQUARE)
    assert refused == Refusal(str(broken.value))
    assert repr(refused) == f"検印は押せません。{broken.value}{SAID}"
    assert refused._repr_markdown_() == f"**検印は押せません。** {broken.value}\n\n{SAID}"
    assert "検印 eq-square: 記号 ✓" not in repr(refused)


def test_a_wrong_number_is_told_as_well() -> None:
    # 式は正しいまま、数の方を変えた。
    refused = seal("eq-square", claim=RIGHT, **SQUARE | {"numpy": lambda case: 2.5 * case[w]})
    assert "数値の審判が退けました" in repr(refused)


def test_a_wrong_call_is_still_refused() -> None:
    for call, error in (
        (lambda: seal("square", claim=RIGHT, **SQUARE), ValueError),
        (lambda: seal("eq-square", claim=True, **SQUARE), ValueError),
        (lambda: seal("eq-square", claim=RIGHT, **SQUARE | {"cases": []}), ValueError),
        (lambda: seal("eq-square", claim=RIGHT), TypeError),
    ):
        with pytest.raises(error):
            call()


def test_a_refusal_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        Refusal("x").reason = "y"
