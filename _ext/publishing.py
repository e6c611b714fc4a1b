"""公開のためのもの: 起動のボタン、サイトの地図、見つからないページ、持ち帰り用の一式。

`_config.yml` の ``repository: url`` と ``html: baseurl`` だけを見る。どちらも、書かれるまでは何も変えない。
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

from builders import makes_site
from sphinx.application import Sphinx
from sphinx.config import Config

ROOT = Path(__file__).resolve().parents[1]
BUNDLE = "backprop-book.zip"
# 一つの命令 ``make lab`` で章を開くのに要るもの。
BUNDLED = (
    "chapters/*.ipynb",
    "src/backprop/**/*.py",
    "src/backprop/**/*.json",
    "tools/find-python",
    "tools/guard.py",
    "tools/install.py",
    "tools/ipython/**/*.py",
    "Makefile",
    "pyproject.toml",
    "requirements.txt",
    "constraints.txt",
    "README.md",
    "LICENSE",
    "LICENSE-TEXT",
    "CITATION.cff",
)
# リポジトリが決まったときだけ現れ、テーマに訳のない言葉。
WORDS = {
    "Launch interactive content": "この章を動かす",
    "Launch on Binder": "Binder で動かす",
    "Launch on Colab": "Colab で動かす",
    "Source repositories": "リポジトリ",
    "Repository": "リポジトリ",
    "Open issue": "誤りを知らせる",
}
EPOCH = (2026, 1, 1, 0, 0, 0)
"""書庫の中の日付。いつ作っても同じファイルになるように、決めておく。"""


def offer_launch(app: Sphinx, config: Config) -> None:
    """リポジトリが決まっていれば、それを開くボタンと、Binder と Colab のボタンを出す。"""
    options = config.html_theme_options
    address = options.get("repository_url", "")
    if not address:
        return
    services = {"binderhub_url": "https://mybinder.org", "notebook_interface": "jupyterlab"}
    if urlsplit(address).hostname == "github.com":
        services["colab_url"] = "https://colab.research.google.com"
    options["launch_buttons"] = {**options.get("launch_buttons", {}), **services}
    options |= {"use_repository_button": True, "use_issues_button": True}


def translate(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """テーマのボタンのうち、英語のままのものを訳す。"""
    for button in context.get("header_buttons", []):
        for item in [button, *button.get("buttons", [])]:
            for name in {"text", "tooltip"} & item.keys():
                item[name] = WORDS.get(item[name], item[name])


def not_found(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    """どの深さの URL で出しても崩れない、見つからないページ。"""
    if not makes_site(app):
        return
    base = urlsplit(app.config.html_baseurl).path.rstrip("/") + "/" if app.config.html_baseurl else ""
    yield "404", {"base": base, "title": "ページが見つかりません"}, "404.html"


def finish(app: Sphinx, exception: Exception | None) -> None:
    """ページを書き終えたら、地図と、持ち帰り用の一式を置く。"""
    if exception or not makes_site(app):
        return
    out = Path(app.outdir)
    bundle(ROOT, out / BUNDLE)
    if app.config.html_baseurl:
        base = app.config.html_baseurl.rstrip("/") + "/"
        addresses = [base + app.builder.get_target_uri(name) for name in sorted(app.env.found_docs)]
        (out / "sitemap.xml").write_text(sitemap(addresses), encoding="utf-8")
        (out / "robots.txt").write_text(f"User-agent: *\nSitemap: {base}sitemap.xml\n", encoding="utf-8")


def sitemap(addresses: list[str]) -> str:
    """サイトの地図（sitemaps.org の形式）。

    Examples
    --------
    >>> print(sitemap(["https://example.org/a.html"]))
    <?xml version="1.0" encoding="UTF-8"?>
    <urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
    <url><loc>https://example.org/a.html</loc></url>
    </urlset>
    <BLANKLINE>
    """
    pages = "\n".join(f"<url><loc>{escape(address)}</loc></url>" for address in addresses)
    head = '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{head}\n{pages}\n</urlset>\n'


def bundle(root: Path, target: Path) -> None:
    """章と実装を、``make lab`` で開ける一つの書庫にまとめる。同じ中身からは、いつも同じファイルができる。"""
    members = sorted({path for pattern in BUNDLED for path in root.glob(pattern) if path.is_file()})
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in members:
            name = Path(target.stem, path.relative_to(root)).as_posix()
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.external_attr = (0o755 if path.name == "find-python" else 0o644) << 16
            archive.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED)


def setup(app: Sphinx) -> dict[str, bool]:
    """Sphinx の拡張として登録する。"""
    app.connect("config-inited", offer_launch)
    app.connect("html-page-context", translate, priority=900)
    app.connect("html-collect-pages", not_found)
    app.connect("build-finished", finish)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
