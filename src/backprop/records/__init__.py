"""時間のかかる測定や、ほかのソフトウェアの実行の記録。記録を作ったスクリプトは ``tools/`` にある。

記録は、この部屋に置いた JSON のファイルである。数は倍精度のまま、1ビットも失わずに読み書きされる。
"""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

from backprop.checks import explained


@explained
def names() -> list[str]:
    """記録の名前の一覧。

    Examples
    --------
    >>> "no-such-record" in names()
    False
    """
    folder = files("backprop.records")
    return sorted(path.name.removesuffix(".json") for path in folder.iterdir() if path.name.endswith(".json"))


@explained
def load(name: str) -> dict[str, Any]:
    """名前を指定して、記録を読む。

    Parameters
    ----------
    name : str
        記録の名前（`names` のどれか）。

    Returns
    -------
    dict
        記録の中身。毎回新しく作られるので、書き換えてもほかに影響しない。

    Raises
    ------
    TypeError, ValueError
        ``name`` が文字列でないか、その名前の記録がない。

    Examples
    --------
    >>> load("no-such-record")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    ValueError: 記録 'no-such-record' はありません。...
    """
    if not isinstance(name, str):
        raise TypeError(f"name は文字列でなければなりませんが、{type(name).__name__} が与えられました。")
    if name not in names():
        raise ValueError(f"記録 {name!r} はありません。あるのは {names()} です。")
    return json.loads((files("backprop.records") / f"{name}.json").read_text(encoding="utf-8"))
