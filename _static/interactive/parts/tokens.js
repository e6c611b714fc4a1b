// 式とプログラムの行。記号と名前の一つ一つが、押せる部品である。
import { make } from "./dom.js";
import { way } from "./symbols.js";

function inner(element, markup) {
  element.innerHTML = markup;
  return element;
}

// 一般の式の記号。数は持たない。
function general([formula, parts, words]) {
  if (!parts) return inner(make("span", { class: "linked-operator" }), formula);
  const element = inner(make("button", { type: "button", class: "linked-symbol", "data-part": parts, tabindex: -1 }), formula);
  element.setAttribute("aria-label", `${words}、${element.textContent}`);
  return element;
}

// 数を下に添えた記号。
function numbered(part, formula, signed) {
  const element = inner(make("button", { type: "button", class: "linked-symbol", "data-part": part, tabindex: -1, "data-say": part }), formula);
  element.append(" ", make("span", { class: `linked-number ${way(part)}`, "data-value": part, ...(signed && { "data-signed": "" }) }));
  return element;
}

const operator = (sign, twice) => make("span", { class: "linked-operator" }, make("span", {}, sign),
  ...(twice ? [make("span", { class: "linked-number", "aria-hidden": "true" }, sign)] : []));

export function formula(items, math = null) {
  const signed = n => /^[×−+]$/.test(items[n - 1]) || /^×$/.test(items[n + 1]) && items[n - 1] !== "=" && items[n - 1] !== "(";
  const made = items.map((item, n) => {
    if (Array.isArray(item)) {
      const one = general(item);
      if (math && !item[1]) one.append(inner(make("span", { class: "linked-number", "aria-hidden": "true" }), item[0]));
      return one;
    }
    if (item === "、") return make("span", { class: "linked-break" });
    return math && item in math ? numbered(item, math[item], signed(n)) : operator(item, math);
  });
  return make("div", { class: "linked-formula" }, ...made);
}

export function code(lines, describe) {
  const tokens = line => line.map(token => Array.isArray(token)
    ? make("button", { type: "button", class: "linked-token", "data-part": token[1], tabindex: -1, "aria-label": `${token[0]}、${describe(token[1])}` }, token[0])
    : make("span", { "data-source": token }, token));
  return make("div", { class: "linked-code" }, ...lines.map(line => make("code", {}, ...tokens(line))));
}
