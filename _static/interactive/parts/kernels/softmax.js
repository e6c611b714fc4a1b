// softmax と、クロスエントロピー。最大の加重和を引いてから計算する（src/backprop の softmax と同じ）。

export function softmax(z) {
  const largest = Math.max(...z);
  const powers = z.map(v => Math.exp(v - largest));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map(v => v / sum);
}

export function loss(z, target) {
  const largest = Math.max(...z);
  return largest - z[target] + Math.log(z.map(v => Math.exp(v - largest)).reduce((a, b) => a + b, 0));
}

export const gradient = (z, target) => softmax(z).map((p, n) => (n === target ? p - 1 : p));
