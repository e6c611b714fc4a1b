// 「誤りの博物館」の誤り。どれも、正しい一往復と一か所だけ違う（backprop.judges.museum.mistakes）。
// needs は、この誤りの意味がない、または形が合わずに動かないときのわけ。なければ空の文字。
import { ACTIVATIONS, STEPS, backward, column, gradientsOf, mean, product, transpose, zip } from "./engine.js";

export const EPSILON = 1e-8;
const minus = (A, B) => zip((x, y) => x - y, A, B);
const times = (A, B) => zip((x, y) => x * y, A, B);
const rowMeans = A => A.map(row => [mean(row)]);
const sum = values => values.reduce((total, value) => total + value, 0);

// 出力層の誤差項のあとを、すべて正しく続ける。
function fromOutput(net, record, Y, delta2, dA = STEPS.outputGradient(net, record, Y)) {
  const back = STEPS.back(net, delta2);
  return fromHidden(record, { dA, delta2, back }, STEPS.hiddenDelta(net, record, back));
}
// 隠れ層の誤差項のあとを、正しく続ける。
const fromHidden = (record, found, delta1) => ({ ...found, delta1, ...gradientsOf(record, delta1, found.delta2) });
// 隠れ層の誤差項だけを取り替える。
const hidden = make => (net, record, Y) => {
  const found = backward(net, record, Y);
  return fromHidden(record, found, make(net, record, found));
};
const pullback = (net, Z, back) => ACTIVATIONS[net.hidden].pullback(Z, back);
const replaced = (found, changes, misshapen = false) => ({ ...found, ...changes, misshapen });
// 列の数か行の数が足りない勾配を、更新のときと同じように引き伸ばす。
const stretched = (column_, rows) => Array.from({ length: rows }, (_, j) => column_[Math.min(j, column_.length - 1)]);

const shape = net => [net.W1[0].length, net.W1.length, net.W2.length];
const squared = net => net.loss === "mse" || net.loss === "half_squared_error";
const plainDelta = net => net.loss === "half_squared_error" ? net.output === "identity" : !squared(net);
const when = (condition, reason) => (condition ? "" : reason);
const equal = net => new Set(shape(net)).size === 1;

export const BUGS = {
  flipped_sign: {
    needs: () => "",
    backward(net, record, Y) {
      const right = backward(net, record, Y);
      const flip = A => zip(v => -v, A);
      return fromOutput(net, record, Y, flip(right.delta2), flip(right.dA));
    },
  },
  no_factor: {
    needs: net => when(net.loss === "mse" && shape(net)[2] !== 2, "平均二乗誤差で、出力が2個でないとき"),
    backward(net, record, Y) {
      const dA = minus(record.A2, Y);
      return fromOutput(net, record, Y, ACTIVATIONS[net.output].pullback(record.Z2, dA), dA);
    },
  },
  plain_difference: {
    needs: net => when(squared(net) && (net.output !== "identity" || (net.loss === "mse" && shape(net)[2] !== 2)), "二乗誤差で、差だけでは正しくないとき"),
    backward: (net, record, Y) => fromOutput(net, record, Y, minus(record.A2, Y)),
  },
  slope_again: {
    needs: net => when(net.loss === "binary_cross_entropy", "2値クロスエントロピーのとき"),
    backward: (net, record, Y) => fromOutput(net, record, Y, times(minus(record.A2, Y), ACTIVATIONS.sigmoid.derivative(record.Z2))),
  },
  diagonal_softmax: {
    needs: net => when(net.output === "softmax" && shape(net)[2] > 1, "softmax の出力が2個以上のとき"),
    backward: (net, record, Y) => fromOutput(net, record, Y, zip((g, a) => g * a * (1 - a), STEPS.outputGradient(net, record, Y), record.A2)),
  },
  no_slope: { needs: net => when(net.hidden !== "identity", "隠れ層が恒等関数でないとき"), backward: hidden((net, record, found) => found.back) },
  slope_at_a: {
    needs: net => when(!["identity", "relu", "leaky_relu"].includes(net.hidden), "隠れ層の傾きが、符号だけでは決まらないとき"),
    backward: hidden((net, record, found) => pullback(net, record.A1, found.back)),
  },
  wrong_slope: { needs: net => when(net.hidden === "tanh", "隠れ層が tanh のとき"), backward: hidden((net, record, found) => zip((g, a) => g * a * (1 - a), found.back, record.A1)) },
  open_mask: { needs: net => when(net.hidden === "relu", "隠れ層が ReLU のとき"), backward: hidden((net, record, found) => zip((g, a) => g * (a >= 0), found.back, record.A1)) },
  slope_of_error: {
    needs: net => when(!["identity", "softmax"].includes(net.hidden), "隠れ層が恒等関数でも softmax でもないとき"),
    backward: hidden((net, record, found) => pullback(net, found.back, found.back)),
  },
  no_transpose: {
    needs: net => when(shape(net)[1] === shape(net)[2] && shape(net)[1] > 1, "隠れ層と出力の数が等しいとき。違えば、形が合わずに止まる"),
    backward(net, record, Y) {
      const found = backward(net, record, Y);
      const back = product(net.W2, found.delta2);
      return fromHidden(record, { ...found, back }, pullback(net, record.Z1, back));
    },
  },
  last_path: {
    needs: net => when(shape(net)[2] > 1, "出力が2個以上のとき"),
    backward(net, record, Y) {
      const found = backward(net, record, Y);
      const back = product(transpose(net.W2.slice(-1)), found.delta2.slice(-1));
      return fromHidden(record, { ...found, back }, pullback(net, record.Z1, back));
    },
  },
  swapped_product: {
    needs: net => when(equal(net) && shape(net)[0] > 1, "三つの層の数が等しいとき。違えば、形が合わずに止まる"),
    backward(net, record, Y) {
      const found = backward(net, record, Y);
      return replaced(found, { W1: transpose(found.W1), W2: transpose(found.W2) });
    },
  },
  same_layer: {
    needs: net => when(equal(net), "三つの層の数が等しいとき。違えば、形が合わずに止まる"),
    backward(net, record, Y) {
      const found = backward(net, record, Y);
      return replaced(found, { W1: STEPS.weightGradient(found.delta1, record.A1), W2: STEPS.weightGradient(found.delta2, record.A2) });
    },
  },
  weight_for_activation: {
    needs: () => "",
    backward(net, record, Y) {
      const found = backward(net, record, Y);
      const wrong = (delta, W) => zip((w, j) => w * mean(delta[j]), W);
      return replaced(found, { W1: wrong(found.delta1, net.W1), W2: wrong(found.delta2, net.W2) });
    },
  },
  spoiled_record: {
    needs: net => when(net.hidden === "tanh", "隠れ層が tanh のとき"),
    backward(net, record, Y) {
      const found = backward(net, record, Y);
      const slope = zip(a => 1 - a * a, record.A1); // 記録した A1 の場所に書きこまれる
      return fromHidden({ ...record, A1: slope }, found, times(found.back, slope));
    },
  },
  bias_mean_twice: {
    needs: (net, m) => when(m > 1, "例が2個以上のとき"),
    backward(net, record, Y) {
      const found = backward(net, record, Y);
      const again = b => zip(v => v / Y[0].length, b);
      return replaced(found, { b1: again(found.b1), b2: again(found.b2) });
    },
  },
  bias_over_neurons: {
    needs: (net, m) => when((m === 1 && Math.max(shape(net)[1], shape(net)[2]) > 1) || (m > 1 && m === shape(net)[1] && m === shape(net)[2]),
      "例が1個か、例と隠れ層と出力の数が等しいとき。違えば、形が合わずに止まる"),
    backward(net, record, Y) {
      const found = backward(net, record, Y);
      const wrong = delta => rowMeans(transpose(delta));
      const changes = { b1: stretched(wrong(found.delta1), found.b1.length), b2: stretched(wrong(found.delta2), found.b2.length) };
      return replaced(found, changes, Y[0].length === 1);
    },
  },
  bias_as_number: {
    needs: net => when(Math.max(shape(net)[1], shape(net)[2]) > 1, "バイアスが2個以上の層があるとき"),
    backward(net, record, Y) {
      const found = backward(net, record, Y);
      const wrong = delta => delta.map(() => [sum(delta.flat()) / Y[0].length]);
      return replaced(found, { b1: wrong(found.delta1), b2: wrong(found.delta2) }, true);
    },
  },
  last_example: {
    needs: (net, m) => when(m > 1, "例が2個以上のとき"),
    backward(net, record, Y) {
      const found = backward(net, record, Y);
      const last = A => column(A, A[0].length - 1);
      const only = { A0: last(record.A0), A1: last(record.A1) };
      return { ...found, ...gradientsOf(only, last(found.delta1), last(found.delta2)) };
    },
  },
  mean_first: {
    needs: (net, m) => when(m > 1 && net.hidden === "tanh" && plainDelta(net), "例が2個以上で、隠れ層が tanh、出力層の誤差項が ŷ − y のとき"),
    backward(net, record, Y) {
      const found = backward(net, record, Y);
      const means = { A0: rowMeans(record.A0), A1: rowMeans(record.A1) };
      const delta2 = minus(rowMeans(record.A2), rowMeans(Y));
      const back = STEPS.back(net, delta2);
      const delta1 = zip((g, a) => g * (1 - a * a), back, means.A1);
      const wide = A => A.map(row => Y[0].map(() => row[0]));
      return { ...found, delta2: wide(delta2), back: wide(back), delta1: wide(delta1), ...gradientsOf(means, delta1, delta2) };
    },
  },
  every_pair: {
    needs: (net, m) => when(m > 1 && net.loss === "mse" && net.output === "identity" && shape(net)[2] === 1, "例が2個以上で、恒等関数の出力が1個、平均二乗誤差のとき"),
    backward: (net, record, Y) => {
      const dA = [record.A2[0].map(a => 2 * mean(Y[0].map(y => a - y)))];
      return fromOutput(net, record, Y, dA, dA);
    },
    losses: (net, record, Y) => record.A2[0].map(a => mean(Y[0].map(y => (a - y) ** 2))),
    lossesOf: (ops, A2, Y) => A2[0].map(a => ops.scale(Y[0].map(y => ops.square(ops.add(a, -y))).reduce(ops.plus), 1 / Y[0].length)),
  },
  epsilon: {
    needs: net => when(net.loss === "cross_entropy", "クロスエントロピーのとき"),
    losses: (net, record, Y) => Y[0].map((_, n) => -sum(Y.map((row, j) => row[n] * Math.log(record.A2[j][n] + EPSILON)))),
    lossesOf: (ops, A2, Y) => Y[0].map((_, n) => Y.map((row, j) => ops.scale(ops.log(ops.add(A2[j][n], EPSILON)), -row[n])).reduce(ops.plus)),
  },
  early: {
    needs: () => "",
    // 出力層を先に更新し、新しい重みで誤差項を戻す。
    step(net, record, Y, rate) {
      const found = backward(net, record, Y);
      const first = { ...net, W2: STEPS.update(net.W2, found.W2, rate), b2: STEPS.update(net.b2, found.b2, rate) };
      const back = STEPS.back(first, found.delta2);
      const delta1 = STEPS.hiddenDelta(net, record, back);
      const [W1, b1] = [STEPS.weightGradient(delta1, record.A0), STEPS.biasGradient(delta1)];
      return [{ ...first, W1: STEPS.update(net.W1, W1, rate), b1: STEPS.update(net.b1, b1, rate) }, W1, b1, delta1, back];
    },
  },
};
for (const [name, bug] of Object.entries(BUGS)) bug.name = name;
