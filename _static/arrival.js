// つながりの先に着いた読者の行を、ページが組みおわるまで動かさない。近くの段落は着いてから組まれ（reading.css）、動かして見る
// 図は着いてから始まる。そのときブラウザは、先の要素ではなく、ほかのものの高さを保つことがある。
(() => {
  const SETTLED = 3000;  // 組みおわるのを待つ長さ（ミリ秒）
  let until = 0;
  // 直した位置のせいで「トップに戻る」が出て、着いた行を隠さないように（anchors.css）。
  const mark = (arrived) => document.documentElement.toggleAttribute("data-arrived", arrived);
  const wait = () => { until = performance.now() + SETTLED; mark(location.hash !== ""); };
  const free = () => { until = 0; mark(false); };
  const target = () => (performance.now() < until ? document.querySelector(":target") : null);
  const keep = () => target()?.scrollIntoView();
  // ほかの部品も、行を保つことがある。
  window.justArrived = () => Boolean(target());

  // 読みこみなおしたページと、もどったページでは、ブラウザが、前に読んでいた行を見せる。
  if (performance.getEntriesByType("navigation")[0]?.type === "navigate") wait();
  addEventListener("hashchange", () => {
    const top = document.querySelector(":target")?.getBoundingClientRect().top;
    if (top >= 0 && top < innerHeight / 2) wait(); else free();
  });
  for (const way of ["wheel", "touchmove", "keydown", "pointerdown"]) addEventListener(way, free, { passive: true });
  addEventListener("DOMContentLoaded", () => {
    const article = document.querySelector("article.bd-article");
    if (article) new ResizeObserver(keep).observe(article);
  });
  // 遅い機械では、読み終えるまでに、待つ長さが過ぎる。
  addEventListener("load", () => { if (until) wait(); keep(); });
})();
