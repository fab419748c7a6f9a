package linkage

import (
	"slices"
	"strings"
)

// rule is one blocking key: records that agree on all its features are compared.
type rule struct {
	features []int // in frame.features, ascending
}

func (r rule) uses(fr *frame, field int) bool {
	return slices.ContainsFunc(r.features, func(x int) bool { return fr.features[x].field == field })
}

func (r rule) name(fr *frame) string {
	parts := make([]string, len(r.features))
	for i, x := range r.features {
		parts[i] = fr.features[x].name
	}
	return strings.Join(parts, " + ")
}

// key gives a record's block under the rule, 0 if it has none. Two blocks that
// share a key by chance (one in four thousand million) are one block.
func (r rule) key(fr *frame, record uint32) uint32 {
	h := uint64(0)
	values := fr.record(record)
	for _, x := range r.features {
		f := &fr.features[x]
		v := f.of[values[f.field]]
		if v == 0 {
			return 0
		}
		h = mix64(h*31 + uint64(v))
	}
	return max(uint32(h>>32), 1)
}

// member is a record in its block.
type member struct{ key, record uint32 }

// blocks gives the members of all blocks of two or more, block by block, records
// ascending within a block.
func (r rule) blocks(fr *frame) []member {
	var members []member
	for i := range uint32(fr.len()) {
		if k := r.key(fr, i); k != 0 {
			members = append(members, member{k, i})
		}
	}
	return sortMembers(members)
}

// sortMembers sorts by key and keeps the order within a key: a radix sort, which
// for millions of members takes a fraction of the time of a comparison sort.
func sortMembers(members []member) []member {
	if len(members) < 256 {
		slices.SortStableFunc(members, func(a, b member) int {
			switch {
			case a.key < b.key:
				return -1
			case a.key > b.key:
				return 1
			}
			return 0
		})
		return members
	}
	other := make([]member, len(members))
	for shift := 0; shift < 32; shift += 11 {
		var at [2048]int
		for _, m := range members {
			at[m.key>>shift&2047]++
		}
		sum := 0
		for i, n := range at {
			at[i] = sum
			sum += n
		}
		for _, m := range members {
			d := m.key >> shift & 2047
			other[at[d]] = m
			at[d]++
		}
		members, other = other, members
	}
	return members
}

// eachBlock calls visit with every run of two or more members with one key.
func eachBlock(members []member, visit func(block []member)) {
	for i := 0; i < len(members); {
		j := i + 1
		for j < len(members) && members[j].key == members[i].key {
			j++
		}
		if j-i > 1 {
			visit(members[i:j])
		}
		i = j
	}
}

// costSample is the number of records from which the cost of a rule is estimated.
const costSample = 1 << 16

// counter counts members of blocks in a table with open addressing.
type counter struct {
	keys   []uint32
	counts []uint32
}

// cost estimates how many pairs a rule compares, and how many lie in blocks above
// the cap. The sample is the beginning of the canonical order.
func (r rule) cost(fr *frame, limit int, c *counter) (pairs, over float64) {
	n := min(fr.len(), costSample)
	size := 1
	for size < 2*n {
		size *= 2
	}
	if len(c.keys) < size {
		c.keys, c.counts = make([]uint32, size), make([]uint32, size)
	}
	clear(c.keys)
	clear(c.counts)
	mask := uint32(len(c.keys) - 1)
	for i := range uint32(n) {
		k := r.key(fr, i)
		if k == 0 {
			continue
		}
		at := k * 2654435769 >> 7 & mask
		for c.keys[at] != 0 && c.keys[at] != k {
			at = (at + 1) & mask
		}
		c.keys[at] = k
		c.counts[at]++
	}
	scale := float64(fr.len()) / float64(max(n, 1))
	for _, count := range c.counts {
		if count < 2 {
			continue
		}
		p := float64(count) * float64(count-1) / 2 * scale * scale
		if float64(count)*scale > float64(limit) {
			over += p
		} else {
			pairs += p
		}
	}
	return pairs, over
}
