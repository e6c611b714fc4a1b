"""最適化器と、PyTorch の実行の記録との突き合わせ。同じ勾配で、1歩ずつ、すべてのパラメータを比べる。"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
import record_optimizers
from judging import outside_judge

from backprop.optimizers import OPTIMIZERS, Momentum
from backprop.records import load

BOUND = 1e-12


def worst(ours: Any, theirs: Any) -> float:
    """1歩ごとの相対誤差のうち、最大のもの。"""
    ours, theirs = np.asarray(ours), np.asarray(theirs)
    assert ours.shape == theirs.shape
    scale = np.maximum(np.linalg.norm(ours, axis=1), np.linalg.norm(theirs, axis=1))
    return float((np.linalg.norm(ours - theirs, axis=1) / scale).max())


def walk(optimizer: Any, record: dict[str, Any], run: str, steps: int) -> list[list[float]]:
    """この本の最適化器で、記録と同じ道を歩く。"""
    theta, path = np.array(record["start"][run]), []
    for t in range(steps):
        g = record["curvature"] * theta if run == "ravine" else np.array(record["gradients"][t])
        optimizer.step([theta], [g])
        path.append(theta.tolist())
    return path


def disagreements(record: dict[str, Any]) -> list[str]:
    """記録と食い違う最適化器と道。"""
    return [
        f"{name} {run}"
        for name, entry in record["optimizers"].items()
        for run in ("given", "ravine")
        if not worst(walk(OPTIMIZERS[name](**entry["ours"]), record, run, len(entry[run])), entry[run])
        <= BOUND
    ]


def velocity_without_rate(record: dict[str, Any], steps: int) -> list[list[float]]:
    """PyTorch の書き方のモーメンタム: 学習率は速度に含めず、動かすときに掛ける。"""
    settings = record["optimizers"]["momentum"]["ours"]
    theta, v, path = np.array(record["start"]["halved"]), 0.0, []
    for t in range(steps):
        rate = settings["learning_rate"] / (2 if t >= record["halved_at"] else 1)
        v = settings["momentum"] * v + np.array(record["gradients"][t])
        theta = theta - rate * v
        path.append(theta.tolist())
    return path


def test_every_optimizer_follows_the_record():
    record = load("optimizers")
    assert set(record["optimizers"]) == set(OPTIMIZERS)
    assert {len(entry[run]) for entry in record["optimizers"].values() for run in ("given",)} == {20}
    assert {len(entry["ravine"]) for entry in record["optimizers"].values()} == {40}
    assert disagreements(record) == []


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("run", ["given", "ravine"])
@pytest.mark.parametrize("at", [0, -1])
def test_a_tampered_record_is_noticed(name, run, at):
    record = load("optimizers")
    record["optimizers"][name][run][at][0] *= 1 + 1e-9
    assert disagreements(record) == [f"{name} {run}"]


@pytest.mark.parametrize("name", ["momentum", "nesterov", "adagrad", "rmsprop", "adam"])
def test_another_setting_is_noticed(name):
    record = load("optimizers")
    (key, value), *_ = reversed(record["optimizers"][name]["ours"].items())
    record["optimizers"][name]["ours"][key] = value * (1 - 1e-6)
    assert disagreements(record) == [f"{name} given", f"{name} ravine"]


def test_the_rate_stands_inside_our_velocity_and_outside_of_theirs():
    record = load("optimizers")
    theirs, rate = record["momentum_halved"], record["optimizers"]["momentum"]["ours"]["learning_rate"]
    schedule = Momentum(learning_rate=lambda t: rate / (2 if t >= record["halved_at"] else 1), momentum=0.9)
    ours = walk(schedule, record, "halved", len(theirs))
    at = record["halved_at"]
    assert worst(ours[:at], theirs[:at]) <= BOUND
    assert worst(ours[at:], theirs[at:]) > 1e-3
    assert worst(velocity_without_rate(record, len(theirs)), theirs) <= BOUND


def test_the_record_says_where_it_comes_from_and_stays_small():
    record = load("optimizers")
    assert record["versions"].keys() == {"torch", "python"}
    assert record["dtype"] == "float64"
    assert record["gradients"] == record_optimizers.gradients()
    assert record_optimizers.RECORD.stat().st_size < 60_000


@pytest.mark.torch
def test_pytorch_runs_as_recorded():
    outside_judge("torch")
    live, record = json.loads(json.dumps(record_optimizers.record())), load("optimizers")
    assert disagreements(live) == []
    for name, entry in record["optimizers"].items():
        assert {
            key: value for key, value in live["optimizers"][name].items() if key in ("torch", "ours")
        } == {
            "torch": entry["torch"],
            "ours": entry["ours"],
        }
        for run in ("given", "ravine"):
            assert worst(live["optimizers"][name][run], entry[run]) <= BOUND
    assert worst(live["momentum_halved"], record["momentum_halved"]) <= BOUND
