package dialogue

import (
	"net/http"
	"slices"

	"rostrum.example/internal/page"
)

// needView is one need with its thread: a mark for each dialogue of the working group, from the one that
// named it.
type needView struct {
	Need, Text, Path string
	Marks            []markView
	Says             string // the thread in words
}

type markView struct {
	X     int // of 0 to 100 × the number of marks
	Year  string
	Found bool
}

// Width is how wide the picture of the thread is.
func (n needView) Width() int { return 80 * len(n.Marks) }

// FirstX is where the thread begins.
func (n needView) FirstX() int {
	if len(n.Marks) == 0 {
		return 0
	}
	return n.Marks[0].X
}

// EndX is where the picture's line ends.
func (n needView) EndX() int {
	if len(n.Marks) == 0 {
		return 0
	}
	return n.Marks[len(n.Marks)-1].X
}

// LastX is where the line that is known ends.
func (n needView) LastX() int {
	x := n.FirstX()
	for _, m := range n.Marks {
		if m.Found {
			x = m.X
		}
	}
	return x
}

type titleView struct{ Path, Title, Date string }

type homeView struct {
	Mechanism string
	Upcoming  []Upcoming
	Date      string
	Needs     []needView
	Latest    []titleView
}

// showHome shows the needs that the last summary with main points named, each with its trace one click away.
func (w *Wing) showHome(rw http.ResponseWriter, r *page.Request) error {
	c, err := w.compose(r.Context(), r)
	if err != nil {
		return err
	}
	v := homeView{Mechanism: c.plain(w.vocabulary.Name)}
	if w.convening != nil {
		if v.Upcoming, err = w.convening.Upcoming(r); err != nil {
			return err
		}
	}
	if d := c.record.founding(); d != nil {
		v.Date = c.date(d.Opening.Date)
		for _, p := range d.MainPoints() {
			v.Needs = append(v.Needs, c.need(d, p))
		}
	}
	for _, d := range slices.Backward(c.record.Dialogues) {
		if len(v.Latest) < 4 {
			v.Latest = append(v.Latest, titleView{dialoguePath(d.ID()), c.title(d), c.date(d.Opening.Date)})
		}
	}
	return w.home.Render(rw, r, v)
}

func (c *composer) need(d *Dialogue, p *Item) needView {
	v := needView{Need: say(c.wing.vocabulary.Needs, p.Need, c.r.Lang), Text: c.plain(p.Text), Path: tracePath(p.Ref())}
	thread := c.record.Thread(p.Ref())
	var years []string
	for _, later := range c.record.Dialogues {
		if later != d && (later.Opening.Date <= d.Opening.Date || !later.shares(d)) {
			continue
		}
		m := markView{X: 40 + 80*len(v.Marks), Year: year(later.Opening.Date), Found: later == d || len(thread[later.ID()]) > 0}
		if m.Found && later != d {
			years = append(years, m.Year)
		}
		v.Marks = append(v.Marks, m)
	}
	if c.r.Lang.Dir() == "rtl" { // time runs the way the reader reads
		for i := range v.Marks {
			v.Marks[i].X = v.Width() - v.Marks[i].X
		}
	}
	v.Says = c.r.Text("home.thread.none")
	if len(years) > 0 {
		v.Says = c.r.Text("home.thread", "Years", c.wing.catalogues.List(c.r.Lang, years))
	}
	return v
}

// founding is the dialogue whose main points named the most needs: the one that later dialogues are held
// against. The older one wins a tie.
func (r *Record) founding() *Dialogue {
	var best *Dialogue
	most := 0
	for _, d := range r.Dialogues {
		needs := map[string]bool{}
		for _, p := range d.MainPoints() {
			if p.Need != "" {
				needs[p.Need] = true
			}
		}
		if len(needs) > most {
			best, most = d, len(needs)
		}
	}
	return best
}
