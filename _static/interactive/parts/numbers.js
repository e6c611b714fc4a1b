// 数を、本の図と同じ書き方にする（src/backprop/interactive/numbers.py の number）。
const RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹";

export function number(value, digits = 3) {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "nan" : value > 0 ? "∞" : "−∞";
  const short = Number(value.toPrecision(digits));
  const size = Math.abs(short);
  if (size === 0 || (size >= 1e-4 && size < 1e5)) return String(short === 0 ? 0 : short).replace("-", "−");
  const [mantissa, power] = short.toExponential().split("e");
  const raised = [...String(Number(power))].map(c => (c === "-" ? "⁻" : RAISED[Number(c)])).join("");
  return `${mantissa}×10${raised}`.replace("-", "−");
}
