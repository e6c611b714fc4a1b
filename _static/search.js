// 検索の入り口。索引と、結果を並べるプログラムは、読者がはじめて欄に来たときに、一度だけ読み込む（`_ext/searching.py`）。
(() => {
  const ROOT = document.documentElement.dataset.content_root;
  const FIELD = "form.bd-search input";
  let asked = false;
  const load = () => {
    if (asked) return;
    asked = true;
    const script = document.createElement("script");
    script.src = `${ROOT}_static/search-index.js`;
    document.head.append(script);
  };
  document.addEventListener("focusin", (event) => event.target.matches(FIELD) && load());

  // 「/」で検索に来る。Ctrl+K は、テーマが受けもつ。
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest?.("input, textarea, select, [contenteditable], dialog[open]");
    if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const field = document.querySelector(`main ${FIELD}`);
    if (field) field.focus();
    else document.querySelector(".search-button__button").click();
  });

  // 検索のページでは、はじめから欄に来ている。
  addEventListener("DOMContentLoaded", () => document.querySelector(`main ${FIELD}`)?.focus());
})();
