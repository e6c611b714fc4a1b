// 等高線の上に出発点を選び、勾配降下法の道を見る。
import { make, start } from "./parts/dom.js";
import { cost, descend } from "./parts/kernels/valleys.js";
import { number } from "./parts/numbers.js";
import { OnPlane } from "./parts/onplane.js";
import { tabulate } from "./parts/panel.js";
import { contour, draw, sheet } from "./parts/plot.js";

class Valleys extends OnPlane {
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

  mark(moving) {
    const path = [0, 1].map(n => this.path.map(w => clamped(w[n])));
    draw({ ...this.base, inside: moving }, { t: "line", s: "walk", x: path[0], y: path[1] });
  }

  ground(width) {
    const { plane, bottoms, levels, rows, columns, grid } = this.data;
    const made = sheet(plane, width, plane.title);
    const { inside, box, x, y } = made;
    const point = (i, j) => [box.left + (j / (columns - 1)) * (box.right - box.left), box.bottom - (i / (rows - 1)) * (box.bottom - box.top)];
    levels.forEach(level => inside.append(
      make("path", { class: level < 0 ? "level low" : "level", d: contour(grid, rows, columns, level, point) })));
    inside.append(...bottoms.map(([a, b]) => make("path", { class: "bottom", d: `M${x(a) - 6},${y(b)}h12m-6,-6v12` })));
    const names = bottoms.map(([a, b], n) =>
      make("text", { class: "valley-name", x: x(a), y: y(b) + 22, "text-anchor": "middle" }, ["深い谷", "浅い谷"][n]));
    return { ...made, names };
  }

  beside() { return [{ t: "line", s: "walk", from: 0, y: this.path.map(w => Math.min(cost(...w), 99)) }]; }
}

const clamped = v => Math.min(Math.max(v, -20), 20);  // 枠の外の点は、線の向きがわかるところまで
const pair = ([a, b]) => `(${number(a)}, ${number(b)})`;

start("valleys", Valleys);
