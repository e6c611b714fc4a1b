// 全体の絵: 入力から出力までのネットワーク。線とニューロンの一つ一つが、選べる部品である。
import { arrow } from "./arrow.js";
import { make } from "./dom.js";
import { mark, text, value } from "./symbols.js";

const GAP = 92, ROW = 21, NOTE = 24;

const count = n => Array.from({ length: n }, (_, j) => j + 1);
const line = (name, [a, b], [c, d]) => make("line", { class: name, x1: a, y1: b, x2: c, y2: d });

export class Overview {
  constructor(data) {
    this.data = data;
    this.element = make("svg", { role: "group", "aria-label": `${data.label}。ニューロンと線を選べます` });
    this.cell = data.live || data.picture.biases ? 66 : 52;
    this.entry = data.live ? 62 : 44;
    const notes = [data.picture.above, data.picture.below].map(found => (Object.keys(found).length ? NOTE : 4));
    const tallest = Math.max(...data.sizes);
    this.height = (tallest - 1) * GAP + 2 * ROW + 6 + notes[0] + notes[1];
    this.middle = notes[0] + ((tallest - 1) * GAP + 2 * ROW + 6) / 2;
  }

  place(l, j) {
    const columns = this.data.picture.targets ? [0.075, 0.4, 0.74] : [0.08, 0.46, 0.84];
    const inset = l === 0 ? Math.max(columns[0] * this.width, this.entry / 2 + 2) : columns[l] * this.width;
    return [inset, this.middle + (j - (this.data.sizes[l] + 1) / 2) * GAP];
  }

  target(j) { return [this.width - 18, this.place(2, j)[1]]; }

  half(l) { return (l === 0 ? this.entry : this.cell) / 2; }

  ends(l, j, k) {
    const [from, to] = [this.place(l - 1, k), this.place(l, j)];
    return [[from[0] + this.half(l - 1), from[1]], [to[0] - this.half(l), to[1]]];
  }

  wires() {
    return [1, 2].flatMap(l => count(this.data.sizes[l]).flatMap(j =>
      count(this.data.sizes[l - 1]).map(k => ({ l, j, k, id: `w${l}_${j}${k}` }))));
  }

  draw(width) {
    this.width = width;
    this.element.setAttribute("viewBox", `0 0 ${width} ${this.height}`);
    this.element.setAttribute("height", this.height);
    const nodes = this.data.sizes.flatMap((n, l) => count(n).map(j => this.node(l, j)));
    const wires = this.wires().map(wire => this.wire(wire));
    const targets = this.data.picture.targets ? count(this.data.sizes[2]).map(j => this.goal(j)) : [];
    const corner = this.data.picture.corner.map(part => text(width - 4, 16, "end", part, ...mark(part), " = ", value(part)));
    this.pulses = make("g", { class: "linked-pulses", "aria-hidden": "true" });
    this.element.replaceChildren(...wires, ...nodes, ...targets, ...corner, this.pulses);
  }

  // 数の書いてない線は、選んでも何も言わないので、絵だけにする。
  wire({ l, j, k, id }) {
    const [a, b] = this.ends(l, j, k);
    const kinds = this.data.picture.wires[l];
    const opens = id in this.data.opens;
    if (!kinds) return make("g", { class: "linked-wire bare", "data-id": id }, line("wire", a, b));
    const parts = kinds.map(kind => `${kind}${id.slice(1)}`);
    const t = l === 1 ? 0.66 : 0.34;
    const [x, y] = [a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1]) + 4];
    const next = kinds[1] && kinds[1][0] === "n" ? parts[1] : "";
    return make("g", { class: "linked-wire", "data-id": id, "data-part": parts.join(" "), role: "button", tabindex: -1,
      "aria-label": this.data.say[parts[0]], ...(opens && { "data-open": id }) },
      line("hit", a, b), line("glow", a, b), ...this.stroke(l, a, b), text(x, y, "middle", "", value(parts[0], next)));
  }

  // 値の通る向きに、矢印をつける。
  stroke(l, a, b) {
    const { motion } = this.data;
    if (motion === "forward") return arrow("f", a, b);
    return motion === "back" && l === 2 ? arrow("b", b, a) : [line("wire", a, b)];
  }

  rows(l, j) {
    if (l === 0) return [["x", `a0_${j}`]];
    return this.data.picture.biases ? [["b", `b${l}_${j}`, `nb${l}_${j}`]] : [["z", `z${l}_${j}`], ["a", `a${l}_${j}`]];
  }

  node(l, j) {
    const [x, y] = this.place(l, j);
    const [half, rows] = [this.half(l), this.rows(l, j)];
    const high = rows.length * ROW + 6;
    const { above, below, inside } = this.data.picture;
    const key = `${l}_${j}`;
    const [over, under] = [above[key] || [], below[key] || []];
    const parts = [...rows.map(([, part]) => part), ...over, ...under, ...(inside[key] || [])];
    const group = make("g", { class: "linked-node", "data-id": `n${key}`, "data-part": parts.join(" "), role: "button", tabindex: -1,
      "data-name": l === 0 ? `入力の${j}個め` : `${l === 1 ? "隠れ層" : "出力層"}の${j}個め`,
      ...(`n${key}` in this.data.opens && { "data-open": `n${key}` }) },
      make("rect", { class: "cell", x: x - half, y: y - high / 2, width: 2 * half, height: high, rx: 9 }));
    rows.forEach(([letter, part, next = ""], n) => group.append(" ", make("g", { "data-part": `${part} ${next}`.trim(), class: "linked-row" },
      text(x - half + 6, y - high / 2 + 18 + n * ROW, "start", "", make("tspan", { class: "symbol name" }, letter)), " ",
      text(x + half - 6, y - high / 2 + 18 + n * ROW, "end", "", value(part, next)))));
    if (over.length) group.append(" ", this.note(x, y - high / 2 - 8, over));
    if (under.length) group.append(" ", this.note(x, y + high / 2 + 17, under));
    return group;
  }

  note(x, y, [part, other = ""]) {
    const next = other[0] === "n" ? other : "";
    return text(x, y, "middle", next ? `${part} ${next}` : part, ...mark(part), value(part, next, { dx: 5 }));
  }

  goal(j) {
    const [x, y] = this.target(j);
    const from = [this.place(2, j)[0] + this.half(2), y];
    return make("g", { class: "linked-goal", "data-part": `y${j}` }, line("wire dotted", from, [x - 16, y]),
      text(x, y - 14, "middle", "", make("tspan", { class: "name" }, "目標")), text(x, y + 5, "middle", "", value(`y${j}`)));
  }

  // 選んだ計算の場所に印をつける。
  choose(id) {
    for (const element of this.element.querySelectorAll("[data-id]")) element.classList.toggle("chosen", element.dataset.id === id);
  }

  // このステップで動くもの: 出るところ、着くところ、向き、順番。
  moves() {
    const across = ({ l, j, k }) => this.ends(l, j, k);
    const inner = (l, go) => count(this.data.sizes[l]).map(j => {
      const [x, y] = this.place(l, j);
      return { from: [x, y - go * 40], to: [x, y + go * 40], way: "b", turn: 0 };
    });
    const middle = ([a, b]) => [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
    return {
      target: () => count(this.data.sizes[2]).map(j =>
        ({ from: [this.target(j)[0] - 12, this.target(j)[1]], to: [this.place(2, j)[0] + this.half(2), this.place(2, j)[1]], way: "b", turn: 0 })),
      inside: () => inner(2, 1),
      bias: () => [...inner(2, -1), ...inner(1, -1)],
      back: () => this.wires().filter(({ l }) => l === 2).map(across).map(([a, b]) => ({ from: b, to: a, way: "b", turn: 0 })),
      meet: () => this.wires().map(across).flatMap(([a, b]) => [
        { from: a, to: middle([a, b]), way: "f", turn: 0 }, { from: b, to: middle([a, b]), way: "b", turn: 0 }]),
      forward: () => this.wires().map(wire => ({ from: across(wire)[0], to: across(wire)[1], way: "f", turn: wire.l - 1 })),
      glow: () => this.wires().map(across).map(([a, b]) => ({ from: a, to: b, way: "u", turn: 0 })),
    }[this.data.motion]();
  }
}
