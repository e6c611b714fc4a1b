"""練習問題の正しい答えと、どの問いに渡しても合格してはならない答え。"""

from __future__ import annotations

import importlib
import pkgutil
from typing import Any

import answers
import numpy as np
import sympy as sp

RIGHT: dict[str, list[Any]] = {}
for _module in pkgutil.iter_modules(answers.__path__):
    RIGHT |= importlib.import_module(f"answers.{_module.name}").RIGHT
"""問いから、正しい答えのいろいろな書き方を引く表。"""

STRANGE = [
    *(
        None,
        ...,
        "",
        "x",
        b"x",
        True,
        10**400,
        float("nan"),
        float("inf"),
        1j,
        [],
        [[]],
        {},
        {1: 2},
        {3},
        object(),
    ),
    *(
        np.zeros(0),
        np.zeros((2, 2, 2)),
        np.array(["a"]),
        [1, [2, 3]],
        sp.Symbol("q"),
        sp.nan,
        sp.Matrix([[1]]),
    ),
    *(
        print,
        len,
        lambda: 1,
        lambda *given: None,
        lambda *given: "a",
        lambda *given: np.nan,
        np.random.rand,
        Exception,
    ),
]
