package linkage

import (
	"cmp"
	"context"
	"slices"
)

// clusterer joins records into persons.
type clusterer struct {
	fr     *frame
	model  *model
	unique uint64 // lists without duplicates, one bit each
	parent []uint32
	next   []uint32 // ring of members
	size   []uint32
	lists  []uint64 // unique lists that have a record in the cluster, at the root
	mean   float64  // least mean log2 odds between two clusters that are joined
}

func newClusterer(fr *frame, md *model, unique uint64) *clusterer {
	n := fr.len()
	c := &clusterer{fr: fr, model: md, unique: unique, parent: make([]uint32, n), next: make([]uint32, n), size: make([]uint32, n), lists: make([]uint64, n)}
	for i := range n {
		c.parent[i], c.next[i], c.size[i] = uint32(i), uint32(i), 1
		c.lists[i] = 1 << fr.list[i] & unique
	}
	return c
}

func (c *clusterer) root(r uint32) uint32 {
	for c.parent[r] != r {
		c.parent[r] = c.parent[c.parent[r]]
		r = c.parent[r]
	}
	return r
}

// join goes through the pairs from the surest down. Two clusters become one if
// they hold no two records of a list without duplicates, and if the evidence of
// all their pairs together, also of those that no rule brought together, speaks
// for it.
func (c *clusterer) join(ctx context.Context, pairs []pair, threshold float64) error {
	order := make([]uint32, 0, len(pairs))
	for i, p := range pairs {
		if p.odds >= threshold {
			order = append(order, uint32(i))
		}
	}
	slices.SortFunc(order, func(i, j uint32) int {
		return cmp.Or(cmp.Compare(pairs[j].odds, pairs[i].odds), cmp.Compare(i, j))
	})
	for n, i := range order {
		if n&0xfff == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		a, b := c.root(pairs[i].a), c.root(pairs[i].b)
		if a == b || c.lists[a]&c.lists[b] != 0 {
			continue
		}
		if c.size[a]+c.size[b] > 2 && !c.agree(a, b) {
			continue
		}
		if c.size[a] < c.size[b] || c.size[a] == c.size[b] && a > b {
			a, b = b, a
		}
		c.parent[b] = a
		c.next[a], c.next[b] = c.next[b], c.next[a]
		c.size[a] += c.size[b]
		c.lists[a] |= c.lists[b]
	}
	return nil
}

// agreeLimit bounds the pairs that are looked at when two large clusters meet.
const agreeLimit = 4096

// agree reports whether the mean evidence between two clusters speaks for one person.
func (c *clusterer) agree(a, b uint32) bool {
	sum, n := 0.0, 0
	for x := a; ; {
		for y := b; ; {
			sum += c.model.odds(c.fr, x, y, c.fr.compare(x, y))
			if n++; n == agreeLimit {
				return sum/float64(n) >= c.mean
			}
			if y = c.next[y]; y == b {
				break
			}
		}
		if x = c.next[x]; x == a {
			break
		}
	}
	return sum/float64(n) >= c.mean
}
