// 順伝播から更新までを一歩ずつ見せる。はじめの数はノートブックの出力にあるもので、読者が選びなおした数は、
// このページの計算（parts/engine.js）が求める。値を隠して予想させ、博物館の誤りを入れ、審判の答えを見せる。
import { BUGS } from "./parts/bugs.js";
import { content, make, start, write } from "./parts/dom.js";
import { ACTIVATIONS, LOSSES, PARAMETERS, allowed } from "./parts/engine.js";
import { number } from "./parts/numbers.js";
import { drawn, fits } from "./parts/draws.js";
import { markup, mathml } from "./parts/formula.js";
import { judged } from "./parts/guess.js";
import { JUDGES, examine } from "./parts/judges.js";
import { unfolding, voice } from "./parts/panel.js";
import { nodeNames, picture, wiresOf } from "./parts/picture.js";
import { parameter, plan } from "./parts/plan.js";
import { read } from "./parts/reading.js";
import { sizesOf, trip, usedData } from "./parts/trip.js";

const NAMES = {
  identity: "恒等関数", sigmoid: "シグモイド関数", tanh: "tanh", relu: "ReLU", leaky_relu: "leaky ReLU",
  softplus: "softplus", softmax: "softmax", mse: "平均二乗誤差", half_squared_error: "二乗誤差の半分",
  binary_cross_entropy: "2値クロスエントロピー", cross_entropy: "クロスエントロピー",
};
const WIDEST = 4;
const FARTHEST = 1e4;
let places = 0;

const option = (value, text, chosen) => {
  const made = make("option", { value }, text);
  made.selected = value === chosen;
  return made;
};
const labelled = (text, control) => make("label", {}, make("span", {}, text), control);
const row = (values, n) => values.map(one => number(one[n])).join(", ");
const named = (Y, n) => (Y.length > 1 ? `(${row(Y, n)})` : row(Y, n));

class Stepper {
  constructor(root) {
    this.root = root;
    this.data = content(root);
    this.id = `${root.id || "stepper"}-${places++}`;
    this.seed = 0;
    this.at = 0;
    this.bug = null;
    this.predicting = false;
    this.passed = new Set();
    this.chosen = null;
    const { net, X, Y, rate, first } = this.data;
    this.state = { net, X, Y, rate, shown: first, batch: false };
    this.build();
    this.reckon();
    // 高さをすぐに決める。あとから伸びると、この図より下へのつながりが、行き先からずれる。
    this.resized(Math.round(this.picture.clientWidth));
    new ResizeObserver(([entry]) => {
      const width = Math.round(entry.contentRect.width);
      if (width !== this.width) this.resized(width);
    }).observe(this.picture);
  }

  get step() { return this.steps[this.at]; }
  get last() { return this.steps.length - 1; }
  get hidden() { return this.predicting && this.asked() !== null && !this.passed.has(this.at); }
  get untouched() {
    const { net, X, Y, rate, first } = this.data;
    const { state } = this;
    return !this.bug && !state.batch && state.shown === first && state.net === net && state.X === X && state.Y === Y && state.rate === rate;
  }

  // ---- 計算 --------------------------------------------------------------------------------------

  // 状態か誤りが変わった。
  reckon() {
    this.trip = trip(this.state, this.bug);
    this.right = this.bug ? trip(this.state) : this.trip;
    this.steps = plan(this.trip);
    this.at = Math.min(this.at, this.last);
    const same = (x, y) => x === y || Math.abs(x - y) <= 1e-12 * Math.max(Math.abs(x), Math.abs(y));
    const { values } = this.trip;
    this.wrong = new Set(this.bug ? Object.keys(values).filter(name => !same(values[name], this.right.values[name])) : []);
    this.texts = {};
    for (const name of new Set(this.steps.flatMap(step => step.shows))) this.texts[name] = number(values[name]);
    if (this.untouched) Object.assign(this.texts, this.data.values);
  }

  // 予想させる値。はじめの歩には、ない。
  asked() {
    if (this.at === 0) return null;
    const { shows } = this.step;
    return this.step.title.startsWith("行1をもう一度") ? shows[shows.length - 1] : shows[Math.floor(shows.length / 2)];
  }

  change(state, keep = true) {
    Object.assign(this.state, state);
    if (this.bug && this.bug.needs(this.state.net, this.examples)) this.bug = null;
    if (!keep) this.at = 0;
    this.chosen = null;
    this.passed.clear();
    this.reckon();
    this.controls();
    this.fit();
    this.judge();
    this.show();
  }

  get examples() { return usedData(this.state)[0][0].length; }

  // ---- 組み立て ----------------------------------------------------------------------------------

  build() {
    const button = (text, name, move) => {
      const made = make("button", { type: "button", "data-move": name }, text);
      made.addEventListener("click", () => { if (made.getAttribute("aria-disabled") !== "true") this.go(move()); });
      return made;
    };
    this.buttons = {
      first: button("最初", "first", () => 0), back: button("前", "back", () => this.at - 1),
      next: button("次", "next", () => this.at + 1), last: button("最後", "last", () => this.last),
    };
    this.buttons.next.classList.add("main");
    this.count = make("span", { class: "steady" });
    this.setup = make("div", { class: "stepper-setup" });
    this.tools = make("div", { class: "interactive-bar stepper-tools" });
    this.picture = make("div", { class: "stepper-picture" });
    this.panel = make("div", { class: "stepper-panel" });
    this.progress = make("ol", { class: "stepper-progress", "aria-label": "手順の一覧" });
    this.live = voice();
    const key = make("ul", { class: "stepper-key" },
      make("li", {}, make("span", { class: "f" }, "青"), ": 順伝播"),
      make("li", {}, make("span", { class: "b" }, "朱"), ": 誤差項と勾配"),
      make("li", {}, "線の上: 重み。書ききれない重みは、ニューロンを押すか、↑ ↓ キーで選ぶと出ます"));
    const bar = make("div", { class: "interactive-bar moves" }, ...Object.values(this.buttons), make("span", { class: "stepper-count" }, this.count));
    const app = make("div", { class: "interactive-live stepper", role: "group", "aria-label": this.data.label, tabindex: 0 },
      this.details(), this.tools, this.picture, bar, this.guessing(), this.panel, this.verdicts(), this.progress, key,
      make("div", { class: "interactive-bar stepper-end" }, make("span", {}, "← → キー、絵を左右になでても進めます。"), unfolding(this.root, () => this.tabulate())), this.live.box);
    app.addEventListener("keydown", event => this.key(event));
    this.touching(this.picture);
    this.toolbox();
    this.controls();
    this.root.prepend(app);
    this.root.classList.add("live");
  }

  details() {
    this.summary = make("summary", {});
    return make("details", { class: "stepper-details" }, this.summary, this.setup);
  }

  // 大きさ、関数、数を選ぶところ。状態に合わせて組みなおす。
  controls() {
    const { net, X, Y, rate, shown, batch } = this.state;
    const sizes = sizesOf(net);
    this.summary.textContent = `ネットワークを変える（${sizes.join("–")}、${NAMES[net.hidden]}、${NAMES[net.output]}、${NAMES[net.loss]}）`;
    const active = document.activeElement?.dataset?.control;
    const select = (name, label, values, chosen, changed) => {
      const made = make("select", { "data-control": name }, ...values.map(value => option(String(value), NAMES[value] ?? String(value), String(chosen))));
      made.addEventListener("change", () => changed(made.value));
      return labelled(label, made);
    };
    const counts = Array.from({ length: WIDEST }, (_, n) => n + 1);
    const sized = l => value => this.redraw(sizes.map((n, k) => (k === l ? Number(value) : n)), {});
    const again = make("button", { type: "button", "data-control": "again" }, "別の数で");
    again.addEventListener("click", () => { this.seed++; this.redraw(sizes, {}); });
    const reset = make("button", { type: "button", "data-control": "reset" }, "はじめの数に戻す");
    reset.addEventListener("click", () => {
      const { net: first, X: inputs, Y: targets, rate: eta, first: place } = this.data;
      this.seed = 0;
      this.change({ net: first, X: inputs, Y: targets, rate: eta, shown: place, batch: false }, false);
    });
    const losses = Object.keys(LOSSES).filter(name => allowed(net.output, name));
    const eta = this.field("rate", "学習率 η", rate, value => (value > 0 ? "" : "学習率は正の数です。"), value => this.change({ rate: value }));
    this.complaint = make("p", { class: "stepper-complaint", role: "status" });
    this.setup.replaceChildren(
      make("div", { class: "stepper-choices" },
        ...["入力の数", "隠れ層の数", "出力の数"].map((label, l) => select(`size${l}`, label, counts, sizes[l], sized(l))),
        select("hidden", "隠れ層の関数", Object.keys(ACTIVATIONS), net.hidden, value => this.rename({ hidden: value })),
        select("output", "出力層の関数", Object.keys(ACTIVATIONS), net.output, value => this.rename({ output: value })),
        select("loss", "損失", losses, net.loss, value => this.rename({ loss: value })), eta),
      make("div", { class: "interactive-bar" }, again, reset), this.numbers(), this.complaint);
    const examples = X[0].map((_, n) => option(String(n), `(${row(X, n)}) → ${named(Y, n)}`, batch ? "all" : String(shown)));
    if (X[0].length > 1) examples.push(option("all", `全例（${X[0].length}個）の平均`, batch ? "all" : ""));
    this.examplesChoice.replaceChildren(...examples);
    for (const [name, bug] of Object.entries(BUGS)) {
      const reason = bug.needs(net, this.examples);
      const item = this.bugs.querySelector(`option[value="${name}"]`);
      item.disabled = Boolean(reason);
      item.textContent = this.data.bugs[name][1] + (reason ? `（${reason}）` : "");
    }
    this.bugs.value = this.bug?.name ?? "";
    if (active) this.root.querySelector(`[data-control="${active}"]`)?.focus();
  }

  // 数の欄。読めないか、断るわけがあれば、元の数のまま、わけを言う。
  field(name, label, value, refuse, changed, rich = "") {
    const input = make("input", { type: "text", inputmode: "text", size: 5, value: number(value, 6), "data-control": name, "aria-label": label, autocomplete: "off" });
    input.addEventListener("change", () => {
      const found = read(input.value);
      const reason = found === null ? `「${input.value}」は数として読めません。−0.5 や 3/4 のように書いてください。`
        : Math.abs(found) > FARTHEST ? `大きさが ${FARTHEST} までの数にしてください。` : refuse(found);
      input.setAttribute("aria-invalid", String(Boolean(reason)));
      this.complaint.textContent = reason;
      if (!reason) changed(found);
    });
    const text = make("span", {}, label);
    if (rich) text.innerHTML = rich;
    return make("label", {}, text, input);
  }

  // すべての数を書きかえる欄。
  numbers() {
    const { net, X, Y, shown } = this.state;
    const place = (matrix, j, k, value) => matrix.map((values, i) => (i === j ? values.map((old, n) => (n === k ? value : old)) : values));
    const cells = [];
    const add = (name, matrix, j, k, label, rich, refuse, changed) => cells.push(this.field(name, label, matrix[j][k], refuse, value => changed(place(matrix, j, k, value)), rich));
    const free = () => "";
    X.forEach((_, j) => add(`x${j + 1}`, X, j, shown, `入力 x ${j + 1}`, markup(`x_{${j + 1}}`), free, value => this.change({ X: value })));
    const bad = j => value => (fits(net.loss, place(Y, j, shown, value)) ? "" : net.loss === "cross_entropy" ? "目標は0以上で、足して1にします。「別の数で」を使ってください。" : "目標は0以上1以下です。");
    Y.forEach((_, j) => add(`y${j + 1}`, Y, j, shown, `目標 y ${j + 1}`, markup(`y_{${j + 1}}`), bad(j), value => this.change({ Y: value })));
    for (const name of PARAMETERS) {
      net[name].forEach((values, j) => values.forEach((_, k) => {
        const one = `${name[0].toLowerCase()}${name[1]}_${j + 1}${name[0] === "W" ? k + 1 : ""}`;
        add(one, net[name], j, k, `${name[0] === "W" ? "重み" : "バイアス"} ${one.replace("_", " ")}`, markup(parameter(one)), free, value => this.change({ net: { ...net, [name]: value } }));
      }));
    }
    return this.numbersBox(cells);
  }

  // 開いた欄は、組みなおしても開いたままにする。
  numbersBox(cells) {
    const open = this.root.querySelector(".stepper-numbers")?.open;
    const box = make("details", { class: "stepper-numbers" }, make("summary", {}, "数を書きかえる"), make("div", {}, ...cells));
    box.open = Boolean(open);
    return box;
  }

  // 大きさか目標の種類が変わり、数を引きなおす。
  redraw(sizes, names) {
    const { net, X } = this.state;
    const kinds = { hidden: net.hidden, output: net.output, loss: net.loss, ...names };
    this.change({ ...drawn(this.seed, sizes, kinds, X[0].length) }, false);
  }

  // 関数を替える。数はそのまま使い、目標が損失に合わないときだけ引きなおす。
  rename(names) {
    const { net, X, Y } = this.state;
    const kinds = { hidden: net.hidden, output: net.output, loss: net.loss, ...names };
    if (!allowed(kinds.output, kinds.loss)) kinds.loss = "half_squared_error";
    const made = { ...net, ...kinds };
    if (fits(kinds.loss, Y)) this.change({ net: made }, false);
    else this.change({ net: made, Y: drawn(this.seed, sizesOf(net), kinds, X[0].length).Y }, false);
  }

  toolbox() {
    this.examplesChoice = make("select", { "data-control": "example" });
    this.examplesChoice.addEventListener("change", () => {
      const { value } = this.examplesChoice;
      this.change(value === "all" ? { batch: true } : { shown: Number(value), batch: false });
    });
    this.bugs = make("select", { "data-control": "bug" }, option("", "なし（正しい手順）", ""));
    const groups = new Map();
    for (const [name, [room]] of Object.entries(this.data.bugs)) {
      if (!groups.has(room)) groups.set(room, make("optgroup", { label: room }));
      groups.get(room).append(option(name, "", ""));
    }
    this.bugs.append(...groups.values());
    this.bugs.addEventListener("change", () => { this.bug = BUGS[this.bugs.value] ?? null; this.change({}); });
    const toggle = make("input", { type: "checkbox", "data-control": "predict" });
    toggle.addEventListener("change", () => {
      this.predicting = toggle.checked;
      this.passed = new Set([...this.steps.keys()].filter(n => n < this.at));
      this.guess.hidden = !toggle.checked;
      this.fit();
      this.show();
    });
    this.tools.append(labelled("例（入力 → 目標）", this.examplesChoice), labelled("誤りを入れる", this.bugs), make("label", { class: "check" }, toggle, "先に予想する"));
  }

  // ---- 予想 --------------------------------------------------------------------------------------

  guessing() {
    this.input = make("input", { type: "text", size: 8, autocomplete: "off", "data-control": "guess" });
    this.asking = make("span", { class: "stepper-asked" }, "予想");
    this.answer = make("p", { class: "stepper-answer" });
    const check = make("button", { type: "submit" }, "答え合わせ");
    const form = make("form", {}, make("label", {}, this.asking, this.input), check);
    form.addEventListener("submit", event => { event.preventDefault(); this.checkGuess(); });
    this.guess = make("div", { class: "stepper-guess" }, form, this.answer);
    this.guess.hidden = true;
    return this.guess;
  }

  checkGuess() {
    if (!this.hidden) return;
    const name = this.asked();
    const text = this.input.value.trim();
    const found = read(text);
    if (text && found === null) return this.say(`「${text}」は数として読めません。−0.5、3/4、1.2e-3 のように書いてください。`, "");
    const [ok, told] = text ? judged(name, found, this.state, this.bug, this.data.bugs) : [false, `値は ${this.texts[name]} です。`];
    this.passed.add(this.at);
    this.show(false);
    this.say(told, ok ? "hit" : "miss");
  }

  say(told, kind) {
    this.answer.textContent = `${{ hit: "○ ", miss: "△ " }[kind] ?? ""}${told}`;
    this.answer.className = `stepper-answer ${kind}`;
    this.live.tell(told);
  }

  // ---- 審判 --------------------------------------------------------------------------------------

  verdicts() {
    this.told = make("p", {});
    this.judges = make("ul", { class: "stepper-judges" });
    const link = make("a", { href: "39_bug_museum.html" }, "誤りの博物館");
    this.court = make("div", { class: "stepper-court" }, this.told, this.judges,
      make("p", { class: "stepper-small" }, "審判は、いまのネットワークと例で、この場で調べた答えです。「損失」「正解率」「二歩」は、学習率 η で更新をくり返します。「記号」と「自動微分」の二人はブラウザでは動かないので、この本の正しい逆伝播と比べました。✗ のついた数が誤りの値、線で消した数が正しい値です。審判の境目は、", link, "の章にあります。"));
    this.court.hidden = true;
    return this.court;
  }

  judge() {
    this.court.hidden = !this.bug;
    clearTimeout(this.waiting);
    if (!this.bug) return;
    const gradients = Object.keys(this.trip.values).filter(name => /^g[wb]/.test(name));
    const count = gradients.filter(name => this.wrong.has(name)).length;
    const early = this.bug.step ? "更新に使った" : "";
    this.told.textContent = `${this.data.bugs[this.bug.name][2]}${early}${gradients.length} 個の勾配のうち、${count} 個が変わります。`;
    const item = (name, mark, told, kind) => make("li", { class: kind, "data-judge": name }, make("b", {}, name), `${mark} ${told}`);
    this.judges.replaceChildren(...JUDGES.map(name => item(name, "…", "調べています", "")));
    const [X, Y] = usedData(this.state);
    const ask = bug => examine(this.state.net, X, Y, bug, this.state.rate, this.data.draws);
    // 画面を長く止めないよう、誤りと正しい手順とを、別々に調べる。
    this.waiting = setTimeout(() => {
      const found = ask(this.bug);
      this.waiting = setTimeout(() => this.pronounce(found, ask(null), item));
    }, 60);
  }

  pronounce(found, control, item) {
    const sure = name => found[name] === true && control[name] !== true;
    this.judges.replaceChildren(...JUDGES.map(name => {
      const verdict = found[name];
      if (typeof verdict === "string") return item(name, "？", `見せられません（${verdict}）`, "");
      if (control[name] === true) return item(name, "？", "正しい手順も疑うので、決められません", "");
      return verdict ? item(name, "！", "気づきます", "notices") : item(name, "―", "気づきません", "");
    }));
    const who = JUDGES.filter(sure).join("、");
    this.live.tell(who ? `${who}が気づきます。` : "だれも気づきません。");
  }

  // ---- 動かす ------------------------------------------------------------------------------------

  key(event) {
    const typing = event.target.matches("select, summary, input:not([type=checkbox])");
    if (typing || event.altKey || event.ctrlKey || event.metaKey) return;
    const to = { ArrowRight: this.at + 1, ArrowLeft: this.at - 1, Home: 0, End: this.last }[event.key];
    const turn = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (to === undefined && (turn === undefined || event.target !== event.currentTarget)) return;
    event.preventDefault();
    event.stopPropagation();
    if (turn) this.choose(this.neighbour(turn)); else this.go(to);
  }

  neighbour(turn) {
    const names = [...nodeNames(sizesOf(this.state.net)), null];
    return names[(names.indexOf(this.chosen) + turn + names.length) % names.length];
  }

  choose(node) {
    this.chosen = node;
    this.draw();
    if (!node) { this.live.tell("ニューロンを選んでいません。"); return; }
    const known = this.known();
    const wires = wiresOf(sizesOf(this.state.net), node).map(name => `${parameter(`w${name}`).replace(/[{}]/g, "")} は ${known[`w${name}`]}`);
    const [l, j] = node.split("_");
    this.live.tell(`${["入力", "隠れ層", "出力"][l]}の${j}個め。つながる線の重み: ${wires.join("、")}。`);
  }

  touching(element) {
    let start = null;
    element.addEventListener("pointerdown", event => { start = [event.clientX, event.clientY, event.target.closest?.("[data-node]")?.dataset.node]; });
    element.addEventListener("pointerup", event => {
      if (!start) return;
      const [dx, dy] = [event.clientX - start[0], event.clientY - start[1]];
      const node = start[2];
      start = null;
      if (Math.abs(dx) > 40 && Math.abs(dx) > 2 * Math.abs(dy)) this.go(this.at + (dx < 0 ? 1 : -1));
      else if (node && Math.hypot(dx, dy) < 8) this.choose(node === this.chosen ? null : node);
    });
  }

  go(to) {
    const place = Math.min(Math.max(to, 0), this.last);
    if (place === this.at) return;
    for (let n = this.at; n < place; n++) this.passed.add(n);
    this.at = place;
    this.input.value = "";
    this.show();
  }

  show(speak = true) {
    const { last } = this;
    write(this.count, `${this.at} / ${last}`);
    const off = (button, disabled) => button.setAttribute("aria-disabled", String(disabled));
    off(this.buttons.first, this.at === 0); off(this.buttons.back, this.at === 0);
    off(this.buttons.next, this.at === last); off(this.buttons.last, this.at === last);
    this.point();
    if (this.predicting) this.prepare(speak);
    this.turn();
    this.draw();
    if (speak) this.live.tell(`${last} のうち ${this.at}。${this.describe()}`);
  }

  // 手順の一覧の印。変わったところだけを直す。
  point() {
    const [from, to] = [this.pointed ?? 0, this.at];
    if (this.pointed !== null) this.dots[from].removeAttribute("aria-current");
    for (let n = Math.min(from, to); n < Math.max(from, to); n++) this.dots[n].classList.toggle("done", n < to);
    this.dots[to].setAttribute("aria-current", "step");
    this.pointed = to;
  }

  prepare(fresh) {
    const name = this.asked();
    this.input.disabled = !this.hidden;
    this.guess.querySelector("button").setAttribute("aria-disabled", String(!this.hidden));
    this.asking.innerHTML = name ? `予想: ${called(name, this.trip)} = ` : "この手順では、値は現れません。";
    if (!fresh) return;
    this.answer.className = "stepper-answer";
    this.answer.textContent = this.hidden ? "書いて Enter。何も書かなければ、値だけが出ます。" : "";
  }

  // ---- 見せる ------------------------------------------------------------------------------------

  // 変わった値に印をつけ、予想の前の値を隠した行。
  lines(step, veil) {
    const { wrong, right } = this;
    const hidden = new Set(veil ? step.shows : []);
    const results = new Set(step.shows);
    const { untouched, data } = this;
    return step.sums(this.trip).map(line => line.replace(/<span( class="\w")? data-name="([^"]+)">([^<]*)<\/span>/g, (_, kind, name, text) => {
      const open = kind ? `<span${kind}>` : "<span>";
      if (hidden.has(name)) return `${open}？</span>`;
      if (untouched && name in data.values) text = text.replace(/[^()]+/, data.values[name]);
      if (!wrong.has(name)) return kind ? `${open}${text}</span>` : text;
      if (!results.has(name)) return `<span${kind ?? ""} data-off="${name}"><u>${text}</u></span>`;
      return `<s>${number(right.values[name])}</s> ${open}✗${text}</span>`;
    }));
  }

  page(step, veil) {
    const formulas = make("div", { class: "stepper-formulas", tabindex: -1 });
    formulas.innerHTML = step.formulas.map(formula => `<span>${mathml(formula)}</span>`).join("");
    const lines = make("div", { class: "stepper-sums" });
    const written = this.lines(step, veil);
    lines.innerHTML = written.map(line => `<p>${line}</p>`).join("");
    if (written.length > 4) lines.tabIndex = 0;
    const [name, address] = this.data.see[step.see];
    const see = make("p", {}, `${step.note}くわしくは、`, make("a", { href: address }, name), "。");
    const title = make("p", { class: "stepper-title" }, `${step.phase}: ${step.title}`);
    const shapes = make("p", { class: "stepper-shapes" }, `形: ${step.shapes}`);
    return make("div", { class: "stepper-page" }, title, ...(step.formulas.length ? [formulas, shapes, lines] : []), see);
  }

  resized(width) {
    this.width = width;
    this.fit();
    this.show(false);
  }

  // 手順の一覧と、すべての手順の説明をつくる。説明は同じ場所に重ね、いまのものだけを見せるので、手順を進めても
  // 高さは変わらず、組みなおしもいらない。
  fit() {
    this.list();
    if (this.root.querySelector(".interactive-table.open")) this.tabulate();
    this.pages = this.steps.map(step => this.page(step, false));
    this.panel.style.minHeight = "";
    this.panel.replaceChildren(...this.pages);
    // 値を隠した説明は、値の出た説明より低いことがある
    if (this.predicting) this.panel.style.minHeight = `${this.panel.offsetHeight}px`;
    this.veiled = null;
    this.current = null;
  }

  // いまの手順の説明を見せる。予想の前なら、値を隠したものに替える。
  turn() {
    const replace = (n, veil) => {
      const made = this.page(this.steps[n], veil);
      this.pages[n].replaceWith(made);
      this.pages[n] = made;
    };
    if (this.veiled !== null && (this.veiled !== this.at || !this.hidden)) {
      replace(this.veiled, false);
      this.veiled = null;
    }
    if (this.hidden && this.veiled === null) replace(this.veiled = this.at, true);
    if (this.current !== null) this.pages[this.current].classList.remove("current");
    this.pages[this.at].classList.add("current");
    this.current = this.at;
  }

  list() {
    this.dots = [];
    this.pointed = null;
    const groups = [];
    this.steps.forEach((step, n) => {
      if (groups.at(-1)?.phase !== step.phase) groups.push({ phase: step.phase, list: make("ol", {}) });
      const dot = make("button", { type: "button", "aria-label": `${n} ${step.title}`, title: step.title });
      dot.addEventListener("click", () => this.go(n));
      this.dots.push(dot);
      groups.at(-1).list.append(make("li", {}, dot));
    });
    this.progress.replaceChildren(...groups.map(({ phase, list }) => make("li", {}, make("span", { class: "phase" }, phase), list)));
  }

  describe() {
    if (this.hidden) return `${this.step.phase}: ${this.step.title}。値を予想してください。`;
    const shown = this.at === 0 ? [] : this.step.shows.map(name => (this.wrong.has(name)
      ? `${this.texts[name]}（正しくは ${number(this.right.values[name])}）` : this.texts[name]));
    return `${this.step.phase}: ${this.step.title}。${shown.length ? `値は ${shown.join("、")}。` : ""}`;
  }

  // いままでの手順で現れた値。
  known() {
    const found = {};
    for (const step of this.steps.slice(0, this.at + 1)) for (const name of step.shows) found[name] = this.texts[name];
    return found;
  }

  draw() {
    if (!this.width) return;
    const right = {};
    for (const name of this.wrong) right[name] = number(this.right.values[name]);
    const shows = this.at ? this.step.shows : [];
    const { batch } = this.state;
    const drawn = picture({
      sizes: sizesOf(this.state.net), values: this.known(), right, now: new Set(shows), chosen: this.chosen,
      hidden: new Set(this.hidden ? shows : []), nodes: this.step.nodes, wires: this.step.wires, way: this.step.way,
      loss: batch ? ["平均損失 J", "cost"] : ["損失 ℒ", "loss"], label: this.describe(),
    }, this.width, this.svg);
    if (drawn !== this.svg) this.picture.replaceChildren(drawn);
    this.svg = drawn;
  }

  // ---- 表 ----------------------------------------------------------------------------------------

  // いまのネットワークと誤りの、すべての手順の表。
  tabulate() {
    const { state, steps } = this;
    const { X, Y, shown } = state;
    const example = `${state.batch ? "全例の平均。例ごとの値は、" : ""}例 (${row(X, shown)})、目標 ${named(Y, shown)}`;
    const bug = this.bug ? `、誤り「${this.data.bugs[this.bug.name][1]}」を入れた` : "";
    const table = this.root.querySelector(".interactive-table table");
    table.querySelector("caption").textContent = `${example}、学習率 ${number(state.rate)} での${bug}一往復と更新。数は有効数字3桁に丸めて示し、計算には丸める前の値を使う。`;
    const body = table.querySelector("tbody");
    body.replaceChildren(...steps.filter(step => step.formulas.length).map(step => {
      const cells = [step.formulas.map(markup).join("<br>"), this.lines(step, false).join("<br>")];
      const line = make("tr", {}, make("th", { scope: "row" }, step.title));
      for (const cell of cells) { const made = make("td", {}); made.innerHTML = cell; line.append(made); }
      return line;
    }));
  }
}

// 予想させる値の、記号。
function called(name, t) {
  const index = name.match(/(\d+)$/)?.[1] ?? "";
  const only = t.sizes[2] === 1;
  if (/^n?loss$/.test(name)) return markup("\\loss");
  if (/cost/.test(name)) return markup("J");
  if (/^dy/.test(name)) return markup(`\\partial\\loss/\\partial ${only ? "\\yhat" : `\\yhat_{${index}}`}`);
  if (/^n?a2/.test(name)) return markup(only ? "\\yhat" : `\\yhat_{${index}}`);
  if (/^g/.test(name)) return markup(`\\partial ${t.batch ? "J" : "\\loss"}/\\partial ${parameter(name.slice(1))}`);
  if (name[0] === "d") return markup(`\\delta${parameter(name).slice(1)}`);
  return `${name[0] === "n" ? "新しい " : ""}${markup(parameter(name.replace(/^n/, "")))}`;
}

start("stepper", Stepper);
