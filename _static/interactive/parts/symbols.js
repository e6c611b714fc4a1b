// 部分の名前から、絵の中に書く記号と、色の組を引く。
import { make } from "./dom.js";

const BASES = { d: "δ", dy: "∂ℒ/∂a", gw: "∂ℒ/∂w", gb: "∂ℒ/∂b", eta: "η", s: "f′", nw: "新しい w", nb: "新しい b", one: "いつも1" };
const BACKWARD = new Set(["d", "dy", "gw", "gb", "v", "c", "ew", "eb"]);
const FORWARD = new Set(["a", "z", "s", "p"]);
const PLAIN = /^(dy|gw|gb|nw|nb|one|s|eta)$/;

export const split = part => {
  const [, kind, first, last] = /^([a-z]+?)(\d)?_?(\d+)?$/.exec(part);
  return last ? [kind, first, last] : [kind, "", first || ""];
};
export const way = part => {
  const [kind] = split(part);
  return BACKWARD.has(kind) ? "b" : FORWARD.has(kind) ? "f" : "";
};

// 絵の中の数。data-value の部分の値を、あとから書き入れる。
export const value = (part, next = "", attributes = {}) =>
  make("tspan", { class: way(part), "data-value": part, ...(next && { "data-next": next }), ...attributes });

// 絵の中の記号。上つきと下つきは、文字をずらして書く。
export function mark(part) {
  const [kind, layer, place] = split(part);
  const base = kind === "a" && layer === "0" ? "x" : BASES[kind] || kind;
  if (PLAIN.test(kind)) return [make("tspan", { class: "name" }, base)];
  const parts = [make("tspan", { class: "symbol" }, base)];
  const high = base === "x" ? "" : layer;
  if (high) parts.push(make("tspan", { class: "script", dy: -5 }, high));
  parts.push(make("tspan", { class: "script", dy: high ? 9 : 4, dx: high ? -5 : 0 }, place));
  parts.push(make("tspan", { dy: -4 }, "\u200b"));
  return parts;
}

export function text(x, y, anchor, part, ...children) {
  return make("text", { x, y, "text-anchor": anchor, ...(part && { "data-part": part }) }, ...children);
}
