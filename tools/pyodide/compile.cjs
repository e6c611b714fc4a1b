// 標準入力の { 場所: Python のプログラム } を、Pyodide の Python で訳し、{ 場所: 訳したものの base64 } を返す。
// 訳したもの（.pyc）は、Python の版ごとに違う。_ext/pythonside.py が使う。
const { text } = require("node:stream/consumers");
const { loadPyodide } = require("pyodide");

// 説明と行の番号は、ブラウザの中では読まれない。除くと、届く量が半分ほどになる。assert は残す。
// Pyodide だけは、自分の説明を、動きだすときに読む。
const COMPILE = `
import ast, base64, importlib.util, json, marshal

def bare(tree):
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)) and body:
            first = body[0]
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
                body[:1] = [] if len(body) > 1 else [ast.copy_location(ast.Pass(), first)]
    return tree

def compiled(place, source):
    tree = ast.parse(source)
    tree = tree if place.startswith(("pyodide/", "_pyodide/")) else bare(tree)
    code = compile(tree, place, "exec", dont_inherit=True)
    # 日付でなく中身の値を持つ形の頭。読むときに、もとのファイルと比べない。
    return importlib.util.MAGIC_NUMBER + (1).to_bytes(4, "little") + bytes(8) + marshal.dumps(thin(code))

def thin(code):
    inside = (thin(part) if isinstance(part, type(code)) else part for part in code.co_consts)
    return code.replace(co_linetable=b"", co_consts=tuple(inside))

def answer(question):
    made = {place: compiled(place, source) for place, source in json.loads(question).items()}
    return json.dumps({place: base64.b64encode(code).decode() for place, code in made.items()})

answer
`;

(async () => {
  const python = await loadPyodide();
  process.stdout.write(python.runPython(COMPILE)(await text(process.stdin)));
})();
