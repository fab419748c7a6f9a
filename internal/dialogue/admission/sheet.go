package admission

import (
	"rostrum.example/format/spreadsheet"
	"rostrum.example/internal/dialogue/cycle"
	"rostrum.example/internal/locale"
)

// sheet begins a table of a dialogue. That of a sample says so in its first row.
func (room *Room) sheet(lang locale.Lang, d *cycle.Dialogue, name string) spreadsheet.Table {
	t := spreadsheet.Table{Name: name, RightToLeft: lang.Dir() == "rtl"}
	if d.Sample {
		t.Rows = append(t.Rows, []spreadsheet.Cell{textCell(room.text(lang, "admission.sample"))})
	}
	return t
}
