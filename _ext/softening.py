"""読者の写しの中の検査を、数を変えても止まらないものに書きなおす。

原稿の検査は、本文の数が計算と合わなければ止まる。写しでは、合わないことを言うだけで、先へ進む。
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from plainly import Unreadable

WHY = "  # 写しでは、assert の代わりに知らせます"
SAID = "本文の数と違います。数を変えたなら、そのままで構いません。"
GENTLE = "from backprop.judges.trial import seal  # 押せなくても、わけを言って先へ進みます"


def softened(code: str) -> str:
    """どの深さの ``assert`` も、止まらずに知らせるだけにし、検印も、止まらないものに替えたコード。

    Raises
    ------
    Unreadable
        ``assert`` が、ほかの文と同じ行にある。

    Examples
    --------
    >>> print(softened("def f(x):\\n    assert x > 0, x  # 正\\n    return x"))
    def f(x):
        if not (x > 0):  # 正
            print("本文の数と違います。数を変えたなら、そのままで構いません。", x)
        return x
    """
    lines = code.split("\n")
    for node in sorted(_checks(code), key=lambda node: -node.lineno):
        lines[node.lineno - 1 : node.end_lineno] = (
            _told(code, node, lines) if isinstance(node, ast.Assert) else _followed(node, lines)
        )
    return "\n".join(lines)


def _checks(code: str) -> Iterator[ast.Assert | ast.ImportFrom]:
    """書きなおすところ。"""
    for node in ast.walk(ast.parse(code)):
        takes_seal = isinstance(node, ast.ImportFrom) and node.module == "backprop.judges"
        if isinstance(node, ast.Assert) or (takes_seal and any(a.name == "seal" for a in node.names)):
            yield node


def _told(code: str, node: ast.Assert, lines: list[str]) -> list[str]:
    first, last = lines[node.lineno - 1].encode(), lines[node.end_lineno - 1].encode()
    before, after = first[: node.col_offset].decode(), last[node.end_col_offset :].decode()
    if before.strip() or not (after.strip() == "" or after.lstrip().startswith("#")):
        raise Unreadable(f"assert は、ほかの文と別の行に書いてください:\n{code}")
    test = ast.get_source_segment(code, node.test)
    words = [f'"{SAID}"', *([ast.get_source_segment(code, node.msg)] if node.msg else [])]
    return f"{before}if not ({test}):{after.rstrip() or WHY}\n{before}    print({', '.join(words)})".split(
        "\n"
    )


def _followed(node: ast.ImportFrom, lines: list[str]) -> list[str]:
    return [*lines[node.lineno - 1 : node.end_lineno], GENTLE]
