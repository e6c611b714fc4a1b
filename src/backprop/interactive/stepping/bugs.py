"""図に入れる誤り: 「誤りの博物館」の展示のうち、一歩で違いの出るもの。"""

from __future__ import annotations

from backprop.judges.museum import EXHIBITS

LEFT_OUT = {
    "dropout_once": "ドロップアウトのあるネットワークが要る",
    "piling": "違いが出るのは、二歩めから",
    "stale": "違いが出るのは、二歩めから",
}
"""図に入れない展示と、そのわけ。"""

TOLD = {
    "flipped_sign": "行3で、ŷ − y の符号が逆です。",
    "no_factor": "行3で、平均二乗誤差の 2/N を落としました。",
    "plain_difference": "行4a で、二乗誤差なのに、差 ŷ − y だけを誤差項にしました。",
    "slope_again": "行4a で、もう済んでいる傾き σ′ を、また掛けました。",
    "diagonal_softmax": "行4a で、softmax の、ほかの加重和による分を捨てました。",
    "no_slope": "行4b で、隠れ層の傾き f′ を掛け忘れました。",
    "slope_at_a": "行4b で、傾き f′ を、z ではなく a で求めました。",
    "wrong_slope": "行4b で、tanh のニューロンに、シグモイド関数の傾き a(1 − a) を掛けました。",
    "open_mask": "行4b で、ReLU の傾きを、a が0以上なら1としました。a は負にならないので、いつも1です。",
    "slope_of_error": "行4b で、傾き f′ を、z ではなく、届いた勾配で求めました。",
    "no_transpose": "行4b で、W² の転置を忘れました。",
    "last_path": "行4b で、道を足さずに上書きし、最後の出力からの道だけが残りました。",
    "swapped_product": "行4c で、積の順が逆です。勾配が転置されます。",
    "same_layer": "行4c で、一つ前の層の活性のはずが、同じ層の活性を掛けました。",
    "weight_for_activation": "行4c で、線を通ってきた活性の代わりに、その線の重みを掛けました。",
    "spoiled_record": "行4b で、傾き 1 − a² を、記録した a の場所に書きこみました。行4c がそれを読みます。",
    "bias_mean_twice": "行4d で、1/m を2回掛けました。",
    "bias_over_neurons": "行4d で、例についての平均のはずが、ニューロンについての平均になりました。",
    "bias_as_number": "行4d で、軸を書き忘れ、層の誤差項がすべて足されて一つの数になりました。",
    "last_example": "行4c と行4d で、例ごとに上書きし、最後の例の勾配だけが残りました。",
    "mean_first": "活性も目標も先に平均し、1例のように戻りました。",
    "every_pair": "損失の引き算が表になり、どの出力も、すべての目標と比べられました。",
    "epsilon": "損失の対数の中にだけ、小さな数 10⁻⁸ を足しました。",
    "early": "行5の途中で、誤差項を隠れ層へ戻す前に、W² と b² を更新しました。",
}
"""誤りごとの、どの行で何を違えたか。"""


def bugs() -> dict[str, tuple[str, str, str]]:
    """誤りの名前から、場所、題、何を違えたか。順番は博物館のとおり。

    Examples
    --------
    >>> bugs()["no_slope"]
    ('隠れ層', '傾きを忘れる', '行4b で、隠れ層の傾き f′ を掛け忘れました。')
    """
    kept = (exhibit for name, exhibit in EXHIBITS.items() if name not in LEFT_OUT)
    return {exhibit.name: (exhibit.room, exhibit.title, TOLD[exhibit.name]) for exhibit in kept}
