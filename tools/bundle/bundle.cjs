// 標準入力に、まとめる前の書式とスクリプトと、ページに現れる名前を受け取り、縮めたものを返す。_ext/bundling.py が使う。
const { readFileSync } = require("node:fs");
const { transform } = require("esbuild-wasm");
const postcss = require("postcss");
const { PurgeCSS } = require("purgecss");

// スクリプトがあとから書きこむ名前は、スクリプトのどこかに書かれている。
const words = (script) => script.match(/[\w-]+/g) ?? [];

// スクリプトには、使わない部品と同じ名前の言葉もある。
const PARTS = ["accordion", "alert", "carousel", "modal", "offcanvas", "popover", "toast"];

// 図の中が変わるたびに、ブラウザは、:has() の選ぶ要素の中をすべて調べなおす。当てはまることのないものは除く。
const HAS = /:not\(:has\(([^()]*)\)\)|:has\(([^()]*)\)/g;
// セルの角の丸み。この本では、セルの枠が、はみ出た角を切りとる。
const HIDDEN = /\bcell:has\(> ?\*:nth-child\(2\)\)/;
const settled = (css, known) => {
  const unknown = (selector) => (selector.match(/\.[\w-]+/g) ?? []).some((name) => !known.has(name.slice(1)));
  const never = (inside) => inside.split(",").every(unknown);
  const kept = (selector) => {
    if (HIDDEN.test(selector)) return [];
    const left = selector.replaceAll(HAS, (whole, without) => (without && never(without) ? "" : whole));
    return [...left.matchAll(HAS)].some(([, , within]) => within && never(within)) ? [] : [left];
  };
  const root = postcss.parse(css);
  root.walkRules(/:has\(/, (rule) => {
    const selectors = rule.selectors.flatMap(kept);
    if (selectors.length) rule.selectors = selectors; else rule.remove();
  });
  return root.toString();
};

const purge = async (css, names, scripts) => {
  const [{ css: kept }] = await new PurgeCSS().purge({
    content: [
      { raw: JSON.stringify(names), extension: "names" },
      { raw: scripts.join("\n"), extension: "js" },
    ],
    css: [{ raw: css }],
    extractors: [
      { extensions: ["names"], extractor: (text) => JSON.parse(text) },
      { extensions: ["js"], extractor: words },
    ],
    blocklist: PARTS.filter((part) => !names.classes.includes(part)).map((part) => new RegExp(`^${part}(-|$)`)),
    // 名前のない規則（:focus-visible の枠など）は、どのページにも当たりうる。
    safelist: [/^:/],
    fontFace: true,
    keyframes: true,
    variables: true,
  });
  return settled(kept, new Set([...names.classes, ...scripts.flatMap(words)]));
};

const HOW = { charset: "utf8", legalComments: "inline", minifyIdentifiers: true, minifyWhitespace: true };
const smaller = async (code, loader) => (await transform(code, { loader, ...HOW })).code;

const main = async ({ style, own, scripts, others, names }) => {
  const small = [];
  for (const script of scripts) small.push(await smaller(script, "js"));
  const kept = await purge(style, names, [...small, ...others]);
  const apart = [];
  for (const sheet of own) apart.push(await smaller(sheet, "css"));
  const made = JSON.stringify({ style: await smaller(kept, "css"), own: apart, scripts: small });
  process.stdout.write(made, () => process.exit());
};

main(JSON.parse(readFileSync(0, "utf8")));
