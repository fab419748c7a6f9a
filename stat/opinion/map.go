package opinion

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"runtime"
	"slices"
)

// Options direct a map. The zero value is the usual one.
type Options struct {
	// Strict leaves pending statements out as well as rejected ones.
	Strict bool `json:"strict,omitempty"`
	// K is the number of groups; 0 takes the one with the best silhouette.
	K int `json:"k,omitempty"`
	// MostGroups bounds the number of groups that is tried; 0 means 10. No
	// more are tried than two and one for every dozen participants.
	MostGroups int `json:"most_groups,omitempty"`
	// Steady, taken from the last map, lets the number of groups change only
	// when the same number has won four times in a row.
	Steady *Steady `json:"steady,omitempty"`
	// Keep names participants who stood in a group before and shall stay
	// even if they have too few votes.
	Keep []ParticipantID `json:"keep,omitempty"`
	// Subgroups divides each group in turn.
	Subgroups bool `json:"subgroups,omitempty"`
	// Resamples is the number of resamples for the stability of the groups;
	// 0 means none. Seed seeds them.
	Resamples int    `json:"resamples,omitempty"`
	Seed      uint64 `json:"seed,omitempty"`
	// Workers is the number of goroutines; 0 means one per processor. The
	// map does not depend on it.
	Workers int `json:"-"`
}

const (
	// enoughVotes places a participant in a group; fewer do where there are
	// fewer statements.
	enoughVotes = 7
	// fewPeople is the number up to which the most active are taken in.
	fewPeople = 15
)

// A Steady number of groups withstands chance: another number must win four
// times in a row.
type Steady struct {
	K         int `json:"k"`         // in force
	Candidate int `json:"candidate"` // the last winner
	Wins      int `json:"wins"`      // of the candidate, in a row
}

// winsNeeded is the number of wins in a row that changes the number of groups.
const winsNeeded = 4

// Next is the state after k has won.
func (s Steady) Next(k int) Steady {
	if k == s.Candidate {
		s.Wins = min(s.Wins+1, winsNeeded)
	} else {
		s.Candidate, s.Wins = k, 1
	}
	if s.K == 0 || s.Wins >= winsNeeded {
		s.K = k
	}
	return s
}

// Map computes the map of the conversation.
func (c *Conversation) Map(ctx context.Context, o Options) (*Result, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	m, place, err := c.matrix(ctx, o)
	if err != nil {
		return nil, err
	}
	keep := make([]bool, len(m.people))
	if len(o.Keep) > 0 {
		named := make(map[ParticipantID]bool, len(o.Keep))
		for _, id := range o.Keep {
			named[id] = true
		}
		for i, b := range m.people {
			keep[i] = named[c.participants[b]]
		}
	}
	l, err := lay(ctx, m, o, keep)
	if err != nil {
		return nil, fmt.Errorf("mapping opinions: %w", err)
	}
	r := c.result(m, place, l, o)
	if o.Subgroups {
		if err := r.subgroups(ctx, o); err != nil {
			return nil, fmt.Errorf("dividing groups: %w", err)
		}
	}
	if o.Resamples > 0 {
		if err := r.resample(ctx, m, l, o); err != nil {
			return nil, fmt.Errorf("mapping resamples: %w", err)
		}
	}
	if err := c.categories(ctx, r, m, place, o); err != nil {
		return nil, err
	}
	r.Notes = r.notes()
	return r, nil
}

func (o Options) check() error {
	switch {
	case o.K < 0 || o.K > baseLimit:
		return fmt.Errorf("mapping opinions: %d groups asked for; ask for 1 to %d, or 0 for the best number", o.K, baseLimit)
	case o.MostGroups < 0 || o.MostGroups > baseLimit:
		return fmt.Errorf("mapping opinions: at most %d groups asked for; ask for 2 to %d, or 0 for 10", o.MostGroups, baseLimit)
	case o.Resamples < 0:
		return fmt.Errorf("mapping opinions: %d resamples asked for; ask for none or more", o.Resamples)
	}
	return nil
}

func (o Options) workers() int {
	if o.Workers > 0 {
		return o.Workers
	}
	return runtime.GOMAXPROCS(0)
}

func (o Options) most() int {
	most := o.MostGroups
	if most == 0 {
		most = 10
	}
	return max(most, o.K, 1)
}

// A layout is a projection with its groups.
type layout struct {
	projection
	members    []int // places of the grouped among the people
	base       clustering
	partitions []partition
	steady     Steady
	k          int   // 0 when nobody is grouped
	of         []int // group of each of people, −1 for none; groups as found
}

// lay projects the matrix and divides those with enough votes into groups.
func lay(ctx context.Context, m matrix, o Options, keep []bool) (layout, error) {
	p, err := project(ctx, m, o.workers())
	if err != nil {
		return layout{}, err
	}
	l := layout{projection: p, members: m.grouped(keep)}
	points := make([]Point, len(l.members))
	for i, at := range l.members {
		points[i] = l.points[at]
	}
	if l.base, err = baseClusters(ctx, snap(points), o.workers()); err != nil {
		return l, err
	}
	most := l.base.mostGroups(o.most())
	if o.K > 0 {
		most = min(o.K, len(l.base.centres))
	}
	if l.partitions, err = partitions(ctx, l.base, most, o.workers()); err != nil {
		return l, err
	}
	l.of = l.assign(l.choose(o))
	return l, nil
}

// grouped gives the places of those who stand in a group: everybody with
// seven votes (or all statements), those to keep, and, as long as there are
// fewer than fifteen, the most active.
func (m matrix) grouped(keep []bool) []int {
	statements := 0
	for _, n := range m.counts {
		if n.Seen > 0 {
			statements++
		}
	}
	var in, rest []int
	for i, n := range m.cast {
		if n >= min(enoughVotes, statements) || keep != nil && keep[i] {
			in = append(in, i)
		} else {
			rest = append(rest, i)
		}
	}
	if missing := fewPeople - len(in); missing > 0 {
		slices.SortStableFunc(rest, func(a, b int) int { return cmp.Compare(m.cast[b], m.cast[a]) })
		in = append(in, rest[:min(missing, len(rest))]...)
		slices.Sort(in)
	}
	return in
}

// choose takes the division with the best silhouette, the last of equals, or
// the one asked for, and gives the group of each base cluster.
func (l *layout) choose(o Options) []int {
	if len(l.base.centres) == 0 {
		return nil
	}
	best := partition{k: 1, of: make([]int, len(l.base.centres)), silhouette: math.Inf(-1)}
	if o.K != 1 {
		for _, p := range l.partitions {
			if p.silhouette >= best.silhouette {
				best = p
			}
		}
	}
	want := best.k
	if o.Steady != nil {
		l.steady = o.Steady.Next(best.k)
		want = l.steady.K
	}
	if o.K > 0 {
		want = o.K
	}
	if want != best.k {
		for _, p := range l.partitions {
			if p.k == want {
				best = p
			}
		}
	}
	l.k = best.k
	return best.of
}

// result turns a layout into the map that others see.
func (c *Conversation) result(m matrix, place []int, l layout, o Options) *Result {
	r := &Result{
		Participants: len(m.people),
		Grouped:      len(l.members),
		Steady:       l.steady,
		Axes:         [2]Axis{{l.share[0]}, {l.share[1]}},
		Groups:       []Group{},
		Silhouettes:  []Silhouette{},
	}
	for _, p := range l.partitions {
		r.Silhouettes = append(r.Silhouettes, Silhouette{p.k, p.silhouette})
	}
	groups := l.groups()
	masks := make([]mask, len(groups))
	for g, members := range groups {
		masks[g] = newMask(m.words * 64)
		for _, i := range members {
			masks[g].add(m.people[i])
		}
		r.Groups = append(r.Groups, newGroup(g, l.points, members))
	}
	column := make([]int, len(c.statements))
	for i := range column {
		column[i] = -1
	}
	for i, j := range place {
		column[j] = i
	}
	order := c.byStatement()
	r.StatementResults = make([]StatementResult, len(order))
	each(o.workers(), len(order), len(order)*m.words > 1<<12, func(n int) {
		s := c.statements[order[n]]
		x := &r.StatementResults[n]
		*x = StatementResult{ID: s.ID, Text: s.Text, Moderation: s.Moderation, Meta: s.Meta, ModeratedOut: s.out(o.Strict)}
		counts := make([]Counts, len(groups))
		if i := column[order[n]]; i >= 0 {
			x.Counts, x.Mean, x.Loading, x.Place = m.counts[i], l.means[i], l.axes[i], l.statement(i)
			for g := range groups {
				counts[g] = m.columns[i].countsIn(masks[g])
			}
		}
		x.Extremity = x.Place.length()
		x.Groups = compareGroups(counts)
		var all Counts
		for _, n := range counts {
			all = all.plus(n)
		}
		x.Priority = priority(all, x.Extremity, x.Meta)
	})
	for i := range r.StatementResults {
		x := &r.StatementResults[i]
		r.Votes += x.Seen
		if x.Seen > 0 {
			r.Statements++
			if x.ModeratedOut {
				r.ModeratedOut++
			}
		}
	}
	r.Consensus = consensus(r.StatementResults)
	r.GroupAware = groupAware(r.StatementResults)
	for g := range r.Groups {
		r.Groups[g].Representative = representative(r.StatementResults, g)
	}
	r.people(c, m, l, groups)
	return r
}
