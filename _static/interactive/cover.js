// 表紙: 値が前へ、誤差項が後ろへ流れ、重みが動く。数はすべて、ノートブックの出力に入っている。
import { content, make, start, still, write } from "./parts/dom.js";
import { bar, button, voice } from "./parts/panel.js";

const HEIGHT = 300;
const RADIUS = 23;
// 一往復の場面: 名前、流れる線の層、向き、着く層、長さ（ミリ秒）。
const SCENES = [
  { name: "順伝播", layer: 0, way: "f", to: 1, time: 1100 },
  { name: "順伝播", layer: 1, way: "f", to: 2, time: 1100 },
  { name: "損失", layer: null, way: "", to: null, time: 1000 },
  { name: "逆伝播", layer: null, way: "b", to: 2, time: 1000 },
  { name: "逆伝播", layer: 1, way: "b", to: 1, time: 1200 },
  { name: "更新", layer: null, way: "u", to: null, time: 1200 },
];
const NAMES = ["順伝播", "損失", "逆伝播", "更新"];

class Cover {
  constructor(root) {
    this.root = root;
    this.data = content(root);
    // 動かさないときは、はじめの一往復を終えたところを見せる。
    [this.trip, this.scene, this.part] = [0, still ? 5 : 0, still ? 1 : 0];
    this.build();
    this.fit();
    new ResizeObserver(() => this.fit()).observe(this.picture);
    this.running = false;
    new IntersectionObserver(([entry]) => { this.near = entry.isIntersecting; this.turn(); }).observe(this.picture);
    document.addEventListener("visibilitychange", () => this.turn());
    this.wanted = !still;
  }

  build() {
    this.picture = make("div", { class: "cover-picture" });
    this.chips = NAMES.map(name => make("li", { class: "cover-chip" }, name));
    this.readout = make("p", { class: "cover-loss" });
    this.toggle = button("", () => { this.wanted = !this.wanted; this.turn(); this.show(); });
    const next = button("一歩", () => this.step());
    this.live = voice();
    this.root.prepend(make("div", { class: "interactive-live cover", role: "group", "aria-label": this.data.label },
      this.picture, make("ol", { class: "cover-chips" }, ...this.chips), this.readout,
      bar(this.root, this.toggle, next), this.live.box));
    this.root.classList.add("live");
  }

  // 読者が動かしていて、図が見えているあいだだけ動く。
  turn() {
    const run = this.wanted && this.near && !document.hidden;
    if (run === this.running) return;
    this.running = run;
    this.last = null;
    if (run) requestAnimationFrame(now => this.tick(now));
  }

  tick(now) {
    if (!this.running) return;
    this.part += this.last === null ? 0 : Math.min(now - this.last, 100) / SCENES[this.scene].time;
    this.last = now;
    if (this.part >= 1) this.advance();
    this.move();
    requestAnimationFrame(next => this.tick(next));
  }

  advance() {
    this.part = 0;
    this.scene += 1;
    if (this.scene === SCENES.length) [this.scene, this.trip] = [0, (this.trip + 1) % this.data.trips.length];
    this.show();
  }

  // 一場面だけ進めて、止まる。
  step() {
    this.wanted = false;
    this.turn();
    if (this.part === 1) this.advance();
    this.part = 1;
    this.show();
    this.move();
    this.live.tell(this.describe());
  }

  describe() {
    const { name } = SCENES[this.scene];
    return `${this.trip + 1}往復めの${name}。${this.told()}`;
  }

  told() {
    const { trips, target, end } = this.data;
    const now = trips[this.trip];
    const outputs = `出力は ${now.a[2].join("、")}、目標は ${target.join("、")}。`;
    if (this.scene < 2) return `目標は ${target.join("、")}。`;
    if (this.scene === 2) return `${outputs}損失は ${now.loss}。`;
    if (this.scene === 3) return `出力層の誤差項は ${now.d[1].join("、")}。`;
    if (this.scene === 4) return `隠れ層の誤差項は ${now.d[0].join("、")}。`;
    return `重みとバイアスを動かすと、損失は ${now.loss} から ${trips[this.trip + 1]?.loss ?? end} へ。`;
  }

  fit() {
    const width = Math.round(this.picture.clientWidth);
    if (!width || width === this.width) return;
    this.width = width;
    const { sizes } = this.data;
    this.places = sizes.map((n, l) => Array.from({ length: n }, (_, j) =>
      [width * [0.12, 0.5, 0.88][l], HEIGHT * (j + 0.5) / n]));
    this.show();
    this.move();
  }

  // 場面ごとに描きなおす。
  show() {
    const { way } = SCENES[this.scene];
    write(this.toggle, this.wanted ? "止める" : "動かす");
    this.chips.forEach((chip, n) => {
      if (NAMES[n] === SCENES[this.scene].name) chip.setAttribute("aria-current", "step"); else chip.removeAttribute("aria-current");
    });
    write(this.readout, `${this.trip + 1}往復め　${this.told()}`);
    if (!this.places) return;
    const svg = make("svg", { height: HEIGHT, viewBox: `0 0 ${this.width} ${HEIGHT}`, role: "img", "aria-label": this.describe() });
    this.pulses = [];
    [0, 1].forEach(l => this.wires(svg, l));
    this.places.forEach((layer, l) => layer.forEach((place, j) => this.neuron(svg, l, j, place)));
    this.picture.dataset.way = way;
    this.picture.replaceChildren(svg);
    this.move();
  }

  wires(svg, l) {
    const { layer, way } = SCENES[this.scene];
    const [now, later] = [this.data.trips[this.trip], this.data.trips[this.trip + 1]];
    this.places[l + 1].forEach((to, j) => this.places[l].forEach((from, k) => {
      const weight = (way === "u" && this.part === 1 && later ? later : now).w[l][j][k];
      const moves = later?.w[l][j][k] !== now.w[l][j][k];
      const kind = way === "u" ? (moves ? "u" : "") : layer === l ? way : "";
      const line = make("line", { class: `wire ${kind}`, "data-wire": `${l + 1}_${j + 1}${k + 1}`, x1: from[0], y1: from[1], x2: to[0], y2: to[1] });
      line.style.strokeWidth = 1 + 2.2 * Math.abs(weight);
      svg.append(line);
      if (kind === "f" || kind === "b") {
        const dot = make(kind === "f" ? "circle" : "rect", kind === "f" ? { class: "pulse f", r: 5 } : { class: "pulse b", x: -4.5, y: -4.5, width: 9, height: 9 });
        svg.append(dot);
        this.pulses.push([dot, ...(kind === "f" ? [from, to] : [to, from])]);
      } else if (kind === "u" && later) {
        this.pulses.push([line, weight, later.w[l][j][k]]);
      }
    }));
  }

  // 値は、そこへ着いた場面から見せる。
  neuron(svg, l, j, [x, y]) {
    const now = this.data.trips[this.trip];
    const { way, to } = SCENES[this.scene];
    const arriving = to === l;
    const seen = l === 0 || this.scene >= l - 1;
    const back = l > 0 && this.scene >= 5 - l;
    svg.append(make("circle", { class: `cell${arriving ? " lit" : ""}`, cx: x, cy: y, r: RADIUS }));
    if (seen) {
      const text = make("text", { class: "f", x, y: y + 5, "text-anchor": "middle", "data-value": `a${l}_${j + 1}` }, now.a[l][j]);
      if (arriving && way === "f") this.pulses.push([text, null]);
      svg.append(text);
    }
    if (back) {
      const text = make("text", { class: "b", x, y: y + RADIUS + 16, "text-anchor": "middle", "data-value": `d${l}_${j + 1}` }, now.d[l - 1][j]);
      if (arriving && way === "b") this.pulses.push([text, null]);
      svg.append(text);
    }
  }

  // 流れるものを、いまの時に合わせる。
  move() {
    const t = this.part < 0.5 ? 2 * this.part ** 2 : 1 - 2 * (1 - this.part) ** 2;
    for (const [thing, from, to] of this.pulses ?? []) {
      if (from === null) thing.style.opacity = Math.max(0, 2 * t - 1);
      else if (typeof from === "number") thing.style.strokeWidth = 1 + 2.2 * Math.abs(from + t * (to - from));
      else {
        thing.setAttribute("transform", `translate(${(from[0] + t * (to[0] - from[0])).toFixed(1)} ${(from[1] + t * (to[1] - from[1])).toFixed(1)})`);
        thing.style.opacity = t === 1 ? 0 : 1;
      }
    }
  }
}

start("cover", Cover);
