package opinion

import "math"

// metaPriority is the weight of a statement about the participants.
const metaPriority = 49

// priority is the weight with which a statement is asked next: much agreed
// with, seldom passed, dividing, and new. The votes are those of the groups.
func priority(n Counts, extremity float64, meta bool) float64 {
	if meta {
		return metaPriority
	}
	agree, pass := smoothed(n.Agree, n.Seen), smoothed(n.Pass(), n.Seen)
	importance := (1 - pass) * (extremity + 1) * agree
	weight := importance * (1 + float64(8*math.Exp2(-float64(n.Seen)/5)))
	return weight * weight
}
