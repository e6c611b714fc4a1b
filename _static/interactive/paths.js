// 割合の載った線をたどり、一歩ごとに、予想してから答えを見る。
import { content, make, start, write } from "./parts/dom.js";
import { number } from "./parts/numbers.js";
import { across, bar, button, choice, mount, watch } from "./parts/panel.js";
import { off, read, same } from "./parts/reading.js";

const GAP = 84;
const TOP = 34;
const CROSSED = { room: 1.6, at: 0.25 };  // 線の交わるところは広くとり、割合を根もとに寄せると、数字が等しい間隔に並ぶ
const PLAIN = { room: 1, at: 0.5 };

class Paths {
  constructor(root) {
    this.root = root;
    this.data = content(root);
    this.restart(0);
    this.build();
    this.show();
    watch(() => this.draw(), this.face);
  }

  restart(way) { [this.way, this.at, this.open] = [way, 0, false]; }

  get steps() { return this.data.ways[this.way].steps; }

  get step() { return this.steps[this.at]; }

  build() {
    const { label, ways } = this.data;
    this.choice = choice({ label: "求め方", values: ways.map(way => way.name) }, way => { this.restart(way); this.show(); });
    this.face = make("div", { class: "paths-picture" });
    this.lines = ["paths-ask", "paths-sum", "paths-said", "paths-tally"].map(name => make("p", { class: name }, make("span")));
    this.input = make("input", { type: "text", inputmode: "decimal", autocomplete: "off", size: 6 });
    this.input.addEventListener("keydown", event => { if (event.key === "Enter") this.forward(); });
    this.main = button("答えを見る", () => this.forward(), { class: "main" });
    this.back = button("前へ", () => this.backward());
    const guess = make("label", { class: "paths-guess" }, "予想", this.input);
    const reset = button("最初から", () => { this.restart(this.way); this.show(); });
    const panel = make("div", { class: "paths-panel", "aria-live": "polite" }, ...this.lines);
    mount(this.root, label, ways.length > 1 ? this.choice.box : "", this.face, panel,
      bar(this.root, guess, this.main, this.back, reset));
    this.reserve();
  }

  // どの一歩でも同じ高さになるよう、いちばん長い文の場所を空けておく。
  reserve() {
    const steps = this.data.ways.flatMap(way => way.steps);
    const longest = [s => `${s.ask}は？`, s => `${s.terms} = ${s.answer}`, s => off(-123.5, read(s.answer)), s => s.tally];
    this.lines.forEach((line, n) => {
      line.dataset.longest = steps.map(longest[n]).reduce((a, b) => (b.length > a.length ? b : a));
    });
  }

  forward() {
    if (!this.open) this.open = true;
    else if (this.at + 1 < this.steps.length) [this.at, this.open] = [this.at + 1, false];
    else return;
    this.show();
  }

  backward() {
    if (this.open) this.open = false;
    else if (this.at > 0) [this.at, this.open] = [this.at - 1, true];
    else return;
    this.show();
  }

  get ended() { return this.open && this.at + 1 === this.steps.length; }

  said() {
    const text = this.input.value.trim();
    if (!this.open || !text) return "";
    const [guess, answer] = [read(text), read(this.step.answer)];
    if (guess === null) return `「${text.slice(0, 6)}」は数として読めません。`;
    return same(guess, answer) ? `予想 ${number(guess)} のとおりです。` : off(guess, answer);
  }

  show() {
    const { ask, terms, answer, tally } = this.step;
    const texts = [`${this.at + 1}/${this.steps.length}　${ask}は？`, `${terms} = ${this.open ? answer : "？"}`, this.said(), this.open ? tally : ""];
    this.lines.forEach((line, n) => write(line.firstChild, texts[n]));
    if (!this.open) this.input.value = "";
    write(this.main, this.open ? "次へ" : "答えを見る");
    this.main.setAttribute("aria-disabled", String(this.ended));
    this.back.setAttribute("aria-disabled", String(!this.open && this.at === 0));
    this.choice.set(this.way);
    this.draw();
  }

  // その量について、もう求めた割合。
  known() {
    const { names, ways } = this.data;
    const known = {};
    const { key } = ways[this.way];
    if (key === "exit") known[`${names.length - 1}-0`] = "1";
    if (key === "entrance") known["0-0"] = "1";
    this.steps.slice(0, this.at + 1).forEach((step, n) => {
      if (step.node) known[step.node] = n < this.at || this.open ? step.answer : "？";
    });
    return known;
  }

  draw() {
    const { names, rates, ways } = this.data;
    const width = across(this.face);
    if (!width) return;
    const rows = Math.max(...names.map(column => column.length));
    const radius = width < 480 ? 16 : 21;
    const height = TOP + GAP * (rows - 1) + radius + 42;
    const rooms = rates.map(rate => (rate.length > 1 && rate[0].length > 1 ? CROSSED : PLAIN));
    const starts = [0];
    rooms.forEach(({ room }) => starts.push(starts.at(-1) + room));
    const place = (layer, node) => [
      radius + 8 + ((width - 2 * radius - 16) * starts[layer]) / starts.at(-1),
      TOP + GAP * (node + (rows - names[layer].length) / 2),
    ];
    const says = `${this.data.label}。${this.lines.map(line => line.firstChild.textContent).filter(Boolean).join("。")}`;
    const svg = make("svg", { height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": says });
    const way = { exit: "b", entrance: "f", paths: "p" }[ways[this.way].key];
    const [pale, lit, numbers] = [make("g"), make("g"), make("g")];
    rates.forEach((rate, layer) => rate.forEach((row, k) => row.forEach((text, i) => {
      const on = this.step.lit.includes(`${layer}-${k}-${i}`);
      const [from, to] = [place(layer, i), place(layer + 1, k)];
      (on ? lit : pale).append(...wire(from, to, on ? way : "", radius));
      const at = from.map((v, n) => v + rooms[layer].at * (to[n] - v));
      numbers.append(make("text", { class: on ? "rate on" : "rate", x: at[0], y: at[1] - 3, "text-anchor": "middle" }, text));
    })));
    svg.append(pale, lit, numbers);
    const known = this.known();
    names.forEach((column, layer) => column.forEach((name, node) => svg.append(...this.node(name, `${layer}-${node}`, place(layer, node), known, radius))));
    this.face.replaceChildren(svg);
  }

  node(name, id, [x, y], known, radius) {
    const on = this.step.node === id;
    const parts = [make("circle", { class: on ? "knot on" : "knot", cx: x, cy: y, r: radius }),
      make("text", { class: "knot-name", x, y: y + 5, "text-anchor": "middle" }, name)];
    if (known[id]) parts.push(make("text", { class: "known", x, y: y + radius + 16, "text-anchor": "middle" }, known[id]));
    return parts;
  }
}

// 線と、先の矢じり。求める向きに、矢じりをつける。
function wire(from, to, way, radius) {
  const [start, end] = way === "b" ? [to, from] : [from, to];
  const length = Math.hypot(end[0] - start[0], end[1] - start[1]);
  const [ux, uy] = [(end[0] - start[0]) / length, (end[1] - start[1]) / length];
  const [a, b] = [[start[0] + radius * ux, start[1] + radius * uy], [end[0] - (radius + 3) * ux, end[1] - (radius + 3) * uy]];
  const line = make("line", { class: `route ${way}`, x1: a[0], y1: a[1], x2: b[0] - 6 * ux, y2: b[1] - 6 * uy });
  const side = [-uy * 5, ux * 5];
  const points = [b, [b[0] - 10 * ux + side[0], b[1] - 10 * uy + side[1]], [b[0] - 10 * ux - side[0], b[1] - 10 * uy - side[1]]];
  return [line, make("polygon", { class: `tip ${way}`, points: points.map(p => p.map(v => v.toFixed(1)).join(",")).join(" ") })];
}

start("paths", Paths);
