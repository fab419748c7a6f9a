package summary

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"rostrum.example/format/docx"
	"rostrum.example/internal/ledger"
	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
	"rostrum.example/internal/store/storetest"
	"rostrum.example/internal/text"
)

const at1 = "/en/desk/dialogues/exercise-2026/summary"

func TestComposerPages(t *testing.T) {
	g := newRig(t, storetest.SQLite(t))
	g.inputs()
	g.get("", at1).wants(http.StatusForbidden)
	g.get("contact", at1).wants(http.StatusForbidden)
	g.get("chair", at1).wants(200, "6 interventions and inputs", "This is a sample")
	g.post("chair", at1, "lang", "xx").wants(422, "Choose one of the languages")
	g.post("chair", at1, "lang", "en", "langs", "fr", "langs", "ar").leadsTo(at1 + "?done=begun")
	g.post("chair", at1, "lang", "en").wants(422, "was begun already")
	g.get("chair", at1).wants(200, "Inputs not yet used", "6 are not accounted for", "Data and evidence", "Sample Shelter Network", "no. 2")
	g.get("chair", at1+"?need=technology").wants(200, "Platforms see recruitment").without("Los programas")
	g.get("chair", at1+"?lang=es").wants(200, "Los programas").without("Platforms see recruitment")

	one := g.source("one")
	source := sourceQuery(one.ID)
	p := g.get("chair", source).wants(200, "We keep records of everyone", "No point has words in common")
	to := "new-" + string(g.section("data_evidence"))
	cite := func(pairs ...string) answer {
		return g.post("chair", at1+"/source", append([]string{"id", one.ID, "entry", p.hidden("entry"), "do", "cite"}, pairs...)...)
	}
	cite("exact", "", "to", to).wants(422, "Mark or copy the words")
	cite("exact", "We keep records", "to", "").wants(422, "Choose where the quotation belongs")
	cite("exact", "We keep the records of everyone who comes to our shelters", "to", to).wants(422, "do not stand in the source", "We keep records of everyone who comes to our shelters", "Quote these words instead")
	cite("exact", "add", "to", to).wants(422, "stand in the source 2 times", "This place is meant", "let us add them")
	made := cite("exact", "Nobody has  ever\r\nasked us for them.", "to", to).leadsTo(at1 + "/blocks/")
	block, _, _ := strings.Cut(strings.TrimPrefix(made.Header().Get("Location"), at1+"/blocks/"), "?")
	b := g.block(text.BlockID(block))
	if len(b.Citations) != 1 || b.Citations[0].Quote.Exact != "Nobody has ever asked us for them." || b.Kind != text.Point {
		t.Fatalf("the new point is %+v", b)
	}
	cite("exact", "Nobody has ever asked us for them.", "to", block).wants(422, "rests on this quotation already")
	g.get("chair", source).wants(200, "<mark>Nobody has ever asked us for them.</mark>", "Quoted in", "Paragraph 1").without("Why it is left out")
	g.get("chair", at1).wants(200, "Nothing is written here", "5 are not accounted for", "1 error keeps it")

	save := func(basis string, pairs ...string) answer {
		return g.post("chair", at1+"/blocks/"+block, append([]string{"basis", basis, "kind", "point"}, pairs...)...)
	}
	basis := g.get("chair", at1+"/blocks/"+block).wants(200, "Nobody has ever asked us for them.", "Other languages").hidden("basis")
	save(basis, "text-en", strings.Repeat("a", maxWords+1)).wants(422, "at most 6,000 characters", "Error:")
	save(basis, "text-en", "Records are kept that nobody asks for.", "text-fr", "Des registres sont tenus que nul ne demande.", "status-fr", "machine").leadsTo(at1 + "?done=saved#b-" + block)
	if b = g.block(text.BlockID(block)); b.Text["fr"].Status != text.Machine || b.Text["fr"].Of != text.Fingerprint(b.Text["en"].Text) || len(b.Citations) != 1 {
		t.Errorf("what was saved is %+v", b)
	}
	// The second of two people who had the same words before them sees both, and can save what both wrote.
	clash := save(basis, "text-en", "Records are kept, and nobody asks for them.").wants(http.StatusConflict, "Somebody else has changed this paragraph too", "Their change", "Your change", "<ins>")
	if g.block(text.BlockID(block)).Text["en"].Text != "Records are kept that nobody asks for." {
		t.Error("the second writer overwrote the first")
	}
	save(clash.hidden("basis"), "text-en", "Records are kept, and nobody asks for them.", "text-fr", "Des registres sont tenus que nul ne demande.", "status-fr", "machine").leadsTo(at1)
	g.get("chair", at1+"/blocks/"+block).wants(200, "The text has changed since it was translated", "What happened to it")
	basis = g.get("chair", at1+"/blocks/"+block).hidden("basis")
	save(basis, "text-en", "Records are kept, and nobody asks for them.", "text-fr", "Des registres sont tenus que nul ne demande.", "status-fr", "unofficial", "of-fr", "yes").leadsTo(at1)
	if b = g.block(text.BlockID(block)); b.Text.Behind("fr", "en") {
		t.Error("a translation that is still right counts as behind")
	}
	g.post("chair", at1+"/blocks/"+block, "basis", "1000", "kind", "recommendation", "text-en", "Ask for them.", "date", "soon").wants(422, "Give a day, a month or a year")

	// Leaving out.
	five := g.source("five")
	omit := func(pairs ...string) answer {
		return g.post("chair", at1+"/source", append([]string{"id", five.ID, "do", "omit"}, pairs...)...)
	}
	omit("reason", "none").wants(422, "Choose a reason")
	omit("reason", "other").wants(422, "Say the reason in words")
	omit("reason", "procedural", "words", "It thanks the Chair.").leadsTo(at1 + "?done=omitted")
	g.get("chair", sourceQuery(five.ID)).wants(200, "It is about the conduct of the meeting. It thanks the Chair.", "Take it up again")
	d := g.read()
	if reason := d.Omissions[0].Reason; len(reason) != 1 {
		t.Errorf("words that nobody translated stand in %d languages", len(reason))
	}
	omit("reason", "procedural").leadsTo(at1 + "?done=omitted")
	if reason := g.read().Omissions[0].Reason; reason["fr"].Text != "Cela concerne la conduite de la réunion." || reason["ar"].Text == "" {
		t.Errorf("the reason is %v", reason)
	}

	// Paragraphs move, go and come back.
	other := g.post("chair", at1+"/blocks", "section", string(g.section("technology")), "kind", "paragraph").leadsTo(at1 + "/blocks/").Header().Get("Location")
	other, _, _ = strings.Cut(strings.TrimPrefix(other, at1+"/blocks/"), "?")
	g.post("chair", at1+"/blocks/"+other, "do", "up").leadsTo(at1)
	if _, s := g.read().doc().Block(text.BlockID(other)); s.Topic != "data_evidence" {
		t.Errorf("the paragraph stands under %q", s.Topic)
	}
	basis = g.get("chair", at1+"/blocks/"+other).hidden("basis")
	g.post("chair", at1+"/blocks/"+other, "do", "remove", "basis", basis).leadsTo(at1 + "?done=removed")
	g.get("chair", at1+"/blocks/"+other).wants(404)
	g.get("chair", at1).wants(200, "Removed paragraphs (1)", `name="restore" value="`+other+`"`)
	g.post("chair", at1+"/blocks", "restore", other, "section", string(g.section(""))).leadsTo(at1 + "/blocks/" + other)

	g.get("chair", at1).wants(200).without("Removed paragraphs")

	// Sections.
	g.post("chair", at1+"/sections", "heading-en", "What remains open").leadsTo(at1 + "?done=section")
	g.get("chair", at1).wants(200, "What remains open")
	g.get("chair", at1+"/sections/title").wants(200, "Summary by the Chair: Exercise dialogue")
	g.post("chair", at1+"/sections/title", "heading-en", "Summary", "basis", g.get("chair", at1+"/sections/title").hidden("basis")).leadsTo(at1)
	technology := string(g.section("technology"))
	g.post("chair", at1+"/sections/"+string(g.section("data_evidence")), "do", "remove").wants(422, "not empty")
	g.post("chair", at1+"/sections/"+technology, "do", "remove").leadsTo(at1)

	// Another entry of the record can be cited where its words can be quoted.
	g.ledger.Register("intervention", g.resolveInput)
	four := g.source("four")
	outside := *four
	g.sources = append(g.sources[:3:3], g.sources[4:]...)
	g.room.o.Citable = func(_ context.Context, subject string) (ledger.Citable, error) {
		return ledger.Citable{Title: "A finding", Address: "/findings/1", Text: outside.Texts[0].Text, Version: "1"}, nil
	}
	g.post("chair", at1+"/blocks/"+block, "do", "cite", "entry", "no such", "exact", "x").wants(422, "holds no such entry")
	g.post("chair", at1+"/blocks/"+block, "do", "cite", "entry", string(outside.Texts[0].Entry), "exact", "يجري التجنيد عبر الإنترنت").leadsTo(at1 + "/blocks/" + block)
	g.get("chair", at1+"/blocks/"+block).wants(200, "A finding")

	g.held.Open = false
	g.get("chair", at1).wants(200, "not in a state in which its summary is written").without("<button>Add")
	g.post("chair", at1+"/blocks", "section", string(g.section("")), "kind", "point").wants(http.StatusConflict)
}

func TestNearestPoints(t *testing.T) {
	g := newRig(t, storetest.SQLite(t))
	c := g.compose()
	g.say("near", "ngo", "en", "", []string{"data_evidence"}, "We work in three shelters. Every organisation keeps records in its own way, so the records cannot be added up.")
	d := g.read()
	near := d.near(&g.source("near").Texts[0], d.numbers())
	if len(near) == 0 || near[0].ID != string(c.records) || near[0].Number != 2 {
		t.Fatalf("the nearest points are %+v", near)
	}
	before := d.Edit
	g.get("chair", sourceQuery(g.source("near").ID)).wants(200, "Points that it is closest to", "A suggestion only")
	if g.read().Edit != before {
		t.Error("a suggestion has changed the draft")
	}
}

// TestRound walks a round of comments: who is written to, what they see and say, until when, and how they read answers.
func TestRound(t *testing.T) {
	eachRig(t, func(t *testing.T, g *rig) {
		c := g.compose()
		g.speakers[g.source("one").ID] = []Speaker{{"one@example.org", "en", "Sample Shelter Network"}}
		g.speakers[g.source("three").ID] = []Speaker{{"three@example.org", "fr", "NGO"}}
		g.speakers[g.source("six").ID] = []Speaker{{"ONE@example.org", "en", "Sample Shelter Network"}}
		g.speakers[g.source("five").ID] = []Speaker{{"five@example.org", "fr", "Réseau d’exemple"}} // is not quoted
		edit := g.get("chair", at1+"/round").wants(200, "3 of 4 quoted inputs").hidden("edit")
		g.post("chair", at1+"/round", "do", "open", "edit", edit, "closes", "2026-11-01").wants(422, "Choose a day that lies ahead")
		g.post("chair", at1+"/round", "do", "open", "edit", edit, "closes", "2026-12-04").leadsTo(at1 + "/round?done=opened")
		if len(g.mails) != 2 || g.mails[0].To != "one@example.org" || g.mails[1].Lang != "fr" || !g.mails[0].Secret {
			t.Fatalf("the messages are %+v", g.mails)
		}
		if want := time.Date(2026, 12, 4, 23, 0, 0, 0, time.UTC); !g.mails[0].Until.Equal(want) {
			t.Errorf("the message is good until %s, want %s", g.mails[0].Until, want)
		}
		g.post("chair", at1+"/round", "do", "open", "edit", "0", "closes", "2026-12-05").wants(422, "A round of comments is running")
		mine := link(t, g.mails[0])
		g.get("", mine).wants(200, "Sample Shelter Network", "Your words are quoted 2 times", "cannot be added up", "nobody adds them up", "This is a sample", "5 December 2026").without("There is no channel by which")
		g.get("", strings.Replace(mine, "key=", "key=x", 1)).wants(http.StatusGone, "no longer works")
		key := link(t, g.mails[0])
		u, _ := url.Parse(key)
		k := u.Query().Get("key")
		g.get("", mine+"&block="+string(c.records)).wants(200, "The paragraph in your words")
		g.post("", "/en/summary/comment", "key", k, "block", string(c.records), "comment", "").wants(422, "Write something first")
		g.post("", "/en/summary/comment", "key", k, "block", string(c.records), "comment", "Say that we offered them.").leadsTo("/en/summary/comment?")
		g.post("", "/en/summary/comment", "key", k, "block", string(c.records), "comment", "More exact.", "words", "Organisations keep and offer records that nobody has asked for and that cannot be added up.").leadsTo("/en/summary/comment?")
		g.get("", mine).wants(200, "Say that we offered them.", "It has not been decided yet")
		g.get("", link(t, g.mails[1])).wants(200).without("Say that we offered them.")

		// The draft moves on; the suggestion is merged with what happened since.
		g.write(c.records, english("Many organisations keep records that nobody has asked for and that cannot be added up."))
		replies := g.get("chair", at1+"/replies").wants(200, "Other words", "Say that we offered them.", "<ins>")
		id := regexp.MustCompile(`id="s-([a-z0-9]+)"`).FindStringSubmatch(replies.Body.String())[1]
		g.post("chair", at1+"/replies", "do", "reject", "id", id, "reason", "").wants(422, "Say why not")
		g.post("chair", at1+"/replies", "do", "accept", "id", id).leadsTo(at1 + "/replies?done=decided")
		if got := g.block(c.records).Text["en"].Text; got != "Many organisations keep and offer records that nobody has asked for and that cannot be added up." {
			t.Errorf("the point is now %q", got)
		}
		g.post("chair", at1+"/replies", "do", "accept", "id", id).wants(422, "decided already")
		thread := regexp.MustCompile(`id="c-([a-z0-9]+)"`).FindStringSubmatch(replies.Body.String())[1]
		g.post("chair", at1+"/replies", "do", "settle", "id", thread, "answer", "It says so now.").leadsTo(at1 + "/replies?done=answered")
		g.get("", mine).wants(200, "It says so now.", "Accepted")

		// Whoever has not answered is reminded once.
		g.pass(7 * 24 * time.Hour)
		for _, want := range []int{1, 0} {
			if n, err := g.room.Remind(t.Context()); err != nil || n != want {
				t.Errorf("reminding writes to %d, %v, want %d", n, err, want)
			}
		}
		if len(g.mails) != 3 || g.mails[2].To != "three@example.org" || !strings.HasPrefix(g.mails[2].Subject, "Rappel") {
			t.Fatalf("the reminders are %+v", g.mails[2:])
		}
		g.get("", link(t, g.mails[1])).wants(200) // the first link still works
		g.post("", "/en/summary/comment", "key", keyOf(link(t, g.mails[2])), "do", "nothing").leadsTo("/en/summary/comment?")
		g.get("chair", at1+"/round").wants(200, "2 of 2 have answered")
		g.post("chair", at1+"/round", "do", "end").leadsTo(at1 + "/round?done=ended")
		g.post("", "/en/summary/comment", "key", k, "comment", "Too late.").wants(422, "no longer taken")
		g.get("", mine).wants(200, "Comments were taken until", "It says so now.").without("I have nothing to add")
		g.pass(LinkFor)
		if _, err := g.room.Remind(t.Context()); err != nil {
			t.Fatal(err)
		}
		g.get("", mine).wants(http.StatusGone)
	})
}

func link(t *testing.T, m party.Message) string {
	t.Helper()
	found := regexp.MustCompile(`https://record\.example\.org(/\S+)`).FindStringSubmatch(m.Text)
	if found == nil {
		t.Fatalf("the message has no link:\n%s", m.Text)
	}
	return found[1]
}

func keyOf(link string) string {
	u, err := url.Parse(link)
	if err != nil {
		return ""
	}
	return u.Query().Get("key")
}

// TestFileLeavesAndComesBack holds that tracked changes of a file become suggestions, once, and that nothing is accepted
// unseen.
func TestFileLeavesAndComesBack(t *testing.T) {
	g := newRig(t, storetest.SQLite(t))
	c := g.compose()
	g.post("chair", at1+"/versions", "edit", "1", "note", "too early").wants(422, "has changed since you looked at it")
	edit := g.get("chair", at1+"/versions").hidden("edit")
	g.post("chair", at1+"/versions", "edit", edit, "note", "For the Co-Chair").leadsTo(at1 + "/versions?done=fixed")
	file := g.get("chair", at1+"/versions/1/draft.docx?lang=en")
	if file.Code != 200 || !strings.Contains(file.Header().Get("Content-Disposition"), "exercise-2026-summary-draft-1-en.docx") {
		t.Fatalf("the file is %d %v", file.Code, file.Header())
	}
	back, err := docx.Read(bytes.NewReader(file.Body.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(strings.Join(back.Text(docx.Accepted), "\n"), "Records that are kept by twelve organisations") {
		t.Error("the footnotes do not have the exact words")
	}
	by := &docx.Change{Author: "Sample Reviewer", Date: time.Date(2026, 11, 26, 0, 0, 0, 0, time.UTC)}
	changed := false
	for p := range back.Paragraphs() {
		for i := range p.Runs {
			if strings.HasPrefix(p.Runs[i].Text, "Programmes are hardly") {
				last := p.Runs[i]
				p.Runs = append([]docx.Run{{Text: "Existing programmes", Inserted: by}, {Text: "Programmes", Deleted: by}}, p.Runs...)
				p.Runs[i+2] = last
				p.Runs[i+2].Text = strings.TrimPrefix(last.Text, "Programmes")
				changed = true
				break
			}
		}
	}
	if !changed {
		t.Fatal("the file does not have the point")
	}
	var out bytes.Buffer
	g.must(docx.Write(&out, back))
	g.upload("chair", at1+"/returned", out.Bytes()).wants(200, "1 new suggestion", "From version 1, English")
	g.upload("chair", at1+"/returned", out.Bytes()).wants(200, "0 new suggestions", "1 was taken in before")
	if got := g.block(c.programmes).Text["en"].Text; got != "Programmes are hardly ever evaluated." {
		t.Errorf("the draft has changed to %q", got)
	}
	replies := g.get("chair", at1+"/replies").wants(200, "Sample Reviewer", "from a Word file", "Existing")
	id := regexp.MustCompile(`id="s-([a-z0-9]+)"`).FindStringSubmatch(replies.Body.String())[1]
	// Where the same words have changed since, the Chair chooses them.
	g.write(c.programmes, english("Most programmes are hardly ever evaluated."))
	g.post("chair", at1+"/replies", "do", "accept", "id", id).wants(422, "Choose the words yourself", "Most programmes")
	g.post("chair", at1+"/replies", "do", "accept", "id", id, "final", "Most existing programmes are hardly ever evaluated.").leadsTo(at1 + "/replies")
	if got := g.block(c.programmes).Text["en"].Text; got != "Most existing programmes are hardly ever evaluated." {
		t.Errorf("the draft says %q", got)
	}
	g.upload("chair", at1+"/returned", []byte("no file of a word processor")).wants(422)
	g.upload("chair", at1+"/returned", plainDOCX(t)).wants(422, "not made from a version of this summary")
	g.get("chair", at1+"/versions?from=1&to=0").wants(200, "<ins>", "existing", "Paragraph under: Data and evidence")
	g.get("chair", at1+"/versions/7/draft.docx").wants(404)
	g.post("stale", at1+"/versions", "sign", "1").wants(422)
	g.post("cochair", at1+"/versions", "sign", "1").leadsTo(at1 + "/versions?done=signed")
	g.get("chair", at1+"/versions").wants(200, "Signed by the Chair")
}

func plainDOCX(t *testing.T) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := docx.Write(&out, &docx.Document{Blocks: []docx.Block{&docx.Paragraph{Runs: []docx.Run{{Text: "A letter."}}}}}); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestPublishedSummary(t *testing.T) {
	g := newRig(t, storetest.SQLite(t))
	c := g.compose()
	g.get("", "/en/dialogues/exercise-2026/summary").wants(404)
	if got := key(g.db.Read(t.Context(), func(tx *store.Tx) error { return g.room.Gate(tx, sampleID) })); got != "summary.problem.unpublished" {
		t.Errorf("the gate answers %q", got)
	}
	edit := g.get("chair", at1+"/publish").wants(200, "Nothing stands in the way", "Sign and publish").hidden("edit")
	g.get("stale", at1+"/publish").leadsTo("/en/sign-in")
	g.post("stale", at1+"/publish", "edit", edit).wants(422)
	g.post("chair", at1+"/publish", "edit", edit).leadsTo("/en/dialogues/exercise-2026/summary")
	g.get("", "/en/dialogues/exercise-2026/summary").wants(200, "being entered in the public record")
	g.settle()
	g.pass(2 * time.Second)
	g.must(g.db.Read(t.Context(), func(tx *store.Tx) error { return g.room.Gate(tx, sampleID) }))
	public := g.get("", "/en/dialogues/exercise-2026/summary").wants(200,
		"This is a sample", "Published on 25 November 2026", "version 1", "signed by the Chair",
		`data-says="text.en.text">Organisations keep records`, `data-says="citations.0.selector.exact">Records that are kept by twelve`,
		"Sample Shelter Network", "Academia", "Español", `data-says="all.reflected" data-value="4"`, "Left out, and why", "The law-gap matrix takes it up.",
		"It is about the conduct of the meeting.", "A published list of contact points", "October 2027")
	if n := strings.Count(public.Body.String(), "data-entry="); n != 7 {
		t.Errorf("%d elements name an entry, want 5 paragraphs, the account and the whole", n)
	}
	g.get("", "/ar/dialogues/exercise-2026/summary").wants(200, `dir="rtl"`, "ينبغي للدول أن تسمّي جهة اتصال للمنصات.", `lang="en" dir="ltr" data-says="text.en.text">Organisations`, "ترجمة آلية")
	g.get("", "/fr/dialogues/exercise-2026/summary").wants(200, "Les États devraient désigner", "n’existent pas dans votre langue", "ONG")

	var api apiSummary
	for _, path := range []string{"/api/v1/dialogues/exercise-2026/summary", "/en/dialogues/exercise-2026/summary.json"} {
		api = apiSummary{}
		if err := json.Unmarshal(g.get("", path).wants(200).Body.Bytes(), &api); err != nil {
			t.Fatal(err)
		}
		if len(api.Points) != 4 || len(api.Paragraphs) != 5 || api.Coverage.All.Omitted != 2 || !api.Sample || api.Entry.Index == nil || len(api.Points[0].Citations) != 2 || api.Points[0].Citations[0].Selector.Type != "TextQuoteSelector" {
			t.Errorf("%s gives %+v", path, api)
		}
	}
	g.get("", "/api/v1/dialogues/none/summary").wants(404, `"status": 404`)

	file := g.get("", "/en/dialogues/exercise-2026/summary.docx").wants(200)
	d, err := docx.Read(bytes.NewReader(file.Body.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	notes := 0
	for range d.Footnotes() {
		notes++
	}
	all := strings.Join(d.Text(docx.Accepted), "\n")
	if notes != 5 || !strings.Contains(d.Header, "This is a sample") {
		t.Errorf("the file has %d footnotes, want 5; its header is %q", notes, d.Header)
	}
	for _, want := range []string{"“casi nunca se evalúan” Academia, Español", "Left out, and why", "This is a sample", "6 inputs: 4 reflected, 2 left out", "rostrum verify"} {
		if !strings.Contains(all, want) {
			t.Errorf("the file does not say %q:\n%s", want, all)
		}
	}
	g.get("", "/en/dialogues/exercise-2026/summary.pdf").wants(200, "Save as PDF") // this rig has no browser

	// A correction cites what it corrects, and only what says something else is entered anew.
	g.write(c.programmes, english("Programmes are almost never evaluated."))
	_, err = g.room.Publish(t.Context(), chair, sampleID, g.read().Edit, "")
	if key(err) != "note summary.problem.note" {
		t.Errorf("a correction without a note answers %v", err)
	}
	p := g.publish("The second point said “hardly ever”.")
	g.settle()
	g.pass(2 * time.Second)
	old := api.Points[1]
	for _, b := range p.Blocks {
		e, err := g.ledger.ByID(t.Context(), b.Entry)
		g.must(err)
		if changed := b.ID == c.programmes; changed != (b.Body.Version == 2) || changed && !contains(e.Leaf.Cites, old.Entry.ID) {
			t.Errorf("block %d has version %d and cites %v", b.Number, b.Body.Version, e.Leaf.Cites)
		}
	}
	last := g.published[1]
	if last[1].Former != old.Entry.ID || !last[1].Changed || last[0].Changed || last[0].Entry != api.Points[0].Entry.ID {
		t.Errorf("handed on: %+v", last)
	}
	whole, err := g.ledger.ByID(t.Context(), p.Entry)
	if err != nil || !contains(whole.Leaf.Cites, api.Entry.ID) {
		t.Errorf("the corrected whole cites %v, %v", whole.Leaf.Cites, err)
	}
	g.get("", "/en/dialogues/exercise-2026/summary").wants(200, "almost never evaluated", "Corrected: The second point", "Version 1")
	g.get("", "/en/dialogues/exercise-2026/summary/versions/1").wants(200, "hardly ever evaluated", "older version").without("almost never")
	g.get("", "/en/dialogues/exercise-2026/summary/versions/3").wants(404)

	// What others ask of the room.
	point, err := g.ledger.Resolve(t.Context(), Subject(sampleID, c.programmes))
	if err != nil || point.Text != "Programmes are almost never evaluated." || point.Version != "2" {
		t.Errorf("what can be cited is %+v, %v", point, err)
	}
	trace, err := g.room.Trace(t.Context(), sampleID, c.records)
	if err != nil || len(trace.Quotes) != 2 || trace.Quotes[0].Within != "paragraphs.1" || len(trace.Left) != 1 || trace.Left[0].Reason["en"].Text != "It is about the conduct of the meeting." {
		t.Errorf("the trace is %+v, %v", trace, err)
	}
	var cited []Citation
	g.must(g.db.Read(t.Context(), func(tx *store.Tx) (err error) {
		cited, _, err = g.room.Citations(tx, sampleID, g.source("three").ID)
		return err
	}))
	if len(cited) != 2 || cited[0].Number != 4 {
		t.Errorf("where an input went: %+v", cited)
	}
	g.must(g.db.Write(t.Context(), func(tx *store.Tx) error { return g.room.ErasePerson(tx, party.Person{ID: "chair"}) }))
	g.must(g.db.Read(t.Context(), func(tx *store.Tx) error {
		left, err := g.room.ExportPerson(tx, party.Person{ID: "chair"})
		if left != nil {
			t.Errorf("after the erasure is left %v", left)
		}
		return err
	}))
}

// TestVerifyFindsChanges holds that one changed byte, on the pages' side or in what they quote, is found and named.
func TestVerifyFindsChanges(t *testing.T) {
	for _, test := range []struct{ name, statement, want string }{
		{"nothing", "", ""},
		{"a word of a point", `update summary_block set body = replace(body, 'hardly', 'always')`, "the pages show other words of the summary of exercise-2026"},
		{"a figure of the account", `update summary_version set account = replace(account, '"reflected":4', '"reflected":5')`, "account"},
		{"the record does not hold what is quoted", `update summary_block set body = replace(body, 'casi nunca se', 'casi siempre se')`, "which does not stand in this entry"},
	} {
		g := newRig(t, storetest.SQLite(t))
		g.compose()
		g.publish("")
		if test.statement != "" {
			g.must(g.db.Write(t.Context(), func(tx *store.Tx) error {
				_, err := tx.Exec(test.statement)
				return err
			}))
		}
		failures, err := VerifyPublished(t.Context(), g.db, "sample")
		found := ""
		for _, f := range failures {
			found += f.Problem + "\n"
		}
		if err != nil || (test.want == "") != (found == "") || !strings.Contains(found, test.want) {
			t.Errorf("%s: verifying finds %q, %v", test.name, found, err)
		}
	}
	// A quotation of what was withdrawn since is no failure: the record says when and why.
	g := newRig(t, storetest.SQLite(t))
	g.compose()
	g.publish("")
	g.must(g.db.Write(t.Context(), func(tx *store.Tx) error {
		_, err := g.ledger.Withdraw(tx, g.source("two").Texts[0].Entry, ledger.Notice{At: "2026-11-25", Reason: "Its author asked for it."})
		return err
	}))
	if failures, err := VerifyPublished(t.Context(), g.db, "sample"); err != nil || len(failures) > 0 {
		t.Errorf("after a withdrawal, verifying finds %v, %v", failures, err)
	}
}

func TestPrint(t *testing.T) {
	browser := FindBrowser()
	if browser == "" {
		t.Skip("no Chromium is installed")
	}
	if testing.Short() {
		t.Skip("starts a browser")
	}
	g := newRig(t, storetest.SQLite(t))
	g.room.press = newPress(browser)
	g.compose()
	g.publish("")
	g.settle()
	for _, lang := range []string{"en", "ar"} {
		a := g.get("", "/"+lang+"/dialogues/exercise-2026/summary.pdf").wants(200)
		if !bytes.HasPrefix(a.Body.Bytes(), []byte("%PDF-")) || a.Header().Get("Content-Type") != "application/pdf" {
			t.Errorf("%s: the file begins %q", lang, a.Body.Bytes()[:min(20, a.Body.Len())])
		}
		if dir := os.Getenv("SHOTS"); dir != "" {
			g.must(os.WriteFile(dir+"/summary-"+lang+".pdf", a.Body.Bytes(), 0o600))
		}
	}
	if len(g.room.press.prints) != 2 {
		t.Errorf("%d prints are kept", len(g.room.press.prints))
	}
}

func TestToday(t *testing.T) {
	g := newRig(t, storetest.SQLite(t))
	g.get("chair", "/en/today").wants(200, "Begin the summary: Exercise dialogue /desk/dialogues/exercise-2026/summary 0")
	if said := g.get("contact", "/en/today").wants(200).Body.String(); said != "" {
		t.Errorf("somebody else is told %q", said)
	}
	c := g.compose()
	if err := g.room.Begin(t.Context(), contact, sampleID, "en", nil); key(err) != "party.refused.role" {
		t.Errorf("somebody else begins a summary: %v", err)
	}
	g.must(g.room.edit(t.Context(), chair, sampleID, func(tx *store.Tx, _ Held, s summary) error {
		_, _, err := g.room.texts.Comment(tx, s.Doc, []text.Comment{{Part: string(c.records), Lang: "en", Text: "A remark.", Author: text.Author{Name: "Sample"}}})
		return err
	}))
	g.get("chair", "/en/today").wants(200, "Write the summary", "Suggestions and comments wait: Exercise dialogue /desk/dialogues/exercise-2026/summary/replies 1").without("Begin")
	g.publish("")
	g.get("chair", "/en/today").wants(200, "Suggestions and comments wait").without("Write the summary")
}
