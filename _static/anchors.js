// 番号のある式、図、見出し、定理の「#」: 押すと、そこへ移るとともに、その場所の URL を写す。移った場所の道しるべ。
(() => {
  const report = document.createElement("div");
  report.className = "copy-report";
  report.setAttribute("role", "status");

  // 文字をクリップボードに写し、できたかどうかを、押されたもののそばと読み上げで知らせる。ほかの部品も使う。
  window.copyAndTell = async (text, element) => {
    const copied = (await write(text)) ? "コピーしました" : "コピーできませんでした";
    const box = element.getBoundingClientRect();
    report.textContent = copied;
    report.style.insetBlockStart = `${Math.max(box.top - 8, 40)}px`;
    report.style.insetInlineStart = `${Math.min(Math.max(box.left + box.width / 2, 80), innerWidth - 80)}px`;
    report.classList.add("shown");
    clearTimeout(report.timer);
    report.timer = setTimeout(() => {
      report.classList.remove("shown");
      report.textContent = "";
    }, 1600);
  };

  const write = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      return copyFromField(text);
    }
  };

  // 暗号化されていない接続では navigator.clipboard がない。
  const copyFromField = (text) => {
    const field = Object.assign(document.createElement("textarea"), { value: text, readOnly: true });
    field.style.cssText = "position: fixed; opacity: 0";
    const focused = document.activeElement;
    document.body.append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    focused?.focus({ preventScroll: true });
    return done;
  };

  // 道しるべの先へ。
  const follow = () => {
    const post = document.getElementById(location.hash.slice(1));
    if (post?.matches(".signpost")) location.replace(post.firstElementChild.href);
  };

  addEventListener("DOMContentLoaded", () => {
    follow();
    addEventListener("hashchange", follow);
    document.body.append(report);
    for (const link of document.querySelectorAll("a.headerlink")) {
      link.setAttribute("aria-label", link.title);
    }
    document.addEventListener("click", (event) => {
      const link = event.target.closest?.("a.headerlink");
      if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) window.copyAndTell(link.href, link);
    });
  });
})();
