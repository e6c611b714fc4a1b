"""本の図を描く関数。どの章も ``from backprop import figures`` だけで、同じ見た目の図を描く。

どの関数も `Figure` を返す。ノートブックのセルの最後に書くと、図が1回だけ表示される。色の約束は本を通して同じで、
順伝播は青の実線、逆伝播は朱の破線、いま注目するところは橙の縁である。
"""

from backprop.figures.applications import applications
from backprop.figures.curves import (
    activation_plot,
    final_costs,
    heatmap,
    hidden_representation,
    line_plot,
    loss_curve,
)
from backprop.figures.descent import descent
from backprop.figures.graphs import computational_graph, traced_graph
from backprop.figures.ideas import gears, learning_loop
from backprop.figures.layers import layer_norms
from backprop.figures.losses import likelihoods, loss_and_slope, tangents
from backprop.figures.matrices import matrices
from backprop.figures.networks import hidden_delta_paths, network, neuron
from backprop.figures.outputs import output_delta_paths
from backprop.figures.steps import step
from backprop.figures.style import BACKWARD, FORWARD, HIGHLIGHT, Figure
from backprop.figures.surfaces import decision_surface, decision_surfaces, hidden_boundaries, loss_surface
from backprop.figures.verdicts import verdicts
from backprop.figures.wires import outer_products, wire_gradients

__all__ = [
    "BACKWARD",
    "FORWARD",
    "HIGHLIGHT",
    "Figure",
    "activation_plot",
    "applications",
    "computational_graph",
    "decision_surface",
    "decision_surfaces",
    "descent",
    "final_costs",
    "gears",
    "heatmap",
    "hidden_boundaries",
    "hidden_delta_paths",
    "hidden_representation",
    "layer_norms",
    "learning_loop",
    "likelihoods",
    "line_plot",
    "loss_and_slope",
    "loss_curve",
    "loss_surface",
    "matrices",
    "network",
    "neuron",
    "outer_products",
    "output_delta_paths",
    "step",
    "tangents",
    "traced_graph",
    "verdicts",
    "wire_gradients",
]
