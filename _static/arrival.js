// つながりの先に着いた読者の行を、ページが組みおわるまで動かさない。近くの段落は着いてから組まれ（reading.css）、動かして見る
// 図は着いてから始まる。そのときブラウザは、先の要素ではなく、ほかのものの高さを保つことがある。
(() => {
  const SETTLED = 3000;  // 組みおわるのを待つ長さ（ミリ秒）
  let until = 0;
  // 直した位置のせいで「トップに戻る」が出て、着いた行を隠さないように（anchors.css）。
  const mark = (arrived) => document.documentElement.toggleAttribute("data-arrived", arrived);
  const goal = () => document.querySelector(":target");
  const wait = () => { until = performance.now() + SETTLED; mark(location.hash !== ""); };
  const free = () => { until = 0; mark(false); };
  const target = () => (performance.now() < until ? goal() : null);
  const keep = () => target()?.scrollIntoView();
  // ほかの部品も、行を保つことがある。
  window.justArrived = () => Boolean(target());

  // 読みこみなおしたページと、もどったページでは、ブラウザが、前に読んでいた行を見せる。
  if (performance.getEntriesByType("navigation")[0]?.type === "navigate") wait();
  // 画面の横の帯で動かしたことは、遠さでわかる。ずれは、画面の半分に届かない。
  const arrived = () => {
    const top = goal()?.getBoundingClientRect().top;
    return top > -innerHeight / 2 && top < innerHeight;
  };
  addEventListener("hashchange", () => (arrived() ? wait() : free()));
  addEventListener("scroll", () => { if (goal() && !arrived()) free(); }, { passive: true });
  for (const way of ["wheel", "touchmove", "keydown", "pointerdown"]) addEventListener(way, free, { passive: true });
  addEventListener("DOMContentLoaded", () => {
    const article = document.querySelector("article.bd-article");
    if (article) new ResizeObserver(keep).observe(article);
  });
  addEventListener("load", keep);
})();
