"""検索と索引: 読者が打ち込みそうな言葉で、その章が三番目までに出る。"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from browsing import search
from bs4 import BeautifulSoup
from selenium import webdriver

ROOT = Path(__file__).resolve().parents[1]
ALIASES = yaml.safe_load((ROOT / "_ext" / "aliases.yml").read_text(encoding="utf-8"))

# 打ち込む言葉と、そのうちどれかが出るべき章（ファイルの名前）。
QUERIES = yaml.safe_load(
    """
    誤差逆伝播法: 01_what_is_backprop 23_algorithm index
    バックプロパゲーション: 01_what_is_backprop index
    連鎖律: 11_chain_rule
    多変数の連鎖律: 11_chain_rule
    偏微分: 11_chain_rule 14_gradient_descent
    ヤコビ行列: 11_chain_rule 51_vanishing_gradient
    全微分: 11_chain_rule
    損失関数: 12_loss_functions
    平均二乗誤差: 12_loss_functions
    クロスエントロピー: 12_loss_functions
    交差エントロピー: 12_loss_functions
    最尤推定: 12_loss_functions
    活性化関数: 13_activations
    シグモイド: 13_activations
    ソフトマックス: 13_activations
    ReLU: 13_activations
    softmax: 13_activations
    飽和: 13_activations 51_vanishing_gradient
    勾配降下法: 14_gradient_descent
    学習率: 14_gradient_descent
    条件数: 14_gradient_descent
    ミニバッチ: 14_gradient_descent
    最急降下法: 14_gradient_descent
    エポック: 14_gradient_descent
    順伝播: 21_forward_pass
    加重和: 21_forward_pass
    計算グラフ: 22_computational_graph
    自動微分: 01_what_is_backprop
    前進モード: 11_chain_rule
    ブロードキャスト: 22_computational_graph
    逆伝播: 23_algorithm 22_computational_graph
    出力層の誤差項: 32_step2_output_delta
    誤差項: 32_step2_output_delta 33_step3_hidden_delta 23_algorithm
    隠れ層: 21_forward_pass 33_step3_hidden_delta
    隠れ層の誤差項: 33_step3_hidden_delta
    重みの勾配: 34_step4_weight_gradient
    外積: 34_step4_weight_gradient
    ヘブの学習則: 34_step4_weight_gradient
    バイアスの勾配: 35_step5_bias_gradient
    重みの更新: 36_step6_update
    転置: 37_matrix_form
    アダマール積: 37_matrix_form
    行列の形: 37_matrix_form
    勾配の検査: 38_gradient_check
    中心差分: 38_gradient_check
    複素ステップ: 38_gradient_check
    丸め誤差: 38_gradient_check
    打ち切り誤差: 38_gradient_check
    間違いの博物館: 39_bug_museum
    バグ: 39_bug_museum
    XOR: 42_xor
    排他的論理和: 42_xor
    線形分離: 42_xor
    対称性: 43_xor_plateau
    プラトー: 43_xor_plateau 52_plateaus_and_minima
    Keras: 44_framework
    TensorFlow: 44_framework
    フレームワーク: 44_framework
    勾配消失: 51_vanishing_gradient
    勾配爆発: 51_vanishing_gradient
    初期化: 51_vanishing_gradient
    Xavier: 51_vanishing_gradient
    残差接続: 51_vanishing_gradient
    鞍点: 52_plateaus_and_minima
    局所最小: 52_plateaus_and_minima
    ヘッセ行列: 52_plateaus_and_minima
    モメンタム: 53_optimizers
    Adam: 53_optimizers
    RMSProp: 53_optimizers
    学習率スケジュール: 53_optimizers
    畳み込み: 54_summary
    検印: index seals
    記号の表: notation
    用語集: glossary
    よくある間違い: pitfalls
    参考文献: references
    gradient: 14_gradient_descent glossary
    backpropagation: 01_what_is_backprop references glossary index
    vanishing gradient: 51_vanishing_gradient
    chain rule: 11_chain_rule
    saddle point: 52_plateaus_and_minima
    hidden layer: 33_step3_hidden_delta 21_forward_pass glossary
    cross entropy: 12_loss_functions
    Transformer: 54_summary
    """
)


def index_words(page: BeautifulSoup) -> list[str]:
    """索引のページに並ぶ言葉。二つ目からのリンクの番号は除く。"""
    items = [item.get_text().strip() for item in page.select("table.genindextable li")]
    return [re.sub(r"(, \[\d\])+$", "", text) for text in items]


def test_enough_queries() -> None:
    assert len(QUERIES) >= 60


@pytest.mark.parametrize("query", QUERIES)
def test_the_chapter_is_among_the_first_three(searcher: webdriver.Chrome, site: str, query: str) -> None:
    found = [Path(place).stem for place in search(searcher, site, query)[:3]]
    assert set(found) & set(QUERIES[query].split()), found


def test_every_term_and_alias_is_in_the_index(pages: dict[str, BeautifulSoup]) -> None:
    listed = set(index_words(pages["genindex.html"]))
    terms = {term.get_text().strip("# \n") for term in pages["glossary.html"].select("dl.glossary dt")}
    assert len(terms) > 200
    assert terms <= listed
    assert ALIASES.keys() <= listed


def test_aliases_lead_to_sections_that_use_other_words(pages: dict[str, BeautifulSoup]) -> None:
    terms = {term.get_text().strip("# \n") for term in pages["glossary.html"].select("dl.glossary dt")}
    assert not ALIASES.keys() & terms
    places = {place["id"] for page in pages.values() for place in page.select("section[id], span[id]")}
    assert {label for _, label in ALIASES.values()} <= places


def test_the_index_has_only_letters_and_kana_as_headings(pages: dict[str, BeautifulSoup]) -> None:
    headings = [heading.get_text().strip("# \n") for heading in pages["genindex.html"].select("h2")]
    assert len(headings) > 40
    assert not [heading for heading in headings if not re.fullmatch("[A-Zあ-ん]", heading)]


def test_the_index_is_in_the_order_of_readings(pages: dict[str, BeautifulSoup]) -> None:
    texts = index_words(pages["genindex.html"])
    order = [texts.index(word) for word in ("後退型", "恒等関数", "勾配", "勾配降下法", "誤差項")]
    assert order == sorted(order)
