// 読者の書いた数を読み、表示される桁で比べる。
import { number } from "./numbers.js";

const NUMBER = String.raw`[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?`;
const READABLE = new RegExp(`^(${NUMBER})(?:/(${NUMBER}))?$`, "i");

// 数か、分数 a/b。読めなければ null。全角の数字も、長さの違う負号も読む。
export function read(text) {
  const plain = text.normalize("NFKC").replace(/[−‐‑–—ー－]/g, "-").replace(/÷/g, "/").replace(/[\s,、]/g, "");
  const parts = READABLE.exec(plain);
  if (!parts) return null;
  const value = Number(parts[1]) / (parts[2] === undefined ? 1 : Number(parts[2]));
  return Number.isFinite(value) ? value : null;
}

// 表示される桁で同じか。半端な桁まで書いたものは、有効数字3桁のひと目盛りの半分まで同じとみなす。
export const same = (x, y) => number(x) === number(y) || (y !== 0 && Math.abs(x - y) <= 0.5 * 10 ** (Math.floor(Math.log10(Math.abs(y))) - 2));

// 外れた大きさを言う文。
export const off = (guess, value) =>
  `予想 ${number(guess)} は、答えより ${number(Math.abs(guess - value))} ${guess > value ? "大きい" : "小さい"}値です。`;
