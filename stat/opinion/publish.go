package opinion

import (
	"errors"
	"fmt"
	"slices"
)

// PublicationThreshold is the usual smallest number of people that a
// published group or count stands for.
const PublicationThreshold = 11

// A Publication says what was done to a result before it was published.
type Publication struct {
	Threshold int `json:"threshold"`
	// Merged is the number of groups that were merged into a neighbour.
	Merged int `json:"merged"`
	// Statements is the number of statements whose counts were withheld,
	// GroupCounts that of statements whose counts by group were.
	Statements  int `json:"statements_withheld"`
	GroupCounts int `json:"group_counts_withheld"`
	// Categories names the categories that were withheld.
	Categories []string `json:"categories_withheld,omitempty"`
}

// Publish gives a copy of the result in which nothing stands for fewer people
// than threshold, 11 by custom. Participants and base clusters are left out.
// A group that is too small is merged into the nearest one, and what depends
// on groups is computed again. Counts are those of people in groups; where a
// statement was seen by too few of a group, its counts by group are withheld
// for all groups, and where too few of all saw it, entirely. Categories that
// are too small are withheld, together with the next smallest where the rest
// would give them away.
//
// Two publications of a growing conversation can be subtracted from each
// other: publish at a few times that are fixed beforehand.
func (r *Result) Publish(threshold int) (*Result, error) {
	if threshold < 2 {
		return nil, fmt.Errorf("publishing opinions: the threshold is %d; it must be at least 2, and is %d by custom", threshold, PublicationThreshold)
	}
	if r.Publication != nil {
		if r.Publication.Threshold >= threshold {
			return r, nil
		}
		return nil, errors.New("publishing opinions: the result was published before with a lower threshold; publish the original")
	}
	p := r.copyOf(threshold)
	p.mergeGroups(r)
	p.withhold()
	p.Consensus = Consensus{Agree: p.known(r.Consensus.Agree), Disagree: p.known(r.Consensus.Disagree)}
	p.GroupAware = groupAware(p.StatementResults)
	for g := range p.Groups {
		p.Groups[g].Representative = representative(p.StatementResults, g)
	}
	p.publishCategories(r)
	return p, nil
}

// copyOf copies what may be published as it is.
func (r *Result) copyOf(threshold int) *Result {
	return &Result{
		Participants: r.Participants, Statements: r.Statements, Votes: r.Votes, Grouped: r.Grouped, ModeratedOut: r.ModeratedOut,
		Stability: r.Stability, Resampling: r.Resampling, Silhouettes: r.Silhouettes, Axes: r.Axes,
		Groups:      []Group{},
		Publication: &Publication{Threshold: threshold},
		Notes:       slices.Clone(r.Notes),
	}
}

// mergeGroups sets groups of which none is smaller than the threshold, and
// the votes of each on every statement.
func (p *Result) mergeGroups(r *Result) {
	type crowd struct {
		members []int
		group   Group
		from    []int
	}
	points := make([]Point, len(r.ParticipantResults))
	members := make([][]int, len(r.Groups))
	for i, x := range r.ParticipantResults {
		points[i] = x.Place
		if x.Group >= 0 {
			members[x.Group] = append(members[x.Group], i)
		}
	}
	crowds := make([]crowd, len(r.Groups))
	for g := range r.Groups {
		crowds[g] = crowd{members[g], r.Groups[g], []int{g}}
	}
	for len(crowds) > 1 {
		small := 0
		for i := range crowds {
			if len(crowds[i].members) <= len(crowds[small].members) {
				small = i
			}
		}
		if len(crowds[small].members) >= p.Publication.Threshold {
			break
		}
		near := -1
		for i := range crowds {
			if i != small && (near < 0 || crowds[i].group.Centre.minus(crowds[small].group.Centre).square() < crowds[near].group.Centre.minus(crowds[small].group.Centre).square()) {
				near = i
			}
		}
		all := append(slices.Clone(crowds[near].members), crowds[small].members...)
		crowds[near] = crowd{all, newGroup(0, points, all), append(crowds[near].from, crowds[small].from...)}
		crowds = slices.Delete(crowds, small, small+1)
		p.Publication.Merged++
	}
	if len(crowds) == 1 && len(crowds[0].members) < p.Publication.Threshold {
		crowds = nil
	}
	slices.SortStableFunc(crowds, func(a, b crowd) int { return len(b.members) - len(a.members) })
	p.StatementResults = slices.Clone(r.StatementResults)
	for g, c := range crowds {
		c.group.ID, c.group.Subgroups = g, nil
		p.Groups = append(p.Groups, c.group)
	}
	for i := range p.StatementResults {
		s := &p.StatementResults[i]
		counts := make([]Counts, len(crowds))
		for g, c := range crowds {
			for _, old := range c.from {
				counts[g] = counts[g].plus(r.StatementResults[i].Groups[old].Counts)
			}
		}
		s.Groups = compareGroups(counts)
	}
}

// withhold removes the counts of too few people.
func (p *Result) withhold() {
	threshold := p.Publication.Threshold
	if p.Publication.Merged > 0 || len(p.Groups) == 0 {
		// The stability is that of the groups as they were found.
		p.Stability, p.Resampling = nil, nil
	}
	for i := range p.StatementResults {
		s := &p.StatementResults[i]
		var all Counts
		small := false
		for _, n := range s.Groups {
			all = all.plus(n.Counts)
			small = small || n.Seen < threshold
		}
		voted := s.Seen > 0
		s.hideText()
		// With the mean of all and the counts of the groups, the votes of
		// the few who stand in no group could be told.
		s.Counts, s.Mean, s.Loading, s.Priority = all, 0, Point{}, 0
		if s.Seen > 0 {
			s.Mean = float64(s.sum()) / float64(s.Seen)
		}
		switch {
		case s.Seen < threshold:
			s.suppress()
			if voted {
				p.Publication.Statements++
			}
		case small:
			s.Groups = nil
			s.GroupAgree, s.GroupDisagree = 0, 0
			p.Publication.GroupCounts++
		}
	}
}

func (s *StatementResult) suppress() {
	*s = StatementResult{ID: s.ID, Text: s.Text, Moderation: s.Moderation, ModeratedOut: s.ModeratedOut, Meta: s.Meta, Suppressed: true}
}

// hideText removes the words of a statement that was not accepted.
func (s *StatementResult) hideText() {
	if s.Moderation != Accepted {
		s.Text = ""
	}
}

// known keeps the statements whose counts are published.
func (p *Result) known(ids []StatementID) []StatementID {
	published := make(map[StatementID]bool)
	for _, s := range p.StatementResults {
		published[s.ID] = !s.Suppressed
	}
	out := []StatementID{}
	for _, id := range ids {
		if published[id] {
			out = append(out, id)
		}
	}
	return out
}

// publishCategories publishes the maps of the categories that are large
// enough, without their counts by group, and what joins these categories.
func (p *Result) publishCategories(r *Result) {
	threshold := p.Publication.Threshold
	show, hidden := r.Categories, r.Participants
	for _, c := range show {
		hidden -= c.Size
	}
	show = slices.Clone(show)
	slices.SortStableFunc(show, func(a, b Category) int { return a.Size - b.Size })
	for len(show) > 0 && (show[0].Size < threshold || hidden > 0 && hidden < threshold) {
		hidden += show[0].Size
		p.Publication.Categories = append(p.Publication.Categories, show[0].Name)
		show = show[1:]
	}
	slices.Sort(p.Publication.Categories)
	slices.SortFunc(show, func(a, b Category) int { return compareIDs(a.Name, b.Name) })
	if len(show) == 0 {
		return
	}
	// A statement is shown by category where every category, and those in
	// none, are enough or nobody.
	enough := func(n int) bool { return n == 0 || n >= threshold }
	seen := make([]bool, len(r.StatementResults))
	for i, s := range r.StatementResults {
		rest := s.Seen
		seen[i] = true
		for _, c := range show {
			n := c.Map.StatementResults[i].Seen
			rest -= n
			seen[i] = seen[i] && n >= threshold
		}
		seen[i] = seen[i] && enough(rest)
	}
	var names []string
	counts := make(map[StatementID][]Counts)
	for _, c := range show {
		q := c.Map.copyOf(threshold)
		q.mergeGroups(c.Map)
		for i := range q.StatementResults {
			s := &q.StatementResults[i]
			s.Loading, s.Priority = Point{}, 0
			s.hideText()
			if !seen[i] {
				s.suppress()
				q.Publication.Statements++
				continue
			}
			counts[s.ID] = append(counts[s.ID], s.Counts)
		}
		q.Consensus = consensus(q.StatementResults)
		for g := range q.Groups {
			q.Groups[g].Representative = representative(q.StatementResults, g)
			for i, x := range q.Groups[g].Representative {
				q.Groups[g].Representative[i] = Representative{Statement: x.Statement, Side: x.Side, BestAgree: x.BestAgree}
			}
		}
		q.GroupAware = groupAware(q.StatementResults)
		for i := range q.StatementResults {
			s := &q.StatementResults[i]
			s.Groups, s.GroupAgree, s.GroupDisagree = nil, 0, 0
		}
		names = append(names, c.Name)
		p.Categories = append(p.Categories, Category{Name: c.Name, Size: c.Size, Map: q})
	}
	if len(names) > 1 {
		p.Bridges = bridge(p.StatementResults, names, func(id StatementID) []Counts { return counts[id] })
	}
}
