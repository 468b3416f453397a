package session

import "math"

// entry is one queued record.
type entry struct {
	time   uint64
	offset int64
	chunk  *chunk
	at     uint32
	size   uint16
	cpu    int32
	event  int32 // index into the source's events, -1 unknown
}

func (e *entry) bytes() []byte { return e.chunk.buf[e.at : e.at+uint32(e.size)] }

// chunk is memory of queued records. It is used again when none of them is queued any more.
type chunk struct {
	buf  []byte
	live int
}

const chunkSize = 1 << 20

// run is a row of entries that came in time order: what one flush of a ring gives. The rings of a round are so many
// runs, and merging them sorts the round.
type run struct {
	entries []entry
	next    int // first entry that is not delivered
}

func (r *run) done() bool       { return r.next == len(r.entries) }
func (r *run) time() uint64     { return r.entries[r.next].time }
func (r *run) lastTime() uint64 { return r.entries[len(r.entries)-1].time }

// queue orders records by time; those of one time keep the order in which they came.
//
// perf's rule for rounds (see ordered_events__flush in tools/perf/util/ordered-events.c): a mark says that all rings
// have been read once, so what comes later is not older than the newest record of the round before. At a mark
// everything up to the newest time seen at the previous mark may go.
type queue struct {
	runs  []*run
	heap  []int // indices into runs that have entries up to limit, by (time, index)
	limit uint64

	newest    uint64 // of all records so far
	nextLimit uint64 // what the next mark lets go
	delivered uint64 // time of the record delivered last
	unordered uint64 // records older than one that is already delivered

	chunks   []*chunk // free ones
	cur      *chunk
	freeRuns []*run
}

// push queues a copy of rec.
func (q *queue) push(e entry, rec []byte) {
	if q.cur == nil || len(q.cur.buf)+len(rec) > cap(q.cur.buf) {
		q.cur = q.newChunk()
	}
	e.chunk, e.at, e.size = q.cur, uint32(len(q.cur.buf)), uint16(len(rec))
	q.cur.buf = append(q.cur.buf, rec...)
	q.cur.live++
	if e.time < q.delivered {
		q.unordered++
	}
	q.newest = max(q.newest, e.time)
	if n := len(q.runs); n == 0 || q.runs[n-1].done() || q.runs[n-1].lastTime() > e.time {
		q.runs = append(q.runs, q.newRun())
	}
	r := q.runs[len(q.runs)-1]
	r.entries = append(r.entries, e)
}

func (q *queue) newChunk() *chunk {
	if n := len(q.chunks); n > 0 {
		c := q.chunks[n-1]
		q.chunks = q.chunks[:n-1]
		return c
	}
	return &chunk{buf: make([]byte, 0, chunkSize)}
}

func (q *queue) newRun() *run {
	if n := len(q.freeRuns); n > 0 {
		r := q.freeRuns[n-1]
		q.freeRuns = q.freeRuns[:n-1]
		return r
	}
	return &run{}
}

// round is called at a round mark.
func (q *queue) round() {
	q.release(q.nextLimit)
	q.nextLimit = q.newest
}

// finish lets everything go.
func (q *queue) finish() { q.release(math.MaxUint64) }

// release makes pop deliver all entries up to limit.
func (q *queue) release(limit uint64) {
	q.compact()
	q.limit = limit
	q.heap = q.heap[:0]
	for i, r := range q.runs {
		if !r.done() && r.time() <= limit {
			q.heap = append(q.heap, i)
		}
	}
	for i := len(q.heap)/2 - 1; i >= 0; i-- {
		q.down(i)
	}
}

// compact drops the runs that are delivered and, of the others, what is delivered, once that is most of it.
func (q *queue) compact() {
	kept := q.runs[:0]
	for _, r := range q.runs {
		switch {
		case r.done():
			r.entries, r.next = r.entries[:0], 0
			q.freeRuns = append(q.freeRuns, r)
			continue
		case r.next > len(r.entries)/2:
			n := copy(r.entries, r.entries[r.next:])
			r.entries, r.next = r.entries[:n], 0
		}
		kept = append(kept, r)
	}
	clear(q.runs[len(kept):])
	q.runs = kept
}

// pop returns the oldest entry that may go, nil if there is none. The entry and its bytes are good until the next call
// of drop.
func (q *queue) pop() *entry {
	if len(q.heap) == 0 {
		return nil
	}
	r := q.runs[q.heap[0]]
	e := &r.entries[r.next]
	r.next++
	q.delivered = e.time
	if r.done() || r.time() > q.limit {
		last := len(q.heap) - 1
		q.heap[0] = q.heap[last]
		q.heap = q.heap[:last]
	}
	q.down(0)
	return e
}

// drop gives the memory of a popped entry back.
func (q *queue) drop(e *entry) {
	c := e.chunk
	c.live--
	if c.live == 0 {
		c.buf = c.buf[:0]
		if c != q.cur {
			q.chunks = append(q.chunks, c)
		}
	}
}

func (q *queue) before(a, b int) bool {
	ta, tb := q.runs[a].time(), q.runs[b].time()
	return ta < tb || ta == tb && a < b
}

func (q *queue) down(i int) {
	h := q.heap
	for {
		c := 2*i + 1
		if c >= len(h) {
			return
		}
		if c+1 < len(h) && q.before(h[c+1], h[c]) {
			c++
		}
		if !q.before(h[c], h[i]) {
			return
		}
		h[i], h[c] = h[c], h[i]
		i = c
	}
}
