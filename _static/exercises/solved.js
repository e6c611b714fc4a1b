// 解いた問題を、このブラウザにだけ覚え、案内に数を添える。どこへも送らない。
window.solvedExercises = (() => {
  const KEY = "backprop-solved";
  const SEALS = ["審判", "自分"];
  let known = {};
  let kept = true;

  const valid = ([label, seal]) => /^ex-[\w-]{1,80}$/.test(label) && typeof seal === "object" && seal
    && /^\d{4}-\d\d-\d\d$/.test(seal.on) && !Number.isNaN(Date.parse(seal.on)) && SEALS.includes(seal.seal)
    && /^\w{1,80}$/.test(seal.page);

  // 書き出したものの文字から、記録を読む。一つでもおかしければ null。
  const parse = (text) => {
    try {
      const { version, solved } = JSON.parse(text);
      const seals = Object.entries(solved);
      return version === 1 && !Array.isArray(solved) && seals.every(valid) ? solved : null;
    } catch { return null; }
  };
  const text = () => JSON.stringify({ version: 1, solved: known });
  const read = () => {
    if (!kept) return; // 覚えない設定でも、このページのあいだは数える
    try { known = parse(localStorage.getItem(KEY)) ?? {}; } catch { kept = false; }
  };
  const write = (seals) => {
    known = seals;
    try { localStorage.setItem(KEY, text()); } catch { kept = false; }
    show();
  };

  const put = (place, words) => {
    const mark = place.querySelector(".solved-count") ?? document.createElement("span");
    mark.className = "solved-count";
    mark.textContent = words;
    mark.hidden = !words;
    place.append(mark);
  };
  const show = () => {
    const counts = {};
    for (const { page } of Object.values(known)) counts[page] = (counts[page] ?? 0) + 1;
    let sum = 0;
    for (const item of document.querySelectorAll("li[data-exercises]")) {
      const { page, exercises } = item.dataset;
      const count = Math.min(counts[page] ?? 0, exercises);
      sum += count;
      const words = count ? `${count}/${exercises}` : "";
      const chapter = item.closest("details")?.parentElement;
      put(item.firstElementChild, words);
      if (chapter) put(chapter.firstElementChild, words); // 目次の閉じた章では、章の題の隣に
    }
    for (const total of document.querySelectorAll(".exercises-done")) {
      put(total.firstElementChild, `${sum}/${total.dataset.every}`);
      total.hidden = !sum;
    }
    dispatchEvent(new Event("exercises-shown"));
  };

  const today = () => new Date().toLocaleDateString("sv"); // 年-月-日
  read();
  addEventListener("DOMContentLoaded", show);
  addEventListener("storage", (event) => { if (event.key === KEY || event.key === null) { read(); show(); } });
  addEventListener("pageshow", (event) => { if (event.persisted) { read(); show(); } });

  return {
    get: (label) => known[label],
    all: () => ({ ...known }),
    kept: () => kept,
    add: (label, page, seal) => { read(); write({ ...known, [label]: { on: today(), seal, page } }); },
    drop: (label) => { read(); const { [label]: _, ...rest } = known; write(rest); },
    replace: write,
    parse, text,
  };
})();
