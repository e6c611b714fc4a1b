// 「一周目だけを読む」: ほかの節の中身をたたむ。選んだことは、layout.html が覚えて、組む前に読む。
addEventListener("DOMContentLoaded", () => {
  const root = document.documentElement;
  const choice = document.querySelector(".lap-choice");
  const bodies = [...document.querySelectorAll(".lap-body")];
  const findable = "onbeforematch" in window;

  const set = (body, open) => {
    const button = body.previousElementSibling;
    body.classList.toggle("open", open);
    body.hidden = !open && findable && root.classList.contains("first-lap") && "until-found";
    button.setAttribute("aria-expanded", open);
    button.lastChild.data = open ? "たたむ" : "開く";
  };

  const choose = (first) => {
    root.classList.toggle("first-lap", first);
    choice?.setAttribute("aria-pressed", first);
    for (const body of bodies) set(body, false);
  };

  // ページの中の場所を、そこを含む節を開いて見せる。
  const reveal = (hash) => {
    const target = hash.length > 1 && document.getElementById(decodeURIComponent(hash.slice(1)));
    const folded = bodies.filter((body) => target && body.parentElement.contains(target) && !body.matches(".open"));
    for (const body of folded) set(body, true);
    if (folded.length && root.matches(".first-lap")) target.scrollIntoView();
  };

  for (const body of bodies) {
    body.previousElementSibling.addEventListener("click", () => set(body, !body.matches(".open")));
    body.addEventListener("beforematch", () => set(body, true));
  }
  choice?.addEventListener("click", () => {
    const first = !root.matches(".first-lap");
    window.rememberFirstLap(first);
    choose(first);
  });
  addEventListener("hashchange", () => reveal(location.hash));
  addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href*='#']");
    if (link && link.pathname === location.pathname) reveal(link.hash);
  });
  // 前のページへ戻ったときの、しまってあったページも。
  addEventListener("pageshow", (event) => event.persisted && choose(window.wantsFirstLap()));
  choose(root.matches(".first-lap"));
  reveal(location.hash);
});
