// 一つのニューロンか線の計算: 入るもの、足すか掛けるところ、傾き、出るもの。計算の向きに並べる。
import { make } from "./dom.js";
import { mark, text, value, way } from "./symbols.js";

const HEIGHT = 196, WIDE = 33, HIGH = 20, ROUND = 25;

function arrow(kind, [a, b], [c, d]) {
  const length = Math.hypot(c - a, d - b) || 1;
  const [ux, uy] = [(c - a) / length, (d - b) / length];
  const base = [c - 9 * ux, d - 9 * uy];
  const tip = [[c, d], [base[0] - 4.5 * uy, base[1] + 4.5 * ux], [base[0] + 4.5 * uy, base[1] - 4.5 * ux]];
  return [
    make("line", { class: `wire ${kind}`, x1: a, y1: b, x2: base[0], y2: base[1] }),
    make("polygon", { class: `head ${kind}`, points: tip.map(p => p.map(v => v.toFixed(1)).join()).join(" ") }),
  ];
}

function box(x, y, part) {
  const constant = part === "one";
  return make("g", { class: "linked-box", ...(!constant && { "data-part": part }) },
    make("rect", { class: "cell", x: x - WIDE, y: y - HIGH, width: 2 * WIDE, height: 2 * HIGH, rx: 8 }),
    text(x, y - 4, "middle", "", ...mark(part)),
    text(x, y + 14, "middle", "", ...(constant ? ["1"] : [value(part)])));
}

// 線の上と下に書く数: 掛けるものと、掛けた答え。
function beside(x, y, [, by, product]) {
  const times = by && text(x, y - 5, "middle", by, "× ", value(by, "", { "data-signed": "" }));
  const answer = product && text(x, y + 15, "middle", `${by} ${product}`, "= ", value(product));
  return [times, answer].filter(Boolean);
}

// 活性化関数や傾きを通るところ。
function tail(x, y, [before, part, after]) {
  if (!part) return [text(x, y - 8, "middle", "", make("tspan", { class: "symbol" }, before))];
  return [
    text(x, y - 8, "middle", part, ...mark(part)),
    text(x, y + 18, "middle", part, before, value(part, "", { "data-signed": "" }), after),
  ];
}

export function flow(width, { in: inputs, op, tail: last, out, way: given }) {
  const forward = given === "f";
  const at = x => (forward ? width - x : x);
  const middle = HEIGHT / 2, toward = forward ? -1 : 1;
  const [start, join, end] = [at(width - WIDE - 4), at(width * 0.47), at(WIDE + 4)];
  const svg = make("svg", { role: "img", height: HEIGHT, viewBox: `0 0 ${width} ${HEIGHT}` });
  const boxes = [];
  inputs.forEach((input, n) => {
    const y = HEIGHT * (n + 0.5) / inputs.length;
    const from = [start - toward * WIDE, y];
    const slope = Math.hypot(join - from[0], middle - y);
    const to = [join - (join - from[0]) * ROUND / slope, middle - (middle - y) * ROUND / slope];
    svg.append(...arrow(way(input[0]), from, to));
    boxes.push(box(start, y, input[0]), ...beside(from[0] + 0.36 * (to[0] - from[0]), y + 0.36 * (to[1] - y), input));
  });
  const edge = end + toward * WIDE;
  svg.append(...arrow(way(out), [join - toward * ROUND, middle], [edge, middle]));
  const sum = make("g", { ...(op[1] && { "data-part": op[1] }) },
    make("circle", { class: "cell", cx: join, cy: middle, r: ROUND }),
    text(join, op[1] ? middle - 5 : middle + 6, "middle", "", make("tspan", { class: "operator" }, op[0])));
  if (op[1]) sum.append(text(join, middle + 14, "middle", "", value(op[1])));
  svg.append(...boxes, sum, box(end, middle, out));
  if (last) svg.append(...tail((edge + join - toward * ROUND) / 2, middle, last));
  return svg;
}
