// 解いた問題の一覧: 日付を入れ、記録を書き出し、読みこみ、消す。
(() => {
  "use strict";
  const solved = window.solvedExercises;
  const LARGEST = 1_000_000;
  const tools = document.querySelector(".progress-tools");
  const [count, said, input] = [".progress-count", ".progress-said", "input"].map((name) => tools.querySelector(name));
  const rows = [...document.querySelectorAll("table.solved tbody tr")].map((row) => {
    const { hash, pathname } = row.querySelector("a");
    return { label: hash.slice(1), page: pathname.replace(/.*\/|\.html$/g, ""), cell: row.cells[1] };
  });

  // 問いがほかのページへ移っていたら、記録も移す。もうない問いの記録も、消さない。
  const settle = (seals) => {
    const pages = Object.fromEntries(rows.map(({ label, page }) => [label, page]));
    return Object.fromEntries(Object.entries(seals).map(([label, seal]) => [label, { ...seal, page: pages[label] ?? "gone" }]));
  };

  const show = () => {
    for (const { label, cell } of rows) {
      const seal = solved.get(label);
      cell.textContent = seal ? `✓ ${seal.on}` : "";
      cell.title = seal?.seal === "自分" ? "自分で確かめた" : "";
    }
    const done = rows.filter(({ label }) => solved.get(label)).length;
    count.textContent = `${rows.length}問のうち ${done}問を解きました。`;
    if (!solved.kept()) said.textContent = "このブラウザは、記録を覚えない設定になっています。閉じると、記録は消えます。";
  };

  const today = () => new Date().toISOString().slice(0, 10);
  const doing = {
    export() {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([`${solved.text()}\n`], { type: "application/json" }));
      link.download = `backprop-solved-${today()}.json`;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 1000);
      said.textContent = `${Object.keys(solved.all()).length}問の記録を、ファイルに書き出しました。`;
    },
    import() { input.click(); },
    erase() {
      const number = Object.keys(solved.all()).length;
      if (!number) said.textContent = "消す記録がありません。";
      else if (confirm(`${number}問の記録を、このブラウザから消します。よろしいですか。`)) {
        solved.replace({});
        said.textContent = "記録を消しました。";
      }
    },
  };

  input.addEventListener("change", async () => {
    const [file] = input.files;
    const read = file && file.size <= LARGEST ? solved.parse(await file.text().catch(() => "")) : null;
    input.value = "";
    if (!file) return;
    if (!read) {
      said.textContent = "このファイルは、書き出した記録として読めませんでした。いまの記録は、そのままです。";
      return;
    }
    solved.replace(settle({ ...read, ...solved.all() }));
    said.textContent = `${Object.keys(read).length}問の記録を読みこみ、いまの記録と合わせました。`;
  });
  tools.addEventListener("click", ({ target }) => doing[target.dataset.do]?.());
  addEventListener("exercises-shown", show);
  if (JSON.stringify(settle(solved.all())) !== JSON.stringify(solved.all())) solved.replace(settle(solved.all()));
  tools.hidden = false;
  show();
})();
