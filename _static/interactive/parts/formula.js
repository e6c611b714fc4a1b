// 短い式を、MathML か、上つきと下つきだけの HTML に書く。backprop.interactive.formula と同じ記法で、同じ字を出す。
const TOKEN = /\\[A-Za-z]+|[0-9]+(?:\.[0-9]+)?|[^\s\\]/g;
const LETTERS = {
  "\\delta": "δ", "\\Delta": "Δ", "\\sigma": "σ", "\\eta": "η", "\\lambda": "λ", "\\partial": "∂",
  "\\loss": "ℒ", "\\yhat": "ŷ", "\\log": "log", "\\times": "×", "\\odot": "⊙", "\\leftarrow": "←",
  "\\prime": "′", "\\top": "⊤", "\\sum": "∑", "-": "−", "\\minus": "∓",
};
const alphabetic = text => /^\p{L}+$/u.test(text);

const MATHML = {
  atom(text) {
    if (/^\d/.test(text)) return `<mn>${text}</mn>`;
    if (alphabetic(text) || "∂ℒ".includes(text)) return `<mi>${text}</mi>${text === "log" ? '<mspace width="0.17em"/>' : ""}`;
    if (text === "∓") return '<mo form="prefix">−</mo>';
    return "()".includes(text) ? `<mo stretchy="false">${text}</mo>` : `<mo>${text}</mo>`;
  },
  group: parts => (parts.length === 1 ? parts[0] : `<mrow>${parts.join("")}</mrow>`),
  scripts(base, sub, sup) {
    if (sub && sup) return `<msubsup>${base}${sub}${sup}</msubsup>`;
    return sub ? `<msub>${base}${sub}</msub>` : `<msup>${base}${sup}</msup>`;
  },
  fraction: (above, below) => `<mfrac>${MATHML.group(above)}${MATHML.group(below)}</mfrac>`,
};

const MARKUP = {
  atom(text) {
    if (/^\d/.test(text) || "()∂ℒ′⊤∑,/".includes(text) || text === "log") return text + (text === "," || text === "log" ? " " : "");
    if (text === "∓") return "−";
    return alphabetic(text) ? `<i>${text}</i>` : ` ${text} `;
  },
  group: parts => parts.join(""),
  scripts: (base, sub, sup) => base + (sub && `<sub>${sub}</sub>`) + (sup && `<sup>${sup}</sup>`),
  fraction: (above, below) => [above, below].map(p => (p.length > 2 ? `(${p.join("")})` : p.join(""))).join("/"),
};

// 左から右へ読むだけの、小さな構文解析。
function parse(source, writer) {
  const tokens = source.match(TOKEN) ?? [];
  let at = 0;
  const row = inside => {
    const parts = [];
    while (at < tokens.length && tokens[at] !== "}") parts.push(scripted());
    if (inside) at++;
    return parts;
  };
  const braced = () => { at++; return row(true); };
  const argument = () => {
    const token = tokens[at];
    if (token === "{") return writer.group(braced());
    at++;
    return token === "\\frac" ? writer.fraction(braced(), braced()) : writer.atom(LETTERS[token] ?? token);
  };
  const scripted = () => {
    const base = argument();
    const scripts = { _: "", "^": "" };
    while (tokens[at] in scripts) scripts[tokens[at++]] = argument();
    return scripts._ || scripts["^"] ? writer.scripts(base, scripts._, scripts["^"]) : base;
  };
  return row(false);
}

const remembered = new Map();
const once = (key, make) => {
  if (!remembered.has(key)) remembered.set(key, make());
  return remembered.get(key);
};
export const mathml = source => once(`m${source}`, () => `<math>${parse(source, MATHML).join("")}</math>`);
export const markup = source => once(`h${source}`, () => parse(source, MARKUP).join("").trim());
