package text

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"rostrum.example/internal/locale"
	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
	"rostrum.example/internal/store/storetest"
)

var _ party.Holder = (*Documents)(nil)

// rig is documents with a clock that a test moves.
type rig struct {
	*Documents
	t   *testing.T
	db  *store.DB
	now time.Time
}

func newRig(t *testing.T, db *store.DB) *rig {
	r := &rig{t: t, db: db, now: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)}
	r.Documents = New(Options{Org: "sample", Clock: func() time.Time { return r.now }, Random: rand.NewChaCha8([32]byte{1})})
	return r
}

// do runs fn in one transaction.
func (r *rig) do(fn func(tx *store.Tx) error) error {
	r.t.Helper()
	return r.db.Write(r.t.Context(), fn)
}

func (r *rig) must(fn func(tx *store.Tx) error) {
	r.t.Helper()
	if err := r.do(fn); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) draft(id DocumentID) (d *Draft) {
	r.t.Helper()
	r.must(func(tx *store.Tx) (err error) {
		d, err = r.Read(tx, id)
		return err
	})
	return d
}

func en(s string) Words { return Words{"en": {Text: s, Status: Editors}} }

// sampleSource is what the sample document quotes.
const sampleSource = "We have no comparable data on routes. Without data, programmes cannot be evaluated. We ask for data on harm."

func cite(id, source, exact string) Citation {
	return Citation{ID: CitationID(id), Source: source, Version: "1", Lang: "en", Quote: Selector{Exact: exact}}
}

// sampleDocument has one of everything.
func sampleDocument() Document {
	return Document{
		ID: "sample-summary", Kind: "summary", Lang: "en", Title: en("Sample summary of the Chair"), Sample: true,
		Sections: []Section{
			{ID: "s1", Topic: "data_evidence", Heading: en("Data and evidence"), Blocks: []Block{
				{ID: "b1", Kind: Paragraph, Text: en("This sample lists what was said.")},
				{ID: "b2", Kind: Point, Owner: "p-owner", Text: Words{
					"en": {Text: "Speakers asked for comparable data on routes and on harm.", Status: Editors},
					"fr": {Text: "Les orateurs ont demandé des données comparables.", Status: Unofficial, Of: Fingerprint("Speakers asked for comparable data on routes and on harm.")},
				}, Citations: []Citation{cite("c1", "in-1", "no comparable data on routes"), cite("c2", "in-1", "data on harm")}},
				{ID: "b3", Kind: Point, Owner: "p-owner", Text: en("Programmes should be evaluated."), Citations: []Citation{cite("c3", "in-2", "programmes cannot be evaluated")}},
			}},
			{ID: "s2", Topic: "protection", Heading: en("Protection"), Blocks: []Block{
				{ID: "b4", Kind: Recommendation, Owner: "p-owner", Text: en("States are invited to protect those who report."), Asks: &Asks{
					Actor: en("States"), Measure: en("A law that protects those who report is in force."), Date: "2028",
				}},
			}},
		},
		Omissions: []Omission{{Source: "in-3", Reason: en("It is about another convention.")}},
	}
}

func TestDraft(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		r := newRig(t, db)
		want := sampleDocument()
		r.must(func(tx *store.Tx) error {
			d, err := r.Create(tx, want, "p1")
			if err == nil && !reflect.DeepEqual(d.Document, want) {
				t.Errorf("created %+v\nwant    %+v", d.Document, want)
			}
			return err
		})
		d := r.draft(want.ID)
		if !reflect.DeepEqual(d.Document, want) {
			t.Fatalf("read %+v\nwant %+v", d.Document, want)
		}
		if err := d.Check(); err != nil {
			t.Error(err)
		}

		// The structure: a section, blocks that come, move, go and come back.
		var section SectionID
		var added BlockID
		r.must(func(tx *store.Tx) (err error) {
			if section, err = r.AddSection(tx, d.ID, Section{Topic: "technology", Heading: en("Technology")}, "s2", "p1"); err != nil {
				return err
			}
			added, err = r.AddBlock(tx, d.ID, section, "", Block{Kind: Point, Text: en("Platforms are misused."), Citations: []Citation{cite("", "in-1", "data on harm")}}, "p1")
			return err
		})
		r.must(func(tx *store.Tx) error { return r.MoveBlock(tx, d.ID, "b3", section, added, "p2") })
		r.must(func(tx *store.Tx) error { return r.MoveSection(tx, d.ID, "s2", "s1", "p2") })
		r.must(func(tx *store.Tx) error {
			return r.RemoveBlock(tx, d.ID, "b1", d.Stamps["b1"].Edit, "p2")
		})
		if got, want := shape(r.draft(d.ID).Document), fmt.Sprintf("s2[b4] s1[b2] %s[b3 %s]", section, added); got != want {
			t.Errorf("%s\nwant %s", got, want)
		}
		r.must(func(tx *store.Tx) error { return r.RestoreBlock(tx, d.ID, "b1", "s2", "", "p2") })
		if got, want := shape(r.draft(d.ID).Document), fmt.Sprintf("s2[b4 b1] s1[b2] %s[b3 %s]", section, added); got != want {
			t.Errorf("%s\nwant %s", got, want)
		}
		if b, _ := r.draft(d.ID).Block("b1"); b == nil || b.Text["en"].Text != "This sample lists what was said." {
			t.Errorf("restored %+v", b)
		}

		// Refusals leave everything as it was.
		before := r.draft(d.ID)
		for name, fn := range map[string]func(tx *store.Tx) error{
			"a section that holds blocks": func(tx *store.Tx) error { return r.RemoveSection(tx, d.ID, "s1", "p1") },
			"a block that is not there":   func(tx *store.Tx) error { return r.MoveBlock(tx, d.ID, "b9", "s1", "", "p1") },
			"a place that is not there":   func(tx *store.Tx) error { return r.MoveBlock(tx, d.ID, "b2", "s1", "b4", "p1") },
			"a block that came back":      func(tx *store.Tx) error { return r.RestoreBlock(tx, d.ID, "b1", "s1", "", "p1") },
			"a section as a block": func(tx *store.Tx) error {
				_, err := r.SaveBlock(tx, d.ID, Block{ID: "s1", Kind: Point, Text: en("x")}, before.Edit, "p1")
				return err
			},
			"another document": func(tx *store.Tx) error { _, err := r.Read(tx, "other"); return err },
			"a text that is too long": func(tx *store.Tx) error {
				_, err := r.SaveBlock(tx, d.ID, Block{ID: "b2", Kind: Point, Text: en(strings.Repeat("x", MaxText+1))}, before.Edit, "p1")
				return err
			},
			"a character that turns the line": func(tx *store.Tx) error {
				_, err := r.SaveTitle(tx, d.ID, en("a\u202eb"), before.Edit, "p1")
				return err
			},
			"a restored removal": func(tx *store.Tx) error { return r.Readmit(tx, d.ID, "in-7", "p1") },
		} {
			if err := r.do(fn); err == nil {
				t.Errorf("%s was taken", name)
			}
		}
		if after := r.draft(d.ID); !reflect.DeepEqual(before, after) {
			t.Errorf("after refusals %+v\nbefore %+v", after, before)
		}

		// Headings, title, omissions, owners.
		r.must(func(tx *store.Tx) error {
			d := before
			_, err1 := r.SaveTitle(tx, d.ID, en("Sample summary"), d.Stamps[TitlePart].Edit, "p1")
			_, err2 := r.SaveHeading(tx, d.ID, Section{ID: "s1", Topic: "data", Heading: en("Data")}, d.Stamps["s1"].Edit, "p1")
			err3 := r.Omit(tx, d.ID, Omission{Source: "in-4", Reason: en("It came too late.")}, "p1")
			err4 := r.Readmit(tx, d.ID, "in-3", "p1")
			err5 := r.Own(tx, d.ID, "b4", "p-other", "p1")
			return errors.Join(err1, err2, err3, err4, err5)
		})
		d = r.draft(d.ID)
		b4, _ := d.Block("b4")
		if d.Title["en"].Text != "Sample summary" || d.Section("s1").Topic != "data" || d.Section("s1").Heading["en"].Text != "Data" || b4.Owner != "p-other" ||
			len(d.Omissions) != 1 || d.Omissions[0].Source != "in-4" {
			t.Errorf("%+v", d.Document)
		}

		// Who changed what, when.
		var history []Change
		r.must(func(tx *store.Tx) (err error) {
			history, err = r.History(tx, d.ID, "b1", 0, 10)
			return err
		})
		var got []string
		for _, c := range history {
			got = append(got, fmt.Sprintf("%s by %s", c.What, c.By))
		}
		if want := []string{"restored by p2", "removed by p2", "created by p1"}; !slices.Equal(got, want) {
			t.Errorf("%q", got)
		}
		r.must(func(tx *store.Tx) error {
			list, err := r.List(tx, "summary")
			if err == nil && (len(list) != 1 || list[0].Title["en"].Text != "Sample summary" || !list[0].Sample) {
				t.Errorf("%+v", list)
			}
			return err
		})
	})
}

// shape writes the order of sections and blocks.
func shape(d Document) string {
	var all []string
	for _, s := range d.Sections {
		var blocks []string
		for _, b := range s.Blocks {
			blocks = append(blocks, string(b.ID))
		}
		all = append(all, fmt.Sprintf("%s[%s]", s.ID, strings.Join(blocks, " ")))
	}
	return strings.Join(all, " ")
}

func TestTwoInOneParagraph(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		r := newRig(t, db)
		r.must(func(tx *store.Tx) error { _, err := r.Create(tx, sampleDocument(), "p1"); return err })
		d := r.draft("sample-summary")
		basis := d.Stamps["b2"].Edit
		save := func(by party.PersonID, basis int, change func(*Block)) (edit int, err error) {
			b, _ := d.Block("b2")
			mine := *b
			mine.Text = Words{}
			for lang, w := range b.Text {
				mine.Text[lang] = w
			}
			mine.Citations = slices.Clone(b.Citations)
			change(&mine)
			err = r.do(func(tx *store.Tx) (err error) {
				edit, err = r.SaveBlock(tx, d.ID, mine, basis, by)
				return err
			})
			return edit, err
		}
		text := func(lang locale.Lang, s string) func(*Block) {
			return func(b *Block) { b.Text[lang] = Wording{Text: s, Status: Editors} }
		}
		first, err := save("p1", basis, text("en", "Speakers called for comparable data on routes and on harm."))
		if err != nil || first <= basis {
			t.Fatal(first, err)
		}
		// The second has the former text before them.
		_, err = save("p2", basis, text("en", "Speakers insisted on comparable data on routes and on injuries."))
		var c *Conflict
		if !errors.As(err, &c) {
			t.Fatal(err)
		}
		if c.Edit != first || c.By != "p1" || c.Removed || !slices.Equal(c.Fields, []string{"text en"}) ||
			c.Base.Text["en"].Text != "Speakers asked for comparable data on routes and on harm." ||
			c.Theirs.Text["en"].Text != "Speakers called for comparable data on routes and on harm." ||
			c.Yours.Text["en"].Text != "Speakers insisted on comparable data on routes and on injuries." ||
			c.Merged.Text["en"].Text != "Speakers insisted on comparable data on routes and on injuries." {
			t.Errorf("%+v", c)
		}
		if b, _ := r.draft(d.ID).Block("b2"); b.Text["en"].Text != c.Theirs.Text["en"].Text {
			t.Errorf("kept %q", b.Text["en"].Text)
		}
		// With the conflict before them they save theirs over it.
		if _, err := save("p2", c.Edit, text("en", c.Yours.Text["en"].Text)); err != nil {
			t.Error(err)
		}
		// Another language, other fields and other citations do not clash.
		second := r.draft(d.ID).Stamps["b2"].Edit
		d = r.draft(d.ID)
		if _, err := save("p1", second, text("fr", "Les orateurs ont insisté.")); err != nil {
			t.Error(err)
		}
		if _, err := save("p2", second, func(b *Block) {
			b.Topics = []string{"evaluation"}
			b.Citations = append(b.Citations[1:], cite("", "in-9", "routes"))
		}); err != nil {
			t.Error(err)
		}
		b, _ := r.draft(d.ID).Block("b2")
		if b.Text["fr"].Text != "Les orateurs ont insisté." || b.Text.Behind("fr", "en") || !slices.Equal(b.Topics, []string{"evaluation"}) || len(b.Citations) != 2 || b.Citations[0].ID != "c2" || b.Owner != "p-owner" {
			t.Errorf("%+v", b)
		}
		// A translation that is taken up again is no longer behind.
		r.must(func(tx *store.Tx) error {
			d := r.draftIn(tx, d.ID)
			b, _ := d.Block("b2")
			b.Text["en"] = Wording{Text: "Speakers insisted.", Status: Editors}
			if _, err := r.SaveBlock(tx, d.ID, *b, d.Stamps["b2"].Edit, "p1"); err != nil {
				return err
			}
			d = r.draftIn(tx, d.ID)
			b, _ = d.Block("b2")
			if !b.Text.Behind("fr", "en") {
				t.Error("the translation is not behind")
			}
			fr := b.Text["fr"]
			fr.Text = "Les orateurs insistent."
			b.Text["fr"] = fr
			_, err := r.SaveBlock(tx, d.ID, *b, d.Stamps["b2"].Edit, "p1")
			if b, _ = r.draftIn(tx, d.ID).Block("b2"); b.Text.Behind("fr", "en") {
				t.Error("the new translation is behind")
			}
			return err
		})
		// Saving what stands there already is no change.
		before := r.draft(d.ID)
		d = before
		if edit, err := save("p3", before.Stamps["b2"].Edit, func(*Block) {}); err != nil || edit != before.Stamps["b2"].Edit || r.draft(d.ID).Edit != before.Edit {
			t.Error(edit, err)
		}
		// What was removed meanwhile is not lost either.
		if err := r.do(func(tx *store.Tx) error { return r.RemoveBlock(tx, d.ID, "b2", basis, "p1") }); !errors.As(err, &c) {
			t.Error(err)
		}
		r.must(func(tx *store.Tx) error { return r.RemoveBlock(tx, d.ID, "b2", before.Stamps["b2"].Edit, "p1") })
		_, err = save("p2", before.Stamps["b2"].Edit, text("en", "Mine."))
		if !errors.As(err, &c) || !c.Removed || c.By != "p1" || c.Yours.Text["en"].Text != "Mine." {
			t.Errorf("%+v, %v", c, err)
		}
	})
}

func TestVersions(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		r := newRig(t, db)
		r.must(func(tx *store.Tx) error { _, err := r.Create(tx, sampleDocument(), "p1"); return err })
		d := r.draft("sample-summary")
		fix := func(edit int) (v Fixed, err error) {
			err = r.do(func(tx *store.Tx) (err error) {
				v, err = r.Fix(tx, d.ID, edit, "for comments", "p1")
				return err
			})
			return v, err
		}
		first, err := fix(d.Edit)
		if err != nil || first.Number != 1 {
			t.Fatal(first, err)
		}
		r.must(func(tx *store.Tx) error {
			b, _ := d.Block("b1")
			b.Text = en("This sample says what was said.")
			_, err := r.SaveBlock(tx, d.ID, *b, d.Stamps["b1"].Edit, "p2")
			return err
		})
		if _, err := fix(d.Edit); !errors.Is(err, ErrEdited) {
			t.Error("a draft that changed was fixed:", err)
		}
		second, err := fix(r.draft(d.ID).Edit)
		if err != nil || second.Number != 2 {
			t.Fatal(second, err)
		}
		r.must(func(tx *store.Tx) error {
			_, one, err1 := r.Version(tx, d.ID, 1)
			_, two, err2 := r.Version(tx, d.ID, 2)
			if err := errors.Join(err1, err2); err != nil {
				return err
			}
			if b, _ := one.Block("b2"); b.Owner != "" {
				t.Error("a version names an owner")
			}
			c := Compare(one, two)
			if len(c.Parts) != 1 || c.Parts[0].Block != "b1" || written(c.Parts[0].Words["en"]) != "This sample [-lists-]{+says+} what was said." {
				t.Errorf("%+v", c)
			}
			all, err := r.Versions(tx, d.ID)
			if len(all) != 2 || all[0].Number != 2 || all[1].Note != "for comments" || !all[1].At.Equal(r.now) {
				t.Errorf("%+v", all)
			}
			if _, _, err := r.Version(tx, d.ID, 3); !errors.Is(err, ErrNotFound) {
				t.Error(err)
			}
			return err
		})

		// Signatures.
		var s Signature
		r.must(func(tx *store.Tx) (err error) {
			s, err = r.Sign(tx, d.ID, 2, Author{Person: "p5", Name: "Sample Chair"}, "Chair")
			return err
		})
		for want, fn := range map[error]func(tx *store.Tx) error{
			ErrSigned:   func(tx *store.Tx) error { _, err := r.Sign(tx, d.ID, 2, Author{Person: "p5"}, ""); return err },
			ErrNotFound: func(tx *store.Tx) error { _, err := r.Sign(tx, d.ID, 3, Author{Person: "p5"}, ""); return err },
		} {
			if err := r.do(fn); !errors.Is(err, want) {
				t.Error(err)
			}
		}
		r.must(func(tx *store.Tx) error { return r.Unsign(tx, d.ID, s.ID) })
		r.must(func(tx *store.Tx) error { _, err := r.Sign(tx, d.ID, 2, Author{Person: "p5"}, "Chair"); return err })
		r.must(func(tx *store.Tx) error {
			all, err := r.Signatures(tx, d.ID)
			if len(all) != 2 || all[0].By.Name != "Sample Chair" && all[1].By.Name != "Sample Chair" || all[0].Withdrawn.IsZero() == all[1].Withdrawn.IsZero() {
				t.Errorf("%+v", all)
			}
			return err
		})
		if err := r.do(func(tx *store.Tx) error { return r.Unsign(tx, d.ID, s.ID) }); !errors.Is(err, ErrNotFound) {
			t.Error(err)
		}
	})
}

func TestSuggestions(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		r := newRig(t, db)
		r.must(func(tx *store.Tx) error { _, err := r.Create(tx, sampleDocument(), "p1"); return err })
		const id = "sample-summary"
		base := "Speakers asked for comparable data on routes and on harm."
		all := []Suggestion{
			{Kind: ToChange, Part: "b2", Lang: "en", Base: base, Text: "Speakers asked for comparable data on routes, on harm and on return."},
			{Kind: ToChange, Part: "b2", Lang: "en", Base: base, Text: "Many speakers asked for comparable data on routes and on harm."},
			{Kind: ToChange, Part: "b2", Lang: "en", Base: base, Text: "All speakers asked for comparable data on routes and on harm."},
			{Kind: ToChange, Part: "s1", Lang: "en", Base: "Data and evidence", Text: "Data, evidence"},
			{Kind: ToChange, Part: TitlePart, Lang: "fr", Text: "Résumé du Président"},
			{Kind: ToAdd, Section: "s1", After: []BlockID{"b1"}, Block: Paragraph, Lang: "en", Text: "Forty spoke."},
			{Kind: ToMove, Part: "b4", Section: "s1"},
			{Kind: ToRecite, Part: "b2", Citation: "c2", To: "b3"},
			{Kind: ToUncite, Part: "b2", Citation: "c1"},
			{Kind: ToRemove, Part: "b1", Lang: "en", Base: "This sample lists what was said."},
		}
		var ids []SuggestionID
		r.must(func(tx *store.Tx) (err error) {
			var kept int
			ids, kept, err = r.Suggest(tx, id, all)
			if kept != len(all) {
				t.Errorf("%d kept", kept)
			}
			return err
		})
		accept := func(i int, final *string) error {
			return r.do(func(tx *store.Tx) error { return r.Accept(tx, id, ids[i], final, "p1") })
		}
		for _, i := range []int{0, 1, 3, 4, 5, 6, 7, 8, 9} {
			if err := accept(i, nil); err != nil {
				t.Errorf("%d: %v", i, err)
			}
		}
		d := r.draft(id)
		b2, _ := d.Block("b2")
		b3, _ := d.Block("b3")
		if b2.Text["en"].Text != "Many speakers asked for comparable data on routes, on harm and on return." || !b2.Text.Behind("fr", "en") || len(b2.Citations) != 0 || len(b3.Citations) != 2 {
			t.Errorf("%+v", b2)
		}
		if d.Section("s1").Heading["en"].Text != "Data, evidence" || d.Title["fr"].Text != "Résumé du Président" || d.Title["fr"].Of != Fingerprint("Sample summary of the Chair") {
			t.Errorf("%+v", d.Document)
		}
		if got := shape(d.Document); !strings.HasPrefix(got, "s1[b4 ") || !strings.HasSuffix(got, " b2 b3] s2[]") || strings.Contains(got, "b1") {
			t.Error(got)
		}
		// The third no longer fits; both texts are shown, and somebody decides.
		var m *Misfit
		if err := accept(2, nil); !errors.As(err, &m) || m.Fit.Gone || len(m.Fit.Clashes) != 1 || m.Fit.Current != b2.Text["en"].Text || m.Suggestion.Text != all[2].Text {
			t.Fatalf("%+v", m)
		}
		final := "Nearly all speakers asked for comparable data."
		if err := accept(2, &final); err != nil {
			t.Error(err)
		}
		if err := accept(2, &final); !errors.Is(err, ErrDecided) {
			t.Error(err)
		}
		var history []Change
		r.must(func(tx *store.Tx) (err error) {
			history, err = r.History(tx, id, "b2", 0, 1)
			return err
		})
		if history[0].Suggestion != ids[2] || history[0].Body.Text["en"].Text != final {
			t.Errorf("%+v", history)
		}
		// What is about something that has gone says so; rejecting takes a reason.
		r.must(func(tx *store.Tx) (err error) {
			ids, _, err = r.Suggest(tx, id, []Suggestion{{ID: "from-file", Kind: ToChange, Part: "b1", Lang: "en", Base: "x", Text: "y", Author: Author{Name: "Sample Reviewer"}, Origin: FromFile, Version: 1}})
			return err
		})
		if err := accept(0, nil); !errors.As(err, &m) || !m.Fit.Gone {
			t.Error(err)
		}
		r.must(func(tx *store.Tx) error { return r.Reject(tx, id, "from-file", "The paragraph is gone.", "p1") })
		r.must(func(tx *store.Tx) error {
			// Handed in again, it is not taken twice and stays decided.
			_, kept, err := r.Suggest(tx, id, []Suggestion{{ID: "from-file", Kind: ToChange, Part: "b1", Lang: "en", Base: "x", Text: "y", Origin: FromFile}})
			if kept != 0 {
				t.Errorf("%d kept", kept)
			}
			return err
		})
		r.must(func(tx *store.Tx) error {
			list, err := r.Suggestions(tx, id)
			i := slices.IndexFunc(list, func(s Suggestion) bool { return s.ID == "from-file" })
			if len(list) != 11 || i < 0 || list[i].Decision != Rejected || list[i].Reason != "The paragraph is gone." || list[i].Author.Name != "Sample Reviewer" || list[i].Decider.Person != "p1" || list[i].Version != 1 {
				t.Errorf("%+v", list)
			}
			return err
		})
	})
}

func (r *rig) draftIn(tx *store.Tx, id DocumentID) *Draft {
	d, err := r.Read(tx, id)
	if err != nil {
		r.t.Fatal(err)
	}
	return d
}

// TestTenantsAreApart holds that one tenant does not see the texts of another.
func TestTenantsAreApart(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		r := newRig(t, db)
		r.must(func(tx *store.Tx) error { _, err := r.Create(tx, sampleDocument(), "p1"); return err })
		other := New(Options{Org: "other", Clock: func() time.Time { return r.now }, Random: rand.NewChaCha8([32]byte{2})})
		if err := r.do(func(tx *store.Tx) error { _, err := other.Read(tx, "sample-summary"); return err }); !errors.Is(err, ErrNotFound) {
			t.Error(err)
		}
		r.must(func(tx *store.Tx) error { _, err := other.Create(tx, sampleDocument(), "p1"); return err })
	})
}
