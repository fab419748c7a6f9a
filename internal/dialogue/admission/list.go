package admission

import (
	"bytes"
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"rostrum.example/format/docx"
	"rostrum.example/format/spreadsheet"
	"rostrum.example/internal/dialogue/application"
	"rostrum.example/internal/dialogue/cycle"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/page"
	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
)

// list is a table on paper: the same rows become a page to print, a workbook, a text or a document.
type list struct {
	Name string
	// Notes say what stands in it, and what does not.
	Notes   []string
	Columns []string
	Rows    [][]string
}

// audience is who is to read a list of participants.
type audience string

// The audiences. Who stands on a list for them is what each organisation and person agreed to.
const (
	everybody   audience = "public"
	amongUs     audience = "participants"
	secretariat audience = "secretariat"
)

// reads tells whether a participant may stand on a list for an audience.
func (a audience) reads(p *Participant) bool {
	switch a {
	case everybody:
		return p.Listing == application.Public
	case amongUs:
		return p.Listing != application.Secretariat
	}
	return true
}

// participantList lists who is registered (provisional), or who came (final), as far as an audience may read it.
func (room *Room) participantList(lang locale.Lang, all []*Participant, to audience, final bool) list {
	l := list{Name: room.text(lang, "admission.list.participants.provisional")}
	if final {
		l.Name = room.text(lang, "admission.list.participants.final")
	}
	l.Columns = []string{room.text(lang, "admission.participant.body"), room.text(lang, "admission.participant.country"), room.text(lang, "admission.participant.name"), room.text(lang, "admission.participant.function")}
	if to == secretariat {
		l.Columns = append(l.Columns, room.text(lang, "admission.participant.email"), room.text(lang, "admission.participant.mode"), room.text(lang, "admission.participant.attended"))
	}
	hidden := 0
	for _, kind := range kinds {
		for _, p := range all {
			if p.Kind != kind || !p.Here() || final && p.Attended == "" {
				continue
			}
			if !to.reads(p) {
				hidden += p.Number
				continue
			}
			name := p.Name
			if p.Number > 1 {
				name = room.o.Catalogues.Count(lang, "admission.persons", p.Number)
			}
			row := []string{p.Body, room.countryName(lang, p.Country), name, p.Function}
			if to == secretariat {
				attended := ""
				if p.Attended != "" {
					attended = room.text(lang, "admission.attended."+string(p.Attended))
				}
				row = append(row, string(p.Email), room.text(lang, "admission.mode."+string(p.Mode)), attended)
			}
			l.Rows = append(l.Rows, row)
		}
	}
	l.Notes = append(l.Notes, room.text(lang, "admission.list.for."+string(to)))
	if hidden > 0 {
		l.Notes = append(l.Notes, room.o.Catalogues.Count(lang, "admission.list.hidden", hidden))
	}
	return l
}

func (room *Room) countryName(lang locale.Lang, code string) string {
	if code == "" {
		return ""
	}
	return room.o.Catalogues.Country(lang, code)
}

// readList makes one of the lists of a dialogue.
func (room *Room) readList(tx *store.Tx, r *page.Request, d *cycle.Dialogue, name string) (list, error) {
	participants, err := room.Participants(tx, d.ID)
	if err != nil {
		return list{}, err
	}
	q := r.URL.Query()
	switch name {
	case "participants":
		to := audience(cmp.Or(q.Get("for"), string(secretariat)))
		if !slices.Contains([]audience{everybody, amongUs, secretariat}, to) {
			return list{}, page.NotFound()
		}
		return room.participantList(r.Lang, participants, to, q.Get("final") != ""), nil
	case "speakers":
		return room.speakers(tx, r, d, participants)
	case "travel":
		return room.travellers(tx, r, d, participants)
	case "donors":
		return room.donors(tx, r, d)
	}
	return list{}, page.NotFound()
}

// speakers lists who asked to speak, and on what; once they have, that they did.
func (room *Room) speakers(tx *store.Tx, r *page.Request, d *cycle.Dialogue, all []*Participant) (list, error) {
	l := list{Name: r.Text("admission.list.speakers"), Notes: []string{r.Text("admission.list.speakers.note")},
		Columns: []string{r.Text("admission.participant.body"), r.Text("admission.participant.name"), r.Text("admission.column.type"), r.Text("admission.column.region"), r.Text("admission.column.topic"), r.Text("admission.participant.mode"), r.Text("admission.list.spoke")}}
	apps, err := room.o.Applications.OfDialogue(tx, d.ID)
	if err != nil {
		return l, err
	}
	spoke := map[ParticipantID]bool{}
	if room.o.Spoke != nil {
		if spoke, err = room.o.Spoke(tx, d.ID); err != nil {
			return l, err
		}
	}
	t := room.tongue(r.Lang, fullSight)
	kind, _ := room.field(application.FieldType)
	for _, a := range apps {
		if a.Answers.One(application.FieldSpeaks) != "yes" {
			continue
		}
		for _, p := range all {
			if p.Application != a.ID || !p.Here() {
				continue
			}
			said := ""
			if spoke[p.ID] {
				said = r.Text("admission.yes")
			}
			_, sub := regionOf(p.Country)
			l.Rows = append(l.Rows, []string{p.Body, p.Name, t.value(kind, p.Type), t.country(sub), a.Answers.One(application.FieldTopic), r.Text("admission.mode." + string(p.Mode)), said})
		}
	}
	return l, nil
}

// travellers lists who comes to the room, with what is known of the journey. It is the secretariat's alone.
func (room *Room) travellers(tx *store.Tx, r *page.Request, d *cycle.Dialogue, all []*Participant) (list, error) {
	l := list{Name: r.Text("admission.list.travel"), Notes: []string{r.Text("admission.list.travel.note")},
		Columns: []string{r.Text("admission.participant.body"), r.Text("admission.participant.country"), r.Text("admission.participant.name"), r.Text("admission.participant.email"), r.Text("admission.column.travel"), r.Text("admission.travel.asked"), r.Text("admission.travel.received"), r.Text("admission.travel.file")}}
	requests, err := room.o.Applications.TravelRequests(tx, d.ID)
	if err != nil {
		return l, err
	}
	apps, err := room.o.Applications.OfDialogue(tx, d.ID)
	if err != nil {
		return l, err
	}
	support := map[application.ID]bool{}
	for _, a := range apps {
		support[a.ID] = a.Answers.One(application.FieldTravel) == "yes"
	}
	t := room.tongue(r.Lang, fullSight)
	for _, p := range all {
		if !p.Here() || p.Mode == Remote || p.Kind != Stakeholder {
			continue
		}
		row := []string{p.Body, room.countryName(r.Lang, p.Country), p.Name, string(p.Email), r.Text("admission.no"), "", "", ""}
		if support[p.Application] {
			row[4] = r.Text("admission.yes")
		}
		for _, q := range requests {
			if p.Email != "" && q.Application == p.Application && q.Email.Key() == p.Email.Key() {
				row[5], row[6] = t.day(q.Asked), t.day(q.SealedAt)
				if !q.SealedAt.IsZero() {
					row[7] = string(q.ID) + ".age"
				}
			}
		}
		l.Rows = append(l.Rows, row)
	}
	return l, nil
}

// donors is the table of counts for those who paid: each figure with its definition, nothing about anybody.
func (room *Room) donors(tx *store.Tx, r *page.Request, d *cycle.Dialogue) (list, error) {
	c, others, err := room.readCounts(tx, d.ID)
	if err != nil {
		return list{}, err
	}
	c = c.public()
	l := list{Name: r.Text("admission.list.donors"), Notes: []string{r.Text("admission.counts.rule", "N", leastShown)},
		Columns: []string{r.Text("admission.figure.what"), r.Text("admission.figure.of"), r.Text("admission.figure.number"), r.Text("admission.figure.definition"), r.Text("admission.figure.source")}}
	own := room.o.Operator
	typeField, _ := room.field(application.FieldType)
	t := room.tongue(r.Lang, umbrellaSight)
	cells := func(what string, all []breakdown, word func(string) string) {
		for _, b := range all {
			if b.What != what {
				continue
			}
			keys := make([]string, 0, len(b.Cells))
			for k := range b.Cells {
				keys = append(keys, k)
			}
			slices.Sort(keys)
			for _, k := range keys {
				n := r.Text("admission.counts.hidden.short")
				if b.Cells[k] != hiddenCell {
					n = strconv.Itoa(b.Cells[k])
				}
				name := r.Text("admission.unknown")
				if k != "" {
					name = word(k)
				}
				l.Rows = append(l.Rows, []string{in(room.countKind(what).Name, r.Lang), name, n, "", own})
			}
		}
	}
	for _, f := range c.Figures {
		k := room.countKind(f.What)
		l.Rows = append(l.Rows, []string{in(k.Name, r.Lang), r.Text("admission.figure.of.all"), strconv.Itoa(f.Number), in(k.Definition, r.Lang), own})
		cells(f.What, c.ByType, func(v string) string { return t.value(typeField, v) })
		cells(f.What, c.ByRegion, t.country)
	}
	for _, f := range others {
		of := r.Text("admission.figure.of.all")
		if term, ok := room.o.Mechanism.CountSubject(f.Of); ok {
			of = in(term.Name, r.Lang)
		}
		l.Rows = append(l.Rows, []string{in(room.countKind(f.What).Name, r.Lang), of, strconv.Itoa(f.Number), cmp.Or(f.Definition, room.definition(f.What, r.Lang)), strings.TrimSpace(f.Source + " " + f.URL)})
	}
	return l, nil
}

type listView struct {
	head
	list
	Public  bool
	Back    string
	Options []tab
	Files   []tab
	Day     string
}

func (room *Room) showList(w http.ResponseWriter, r *page.Request, actor party.Actor) error {
	name := r.PathValue("list")
	var v listView
	var d *cycle.Dialogue
	err := room.atDesk(r, actor, func(tx *store.Tx, at *cycle.Dialogue) (err error) {
		d = at
		v = listView{head: room.head(r, actor, d, "papers"), Day: r.Date(locale.DateOf(room.o.Clock().In(d.Location())))}
		v.list, err = room.readList(tx, r, d, name)
		return err
	})
	if err != nil {
		return err
	}
	q := r.URL.Query()
	switch q.Get("as") {
	case "xlsx", "csv":
		return room.sendSheet(w, r, string(d.ID)+"-"+name, room.listSheet(r.Lang, d, v.list))
	case "docx":
		body, err := room.listDocument(r.Lang, d, v.list, v.Day)
		if err != nil {
			return err
		}
		return download(w, string(d.ID)+"-"+name+".docx", docxType, body)
	}
	path := v.Path + "/lists/" + name
	if name == "participants" {
		to := cmp.Or(q.Get("for"), string(secretariat))
		for _, a := range []audience{secretariat, amongUs, everybody} {
			for _, final := range []string{"", "1"} {
				text := room.joined(r.Lang, r.Text("admission.list.audience."+string(a)), r.Text("admission.list.provisional"))
				if final != "" {
					text = room.joined(r.Lang, r.Text("admission.list.audience."+string(a)), r.Text("admission.list.final"))
				}
				v.Options = append(v.Options, tab{path + "?for=" + string(a) + "&final=" + final, text, to == string(a) && q.Get("final") == final})
			}
		}
	}
	q.Del("as")
	for _, as := range []string{"docx", "xlsx", "csv"} {
		q.Set("as", as)
		v.Files = append(v.Files, tab{path + "?" + q.Encode(), strings.ToUpper(as), false})
	}
	return room.pages.listing.Render(w, r, v)
}

// showPublicList is the list of participants for everybody, from the day on which the programme is confirmed.
func (room *Room) showPublicList(w http.ResponseWriter, r *page.Request) error {
	var v listView
	err := room.forEverybody(r, func(tx *store.Tx, d *cycle.Dialogue) error {
		if !room.o.Cycle.Reached(d, cycle.Confirmed) {
			return problem(http.StatusNotFound, "admission.list.early")
		}
		all, err := room.Participants(tx, d.ID)
		if err != nil {
			return err
		}
		v = listView{head: head{Sample: d.Sample, Dialogue: d.ID, Title: said(d.Title, r.Lang)}, Public: true, Back: "/dialogues/" + string(d.ID),
			list: room.participantList(r.Lang, all, everybody, room.o.Cycle.Reached(d, cycle.SummaryDraft))}
		return nil
	})
	if err != nil {
		return err
	}
	return room.pages.listing.Render(w, r, v)
}

func (room *Room) listSheet(lang locale.Lang, d *cycle.Dialogue, l list) spreadsheet.Table {
	sheet := room.sheet(lang, d, l.Name)
	for _, c := range l.Columns {
		sheet.Columns = append(sheet.Columns, spreadsheet.Column{Name: c})
	}
	for _, row := range l.Rows {
		var cells []spreadsheet.Cell
		for _, c := range row {
			if n, err := strconv.Atoi(c); err == nil && strconv.Itoa(n) == c {
				cells = append(cells, numberCell(n))
				continue
			}
			cells = append(cells, textCell(c))
		}
		sheet.Rows = append(sheet.Rows, cells)
	}
	return sheet
}

// listDocument writes a list as a document, with its dialogue and day above; that of a sample says so on every page.
func (room *Room) listDocument(lang locale.Lang, d *cycle.Dialogue, l list, on string) ([]byte, error) {
	doc := &docx.Document{Title: l.Name, Language: string(lang), Header: room.o.Operator, Footer: said(d.Title, lang) + "\t{page}/{pages}"}
	if d.Sample {
		doc.Header += "\t" + room.text(lang, "admission.sample")
	}
	text := func(style docx.Style, s string) *docx.Paragraph {
		return &docx.Paragraph{Style: style, Runs: []docx.Run{{Text: s}}}
	}
	doc.Blocks = []docx.Block{text(docx.Title, l.Name), text(docx.Subtitle, room.joined(lang, said(d.Title, lang), room.daysOf(lang, d), said(d.Place, lang))), text(docx.Body, room.text(lang, "admission.list.asof", "Date", on))}
	for _, n := range l.Notes {
		doc.Blocks = append(doc.Blocks, text(docx.Body, n))
	}
	row := func(cells []string, header bool) docx.Row {
		out := docx.Row{Header: header}
		for _, c := range cells {
			p := text(docx.Body, c)
			p.Runs[0].Bold = header
			out.Cells = append(out.Cells, docx.Cell{Blocks: []docx.Block{p}})
		}
		return out
	}
	table := &docx.Table{Caption: l.Name, Rows: []docx.Row{row(l.Columns, true)}}
	for _, cells := range l.Rows {
		table.Rows = append(table.Rows, row(cells, false))
	}
	doc.Blocks = append(doc.Blocks, table)
	var out bytes.Buffer
	err := docx.Write(&out, doc)
	return out.Bytes(), err
}
