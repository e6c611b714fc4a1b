// 一往復と更新の、すべての値。名前は backprop.interactive.stepping.values と同じ。
import { ACTIVATIONS, LOSSES, STEPS, backward, column, forward, losses, mean, transpose, updated, zip } from "./engine.js";

const zeros = Z => zip(() => 0, Z);
const slopes = (name, Z) => (ACTIVATIONS[name].derivative ?? zeros)(Z);

// 状態 { net, X, Y, rate, shown, batch } の使う例。
export const usedData = ({ X, Y, shown, batch }) => (batch ? [X, Y] : [column(X, shown), column(Y, shown)]);
export const sizesOf = net => [net.W1[0].length, net.W1.length, net.W2.length];

const numbered = (found, name, rows) => rows.forEach((row, j) => { found[`${name}${j + 1}`] = row; });
const layer = (found, name, l, rows) => numbered(found, `${name}${l}_`, rows);

function named(values, prefix, net) {
  for (const l of [1, 2]) {
    net[`W${l}`].forEach((row, j) => row.forEach((value, k) => { values[`${prefix}w${l}_${j + 1}${k + 1}`] = value; }));
    net[`b${l}`].forEach((row, j) => { values[`${prefix}b${l}_${j + 1}`] = row[0]; });
  }
}

// 誤り bug（parts/bugs.js）があれば、逆伝播か損失か更新を取り替える。
export function trip(state, bug = null) {
  const { net, rate, shown, batch } = state;
  const [X, Y] = usedData(state);
  const record = forward(net, X);
  const found = bug?.backward ? bug.backward(net, record, Y) : backward(net, record, Y);
  let after = updated(net, found, rate);
  if (bug?.step) [after, found.W1, found.b1, found.delta1, found.back] = bug.step(net, record, Y, rate);
  const again = forward(after, X);
  const each = bug?.losses ?? losses;
  const rows = {};
  numbered(rows, "x", X); numbered(rows, "y", Y); numbered(rows, "dy", found.dA);
  const layers = {
    z: [record.Z1, record.Z2], a: [record.A1, record.A2], d: [found.delta1, found.delta2], r: [found.back],
    s: [slopes(net.hidden, record.Z1), slopes(net.output, record.Z2)], nz: [again.Z1, again.Z2], na: [again.A1, again.A2],
  };
  for (const [name, parts] of Object.entries(layers)) parts.forEach((part, l) => layer(rows, name, l + 1, part));
  [rows.loss, rows.nloss] = [each(net, record, Y), each(after, again, Y)];
  const values = {};
  for (const [name, row] of Object.entries(rows)) {
    // 形を間違えた誤りでは、例の数だけの列がない
    values[name] = row[Math.min(batch ? shown : 0, row.length - 1)];
    if (batch) row.forEach((value, n) => { values[`${name}@${n + 1}`] = value; });
  }
  named(values, "", net); named(values, "g", found); named(values, "n", after);
  [values.cost, values.ncost] = [mean(rows.loss), mean(rows.nloss)];
  const squares = ["W1", "b1", "W2", "b2"].flatMap(name => found[name].flat()).reduce((sum, g) => sum + g * g, 0);
  values.predicted = -rate * squares;
  const examples = X[0].length;
  return {
    sizes: sizesOf(net), hidden: net.hidden, output: net.output, loss: net.loss, rate, shown, batch, values,
    used: batch ? Array.from({ length: examples }, (_, n) => n + 1) : [shown + 1],
    paired: Boolean(LOSSES[net.loss].output),
  };
}
