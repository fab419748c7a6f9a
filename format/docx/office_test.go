package docx

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// convert lets LibreOffice convert a file, with a profile of its own.
func convert(t *testing.T, file, to string) string {
	t.Helper()
	if testing.Short() {
		t.Skip("conversions take seconds")
	}
	office, err := exec.LookPath("soffice")
	if err != nil {
		t.Skip("LibreOffice (soffice) is not installed: what survives an edit in it is not checked")
	}
	out := t.TempDir()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	home := t.TempDir()
	cmd := exec.CommandContext(ctx, office, "-env:UserInstallation=file://"+filepath.ToSlash(home), "--headless", "--convert-to", to, "--outdir", out, file)
	cmd.Env = append(os.Environ(), "HOME="+home)
	said, err := cmd.CombinedOutput()
	name := strings.TrimSuffix(filepath.Base(file), filepath.Ext(file)) + "." + to
	if _, missing := os.Stat(filepath.Join(out, name)); err != nil || missing != nil {
		t.Fatalf("converting to %s: %v\n%s", to, err, said)
	}
	return filepath.Join(out, name)
}

// facts lists what must survive an edit.
func facts(d *Document) []string {
	list := []string{"title " + d.Title, "language " + d.Language, "header " + d.Header, "footer " + d.Footer, fmt.Sprint("properties ", d.Properties, " track ", d.Track)}
	covered, anchored := map[int]string{}, map[string]string{}
	change := func(what, text string, c *Change) {
		if c != nil {
			list = append(list, fmt.Sprintf("%s %q by %s at %s", what, text, c.Author, c.Date.Format(time.RFC3339)))
		}
	}
	var see func(p *Paragraph)
	see = func(p *Paragraph) {
		language, _, _ := strings.Cut(p.Language, "-")
		list = append(list, fmt.Sprintf("paragraph %q anchors %v language %s rtl %v", p.Text(Marked), p.Anchors, language, p.Direction.is(p.Language)))
		change("inserted end", "", p.Inserted)
		change("deleted end", "", p.Deleted)
		for i := range p.Runs {
			r := &p.Runs[i]
			change("inserted", r.Text, r.Inserted)
			change("deleted", r.Text, r.Deleted)
			if r.Bold || r.Italic || r.Link != "" {
				list = append(list, fmt.Sprintf("run %q bold %v italic %v link %s", r.Text, r.Bold, r.Italic, r.Link))
			}
			for _, id := range r.Comments {
				covered[id] += r.Text
			}
			for _, id := range r.Anchors {
				anchored[id] += r.Text
			}
			if r.Footnote != nil {
				list = append(list, fmt.Sprintf("note, at the end %v", r.Footnote.End))
				for _, q := range r.Footnote.Paragraphs {
					see(q)
				}
			}
		}
	}
	for p := range d.Paragraphs() {
		see(p)
	}
	for id, text := range anchored {
		list = append(list, fmt.Sprintf("anchor %s on %q", id, text))
	}
	for _, c := range d.Comments {
		list = append(list, fmt.Sprintf("comment by %s (%s) at %s: %q on %q", c.Author, c.Initials, c.Date.Format(time.RFC3339), c.Text, covered[c.ID]))
	}
	for _, b := range d.Blocks {
		if t, ok := b.(*Table); ok {
			list = append(list, fmt.Sprintf("table of %d rows, header %v, inserted %v", len(t.Rows), t.Rows[0].Header, t.Rows[len(t.Rows)-1].Inserted))
		}
	}
	slices.Sort(list)
	return list
}

// TestLibreOffice sends a document through LibreOffice and OpenDocument and
// back. What it loses is said in docs/formats/docx.md.
func TestLibreOffice(t *testing.T) {
	d := sample()
	// LibreOffice 7.4 mixes up footnotes that have a comment between them: the
	// comment of the Arabic paragraph goes behind the last one.
	arabic, french := d.Blocks[18].(*Paragraph), d.Blocks[20].(*Paragraph)
	arabic.Runs[4].Comments, french.Runs[1].Comments = nil, []int{7}
	d.Comments[1].Resolved = true
	file := filepath.Join(t.TempDir(), "sample.docx")
	if err := os.WriteFile(file, written(t, d), 0o600); err != nil {
		t.Fatal(err)
	}
	back, err := os.ReadFile(convert(t, convert(t, file, "odt"), "docx"))
	if err != nil {
		t.Fatal(err)
	}
	got := read(t, back)
	for _, c := range got.Comments {
		if c.Text == "See the note." && !c.Resolved {
			t.Error("a resolved comment is open again")
		}
	}
	have, want := facts(got), facts(d.normal())
	for _, f := range want {
		if !slices.Contains(have, f) {
			t.Errorf("lost: %s", f)
		}
	}
	for _, f := range have {
		if !slices.Contains(want, f) {
			t.Errorf("new: %s", f)
		}
	}
	for _, v := range []View{Original, Accepted} {
		if a, b := strings.Join(got.Text(v), "\n"), strings.Join(d.Text(v), "\n"); a != b {
			diff(t, a, b)
		}
	}
}

// TestPDF looks for the words in what LibreOffice prints, in both directions.
func TestPDF(t *testing.T) {
	if _, err := exec.LookPath("pdftotext"); err != nil {
		t.Skip("pdftotext is not installed: the words of a printed document are not checked")
	}
	d := sample()
	for p := range d.Paragraphs() { // as a reader prints it, without changes
		for i := range p.Runs {
			p.Runs[i].Comments = nil
		}
	}
	d = d.As(Accepted)
	d.Comments = nil
	file := filepath.Join(t.TempDir(), "sample.docx")
	if err := os.WriteFile(file, written(t, d), 0o600); err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	cmd := exec.Command("pdftotext", "-raw", convert(t, file, "pdf"), "-")
	cmd.Stdout = &text
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
	said := " " + strings.Join(strings.Fields(strings.Map(func(c rune) rune {
		if c == '\u202a' || c == '\u202b' || c == '\u202c' { // marks of direction
			return -1
		}
		return c
	}, text.String())), " ")
	for _, want := range []string{
		"Sample summary of the Chair", "SAMPLE/2022/1", "Not a real document", "Speakers asked for data and evidence on push factors",
		"discussed the role of carriers", "1. First, protect people.", "(b) their families", "Civil society", "Sample source, page 4.",
		"المتحدثون", "بيانات", "البرامج", "UNTOC", "مصدر", "发言者要求提供数据和证据", "Les orateurs ont demandé des données.",
	} {
		if !strings.Contains(said, want) {
			t.Errorf("no %q in %s", want, said)
		}
	}
}
