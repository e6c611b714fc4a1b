// η と μ の平面の上で点を動かし、モーメンタムの歩みを見る。
import { content, make, roots, unique } from "./parts/dom.js";
import { largest, region, walk } from "./parts/kernels/momentum.js";
import { number } from "./parts/numbers.js";
import { pad } from "./parts/pad.js";
import { bar, button, mount, range, readouts, spoken, tabulate, watch } from "./parts/panel.js";
import { draw, sheet } from "./parts/plot.js";

const START = 1;

class Plane {
  constructor(root) {
    this.root = root;
    this.data = content(root);
    this.id = unique("plane");
    this.rows = [...root.querySelectorAll(".interactive-table tbody tr")].map(row => [...row.cells].map(cell => cell.textContent));
    this.at = this.data.controls.map(control => control.start);
    this.build();
    this.show();
    watch(this.plots, () => this.draw());
  }

  build() {
    const { label, controls, plane, walk: plot, regions, readouts: names, longest } = this.data;
    this.ranges = controls.map((control, n) => range(control, value => { this.at[n] = value; this.show(); }));
    this.pad = pad(`${plane.title}。${this.data.hint}`, values => this.move(values), (dx, dy) => this.nudge(dx, dy));
    this.sheet = make("div");
    const numbered = regions.map(({ name }, n) => make("li", {}, this.sample(n), name));
    this.key = make("ol", { class: "plane-key" }, ...numbered);
    this.plots = make("div", { class: "sliders-plots" },
      make("div", { class: "sliders-plot" }, make("p", {}, plane.title), this.pad.box, this.key),
      make("div", { class: "sliders-plot" }, make("p", {}, plot.title), this.sheet));
    this.readouts = readouts(names, longest);
    this.live = spoken();
    const reset = button("最初に戻す", () => { this.at = controls.map(control => control.start); this.show(); });
    mount(this.root, label, make("div", { class: "sliders-controls" }, ...this.ranges.map(({ box }) => box)),
      this.plots, this.readouts.list, bar(this.root, reset), this.live.box);
  }

  sample(n) {
    const fill = make("rect", { x: 0.5, y: 0.5, width: 21, height: 13, class: `region r${n}` });
    return make("svg", { viewBox: "0 0 22 14", "aria-hidden": "true" }, this.hatch(n, "key"), this.hatched(fill, n, "key"));
  }

  // 色だけに頼らない網かけ。
  hatch(n, use) {
    const marks = [[], ["M0,8L8,0"], ["M0,8L8,0", "M0,0L8,8"], ["M0,2H8", "M0,6H8"]][n];
    return make("pattern", { id: `${this.id}-${use}-${n}`, width: 8, height: 8, patternUnits: "userSpaceOnUse" },
      ...marks.map(d => make("path", { d, class: "hatch" })));
  }

  hatched(shape, n, use) {
    shape.setAttribute("fill", `url(#${this.id}-${use}-${n})`);
    return shape;
  }

  move(values) {
    this.at = values.map((value, n) => this.snapped(value, n));
    this.show();
    this.live.say(this.said());
  }

  nudge(...steps) { this.move(this.at.map((value, n) => value + steps[n] * this.data.controls[n].step)); }

  snapped(value, n) {
    const { low, high, step } = this.data.controls[n];
    const near = Math.round(Math.min(Math.max(value, low), high) / step) * step;
    return Number(near.toFixed(2));
  }

  get manner() { return this.data.manners[region(...this.at)]; }

  said() { return `ηλ ${number(this.at[0])}、μ ${number(this.at[1])}。${this.manner}`; }

  show() {
    const { updates, shown } = this.data;
    this.path = walk(...this.at, START, updates);
    this.ranges.forEach((made, n) => made.set(this.at[n], number(this.at[n]), this.manner));
    const root = number(largest(...this.at));
    this.readouts.set([root, number(this.path[updates]), this.manner]);
    const now = [...this.at.map(v => number(v)), root, ...shown.map(n => number(this.path[n])), this.manner];
    tabulate(this.root, [now, ...this.rows]);
    this.key.querySelectorAll("li").forEach((item, n) => item.classList.toggle("now", n === region(...this.at)));
    this.draw();
  }

  draw() {
    const width = Math.floor(this.pad.face.clientWidth);
    if (!width) return;
    this.pad.show(this.map(width), ...this.at);
    this.sheet.replaceChildren(this.steps(Math.floor(this.sheet.clientWidth)));
  }

  // 動かない地図は、幅が変わるまで使いまわし、点だけを描きなおす。
  map(width) {
    if (this.base?.width !== width) this.base = { width, ...this.ground(width) };
    const { svg, moving, x, y } = this.base;
    svg.setAttribute("aria-label", `${this.data.plane.title}。${this.said()}`);
    moving.replaceChildren(make("circle", { class: "dot now", cx: x(this.at[0]), cy: y(this.at[1]), r: 7 }));
    return this.base;
  }

  ground(width) {
    const { plane, regions, borders } = this.data;
    const made = sheet(plane, width, plane.title);
    const { inside, x, y } = made;
    regions.forEach(({ outline, at }, n) => {
      const points = outline[0].map((v, i) => `${x(v).toFixed(1)},${y(outline[1][i]).toFixed(1)}`).join(" ");
      inside.append(this.hatch(n, "map"), this.hatched(make("polygon", { points, class: `region r${n}` }), n, "map"));
      inside.append(make("text", { class: "region-number", x: x(at[0]), y: y(at[1]) + 5, "text-anchor": "middle" }, String(n + 1)));
    });
    borders.forEach(layer => draw(made, layer));
    const moving = make("g");
    inside.append(moving);
    return { ...made, moving };
  }

  steps(width) {
    const { walk: plot } = this.data;
    const made = sheet(plot, width, `${plot.title}。${this.said()}`);
    const beyond = this.path.findIndex(w => Math.abs(w) > 1e3);
    const seen = beyond < 0 ? this.path : this.path.slice(0, beyond + 1);
    [{ t: "rule", y: 0 }, { t: "line", s: "walk", from: 0, y: seen }].forEach(layer => draw(made, layer));
    return made.svg;
  }
}

roots("plane").forEach(root => new Plane(root));
