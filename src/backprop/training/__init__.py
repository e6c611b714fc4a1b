"""学習: 勾配を求めて更新することの、くり返し。

数学は `backprop.steps` と `backprop.network` のもので、ここにあるのは同じ計算を速くくり返す仕組みだけである。

- すべての重みとバイアスを、一本のベクトル θ に並べる。勾配も同じ並びの一本のベクトル g に書く。
- 層ごとに ``[W^l b^l]`` を一つの行列とみなし、活性の下に1の行を足す。すると ``W a + b`` も
  ``[∂J/∂W^l ∂J/∂b^l]`` も、行列の積ひとつになる。
- 作業に使う配列は始めに一度だけ作り、毎回そこへ上書きする。

どの学習も写しの上で行い、終わってから書き戻す。断った呼び出しも、発散した学習も、何も変えない。
"""

from backprop.training.ensemble import BLOCK, train_ensemble
from backprop.training.history import EnsembleHistory, History
from backprop.training.single import train

__all__ = ["BLOCK", "EnsembleHistory", "History", "train", "train_ensemble"]
