"""公開したことのある場所の記録と、名前の変わったページ。

ページの名が変わったときは、古い URL にページを残す（sphinxext-rediraffe、``redirects.txt``）。節や式だけがほかのページへ
移ったときは、もとのページに道しるべを残す（`signposts`）。
"""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
REDIRECTS = ROOT / "redirects.txt"
ADDRESSES = ROOT / "addresses.txt"
LABELLED = r"^(?:sec|fig|tab|thm|term|equation)-"
"""人の決めた名のある場所。ほかの名（``id3`` など）は、節を足すだけで変わるので、約束しない。"""


def rows(path: Path) -> list[list[str]]:
    """一行ずつの、空白で分けた言葉。記録のない本（検査のための小さな本）では、空。"""
    if not path.is_file():
        return []
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line.split() for line in lines if line and not line.startswith("#")]


def moves() -> dict[str, str]:
    """古いページから、いまのページへ。"""
    steps = {page(old): page(new) for old, new in rows(REDIRECTS)}
    return {old: _end(steps, new) for old, new in steps.items()}


def page(source: str) -> str:
    """原稿のファイルの、サイトの中での場所。"""
    return str(Path(source).with_suffix(".html").as_posix())


def _end(steps: dict[str, str], place: str) -> str:
    while place in steps:
        place = steps[place]
    return place


def recorded() -> dict[str, list[str]]:
    """公開したことのあるページと、その中の名のある場所。"""
    return {place: names for place, *names in rows(ADDRESSES)}


def expected() -> dict[str, list[str]]:
    """いまのページと、そこに来るかもしれない URL の「#」より先。

    Examples
    --------
    >>> "sec-xor-plateau" in expected()["chapters/52_xor_plateau.html"]
    True
    """
    found: dict[str, set[str]] = {}
    for place, names in recorded().items():
        found.setdefault(moves().get(place, place), set()).update(names)
    return {place: sorted(names) for place, names in found.items()}
