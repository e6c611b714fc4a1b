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

const FONT = 13;
const PAD = 6;
// 一行の高さと、箱の上下の余白。狭い絵では詰めて、電話の画面に説明と並べて置けるようにする。
const room = across => (across ? [18, 5] : [16, 3]);
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
  const [line, edge] = room(across);
  const heights = ROWS.map(rows => rows.length * line + 2 * edge);
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
  const tops = [1, heights[0] + 55, heights[0] + heights[1] + 109];
  sizes.forEach((n, l) => {
    const wide = Math.min(l ? 118 : 84, width / n - 6);
    for (let j = 0; j < n; j++) boxes[`${l}_${j + 1}`] = { x: width * (j + 0.5) / n - wide / 2, y: tops[l], w: wide, h: heights[l] };
  });
  const bottom = tops[2] + heights[2];
  return { across, boxes, width, height: bottom + 22, loss: [width / 2, bottom + 16] };
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

// 値の見せ方。まだ現れていなければ null。
function shownAs(scene, name) {
  const key = `n${name}` in scene.values ? `n${name}` : name;
  if (!(key in scene.values)) return null;
  const hidden = scene.hidden.has(key);
  return { key, text: hidden ? "？" : scene.values[key], now: scene.now.has(key), right: hidden ? undefined : scene.right[key] };
}

function texts(shown, kind, across) {
  const value = make("tspan", { class: kind, "data-value": shown.key }, shown.text);
  if (shown.right === undefined) return [value];
  // 狭い絵では、正しい値を下の欄にだけ書く。
  const old = make("tspan", { class: "struck", "data-right": shown.key }, shown.right);
  return [...(across ? [old, " "] : []), make("tspan", { class: "cross" }, "✗"), value];
}

// 絵は、印（signature）の変わったところだけを描きなおす。一歩ごとに変わるのは、わずかである。
// いま現れたか、目立たせるかは、字を描きなおさずに、部品の場所のクラス（mood）だけで変える。
// 部品は [名前, 印, 描く関数, クラス]。
const printed = shown => shown && JSON.stringify([shown.key, shown.text, shown.right]);
const moods = (...given) => given.filter(Boolean).join(" ");

function wirePiece(plan, scene, linked, name) {
  const lit = scene.wires.includes(name);
  const way = lit ? scene.way : "";
  const touched = linked.has(name) ? " linked" : "";
  return [`wire ${name}`, `${lit}${way}${touched}`, () => {
    const group = make("g", { "data-wire": name });
    const [a, b] = span(plan, name);
    const line = (p, q, kind) => group.append(make("line", { class: kind, x1: p[0], y1: p[1], x2: q[0], y2: q[1] }));
    if (way === "u" || (lit && way === "")) line(a, b, "glow");
    if (way !== "f" && way !== "b") { line(a, b, `wire${touched}`); return group; }
    const [from, to] = way === "f" ? [a, b] : [b, a];
    const length = Math.hypot(to[0] - from[0], to[1] - from[1]);
    const [ux, uy] = [(to[0] - from[0]) / length, (to[1] - from[1]) / length];
    const base = [to[0] - 11 * ux, to[1] - 11 * uy];
    line(from, base, `wire ${way}`);
    const tip = [to, [base[0] - 5.5 * uy, base[1] + 5.5 * ux], [base[0] + 5.5 * uy, base[1] - 5.5 * ux]];
    group.append(make("polygon", { class: `head ${way}`, points: tip.map(p => p.join(",")).join(" ") }));
    return group;
  }];
}

function nodePieces(plan, scene, name) {
  const { x, y, w, h } = plan.boxes[name];
  const [l, j] = name.split("_").map(Number);
  const lit = scene.nodes.includes(name) && "lit";
  const cell = [`cell ${name}`, "", () => {
    const group = make("g", { "data-node": name });
    group.append(make("rect", { class: "cell", x, y, width: w, height: h, rx: 8 }));
    return group;
  }, moods(lit, scene.chosen === name && "chosen")];
  return [cell, ...ROWS[l].map((row, n) => rowPiece(plan, scene, name, row, n, l, j, lit))];
}

function rowPiece(plan, scene, name, [kind, colour], n, l, j, lit) {
  const { x, y, w } = plan.boxes[name];
  const [step, edge] = room(plan.across);
  const shown = shownAs(scene, valueName(kind, l, j));
  const base = y + edge + n * step + step - 4.5;
  return [`row ${name} ${kind}`, printed(shown), () => {
    const group = make("g", { "data-node": name });
    if (!shown && kind !== "z" && kind !== "a") return group;
    if (shown) group.append(make("rect", { class: "row", x: x + 3, y: base - step + 4.5, width: w - 6, height: step, rx: 3 }));
    const sign = mark(kind, l, j, colour, l === 2 && scene.sizes[2] === 1);
    const long = kind === "gb" || kind === "dy";
    // 狭い箱では、長い名前を短くする。
    if (long && w < 100) sign.parts[0].textContent = kind === "gb" ? "∂b" : "∂ŷ";
    const left = make("text", { class: "in", x: x + PAD, y: base });
    left.append(...sign.parts);
    group.append(left);
    if (!shown) return group;
    const parts = texts(shown, colour, plan.across);
    const right = make("text", { class: "in", x: x + w - PAD, y: base, "text-anchor": "end" });
    right.append(...parts);
    // 長い数は、名前に重ならないところまで、字を詰める。
    const space = w - 2 * PAD - (long ? (w < 100 ? 25 : 58) : 20);
    if (measure(parts) > space) for (const [key, value] of [["textLength", space], ["lengthAdjust", "spacingAndGlyphs"]]) right.setAttribute(key, value);
    group.append(right);
    return group;
  }, shown?.now ? moods("now", lit) : ""];
}

const meet = (p, q) => p[0] < q[2] && q[0] < p[2] && p[1] < q[3] && q[1] < p[3];

// 線の上の重み。ほかの字にも箱にも重ならない場所を探し、なければ書かない。
function weightPieces(plan, scene, linked) {
  const few = l => scene.sizes[l] * scene.sizes[l - 1] <= 6;
  const all = [1, 2].flatMap(l => wireNames(scene.sizes, l));
  const first = name => (linked.has(name) ? 2 : 0) + (scene.wires.includes(name) ? 1 : 0);
  const wanted = [...all].sort((a, b) => first(b) - first(a));
  const taken = Object.values(plan.boxes).map(box => [box.x - 2, box.y - 2, box.x + box.w + 2, box.y + box.h + 2]);
  return wanted.map(name => {
    const asked = first(name) || few(ends(name).l);
    const lines = !asked ? [] : [["w", ""], ["gw", "b"]].map(([kind, colour]) => [shownAs(scene, `${kind}${name}`), colour, kind]).filter(([shown]) => shown);
    const area = lines.length ? placed(plan, name, lines, taken) : null;
    if (area) taken.push(area);
    return [`weight ${name}`, area ? `${lines.map(([shown]) => printed(shown))}${area}` : "", () => {
      const group = make("g", {});
      if (area) lines.forEach(([shown, colour, kind], n) => {
        const text = make("text", { class: `weight ${kind}`, x: (area[0] + area[2]) / 2, y: area[1] + 12 + 15 * n, "text-anchor": "middle" });
        text.append(...texts(shown, colour, plan.across));
        group.append(text);
      });
      return group;
    }, moods(scene.wires.includes(name) && "lit", ...lines.map(([{ now }, , kind]) => now && `now-${kind}`))];
  });
}

function placed(plan, name, lines, taken) {
  const long = ([{ text, right }]) => letters(text + (right === undefined ? "" : plan.across ? `${right} ✗` : "✗"));
  const [half, tall] = [Math.max(...lines.map(long)) / 2 + 3, lines.length * 15 + 1];
  const [a, b] = span(plan, name);
  const middle = ends(name).k % 2 ? [0.36, 0.5, 0.64] : [0.5, 0.36, 0.64];
  for (const t of [...middle, 0.43, 0.57, 0.28, 0.72, 0.2, 0.8, 0.14, 0.86]) {
    const [x, y] = [a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])];
    const area = [x - half, y - tall / 2, x + half, y + tall / 2];
    if (area[0] >= 0 && area[2] <= plan.width && !taken.some(other => meet(area, other))) return area;
  }
  return null;
}

function lossPiece(plan, scene) {
  const [caption, key] = scene.loss;
  const shown = shownAs(scene, key);
  return ["loss", `${caption}${printed(shown)}`, () => {
    const text = make("text", { x: plan.loss[0], y: plan.loss[1], "text-anchor": "middle" });
    if (shown) text.append(make("tspan", { class: "name" }, `${caption} = `), ...texts(shown, "f", plan.across));
    return text;
  }, shown?.now ? "now" : ""];
}

// 場面の絵（svg）。前に描いた絵 drawn を渡せば、変わったところだけを描きなおして、同じものを返す。
export function picture(scene, width, drawn = null) {
  const kept = drawn?.kept;
  const same = kept && kept.width === width && kept.sizes === scene.sizes.join();
  const plan = same ? kept.plan : layout(scene.sizes, width);
  const linked = new Set(scene.chosen ? wiresOf(scene.sizes, scene.chosen) : []);
  const names = [1, 2].flatMap(l => wireNames(scene.sizes, l));
  const pieces = [
    ...names.map(name => wirePiece(plan, scene, linked, name)), ...nodeNames(scene.sizes).flatMap(name => nodePieces(plan, scene, name)),
    ...weightPieces(plan, scene, linked), lossPiece(plan, scene),
  ];
  const svg = same ? drawn : make("svg", { height: plan.height, viewBox: `0 0 ${width} ${plan.height}`, role: "img" });
  svg.setAttribute("aria-label", scene.label);
  // 部品ごとの場所は、はじめに一度だけつくる。並びが変わると、ブラウザは絵の全体を調べなおす。
  const places = same ? kept.places : new Map(pieces.map(([name]) => [name, { signature: undefined, mood: "", place: make("g") }]));
  if (!same) svg.append(...[...places.values()].map(({ place }) => place));
  for (const [name, signature, draw, mood = ""] of pieces) {
    const old = places.get(name);
    if (old.mood !== mood) { old.mood = mood; old.place.setAttribute("class", mood); }
    if (old.signature === signature) continue;
    old.signature = signature;
    old.place.replaceChildren(draw());
  }
  svg.kept = { width, sizes: scene.sizes.join(), plan, places };
  return svg;
}

// 描いた絵の線とニューロンを、名前で目立たせる（式の記号に触れたときなど）。空の一覧で元に戻る。
export function light(svg, names) {
  for (const group of svg.querySelectorAll("[data-node], [data-wire]")) {
    group.classList.toggle("touched", names.includes(group.dataset.node) || names.includes(group.dataset.wire));
  }
}
