# @title 準備: この本のパッケージ backprop を用意します（使えるなら、何もしません）
import importlib.util
import subprocess
import sys
from pathlib import Path

REPOSITORY = ""  # 近くに見つからないときに、取り寄せる所


def ours():  # PyPI には、同じ名前の別のものがある
    spec = importlib.util.find_spec("backprop")
    source = getattr(spec and spec.loader, "get_source", lambda name: "")("backprop")
    return "誤差逆伝播法" in (source or "")


def near(name):
    paths = [path for folder in ("", "../", "backprop-book*/") for path in Path.cwd().glob(folder + name)]
    return [str(path.resolve()) for path in paths]


def pip(*arguments):
    command = [sys.executable, "-m", "pip", *arguments, "--no-deps", "--retries=1", "--timeout=10"]
    done = subprocess.run(command, capture_output=True).returncode == 0
    importlib.invalidate_caches()
    return done


if not ours():
    said = "同じ名前の別の backprop は使いません。" if importlib.util.find_spec("backprop") else ""
    wheel, book = "gyakudenpa-*.whl", "backprop-book*.zip"
    if not near(wheel) + near(book) and REPOSITORY and pip("wheel", "--wheel-dir=.", REPOSITORY):
        said += "リポジトリから取り寄せました。"
    for name in [name for name in sys.modules if name.partition(".")[0] == "backprop"]:
        del sys.modules[name]
    sys.path[:0] = (near(wheel) + [f"{path}/backprop-book/src" for path in near(book)])[:1]
    if not ours():
        said += "この本の backprop が見つかりません。gyakudenpa-*.whl か backprop-book.zip を、"
        said += "このノートブックと同じフォルダに置いて、このセルをもう一度実行してください。"
        raise ModuleNotFoundError(said)
    if not importlib.util.find_spec("matplotlib_fontja") and pip("install", "matplotlib-fontja"):
        said += "図の書体 matplotlib-fontja を入れました。"
    print(f"{said}この本の backprop を {sys.path[0]} から使います。")

for name in ():  # この章が、ほかに使うもの
    sys.path += [] if importlib.util.find_spec(name) else near(f"{name}-*.whl")[:1]
    if not importlib.util.find_spec(name) and not pip("install", name):
        said = f"この章は {name} も使います。ネットワークにつながるところで、このセルをもう一度実行してください。"
        raise ModuleNotFoundError(said)
