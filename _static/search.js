// 検索の入り口。索引と、結果を並べるプログラムは、はじめて欄に来たときに、一度だけ読み込む（`_ext/searching.py`）。
(() => {
  const FIELD = "form.bd-search input";
  const here = () => document.querySelector(`main ${FIELD}`);
  const load = ({ target }) => {
    if (!target.matches(FIELD)) return;
    document.removeEventListener("focusin", load);
    const src = `${document.documentElement.dataset.content_root}_static/search-index.js`;
    document.head.append(Object.assign(document.createElement("script"), { src }));
  };
  document.addEventListener("focusin", load);

  // 「/」で検索に来る。Ctrl+K は、テーマが受けもつ。
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest?.("input, textarea, select, [contenteditable], dialog[open]");
    if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    if (here()) here().focus();
    else document.querySelector(".search-button__button").click();
  });

  // 検索のページでは、はじめから欄に来ている。
  addEventListener("DOMContentLoaded", () => here()?.focus());
})();
