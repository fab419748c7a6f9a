package dialogue

import (
	"net/http"
	"strconv"

	"rostrum.example/internal/locale"
	"rostrum.example/internal/page"
)

type stepView struct {
	When    string
	Missing bool
	Heading string
	Tag     string // key of the label beside the heading
	Counts  []countView
	Plain   []string
	Rest    *wordsView
	Item    *itemView
	Link    *linkView
	Sources []sourceView
	Fates   []fateView
}

type traceView struct {
	Words                     wordsView
	Proof                     proofView
	Group, DialoguePath, Date string
	Need, From                string
	Steps                     []stepView
	VerifyTarget              string
	Machine                   bool
}

// AmberTag tells whether a label says that something is missing.
func (traceView) AmberTag(key string) bool {
	return key == "trace.notpublished" || key == "trace.nolink"
}

// showTrace shows one sentence and everything that the record knows of what became of it.
func (w *Wing) showTrace(rw http.ResponseWriter, r *page.Request) error {
	c, err := w.compose(r.Context(), r)
	if err != nil {
		return err
	}
	t, ok := c.record.Trace(Ref{ID(r.PathValue("dialogue")), ItemID(r.PathValue("item"))})
	if !ok {
		return page.NotFound()
	}
	if err := c.locate(t.items()); err != nil {
		return err
	}
	v := traceView{
		Words: c.words(t.Point.Text, "text"), Proof: c.proof(t.Point.Entry),
		Group: c.group(t.Dialogue), DialoguePath: dialoguePath(t.Dialogue.ID()), Date: c.date(t.Dialogue.Opening.Date),
		From: c.from(t.Dialogue, t.Point), VerifyTarget: r.Base(),
	}
	if t.Point.Need != "" {
		v.Need = say(w.vocabulary.Needs, t.Point.Need, r.Lang)
	}
	last := ""
	for _, step := range t.Steps {
		sv := c.step(t, step)
		if sv.When == last {
			sv.When = ""
		} else {
			last = sv.When
		}
		v.Steps = append(v.Steps, sv)
	}
	v.Machine = c.machine
	return w.trace.Render(rw, r, v)
}

// items are all items that a trace shows.
func (t *Trace) items() []*Item {
	items := append([]*Item{t.Point}, t.Dialogue.headcount()...)
	for _, s := range t.Steps {
		if s.Kind == TakenUp {
			items = append(items, s.TakeUp.Item, s.TakeUp.Link)
		}
		items = append(items, s.Fates...)
	}
	return items
}

func (c *composer) step(t *Trace, step Step) stepView {
	r, d := c.r, step.Dialogue
	v := stepView{When: year(d.Opening.Date)}
	switch step.Kind {
	case Raised:
		v.Heading = r.Text("trace.raised", "Date", c.date(d.Opening.Date))
		for _, it := range d.headcount() {
			v.Counts = append(v.Counts, c.count(d, it))
		}
		if len(v.Counts) == 0 {
			v.Plain = []string{r.Text("trace.nocounts")}
		}
		v.Sources = c.sources(t.Point.Sources)
	case RestsOn:
		v.Heading, v.Missing = r.Text("trace.restson"), true
		if t.Point.Kind != Point {
			v.Plain = []string{r.Text("trace.restson.none")}
			break
		}
		v.Missing = t.Point.RestsOn != "published"
		if v.Missing {
			v.Tag = "trace.notpublished"
		}
		rest := c.words(t.Point.RestsOnText, "rests_on_text")
		v.Rest = &rest
	case TakenUp:
		v.Heading = r.Text("trace."+step.TakeUp.Link.Relation, "Date", c.date(d.Opening.Date))
		v.Tag = "trace.editorslink"
		item := c.item(step.TakeUp.Item)
		v.Item = &item
		v.Link = &linkView{c.words(step.TakeUp.Link.Text, "text"), c.proof(step.TakeUp.Link.Entry), c.date(step.TakeUp.Link.DrawnOn)}
	case Silent:
		v.Heading = r.Text("trace.silent", "Date", c.date(d.Opening.Date))
		v.Missing, v.Tag = true, "trace.nolink"
		v.Plain = []string{r.Text("trace.silent.says"), c.readSays(d)}
	case BecameOf:
		v.When = r.Text("trace.today")
		v.Heading = r.Text("trace.became")
		v.Missing = true
		for _, f := range step.Fates {
			if f.Status != "no_public_trace" {
				v.Missing = false
			}
			fv := fateView{By: r.Text("fate.by." + f.ToldBy), Words: c.words(f.Text, "text"), Sources: c.sources(f.Sources), Proof: c.proof(f.Entry)}
			if f.LookedOn != "" {
				var places []string
				for _, l := range f.LookedIn {
					if s, ok := c.record.Sources[l.Source]; ok {
						places = append(places, s.Title)
					} else {
						places = append(places, c.plain(l.Text))
					}
				}
				fv.Looked = r.Text("fate.looked", "Date", c.date(f.LookedOn), "Places", c.wing.catalogues.List(r.Lang, places))
			}
			v.Fates = append(v.Fates, fv)
		}
		if len(step.Fates) == 0 {
			v.Plain = []string{r.Text("trace.became.unknown")}
		}
	}
	return v
}

// readSays tells how much of a dialogue's sources the editors have read, so that silence can be weighed.
func (c *composer) readSays(d *Dialogue) string {
	full, part, seen := 0, 0, map[string]bool{}
	for _, it := range d.Items {
		for _, cite := range it.Sources {
			s, ok := c.record.Sources[cite.Source]
			if !ok || seen[s.ID] {
				continue
			}
			seen[s.ID] = true
			switch s.Read {
			case "full":
				full++
			case "part":
				part++
			}
		}
	}
	return c.wing.catalogues.Count(c.r.Lang, "trace.silent.read", len(seen), "Full", full, "Part", part)
}

// year is what stands at the side of a step.
func year(date string) string {
	d, err := locale.ParseDate(date)
	if err != nil {
		return ""
	}
	return strconv.Itoa(d.Year)
}
