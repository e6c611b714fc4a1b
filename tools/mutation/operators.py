"""cosmic-ray に、この本の変異の種類を足してから、その命令を呼ぶ。`run.py` が呼ぶ。

cosmic-ray は数を ±1 だけ変え、文をなくさない。それでは、許容誤差がどこにも留められず、断り方が調べられない。
"""

from __future__ import annotations

from collections.abc import Iterator

from parso.python.tree import Name
from parso.tree import NodeOrLeaf

Positions = Iterator[tuple[tuple[int, int], tuple[int, int]]]


class HouseOperator:
    """条件に合う節を、別のコードに取り替える。cosmic-ray の Operator として振る舞う。"""

    def alternatives(self, node: NodeOrLeaf) -> list[str]:
        """その節の代わりに置くコード。変異させない節なら空。"""
        raise NotImplementedError

    @classmethod
    def arguments(cls) -> tuple[()]:
        """受け取る引数はない。"""
        return ()

    def mutation_positions(self, node: NodeOrLeaf) -> Positions:
        """一つの節の、変異の数だけの場所。"""
        for _ in self.alternatives(node):
            yield node.start_pos, node.end_pos

    def mutate(self, node: NodeOrLeaf, index: int) -> NodeOrLeaf:
        """変異させた節。前の空白は残す。"""
        prefix = node.get_first_leaf().prefix
        return Name(self.alternatives(node)[index], node.start_pos, prefix)


class ScaleTolerance(HouseOperator):
    """許容誤差ほどの小さな数を、十倍にゆるめるか、十分の一にきつくする。"""

    def alternatives(self, node: NodeOrLeaf) -> list[str]:
        """絶対値が 0.01 以下の小数だけを変える。大きい数は ±1 で変わる。"""
        value = eval(node.value) if node.type == "number" else 0
        small = isinstance(value, float) and 0 < value <= 1e-2
        return [f"{value * factor:.6g}" for factor in (10, 0.1)] if small else []


class DropRaise(HouseOperator):
    """例外を投げずに先へ進む。"""

    def alternatives(self, node: NodeOrLeaf) -> list[str]:
        """``raise`` で始まる文と、``raise`` だけの文。"""
        alone = node.type == "keyword" and node.value == "raise" and node.parent.type == "simple_stmt"
        return ["pass"] if node.type == "raise_stmt" or alone else []


class DropCall(HouseOperator):
    """結果を使わない呼び出し（引数の検査など）をなくす。"""

    def alternatives(self, node: NodeOrLeaf) -> list[str]:
        """文としての呼び出しと、コンマで並べた文の中の呼び出し。"""
        if node.type != "atom_expr" or node.children[-1].get_first_leaf().value != "(":
            return []
        outer = node.parent.parent if node.parent.type == "testlist_star_expr" else node.parent
        return ["()"] if outer.type == "simple_stmt" else []


class DropFilter(HouseOperator):
    """内包表記の条件をなくし、すべてを通す。"""

    def alternatives(self, node: NodeOrLeaf) -> list[str]:
        """``for … in … if 条件`` の条件。"""
        parent = node.parent
        return ["True"] if parent and parent.type == "comp_if" and parent.children[1] is node else []


OPERATORS = {operator.__name__: operator for operator in (ScaleTolerance, DropRaise, DropCall, DropFilter)}

if __name__ == "__main__":
    from cosmic_ray import cli, plugins  # 変異検査の仮想環境にだけある

    plugins.OPERATOR_PROVIDERS["house"] = OPERATORS
    cli.main()
