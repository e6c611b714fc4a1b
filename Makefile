# 『誤差逆伝播法 ― 記号で導き、数値で確かめる』
# make book と make test の二つで足りる。ほかは make help。

VENV := .venv
PY := $(VENV)/bin/python
SUPPLY := .venv-constraints
AUDIT := .venv-audit
FORMS := _build/forms/venv/bin/check-jsonschema --builtin-schema
OUTSIDE := _build/outside/venv
SCORE := tools/outside/score.json

# 手順は tools/book.py にある。make のない Windows でも、同じ命令が同じことをする。
PYTHON_FOUND = python=$$(tools/find-python "$(PYTHON)") && "$$python"
BOOK = @$(PYTHON_FOUND) tools/book.py $(if $(WHEELS),--wheels "$(WHEELS)")
# 記録にあるものだけを、中身まで確かめて入れる。WHEELS=（make wheels で集めたフォルダ）なら、ネットワークを使わない。
INSTALL = $(PYTHON_FOUND) tools/install.py $(if $(WHEELS),--wheels "$(WHEELS)")

# 版を進めずに、形だけを作りなおすには UPGRADE= とする。
UPGRADE := --upgrade
COMPILE = $(SUPPLY)/bin/uv pip compile --universal --python-version 3.11 --only-binary :all: --generate-hashes \
  $(UPGRADE) --no-annotate --no-emit-index-url --no-emit-find-links --custom-compile-command "make constraints"

# 一つのファイルは一つのプロセスで。長くかかるブラウザの検査を先に、短い章を終わりに走らせるため、並べかえない。
PARALLEL := --numprocesses auto --dist loadfile --no-loadscope-reorder

# 行列の積を並列に計算すると、和の順序が変わって最後の桁が動く。
export OPENBLAS_NUM_THREADS := 1
export OMP_NUM_THREADS := 1
export MKL_NUM_THREADS := 1
# 読んだコードの控えを残さないと、どのプロセスも、はじめに実装と検査を訳しなおす。
unexport PYTHONDONTWRITEBYTECODE
# 端末の文字コードにかかわらず、日本語のファイルを読み書きする。
export PYTHONUTF8 := 1
export IPYTHONDIR := $(CURDIR)/tools/ipython
# 書体の一覧の控えも、作業ツリーの中に作らせる。
export MPLCONFIGDIR := $(CURDIR)/_build/matplotlib

.PHONY: book test test-site test-long test-print pdf epub downloads print-tools engines teacher formulas lab edit watch execute lint prose claims bench bench-site bench-build bench-search bench-touch mutants outside audit forms doors compat proofs \
  oldest newest constraints wheels clean help environment
.DELETE_ON_ERROR:

book:  ## 本をつくる（_build/html）
	$(BOOK) build

test:  ## 検査（単体、doctest、ノートブック、原稿）
	$(BOOK) test

test-site:  ## できあがったページを、読み、ブラウザで開いて動かす検査（AXE=1 で、すべてのページを axe でも）
	$(BOOK) test-site

test-long:  ## 長くかかるので、make test と make test-site では飛ばす検査
	$(BOOK) test-long

test-print: _build/press/.installed  ## 紙の本と電子書籍をつくり、確かめる検査
	$(BOOK) test-print

pdf:  ## 紙の本（PDF）をつくる（_build/press。要るものは make print-tools）
	$(BOOK) pdf

epub:  ## 電子書籍（EPUB）をつくる（_build/press）
	$(BOOK) epub

downloads:  ## 紙の本と電子書籍をつくり、サイトに置いて、入口のページからつなぐ
	$(BOOK) downloads

print-tools:  ## 紙の本を組む Chromium と、その検査の道具（pdftotext、Java）を入れる（root で apt-get のあるところで）
	@tools/print-tools

engines:  ## 三つのブラウザ（Chromium、Firefox、WebKit）ですべてのページを測る検査
	$(BOOK) engines

formulas:  ## 式の問いの正しい答えと間違いのすべてを、ブラウザの中の Python で判定する検査
	$(BOOK) formulas

lab:  ## 読者のためのノートブックを notebooks に置いて、JupyterLab で開く
	$(BOOK) lab

edit:  ## 章の原稿を JupyterLab で直す
	$(BOOK) edit

watch:  ## 保存するたびに組みなおす下見を、ブラウザで見る
	$(BOOK) watch

execute:  ## 章をすべて実行しなおし、決まった形に整えて保存する（ONLY="exercises/*.ipynb" で、それだけ）
	$(BOOK) execute $(ONLY)

teacher:  ## 練習問題の教員の版をつくる（_build/teacher/notebooks）
	$(BOOK) teacher

lint:  ## 書き方の検査
	$(BOOK) lint

environment:
	$(BOOK) environment

prose:  ## 本文の日本語の検査（textlint）
	$(BOOK) environment prose
	$(PY) tools/prose/extract.py _build/prose $(filter-out README.md CONTRIBUTING.md CHANGELOG.md, $(wildcard *.md)) $$($(PY) tools/toc.py)
	cd tools/prose && PATH="$(CURDIR)/$(VENV)/bin:$$PATH" npx textlint --config .textlintrc.cjs ../../_build/prose/*.md
	$(PY) tools/claims.py --check

claims: environment  ## 本文の主張と、それを支えるもの（PAGE=chapters/12_loss_functions で、そのページの文を並べる）
	$(PY) tools/claims.py $(PAGE)

doors: book  ## 本の入口（別の置き場所の写し、持ち帰りの書庫）を、読者のとおりに歩く
	$(PY) tools/doors.py

bench: environment  ## 速さの測定
	$(PY) benchmarks/run.py

bench-build: book  ## 本をつくりなおす速さの測定
	$(PY) benchmarks/building.py

bench-site: book  ## サイトの重さと速さの測定（LIGHTHOUSE=1 で、すべての章の点数も）
	$(PY) benchmarks/site.py $(if $(LIGHTHOUSE),--lighthouse $(filter-out 1,$(LIGHTHOUSE)))

bench-search: book  ## 検索の重さと速さの測定
	$(PY) benchmarks/searching.py

bench-touch: book  ## 動かして見る図の、一歩の時間の測定
	$(PY) benchmarks/touching.py

mutants: environment _build/mutation/.installed  ## 計算するか決めるコードを変異させ、検査が気づくかを数える（変わった部屋だけ。MODULE=部屋 で一つだけ、FORCE=1 ですべて、AGAIN=1 で残りだけ）
	PYTHONPATH=tools $(PY) -m mutation.run $(if $(MODULE),--module $(MODULE)) $(if $(FORCE),--force) $(if $(AGAIN),--again)

# 審判がいないのに「合った」と言わないように、飛ばした検査は失敗にする。
outside: _build/outside/.installed  ## PyTorch、Keras と比べ、食い違えば mpmath に裁かせる（MAY_SKIP=1 で、入らなかった審判を飛ばす）
	$(if $(MAY_SKIP),,REQUIRE_JUDGES=1) PYTHONPATH=src:tools $(OUTSIDE)/bin/python -m pytest --override-ini addopts= \
	  --strict-markers -ra --durations 5 -p outside.score --score $(SCORE) -m "torch or keras" $(PARALLEL) \
	  $$(grep -lE 'mark\.(torch|keras)' tests/test_*.py)

audit: $(AUDIT)/.installed  ## 使うものの版に、知られた脆弱性がないかを調べる
	$(AUDIT)/bin/python tools/audit/vulnerabilities.py $(if $(MAY_SKIP),--may-skip)

proofs:  ## 定理の証明を、証明の核（Coq）に確かめさせる（RECORD=1 で、核の印刷を記録しなおす）
	@$(PYTHON_FOUND) tools/kernel.py $(if $(RECORD),--record)

forms: _build/forms/.installed  ## 決まった形のファイル（書誌、ワークフロー、用紙）が、公式の形のとおりかを調べる
	$(FORMS) vendor.citation-file-format CITATION.cff
	$(FORMS) vendor.github-workflows .github/workflows/*.yml
	$(FORMS) vendor.dependabot .github/dependabot.yml
	$(FORMS) vendor.github-issue-forms .github/ISSUE_TEMPLATE/[0-9]*.yml
	$(FORMS) vendor.github-issue-config .github/ISSUE_TEMPLATE/config.yml

wheels:  ## 要るものを、この Python とシステムのために集める（TO=フォルダ。あとで make book WHEELS=フォルダ）
	@$(INSTALL) --collect "$(or $(TO),wheels)" constraints.txt --npm tools/math tools/bundle tools/pyodide tools/axe tools/press

compat: oldest newest  ## 対応する最も古い版と最も新しい版で、検査とすべての章を走らせる

# 版が違えば、同じ式や図を違う字や画素で表すことがある。だから記録とは比べず、章は、失敗しないことだけを見る。
define compare
	PYTHONPATH=tools .venv-$@/bin/python -m pytest -p unbuilt -m "not recorded" $(PARALLEL) tests src
	.venv-$@/bin/python -m pytest --nbval-lax $(PARALLEL) chapters
endef

# numpy の最も古い版は、新しい Python には入らない。
oldest: PYTHON ?= python3.11
oldest:
	@$(INSTALL) --project . .venv-$@ tools/supply/oldest.txt
	$(compare)

# ここだけは、記録にない、まだ見ていない版を入れる。新しい版で壊れないかを知るための環境で、配るものは作らない。
newest:
	python=$$(tools/find-python "$(PYTHON)") && "$$python" -m venv --clear .venv-$@
	.venv-$@/bin/python -m pip install --quiet --only-binary :all: --requirement requirements.txt
	$(compare)

constraints: $(SUPPLY)/.installed  ## constraints.txt を新しい版で作りなおす
	$(COMPILE) --no-emit-package "$$($(SUPPLY)/bin/python tools/supply/wheels.py --name)" \
	  --output-file constraints.txt requirements.txt
	$(COMPILE) --no-config --constraint constraints.txt --output-file tools/takeaway/constraints.txt \
	  tools/takeaway/requirements.txt pyproject.toml
	$(COMPILE) --output-file tools/supply/constraints.txt tools/supply/requirements.txt
	$(COMPILE) --output-file tools/audit/constraints.txt tools/audit/requirements.txt
	$(COMPILE) --no-binary yattag --output-file tools/mutation/constraints.txt tools/mutation/requirements.txt
	$(COMPILE) --output-file tools/forms/constraints.txt tools/forms/requirements.txt
	$(COMPILE) --output-file tools/press/constraints.txt tools/press/requirements.txt
	$(COMPILE) --no-config --constraint constraints.txt --excludes tools/outside/without.txt --no-emit-package torch \
	  --output-file tools/outside/constraints.txt tools/outside/requirements.txt
	$(COMPILE) --no-config --constraint constraints.txt --constraint tools/outside/constraints.txt \
	  --output-file tools/outside/torch.txt tools/outside/torch.in
	$(SUPPLY)/bin/python tools/lowest.py > _build/lowest.in
	$(COMPILE) --no-config --output-file tools/supply/oldest.txt _build/lowest.in
	$(SUPPLY)/bin/python tools/supply/wheels.py --write

clean:  ## できたものを消す（仮想環境も）
	rm -rf _build $(VENV) $(SUPPLY) $(AUDIT) .venv-oldest .venv-newest .pytest_cache .ruff_cache

help:  ## この一覧
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %s\t%s\n", $$1, $$2 }' Makefile

$(AUDIT)/.installed: tools/audit/constraints.txt tools/install.py
	@$(INSTALL) $(AUDIT) $<
	@touch $@

$(SUPPLY)/.installed: tools/supply/constraints.txt tools/install.py
	@$(INSTALL) $(SUPPLY) $<
	@touch $@

# ホイールのないものは、同じ一覧の setuptools で組み立てる。
_build/mutation/.installed: tools/mutation/constraints.txt tools/install.py
	@$(INSTALL) _build/mutation/venv $< --build yattag
	@touch $@

_build/forms/.installed: tools/forms/constraints.txt tools/install.py
	@$(INSTALL) _build/forms/venv $<
	@touch $@

_build/press/.installed: tools/press/constraints.txt tools/install.py
	@$(INSTALL) _build/press/venv $<
	@touch $@

_build/outside/.installed: tools/outside/constraints.txt tools/outside/torch.txt tools/outside/torch-cpu.txt tools/outside/install.py tools/install.py
	@python=$$(tools/find-python "$(PYTHON)") && "$$python" tools/outside/install.py $(OUTSIDE)
	@touch $@
