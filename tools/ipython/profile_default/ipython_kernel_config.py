"""ノートブックを実行するカーネルの設定。

読者の個人の設定に左右されないよう、Makefile がこのフォルダを指す。
"""
# ruff: noqa: F821  （c は IPython が用意する）

# わざと失敗させるセルには、実行した機械の中の場所ではなく、失敗の知らせだけを残す。
c.InteractiveShell.xmode = "Minimal"
c.HistoryManager.enabled = False
# カーネルはこの機械の中だけで通信するので、暗号化を勧める警告は要らない。
c.IPKernelApp.log_level = "ERROR"
