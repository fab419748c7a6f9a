package application

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"rostrum.example/format/mechanism"
	"rostrum.example/format/spreadsheet"
	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/dialogue/cycle"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/store"
)

// ImportOptions say how a spreadsheet is taken in.
type ImportOptions struct {
	// Mapping says which columns are which questions; nil takes the one remembered for these columns, or proposes one.
	Mapping *spreadsheet.Mapping
	// Dialogues are applied for by the rows that name none.
	Dialogues []dialogue.ID
	// Take are the rows that are taken in although something speaks against it, by their number in the file.
	Take []int
	// Lang is the language in which the applicants are written to.
	Lang locale.Lang
	// Tell writes to each applicant that the application has come in.
	Tell bool
	// DryRun looks and takes nothing in.
	DryRun bool
}

// ImportReport says what was taken in, or would be.
type ImportReport struct {
	Sheet   *spreadsheet.Sheet    `json:"-"`
	Mapping spreadsheet.Mapping   `json:"mapping"`
	File    []spreadsheet.Problem `json:"file,omitempty"`
	// Taken are the rows taken in, Known those that an earlier import took.
	Taken []ImportRow `json:"taken"`
	Known int         `json:"known"`
	// Doubts are rows that a person decides on, Refused those that cannot be taken in.
	Doubts  []ImportRow `json:"doubts"`
	Refused []ImportRow `json:"refused"`
	// Unclear are cells that were not understood.
	Unclear []ImportCell `json:"unclear"`
	// Unread are columns that have values and are no question.
	Unread []string `json:"unread,omitempty"`
	// Gaps counts the rows that lack an answer which the form requires, by question.
	Gaps map[string]int `json:"gaps,omitempty"`
}

// ImportRow is a row of the file. Why is the reason as a stable word: email, name, twice, late (doubts); noname,
// nodialogue, state (refused).
type ImportRow struct {
	Row  int    `json:"row"`
	Name string `json:"name"`
	Why  string `json:"why,omitempty"`
	ID   ID     `json:"id,omitempty"`
}

// ImportCell is a cell that was not understood. Why is word (none of the answers), long, or date.
type ImportCell struct {
	Place string `json:"place"`
	Field string `json:"field"`
	Value string `json:"value"`
	Why   string `json:"why"`
}

// Import takes applications in from a spreadsheet as submitted ones. Sensitive answers are sealed on the way; rows that
// an earlier import of the same form took are left alone. An error that is a *spreadsheet.Problem says why the file
// cannot be read, cycle.ErrNotFound that there is no such call.
func (room *Room) Import(ctx context.Context, id cycle.CallID, name string, file []byte, o ImportOptions) (*ImportReport, error) {
	book, err := spreadsheet.Read(name, bytes.NewReader(file), int64(len(file)), spreadsheet.Limits{Rows: 20_000, Cells: 1_000_000})
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(book.Sheets, func(s spreadsheet.Sheet) bool { return !s.Hidden && len(s.Rows) > 0 })
	if at < 0 {
		at = 0
	}
	if len(book.Sheets) == 0 {
		return nil, &spreadsheet.Problem{Code: spreadsheet.NoSheet, Sentence: "The workbook has no sheet with cells.", Next: "Choose the file with the table.", Refuses: true}
	}
	in := &importing{room: room, o: o, name: name, sheet: &book.Sheets[at]}
	run := room.o.DB.Write
	if o.DryRun {
		run = room.o.DB.Read
	}
	err = run(ctx, func(tx *store.Tx) error {
		in.report = &ImportReport{Sheet: in.sheet, File: book.Problems, Gaps: map[string]int{}, Taken: []ImportRow{}, Doubts: []ImportRow{}, Refused: []ImportRow{}, Unclear: []ImportCell{}}
		return in.run(tx, id)
	})
	if err != nil {
		return nil, fmt.Errorf("importing applications: %w", err)
	}
	return in.report, nil
}

// importing is one run.
type importing struct {
	room   *Room
	o      ImportOptions
	name   string
	sheet  *spreadsheet.Sheet
	call   *call
	index  map[string]int
	report *ImportReport
	// known are the rows taken in before; emails and names those of the applications that are there.
	known         map[string]bool
	emails, names map[string]bool
}

func (in *importing) run(tx *store.Tx, id cycle.CallID) (err error) {
	if in.call, err = in.room.call(tx, id, in.room.o.Clock()); err != nil {
		return err
	}
	if err := in.mapping(tx); err != nil {
		return err
	}
	if err := in.present(tx); err != nil {
		return err
	}
	for _, row := range in.sheet.Rows {
		if err := in.row(tx, row); err != nil {
			return fmt.Errorf("row %d: %w", row.Number, err)
		}
	}
	if in.o.DryRun {
		return nil
	}
	return in.room.keepMapping(tx, id, in.sheet.Columns, in.report.Mapping)
}

// mapping finds which column is which question.
func (in *importing) mapping(tx *store.Tx) error {
	if in.o.Mapping != nil {
		in.report.Mapping = *in.o.Mapping
	} else if m, ok, err := in.room.remembered(tx, in.call.ID, in.sheet.Columns); err != nil {
		return err
	} else if ok {
		in.report.Mapping = m
	} else {
		in.report.Mapping = spreadsheet.Propose(in.sheet.Columns, in.room.importFields())
	}
	in.index, _ = in.report.Mapping.Index(in.sheet.Columns)
	used := map[int]bool{}
	for _, c := range in.index {
		used[c] = true
	}
	for c, column := range in.sheet.Columns {
		if !used[c] && column.Name != "" {
			in.report.Unread = append(in.report.Unread, column.Name)
		}
	}
	return nil
}

// present reads what is there already.
func (in *importing) present(tx *store.Tx) error {
	in.known, in.emails, in.names = map[string]bool{}, map[string]bool{}, map[string]bool{}
	all, err := in.room.OfCall(tx, in.call.ID)
	if err != nil {
		return err
	}
	for _, a := range all {
		if a.Erased.IsZero() && !a.Submitted.IsZero() {
			in.emails[a.Email.Key()], in.names[fold(a.Name)] = true, true
		}
	}
	rows, err := tx.Query(rowsTaken, in.room.o.Org, in.call.ID)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var key []byte
		if err := rows.Scan(&key); err != nil {
			return err
		}
		if len(key) > 0 {
			in.known[string(key)] = true
		}
	}
	return rows.Err()
}

// cell gives the text of a row for a field.
func (in *importing) cell(row spreadsheet.Row, field string) (text string, column int) {
	c, ok := in.index[field]
	if !ok {
		return "", -1
	}
	found := row.Cell(c)
	if found.Kind == spreadsheet.Error {
		return "", c
	}
	return strings.TrimSpace(found.Text), c
}

// key tells a row apart from the others of its form, also in a later export of it.
func (in *importing) key(row spreadsheet.Row) []byte {
	parts := []string{string(in.call.ID), string(headerHash(in.sheet.Columns))}
	if id, _ := in.cell(row, columnRow); id != "" {
		parts = append(parts, id)
	} else if at, _ := in.cell(row, columnSubmitted); at != "" {
		email, _ := in.cell(row, FieldEmail)
		name, _ := in.cell(row, FieldName)
		parts = append(parts, at, strings.ToLower(email), fold(name))
	} else {
		for _, c := range row.Cells {
			parts = append(parts, c.Text)
		}
	}
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return sum[:]
}

// ended are states of registrations in other programs with which somebody does not want to come, or may not.
var ended = []string{"withdrawn", "rejected", "cancelled", "canceled", "retire", "annule", "rejete", "refuse"}

// row takes one row in.
func (in *importing) row(tx *store.Tx, row spreadsheet.Row) error {
	key := in.key(row)
	answers, hidden, unclear := in.read(row)
	report := in.report
	line := ImportRow{Row: row.Number, Name: answers.One(FieldName)}
	state, _ := in.cell(row, columnState)
	switch {
	case in.known[string(key)]:
		report.Known++
		return nil
	case line.Name == "":
		line.Why = "noname"
	case len(answers.All(FieldDialogue)) == 0:
		line.Why = "nodialogue"
	case slices.Contains(ended, fold(state)):
		line.Why = "state"
	}
	if line.Why != "" {
		report.Refused = append(report.Refused, line)
		return nil
	}
	report.Unclear = append(report.Unclear, unclear...)
	sent, at := in.room.o.Clock(), time.Time{}
	if text, c := in.cell(row, columnSubmitted); text != "" {
		var ok bool
		if at, ok = moment(text, zone(in.call.Zone)); ok {
			sent = at
		} else {
			report.Unclear = append(report.Unclear, ImportCell{in.sheet.Place(c, row.Number), columnSubmitted, clip(text), "date"})
		}
	}
	email := tidy(mechanism.FieldEmail, answers.One(FieldEmail))
	emailKey, nameKey := strings.ToLower(email), fold(line.Name)
	switch {
	case emailKey != "" && in.emails[emailKey]:
		line.Why = "email"
	case in.names[nameKey]:
		line.Why = "name"
	case !at.IsZero() && !at.Before(in.call.Deadline()):
		line.Why = "late"
	}
	if line.Why != "" && !slices.Contains(in.o.Take, row.Number) {
		report.Doubts = append(report.Doubts, line)
		return nil
	}
	if emailKey != "" {
		in.emails[emailKey] = true
	}
	in.names[nameKey], in.known[string(key)] = true, true
	for _, gap := range in.gaps(answers, hidden) {
		report.Gaps[gap]++
	}
	line.Why = ""
	if !in.o.DryRun {
		a, err := in.take(tx, answers, hidden, key, sent)
		if err != nil {
			return err
		}
		line.ID = a.ID
	}
	report.Taken = append(report.Taken, line)
	return nil
}

// gaps lists the questions that the form requires and the row does not answer.
func (in *importing) gaps(answers, hidden Answers) (ids []string) {
	both := Answers{}
	for id, a := range answers {
		both[id] = a
	}
	for id, a := range hidden {
		both[id] = a
	}
	for _, q := range in.room.form.fields {
		if q.Required && in.room.form.asked(q, both) && len(both[q.ID].Values) == 0 && len(both[q.ID].Persons) == 0 {
			ids = append(ids, q.ID)
		}
	}
	return ids
}

// read gives the answers of a row, those to be sealed apart, and the cells that were not understood.
func (in *importing) read(row spreadsheet.Row) (answers, hidden Answers, unclear []ImportCell) {
	answers, hidden = Answers{}, Answers{}
	for _, q := range in.room.form.fields {
		var a Answer
		if q.Kind == mechanism.FieldPersons {
			for i := range importPersons {
				person := map[string]string{}
				for _, sub := range q.Fields {
					var values []string
					values, unclear = in.values(row, part(q.ID, i, sub.ID), sub, unclear)
					if len(values) > 0 {
						person[sub.ID] = strings.Join(values, "\n")
					}
				}
				if len(person) > 0 {
					a.Persons = append(a.Persons, person)
				}
			}
		} else {
			a.Values, unclear = in.values(row, q.ID, q, unclear)
		}
		if q.ID == FieldDialogue && len(a.Values) == 0 {
			for _, d := range in.o.Dialogues {
				if in.call.dialogue(string(d)) != nil {
					a.Values = append(a.Values, string(d))
				}
			}
		}
		if len(a.Values) == 0 && len(a.Persons) == 0 {
			continue
		}
		if q.Sealed {
			hidden[q.ID] = a
		} else {
			answers[q.ID] = a
		}
	}
	return answers, hidden, unclear
}

// values reads one cell for a question. What is sealed is not repeated in the report.
func (in *importing) values(row spreadsheet.Row, field string, q mechanism.Field, unclear []ImportCell) ([]string, []ImportCell) {
	text, column := in.cell(row, field)
	if text == "" {
		return nil, unclear
	}
	values, unknown := in.room.understand(q, text, in.call)
	place := in.sheet.Place(column, row.Number)
	shown := clip
	if q.Sealed {
		shown = func(string) string { return "" }
	}
	for _, word := range unknown {
		unclear = append(unclear, ImportCell{place, field, shown(word), "word"})
	}
	if (q.Kind == mechanism.FieldLine || q.Kind == mechanism.FieldLines) && len(values) > 0 && utf8.RuneCountInString(values[0]) > most(q) {
		unclear = append(unclear, ImportCell{place, field, shown(values[0]), "long"})
	}
	return values, unclear
}

// clip cuts a value for a report.
func clip(s string) string {
	if utf8.RuneCountInString(s) > 80 {
		return string([]rune(s)[:79]) + "…"
	}
	return s
}

// take keeps a row as a submitted application.
func (in *importing) take(tx *store.Tx, answers, hidden Answers, key []byte, sent time.Time) (*Application, error) {
	room, now := in.room, in.room.o.Clock()
	id, err := store.NewID(room.o.Random)
	if err != nil {
		return nil, err
	}
	if hidden.One(FieldSafety) == yes || answers.One(FieldSafety) == yes {
		answers[FieldListing] = Answer{Values: []string{string(Secretariat)}}
	}
	answers = room.form.prune(answers)
	a := &Application{ID: ID(id), Call: in.call.ID, Sample: in.call.Sample, Lang: in.o.Lang, Name: answers.One(FieldName), Answers: answers,
		Listing: listing(answers), Source: in.name, Created: now, Changed: now, Submitted: sent, Version: 1, steps: map[string]saved{}}
	if !a.Lang.Known() {
		a.Lang = locale.English
	}
	a.Email = emailOf(answers)
	a.Erases = in.call.erases(a)
	if err := room.insert(tx, a, key); err != nil {
		return nil, err
	}
	if len(room.form.sealed()) > 0 {
		if err := room.keepSealed(tx, in.call.Call, a, hidden); err != nil {
			return nil, err
		}
	}
	if err := room.name(tx, in.call, a, nil); err != nil {
		return nil, err
	}
	if in.o.Tell {
		return a, room.tellReceived(tx, a, in.call)
	}
	return a, nil
}

// ImportProblem gives the problem of a file that cannot be read, if that is what an error of Import says.
func ImportProblem(err error) (*spreadsheet.Problem, bool) {
	var p *spreadsheet.Problem
	return p, errors.As(err, &p)
}
