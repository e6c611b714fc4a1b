// 紙の図があれば、その場所に入り、画面では代わりをする。題と番号は、紙の図のものを使う。
export function settle(root, name) {
  const figure = name && document.getElementById(name);
  if (!figure) return;
  const left = root.closest(".cell");  // 出力のあった場所には、テーマの台紙だけが残る
  figure.classList.add("paper-figure");
  figure.prepend(root);
  if (left) left.classList.add("paper-left");
}
