// 計算グラフの帰り道を、自分でたどる。訪れるノードを選び、送る勾配を予想してから流す。
import { content, make, start, write } from "./parts/dom.js";
import { Picture, plan } from "./parts/graphpicture.js";
import { rove } from "./parts/lighting.js";
import { across, bar, button, choice, mount, tabulate, watch } from "./parts/panel.js";
import { settle } from "./parts/paper.js";
import { read } from "./parts/reading.js";
import { judged, short, Trail } from "./parts/trail.js";

const START = { made: [], visited: [], open: null, place: 0, told: false };
// いちばん長い文の場所を、はじめから空けておく。動かしても、高さは変わらない。
const LONGEST = [
  "−0.01234 と −0.01234 が届いた、シグモイド①の勾配は？（4/4）",
  "勾配: a −0.01234、b −0.01234、c −0.01234、d −0.01234",
  "△ 予想は 0.01234 違います。届いた勾配の、一つだけを使った値です。足してから流します。",
];
const WHERE = "次に訪れるノードを、選んでください。";
const UNSENT = "から、勾配がまだ届いていません";

const refusal = (trail, n, waited, words) => `${trail.word(n)}は、まだです。${waited.map(m => trail.word(m)).join("と")}${words}。`;
const disable = (made, off) => made.setAttribute("aria-disabled", off);

class Graph {
  constructor(root) {
    this.root = root;
    this.data = content(root);
    this.given = this.data.graphs.map(({ nodes }) => nodes.map(({ v }) => v));
    this.restart(0);
    this.build();
    settle(root, this.data.figure);
    watch(() => this.draw(), this.face);
  }

  restart(at, made = []) {
    this.at = at;
    this.graph = this.data.graphs[at];
    this.trail = new Trail(this.graph.nodes, this.given[at]);
    [this.state, this.past, this.said] = [{ ...START, made }, [], ""];
  }

  // ---- 組み立て ----------------------------------------------------------------------------------

  build() {
    const { label, graphs } = this.data;
    this.choice = choice({ label: "グラフ", values: graphs.map(({ name }) => name) }, at => { this.restart(at); this.draw(); });
    this.nodes = make("div", { role: "group", "aria-label": "ノード" });
    this.face = make("div", { class: "graph-picture" });
    this.lines = ["graph-ask", "graph-told", "graph-said"].map(name => make("p", { class: name }));
    this.input = make("input", { type: "text", inputmode: "decimal", autocomplete: "off", size: 6 });
    this.input.addEventListener("keydown", event => { if (event.key === "Enter") this.forward(); });
    this.main = button("", () => this.forward(), { class: "main" });
    this.rest = button("まとめて", () => this.hurry());
    this.back = button("前へ", () => this.undo());
    const again = button("最初から", () => { this.restart(this.at); this.show(true); });
    mount(this.root, label, graphs.length > 1 ? this.choice.box : "", this.face, key(),
      make("div", { class: "graph-panel" }, make("div", { "aria-live": "polite" }, ...this.lines),
        make("div", { class: "graph-room", "aria-hidden": "true" }, ...LONGEST.map(text => make("p", {}, text)))),
      bar(this.root, make("label", { class: "graph-guess" }, "予想", this.input), this.main, this.rest, this.back, again), this.numbers());
    this.rove = rove(this.nodes, "button");
  }

  // グラフごとの、与えられた数の欄。同じ場所に重ねる。
  numbers() {
    this.fields = this.data.graphs.map((_, at) => make("div", { class: "graph-numbers" }, "数を変える", ...this.leaves(at).map(n => this.field(at, n))));
    return make("div", { class: "graph-given", role: "group", "aria-label": "与えられた数を変える" }, ...this.fields);
  }

  leaves(at) {
    const { nodes } = this.data.graphs[at];
    return [...nodes.keys()].filter(n => !nodes[n].of && !nodes[n].fixed);
  }

  field(at, n) {
    const { word } = this.data.graphs[at].nodes[n];
    const input = make("input", { type: "number", step: "any", value: this.given[at][n], "aria-label": `${word}の値` });
    input.addEventListener("change", () => this.renew(n, input));
    return make("label", {}, `${word} =`, input);
  }

  renew(n, input) {
    const { data: { limit }, at, state } = this;
    const value = input.value ? Number(Number(input.value).toPrecision(4)) : NaN;
    const given = this.given[at].map((old, m) => (m === n ? value : old));
    const fits = Math.abs(value) <= limit && new Trail(this.graph.nodes, given).finite;
    if (fits) {
      this.given[at] = given;
      this.restart(at, state.made);
      tabulate(this.root, this.data.graphs.flatMap(({ name, nodes }, m) =>
        new Trail(nodes, this.given[m]).rows().map((row, place) => [`${name} ${place + 1}`, ...row])));
    }
    input.value = this.given[at][n];
    this.said = fits ? "" : `−${limit} から ${limit} までの、計算できる数を書いてください。`;
    this.draw();
  }

  // ---- 動かす ------------------------------------------------------------------------------------

  get going() { return this.state.made.length < this.trail.operations.length; }

  get ended() { return this.state.visited.length === this.trail.operations.length; }

  get question() { return this.questions[this.state.place]; }

  get next() { return this.trail.operations.findLast(n => !this.state.visited.includes(n)); }

  change(state, said = "") {
    this.past.push(this.state);
    this.state = { ...this.state, ...state };
    this.say(said);
  }

  say(words) {
    this.said = words;
    this.show();
  }

  undo() {
    if (!this.past.length) return;
    this.state = this.past.pop();
    this.say("");
  }

  // write: 訪れたら、予想を書くところへ移る。指で選んだときは、画面の字板を勝手に開かない。
  pick(n, write = false) {
    const { trail, state: { made, visited, open } } = this;
    const word = trail.word(n);
    if (!this.graph.nodes[n].of) return this.say(`${word}は、与えられた数です。演算のノードを選んでください。`);
    if (this.going) return this.compute(n, made);
    if (open !== null) return this.say(`先に、${trail.word(open)}の勾配を流し終えます。`);
    if (visited.includes(n)) return this.say(`${word}は、もう訪れました。`);
    const waiting = trail.waiting(n, visited);
    if (waiting.length) return this.say(refusal(trail, n, waiting, UNSENT));
    this.change({ open: n, place: 0, told: false });
    if (write) this.input.focus();
  }

  compute(n, made) {
    const { trail } = this;
    const lacking = trail.lacking(n, made);
    if (lacking.length) return this.say(refusal(trail, n, lacking, "の値が、まだありません"));
    this.change({ made: [...new Set([...made, n])] }, trail.forwardText(n));
  }

  // 次の一歩: 行きの計算、訪れるノード、答え、次の問い。
  forward() {
    const { made, place, told } = this.state;
    if (this.ended) return;
    if (this.going) this.pick(this.trail.operations.find(n => !made.includes(n)));
    else if (!this.question) this.pick(this.next);
    else if (!told) this.answer();
    else if (place + 1 < this.questions.length) this.change({ place: place + 1, told: false });
    else this.close();
  }

  answer() {
    const text = this.input.value.trim();
    const guess = read(text);
    if (text && guess === null) return this.say(`「${text.slice(0, 6)}」は、数として読めません。`);
    const [right, words] = text ? judged(this.question, guess) : [];
    this.change({ told: true }, text && `${right ? "○" : "△"} ${words}`);
  }

  // 一つのノードを訪れ終える。キーで進めていれば、ノードへ戻る。
  close(n = this.state.open) {
    this.change({ visited: [...this.state.visited, n], open: null }, `${this.trail.word(n)}を訪れました。`);
    if (document.activeElement === this.input) this.nodes.querySelector("[tabindex='0']").focus();
  }

  // まとめて: 行きのすべて、または一つのノードのすべて。
  hurry() {
    if (this.going) this.change({ made: this.trail.operations });
    else if (!this.ended) this.close(this.state.open ?? this.next);
  }

  // ---- 見せる ------------------------------------------------------------------------------------

  draw() {
    const width = across(this.face);
    if (!width) return;
    const room = plan(this.data.graphs, this.at, width);
    this.picture = new Picture(this.graph, this.trail, room);
    this.nodes.replaceChildren(...this.graph.nodes.map((node, n) => this.node(node, n, room.radius)));
    this.face.replaceChildren(this.picture.svg, this.nodes);
    this.rove();
    this.fields.forEach((field, at) => field.classList.toggle("off", at !== this.at));
    this.choice.set(this.at);
    this.show(true);
  }

  node({ mark, tag = "", of }, n, radius) {
    const made = button(mark, event => this.pick(n, !event.detail || event.pointerType === "mouse"), { class: of ? "graph-node" : "graph-node leaf" });
    const [left, top] = this.picture.at[n].map(v => `${v - radius}px`);
    const width = `${2 * radius}px`;
    Object.assign(made.style, { left, top, width, height: width });
    made.append(make("small", {}, tag));
    return made;
  }

  // いままでに送られた勾配の線。[演算, 入力] の並び。
  sent() {
    const { visited, open, place, told } = this.state;
    const partly = this.questions.slice(0, place + Number(told)).filter(({ sum }) => !sum).map(({ to }) => [open, to]);
    return [...visited.flatMap(n => this.trail.parents(n).map(to => [n, to])), ...partly];
  }

  // 枝分かれするノードの下に書く、届いた勾配と、その和。足すことは、問いに答えてから見せる。
  meeting(n, sent) {
    const { trail, state } = this;
    const parts = sent.filter(([, to]) => to === n).map(([from]) => trail.amount(from, n));
    const asked = this.questions.findIndex(({ to, sum }) => sum && to === n);
    const whole = parts.length === trail.users[n].length && (asked < 0 || asked < state.place + Number(state.told));
    return whole ? trail.sumText(n, parts).split(" = ") : [parts.map(short).join("、")];
  }

  show(fresh = false) {
    const { picture, trail, graph, state, going } = this;
    this.questions = state.open === null ? [] : trail.questions(state.open, state.visited);
    const sent = this.sent();
    const known = n => !graph.nodes[n].of || state.made.includes(n);
    for (const { from, to, f, b } of picture.strands) {
      const back = to === null ? !going : sent.some(([n, parent]) => n === to && parent === from);
      turn(f, known(from), fresh);
      turn(b, back, fresh);
      picture.write(`g${from}-${to}`, back ? short(to === null ? 1 : trail.amount(to, from)) : "");
    }
    const words = graph.nodes.map((_, n) => {
      picture.write(`v${n}`, known(n) ? short(trail.values[n]) : "");
      const [parts, sum] = this.meeting(n, sent);
      picture.write(`t${n}`, parts);
      picture.write(`u${n}`, sum ? `= ${sum}` : "");
      return this.describe(n, known(n), sent);
    });
    picture.svg.setAttribute("aria-label", `${graph.name}の計算グラフ。${words.join("。")}`);
    this.tell();
    this.control();
  }

  describe(n, known, sent) {
    const { trail, state: { open, visited } } = this;
    const [seen, made] = [visited.includes(n), this.nodes.children[n]];
    const arrived = sent.filter(([, to]) => to === n).map(([from]) => `、届いた勾配 ${short(trail.amount(from, n))}`);
    const words = `${trail.word(n)}${known ? `、値 ${short(trail.values[n])}` : ""}${arrived.join("")}${seen ? "、訪れました" : ""}`;
    made.classList.toggle("now", n === open);
    made.classList.toggle("seen", seen);
    made.setAttribute("aria-label", words);
    return words;
  }

  tell() {
    const { trail, question, questions, state: { visited, place, told } } = this;
    const found = this.leaves(this.at).map(n => `${trail.word(n)} ${short(trail.gradients[n])}`);
    const texts = this.going ? ["行き: 値を、左から計算します。", ""]
      : this.ended ? ["すべてのノードを訪れました。", `勾配: ${found.join("、")}`]
      : question ? [`${question.ask}${questions.length > 1 ? `（${place + 1}/${questions.length}）` : ""}`, told ? question.told : ""]
      : [visited.length ? WHERE : `出口の勾配は1です。${WHERE}`, ""];
    [...texts, this.said].forEach((text, n) => write(this.lines[n], text));
  }

  control() {
    const { question, state: { told } } = this;
    const open = question && !told;
    write(this.main, this.going ? "一つ計算" : !question ? "選んでもらう" : told ? "次へ" : "答えを見る");
    disable(this.main, this.ended);
    disable(this.rest, this.ended);
    disable(this.back, !this.past.length);
    if (open && this.input.readOnly || !question) this.input.value = "";
    this.input.readOnly = !open;
  }
}

// 現れた線は、向きのとおりに流れて見える。
function turn(group, on, fresh) {
  group.classList.toggle("flowing", on && !fresh && group.classList.contains("off"));
  group.classList.toggle("off", !on);
}

function key() {
  const sample = kind => make("svg", { viewBox: "0 0 34 10", "aria-hidden": "true" }, make("line", { class: `wire ${kind}`, x1: 1, y1: 5, x2: 33, y2: 5 }));
  return make("ul", { class: "graph-key" }, make("li", {}, sample("f"), "行き：値"), make("li", {}, sample("b"), "帰り：勾配"), make("li", {}, "✓ 訪れた"));
}

start("graph", Graph);
