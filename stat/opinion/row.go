package opinion

import (
	"encoding/binary"
	"iter"
)

// A row remembers when a participant voted on what, in order of arrival. Each
// vote takes some five bytes: the statement, and the time since the vote
// before, both as variable-length integers. The vote itself is in its column.
type row struct {
	code  []byte
	last  int64 // time of the vote added last
	count int
}

// add appends a vote on a statement that has none.
func (r *row) add(statement int, time int64) {
	r.code = binary.AppendUvarint(r.code, uint64(statement))
	r.code = binary.AppendVarint(r.code, time-r.last) // wraps around, and back in all
	r.last = time
	r.count++
}

// all gives the statements and times.
func (r *row) all() iter.Seq2[int, int64] {
	return func(yield func(int, int64) bool) {
		time := int64(0)
		for b := r.code; len(b) > 0; {
			statement, n := binary.Uvarint(b)
			since, m := binary.Varint(b[n:])
			b = b[n+m:]
			time += since
			if !yield(int(statement), time) {
				return
			}
		}
	}
}

// renew sets the time of the vote on a statement, unless it is later, and
// reports whether it did.
func (r *row) renew(statement int, time int64) bool {
	var renewed row
	for s, t := range r.all() {
		if s == statement {
			if t > time {
				return false
			}
			t = time
		}
		renewed.add(s, t)
	}
	*r = renewed
	return true
}
