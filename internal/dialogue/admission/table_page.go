package admission

import (
	"bytes"
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"rostrum.example/format/spreadsheet"
	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/dialogue/application"
	"rostrum.example/internal/dialogue/cycle"
	"rostrum.example/internal/page"
	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
)

type tableView struct {
	head
	All, Shown int
	States     []stateLink
	Clear      string // the address without a filter; empty where there is none
	Search     page.Field
	Facets     []page.Field
	Columns    page.Field
	Sort       string
	Open       bool // the filter is open
	Heads      []columnHead
	Rows       []tableRow
	Query      string
	Exports    bool
	// Bulk is empty for those who may do nothing with several at once.
	Bulk   page.Field
	Reason page.Field
	Sealed bool
}

type stateLink struct {
	Query, Text string
	N           int
	Current     bool
}

type columnHead struct {
	Name, Query string
	// Sorted is ascending, descending or empty, as ARIA has it.
	Sorted string
	Number bool
}

type tableRow struct {
	ID     application.ID
	Name   string
	Pick   string
	Ticked bool
	Cells  []tableCell
}

type tableCell struct {
	Text   string
	Number bool
}

// bulkActs are what can be done with several applications at once, in the order of the work.
var bulkActs = []string{Complete, application.Returned, application.WithBureau, application.NoObjection, application.Admitted, application.Declined,
	application.Registered, application.BadgeIssued, application.NoShow}

func (room *Room) showTable(w http.ResponseWriter, r *page.Request, actor party.Actor) error {
	return room.renderTable(w, r, http.StatusOK, actor, nil, nil)
}

// readLines reads the applications that a table chooses from, as far as the reader sees them.
func (room *Room) readLines(r *page.Request, actor party.Actor) (d *cycle.Dialogue, s sight, all []*line, err error) {
	err = room.o.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		if d, err = room.dialogue(tx, dialogue.ID(r.PathValue("dialogue"))); err != nil {
			return err
		}
		if s, err = see(actor, d.Scope()); err != nil {
			return err
		}
		all, err = room.lines(tx, d.ID, s)
		return err
	})
	return d, s, all, err
}

func (room *Room) renderTable(w http.ResponseWriter, r *page.Request, status int, actor party.Actor, typed url.Values, errs page.FormErrors) error {
	d, s, all, err := room.readLines(r, actor)
	if err != nil {
		return err
	}
	f, t := readFilter(r.URL.Query()), room.tongue(r.Lang, s)
	some := f.choose(all, t)
	columns := t.chosen(f)
	v := tableView{
		head: room.head(r, actor, d, "applications"), All: len(all), Shown: len(some), Open: f.narrow() && len(some) == 0,
		Query: f.values().Encode(), Exports: s >= bureauSight, Sealed: s == fullSight, Sort: f.Sort,
		Search: page.Field{Name: "q", Label: r.Text("admission.search"), Type: "search", Autocomplete: "off", Value: f.Words},
	}
	v.Errors = errs
	if f.narrow() {
		clean := filter{Sort: f.Sort, Columns: f.Columns}
		v.Clear = "?" + clean.values().Encode()
	}
	v.States = room.stateLinks(f, all, t)
	v.Facets, v.Columns = room.facets(r, f, all, t, s), columnField(r, f, t)
	for _, c := range columns {
		v.Heads = append(v.Heads, headOf(c, f))
	}
	v.Rows = make([]tableRow, 0, len(some))
	for _, l := range some {
		row := tableRow{ID: l.app.ID, Name: t.title(l.app), Pick: string(l.app.ID) + "." + strconv.Itoa(l.adm.Version), Cells: make([]tableCell, 0, len(columns)-1)}
		row.Ticked = slices.Contains(typed["pick"], row.Pick)
		for _, c := range columns[1:] {
			row.Cells = append(row.Cells, tableCell{c.value(l), c.number})
		}
		v.Rows = append(v.Rows, row)
	}
	v.Bulk, v.Reason = room.bulkFields(r, actor, d, typed, errs)
	return room.pages.table.RenderStatus(w, r, status, v)
}

// stateLinks lead to the applications in each state that there is.
func (room *Room) stateLinks(f filter, all []*line, t *tongue) []stateLink {
	count := map[string]int{}
	for _, l := range all {
		count[l.adm.State]++
	}
	var links []stateLink
	for _, s := range room.o.States {
		if count[s.ID] == 0 {
			continue
		}
		g := f
		g.States = []string{s.ID}
		current := slices.Equal(f.States, g.States)
		if current {
			g.States = nil
		}
		links = append(links, stateLink{"?" + g.values().Encode(), t.state(s.ID), count[s.ID], current})
	}
	return links
}

// facets are the fields of the filter, with what there is to choose among these applications.
func (room *Room) facets(r *page.Request, f filter, all []*line, t *tongue, s sight) []page.Field {
	var fields []page.Field
	facet := func(name string, chosen []string, word func(string) string, of func(*line) []string) {
		have := map[string]int{}
		for _, l := range all {
			for _, value := range of(l) {
				if value != "" {
					have[value]++
				}
			}
		}
		field := page.Field{Name: name, Label: r.Text("admission.filter." + name)}
		for value, n := range have {
			field.Choices = append(field.Choices, page.Choice{Value: value, Text: word(value) + " (" + strconv.Itoa(n) + ")", Chosen: slices.Contains(chosen, value)})
		}
		slices.SortFunc(field.Choices, func(a, b page.Choice) int { return cmp.Compare(foldName(a.Text), foldName(b.Text)) })
		if len(field.Choices) > 1 || len(chosen) > 0 {
			fields = append(fields, field)
		}
	}
	answered := func(field string) (func(string) string, func(*line) []string) {
		q, _ := room.field(field)
		return func(v string) string { return t.value(q, v) }, func(l *line) []string { return l.app.Answers.All(field) }
	}
	word, of := answered(application.FieldType)
	facet("type", f.Types, word, of)
	word, of = answered(subtypeField)
	facet("subtype", f.Subtypes, word, of)
	facet("region", f.Regions, t.country, func(l *line) []string { return []string{l.region, l.subregion} })
	facet("country", f.Countries, t.country, func(l *line) []string { return []string{l.one(application.FieldCountry)} })
	facet("listing", f.Listings, func(v string) string { return r.Text("admission.listing." + v) }, func(l *line) []string { return []string{string(l.app.Listing)} })
	if s >= bureauSight {
		facet("fit", f.Fits, func(v string) string { return r.Text("admission.fit." + v) }, func(l *line) []string { return []string{fitText(l.review.Fit)} })
	}
	truth := func(name, chosen string) {
		field := page.Field{Name: name, Label: r.Text("admission.filter." + name), Choices: []page.Choice{
			{Value: "", Text: r.Text("admission.filter.any"), Chosen: chosen == ""},
			{Value: "yes", Text: r.Text("admission.yes"), Chosen: chosen == "yes"}, {Value: "no", Text: r.Text("admission.no"), Chosen: chosen == "no"},
		}}
		fields = append(fields, field)
	}
	truth("speaks", f.Speaks)
	if s >= bureauSight {
		truth("travel", f.Travel)
		truth("objected", f.Objected)
		truth("first", f.First)
		truth("complete", f.Complete)
	}
	return fields
}

func columnField(r *page.Request, f filter, t *tongue) page.Field {
	field := page.Field{Name: "col", Label: r.Text("admission.columns")}
	ids := f.Columns
	if len(ids) == 0 {
		ids = usual
	}
	for _, c := range t.columns {
		if c.ID != nameColumn {
			field.Choices = append(field.Choices, page.Choice{Value: c.ID, Text: c.Name, Chosen: slices.Contains(ids, c.ID)})
		}
	}
	return field
}

func headOf(c column, f filter) columnHead {
	g, h := f, columnHead{Name: c.Name, Number: c.number}
	g.Sort = c.ID
	switch f.Sort {
	case c.ID:
		h.Sorted, g.Sort = "ascending", "-"+c.ID
	case "-" + c.ID:
		h.Sorted, g.Sort = "descending", ""
	}
	h.Query = "?" + g.values().Encode()
	return h
}

// bulkFields offer what the actor may do with several applications.
func (room *Room) bulkFields(r *page.Request, actor party.Actor, d *cycle.Dialogue, typed url.Values, errs page.FormErrors) (act, reason page.Field) {
	act = page.Field{Name: "to", Label: r.Text("admission.bulk.what"), Error: errs.Of("to")}
	for _, to := range bulkActs {
		if room.mayBulk(actor, d, to) {
			act.Choices = append(act.Choices, page.Choice{Value: to, Text: r.Text("admission.act." + to), Chosen: typed.Get("to") == to})
		}
	}
	if len(act.Choices) > 0 {
		act.Choices = append([]page.Choice{{Text: r.Text("admission.bulk.choose")}}, act.Choices...)
	}
	reason = page.Field{Name: answerReason, Label: r.Text("admission.bulk.reason"), Hint: r.Text("admission.bulk.reason.hint"), Rows: 2, Value: typed.Get(answerReason), Error: errs.Of(answerReason)}
	return act, reason
}

// mayBulk tells whether there is a state from which the actor may do this.
func (room *Room) mayBulk(actor party.Actor, d *cycle.Dialogue, to string) bool {
	actor.Fresh = true
	if to == Complete {
		return party.May(actor, party.CheckApplication, d.Scope())
	}
	return slices.ContainsFunc(room.o.States, func(s application.State) bool {
		way := room.path(s.ID, to)
		return way != nil && s.ID != application.Draft && room.mayWalk(actor, d.Scope(), s.ID, way) == nil
	})
}

type bulkView struct {
	head
	Act   string
	Made  []bulkLine
	Kept  []bulkLine
	Query string
}

type bulkLine struct {
	ID               application.ID
	Name, State, Why string
}

func (room *Room) doBulk(w http.ResponseWriter, r *page.Request, actor party.Actor) error {
	form, err := page.ReadForm(w, r, maxForm)
	if err != nil {
		return err
	}
	picks, to := readPicks(form["pick"]), form.Get("to")
	var wrong error
	if len(picks) == 0 {
		wrong = invalid("pick", "admission.bulk.nobody")
	}
	if !slices.Contains(bulkActs, to) {
		wrong = page.Collect(wrong, invalid("to", "admission.bulk.what.missing"))
	}
	var all []Outcome
	if wrong == nil {
		all, wrong = room.TakeAll(r.Context(), actor, dialogue.ID(r.PathValue("dialogue")), to, picks, map[string]string{answerReason: form.Get(answerReason)})
	}
	if wrong != nil {
		errs, err := explain(r, wrong)
		if err != nil {
			return err
		}
		return room.renderTable(w, r, http.StatusUnprocessableEntity, actor, form, errs)
	}
	v := bulkView{Act: r.Text("admission.act." + to), Query: readFilter(r.URL.Query()).values().Encode()}
	err = room.o.DB.Read(r.Context(), func(tx *store.Tx) error {
		d, err := room.dialogue(tx, dialogue.ID(r.PathValue("dialogue")))
		if err == nil {
			v.head = room.head(r, actor, d, "applications")
		}
		return err
	})
	if err != nil {
		return err
	}
	for _, o := range all {
		l := bulkLine{ID: o.Application, Name: cmp.Or(o.Name, r.Text("admission.erased")), State: stateName(room, r.Lang, o.State)}
		if o.Kept == nil {
			v.Made = append(v.Made, l)
			continue
		}
		l.Why = r.Text(o.Kept.Key, o.Kept.Pairs...) + ". " + r.Text(o.Kept.Key+".next", o.Kept.Pairs...)
		v.Kept = append(v.Kept, l)
	}
	return room.pages.bulk.Render(w, r, v)
}

// readPicks reads the ticks of a table, each an application and the version that was seen.
func readPicks(ticks []string) []Pick {
	var all []Pick
	for _, tick := range ticks {
		id, version, _ := strings.Cut(tick, ".")
		n, err := strconv.Atoi(version)
		if err == nil && id != "" && !slices.ContainsFunc(all, func(p Pick) bool { return string(p.Application) == id }) {
			all = append(all, Pick{application.ID(id), n})
		}
	}
	return all
}

// exportTable writes the table as it is filtered.
func (room *Room) exportTable(w http.ResponseWriter, r *page.Request, actor party.Actor) error {
	d, s, all, err := room.readLines(r, actor)
	if err != nil {
		return err
	}
	if s < bureauSight {
		return problem(http.StatusForbidden, "party.refused.role")
	}
	f, t := readFilter(r.URL.Query()), room.tongue(r.Lang, s)
	columns := t.chosen(f)
	sheet := room.sheet(r.Lang, d, r.Text("admission.applications"))
	for _, c := range columns {
		sheet.Columns = append(sheet.Columns, spreadsheet.Column{Name: c.Name})
	}
	sheet.Columns = append(sheet.Columns, spreadsheet.Column{Name: "ID"})
	for _, l := range f.choose(all, t) {
		var cells []spreadsheet.Cell
		for _, c := range columns {
			cells = append(cells, textCell(c.value(l)))
		}
		sheet.Rows = append(sheet.Rows, append(cells, textCell(string(l.app.ID))))
	}
	return room.sendSheet(w, r, string(d.ID)+"-applications", sheet)
}

func textCell(s string) spreadsheet.Cell {
	if s == "" {
		return spreadsheet.Cell{}
	}
	return spreadsheet.Cell{Kind: spreadsheet.Text, Text: s}
}

func numberCell(n int) spreadsheet.Cell {
	return spreadsheet.Cell{Kind: spreadsheet.Number, Text: strconv.Itoa(n)}
}

// sendSheet answers with a workbook, or with a text where the address ends so.
func (room *Room) sendSheet(w http.ResponseWriter, r *page.Request, name string, sheet spreadsheet.Table) error {
	var out bytes.Buffer
	if strings.HasSuffix(r.URL.Path, ".csv") || r.URL.Query().Get("as") == "csv" {
		if err := spreadsheet.WriteCSV(&out, sheet, ','); err != nil {
			return err
		}
		return download(w, name+".csv", "text/csv; charset=utf-8", out.Bytes())
	}
	if err := spreadsheet.WriteXLSX(&out, sheet); err != nil {
		return err
	}
	return download(w, name+".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", out.Bytes())
}
