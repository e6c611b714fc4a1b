"""変異の種類。何を変え、何を変えないか。"""

from __future__ import annotations

KINDS = {
    "演算": "四則の演算子を互いに入れ替える、符号をなくすか変える",
    "比較": "比較の演算子を互いに入れ替える",
    "条件": "条件を否定する、and と or、True と False、break と continue を入れ替える、くり返しや絞りこみをなくす",
    "数": "数を1だけ増やすか減らす、0.01以下の小数（許容誤差など）は10倍か10分の1にもする",
    "例外": "例外を投げない、捕らえない",
    "文": "結果を使わない呼び出し（引数の検査など）やデコレーターをなくす",
}

_KIND_OF = {
    "core/ReplaceBinaryOperator": "演算",
    "core/ReplaceUnaryOperator": "演算",
    "core/ReplaceComparisonOperator": "比較",
    "core/AddNot": "条件",
    "core/Replace": "条件",
    "core/ZeroIterationForLoop": "条件",
    "house/DropFilter": "条件",
    "core/NumberReplacer": "数",
    "house/ScaleTolerance": "数",
    "core/ExceptionReplacer": "例外",
    "house/DropRaise": "例外",
    "core/RemoveDecorator": "文",
    "house/DropCall": "文",
}

# 作らない変異の名前（正規表現）と、作らない理由。
EXCLUDED = {
    r"core/ReplaceBinaryOperator_BitOr_.*": "`|` は、ほとんどが型の注釈で、実行されない",
    r"core/ReplaceBinaryOperator_.*_(BitOr|BitAnd|BitXor|LShift|RShift)": (
        "四則をビットの演算に替えると、浮動小数点数の配列では、計算する前に TypeError になる"
    ),
    r"core/ReplaceBinaryOperator_.*_(FloorDiv|Mod|Pow)": "演算は、四則の中で入れ替える",
    r"core/ReplaceComparisonOperator_(Eq|NotEq|Lt|LtE|Gt|GtE)_Is(Not)?": (
        "数や文字列が同じ物かどうか（is）は、Python の処理系の都合で決まる"
    ),
}


def kind(operator: str) -> str:
    """cosmic-ray の変異の名前から、種類。

    Examples
    --------
    >>> kind("core/ReplaceBinaryOperator_Add_Sub"), kind("core/ReplaceAndWithOr"), kind("house/DropRaise")
    ('演算', '条件', '例外')
    """
    return next(name for beginning, name in _KIND_OF.items() if operator.startswith(beginning))
