// 紙の図があれば、その場所に入り、画面では代わりをする。題と番号は、紙の図のものを使う。
export function settle(root, name) {
  const figure = document.getElementById(name);
  if (!figure) return;
  root.closest(".cell")?.classList.add("paper-left");  // 出力のあった場所には、テーマの台紙だけが残る
  figure.classList.add("paper-figure");
  figure.prepend(root);
  root.closest(".cell")?.classList.add("touchable");  // 移った先
}
