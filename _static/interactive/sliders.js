// つまみを動かすと、あらかじめ NumPy で求めた一枚を選んで見せる。ここでは何も計算しない。
import { content, make, start, still, write } from "./parts/dom.js";
import { across, bar, button, choice, mount, range, readouts, watch } from "./parts/panel.js";
import { settle } from "./parts/paper.js";
import { draw, hang, key, renewed } from "./parts/plot.js";
import { raster } from "./parts/raster.js";

class Sliders {
  constructor(root) {
    this.root = root;
    this.data = content(root);
    this.at = this.data.controls.map(control => control.start);
    this.made = [];
    this.build();
    this.show();
    watch(() => this.draw(), ...this.sheets);
  }

  // controls で選んだところの、並びの中での番号。
  place(controls) {
    return controls.reduce((sum, n) => sum * this.data.controls[n].values.length + this.at[n], 0);
  }

  get frame() { return this.data.frames[this.place(this.data.controls.map((_, n) => n))]; }

  build() {
    const { controls, plots, frames, label } = this.data;
    this.inputs = controls.map((control, n) => (control.choice ? this.choice(control, n) : this.range(control, n)));
    const panel = make("div", { class: "sliders-controls" }, ...this.inputs.map(input => input.box));
    this.plots = make("div", { class: "sliders-plots" });
    this.sheets = plots.map(plot => {
      const place = make("div");
      const box = make("div", { class: "sliders-plot" }, make("p", {}, plot.title), place);
      const named = plot.fixed.filter(layer => layer.name);
      if (named.length) box.append(key(named));
      this.plots.append(box);
      return place;
    });
    const longest = this.data.readouts.map((_, n) => frames.map(frame => frame.r[n]).reduce((a, b) => (b.length > a.length ? b : a)));
    this.readouts = readouts(this.data.readouts, longest);
    const reset = button("最初に戻す", () => { this.stop(); this.at = controls.map(control => control.start); this.show(); });
    const played = controls.findIndex(control => control.play);
    const buttons = played >= 0 && !still ? [this.player(played), reset] : [reset];
    mount(this.root, label, panel, this.plots, this.readouts.list, bar(this.root, ...buttons));
    settle(this.root, this.data.figure);
  }

  choice(control, n) {
    const made = choice(control, place => {
      this.at[n] = place;
      if (control.homes) this.at[n + 1] = control.homes[place];
      this.show();
    });
    if (control.homes) made.box.classList.add("sliders-many");
    made.box.querySelectorAll("input").forEach((input, place) => { if (control.says) input.setAttribute("aria-label", control.says[place]); });
    return { box: made.box, update: () => made.set(this.at[n]) };
  }

  range(control, n) {
    const ends = { label: control.label, low: 0, high: control.values.length - 1, step: 1 };
    const made = range(ends, place => { this.stop(); this.at[n] = place; this.show(); });
    const { mark } = this.data;
    const tick = mark && mark.control === n ? make("span", { class: "sliders-mark", "aria-hidden": "true" }, mark.text) : null;
    if (tick) { made.track.append(tick); made.track.classList.add("marked"); }
    const update = () => {
      made.set(this.at[n], control.values[this.at[n]], this.frame.say);
      if (!tick) return;
      tick.hidden = this.frame.m === null;
      tick.style.setProperty("--at", this.frame.m);
    };
    return { box: made.box, update };
  }

  player(n) {
    this.button = button("再生", () => {
      if (this.timer) return this.stop();
      const last = this.data.controls[n].values.length - 1;
      if (this.at[n] === last) this.at[n] = 0;
      write(this.button, "止める");
      this.timer = setInterval(() => {
        this.at[n] += 1;
        this.show();
        if (this.at[n] === last) this.stop();
      }, 300);
      this.show();
    }, { class: "main" });
    return this.button;
  }

  stop() {
    if (!this.timer) return;
    clearInterval(this.timer);
    this.timer = 0;
    write(this.button, "再生");
  }

  show() {
    this.inputs.forEach(input => input.update());
    this.readouts.set(this.frame.r);
    this.draw();
  }

  draw() {
    this.data.plots.forEach((plot, n) => {
      const width = across(this.sheets[n]);
      if (!width) return;
      this.made[n] = this.plot(plot, this.frame.d[n], renewed(this.made[n], plot, width, `${plot.title}。${this.frame.say}`));
      hang(this.sheets[n], this.made[n]);
    });
  }

  plot(plot, moving, made) {
    const { side, colours } = this.data;
    const layers = plot.fixed.flatMap(layer => (layer.t === "by" ? layer.layers[this.place(layer.controls ?? [layer.control])] : [layer]));
    moving.filter(layer => layer.t === "raster").forEach(layer => raster(made, layer, side, colours));
    [...layers, ...moving].forEach(layer => draw(made, layer));
    return made;
  }
}

start("sliders", Sliders);
