package dialogue

import (
	"slices"
)

// Record is everything that the public record knows of an instance's dialogues, oldest first.
type Record struct {
	Dialogues []*Dialogue
	Sources   map[string]*Source
}

// Find gives a dialogue by its name.
func (r *Record) Find(id ID) (*Dialogue, bool) {
	i := slices.IndexFunc(r.Dialogues, func(d *Dialogue) bool { return d.ID() == id })
	if i < 0 {
		return nil, false
	}
	return r.Dialogues[i], true
}

// Item gives an item by its name.
func (r *Record) Item(ref Ref) (*Item, bool) {
	d, ok := r.Find(ref.Dialogue)
	if !ok {
		return nil, false
	}
	return d.Item(ref.Item)
}

// TakeUp is one place where a later dialogue took up an earlier item: the link that an editor drew, and the
// later item that it is drawn from.
type TakeUp struct {
	Link *Item
	Item *Item
}

// Thread is what later dialogues made of a point, by dialogue. It follows links of links: what took up an
// item that took up the point belongs to the thread.
func (r *Record) Thread(point Ref) map[ID][]TakeUp {
	thread := map[ID][]TakeUp{}
	reached := map[string]bool{point.String(): true}
	// Links lead from later to earlier dialogues, so one pass from the oldest reaches everything.
	for _, d := range r.Dialogues {
		for _, link := range d.Of(Link) {
			if !reached[link.TakesUp] {
				continue
			}
			item, ok := d.Item(link.Item)
			if !ok {
				continue
			}
			reached[item.Ref().String()] = true
			thread[d.ID()] = append(thread[d.ID()], TakeUp{link, item})
		}
	}
	return thread
}

// StepKind says what a step of a trace tells.
type StepKind string

// The kinds of steps, in the order of a trace.
const (
	Raised   StepKind = "raised"    // when it was raised, and who was there
	RestsOn  StepKind = "rests-on"  // the words it rests on, or that they were not published
	TakenUp  StepKind = "taken-up"  // a later dialogue took it up
	Silent   StepKind = "silent"    // a later dialogue, and no link to it
	BecameOf StepKind = "became-of" // what States and stakeholders say became of it
)

// Step is one step of a trace.
type Step struct {
	Kind     StepKind
	Dialogue *Dialogue
	TakeUp   TakeUp  // of TakenUp
	Fates    []*Item // of BecameOf
}

// Trace follows one point from the dialogue that raised it to what is known of its fate.
type Trace struct {
	Point    *Item
	Dialogue *Dialogue
	Steps    []Step
}

// Trace builds the trace of a point. Dialogues of the same working group that nobody linked to the point
// have a step of their own that says so: silence is shown, never filled.
func (r *Record) Trace(ref Ref) (*Trace, bool) {
	d, ok := r.Find(ref.Dialogue)
	if !ok {
		return nil, false
	}
	point, ok := d.Item(ref.Item)
	if !ok || point.Kind != Point && point.Kind != Recommendation {
		return nil, false
	}
	t := &Trace{Point: point, Dialogue: d, Steps: []Step{{Kind: Raised, Dialogue: d}, {Kind: RestsOn, Dialogue: d}}}
	thread := r.Thread(ref)
	for _, later := range r.Dialogues {
		if later.Opening.Date <= d.Opening.Date {
			continue
		}
		takeUps := thread[later.ID()]
		for _, takeUp := range takeUps {
			t.Steps = append(t.Steps, Step{Kind: TakenUp, Dialogue: later, TakeUp: takeUp})
		}
		if len(takeUps) == 0 && later.shares(d) {
			t.Steps = append(t.Steps, Step{Kind: Silent, Dialogue: later})
		}
	}
	t.Steps = append(t.Steps, Step{Kind: BecameOf, Dialogue: d, Fates: r.Fates(ref)})
	return t, true
}

// Fates gives what is known of what became of a point, from all dialogues, oldest first.
func (r *Record) Fates(ref Ref) []*Item {
	var fates []*Item
	for _, d := range r.Dialogues {
		for _, it := range d.Of(Fate) {
			if it.About == ref.String() {
				fates = append(fates, it)
			}
		}
	}
	return fates
}

// CarriedOver is a point of an earlier dialogue as a later one finds it.
type CarriedOver struct {
	Point    *Item
	Dialogue *Dialogue
	TakeUps  []TakeUp // in this dialogue; empty where nobody drew a link
}

// CarriedOver gives the points that the last dialogue of the same working group left to this one: its main
// points, or all its points where its summary has none.
func (r *Record) CarriedOver(d *Dialogue) []CarriedOver {
	var last *Dialogue
	for _, earlier := range r.Dialogues {
		if earlier.Opening.Date < d.Opening.Date && earlier.shares(d) && len(earlier.Of(Point)) > 0 {
			last = earlier
		}
	}
	if last == nil {
		return nil
	}
	points := last.MainPoints()
	if len(points) == 0 {
		points = last.Of(Point)
	}
	var carried []CarriedOver
	for _, p := range points {
		carried = append(carried, CarriedOver{p, last, r.Thread(p.Ref())[d.ID()]})
	}
	return carried
}

// Follows gives the dialogue of the same working group that came before, if there is one.
func (r *Record) Follows(d *Dialogue) *Dialogue {
	var last *Dialogue
	for _, earlier := range r.Dialogues {
		if earlier.Opening.Date < d.Opening.Date && earlier.shares(d) {
			last = earlier
		}
	}
	return last
}
