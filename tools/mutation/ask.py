"""変異ごとに cosmic-ray が呼ぶ命令。`judge.py` に検査を走らせ、生き残ったときだけ 0 で終わる。"""

import socket
import sys

with socket.socket(socket.AF_UNIX) as judge:
    judge.connect(sys.argv[1])
    verdict = b"".join(iter(lambda: judge.recv(4096), b"")).decode() or "timeout"
print(verdict)
sys.exit(verdict != "survived")
