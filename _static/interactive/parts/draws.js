// くじで決める、きりのよい数のネットワークと例。同じ番号からは、いつも同じものができる。
import { forward } from "./engine.js";

const WEIGHTS = [-1.5, -1, -0.75, -0.5, -0.25, 0.25, 0.5, 0.75, 1, 1.5];
const BIASES = [-0.5, -0.25, 0, 0.25, 0.5];
const INPUTS = [-1, -0.5, 0.5, 1, 1.5, 2];
const TARGETS = [-1, -0.5, 0, 0.5, 1];

// 0以上1未満の数の列（線形合同法）。
function source(seed) {
  let state = (seed * 2654435761 + 12345) >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state >>> 8) / 2 ** 24;
  };
}

const table = (next, rows, columns, values) =>
  Array.from({ length: rows }, () => Array.from({ length: columns }, () => values[Math.floor(next() * values.length)]));

// 損失の定義域にある目標。
function targets(next, loss, rows, m) {
  if (loss !== "cross_entropy") return table(next, rows, m, loss === "binary_cross_entropy" ? [0, 1] : TARGETS);
  const classes = Array.from({ length: m }, () => Math.floor(next() * rows));
  return Array.from({ length: rows }, (_, j) => classes.map(one => Number(one === j)));
}

// どの加重和も、折れ目の 0 に近すぎないものを選ぶ。
export function drawn(seed, [inputs, hidden, outputs], names, m) {
  for (let round = 0; ; round++) {
    const next = source(seed + 1000 * round);
    const net = {
      ...names,
      W1: table(next, hidden, inputs, WEIGHTS), b1: table(next, hidden, 1, BIASES),
      W2: table(next, outputs, hidden, WEIGHTS), b2: table(next, outputs, 1, BIASES),
    };
    const X = table(next, inputs, m, INPUTS);
    const record = forward(net, X);
    const clear = [...record.Z1.flat(), ...record.Z2.flat()].every(z => Math.abs(z) > 0.05);
    if (clear || round > 50) return { net, X, Y: targets(next, names.loss, outputs, m) };
  }
}

// 目標が、損失の定義域にあるか。
export function fits(loss, Y) {
  if (loss === "binary_cross_entropy") return Y.flat().every(y => y >= 0 && y <= 1);
  if (loss !== "cross_entropy") return true;
  return Y.flat().every(y => y >= 0 && y <= 1) && Y[0].every((_, n) => Math.abs(Y.reduce((sum, row) => sum + row[n], 0) - 1) < 1e-6);
}
