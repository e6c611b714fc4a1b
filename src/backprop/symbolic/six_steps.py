"""六つのステップの式を、微分から導く。"""

from __future__ import annotations

import sympy as sp

from backprop.symbolic.left_sides import LossDerivative
from backprop.symbolic.network import ELL, Y, layers
from backprop.symbolic.sums import resolve


def derive_six_steps() -> dict[str, sp.Equality]:
    """六つのステップの式を、任意の幅のままで微分から導く。

    ステップ6は、更新の向きに動いたときの損失の変化率 ``d𝓛/dη`` が、学習率 0 で
    ``−Σ (∂𝓛/∂w)² − Σ (∂𝓛/∂b)²`` になることを導く。

    Returns
    -------
    dict of str to Equality
        ``step1`` から ``step6`` まで。左辺が定義、右辺が導いた式。

    Examples
    --------
    >>> derive_six_steps()["step5"].rhs
    \\delta^{l}[j]
    """
    before, this, after, last = layers("l-1", "l", "l+1", "L")
    i, j, k = this.index("i"), this.index("j"), after.index("k")
    p, q = before.index("p"), before.index("q")
    u, v = last.index("u"), last.index("v")

    loss = sp.Sum(ELL(last.a[u], Y[u]), u)
    step1 = resolve(loss.diff(last.a[v]))
    step2 = resolve(loss.replace(last.a[u], last.f(last.z[u])).diff(last.z[v]))
    z_next = sp.Sum(after.w[k, i] * this.f(this.z[i]), i) + after.b[k]
    step3 = resolve(sp.Sum(after.delta[k] * z_next.diff(this.z[j]), k))
    z = this.weighted_input(i, p, before)
    step4 = resolve(sp.Sum(this.delta[i] * z.diff(this.w[j, q]), i))
    step5 = resolve(sp.Sum(this.delta[i] * z.diff(this.b[j]), i))
    eta = sp.Symbol("eta")
    moved = sp.Sum((this.w[i, p] - eta * step4.subs({j: i, q: p})) * before.a[p], p) + this.b[i]
    moved -= eta * step5.subs(j, i)
    step6 = resolve(sp.Sum(this.delta[i] * moved.diff(eta), i))

    wrt = [last.a[v], last.z[v], this.z[j], this.w[j, q], this.b[j], eta]
    derived = [step1, step2, step3, step4, step5, step6]
    return {
        f"step{n}": sp.Eq(LossDerivative(x), expression, evaluate=False)
        for n, (x, expression) in enumerate(zip(wrt, derived), start=1)
    }
