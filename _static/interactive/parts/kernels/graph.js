// 計算グラフの値と勾配（src/backprop の autodiff と同じ）。ノードは親を先に並べ、葉は { v }、演算は { op, of: 親の番号 }。
const small = x => Math.exp(-Math.abs(x));  // 大きな数でもあふれない

// 演算ごとの、値と、入力ごとの局所的な微分。
const TWO = {
  "+": [(x, y) => x + y, () => [1, 1]],
  "−": [(x, y) => x - y, () => [1, -1]],
  "×": [(x, y) => x * y, (x, y) => [y, x]],
  "÷": [(x, y) => x / y, (x, y) => [1 / y, -x / (y * y)]],
};
const ONE = {
  "−": [x => -x, () => [-1]],
  exp: [Math.exp, x => [Math.exp(x)]],
  log: [Math.log, x => [1 / x]],
  sigmoid: [x => (x >= 0 ? 1 : small(x)) / (1 + small(x)), x => [small(x) / (1 + small(x)) ** 2]],
  tanh: [Math.tanh, x => [((2 * small(x)) / (1 + small(x) ** 2)) ** 2]],
  relu: [x => Math.max(x, 0), x => [x > 0 ? 1 : 0]],
};
const power = k => [x => x ** k, x => [k === 0 ? 0 : k * x ** (k - 1)]];

const rule = ({ op, of }) => (op[0] === "^" ? power(Number(op.slice(1))) : (of.length > 1 ? TWO : ONE)[op]);

export function forward(nodes) {
  const values = [];
  for (const node of nodes) values.push(node.of ? rule(node)[0](...node.of.map(n => values[n])) : node.v);
  return values;
}

// 出口に1を置いて、下から戻る。parts[n] は、演算 n から、入力ごとに送る勾配。
export function backward(nodes, values) {
  const gradients = values.map((_, n) => (n + 1 === values.length ? 1 : 0));
  const slopes = nodes.map(node => (node.of ? rule(node)[1](...node.of.map(n => values[n])) : []));
  const parts = nodes.map(() => []);
  for (let n = nodes.length - 1; n >= 0; n--) {
    parts[n] = slopes[n].map(slope => gradients[n] * slope);
    parts[n].forEach((part, k) => { gradients[nodes[n].of[k]] += part; });
  }
  return { gradients, slopes, parts };
}
