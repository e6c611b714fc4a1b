"""持ち帰れる章: サイトのボタン、書庫、リポジトリの枝に置く、どこでも読めるノートブックを作る。

原稿から写しを作るのは `deriving`、番号とリンクを答えるのは `numbering`、まとめるのは `packing`。
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from string import Template
from typing import Any
from urllib.parse import urlsplit

import nbformat
from builders import makes_site
from deriving import derive
from editions import learners, teachers
from exercises import is_exercises
from hurrying import shared
from metadata import Work, book
from nbformat import NotebookNode
from numbering import Book, Chapter, Doors, file_name, remembering
from packing import members, place, repacked, wheel, zipped
from plainly import Unreadable
from pruning import imported
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.errors import ExtensionError

ROOT = Path(__file__).resolve().parents[1]
TEMPLATES = ROOT / "tools" / "takeaway"
BUNDLE = "backprop-book.zip"
BRANCH = "notebooks"
"""書きなおしたノートブックを置く、リポジトリの枝。"""
STAGED = "notebooks"
"""枝に置く一式を用意するフォルダ（`_build` の中）。"""
Edition = Callable[[NotebookNode], NotebookNode]
TEACHER = "teacher"
"""教員の版を作るときの、Sphinx のタグ。"""
BASE = {"backprop", "matplotlib", "numpy", "sympy"}
"""はじめのセルが、あるものとするパッケージと、用意するもの。"""
SHARED = ("LICENSE", "LICENSE-TEXT", "CITATION.cff", "constraints.txt")
SOURCES = ("pyproject.toml", "src/backprop/**/*.py", "src/backprop/**/*.json")
STARTERS = ("start.py", "constraints.txt")
PREPARE = """\
#!/bin/sh
# この本の実装を入れる。値つきの一覧では、手元のファイルを並べられない。
python -m pip install --no-deps --no-index ./{wheel}
"""
"""Binder が、環境をそろえたあとに走らせるもの。"""


def repository(config: Config) -> tuple[str, str]:
    """原稿のリポジトリの URL と、その枝。"""
    options = config.html_theme_options
    return options.get("repository_url", "").rstrip("/"), config.takeaway_branch


def remember_branch(app: Sphinx, config: Config) -> None:
    """起動のボタンは、書きなおしたノートブックのある枝を指す。原稿の枝は、取り寄せるときのために覚えておく。"""
    options = config.html_theme_options
    config.takeaway_branch = options.get("repository_branch") or "main"
    if options.get("repository_url"):
        options["repository_branch"] = BRANCH


def source_address(url: str, branch: str) -> str:
    """pip が取り寄せられる、原稿の置き場所。

    Examples
    --------
    >>> source_address("https://github.com/example/book", "main")
    'https://github.com/example/book/archive/main.zip'
    >>> source_address("https://example.org/book", "main")
    'git+https://example.org/book@main'
    >>> source_address("", "main")
    ''
    """
    if not url:
        return ""
    if urlsplit(url).hostname == "github.com":  # git の入っていない機械でも取り寄せられる
        return f"{url}/archive/{branch}.zip"
    return f"git+{url}@{branch}"


def chapters(app: Sphinx) -> list[str]:
    """ノートブックで書かれたページ。目次にあるものだけが、ここまで来る。"""
    found = sorted(name for name in app.env.found_docs if app.env.doc2path(name).endswith(".ipynb"))
    names = Counter(map(file_name, found))
    if twice := [name for name, count in names.items() if count > 1]:
        raise ExtensionError(f"同じ名前の章が二つあるので、一つのフォルダに並べられません: {twice}")
    return found


def derived(app: Sphinx, docname: str, ways: Sequence[Doors], edition: Edition = learners) -> list[bytes]:
    """一つのページの、リンクのしかたごとの写し。``edition`` は、練習問題の版。"""
    url, branch = repository(app.config)
    path, book = Path(app.env.doc2path(docname)), Book(app.env)
    source = nbformat.read(path, as_version=4)
    if is_exercises(docname):
        source = edition(source)
    start = first_cell(source_address(url, branch), more(source))
    pages = [Chapter(book, docname, doors, path.parent) for doors in ways]
    try:
        copies = [derive(source, page, start, ending(app, docname)) for page in pages]
    except Unreadable as trouble:
        raise ExtensionError(f"{docname}: {trouble}") from trouble
    return [(nbformat.writes(notebook) + "\n").encode() for notebook in copies]


def first_cell(address: str = "", packages: Sequence[str] = ()) -> str:
    """はじめのコードのセル。``address`` は取り寄せる所、``packages`` はその章がほかに使うもの。"""
    code = (TEMPLATES / "first_cell.py").read_text(encoding="utf-8")
    code = code.replace('REPOSITORY = ""', f'REPOSITORY = "{address}"')
    listed = "".join(f'"{name}", ' for name in packages)
    start, loop, rest = code.partition("for name in ()")
    return (start + loop.replace("()", f"({listed.strip()})") + rest if packages else start).strip()


def more(notebook: NotebookNode) -> list[str]:
    """ノートブックが、NumPy、SymPy、Matplotlib とこの本のほかに取り込むもの。"""
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    return sorted(set().union(*map(imported, code)) - BASE - sys.stdlib_module_names)


def ending(app: Sphinx, docname: str) -> str:
    """出どころとライセンス。ノートブックは、一つだけで渡されることがある。"""
    whole, base = book(), app.config.html_baseurl.rstrip("/")
    number = app.env.toc_secnumbers.get(docname, {}).get("", (None,))[0]
    url = f"{base}/{docname}.html" if base else ""
    title = app.env.titles[docname].astext()
    work = Work(whole.authors, whole.book, whole.version, whole.released, number, title, url)
    return f"---\n\n{work.text()}\n\n文章と図は CC BY 4.0、コードは MIT ライセンスで使えます。"


def finish(app: Sphinx, exception: Exception | None) -> None:
    """ページを書き終えたら、写しと、持ち帰り用の一式を置く。"""
    if exception or not makes_site(app) or app.tags.has("preview"):
        return
    names, out = chapters(app), Path(app.outdir)
    if not names:
        return
    url, _ = repository(app.config)
    base = app.config.html_baseurl.rstrip("/")
    blob = f"{url}/blob/{BRANCH}/" if urlsplit(url).hostname == "github.com" else ""
    alone = Doors(frozenset(names), site=f"{base}/" if base else "", branch=blob)
    together = Doors(frozenset(names), beside=True, site=alone.site)
    with remembering(app.env):
        copies = dict(zip(names, shared(lambda name: derived(app, name, (alone, together)), names)))
    singles = {f"{name}.ipynb": copies[name][0] for name in names}
    beside = {file_name(name): copies[name][1] for name in names}
    for name, content in singles.items():
        (out / name).write_bytes(content)
        (out / "_sources" / name).unlink(missing_ok=True)  # 原稿のままの写しは、どこでも読めない
    wheels = dict([wheel(ROOT), *map(repacked, extra(app, names))])
    files = bundled(app, wheels, beside)
    folder = Path(BUNDLE).stem
    (out / BUNDLE).write_bytes(zipped({f"{folder}/{name}": content for name, content in files.items()}))
    place(out.parent / STAGED, branch(wheels, singles))


def teach(app: Sphinx, exception: Exception | None) -> None:
    """教員の版だけを、サイトの外に置く。サイトをつくるときには、何もしない。"""
    if exception or not app.tags.has(TEACHER):
        return
    names = [name for name in chapters(app) if is_exercises(name)]
    base = app.config.html_baseurl.rstrip("/")
    doors = Doors(frozenset(names), beside=True, site=f"{base}/" if base else "")
    made = {file_name(name): derived(app, name, (doors,), teachers)[0] for name in names}
    place(Path(app.outdir).parent / "notebooks", made)


def extra(app: Sphinx, names: Sequence[str]) -> list[str]:
    """どれかの章が、ほかに使うもの。"""
    notebooks = (nbformat.read(app.env.doc2path(name), as_version=4) for name in names)
    return sorted(set().union(*map(more, notebooks)))


def bundled(app: Sphinx, wheels: dict[str, bytes], notebooks: dict[str, bytes]) -> dict[str, bytes]:
    """書庫に入れるもの。"""
    base = app.config.html_baseurl
    readme = Template((TEMPLATES / "README.md").read_text(encoding="utf-8")).substitute(
        title=book().book, version=book().version, wheel=next(iter(wheels)), citation=book().text(),
        site=f"\nサイトは {base} です。\n" if base else "",
    )  # fmt: skip
    return {
        **members(ROOT, SHARED + SOURCES),
        **members(TEMPLATES, STARTERS),  # 版の一覧は、書庫に要るものだけのほう
        **{f"notebooks/{name}": content for name, content in notebooks.items()},
        **wheels,
        "README.md": readme.encode(),
    }


def branch(wheels: dict[str, bytes], notebooks: dict[str, bytes]) -> dict[str, bytes]:
    """リポジトリの枝に置くもの。Binder は、ここの環境で章を開く。"""
    said = "本から自動で作った、どこでも開けるノートブックです。直すときは、原稿の枝を見てください。"
    return {
        **members(ROOT, SHARED),
        **notebooks,
        **wheels,
        "README.md": f"# {book().book}\n\n{said}\n".encode(),
        **members(ROOT, (".binder/requirements.txt", ".binder/runtime.txt")),
        ".binder/postBuild": PREPARE.format(wheel=next(iter(wheels))).encode(),
    }


def offer_download(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> None:
    """章の下向きの矢印が、原稿ではなく写しを渡すようにする。"""
    for button in context.get("header_buttons", []):
        for item in button.get("buttons", []):
            if str(item.get("url", "")).endswith(f"_sources/{pagename}.ipynb"):
                item["url"] = file_name(pagename)


def setup(app: Sphinx) -> dict[str, bool]:
    """Sphinx の拡張として登録する。"""
    app.add_config_value("takeaway_branch", "main", "")
    app.connect("config-inited", remember_branch)
    app.connect("html-page-context", offer_download, priority=900)
    app.connect("build-finished", finish)
    app.connect("build-finished", teach)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
