"""ノートブックを実行するカーネルの設定。

読者の個人の設定に左右されないよう、Makefile がこのフォルダを指す。
"""
# ruff: noqa: F821  （c は IPython が用意する）

import importlib.util
import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]

# 書体の一覧の控えを作業ツリーの中に作らせる。個人の設定（matplotlibrc）も、図に入りこまなくなる。
os.environ["MPLCONFIGDIR"] = str(ROOT / "_build" / "matplotlib")

# make lab で開く読者の手は縛らない。
if os.environ.get("KERNEL_GUARD") != "off":
    spec = importlib.util.spec_from_file_location("guard", ROOT / "tools" / "guard.py")
    guard = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(guard)
    guard.install(ROOT)

# 本をつくるときは、章が実装のどこを通ったかを書き留める（tools/building/seen.py）。
if "SEEN_FILE" in os.environ:
    spec = importlib.util.spec_from_file_location("seen", ROOT / "tools" / "building" / "seen.py")
    seen = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(seen)
    seen.start(Path(os.environ["SEEN_FILE"]), ROOT)

# わざと失敗させるセルには、実行した機械の中の場所ではなく、失敗の知らせだけを残す。
c.InteractiveShell.xmode = "Minimal"
c.HistoryManager.enabled = False
# カーネルはこの機械の中だけで通信するので、暗号化を勧める警告は要らない。
c.IPKernelApp.log_level = "ERROR"
