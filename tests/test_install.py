"""道具をそろえる（tools/install.py）: 記録と違うもの、足りないもの、入らない機械を、日本語の一行で断る。"""

from __future__ import annotations

import doctest
import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import install
import pytest
from install import Absent, Refused, collect, explain, explain_npm

ROOT = Path(__file__).resolve().parents[1]
ODD = "ある 本 [x] it's"
"""空白、日本語、かっこ、アポストロフィのあるフォルダの名前。"""
SILENT = {"say": lambda _: None}


def wheel(folder: Path, name: str = "tiny", version: str = "1.0", tag: str = "py3-none-any") -> Path:
    """とても小さなホイール。"""
    folder.mkdir(parents=True, exist_ok=True)
    path, info = folder / f"{name}-{version}-{tag}.whl", f"{name}-{version}.dist-info"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{name}.py", "VALUE = 11111\n")
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        archive.writestr(f"{info}/WHEEL", f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {tag}\n")
        archive.writestr(f"{info}/RECORD", "")
    return path


def lock_of(path: Path, target: Path) -> Path:
    """ホイールの値を記した一覧。"""
    name, version = path.name.split("-")[:2]
    value = hashlib.sha256(path.read_bytes()).hexdigest()
    target.write_text(f"# 題\n{name}=={version} \\\n    --hash=sha256:{value}\n", encoding="utf-8")
    return target


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """何も入っていない仮想環境。作るのに時間がかかるので、一度だけ作って写す。"""
    environment = tmp_path_factory.mktemp("empty") / "venv"
    install.create(environment)
    return environment


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, empty: Path) -> Path:
    """ホイール一つと、その一覧のあるフォルダ。機械の pip の設定も、ネットワークも使わない。"""
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)

    def create(environment: Path) -> None:
        install.remove(environment)
        shutil.copytree(empty, environment, symlinks=True)

    monkeypatch.setattr(install, "create", create)
    folder = tmp_path / ODD
    lock_of(wheel(folder / "wheels"), folder / "lock.txt")
    return folder


def fitted(place: Path, *, lock: str = "lock.txt", **options: object) -> Path:
    """入れた環境。"""
    environment = place / "venv"
    install.install(environment, [place / lock], wheels=place / "wheels", **{**SILENT, **options})
    return environment


def refused(place: Path, **options: object) -> str:
    """断りの一行。環境は残らない。"""
    with pytest.raises(Refused) as caught:
        fitted(place, **options)
    assert not (place / "venv").exists()
    (line,) = str(caught.value).splitlines()
    return line


def value(environment: Path) -> str:
    """入れたものの値。"""
    command = [install.python_of(environment), "-c", "import tiny; print(tiny.VALUE)"]
    return subprocess.run(command, capture_output=True, encoding="utf-8", check=True).stdout.strip()


def test_examples() -> None:
    assert doctest.testmod(install) == (0, 5)


@pytest.mark.long
class TestInstall:
    """手元のホイールを入れる。"""

    def test_what_is_recorded_is_installed_once(self, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        environment = fitted(place)
        assert value(environment) == "11111"
        monkeypatch.setattr(install, "create", lambda _: pytest.fail("前と同じなのに、作りなおしています"))
        fitted(place)

    def test_only_the_project_is_renewed(self, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        attached: list[Path] = []
        monkeypatch.setattr(install, "attach", lambda _, project: attached.append(project))
        head = '[project]\nname = "tiny-book"\nclassifiers = ["Programming Language :: Python :: 3.1"]\n'
        (place / "pyproject.toml").write_text(head, encoding="utf-8")
        said: list[str] = []
        fitted(place, project=place, say=said.append)
        assert any("では確かめていません（確かめているのは 3.1）" in line for line in said)
        monkeypatch.setattr(
            install, "create", lambda _: pytest.fail("説明だけが違うのに、作りなおしています")
        )
        (place / "pyproject.toml").write_text(f'{head}version = "2"\n', encoding="utf-8")
        fitted(place, project=place)
        fitted(place, project=place)
        assert attached == [place, place]

    def test_a_changed_wheel_is_refused(self, place: Path) -> None:
        (path,) = (place / "wheels").glob("*.whl")
        content = bytearray(path.read_bytes())
        content[content.index(b"11111")] ^= 1
        path.write_bytes(content)
        assert refused(place).startswith("tiny 1.0 の中身が、記録された値と違います。")

    def test_a_changed_record_is_refused(self, place: Path) -> None:
        lock = place / "lock.txt"
        head, _, value = lock.read_text(encoding="utf-8").partition("sha256:")
        lock.write_text(f"{head}sha256:{value.strip()[::-1]}\n", encoding="utf-8")
        assert "tiny 1.0 の中身が、記録された値と違います" in refused(place)

    def test_a_refused_renewal_leaves_nothing_that_counts_as_installed(self, place: Path) -> None:
        fitted(place)
        lock_of(wheel(place / "wheels", version="2.0"), place / "lock.txt")
        wheel(place / "wheels", version="2.0", tag="py3-none-any").write_bytes(b"broken")
        refused(place)

    def test_what_is_absent_is_named(self, place: Path) -> None:
        (path,) = (place / "wheels").glob("*.whl")
        path.unlink()
        line = refused(place)
        assert line.startswith("tiny 1.0 が、フォルダ ")
        assert ODD in line

    def test_another_system_is_named(self, place: Path) -> None:
        path = wheel(place / "wheels", "other", tag="cp27-cp27m-win32")
        lock_of(path, place / "lock.txt")
        assert "この Python とシステムのためのものとしては、ありません" in refused(place)

    @pytest.mark.parametrize(
        ("text", "reason"),
        [
            ("tiny==1.0\n", "tiny 1.0 に、中身を確かめる値"),
            ("tiny>=1.0 --hash=sha256:00\n", "「tiny>=1.0 --hash=sha256:00」は、正確な版"),
            ("-e .\n", "「-e .」は、正確な版"),
            ("tiny==1.0 --hash=sha256:00\n", "tiny 1.0 に、中身を確かめる値"),
            ("# 題\n", "入れるものが一つもありません"),
        ],
    )
    def test_an_unlocked_list_is_refused(self, place: Path, text: str, reason: str) -> None:
        (place / "lock.txt").write_text(text, encoding="utf-8")
        assert reason in refused(place)

    def test_a_missing_list_or_folder_is_named(self, place: Path) -> None:
        assert "nothing.txt を読めません" in refused(place, lock="nothing.txt")
        shutil.rmtree(place / "wheels")
        assert "wheels がありません" in refused(place)

    def test_nothing_else_is_removed(self, place: Path) -> None:
        (place / "venv").mkdir()
        (place / "venv" / "letter.txt").write_text("だいじな手紙", encoding="utf-8")
        with pytest.raises(Refused, match="仮想環境ではないので、消しません"):
            fitted(place)
        assert (place / "venv" / "letter.txt").exists()

    def test_a_half_made_environment_is_not_taken_for_installed(self, place: Path) -> None:
        environment = fitted(place)
        (environment / install.MARK).unlink()
        shutil.rmtree(next(environment.rglob("tiny-1.0.dist-info")).parent)
        assert value(fitted(place)) == "11111"

    def test_a_moved_environment_is_made_anew(self, place: Path) -> None:
        environment = fitted(place)
        moved = place.rename(place.with_name("移した先"))
        assert install.remembered(moved / "venv")["place"] == str(environment)
        assert value(fitted(moved)) == "11111"
        assert install.remembered(moved / "venv")["place"] == str(moved / "venv")

    def test_the_command_says_one_line(self, place: Path) -> None:
        (place / "lock.txt").write_text("tiny==1.0\n", encoding="utf-8")
        command = [sys.executable, ROOT / "tools" / "install.py", place / "venv", place / "lock.txt"]
        done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
        assert done.returncode == 1
        assert done.stdout == ""
        (line,) = done.stderr.splitlines()
        assert line.startswith("エラー: ")


@pytest.mark.long
class TestCollect:
    """一つのフォルダに集める。"""

    def test_what_was_collected_installs(self, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PIP_FIND_LINKS", (place / "wheels").as_uri())
        monkeypatch.setattr(install, "MISLEADING", ())
        monkeypatch.setenv("PIP_NO_INDEX", "1")
        collect(place / "usb", [place / "lock.txt"], **SILENT)
        shutil.rmtree(place / "wheels")
        (place / "usb").rename(place / "wheels")
        assert value(fitted(place)) == "11111"


class TestReasons:
    """pip と npm の言うことから、わけの一行。"""

    @pytest.mark.parametrize(
        ("printed", "reason"),
        [
            (
                "WARNING: Retrying (Retry(total=0)) after connection broken by 'ProxyError'\n"
                "ERROR: Could not find a version that satisfies six==1.17.0 (from versions: none)\n"
                "ERROR: No matching distribution found for six==1.17.0",
                "パッケージの置き場につながらず、six 1.17.0 を取り寄せられません",
            ),
            (
                "ERROR: Could not find a version that satisfies a==2 (from versions: 1, 2.1)\n"
                "ERROR: No matching distribution found for a==2",
                "a 2 には、この Python",
            ),
            (
                "ERROR: Could not find a version that satisfies a==2 (from versions: none)\n"
                "ERROR: No matching distribution found for a==2",
                "a 2 が、パッケージの置き場にありません",
            ),
            (
                "ERROR: HTTPSConnectionPool: Max retries exceeded with url",
                "パッケージの置き場につながりません",
            ),
            ("ReadTimeoutError: Read timed out.", "パッケージの置き場につながりません"),
            ("ERROR: [Errno 13] Permission denied: 'x'", "書きこむ権限がありません"),
            ("PermissionError: [WinError 5] アクセスが拒否されました。", "書きこむ権限がありません"),
            ("OSError: [Errno 30] Read-only file system", "書きこめない場所です"),
            ("ERROR: something new", "pip が失敗しました: ERROR: something new"),
            ("", "pip が失敗しました: 何も言わずに終わりました"),
        ],
    )
    def test_pip(self, printed: str, reason: str) -> None:
        assert explain(printed).startswith(reason)

    @pytest.mark.parametrize(
        ("printed", "reason"),
        [
            (
                "npm error code EINTEGRITY\nnpm error sha512-… integrity checksum failed",
                "中身が、記録された値と違います",
            ),
            ("npm error code ENOTCACHED", "集めたフォルダにありません"),
            ("npm ERR! code ENOTFOUND", "置き場につながりません"),
            ("npm error code ENOSPC", "ディスクがいっぱいです"),
            ("npm error code E418\nnpm error teapot", "入れられません: npm error code E418"),
        ],
    )
    def test_npm(self, printed: str, reason: str) -> None:
        line = explain_npm(printed, Path("tools/math"))
        assert reason in line
        assert "math の npm のパッケージ" in line

    def test_absence_is_a_refusal_that_can_be_told_apart(self, place: Path) -> None:
        (place / "wheels" / "tiny-1.0-py3-none-any.whl").unlink()
        with pytest.raises(Absent):
            fitted(place)
