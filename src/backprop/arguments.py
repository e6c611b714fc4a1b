"""配列でない引数を確かめる小さな関数。

誤った入力は、計算が始まる前に、与えられたものと求められるものの両方を名指しして断る。
この部屋は NumPy を知らない。数式だけを扱う部屋（`backprop.symbolic`）も、NumPy のないところで使えるように。
"""

from __future__ import annotations

import difflib
import functools
import inspect
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from numbers import Integral, Real
from typing import Any, TypeVar

T = TypeVar("T")
_LARGEST = sys.float_info.max
_MOST = 10**9

USUAL_NAMES: dict[str, str] = {
    **dict.fromkeys(("lr", "eta", "alpha", "rate", "step_size", "learningrate"), "learning_rate"),
    **dict.fromkeys(("epoch", "n_epochs", "num_epochs", "iterations", "n_iter", "steps"), "epochs"),
    **dict.fromkeys(("batch", "batchsize", "bs", "minibatch_size"), "batch_size"),
    **dict.fromkeys(("seed", "random_state", "generator"), "rng"),
    **dict.fromkeys(("opt", "optim"), "optimizer"),
    **dict.fromkeys(("inputs", "data"), "X"),
    **dict.fromkeys(("targets", "labels", "y_true"), "Y"),
    **dict.fromkeys(("y_pred", "outputs", "predictions"), "Y_hat"),
    **dict.fromkeys(("beta", "mu"), "momentum"),
    **dict.fromkeys(("layers", "layer_sizes", "units", "widths"), "sizes"),
    **dict.fromkeys(("w", "weight"), "weights"),
    **dict.fromkeys(("b", "bias"), "biases"),
    **dict.fromkeys(("model", "net"), "network"),
    **dict.fromkeys(("loss_function", "criterion", "cost"), "loss"),
    "eps": "epsilon",
    "rho": "decay",
    "n_classes": "classes",
}
"""よそでよく使われる引数の名前から、この本での名前を引く表。"""


def sequence(name: str, value: object) -> Sequence[Any]:
    """リストやタプルなどの並びであることを確かめて返す。文字列と配列は、並びとみなさない。

    Examples
    --------
    >>> sequence("activations", "sigmoid")
    Traceback (most recent call last):
    TypeError: activations は並び（リストやタプル）でなければなりませんが、'sigmoid' が与えられました。
    """
    if isinstance(value, (str, bytes, bytearray)) or not isinstance(value, Sequence):
        given = type(value).__name__ if hasattr(value, "shape") else repr(value)  # 配列は中身が長い
        raise TypeError(f"{name} は並び（リストやタプル）でなければなりませんが、{given} が与えられました。")
    return value


def mapping(name: str, value: object) -> Mapping[Any, Any]:
    """辞書であることを確かめて返す。

    Examples
    --------
    >>> mapping("references", [0.5])
    Traceback (most recent call last):
    TypeError: references は辞書でなければなりませんが、[0.5] が与えられました。
    """
    if not isinstance(value, Mapping):
        raise TypeError(f"{name} は辞書でなければなりませんが、{value!r} が与えられました。")
    return value


def function(name: str, value: object, takes: int | None = None) -> Callable[..., Any]:
    """呼び出せるものであることを確かめて返す。``takes`` があれば、その数の引数で呼べることも確かめる。

    Examples
    --------
    >>> function("predict", 0.5)
    Traceback (most recent call last):
    TypeError: predict は関数でなければなりませんが、0.5 が与えられました。
    >>> function("learning_rate", lambda: 0.1, takes=1)
    Traceback (most recent call last):
    TypeError: learning_rate は引数を 1 個受け取る関数でなければなりませんが、引数は () です。
    """
    if not callable(value):
        raise TypeError(f"{name} は関数でなければなりませんが、{value!r} が与えられました。")
    if takes is not None and isinstance(value, type):
        raise TypeError(f"{name} は関数でなければなりませんが、クラス {value.__name__} が与えられました。")
    if takes is not None and (signature := _signature(value)) and not _binds(signature, (None,) * takes, {}):
        raise TypeError(f"{name} は引数を {takes} 個受け取る関数でなければなりませんが、引数は {signature} です。")
    return value


def instance(name: str, value: object, kind: type[T]) -> T:
    """決まったクラスのものであることを確かめて返す。

    Examples
    --------
    >>> instance("path", "chapters", dict)
    Traceback (most recent call last):
    TypeError: path は dict でなければなりませんが、str が与えられました。
    """
    if not isinstance(value, kind):
        raise TypeError(
            f"{name} は {kind.__name__} でなければなりませんが、{type(value).__name__} が与えられました。"
        )
    return value


def real(name: str, value: object) -> float:
    """有限な実数であることを確かめて返す。

    Examples
    --------
    >>> real("weight_scale", "0.1")
    Traceback (most recent call last):
    TypeError: weight_scale は実数でなければなりませんが、'0.1' が与えられました。
    """
    number = _scalar(value)
    if isinstance(number, bool) or not isinstance(number, Real):
        raise TypeError(f"{name} は実数でなければなりませんが、{value!r} が与えられました。")
    if not -_LARGEST <= number <= _LARGEST:
        raise ValueError(f"{name} は有限でなければなりませんが、{value!r} が与えられました。")
    return float(number)


def positive(name: str, value: object) -> float:
    """正の実数であることを確かめて返す。

    Examples
    --------
    >>> positive("learning_rate", 0.5)
    0.5
    >>> positive("learning_rate", -0.5)
    Traceback (most recent call last):
    ValueError: learning_rate は正でなければなりませんが、-0.5 が与えられました。
    """
    number = real(name, value)
    if number <= 0:
        raise ValueError(f"{name} は正でなければなりませんが、{value!r} が与えられました。")
    return number


def not_negative(name: str, value: object) -> float:
    """0以上の実数であることを確かめて返す。

    Examples
    --------
    >>> not_negative("noise", -0.5)
    Traceback (most recent call last):
    ValueError: noise は0以上でなければなりませんが、-0.5 が与えられました。
    """
    number = real(name, value)
    if number < 0:
        raise ValueError(f"{name} は0以上でなければなりませんが、{value!r} が与えられました。")
    return number


def in_interval(name: str, value: object, low: float, high: float) -> float:
    """``low <= value < high`` であることを確かめて返す。

    Examples
    --------
    >>> in_interval("momentum", 1.0, 0.0, 1.0)
    Traceback (most recent call last):
    ValueError: momentum は 0.0 以上 1.0 未満でなければなりませんが、1.0 が与えられました。
    """
    number = real(name, value)
    if not low <= number < high:
        raise ValueError(f"{name} は {low} 以上 {high} 未満でなければなりませんが、{value!r} が与えられました。")
    return number


def ends(name: str, value: object) -> tuple[float, float]:
    """範囲の両端 ``(小さい値, 大きい値)`` であることを確かめて返す。

    Examples
    --------
    >>> ends("x_range", (1.0, -1.0))
    Traceback (most recent call last):
    ValueError: x_range は (小さい値, 大きい値) でなければなりませんが、(1.0, -1.0) が与えられました。
    """
    pair = [real(name, end) for end in value] if isinstance(value, (tuple, list)) else []
    if len(pair) != 2 or not pair[0] < pair[1]:
        raise ValueError(f"{name} は (小さい値, 大きい値) でなければなりませんが、{value!r} が与えられました。")
    return pair[0], pair[1]


def count(name: str, value: object) -> int:
    """1以上の整数であることを確かめて返す。

    Examples
    --------
    >>> count("epochs", 0)
    Traceback (most recent call last):
    ValueError: epochs は1以上でなければなりませんが、0 が与えられました。
    """
    number = _scalar(value)
    if isinstance(number, bool) or not isinstance(number, Integral):
        raise TypeError(f"{name} は整数でなければなりませんが、{value!r} が与えられました。")
    if number < 1:
        raise ValueError(f"{name} は1以上でなければなりませんが、{value!r} が与えられました。")
    if number > _MOST:
        raise ValueError(f"{name} は {_MOST} 以下でなければなりませんが、{value!r} が与えられました。")
    return int(number)


def choice(name: str, value: object, table: Mapping[str, T]) -> T:
    """表から名前で選ぶ。

    Examples
    --------
    >>> choice("activation", "sigmiod", {"sigmoid": 1, "tanh": 2})
    Traceback (most recent call last):
    ValueError: activation に 'sigmiod' はありません。選べるのは sigmoid, tanh です。
    """
    if not isinstance(value, str) or value not in table:
        raise ValueError(f"{name} に {value!r} はありません。選べるのは {', '.join(table)} です。")
    return table[value]


def seed(name: str, value: object) -> int:
    """乱数の種（0以上の整数）であることを確かめて返す。

    Examples
    --------
    >>> seed("seed", -1)
    Traceback (most recent call last):
    ValueError: seed は0以上の整数でなければなりませんが、-1 が与えられました。
    """
    number = _scalar(value)
    if isinstance(number, bool) or not isinstance(number, Integral):
        raise TypeError(f"{name} は0以上の整数でなければなりませんが、{value!r} が与えられました。")
    if number < 0:
        raise ValueError(f"{name} は0以上の整数でなければなりませんが、{value!r} が与えられました。")
    return int(number)


def _scalar(value: Any) -> Any:
    """NumPy の、形 ``()`` の配列は、その中の一つの数とみなす。マスクされた数は、数ではない。"""
    single = getattr(value, "shape", None) == () and hasattr(value, "item") and not hasattr(value, "mask")
    return value.item() if single else value


# ---- 引数の渡しかた ----


def explained(call: T) -> T:
    """足りない引数、知らない名前、多すぎる引数を、日本語で言うようにするデコレータ。

    クラスに使うと、クラスをつくる呼び出しと、そのクラスに書かれた公開のメソッドのすべてに効く。
    正しい呼び出しでは、関数を一枚くぐるだけである。名前、説明、引数の一覧は元のまま。

    Parameters
    ----------
    call : callable or type

    Returns
    -------
    callable or type

    Examples
    --------
    >>> @explained
    ... def fit(X, *, learning_rate, epochs=1):
    ...     return X
    >>> fit(2.0, lr=0.1)
    Traceback (most recent call last):
    TypeError: fit に lr という引数はありません（learning_rate のことでしょうか）。 fit(X, learning_rate=0.1) のように書いてください。
    >>> fit(2.0)
    Traceback (most recent call last):
    TypeError: fit の learning_rate が与えられていません。 fit(X, learning_rate=…) のように書いてください。
    """
    if isinstance(call, type):
        for name, member in list(vars(call).items()):
            if name == "__init__" or not name.startswith("_"):
                _explain_member(call, name, member)
        return call

    @functools.wraps(call)
    def explaining(*args: Any, **kwargs: Any) -> Any:
        try:
            return call(*args, **kwargs)
        except TypeError:
            explain_binding(call, args, kwargs)
            raise

    return explaining


def _explain_member(owner: type, name: str, member: object) -> None:
    if inspect.isfunction(member):
        setattr(owner, name, explained(member))
    elif isinstance(member, (classmethod, staticmethod)):
        setattr(owner, name, type(member)(explained(member.__func__)))


def explain_binding(call: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
    """``call`` がこの引数では呼べないとき、何が足りないか、どう書けばよいかを言う TypeError を投げる。

    Examples
    --------
    >>> explain_binding(choice, ("loss", "mse"), {})
    Traceback (most recent call last):
    TypeError: choice の table が与えられていません。 choice(name, value, table) のように書いてください。
    """
    signature = _signature(call)
    if signature is None or _binds(signature, args, kwargs):
        return
    name, parameters = call.__qualname__, list(signature.parameters.values())
    if args and parameters and parameters[0].name in ("self", "cls"):
        owner = args[0] if isinstance(args[0], type) else type(args[0])
        name = owner.__name__ if call.__name__ == "__init__" else f"{owner.__name__}.{call.__name__}"
        args, parameters = args[1:], parameters[1:]
    raise TypeError(_Misuse(name, parameters, args, kwargs).message()) from None


def _signature(call: Callable[..., Any]) -> inspect.Signature | None:
    try:
        return inspect.signature(call)
    except (TypeError, ValueError):  # C で書かれた関数には、引数の一覧のないものがある
        return None


def _binds(signature: inspect.Signature, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> bool:
    try:
        signature.bind(*args, **kwargs)
    except TypeError:
        return False
    return True


class _Misuse:
    """呼べない呼び出し: どこが違うかと、直した形。"""

    def __init__(
        self,
        name: str,
        parameters: list[inspect.Parameter],
        args: tuple[Any, ...],
        kwargs: Mapping[str, Any],
    ) -> None:
        self.name, self.args, self.kwargs = name, args, kwargs
        kinds = {kind: [p for p in parameters if p.kind is kind] for kind in inspect._ParameterKind}
        self.positional = [
            *kinds[inspect.Parameter.POSITIONAL_ONLY], *kinds[inspect.Parameter.POSITIONAL_OR_KEYWORD]
        ]  # fmt: skip
        self.keyword_only = kinds[inspect.Parameter.KEYWORD_ONLY]
        self.known = [*self.positional, *self.keyword_only]
        self.given = dict(zip((p.name for p in self.positional), args))
        self.extra = args[len(self.positional) :] if not kinds[inspect.Parameter.VAR_POSITIONAL] else ()
        self.twice = [key for key in kwargs if key in self.given]
        names = {p.name for p in self.known}
        self.unknown = [key for key in kwargs if key not in names]
        if kinds[inspect.Parameter.VAR_KEYWORD]:
            self.unknown = []
        self.meant = {key: self._meant(key) for key in self.unknown}
        self.given |= {self.meant.get(key) or key: value for key, value in kwargs.items()}

    def message(self) -> str:
        return f"{''.join(self._complaints())} {self.name}({', '.join(self._usage())}) のように書いてください。"

    def _meant(self, key: str) -> str | None:
        """知らない名前の引数が、どの引数のつもりか。"""
        free = [p.name for p in self.known if p.name not in self.given and p.name not in self.kwargs]
        folded = {name.lower(): name for name in free}
        usual = USUAL_NAMES.get(key.lower())
        if usual in free:
            return usual
        near = difflib.get_close_matches(key.lower(), folded, n=1, cutoff=0.6)
        return folded[near[0]] if near else None

    def _complaints(self) -> Iterator[str]:
        for key, meant in self.meant.items():
            hint = f"（{meant} のことでしょうか）" if meant else ""
            yield f"{self.name} に {key} という引数はありません{hint}。"
        if self.twice:
            yield f"{self.name} の {', '.join(self.twice)} が二度与えられています。"
        if self.extra:
            most = f"に名前をつけずに渡せる引数は {len(self.positional)} 個ですが、{len(self.args)} 個が与えられました。"
            named = bool(self.keyword_only) and not self.positional
            yield self.name + (" の引数には、名前が要ります。" if named else f" {most}")
        missing = [p.name for p in self.known if p.default is p.empty and p.name not in self.given]
        if missing and not self.unknown and not self.extra:
            yield f"{self.name} の {', '.join(missing)} が与えられていません。"

    def _usage(self) -> list[str]:
        """直した呼び出しの引数。名前をつけずに渡された余りは、名前の要る引数に順に当てる。"""
        free = (p.name for p in self.keyword_only if p.name not in self.given)
        given = self.given | dict(zip(free, self.extra))
        shown = [p for p in self.known if p.default is p.empty or p.name in given] or self.known
        return [
            p.name
            if p in self.positional and p.default is p.empty
            else f"{p.name}={_written(p.name, given.get(p.name, ...))}"
            for p in shown
        ]


def _written(name: str, value: object) -> str:
    """呼び出しの例に書く値。長いものと、書いても使えないものは書かない。"""
    short = isinstance(value, (int, float, str)) and len(repr(value)) <= 20
    if name == "rng":
        return f"np.random.default_rng({value!r})" if short else "np.random.default_rng(種)"
    return repr(value) if short else "…"
