// 画面の要素をつくる。
const SVG = "http://www.w3.org/2000/svg";
const DRAWN = /^(svg|g|defs|line|polyline|polygon|path|circle|ellipse|rect|text|tspan|image|clipPath|pattern|title)$/;

export function make(name, attributes = {}, ...children) {
  const element = DRAWN.test(name) ? document.createElementNS(SVG, name) : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

// ページの中で一つしかない名前。図の種類ごとに別のスクリプトになるので、番号はページに一つだけ持つ。
export const unique = (name) => `${name}-${(globalThis.figureParts = (globalThis.figureParts ?? 0) + 1)}`;

// ノートブックの出力にある、この種類の図のすべて。
const roots = (kind) => document.querySelectorAll(`.interactive[data-kind="${kind}"]`);
// この種類の図を始める。開いたばかりのページは、見えている図だけ。読みはじめたら、一画面先まで来た図も。
export function start(kind, Figure) {
  let watching;
  const watch = rootMargin => {
    watching?.disconnect();
    watching = new IntersectionObserver(entries => entries.filter(entry => entry.isIntersecting).forEach(({ target }) => {
      watching.unobserve(target);
      new Figure(target);
    }), { rootMargin });
    roots(kind).forEach(root => { if (!root.classList.contains("live")) watching.observe(root); });
  };
  watch("0px");
  const moved = ["scroll", "keydown", "pointerdown"];
  const begin = () => {
    moved.forEach(kind => removeEventListener(kind, begin));
    watch("100% 0px");
  };
  moved.forEach(kind => addEventListener(kind, begin, { passive: true }));
}
// 図の値。
export const content = (root) => JSON.parse(root.querySelector('script[type="application/json"]').textContent);
// 読者が、動きを減らすように頼んでいるか。
export const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
