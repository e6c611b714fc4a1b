// 検索の欄: 打つたびに、見つかったものをすぐ下に並べる。
const searchBox = (book) => {
  const ROOT = document.documentElement.dataset.content_root;
  const [FEW, MANY] = [8, 50];
  const HINT = "言葉や記号（δ、∂ など）を打つと、ここに並びます。↑ と ↓ で選び、改行キーで開きます。";
  const SLICE = 8; // 索引を用意するあいだも、打つ手を待たせない（ミリ秒）

  const prepared = new Promise((done) => {
    // はじめの一打が遅くないように、一度走らせておく。
    const warm = () => done(book.find("誤差項 δ softmax 2値"));
    const prepare = () => setTimeout(book.ready(SLICE) ? warm : prepare);
    prepare();
  });

  const item = ({ kind, url, title, trail, excerpt, math }) => `
    <li><a class="search-result" href="${ROOT + url}">
      <span class="search-title"><span class="search-kind">${kind}</span> ${title}</span>
      <span class="search-trail">${trail.join(" › ")}</span>
      <span class="search-excerpt">${math || excerpt}</span>
    </a></li>`;
  const said = (query, total, shown) => {
    if (!query) return HINT;
    if (!total) return "見つかりませんでした。言葉を短くするか、ほかの言い方を試してください。";
    return total > shown ? `${total} 件のうち、はじめの ${shown} 件です。` : `${total} 件見つかりました。`;
  };
  const element = (name, className, text = "") =>
    Object.assign(document.createElement(name), { className, textContent: text });

  const attach = (form) => {
    const field = form.querySelector("input");
    const dialog = form.closest("dialog");
    const status = element("p", "search-count", HINT);
    const list = element("ul", "search-results");
    const more = element("a", "search-more", "すべての結果を見る");
    status.setAttribute("role", "status");
    more.hidden = true;
    form.after(status, list, ...(dialog ? [more] : []));

    const show = () => {
      const query = field.value.trim();
      const limit = dialog ? FEW : MANY;
      const { total, results } = book.find(query, limit);
      list.innerHTML = results.map(item).join("");
      status.textContent = said(query, total, results.length);
      more.hidden = total <= limit;
      more.href = `${form.action}?q=${encodeURIComponent(query)}`;
    };
    const update = () => {
      const query = field.value ? `?q=${encodeURIComponent(field.value)}` : location.pathname;
      if (!dialog) history.replaceState(null, "", query);
      prepared.then(show);
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
      } else if (event.key.length === 1 && event.key !== " ") field.focus(); // 続きは、欄に入る
    };
    for (const part of [form, list, more]) part.addEventListener("keydown", onKey);
    field.addEventListener("input", update);
    form.addEventListener("submit", (event) => {
      const first = list.querySelector("a");
      if (!first) return;
      event.preventDefault();
      if (dialog) first.click();
      else first.focus();
    });
    list.addEventListener("click", (event) => event.target.closest("a") && dialog?.close());

    if (!dialog) field.value ||= new URLSearchParams(location.search).get("q") || "";
    if (field.value) update();
  };
  document.querySelectorAll("form.bd-search").forEach(attach);
};
