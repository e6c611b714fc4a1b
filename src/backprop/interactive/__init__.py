"""動かして見る図。はじめに見せる値は、すべて本の NumPy の実装が求める。

読者の機械では、その値を選んで見せる。数を選びなおせる図では、この実装と突き合わせたページの計算が、続きを求める。

どの関数も `Widget` を返す。サイトでは、ボタンやつまみのついた図になる。JupyterLab、GitHub、印刷、JavaScript の
ない画面では、同じ値の表になる。ネットワークの向こうには何も求めない。
"""

from backprop.interactive.cover import cover
from backprop.interactive.curves.activations import activations
from backprop.interactive.curves.knobs import knobs
from backprop.interactive.curves.losses import losses
from backprop.interactive.descent import learning_rate
from backprop.interactive.differences import step_size
from backprop.interactive.film import training
from backprop.interactive.graphs.backward import backward_graph
from backprop.interactive.layers import vanishing
from backprop.interactive.linking.forward import forward_pass
from backprop.interactive.linking.step import step
from backprop.interactive.paths import paths
from backprop.interactive.planes.momentum import momentum_plane
from backprop.interactive.planes.valleys import two_valleys
from backprop.interactive.product import product
from backprop.interactive.ravine import ravine
from backprop.interactive.stepping.stepper import stepper
from backprop.interactive.tug import softmax_tug
from backprop.interactive.widget import Widget

__all__ = [
    "Widget", "activations", "backward_graph", "cover", "forward_pass", "knobs", "learning_rate", "losses",
    "momentum_plane", "paths", "product", "ravine", "softmax_tug", "step", "step_size", "stepper", "training",
    "two_valleys", "vanishing",
]  # fmt: skip
