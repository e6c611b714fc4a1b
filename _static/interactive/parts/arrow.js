// 矢印: 線と、その先の三角。
import { make } from "./dom.js";

export function arrow(kind, [a, b], [c, d]) {
  const length = Math.hypot(c - a, d - b) || 1;
  const [ux, uy] = [(c - a) / length, (d - b) / length];
  const base = [c - 9 * ux, d - 9 * uy];
  const tip = [[c, d], [base[0] - 4.5 * uy, base[1] + 4.5 * ux], [base[0] + 4.5 * uy, base[1] - 4.5 * ux]];
  return [
    make("line", { class: `wire ${kind}`, x1: a, y1: b, x2: base[0], y2: base[1] }),
    make("polygon", { class: `head ${kind}`, points: tip.map(p => p.map(v => v.toFixed(1)).join()).join(" ") }),
  ];
}
