// η と μ の平面の上で点を動かし、モーメンタムの歩みを見る。
import { make, start, unique } from "./parts/dom.js";
import { largest, region, walk } from "./parts/kernels/momentum.js";
import { number } from "./parts/numbers.js";
import { OnPlane } from "./parts/onplane.js";
import { tabulate } from "./parts/panel.js";
import { draw, sheet } from "./parts/plot.js";

const START = 1;

class Plane extends OnPlane {
  key() {
    this.id = unique("plane");
    const numbered = this.data.regions.map(({ name }, n) => make("li", {}, this.sample(n), name));
    this.names = make("ol", { class: "plane-key" }, ...numbered);
    return [this.names];
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
    this.names.querySelectorAll("li").forEach((item, n) => item.classList.toggle("now", n === region(...this.at)));
    this.draw();
  }

  mark(moving) {
    const { x, y } = this.base;
    moving.append(make("circle", { class: "dot now", cx: x(this.at[0]), cy: y(this.at[1]), r: 7 }));
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
    return made;
  }

  beside() {
    const beyond = this.path.findIndex(w => Math.abs(w) > 1e3);
    const seen = beyond < 0 ? this.path : this.path.slice(0, beyond + 1);
    return [{ t: "rule", y: 0 }, { t: "line", s: "walk", from: 0, y: seen }];
  }
}

start("plane", Plane);
