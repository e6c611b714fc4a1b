"""章を JupyterLab で開く。make も、ほかの準備も要らない。

    macOS と Linux:  python3 start.py
    Windows:         py start.py

はじめの一度は、このフォルダの中の .venv に、要るものをそろえる（数分かかり、ネットワークが要る）。
古い Python で走らせたときにも、その知らせまではたどり着けるように、新しい書き方は使わない。
"""

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
NEEDED = (3, 11)
PYTHON = HERE.joinpath(".venv", *(("Scripts", "python.exe") if os.name == "nt" else ("bin", "python")))
MARK = HERE / ".venv" / "installed.txt"


def wanted():
    """pip に渡す言葉。記録と1バイトでも違うものは入れず、この本のパッケージは、隣の wheel から入れる。"""
    book = sorted(f"./{path.name}" for path in HERE.glob("gyakudenpa-*.whl"))
    return [
        ["--require-hashes", "--only-binary=:all:", "--no-deps", "--requirement", "constraints.txt"],
        ["--no-index", "--no-deps", *book],
    ]


def mark():
    """そろえたものの印。フォルダを移すと仮想環境は壊れるので、置き場所も書く。"""
    locked = HERE.joinpath("constraints.txt").read_text(encoding="utf-8")
    return "\n".join([str(HERE), str(wanted()), locked])


def install():
    """仮想環境をつくり、要るものをそろえる。"""
    print("はじめの準備をします（数分かかります）。", flush=True)
    subprocess.check_call([sys.executable, "-m", "venv", "--clear", ".venv"])
    for words in wanted():
        subprocess.check_call([str(PYTHON), "-m", "pip", "install", "--quiet", *words])
    MARK.write_text(mark(), encoding="utf-8")


def main():
    """準備ができていなければ整えて、JupyterLab を開く。"""
    if sys.version_info < NEEDED:
        return f"Python 3.11 以上が要ります。これは {sys.version.split()[0]} です。"
    os.chdir(HERE)
    os.environ["PYTHONUTF8"] = "1"
    try:
        if not (MARK.is_file() and MARK.read_text(encoding="utf-8") == mark()):
            install()
        return subprocess.call([str(PYTHON), "-m", "jupyterlab", "--notebook-dir=notebooks", *sys.argv[1:]])
    except subprocess.CalledProcessError:
        return "準備ができませんでした。上の知らせを見て、ネットワークにつながるところで、もう一度実行してください。"
    except KeyboardInterrupt:
        return 0


if __name__ == "__main__":
    sys.exit(main())
