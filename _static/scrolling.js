// 横に動く箱に、まだ見えていない側があることを書きとめる。見せ方は book.css にある。
(() => {
  const BOXES = "div.math > .formula, span.math.wide, .bd-article pre, .bd-article .cell_output,"
    + " .pst-scrollable-table-container, .interactive-table, figure > a.image-reference";
  const look = (box) => {
    const rest = box.scrollWidth - box.clientWidth - box.scrollLeft;
    return [box, box.scrollLeft > 1, rest > 1 && getComputedStyle(box).overflowX !== "visible"];
  };
  // 読み終えてから書く。ページを何度も組みなおさないように。
  const tell = (boxes) => {
    for (const [box, before, after] of boxes.map(look)) {
      box.classList.toggle("more-before", before);
      box.classList.toggle("more-after", after);
    }
  };
  const watch = new ResizeObserver((entries) => tell(entries.map(({ target }) => target)));
  const start = () => {
    for (const box of document.querySelectorAll(BOXES)) watch.observe(box);
    document.addEventListener("scroll", ({ target }) => { if (target.matches?.(BOXES)) tell([target]); }, { capture: true, passive: true });
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
