// Python の働く裏方（Worker）。pyodide.asm.js と pyodide.js のあとにつないで、一つのスクリプトにする。
// ページ（formulas.js）の渡すファイルのほかは、何も取り寄せない。
// LOCK は、前につなぐ pyodide-lock.json の頭。ほかのパッケージは使わない。
const PLACE = "https://in-the-page.invalid/";
let files, call;

self.fetch = async (address) => {
  const name = String(address.url ?? address).split("/").pop();
  if (!(name in files)) throw new Error(`取り寄せません: ${name}`);
  const type = name.endsWith(".wasm") ? "application/wasm" : "application/octet-stream";
  return new Response(files[name], { headers: { "content-type": type } });
};

async function start(given) {
  files = { ...given, "pyodide-lock.json": JSON.stringify(LOCK) };
  const python = await loadPyodide({ indexURL: PLACE, env: { PYTHONHASHSEED: "0" } });
  for (const name of ["sympy.zip", "backprop.zip"]) {
    python.FS.writeFile(`/lib/${name}`, new Uint8Array(files[name]));
  }
  files = {};
  call = python.runPython(`
import sys
sys.path[:0] = ["/lib/backprop.zip", "/lib/sympy.zip"]
from backprop.exercises.in_page import answer
answer
`);
  return true;
}

self.onmessage = async ({ data: { id, files: given, question } }) => {
  try {
    const value = given ? await start(given) : JSON.parse(call(...question));
    self.postMessage({ id, value });
  } catch (error) {
    self.postMessage({ id, error: String(error) });
  }
};
