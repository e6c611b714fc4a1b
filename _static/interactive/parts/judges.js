// 博物館の九人の審判。いまのネットワークと例で、誤りに気づくかを調べる（backprop.judges.museum.judging）。
// 「記号」と「自動微分」の二人はブラウザでは動かないので、二人と一致する正しい逆伝播と比べる。
import { LEAK, PARAMETERS, backward, forward, losses, mean, updated, zip } from "./engine.js";

const [STEPS, FALLEN, ACCURATE, DRIFT, ONE_POINT, EXACT] = [200, 0.5, 0.9, 1e-6, 1e-4, 1e-10];
const EPS = 2 ** -52;
export const JUDGES = ["損失", "正解率", "形", "前進差分", "中心差分", "複素ステップ", "二歩", "記号", "自動微分"];

// ---- 複素ステップ法 ------------------------------------------------------------------------------
// 数 [実部, 虚部]。損失のプログラムを、微分の公式を使わずに、複素数で動かす。

const ops = {
  plus: (p, q) => [p[0] + q[0], p[1] + q[1]],
  add: (p, real) => [p[0] + real, p[1]],
  scale: (p, real) => [p[0] * real, p[1] * real],
  times: (p, q) => [p[0] * q[0] - p[1] * q[1], p[0] * q[1] + p[1] * q[0]],
  square: p => ops.times(p, p),
  over(p, q) {
    const size = q[0] * q[0] + q[1] * q[1];
    return [(p[0] * q[0] + p[1] * q[1]) / size, (p[1] * q[0] - p[0] * q[1]) / size];
  },
  exp: p => [Math.exp(p[0]) * Math.cos(p[1]), Math.exp(p[0]) * Math.sin(p[1])],
  log: p => [Math.log(Math.hypot(...p)), Math.atan2(p[1], p[0])],
};
const one = p => ops.add(p, 1);
const falling = (p, times) => ops.exp(ops.scale(p, p[0] >= 0 ? -times : times));
const softplus = p => ops.plus(p[0] >= 0 ? p : [0, 0], ops.log(one(falling(p, 1))));
const COMPLEX = {
  identity: p => p,
  sigmoid: p => ops.over(p[0] >= 0 ? [1, 0] : falling(p, 1), one(falling(p, 1))),
  tanh(p) {
    const e = falling(p, 2);
    return ops.scale(ops.over(ops.add(ops.scale(e, -1), 1), one(e)), p[0] >= 0 ? 1 : -1);
  },
  relu: p => (p[0] <= 0 ? [0, 0] : p),
  leaky_relu: p => (p[0] > 0 ? p : ops.scale(p, LEAK)),
  softplus,
};
const columns = (f, Z) => {
  const made = Z[0].map((_, n) => f(Z.map(row => row[n])));
  return Z.map((_, j) => made.map(one_ => one_[j]));
};
const softmax = z => {
  const largest = Math.max(...z.map(p => p[0]));
  const powers = z.map(p => ops.exp(ops.add(p, -largest)));
  return powers.map(p => ops.over(p, powers.reduce(ops.plus)));
};
const activate = (name, Z) => (name === "softmax" ? columns(softmax, Z) : zip(p => COMPLEX[name](p), Z));
const total = parts => parts.reduce(ops.plus);

const LOSS = {
  mse: (z, a, y) => ops.scale(total(a.map((p, j) => ops.square(ops.add(p, -y[j])))), 1 / y.length),
  half_squared_error: (z, a, y) => ops.scale(total(a.map((p, j) => ops.square(ops.add(p, -y[j])))), 0.5),
  binary_cross_entropy: (z, a, y) => total(z.map((p, j) =>
    ops.plus(ops.scale(softplus(ops.scale(p, -1)), y[j]), ops.scale(softplus(p), 1 - y[j])))),
  cross_entropy(z, a, y) {
    const largest = Math.max(...z.map(p => p[0]));
    const log = ops.log(total(z.map(p => ops.exp(ops.add(p, -largest)))));
    return total(z.map((p, j) => (y[j] === 0 ? [0, 0] : ops.scale(ops.plus(log, ops.scale(ops.add(p, -largest), -1)), y[j]))));
  },
};

// 一つのパラメータだけに小さな虚部をつけた、平均損失の虚部。
const TINY = 1e-200;
function imaginary(net, X, Y, bug, name, row, place) {
  const part = (W, own) => W.map((values, j) => values.map((value, k) => [value, own && j === row && k === place ? TINY : 0]));
  const [W1, b1, W2, b2] = PARAMETERS.map(one_ => part(net[one_], one_ === name));
  const weighted = (W, A, b) => W.map((values, j) => A[0].map((_, n) => values.reduce((sum, w, k) => ops.plus(sum, ops.times(w, A[k][n])), b[j][0])));
  const A1 = activate(net.hidden, weighted(W1, X.map(values => values.map(value => [value, 0])), b1));
  const Z2 = weighted(W2, A1, b2);
  const A2 = activate(net.output, Z2);
  const at = (A, n) => A.map(values => values[n]);
  const each = bug?.lossesOf ? bug.lossesOf(ops, A2, Y) : Y[0].map((_, n) => LOSS[net.loss](at(Z2, n), at(A2, n), at(Y, n)));
  return total(each)[1] / each.length / TINY;
}

// ---- 誤りのあるプログラム ------------------------------------------------------------------------

const given = (net, X, Y, bug) => {
  const record = forward(net, X);
  return bug?.backward ? bug.backward(net, record, Y) : backward(net, record, Y);
};
const costOf = (net, X, Y, bug) => mean((bug?.losses ?? losses)(net, forward(net, X), Y));
const stepped = (net, X, Y, bug, rate) => (bug?.step ? bug.step(net, forward(net, X), Y, rate)[0] : updated(net, given(net, X, Y, bug), rate));
const measured = (net, measure) => Object.fromEntries(PARAMETERS.map(name =>
  [name, net[name].map((row, j) => row.map((_, k) => measure(name, j, k)))]));
const byComplexStep = (net, X, Y, bug) => measured(net, (name, j, k) => imaginary(net, X, Y, bug, name, j, k));
const nudged = (net, name, row, place, offset) => ({
  ...net, [name]: net[name].map((values, j) => (j === row ? values.map((value, k) => (k === place ? value + offset : value)) : values)),
});
// ずらす幅は、値が1より大きければ、値に比べてとる。
const scaleOf = value => 2 ** Math.ceil(Math.log2(Math.max(1, Math.abs(value))));
const forwardDifference = (net, X, Y, bug, name, j, k) => {
  const h = 2 ** -26 * scaleOf(net[name][j][k]);
  return (costOf(nudged(net, name, j, k, h), X, Y, bug) - costOf(net, X, Y, bug)) / h;
};
const centralDifference = (net, X, Y, bug, name, j, k) => {
  const h = 2 ** -17 * scaleOf(net[name][j][k]);
  return (costOf(nudged(net, name, j, k, h), X, Y, bug) - costOf(nudged(net, name, j, k, -h), X, Y, bug)) / (2 * h);
};
const relative = (x, y, scale = 0) => {
  const size = Math.max(Math.abs(x), Math.abs(y), scale);
  return size > 0 ? Math.abs(x - y) / size : 0;
};
const largest = values => Math.max(...values.map(Math.abs));

// 配列ごとに、分解能より大きな違いがあるか（check_gradient と同じ境目）。
function wrong(found, truth, cost, power, limit) {
  return PARAMETERS.some(name => {
    const size = Math.max(Math.abs(cost), largest(truth[name].flat()));
    const scale = 10 * EPS ** power * size / limit;
    return found[name].some((row, j) => row.some((value, k) => !(relative(value, truth[name][j][k], scale) <= limit)));
  });
}

// ---- 審判 ----------------------------------------------------------------------------------------

function learned(net, X, Y, bug, rate) {
  let at = net;
  const before = costOf(net, X, Y, bug);
  for (let n = 0; n < STEPS; n++) at = stepped(at, X, Y, bug, rate);
  const after = costOf(at, X, Y, bug);
  const { A2 } = forward(at, X);
  const best = (A, n) => A.reduce((place, row, j) => (row[n] > A[place][n] ? j : place), 0);
  const right = Y[0].map((_, n) => (Y.length === 1 ? (A2[0][n] > 0.5) === (Y[0][n] > 0.5) : best(A2, n) === best(Y, n)));
  const broken = !Number.isFinite(after) || !PARAMETERS.every(name => at[name].flat().every(Number.isFinite));
  return { before, after: broken ? Infinity : after, accuracy: broken ? 0 : mean(right.map(Number)) };
}

function drifts(net, X, Y, bug, rate) {
  let [own, truth] = [net, net];
  for (let n = 0; n < 2; n++) {
    own = stepped(own, X, Y, bug, rate);
    truth = updated(truth, byComplexStep(truth, X, Y, bug), rate);
  }
  return PARAMETERS.some(name => own[name].flat().some((value, n) => !(Math.abs(value - truth[name].flat()[n]) <= DRIFT)));
}

// 折れ目の上か、すぐ近くか。そこでは、差分は両側の傾きを混ぜる。
const kinked = (net, X) => {
  const record = forward(net, X);
  const near = (name, Z) => ["relu", "leaky_relu"].includes(name) && Z.flat().some(z => Math.abs(z) < 1e-3);
  return near(net.hidden, record.Z1) || near(net.output, record.Z2);
};

// 審判ごとに、気づけば true、気づかなければ false、見せられないときは、わけの文字。
export function examine(net, X, Y, bug, rate, draws) {
  const found = given(net, X, Y, bug);
  const truth = backward(net, forward(net, X), Y);
  const result = learned(net, X, Y, bug, rate);
  const binary = Y.flat().every(y => y === 0 || y === 1);
  const kink = kinked(net, X) ? "折れ目の近く" : "";
  const places = PARAMETERS.flatMap(name => net[name].flatMap((row, j) => row.map((_, k) => [name, j, k])));
  const [name, j, k] = places[draws[places.length - 1]];
  const cost = costOf(net, X, Y, bug);
  const size = largest(PARAMETERS.flatMap(one_ => truth[one_].flat()));
  const outside = PARAMETERS.some(one_ => found[one_].flat().some((value, n) => !(relative(value, truth[one_].flat()[n], 1e-3 * size) <= EXACT)));
  return {
    損失: !(result.after < FALLEN * result.before),
    正解率: binary ? result.accuracy < ACCURATE : "目標が0と1でない",
    形: Boolean(found.misshapen),
    前進差分: kink || relative(found[name][j][k], forwardDifference(net, X, Y, bug, name, j, k)) > ONE_POINT,
    中心差分: kink || wrong(found, measured(net, (...place) => centralDifference(net, X, Y, bug, ...place)), cost, 2 / 3, 1e-6),
    複素ステップ: wrong(found, byComplexStep(net, X, Y, bug), cost, 1, 1e-10),
    二歩: drifts(net, X, Y, bug, rate),
    記号: outside,
    自動微分: outside,
  };
}
