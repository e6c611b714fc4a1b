"""練習問題の数と、解くのにかかる時間。"""

from __future__ import annotations

from collections.abc import Iterator

from exercises import Exercise, recorded
from laps import FIRST, Page, pages
from sphinx.environment import BuildEnvironment


def tasks(env: BuildEnvironment, name: str) -> list[Exercise]:
    """ページの練習問題。ほかのページには、一つもない。"""
    return recorded(env).get(name, [])


def exercise_pages(env: BuildEnvironment) -> list[str]:
    """練習問題のあるページを、目次の順に。"""
    return [name for name in below(env, env.config.root_doc) if tasks(env, name)]


def below(env: BuildEnvironment, name: str) -> Iterator[str]:
    """目次で、そのページの下にあるページを、下の下まで。"""
    for child in env.toctree_includes.get(name, []):
        yield child
        yield from below(env, child)


def minutes(env: BuildEnvironment, name: str, lap: str = "") -> int:
    """解くのにかかる分。``lap`` を言えば、その周の問題だけ。"""
    laps = pages(env).get(name, Page()).laps
    return sum(task.minutes for task in tasks(env, name) if lap in ("", laps.get(task.label)))


def duration(env: BuildEnvironment, name: str) -> str:
    """解く時間。一周目の問題があれば、その分を言い添える。"""
    every, first = minutes(env, name), minutes(env, name, FIRST)
    if not first:
        return f"{every}分"
    return f"{every}分（{f'すべて{FIRST}' if first == every else f'{FIRST} {first}分'}）"


def first_of_all(env: BuildEnvironment, name: str) -> str:
    """問いの数と、はじめに解く分の時間。"""
    count, first = len(tasks(env, name)), minutes(env, name, FIRST)
    return f"{count}問、{FIRST} {first}分" if first else f"{count}問、{minutes(env, name)}分"
