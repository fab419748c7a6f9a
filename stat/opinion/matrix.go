package opinion

import "math/bits"

// A word holds the votes of 64 participants on one statement, one bit each.
// Agree lies within decided (agreed or disagreed), decided within seen (voted
// at all), so a vote takes three bits and pairs of statements are compared 64
// participants at a time.
type word struct{ agree, decided, seen uint64 }

// A column holds the votes on one statement. Participants beyond its end have
// not seen the statement.
type column []word

// set records v for the participant at bit position i.
func (c *column) set(i int, v Value) {
	for len(*c) <= i/64 {
		*c = append(*c, word{})
	}
	w, bit := &(*c)[i/64], uint64(1)<<(i%64)
	w.seen |= bit
	w.agree &^= bit
	w.decided |= bit
	switch v {
	case Agree:
		w.agree |= bit
	case Pass:
		w.decided &^= bit
	}
}

// vote returns the vote of the participant at bit position i and whether
// there is one.
func (c column) vote(i int) (Value, bool) {
	if i/64 >= len(c) {
		return Pass, false
	}
	w, bit := c[i/64], uint64(1)<<(i%64)
	switch {
	case w.seen&bit == 0:
		return Pass, false
	case w.agree&bit != 0:
		return Agree, true
	case w.decided&bit != 0:
		return Disagree, true
	}
	return Pass, true
}

// Counts are the votes on a statement, among all or within a group. Seen is
// the number of votes, passes included.
type Counts struct {
	Agree    int `json:"agree"`
	Disagree int `json:"disagree"`
	Seen     int `json:"seen"`
}

// Pass is the number of those who voted and neither agreed nor disagreed.
func (n Counts) Pass() int { return n.Seen - n.Agree - n.Disagree }

func (n Counts) plus(m Counts) Counts {
	return Counts{n.Agree + m.Agree, n.Disagree + m.Disagree, n.Seen + m.Seen}
}

func (n Counts) minus(m Counts) Counts {
	return Counts{n.Agree - m.Agree, n.Disagree - m.Disagree, n.Seen - m.Seen}
}

// sum is the sum of the votes.
func (n Counts) sum() int { return n.Agree - n.Disagree }

// counts counts the whole column.
func (c column) counts() Counts {
	var agree, decided, seen int
	for i := range c {
		agree += bits.OnesCount64(c[i].agree)
		decided += bits.OnesCount64(c[i].decided)
		seen += bits.OnesCount64(c[i].seen)
	}
	return Counts{Agree: agree, Disagree: decided - agree, Seen: seen}
}

// A mask selects participants by bit position.
type mask []uint64

func newMask(positions int) mask { return make(mask, (positions+63)/64) }

func (m mask) add(i int) { m[i/64] |= 1 << (i % 64) }

// countsIn counts the votes of the participants in m.
func (c column) countsIn(m mask) Counts {
	var agree, decided, seen int
	n := min(len(c), len(m))
	c, m = c[:n], m[:n]
	for i := range c {
		agree += bits.OnesCount64(c[i].agree & m[i])
		decided += bits.OnesCount64(c[i].decided & m[i])
		seen += bits.OnesCount64(c[i].seen & m[i])
	}
	return Counts{Agree: agree, Disagree: decided - agree, Seen: seen}
}

// within copies into dst the votes of the participants in m.
func (c column) within(m mask, dst column) column {
	n := min(len(c), len(m))
	dst = dst[:0]
	for i := range n {
		dst = append(dst, word{c[i].agree & m[i], c[i].decided & m[i], c[i].seen & m[i]})
	}
	return dst
}

// A pair compares two statements, left and right, over the participants who
// saw both.
type pair struct {
	both    int32 // participants who saw both
	product int32 // sum of the products of their two votes
	left    int32 // sum of their votes on the left statement
	right   int32 // sum of their votes on the right statement
}

// comparePair counts a pair of statements.
func comparePair(a, b column) pair {
	n := min(len(a), len(b))
	a, b = a[:n], b[:n]
	var both, decided, differ, leftAgree, leftDecided, rightAgree, rightDecided int
	for i := range a {
		x, y := &a[i], &b[i]
		d := x.decided & y.decided
		both += bits.OnesCount64(x.seen & y.seen)
		decided += bits.OnesCount64(d)
		differ += bits.OnesCount64(d & (x.agree ^ y.agree))
		leftAgree += bits.OnesCount64(x.agree & y.seen)
		leftDecided += bits.OnesCount64(x.decided & y.seen)
		rightAgree += bits.OnesCount64(x.seen & y.agree)
		rightDecided += bits.OnesCount64(x.seen & y.decided)
	}
	return pair{
		both:    int32(both),
		product: int32(decided - 2*differ),
		left:    int32(2*leftAgree - leftDecided),
		right:   int32(2*rightAgree - rightDecided),
	}
}
