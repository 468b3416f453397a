// Package headertext writes what a recording says of the machine, of itself and of its events, as perf's --header
// does: perf_header__fprintf_info in tools/perf/util/header.c.
package headertext
