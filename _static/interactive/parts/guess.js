// 予想: 読者の書いた数を読み、外れ方を言い、知られた間違いと同じなら、その名を言う。
import { number } from "./numbers.js";
import { BUGS } from "./bugs.js";
import { read, same } from "./reading.js";
import { trip, usedData } from "./trip.js";

const wire = name => [Number(name.at(-2)), Number(name.at(-1))];
const neuron = name => Number(name.split("_")[1]);

// この値でよくある、博物館にない間違い。[値, 言葉] の並び。
function slips(name, t) {
  const v = t.values;
  const found = [];
  const add = (value, told) => { if (Number.isFinite(value)) found.push([value, told]); };
  const [inputs, hidden, outputs] = t.sizes;
  const l = Number(/\d/.exec(name)?.[0]);
  const m = t.used.length;
  if (/^n?z/.test(name)) {
    const fresh = name[0] === "n" ? "n" : "";
    const j = neuron(name);
    const bias = v[`${fresh}b${l}_${j}`];
    if (bias) add(v[name] - bias, "バイアスを足し忘れた値です。"), add(v[name] - 2 * bias, "バイアスを、足さずに引いた値です。");
    const square = l === 1 ? inputs === hidden : hidden === outputs;
    const entry = k => v[l === 1 ? `x${k}` : `${fresh}a1_${k}`];
    const before = l === 1 ? inputs : hidden;
    const range = Array.from({ length: before }, (_, k) => k + 1);
    if (square) add(range.reduce((sum, k) => sum + v[`${fresh}w${l}_${k}${j}`] * entry(k), bias), "重みの添字を逆に使った（転置した）値です。");
    if (l === 2) add(range.reduce((sum, k) => sum + v[`${fresh}w2_${j}${k}`] * v[`${fresh}z1_${k}`], bias), "隠れ層の、活性の代わりに加重和を使った値です。");
  }
  if (/^n?a/.test(name)) {
    add(v[name.replace("a", "z")], "加重和のままの値です。活性化関数を通します。");
    add(v[name.replace("a", "s")], "活性ではなく、傾きの値です。");
  }
  if (/loss|cost/.test(name)) {
    if (t.loss === "half_squared_error") add(2 * v[name], "½ を掛け忘れた値です。");
    if (t.loss === "mse" && outputs > 1) add(outputs * v[name], `${outputs} で割り忘れた値です。`);
  }
  if (/^dy/.test(name) && t.loss === "half_squared_error") add(2 * v[name], "2 を掛けすぎた値です。½ と約されます。");
  if (/^d2_/.test(name)) add(v[`dy${neuron(name)}`], "傾きを掛け忘れた値です。");
  if (/^d1_/.test(name)) for (let i = 1; outputs > 1 && i <= outputs; i++) add(v[`w2_${i}${neuron(name)}`] * v[`d2_${i}`] * v[`s1_${neuron(name)}`], `出力の${i}個めからの道だけの値です。道を足し合わせます。`);
  if (/^gw/.test(name)) {
    const [j, k] = wire(name);
    const entry = l === 1 ? `x${k}` : `a1_${k}`;
    add(v[`d${l}_${j}`], "誤差項だけの値です。入り口の値を掛けます。");
    add(v[entry], "入り口の値だけです。誤差項を掛けます。");
    if (l === 2) add(v[`d2_${j}`] * v[`z1_${k}`], "入り口の、活性の代わりに加重和を掛けた値です。");
    add(v[`d${l}_${j}`] + v[entry], "掛けずに足した値です。");
  }
  if (/^g/.test(name) && m > 1) add(m * v[name], "1/m を掛け忘れ、例について足しただけの値です。");
  if (/^n[wb]/.test(name)) {
    const [old, gradient] = [v[name.slice(1)], v[`g${name.slice(1)}`]];
    add(old + t.rate * gradient, "勾配の向きへ動かした値です。逆向きに動かします。");
    add(old - gradient, "学習率を掛け忘れた値です。");
    add(t.rate * gradient, "動かす量だけの値です。元の値から引きます。");
    add(old, "まだ動かしていない値です。");
  }
  return found;
}

// 予想 guess の答え。[当たったか, 言葉]。
export function judged(name, guess, state, bug, words) {
  const t = trip(state, bug);
  const value = t.values[name];
  const right = trip(state).values[name];
  if (same(guess, value)) return [true, `当たりです。値は ${number(value)} です。`];
  const gap = Math.abs(guess - value);
  const share = value === 0 ? "" : `（${number(100 * gap / Math.abs(value), 2)} %）`;
  const told = `値は ${number(value)} です。予想との差は ${number(gap)}${share}です。`;
  return [false, told + mistake(name, guess, state, t, bug, right, words)];
}

function mistake(name, guess, state, t, bug, right, words) {
  if (bug && same(guess, right)) return "あなたの予想は、誤りのない、正しい値です。";
  if (same(guess, -t.values[name])) return "符号が逆です。";
  for (const [value, told] of slips(name, t)) if (same(guess, value) && !same(value, t.values[name])) return told;
  const [X] = usedData(state);
  for (const other of Object.values(BUGS)) {
    if (other === bug || other.needs(state.net, X[0].length)) continue;
    const value = trip(state, other).values[name];
    if (same(guess, value) && !same(value, t.values[name])) return `博物館の誤り「${words[other.name][1]}」と同じ値です。${words[other.name][2]}`;
  }
  return "";
}
