package opinion

import (
	"cmp"
	"math"
	"slices"
)

// significant is the z value of a one-sided test at 90 %.
const significant = 1.2816

// listed is the number of statements in a representative or consensus list.
const listed = 5

// proportionTest is the z statistic of s successes in n trials against one
// half, with one success added.
func proportionTest(s, n int) float64 {
	s1, n1 := float64(s+1), float64(n+1)
	return 2 * math.Sqrt(n1) * (s1/n1 - 0.5)
}

// ratioTest is the z statistic of two proportions, with one success added to
// each.
func ratioTest(s1, s2, n1, n2 int) float64 {
	a, b, n, m := float64(s1+1), float64(s2+1), float64(n1+1), float64(n2+1)
	p := (a + b) / (n + m)
	if p == 1 {
		return 0
	}
	return (a/n - b/m) / math.Sqrt(p*(1-p)*(1/n+1/m))
}

// smoothed is a share with one vote for and one against added.
func smoothed(s, n int) float64 { return float64(s+1) / float64(n+2) }

// compareGroup tests the votes of a group against those of all other groups.
func compareGroup(in, others Counts) GroupCounts {
	return GroupCounts{
		Counts:            in,
		AgreeShare:        smoothed(in.Agree, in.Seen),
		AgreeShareTest:    proportionTest(in.Agree, in.Seen),
		AgreeRatio:        smoothed(in.Agree, in.Seen) / smoothed(others.Agree, others.Seen),
		AgreeRatioTest:    ratioTest(in.Agree, others.Agree, in.Seen, others.Seen),
		DisagreeShare:     smoothed(in.Disagree, in.Seen),
		DisagreeShareTest: proportionTest(in.Disagree, in.Seen),
		DisagreeRatio:     smoothed(in.Disagree, in.Seen) / smoothed(others.Disagree, others.Seen),
		DisagreeRatioTest: ratioTest(in.Disagree, others.Disagree, in.Seen, others.Seen),
	}
}

// compareGroups tests every group's votes on a statement.
func compareGroups(groups []Counts) []GroupCounts {
	var all Counts
	for _, g := range groups {
		all = all.plus(g)
	}
	out := make([]GroupCounts, len(groups))
	for i, g := range groups {
		out[i] = compareGroup(g, all.minus(g))
	}
	return out
}

// representative chooses the statements that set group g apart, of those not
// moderated out, which must stand in the order of their identifiers. A group
// that is the only one is not set apart from any.
func representative(statements []StatementResult, g int) []Representative {
	sufficient := []Representative{}
	var bestAgree, best *StatementResult
	for i := range statements {
		s := &statements[i]
		if s.ModeratedOut || s.Seen == 0 || len(s.Groups) < 2 {
			continue
		}
		n := &s.Groups[g]
		if beatsAgree(n, bestAgree, g) {
			bestAgree = s
		}
		if best == nil || n.strongest() > best.Groups[g].strongest() {
			best = s
		}
		if n.AgreeRatioTest > significant && n.AgreeShareTest > significant ||
			n.DisagreeRatioTest > significant && n.DisagreeShareTest > significant {
			sufficient = append(sufficient, s.represents(g))
		}
	}
	switch {
	case len(sufficient) == 0 && bestAgree != nil:
		r := bestAgree.on(Agree, &bestAgree.Groups[g])
		r.BestAgree = true
		return []Representative{r}
	case len(sufficient) == 0 && best != nil:
		return []Representative{best.represents(g)}
	}
	sufficient = slices.DeleteFunc(sufficient, func(r Representative) bool {
		return bestAgree != nil && r.Statement == bestAgree.ID
	})
	slices.SortStableFunc(sufficient, func(a, b Representative) int {
		return cmp.Compare(b.weight(), a.weight())
	})
	if bestAgree != nil {
		r := bestAgree.on(Agree, &bestAgree.Groups[g])
		r.BestAgree = true
		sufficient = slices.Insert(sufficient, 0, r)
	}
	sufficient = sufficient[:min(len(sufficient), listed)]
	slices.SortStableFunc(sufficient, func(a, b Representative) int {
		return cmp.Compare(b.Side, a.Side)
	})
	return sufficient
}

// beatsAgree reports whether a statement is better agreed with than the best
// so far.
func beatsAgree(n *GroupCounts, best *StatementResult, g int) bool {
	if n.Agree == 0 && n.Disagree == 0 {
		return false
	}
	if best == nil {
		return n.AgreeShareTest > significant || n.AgreeRatio > 1 && n.AgreeShare > 0.5
	}
	b := &best.Groups[g]
	if b.AgreeRatio > 1 {
		return n.AgreeRatio*n.AgreeRatioTest*n.AgreeShare*n.AgreeShareTest >
			b.AgreeRatio*b.AgreeRatioTest*b.AgreeShare*b.AgreeShareTest
	}
	return n.AgreeShare*n.AgreeShareTest > b.AgreeShare*b.AgreeShareTest
}

func (n *GroupCounts) strongest() float64 { return max(n.AgreeRatioTest, n.DisagreeRatioTest) }

// represents shows the statement on the side that sets group g apart more.
func (s *StatementResult) represents(g int) Representative {
	if n := &s.Groups[g]; n.AgreeRatioTest > n.DisagreeRatioTest {
		return s.on(Agree, n)
	}
	return s.on(Disagree, &s.Groups[g])
}

// on shows the statement on a side.
func (s *StatementResult) on(side Value, n *GroupCounts) Representative {
	r := Representative{Statement: s.ID, Side: side, Seen: n.Seen}
	if side == Agree {
		r.Votes, r.Share, r.ShareTest, r.Ratio, r.RatioTest = n.Agree, n.AgreeShare, n.AgreeShareTest, n.AgreeRatio, n.AgreeRatioTest
	} else {
		r.Votes, r.Share, r.ShareTest, r.Ratio, r.RatioTest = n.Disagree, n.DisagreeShare, n.DisagreeShareTest, n.DisagreeRatio, n.DisagreeRatioTest
	}
	return r
}

func (r Representative) weight() float64 { return r.Ratio * r.RatioTest * r.Share * r.ShareTest }
