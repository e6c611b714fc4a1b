"""誤りの博物館: わざと間違えた逆伝播と、それに気づく審判。{ref}`誤りの博物館 <sec-bug-museum>`の章に対応する。

- **展示**（`Exhibit`）は、正しい逆伝播と一か所だけ違う、小さな関数である。まわりは `backprop.steps` の部品でできている。
- **舞台**（`Stage`）は、展示を動かすネットワークとデータである。どの層も幅が等しいので、多くの誤りで形が合ってしまう。
- **審判**（`JUDGES`）は、展示を見て、おかしいと気づけば ``True`` を返す。

ここにあるのは間違いの見本である。正しい逆伝播は `backprop.network.Network.backward` にある。
"""

from backprop.judges.museum.exhibit import Backward, Exhibit, Memory, Step, control, own
from backprop.judges.museum.judging import (
    ACCURATE,
    DRIFT,
    EXACT,
    FALLEN,
    JUDGES,
    ONE_POINT,
    STEPS,
    Judge,
    Outcome,
    Reference,
    cosine,
    differs_at,
    differs_from,
    examine,
    learn,
    random_point,
)
from backprop.judges.museum.mistakes import EPSILON, EXHIBITS, GATE, PUZZLES
from backprop.judges.museum.parts import Gradients, collect, from_output, right, right_hidden, right_output
from backprop.judges.museum.stages import (
    BINARY,
    RELU,
    SINGLE,
    SOFTMAX,
    SQUARED,
    STAGES,
    TRIPLE,
    Ground,
    OwnStage,
    Stage,
)

__all__ = [
    "ACCURATE",
    "BINARY",
    "DRIFT",
    "EPSILON",
    "EXACT",
    "EXHIBITS",
    "FALLEN",
    "GATE",
    "JUDGES",
    "ONE_POINT",
    "PUZZLES",
    "RELU",
    "SINGLE",
    "SOFTMAX",
    "SQUARED",
    "STAGES",
    "STEPS",
    "TRIPLE",
    "Backward",
    "Exhibit",
    "Gradients",
    "Ground",
    "Judge",
    "Memory",
    "Outcome",
    "OwnStage",
    "Reference",
    "Stage",
    "Step",
    "collect",
    "control",
    "cosine",
    "differs_at",
    "differs_from",
    "examine",
    "from_output",
    "learn",
    "own",
    "random_point",
    "right",
    "right_hidden",
    "right_output",
]
