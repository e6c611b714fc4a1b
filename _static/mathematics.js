// 数式を写すと TeX になる。表示にはスクリプトを使わない。
(() => {
  const FORMULA = "math[data-tex]";
  const isBlock = (math) => math.getAttribute("display") === "block";
  const texOf = (math) => (isBlock(math) ? `\n$$\n${math.dataset.tex}\n$$\n` : `$${math.dataset.tex}$`);

  // 数式の途中から選ばれていたら、その数式の全体に広げる。
  const widened = (range) => {
    const around = (node) => (node.closest ? node : node.parentElement)?.closest(FORMULA);
    const [first, last] = [around(range.startContainer), around(range.endContainer)];
    if (first) range.setStartBefore(first);
    if (last) range.setEndAfter(last);
    return range;
  };

  // 選ばれたものを、画面の外に置いて文字にする。段落や行の切れ目を残すため。
  const asText = (fragment) => {
    for (const math of fragment.querySelectorAll(FORMULA)) math.replaceWith(texOf(math));
    for (const part of fragment.querySelectorAll(".headerlink, .stamp, .copy-tex, .copybtn")) part.remove();
    const stage = document.createElement("div");
    stage.style.cssText = "position: fixed; inset-inline-start: -200vw; inline-size: 100vw; white-space: pre-wrap";
    stage.append(fragment);
    document.body.append(stage);
    const text = stage.innerText;
    stage.remove();
    return text;
  };

  document.addEventListener("copy", (event) => {
    const selection = getSelection();
    if (!selection.rangeCount || selection.isCollapsed || event.target.closest?.("input, textarea")) return;
    const range = widened(selection.getRangeAt(0).cloneRange());
    const fragment = range.cloneContents();
    if (!fragment.querySelector(FORMULA)) return;
    const html = document.createElement("div");
    html.append(fragment.cloneNode(true));
    event.clipboardData.setData("text/html", html.innerHTML);
    event.clipboardData.setData("text/plain", asText(fragment));
    event.preventDefault();
  });

  const addButton = (block) => {
    const title = "この式の TeX をコピー";
    const button = Object.assign(document.createElement("button"), { type: "button", className: "copy-tex", textContent: "TeX", title });
    button.setAttribute("aria-label", title);
    button.addEventListener("click", () => {
      window.copyAndTell(block.querySelector(FORMULA).dataset.tex, button);
    });
    block.append(button);
  };

  addEventListener("DOMContentLoaded", () => {
    const blocks = [...document.querySelectorAll("div.math")];
    const add = () => { if (blocks.length) setTimeout(add); blocks.splice(0, 8).forEach(addButton); };
    add();
  });
})();
