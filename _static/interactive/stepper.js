// 順伝播から更新までを一歩ずつ見せる。数はすべて、ノートブックの出力に入っているものを、そのまま書く。
import { content, make, roots } from "./parts/dom.js";

const WIDE = 560; // これより広ければ左から右へ、狭ければ上から下へ描く
const CELL = { width: 64, height: 46 };

// 上つきと下つきのある記号。たとえば symbol("z", 1, 2)。
function symbol(base, sup, sub, kind = "name") {
  const parts = [make("tspan", { class: `${kind} symbol` }, base)];
  if (sup !== "") parts.push(make("tspan", { class: `${kind} script`, dy: -5 }, String(sup)));
  if (sub !== "") parts.push(make("tspan", { class: `${kind} script`, dy: sup === "" ? 4 : 9, dx: sup === "" ? 0 : -5 }, String(sub)));
  const down = (sup !== "" ? -5 : 0) + (sub !== "" ? (sup === "" ? 4 : 9) : 0);
  return { parts, dy: -down };
}

// 場所の表。入力、隠れ層、出力の中央と、線の両端。
function layout(width) {
  if (width >= WIDE) {
    const [left, middle, right] = [width * 0.09, width * 0.44, width * 0.82];
    return {
      across: true, height: 272,
      nodes: { "0_1": [left, 60], "0_2": [left, 208], "1_1": [middle, 60], "1_2": [middle, 208], "2_1": [right, 118] },
    };
  }
  const [left, right] = [width * 0.27, width * 0.73];
  return {
    across: false, height: 488,
    nodes: { "0_1": [left, 30], "0_2": [right, 30], "1_1": [left, 178], "1_2": [right, 178], "2_1": [width / 2, 350] },
  };
}

class Stepper {
  constructor(root) {
    this.root = root;
    this.data = content(root);
    this.example = this.data.first;
    this.at = 0;
    this.build();
    // 高さをすぐに決める。あとから伸びると、この図より下へのつながりが、行き先からずれる。
    this.fit(Math.round(this.picture.clientWidth));
    this.show(false);
    new ResizeObserver(([entry]) => {
      const width = Math.round(entry.contentRect.width);
      if (width !== this.width) { this.fit(width); this.draw(); }
    }).observe(this.picture);
  }

  get step() { return this.data.steps[this.at]; }
  get values() { return this.data.examples[this.example].values; }

  build() {
    const { steps, examples, label } = this.data;
    const button = (text, name, move) => {
      const made = make("button", { type: "button", "data-move": name }, text);
      made.addEventListener("click", () => { if (made.getAttribute("aria-disabled") !== "true") this.go(move()); });
      return made;
    };
    this.buttons = {
      first: button("最初", "first", () => 0),
      back: button("前", "back", () => this.at - 1),
      next: button("次", "next", () => this.at + 1),
      last: button("最後", "last", () => steps.length - 1),
    };
    this.buttons.next.classList.add("main");
    this.count = make("span", { class: "stepper-count" });
    const choices = make("fieldset", {}, make("legend", {}, "例"));
    examples.forEach((example, n) => {
      const input = make("input", { type: "radio", name: `${this.root.id || "stepper"}-example`, value: n });
      input.checked = n === this.example;
      input.addEventListener("change", () => { this.example = n; this.fit(this.width); this.show(); });
      choices.append(make("label", {}, input, `${example.name} 目標 ${example.target}`));
    });
    this.picture = make("div", { class: "stepper-picture" });
    const key = make("ul", { class: "stepper-key" },
      make("li", {}, make("span", { class: "f" }, "青"), ": 順伝播の値"),
      make("li", {}, make("span", { class: "b" }, "朱"), ": 誤差項と勾配"),
      make("li", {}, "線の上: 重み。ニューロンの左が加重和、右が活性"));
    this.panel = make("div", { class: "stepper-panel" });
    this.progress = make("ol", { class: "stepper-progress", "aria-label": "手順の一覧" });
    this.dots = [];
    let group = null;
    steps.forEach((step, n) => {
      if (!group || group.phase !== step.phase) {
        group = make("ol", {});
        group.phase = step.phase;
        this.progress.append(make("li", {}, make("span", { class: "phase" }, step.phase), group));
      }
      const dot = make("button", { type: "button", "aria-label": `${n} ${step.title}`, title: step.title });
      dot.addEventListener("click", () => this.go(n));
      this.dots.push(dot);
      group.append(make("li", {}, dot));
    });
    this.live = make("p", { class: "interactive-hidden", "aria-live": "polite" });
    const table = this.root.querySelector(".interactive-table");
    const toggle = make("button", { type: "button", "aria-expanded": "false" }, "表で見る");
    toggle.addEventListener("click", () =>
      toggle.setAttribute("aria-expanded", String(table.classList.toggle("open"))));
    const bar = make("div", { class: "interactive-bar moves" }, ...Object.values(this.buttons), this.count);
    const app = make("div", { class: "interactive-live stepper", role: "group", "aria-label": label, tabindex: 0 },
      choices, this.picture, key, bar, this.panel, this.progress,
      make("div", { class: "interactive-bar" }, make("span", {}, "← → キー、絵を左右になでても進めます。"), toggle), this.live);
    app.addEventListener("keydown", event => this.key(event));
    this.swipe(this.picture);
    this.root.prepend(app);
    this.root.classList.add("live");
  }

  key(event) {
    if (event.target.type === "radio" || event.altKey || event.ctrlKey || event.metaKey) return;
    const last = this.data.steps.length - 1;
    const to = { ArrowRight: this.at + 1, ArrowLeft: this.at - 1, Home: 0, End: last }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    this.go(to);
  }

  swipe(element) {
    let start = null;
    element.addEventListener("pointerdown", event => { start = [event.clientX, event.clientY]; });
    element.addEventListener("pointerup", event => {
      if (!start) return;
      const [dx, dy] = [event.clientX - start[0], event.clientY - start[1]];
      start = null;
      if (Math.abs(dx) > 40 && Math.abs(dx) > 2 * Math.abs(dy)) this.go(this.at + (dx < 0 ? 1 : -1));
    });
  }

  go(to) {
    const place = Math.min(Math.max(to, 0), this.data.steps.length - 1);
    if (place === this.at) return;
    this.at = place;
    this.show();
  }

  show(speak = true) {
    const { steps, examples } = this.data;
    const { step } = this;
    const sums = examples[this.example].sums[this.at];
    const last = steps.length - 1;
    this.count.textContent = `${this.at} / ${last}`;
    const off = (button, disabled) => button.setAttribute("aria-disabled", String(disabled));
    off(this.buttons.first, this.at === 0); off(this.buttons.back, this.at === 0);
    off(this.buttons.next, this.at === last); off(this.buttons.last, this.at === last);
    this.dots.forEach((dot, n) => {
      dot.classList.toggle("done", n < this.at);
      if (n === this.at) dot.setAttribute("aria-current", "step"); else dot.removeAttribute("aria-current");
    });
    this.panel.replaceChildren(this.explained(step, sums));
    this.draw();
    if (speak) this.live.textContent = `${last} のうち ${this.at}。${this.describe()}`;
  }

  // 一つの手順の説明。
  explained(step, sums) {
    const formulas = make("div", { class: "stepper-formulas", tabindex: -1 });
    formulas.innerHTML = step.formulas.map(formula => `<span>${formula}</span>`).join("");
    const lines = make("div", { class: "stepper-sums" });
    lines.innerHTML = sums.map(line => `<p>${line}</p>`).join("");
    const see = make("p", {}, "くわしくは、");
    see.append(make("a", { href: step.see[1] }, step.see[0]));
    const title = make("p", { class: "stepper-title" }, `${step.phase}: ${step.title}`);
    const shapes = make("p", { class: "stepper-shapes" }, `形: ${step.shapes}`);
    return make("div", { class: "stepper-page" }, title, ...(step.formulas.length ? [formulas, shapes, lines] : []),
      make("p", {}, step.note), see);
  }

  // 絵の幅を覚え、説明の欄を、いちばん長い説明の高さに決める。手順を進めても、下のものが動かないように。
  // いまの例の説明を、一度に並べて測る。一つずつ入れ替えて測ると、そのたびにページが組みなおされる。
  fit(width) {
    this.width = width;
    const { sums } = this.data.examples[this.example];
    const shown = [...this.panel.childNodes];
    const pages = this.data.steps.map((step, n) => this.explained(step, sums[n]));
    this.panel.replaceChildren(...pages);
    this.panel.style.minHeight = `${Math.max(...pages.map(page => page.offsetHeight))}px`;
    this.panel.replaceChildren(...shown);
  }

  describe() {
    const shown = this.at === 0 ? [] : this.step.shows.map(name => this.values[name]);
    return `${this.step.phase}: ${this.step.title}。${shown.length ? `値は ${shown.join("、")}。` : ""}`;
  }

  // いままでの手順で現れた値。更新のあとの値 n… があれば、そちらを見せる。
  known() {
    const found = {};
    for (const step of this.data.steps.slice(0, this.at + 1)) for (const name of step.shows) found[name] = this.values[name];
    return found;
  }

  draw() {
    if (!this.width) return;
    const plan = layout(this.width);
    const known = this.known();
    const svg = make("svg", { height: plan.height, viewBox: `0 0 ${this.width} ${plan.height}`, role: "img", "aria-label": this.describe() });
    const now = new Set(this.at ? this.step.shows : []);
    const wires = [];
    for (const l of [1, 2]) for (let j = 1; j <= 3 - l; j++) for (const k of [1, 2]) wires.push({ l, j, k, name: `${l}_${j}${k}` });
    wires.forEach(wire => this.wire(svg, plan, wire));
    for (const name of Object.keys(plan.nodes)) this.node(svg, plan, name, known, now);
    wires.forEach(wire => this.weight(svg, plan, wire, known, now));
    this.output(svg, plan, known, now);
    this.picture.replaceChildren(svg);
  }

  ends(plan, { l, j, k }) {
    const [from, to] = [plan.nodes[`${l - 1}_${k}`], plan.nodes[`${l}_${j}`]];
    const [dx, dy] = plan.across ? [1, 0] : [0, 1];
    const out = l === 1 ? 26 : plan.across ? CELL.width : CELL.height / 2;
    const into = (plan.across ? CELL.width : CELL.height / 2) + 3;
    return [[from[0] + dx * out, from[1] + dy * out], [to[0] - dx * into, to[1] - dy * into]];
  }

  wire(svg, plan, wire) {
    const [a, b] = this.ends(plan, wire);
    const lit = this.step.wires.includes(wire.name);
    const way = lit ? this.step.way : "";
    const line = (p, q, kind) => svg.append(make("line", { class: kind, x1: p[0], y1: p[1], x2: q[0], y2: q[1] }));
    const gradients = lit && (way === "u" || /ステップ4/.test(this.step.title));
    if (gradients) line(a, b, "glow");
    if (!way || way === "u") return line(a, b, "wire");
    const [from, to] = way === "f" ? [a, b] : [b, a];
    const length = Math.hypot(to[0] - from[0], to[1] - from[1]);
    const [ux, uy] = [(to[0] - from[0]) / length, (to[1] - from[1]) / length];
    const base = [to[0] - 11 * ux, to[1] - 11 * uy];
    line(from, base, `wire ${way}`);
    const tip = [to, [base[0] - 5.5 * uy, base[1] + 5.5 * ux], [base[0] + 5.5 * uy, base[1] - 5.5 * ux]];
    svg.append(make("polygon", { class: `head ${way}`, points: tip.map(p => p.join(",")).join(" ") }));
  }

  // 値。名前 data-value は、検査が NumPy の値と比べるのに使う。
  value(name, known, now, kind) {
    const shown = `n${name}` in known ? `n${name}` : name;
    return make("tspan", { class: `${kind}${now.has(shown) ? " now" : ""}`, "data-value": shown }, known[shown]);
  }

  text(svg, x, y, anchor, ...children) {
    const element = make("text", { x, y, "text-anchor": anchor });
    element.append(...children);
    svg.append(element);
    return element;
  }

  // 地の上に書く文字。線の上の文字と違い、まわりを白く抜かない。
  inside(svg, x, y, ...children) {
    this.text(svg, x, y, "middle", ...children).classList.add("in");
  }

  labelled(svg, x, y, anchor, mark, ...values) {
    const equal = make("tspan", { class: "name", dy: mark.dy }, " = ");
    this.text(svg, x, y, anchor, ...mark.parts, equal, ...values);
  }

  node(svg, plan, name, known, now) {
    const [x, y] = plan.nodes[name];
    const [l, j] = name.split("_").map(Number);
    if (l === 0) {
      svg.append(make("circle", { class: "cell", cx: x, cy: y, r: 25 }));
      const mark = symbol("x", "", j);
      this.inside(svg, x, y - 4, ...mark.parts);
      return this.inside(svg, x, y + 14, this.value(`x${j}`, known, now, "f"));
    }
    const { width, height } = CELL;
    const cells = [[`z${l}_${j}`, -width, symbol("z", l, j)], [`a${l}_${j}`, 0, l === 2 ? symbol("ŷ", "", "") : symbol("a", l, j)]];
    for (const [key, shift, mark] of cells) {
      const lit = this.step.nodes.includes(key) || (key[0] === "z" && this.step.nodes.includes(`d${l}_${j}`));
      svg.append(make("rect", { class: `cell${lit ? " lit" : ""}`, x: x + shift, y: y - height / 2, width, height, rx: 8 }));
      this.inside(svg, x + shift + width / 2, y - 5, ...mark.parts);
      if (key in known) this.inside(svg, x + shift + width / 2, y + 15, this.value(key, known, now, "f"));
    }
    const bias = [this.value(`b${l}_${j}`, known, now, this.step.nodes.includes(`b${l}_${j}`) ? "lit" : "")];
    if (`gb${l}_${j}` in known) bias.push(make("tspan", { class: "name" }, " 勾配 "), this.value(`gb${l}_${j}`, known, now, "b"));
    const delta = `d${l}_${j}` in known;
    let [anchor, bx, by, dx, dy] = ["middle", x, y - height / 2 - 10, x, y + height / 2 + 20];
    if (!plan.across && l === 1) {
      const side = j === 1 ? -1 : 1;
      [anchor, bx, by, dy] = [side < 0 ? "start" : "end", side < 0 ? 2 : this.width - 2, y + height / 2 + 17, y + height / 2 + 36];
      dx = bx;
    } else if (!plan.across) {
      [by, dy] = [y + height / 2 + 18, y + height / 2 + 38];
    }
    this.labelled(svg, bx, by, anchor, symbol("b", l, j), ...bias);
    if (delta) this.labelled(svg, dx, dy, anchor, symbol("δ", l, j, "b"), this.value(`d${l}_${j}`, known, now, "b"));
  }

  weight(svg, plan, wire, known, now) {
    const [a, b] = this.ends(plan, wire);
    const t = wire.l === 2 ? 0.5 : plan.across ? 0.7 : 0.66;
    const [x, y] = [a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])];
    const lit = this.step.wires.includes(wire.name) ? "lit" : "";
    const gradient = `gw${wire.name}`;
    this.text(svg, x, gradient in known ? y - 2 : y + 3, "middle", this.value(`w${wire.name}`, known, now, lit));
    if (gradient in known) this.text(svg, x, y + 15, "middle", this.value(gradient, known, now, "b"));
  }

  // 出力のまわりの、目標、出力の勾配、損失。
  output(svg, plan, known, now) {
    const [x, y] = plan.nodes["2_1"];
    const below = y + CELL.height / 2;
    const places = plan.across ? [y - 60, below + 44, below + 66] : [below + 62, below + 84, below + 106];
    const rows = [["目標 y", "name", "y", ""], ["∂ℒ/∂ŷ", "b", "dy", "b"], ["損失 ℒ", "name", "loss", "f"]];
    rows.forEach(([name, kind, key, colour], n) => {
      if (key in known) this.text(svg, x, places[n], "middle", make("tspan", { class: kind }, `${name} = `), this.value(key, known, now, colour));
    });
  }
}

roots("stepper").forEach(root => new Stepper(root));
