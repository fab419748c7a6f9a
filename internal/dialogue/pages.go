package dialogue

import (
	"cmp"
	"embed"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"rostrum.example/internal/ledger"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/page"
	"rostrum.example/internal/store"
)

//go:embed templates/*.html
var templates embed.FS

// Catalogue holds the wing's words.
//
//go:embed catalogue
var Catalogue embed.FS

// Wing is the dialogue wing, seated in an instance.
type Wing struct {
	shelf      *shelf
	ledger     *ledger.Ledger
	vocabulary *Vocabulary
	catalogues *locale.Catalogues

	home     *page.Page[homeView]
	timeline *page.Page[timelineView]
	dialogue *page.Page[dialogueView]
	point    *page.Page[pointView]
	trace    *page.Page[traceView]
	sources  *page.Page[sourcesView]
	source   *page.Page[sourceDetailView]
}

// New makes the wing for one tenant.
func New(db *store.DB, org store.Org, l *ledger.Ledger, v *Vocabulary, c *locale.Catalogues) *Wing {
	return &Wing{shelf: &shelf{db: db, org: org}, ledger: l, vocabulary: v, catalogues: c}
}

// Seat adds the wing's pages and interfaces to the site.
func (w *Wing) Seat(s *page.Site) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("seating the dialogues: %w", err)
		}
	}()
	if w.home, err = page.Parse[homeView](s, templates, "home", "parts"); err != nil {
		return err
	}
	if w.timeline, err = page.Parse[timelineView](s, templates, "timeline", "parts"); err != nil {
		return err
	}
	if w.dialogue, err = page.Parse[dialogueView](s, templates, "dialogue", "parts"); err != nil {
		return err
	}
	if w.point, err = page.Parse[pointView](s, templates, "point", "parts"); err != nil {
		return err
	}
	if w.trace, err = page.Parse[traceView](s, templates, "trace", "parts"); err != nil {
		return err
	}
	if w.sources, err = page.Parse[sourcesView](s, templates, "sources", "parts"); err != nil {
		return err
	}
	if w.source, err = page.Parse[sourceDetailView](s, templates, "source", "parts"); err != nil {
		return err
	}
	s.Public("GET /{$}", w.showHome)
	s.Public("GET /dialogues", w.showTimeline)
	s.Public("GET /dialogues/{dialogue}", w.showDialogue)
	s.Public("GET /dialogues/{dialogue}/points/{item}", w.showPoint)
	s.Public("GET /dialogues/{dialogue}/points/{item}/trace", w.showTrace)
	s.Public("GET /sources", w.showSources)
	s.Public("GET /sources/{source}", w.showSource)
	s.Navigate(page.NavItem{Key: "nav.became", Path: "/dialogues"}, page.NavItem{Key: "nav.sources", Path: "/sources"})
	w.serveAPI(s)
	return nil
}

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

type carriedView struct {
	Path, Text string
	TakeUps    []refView
}

type chairView struct{ Name, Country string }

type sectionView struct {
	ID, Heading, Note string
	Items             []itemView
}

type dialogueView struct {
	Title, Group, Date, NumberSays string
	Words                          wordsView
	Follows                        []string
	Chairs                         []chairView
	Proof                          proofView
	Sources                        []sourceView
	Counts                         []countView
	Carried                        []carriedView
	CarriedDate                    string
	Sections                       []sectionView
	VerifyTarget                   string
	Machine                        bool
}

func (w *Wing) showDialogue(rw http.ResponseWriter, r *page.Request) error {
	c, err := w.compose(r.Context(), r)
	if err != nil {
		return err
	}
	d, ok := c.record.Find(ID(r.PathValue("dialogue")))
	if !ok {
		return page.NotFound()
	}
	if err := c.locate(d.Items); err != nil {
		return err
	}
	v := dialogueView{
		Title: c.title(d), Words: c.words(d.Opening.Text, "text"), Group: c.group(d), Date: c.date(d.Opening.Date),
		Proof: c.proof(d.Opening.Entry), Sources: c.sources(d.Opening.Sources), VerifyTarget: r.Base(),
	}
	if d.Opening.Number > 0 {
		key := "dialogue.number"
		if d.Opening.NumberBasis == "inferred" {
			key = "dialogue.number.inferred"
		}
		v.NumberSays = r.Text(key, "N", d.Opening.Number)
	}
	for _, p := range d.Opening.Chairs {
		v.Chairs = append(v.Chairs, chairView{p.Name, c.wing.catalogues.Country(r.Lang, p.Country)})
	}
	for _, f := range d.Opening.Follows {
		if len(f.Text) > 0 {
			v.Follows = append(v.Follows, c.plain(f.Text))
		}
	}
	for _, it := range d.Of(Count) {
		v.Counts = append(v.Counts, c.count(d, it))
	}
	for _, carried := range c.record.CarriedOver(d) {
		cv := carriedView{Path: tracePath(carried.Point.Ref()), Text: c.plain(carried.Point.Text)}
		for _, t := range carried.TakeUps {
			cv.TakeUps = append(cv.TakeUps, refView{Path: itemPath(t.Item), Text: c.plain(t.Item.Text)})
		}
		v.Carried = append(v.Carried, cv)
		v.CarriedDate = c.date(carried.Dialogue.Opening.Date)
	}
	for _, kind := range []Kind{Point, Recommendation, Statement, Topic, Question, TourDeTable, Note} {
		s := sectionView{ID: string(kind), Heading: r.Text("dialogue.section." + string(kind))}
		if kind == Statement {
			s.Note = r.Text("dialogue.section.statement.note")
		}
		for _, it := range d.Of(kind) {
			s.Items = append(s.Items, c.item(it))
		}
		if len(s.Items) > 0 {
			v.Sections = append(v.Sections, s)
		}
	}
	v.Machine = c.machine
	return w.dialogue.Render(rw, r, v)
}

type pointView struct {
	Item                      itemView
	Group, DialoguePath, Date string
	From, TracePath           string
	TakenUp, TakesUp          []refView
	Citation                  string
	VerifyTarget              string
	Machine                   bool
}

func (w *Wing) showPoint(rw http.ResponseWriter, r *page.Request) error {
	c, err := w.compose(r.Context(), r)
	if err != nil {
		return err
	}
	ref := Ref{ID(r.PathValue("dialogue")), ItemID(r.PathValue("item"))}
	it, ok := c.record.Item(ref)
	if !ok || it.Kind != Point && it.Kind != Recommendation {
		return page.NotFound()
	}
	if err := c.locate([]*Item{it}); err != nil {
		return err
	}
	d, _ := c.record.Find(ref.Dialogue)
	v := pointView{
		Item: c.item(it), Group: c.group(d), DialoguePath: dialoguePath(d.ID()), Date: c.date(d.Opening.Date),
		From: c.from(d, it), TracePath: tracePath(ref), VerifyTarget: r.Base(),
	}
	for _, later := range c.record.Dialogues {
		for _, link := range later.Of(Link) {
			item, found := later.Item(link.Item)
			if found && link.TakesUp == ref.String() {
				v.TakenUp = append(v.TakenUp, c.ref(item))
			}
			if target, err := ParseRef(link.TakesUp); err == nil && later.ID() == ref.Dialogue && link.Item == ref.Item {
				if earlier, ok := c.record.Item(target); ok {
					v.TakesUp = append(v.TakesUp, c.ref(earlier))
				}
			}
		}
	}
	v.Citation = fmt.Sprintf("%s. %s, %s. %s%s", v.Item.Words.Text, c.title(d), v.Date, v.VerifyTarget, r.Link(itemPath(it)))
	if !v.Item.Proof.Pending {
		v.Citation += " (" + r.Text("dialogue.entry", "Index", v.Item.Proof.Number) + ")"
	}
	v.Machine = c.machine
	return w.point.Render(rw, r, v)
}

type sourcesView struct{ Sources []sourceView }

func (w *Wing) showSources(rw http.ResponseWriter, r *page.Request) error {
	c, err := w.compose(r.Context(), r)
	if err != nil {
		return err
	}
	uses := map[string]int{}
	for _, d := range c.record.Dialogues {
		for _, it := range d.Items {
			for _, cite := range it.Sources {
				uses[cite.Source]++
			}
		}
	}
	var v sourcesView
	for _, s := range c.record.Sources {
		sv := c.source(s)
		sv.Items = uses[s.ID]
		v.Sources = append(v.Sources, sv)
	}
	slices.SortFunc(v.Sources, func(a, b sourceView) int {
		return cmp.Or(strings.Compare(a.Publisher, b.Publisher), strings.Compare(a.Title, b.Title), strings.Compare(a.ID, b.ID))
	})
	return w.sources.Render(rw, r, v)
}

type sourceDetailView struct {
	Source       sourceView
	Proof        proofView
	Items        []refView
	VerifyTarget string
}

func (w *Wing) showSource(rw http.ResponseWriter, r *page.Request) error {
	c, err := w.compose(r.Context(), r)
	if err != nil {
		return err
	}
	s, ok := c.record.Sources[r.PathValue("source")]
	if !ok {
		return page.NotFound()
	}
	if err := c.locate(nil, s); err != nil {
		return err
	}
	v := sourceDetailView{Source: c.source(s), Proof: c.proof(s.Entry), VerifyTarget: r.Base()}
	for _, d := range c.record.Dialogues {
		for _, it := range d.Items {
			if slices.ContainsFunc(it.Sources, func(cite Citation) bool { return cite.Source == s.ID }) && len(it.Text) > 0 {
				v.Items = append(v.Items, c.ref(it))
			}
		}
	}
	return w.source.Render(rw, r, v)
}

// year is what stands at the side of a step.
func year(date string) string {
	d, err := locale.ParseDate(date)
	if err != nil {
		return ""
	}
	return strconv.Itoa(d.Year)
}
