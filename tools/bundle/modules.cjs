// 標準入力に受け取った場所のスクリプトを、取り込むもの（import）ごと一つのファイルにまとめて、同じ場所に書く。_ext/interactive.py と
// _ext/bootstrapping.py が使う。
const { readFileSync } = require("node:fs");
const { build } = require("esbuild-wasm");

build({
  ...JSON.parse(readFileSync(0, "utf8")),
  allowOverwrite: true,
  bundle: true,
  charset: "utf8",
  format: "iife",
  legalComments: "inline",
  minify: true,
}).then(
  () => process.stdout.write("true", () => process.exit()),
  (reason) => { console.error(reason.message); process.exit(1); },
);
