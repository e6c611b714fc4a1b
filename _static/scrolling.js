// 横に動く箱に、まだ見えていない側があることを書きとめ（見せ方は book.css にある）、キーで選んで矢印で動かせるようにする。
(() => {
  const FORMULAS = "div.math > .formula, span.math.wide";
  const BOXES = `${FORMULAS}, pre, .cell_output, .pst-scrollable-table-container, .interactive-table, figure > a.image-reference`;
  const look = (box) => {
    const rest = box.scrollWidth - box.clientWidth - box.scrollLeft;
    return [box, box.scrollLeft > 1, rest > 1 && getComputedStyle(box).overflowX !== "visible"];
  };
  // 読み終えてから書く。何度も組みなおさないように。
  const tell = (boxes) => {
    for (const [box, before, after] of boxes.map(look)) {
      box.classList.toggle("more-before", before);
      box.classList.toggle("more-after", after);
      if (box.href) continue;
      const marks = { tabindex: 0, ...(box.matches(FORMULAS) && { role: "group", "aria-label": "横に動かせる式" }) };
      for (const name in marks) before || after ? box.setAttribute(name, marks[name]) : box.removeAttribute(name);
    }
  };
  // 組まれていない箱（reading.css）は、測れば組まれてしまう。手の空いたときに、一つずつ測る。
  const later = window.requestIdleCallback ?? setTimeout;
  const waiting = [];
  const measure = () => {
    tell(waiting.splice(0, 1));
    if (waiting.length) later(measure);
  };
  const wait = (boxes) => {
    if (!waiting.length) later(measure);
    waiting.push(...boxes);
  };
  const unset = (box) => box.firstElementChild?.checkVisibility?.({ contentVisibilityAuto: true }) === false;
  const watch = new ResizeObserver((entries) => {
    const boxes = entries.map(({ target }) => target);
    tell(boxes.filter((box) => !unset(box)));
    if (document.readyState === "complete") wait(boxes.filter(unset));
  });
  addEventListener("DOMContentLoaded", () => {
    const boxes = document.querySelectorAll(BOXES);
    for (const box of boxes) watch.observe(box);
    addEventListener("load", () => wait(boxes));
    document.addEventListener("scroll", ({ target }) => { if (target.matches?.(BOXES)) tell([target]); }, { capture: true, passive: true });
  });
})();
