# 『誤差逆伝播法 ― 記号で導き、数値で確かめる』
# make book と make test の二つで足りる。ほかは make help。

VENV := .venv
PY := $(VENV)/bin/python
UV := .venv-constraints
AUDIT := .venv-audit
OUTSIDE := _build/outside/venv
SCORE := tools/outside/score.json
HTML := _build/html

# 仮想環境は絶対パスを覚えているので、作業ツリーを移したら入れなおす。印の名前に置き場所を含める。
INSTALLED := $(VENV)/.installed-$(shell pwd | cksum | cut -d ' ' -f 1)
# 実行結果を左右するもの。一つでも変われば、実行の記録を捨てる。
EXECUTED := $(shell find src _ext chapters -name '*.py' -o -name '*.ipynb' | grep -v -e checkpoints | sort) _config.yml
# 見た目だけを左右するもの。
WRITTEN := $(shell find _static _templates _ext/locale -type f ! -name '*.mo' | sort) $(wildcard *.md *.bib *.toml *.txt *.cff) Makefile _toc.yml $(wildcard tools/math/*.* tools/mutation/*.json tools/mutation/*.toml tools/mutation/*.txt tools/outside/*.json)

COMPILE = $(UV)/bin/uv pip compile --universal --python-version 3.11 --upgrade --no-annotate --no-emit-index-url \
  --no-emit-find-links --custom-compile-command "make constraints"

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

.PHONY: book test lab edit execute lint prose bench bench-site mutants outside audit compat oldest newest constraints clean help force
.DELETE_ON_ERROR:

book: $(HTML)/.built  ## 本をつくる（_build/html）
	@echo "本ができました: $(CURDIR)/$(HTML)/index.html"

test: $(HTML)/.built tools/axe/node_modules/.installed  ## すべての検査（単体、doctest、ノートブック、できあがったページ）
	$(PY) -m pytest $(PARALLEL)

lab edit: export KERNEL_GUARD := off
lab: $(HTML)/.built  ## 読者のためのノートブックを notebooks に置いて、JupyterLab で開く
	$(PY) tools/notebooks.py

edit: $(INSTALLED)  ## 章の原稿を JupyterLab で直す
	$(PY) -m jupyterlab --notebook-dir=chapters

execute: $(INSTALLED)  ## ノートブックをすべて実行しなおし、決まった形に整えて保存する
	$(PY) tools/execute.py

lint: $(INSTALLED)  ## 書き方の検査
	$(PY) tools/lint.py

prose: $(INSTALLED) tools/prose/node_modules/.installed  ## 本文の日本語の検査（textlint）
	$(PY) tools/prose/extract.py _build/prose $(filter-out README.md CONTRIBUTING.md CHANGELOG.md, $(wildcard *.md)) $$($(PY) tools/toc.py)
	cd tools/prose && npx textlint --config .textlintrc.cjs ../../_build/prose/*.md

bench: $(INSTALLED)  ## 速さの測定
	$(PY) benchmarks/run.py

bench-site: $(HTML)/.built  ## サイトの重さと速さの測定
	$(PY) benchmarks/site.py

mutants: $(INSTALLED) _build/mutation/.installed  ## 計算するか決めるコードを変異させ、検査が気づくかを数える（変わった部屋だけ。MODULE=部屋 で一つだけ、FORCE=1 ですべて、AGAIN=1 で残りだけ）
	PYTHONPATH=tools $(PY) -m mutation.run $(if $(MODULE),--module $(MODULE)) $(if $(FORCE),--force) $(if $(AGAIN),--again)

# 審判がいないのに「合った」と言わないように、飛ばした検査は失敗にする。
outside: _build/outside/.installed  ## PyTorch、Keras と比べ、食い違えば mpmath に裁かせる（MAY_SKIP=1 で、入らなかった審判を飛ばす）
	$(if $(MAY_SKIP),,REQUIRE_JUDGES=1) PYTHONPATH=src:tools $(OUTSIDE)/bin/python -m pytest --override-ini addopts= \
	  --strict-markers -ra --durations 5 -p outside.score --score $(SCORE) -m "torch or keras" $(PARALLEL) \
	  $$(grep -lE 'mark\.(torch|keras)' tests/test_*.py)

audit: $(AUDIT)/.installed  ## 使うものの版に、知られた脆弱性がないかを調べる
	$(AUDIT)/bin/python tools/audit/vulnerabilities.py $(if $(MAY_SKIP),--may-skip)

compat: oldest newest  ## 対応する最も古い版と最も新しい版で、検査とすべての章を走らせる

# numpy の最も古い版は、新しい Python には入らない。
oldest: PYTHON ?= python3.11
oldest: LOWEST := --constraint .venv-oldest/lowest.txt
# 版が違えば、同じ式や図を違う字や画素で表すことがある。だから記録とは比べず、章は、失敗しないことだけを見る。
oldest newest:
	python=$$(tools/find-python "$(PYTHON)") && "$$python" -m venv --clear .venv-$@
	.venv-$@/bin/python tools/lowest.py > .venv-$@/lowest.txt
	.venv-$@/bin/python -m pip install --quiet $(LOWEST) --requirement requirements.txt
	PYTHONPATH=tools .venv-$@/bin/python -m pytest -p unbuilt -m "not recorded" $(PARALLEL) tests src
	.venv-$@/bin/python -m pytest --nbval-lax $(PARALLEL) chapters

constraints:  ## constraints.txt を新しい版で作りなおす
	python=$$(tools/find-python "$(PYTHON)") && "$$python" -m venv $(UV)
	$(UV)/bin/python -m pip install --quiet --upgrade uv
	$(COMPILE) --no-emit-package gyakudenpa --output-file constraints.txt requirements.txt
	$(COMPILE) --output-file tools/audit/constraints.txt tools/audit/requirements.txt
	$(COMPILE) --output-file tools/mutation/constraints.txt tools/mutation/requirements.txt
	$(COMPILE) --constraint constraints.txt --excludes tools/outside/without.txt \
	  --output-file tools/outside/constraints.txt tools/outside/requirements.txt

clean:  ## できたものを消す（仮想環境も）
	rm -rf _build $(VENV) $(UV) $(AUDIT) .venv-oldest .venv-newest .pytest_cache .ruff_cache

help:  ## この一覧
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1\t\2/p' Makefile

$(INSTALLED): constraints.txt requirements.txt pyproject.toml
	@python=$$(tools/find-python "$(PYTHON)") && echo "$$python で仮想環境 $(VENV) をつくります。" && "$$python" -m venv $(VENV)
	$(PY) -m pip install --constraint constraints.txt --requirement requirements.txt
	@rm -f $(VENV)/.installed-*
	@touch $@

$(AUDIT)/.installed: tools/audit/requirements.txt tools/audit/constraints.txt
	@python=$$(tools/find-python "$(PYTHON)") && "$$python" -m venv $(AUDIT)
	$(AUDIT)/bin/python -m pip install --quiet --constraint tools/audit/constraints.txt --requirement tools/audit/requirements.txt
	@touch $@

_build/mutation/.installed: tools/mutation/requirements.txt tools/mutation/constraints.txt
	@python=$$(tools/find-python "$(PYTHON)") && "$$python" -m venv _build/mutation/venv
	_build/mutation/venv/bin/python -m pip install --quiet --constraint tools/mutation/constraints.txt --requirement $<
	@touch $@

_build/outside/.installed: tools/outside/requirements.txt tools/outside/constraints.txt tools/outside/install.py
	@python=$$(tools/find-python "$(PYTHON)") && "$$python" -m venv --clear $(OUTSIDE)
	$(OUTSIDE)/bin/python tools/outside/install.py
	@touch $@

tools/prose/node_modules/.installed: tools/prose/package-lock.json
	cd tools/prose && npm ci --no-fund --no-audit
	@touch $@

tools/axe/node_modules/.installed: tools/axe/package-lock.json | $(INSTALLED)
	cd tools/axe && PATH="$(CURDIR)/$(VENV)/bin:$$PATH" npm ci --no-fund --no-audit
	@touch $@

# ファイルが消えたことは日付ではわからないので、名前の一覧が変わったかどうかを見る。
_build/executed.txt _build/written.txt: force
	@mkdir -p _build
	@echo '$(if $(findstring executed,$@),$(EXECUTED),$(WRITTEN))' | cmp -s - $@ || \
	  echo '$(if $(findstring executed,$@),$(EXECUTED),$(WRITTEN))' > $@

_build/.fresh: $(INSTALLED) $(EXECUTED) _build/executed.txt
	@rm -rf _build/.jupyter_cache
	@touch $@

tools/math/node_modules/.installed: tools/math/package-lock.json | $(INSTALLED)
	cd tools/math && $(CURDIR)/$(VENV)/bin/npm ci --no-fund --no-audit
	@touch $@

# 警告のあったビルドを続きから始めると、警告が消えて成功に見える。だから実行の記録のほかは毎回つくりなおす。
$(HTML)/.built: _build/.fresh $(WRITTEN) _build/written.txt tools/math/node_modules/.installed
	@rm -rf $(HTML) _build/.doctrees
	$(PY) -c 'from jupyter_book.cli.main import main; main()' build -n -W --keep-going .
	@touch $@
