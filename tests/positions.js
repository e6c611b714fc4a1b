// 開いたページの中の、ものの位置。種類ごとに、数えたものと、おかしなところを返す。
// まだ組まれていないところ（reading.css）の位置は、まだ決まっていない。読み進めたあとの姿で測る。
document.head.append(Object.assign(document.createElement("style"), { textContent: "* { content-visibility: visible !important }" }));
const article = document.querySelector("article.bd-article");
const box = (e) => e.getBoundingClientRect();
const styles = new Map();
const style = (e) => styles.get(e) ?? styles.set(e, getComputedStyle(e)).get(e);
const em = (e) => parseFloat(style(e).fontSize);
const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const shown = (e) => e.checkVisibility();
const middle = (r) => [(r.left + r.right) / 2, (r.top + r.bottom) / 2];
const KINDS = ["script", "row", "outside", "number", "first", "last", "word", "slant", "button", "fraction", "sideways"];
const faults = Object.fromEntries(KINDS.map((kind) => [kind, []]));
const counted = Object.fromEntries(KINDS.map((kind) => [kind, 0]));
const tex = (e) => (e.closest("math").dataset.tex ?? e.closest("math").textContent).trim().replace(/\s+/g, " ");
const round = (x) => Math.round(x * 100) / 100;
const judge = (kind, right, told) => {
  counted[kind] += 1;
  if (!right) faults[kind].push(told());
};

// 添字は、もとの文字の右か、まうえか、まうしたに、離れずにある。大きさは、もとの文字の em で測る。
const scripted = /^m(sub|sup|subsup|under|over|underover)$/;
const beside = (base, script, size) => {
  const gap = (script.left - base.right) / size;
  return gap > -0.75 && gap < 0.5;
};
const centred = (base, script, size) => Math.abs(middle(base)[0] - middle(script)[0]) < 0.6 * size;
const above = (base, script, size) => script.bottom > base.top - 0.7 * size && middle(script)[1] < middle(base)[1] + 0.1 * size;
const below = (base, script, size) => script.top < base.bottom + 0.7 * size && middle(script)[1] > middle(base)[1] - 0.1 * size;
const visible = (r) => r.width > 0 && r.height > 0;

const lookAtScripts = (e) => {
  const [base, ...scripts] = [...e.children].map(box);
  const size = em(e), kind = e.localName.slice(1);
  const over = { sup: [0], over: [0], subsup: [1], underover: [1] }[kind] ?? [];
  if (!visible(base)) return;
  scripts.forEach((script, place) => {
    if (!visible(script)) return;
    const near = beside(base, script, size) || (/under|over/.test(kind) && centred(base, script, size));
    const level = (over.includes(place) ? above : below)(base, script, size);
    judge("script", near && level, () =>
      `${tex(e)} | ${e.children[0].textContent}·${e.children[place + 1].textContent} ` +
      `横 ${round((script.left - base.right) / size)} 縦 ${round((middle(script)[1] - middle(base)[1]) / size)}`);
  });
};

// 並んだものは、重ならず、離れすぎない。
const rows = "math, mrow, mtd, mstyle, mpadded, msqrt";
const lookAtRow = (e) => {
  const parts = [...e.children].filter((part) => visible(box(part)));
  const size = em(e);
  parts.slice(1).forEach((part, place) => {
    const gap = (box(part).left - box(parts[place]).right) / size;
    judge("row", gap > -0.5 && gap < 4, () => `${tex(e)} | ${parts[place].textContent}→${part.textContent} ${round(gap)}`);
  });
};

// 文の中の分数は、行に収まるように縮む。読める大きさ（8 pt）より小さくは、ならなくてよい。
const LEAST = 8 * 96 / 72 + 0.1;
const lookAtFraction = (e) => {
  if (style(e).mathStyle !== "compact") return;
  const size = em(e.firstElementChild) / em(e);
  judge("fraction", size < 0.8 || em(e) <= em(e.closest("math")) * 0.6 || em(e.firstElementChild) <= LEAST, () => `${tex(e)} | ${round(size)}`);
};

const lookAtFormula = (span) => {
  const math = span.querySelector("math"), block = span.closest("div.math");
  const holder = block ? block.querySelector(".formula") : span;
  const column = box(block ?? span.closest("p, li, dd, dt, td, th, figcaption, h1, h2, h3, h4, summary, .cell_output, article"));
  const drawn = box(math), held = box(holder);
  const scrolls = /auto|scroll/.test(style(holder).overflowX);
  const table = span.closest(".pst-scrollable-table-container, .cell_output, .interactive-table");
  const limit = table ? Infinity : box(article).right + 1;
  const inside = scrolls
    ? held.right <= limit && drawn.left >= held.left - 1.5 && drawn.right <= held.left + holder.scrollWidth + 1.5
    : drawn.right <= Math.min(limit, column.right + 2);
  judge("outside", inside, () => `${tex(math)} | ${round(drawn.left - held.left)} … ${round(drawn.right - column.right)}`);
  const number = block?.querySelector(".eqno");
  if (!number) return;
  const own = box(number);
  const free = own.left >= Math.min(held.right, drawn.right) - 1 && own.left >= held.right - 1 && own.right <= box(block).right + 1.5;
  judge("number", free, () => `${tex(math)} | ${round(own.left - held.right)}`);
};

// 行のはじめと終わりに来てはならない文字（禁則）。
const CLOSING = /[、。，．）」』】〕》〉・：；！？ー々ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮ]/g;
const OPENING = /[（「『【〔《〈]/g;
const blocks = new Map();
const blockOf = (e) => {
  if (!blocks.has(e)) blocks.set(e, /^(inline|contents|ruby)/.test(style(e).display) && e.parentElement ? blockOf(e.parentElement) : e);
  return blocks.get(e);
};
const letter = (node, place) => {
  const range = document.createRange();
  range.setStart(node, place);
  range.setEnd(node, place + 1);
  const rects = range.getClientRects();
  return rects[rects.length - 1] ?? range.getBoundingClientRect();
};
const leaves = (() => {
  const skipped = "pre, script, style, svg, noscript, .visually-hidden, .copy-tex, template, dialog";
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT, (node) => {
    if (node.nodeType === 3) return node.data.trim() ? NodeFilter.FILTER_ACCEPT : NodeFilter.FILTER_REJECT;
    if (node.matches(skipped)) return NodeFilter.FILTER_REJECT;
    return node.matches(".math") ? NodeFilter.FILTER_ACCEPT : NodeFilter.FILTER_SKIP;
  });
  const found = [];
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const holder = node.nodeType === 3 ? node.parentElement : node;
    if (node.nodeType === 3 && holder.closest(".math")) continue;
    if (!shown(holder)) continue;
    found.push({ node, holder, block: blockOf(node.nodeType === 3 ? holder : node.parentElement) });
  }
  return found;
})();
const edge = ({ node, holder }, last) => {
  if (node.nodeType !== 3) return box(holder);
  const text = node.data;
  return letter(node, last ? text.trimEnd().length - 1 : text.length - text.trimStart().length);
};
const breaks = (a, b) => visible(a) && visible(b) && middle(b)[1] > a.bottom && b.left < a.right;
const near = (node, place) => node.data.slice(Math.max(0, place - 8), place + 6).replace(/\n/g, " ");
const lookAtLines = () => {
  leaves.forEach((leaf, n) => {
    if (leaf.node.nodeType !== 3) return;
    const text = leaf.node.data;
    for (const { index } of text.matchAll(CLOSING)) {
      const before = text.slice(0, index).trimEnd().length - 1;
      const previous = leaves[n - 1];
      if (before < 0 && previous?.block !== leaf.block) continue;
      const a = before >= 0 ? letter(leaf.node, before) : edge(previous, true);
      judge("first", !breaks(a, letter(leaf.node, index)), () => `${leaf.block.localName} ${near(leaf.node, index)}`);
    }
    for (const { index } of text.matchAll(OPENING)) {
      const rest = text.slice(index + 1), next = leaves[n + 1];
      const after = index + 1 + rest.length - rest.trimStart().length;
      if (!rest.trim() && next?.block !== leaf.block) continue;
      const b = rest.trim() ? letter(leaf.node, after) : edge(next, false);
      judge("last", !breaks(letter(leaf.node, index), b), () => `${leaf.block.localName} ${near(leaf.node, index)}`);
    }
  });
};

// 題と案内は、語の途中で折らない。同じ種類の文字の間は、語の途中とみなす。
const TITLES = "h1, h2, h3, h4, .prev-next-title, .bd-toc-nav a, .bd-docs-nav a, .page-toc a, .book-title p";
const KINDS_OF_LETTERS = [/[ァ-ヴー]/, /[一-龠々]/, /[A-Za-z]/, /[0-9.]/];
const lookAtTitles = () => {
  for (const { node, holder } of leaves) {
    if (node.nodeType !== 3 || !holder.closest(TITLES)) continue;
    for (let n = 1; n < node.data.length; n += 1) {
      const pair = node.data.slice(n - 1, n + 1);
      if (!KINDS_OF_LETTERS.some((kind) => kind.test(pair[0]) && kind.test(pair[1]))) continue;
      judge("word", !breaks(letter(node, n - 1), letter(node, n)), () => `${holder.localName} ${near(node, n)}`);
    }
  }
};

// 和文の書体に斜体はない。傾けると、偽の斜体になる。
const JAPANESE = /[ぁ-ヿ一-龠]/;
const lookAtSlants = () => {
  for (const { node, holder } of leaves) {
    if (node.nodeType !== 3 || !JAPANESE.test(node.data)) continue;
    judge("slant", style(holder).fontStyle === "normal", () => `${holder.localName} ${node.data.trim().slice(0, 12)}`);
  }
};

// 写すボタンは、コードに重ならない。
const lookAtButtons = () => {
  for (const button of all("article .highlight > button.copybtn").filter(shown)) {
    const code = button.parentElement.querySelector("pre"), a = box(button), b = box(code);
    judge("button", a.left >= b.right - 1 || a.top >= b.bottom, () => code.textContent.slice(0, 30));
  }
};

const lookAtPage = () => {
  const root = document.documentElement;
  scrollTo(100, scrollY);
  const moved = scrollX;
  scrollTo(0, scrollY);
  judge("sideways", moved === 0 && root.scrollWidth <= root.clientWidth + 1, () => `${root.scrollWidth} > ${root.clientWidth}`);
};

if (article) {
  for (const e of all("math *", article).filter((e) => scripted.test(e.localName) && shown(e))) lookAtScripts(e);
  for (const e of all(rows, article).filter(shown)) lookAtRow(e);
  for (const e of all("math mfrac", article).filter(shown)) lookAtFraction(e);
  for (const e of all("article .math").filter(shown)) lookAtFormula(e);
}
lookAtLines();
lookAtTitles();
lookAtSlants();
lookAtButtons();
lookAtPage();
return { faults, counted };
