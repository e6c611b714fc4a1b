// 読者の変えられる順伝播: 選んだ入力、重み、バイアスの値と、隠れ層の活性化関数。
import { make } from "./dom.js";
import { forward } from "./engine.js";
import { split } from "./symbols.js";

const STEP = 0.05, DECIMALS = 3;

// 部分の名前から、行列の名前と、行と列。
function cell(part) {
  const [kind, layer, place] = split(part);
  if (kind === "a") return ["x", Number(place) - 1, 0];
  return [kind === "w" ? `W${layer}` : `b${layer}`, Number(place[0]) - 1, kind === "w" ? Number(place[1]) - 1 : 0];
}

export class Tuning {
  constructor(live, say, changed) {
    this.start = live;
    this.limit = live.limit;
    this.say = say;
    this.changed = changed;
    this.reset();
    this.knobs = Object.keys(say).filter(part => /^(a0|w|b)/.test(part));
    this.chosen = this.knobs[0];
  }

  reset() {
    const { W1, b1, W2, b2, x, hidden, output } = structuredClone(this.start);
    this.net = { W1, b1, W2, b2, hidden, output };
    this.x = x;
  }

  get(part) {
    const [name, row, column] = cell(part);
    return (name === "x" ? this.x : this.net[name])[row][column];
  }

  set(part, given) {
    const [name, row, column] = cell(part);
    const kept = Math.min(Math.max(given, -this.limit), this.limit);
    (name === "x" ? this.x : this.net[name])[row][column] = Number(kept.toFixed(DECIMALS));
  }

  // 部分の名前から、いまの値。
  values() {
    const record = forward(this.net, this.x);
    const found = {};
    const each = (prefix, column) => column.forEach((row, j) => { found[`${prefix}_${j + 1}`] = row[0]; });
    each("a0", this.x);
    for (const l of [1, 2]) {
      const before = record[`A${l - 1}`];
      each(`b${l}`, this.net[`b${l}`]);
      each(`z${l}`, record[`Z${l}`]);
      each(`a${l}`, record[`A${l}`]);
      this.net[`W${l}`].forEach((row, j) => row.forEach((w, k) => {
        found[`w${l}_${j + 1}${k + 1}`] = w;
        found[`p${l}_${j + 1}${k + 1}`] = w * before[k][0];
      }));
    }
    return found;
  }

  build(id) {
    const option = part => make("option", { value: part }, this.say[part]);
    this.select = make("select", { id: `${id}-knob` }, ...this.knobs.map(option));
    this.range = make("input", { type: "range", min: -4, max: 4, step: STEP, "aria-label": "選んだ数の値" });
    this.field = make("input", { type: "number", min: -this.limit, max: this.limit, step: STEP, "aria-label": "選んだ数の値を打ちこむ" });
    this.select.addEventListener("change", () => this.choose(this.select.value));
    this.range.addEventListener("input", () => this.move(this.range.valueAsNumber));
    this.field.addEventListener("change", () => this.move(this.field.valueAsNumber));
    const radios = this.start.choices.map(([name, title]) => {
      const input = make("input", { type: "radio", name: `${id}-hidden`, value: name });
      input.checked = name === this.net.hidden;
      input.addEventListener("change", () => { this.net.hidden = name; this.changed(`隠れ層は${title}`); });
      return make("label", {}, input, title);
    });
    const back = make("button", { type: "button" }, "最初に戻す");
    back.addEventListener("click", () => this.restart());
    this.choose(this.chosen);
    return make("div", { class: "linked-tuning" },
      make("div", { class: "linked-knob" }, make("label", { for: `${id}-knob` }, "動かす数"), this.select, this.range, this.field),
      make("div", { class: "interactive-bar" }, make("fieldset", {}, make("legend", {}, "隠れ層"), ...radios), back));
  }

  restart() {
    this.reset();
    for (const input of this.select.closest(".linked-tuning").querySelectorAll("input[type=radio]")) input.checked = input.value === this.net.hidden;
    this.choose(this.chosen);
    this.changed("最初の値に戻しました");
  }

  choose(part) {
    this.chosen = part;
    this.select.value = part;
    this.range.value = this.field.value = this.get(part);
  }

  move(given) {
    if (Number.isFinite(given)) this.set(this.chosen, given);
    this.choose(this.chosen);
    this.changed(this.say[this.chosen]);
  }
}
