// 計算グラフの帰り道: 何を待っているか、何を問うか、どんな間違いか。字は backprop.interactive.graphs と同じ。
import { backward, forward } from "./kernels/graph.js";
import { number } from "./numbers.js";
import { same } from "./reading.js";

// 打ち消し合ったあとに残る丸め誤差は、0とみなす。
export const short = value => number(Math.abs(value) > 1e-12 ? value : 0, 4);
const factor = value => short(value).replace(/^−.*/, "($&)");
const sum = values => values.reduce((a, b) => a + b, 0);
const once = values => [...new Set(values)];

export class Trail {
  constructor(nodes, given) {
    this.nodes = nodes.map((node, n) => (node.of ? node : { ...node, v: given[n] }));
    this.last = nodes.length - 1;
    this.operations = [...nodes.keys()].filter(n => nodes[n].of);
    this.users = nodes.map((_, n) => this.operations.filter(user => nodes[user].of.includes(n)).reverse());
    this.values = forward(this.nodes);
    Object.assign(this, backward(this.nodes, this.values));
  }

  word(n) { return this.nodes[n].word; }

  parents(n) { return once(this.nodes[n].of); }

  get finite() { return [...this.values, ...this.gradients].every(Number.isFinite); }

  // 行きに、まだ値のない入力。帰りに、まだ訪れていない、このノードを使う演算。
  lacking(n, made) { return this.parents(n).filter(parent => this.nodes[parent].of && !made.includes(parent)); }

  waiting(n, visited) { return this.users[n].filter(user => !visited.includes(user)); }

  // 演算 n から parent へ送る勾配。
  amount(n, parent) { return sum(this.parts[n].filter((_, k) => this.nodes[n].of[k] === parent)); }

  // そのノードに届いた勾配を、届いた順に。
  arrived(n, visited) { return visited.filter(user => this.users[n].includes(user)).map(user => this.amount(user, n)); }

  forwardText(n) {
    const { of, mark } = this.nodes[n];
    const [x, y] = of.map(parent => this.values[parent]);
    const told = of.length > 1 ? `${factor(x)} ${mark} ${factor(y)}`
      : mark.includes("( )") ? mark.replace("( )", `(${short(x)})`) : `${mark}(${short(x)})`;
    return `${told} = ${short(this.values[n])}`;
  }

  // そのまま渡すところか。
  plain(n, k) {
    const { op, of } = this.nodes[n];
    return op === "+" || (op === "−" && of.length > 1 && k === 0);
  }

  places(n, parent) { return [...this.nodes[n].of.keys()].filter(k => this.nodes[n].of[k] === parent); }

  sentText(n, parent) {
    const [g, places] = [this.gradients[n], this.places(n, parent)];
    if (places.length === 1 && this.plain(n, places[0])) return `${short(g)} をそのまま`;
    const terms = places.map(k => (this.plain(n, k) ? factor(g) : `${factor(g)} × ${factor(this.slopes[n][k])}`));
    return `${terms.join(" + ")} = ${short(this.amount(n, parent))}`;
  }

  // 演算 n を訪れたときの問い: 入力へ送る勾配と、届くものがそろった入力の和。
  questions(n, visited) {
    const after = [...visited, n];
    const sends = this.parents(n).map(to => ({ from: n, to, ask: `${this.word(n)}から${this.word(to)}へ送る勾配は？`,
      title: `${this.word(n)}から${this.word(to)}へ`, told: this.sentText(n, to), answer: this.amount(n, to), slips: this.slips(n, to, visited) }));
    const meets = this.parents(n).filter(to => this.users[to].length > 1 && !this.waiting(to, after).length);
    return [...sends, ...meets.map(to => this.meeting(to, this.arrived(to, after)))];
  }

  meeting(to, parts) {
    const answer = this.gradients[to];
    const slips = [...parts.map(part => [part, "届いた一つだけの値です。上書きせずに、足します。"]),
      [parts.reduce((a, b) => a * b, 1), "掛けた値です。届いた勾配は、足します。"],
      [answer / parts.length, "平均した値です。届いた勾配は、足すだけです。"]];
    return { to, sum: true, ask: `${parts.map(short).join(" と ")} が届いた、${this.word(to)}の勾配は？`, title: `${this.word(to)}の勾配`,
      told: this.sumText(to, parts), answer, slips };
  }

  sumText(n, parts) { return `${parts.map(factor).join(" + ")} = ${short(this.gradients[n])}`; }

  // よくある間違い。[値, 言葉] の並び。
  slips(n, to, visited) {
    const { op, of } = this.nodes[n];
    const [g, answer, places] = [this.gradients[n], this.amount(n, to), this.places(n, to)];
    const slope = sum(places.map(k => this.slopes[n][k]));
    const [own, other] = [this.values[to], this.values[of.find(parent => parent !== to) ?? to]];
    const arrived = this.arrived(n, visited);
    return [
      [-answer, "符号が逆です。"],
      ...(arrived.length > 1 ? arrived.map(part => [part * slope, "届いた勾配の、一つだけを使った値です。足してから流します。"]) : []),
      ...(places.length > 1 ? [[answer / places.length, "片方の分だけの値です。2か所で使ったので、2か所の分を足します。"]] : []),
      ...(op === "×" ? [
        [g * own, "自分の値を掛けた値です。掛けるのは、相手の値です。"],
        [g, "そのまま渡した値です。掛け算では、相手の値を掛けます。"],
        [other, "相手の値だけです。届いた勾配を掛けます。"],
        [g + other, "足した値です。帰りの掛け算では、掛けます。"],
      ] : op === "+" ? [
        [g * own, "値を掛けたものです。足し算は、そのまま渡します。"],
        [g * other, "相手の値を掛けたものです。足し算は、そのまま渡します。"],
        [g / 2, "半分に分けた値です。足し算は、どちらにもそのまま渡します。"],
        [1, "届いた勾配を忘れた値です。"],
      ] : [
        [g, "そのまま渡した値です。この演算の傾きを掛けます。"],
        [slope, "傾きだけの値です。届いた勾配を掛けます。"],
      ]),
      [own, "行きの値です。帰りには、勾配を送ります。"],
    ];
  }

  // 表の行。帰りは、行きの逆に訪れる。
  rows() {
    const made = this.operations.map(n => ["行き", `${this.word(n)}の値`, this.forwardText(n)]);
    const visited = [];
    for (const n of [...this.operations].reverse()) {
      made.push(...this.questions(n, visited).map(({ title, told }) => ["帰り", title, told]));
      visited.push(n);
    }
    return made;
  }
}

// 予想の答え。[当たったか, 言葉]。
export function judged({ answer, slips }, guess) {
  if (same(guess, answer)) return [true, "当たりです。"];
  const slip = slips.find(([value]) => same(guess, value) && !same(value, answer));
  return [false, `予想は ${short(Math.abs(guess - answer))} 違います。${slip ? slip[1] : ""}`];
}
