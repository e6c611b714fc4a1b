"""動かして見る図の、一歩の時間の測定。

    make bench-touch

CPU を中くらいの携帯電話にまで遅くして、図のあるページをすべて開き、見えているつまみ、ボタン、面に、決まった回数だけ触れる。一歩の時間は、
触れてから、図の値が変わり、ものの場所が決まるまで（塗る時間は含まない）。1秒に60枚の1枚の時間との比で表す。
ほかの仕事に邪魔された回を一歩の時間としないように、上限を超えたページは、三回まで測り、触れたものごとに、いちばん速い回を採る。
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from statistics import median

from lighthouse import Lighthouse
from pages import HTML, opened, served

ROUNDS = 15
TURNS = 3
"""一つのページを測る、いちばん多い回数。"""
FRAME = 16.0
"""1秒に60枚の、1枚の時間（ミリ秒）。"""

TOUCH = """
    const [rounds, done] = arguments;
    const press = (element, key) =>
      element.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
    const act = element =>
      element.hasAttribute("aria-expanded") ? "開く" : element.matches("button") ? "押す" : "引く";
    const name = element => element.getAttribute("aria-label") || element.textContent || element.className;
    const acts = {
      INPUT: (element, n) => {
        if (n % 2) element.stepDown(); else element.stepUp();
        element.dispatchEvent(new Event("input", { bubbles: true }));
      },
      BUTTON: element => element.click(),
      DIV: (element, n) => press(element, n % 2 ? "ArrowLeft" : "ArrowRight"),
    };
    (async () => {
      const found = [];
      for (const root of document.querySelectorAll(".interactive[data-kind]")) {
        if (!root.checkVisibility()) continue;
        root.scrollIntoView();
        while (!root.classList.contains("live")) await new Promise(next => requestAnimationFrame(next));
        const touched = [...root.querySelectorAll("input[type=range], .pad, button")]
          .filter(one => one.checkVisibility());
        for (const element of touched) {
          const times = [];
          for (let n = 0; n < rounds && element.isConnected; n += 1) {
            await new Promise(next => requestAnimationFrame(next));
            const start = performance.now();
            acts[element.tagName](element, n);
            root.getBoundingClientRect();
            times.push(performance.now() - start);
          }
          found.push([root.dataset.kind, act(element), name(element), times]);
        }
      }
      done(found);
    })();
"""


@dataclass(frozen=True)
class Touch:
    """一つのものに触れたときの、一歩の時間（ミリ秒）。"""

    page: str
    kind: str
    act: str
    name: str
    times: tuple[float, ...]

    @property
    def usual(self) -> float:
        """中央値。"""
        return median(self.times)

    @property
    def within(self) -> bool:
        """上限の中か。表を開くのは、一歩ではない。"""
        return self.act == "開く" or self.usual <= FRAME


def touches(site: str, page: str, slower: float) -> list[Touch]:
    """一つのページの図に、ひととおり触れる。"""
    with opened(site + page, slower) as browser:
        found = browser.execute_async_script(TOUCH, ROUNDS)
    return [Touch(page, *kind, name.strip()[:20], tuple(times)) for *kind, name, times in found if times]


def best(site: str, page: str, slower: float) -> list[Touch]:
    """一つのページの図に、上限の中に入るまで、多くて `TURNS` 回触れる。触れたものごとに、いちばん速い回。"""
    found = touches(site, page, slower)
    for _ in range(TURNS - 1):
        if all(touch.within for touch in found):
            break
        again = touches(site, page, slower)
        found = [min(pair, key=lambda touch: touch.usual) for pair in zip(found, again, strict=True)]
    return found


def main() -> int:
    """測って、種類ごとに、いちばん遅いものを表にする。上限を超えた行があれば 1 を返す。"""
    pages = sorted(
        path.relative_to(HTML).as_posix()
        for path in HTML.rglob("*.html")
        if "_static" not in path.parts and 'class="interactive"' in path.read_text(encoding="utf-8")
    )
    with served(HTML) as site:
        judge = Lighthouse(HTML.parent / "lighthouse")
        judge.ask(f"{site}index.html")  # 機械の速さを知るため
        found = [touch for page in pages for touch in best(site, page, judge.slower)]
    good = True
    for kind, act in sorted({(touch.kind, touch.act) for touch in found}):
        same = [touch for touch in found if (touch.kind, touch.act) == (kind, act)]
        slowest = max(same, key=lambda touch: touch.usual)
        good &= slowest.within
        print(
            f"{kind:<8} {act} {len(same):>3}個 中央値の中央 {median(touch.usual for touch in same):.1f} ms、"
            f"いちばん遅いもの {slowest.usual / FRAME:.2f} 枚分（{slowest.usual:.1f} ms、"
            f"最大 {max(slowest.times):.1f} ms） {slowest.page}「{slowest.name}」"
        )
    print(f"触れたもの {len(found)}、ページ {len(pages)}。上限は1枚分（CPU 1/{judge.slower}）。")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
