package evaluate

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// WriteText writes the report as plain text.
func (r *Report) WriteText(w io.Writer) error {
	b := bufio.NewWriter(w)
	title := r.Design.title()
	fmt.Fprintf(b, "Evaluation by %s\n\n", title)
	switch {
	case !r.Estimable:
		fmt.Fprintf(b, "Not estimable: %s.\n", r.Reason)
	case r.Finding != "":
		fmt.Fprintln(b, r.Finding)
	default:
		fmt.Fprintln(b, "No number of this report may be published; part 7 says why.")
	}
	for _, text := range r.Warnings {
		fmt.Fprintf(b, "Note: %s.\n", text)
	}
	for i, s := range r.Sections() {
		fmt.Fprintf(b, "\n%d. %s\n", i+1, s.Title)
		for _, line := range s.Lines {
			fmt.Fprintf(b, "   %s\n", line)
		}
		for _, t := range s.Tables {
			t.text(b)
		}
	}
	if err := b.Flush(); err != nil {
		return fmt.Errorf("writing report: %w", err)
	}
	return nil
}

// text writes a table in columns, the first flush left and the others right.
func (t Table) text(w io.Writer) {
	if len(t.Rows) == 0 {
		return
	}
	if t.Caption != "" {
		fmt.Fprintf(w, "   %s:\n", t.Caption)
	}
	rows := append([][]string{t.Head}, t.Rows...)
	widths := make([]int, len(t.Head))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	for _, row := range rows {
		var b strings.Builder
		for i, cell := range row {
			pad := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell))
			if i == 0 {
				b.WriteString("     " + cell + pad)
			} else {
				b.WriteString("  " + pad + cell)
			}
		}
		fmt.Fprintln(w, strings.TrimRight(b.String(), " "))
	}
}
