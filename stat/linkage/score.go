package linkage

import (
	"cmp"
	"context"
	"slices"
)

// pair is two records that were compared and are not plainly different. a < b in
// canonical order.
type pair struct {
	a, b    uint32
	pattern pattern
	odds    float64 // log2 odds of being one person
}

// scorer compares what a plan brings together.
type scorer struct {
	fr      *frame
	model   *model
	plan    *plan
	limit   int
	workers int

	keys     []uint32 // records × rules, 0 where a record has no block or one above the cap
	skipped  int64    // pairs in blocks above the cap
	compared int64
	tallies  map[pattern]int64
	kept     []pair
}

func newScorer(ctx context.Context, fr *frame, md *model, p *plan, limit, workers int) (*scorer, error) {
	s := &scorer{fr: fr, model: md, plan: p, limit: limit, workers: workers, tallies: map[pattern]int64{}}
	rules := len(p.rules)
	s.keys = make([]uint32, fr.len()*rules)
	const chunk = 1 << 13
	err := inParallel(ctx, workers, (fr.len()+chunk-1)/chunk, func(c int) {
		for r := c * chunk; r < min((c+1)*chunk, fr.len()); r++ {
			for i, rule := range p.rules {
				s.keys[r*rules+i] = rule.key(fr, uint32(r))
			}
		}
	})
	return s, err
}

// members gives the blocks of rule i, and takes records of blocks above the cap
// out of them.
func (s *scorer) members(i int) []member {
	rules := len(s.plan.rules)
	var members []member
	for r := range s.fr.len() {
		if k := s.keys[r*rules+i]; k != 0 {
			members = append(members, member{k, uint32(r)})
		}
	}
	members = sortMembers(members)
	eachBlock(members, func(block []member) {
		if len(block) <= s.limit {
			return
		}
		s.skipped += int64(len(block)) * int64(len(block)-1) / 2
		for _, m := range block {
			s.keys[int(m.record)*rules+i] = 0
		}
	})
	return members
}

// run compares all pairs, each in the first rule that brings it together, from
// rule from on. old, if not nil, marks records whose pairs among themselves are
// known already. done is called after every rule.
func (s *scorer) run(ctx context.Context, from int, old []bool, done func(rules int)) error {
	rules := len(s.plan.rules)
	groups := make([][]member, rules)
	// Blocks above the cap have to be known for every rule before the first pair
	// is given to a rule.
	for i := range rules {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		groups[i] = s.members(i)
	}
	if old != nil {
		s.prune(groups, old)
	}
	for i := from; i < rules; i++ {
		if err := s.runRule(ctx, i, groups[i], old); err != nil {
			return err
		}
		groups[i] = nil
		done(i + 1)
	}
	slices.SortFunc(s.kept, func(x, y pair) int {
		return cmp.Or(cmp.Compare(x.a, y.a), cmp.Compare(x.b, y.b))
	})
	return nil
}

// covers reports whether some rule brings two records together.
func (s *scorer) covers(a, b uint32) bool {
	rules := len(s.plan.rules)
	x, y := s.keys[int(a)*rules:int(a+1)*rules], s.keys[int(b)*rules:int(b+1)*rules]
	for r, k := range x {
		if k == y[r] && k != 0 {
			return true
		}
	}
	return false
}

// prune takes back known pairs that only blocks brought together which new
// records have lifted above the cap.
func (s *scorer) prune(groups [][]member, old []bool) {
	rules := len(s.plan.rules)
	s.kept = slices.DeleteFunc(s.kept, func(p pair) bool { return !s.covers(p.a, p.b) })
	// lifted marks, by rule, records whose block was under the cap and no longer is.
	lifted := make([]uint32, len(s.keys))
	for i, members := range groups {
		eachBlock(members, func(block []member) {
			if len(block) <= s.limit {
				return
			}
			known := 0
			for _, m := range block {
				if old[m.record] {
					known++
				}
			}
			if known > s.limit {
				return
			}
			for _, m := range block {
				lifted[int(m.record)*rules+i] = m.key
			}
		})
	}
	for i, members := range groups {
		eachBlock(members, func(block []member) {
			if lifted[int(block[0].record)*rules+i] == 0 {
				return
			}
			for x, m := range block {
				for _, n := range block[x+1:] {
					a, b := m.record, n.record
					if !old[a] || !old[b] || s.covers(a, b) {
						continue
					}
					p, q := lifted[int(a)*rules:int(a)*rules+i], lifted[int(b)*rules:int(b)*rules+i]
					first := true
					for r := range p {
						first = first && (p[r] != q[r] || p[r] == 0)
					}
					if first {
						s.tallies[s.fr.compare(a, b)]--
						s.compared--
					}
				}
			}
		})
	}
}

func (s *scorer) runRule(ctx context.Context, rule int, members []member, old []bool) error {
	// Parts of the work: runs of whole blocks of about equal numbers of pairs.
	const share = 1 << 16
	var parts [][]member
	from, pairs, at := 0, 0, 0
	eachBlockEnd(members, func(size, end int) {
		pairs += size * (size - 1) / 2
		at = end
		if pairs >= share {
			parts = append(parts, members[from:end])
			from, pairs = end, 0
		}
	})
	if from < at {
		parts = append(parts, members[from:at])
	}
	kept := make([][]pair, len(parts))
	tallies := make(chan map[pattern]*outcome, s.workers)
	for range s.workers {
		tallies <- map[pattern]*outcome{}
	}
	err := inParallel(ctx, s.workers, len(parts), func(i int) {
		counts := <-tallies
		kept[i] = s.compareBlocks(rule, parts[i], counts, old)
		tallies <- counts
	})
	if err != nil {
		return err
	}
	for range s.workers {
		for p, o := range <-tallies {
			s.tallies[p] += o.count
			s.compared += o.count
		}
	}
	for _, k := range kept {
		s.kept = append(s.kept, k...)
	}
	return nil
}

// outcome is what a worker knows of a pattern.
type outcome struct {
	count int64
	may   bool // could be a match
}

func eachBlockEnd(members []member, visit func(size, end int)) {
	for i := 0; i < len(members); {
		j := i + 1
		for j < len(members) && members[j].key == members[i].key {
			j++
		}
		visit(j-i, j)
		i = j
	}
}

func (s *scorer) compareBlocks(rule int, members []member, counts map[pattern]*outcome, old []bool) []pair {
	var kept []pair
	rules := len(s.plan.rules)
	eachBlock(members, func(block []member) {
		if len(block) > s.limit {
			return
		}
		for i, x := range block {
			mine := s.keys[int(x.record)*rules : int(x.record)*rules+rule]
		next:
			for _, y := range block[i+1:] {
				if old != nil && old[x.record] && old[y.record] {
					continue
				}
				theirs := s.keys[int(y.record)*rules : int(y.record)*rules+rule]
				for r, k := range mine {
					if k == theirs[r] && k != 0 {
						continue next
					}
				}
				p := s.fr.compare(x.record, y.record)
				o := counts[p]
				if o == nil {
					o = &outcome{may: s.model.mayMatch(s.fr, p)}
					counts[p] = o
				}
				o.count++
				if o.may {
					kept = append(kept, pair{a: x.record, b: y.record, pattern: p})
				}
			}
		}
	})
	return kept
}

// sorted gives the counted patterns in their order.
func (s *scorer) sorted() []tally {
	out := make([]tally, 0, len(s.tallies))
	for p, n := range s.tallies {
		if n != 0 {
			out = append(out, tally{p, n})
		}
	}
	sortTallies(out)
	return out
}
