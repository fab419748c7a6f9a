package opinion

import (
	"context"
	"fmt"
	"slices"
)

// A Category is the map of the participants of one category alone, such as
// States, NGOs, academia or the private sector.
type Category struct {
	Name string  `json:"name"`
	Size int     `json:"size"`
	Map  *Result `json:"map"`
}

// Bridges are the statements that join the categories: the product over the
// categories of the smoothed share that agrees (or disagrees), best first,
// where every category has a majority on the same side.
type Bridges struct {
	Agree    []Bridge `json:"agree"`
	Disagree []Bridge `json:"disagree"`
	// Divides lists the statements on which two categories are furthest
	// apart.
	Divides []Divide `json:"divides"`
}

// A Bridge is a statement that joins the categories. Shares stands in the
// order of Result.Categories, one vote of each kind added; Groups tells
// whether the opinion groups have the same majority.
type Bridge struct {
	Statement StatementID `json:"statement"`
	Score     float64     `json:"score"`
	Shares    []float64   `json:"shares"`
	Groups    bool        `json:"groups"`
}

// A Divide is a statement that a category agrees with far more than another.
type Divide struct {
	Statement StatementID `json:"statement"`
	More      string      `json:"more"`
	Less      string      `json:"less"`
	Gap       float64     `json:"gap"` // of the smoothed shares that agree
	Test      float64     `json:"test"`
}

// categories maps every category on its own and finds what joins and divides
// them.
func (c *Conversation) categories(ctx context.Context, r *Result, m matrix, place []int, o Options) error {
	members := map[string][]int{}
	for i, b := range m.people {
		if name := c.category[b]; name != "" {
			members[name] = append(members[name], i)
		}
	}
	var names []string
	for name := range members {
		names = append(names, name)
	}
	slices.Sort(names)
	inner := Options{Strict: o.Strict, MostGroups: o.MostGroups, Workers: o.Workers}
	counts := make([][]Counts, len(m.columns))
	for _, name := range names {
		part := m.only(members[name], o.workers())
		l, err := lay(ctx, part, inner, nil)
		if err != nil {
			return fmt.Errorf("mapping category %q: %w", name, err)
		}
		// The part numbers its people anew.
		own := &Conversation{statements: c.statements}
		for _, i := range members[name] {
			own.participants = append(own.participants, c.participants[m.people[i]])
			own.category = append(own.category, name)
		}
		r.Categories = append(r.Categories, Category{Name: name, Size: len(members[name]), Map: own.result(part, place, l, inner)})
		for j, n := range part.counts {
			counts[j] = append(counts[j], n)
		}
	}
	if len(names) < 2 {
		return nil
	}
	at := make(map[StatementID][]Counts, len(place))
	for i, j := range place {
		at[c.statements[j].ID] = counts[i]
	}
	r.Bridges = bridge(r.StatementResults, names, func(id StatementID) []Counts { return at[id] })
	return nil
}

// bridge finds what joins and what divides the categories, given the votes of
// each of them on a statement.
func bridge(statements []StatementResult, names []string, counts func(StatementID) []Counts) *Bridges {
	b := &Bridges{
		Agree:    bridging(statements, counts, func(n Counts) int { return n.Agree }, func(g GroupCounts) float64 { return g.AgreeShare }),
		Disagree: bridging(statements, counts, func(n Counts) int { return n.Disagree }, func(g GroupCounts) float64 { return g.DisagreeShare }),
		Divides:  []Divide{},
	}
	divides := map[StatementID]Divide{}
	for _, id := range best(statements, func(s *StatementResult) (float64, bool) {
		d := widest(names, counts(s.ID))
		d.Statement = s.ID
		divides[s.ID] = d
		return d.Gap, d.Test > significant
	}) {
		b.Divides = append(b.Divides, divides[id])
	}
	return b
}

func bridging(statements []StatementResult, counts func(StatementID) []Counts, side func(Counts) int, share func(GroupCounts) float64) []Bridge {
	out := []Bridge{}
	found := map[StatementID]Bridge{}
	for _, id := range best(statements, func(s *StatementResult) (float64, bool) {
		x := Bridge{Statement: s.ID, Score: 1, Groups: everyGroup(s, share)}
		majority := true
		for _, n := range counts(s.ID) {
			p := smoothed(side(n), n.Seen)
			x.Score *= p
			x.Shares = append(x.Shares, p)
			majority = majority && p > 0.5
		}
		found[s.ID] = x
		return x.Score, majority && len(x.Shares) > 0
	}) {
		out = append(out, found[id])
	}
	return out
}

// widest is the pair of categories whose shares that agree differ most.
func widest(names []string, counts []Counts) Divide {
	var d Divide
	for i, a := range counts {
		for j, b := range counts {
			gap := smoothed(a.Agree, a.Seen) - smoothed(b.Agree, b.Seen)
			if i != j && gap > d.Gap {
				d = Divide{More: names[i], Less: names[j], Gap: gap, Test: ratioTest(a.Agree, b.Agree, a.Seen, b.Seen)}
			}
		}
	}
	return d
}
