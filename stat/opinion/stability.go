package opinion

import (
	"cmp"
	"context"
	"slices"
)

// Resampling says how the groups fare when one participant in five is left
// out at random (Ben-Hur, Elisseeff and Guyon 2002).
type Resampling struct {
	Resamples int    `json:"resamples"`
	Seed      uint64 `json:"seed"`
	// Low is the value that nine in ten resamples exceed.
	Low float64 `json:"low"`
	// SameK is the share of resamples that find the same number of groups,
	// and K how often each number was found.
	SameK float64  `json:"same_k"`
	K     []KCount `json:"k"`
	// FixedK is the mean adjusted Rand index when the number of groups is
	// held.
	FixedK float64 `json:"fixed_k"`
}

// A KCount is how often a number of groups was found.
type KCount struct {
	K     int `json:"k"`
	Times int `json:"times"`
}

// UsualResamples is the number of resamples that suits a conversation of the
// size given: 100, fewer for large ones, where each takes longer and the
// groups vary less.
func UsualResamples(participants, statements int) int {
	const cells = 20_000_000
	return min(100, max(4, cells/max(participants*statements, 1)))
}

// resample maps the conversation again and again without one participant in
// five and compares the groups of those who remain.
func (r *Result) resample(ctx context.Context, m matrix, l layout, o Options) error {
	type outcome struct {
		k           int
		same, fixed float64
	}
	outcomes := make([]outcome, o.Resamples)
	errs := make([]error, o.Resamples)
	if l.k < 2 {
		return nil
	}
	single := Options{Strict: o.Strict, MostGroups: o.MostGroups, Workers: 1}
	err := eachErr(ctx, o.workers(), o.Resamples, true, func(n int) {
		out := leaveOut(len(m.people), o.Seed, n)
		part, err := lay(ctx, m.without(out), single, nil)
		if err != nil {
			errs[n] = err
			return
		}
		whole := make([]int, 0, len(m.people))
		for i, g := range l.of {
			if len(out) > 0 && out[0] == i {
				out = out[1:]
				continue
			}
			whole = append(whole, g)
		}
		x := outcome{k: part.k, same: randIndex(whole, part.of)}
		x.fixed = x.same
		if x.k != l.k {
			x.fixed = randIndex(whole, part.assign(part.choose(Options{K: l.k})))
		}
		outcomes[n] = x
	})
	if err != nil {
		return err
	}
	s := &Resampling{Resamples: o.Resamples, Seed: o.Seed}
	var all []float64
	mean := 0.0
	for n, x := range outcomes {
		if errs[n] != nil {
			return errs[n]
		}
		all = append(all, x.same)
		mean += x.same / float64(len(outcomes))
		s.FixedK += x.fixed / float64(len(outcomes))
		if x.k == l.k {
			s.SameK += 1 / float64(len(outcomes))
		}
		at, ok := slices.BinarySearchFunc(s.K, x.k, func(c KCount, k int) int { return cmp.Compare(c.K, k) })
		if !ok {
			s.K = slices.Insert(s.K, at, KCount{K: x.k})
		}
		s.K[at].Times++
	}
	slices.Sort(all)
	s.Low = all[len(all)/10]
	r.Stability, r.Resampling = &mean, s
	return nil
}

// assign gives the group of each of the people from that of each base
// cluster.
func (l layout) assign(of []int) []int {
	out := make([]int, len(l.points))
	for i := range out {
		out[i] = -1
	}
	for i, at := range l.members {
		out[at] = of[l.base.of[i]]
	}
	return out
}

// leaveOut draws one in five of n places, in ascending order.
func leaveOut(n int, seed uint64, draw int) []int {
	type lot struct {
		ticket uint64
		place  int
	}
	start := mix(mix(seed+1) + uint64(draw))
	lots := make([]lot, n)
	for i := range lots {
		lots[i] = lot{mix(start + uint64(i)), i}
	}
	slices.SortFunc(lots, func(a, b lot) int {
		return cmp.Or(cmp.Compare(a.ticket, b.ticket), cmp.Compare(a.place, b.place))
	})
	out := make([]int, n/5)
	for i := range out {
		out[i] = lots[i].place
	}
	slices.Sort(out)
	return out
}

// randIndex is the adjusted Rand index (Hubert and Arabie 1985) of two
// divisions of the same people, over those whom both place; −1 marks the
// others. It is 1 where both put everybody into one group, or everybody into
// a group of their own.
func randIndex(a, b []int) float64 {
	var rows, columns []int
	cells := map[[2]int]int{}
	total := 0
	grow := func(counts []int, g int) []int {
		for len(counts) <= g {
			counts = append(counts, 0)
		}
		counts[g]++
		return counts
	}
	for i := range a {
		if a[i] < 0 || b[i] < 0 {
			continue
		}
		rows, columns = grow(rows, a[i]), grow(columns, b[i])
		cells[[2]int{a[i], b[i]}]++
		total++
	}
	pairs := func(n int) int { return n * (n - 1) / 2 }
	var both, first, second int
	for _, n := range cells {
		both += pairs(n)
	}
	for _, n := range rows {
		first += pairs(n)
	}
	for _, n := range columns {
		second += pairs(n)
	}
	if total < 2 {
		return 1
	}
	chance := float64(first) * float64(second) / float64(pairs(total))
	most := float64(first+second) / 2
	if most == chance {
		return 1
	}
	return (float64(both) - chance) / (most - chance)
}
