"""PyTorch の最適化器を1歩ずつ走らせ、`src/backprop/records/optimizers.json` に書きとめる。

PyTorch の入った環境で ``python tools/record_optimizers.py`` と呼ぶ。この本のコードは使わない。
"""

from __future__ import annotations

import json
import platform
from collections.abc import Callable
from pathlib import Path
from typing import Any

RECORD = Path(__file__).resolve().parents[1] / "src" / "backprop" / "records" / "optimizers.json"

# この本での名前から、PyTorch のクラスと設定、それに当たるこの本の設定へ。
# ε を大きくしてあるのは、足す場所が違えば1歩めから食い違うようにするため。
SETTINGS: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "gradient_descent": ("SGD", {}, {}),
    "momentum": ("SGD", {"momentum": 0.9}, {"momentum": 0.9}),
    "nesterov": ("SGD", {"momentum": 0.9, "nesterov": True}, {"momentum": 0.9}),
    "adagrad": ("Adagrad", {"eps": 1e-3}, {"epsilon": 1e-3}),
    "rmsprop": ("RMSprop", {"alpha": 0.9, "eps": 1e-3}, {"decay": 0.9, "epsilon": 1e-3}),
    "adam": ("Adam", {"betas": (0.9, 0.999), "eps": 1e-3}, {"beta1": 0.9, "beta2": 0.999, "epsilon": 1e-3}),
}
RATE = 0.03
STEPS = {"given": 20, "ravine": 40, "halved": 20}
START = {"given": [1.0, -2.0, 0.5, 3.0], "ravine": [-2.0, 1.0], "halved": [1.0, -2.0, 0.5, 3.0]}
CURVATURE = [1.0, 25.0]
HALVED_AT = 10


def gradients() -> list[list[float]]:
    """決まった勾配の列。どの要素も2進数で正確に書け、大きさは要素ごとに大きく違い、0も混ざる。"""
    scales = (1.0, 64.0, 0.015625, 8.0)
    return [
        [scale * ((7 * t + 3 * i + t * t * (i + 1)) % 17 - 8) / 8 for i, scale in enumerate(scales)]
        for t in range(STEPS["given"])
    ]


def record() -> dict[str, Any]:
    """PyTorch で走らせた記録。

    Returns
    -------
    dict
        版、設定、勾配、1歩ごとのパラメータ。

    Raises
    ------
    ImportError
        PyTorch が入っていない。
    """
    import torch

    def walk(name: str, run: str, gradient: Callable[[int, Any], Any]) -> list[list[float]]:
        kind, options, _ = SETTINGS[name]
        theta = torch.tensor(START[run], dtype=torch.float64, requires_grad=True)
        optimizer = getattr(torch.optim, kind)([theta], lr=RATE, foreach=False, **options)
        path = []
        for t in range(STEPS[run]):
            if run == "halved" and t == HALVED_AT:
                optimizer.param_groups[0]["lr"] = RATE / 2
            theta.grad = gradient(t, theta.detach())
            optimizer.step()
            path.append(theta.tolist())
        return path

    given = torch.tensor(gradients(), dtype=torch.float64)
    curvature = torch.tensor(CURVATURE, dtype=torch.float64)
    optimizers = {
        name: {
            "torch": {"class": f"torch.optim.{kind}", "lr": RATE, **options},
            "ours": {"learning_rate": RATE, **ours},
            "given": walk(name, "given", lambda t, theta: given[t].clone()),
            "ravine": walk(name, "ravine", lambda t, theta: curvature * theta),
        }
        for name, (kind, options, ours) in SETTINGS.items()
    }
    return {
        "versions": {"torch": torch.__version__.partition("+")[0], "python": platform.python_version()},
        "dtype": "float64",
        "start": START,
        "gradients": gradients(),
        "curvature": CURVATURE,
        "halved_at": HALVED_AT,
        "optimizers": optimizers,
        "momentum_halved": walk("momentum", "halved", lambda t, theta: given[t].clone()),
    }


def main() -> None:
    """記録を作りなおす。"""
    RECORD.write_text(
        json.dumps(record(), ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8"
    )


if __name__ == "__main__":
    main()
