// つまみを動かすと、あらかじめ NumPy で求めた一枚を選んで見せる。ここでは何も計算しない。
import { content, make, roots, still } from "./parts/dom.js";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const MARGIN = { left: 46, right: 12, top: 28, bottom: 40 };
let made = 0;

class Sliders {
  constructor(root) {
    this.root = root;
    this.id = `sliders-${++made}`;
    this.data = content(root);
    this.at = this.data.controls.map(control => control.start);
    this.build();
    // 高さをすぐに決める。あとから伸びると、この図より下へのつながりが、行き先からずれる。
    this.width = Math.round(this.plots.clientWidth);
    this.show();
    new ResizeObserver(([entry]) => {
      const width = Math.round(entry.contentRect.width);
      if (width !== this.width) { this.width = width; this.draw(); }
    }).observe(this.plots);
  }

  get frame() {
    const { controls, frames } = this.data;
    return frames[this.at.reduce((sum, place, n) => sum * controls[n].values.length + place, 0)];
  }

  build() {
    const { controls, plots, readouts, label } = this.data;
    this.inputs = controls.map((control, n) => (control.choice ? this.choice(control, n) : this.range(control, n)));
    const panel = make("div", { class: "sliders-controls" }, ...this.inputs.map(input => input.box));
    this.plots = make("div", { class: "sliders-plots" });
    this.sheets = plots.map(plot => {
      const sheet = make("div");
      const box = make("div", { class: "sliders-plot" }, make("p", {}, plot.title), sheet);
      const named = plot.fixed.filter(layer => layer.name);
      if (named.length) box.append(this.key(named));
      this.plots.append(box);
      return sheet;
    });
    this.readouts = readouts.map(name => [make("dt", {}, name), make("dd")]);
    const list = make("dl", { class: "sliders-readouts simple" }, ...this.readouts.map(pair => make("div", {}, ...pair)));
    const reset = make("button", { type: "button" }, "最初に戻す");
    reset.addEventListener("click", () => { this.stop(); this.at = controls.map(control => control.start); this.show(); });
    const table = this.root.querySelector(".interactive-table");
    const toggle = make("button", { type: "button", "aria-expanded": "false" }, "表で見る");
    toggle.addEventListener("click", () =>
      toggle.setAttribute("aria-expanded", String(table.classList.toggle("open"))));
    const bar = make("div", { class: "interactive-bar" }, reset, toggle);
    const played = controls.findIndex(control => control.play);
    if (played >= 0 && !still) bar.prepend(this.player(played));
    this.root.prepend(make("div", { class: "interactive-live", role: "group", "aria-label": label }, panel, this.plots, list, bar));
    this.root.classList.add("live");
  }

  choice(control, n) {
    const box = make("fieldset", {}, make("legend", {}, control.label));
    const radios = control.values.map((text, place) => {
      const input = make("input", { type: "radio", name: `${this.id}-${n}`, value: place });
      input.addEventListener("change", () => { this.at[n] = place; this.show(); });
      box.append(make("label", {}, input, text));
      return input;
    });
    return { box, update: () => radios.forEach((radio, place) => { radio.checked = place === this.at[n]; }) };
  }

  range(control, n) {
    const id = `${this.id}-${n}`;
    const input = make("input", { type: "range", id, min: 0, max: control.values.length - 1, step: 1 });
    const output = make("output", { for: id, "aria-live": "off" });
    const track = make("div", { class: "sliders-track" }, input);
    const { mark } = this.data;
    const tick = mark && mark.control === n ? make("span", { class: "sliders-mark", "aria-hidden": "true" }, mark.text) : null;
    if (tick) { track.append(tick); track.classList.add("marked"); }
    input.addEventListener("input", () => { this.stop(); this.at[n] = Number(input.value); this.show(); });
    const update = () => {
      input.value = this.at[n];
      output.textContent = control.values[this.at[n]];
      input.setAttribute("aria-valuetext", `${control.values[this.at[n]]}。${this.frame.say}`);
      if (tick) {
        tick.hidden = this.frame.m === null;
        tick.style.setProperty("--at", this.frame.m);
      }
    };
    return { box: make("div", { class: "sliders-control" }, make("label", { for: id }, control.label, output), track), update };
  }

  key(layers) {
    return make("ul", { class: "sliders-key" }, ...layers.map(layer => {
      const sample = make("svg", { viewBox: "0 0 36 10", "aria-hidden": "true" }, make("line", { class: `line ${layer.s}`, x1: 1, y1: 5, x2: 35, y2: 5 }));
      return make("li", {}, sample, layer.name);
    }));
  }

  player(n) {
    this.button = make("button", { type: "button", class: "main" }, "再生");
    this.button.addEventListener("click", () => {
      if (this.timer) return this.stop();
      const last = this.data.controls[n].values.length - 1;
      if (this.at[n] === last) this.at[n] = 0;
      this.button.textContent = "止める";
      this.timer = setInterval(() => {
        this.at[n] += 1;
        this.show();
        if (this.at[n] === last) this.stop();
      }, 300);
      this.show();
    });
    return this.button;
  }

  stop() {
    if (!this.timer) return;
    clearInterval(this.timer);
    this.timer = 0;
    this.button.textContent = "再生";
  }

  show() {
    this.inputs.forEach(input => input.update());
    this.readouts.forEach(([, value], n) => { value.textContent = this.frame.r[n]; });
    this.draw();
  }

  draw() {
    if (!this.width) return;
    this.data.plots.forEach((plot, n) => {
      const width = Math.floor(this.sheets[n].clientWidth);
      if (width) this.sheets[n].replaceChildren(this.plot(plot, this.frame.d[n], width, n));
    });
  }

  plot(plot, moving, width, n) {
    const inner = Math.min(width - MARGIN.left - MARGIN.right, plot.aspect === 1 ? 300 : width);
    const height = plot.aspect ? inner * plot.aspect + MARGIN.top + MARGIN.bottom : Math.round(Math.min(Math.max(width * 0.62, 230), 320));
    const box = {
      left: MARGIN.left, top: MARGIN.top,
      right: MARGIN.left + inner, bottom: height - MARGIN.bottom,
    };
    const x = v => box.left + ((v - plot.x.low) / (plot.x.high - plot.x.low)) * (box.right - box.left);
    const y = v => box.bottom - ((v - plot.y.low) / (plot.y.high - plot.y.low)) * (box.bottom - box.top);
    const says = `${plot.title}。${this.frame.say}`;
    const svg = make("svg", { height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": says });
    const clip = `${this.id}-clip-${n}`;
    const rect = { x: box.left, y: box.top, width: box.right - box.left, height: box.bottom - box.top };
    svg.append(make("clipPath", { id: clip }, make("rect", rect)));
    this.axes(svg, plot, box, x, y);
    const inside = make("g", { "clip-path": `url(#${clip})` });
    const layers = plot.fixed.flatMap(layer => (layer.t === "by" ? layer.layers[this.at[layer.control]] : [layer]));
    const rasters = moving.filter(layer => layer.t === "raster");
    for (const layer of [...rasters, ...layers, ...moving.filter(layer => layer.t !== "raster")]) this.layer(inside, layer, x, y, box);
    svg.append(inside, make("rect", { class: "frame", ...rect }));
    return svg;
  }

  axes(svg, plot, box, x, y) {
    for (const [at, text] of plot.x.ticks) {
      svg.append(make("line", { class: "grid", x1: x(at), x2: x(at), y1: box.top, y2: box.bottom }),
        make("text", { class: "tick", x: x(at), y: box.bottom + 16, "text-anchor": "middle" }, text));
    }
    for (const [at, text] of plot.y.ticks) {
      svg.append(make("line", { class: "grid", x1: box.left, x2: box.right, y1: y(at), y2: y(at) }),
        make("text", { class: "tick", x: box.left - 6, y: y(at) + 4, "text-anchor": "end" }, text));
    }
    svg.append(make("text", { x: (box.left + box.right) / 2, y: box.bottom + 34, "text-anchor": "middle" }, plot.x.label),
      make("text", { x: 4, y: 14 }, plot.y.label));
  }

  layer(group, layer, x, y, box) {
    const points = (layer.t === "line" || layer.t === "dots") ? layer.x.map((v, n) => [x(v), y(layer.y[n])]) : [];
    if (layer.t === "line") {
      group.append(make("polyline", { class: `line ${layer.s}`, points: points.map(p => p.map(v => v.toFixed(1)).join(",")).join(" ") }));
      if (/walk|norms/.test(layer.s)) this.walk(group, points, layer.s === "walk");
    } else if (layer.t === "dots") {
      for (const [px, py] of points) group.append(layer.s === "class1"
        ? make("rect", { class: layer.s, x: px - 6, y: py - 6, width: 12, height: 12 })
        : make("circle", { class: layer.s === "class0" ? layer.s : `dot ${layer.s}`, cx: px, cy: py, r: layer.s === "class0" ? 6.5 : 5 }));
    } else if (layer.t === "ellipse") {
      group.append(make("ellipse", { class: "ring", cx: x(0), cy: y(0), rx: x(layer.rx) - x(0), ry: y(0) - y(layer.ry) }));
    } else if (layer.t === "rule") {
      const ends = "x" in layer ? { x1: x(layer.x), x2: x(layer.x), y1: box.top, y2: box.bottom } : { x1: box.left, x2: box.right, y1: y(layer.y), y2: y(layer.y) };
      group.append(make("line", { class: "rule", ...ends }));
    } else if (layer.t === "raster") {
      this.raster(group, layer, box);
    }
  }

  walk(group, points, ends) {
    const small = points.length > 25;
    points.forEach(([cx, cy], n) => {
      const end = !ends ? "" : n === 0 ? " first" : n === points.length - 1 ? " last" : "";
      group.append(make("circle", { class: `dot${end}`, cx: cx.toFixed(1), cy: cy.toFixed(1), r: small ? 2.4 : end ? 5 : 3.2 }));
    });
  }

  // 64段階の升目を、なめらかに引き伸ばした絵と、0.5 の境目にする。
  raster(group, { code, span }, box) {
    const { side, colours } = this.data;
    const level = [...code].map(letter => span[0] + ((span[1] - span[0]) * ALPHABET.indexOf(letter)) / 63);
    const canvas = make("canvas", { width: side, height: side });
    const paint = canvas.getContext("2d");
    const picture = paint.createImageData(side, side);
    const channels = colours.map(colour => [1, 3, 5].map(from => parseInt(colour.slice(from, from + 2), 16)));
    level.forEach((value, n) => {
      const place = Math.min(value * (colours.length - 1), colours.length - 1.001);
      const [low, part] = [Math.floor(place), place - Math.floor(place)];
      const at = 4 * ((side - 1 - Math.floor(n / side)) * side + (n % side));
      for (const c of [0, 1, 2]) picture.data[at + c] = channels[low][c] * (1 - part) + channels[low + 1][c] * part;
      picture.data[at + 3] = 255;
    });
    paint.putImageData(picture, 0, 0);
    const cell = (box.right - box.left) / (side - 1);
    group.append(make("image", {
      href: canvas.toDataURL(), x: box.left - cell / 2, y: box.top - cell / 2,
      width: cell * side, height: cell * side, preserveAspectRatio: "none",
    }), make("path", { class: "contour", d: this.contour(span[1] - span[0] < 0.4 ? this.blurred(level, side) : level, side, box, cell) }));
  }

  // ゆるやかな斜面では、64段階の段差が境目をぎざぎざにするので、となりとならす。
  blurred(level, side) {
    const clamp = v => Math.min(Math.max(v, 0), side - 1);
    return level.map((_, n) => {
      const [i, j] = [Math.floor(n / side), n % side];
      let sum = 0;
      for (const di of [-1, 0, 1]) for (const dj of [-1, 0, 1]) sum += (2 - Math.abs(di)) * (2 - Math.abs(dj)) * level[clamp(i + di) * side + clamp(j + dj)];
      return sum / 16;
    });
  }

  contour(level, side, box, cell) {
    const segments = [];
    const at = (i, j) => level[i * side + j] - 0.5;
    const point = (i, j) => [box.left + j * cell, box.bottom - i * cell];
    for (let i = 0; i + 1 < side; i++) {
      for (let j = 0; j + 1 < side; j++) {
        const corners = [[i, j], [i, j + 1], [i + 1, j + 1], [i + 1, j]];
        const cuts = [];
        corners.forEach((from, n) => {
          const to = corners[(n + 1) % 4];
          const [a, b] = [at(...from), at(...to)];
          if (a < 0 === b < 0) return;
          const [p, q, t] = [point(...from), point(...to), a / (a - b)];
          cuts.push(`${(p[0] + t * (q[0] - p[0])).toFixed(1)},${(p[1] + t * (q[1] - p[1])).toFixed(1)}`);
        });
        for (let n = 0; n + 1 < cuts.length; n += 2) segments.push(`M${cuts[n]}L${cuts[n + 1]}`);
      }
    }
    return segments.join("");
  }
}

roots("sliders").forEach(root => new Sliders(root));
