package linkage

import "math"

// model is what a run has learned.
type model struct {
	m, u  rates   // chances of levels among matches and among non-matches
	share float64 // of matches among all pairs of records
	// matches are the expected matches by field and level on which m rests.
	matches rates
	// dull marks fields whose agreement is no sign of a match (label switch):
	// they get no weight.
	dull []bool
	// spread is how many further records of the same person a record has.
	spread float64
	kinds  []Kind
	// links are, by field, the earlier fields on which it depends.
	links [][]dependence
}

// dependence tells how a field hangs together with an earlier one. Fields that
// belong together (postcode and city, street and city) agree together by chance
// and change together when a person moves; weighing them as if they were
// independent would count one agreement, or one move, twice.
type dependence struct {
	On int `json:"on"` // the earlier field
	// Same is the chance that two records of different persons that agree on the
	// earlier field have the same true value of this one.
	Same float64 `json:"same"`
	// Moved is the chance that this field of a match has a new value, too, when
	// the earlier one differs.
	Moved float64 `json:"moved"`
}

// agrees reports whether a level means that the true values are likely the same.
func agrees(k Kind, l level) bool {
	if k == Date {
		return l == exact || l == slip
	}
	return l == exact || l == close
}

// condition gives Same and Moved of field i in the light of the other fields'
// levels: the strongest of its dependences that apply.
func (md *model) condition(p pattern, i int) (same, moved float64) {
	for _, d := range md.links[i] {
		switch l := p.level(d.On); {
		case l == differ:
			moved = max(moved, d.Moved)
		case agrees(md.kinds[d.On], l):
			same = max(same, d.Same)
		}
	}
	return same, moved
}

// fieldWeight is log2(m/u) of a field's level within a pattern, exact agreement
// happening among non-matches with chance u.
func (md *model) fieldWeight(p pattern, i int, u float64) float64 {
	l := p.level(i)
	if l == missing || md.dull[i] {
		return 0
	}
	if l != exact {
		u = md.u[i][l]
	}
	m := md.m[i][l]
	if len(md.links[i]) > 0 {
		same, moved := md.condition(p, i)
		m, u = (1-moved)*m+moved*md.u[i][l], (1-same)*u+same*m
	}
	return math.Log2(m / u)
}

// weight is log2(m/u) of a pattern without regard to which values agree.
func (md *model) weight(p pattern) float64 {
	w := 0.0
	for i := range md.m {
		w += md.fieldWeight(p, i, md.u[i][exact])
	}
	return w
}

// odds gives the log2 odds of a pair, exact agreement weighed by how frequent the
// agreed value is.
func (md *model) odds(fr *frame, a, b uint32, p pattern) float64 {
	w := md.priorOdds()
	x := fr.record(a)
	for i := range md.m {
		w += md.weightOf(fr, p, i, x[i])
	}
	return w
}

// weightOf is the weight of a field within a pattern, v being the first record's value.
func (md *model) weightOf(fr *frame, p pattern, i int, v uint32) float64 {
	if p.level(i) != exact {
		return md.fieldWeight(p, i, 0)
	}
	f := fr.fields[i]
	return md.fieldWeight(p, i, md.frequency(f, i, f.count[v]))
}

// frequency is the chance that another person's record agrees on a value that
// count records have: of the others that have it, those expected to be the same
// person are taken off.
func (md *model) frequency(f *field, i int, count uint32) float64 {
	others := float64(count) - 1 - md.spread*md.m[i][exact]
	return max(others, 0.2) / float64(max(f.total, 2)-1)
}

// rarest is the least chance of agreement that any value of a field could have
// had when the model was learned.
func (md *model) rarest(f *field, i int) float64 {
	others := 1 - md.spread*md.m[i][exact]
	return max(others, 0.2) / (max(f.scale, 2) - 1)
}

// mayMatch reports whether a pattern could reach leastChance if the rarest values
// agreed. It looks at the pattern and the model alone, so that it holds whatever
// records come later.
func (md *model) mayMatch(fr *frame, p pattern) bool {
	w := md.priorOdds()
	for i, f := range fr.fields {
		w += md.fieldWeight(p, i, min(md.rarest(f, i), md.u[i][exact]))
	}
	return w >= leastOdds
}

// leastOdds is the log2 odds below which a compared pair is only counted: a
// chance of one in a hundred.
var leastOdds = math.Log2(0.01 / 0.99)

// chanceOf turns log2 odds into a chance.
func chanceOf(logOdds float64) float64 { return 1 / (1 + math.Exp2(-logOdds)) }

func (md *model) priorOdds() float64 { return math.Log2(md.share / (1 - md.share)) }
