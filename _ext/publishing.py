"""公開のためのもの: 起動のボタン、誤りを知らせるボタン、サイトの地図、見つからないページ。

`_config.yml` の ``repository: url`` と ``html: baseurl`` だけを見る。どちらも、書かれるまでは何も変えない。
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit
from xml.sax.saxutils import escape

from builders import makes_site
from metadata import book
from sphinx.application import Sphinx
from sphinx.config import Config

# リポジトリが決まったときだけ現れ、テーマに訳のない言葉。
WORDS = {
    "Launch interactive content": "この章を動かす",
    "Launch on Binder": "Binder で動かす",
    "Launch on Colab": "Colab で動かす",
    "Source repositories": "リポジトリ",
    "Repository": "リポジトリ",
    "Open issue": "誤りを知らせる",
    "Open an issue": "誤りを知らせる",
}
ISSUE = """\
ページ: {page}
版: {version}

誤りのある所（式や図の番号、文など）:


正しくは:


そう言えるわけ:
"""
"""用紙のないところで、誤りを知らせるときの書き出し。"""
FORM = "1_error.yml"
"""GitHub で誤りを知らせる用紙（`.github/ISSUE_TEMPLATE`）。"""


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


def withhold_launch(app: Sphinx, pagename: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Binder と Colab が開けるのは、ノートブックの章だけ。"""
    if pagename not in app.env.found_docs or not app.env.doc2path(pagename).endswith(".ipynb"):
        buttons = context.get("header_buttons", [])
        buttons[:] = [button for button in buttons if button.get("label") != "launch-buttons"]


def translate(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """テーマのボタンのうち、英語のままのものを訳す。"""
    for button in context.get("header_buttons", []):
        for item in [button, *button.get("buttons", [])]:
            if item.get("label") == "source-issues-button":
                item["url"] = issue(item["url"], *_named(app, pagename))
            for name in {"text", "tooltip"} & item.keys():
                item[name] = WORDS.get(item[name], item[name])


def _named(app: Sphinx, pagename: str) -> tuple[str, str]:
    """ページの、章の番号のついた題と、場所。"""
    number = app.env.toc_secnumbers.get(pagename, {}).get("")
    title = app.env.titles[pagename].astext() if pagename in app.env.titles else pagename
    return f"第{number[0]}章 {title}" if number else title, f"{pagename}.html"


def issue(address: str, title: str, place: str) -> str:
    """誤りを知らせるページを、日本語で、版とページを書きこんで開く。

    Examples
    --------
    >>> from urllib.parse import unquote_plus
    >>> made = unquote_plus(issue("https://github.com/a/b/issues/new?title=Issue", "第1章 題", "a.html"))
    >>> made.partition("&version")[0]
    'https://github.com/a/b/issues/new?template=1_error.yml&title=[誤り] 第1章 題'
    """
    page, version = f"{title}（{place}）", book().version
    filled = {"template": FORM, "title": f"[誤り] {title}", "version": version, "page": page}
    if "issue[title]" in address:  # GitLab
        said = ISSUE.format(page=page, version=version)
        filled = {"issue[title]": f"[誤り] {title}", "issue[description]": said}
    return f"{address.partition('?')[0]}?{urlencode(filled)}"


def not_found(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    """どの深さの URL で出しても崩れない、見つからないページ。"""
    if not makes_site(app):
        return
    base = urlsplit(app.config.html_baseurl).path.rstrip("/") + "/" if app.config.html_baseurl else ""
    yield "404", {"base": base, "title": "ページが見つかりません"}, "404.html"


def finish(app: Sphinx, exception: Exception | None) -> None:
    """ページを書き終えたら、地図を置く。"""
    if exception or not makes_site(app):
        return
    out = Path(app.outdir)
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


def setup(app: Sphinx) -> dict[str, bool]:
    """Sphinx の拡張として登録する。"""
    app.connect("config-inited", offer_launch)
    app.connect("html-page-context", withhold_launch, priority=900)
    app.connect("html-page-context", translate, priority=900)
    app.connect("html-collect-pages", not_found)
    app.connect("build-finished", finish)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
