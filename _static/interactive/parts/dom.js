// 画面の要素をつくる。
const SVG = "http://www.w3.org/2000/svg";
const DRAWN = /^(svg|g|defs|line|polyline|polygon|path|circle|ellipse|rect|text|tspan|image|clipPath|pattern|title)$/;

export function make(name, attributes = {}, ...children) {
  const element = DRAWN.test(name) ? document.createElementNS(SVG, name) : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

// 字を替える。同じ字なら、触らない。
export function write(element, text) {
  if (element.textContent === text) return;
  if (element.childNodes.length === 1) element.firstChild.data = text; else element.textContent = text;
}

// ページの中で一つしかない名前。図の種類ごとに別のスクリプトになるので、番号はページに一つだけ持つ。
export const unique = (name) => `${name}-${(globalThis.figureParts = (globalThis.figureParts ?? 0) + 1)}`;

// ノートブックの出力にある、この種類の図のすべて。
const roots = (kind) => document.querySelectorAll(`.interactive[data-kind="${kind}"]`);
// この種類の図を始める。開いたばかりのページは、見えている図だけ。読みはじめたら、一画面先まで来た図も。
export function start(kind, Figure) {
  const watch = rootMargin => {
    const watching = new IntersectionObserver(entries => entries.forEach(({ isIntersecting, target }) => {
      if (isIntersecting && !target.classList.contains("live")) begin(target, () => new Figure(target));
    }), { rootMargin });
    roots(kind).forEach(root => watching.observe(root));
  };
  watch("0px");
  ["scroll", "keydown", "pointerdown"].forEach(moved => addEventListener(moved, () => watch("100% 0px"), { once: true }));
}
// 上に過ぎた図が伸びても、読んでいる行を動かさない。自分で保つブラウザと、つながりの先に着いた行（arrival.js）は任せる。
function begin(root, figure) {
  const keep = "overflowAnchor" in root.style || root.getBoundingClientRect().top >= 0 ? () => {} : keeping(root);
  const from = scrollY;
  figure();
  below.observe(root);
  keep(from);  // 短くなったページの終わりに、ブラウザが引きもどす前の位置から
  requestAnimationFrame(() => setTimeout(keep));  // 図は、幅を測ってから描くことがある
}
// 画面の下の四分の一に、図があるか。そこには、ページの「トップに戻る」が出る。
const low = globalThis.lowFigures ??= new Set();
const below = new IntersectionObserver(entries => {
  entries.forEach(({ isIntersecting, target }) => low[isIntersecting ? "add" : "delete"](target));
  document.documentElement.toggleAttribute("data-touching", low.size);
}, { rootMargin: "-75% 0px 0px" });
function keeping(root) {
  const next = shownBelow(root.closest(".cell") ?? root), place = () => next.getBoundingClientRect().top + scrollY;
  let before = place();
  return (from = scrollY) => {
    const grown = place() - before;
    before += grown;
    if (!window.justArrived?.()) scrollTo(0, from + grown);
  };
}
// すぐ下に見えているもの。図は、紙の図の中に移ることがある（paper.js）ので、図そのものでは測らない。
function shownBelow(element) {
  const next = element.nextElementSibling;
  return next ? (next.getClientRects().length ? next : shownBelow(next)) : shownBelow(element.parentElement);
}
// 図の値。
export const content = (root) => JSON.parse(root.querySelector('script[type="application/json"]').textContent);
// 読者が、動きを減らすように頼んでいるか。
export const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
