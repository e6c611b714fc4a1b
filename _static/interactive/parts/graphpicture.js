// 計算グラフの絵: 割りつけ、行きと帰りの矢印、数を書くところ。数と印は、あとから書き入れる。
import { arrow } from "./arrow.js";
import { make } from "./dom.js";

const TOP = 40, SIDE = 4.5, NARROW = 480;
const TIGHT = 64;  // 列の間は、これより狭くしない。入らなければ、枠の中で横に送る
const [WIDE, HIGH, SUM] = [40, 16, 56];  // 数と、和を書くところの大きさ
const LETTER = 7.6;  // 字の幅。測ると、そのたびに組みなおしになる
const FRACTIONS = [0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8];

const minus = ([a, b], [c, d]) => [a - c, b - d];
const along = ([a, b], [c, d], t) => [a + t * c, b + t * d];
const unit = ([a, b]) => { const length = Math.hypot(a, b) || 1; return [a / length, b / length]; };

// グラフの寸法。どのグラフも、同じ高さの絵に収める。
export function plan(graphs, at, across) {
  const [radius, stub, high] = across < NARROW ? [18, 42, 104] : [22, 60, 84];
  const [columns, rows] = graphs[at].size;
  const tallest = Math.max(...graphs.map(({ size }) => size[1]));
  const gap = Math.max((across - 2 * radius - 4 - stub) / (columns - 1), TIGHT);
  const top = TOP + (high * (tallest - rows)) / 2;
  return {
    radius, stub, width: gap * (columns - 1) + 2 * radius + 4 + stub, height: TOP + high * tallest + radius + 34,
    place: ([column, row]) => [radius + 2 + gap * column, top + high * row],
  };
}

// 折れ線を、進む向きの左へ side だけずらし、両端を縮める。
function strand(points, start, end, side) {
  const ways = points.slice(1).map((point, n) => unit(minus(point, points[n])));
  const last = ways.length;
  const moved = points.map((point, n) => {
    const [a, b] = [ways[Math.max(n - 1, 0)], ways[Math.min(n, last - 1)]];
    const [ux, uy] = unit([a[0] + b[0], a[1] + b[1]]);
    return along(point, [uy, -ux], side);
  });
  moved[0] = along(moved[0], ways[0], start(ways[0]));
  moved[last] = along(moved[last], ways[last - 1], -end(ways[last - 1]));
  return moved;
}

const line = (kind, [a, b], [c, d]) => make("line", { class: `wire ${kind}`, x1: a, y1: b, x2: c, y2: d });
const lines = (kind, points) => points.slice(1).map((point, n) => line(kind, points[n], point));
const drawn = (kind, points) => [...lines(kind, points.slice(0, -1)), ...arrow(kind, points.at(-2), points.at(-1))];

// 線の上の点。ほかの線の上に、数を書かないように。
const dotted = points => points.slice(1).flatMap((point, n) => Array.from({ length: 20 }, (_, k) =>
  along(points[n], minus(point, points[n]), k / 20)));

const overlap = (a, b) => Math.max(0, Math.min(a[0] + a[2], b[0] + b[2]) - Math.max(a[0], b[0]))
  * Math.max(0, Math.min(a[1] + a[3], b[1] + b[3]) - Math.max(a[1], b[1]));

export class Picture {
  constructor(graph, trail, room) {
    Object.assign(this, { graph, trail, room });
    const { radius: r, width, height } = room;
    this.at = graph.nodes.map(({ at }) => room.place(at));
    this.taken = this.at.map(([x, y]) => [x - r, y - r, 2 * r, 2 * r]);
    this.svg = make("svg", { role: "img", width, height, viewBox: `0 0 ${width} ${height}` });
    [this.marks, this.dots] = [{}, []];
    this.strands = trail.operations.flatMap(n => trail.parents(n).map(parent => this.strand(parent, n)));
    this.strands.push(this.exit(trail.last));
    this.svg.append(...this.strands.flatMap(({ pale }) => pale), ...this.strands.flatMap(({ f, b }) => [f, b]));
    this.names();
  }

  // 丸か四角の、中心から端まで。
  reach(n) {
    const { radius } = this.room;
    const square = ([ux, uy]) => Math.min(radius / Math.max(Math.abs(ux), Math.abs(uy)), 1.25 * radius);
    return way => 2 + (this.graph.nodes[n].of ? radius : square(way));
  }

  strand(from, to) {
    const bends = this.graph.bends[`${from}-${to}`] ?? [];
    return this.both(from, to, [this.at[from], ...bends.map(this.room.place), this.at[to]], this.reach(to), this.trail.places(to, from).length);
  }

  exit(last) {
    const [x, y] = this.at[last];
    return this.both(last, null, [[x, y], [x + this.room.radius + this.room.stub - 4, y]], () => 0);
  }

  // 行きと帰り。同じ入力を二度使うなら、二本ずつ。
  both(from, to, points, end, times = 1) {
    const start = this.reach(from);
    const ways = (way, ...ends) => Array.from({ length: times }, (_, n) => strand(way, ...ends, SIDE * (2 * n + 1)));
    const [there, back] = [ways(points, start, end), ways([...points].reverse(), end, start)];
    const group = (kind, all) => make("g", {}, ...all.flatMap(way => drawn(kind, way)));
    this.dots.push(...[...there, ...back].flatMap(dotted));
    return { from, to, points: points.slice(-2), edge: SIDE * (2 * times - 1),
      pale: there.flatMap(way => lines("pale", way)), f: group("f", there), b: group("b", back) };
  }

  // 数を書くところ。枝分かれするノードの値と、勾配の和は、線ではなくノードの上と下に添える。
  names() {
    const r = this.room.radius;
    const branching = n => this.trail.users[n].length > 1;
    this.at.forEach(([x, y], n) => {
      if (!branching(n)) return;
      const low = y + r + (this.strands.some(({ from, edge }) => from === n && edge > SIDE) ? 8 : 0);  // 二本の線の下に
      this.mark(`v${n}`, "f", [x, y - r - 13]);
      this.mark(`t${n}`, "b", [x, low + 13], SUM);
      this.mark(`u${n}`, "b", [x, low + 28], SUM);
    });
    for (const made of this.strands) {
      const { from, to } = made;
      if (to === null || !branching(from)) this.mark(`v${from}`, "f", this.beside(made, 1));
      this.mark(`g${from}-${to}`, "b", this.beside(made, -1));
    }
  }

  mark(name, kind, [x, y], wide = WIDE) {
    this.taken.push([Math.max(x - wide / 2, 0), y - HIGH / 2, wide, HIGH]);
    const text = make("text", { class: kind, x, y: y + 5, "text-anchor": "middle" });
    this.marks[name] = { text, x };
    this.svg.append(text);
  }

  // 線の、進む向きの左（up = 1）か右の、いちばん空いているところ。
  beside({ points: [a, b], to, edge }, up) {
    const { radius: r, width } = this.room;
    const way = minus(b, a);
    const [ux, uy] = unit(way);
    const length = Math.hypot(...way) - (to === null ? r : 2 * r);
    const off = up * (edge + 4 + (Math.abs(uy) * WIDE + ux * 14) / 2);
    const crowd = ([x, y]) => {
      const box = [x - WIDE / 2, y - HIGH / 2, WIDE, HIGH];
      const outside = Math.max(0, -box[0], box[0] + WIDE - width);
      const crossed = this.dots.filter(([a, b]) => Math.abs(a - x) < WIDE / 2 && Math.abs(b - y) < HIGH / 2).length;
      return this.taken.reduce((all, other) => all + overlap(box, other), 99 * outside + 20 * crossed);
    };
    const spots = FRACTIONS.map(t => along(along(a, [ux, uy], r + t * length), [uy, -ux], off));
    return spots.reduce((best, spot) => (crowd(spot) < crowd(best) - 1 ? spot : best));
  }

  // 数を書き、左右の端からはみ出すものは、中へ寄せる。
  write(name, words = "") {
    if (!(name in this.marks)) return;
    const { text, x } = this.marks[name];
    if (text.textContent === words) return;
    text.textContent = words;
    const half = words.length * LETTER / 2;
    text.setAttribute("x", Math.min(Math.max(x, half), this.room.width - half));
  }
}
