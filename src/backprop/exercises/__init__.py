"""練習問題の審判: 読者の答えが正しいか、違うなら、どの間違いか。

正しい答えは、しまってあるのではなく、問いの数から、本の関数と記号の式で、判定のたびに計算する。
間違いの名前は、それぞれの間違いをした計算と比べて言う。答えの種類ごとに審判がいる。

- `Values` 数、ベクトル、行列
- `Formula` SymPy の式か、その文字。幅は記号のまま
- `Function` 読者の書いた関数。大きさの違う乱数の引数で
- `Choice`、`Order`、`Tiles` 選ぶもの、並べるもの、札を並べて作る式
"""

from backprop.exercises.bank import QUESTIONS
from backprop.exercises.checking import check
from backprop.exercises.choices import Choice, Order, Tiles
from backprop.exercises.formulas import Formula
from backprop.exercises.functions import Function
from backprop.exercises.values import Values
from backprop.exercises.verdicts import Verdict

__all__ = ["QUESTIONS", "Choice", "Formula", "Function", "Order", "Tiles", "Values", "Verdict", "check"]
