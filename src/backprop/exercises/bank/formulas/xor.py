"""{ref}`XOR <sec-xor>`の練習問題のうち、式で答えるものの審判。"""

from __future__ import annotations

import sympy as sp

from backprop.exercises.formulas import Formula
from backprop.symbolic import sigma

Z, T = sp.symbols("z t")

signs = Formula(
    lambda: sp.log(1 + sp.exp(-T * Z)).diff(Z),
    {"z": Z, "t": T},
    {
        "内側の −tz の傾きを掛け忘れた式": lambda: sigma(-T * Z),
        "t を掛け忘れた式": lambda: -sigma(-T * Z),
        "符号を落とした式": lambda: T * sigma(-T * Z),
        "シグモイド関数の中の符号を取り違えた式": lambda: -T * sigma(T * Z),
        "1/u だけで、u の傾きを掛け忘れた式": lambda: sigma(T * Z),
        "t が1か −1 のときにだけ合う、書きかえたあとの式": lambda: sigma(Z) - (1 + T) / 2,
        "目標 t を、0と1で書いた目標のように引いた式": lambda: sigma(Z) - T,
    },
)

QUESTIONS = {"ex-xor-signs": signs}
