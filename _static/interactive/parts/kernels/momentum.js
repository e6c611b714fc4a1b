// 曲がりの強さ λ の谷を下りるモーメンタム。steepness は ηλ。backprop.optimizers の Momentum と同じ順に計算する。

export function walk(steepness, mu, start, updates) {
  const path = [start];
  for (let n = 0, v = 0; n < updates; n++) {
    const w = path[n];
    v = mu * v - steepness * w;
    path.push(w + v);
  }
  return path;
}

// 特性方程式の、大きい方の根の大きさ。
export function largest(steepness, mu) {
  const half = (1 + mu - steepness) / 2;
  const inside = half * half - mu;
  return inside <= 0 ? Math.sqrt(mu) : Math.abs(half) + Math.sqrt(inside);
}

const NEAR = 1e-9;  // つまみの刻みがちょうど境目に乗るときの、丸め誤差

// 0 単調、1 ゆれる、2 毎回またぐ、3 発散、4 境目の上。
export function region(steepness, mu) {
  const limit = 2 * (1 + mu);
  if (Math.abs(steepness - limit) < NEAR) return 4;
  if (steepness > limit) return 3;
  if (steepness <= (1 - Math.sqrt(mu)) ** 2 + NEAR) return 0;
  return steepness < (1 + Math.sqrt(mu)) ** 2 - NEAR ? 1 : 2;
}
