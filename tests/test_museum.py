"""誤りの博物館の検査: 展示は本当に間違っているか、審判は正しい実装を疑わないか、ページと表は合っているか。"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.patches import Circle
from matplotlib.text import Text
from toc import chapters

from backprop import figures
from backprop.checks import Array
from backprop.figures import style
from backprop.judges import museum
from backprop.judges.museum import EXHIBITS, JUDGES, STAGES, Exhibit, Gradients, Stage, control, examine
from backprop.network import ForwardPass, Network

ROOT = Path(__file__).resolve().parents[1]
OUTSIDE = {"定義": Network.gradients}
SEEDS = range(3)
# 勾配でないところが間違っている展示。複素ステップ法は、どの種でも気づかない。
NOT_GRADIENTS = {"every_pair", "early", "piling", "stale"}

each_exhibit = pytest.mark.parametrize("exhibit", EXHIBITS.values(), ids=lambda exhibit: exhibit.name)
each_stage = pytest.mark.parametrize("stage", STAGES, ids=range(len(STAGES)))


def at_seed(exhibit: Exhibit, seed: int) -> Exhibit:
    """同じ展示を、別の重みとデータの舞台に置く。"""
    return replace(exhibit, stage=replace(exhibit.stage, seed=seed))


@cache
def verdict(name: str) -> dict[str, bool]:
    """一つの展示についての、すべての審判の判定。"""
    return examine(EXHIBITS[name], OUTSIDE)


def is_wrong(exhibit: Exhibit) -> bool:
    """展示として認められるか: 勾配か、二歩の更新か、損失の定義のどれかと違う。"""
    exact = JUDGES["複素ステップ"](exhibit) or JUDGES["二歩"](exhibit)
    return exact or museum.differs_from(exhibit, Network.gradients)


def chapter() -> str:
    """章の文章。"""
    notebook = nbformat.read(ROOT / "chapters" / "39_bug_museum.ipynb", as_version=4)
    return "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")


class TestControls:
    """正しい実装は、どの審判も疑わず、展示にもなれない。"""

    @each_stage
    def test_no_judge_suspects_the_right_one(self, stage: Stage) -> None:
        assert not any(examine(control(stage), OUTSIDE).values())

    @each_stage
    @pytest.mark.parametrize("seed", SEEDS)
    @pytest.mark.long
    def test_nor_at_other_seeds(self, stage: Stage, seed: int) -> None:
        exhibit = at_seed(control(stage), seed + 10)
        exact = ("形", "前進差分", "中心差分", "複素ステップ", "二歩")
        assert not any(JUDGES[judge](exhibit) for judge in exact)
        assert not is_wrong(exhibit)

    @pytest.mark.parametrize(
        "written",
        [
            lambda network, record, Y: network.backward(record, Y)[1],
            lambda network, record, Y: museum.collect(
                record,
                (network.weights[1].T @ (record.A[2] - Y)) * (1 - record.A[1] ** 2),
                record.A[2] - Y,
            ),
        ],
        ids=["package", "by hand"],
    )
    def test_a_correct_function_is_refused(
        self, written: Callable[[Network, ForwardPass, Array], Gradients]
    ) -> None:
        assert not is_wrong(replace(EXHIBITS["no_transpose"], backward=written))


class TestExhibits:
    """展示。"""

    def test_the_table_is_in_order(self) -> None:
        assert len(EXHIBITS) >= 27
        assert [exhibit.name for exhibit in EXHIBITS.values()] == list(EXHIBITS)
        assert len({exhibit.title for exhibit in EXHIBITS.values()}) == len(EXHIBITS)

    @pytest.mark.long
    @each_exhibit
    def test_every_exhibit_is_wrong_wherever_it_stands(self, exhibit: Exhibit) -> None:
        assert all(is_wrong(at_seed(exhibit, seed)) for seed in (0, 1))

    @pytest.mark.long
    @each_exhibit
    @pytest.mark.parametrize("seed", SEEDS)
    def test_gradient_bugs_are_seen_by_the_complex_step(self, exhibit: Exhibit, seed: int) -> None:
        seen = JUDGES["複素ステップ"](at_seed(exhibit, seed))
        assert seen == (exhibit.name not in NOT_GRADIENTS)

    @each_exhibit
    def test_only_one_writes_into_the_record(self, exhibit: Exhibit) -> None:
        network, (X, Y) = exhibit.stage.network(), exhibit.stage.data()
        record = exhibit.forward(network, X)
        before = [values.copy() for values in (*record.Z, *record.A, *network.parameters().values(), X, Y)]
        exhibit.backward(network, record, Y)
        after = (*record.Z, *record.A, *network.parameters().values(), X, Y)
        untouched = all(np.array_equal(a, b) for a, b in zip(before, after))
        assert untouched == (exhibit.name != "spoiled_record")

    def test_dropout_counts_half_of_the_hidden_gradient(self) -> None:
        exhibit = EXHIBITS["dropout_once"]
        network, (X, Y) = exhibit.stage.network(), exhibit.stage.data()
        truth = network.replace(W2=network.weights[1] * exhibit.gate).gradients(X, Y)
        given = exhibit.gradients(network, X, Y)
        for name, factor in {"W1": 2, "b1": 2, "W2": 1, "b2": 1}.items():
            gate = exhibit.gate if name == "W2" else 1
            assert np.allclose(factor * given[name], truth[name] * gate, rtol=1e-12, atol=1e-15)

    def test_one_example_needs_no_mean(self) -> None:
        """先に平均する間違いは、例が1個なら現れない。"""
        first = EXHIBITS["mean_first"]
        assert not is_wrong(replace(first, stage=replace(first.stage, m=1)))
        assert is_wrong(replace(first, stage=replace(first.stage, m=2)))

    def test_a_weight_for_an_activation_fits_every_shape(self) -> None:
        network, X, Y = any_network([4, 6, 2], ["tanh", "softmax"], "cross_entropy")
        wrong = museum.own(EXHIBITS["weight_for_activation"].backward, network, X, Y)
        assert not JUDGES["形"](wrong)
        assert JUDGES["複素ステップ"](wrong)
        given, truth = wrong.gradients(network, X, Y), network.gradients(X, Y)
        for l in (1, 2):
            assert np.array_equal(given[f"W{l}"], truth[f"b{l}"] * network.weights[l - 1])
            assert np.array_equal(given[f"b{l}"], truth[f"b{l}"])

    def test_the_slope_of_the_error_lets_no_negative_error_pass(self) -> None:
        exhibit = EXHIBITS["slope_of_error"]
        network, (X, Y) = exhibit.stage.network(), exhibit.stage.data()
        delta2 = museum.right_output(network, network.forward(X), Y)
        passed = np.maximum(network.weights[1].T @ delta2, 0.0)
        given = exhibit.gradients(network, X, Y)
        np.testing.assert_allclose(given["b1"], passed.mean(axis=1, keepdims=True), rtol=1e-12, atol=0)
        assert (given["b1"] >= 0).all()
        assert (network.gradients(X, Y)["b1"] < 0).any()

    def test_stages_are_made_anew(self) -> None:
        stage = STAGES[0]
        stage.network().weights[0][:] = 0
        assert stage.network().weights[0].any()
        assert np.array_equal(stage.data()[0], stage.data()[0])


@pytest.mark.long
class TestVerdicts:
    """表に書いてあること。"""

    @pytest.mark.parametrize("seed", SEEDS)
    def test_loss_and_shapes_miss_many(self, seed: int) -> None:
        exhibits = [at_seed(exhibit, seed) for exhibit in EXHIBITS.values()]
        missed = [e.name for e in exhibits if not (JUDGES["損失"](e) or JUDGES["形"](e))]
        assert len(missed) >= 12
        assert {"no_factor", "no_slope", "slope_at_a", "open_mask", "no_transpose"} <= set(missed)

    def test_three_judges_together_miss_nothing(self) -> None:
        assert all(
            verdict(name)["複素ステップ"] or verdict(name)["二歩"] or verdict(name)["定義"]
            for name in EXHIBITS
        )

    def test_every_judge_notices_something_and_misses_something(self) -> None:
        for judge in (*JUDGES, *OUTSIDE):
            assert {verdict(name)[judge] for name in EXHIBITS} == {True, False}, judge

    def test_the_finest_judge_alone_sees_epsilon(self) -> None:
        assert [judge for judge, noticed in verdict("epsilon").items() if noticed] == ["複素ステップ"]

    def test_only_a_step_shows_a_wrong_update(self) -> None:
        judges = [j for j in (*JUDGES, *OUTSIDE) if all(verdict(n)[j] for n in ("early", "piling", "stale"))]
        assert judges == ["二歩"]

    def test_cosine(self) -> None:
        assert museum.cosine(EXHIBITS["flipped_sign"]) == pytest.approx(-1)
        assert museum.cosine(EXHIBITS["no_factor"]) == pytest.approx(1)
        assert 0 < museum.cosine(EXHIBITS["no_transpose"]) < 0.99

    def test_one_example_hides_a_second_mean(self) -> None:
        twice = EXHIBITS["bias_mean_twice"]
        assert not is_wrong(replace(twice, stage=replace(twice.stage, m=1)))

    def test_unequal_widths_stop_a_forgotten_transpose(self) -> None:
        narrow = replace(EXHIBITS["no_transpose"], stage=EXHIBITS["every_pair"].stage)
        with pytest.raises(ValueError, match="delta_next の形"):
            JUDGES["形"](narrow)


class TestRefusals:
    """誤った入力は、何が誤っているかを名指しして断る。"""

    RIGHT = EXHIBITS["early"]
    NETWORK = RIGHT.stage.network()
    RECORD = NETWORK.forward(RIGHT.stage.data()[0])
    DELTA = np.ones((3, 12))

    @pytest.mark.parametrize(
        ("call", "error", "message"),
        [
            (lambda: museum.differs_at(TestRefusals.RIGHT, "W3", (0, 0)), ValueError, "W3"),
            (lambda: museum.differs_at(TestRefusals.RIGHT, "W1", (3, 0)), ValueError, r"index .*\(3, 0\)"),
            (lambda: museum.differs_at("early", "W1", (0, 0)), TypeError, "exhibit"),
            (lambda: museum.differs_at(TestRefusals.RIGHT, "W1", np.zeros(2)), TypeError, "index"),
            (lambda: museum.learn("early"), TypeError, "exhibit"),
            (lambda: museum.learn(["early"]), TypeError, "exhibit"),
            (lambda: museum.random_point("early"), TypeError, "stage"),
            (lambda: museum.cosine("early"), TypeError, "exhibit"),
            (lambda: museum.differs_from("early", Network.gradients), TypeError, "exhibit"),
            (lambda: museum.differs_from(TestRefusals.RIGHT, 1), TypeError, "reference"),
            (lambda: museum.examine("early", {}), TypeError, "exhibit"),
            (lambda: museum.examine(TestRefusals.RIGHT, []), TypeError, "references"),
            (lambda: museum.examine(TestRefusals.RIGHT, {"甲": 1}), TypeError, r"references\['甲'\]"),
            (lambda: control("early"), TypeError, "stage"),
            (lambda: replace(TestRefusals.RIGHT, title=1), TypeError, "title"),
            (lambda: replace(TestRefusals.RIGHT, cost=1), TypeError, "cost"),
            (lambda: replace(TestRefusals.RIGHT, gate=np.ones(3)), ValueError, "gate"),
            (lambda: replace(STAGES[0], outputs=2), ValueError, "outputs"),
            (lambda: replace(STAGES[0], m=0), ValueError, "m は"),
            (lambda: replace(STAGES[0], rate=-1.0), ValueError, "rate"),
            (lambda: replace(STAGES[0], seed=-1), ValueError, "seed"),
            (lambda: museum.right_output(1, TestRefusals.RECORD, np.eye(3)), TypeError, "network"),
            (lambda: museum.right_hidden(1, TestRefusals.RECORD, TestRefusals.DELTA), TypeError, "network"),
            (lambda: museum.right_hidden(TestRefusals.NETWORK, 1, TestRefusals.DELTA), TypeError, "record"),
            (lambda: museum.collect(1, TestRefusals.DELTA, TestRefusals.DELTA), TypeError, "record"),
        ],
    )  # fmt: skip
    def test_it_says_what_is_wrong(
        self, call: Callable[[], object], error: type[Exception], message: str
    ) -> None:
        with pytest.raises(error, match=message):
            call()


class TestPages:
    """展示は、正しい式を説明するページにつながる。"""

    @staticmethod
    def labels() -> set[str]:
        """章につけられた見出しのラベル。"""
        sources = [path.read_text(encoding="utf-8") for path in chapters()]
        return {label for text in sources for label in re.findall(r"\"\((sec-[a-z0-9-]+)\)=", text)}

    @each_exhibit
    def test_page_exists(self, exhibit: Exhibit) -> None:
        assert exhibit.page in self.labels()

    @each_exhibit
    def test_catalogue_names_the_exhibit_and_its_page(self, exhibit: Exhibit) -> None:
        plain = re.sub(r"[$`]", "", chapter())
        start = plain.index(f"- **{exhibit.title}**")
        assert f"<{exhibit.page}>" in plain[start:].split("\n- **")[0]

    def test_catalogue_has_nothing_else(self) -> None:
        catalogue = chapter().split("(sec-museum-catalogue)=")[1].split("## よくある間違い")[0]
        assert len(re.findall(r"(?m)^- \*\*", catalogue)) == len(EXHIBITS)


class TestPuzzles:
    """章の問題は、答えを先に見せない。"""

    @staticmethod
    def cells() -> list[Any]:
        """問題の節のセル。"""
        found = nbformat.read(ROOT / "chapters" / "39_bug_museum.ipynb", as_version=4).cells
        start = next(i for i, cell in enumerate(found) if "(sec-museum-rooms)=" in cell.source)
        end = next(i for i, cell in enumerate(found) if "(sec-museum-judges)=" in cell.source)
        return found[start:end]

    def test_every_puzzle_is_asked_in_its_order(self) -> None:
        text = "\n".join(cell.source for cell in self.cells())
        asked = re.findall(r"(?m)^show\((\d+)\)$", text)
        assert asked == [str(n) for n in range(1, len(museum.PUZZLES) + 1)]
        assert re.findall(r"(?m)^### (.+)$", text) == [f"問題{n}" for n in asked]
        assert len({exhibit.name for exhibit in museum.PUZZLES}) == len(museum.PUZZLES)

    def test_no_name_or_title_stands_before_its_answer(self) -> None:
        before = chapter().partition("(sec-museum-rooms)=")[0]
        parts = "\n\n".join(cell.source for cell in self.cells()).split("<summary>答え</summary>")
        assert len(parts) == len(museum.PUZZLES) + 1
        for n, exhibit in enumerate(museum.PUZZLES, start=1):
            shown = re.sub(r"(?s)<details>.*?</details>", "", before + "</details>".join(parts[:n]))
            assert not re.search(rf"\b{exhibit.name}\b", shown), exhibit.name
            assert exhibit.title not in shown

    def test_the_check_of_a_puzzle_comes_after_its_answer(self) -> None:
        answered = 0
        for cell in self.cells():
            answered += cell.source.count("<summary>答え</summary>")
            for n in re.findall(r"PUZZLES\[(\d)\]|same_as_exhibit\(exhibit_\d, (\d)\)", cell.source):
                number = int(n[0]) + 1 if n[0] else int(n[1])
                assert number <= answered, cell.source[:60]


@pytest.mark.long
class TestFigure:
    """表の図。"""

    @staticmethod
    def groups() -> dict[str, dict[str, dict[str, bool]]]:
        """本物の表。"""
        made: dict[str, dict[str, dict[str, bool]]] = {}
        for name, exhibit in EXHIBITS.items():
            made.setdefault(exhibit.room, {})[exhibit.title] = verdict(name)
        return made

    HEADINGS = {
        "正解率": "正解\n率",
        "複素ステップ": "複素",
        "前進差分": "前進\n差分",
        "中心差分": "中心\n差分",
    }

    FIRST = ("出力層", "隠れ層")

    def pair(self) -> list[dict[str, dict[str, dict[str, bool]]]]:
        """章の二枚に分けた表。"""
        made = self.groups()
        return [
            {room: made[room] for room in made if (room in self.FIRST) == first} for first in (True, False)
        ]

    @pytest.mark.long
    def test_a_disc_for_each_notice_in_its_row(self) -> None:
        seen = set()
        for groups in self.pair():
            figure = figures.verdicts(groups, self.HEADINGS)
            discs = [p.center for p in figure.axes[0].patches if isinstance(p, Circle)]
            heights = {t.get_text(): t.get_position()[1] for t in figure.axes[0].texts}
            for name, exhibit in EXHIBITS.items():
                if exhibit.room in groups:
                    row = [x for x, y in discs if abs(y - heights[exhibit.title]) < 0.05]
                    assert len(row) == sum(verdict(name).values()), exhibit.title
                    seen.add(name)
        assert seen == set(EXHIBITS)

    @pytest.mark.long
    @pytest.mark.parametrize("half", [0, 1])
    def test_texts_do_not_overlap_and_stay_on_the_page(self, half: int) -> None:
        figure = figures.verdicts(self.pair()[half], self.HEADINGS)
        renderer = figure.canvas.get_renderer()
        boxes = [Text.get_window_extent(t, renderer) for t in figure.axes[0].texts]
        assert not [1 for a, b in combinations(boxes, 2) if a.padded(-1).overlaps(b.padded(-1))]
        page = figure.bbox.padded(-8)
        assert all(page.x0 <= box.x0 and box.x1 <= page.x1 for box in boxes)
        assert all(page.y0 <= box.y0 and box.y1 <= page.y1 for box in boxes)

    def test_shape_tells_as_much_as_colour(self) -> None:
        figure = figures.verdicts({"組": {"行": {"甲": True, "乙": False}}})
        ax = figure.axes[0]
        marks = [p for p in ax.patches if isinstance(p, Circle)]
        assert len(marks) == 2  # 一つは図の下の説明
        assert all(to_hex(p.get_facecolor()).lower() in style.PALETTE for p in marks)
        dashes = [line for line in ax.lines if to_hex(line.get_color()).upper() == style.GREY]
        assert len(dashes) == 2

    def test_same_bytes_again(self) -> None:
        made = [figures.verdicts({"組": {"行": {"甲": True, "乙": False}}}).svg() for _ in range(2)]
        assert made[0] == made[1]

    @pytest.mark.parametrize(
        ("groups", "error", "message"),
        [
            ({}, TypeError, "空でない辞書"),
            ({"組": {}}, TypeError, "空でない辞書"),
            ({"組": {"行": {"甲": 1}}}, TypeError, "真偽値"),
            ({"組": {"一": {"甲": True}, "二": {"乙": True}}}, ValueError, "「二」の審判"),
            ({"組": {f"行{n}": {"甲": True} for n in range(40)}}, ValueError, "40 行"),
            ({"組": {"行": {f"とても長い名前{n}": True for n in range(9)}}}, ValueError, "9 列"),
        ],
        ids=["empty", "empty group", "number", "judges", "rows", "columns"],
    )
    def test_bad_input_is_refused(self, groups: object, error: type[Exception], message: str) -> None:
        with pytest.raises(error, match=message):
            figures.verdicts(groups)


# ---- 読者の逆伝播 ----


def any_network(sizes: list[int], activations: list[str], loss: str) -> tuple[Network, Array, Array]:
    rng = np.random.default_rng(3)
    net = Network.random(sizes, activations, loss, rng=rng, bias_scale=0.5)
    Y = (
        rng.dirichlet(np.ones(sizes[-1]), 5).T
        if loss == "cross_entropy"
        else rng.uniform(size=(sizes[-1], 5))
    )
    return net, rng.normal(size=(sizes[0], 5)), Y


OWN = {
    "1層": any_network([4, 3], ["softmax"], "cross_entropy"),
    "幅がどれも違う": any_network([4, 6, 2], ["tanh", "sigmoid"], "mse"),
    "3層": any_network([2, 5, 4, 3], ["softplus", "relu", "softmax"], "cross_entropy"),
    "6層": any_network([3, 2, 4, 2, 3, 2, 1], ["tanh"] * 5 + ["sigmoid"], "binary_cross_entropy"),
}


def by_hand(network: Network, record: ForwardPass, Y: Array) -> Gradients:
    """読者が書くような、くり返しによる逆伝播。"""
    delta = network.backward(record, Y)[0][-1]
    found = {}
    for l in range(network.num_layers, 0, -1):
        found[f"W{l}"] = delta @ record.A[l - 1].T / Y.shape[1]
        found[f"b{l}"] = delta.mean(axis=1, keepdims=True)
        if l > 1:
            delta = network.activations[l - 2].pullback(record.Z[l - 2], network.weights[l - 1].T @ delta)
    return found


@pytest.mark.long
class TestOwnBackward:
    @pytest.mark.parametrize("name", OWN)
    def test_nobody_doubts_the_right_one(self, name: str) -> None:
        verdicts = examine(museum.own(by_hand, *OWN[name]), {"本": Network.gradients})
        assert "正解率" not in verdicts
        assert {judge for judge, noticed in verdicts.items() if noticed} <= {"損失"}

    @pytest.mark.parametrize("name", OWN)
    @pytest.mark.parametrize("array", ["W1", "b1"])
    def test_every_exact_judge_notices_a_wrong_first_layer(self, name: str, array: str) -> None:
        def wrong(network: Network, record: ForwardPass, Y: Array) -> Gradients:
            return by_hand(network, record, Y) | {array: 1.01 * by_hand(network, record, Y)[array]}

        verdicts = examine(museum.own(wrong, *OWN[name]), {"本": Network.gradients})
        assert all(verdicts[judge] for judge in ("中心差分", "複素ステップ", "二歩", "本"))
        assert not verdicts["形"]

    def test_the_network_is_not_touched(self) -> None:
        net, X, Y = OWN["3層"]
        before = [value.copy() for value in net.parameters().values()]
        examine(museum.own(by_hand, net, X, Y), {})
        assert all(np.array_equal(p, q) for p, q in zip(net.parameters().values(), before))

    def test_classes_are_counted(self) -> None:
        net, X, _ = OWN["1層"]
        Y = np.eye(3)[:, [0, 1, 2, 0, 1]]
        assert "正解率" in examine(museum.own(by_hand, net, X, Y), {})

    def test_divergence_is_noticed(self) -> None:
        net, X, Y = any_network([2, 3, 1], ["identity", "identity"], "mse")
        verdicts = examine(museum.own(by_hand, net, X, Y, rate=1e3), {})
        assert verdicts["損失"]

    @pytest.mark.parametrize(
        ("backward", "said"),
        [
            (lambda network, record, Y: {"W1": np.ones((3, 4))}, "W1, b1 の勾配を返さなければ.*W1 が返り"),
            (lambda network, record, Y: None, "backward の返すもの は辞書"),
            (
                lambda network, record, Y: {"W1": np.ones((2, 9)), "b1": np.ones((3, 1))},
                r"W1 の勾配の形は \(3, 4\).*\(2, 9\) が返り",
            ),
        ],
    )
    def test_what_it_returns_is_checked(self, backward: Any, said: str) -> None:
        with pytest.raises((TypeError, ValueError), match=said):
            museum.cosine(museum.own(backward, *OWN["1層"]))

    def test_refusals(self) -> None:
        net, X, Y = OWN["1層"]
        for call, said in (
            (lambda: museum.own(1, net, X, Y), "backward は関数"),
            (lambda: museum.own(by_hand, net, X[:2], Y), r"X の形は \(4, m\)"),
            (lambda: museum.own(by_hand, net, X, Y, rate=0.0), "rate は正"),
            (lambda: museum.OwnStage(net, X, Y, seed=-1), "seed は0以上"),
        ):
            with pytest.raises((TypeError, ValueError), match=said):
                call()
