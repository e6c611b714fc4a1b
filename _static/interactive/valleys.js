// 等高線の上に出発点を選び、勾配降下法の道を見る。
import { content, make, roots } from "./parts/dom.js";
import { cost, descend } from "./parts/kernels/valleys.js";
import { number } from "./parts/numbers.js";
import { pad } from "./parts/pad.js";
import { bar, button, mount, range, readouts, spoken, tabulate, watch } from "./parts/panel.js";
import { contour, draw, sheet } from "./parts/plot.js";

class Valleys {
  constructor(root) {
    this.root = root;
    this.data = content(root);
    this.rows = [...root.querySelectorAll(".interactive-table tbody tr")].map(row => [...row.cells].map(cell => cell.textContent));
    this.at = this.data.controls.map(control => control.start);
    this.build();
    this.show();
    watch(this.plots, () => this.draw());
  }

  build() {
    const { label, controls, plane, curve, readouts: names, longest } = this.data;
    this.ranges = controls.map((control, n) => range(control, value => { this.at[n] = value; this.show(); }));
    this.pad = pad(`${plane.title}。${this.data.hint}`, values => this.move(values), (dx, dy) => this.nudge(dx, dy));
    this.sheet = make("div");
    this.plots = make("div", { class: "sliders-plots" },
      make("div", { class: "sliders-plot" }, make("p", {}, plane.title), this.pad.box),
      make("div", { class: "sliders-plot" }, make("p", {}, curve.title), this.sheet));
    this.readouts = readouts(names, longest);
    this.live = spoken();
    const reset = button("最初に戻す", () => { this.at = controls.map(control => control.start); this.show(); });
    mount(this.root, label, make("div", { class: "sliders-controls" }, ...this.ranges.map(({ box }) => box)),
      this.plots, this.readouts.list, bar(this.root, reset), this.live.box);
  }

  move(values) {
    values.forEach((value, n) => { this.at[n] = this.snapped(value, n); });
    this.show();
    this.live.say(this.said());
  }

  nudge(...steps) { this.move(steps.map((step, n) => this.at[n] + step * this.data.controls[n].step)); }

  snapped(value, n) {
    const { low, high, step } = this.data.controls[n];
    return Number((low + Math.round((Math.min(Math.max(value, low), high) - low) / step) * step).toFixed(2));
  }

  // 着いた谷の番号。2 はまだ、3 は発散。
  get place() {
    const { bottoms, arrived, far } = this.data;
    const end = this.path.at(-1);
    if (Math.hypot(...end) >= far) return 3;
    const near = bottoms.findIndex(([a, b]) => Math.hypot(end[0] - a, end[1] - b) < arrived);
    return near < 0 ? 2 : near;
  }

  said() { return `出発点 ${pair(this.at)}、学習率 ${number(this.at[2])}。${this.data.manners[this.place]}`; }

  show() {
    const { updates, far, manners } = this.data;
    this.path = descend(this.at.slice(0, 2), this.at[2], updates, far);
    const values = [number(cost(...this.path[0])), number(cost(...this.path.at(-1))), pair(this.path.at(-1)), manners[this.place]];
    this.ranges.forEach((made, n) => made.set(this.at[n], number(this.at[n]), manners[this.place]));
    this.readouts.set(values);
    tabulate(this.root, [[`${pair(this.at)}、η = ${number(this.at[2])}`, ...values], ...this.rows]);
    this.draw();
  }

  draw() {
    const width = Math.floor(this.pad.face.clientWidth);
    if (!width) return;
    this.pad.show(this.map(width), ...this.at.slice(0, 2));
    this.sheet.replaceChildren(this.losses(Math.floor(this.sheet.clientWidth)));
  }

  // 動かない等高線は、幅が変わるまで使いまわし、道だけを描きなおす。
  map(width) {
    if (this.base?.width !== width) this.base = { width, ...this.ground(width) };
    const { svg, moving } = this.base;
    svg.setAttribute("aria-label", `${this.data.plane.title}。${this.said()}`);
    moving.replaceChildren();
    const path = [0, 1].map(n => this.path.map(w => clamped(w[n])));
    draw({ ...this.base, inside: moving }, { t: "line", s: "walk", x: path[0], y: path[1] });
    return this.base;
  }

  ground(width) {
    const { plane, bottoms, levels, rows, columns, grid } = this.data;
    const made = sheet(plane, width, plane.title);
    const { inside, box, x, y } = made;
    const point = (i, j) => [box.left + (j / (columns - 1)) * (box.right - box.left), box.bottom - (i / (rows - 1)) * (box.bottom - box.top)];
    levels.forEach(level => inside.append(
      make("path", { class: level < 0 ? "level low" : "level", d: contour(grid, rows, columns, level, point) })));
    bottoms.forEach(([a, b], n) => inside.append(
      make("path", { class: "bottom", d: `M${x(a) - 6},${y(b)}h12m-6,-6v12` }),
      make("text", { class: "valley-name", x: x(a), y: y(b) + 22, "text-anchor": "middle" }, ["深い谷", "浅い谷"][n])));
    const moving = make("g");
    inside.append(moving);
    return { ...made, moving };
  }

  losses(width) {
    const { curve } = this.data;
    const made = sheet(curve, width, `${curve.title}。${this.said()}`);
    draw(made, { t: "line", s: "walk", from: 0, y: this.path.map(w => Math.min(cost(...w), 99)) });
    return made.svg;
  }
}

const clamped = v => Math.min(Math.max(v, -20), 20);  // 枠の外の点は、線の向きがわかるところまで
const pair = ([a, b]) => `(${number(a)}, ${number(b)})`;

roots("valleys").forEach(root => new Valleys(root));
