# @title 準備: この本のパッケージ backprop を用意します（使えるなら、何もしません）
import importlib.util
import subprocess
import sys
from pathlib import Path

REPOSITORY = ""  # 近くに見つからないときに、取り寄せる所
NEAR = "gyakudenpa-*.whl", "../gyakudenpa-*.whl", "backprop-book*/gyakudenpa-*.whl", "backprop-book*.zip"


def found():  # PyPI には、同じ名前の別のものがある
    spec = importlib.util.find_spec("backprop")
    text = getattr(spec and spec.loader, "get_source", lambda name: "")("backprop")
    return "この本" if "誤差逆伝播法" in (text or "") else "別のもの" if spec else ""


def near():
    paths = [path.resolve() for name in NEAR for path in sorted(Path.cwd().glob(name), reverse=True)]
    return [str(path / "backprop-book" / "src" if path.suffix == ".zip" else path) for path in paths]


def pip(*arguments):
    command = [sys.executable, "-m", "pip", *arguments, "--no-deps"]
    return subprocess.run(command, capture_output=True).returncode == 0


if (before := found()) != "この本":
    said = ["同じ名前の別の backprop が入っていますが、使いません。"] if before else []
    if not near() and REPOSITORY and pip("wheel", "--wheel-dir=.", REPOSITORY):
        said += ["リポジトリから取り寄せました。"]
    for name in [name for name in sys.modules if name.partition(".")[0] == "backprop"]:
        del sys.modules[name]
    sys.path[:0] = near()[:1]
    importlib.invalidate_caches()
    if found() != "この本":
        said += ["この本の backprop が見つかりません。gyakudenpa-*.whl か backprop-book.zip を、"]
        said += ["このノートブックと同じフォルダに置いて、このセルをもう一度実行してください。"]
        raise ModuleNotFoundError("".join(said))
    said += [f"この本の backprop を {sys.path[0]} から使います。"]
    if not importlib.util.find_spec("matplotlib_fontja"):
        done = pip("install", "matplotlib-fontja", "--retries=0", "--timeout=5")
        said += ["図の書体 matplotlib-fontja を入れました。"] if done else []
    print("".join(said))
