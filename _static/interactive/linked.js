// 応え合う図。全体の絵、一つのニューロンか線の計算、式とプログラムの行の、どれに触れても、同じ数が灯る。
// ステップの図の値は、どれも NumPy が求めたもの。順伝播の図だけは、読者の変えた数から、ここで計算する。
import { content, make, start, still, write } from "./parts/dom.js";
import { number } from "./parts/numbers.js";
import { flow, tall } from "./parts/flow.js";
import { Lights, rove } from "./parts/lighting.js";
import { bar, button, voice } from "./parts/panel.js";
import { settle } from "./parts/paper.js";
import { Overview } from "./parts/overview.js";
import { Pulses } from "./parts/pulses.js";
import { code, formula } from "./parts/tokens.js";
import { Tuning } from "./parts/tuning.js";

// 長い数は1桁に丸める。式の欄の高さを、はじめに決められるように。
const LONG = 7;
const short = value => (number(value).length > LONG ? number(value, 1) : number(value));

// 計算の一つ一つの題、流れ、式は、重ねて組んでおき、いまのものだけを見せる。選ぶたびに、ページを組みなおさないように。
const SHOWN = "[data-of]:not(.away)";

class Linked {
  constructor(root) {
    this.root = root;
    this.data = content(root);
    this.at = 0;
    this.told = !this.data.results.length;
    this.pulses = new Pulses();
    this.overview = new Overview(this.data);
    if (this.data.live) this.tuning = new Tuning(this.data.live, this.data.say, what => this.changed(what));
    this.build();
    this.resize();
    new ResizeObserver(() => this.resize()).observe(this.app);
    if (!still) this.greet();
  }

  // ---- 組み立て ----------------------------------------------------------------------------------

  build() {
    const id = this.data.figure || "linked-forward";
    this.live = voice();
    this.picture = make("div", { class: "linked-picture" }, this.overview.element);
    this.flow = make("div", { class: "linked-flow" });
    this.pages = this.data.units.map((unit, n) => this.page(unit, n));
    this.unit = make("div", { class: "linked-unit", role: "group", "aria-label": "この計算の式" }, ...this.pages);
    this.general = make("div", { role: "group", "aria-label": "どの計算にも使う式" }, formula(this.data.general));
    this.code = make("div", { role: "group", "aria-label": "NumPy のプログラム" }, code(this.data.code, parts => this.describe(parts)));
    this.app = make("div", { class: "interactive-live linked", role: "group", "aria-label": this.data.label },
      ...(this.data.strip ? [this.strip()] : []), ...(this.tuning ? [this.tuning.build(id)] : []),
      make("div", { class: "linked-levels" }, this.picture, make("div", { class: "linked-one" }, this.bar(), this.moves(), this.flow)),
      make("div", { class: `linked-levels${this.data.code.length > 1 ? "" : " linked-stacked"}` },
        make("div", { class: "linked-one" }, make("p", { class: "linked-heading" }, "式"), this.general, this.unit),
        make("div", { class: "linked-one" }, make("p", { class: "linked-heading" }, "NumPy"), this.code, bar(this.root))), this.live.box);
    this.rovers = [[this.picture, "[role=button]"], [this.general, "button"], [this.unit, `${SHOWN} button`], [this.code, "button"]]
      .map(([group, query]) => rove(group, query));
    this.listen();
    this.root.prepend(this.app);
    this.root.classList.add("live");
    settle(this.root, this.data.figure);
    this.lights = new Lights(this.app, parts => this.say(this.describe(parts.join(" "))));
  }

  strip() {
    const { now, cells } = this.data.strip;
    const item = ([line, name, href]) => {
      const link = make("a", { href, "aria-label": `行${line} ${name}`, ...(line === now && { "aria-current": "step" }) }, line);
      return make("li", {}, link);
    };
    const here = cells.find(([line]) => line === now);
    return make("nav", { class: "linked-strip", "aria-label": "五行の手順の、いまの行" },
      make("ol", {}, ...cells.map(item)), make("p", {}, `いまここ: 行${here[0]} ${here[1]}`));
  }

  // 一つの計算の題と、前後の計算へのボタン。
  moves() {
    const { units } = this.data;
    const step = (sign, words, by) => {
      const made = button(sign, () => this.open((this.at + by + units.length) % units.length, true));
      made.setAttribute("aria-label", words);
      return made;
    };
    this.titles = units.map(({ title }, n) => make("span", { "data-of": n }, title, make("span", { class: "linked-count" }, this.place(n))));
    const words = make("p", { class: "linked-title" }, ...this.titles);
    return make("div", { class: "linked-moves" }, step("‹", "前の計算", -1), words, step("›", "次の計算", 1));
  }

  place(at) { return `${at + 1} / ${this.data.units.length}`; }

  page({ items }, n) {
    return make("div", { "data-of": n }, formula(items, this.data.math));
  }

  stream({ flow: parts }, n) {
    const drawn = flow(this.wide, tall(Math.max(...this.data.units.map(({ flow: { in: inputs } }) => inputs.length))), parts);
    drawn.dataset.of = n;
    return drawn;
  }

  bar() {
    this.play = button("", () => this.run());
    this.play.classList.add("main", "linked-play");
    this.hide = button("答えを伏せる", () => this.tell(false));
    return make("div", { class: "interactive-bar" }, this.play, ...(this.data.results.length ? [this.hide] : []));
  }

  listen() {
    this.picture.addEventListener("click", event => this.pick(event.target));
    this.picture.addEventListener("focusin", event => { if (event.target.matches(":focus-visible")) this.pick(event.target); });
    this.picture.addEventListener("keydown", event => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      event.target.dispatchEvent(new MouseEvent("click", { bubbles: true }));
    });
  }

  // ---- 選ぶ、動かす ------------------------------------------------------------------------------

  pick(target) {
    const place = target.closest("[data-open]");
    if (place) this.open(this.data.opens[place.dataset.open]);
    if (this.tuning) this.adjust(target);
  }

  // 触れた入力、重み、バイアスを、動かす数にする。
  adjust(target) {
    const near = target.closest("[data-id]");
    const all = near ? near.dataset.part.split(" ") : [];
    const knob = all.find(part => this.tuning.knobs.includes(part));
    if (knob) this.tuning.choose(knob);
  }

  open(at, speak = false) {
    if (at !== this.at) { this.at = at; this.show(); }
    if (speak) this.say(`${this.place(at)}。${this.data.units[at].title}`);
  }

  run() {
    if (this.pulses.running) return this.pulses.stop();
    if (still) return this.tell(true);
    this.travel(1, () => this.tell(true));
  }

  travel(rounds, then) {
    this.app.classList.add("moving");
    this.pulses.run(this.overview.pulses, this.overview.moves(), rounds, () => {
      this.app.classList.remove("moving");
      then();
      this.name();
    });
    this.name();
  }

  // はじめて見えたときに、一度だけ動いて見せる。答えは伏せたまま。
  greet() {
    const seen = new IntersectionObserver(([entry]) => {
      if (!entry.isIntersecting) return;
      seen.disconnect();
      if (!this.pulses.running) this.travel(1, () => {});
    }, { threshold: 0.7 });
    seen.observe(this.picture);
  }

  tell(told) {
    this.told = told || !this.data.results.length;
    this.write();
    if (this.data.results.length) this.say(told ? `計算しました。${this.outcome()}` : "答えを伏せました");
    else this.say(this.outcome());
  }

  changed(what) {
    const values = this.values();
    this.write(values);
    this.say(`${what}。${this.outcome(values)}`);
  }

  // ---- 数 ----------------------------------------------------------------------------------------

  values() {
    if (!this.tuning) return this.data.values;
    return Object.fromEntries(Object.entries(this.tuning.values()).map(([part, value]) => [part, short(value)]));
  }

  hidden(part) { return !this.told && this.data.results.some(kind => part.startsWith(kind)); }

  // いまの計算と、全体の絵。ほかの計算の数は、選ばれたときに書く。
  get now() { return [this.picture, this.pages[this.at], this.streams[this.at]]; }

  // 変わったところだけを書く。つまみを動かすたびに、ページを組みなおさないように。
  write(values = this.values(), places = this.now) {
    for (const element of places.flatMap(place => [...place.querySelectorAll("[data-value]")])) {
      const { value, next, signed } = element.dataset;
      const part = next && this.told ? next : value;
      const text = this.hidden(part) ? "？" : values[part];
      const shown = signed !== undefined && text.startsWith("−") ? `(${text})` : text;
      write(element, shown);
    }
    if (this.tuning) this.source();
    this.name();
    this.label(values);
  }

  // 押せるものの名前には、見えている字をそのまま入れる。声で選ぶ人は、見えるとおりに呼ぶ。
  label(values) {
    const name = (element, words) => { if (element.getAttribute("aria-label") !== words) element.setAttribute("aria-label", words); };
    const seen = element => element.textContent.trim().replaceAll("？", "？（まだ計算していません）");
    const told = part => this.data.say[part];
    for (const element of this.pages[this.at].querySelectorAll("[data-say]")) name(element, `${told(element.dataset.say)}、${seen(element)}`);
    for (const element of this.picture.querySelectorAll(".linked-node")) name(element, `${element.dataset.name}、${seen(element)}`);
    for (const element of this.picture.querySelectorAll(".linked-wire[role]")) name(element, this.describe(element.dataset.part, values));
    name(this.streams[this.at], `${this.data.units[this.at].title}の計算の流れ。${this.outcome(values)}`);
  }

  source() {
    for (const element of this.code.querySelectorAll("[data-source]")) {
      const shown = element.dataset.source.replace("{hidden}", this.tuning.net.hidden);
      write(element, shown);
    }
  }

  name() {
    write(this.play, this.pulses.running ? "止める" : this.tuning ? "流して見る" : this.told ? "もう一度動かす" : "計算する");
    this.hide.setAttribute("aria-disabled", String(!this.told));
  }

  describe(parts, values = this.values()) {
    const known = parts.split(" ").filter(part => this.data.say[part]);
    const one = part => `${this.data.say[part]}${this.hidden(part) ? "（まだ計算していません）" : ` ${values[part]}`}`;
    return known.length > 6 ? `${one(known[0])} など ${known.length} 個` : known.map(one).join("、");
  }

  outcome(values = this.values()) {
    const { out } = this.data.units[this.at].flow;
    if (this.tuning) return `出力は ${this.data.live.b2.map((_, j) => values[`a2_${j + 1}`]).join("、")}`;
    return this.describe(out, values);
  }

  say(text) { this.live.tell(text); }

  // ---- 画面 --------------------------------------------------------------------------------------

  show() {
    for (const stack of [this.titles, this.streams, this.pages]) stack.forEach((one, n) => one.classList.toggle("away", n !== this.at));
    this.overview.choose(this.data.units[this.at].at);
    this.write();
    this.rovers.forEach(refresh => refresh());
    if (this.lights) this.lights.show();
  }

  // 幅を覚え、式の欄の高さを決める。数が変わっても、下のものが動かないように。
  resize() {
    const width = Math.round(this.picture.clientWidth);
    if (width === this.width || !width) return;
    this.width = width;
    this.wide = Math.round(this.flow.clientWidth);
    this.pulses.stop();
    this.overview.draw(width);
    this.unit.style.minHeight = "";
    this.streams = this.data.units.map((unit, n) => this.stream(unit, n));
    this.flow.replaceChildren(...this.streams);
    const { told } = this;
    this.told = true;
    this.write(this.longest(), this.pages);
    this.told = told;
    this.unit.style.minHeight = `${Math.ceil(this.unit.getBoundingClientRect().height)}px`;
    this.show();
  }

  // 読者の変えた数は長さも変わるので、いちばん長いものを入れて測る。
  longest() {
    if (!this.tuning) return this.data.values;
    const { knobs } = this.tuning;
    return Object.fromEntries(Object.keys(this.tuning.values()).map(part =>
      [part, knobs.includes(part) ? "−0.001" : "−0.0123"]));
  }
}

start("linked", Linked);
