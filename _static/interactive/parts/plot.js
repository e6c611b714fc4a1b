// 軸と目盛りのある枠と、その中に描くもの。
import { make, unique } from "./dom.js";

const TANGENT = 2.5;  // 接線を、点の左右に描く長さ
const MARGIN = { left: 46, right: 12, top: 28, bottom: 40 };

// 幅 width の枠を用意する。x と y は値から画面の場所へ、value は枠の中の場所から値へ。
export function sheet(plot, width, says) {
  const inner = Math.min(width - MARGIN.left - MARGIN.right, plot.aspect === 1 ? 300 : width);
  const height = plot.aspect ? inner * plot.aspect + MARGIN.top + MARGIN.bottom : Math.round(Math.min(Math.max(width * 0.62, 230), 320));
  const box = { left: MARGIN.left, top: MARGIN.top, right: MARGIN.left + inner, bottom: height - MARGIN.bottom };
  const x = v => box.left + ((v - plot.x.low) / (plot.x.high - plot.x.low)) * (box.right - box.left);
  const y = v => box.bottom - ((v - plot.y.low) / (plot.y.high - plot.y.low)) * (box.bottom - box.top);
  const value = (px, py) => [
    plot.x.low + ((px - box.left) / (box.right - box.left)) * (plot.x.high - plot.x.low),
    plot.y.low + ((box.bottom - py) / (box.bottom - box.top)) * (plot.y.high - plot.y.low),
  ];
  const svg = make("svg", { height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": says });
  const rect = { x: box.left, y: box.top, width: box.right - box.left, height: box.bottom - box.top };
  const clip = unique("plot");
  svg.append(make("clipPath", { id: clip }, make("rect", rect)));
  axes(svg, plot, box, x, y);
  const inside = make("g", { "clip-path": `url(#${clip})` });
  svg.append(inside, make("rect", { class: "frame", ...rect }));
  return { svg, inside, box, x, y, value };
}

// 枠と目盛りは、幅が変わるまで使いまわし、中に描くものだけを空にする。
export function renewed(kept, plot, width, says) {
  const made = kept?.width === width ? kept : { width, ...sheet(plot, width, says) };
  made.svg.setAttribute("aria-label", says);
  made.inside.replaceChildren();
  return made;
}

// 絵を、その場所に置く。
export function hang(box, { svg }) {
  if (box.firstChild !== svg) box.replaceChildren(svg);
}

function axes(svg, plot, box, x, y) {
  for (const [at, text] of plot.x.ticks) {
    svg.append(make("line", { class: "grid", x1: x(at), x2: x(at), y1: box.top, y2: box.bottom }),
      make("text", { class: "tick", x: x(at), y: box.bottom + 16, "text-anchor": "middle" }, text));
  }
  for (const [at, text] of plot.y.ticks) {
    svg.append(make("line", { class: "grid", x1: box.left, x2: box.right, y1: y(at), y2: y(at) }),
      make("text", { class: "tick", x: box.left - 6, y: y(at) + 4, "text-anchor": "end" }, text));
  }
  svg.append(make("text", { x: (box.left + box.right) / 2, y: box.bottom + 34, "text-anchor": "middle" }, plot.x.label),
    make("text", { x: 4, y: 14 }, plot.y.label));
}

export function draw(made, layer) {
  const { inside, box, x, y } = made;
  if (outside(made, layer)) note(made);
  const points = layer.t === "line" || layer.t === "dots" ? layer.y.map((v, n) => [x(layer.x ? layer.x[n] : layer.from + n), y(v)]) : [];
  if (layer.t === "line") {
    inside.append(make("polyline", { class: `line ${layer.s}`, points: points.map(p => p.map(v => v.toFixed(1)).join(",")).join(" ") }));
    if (/walk|norms/.test(layer.s)) walk(inside, points, layer.s === "walk");
  } else if (layer.t === "dots") {
    for (const [px, py] of points) inside.append(layer.s === "class1"
      ? make("rect", { class: layer.s, x: px - 6, y: py - 6, width: 12, height: 12 })
      : make("circle", { class: layer.s === "class0" ? layer.s : `dot ${layer.s}`, cx: px, cy: py, r: layer.s === "class0" ? 6.5 : 5 }));
  } else if (layer.t === "ellipse") {
    inside.append(make("ellipse", { class: "ring", cx: x(0), cy: y(0), rx: x(layer.rx) - x(0), ry: y(0) - y(layer.ry) }));
  } else if (layer.t === "tangent") {
    const reach = layer.r ?? TANGENT;
    const ends = [layer.x - reach, layer.x + reach];
    inside.append(make("line", { class: "tangent", x1: x(ends[0]), x2: x(ends[1]), y1: y(layer.y - reach * layer.m), y2: y(layer.y + reach * layer.m) }));
    point(inside, x(layer.x), y(layer.y));
  } else if (layer.t === "drop") {
    inside.append(make("line", { class: "drop", x1: x(layer.x), x2: x(layer.x), y1: y(0), y2: y(layer.y) }));
    point(inside, x(layer.x), y(layer.y));
  } else if (layer.t === "rule") {
    const ends = "x" in layer ? { x1: x(layer.x), x2: x(layer.x), y1: box.top, y2: box.bottom } : { x1: box.left, x2: box.right, y1: y(layer.y), y2: y(layer.y) };
    inside.append(make("line", { class: "rule", ...ends }));
  }
}

// 見ている点が、枠の外にあるか。曲線は、枠の外まで続いてよい。
function outside({ box, y }, layer) {
  const seen = /walk|norms|^end$/.test(layer.s) ? layer.y ?? [] : /^(tangent|drop)$/.test(layer.t) ? [layer.y] : [];
  return seen.some(v => y(v) < box.top - 1 || y(v) > box.bottom + 1);
}

// 一つの枠に、一度だけ言う。
function note({ inside, box }) {
  if (inside.querySelector(".beyond")) return;
  inside.append(make("text", { class: "tick beyond", x: box.right - 6, y: box.top + 15, "text-anchor": "end" }, "枠の外に出た点があります"));
}

const point = (group, cx, cy) => group.append(make("circle", { class: "dot end", cx, cy, r: 5 }));

// 歩みの点。何百あっても速く描けるように、途中の点は一つの path にまとめる。
function walk(group, points, ends) {
  const r = points.length > 25 ? 2.4 : 3.2;
  const [inner, outer] = ends ? [points.slice(1, -1), [points[0], ...points.slice(1).slice(-1)]] : [points, []];
  const round = ([x, y]) => `M${(x - r).toFixed(1)},${y.toFixed(1)}a${r},${r} 0 1 0 ${2 * r},0a${r},${r} 0 1 0 ${-2 * r},0`;
  group.append(make("path", { class: "dot", d: inner.map(round).join("") }),
    ...outer.map(([cx, cy], n) => make("circle", { class: `dot ${n ? "last" : "first"}`, cx: cx.toFixed(1), cy: cy.toFixed(1), r: 5 })));
}

// 升目の値の、ある高さの等高線。point は、升目の行と列から画面の場所へ。
export function contour(level, rows, columns, height, point) {
  const segments = [];
  const at = (i, j) => level[i * columns + j] - height;
  for (let i = 0; i + 1 < rows; i++) {
    for (let j = 0; j + 1 < columns; j++) {
      const corners = [[i, j], [i, j + 1], [i + 1, j + 1], [i + 1, j]];
      const cuts = [];
      corners.forEach((from, n) => {
        const to = corners[(n + 1) % 4];
        const [a, b] = [at(...from), at(...to)];
        if (a < 0 === b < 0) return;
        const [p, q, t] = [point(...from), point(...to), a / (a - b)];
        cuts.push(`${(p[0] + t * (q[0] - p[0])).toFixed(1)},${(p[1] + t * (q[1] - p[1])).toFixed(1)}`);
      });
      for (let n = 0; n + 1 < cuts.length; n += 2) segments.push(`M${cuts[n]}L${cuts[n + 1]}`);
    }
  }
  return segments.join("");
}

// 線の見分けかた。
export function key(layers) {
  return make("ul", { class: "sliders-key" }, ...layers.map(layer => {
    const mark = layer.s === "open" ? make("circle", { class: "dot open", cx: 18, cy: 5, r: 4 })
      : make("line", { class: `line ${layer.s}`, x1: 1, y1: 5, x2: 35, y2: 5 });
    return make("li", {}, make("svg", { viewBox: "0 0 36 10", "aria-hidden": "true" }, mark), layer.name);
  }));
}
