"""XOR の地図の記録: 形、範囲、そして今のプログラムで測りなおした値との一致。"""

from __future__ import annotations

import copy
import re
from typing import Any

import numpy as np
import pytest
import record_xor_map as recorder

from backprop import records
from backprop.datasets import xor
from backprop.network import Network
from backprop.optimizers import GradientDescent
from backprop.training import EnsembleHistory, train_ensemble


@pytest.fixture(scope="module")
def record() -> dict[str, Any]:
    return records.load("xor-map")


def check(record: dict[str, Any]) -> None:
    """記録が満たすべきこと。"""
    assert record["made_by"] == "tools/record_xor_map.py"
    assert all(re.match(r"\d+\.\d+", record[name]) for name in ("python", "numpy", "backprop"))
    assert record["starts"] >= 400
    assert record["seeds"] == [0, record["starts"] - 1]
    assert list(record["axes"]) == ["activation", "width", "weight_scale", "learning_rate"]
    solved = np.array(record["solved"])
    assert solved.dtype.kind == "i"
    assert solved.shape == tuple(len(values) for values in record["axes"].values())
    counts = [*solved.ravel(), *record["variants"].values()]
    assert all(0 <= count <= record["starts"] for count in counts)
    for runs in record["escape"].values():
        scales = [run["weight_scale"] for run in runs]
        assert scales == sorted(set(scales))
        for run in runs:
            # 半数より多くが抜けていなければ、中央値は有限でない
            assert record["starts"] / 2 < run["escaped"] <= record["starts"]
            assert 0 < run["median"] <= run["epochs"]
            assert run["record_every"] <= 0.02 * run["median"] + 1


class TestRecord:
    """記録そのもの。"""

    def test_it_is_complete(self, record: dict[str, Any]) -> None:
        check(record)

    def test_it_was_made_with_the_settings_of_the_script(self, record: dict[str, Any]) -> None:
        assert record["axes"] == recorder.AXES
        assert record["epochs"] == recorder.EPOCHS == 10_000
        assert record["starts"] == recorder.STARTS
        assert record["solved_below"] == recorder.SOLVED_BELOW == np.log(2) / 4
        assert record["escaped_below"] == recorder.ESCAPED_BELOW == 0.9 * np.log(2)
        for activation, (rate, runs) in recorder.ESCAPES.items():
            made = record["escape"][activation]
            assert [run["weight_scale"] for run in made] == [scale for scale, *_ in runs]
            assert {run["learning_rate"] for run in made} == {rate}

    @pytest.mark.parametrize(
        "spoil",
        [
            lambda record: record.update(starts=399),
            lambda record: record["solved"][0][0][0].__setitem__(0, 401),
            lambda record: record["solved"][0].pop(),
            lambda record: record["variants"].update({"softplus に": -1}),
            lambda record: record["escape"]["tanh"][0].update(median=float("inf")),
            lambda record: record.pop("numpy"),
        ],
        ids=["too few starts", "more than all", "a row is missing", "negative", "never", "no version"],
    )  # fmt: skip
    def test_a_spoiled_record_is_found_out(self, record: dict[str, Any], spoil: Any) -> None:
        spoiled = copy.deepcopy(record)
        spoil(spoiled)
        with pytest.raises((AssertionError, KeyError, ValueError)):
            check(spoiled)


class TestAgain:
    """今のプログラムで測りなおす。"""

    def test_one_cell_of_the_map(self, record: dict[str, Any]) -> None:
        setting = {"activation": "relu", "width": 2, "weight_scale": 0.3, "learning_rate": 1.0}
        place = tuple(record["axes"][axis].index(value) for axis, value in setting.items())
        nets = recorder.starts("relu", 2, 0.3)
        history = train_ensemble(nets, *xor(), learning_rate=1.0, epochs=record["epochs"])
        assert (history.final_cost < record["solved_below"]).sum() == np.array(record["solved"])[place]

    def test_one_escape_time(self, record: dict[str, Any]) -> None:
        run = record["escape"]["tanh"][-1]
        names = ("weight_scale", "learning_rate", "epochs", "record_every")
        assert recorder.escape("tanh", *(run[name] for name in names)) == run


class TestRecorder:
    """記録を作る道具。"""

    def test_never_is_infinite(self) -> None:
        cost = np.array([[0.7, 0.7], [0.69, 0.5], [0.68, 0.6]])
        networks = recorder.starts("tanh", 2, 1.0)[:2]
        history = EnsembleHistory(np.array([0, 10, 20]), cost, networks)
        assert recorder.escape_epochs(history).tolist() == [np.inf, 10.0]

    def test_dropping_the_finished_changes_no_count(self, monkeypatch: pytest.MonkeyPatch) -> None:
        # 最後の区切りで外れるものと、解けて残るものの両方がある長さ
        monkeypatch.setattr(recorder, "EPOCHS", 400)
        monkeypatch.setattr(recorder, "CHUNK", 100)
        history = train_ensemble(recorder.starts("tanh", 3, 1.0), *xor(), learning_rate=1.0, epochs=400)
        solved = int((history.final_cost < recorder.SOLVED_BELOW).sum())
        assert 0 < (history.final_cost < recorder.DONE_BELOW).sum() < solved
        assert recorder.solved("tanh", 3, 1.0, 1.0) == solved

    def test_starts_are_those_of_the_chapters(self) -> None:
        net = recorder.starts("relu", 3, 0.1)[7]
        shape = [2, 3, 1], ["relu", "sigmoid"], "binary_cross_entropy"
        same = Network.random(*shape, rng=np.random.default_rng(7), weight_scale=0.1)
        assert all(
            np.array_equal(a, b) for a, b in zip(net.parameters().values(), same.parameters().values())
        )

    def test_only_the_chosen_biases_are_random(self) -> None:
        net = recorder.with_biases(1.0, 0.0)[3]
        assert net.biases[0].all()
        assert not net.biases[1].any()

    def test_any_optimizer_runs_the_same_descent(self, monkeypatch: pytest.MonkeyPatch) -> None:
        # まとめて並べた配列の上の勾配降下法は、train_ensemble と同じ学習である
        monkeypatch.setattr(recorder, "EPOCHS", 200)
        monkeypatch.setattr(recorder, "STARTS", 20)
        nets = recorder.starts("sigmoid", 3, 0.1)
        history = train_ensemble(nets, *xor(), learning_rate=0.1, epochs=200)
        level = float(np.median(history.final_cost))
        monkeypatch.setattr(recorder, "SOLVED_BELOW", level)
        assert recorder.solved_with(GradientDescent(learning_rate=0.1)) == 10
