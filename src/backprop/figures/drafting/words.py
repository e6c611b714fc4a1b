"""図に書く名前を、本文の言葉にする。"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TypeVar

T = TypeVar("T")

WORDS = {
    "sigmoid": "シグモイド関数",
    "relu": "ReLU",
    "leaky_relu": "leaky ReLU",
    "identity": "恒等関数",
}
"""実装の中の名前から、本文の言葉への対応。tanh、softplus、softmax は、本文でもそのまま書く。"""

_NAME = re.compile(rf"(?<![\w$\\])({'|'.join(WORDS)})(?![A-Za-z_])")


def spoken(text: str) -> str:
    """実装の中の名前を、本文の言葉に替えた文字。

    Examples
    --------
    >>> spoken("予測（sigmoid）"), spoken("relu、幅 8"), spoken("tanh")
    ('予測（シグモイド関数）', 'ReLU、幅 8', 'tanh')
    """
    return _NAME.sub(lambda found: WORDS[found[0]], text)


def keyed(table: Mapping[str, T]) -> dict[str, T]:
    """見出しを本文の言葉にした辞書。"""
    return {spoken(name): value for name, value in table.items()}


def listed(texts: Iterable[str]) -> list[str]:
    """本文の言葉にした文字の並び。"""
    return [spoken(text) for text in texts]
