"""Keras に本当に学習させ、更新のたびの重みを記録する。

``src/backprop/records`` の ``keras-run.json`` と ``keras-run-jax.json`` は、このスクリプトで作った。Keras は
この本の依存するものに入れていないので、別の環境に ``pip install keras tensorflow jax`` をして、そこの Python で
実行する（R は ``src/backprop/records``）。

    python tools/record_keras.py R/keras-run.json
    KERAS_BACKEND=jax JAX_ENABLE_X64=1 python tools/record_keras.py R/keras-run-jax.json \\
        --start R/keras-run.json --runs adam-bce

``--start`` は、始めの重みを乱数から作らずに、指定した記録から取る。乱数の列は Keras の版によって変わりうるが、
同じ重みから始めれば、そのあとの学習は変わらないはずである。
"""

from __future__ import annotations

import argparse
import json
import os
import platform
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from keras import layers

SEED = 29  # 正解率が途中で変わる種
# 1行が1例。文書の例と同じ入力2個のデータで、二つめは、取り違えが見えるように、何の対称性もないもの。
DATA = {
    "xor": ([[0, 0], [0, 1], [1, 0], [1, 1]], [[0], [1], [1], [0]]),
    "five": ([[0.5, -1], [1.5, 2], [-0.7, 0.3], [2, -0.4], [-1.2, -0.8]], [[1], [0], [1], [1], [0]]),
}
SGD_MSE = {"optimizer": "sgd", "loss": "mse", "metrics": ["mae", "mse"]}
ADAM_BCE = {"optimizer": "adam", "loss": "binary_crossentropy", "metrics": ["accuracy"]}
RUNS = {
    "sgd-mse": {"data": "xor", "dtype": "float64", "batch_size": 32, "epochs": 50, **SGD_MSE},
    "adam-bce": {"data": "xor", "dtype": "float64", "batch_size": 32, "epochs": 50, **ADAM_BCE},
    "sgd-mse-batches": {"data": "five", "dtype": "float64", "batch_size": 2, "epochs": 5, **SGD_MSE},
    "adam-bce-batches": {"data": "five", "dtype": "float64", "batch_size": 2, "epochs": 5, **ADAM_BCE},
    "sgd-mse-float32": {"data": "xor", "dtype": "float32", "batch_size": 32, "epochs": 25, **SGD_MSE},
    "adam-bce-float32": {"data": "xor", "dtype": "float32", "batch_size": 32, "epochs": 25, **ADAM_BCE},
}
SETTINGS = ("learning_rate", "momentum", "nesterov", "beta_1", "beta_2", "epsilon", "amsgrad")


def use(dtype: str) -> None:
    """計算の精度を決める。`set_floatx` だけでは、すでに使われた精度の方針が残る。"""
    keras.config.set_floatx(dtype)
    keras.config.set_dtype_policy(dtype)


def build() -> keras.Model:
    """文書と同じ形の、2–3–1 のモデル。"""
    hidden = layers.Dense(3, activation="sigmoid")
    output = layers.Dense(1, activation="sigmoid")
    return keras.Sequential([keras.Input(shape=(2,)), hidden, output])


def numbers(value: Any, dtype: str) -> Any:
    """JSON に書く数。float32 は、同じ float32 に戻る最短の10進数にする。"""
    if isinstance(value, (list, tuple)):
        return [numbers(each, dtype) for each in value]
    if isinstance(value, np.ndarray):
        return numbers(value.tolist() if dtype == "float64" else list(value), dtype)
    return float(str(np.float32(value))) if dtype == "float32" else float(value)


class EveryUpdate(keras.callbacks.Callback):
    """更新のたびに、すべての重みを書きとめる。"""

    def on_train_begin(self, logs: dict[str, float] | None = None) -> None:
        self.weights = [self.model.get_weights()]

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        self.weights.append(self.model.get_weights())


def run(settings: dict[str, Any], start: list[np.ndarray]) -> dict[str, Any]:
    """一つの設定で学習させ、設定、重み、`fit` が返した数を記録する。"""
    dtype = settings["dtype"]
    use(dtype)
    model = build()
    model.compile(**{key: settings[key] for key in ("optimizer", "loss", "metrics")})
    model.set_weights(start)
    X, y = (np.array(rows, dtype) for rows in DATA[settings["data"]])
    watch = EveryUpdate()
    how = {key: settings[key] for key in ("batch_size", "epochs")}
    history = model.fit(X, y, **how, shuffle=False, verbose=0, callbacks=[watch]).history
    if {w.dtype for step in watch.weights for w in step} != {np.dtype(dtype)}:
        raise RuntimeError(f"{dtype} で計算されませんでした。")
    optimizer = model.optimizer.get_config()
    return {
        **settings,
        "settings": {key: optimizer[key] for key in SETTINGS if key in optimizer},
        "history": {name: numbers(values, dtype) for name, values in sorted(history.items())},
        "predictions": numbers(model.predict(X, verbose=0), dtype),
        "weights": numbers(watch.weights, dtype),
    }


def saturated() -> dict[str, list[float]]:
    """加重和 z、目標 0 の1例での2値クロスエントロピーを、モデルの中と外で比べる。"""
    use("float64")
    found: dict[str, list[float]] = {"z": [5.0, 20.0, 40.0], "model": [], "function": []}
    for z in found["z"]:
        layer = layers.Dense(1, activation="sigmoid", kernel_initializer="ones")
        model = keras.Sequential([keras.Input(shape=(1,)), layer])
        model.compile(optimizer="sgd", loss="binary_crossentropy")
        x, target = np.array([[z]]), np.array([[0.0]])
        probability = model.predict(x, verbose=0)
        found["model"].append(float(model.fit(x, target, verbose=0).history["loss"][0]))
        found["function"].append(float(keras.losses.binary_crossentropy(target, probability)[0]))
    return found


def casts() -> dict[str, float]:
    """Adam の係数を float64 に変えたときの値。更新の式は、この変換をしてから累乗を取る。"""
    use("float64")
    adam = keras.optimizers.Adam()
    return {key: float(keras.ops.cast(getattr(adam, key), "float64")) for key in ("beta_1", "beta_2")}


def flat_targets(start: list[np.ndarray]) -> dict[str, Any]:
    """目標の形が (4, 1) のときと (4,) のときに、`fit` が返す損失。"""
    use("float64")
    X, y = (np.array(rows, "float64") for rows in DATA["xor"])
    found = {}
    for name, target in (("column", y), ("flat", y.ravel())):
        model = build()
        model.compile(optimizer="sgd", loss="mse")
        model.set_weights(start)
        found[name] = numbers(model.fit(X, target, verbose=0).history["loss"], "float64")
    return found


def make(start: list[np.ndarray] | None, names: list[str]) -> dict[str, Any]:
    """記録の中身。"""
    keras.utils.set_random_seed(SEED)
    use("float64")
    start = start or build().get_weights()
    backend = keras.backend.backend()
    versions = {
        "keras": keras.__version__,
        backend: __import__(backend).__version__,
        "numpy": np.__version__,
        "python": platform.python_version(),
    }
    return {
        "about": "tools/record_keras.py が作った、Keras の実行の記録。weights は get_weights() を更新ごとに並べたもの。",
        "versions": versions,
        "backend": backend,
        "epsilon": keras.config.epsilon(),
        "data": {name: {"X": X, "y": y} for name, (X, y) in DATA.items()},
        "casts": casts(),
        "saturated": saturated(),
        "flat_targets": flat_targets(start),
        "runs": {name: run(RUNS[name], start) for name in names},
    }


def dump(record: dict[str, Any]) -> str:
    """差分を読めるように、重みは1回の更新を1行に、ほかは1項目を1行に書く。"""

    def lines(value: Any, path: tuple[str, ...]) -> str:
        if isinstance(value, dict) and len(path) < 3:
            inner = [f"{json.dumps(key)}: {lines(each, (*path, key))}" for key, each in value.items()]
            return "{\n" + ",\n".join(inner) + "\n}"
        if path[-1:] == ("weights",):
            return "[\n" + ",\n".join(json.dumps(step, separators=(",", ":")) for step in value) + "\n]"
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    return lines(record, ()) + "\n"


def main() -> None:
    """コマンド行から記録を作る。"""
    parser = argparse.ArgumentParser(description="Keras の実行を記録する")
    parser.add_argument("out", type=Path, help="書き出す JSON のファイル")
    parser.add_argument("--start", type=Path, help="始めの重みを取る記録")
    parser.add_argument("--runs", nargs="+", choices=RUNS, default=list(RUNS), help="記録する学習（なければ全部）")
    arguments = parser.parse_args()
    start = None
    if arguments.start:
        recorded = json.loads(arguments.start.read_text(encoding="utf-8"))
        start = [np.array(w) for w in next(iter(recorded["runs"].values()))["weights"][0]]
    arguments.out.write_text(dump(make(start, arguments.runs)), encoding="utf-8")


if __name__ == "__main__":
    main()
