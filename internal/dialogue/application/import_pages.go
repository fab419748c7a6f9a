package application

import (
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"rostrum.example/format/mechanism"
	"rostrum.example/format/spreadsheet"
	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/dialogue/cycle"
	"rostrum.example/internal/fileproblem"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/page"
	"rostrum.example/internal/party"
)

// maxUpload bounds a spreadsheet that is uploaded, in bytes.
const maxUpload = 8 << 20

// importView is the page on which an officer takes applications in from a spreadsheet. The file travels with the page:
// nothing of it is kept before it is taken in.
type importView struct {
	Sample   bool
	Call     string
	Action   string
	Errors   page.FormErrors
	Problems []problemLine

	Dialogues page.Field
	Lang      page.Field
	// Name and Body are the file, once it has been read.
	Name, Body string
	Columns    []columnView
	Taken      []ImportRow
	Known      int
	Doubts     []rowView
	Refused    []rowView
	Unclear    []cellView
	More       int // cells beyond those shown
	Gaps       []gapView
	Tell       bool
	Done       bool
}

type problemLine struct{ Where, What, Next string }

// columnView is a column with what it was taken for.
type columnView struct {
	page.Field
	Samples []string
	Basis   string
}

type rowView struct {
	ImportRow
	Reason string
	Chosen bool
}

type cellView struct{ Place, Field, Value, Reason string }

type gapView struct {
	Question string
	Rows     int
}

func (room *Room) mayImport(actor party.Actor) error {
	return party.Allow(actor, party.CheckApplication, party.WholeInstance())
}

func (room *Room) showImport(w http.ResponseWriter, r *page.Request, actor party.Actor) error {
	if handled, err := party.Again(w, r, room.mayImport(actor)); handled {
		return err
	}
	c, err := room.findCall(r, room.o.Clock())
	if err != nil {
		return err
	}
	return room.pages.importing.Render(w, r, room.importView(r, c, nil))
}

func (room *Room) importView(r *page.Request, c *call, chosen []string) importView {
	v := importView{Sample: c.Sample, Call: words(c.Title, r.Lang), Action: "/desk/calls/" + string(c.ID) + "/import",
		Dialogues: page.Field{Name: "dialogue", Label: r.Text("application.import.dialogues"), Hint: r.Text("application.import.dialogues.hint")},
		Lang:      page.Field{Name: "lang", Label: r.Text("application.import.lang")},
	}
	for _, d := range c.dialogues {
		id := string(d.ID)
		v.Dialogues.Choices = append(v.Dialogues.Choices, page.Choice{Value: id, Text: words(d.Title, r.Lang), Chosen: slices.Contains(chosen, id) || chosen == nil && len(c.dialogues) == 1})
	}
	for _, l := range locale.Langs {
		v.Lang.Choices = append(v.Lang.Choices, page.Choice{Value: string(l), Text: l.Name(), Chosen: l == r.Lang})
	}
	return v
}

// takeImport reads a spreadsheet and shows what would be taken in; with the button "take" it takes it in.
func (room *Room) takeImport(w http.ResponseWriter, r *page.Request, actor party.Actor) error {
	if err := room.mayImport(actor); err != nil {
		return err
	}
	c, err := room.findCall(r, room.o.Clock())
	if err != nil {
		return err
	}
	r.Body = http.MaxBytesReader(w, r.Body, 2*maxUpload)
	if err := r.ParseMultipartForm(1 << 20); err != nil {
		return &page.Problem{Status: http.StatusRequestEntityTooLarge, Key: "application.import.large", Err: err}
	}
	defer r.MultipartForm.RemoveAll()
	form := r.MultipartForm.Value
	v := room.importView(r, c, form["dialogue"])
	if l := locale.Lang(r.FormValue("lang")); l.Known() {
		page.Choose(v.Lang.Choices, string(l))
	}
	v.Tell = r.FormValue("tell") == yes
	name, file, err := room.upload(r)
	if err != nil {
		return err
	}
	if len(file) == 0 {
		v.Errors = page.FormErrors{{Field: "file", Href: "#file", Text: r.Text("application.import.nofile")}}
		return room.pages.importing.RenderStatus(w, r, http.StatusUnprocessableEntity, v)
	}
	o := ImportOptions{Lang: locale.Lang(r.FormValue("lang")), Tell: v.Tell, DryRun: r.FormValue("do") != "take"}
	for _, d := range form["dialogue"] {
		o.Dialogues = append(o.Dialogues, dialogue.ID(d))
	}
	for _, row := range form["row"] {
		if n, err := strconv.Atoi(row); err == nil {
			o.Take = append(o.Take, n)
		}
	}
	var wrong page.Invalids
	if headers := form["header"]; len(headers) > 0 {
		o.Mapping, wrong = room.chosenMapping(headers, form["column"])
		o.DryRun = o.DryRun || len(wrong) > 0
	}
	report, err := room.Import(r.Context(), c.ID, name, file, o)
	var problem *spreadsheet.Problem
	switch {
	case errors.As(err, &problem):
		what, next := fileproblem.Table(room.o.Catalogues, r.Lang, *problem)
		v.Problems = []problemLine{{problem.Place, what, next}}
		return room.pages.importing.RenderStatus(w, r, http.StatusUnprocessableEntity, v)
	case errors.Is(err, cycle.ErrNotFound):
		return page.NotFound()
	case err != nil:
		return err
	}
	if v.Errors, err = room.say(r, wrong); err != nil {
		return err
	}
	v.Done = !o.DryRun
	v.Name, v.Body = name, base64.StdEncoding.EncodeToString(file)
	room.showReport(r, &v, report, o)
	status := http.StatusOK
	if len(wrong) > 0 {
		status = http.StatusUnprocessableEntity
	}
	return room.pages.importing.RenderStatus(noStore{w}, r, status, v)
}

// upload takes the file that was just chosen, or the one that travelled with the page.
func (room *Room) upload(r *page.Request) (name string, file []byte, err error) {
	if f, header, err := r.FormFile("file"); err == nil {
		defer f.Close()
		if file, err = io.ReadAll(f); err != nil {
			return "", nil, err
		}
		if len(file) > maxUpload {
			return "", nil, problem(http.StatusRequestEntityTooLarge, "application.import.large")
		}
		name, _ = cleanLine(header.Filename)
	}
	if len(file) == 0 {
		if file, err = base64.StdEncoding.DecodeString(r.FormValue("body")); err != nil {
			return "", nil, page.Unreadable(err)
		}
		name, _ = cleanLine(r.FormValue("name"))
	}
	if name == "" {
		name = "table"
	}
	return clip(name), file, nil
}

// chosenMapping reads the mapping as the officer has corrected it.
func (room *Room) chosenMapping(headers, fields []string) (*spreadsheet.Mapping, page.Invalids) {
	m := &spreadsheet.Mapping{Format: spreadsheet.MappingFormat, Columns: []spreadsheet.Match{}}
	var wrong page.Invalids
	known := room.importFields()
	taken := map[string]bool{}
	for i, header := range headers {
		if i >= len(fields) || fields[i] == "" || header == "" {
			continue
		}
		if !slices.ContainsFunc(known, func(f spreadsheet.Field) bool { return f.ID == fields[i] }) {
			continue
		}
		if taken[fields[i]] {
			wrong = append(wrong, page.Invalid{Field: "column-" + strconv.Itoa(i), Key: "application.import.twice", Pairs: []any{"Column", header}})
			continue
		}
		taken[fields[i]] = true
		m.Columns = append(m.Columns, spreadsheet.Match{Header: header, Field: fields[i], Basis: spreadsheet.Chosen})
	}
	return m, wrong
}

// maxCells is how many cells that were not understood are shown.
const maxCells = 200

func (room *Room) showReport(r *page.Request, v *importView, report *ImportReport, o ImportOptions) {
	v.Taken, v.Known = report.Taken, report.Known
	for _, p := range report.File {
		what, next := fileproblem.Table(room.o.Catalogues, r.Lang, p)
		v.Problems = append(v.Problems, problemLine{p.Place, what, next})
	}
	basis := map[string]string{}
	field := map[string]string{}
	for _, m := range report.Mapping.Columns {
		field[fold(m.Header)], basis[fold(m.Header)] = m.Field, string(m.Basis)
	}
	options := []page.Choice{{Text: r.Text("application.import.leave")}}
	for _, f := range room.importFields() {
		options = append(options, page.Choice{Value: f.ID, Text: room.fieldName(r, f.ID)})
	}
	for c, column := range report.Sheet.Columns {
		if column.Name == "" {
			continue
		}
		one := columnView{Field: page.Field{Name: "column-" + strconv.Itoa(c), Label: column.Name, Error: v.Errors.Of("column-" + strconv.Itoa(c)),
			Choices: page.Choose(slices.Clone(options), field[fold(column.Name)])}, Basis: basis[fold(column.Name)]}
		for _, row := range report.Sheet.Rows {
			if text := row.Cell(c).Text; text != "" && len(one.Samples) < 3 {
				one.Samples = append(one.Samples, clip(strings.ReplaceAll(text, "\n", " ")))
			}
		}
		v.Columns = append(v.Columns, one)
	}
	rows := func(from []ImportRow) (all []rowView) {
		for _, row := range from {
			all = append(all, rowView{row, r.Text("application.import.why." + row.Why), slices.Contains(o.Take, row.Row)})
		}
		return all
	}
	v.Doubts, v.Refused = rows(report.Doubts), rows(report.Refused)
	for i, cell := range report.Unclear {
		if i == maxCells {
			v.More = len(report.Unclear) - maxCells
			break
		}
		v.Unclear = append(v.Unclear, cellView{cell.Place, room.fieldName(r, cell.Field), cell.Value, r.Text("application.import.cell." + cell.Why)})
	}
	for _, q := range room.form.fields {
		if n := report.Gaps[q.ID]; n > 0 {
			v.Gaps = append(v.Gaps, gapView{q.Label.In(string(r.Lang), "en").Text, n})
		}
	}
}

// fieldName names what a column can be.
func (room *Room) fieldName(r *page.Request, id string) string {
	switch id {
	case columnRow, columnSubmitted, columnState:
		return r.Text("application.import.column." + strings.TrimPrefix(id, "import_"))
	}
	q, ok := room.form.questionOf(id)
	if !ok {
		return id
	}
	name := q.Label.In(string(r.Lang), "en").Text
	if q.Kind == mechanism.FieldPersons {
		for i := range importPersons {
			for _, sub := range q.Fields {
				if part(q.ID, i, sub.ID) == id {
					return r.Text("application.person", "Number", i+1) + ": " + sub.Label.In(string(r.Lang), "en").Text
				}
			}
		}
	}
	return name
}
