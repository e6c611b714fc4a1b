// 入力、隠れ層、出力のネットワークの絵。広ければ左から右へ、狭ければ上から下へ描く。どの層も4個まで。
// 値も色も、場面 scene のとおりに描くだけで、何も計算しない。
//
//   scene = {
//     sizes: [2, 3, 2],
//     values: { z1_2: "−1", w1_21: "0.5", … },   // 見せる値。ないものは、場所だけを空けておく
//     right: { d1_1: "0.5" },                     // 誤りのあるとき、消し線をつけて並べる正しい値
//     hidden: new Set(["z1_2"]),                  // 値の代わりに「？」を書くもの
//     now: new Set(["z1_2"]),                     // いま現れた値
//     nodes: ["1_2"], wires: ["1_21", "1_22"],    // 目立たせるもの
//     way: "f" | "b" | "u" | "",                  // 線の矢印: 順伝播、逆伝播、なし（縁だけ）
//     chosen: "1_2" または null,                  // 読者の選んだニューロン。つながる線の重みも書く
//     loss: ["損失 ℒ", "loss"],                   // 出力の下に書く値の名前
//     label: "読み上げる説明",
//   }
//
// 線には data-wire="層_出口入口"、ニューロンには data-node="層_番号"、値には data-value="名前" がつく。
import { make } from "./dom.js";

export const WIDE = 560;

const ROW = 18;
const FONT = 13;
const EDGE = 5;
const PAD = 6;
// 箱の中に上から並べる値。
const ROWS = [
  [["x", "f"]],
  [["b", ""], ["z", "f"], ["a", "f"], ["d", "b"], ["gb", "b"]],
  [["b", ""], ["z", "f"], ["a", "f"], ["y", ""], ["dy", "b"], ["d", "b"], ["gb", "b"]],
];
const LETTERS = { x: "x", b: "b", z: "z", a: "a", y: "y", d: "δ" };

export const nodeNames = sizes => sizes.flatMap((n, l) => Array.from({ length: n }, (_, j) => `${l}_${j + 1}`));
export const wireNames = (sizes, l) => Array.from({ length: sizes[l] }, (_, j) =>
  Array.from({ length: sizes[l - 1] }, (_, k) => `${l}_${j + 1}${k + 1}`)).flat();
// ニューロンにつながる線。
export const wiresOf = (sizes, node) => [1, 2].flatMap(l => wireNames(sizes, l)).filter(name => {
  const { l, j, k } = ends(name);
  return node === `${l}_${j}` || node === `${l - 1}_${k}`;
});
const ends = name => ({ l: Number(name[0]), j: Number(name[2]), k: Number(name[3]) });
const valueName = (kind, l, j) => ({ x: `x${j}`, y: `y${j}`, dy: `dy${j}` }[kind] ?? `${kind}${l}_${j}`);

// 上つきと下つきのある記号。たとえば symbol("z", 1, 2)。
export function symbol(base, sup, sub, kind = "name") {
  const parts = [make("tspan", { class: `${kind} symbol` }, base)];
  const both = sup !== "" && sub !== "";
  if (sup !== "") parts.push(make("tspan", { class: `${kind} script`, dy: -4 }, String(sup)));
  if (sub !== "") parts.push(make("tspan", { class: `${kind} script`, dy: both ? 8 : 4, dx: both ? -5 : 0 }, String(sub)));
  return { parts, dy: -((sup !== "" ? -4 : 0) + (sub !== "" ? (both ? 8 : 4) : 0)) };
}

function mark(kind, l, place, colour, alone) {
  const j = alone ? "" : place;
  const grey = colour === "b" ? "b" : "name";
  if (kind === "x" || kind === "y") return symbol(kind, "", j);
  if (kind === "gb") return { parts: [make("tspan", { class: "b" }, "b の勾配")], dy: 0 };
  if (kind === "dy") return { parts: [make("tspan", { class: "b" }, "∂ℒ/∂ŷ")], dy: 0 };
  if (kind === "a" && l === 2) return symbol("ŷ", "", j);
  return symbol(LETTERS[kind], l, place, grey);
}

// ---- 場所 ----------------------------------------------------------------------------------------

// すべての箱の場所。高さは、層の大きさと幅だけで決まる。
export function layout(sizes, width) {
  const across = width >= WIDE;
  const heights = ROWS.map(rows => rows.length * ROW + 2 * EDGE);
  const boxes = {};
  if (across) {
    const widths = [80, 138, 138];
    const gap = (width - 356) / 2;
    const lefts = [0, 80 + gap, 218 + 2 * gap];
    const spans = sizes.map((n, l) => n * heights[l] + (n - 1) * (l ? 10 : 34));
    const tall = Math.max(...spans) + 2;
    sizes.forEach((n, l) => {
      const step = n > 1 ? Math.min((tall - 2 - spans[l]) / n, 60) : 0;
      const pitch = heights[l] + (l ? 10 : 34) + step;
      const top = (tall - (n - 1) * pitch - heights[l]) / 2;
      for (let j = 0; j < n; j++) boxes[`${l}_${j + 1}`] = { x: lefts[l] + 1, y: top + j * pitch, w: widths[l] - 2, h: heights[l] };
    });
    return { across, boxes, width, height: tall + 28, loss: [lefts[2] + 69, tall + 20] };
  }
  const tops = [1, heights[0] + 68, heights[0] + heights[1] + 136];
  sizes.forEach((n, l) => {
    const wide = Math.min(l ? 118 : 84, width / n - 6);
    for (let j = 0; j < n; j++) boxes[`${l}_${j + 1}`] = { x: width * (j + 0.5) / n - wide / 2, y: tops[l], w: wide, h: heights[l] };
  });
  const bottom = tops[2] + heights[2];
  return { across, boxes, width, height: bottom + 26, loss: [width / 2, bottom + 19] };
}

// 線の両端。
function span(plan, name) {
  const { l, j, k } = ends(name);
  const [a, b] = [plan.boxes[`${l - 1}_${k}`], plan.boxes[`${l}_${j}`]];
  return plan.across
    ? [[a.x + a.w + 1, a.y + a.h / 2], [b.x - 3, b.y + b.h / 2]]
    : [[a.x + a.w / 2, a.y + a.h + 1], [b.x + b.w / 2, b.y - 3]];
}

// ---- 描く ----------------------------------------------------------------------------------------

const letters = text => [...text].reduce((sum, c) => sum + (/[.⁻⁰¹²³⁴-⁹]/.test(c) ? 0.33 : /[×−？]/.test(c) ? 0.7 : 0.6), 0) * FONT;

const measure = parts => letters(parts.map(part => part.textContent ?? part).join(""));

function texts(scene, name, kind, across) {
  const shown = `n${name}` in scene.values ? `n${name}` : name;
  if (!(shown in scene.values)) return null;
  const now = scene.now.has(shown) ? " now" : "";
  if (scene.hidden.has(shown)) return [make("tspan", { class: `${kind}${now}`, "data-value": shown }, "？")];
  const value = make("tspan", { class: `${kind}${now}`, "data-value": shown }, scene.values[shown]);
  if (!(shown in scene.right)) return [value];
  // 狭い絵では、正しい値を下の欄にだけ書く。
  const old = make("tspan", { class: "struck", "data-right": shown }, scene.right[shown]);
  return [...(across ? [old, " "] : []), make("tspan", { class: "cross" }, "✗"), value];
}

function drawWire(group, plan, scene, name) {
  const [a, b] = span(plan, name);
  const lit = scene.wires.includes(name);
  const way = lit ? scene.way : "";
  const line = (p, q, kind) => group.append(make("line", { class: kind, x1: p[0], y1: p[1], x2: q[0], y2: q[1] }));
  const linked = scene.chosen && wiresOf(scene.sizes, scene.chosen).includes(name) ? " linked" : "";
  if (way === "u" || (lit && way === "")) line(a, b, "glow");
  if (way !== "f" && way !== "b") return line(a, b, `wire${linked}`);
  const [from, to] = way === "f" ? [a, b] : [b, a];
  const length = Math.hypot(to[0] - from[0], to[1] - from[1]);
  const [ux, uy] = [(to[0] - from[0]) / length, (to[1] - from[1]) / length];
  const base = [to[0] - 11 * ux, to[1] - 11 * uy];
  line(from, base, `wire ${way}`);
  const tip = [to, [base[0] - 5.5 * uy, base[1] + 5.5 * ux], [base[0] + 5.5 * uy, base[1] - 5.5 * ux]];
  group.append(make("polygon", { class: `head ${way}`, points: tip.map(p => p.join(",")).join(" ") }));
}

function drawNode(svg, plan, scene, name) {
  const { x, y, w, h } = plan.boxes[name];
  const [l, j] = name.split("_").map(Number);
  const state = `${scene.nodes.includes(name) ? " lit" : ""}${scene.chosen === name ? " chosen" : ""}`;
  const group = make("g", { "data-node": name });
  group.append(make("rect", { class: `cell${state}`, x, y, width: w, height: h, rx: 8 }));
  ROWS[l].forEach(([kind, colour], n) => {
    const key = valueName(kind, l, j);
    const parts = texts(scene, key, colour, plan.across);
    const base = y + EDGE + n * ROW + 13.5;
    if (scene.now.has(key) || scene.now.has(`n${key}`)) group.append(make("rect", { class: "row", x: x + 3, y: base - 13.5, width: w - 6, height: ROW, rx: 3 }));
    if (!parts && kind !== "z" && kind !== "a") return;
    const sign = mark(kind, l, j, colour, l === 2 && scene.sizes[2] === 1);
    const long = kind === "gb" || kind === "dy";
    // 狭い箱では、長い名前を短くする。
    if (long && w < 100) sign.parts[0].textContent = kind === "gb" ? "∂b" : "∂ŷ";
    const left = make("text", { class: "in", x: x + PAD, y: base });
    left.append(...sign.parts);
    group.append(left);
    if (!parts) return;
    const right = make("text", { class: "in", x: x + w - PAD, y: base, "text-anchor": "end" });
    right.append(...parts);
    // 長い数は、名前に重ならないところまで、字を詰める。
    const room = w - 2 * PAD - (long ? (w < 100 ? 25 : 58) : 20);
    if (measure(parts) > room) for (const [name, value] of [["textLength", room], ["lengthAdjust", "spacingAndGlyphs"]]) right.setAttribute(name, value);
    group.append(right);
  });
  svg.append(group);
}

const meet = (p, q) => p[0] < q[2] && q[0] < p[2] && p[1] < q[3] && q[1] < p[3];

// 線の上の重み。ほかの字にも箱にも重ならない場所を探し、なければ書かない。
function drawWeights(svg, plan, scene) {
  const few = l => scene.sizes[l] * scene.sizes[l - 1] <= 6;
  const linked = scene.chosen ? wiresOf(scene.sizes, scene.chosen) : [];
  const all = [1, 2].flatMap(l => wireNames(scene.sizes, l));
  const first = name => (linked.includes(name) ? 2 : 0) + (scene.wires.includes(name) ? 1 : 0);
  const wanted = all.filter(name => first(name) || few(ends(name).l)).sort((a, b) => first(b) - first(a));
  const taken = Object.values(plan.boxes).map(box => [box.x - 2, box.y - 2, box.x + box.w + 2, box.y + box.h + 2]);
  for (const name of wanted) {
    const lines = [[`w${name}`, scene.wires.includes(name) ? "lit" : ""], [`gw${name}`, "b"]]
      .map(([key, kind]) => texts(scene, key, kind, plan.across)).filter(Boolean);
    if (!lines.length) continue;
    const [half, tall] = [Math.max(...lines.map(measure)) / 2 + 3, lines.length * 15 + 1];
    const [a, b] = span(plan, name);
    const middle = ends(name).k % 2 ? [0.36, 0.5, 0.64] : [0.5, 0.36, 0.64];
    for (const t of [...middle, 0.43, 0.57, 0.28, 0.72, 0.2, 0.8, 0.14, 0.86]) {
      const [x, y] = [a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])];
      const area = [x - half, y - tall / 2, x + half, y + tall / 2];
      if (area[0] < 0 || area[2] > plan.width || taken.some(other => meet(area, other))) continue;
      taken.push(area);
      lines.forEach((parts, n) => {
        const text = make("text", { class: "weight", x, y: area[1] + 12 + 15 * n, "text-anchor": "middle" });
        text.append(...parts);
        svg.append(text);
      });
      break;
    }
  }
}

// 場面の絵（svg）。
export function picture(scene, width) {
  const plan = layout(scene.sizes, width);
  const svg = make("svg", { height: plan.height, viewBox: `0 0 ${width} ${plan.height}`, role: "img", "aria-label": scene.label });
  for (const l of [1, 2]) for (const name of wireNames(scene.sizes, l)) {
    const group = make("g", { "data-wire": name });
    drawWire(group, plan, scene, name);
    svg.append(group);
  }
  for (const name of nodeNames(scene.sizes)) drawNode(svg, plan, scene, name);
  drawWeights(svg, plan, scene);
  const [caption, key] = scene.loss;
  const parts = texts(scene, key, "f", plan.across);
  if (parts) {
    const text = make("text", { x: plan.loss[0], y: plan.loss[1], "text-anchor": "middle" });
    text.append(make("tspan", { class: "name" }, `${caption} = `), ...parts);
    svg.append(text);
  }
  return svg;
}

// 描いた絵の線とニューロンを、名前で目立たせる（式の記号に触れたときなど）。空の一覧で元に戻る。
export function light(svg, names) {
  for (const group of svg.querySelectorAll("[data-node], [data-wire]")) {
    group.classList.toggle("touched", names.includes(group.dataset.node) || names.includes(group.dataset.wire));
  }
}
