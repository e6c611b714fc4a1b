// 2層のネットワーク（入力、隠れ層、出力）の、順伝播、逆伝播、更新。画面には触れない。
// 行列は行の並びで、例は列に並ぶ。式の形は Python のパッケージと同じで、値を検査が突き合わせる。
// ネットワーク net は { hidden, output, loss, W1, b1, W2, b2 }。バイアスは (N, 1) の行列。

// ---- 行列 ----------------------------------------------------------------------------------------

export const zip = (f, ...matrices) =>
  matrices[0].map((row, j) => row.map((_, n) => f(...matrices.map(matrix => matrix[j][n]), j, n)));
export const transpose = A => A[0].map((_, n) => A.map(row => row[n]));
export const product = (A, B) =>
  A.map(row => B[0].map((_, n) => row.reduce((sum, value, k) => sum + value * B[k][n], 0)));
export const column = (A, n) => A.map(row => [row[n]]);
const total = values => values.reduce((sum, value) => sum + value, 0);
const byColumn = (f, ...matrices) => transpose(transpose(matrices[0]).map((_, n) =>
  f(...matrices.map(matrix => matrix.map(row => row[n])))));

// ---- 活性化関数 ----------------------------------------------------------------------------------

export const LEAK = 0.01;
const fall = z => Math.exp(-Math.abs(z));
const sigmoid = z => (z >= 0 ? 1 : fall(z)) / (1 + fall(z));
const ELEMENTWISE = {
  identity: [z => z, () => 1],
  sigmoid: [sigmoid, z => fall(z) / (1 + fall(z)) ** 2],
  tanh: [Math.tanh, z => (2 * fall(z) / (1 + fall(z) ** 2)) ** 2],
  relu: [z => (z <= 0 ? 0 : z), z => (z > 0 ? 1 : 0)],
  leaky_relu: [z => (z > 0 ? z : LEAK * z), z => (z > 0 ? 1 : LEAK)],
  softplus: [z => Math.max(z, 0) + Math.log1p(fall(z)), sigmoid],
};
const softmax = z => {
  const largest = Math.max(...z);
  const powers = z.map(value => Math.exp(value - largest));
  return powers.map(value => value / total(powers));
};

// どの活性化関数も { value(Z), derivative(Z), pullback(Z, dA) }。softmax に derivative はない。
export const ACTIVATIONS = Object.fromEntries(Object.entries(ELEMENTWISE).map(([name, [f, slope]]) => [name, {
  name, scalar: f, slope,
  value: Z => zip(f, Z),
  derivative: Z => zip(slope, Z),
  pullback: (Z, dA) => zip((z, d) => d * slope(z), Z, dA),
}]));
ACTIVATIONS.softmax = {
  name: "softmax",
  value: Z => byColumn(softmax, Z),
  derivative: null,
  pullback: (Z, dA) => byColumn((z, d) => {
    const a = softmax(z);
    const mean = total(a.map((value, k) => value * d[k]));
    return a.map((value, j) => value * (d[j] - mean));
  }, Z, dA),
};

// ---- 損失関数 ------------------------------------------------------------------------------------

const ratio = (x, y) => x / (x === 0 ? 1 : y);
const softplus = ELEMENTWISE.softplus[0];
// 最大の要素の e^0 = 1 は log1p に任せ、ほとんど確信している出力の小さな損失も、桁を落とさない。
const logSum = z => {
  const place = z.indexOf(Math.max(...z));
  const shifted = z.map(value => value - z[place]);
  return [shifted, Math.log1p(total(shifted.map((value, j) => (j === place ? 0 : Math.exp(value)))))];
};
const squares = (a, y) => total(a.map((value, j) => (value - y[j]) ** 2));

// どの損失も、1例の列から { value(z, a, y), gradient(a, y) }。paired は、対になる出力層の活性化関数と、
// その組での誤差項。一つの例の列でいう。
export const LOSSES = {
  mse: { value: (z, a, y) => squares(a, y) / y.length, gradient: (a, y) => a.map((v, j) => 2 * (v - y[j]) / y.length) },
  half_squared_error: { value: (z, a, y) => squares(a, y) / 2, gradient: (a, y) => a.map((v, j) => v - y[j]) },
  binary_cross_entropy: {
    value: (z, a, y) => total(z.map((v, j) => y[j] * softplus(-v) + (1 - y[j]) * softplus(v))),
    gradient: (a, y) => a.map((v, j) => ratio(1 - y[j], 1 - v) - ratio(y[j], v)),
    output: "sigmoid",
    delta: (a, y) => a.map((v, j) => v - y[j]),
  },
  cross_entropy: {
    value: (z, a, y) => {
      const [shifted, log] = logSum(z);
      return total(y.map((v, j) => (v === 0 ? 0 : v * (log - shifted[j]))));
    },
    gradient: (a, y) => a.map((v, j) => -ratio(y[j], v) + 0),
    output: "softmax",
    delta: (a, y) => a.map((v, j) => v * total(y) - y[j]),
  },
};

// その出力層の活性化関数と、その損失を組にできるか。
export const allowed = (output, loss) => !LOSSES[loss].output || LOSSES[loss].output === output;

// ---- 一往復 --------------------------------------------------------------------------------------

export const weighted = (W, A, b) => zip((value, j) => value + b[j][0], product(W, A));

// 行1。記録 { A0, Z1, A1, Z2, A2 }。
export function forward(net, X) {
  const Z1 = weighted(net.W1, X, net.b1);
  const A1 = ACTIVATIONS[net.hidden].value(Z1);
  const Z2 = weighted(net.W2, A1, net.b2);
  return { A0: X, Z1, A1, Z2, A2: ACTIVATIONS[net.output].value(Z2) };
}

// 行2。例ごとの損失と、その平均。
export const losses = (net, record, Y) => {
  const [z, a, y] = [record.Z2, record.A2, Y].map(transpose);
  return y.map((_, n) => LOSSES[net.loss].value(z[n], a[n], y[n]));
};
export const mean = values => total(values) / values.length;
export const cost = (net, X, Y) => mean(losses(net, forward(net, X), Y));

// 行3から行5（ステップ1から6）。どれも、一つを取り替えて誤りにできるように、分けてある。
export const STEPS = {
  outputGradient: (net, record, Y) => byColumn(LOSSES[net.loss].gradient, record.A2, Y),
  outputDelta: (net, record, Y, dA) => {
    const { delta } = LOSSES[net.loss];
    return delta ? byColumn(delta, record.A2, Y) : ACTIVATIONS[net.output].pullback(record.Z2, dA);
  },
  back: (net, delta2) => product(transpose(net.W2), delta2),
  hiddenDelta: (net, record, back) => ACTIVATIONS[net.hidden].pullback(record.Z1, back),
  weightGradient: (delta, before) => product(zip(value => value / delta[0].length, delta), transpose(before)),
  biasGradient: delta => delta.map(row => [total(row) / row.length]),
  update: (value, gradient, rate) => zip((v, g) => v - rate * g, value, gradient),
};

// 行3と行4。{ dA, delta2, back, delta1, W1, b1, W2, b2 }（あとの四つは J の勾配）。
export function backward(net, record, Y, steps = STEPS) {
  const dA = steps.outputGradient(net, record, Y);
  const delta2 = steps.outputDelta(net, record, Y, dA);
  const back = steps.back(net, delta2);
  const delta1 = steps.hiddenDelta(net, record, back);
  return { dA, delta2, back, delta1, ...gradientsOf(record, delta1, delta2, steps) };
}

// 行4c と行4d。
export const gradientsOf = (record, delta1, delta2, steps = STEPS) => ({
  W1: steps.weightGradient(delta1, record.A0), b1: steps.biasGradient(delta1),
  W2: steps.weightGradient(delta2, record.A1), b2: steps.biasGradient(delta2),
});

export const PARAMETERS = ["W1", "b1", "W2", "b2"];

// 行5。新しいネットワーク。
export function updated(net, gradients, rate, steps = STEPS) {
  const moved = PARAMETERS.map(name => [name, steps.update(net[name], gradients[name], rate)]);
  return { ...net, ...Object.fromEntries(moved) };
}
