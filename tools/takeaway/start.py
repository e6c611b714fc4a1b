"""章を JupyterLab で開く。make も、ほかの準備も要らない。

    macOS と Linux:  python3 start.py
    Windows:         py start.py

はじめの一度は、このフォルダの中の .venv に、要るものをそろえる（数分かかり、ネットワークが要る）。
古い Python で走らせたときにも、その知らせまではたどり着けるように、古い書き方だけを使う。
"""

import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
NEEDED = (3, 11)
MARK = os.path.join(".venv", "installed.txt")


def python():
    """仮想環境の Python。"""
    return os.path.join(HERE, ".venv", *(["Scripts", "python.exe"] if os.name == "nt" else ["bin", "python"]))


def wanted():
    """そろえるものの一覧。フォルダを移すと仮想環境は壊れるので、置き場所も書く。"""
    wheels = sorted(name for name in os.listdir(HERE) if name.endswith(".whl"))
    return [HERE, "-c", "constraints.txt", "-r", "requirements.txt"] + ["./" + name for name in wheels]


def installed():
    """前にそろえたものが、いま要るものと同じか。"""
    if not os.path.exists(MARK):
        return False
    with open(MARK, encoding="utf-8") as mark:
        return mark.read().split("\n") == wanted()


def install():
    """仮想環境をつくり、要るものをそろえる。"""
    print("はじめの準備をします（数分かかります）。")
    subprocess.check_call([sys.executable, "-m", "venv", "--clear", ".venv"])
    subprocess.check_call([python(), "-m", "pip", "install", "--quiet"] + wanted()[1:])
    with open(MARK, "w", encoding="utf-8") as mark:
        mark.write("\n".join(wanted()))


def main():
    """準備ができていなければ整えて、JupyterLab を開く。"""
    if sys.version_info < NEEDED:
        have = "%d.%d" % sys.version_info[:2]
        return "Python %d.%d 以上が要ります（これは %s です）。https://www.python.org/ から入れてください。" % (NEEDED + (have,))
    os.chdir(HERE)
    os.environ["PYTHONUTF8"] = "1"
    try:
        if not installed():
            install()
        return subprocess.call([python(), "-m", "jupyterlab", "--notebook-dir=notebooks"] + sys.argv[1:])
    except subprocess.CalledProcessError:
        return "準備ができませんでした。上の知らせを見て、ネットワークにつながる所で、もう一度実行してください。"
    except KeyboardInterrupt:
        return 0


if __name__ == "__main__":
    sys.exit(main())
