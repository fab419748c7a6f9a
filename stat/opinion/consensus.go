package opinion

import (
	"cmp"
	"slices"
)

// consensus lists what the majority of all participants agrees or disagrees
// with: a share above one half that is significantly so, the highest first.
// Of equal statements the first by identifier comes first.
func consensus(statements []StatementResult) Consensus {
	return Consensus{
		Agree:    majority(statements, func(n Counts) int { return n.Agree }),
		Disagree: majority(statements, func(n Counts) int { return n.Disagree }),
	}
}

func majority(statements []StatementResult, side func(Counts) int) []StatementID {
	return best(statements, func(s *StatementResult) (float64, bool) {
		n := side(s.Counts)
		share, test := smoothed(n, s.Seen), proportionTest(n, s.Seen)
		return share * test, share > 0.5 && test > significant
	})
}

// groupAware sets the group-aware consensus of every statement, the product
// over the groups of the smoothed share that agrees (or disagrees), and lists
// the highest on which every group has a majority.
func groupAware(statements []StatementResult) GroupAware {
	for i := range statements {
		s := &statements[i]
		s.GroupAgree, s.GroupDisagree = 0, 0
		for g, n := range s.Groups {
			if g == 0 {
				s.GroupAgree, s.GroupDisagree = 1, 1
			}
			s.GroupAgree *= n.AgreeShare
			s.GroupDisagree *= n.DisagreeShare
		}
	}
	return GroupAware{
		Agree: best(statements, func(s *StatementResult) (float64, bool) {
			return s.GroupAgree, everyGroup(s, func(n GroupCounts) float64 { return n.AgreeShare })
		}),
		Disagree: best(statements, func(s *StatementResult) (float64, bool) {
			return s.GroupDisagree, everyGroup(s, func(n GroupCounts) float64 { return n.DisagreeShare })
		}),
	}
}

func everyGroup(s *StatementResult, share func(GroupCounts) float64) bool {
	for _, n := range s.Groups {
		if share(n) <= 0.5 {
			return false
		}
	}
	return len(s.Groups) > 0
}

// best lists the statements with the highest score among those that qualify
// and are not moderated out.
func best(statements []StatementResult, score func(*StatementResult) (float64, bool)) []StatementID {
	type scored struct {
		id    StatementID
		score float64
	}
	var found []scored
	for i := range statements {
		s := &statements[i]
		if s.ModeratedOut || s.Seen == 0 {
			continue
		}
		if x, ok := score(s); ok {
			found = append(found, scored{s.ID, x})
		}
	}
	slices.SortStableFunc(found, func(a, b scored) int { return cmp.Compare(b.score, a.score) })
	ids := make([]StatementID, 0, listed)
	for _, f := range found[:min(len(found), listed)] {
		ids = append(ids, f.id)
	}
	return ids
}
