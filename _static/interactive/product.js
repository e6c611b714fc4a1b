// 行列の積: ますに触れると、それを作る行と列が灯る。積のますは、予想してから見る。灯すますとことばは、Python が選んである。
import { content, make, start, write } from "./parts/dom.js";
import { number } from "./parts/numbers.js";
import { bar, button, choice, mount } from "./parts/panel.js";
import { settle } from "./parts/paper.js";
import { off, read, same } from "./parts/reading.js";

const STEPS = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0], Home: [0, -9], End: [0, 9] };

class Product {
  constructor(root) {
    this.root = root;
    this.data = content(root);
    this.found = this.data.ways.map(way => new Set(way.opened));
    this.build();
    this.restart(0);
  }

  build() {
    const { label, ways, figure } = this.data;
    this.choice = choice({ label: "向き", values: ways.map(way => way.name) }, n => this.turn(n));
    this.board = make("div", { style: `--widest: ${this.data.widest}` });
    this.lines = ["product-ask", "product-sum", "product-said"].map(name => make("p", { class: name }, make("span")));
    this.input = make("input", { type: "text", inputmode: "text", autocomplete: "off", size: 6 });
    this.input.addEventListener("keydown", event => { if (event.key === "Enter") this.forward(); });
    this.main = button("", () => this.forward(), { class: "main" });
    const guess = make("label", { class: "paths-guess" }, "予想", this.input);
    const panel = make("div", { class: "product-panel", "aria-live": "polite" }, ...this.lines);
    const side = make("div", { class: "product-side" }, panel,
      make("div", { class: "interactive-bar" }, guess, this.main), bar(this.root, button("最初に戻す", () => this.restart(this.at))));
    mount(this.root, label, ways.length > 1 ? this.choice.box : "", make("div", { class: "product-levels" }, this.board, side));
    settle(this.root, figure);
    this.board.addEventListener("focusin", event => this.touch(event.target));
    this.board.addEventListener("click", event => this.touch(event.target));
    this.board.addEventListener("keydown", event => this.move(event));
    this.reserve();
  }

  // どのますでも同じ高さになるよう、いちばん長い文の場所を空けておく。
  reserve() {
    const cells = this.data.ways.flatMap(way => Object.values(way.cells));
    const slips = cells.flatMap(cell => (cell.slips ?? []).map(([value, told]) => off(-123.5, value) + told));
    [cells.flatMap(cell => [cell.ask ?? "", cell.says[0]]), cells.map(cell => cell.says[1]), ["", ...slips]].forEach((texts, n) => {
      this.lines[n].dataset.longest = texts.reduce((a, b) => (b.length > a.length ? b : a));
    });
  }

  // 選んでいる向きを、はじめのところに戻す。
  restart(at) {
    this.found[at] = new Set(this.data.ways[at].opened);
    this.turn(at);
  }

  // 向きを選ぶ。もう答えを見たますは、そのままにする。
  turn(at) {
    this.at = at;
    this.way = this.data.ways[at];
    this.said = "";
    this.choice.set(at);
    this.cells = {};
    this.board.className = `product-board ${this.way.way === "b" ? "product-back" : ""}`;
    this.board.replaceChildren(...this.way.grids.map(grid => this.grid(grid)));
    this.choose(this.way.start);
  }

  grid({ key, math, label, rows }) {
    const size = `${rows.length}行${rows[0].length}列`;
    const box = make("div", { class: `product-grid ${key}`, role: "grid", "aria-label": `${label}、${size}` });
    box.append(...rows.map((row, r) => make("div", { role: "row" }, ...row.map((text, c) => {
      const cell = make("button", { type: "button", role: "gridcell", "data-cell": `${key}-${r}-${c}`, tabindex: r || c ? -1 : 0 });
      cell.className = "product-cell";
      Object.assign(cell, { text, label: `${label}の${r + 1}行${c + 1}列、` });
      this.cells[cell.dataset.cell] = cell;
      return cell;
    }))));
    const name = make("p", { class: "product-name", "aria-hidden": "true" });
    name.innerHTML = `${math} <span>(${rows.length}, ${rows[0].length})</span>`;
    return make("div", { class: `product-part ${key}` }, name, box);
  }

  touch(target) {
    const id = target.dataset.cell;
    if (id && id !== this.chosen) this.choose(id);
  }

  move(event) {
    const step = STEPS[event.key];
    const cell = event.target.closest("[data-cell]");
    if (!step || !cell || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const rows = [...cell.closest("[role=grid]").children].map(row => [...row.children]);
    const [r, c] = cell.dataset.cell.split("-").slice(1).map(Number);
    const within = (v, size) => Math.min(Math.max(v, 0), size - 1);
    rows[within(r + step[0], rows.length)][within(c + step[1], rows[0].length)].focus();
  }

  choose(id) {
    this.chosen = id;
    this.said = "";
    this.input.value = "";
    this.cells[id].closest("[role=grid]").querySelectorAll("button").forEach(cell => { cell.tabIndex = cell === this.cells[id] ? 0 : -1; });
    this.show();
  }

  get cell() { return this.way.cells[this.chosen]; }

  get known() { return this.found[this.at]; }

  hidden(id) { return id.startsWith("product") && !this.known.has(id); }

  // 選んだますの答えを見るか、まだ見ていない次のますを選ぶ。
  forward() {
    if (this.hidden(this.chosen)) {
      this.said = this.judge(this.input.value);
      this.known.add(this.chosen);
      this.show();
    } else if (this.left.length) this.choose(this.left[0]);
  }

  get left() { return Object.keys(this.cells).filter(id => this.hidden(id)); }

  judge(text) {
    if (!text.trim()) return "";
    const { value, slips } = this.cell;
    const guess = read(text);
    if (guess === null) return `「${text.slice(0, 6)}」は数として読めません。`;
    if (same(guess, value)) return `予想 ${number(guess)} のとおりです。`;
    const slip = slips.find(([wrong]) => same(guess, wrong));
    return off(guess, value) + (slip ? slip[1] : "");
  }

  show() {
    const hidden = this.hidden(this.chosen);
    const lit = new Set(hidden ? [] : this.cell.lit);
    for (const [id, cell] of Object.entries(this.cells)) {
      const text = this.hidden(id) ? "？" : cell.text;
      if (cell.textContent !== text) {
        cell.textContent = text;
        cell.setAttribute("aria-label", cell.label + (this.hidden(id) ? "まだ見ていません" : text));
      }
      cell.setAttribute("aria-selected", String(id === this.chosen));
      cell.classList.toggle("lit", lit.has(id));
    }
    const texts = hidden ? [this.cell.ask, "", ""] : [...this.cell.says, this.said];
    this.lines.forEach((line, n) => write(line.firstChild, texts[n]));
    write(this.main, hidden ? "答えを見る" : "次のますへ");
    this.main.setAttribute("aria-disabled", String(!hidden && !this.left.length));
    this.input.readOnly = !hidden;
  }
}

start("product", Product);
