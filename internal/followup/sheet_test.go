package followup

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"rostrum.example/format/docx"
	"rostrum.example/format/spreadsheet"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/store"
	"rostrum.example/internal/store/storetest"
)

// given is the sheet as the desk gives it.
func (g *rig) given(actor, lang string) *docx.Document {
	g.t.Helper()
	a := g.get(actor, "/"+lang+"/desk/sheets/AT?in="+lang).wants(200)
	d, err := docx.Read(bytes.NewReader(a.Body.Bytes()))
	g.must(err)
	return d
}

// fill writes into the field of a point.
func fill(d *docx.Document, id PointID, field, text string) {
	for p := range d.Paragraphs() {
		for _, a := range anchorsOf(p) {
			if m, _, name, ok := parseAnchor(a); ok && m == mark(id) && name == field {
				p.Runs = []docx.Run{{Text: text}}
			}
		}
	}
}

func written(t testing.TB, d *docx.Document) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := docx.Write(&out, d); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func left(p *Placed) (all []string) {
	for _, l := range p.Left {
		all = append(all, strings.TrimPrefix(l.Key, "followup.left.")+": "+l.Text)
	}
	return all
}

// after puts a paragraph behind the one with a text.
func after(d *docx.Document, text, more string) {
	i := slices.IndexFunc(d.Blocks, func(b docx.Block) bool {
		p, ok := b.(*docx.Paragraph)
		return ok && strings.HasPrefix(p.Text(docx.Accepted), text)
	})
	d.Blocks = slices.Insert(d.Blocks, i+1, docx.Block(&docx.Paragraph{Runs: []docx.Run{{Text: more}}}))
}

func (g *rig) draftOf(id PointID) (a Answer) {
	g.t.Helper()
	err := g.db.Read(g.t.Context(), func(tx *store.Tx) (err error) {
		_, _, a, err = g.room.draft(tx, atOne, id, "AT", -1)
		return err
	})
	g.must(err)
	return a
}

func TestSheetComesBack(t *testing.T) {
	eachRig(t, func(t *testing.T, g *rig) {
		g.publish()
		g.put("AT")
		d := g.given("at-one", "en")
		if d.Properties["rostrum-state"] != "AT" || !strings.Contains(strings.Join(d.Text(docx.Accepted), "\n"), "This is a sample") {
			t.Errorf("the sheet is %v: %s", d.Properties, d.Text(docx.Accepted))
		}
		fill(d, data, "kind", "1")
		fill(d, data, "text", "We take it up.")
		after(d, "We take it up.", "And we mean it.") // somebody pressed Enter
		fill(d, data, "measure", "A yearly survey.")
		fill(d, data, "owner", "The sample ministry")
		fill(d, data, "date", "٢٠٢٧-١٢")
		fill(d, data, "evidence", "https://example.org/a\nhttps://example.org/b")
		fill(d, risk, "kind", "perhaps")
		fill(d, risk, "text", "Information.")
		fill(d, risk, "date", "soon")
		after(d, "Answer sheet", "Dear colleagues,")
		for p := range d.Paragraphs() {
			if p.Text(docx.Accepted) == "Protect those who speak up." && p.Style == docx.Quotation {
				p.Runs = append(p.Runs, docx.Run{Text: " Always.", Inserted: &docx.Change{Author: "A. Sample", Date: time.Date(2027, 4, 2, 0, 0, 0, 0, time.UTC)}})
			}
		}
		d.Comments = []docx.Comment{{ID: 1, Author: "A. Sample", Text: "Is this agreed?"}}
		body := written(t, d)

		placed, err := g.room.TakeSheet(t.Context(), atOne, "AT", body)
		g.must(err)
		want := []string{"comment: A. Sample: Is this agreed?", "kind: perhaps", "nowhere: Dear colleagues,", "ours: Protect those who speak up. Always.", "wrong: soon"}
		got := left(placed)
		slices.Sort(got)
		if !slices.Equal(got, want) || !slices.Equal(placed.Points, []PointID{data, risk}) {
			t.Errorf("placed %v, left %q, want %q", placed.Points, got, want)
		}
		a := g.draftOf(data)
		if a.Kind != TakesUp || a.Text["en"].Text != "We take it up.\nAnd we mean it." || a.Date != "2027-12" || len(a.Evidence) != 2 || a.Owner["en"].Text != "The sample ministry" || a.Stage != Draft {
			t.Errorf("the draft is %+v", a)
		}
		if b := g.draftOf(risk); b.Kind != "" || b.Text["en"].Text != "Information." || b.Date != "" {
			t.Errorf("the other draft is %+v", b)
		}
		if k := g.known(data); len(k.Answers) != 0 {
			t.Error("a sheet published something")
		}

		// The same sheet again: its answers have moved on.
		placed, err = g.room.TakeSheet(t.Context(), atOne, "AT", body)
		g.must(err)
		if len(placed.Points) != 0 || placed.Same != 1 || !slices.Contains(left(placed), "edit: Information.") {
			t.Errorf("the second time %v were placed, %d the same, left %q", placed.Points, placed.Same, left(placed))
		}
		// A new one in another language keeps the words of the first.
		ar := g.given("at-two", "ar")
		fill(ar, data, "kind", "2")
		fill(ar, data, "measure", "مسح سنوي")
		placed, err = g.room.TakeSheet(t.Context(), atTwo, "AT", written(t, ar))
		g.must(err)
		if a := g.draftOf(data); a.Kind != TakesUpInPart || a.Measure["ar"].Text != "مسح سنوي" || a.Measure["en"].Text != "A yearly survey." || len(placed.Left) != 0 {
			t.Errorf("the draft in two languages is %+v, left %q", a, left(placed))
		}
	})
}

func TestSheetIsRefused(t *testing.T) {
	g := newRig(t, storetest.SQLite(t))
	g.publish()
	g.put("AT", "FR")
	send := func(actor, state string, data []byte) answer {
		return g.upload(actor, "/en/desk/sheets/"+state, "s.docx", data)
	}
	good := g.given("at-one", "en")
	rename := func(anchor string) []byte {
		d := g.given("at-one", "en")
		d.Blocks[0].(*docx.Paragraph).Anchors = []string{anchor}
		return written(t, d)
	}
	send("at-one", "AT", nil).wants(422, "Choose a file")
	send("at-one", "AT", []byte("words")).wants(422)
	send("at-one", "AT", written(t, &docx.Document{Title: "Letter", Blocks: []docx.Block{&docx.Paragraph{Runs: []docx.Run{{Text: "Dear colleagues"}}}}})).wants(422, "is not an answer sheet")
	send("at-one", "AT", rename("sheet-2-at-en")).wants(422, "This is version 2 of the answer sheet")
	send("at-one", "AT", rename("sheet-1-at-xx")).wants(422, "version 1")
	send("fr-one", "FR", written(t, good)).wants(422, "the answer sheet of another State (Austria)")
	send("fr-one", "AT", written(t, good)).wants(403)
	g.get("fr-one", "/en/desk/sheets/AT").wants(403)
	g.get("at-one", "/en/desk/sheets/AT?in=xx").wants(404)
	send("at-one", "AT", written(t, good)).wants(200, "says nothing that your drafts do not say already").without("could not be placed")
	fill(good, data, "kind", "4")
	fill(good, data, "text", "Information.")
	send("at-one", "AT", written(t, good)).wants(200, "These are drafts now", "/en/desk/points/AT/"+string(data))
	// What is no longer put to the State is listed.
	foreign := g.given("at-one", "en")
	for p := range foreign.Paragraphs() {
		for i, a := range p.Anchors {
			p.Anchors[i] = strings.Replace(a, mark(risk), "0123456789", 1)
		}
	}
	fillMark(foreign, "0123456789", "text", "Lost words.")
	send("at-one", "AT", written(t, foreign)).wants(200, "not, or no longer, put to you", "Lost words.")
}

func fillMark(d *docx.Document, m, field, text string) {
	for p := range d.Paragraphs() {
		for _, a := range p.Anchors {
			if at, _, name, ok := parseAnchor(a); ok && at == m && name == field {
				p.Runs = []docx.Run{{Text: text}}
			}
		}
	}
}

// TestSheetThroughOffice holds that a sheet that LibreOffice has saved still finds its places.
func TestSheetThroughOffice(t *testing.T) {
	office, err := exec.LookPath("soffice")
	if err != nil || testing.Short() {
		t.Skip("LibreOffice is not installed here, or the run is short")
	}
	g := newRig(t, storetest.SQLite(t))
	g.publish()
	g.put("AT")
	d := g.given("at-one", "en")
	fill(d, data, "kind", "4")
	fill(d, data, "text", "Information.")
	dir := t.TempDir()
	in := filepath.Join(dir, "sheet.docx")
	g.must(os.WriteFile(in, written(t, d), 0o600))
	ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
	defer cancel()
	out := filepath.Join(dir, "out")
	cmd := exec.CommandContext(ctx, office, "-env:UserInstallation=file://"+filepath.Join(dir, "profile"), "--headless", "--convert-to", "docx:MS Word 2007 XML", "--outdir", out, in)
	if said, err := cmd.CombinedOutput(); err != nil {
		t.Skipf("LibreOffice does not run here: %v: %s", err, said)
	}
	body, err := os.ReadFile(filepath.Join(out, "sheet.docx"))
	g.must(err)
	placed, err := g.room.TakeSheet(t.Context(), atOne, "AT", body)
	g.must(err)
	if a := g.draftOf(data); a.Kind != Informs || a.Text["en"].Text != "Information." || len(placed.Left) != 0 || len(placed.Points) != 1 {
		t.Errorf("after LibreOffice the draft is %+v, left %q", a, left(placed))
	}
}

func TestKinds(t *testing.T) {
	g := newRig(t, storetest.SQLite(t))
	for text, want := range map[string]AnswerKind{
		"": "", "1": TakesUp, " 2. ": TakesUpInPart, "٣": Differs, "Gives information": Informs, "ne le reprend pas": Declines, "6. Tells of progress": Progress, "لا تأخذ بها": Declines, "４": Informs,
	} {
		if got, ok := g.room.kindOf(text); got != want || !ok {
			t.Errorf("%q is %q, %t; want %q", text, got, ok, want)
		}
	}
	for _, text := range []string{"7", "0", "yes", "1 and 2", "2. Gives information"} {
		if got, ok := g.room.kindOf(text); ok {
			t.Errorf("%q is taken for %q", text, got)
		}
	}
}

func FuzzSheet(f *testing.F) {
	anchored := func(text string, anchors ...string) *docx.Paragraph {
		return &docx.Paragraph{Anchors: anchors, Runs: []docx.Run{{Text: text}}}
	}
	f.Add(written(f, &docx.Document{Blocks: []docx.Block{anchored("Answers", "sheet-1-at-en"), anchored("Label", "o-1"), anchored("1", fieldAnchor(data, 0, "kind")), anchored("words", fieldAnchor(data, 3, "text"))}}))
	f.Add(written(f, &docx.Document{Blocks: []docx.Block{anchored("x", "sheet-2")}}))
	f.Add([]byte("PK"))
	f.Fuzz(func(t *testing.T, body []byte) {
		r, err := parseSheet(body, func(s string) bool { return s == "Label" })
		if err != nil {
			return
		}
		if r.Version == "" {
			t.Error("a document without a name is taken for a sheet")
		}
		for _, a := range r.Answers {
			if a.Edit < 0 || a.Mark == "" && len(a.Fields) > 0 {
				t.Errorf("%+v", a)
			}
			for f := range a.Fields {
				if !slices.Contains(sheetFields, f) {
					t.Errorf("a field %q", f)
				}
			}
		}
	})
}

// FuzzWords holds that what is read from a sheet's fields never breaks the reading of an answer.
func FuzzWords(f *testing.F) {
	f.Add("takes-up", "words", "2027-12", "https://example.org")
	f.Add("", "a\u202eb", "٢٠٢٧", "aaaaaaaaaaaaaaaaaaaaaaaaaa\nnothing")
	f.Fuzz(func(t *testing.T, kind, text, date, evidence string) {
		k, said, err := readAnswer(AnswerData{Kind: kind, Text: english(text), Date: latinDigits(date), Evidence: evidence})
		if err != nil {
			return
		}
		if k != "" && !slices.Contains(AnswerKinds(), k) {
			t.Errorf("a kind %q", k)
		}
		if d, err := locale.ParseDate(said.Date); said.Date != "" && (err != nil || d.String() != said.Date) {
			t.Errorf("a date %q", said.Date)
		}
	})
}

func FuzzTable(f *testing.F) {
	fields := []spreadsheet.Field{{ID: "delivery", Names: []string{"Delivery"}}, {ID: "confirmed", Names: []string{"Confirmed on"}}, {ID: "receiver", Names: []string{"Confirmed by"}}}
	var book bytes.Buffer
	if err := spreadsheet.WriteXLSX(&book, spreadsheet.Table{Name: "x", Columns: []spreadsheet.Column{{Name: "Delivery"}, {Name: "Confirmed on"}}, Rows: [][]spreadsheet.Cell{cells("a", "2027-04-01"), cells("b", "")}}); err != nil {
		f.Fatal(err)
	}
	f.Add(book.Bytes())
	f.Add([]byte("Delivery;Confirmed on\na;2027-04-01\n"))
	f.Add([]byte("Confirmed by\tDelivery\n"))
	f.Fuzz(func(t *testing.T, body []byte) {
		receipts, _, err := parseTable("t.csv", body, fields)
		if err != nil {
			return
		}
		for _, r := range receipts {
			if r.Day == "" {
				t.Error("a receipt without a day")
			}
		}
	})
}
