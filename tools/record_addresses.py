"""いまのサイトの、名のある場所を、公開したことのある場所の記録（addresses.txt）に足す。

    python tools/record_addresses.py    make book のあとで。版を出すたびに。

一度公開した場所へのリンクは、ページの名が変わっても働かなければならない。だから記録からは何も消さない。
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from bs4 import BeautifulSoup

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "_ext"))

from moving import ADDRESSES, LABELLED, moves, recorded  # noqa: E402

HEAD = "# 公開したことのあるページと、その中の名のある場所。tools/record_addresses.py が足す。消さない。\n"


def main() -> None:
    """記録に足す。"""
    html, known = ROOT / "_build" / "html", recorded() if ADDRESSES.is_file() else {}
    for path in sorted([*html.glob("*.html"), *html.glob("chapters/*.html")]):
        place = path.relative_to(html).as_posix()
        if place not in {*moves(), "404.html"}:
            article = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser").select_one("article")
            names = {tag["id"] for tag in article.find_all(id=re.compile(LABELLED))} if article else set()
            known[place] = sorted(names.union(known.get(place, [])))
    lines = (" ".join([place, *names]) + "\n" for place, names in sorted(known.items()))
    ADDRESSES.write_text(HEAD + "".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
