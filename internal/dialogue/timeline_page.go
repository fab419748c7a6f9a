package dialogue

import (
	"net/http"
	"strings"

	"rostrum.example/internal/page"
)

type columnView struct{ Path, Date string }

type cellView struct {
	Class          string
	Date           string // shown on a narrow screen, where there are no columns
	Before, Raised bool
	Relations      []string
}

type threadView struct {
	Path, Text string
	Cells      []cellView
}

type lineView struct {
	ID, Name string
	Columns  []columnView
	Threads  []threadView
}

type timelineView struct{ Lines []lineView }

func (w *Wing) showTimeline(rw http.ResponseWriter, r *page.Request) error {
	c, err := w.compose(r.Context(), r)
	if err != nil {
		return err
	}
	var v timelineView
	for _, line := range c.record.Timelines(w.vocabulary.Groups) {
		lv := lineView{ID: line.WorkingGroup, Name: say(w.vocabulary.GroupNames, line.WorkingGroup, r.Lang)}
		for _, d := range line.Dialogues {
			lv.Columns = append(lv.Columns, columnView{dialoguePath(d.ID()), c.date(d.Opening.Date)})
		}
		for _, t := range line.Threads {
			tv := threadView{Path: tracePath(t.Point.Ref()), Text: c.plain(t.Point.Text)}
			for i, cell := range t.Cells {
				cv := cellView{Date: lv.Columns[i].Date, Before: cell.Before, Raised: cell.Raised}
				class := []string{}
				if cell.Before {
					class = append(class, "before")
				}
				if cell.Raised {
					class = append(class, "first")
				}
				if cell.On {
					class = append(class, "on")
				}
				if !cell.On && !cell.Raised && len(cell.TakeUps) > 0 {
					class = append(class, "end")
				}
				cv.Class = strings.Join(class, " ")
				cv.Relations = c.relations(cell.TakeUps)
				tv.Cells = append(tv.Cells, cv)
			}
			lv.Threads = append(lv.Threads, tv)
		}
		v.Lines = append(v.Lines, lv)
	}
	return w.timeline.Render(rw, r, v)
}

// relations says how often a dialogue took a point up in which way.
func (c *composer) relations(takeUps []TakeUp) []string {
	var order []string
	times := map[string]int{}
	for _, t := range takeUps {
		if times[t.Link.Relation]++; times[t.Link.Relation] == 1 {
			order = append(order, t.Link.Relation)
		}
	}
	for i, relation := range order {
		order[i] = c.r.Text("relation." + relation)
		if n := times[relation]; n > 1 {
			order[i] = c.r.Text("relation.times", "Relation", order[i], "N", n)
		}
	}
	return order
}
