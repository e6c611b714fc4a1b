"""本の図を描く関数。どの章も ``from backprop import figures`` だけで、同じ見た目の図を描く。

どの関数も `Figure` を返す。ノートブックのセルの最後に書くと、図が1回だけ表示される。色の約束は本を通して同じで、
順伝播は青の実線、逆伝播は朱の破線、いま注目するところは橙の縁である。
色と寸法は `style`、描く道具は `drafting`、図は種類ごとの部屋（`charts`、`graphs`、`networks`、`pictures`、
`planes`、`tables`）にある。図の部屋は、`style` と `drafting` のほかの部屋を使わない。
"""

from backprop.figures.charts.activations import activation_plot
from backprop.figures.charts.curves import line_plot, loss_curve
from backprop.figures.charts.descent import descent
from backprop.figures.charts.final_costs import final_costs
from backprop.figures.charts.layers import layer_norms
from backprop.figures.charts.losses import likelihoods, loss_and_slope, tangents
from backprop.figures.drafting.page import Figure
from backprop.figures.graphs.computational import computational_graph
from backprop.figures.graphs.traced import traced_graph
from backprop.figures.networks.hidden import hidden_delta_paths
from backprop.figures.networks.network import network
from backprop.figures.networks.neuron import neuron
from backprop.figures.networks.output import output_delta_paths
from backprop.figures.networks.steps import step
from backprop.figures.networks.weight_table import weight_table
from backprop.figures.networks.wires import wire_gradients
from backprop.figures.pictures.applications import applications
from backprop.figures.pictures.gears import gears
from backprop.figures.pictures.learning_loop import learning_loop
from backprop.figures.planes.boundaries import hidden_boundaries
from backprop.figures.planes.decisions import decision_surface, decision_surfaces
from backprop.figures.planes.surface import loss_surface
from backprop.figures.style import BACKWARD, FORWARD, HIGHLIGHT
from backprop.figures.tables.heatmap import heatmap
from backprop.figures.tables.matrices import matrices
from backprop.figures.tables.outer_products import outer_products
from backprop.figures.tables.representation import hidden_representation
from backprop.figures.tables.verdicts import verdicts

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
    "weight_table",
    "wire_gradients",
]
