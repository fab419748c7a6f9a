package followup

import (
	"bytes"
	"errors"
	"strings"

	"rostrum.example/format/spreadsheet"
	"rostrum.example/internal/fileproblem"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/page"
)

// maxTable and maxRows bound a table of confirmations.
const (
	maxTable = 4 << 20
	maxRows  = 20_000
)

// tableFields are the columns of a table of deliveries, in their order.
var tableFields = []string{"delivery", "state", "point", "delivered", "reference", "confirmed", "receiver"}

// columns are the fields that are read back, with their names in every language.
func (room *Room) columns() []spreadsheet.Field {
	var all []spreadsheet.Field
	for _, id := range []string{"delivery", "confirmed", "receiver"} {
		f := spreadsheet.Field{ID: id, Names: []string{id}}
		for _, lang := range locale.Langs {
			f.Names = append(f.Names, room.o.Catalogues.Text(lang, "followup.table."+id))
		}
		all = append(all, f)
	}
	return all
}

// readTable reads which deliveries a table confirms. wrong says what keeps it from being taken, row by row.
func (room *Room) readTable(r *page.Request, name string, data []byte) (receipts []Receipt, wrong []string, err error) {
	receipts, problems, err := parseTable(name, data, room.columns())
	var refused *spreadsheet.Problem
	switch {
	case errors.As(err, &refused):
		what, next := fileproblem.Table(room.o.Catalogues, r.Lang, *refused)
		return nil, []string{what + " " + next}, nil
	case errors.Is(err, errColumns):
		return nil, nil, invalid("file", "followup.table.columns", "Delivery", r.Text("followup.table.delivery"), "Confirmed", r.Text("followup.table.confirmed"))
	case err != nil:
		return nil, nil, err
	}
	for _, p := range problems {
		what, next := fileproblem.Table(room.o.Catalogues, r.Lang, p)
		wrong = append(wrong, p.Place+": "+what+" "+next)
	}
	if len(receipts) == 0 && len(wrong) == 0 {
		return nil, nil, invalid("file", "followup.table.empty")
	}
	return receipts, wrong, nil
}

var errColumns = errors.New("the columns of the table are missing")

// parseTable reads the rows that have a day of confirmation. problems are those of cells that are read.
func parseTable(name string, data []byte, fields []spreadsheet.Field) (receipts []Receipt, problems []spreadsheet.Problem, err error) {
	book, err := spreadsheet.Read(name, bytes.NewReader(data), int64(len(data)), spreadsheet.Limits{Bytes: maxTable, Rows: maxRows, Columns: 100})
	if err != nil {
		return nil, nil, err
	}
	known := false
	for _, sheet := range book.Sheets {
		if sheet.Hidden || sheet.Header == 0 {
			continue
		}
		index, _ := spreadsheet.Propose(sheet.Columns, fields).Index(sheet.Columns)
		id, ok := index["delivery"]
		on, dated := index["confirmed"]
		if !ok || !dated {
			continue
		}
		known = true
		by, signed := index["receiver"]
		for _, row := range sheet.Rows {
			cell := row.Cell(on)
			if cell.Kind == spreadsheet.Error {
				problems = append(problems, spreadsheet.Problem{Place: sheet.Place(on, row.Number), Code: spreadsheet.ErrorCell, Value: cell.Text})
				continue
			}
			if cell.Text == "" {
				continue
			}
			one := Receipt{Delivery: strings.TrimSpace(row.Cell(id).Text), Day: strings.TrimSpace(cell.Text)}
			if day, _, ok := strings.Cut(one.Day, "T"); ok && cell.Kind == spreadsheet.Date {
				one.Day = day
			}
			if signed {
				one.Receiver = row.Cell(by).Text
			}
			receipts = append(receipts, one)
		}
	}
	if !known {
		return nil, nil, errColumns
	}
	return receipts, problems, nil
}
