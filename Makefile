# What people and CI run. `make` alone lists the targets.

PORT ?= 8000
PYTHON := .venv/bin/python
# The newer one of what the path and the system have, since it is the quicker, and the system's of two equals: what a
# version manager compiles is slower.
NEWEST_PYTHON ?= $(or $(shell for python in python3 /usr/bin/python3; do \
	$$python -c 'import ensurepip, sys; print(sys.version_info[1], sys.executable)' 2>/dev/null; \
	done | sort -sn | tail -1 | cut -d' ' -f2),python3)
PIP := .venv/bin/pip --disable-pip-version-check --quiet
# uv is several times as fast where it is installed; where it cannot reach what pip is set up for, pip does it. The locks
# name all there is, and what is not started need not be compiled.
INSTALL = { command -v uv >/dev/null && uv pip install --quiet --python $(PYTHON) --require-hashes -r $(1) 2>/dev/null; } || \
	$(PIP) install --no-deps --no-compile --require-hashes -r $(1)
MANAGE := $(PYTHON) manage.py
# As in production, so that checks see what production sees; the key is made up for the one command.
PRODUCTION = DEBUG=off HTTPS=on ALLOWED_HOSTS=zc.example.cn DATABASE_URL=sqlite://:memory: REDIS_URL= LOG_LEVEL=ERROR \
	SITE_URL=https://zc.example.cn TRUSTED_PROXY=on SMS_PROVIDER=http SMS_URL=https://sms.example.cn/send \
	SECRET_KEY=$$(python3 -c 'import secrets; print(secrets.token_urlsafe(64))') \
	ENCRYPTION_KEYS=check:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= BLIND_INDEX_KEY=BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBA=

.DEFAULT_GOAL := help
.PHONY: help run fresh test test-long check audit format bench lock lighthouse browser

help:  ## 列出这些命令
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1|\2/p' Makefile | awk -F'|' '{printf "%-16s %s\n", $$1, $$2}'

run: .venv/installed .env  ## 安装、建库、载入措施和演示数据，在 http://127.0.0.1:8000/ 打开（PORT=8001 换端口）
	@$(MANAGE) prepare 127.0.0.1:$(PORT)

fresh:  ## 把现在的 db.sqlite3 改名留着，从头建一个新的
	@kept=db.sqlite3.$$(date +%Y%m%d-%H%M%S); for ending in "" -wal -shm; do \
		test ! -e db.sqlite3$$ending || mv -v db.sqlite3$$ending $$kept$$ending; \
	done
	@$(MAKE) --no-print-directory run

# Tests start some hundred processes, which need not read all of the program anew.
unexport PYTHONDONTWRITEBYTECODE
# One more than there are cores: a browser, a server or a clock is waited for often.
WORKERS = $$(( $$(getconf _NPROCESSORS_ONLN) + 1 ))
PYTEST = $(PYTHON) -m pytest --numprocesses $(WORKERS) --dist loadfile --no-loadscope-reorder

test: .venv/installed-test browser  ## 运行全部测试，两个核约 13 分钟（ARGS="-k 关键词" 选一部分）
	@$(PYTEST) -m "not long" $(ARGS)

test-long: .venv/installed-test browser  ## 运行日常测试只抽样的那些测试的全部，最后列出它们
	@$(PYTEST) -m long $(ARGS)

check: .venv/installed-test  ## 代码和模板的风格、类型、模块方向、缺的迁移、正式运行的安全检查
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/djangofmt --check templates
	.venv/bin/mypy
	.venv/bin/lint-imports
	$(PRODUCTION) $(MANAGE) makemigrations --check --dry-run
	$(PRODUCTION) $(MANAGE) check --deploy --fail-level WARNING

format: .venv/installed-test  ## 整理代码和模板的格式
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .
	.venv/bin/djangofmt templates

audit: .venv/bin/python  ## 查锁定的依赖有没有已知的安全漏洞；连不上软件源就说没有查
	@test -x .venv-audit/bin/pip-audit || { python3 -m venv .venv-audit && .venv-audit/bin/pip --quiet \
		--disable-pip-version-check install --require-hashes -r requirements-audit.txt; } || true
	@$(PYTHON) -m tests.audit

bench: .venv/installed  ## 跑一遍全部性能对比，默认小规模（N="100000 1000000" 指定店数）
	@$(PIP) install --require-hashes -r requirements-bench.txt
	@$(PYTHON) -m benchmarks.all $(if $(N),--n $(N))

lighthouse: .venv/installed .env  ## 用手机条件给主要页面打分（需要 Node.js 和 Chromium）
	@bash benchmarks/lighthouse.sh

lock:  ## 按 requirements*.in 重新锁定依赖（需要 uv）
	for name in requirements requirements-test requirements-bench requirements-audit; do \
		uv pip compile --quiet --generate-hashes --python-version 3.11 --no-header $$name.in -o $$name.txt || exit 1; \
	done

.venv/bin/python:
	@$(NEWEST_PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "需要 Python 3.11 或更新的版本，现在是 $$($(NEWEST_PYTHON) --version)。"; exit 1; }
	@$(NEWEST_PYTHON) -m venv .venv || { echo "建不了虚拟环境。Debian、Ubuntu 请先运行 apt-get install python3-venv。"; exit 1; }

# A stamp is older than its lock exactly when there is something to install.
.venv/installed: requirements.txt | .venv/bin/python
	@echo "正在安装依赖……"
	@$(call INSTALL,requirements.txt)
	@touch $@

.venv/installed-test: requirements-test.txt .venv/installed
	@echo "正在安装测试依赖……"
	@$(call INSTALL,requirements-test.txt)
	@touch $@

.env:
	@umask 077 && python3 -c 'import secrets; print("DEBUG=on\nSECRET_KEY=" + secrets.token_urlsafe(48))' > .env

# Chromium (without windows, where that comes apart: it is faster) and a Chinese font for the browser tests, where they
# are missing and we may install them.
browser:
	@browser=""; font=""; \
	for name in chromium-headless-shell chromium chromium-browser google-chrome; do \
		command -v $$name >/dev/null && browser=there; \
	done; \
	[ -n "$$browser" ] || browser=chromium; \
	fc-list :lang=zh 2>/dev/null | grep -q . || font=fonts-wqy-microhei; \
	[ "$$browser$$font" != there ] || exit 0; \
	[ "$$browser" != there ] || browser=""; \
	sudo=""; [ "$$(id -u)" = 0 ] || sudo="sudo -n"; \
	{ command -v apt-get >/dev/null && $$sudo true 2>/dev/null; } || \
		{ echo "缺少 $$browser $$font，请手工安装，否则浏览器测试会跳过。"; exit 0; }; \
	$$sudo apt-get update -qq; \
	if [ -n "$$browser" ] && apt-cache show chromium-headless-shell >/dev/null 2>&1; then \
		browser=chromium-headless-shell; \
	fi; \
	echo "正在安装 $$browser $$font……"; \
	DEBIAN_FRONTEND=noninteractive $$sudo apt-get install -qq -y --no-install-recommends $$browser $$font >/dev/null || \
		echo "没有装上 $$browser $$font，浏览器测试会跳过。"
