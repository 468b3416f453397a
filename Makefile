# What the go command cannot do by itself. `make demo` and `make test` are all that a fresh machine needs: they install
# what is missing (Debian packages, as root).

export CGO_ENABLED = 0
export GOFLAGS = -buildvcs=false
export GPERF_LAB ?= $(CURDIR)/.cache/lab

TOOL = go tool -modfile=internal/tools/go.mod

.PHONY: build demo test unit lint cross deps lab fuzz clean distclean

# The linker writes through a mapping, page by page, and so the kernel keeps the file. One that is written in large pieces it keeps in large
# pieces, and starts in 0.7 ms less (docs/performance.md).
build:
	go build -trimpath -ldflags '-s -w' -o .gperf.linked ./cmd/gperf
	rm -f gperf
	dd if=.gperf.linked of=gperf bs=4M status=none
	chmod 755 gperf
	rm .gperf.linked

# The main job on a real program: what is typed at a bash, read by a return probe on its readline function.
demo: build
	sh docs/demo.sh ./gperf

test: deps lab lint cross unit

# Tests run one package after the other: they share the machine's tracefs, and some compare output with perf's.
unit: build
	go test -json -p 2 -timeout 28m ./... | go run ./internal/testkit/skipcheck internal/testkit/skips.txt

lint:
	@test -z "$$(gofmt -l $$(find . -name '*.go' -not -path './.cache/*'))" || { echo "not formatted:"; gofmt -l .; exit 1; }
	go vet ./...
	$(TOOL) staticcheck ./...
	$(TOOL) ineffassign ./...
	$(TOOL) misspell -error -i rela README.md docs cmd internal perfevent probe dwarfvars symbolize bench

cross:
	GOARCH=arm64 go vet ./...
	GOARCH=arm64 go build -o /dev/null ./cmd/gperf

deps:
	sh internal/testkit/deps.sh

lab:
	sh internal/testkit/lab.sh "$(GPERF_LAB)"
	sh internal/testkit/lab-arm64.sh "$(GPERF_LAB)/arm64"

# Every fuzz target for a short while (FUZZTIME each).
FUZZTIME ?= 10s
fuzz:
	sh internal/testkit/fuzz.sh $(FUZZTIME)

clean:
	rm -f gperf perf.data perf.data.old

distclean: clean
	rm -rf .cache
