// 一つのニューロンか線の計算: 入るもの、足すか掛けるところ、傾き、出るもの。計算の向きに並べる。
import { arrow } from "./arrow.js";
import { make } from "./dom.js";
import { mark, text, value, way } from "./symbols.js";

const WIDE = 31, HIGH = 20, ROUND = 24;

function box(x, y, part) {
  const constant = part === "one";
  return make("g", { class: "linked-box", ...(!constant && { "data-part": part }) },
    make("rect", { class: "cell", x: x - WIDE, y: y - HIGH, width: 2 * WIDE, height: 2 * HIGH, rx: 8 }),
    text(x, y - 4, "middle", "", ...mark(part)),
    text(x, y + 14, "middle", "", ...(constant ? ["1"] : [value(part)])));
}

// 線の両わきに書く数: 掛けるものと、掛けた答え。
function beside([x, y], [c, d], [, by, product], crowded) {
  if (!by) return [];
  const length = Math.hypot(c - x, d - y);
  const [nx, ny] = c < x ? [-(d - y), c - x] : [d - y, x - c];
  const t = crowded ? 0.28 : 0.45;
  const at = away => [x + t * (c - x) + away * nx / length, y + t * (d - y) + away * ny / length + 5];
  const write = ([u, v], ...rest) => text(u, v, "middle", ...rest);
  const times = write(at(15), by, "× ", value(by, "", { "data-signed": "" }));
  return product ? [times, write(at(-15), `${by} ${product}`, "= ", value(product))] : [times];
}

// 活性化関数や傾きを通るところ。
function tail(x, y, [before, part, after]) {
  if (!part) return [text(x, y - 8, "middle", "", make("tspan", { class: "symbol" }, before))];
  return [
    text(x, y - 8, "middle", part, ...mark(part)),
    text(x, y + 18, "middle", part, before, value(part, "", { "data-signed": "" }), after),
  ];
}

// 入るものの数から、図の高さ。
export const tall = inputs => Math.max(196, 58 * inputs);

export function flow(width, height, { in: inputs, op, tail: last, out, way: given }) {
  const forward = given === "f";
  const at = x => (forward ? width - x : x);
  const middle = height / 2, toward = forward ? -1 : 1;
  const [start, join, end] = [at(width - WIDE - 4), at(width * 0.44), at(WIDE + 4)];
  const svg = make("svg", { role: "img", height: height, viewBox: `0 0 ${width} ${height}` });
  const boxes = [];
  inputs.forEach((input, n) => {
    const y = height * (n + 0.5) / inputs.length;
    const from = [start - toward * WIDE, y];
    const slope = Math.hypot(join - from[0], middle - y);
    const to = [join - (join - from[0]) * ROUND / slope, middle - (middle - y) * ROUND / slope];
    svg.append(...arrow(way(input[0]), from, to));
    boxes.push(box(start, y, input[0]), ...beside(from, to, input, inputs.length > 2));
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
