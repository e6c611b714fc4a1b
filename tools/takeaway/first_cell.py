# @title 準備: この本のパッケージ backprop を用意します（使えるなら、何もしません）
import importlib.util
import subprocess
import sys
from pathlib import Path

REPOSITORY = ""  # 近くに見つからないときに、取り寄せる所
MORE = ()  # この章が、ほかに使うもの


def found():  # PyPI には、同じ名前の別のものがある
    spec = importlib.util.find_spec("backprop")
    text = getattr(spec and spec.loader, "get_source", lambda name: "")("backprop")
    return "この本" if "誤差逆伝播法" in (text or "") else "別のもの" if spec else ""


def near(name):
    folders = "", "../", "backprop-book*/"
    paths = [path for folder in folders for path in sorted(Path.cwd().glob(f"{folder}{name}-*.whl"))]
    books = sorted(Path.cwd().glob("backprop-book*.zip")) if name == "gyakudenpa" else []
    return [str(path.resolve()) for path in paths] + [str(path / "backprop-book" / "src") for path in books]


def pip(*arguments):
    command = [sys.executable, "-m", "pip", *arguments, "--no-deps", "--retries=1", "--timeout=10"]
    done = subprocess.run(command, capture_output=True).returncode == 0
    importlib.invalidate_caches()
    return done


said = []
if (before := found()) != "この本":
    said += ["同じ名前の別の backprop が入っていますが、使いません。"] if before else []
    if not near("gyakudenpa") and REPOSITORY and pip("wheel", "--wheel-dir=.", REPOSITORY):
        said += ["リポジトリから取り寄せました。"]
    for name in [name for name in sys.modules if name.partition(".")[0] == "backprop"]:
        del sys.modules[name]
    sys.path[:0] = near("gyakudenpa")[:1]
    if found() != "この本":
        said += ["この本の backprop が見つかりません。gyakudenpa-*.whl か backprop-book.zip を、"]
        said += ["このノートブックと同じフォルダに置いて、このセルをもう一度実行してください。"]
        raise ModuleNotFoundError("".join(said))
    said += [f"この本の backprop を {sys.path[0]} から使います。"]
    if not importlib.util.find_spec("matplotlib_fontja") and pip("install", "matplotlib-fontja"):
        said += ["図の書体 matplotlib-fontja を入れました。"]
for name in MORE:
    sys.path += [] if importlib.util.find_spec(name) else near(name)[:1]
    if not importlib.util.find_spec(name):
        if not pip("install", name):
            advice = "ネットワークにつながるところで、このセルをもう一度実行してください。"
            raise ModuleNotFoundError("".join([*said, f"この章は {name} も使います。{advice}"]))
        said += [f"この章の使う {name} を入れました。"]
if said:
    print("".join(said))
