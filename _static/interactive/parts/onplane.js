// 平面の上の点を動かす図に共通のところ: つまみ、平面、そばの曲線、読みとった数。
// 図ごとに、値を求める show、平面の動かない地図 ground と動くもの mark、曲線の線 beside、読み上げる文 said を書く。
import { content, make } from "./dom.js";
import { pad } from "./pad.js";
import { across, bar, button, mount, range, readouts, spoken, watch } from "./panel.js";
import { draw, hang, renewed } from "./plot.js";

export class OnPlane {
  constructor(root) {
    this.root = root;
    this.data = content(root);
    this.rows = [...root.querySelectorAll(".interactive-table tbody tr")].map(row => [...row.cells].map(cell => cell.textContent));
    this.at = this.data.controls.map(control => control.start);
    this.build();
    this.show();
    watch(() => this.draw(), this.pad.face, this.sheet);
  }

  build() {
    const { label, hint, controls, plane, curve, readouts: names, longest } = this.data;
    this.ranges = controls.map((control, n) => range(control, value => { this.at[n] = value; this.show(); }));
    this.pad = pad(`${plane.title}。${hint}`, values => this.move(values), (...steps) => this.nudge(steps));
    this.sheet = make("div");
    this.plots = make("div", { class: "sliders-plots" },
      make("div", { class: "sliders-plot" }, make("p", {}, plane.title), this.pad.box, ...this.key()),
      make("div", { class: "sliders-plot" }, make("p", {}, curve.title), this.sheet));
    this.readouts = readouts(names, longest);
    this.live = spoken();
    const reset = button("最初に戻す", () => { this.at = controls.map(control => control.start); this.show(); });
    mount(this.root, label, make("div", { class: "sliders-controls" }, ...this.ranges.map(({ box }) => box)),
      this.plots, this.readouts.list, bar(this.root, reset), this.live.box);
  }

  // 平面の下に添える凡例。
  key() { return []; }

  move(values) {
    values.forEach((value, n) => { this.at[n] = this.snapped(value, n); });
    this.show();
    this.live.say(this.said());
  }

  nudge(steps) { this.move(steps.map((step, n) => this.at[n] + step * this.data.controls[n].step)); }

  snapped(value, n) {
    const { low, high, step } = this.data.controls[n];
    return Number((low + Math.round((Math.min(Math.max(value, low), high) - low) / step) * step).toFixed(2));
  }

  draw() {
    const width = across(this.pad.face);
    if (!width) return;
    this.pad.show(this.map(width), ...this.at.slice(0, 2));
    const { curve } = this.data;
    this.curve = renewed(this.curve, curve, across(this.sheet), `${curve.title}。${this.said()}`);
    this.beside().forEach(layer => draw(this.curve, layer));
    hang(this.sheet, this.curve);
  }

  // 動かない地図は、幅が変わるまで使いまわし、動くものだけを描きなおす。
  map(width) {
    if (this.base?.width !== width) {
      const made = this.ground(width), moving = make("g");
      made.inside.append(moving, ...(made.names ?? []));
      this.base = { width, ...made, moving };
    }
    this.base.svg.setAttribute("aria-label", `${this.data.plane.title}。${this.said()}`);
    this.base.moving.replaceChildren();
    this.mark(this.base.moving);
    return this.base;
  }
}
