// 訳のない部品に日本語を教える。どの部品も、ページを読み終えたあとでこれらの言葉を使う。
Documentation.addTranslations({
  messages: {
    "Search finished, found ${resultCount} page(s) matching the search query.":
      "${resultCount} ページが見つかりました。",
  },
});

if (typeof messages !== "undefined") {
  // sphinx-copybutton
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
