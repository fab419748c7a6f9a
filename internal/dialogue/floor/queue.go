package floor

import (
	"cmp"
	"math"
)

// Rule makes the order of speakers. It is the same for everybody and can be worked out by hand:
//
//  1. Points of order go before everything.
//  2. Then whom the chair has moved first, with a reason.
//  3. Then replies that the chair takes now. Other replies come at the end.
//  4. Stakeholder types take turns: next is the type that had the floor longest ago under this item, or not yet.
//  5. Within a type nobody is passed by more than Pass who asked later; who has been passed so often goes first, and
//     among several of them who asked earlier.
//  6. Who attends for the first time and has not had the floor in this dialogue goes before who has not had it, and
//     they before who has.
//  7. Then who has used fewer whole minutes so far.
//  8. When Run speakers in a row came from the room, a remote one goes first, and the other way round.
//  9. Then who asked earlier.
//
// The answer depends on what is given alone, not on its order.
type Rule struct {
	// Seconds is what each who waits is reckoned to use, so that the places after them can be told.
	Seconds int
	// Pass and Run are the numbers of steps 5 and 8; 0 stands for DefaultPass and DefaultRun.
	Pass, Run int
}

// The numbers of the rule that most dialogues will keep.
const (
	DefaultPass = 3
	DefaultRun  = 2
)

// Waiting is a request as the rule sees it. Those whose type is not to be known have the type "" together.
type Waiting struct {
	N       int // unique; who asked earlier has the lower number
	Speaker string
	Type    string
	Kind    Kind // Statement, PointOfOrder or Reply
	Mode    Mode
	New     bool
	Moved   int  // number of the chair's act that moved it first; 0 for none
	Held    int  // passed over by the chair until so many turns were begun under this item
	Granted bool // of a reply: the chair takes it now
}

// Turn is a turn that has been begun, of the whole dialogue. Those of kind PointOfOrder and Reply count for nothing:
// they are rights, and nobody should weigh whether to use one.
type Turn struct {
	N       int // of the request; 0 for who had not asked
	Speaker string
	Type    string
	Kind    Kind
	Mode    Mode
	Seconds int
	Here    bool // under the item whose order is asked for
}

// Why says which step of the rule gave somebody their place.
type Why string

// The reasons. The numbers that belong to them stand in Reason.
const (
	WhyOrder    Why = "order"     // a point of order
	WhyChair    Why = "chair"     // moved first by the chair
	WhyReplyNow Why = "reply-now" // a reply that the chair takes now
	WhyReplyEnd Why = "reply-end" // a reply, at the end
	WhyHeld     Why = "held"      // passed over by the chair until somebody else has spoken
	WhyTypeNew  Why = "type-new"  // the Type has not had the floor under this item
	WhyTypeTurn Why = "type-turn" // the Type had the floor longest ago: N others have since
	WhyPassed   Why = "passed"    // N of the same type who asked later have gone before
	WhyNewcomer Why = "newcomer"  // attends for the first time, and has not had the floor
	WhyFirst    Why = "first"     // has not had the floor in this dialogue
	WhyTime     Why = "time"      // has used less time: Seconds so far
	WhyMode     Why = "mode"      // is in this Mode, after N in a row from the other
	WhyAsked    Why = "asked"     // asked earliest of those who follow
)

// Reason is one reason with its numbers.
type Reason struct {
	Why     Why
	Type    string
	Mode    Mode
	N       int
	Seconds int
}

// Place is a place in the order. Whoever stands before somebody who asked earlier does so for a reason given here, or
// for one given at that other's place (a reply comes at the end; the chair passed them over).
type Place struct {
	N       int
	Reasons []Reason
	// Passed is how many who asked later stand before.
	Passed int
}

// ranked is a request with everything that the rule weighs. An earlier field decides before a later one; the lower
// value goes first.
type ranked struct {
	*Waiting
	group    int // points of order, moved, replies now, statements, replies at the end
	moved    int
	held     int
	typeTurn int // the place of the type's last turn; 0 for never
	patience int // the number of who was passed as often as may be; more than any number for the others
	fresh    int // newcomer, first time on the floor, others
	minutes  int
	mode     int

	passed int
}

func (a *ranked) compare(b *ranked) int {
	return cmp.Or(
		cmp.Compare(a.group, b.group), cmp.Compare(a.moved, b.moved), cmp.Compare(a.held, b.held),
		cmp.Compare(a.typeTurn, b.typeTurn), cmp.Compare(a.patience, b.patience), cmp.Compare(a.fresh, b.fresh),
		cmp.Compare(a.minutes, b.minutes), cmp.Compare(a.mode, b.mode), cmp.Compare(a.N, b.N),
	)
}

const (
	groupOrder = iota
	groupMoved
	groupReplyNow
	groupStatement
	groupReplyEnd
)

// order is the state of the rule while it gives one place after the other, each as if all before had spoken.
type order struct {
	rule     Rule
	waiting  []*ranked
	lastTurn map[string]int // by type: the number of its last turn here
	turns    int            // begun here
	seconds  map[string]int // by speaker, in the whole dialogue
	spoken   map[string]bool
	mode     Mode // of the latest turns here
	run      int  // how many of them in a row
}

// Order gives everybody who waits their place, with the reasons.
func (r Rule) Order(waiting []Waiting, turns []Turn) []Place {
	r.Pass, r.Run = cmp.Or(r.Pass, DefaultPass), cmp.Or(r.Run, DefaultRun)
	o := &order{rule: r, lastTurn: map[string]int{}, seconds: map[string]int{}, spoken: map[string]bool{}}
	for i := range waiting {
		w := &ranked{Waiting: &waiting[i], group: groupStatement}
		switch {
		case w.Kind == PointOfOrder:
			w.group = groupOrder
		case w.Moved > 0:
			w.group, w.moved = groupMoved, -w.Moved
		case w.Kind == Reply && w.Granted:
			w.group = groupReplyNow
		case w.Kind == Reply:
			w.group = groupReplyEnd
		}
		o.waiting = append(o.waiting, w)
	}
	for _, t := range turns {
		o.take(t)
	}
	places := make([]Place, 0, len(waiting))
	for len(o.waiting) > 0 {
		p := o.next()
		for _, before := range places {
			if before.N > p.N {
				p.Passed++
			}
		}
		places = append(places, p)
	}
	return places
}

// take notes that somebody has had a turn.
func (o *order) take(t Turn) {
	if t.Kind == PointOfOrder || t.Kind == Reply {
		return
	}
	o.spoken[t.Speaker] = true
	o.seconds[t.Speaker] += t.Seconds
	if !t.Here || t.Kind == Panel {
		return
	}
	o.turns++
	o.lastTurn[t.Type] = o.turns
	if t.Mode == o.mode {
		o.run++
	} else {
		o.mode, o.run = t.Mode, 1
	}
	for _, w := range o.waiting {
		if w.group == groupStatement && w.Type == t.Type && w.N < t.N {
			w.passed++
		}
	}
}

// weigh fills in what depends on the turns so far.
func (o *order) weigh(w *ranked) {
	if w.group != groupStatement {
		return
	}
	w.held, w.patience, w.fresh, w.mode = 0, math.MaxInt, 2, 0
	if w.Held > o.turns {
		w.held = 1
	}
	w.typeTurn = o.lastTurn[w.Type]
	if w.passed >= o.rule.Pass {
		w.patience = w.N
	}
	if !o.spoken[w.Speaker] {
		w.fresh = 1
		if w.New {
			w.fresh = 0
		}
	}
	w.minutes = o.seconds[w.Speaker] / 60
	if o.run >= o.rule.Run && w.Mode == o.mode {
		w.mode = 1
	}
}

// next takes whoever is next out of those who wait.
func (o *order) next() Place {
	best := 0
	for i, w := range o.waiting {
		o.weigh(w)
		if w.compare(o.waiting[best]) < 0 {
			best = i
		}
	}
	first := o.waiting[best]
	last := len(o.waiting) - 1
	o.waiting[best] = o.waiting[last]
	o.waiting = o.waiting[:last]

	place := Place{N: first.N, Reasons: o.reasons(first)}
	o.take(Turn{N: first.N, Speaker: first.Speaker, Type: first.Type, Kind: first.Kind, Mode: first.Mode, Seconds: o.rule.Seconds, Here: true})
	return place
}

// reasons says why w goes before those who asked earlier and still wait.
func (o *order) reasons(w *ranked) []Reason {
	switch w.group {
	case groupOrder:
		return []Reason{{Why: WhyOrder}}
	case groupMoved:
		return []Reason{{Why: WhyChair}}
	case groupReplyNow:
		return []Reason{{Why: WhyReplyNow}}
	case groupReplyEnd:
		return []Reason{{Why: WhyReplyEnd}}
	}
	if w.held > 0 {
		return []Reason{{Why: WhyHeld}}
	}
	var found [7]Reason // at most one for each step
	for _, other := range o.waiting {
		if other.N > w.N || other.group != groupStatement || other.held > 0 {
			continue
		}
		switch {
		case w.typeTurn < other.typeTurn && w.typeTurn == 0:
			found[0] = Reason{Why: WhyTypeNew, Type: w.Type}
		case w.typeTurn < other.typeTurn:
			found[1] = Reason{Why: WhyTypeTurn, Type: w.Type, N: o.turns - w.typeTurn}
		case w.patience < other.patience:
			found[2] = Reason{Why: WhyPassed, N: w.passed}
		case w.fresh < other.fresh && w.fresh == 0:
			found[3] = Reason{Why: WhyNewcomer}
		case w.fresh < other.fresh:
			found[4] = Reason{Why: WhyFirst}
		case w.minutes < other.minutes:
			found[5] = Reason{Why: WhyTime, Seconds: o.seconds[w.Speaker]}
		case w.mode < other.mode:
			found[6] = Reason{Why: WhyMode, Mode: w.Mode, N: o.run}
		}
	}
	var all []Reason
	for _, r := range found {
		if r.Why != "" {
			all = append(all, r)
		}
	}
	if len(all) == 0 {
		return []Reason{{Why: WhyAsked}}
	}
	return all
}
