"""三つのブラウザで、すべてのページの、ものの位置を測る: 添字、数式、禁則、つながりの先、拡大、スクリプトのない画面。"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import pytest
from browsing import LAID_OUT
from bs4 import BeautifulSoup
from engines import STARTERS, STILL, Engine, start
from PIL import Image, ImageChops

Pages = dict[str, BeautifulSoup]

HERE = Path(__file__).resolve().parent
PICTURES = HERE.parent / "_build" / "engines"
"""見るための画面の写し。"""
POSITIONS = (HERE / "positions.js").read_text(encoding="utf-8")
ARRIVAL = (HERE / "arrival.js").read_text(encoding="utf-8")
WIDTHS = (1280, 390)
ZOOMED = 320
"""1280 px の画面を 400% に拡大したときの幅。いちばん狭い電話の幅でもある。"""
KINDS = (
    "script", "fraction", "row", "outside", "number", "first", "last", "word", "slant", "button",
    "sideways", "zoomed",
)  # fmt: skip
MOVES = 40
"""一つのページの中で、つながりをたどる回数の上限。"""
BELOW = 4
"""一つの図の下の、いくつの名を見るか。"""
NEAR = 5
"""つながりの先からのずれとして許す px。"""

# たたまれたところも見る。
UNFOLD = "for (const folded of document.querySelectorAll('details')) folded.open = true;" + STILL
BEYOND = """
    scrollTo(100, scrollY);
    const moved = scrollX, page = document.documentElement;
    scrollTo(0, scrollY);
    return moved || page.scrollWidth > page.clientWidth + 1 ? [`${page.scrollWidth} > ${page.clientWidth}`]
      : [];
"""

pytestmark = pytest.mark.engines


@dataclass(frozen=True)
class Sight:
    """一つのページを、一つの幅で見たもの。"""

    faults: dict[str, list[str]]
    counted: dict[str, int]
    arrived: dict[str, float]
    covered: bool


@pytest.fixture(scope="module", params=STARTERS)
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """一つずつのブラウザ。"""
    with ExitStack() as stack:
        yield start(request.param, stack)


@pytest.fixture(scope="module")
def targets(pages: Pages) -> dict[str, list[str]]:
    """ページのなかの、本のどこかがつながっている先の名。ページに現れる順。"""
    return named(pages, linked_from(pages, lambda here, there: True))


@pytest.fixture(scope="module")
def distant(pages: Pages) -> dict[str, list[str]]:
    """ページのなかの、ほかのページがつながっている先の名。"""
    return named(pages, linked_from(pages, lambda here, there: here != there))


def linked_from(pages: Pages, counts: Callable[[str, str], bool]) -> dict[str, set[str]]:
    """ページから、そこへつながっている名。"""
    linked: dict[str, set[str]] = {place: set() for place in pages}
    for place, page in pages.items():
        for link in page.select("a[href*='#']"):
            url = urlsplit(urljoin(f"http://site/{place}", str(link["href"])))
            there = url.path.lstrip("/")
            if url.netloc == "site" and url.fragment and there in linked and counts(place, there):
                linked[there].add(unquote(url.fragment))
    return linked


def named(pages: Pages, linked: dict[str, set[str]]) -> dict[str, list[str]]:
    """本文に現れる順に並べた名。"""
    return {
        place: [e["id"] for e in page.select("article.bd-article [id]") if e["id"] in linked[place]]
        for place, page in pages.items()
    }


@pytest.fixture(scope="module")
def sights(engine: Engine, pages: Pages, targets: dict[str, list[str]], site: str) -> dict[str, Sight]:
    """すべてのページを、つながりをたどって開いて測ったもの。"""
    found = {}
    for place in pages:
        names = targets[place]
        entry = f"#{names[3 * len(names) // 4]}" if names else ""
        for width in WIDTHS:
            engine.resize(width)
            engine.visit("about:blank")
            engine.visit(site + place + entry)
            arrival = engine.run(ARRIVAL)
            keep(engine.picture(), engine.name, width, place)
            # ブラウザは、続けて何百回も移ることを断るので、間を抜く。
            arrival["arrived"] |= engine.run(ARRIVAL, names[:: len(names) // MOVES + 1])["arrived"]
            engine.run(UNFOLD)
            found[f"{width} {place}"] = Sight(**engine.run(POSITIONS), **arrival)
        engine.resize(ZOOMED)
        engine.settle()
        found[f"{ZOOMED} {place}"] = Sight({"zoomed": engine.run(BEYOND)}, {"zoomed": 1}, {}, covered=False)
    return found


def keep(picture: bytes, name: str, width: int, place: str) -> None:
    """画面の写しを残す。"""
    file = PICTURES / name / str(width) / f"{place.replace('/', '_')}.png"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(picture)


class TestPositions:
    """すべてのページの、広い画面と電話の画面で。"""

    @pytest.mark.parametrize("kind", KINDS)
    def test_nothing_is_out_of_place(self, sights: dict[str, Sight], kind: str) -> None:
        assert sum(sight.counted.get(kind, 0) for sight in sights.values()) >= 30
        assert not {place: sight.faults[kind] for place, sight in sights.items() if sight.faults.get(kind)}

    def test_links_arrive_at_the_top(self, sights: dict[str, Sight]) -> None:
        assert sum(len(sight.arrived) for sight in sights.values()) > 1000
        assert not missed(
            {f"{place}#{name}": off for place, s in sights.items() for name, off in s.arrived.items()}
        )
        assert not [place for place, sight in sights.items() if sight.covered]


class TestSpoiltPage:
    """一つのページを、種類ごとにわざと崩すと、どのブラウザでも、その種類が数えられる。"""

    PAGE = "chapters/13_activations.html"
    TEXT = "document.querySelector('article.bd-article').insertAdjacentHTML('afterbegin', '<p>{}</p>');"
    EACH = "for (const e of document.querySelectorAll(`{}`)) Object.assign(e.style, {{{}}});"
    SPOILS = {
        "script": EACH.format("article msub > :nth-child(2)", "marginLeft: '4em'"),
        "fraction": EACH.format("article mfrac > *", "fontSize: '2.4rem'"),
        "row": EACH.format("article math :is(mi, mo)", "marginLeft: '-3em'"),
        "outside": EACH.format("article .math, article .formula", "overflow: 'visible', fontSize: '5rem'"),
        "number": EACH.format("article .eqno", "position: 'relative', left: '-20em'"),
        "first": TEXT.format("これは<br>、読点です。"),
        "last": TEXT.format("これは（<br>かっこ）です。"),
        "word": EACH.format(
            "h1, h2, h3, .bd-toc-nav a",
            "wordBreak: 'break-all', maxWidth: '5.5em', display: 'block', textWrap: 'wrap'",
        ),
        "slant": EACH.format("article", "fontStyle: 'italic'"),
        "button": EACH.format(
            "article .copybtn", "display: 'flex', position: 'absolute', left: '0', top: '0'"
        ),
        "sideways": EACH.format("article", "width: '300vw'"),
    }

    @pytest.fixture
    def opened(self, engine: Engine, site: str) -> Engine:
        engine.resize(WIDTHS[0])
        engine.visit("about:blank")
        engine.visit(site + self.PAGE)
        engine.settle()
        return engine

    def test_every_kind_has_a_spoil(self) -> None:
        assert {*self.SPOILS, "zoomed"} == set(KINDS)

    @pytest.mark.parametrize("kind", SPOILS)
    def test_what_is_out_of_place_is_counted(self, opened: Engine, kind: str) -> None:
        assert not opened.run(POSITIONS)["faults"][kind]
        opened.run(self.SPOILS[kind] + "return 0;")
        assert opened.run(POSITIONS)["faults"][kind]

    def test_a_page_beyond_its_width_is_seen(self, opened: Engine) -> None:
        assert not opened.run(BEYOND)
        opened.run(self.SPOILS["sideways"] + "return 0;")
        assert opened.run(BEYOND)

    def test_links_that_miss_are_counted(self, opened: Engine) -> None:
        names = ["sec-why-nonlinear", "sec-elementwise", "sec-softmax"]
        assert not missed(opened.run(ARRIVAL, names)["arrived"])
        # ページが動かなければ、どこにも着かない。すべらせるだけでは、WebKit は、待つあいだに着く。
        opened.run("scrollTo(0, 0); document.body.style.position = 'fixed'; return 0;")
        assert missed(opened.run(ARRIVAL, names)["arrived"])


def missed(arrived: dict[str, float]) -> dict[str, float]:
    """着かなかったつながりと、そのずれ。"""
    return {link: off for link, off in arrived.items() if not abs(off) <= NEAR}


class TestLinksPastLiveFigures:
    """動かして見る図より下へのつながり。あとから図が伸びても、ずれない。USB メモリーの写しでも。"""

    @pytest.mark.parametrize(("scheme", "width"), [("http", 1280), ("file", 390)])
    def test_arrive(
        self, engine: Engine, pages: Pages, distant: dict[str, list[str]], site: str, html: Path,
        scheme: str, width: int,
    ) -> None:  # fmt: skip
        base = site if scheme == "http" else html.as_uri() + "/"
        engine.resize(width)
        arrived = {}
        for place, name in past_figures(pages, distant):
            engine.visit("about:blank")
            engine.visit(f"{base}{place}#{name}")
            arrived[f"{place}#{name}"] = engine.run(ARRIVAL)["arrived"][name]
        assert len(arrived) >= 15
        assert not missed(arrived)


def past_figures(pages: Pages, names: dict[str, list[str]]) -> Iterator[tuple[str, str]]:
    """動かして見る図の、すぐ下にある名。遠くまで移れば、上の図は始まらない。"""
    for place, page in pages.items():
        below = [
            [e["id"] for e in f.find_all_next(id=names[place])][:BELOW] for f in page.select(".interactive")
        ]
        yield from ((place, name) for name in dict.fromkeys(chain.from_iterable(below)))


class TestGoingBackUp:
    """下から読みもどり、まだ始まっていない図が上で始まっても、読んでいる行は動かない。"""

    GO_BACK = """
        const [step] = arguments, off = {};
        const frame = () => new Promise(done => requestAnimationFrame(() => setTimeout(done)));
        const frames = async count => { for (let n = 0; n < count; n += 1) await frame(); };
        scrollTo(0, document.documentElement.scrollHeight);
        await frames(5);
        const top = e => e.getBoundingClientRect().top;
        for (const figure of [...document.querySelectorAll('.interactive')].reverse()) {
          const live = () => figure.classList.contains('live');
          // 一画面と少し下で、まわりが組まれるのを待ってから、少しずつもどる。
          for (let n = 0; n < 3 && !live(); n += 1) {
            scrollBy(0, figure.getBoundingClientRect().bottom + innerHeight + 2 * step);
            await frames(4);
          }
          if (live()) continue;
          const read = [...document.querySelectorAll('article :is(p, pre, h2, h3, li)')]
            .find(e => e.checkVisibility() && top(e) > innerHeight / 8);
          let expected = top(read);
          for (let n = 0; n < 6 && !live(); n += 1) {
            scrollBy(0, -step);
            expected += step;
            await frames(2);
          }
          await frames(5);
          if (live()) off[figure.dataset.kind + Object.keys(off).length] = Math.round(top(read) - expected);
        }
        return off;
    """
    STEP = 100
    """一度にもどる px。"""

    @pytest.mark.parametrize("width", WIDTHS)
    def test_the_line_being_read_stays(self, engine: Engine, pages: Pages, site: str, width: int) -> None:
        engine.resize(width)
        moved = {}
        for place, page in pages.items():
            if not page.select_one("article .interactive"):
                continue
            engine.visit("about:blank")
            engine.visit(site + place)
            moved |= {f"{place} {kind}": off for kind, off in engine.run(self.GO_BACK, self.STEP).items()}
        assert len(moved) >= 10
        assert not missed(moved)


class TestComingBack:
    """つながりをたどって、もどる。ブラウザの見せた、前に読んでいた行から、動かない。"""

    PAGE = "chapters/13_activations.html"
    FIRST, SECOND = "sec-elementwise", "sec-softmax"
    BACK = """
        const frame = () => new Promise(done => requestAnimationFrame(() => setTimeout(done)));
        const frames = async count => { for (let n = 0; n < count; n += 1) await frame(); };
        const page = document.documentElement, article = document.querySelector('article.bd-article');
        page.style.overflowAnchor = 'none';
        await frames(6);
        document.dispatchEvent(new WheelEvent('wheel', { bubbles: true }));
        scrollBy(0, 2000);
        await frames(6);
        const read = scrollY;
        location.hash = arguments[0];
        await frames(6);
        const followed = scrollY;
        history.back();
        await new Promise(done => addEventListener('hashchange', done, { once: true }));
        await frames(6);
        const back = scrollY;
        article.insertAdjacentHTML('beforeend', '<div style="height: 400px">');
        await frames(4);
        return [read, followed, back, scrollY].map(Math.round);
    """

    def test_the_line_read_before_is_shown(self, engine: Engine, site: str) -> None:
        engine.resize(WIDTHS[0])
        engine.visit("about:blank")
        engine.visit(f"{site}{self.PAGE}#{self.FIRST}")
        engine.run(UNFOLD + LAID_OUT)
        read, followed, back, grown = engine.run(self.BACK, self.SECOND)
        assert followed > read + 1000
        assert grown == back
        # この Chromium は、ページの中では、つながりの先の頭にもどる。この本のスクリプトがなくても。
        assert engine.name == "chromium" or abs(back - read) <= NEAR


class TestWithoutScripts:
    """スクリプトを断る囲みの中に開いた章。"""

    ENCLOSED = """
        document.body.innerHTML = '<iframe sandbox="allow-same-origin">';
        const frame = document.querySelector('iframe');
        frame.style = 'position: fixed; inset: 0; width: 100vw; height: 100vh; border: 0';
        await new Promise(done => { frame.onload = done; frame.src = arguments[0]; });
        const page = frame.contentDocument, root = page.documentElement;
        const find = selector => page.querySelector(selector);
        const colour = (selector, what) => frame.contentWindow.getComputedStyle(find(selector))[what];
        const all = selector => [...page.querySelectorAll(selector)];
        const hidden = e => !e.getClientRects().length;
        const seen = {
          scripts: all('.copy-tex').length,
          grounds: ['body', '.bd-header-article', '.bd-sidebar-primary'].map(e => colour(e,
            'backgroundColor')),
          inks: [colour('article p a', 'color'), colour('article p', 'color')],
          folded: all('article :is(section, h2, h3, section > p)').filter(e => hidden(e)
            && !e.closest('details')).length,
          sections: all('article section').length,
        };
        const link = find('.to-contents');
        seen.link = link.getBoundingClientRect().width > 0;
        if (seen.link) link.click();
        await new Promise(done => setTimeout(done, 200));
        const side = find('#pst-primary-sidebar').getBoundingClientRect();
        return {...seen, side: [side.left, side.top, side.width], wide: root.scrollWidth - root.clientWidth,
          entries: all('#pst-primary-sidebar a.reference').filter(e => e
            .getBoundingClientRect().width > 0).length};
    """

    @pytest.mark.parametrize("width", WIDTHS)
    def test_colours_and_contents_are_there(self, engine: Engine, site: str, width: int) -> None:
        engine.resize(width)
        engine.visit(site + "404.html")
        seen = engine.run(self.ENCLOSED, f"{site}chapters/14_gradient_descent.html")
        keep(engine.picture(), engine.name, width, "without_scripts")
        assert not seen["scripts"], "スクリプトが走りました"
        assert all(re.fullmatch(r"rgb\(\d+, \d+, \d+\)", ground) for ground in seen["grounds"])
        assert len({seen["grounds"][0], *seen["inks"]}) == 3
        assert seen["sections"] > 5
        assert not seen["folded"]
        assert seen["wide"] <= 1
        # 目次は、広い画面では本文の横に、狭い画面ではリンクの先にある。
        assert seen["link"] == (width < 992)
        left, top, across = seen["side"]
        assert left >= 0
        assert -1 <= top < 300
        assert across > 150
        assert seen["entries"] > 30


SPECIMEN = """
    document.body.innerHTML = `<div id="specimen">${arguments[0]}</div>`;
    const sheet = document.createElement('style');
    sheet.textContent = `
      html, body, #specimen { background: #fff !important; margin: 0; padding: 0; inline-size: 1200px;
        color: #000; }
      .one { float: left; box-sizing: border-box; width: 200px; height: 160px; padding: 10px 40px;
        font-size: 60px; }
      mover > :first-child { color: #f00; }
      mover > :last-child { color: #00f; }
      p { font-size: 60px; line-height: 1.6; margin: 0; clear: both; }`;
    document.head.append(sheet);
    await document.fonts.ready;
    scrollTo(0, 0);
"""
"""ページの中身を見本に替える。組みは、その本のスタイルシートのまま。"""


def show(engine: Engine, specimen: str) -> None:
    """見本に替え、画面に描かれるのを待つ。"""
    engine.run(SPECIMEN, specimen)
    engine.settle()
    engine.settle()


class TestHats:
    """文字の上の記号を、描かれた画素で測る。"""

    CELL = (200, 160)
    RED, BLUE = 0, 2

    @pytest.fixture
    def movers(self, pages: Pages) -> list[str]:
        """本に現れる、記号をのせた文字。"""
        marked = "mover:has(> .wbk-acc, > [class*=wbk])"
        found = {str(mover) for page in pages.values() for mover in page.select(marked)}
        return sorted(found)

    def test_they_sit_close_above_the_middle_of_their_letter(
        self, engine: Engine, movers: list[str], site: str
    ) -> None:
        assert any("ˆ" in mover for mover in movers)
        engine.resize(1280)
        engine.visit(site + "404.html")
        engine.visit(site + "chapters/11_chain_rule.html")
        show(engine, "".join(f'<div class="one"><math>{mover}</math></div>' for mover in movers))
        keep(shot := engine.picture(), engine.name, 1280, "hats")
        wrong = []
        with Image.open(io.BytesIO(shot)) as picture:
            for place, mover in enumerate(movers):
                x, y = place % 6 * self.CELL[0], place // 6 * self.CELL[1]
                cell = picture.convert("RGB").crop((x, y, x + self.CELL[0], y + self.CELL[1]))
                letter, hat = self.ink(cell, self.RED), self.ink(cell, self.BLUE)
                size = 60 * 1.15
                aside = (hat[0] + hat[2] - letter[0] - letter[2]) / 2 / size
                gap = (letter[1] - hat[3]) / size
                if not (-0.05 < aside < 0.16 and -0.02 < gap < 0.3):
                    wrong.append((re.sub("<[^>]*>", "", mover), round(aside, 3), round(gap, 3)))
        assert not wrong

    def ink(self, cell: Image.Image, channel: int) -> tuple[int, int, int, int]:
        """一つの色で描かれたものの外枠。"""
        red, _, blue = cell.split()
        rest = ImageChops.subtract(*((blue, red) if channel == self.BLUE else (red, blue)))
        box = rest.point(lambda value: 255 * (value > 90)).getbbox()
        assert box, "見本が描かれていません"
        return box


class TestLetters:
    """字は、空けたところに描かれる。"""

    TEXTS = ("1回の更新を2次関数で", "第37章と10個のXORを学ぶ", "ステップ1と3つの式")
    BOXES = """
        return [...document.querySelectorAll('#specimen p')].map(p => [...p.firstChild.data].map((_, n) => {
          const range = document.createRange();
          range.setStart(p.firstChild, n);
          range.setEnd(p.firstChild, n + 1);
          const box = range.getBoundingClientRect();
          return [box.left, box.right, box.top, box.bottom];
        }));
    """

    def test_no_letter_is_painted_over_its_neighbour(self, engine: Engine, site: str) -> None:
        engine.resize(1280)
        engine.visit(site + "chapters/11_chain_rule.html")
        show(engine, "".join(f"<p>{text}</p>" for text in self.TEXTS))
        boxes = engine.run(self.BOXES)
        keep(shot := engine.picture(), engine.name, 1280, "letters")
        crossed = []
        with Image.open(io.BytesIO(shot)) as picture:
            grey = picture.convert("L")
            for text, line in zip(self.TEXTS, boxes):
                for n, (_, right, top, bottom) in enumerate(line[:-1]):
                    if text[n : n + 2].isascii():
                        continue  # 欧文どうしは、詰めて組むことがある
                    column = grey.crop((round(right) - 1, round(top), round(right) + 1, round(bottom)))
                    if column.getextrema()[0] < 100:
                        crossed.append(text[n : n + 2])
        assert not crossed
