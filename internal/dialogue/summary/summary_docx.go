package summary

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"rostrum.example/format/docx"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/page"
)

// writeDOCX writes a published summary: numbered paragraphs, footnotes with the exact words, the coverage account.
func writeDOCX(r *page.Request, v *publicView) ([]byte, error) {
	d := &docx.Document{
		Title: v.Title.Text, Language: string(r.Lang), Footer: "\t{page} / {pages}",
		Properties: map[string]string{"summary-dialogue": string(v.ID), "summary-version": strconv.Itoa(v.Number), "summary-entry": string(v.Proof.ID)},
	}
	if v.Sample {
		d.Header = r.Text("page.sample")
	}
	add := func(style docx.Style, level int, runs ...docx.Run) *docx.Paragraph {
		p := &docx.Paragraph{Style: style, Level: level, Runs: runs}
		d.Blocks = append(d.Blocks, p)
		return p
	}
	plain := func(s string) docx.Run { return docx.Run{Text: plainWords(s)} }
	if v.Sample {
		add(docx.Body, 0, docx.Run{Text: r.Text("page.sample"), Bold: true})
	}
	add(docx.Title, 0, wordsRun(r, v.Title))
	add(docx.Subtitle, 0, plain(r.Text("summary.published.on", "Date", r.Date(v.Published), "N", v.Number)))
	if v.Note != "" {
		add(docx.Body, 0, plain(r.Text("summary.corrected", "Note", v.Note)))
	}
	if v.Status != "" {
		add(docx.Body, 0, docx.Run{Text: r.Text("summary.status." + string(v.Status)), Italic: true})
	}
	for _, s := range v.Sections {
		if s.Heading != nil {
			add(docx.Heading, 1, wordsRun(r, *s.Heading))
		}
		for _, b := range s.Blocks {
			p := add(docx.ListItem, 1, wordsRun(r, b.Words))
			p.Numbered, p.List, p.Anchors = true, 1, []string{string(b.ID)}
			if b.Words.Lang != r.Lang {
				p.Language = string(b.Words.Lang)
			}
			if b.Kind == MainPoint {
				p.Runs[0].Bold = true
			}
			for _, n := range b.Notes {
				p.Runs = append(p.Runs, docx.Run{Footnote: &docx.Footnote{Paragraphs: []*docx.Paragraph{{Runs: noteRuns(r, n)}}}})
			}
			for _, a := range b.Asks {
				add(docx.Quotation, 0, docx.Run{Text: a.Label + ": ", Bold: true}, wordsRun(r, a.Words))
			}
		}
	}
	add(docx.Heading, 1, plain(r.Text("summary.account.title")))
	add(docx.Body, 0, plain(accountSays(r, v.Account.All)))
	for _, t := range v.Account.Tables {
		d.Blocks = append(d.Blocks, accountTable(r, t))
		add(docx.Body, 0)
	}
	if len(v.Account.Left) > 0 {
		add(docx.Heading, 2, plain(r.Text("summary.account.left")))
		for _, one := range v.Account.Left {
			p := add(docx.ListItem, 1, plain(one.Who+" · "+one.Language+": "))
			p.Runs = append(p.Runs, wordsRun(r, *one.Reason))
		}
	}
	add(docx.Heading, 1, plain(r.Text("summary.proof")))
	add(docx.Body, 0, plain(proofSays(r, v)))
	add(docx.Body, 0, plain("rostrum verify "+v.VerifyTarget))
	var out bytes.Buffer
	if err := docx.Write(&out, d); err != nil {
		return nil, fmt.Errorf("writing the summary of %s: %w", v.ID, err)
	}
	return out.Bytes(), nil
}

func wordsRun(r *page.Request, w wordsView) docx.Run {
	run := docx.Run{Text: plainWords(w.Text)}
	if w.Lang != r.Lang {
		run.Language, run.Direction = string(w.Lang), direction(w.Lang)
	}
	return run
}

func direction(lang locale.Lang) docx.Direction {
	if lang.Dir() == "rtl" {
		return docx.RightToLeft
	}
	return docx.LeftToRight
}

// noteRuns is a footnote: the exact words, who said them, where they stand.
func noteRuns(r *page.Request, n noteView) []docx.Run {
	runs := []docx.Run{{Text: "“" + plainWords(n.Quote.Text) + "”", Language: string(n.Quote.Lang), Direction: direction(n.Quote.Lang)}, {Text: " " + plainWords(n.Who+", "+n.Language)}}
	if n.Translated != "" {
		runs = append(runs, docx.Run{Text: " (" + r.Text("summary.status."+string(n.Translated)) + ")"})
	}
	if n.Path != "" {
		address := r.Base() + r.Link(n.Path)
		runs = append(runs, docx.Run{Text: ". "}, docx.Run{Text: address, Link: address, Direction: docx.LeftToRight})
	}
	return runs
}

// plainWords leaves out the isolates, which word processors have no use for.
func plainWords(s string) string { return strings.NewReplacer("\u2068", "", "\u2069", "").Replace(s) }

func accountTable(r *page.Request, t tableView) *docx.Table {
	cell := func(s string) docx.Cell {
		return docx.Cell{Blocks: []docx.Block{&docx.Paragraph{Runs: []docx.Run{{Text: plainWords(s)}}}}}
	}
	table := &docx.Table{Caption: t.Caption, Rows: []docx.Row{{Header: true, Cells: []docx.Cell{
		cell(t.Caption), cell(r.Text("summary.account.sources")), cell(r.Text("summary.account.reflected")), cell(r.Text("summary.account.omitted")),
	}}}}
	for _, row := range t.Rows {
		table.Rows = append(table.Rows, docx.Row{Cells: []docx.Cell{cell(row.Name), cell(strconv.Itoa(row.Sources)), cell(strconv.Itoa(row.Reflected)), cell(strconv.Itoa(row.Omitted))}})
	}
	return table
}

func accountSays(r *page.Request, s shareView) string {
	return r.Text("summary.account.says", "Sources", s.Sources, "Reflected", s.Reflected, "Omitted", s.Omitted)
}

func proofSays(r *page.Request, v *publicView) string {
	if v.Proof.Pending {
		return r.Text("summary.proof.pending", "ID", string(v.Proof.ID))
	}
	return r.Text("summary.proof.entry", "Index", v.Proof.Number(), "ID", string(v.Proof.ID), "Address", v.VerifyTarget+r.Link("/record/"+strconv.FormatInt(v.Proof.Index, 10)))
}
