// 数を、本の図と同じ書き方にする（src/backprop/interactive/numbers.py の number）。

// 有効数字の並びと指数。ちょうど真ん中は、Python と同じく偶数に丸める。
function significant(value, digits) {
  const [mantissa, exponent] = value.toExponential(digits - 1).split("e");
  const [exact, place] = value.toExponential(Math.min(100, digits + 60)).split("e");
  const long = exact.replace(".", "");
  const tie = /^50*$/.test(long.slice(digits)) && Number(long[digits - 1]) % 2 === 0;
  return tie ? [long.slice(0, digits), Number(place)] : [mantissa.replace(".", ""), Number(exponent)];
}

const raised = text => text.replace(/[-\d]/g, c => (c === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[c]));
export const power = exponent => `10${raised(String(exponent))}`;

// 表示する数。backprop.interactive.numbers の number と、1文字も違わない。
export function number(value, digits = 3) {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "NaN" : value > 0 ? "∞" : "−∞";
  if (value === 0) return "0";
  const [figures, e] = significant(Math.abs(value), digits);
  const point = (text, at) => (at < text.length ? `${text.slice(0, at)}.${text.slice(at)}`.replace(/\.?0+$/, "") : text.padEnd(at, "0"));
  let text;
  if (e < -4 || e >= Math.max(digits, 5)) text = `${point(figures, 1)}×${power(e)}`;
  else text = e < 0 ? `0.${"0".repeat(-e - 1)}${figures.replace(/0+$/, "")}` : point(figures, e + 1);
  return value < 0 ? `−${text}` : text;
}
