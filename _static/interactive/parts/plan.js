// すべての手順: 式、形、説明、現れる値、数を代入した行。
// backprop.interactive.stepping の plan と sums を、どの大きさでも動くように JavaScript で書いたもの。字まで同じになる。
import { number } from "./numbers.js";
import { markup } from "./formula.js";

// ---- 記号 ----------------------------------------------------------------------------------------

const z = (l, j) => `z^{${l}}_{${j}}`;
const a = (l, j) => `a^{${l}}_{${j}}`;
const b = (l, j) => `b^{${l}}_{${j}}`;
const d = (l, j) => `\\delta^{${l}}_{${j}}`;
const w = (l, j, k) => `w^{${l}}_{${j}${k}}`;
const numbered = (letter, j, count) => (count === 1 ? letter : `${letter}_{${j}}`);
const functionOf = (name, l) => (name === "sigmoid" ? "\\sigma" : `f^{${l}}`);
const slopeOf = (name, l) => (name === "sigmoid" ? "\\sigma\\prime" : `f^{${l}\\prime}`);
const gradient = (parameter, of) => `\\frac{\\partial ${of}}{\\partial ${parameter}}`;
export const parameter = name => `${name[0]}^{${name[1]}}_{${name.slice(3)}}`;

const activation = (t, l) => (l === 2 ? t.output : t.hidden);
const range = n => Array.from({ length: n }, (_, i) => i + 1);
const all = (t, l) => range(t.sizes[l]);
const of = t => (t.batch ? "J" : "\\loss");
export const neurons = t => [2, 1].flatMap(l => all(t, l).map(j => [l, j]));
const yhat = (t, j) => numbered("\\yhat", j, t.sizes[2]);
const y = (t, j) => numbered("y", j, t.sizes[2]);

// ---- 数を代入した行 ------------------------------------------------------------------------------
// 値は、名前 data-name をつけて書く。誤りのとき、変わった値に印をつけるのに使う。

const signed = text => (text.startsWith("−") ? `(${text})` : text);
const span = (t, colour, name, after) => {
  const text = number(t.values[name]);
  return `<span${colour ? ` class="${colour}"` : ""} data-name="${name}">${after ? signed(text) : text}</span>`;
};
const f = (t, name, after = true) => span(t, "f", name, after);
const g = (t, name, after = true) => span(t, "b", name, after);
const p = (t, name, after = true) => span(t, "", name, after);
const line = (symbol, terms, result) => `${markup(symbol)} = ${terms} = ${result}`;
const average = terms => `(${terms.join(" + ")}) / ${terms.length}`;
const entries = (t, l, fresh = "") => all(t, l - 1).map(k => (l === 1 ? `x${k}` : `${fresh}a1_${k}`));

const weighted = (t, l, j, fresh = "") => {
  const products = entries(t, l, fresh).map((name, k) => `${p(t, `${fresh}w${l}_${j}${k + 1}`)} × ${f(t, name)}`);
  return [line(z(l, j), [...products, p(t, `${fresh}b${l}_${j}`)].join(" + "), f(t, `${fresh}z${l}_${j}`, false))];
};

function activated(t, l, fresh = "") {
  return all(t, l).map(j => {
    const value = f(t, `${fresh}z${l}_${j}`, false);
    const powers = () => all(t, l).map(k => `e<sup>${f(t, `${fresh}z${l}_${k}`, false)}</sup>`);
    const terms = {
      identity: () => markup(z(l, j)), sigmoid: () => `σ(${value})`, tanh: () => `tanh(${value})`,
      relu: () => `max(${value}, 0)`, leaky_relu: () => `leaky ReLU(${value})`,
      softplus: () => `log (1 + e<sup>${value}</sup>)`, softmax: () => `${powers()[j - 1]} / (${powers().join(" + ")})`,
    }[activation(t, l)]();
    return line(l === 2 ? yhat(t, j) : a(l, j), terms, f(t, `${fresh}a${l}_${j}`, false));
  });
}

function logarithms(t, fresh) {
  const terms = all(t, 2).flatMap(j => {
    const [output, target] = [f(t, `${fresh}a2_${j}`, false), t.values[`y${j}`]];
    const parts = [[target, `log ${output}`]];
    if (t.loss === "binary_cross_entropy") parts.push([1 - target, `log (1 − ${output})`]);
    return parts.filter(([share]) => share !== 0)
      .map(([share, text]) => `−${share === 1 ? "" : `${number(share)} × `}${text}`);
  });
  return [terms[0], ...terms.slice(1).map(term => `− ${term.slice(1)}`)].join(" ");
}

function lossTerms(t, fresh = "") {
  if (t.paired) return logarithms(t, fresh);
  const squares = all(t, 2).map(j => `(${f(t, `${fresh}a2_${j}`, false)} − ${p(t, `y${j}`)})²`).join(" + ");
  const divisor = t.loss === "mse" ? t.sizes[2] : 2;
  if (divisor === 1) return squares;
  return t.sizes[2] > 1 ? `(${squares}) / ${divisor}` : `${squares} / ${divisor}`;
}
const meanLoss = (t, fresh = "") => (t.batch
  ? [line("J", average(t.used.map(n => f(t, `${fresh}loss@${n}`))), f(t, `${fresh}cost`, false))] : []);

function outputGradient(t, j) {
  const [output, target] = [f(t, `a2_${j}`), p(t, `y${j}`)];
  if (t.loss === "binary_cross_entropy") return `(${output} − ${target}) / (${output} × (1 − ${output}))`;
  if (t.loss === "cross_entropy") return `−${target} / ${output}`;
  if (t.loss === "half_squared_error") return `${output} − ${target}`;
  return `2 × (${output} − ${target})${t.sizes[2] > 1 ? ` / ${t.sizes[2]}` : ""}`;
}

function slope(t, l, j) {
  const name = activation(t, l);
  const symbol = `${slopeOf(name, l)}(${z(l, j)})`;
  const result = f(t, `s${l}_${j}`, false);
  const [value, own] = [t.values[`z${l}_${j}`], f(t, `a${l}_${j}`)];
  if (name === "identity") return [`${markup(symbol)} = ${result}`];
  if (name === "relu" || name === "leaky_relu") {
    const side = value > 0 ? "正" : "負";
    return [`${markup(symbol)} = ${result}${number(value) === "0" ? "" : `（${number(value)} は${side}）`}`];
  }
  const terms = { sigmoid: `${own} × (1 − ${own})`, tanh: `1 − ${own}²`, softplus: `σ(${f(t, `z${l}_${j}`, false)})` };
  return [line(symbol, terms[name], result)];
}

// softmax の引き戻し。
function pulled(t, l, j) {
  const received = all(t, l).map(k => (l === 2 ? `dy${k}` : `r1_${k}`));
  const own = all(t, l).map(k => f(t, `a${l}_${k}`));
  const terms = own.map((value, k) => `${value} × ${g(t, received[k])}`).join(" + ");
  return `${own[j - 1]} × (${g(t, received[j - 1], false)} − (${terms}))`;
}

function outputDelta(t, j) {
  const result = g(t, `d2_${j}`, false);
  const difference = `${f(t, `a2_${j}`)} − ${p(t, `y${j}`)}`;
  if (t.loss === "cross_entropy") return [line(d(2, j), difference, result)];
  if (t.output === "softmax") return [line(d(2, j), pulled(t, 2, j), result)];
  const product = `${g(t, `dy${j}`, false)} × ${f(t, `s2_${j}`)}`;
  const found = [...slope(t, 2, j), line(d(2, j), product, result)];
  return t.paired ? [...found, line(`${yhat(t, j)} - ${y(t, j)}`, difference, result)] : found;
}

const back = (t, j) => all(t, 2).map(i => `${p(t, `w2_${i}${j}`, i > 1)} × ${g(t, `d2_${i}`)}`).join(" + ");

function hiddenDelta(t, j) {
  const result = g(t, `d1_${j}`, false);
  if (t.hidden === "softmax") {
    const received = all(t, 1).map(k => line(`g_{${k}}`, back(t, k), g(t, `r1_${k}`, false)));
    return [...received, line(d(1, j), pulled(t, 1, j), result)];
  }
  const sum = t.sizes[2] > 1 ? `(${back(t, j)})` : back(t, j);
  return [...slope(t, 1, j), line(d(1, j), `${sum} × ${f(t, `s1_${j}`)}`, result)];
}

function weightGradient(t, l, j) {
  return entries(t, l).map((entry, k) => {
    const terms = t.batch
      ? average(t.used.map((n, place) => `${g(t, `d${l}_${j}@${n}`, place > 0)} × ${f(t, `${entry}@${n}`)}`))
      : `${g(t, `d${l}_${j}`, false)} × ${f(t, entry)}`;
    return line(`\\partial ${of(t)}/\\partial ${w(l, j, k + 1)}`, terms, g(t, `gw${l}_${j}${k + 1}`, false));
  });
}

function biasGradients(t) {
  return neurons(t).map(([l, j]) => {
    const result = g(t, `gb${l}_${j}`, false);
    const symbol = `\\partial ${of(t)}/\\partial ${b(l, j)}`;
    if (!t.batch) return `${markup(`${symbol} = ${d(l, j)}`)} = ${result}`;
    return line(symbol, average(t.used.map(n => g(t, `d${l}_${j}@${n}`, n > 1))), result);
  });
}

export const updatedNames = (t, l) => [
  ...all(t, l).flatMap(j => all(t, l - 1).map(k => `w${l}_${j}${k}`)), ...all(t, l).map(j => `b${l}_${j}`),
];
const updates = (t, l) => updatedNames(t, l).map(name =>
  `${markup(parameter(name))} ← ${p(t, name, false)} − ${number(t.rate)} × ${g(t, `g${name}`)} = ${p(t, `n${name}`, false)}`);
const again = t => [1, 2].flatMap(l => [...all(t, l).flatMap(j => weighted(t, l, j, "n")), ...activated(t, l, "n")]);

function comparison(t) {
  const name = t.batch ? "cost" : "loss";
  const change = number(t.values[`n${name}`] - t.values[name]);
  return [
    line("\\loss", lossTerms(t, "n"), f(t, "nloss", false)), ...meanLoss(t, "n"),
    `損失の変化: ${p(t, `n${name}`, false)} − ${p(t, name)} = ${change}`,
    `一次近似の予想: −<i>η</i> × (勾配の成分の2乗の和) = ${p(t, "predicted", false)}`,
  ];
}

// ---- 手順 ----------------------------------------------------------------------------------------

const ACTIVATED = {
  identity: "恒等関数なので、加重和がそのまま活性です。",
  sigmoid: "加重和をシグモイド関数に通すと、0と1のあいだの数になります。",
  tanh: "加重和を tanh に通すと、−1と1のあいだの数になります。",
  relu: "ReLU は、負の加重和を0にし、正の加重和をそのまま通します。",
  leaky_relu: "leaky ReLU は、負の加重和を0.01倍し、正の加重和をそのまま通します。",
  softplus: "加重和を softplus に通すと、正の数になります。",
  softmax: "e を底とする指数関数に入れ、その和で割ります。足すと1になります。",
};

const unit = (t, l, j) => (l === 1 ? `隠れ層の${j}個め` : t.sizes[2] === 1 ? "出力" : `出力の${j}個め`);
const size = (t, rows) => `(${rows}, ${t.used.length})`;
const letter = (t, name, l) => {
  if (l === 0) return t.batch ? "X" : "x";
  return `${t.batch ? (name === "\\delta" ? "\\Delta" : name.toUpperCase()) : name}^{${l}}`;
};
const entry = (l, k) => (l === 1 ? `x_{${k}}` : a(1, k));
const nodesOf = (t, l) => all(t, l).map(j => `${l}_${j}`);
const into = (t, l, j) => all(t, l - 1).map(k => `${l}_${j}${k}`);
const wiresOf = (t, l) => all(t, l).flatMap(j => into(t, l, j));
const average1 = t => `\\frac{1}{${t.used.length}}`;
const STEP = { nodes: [], wires: [], way: "", formulas: [], shapes: "" };

export function plan(t) {
  const targets = [..."xy"].flatMap((name, n) => range(t.sizes[2 * n]).map(j => `${name}${j}`));
  const start = {
    ...STEP, phase: "出発点", title: "重みとバイアスを決めたところ", see: "順伝播",
    note: "出力は目標より大きいでしょうか、小さいでしょうか。予想してから進んでください。",
    shows: [...targets, ...updatedNames(t, 1), ...updatedNames(t, 2)], sums: () => [],
  };
  return [start, ...layerSteps(t, 1), ...layerSteps(t, 2), lossStep(t), ...deltaSteps(t), ...gradientSteps(t), ...updateSteps(t)];
}

function layerSteps(t, l) {
  const [before, after] = [letter(t, "a", l - 1), letter(t, "z", l)];
  const [rows, columns] = [t.sizes[l], t.sizes[l - 1]];
  const steps = all(t, l).map(j => ({
    ...STEP, phase: "順伝播", title: `行1 ― ${unit(t, l, j)}の加重和`, see: "順伝播",
    formulas: [
      `${z(l, j)} = ${all(t, l - 1).map(k => `${w(l, j, k)} ${entry(l, k)}`).join(" + ")} + ${b(l, j)}`,
      `${after} = W^{${l}} ${before} + b^{${l}}`,
    ],
    shapes: `${size(t, rows)} = (${rows}, ${columns}) ${size(t, columns)} + (${rows}, 1)`,
    note: "入ってくる値に線の重みを掛けて足し、最後にバイアスを足します。",
    shows: [`z${l}_${j}`], sums: s => weighted(s, l, j), nodes: [`${l}_${j}`], wires: into(t, l, j), way: "f",
  }));
  const name = activation(t, l);
  const one = l === 2 ? yhat(t, "j") : a(1, "j");
  const f1 = functionOf(name, l);
  const formula = name === "softmax"
    ? `${one} = \\frac{e^{${z(l, "j")}}}{\\sum_{k}e^{${z(l, "k")}}}`
    : `${one} = ${f1}(${z(l, rows > 1 || l === 1 ? "j" : 1)})`;
  steps.push({
    ...STEP, phase: "順伝播", title: `行1 ― ${l === 1 ? "隠れ層" : "出力層"}の活性`, see: "順伝播",
    formulas: [formula, `${letter(t, "a", l)} = ${f1}(${after})`], shapes: `${size(t, rows)} = ${size(t, rows)}`,
    note: ACTIVATED[name] + (l === 2 ? "これがネットワークの答え ŷ です。はじめの予想は当たりましたか。" : ""),
    shows: all(t, l).map(j => `a${l}_${j}`), sums: s => activated(s, l), nodes: nodesOf(t, l),
  });
  return steps;
}

function lossFormula(t) {
  const [target, output] = [y(t, "j"), yhat(t, "j")];
  const total = t.sizes[2] > 1 ? "\\sum_{j}" : "";
  if (t.loss === "binary_cross_entropy") {
    return total
      ? `\\loss = \\minus ${total}(${target}\\log${output} + (1 - ${target})\\log(1 - ${output}))`
      : `\\loss = \\minus ${target}\\log${output} - (1 - ${target})\\log(1 - ${output})`;
  }
  if (t.loss === "cross_entropy") return `\\loss = \\minus ${total}${target}\\log${output}`;
  const divisor = t.loss === "mse" ? t.sizes[2] : 2;
  return `\\loss = ${divisor === 1 ? "" : `\\frac{1}{${divisor}}`}${total}(${output} - ${target})^{2}`;
}

function lossStep(t) {
  return {
    ...STEP, phase: "順伝播", title: "行2 ― 損失", see: "損失", shapes: "一つの数",
    formulas: [lossFormula(t), ...(t.batch ? [`J = ${average1(t)}\\sum_{n}\\loss^{(n)}`] : [])],
    note: "この数は、逆伝播の計算には使いません。学習が進んだかを見るためのものです。",
    shows: t.batch ? ["loss", "cost"] : ["loss"], nodes: nodesOf(t, 2),
    sums: s => [line("\\loss", lossTerms(s), f(s, "loss", false)), ...meanLoss(s)],
  };
}

const dy = (t, j) => `\\frac{\\partial\\loss}{\\partial ${yhat(t, j)}}`;

function outputGradientFormula(t) {
  const [target, output] = [y(t, "j"), yhat(t, "j")];
  const difference = `${output} - ${target}`;
  return {
    binary_cross_entropy: `\\frac{${difference}}{${output}(1 - ${output})}`,
    cross_entropy: `\\minus \\frac{${target}}{${output}}`,
    half_squared_error: difference,
    mse: `${t.sizes[2] > 1 ? `\\frac{2}{${t.sizes[2]}}` : "2"}(${difference})`,
  }[t.loss];
}

function outputDeltaFormula(t, j) {
  const [target, output] = [y(t, j), yhat(t, j)];
  const slopeText = `${slopeOf(t.output, 2)}(${z(2, j)})`;
  if (t.loss === "cross_entropy") {
    return [`${d(2, j)} = ${output} - ${target}`, "softmax とクロスエントロピーの組では、ステップ1と2がまとまって、ŷ − y だけが残ります。"];
  }
  if (t.output === "softmax") {
    return [`${d(2, j)} = ${output}(${dy(t, j)} - \\sum_{k}${yhat(t, "k")}${dy(t, "k")})`,
      "softmax の出力は、どの加重和にもよります。そこで、行3の値から、ŷ で重みをつけた平均を引きます。"];
  }
  if (t.loss === "binary_cross_entropy") {
    return [`${d(2, j)} = ${dy(t, j)} \\times ${slopeText} = ${output} - ${target}`,
      "傾き σ′ を掛けると、ステップ1の分母と約されて、ŷ − y だけが残ります。"];
  }
  return [`${d(2, j)} = ${dy(t, j)} \\times ${slopeText}`,
    t.output === "identity" ? "恒等関数の傾きは1なので、行3の値のままです。" : "行3の値に、自分の傾きを掛けます。"];
}

function hiddenDeltaFormula(t, j) {
  const [own, next] = [letter(t, "\\delta", 1), letter(t, "\\delta", 2)];
  if (t.hidden === "softmax") {
    return [[`${d(1, j)} = a^{1}_{${j}}(g_{${j}} - \\sum_{k}a^{1}_{k}g_{k})`, `g = (W^{2})^{\\top}${next}`],
      "行きに使った重みを、帰りにも使って、届いた値 g を求めます。softmax では、a で重みをつけた平均を引きます。"];
  }
  const products = all(t, 2).map(i => `${w(2, i, j)}${d(2, i)}`).join(" + ");
  const slopeText = slopeOf(t.hidden, 1);
  return [[
    `${d(1, j)} = ${t.sizes[2] > 1 ? `(${products})` : products} \\times ${slopeText}(${z(1, j)})`,
    `${own} = (W^{2})^{\\top}${next} \\odot ${slopeText}(${letter(t, "z", 1)})`,
  ], "行きに使った重みを、帰りにも使います。帰ってきた値に、自分の傾きを掛けます。"];
}

function deltaSteps(t) {
  const [, hidden, outputs] = t.sizes;
  const first = {
    ...STEP, phase: "逆伝播", title: "行3 ― 出力の勾配（ステップ1）", see: "ステップ1",
    formulas: [`${dy(t, "j")} = ${outputGradientFormula(t)}`], shapes: size(t, outputs),
    note: "出力を少し増やすと、損失はどれだけ増えるか。負なら、出力を増やすと損失が減ります。",
    shows: all(t, 2).map(j => `dy${j}`), nodes: nodesOf(t, 2),
    sums: s => all(s, 2).map(j => line(`\\partial\\loss/\\partial ${yhat(s, j)}`, outputGradient(s, j), g(s, `dy${j}`, false))),
  };
  const output = all(t, 2).map(j => {
    const [formula, note] = outputDeltaFormula(t, j);
    const shape = size(t, outputs);
    return {
      ...STEP, phase: "逆伝播", title: `行4a ― 出力層${outputs === 1 ? "" : `の${j}個め`}の誤差項（ステップ2）`, see: "ステップ2",
      formulas: [formula], shapes: t.output === "softmax" ? shape : `${shape} = ${shape} ⊙ ${shape}`, note,
      shows: [`d2_${j}`], sums: s => outputDelta(s, j), nodes: [`2_${j}`],
    };
  });
  const inner = all(t, 1).map(j => {
    const [formulas, note] = hiddenDeltaFormula(t, j);
    const shape = `${size(t, hidden)} = (${hidden}, ${outputs}) ${size(t, outputs)}`;
    return {
      ...STEP, phase: "逆伝播", title: `行4b ― 隠れ層の${j}個めの誤差項（ステップ3）`, see: "ステップ3", formulas,
      shapes: t.hidden === "softmax" ? shape : `${shape} ⊙ ${size(t, hidden)}`, note,
      shows: [`d1_${j}`], sums: s => hiddenDelta(s, j), nodes: [`1_${j}`], wires: all(t, 2).map(i => `2_${i}${j}`), way: "b",
    };
  });
  return [first, ...output, ...inner];
}

function gradientSteps(t) {
  const mean = t.batch ? average1(t) : "";
  const steps = neurons(t).map(([l, j]) => {
    const [rows, columns] = [t.sizes[l], t.sizes[l - 1]];
    const before = letter(t, "a", l - 1);
    const one = t.batch ? `${mean}\\sum_{n}\\delta^{${l}(n)}_{${j}}${l === 1 ? "x^{(n)}_{k}" : "a^{1(n)}_{k}"}` : `${d(l, j)}${entry(l, "k")}`;
    return {
      ...STEP, phase: "逆伝播", title: `行4c ― ${unit(t, l, j)}に入る線の重みの勾配（ステップ4）`, see: "ステップ4",
      formulas: [
        `${gradient(w(l, j, "k"), of(t))} = ${one}`,
        `${gradient(`W^{${l}}`, of(t))} = ${mean}${letter(t, "\\delta", l)} ${l === 1 ? before : `(${before})`}^{\\top}`,
      ],
      shapes: `(${rows}, ${columns}) = ${size(t, rows)} (${t.used.length}, ${columns})`,
      note: t.batch ? "線の出口の誤差項と入り口の値の積の、例についての平均です。"
        : `線の出口の誤差項と、入り口の値の積です。${l === 1 ? "入り口が0の線の勾配は、いつも0です。" : ""}`,
      shows: all(t, l - 1).map(k => `gw${l}_${j}${k}`), sums: s => weightGradient(s, l, j), nodes: [`${l}_${j}`], wires: into(t, l, j),
    };
  });
  const [inputs, hidden, outputs] = t.sizes;
  steps.push({
    ...STEP, phase: "逆伝播", title: "行4d ― バイアスの勾配（ステップ5）", see: "ステップ5",
    formulas: [`${gradient(b("l", "j"), of(t))} = ${t.batch ? `${mean}\\sum_{n}\\delta^{l(n)}_{j}` : d("l", "j")}`],
    shapes: `(${outputs}, 1)、(${hidden}, 1)`,
    note: `${t.batch ? "誤差項の、例についての平均です。" : "例が1個なら、誤差項そのものです。"}これで${hidden * (inputs + 1) + outputs * (hidden + 1)}個の勾配がそろいました。`,
    shows: neurons(t).map(([l, j]) => `gb${l}_${j}`), sums: biasGradients, nodes: [...nodesOf(t, 1), ...nodesOf(t, 2)],
  });
  return steps;
}

function updateSteps(t) {
  const name = t.batch ? "cost" : "loss";
  const steps = [[2, "出力層"], [1, "隠れ層"]].map(([l, where]) => {
    const shape = `(${t.sizes[l]}, ${t.sizes[l - 1]})`;
    return {
      ...STEP, phase: "更新", title: `行5 ― ${where}の重みとバイアス（ステップ6）`, see: "ステップ6",
      formulas: [..."Wb"].map(v => `${v}^{${l}} \\leftarrow ${v}^{${l}} - \\eta ${gradient(`${v}^{${l}}`, of(t))}`),
      shapes: `${shape} = ${shape} − ${shape}`,
      note: "勾配の逆向きに、学習率 η の割合だけ動かします。勾配がすべてそろってから動かすのが決まりです。",
      shows: updatedNames(t, l).map(v => `n${v}`), sums: s => updates(s, l), nodes: nodesOf(t, l), wires: wiresOf(t, l), way: "u",
    };
  });
  const inside = `${functionOf(t.hidden, 1)}(W^{1} ${letter(t, "a", 0)} + b^{1})`;
  const change = t.values[`n${name}`] - t.values[name];
  steps.push({
    ...STEP, phase: "更新", title: "行1をもう一度 ― 新しい重みでの出力", see: "順伝播",
    formulas: [`${t.batch ? "A^{2}" : "\\yhat"} = ${functionOf(t.output, 2)}(W^{2}${inside} + b^{2})`], shapes: size(t, t.sizes[2]),
    note: "出力は、目標に近づいたでしょうか。",
    shows: [1, 2].flatMap(l => [..."za"].flatMap(v => all(t, l).map(j => `n${v}${l}_${j}`))), sums: again,
    nodes: nodesOf(t, 2), wires: [...wiresOf(t, 1), ...wiresOf(t, 2)], way: "f",
  }, {
    ...STEP, phase: "更新", title: "行2をもう一度 ― 新しい損失", see: "ステップ6", formulas: [lossFormula(t)], shapes: "一つの数",
    note: `損失は${change < 0 ? "下がりました" : change > 0 ? "上がりました" : "変わりません"}。一次近似の予想との差は、歩幅を小さくするほど縮みます。`,
    shows: t.batch ? ["nloss", "ncost"] : ["nloss"], sums: comparison, nodes: nodesOf(t, 2),
  });
  return steps;
}
