package dialogue

// Timeline is the dialogues of one working group as columns and their points as threads.
type Timeline struct {
	WorkingGroup string
	Dialogues    []*Dialogue
	Threads      []PointThread
}

// PointThread is one point and what each dialogue of the time line made of it.
type PointThread struct {
	Point *Item
	Cells []Cell // one for each dialogue of the time line, in its order
}

// Cell is where a thread crosses a dialogue.
type Cell struct {
	// Before: the dialogue was held before the point was raised. Raised: it raised it. Otherwise TakeUps tells
	// what it made of it; empty means that nobody drew a link.
	Before, Raised bool
	TakeUps        []TakeUp
	// On: the thread goes on beyond this dialogue.
	On bool
}

// Timelines gives a time line for each working group that has met, in the order given.
func (r *Record) Timelines(workingGroups []string) []Timeline {
	var all []Timeline
	for _, group := range workingGroups {
		line := Timeline{WorkingGroup: group}
		for _, d := range r.Dialogues {
			for _, g := range d.Opening.WorkingGroups {
				if g == group {
					line.Dialogues = append(line.Dialogues, d)
				}
			}
		}
		for _, d := range line.Dialogues {
			for _, p := range d.Of(Point) {
				line.Threads = append(line.Threads, r.pointThread(p, d, line.Dialogues))
			}
		}
		if len(line.Dialogues) > 0 {
			all = append(all, line)
		}
	}
	return all
}

func (r *Record) pointThread(p *Item, raised *Dialogue, columns []*Dialogue) PointThread {
	thread := r.Thread(p.Ref())
	cells := make([]Cell, len(columns))
	last := 0
	for i, d := range columns {
		cells[i] = Cell{Before: d.Opening.Date < raised.Opening.Date, Raised: d == raised, TakeUps: thread[d.ID()]}
		if cells[i].Raised || len(cells[i].TakeUps) > 0 {
			last = i
		}
	}
	for i := range last {
		cells[i].On = !cells[i].Before
	}
	return PointThread{p, cells}
}
