// 写すボタン（sphinx-copybutton）に日本語を教える。ページを読み終えたあとで、これらの言葉を使う。
if (typeof messages !== "undefined") {
  const words = {
    copy: "コピー",
    copy_to_clipboard: "クリップボードにコピー",
    copy_success: "コピーしました",
    copy_failure: "コピーできませんでした",
  };
  iconCopy = iconCopy.replace(messages.en.copy_to_clipboard, words.copy_to_clipboard);
  iconCheck = iconCheck.replace(messages.en.copy_success, words.copy_success);
  Object.assign(messages.en, words);
}
