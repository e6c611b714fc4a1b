// 標準入力の1行を1つの数式として読み、MathML を1行で返す。_ext/mathml.py が使う。
const readline = require("node:readline");
const temml = require("temml");

// temml は「1,2」を桁区切りのある一つの数と読む。TeX では、コンマは二つの数の区切りである。
const separated = (tex) => tex.replace(/(\d),(?=\d)/g, "$1, ");

const convert = ({ tex, display }) => {
  try {
    const options = { displayMode: display, throwOnError: true, strict: true, trust: false };
    return { mathml: temml.renderToString(separated(tex), options) };
  } catch (error) {
    return { error: error.message };
  }
};

readline.createInterface({ input: process.stdin }).on("line", (line) => {
  process.stdout.write(`${JSON.stringify(convert(JSON.parse(line)))}\n`);
});
