package admission

import (
	"cmp"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"rostrum.example/format/mechanism"
	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/dialogue/application"
	"rostrum.example/internal/dialogue/cycle"
	"rostrum.example/internal/ledger"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/page"
	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
)

// figureLine is what is known of one count: ours, and what others published.
type figureLine struct {
	Name, Unit, Definition string
	Basis                  string // where the definition is the editors' proposal
	Own                    int
	HasOwn                 bool
	Others                 []publishedLine
	// Differ: the figures do not agree. They stand side by side and are never averaged.
	Differ bool
}

type publishedLine struct {
	ID         string
	Number     int
	Of         string
	Definition string
	Source     string
	URL        string
	Published  string
	Entered    page.Entered
}

type crossTable struct {
	Caption string
	Columns []string
	Rows    []crossRow
	Hidden  bool
}

type crossRow struct {
	Name  string
	Cells []crossCell
}

type crossCell struct {
	N      int
	Hidden bool
}

type countsView struct {
	head
	Figures []figureLine
	Tables  []crossTable
	Form    []page.Field
	Open    bool
	Public  string
}

type publicCountsView struct {
	Sample  bool
	Title   string
	Path    string
	Figures []figureLine
	Tables  []crossTable
	Rule    string
	States  []stateLink
}

// readCounts reads the counts of a dialogue and what others published.
func (room *Room) readCounts(tx *store.Tx, d dialogue.ID) (counts, []PublishedFigure, error) {
	facts, err := room.facts(tx, d)
	if err != nil {
		return counts{}, nil, err
	}
	others, err := room.Published(tx, d)
	return tally(facts), others, err
}

// figureLines puts our figures and those of others beside each other, in the mechanism's order.
func (room *Room) figureLines(r *page.Request, c counts, others []PublishedFigure) ([]figureLine, error) {
	var ids []ledger.ID
	for _, f := range others {
		ids = append(ids, f.Entry)
	}
	places, err := room.o.Ledger.Indexes(r.Context(), ids)
	if err != nil {
		return nil, err
	}
	var all []figureLine
	for _, k := range room.o.Mechanism.CountKinds {
		l := figureLine{Name: in(k.Name, r.Lang), Unit: r.Text("admission.unit." + string(k.Unit)), Definition: in(k.Definition, r.Lang)}
		if k.Basis != mechanism.BasisRead {
			l.Basis = r.Text("admission.basis." + string(k.Basis))
		}
		if i := slices.IndexFunc(c.Figures, func(f Figure) bool { return f.What == k.ID }); i >= 0 {
			l.Own, l.HasOwn = c.Figures[i].Number, true
		}
		for _, f := range others {
			if f.What != k.ID {
				continue
			}
			p := publishedLine{ID: f.ID, Number: f.Number, Definition: f.Definition, Source: f.Source, URL: f.URL, Entered: page.EnteredAt(places, f.Entry)}
			if t, ok := room.o.Mechanism.CountSubject(f.Of); ok {
				p.Of = in(t.Name, r.Lang)
			}
			if f.Published.Year > 0 {
				p.Published = r.Date(f.Published)
			}
			l.Others = append(l.Others, p)
		}
		l.Differ = differ(l)
		if l.HasOwn || len(l.Others) > 0 {
			all = append(all, l)
		}
	}
	return all, nil
}

// differ tells whether figures for the same subject disagree.
func differ(l figureLine) bool {
	seen := map[string]int{}
	if l.HasOwn {
		seen[""] = l.Own
	}
	for _, o := range l.Others {
		if n, ok := seen[o.Of]; ok && n != o.Number {
			return true
		}
		seen[o.Of] = o.Number
	}
	return false
}

// tables are the breakdowns by type and by region.
func (room *Room) tables(r *page.Request, c counts) []crossTable {
	typeField, _ := room.field(application.FieldType)
	t := room.tongue(r.Lang, umbrellaSight)
	typeName := func(id string) string {
		if id == "" {
			return r.Text("admission.unknown")
		}
		if name := t.value(typeField, id); name != id {
			return name
		}
		for _, term := range room.o.Mechanism.StakeholderTypes {
			if term.ID == id {
				return in(term.Name, r.Lang)
			}
		}
		return id
	}
	regionName := func(code string) string {
		if code == "" {
			return r.Text("admission.unknown")
		}
		return t.country(code)
	}
	return slices.DeleteFunc([]crossTable{
		room.crossTable(r, r.Text("admission.counts.bytype"), c.ByType, typeName),
		room.crossTable(r, r.Text("admission.counts.byregion"), c.ByRegion, regionName),
	}, func(t crossTable) bool { return len(t.Rows) == 0 })
}

func (room *Room) crossTable(r *page.Request, caption string, all []breakdown, name func(string) string) crossTable {
	table := crossTable{Caption: caption}
	keys := map[string]bool{}
	for _, b := range all {
		table.Columns = append(table.Columns, in(room.countKind(b.What).Name, r.Lang))
		for k := range b.Cells {
			keys[k] = true
		}
	}
	order := slices.SortedFunc(maps.Keys(keys), func(a, b string) int {
		return cmp.Or(cmp.Compare(number(a == ""), number(b == "")), cmp.Compare(foldName(name(a)), foldName(name(b))))
	})
	for _, k := range order {
		row := crossRow{Name: name(k)}
		for _, b := range all {
			cell := crossCell{N: b.Cells[k], Hidden: b.Cells[k] == hiddenCell}
			table.Hidden = table.Hidden || cell.Hidden
			row.Cells = append(row.Cells, cell)
		}
		table.Rows = append(table.Rows, row)
	}
	return table
}

func (room *Room) showCounts(w http.ResponseWriter, r *page.Request, actor party.Actor) error {
	return room.renderCounts(w, r, http.StatusOK, actor, nil, nil)
}

func (room *Room) renderCounts(w http.ResponseWriter, r *page.Request, status int, actor party.Actor, typed url.Values, errs page.FormErrors) error {
	v := countsView{Open: typed != nil}
	var c counts
	var others []PublishedFigure
	err := room.atDesk(r, actor, func(tx *store.Tx, d *cycle.Dialogue) (err error) {
		v.head = room.head(r, actor, d, "counts")
		v.Errors, v.Public = errs, "/dialogues/"+string(d.ID)+"/counts"
		c, others, err = room.readCounts(tx, d.ID)
		return err
	})
	if err != nil {
		return err
	}
	if v.Figures, err = room.figureLines(r, c, others); err != nil {
		return err
	}
	v.Tables, v.Form = room.tables(r, c), room.figureFields(r, typed, errs)
	return room.pages.counts.RenderStatus(w, r, status, v)
}

func (room *Room) figureFields(r *page.Request, typed url.Values, errs page.FormErrors) []page.Field {
	field := func(name string, max int, optional bool) page.Field {
		return page.Field{Name: name, Label: r.Text("admission.figure." + name), Type: "text", Value: typed.Get(name), Error: errs.Of(name), Max: max, Optional: optional, Autocomplete: "off"}
	}
	what, of := field("what", 0, false), field("of", 0, true)
	for _, k := range room.o.Mechanism.CountKinds {
		what.Choices = append(what.Choices, page.Choice{Value: k.ID, Text: in(k.Name, r.Lang), Chosen: typed.Get("what") == k.ID})
	}
	of.Choices = []page.Choice{{Value: "", Text: r.Text("admission.figure.of.all")}}
	for _, t := range room.o.Mechanism.CountSubjects {
		of.Choices = append(of.Choices, page.Choice{Value: t.ID, Text: in(t.Name, r.Lang), Chosen: typed.Get("of") == t.ID})
	}
	number, definition, address, published := field("number", 7, false), field("definition", maxReason, true), field("url", 2000, false), field("published", 0, true)
	number.Inputmode, number.LTR = "numeric", true
	definition.Rows, definition.Hint = 2, r.Text("admission.figure.definition.hint")
	address.Type, address.LTR = "url", true
	published.Type, published.LTR = "date", true
	return []page.Field{what, of, number, definition, field("source", 300, false), address, published}
}

func (room *Room) doFigure(w http.ResponseWriter, r *page.Request, actor party.Actor) error {
	form, err := page.ReadForm(w, r, maxForm)
	if err != nil {
		return err
	}
	d := dialogue.ID(r.PathValue("dialogue"))
	if id := form.Get("withdraw"); id != "" {
		if err := room.WithdrawFigure(r.Context(), actor, d, id); err != nil {
			return found(err)
		}
		return r.Redirect(w, deskPath(d)+"/counts?done=withdrawn")
	}
	err = room.AddFigure(r.Context(), actor, d, FigureData{form.Get("what"), form.Get("of"), form.Get("number"), form.Get("definition"), form.Get("source"), form.Get("url"), form.Get("published")})
	if err != nil {
		errs, err := explain(r, err)
		if err != nil {
			return err
		}
		return room.renderCounts(w, r, http.StatusUnprocessableEntity, actor, form, errs)
	}
	return r.Redirect(w, deskPath(d)+"/counts?done=figure")
}

// forEverybody reads a dialogue for a public page.
func (room *Room) forEverybody(r *page.Request, fn func(*store.Tx, *cycle.Dialogue) error) error {
	return room.o.DB.Read(r.Context(), func(tx *store.Tx) error {
		d, err := room.dialogue(tx, dialogue.ID(r.PathValue("dialogue")))
		if err != nil {
			return err
		}
		return fn(tx, d)
	})
}

func (room *Room) showPublicCounts(w http.ResponseWriter, r *page.Request) error {
	var v publicCountsView
	var c counts
	var others []PublishedFigure
	err := room.forEverybody(r, func(tx *store.Tx, d *cycle.Dialogue) (err error) {
		v = publicCountsView{Sample: d.Sample, Title: said(d.Title, r.Lang), Path: "/dialogues/" + string(d.ID), Rule: r.Text("admission.counts.rule", "N", leastShown)}
		if c, others, err = room.readCounts(tx, d.ID); err != nil {
			return err
		}
		totals, err := room.o.Applications.Totals(tx, d.ID)
		for _, s := range room.o.States {
			if n := totals[s.ID]; n > 0 && s.ID != application.Draft {
				v.States = append(v.States, stateLink{Text: said(s.Name, r.Lang), N: n})
			}
		}
		return err
	})
	if err != nil {
		return err
	}
	if v.Figures, err = room.figureLines(r, c, others); err != nil {
		return err
	}
	v.Tables = room.tables(r, c.public())
	return room.pages.public.Render(w, r, v)
}

// apiCount is a figure as programs read it.
type apiCount struct {
	What       string                 `json:"what"`
	Of         string                 `json:"of,omitempty"`
	Number     int                    `json:"number"`
	Unit       string                 `json:"unit"`
	Definition map[locale.Lang]string `json:"definition"`
	Source     apiSource              `json:"source"`
	ByType     map[string]*int        `json:"by_type,omitempty"`
	ByRegion   map[string]*int        `json:"by_region,omitempty"`
}

type apiSource struct {
	Title     string    `json:"title"`
	URL       string    `json:"url,omitempty"`
	Published string    `json:"published,omitempty"`
	Entry     ledger.ID `json:"entry,omitempty"`
}

func (room *Room) apiCounts(w http.ResponseWriter, r *page.Request) error {
	var c counts
	var others []PublishedFigure
	var sample bool
	id := dialogue.ID(r.PathValue("dialogue"))
	err := room.forEverybody(r, func(tx *store.Tx, d *cycle.Dialogue) (err error) {
		sample = d.Sample
		c, others, err = room.readCounts(tx, d.ID)
		return err
	})
	if err != nil {
		return err
	}
	c = c.public()
	list := []apiCount{}
	cells := func(all []breakdown, what string) map[string]*int {
		i := slices.IndexFunc(all, func(b breakdown) bool { return b.What == what })
		if i < 0 {
			return nil
		}
		out := map[string]*int{}
		for key, n := range all[i].Cells {
			key = cmp.Or(key, "unknown")
			out[key] = nil
			if n != hiddenCell {
				out[key] = &n
			}
		}
		return out
	}
	words := func(what string) map[locale.Lang]string {
		out := map[locale.Lang]string{}
		for _, l := range locale.Langs {
			out[l] = room.definition(what, l)
		}
		return out
	}
	for _, f := range c.Figures {
		list = append(list, apiCount{f.What, "", f.Number, string(room.countKind(f.What).Unit), words(f.What), apiSource{Title: room.o.Operator, URL: strings.TrimSuffix(room.o.Address(), "/") + "/dialogues/" + string(id) + "/counts"},
			cells(c.ByType, f.What), cells(c.ByRegion, f.What)})
	}
	for _, f := range others {
		def := words(f.What)
		if f.Definition != "" {
			def = map[locale.Lang]string{locale.English: f.Definition}
		}
		list = append(list, apiCount{f.What, f.Of, f.Number, string(room.countKind(f.What).Unit), def, apiSource{f.Source, f.URL, dayText(f.Published), f.Entry}, nil, nil})
	}
	return page.JSON(w, http.StatusOK, struct {
		Dialogue dialogue.ID `json:"dialogue"`
		Sample   bool        `json:"sample"`
		Counts   []apiCount  `json:"counts"`
	}{id, sample, list})
}
