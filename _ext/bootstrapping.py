"""テーマのスクリプトが使う Bootstrap を、この本のページで働く部品だけで組みなおす。

テーマの配る `bootstrap.js` は、すべての部品を持つ。多くの部品は、ページのどこかが押されるたびに、自分の相手をページじゅうに
探すので、ステップ3の章の図では、ボタンを押したときのスクリプトの時間の半分近くが、それに使われていた。テーマの包みには、
まとめる前のスクリプトも入っている。その Bootstrap を、`tools/bundle/bootstrap.mjs` に並べた部品に置きかえて、同じ場所に書く。
"""

from __future__ import annotations

from pathlib import Path

import nodejs
import pydata_sphinx_theme
from builders import makes_site
from sphinx.application import Sphinx

SOURCE = Path(pydata_sphinx_theme.__file__).parent / "assets" / "scripts" / "bootstrap.js"
"""まとめる前の、テーマのスクリプト。"""
FOLDER = "_static/scripts"
"""サイトの中の、テーマのスクリプトの置き場所。"""


def rebuild(app: Sphinx, exception: Exception | None) -> None:
    """働く部品だけのものに替える。下見は、まとめた大きさも速さも見せないので、テーマのものを使う。"""
    if exception or not makes_site(app) or app.tags.has("preview"):
        return
    tools = nodejs.TOOLS / "bundle"
    question = {
        "entryPoints": [str(SOURCE)],
        "outdir": str(Path(app.outdir) / FOLDER),
        "alias": {"bootstrap": str(tools / "bootstrap.mjs")},
        "nodePaths": [str(tools / "node_modules")],
    }
    nodejs.ask(tools / "modules.cjs", question)


def setup(app: Sphinx) -> dict[str, bool]:
    """Sphinx の拡張として登録する。テーマのスクリプトに手を入れる lightness より先に働く。"""
    app.connect("build-finished", rebuild, priority=400)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
