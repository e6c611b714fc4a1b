// つながりの先に着いた読者の行を、ページが組みおわるまで動かさない。近くの段落は着いてから組まれ（reading.css）、動かして見る
// 図は着いてから始まる。そのときブラウザは、先の要素ではなく、ほかのものの高さを保つことがある。
(() => {
  const SETTLED = 3000;  // 組みおわるのを待つ長さ（ミリ秒）
  let [until, placed] = [0, NaN];
  // 直した位置のせいで「トップに戻る」が出て、着いた行を隠さないように（anchors.css）。
  const mark = (arrived) => document.documentElement.toggleAttribute("data-arrived", arrived);
  const wait = () => { [until, placed] = [performance.now() + SETTLED, NaN]; mark(location.hash !== ""); };
  const free = () => { until = 0; mark(false); };
  const target = () => (performance.now() < until ? document.querySelector(":target") : null);
  const place = () => document.querySelector(":target").getBoundingClientRect().top + scrollY;
  const keep = () => {
    if (!target()) return;
    target().scrollIntoView();
    placed = place();
  };
  // 先の要素のページの中での場所が変われば、組みなおしである。変わらずに大きく動けば、読者が、横の帯で動かした。
  const watch = () => {
    if (!target()) return;
    if (!(Math.abs(place() - placed) <= 1)) keep();
    else if (Math.abs(place() - scrollY - innerHeight / 4) > 0.75 * innerHeight) free();
  };
  // ほかの部品も、行を保つことがある。
  window.justArrived = () => Boolean(target());

  // 読みこみなおしたページと、もどったページでは、ブラウザが、前に読んでいた行を見せる。
  if (performance.getEntriesByType("navigation")[0]?.type === "navigate") wait();
  addEventListener("hashchange", () => {
    const top = document.querySelector(":target")?.getBoundingClientRect().top;
    if (top >= 0 && top < innerHeight / 2) wait(); else free();
  });
  addEventListener("scroll", watch, { passive: true });
  for (const way of ["wheel", "touchmove", "keydown", "pointerdown"]) addEventListener(way, free, { passive: true });
  addEventListener("DOMContentLoaded", () => {
    const article = document.querySelector("article.bd-article");
    if (article) new ResizeObserver(keep).observe(article);
  });
  // 遅い機械では、読み終えるまでに、待つ長さが過ぎる。
  addEventListener("load", () => { if (until) wait(); keep(); });
})();
