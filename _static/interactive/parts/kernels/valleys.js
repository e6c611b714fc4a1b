// 谷が二つある損失 J = w₁⁴/4 − w₁²/2 + w₁/5 + (w₂ − w₁²/2)² と、勾配降下法。
// 累乗は掛け算で書く。掛け算と足し算なら、どのブラウザでも最後の桁まで同じになる。

export function cost(a, b) {
  const square = a * a;
  const off = b - square / 2;
  return (square * square) / 4 - square / 2 + a / 5 + off * off;
}

export function gradient(a, b) {
  const off = b - (a * a) / 2;
  return [a * a * a - a + 1 / 5 - 2 * a * off, 2 * off];
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
