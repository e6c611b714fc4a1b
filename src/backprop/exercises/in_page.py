"""ブラウザの中での判定。式の問いだけを、文字の答えで。NumPy のないところで働く。

ブラウザへ運ぶとき、`backprop.exercises` とその `bank` の ``__init__`` は、からのものに替わる（`_ext/pythonside.py`）。
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import sympy as sp

from backprop.arguments import choice, explained
from backprop.exercises.bank import formulas
from backprop.exercises.formulas import Formula
from backprop.exercises.reading import Unread, read
from backprop.exercises.verdicts import ruled
from backprop.symbolic import typeset


@cache
def questions() -> dict[str, Formula]:
    """式で答える問いのすべて。

    Examples
    --------
    >>> "ex-step3-skip" in questions()
    True
    """
    return dict(item for module in _banks() for item in module.QUESTIONS.items())


def _banks() -> Iterator[Any]:
    for name in sorted(found.name for found in iter_modules(formulas.__path__)):
        yield import_module(f"{formulas.__name__}.{name}")


def answer(kind: str, *given: str) -> str:
    """ページからの問い（`judge`、`preview`、`trial`）への答えを、JSON で。

    Examples
    --------
    >>> answer("preview", "ex-step3-skip", "l.z[j]")
    '{"latex": "z^{l}_{j}", "error": "", "place": null}'
    """
    return json.dumps(choice("kind", kind, _KINDS)(*given), ensure_ascii=False)


@explained
def judge(label: str, text: str) -> dict[str, Any]:
    """文字で書かれた式への判定。

    Parameters
    ----------
    label : str
        問いの名前。
    text : str
        読者の書いた式。

    Returns
    -------
    dict
        ``passed``、``line``、``named``。`backprop.exercises.check` と同じ。

    Raises
    ------
    ValueError
        式で答える問いの名前でない。

    Examples
    --------
    >>> judge("ex-step3-skip", "l.z[j")["passed"]
    False
    """
    return vars(ruled(choice("label", label, questions()), text))


@explained
def preview(label: str, text: str) -> dict[str, Any]:
    """書きかけの式を組んだもの。読めなければ、わけと、その字の位置。

    Raises
    ------
    ValueError
        式で答える問いの名前でない。

    Examples
    --------
    >>> preview("ex-step3-skip", "l.z[j] + u")
    {'latex': '', 'error': '「u」という記号は、この問いにはありません。', 'place': 9}
    """
    try:
        found = read(text, choice("label", label, questions()).names)
        return {"latex": sp.latex(typeset(found)), "error": "", "place": None}
    except Unread as trouble:
        return {"latex": "", "error": str(trouble), "place": trouble.place}
    except Exception:
        return {"latex": "", "error": "この式は組めません。", "place": None}


@explained
def trial(label: str) -> list[tuple[str, str]]:
    """見分ける間違いの名前と、その式に審判がつける名前。合格にしたものは、からの名前になる。

    Raises
    ------
    ValueError
        式で答える問いの名前でない。

    Examples
    --------
    >>> ("傾きを掛け忘れた式", "傾きを掛け忘れた式") in trial("ex-step3-skip")
    True
    """
    question = choice("label", label, questions())
    return [(name, ruled(question, form).named) for name, form in question.mistakes()]


_KINDS: dict[str, Callable[..., Any]] = {"judge": judge, "preview": preview, "trial": trial}
