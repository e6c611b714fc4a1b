// 谷が二つある損失 J = w₁⁴/4 − w₁²/2 + w₁/5 + (w₂ − w₁²/2)² と、勾配降下法。

export const cost = (a, b) => a ** 4 / 4 - a ** 2 / 2 + a / 5 + (b - a ** 2 / 2) ** 2;

export function gradient(a, b) {
  const off = b - a ** 2 / 2;
  return [a ** 3 - a + 1 / 5 - 2 * a * off, 2 * off];
}

// 大きくなりすぎたら、そこでやめる。
export function descend(start, rate, updates, limit) {
  const path = [start];
  for (let n = 0; n < updates; n++) {
    const [a, b] = path[n];
    if (!(Math.hypot(a, b) < limit)) break;
    const [da, db] = gradient(a, b);
    path.push([a - rate * da, b - rate * db]);
  }
  return path;
}
