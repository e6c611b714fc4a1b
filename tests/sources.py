r"""番号のついた式の原稿を、検印の組む等式と同じ読み手で読む。

原稿の式は、人が書いたもう一つの印刷である。章の本文で決めた略記は、`WHERE` に並べた言い換えで戻す。
"""

from __future__ import annotations

import re

from reading_tex import closing, sides, tex_of, tokens_of

EQUATION = re.compile(r"^\$\$\n((?:(?!\$\$).)*?)\n\$\$ \((eq-[a-z0-9-]+)\)$", re.DOTALL | re.MULTILINE)

SOFTMAX = {
    "a_i": r"\operatorname{softmax}_i(z^l)",
    "a_j": r"\operatorname{softmax}_j(z^l)",
    r"\partial z_j": r"\partial z^l_j",
}
CUBIC = {"f'''(x)": "6c_3", " - f'(x)": " - f'"}  # 検印での f は、3次の多項式
ALONG = r"\left.\frac{d}{dh}J(\mathbf{w}+h\mathbf{d})\right|_{h=0}"

WHERE: dict[str, dict[str, str]] = {
    "eq-one-neuron-delta": {r"\delta =": r"\frac{\partial\mathcal{L}}{\partial z} ="},
    "eq-chain-single": {r"\frac{dv}{dx} =": r"\frac{d}{dx} f(g(x)) ="},
    "eq-log-sum-exp": {
        r"\frac{\partial}{\partial z_j}\log\sum_k e^{z_k} =": (
            r"\frac{\partial \log\sum_k e^{z_k}}{\partial z^L_j} ="
        ),
        "{e^{z_j}}": "{e^{z^L_j}}",
        r"{\sum_k e^{z_k}}": r"{\sum_{k=1}^{N_L} e^{z^L_k}}",
    },
    "eq-sigmoid-derivative": {r"\sigma'(z) =": r"\frac{d}{dz} \sigma(z) ="},
    "eq-tanh-derivative": {r"(\tanh z)' =": r"\frac{d}{dz} \tanh z ="},
    "eq-softplus-derivative": {
        r"\operatorname{softplus}'(z) =": r"\frac{d}{dz} \operatorname{softplus}(z) ="
    },
    "eq-softmax-jacobian": {
        r"\frac{\partial a_i}{\partial z_j}": r"\frac{\partial}{\partial z_j} a_i",
        **SOFTMAX,
    },
    "eq-softmax-pullback": SOFTMAX,
    "eq-steepest-descent": {"\\sum_{i=1}^{P} g_i\\,d_i\n=": f"{ALONG} ="},
    "eq-minibatch-mean": {r"\frac{\partial\mathcal{L}^{(n)}}{\partial w}": "g_n"},
    "eq-output-delta": {r"\frac{\partial\mathcal{L}}{\partial a^L_j}": r"\ell'(a^L_j, y_j)"},
    "eq-softmax-ce-delta": {
        r" \qquad \Bigl(\textstyle\sum_i y_i = 1 \text{ のとき}\Bigr)": "",
        "= a^L_j": r"= \operatorname{softmax}_j(z^L)",
    },
    "eq-forward-error": {r"D_{\text{前}}(h)": "D", "f''(x)": "(2c_2 + 6c_3 x)", **CUBIC},
    "eq-central-error": {r"D_{\text{中}}(h)": "D", **CUBIC},
    "eq-complex-step-error": {r"D_{\text{複}}(h)": "D", **CUBIC},
    "eq-two-two-two-v1": {r"\hat y_1": "a^2_1"},
    "eq-two-two-two-w3": {"x_2": "a^0_2"},
    "eq-plateau-cubic": {
        r"\frac{\partial J}{\partial v_j} \text{ の3次の項}": r"[s^3]\,\frac{\partial J}{\partial v_j}",
    },
    "eq-plateau-hessian": {"f(0)": "f_0"},
    "eq-plateau-potential": {"f'''(0)": "f_3", "f'(0)": "f_1"},
    "eq-nesterov": {r"g(\varphi)": "g"},
}
"""章の本文で決めた略記と、検印の等式での書き方。"""

UNREAD = {"eq-loss-decrease": "検印では、すべての層の重みとバイアスを、番号の一つの列に並べる"}
"""原稿の式を主張と比べられないものと、そのわけ。"""


def sources(markdown: str) -> dict[str, str]:
    """番号のついた式の原稿。ラベルから引く。"""
    return {label: tex for tex, label in EQUATION.findall(markdown)}


def equations(label: str, tex: str) -> list[str]:
    """原稿にある等式。途中の式は省き、はじめの左辺と終わりの右辺を残す。"""
    for short, long in WHERE.get(label, {}).items():
        assert short in tex, f"{label} の原稿に {short} はない"
        tex = tex.replace(short, long)
    rows = [row.replace("&", "").replace("{}", "").strip() for row in _inside_aligned(tex).split(r"\\")]
    whole = [rows[0]]
    for row in rows[1:]:
        if re.match(r"[=+-]|\\cdot|\\times", row):
            whole[-1] += f" {row}"
        else:
            whole.append(row)
    return [_ends(braced(tokens_of(row))) for row in whole]


def _inside_aligned(tex: str) -> str:
    return tex.replace(r"\begin{aligned}", "").replace(r"\end{aligned}", "")


def _ends(tokens: list[str]) -> str:
    (start, end), *_, (first, last) = sides(tokens)
    return f"{tex_of(tokens[start:end])} = {tex_of(tokens[first:last])}"


ARGUMENTS = {r"\frac": 2, r"\hat": 1, r"\sqrt": 1, r"\mathbf": 1, "^": 1, "_": 1}


def braced(tokens: list[str]) -> list[str]:
    r"""省かれた波かっこを補った字句。

    Examples
    --------
    >>> tex_of(braced(tokens_of(r"\frac1m z^l_j")))
    '\\frac{1}{m}z^{l}_{j}'
    """
    found, at = [], 0
    while at < len(tokens):
        token = tokens[at]
        found.append(token)
        at += 1
        for _ in range(ARGUMENTS.get(token, 0)):
            end = closing(tokens, at) + 1 if tokens[at] == "{" else at + 1
            inside = tokens[at + 1 : end - 1] if tokens[at] == "{" else tokens[at:end]
            found += ["{", *braced(inside), "}"]
            at = end
    return found
