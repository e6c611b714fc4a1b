// 検索の欄: 打つたびに、見つかったものをすぐ下に並べる。索引は、はじめて欄に来たときに、一度だけ読み込む。
(() => {
  const ROOT = document.documentElement.dataset.content_root;
  const INDEX = `${ROOT}_static/search-index.js`;
  const [FEW, MANY] = [8, 50];
  const SLICE = 8; // 索引を用意するあいだも、打つ手を待たせない（ミリ秒）

  let loading;
  const load = () =>
    (loading ??= new Promise((done, failed) => {
      // はじめの一打が遅くないように、一度走らせておく。
      const warm = () => done(window.bookSearch.find("誤差項 δ softmax 2値"));
      const prepare = () => setTimeout(window.bookSearch.ready(SLICE) ? warm : prepare);
      document.head.append(
        Object.assign(document.createElement("script"), { src: INDEX, onload: prepare, onerror: failed }),
      );
    }));

  const element = (name, className, html = "") =>
    Object.assign(document.createElement(name), { className, innerHTML: html });
  const item = ({ kind, url, title, trail, excerpt, math }) => `
    <li><a class="search-result" href="${ROOT + url}">
      <span class="search-title"><span class="search-kind">${kind}</span> ${title}</span>
      <span class="search-trail">${trail.join(" › ")}</span>
      <span class="search-excerpt">${math || excerpt}</span>
    </a></li>`;
  const HINT = "言葉や記号（δ、∂ など）を打つと、ここに並びます。↑ と ↓ で選び、Enter で開きます。";
  const said = (query, total, shown) => {
    if (!query) return HINT;
    if (!total) return "見つかりませんでした。言葉を短くするか、ほかの言い方を試してください。";
    return total > shown ? `${total} 件のうち、はじめの ${shown} 件です。` : `${total} 件見つかりました。`;
  };

  const attach = (form) => {
    const field = form.querySelector("input");
    const dialog = form.closest("dialog");
    const status = element("p", "search-count");
    const list = element("ul", "search-results");
    const more = element("a", "search-more", "すべての結果を見る");
    status.setAttribute("role", "status");
    status.textContent = HINT;
    form.after(status, list, ...(dialog ? [more] : []));

    const show = () => {
      const query = field.value.trim();
      const limit = dialog ? FEW : MANY;
      const { total, results } = window.bookSearch.find(query, limit);
      list.innerHTML = results.map(item).join("");
      status.textContent = said(query, total, results.length);
      more.hidden = total <= limit;
      more.href = `${form.action}?q=${encodeURIComponent(query)}`;
    };
    const update = () => {
      if (!dialog) history.replaceState(null, "", field.value ? `?q=${encodeURIComponent(field.value)}` : location.pathname);
      load().then(show, () => (status.textContent = "検索の索引を読み込めませんでした。"));
    };

    const links = () => [field, ...list.querySelectorAll("a"), ...(more.hidden ? [] : [more])];
    const move = (step) => {
      const all = links();
      all[Math.min(Math.max(all.indexOf(document.activeElement) + step, 0), all.length - 1)].focus();
    };
    const onKey = (event) => {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
      if (step) {
        event.preventDefault();
        move(step);
      } else if (event.key.length === 1 && event.key !== " " && event.target !== field) field.focus();
    };
    for (const part of [form, list, more]) part.addEventListener("keydown", onKey);
    field.addEventListener("focus", () => load().catch(() => {}));
    field.addEventListener("input", update);
    form.addEventListener("submit", (event) => {
      const first = list.querySelector("a");
      if (!first) return;
      event.preventDefault();
      if (dialog) first.click();
      else first.focus();
    });
    list.addEventListener("click", (event) => event.target.closest("a") && dialog?.close());
    more.hidden = true;

    if (!dialog) {
      field.value = new URLSearchParams(location.search).get("q") || "";
      field.focus();
      if (field.value) update();
    }
  };

  // 「/」で検索に来る。Ctrl+K はテーマが受けもつ。
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest?.("input, textarea, select, [contenteditable], dialog[open]");
    if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const field = document.querySelector("main form.bd-search input");
    if (field) field.focus();
    else document.querySelector(".search-button__button").click();
  });

  const start = () => document.querySelectorAll("form.bd-search").forEach(attach);
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
