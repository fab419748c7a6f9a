package opinion

import (
	"cmp"
	"context"
	"math"
	"slices"
)

// groups gives the members of each group, by place among the people. The
// largest group comes first; of equal ones the one whose centre is further to
// the right.
func (l layout) groups() [][]int {
	groups := make([][]int, l.k)
	for i, g := range l.of {
		if g >= 0 {
			groups[g] = append(groups[g], i)
		}
	}
	at := make([]Point, l.k)
	for g, members := range groups {
		at[g] = meanOf(places(l.points, members))
	}
	order := make([]int, l.k)
	for g := range order {
		order[g] = g
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(len(groups[b]), len(groups[a])), cmp.Compare(at[b].X, at[a].X), cmp.Compare(at[b].Y, at[a].Y))
	})
	sorted := make([][]int, l.k)
	for i, g := range order {
		sorted[i] = groups[g]
	}
	return sorted
}

// places gives the points of the members in an order that depends on the
// points alone.
func places(points []Point, members []int) []Point {
	out := make([]Point, len(members))
	for i, at := range members {
		out[i] = points[at]
	}
	slices.SortFunc(out, comparePoints)
	return out
}

func meanOf(points []Point) Point {
	var sum Point
	for _, p := range points {
		sum.X += p.X
		sum.Y += p.Y
	}
	n := float64(max(len(points), 1))
	return Point{sum.X / n, sum.Y / n}
}

// newGroup describes the members of a group.
func newGroup(id int, points []Point, members []int) Group {
	at := places(points, members)
	g := Group{ID: id, Size: len(at), Centre: meanOf(at)}
	var s spread
	for _, p := range at {
		d := p.minus(g.Centre)
		s.xx += float64(d.X * d.X)
		s.xy += float64(d.X * d.Y)
		s.yy += float64(d.Y * d.Y)
	}
	n := float64(max(len(at), 1))
	g.Extent = newEllipse(spread{s.xx / n, s.xy / n, s.yy / n})
	radii := make([]float64, len(at))
	for i, p := range at {
		radii[i] = g.Extent.radius(p.minus(g.Centre))
	}
	slices.Sort(radii)
	if len(radii) > 0 {
		g.Extent.Half = radii[(len(radii)-1)/2]
		g.Extent.Most = radii[(len(radii)-1)*9/10]
	}
	return g
}

// newEllipse is the ellipse of one standard deviation.
func newEllipse(s spread) Ellipse {
	large, small := s.values()
	long := s.longest()
	if n := long.length(); n > 0 {
		long = Point{long.X / n, long.Y / n}
	}
	a, b := math.Sqrt(large), math.Sqrt(small)
	return Ellipse{Long: Point{a * long.X, a * long.Y}, Short: Point{-b * long.Y, b * long.X}}
}

// radius is the size of the ellipse on which d lies. Where the ellipse has no
// width, what lies off it does not count.
func (e Ellipse) radius(d Point) float64 {
	sum := 0.0
	for _, axis := range []Point{e.Long, e.Short} {
		if n := axis.square(); n > 0 {
			x := (float64(d.X*axis.X) + float64(d.Y*axis.Y)) / n
			sum += float64(x * x)
		}
	}
	return math.Sqrt(sum)
}

// people fills in the participants and base clusters. groups holds the
// members of each group.
func (r *Result) people(c *Conversation, m matrix, l layout, groups [][]int) {
	r.ParticipantResults = make([]ParticipantResult, len(m.people))
	for i, b := range m.people {
		r.ParticipantResults[i] = ParticipantResult{
			ID: c.participants[b], Place: l.points[i], Votes: m.cast[i], Group: -1, Subgroup: -1, Category: c.category[b],
		}
	}
	all := meanOf(places(l.points, l.members))
	for g, members := range groups {
		centre := r.Groups[g].Centre
		away := centre.minus(all)
		if n := away.length(); n > 0 {
			away = Point{away.X / n, away.Y / n}
		}
		for _, i := range members {
			p := &r.ParticipantResults[i]
			d := p.Place.minus(centre)
			p.Group = g
			p.Closeness = 1 - d.length()
			p.Extremeness = float64(d.X*away.X) + float64(d.Y*away.Y)
		}
	}
	r.BaseClusters = make([]BaseCluster, len(l.base.centres))
	for i, p := range l.base.centres {
		r.BaseClusters[i] = BaseCluster{Place: p, Size: l.base.weights[i]}
	}
	for i, at := range l.members {
		r.BaseClusters[l.base.of[i]].Group = r.ParticipantResults[at].Group
	}
}

// subgroups divides each group in turn.
func (r *Result) subgroups(ctx context.Context, o Options) error {
	for g := range r.Groups {
		var members []int
		for i, p := range r.ParticipantResults {
			if p.Group == g {
				members = append(members, i)
			}
		}
		points := make([]Point, len(members))
		for i, at := range members {
			points[i] = r.ParticipantResults[at].Place
		}
		base, err := baseClusters(ctx, snap(points), o.workers())
		if err != nil {
			return err
		}
		l := layout{base: base}
		if l.partitions, err = partitions(ctx, base, base.mostGroups(o.most()), o.workers()); err != nil {
			return err
		}
		of := l.choose(Options{})
		l.points, l.of = points, make([]int, len(points))
		for i := range points {
			l.of[i] = of[base.of[i]]
		}
		for s, places := range l.groups() {
			r.Groups[g].Subgroups = append(r.Groups[g].Subgroups, len(places))
			for _, i := range places {
				r.ParticipantResults[members[i]].Subgroup = s
			}
		}
	}
	return nil
}
