// 三つの加重和を動かし、softmax の確率と、傾きの引き合いを見る。
import { content, make, start } from "./parts/dom.js";
import { gradient, loss, softmax } from "./parts/kernels/softmax.js";
import { number } from "./parts/numbers.js";
import { across, bar, button, choice, mount, range, readouts, spoken, tabulate, watch } from "./parts/panel.js";

const ROW = 44;
const LEFT = 62;
const RIGHT = 62;
const TOP = 8;

class Tug {
  constructor(root) {
    this.root = root;
    this.data = content(root);
    this.restart();
    this.build();
    this.show();
    watch(() => this.draw(), ...this.sheets);
  }

  restart() { [this.z, this.target] = [[...this.data.start], this.data.target]; }

  build() {
    const { label, names, low, high, step, bars, readouts: titles, longest } = this.data;
    this.ranges = names.map((name, n) => range({ label: name, low, high, step }, value => { this.z[n] = value; this.show(); }));
    this.targets = choice({ label: "正解のクラス", values: names.map((_, n) => `クラス${n + 1}`) }, n => { this.target = n; this.show(); });
    this.sheets = bars.map(() => make("div"));
    this.plots = make("div", { class: "sliders-plots" }, ...bars.map((title, n) =>
      make("div", { class: "sliders-plot" }, make("p", {}, title), this.sheets[n])));
    this.readouts = readouts(titles, longest);
    this.live = spoken();
    this.shifts = [-1, 1].map(by => button(`全部に ${by > 0 ? "+" : "−"}1`, () => this.shift(by)));
    const reset = button("最初に戻す", () => { this.restart(); this.show(); });
    mount(this.root, label, make("div", { class: "sliders-controls" }, this.targets.box, ...this.ranges.map(({ box }) => box)),
      this.plots, this.readouts.list, bar(this.root, ...this.shifts, reset), this.live.box);
  }

  allowed(by) { return this.z.every(v => v + by >= this.data.low && v + by <= this.data.high); }

  shift(by) {
    if (!this.allowed(by)) return this.live.say("端なので、これ以上は動かせません");
    this.z = this.z.map(v => Number((v + by).toFixed(1)));
    this.show();
    this.live.say(`加重和 ${this.z.map(v => number(v)).join("、")}。${this.said()}`);
  }

  said() { return `確率 ${this.p.map(v => number(v)).join("、")}`; }

  show() {
    this.p = softmax(this.z);
    this.g = gradient(this.z, this.target);
    this.ranges.forEach((made, n) => made.set(this.z[n], number(this.z[n]), `確率 ${number(this.p[n])}`));
    this.targets.set(this.target);
    this.shifts.forEach((made, n) => made.setAttribute("aria-disabled", String(!this.allowed(n ? 1 : -1))));
    const sums = [this.p, this.g].map(values => number(Number(values.reduce((a, b) => a + b, 0).toFixed(12))));
    this.readouts.set([number(loss(this.z, this.target)), ...sums]);
    tabulate(this.root, this.z.map((z, n) => [String(n + 1), number(z), number(this.p[n]), n === this.target ? "1" : "0", number(this.g[n])]));
    this.draw();
  }

  draw() {
    const { bars } = this.data;
    [[this.p, 0, "share"], [this.g, -1, "pull"]].forEach(([values, low, kind], n) => {
      const width = across(this.sheets[n]);
      if (width) this.sheets[n].replaceChildren(this.bars(bars[n], values, low, kind, width));
    });
  }

  bars(title, values, low, kind, width) {
    const height = TOP + ROW * values.length + 22;
    const x = v => LEFT + ((v - low) / (1 - low)) * (width - LEFT - RIGHT);
    const says = `${title}。${values.map((v, n) => `クラス${n + 1}は ${number(v)}`).join("、")}`;
    const svg = make("svg", { height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": says });
    const bottom = TOP + ROW * values.length;
    for (const tick of low < 0 ? [-1, 0, 1] : [0, 0.5, 1]) {
      svg.append(make("line", { class: tick ? "grid" : "zero", x1: x(tick), x2: x(tick), y1: TOP, y2: bottom }),
        make("text", { class: "tick", x: x(tick), y: bottom + 16, "text-anchor": "middle" }, number(tick)));
    }
    values.forEach((v, n) => svg.append(...this.bar(v, n, x, kind)));
    return svg;
  }

  bar(v, n, x, kind) {
    const y = TOP + ROW * n + 8;
    const right = n === this.target;
    const name = make("text", { x: 4, y: y + 13 }, `クラス${n + 1}`);
    const mark = make("text", { class: "tick", x: 4, y: y + 28 }, right ? "正解" : "");
    const rect = make("rect", { class: `bar ${kind}`, x: Math.min(x(0), x(v)), y, width: Math.abs(x(v) - x(0)), height: ROW - 18 });
    // 負の棒の値は、クラスの名前に重ならないよう、0の線の右に書く。
    return [name, mark, rect, make("text", { class: "bar-value", x: Math.max(x(v), x(0)) + 6, y: y + 18 }, number(v))];
  }
}

start("tug", Tug);
