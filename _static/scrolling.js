// 横に動く箱に、まだ見えていない側があることを書きとめる。見せ方は book.css にある。
(() => {
  const BOXES = "div.math > .formula, span.math.wide, .bd-article pre, .bd-article .cell_output,"
    + " .pst-scrollable-table-container, .interactive-table, figure > a.image-reference";
  const tell = (box) => {
    const rest = box.scrollWidth - box.clientWidth - box.scrollLeft;
    box.classList.toggle("more-before", box.scrollLeft > 1);
    box.classList.toggle("more-after", rest > 1 && getComputedStyle(box).overflowX !== "visible");
  };
  const watch = new ResizeObserver((entries) => entries.forEach(({ target }) => tell(target)));
  const start = () => {
    for (const box of document.querySelectorAll(BOXES)) watch.observe(box);
    document.addEventListener("scroll", ({ target }) => { if (target.matches?.(BOXES)) tell(target); }, { capture: true, passive: true });
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
