package intervention

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"html"
	"slices"
	"strings"
	"testing"
	"time"

	"rostrum.example/internal/ledger"
	"rostrum.example/internal/page"
	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
)

// An input goes from a participant to the public: its words are the record's, it is found and cited, translated and
// withdrawn.
func TestInputIsPublished(t *testing.T) {
	eachRig(t, func(t *testing.T, g *rig) {
		ctx := t.Context()
		in, _ := g.send(coast, Named, "Rescue first.\n\nData of many organisations show where boats are lost.")
		g.get("", pubBase).wants(200, "0 texts have been published")
		g.get("", pubBase+"/"+string(in.ID)).wants(404)
		if err := g.room.Publish(ctx, officer, sampleID, in.ID, in.Version); !errors.Is(err, errState) {
			t.Errorf("publishing unchecked: %v", err)
		}
		if err := g.room.Check(ctx, actors["coast"], sampleID, in.ID, in.Version); err == nil {
			t.Error("a participant checks")
		}
		in = g.release(in.ID)
		g.get("", pubBase).wants(200, "Sample Coast Network", "One text has been published", "Rescue first", "exercise")
		body := g.get("", in.path()).wants(200, `data-says="paragraphs.0"`, "Rescue first.", "Sample Coast Network", `data-entry="0"`, "No summary or report cites it yet")
		body.without(string(coastMail))
		g.get("", pubBase+"?kind=spoken").wants(200, "0 are shown")
		g.get("", pubBase+"?need=data_evidence").wants(200, "Rescue first")
		g.citing = []Citation{{Title: "The summary, point 2", Path: "/summary", Quote: "Rescue first"}}

		var said publicText
		e, err := g.ledger.Entry(ctx, 0)
		if err != nil || json.Unmarshal(e.Text, &said) != nil {
			t.Fatal(err)
		}
		if e.Leaf.Subject != in.Subject() || said.Who != (Who{Named, "Sample Coast Network", "ngo", "Africa"}) || !said.Sample || said.Version != 1 || len(said.Paragraphs) != 2 {
			t.Errorf("the entry says %+v of %s", said, e.Leaf.Subject)
		}
		if c, err := g.ledger.Resolve(ctx, in.Subject()); err != nil || c.Text != "Rescue first.\n\nData of many organisations show where boats are lost." || c.Title != "Written input of \u2068Sample Coast Network\u2069" {
			t.Errorf("it resolves to %+v, %v", c, err)
		}

		// A translation names the version that it translates, and is outdated when the original goes on.
		if err := g.room.Translate(ctx, officer, sampleID, in.ID, in.Version, "fr", Machine, "D’abord sauver."); err != nil {
			t.Fatal(err)
		}
		in = g.release(in.ID)
		g.get("", in.path()).wants(200, "Machine translation", "D’abord sauver.", `lang="fr" dir="ltr"`)
		if err := g.room.AskAuthor(ctx, officer, sampleID, in.ID, in.Version, "", "Has it changed?"); err != nil {
			t.Fatal(err)
		}
		g.get("", g.link(coastMail)).wants(200, "Has it changed?")
		waits, _ := g.input(in.ID)
		var refused page.Invalids
		if _, _, err := g.room.Confirm(ctx, g.key(coastMail), Answer{Version: waits.Version, Text: "Rescue, always.", Lang: "en", Choice: Choice{Voice: Sealed}}); !errors.As(err, &refused) {
			t.Errorf("what is public by name becomes sealed: %v", err)
		}
		if _, _, err := g.room.Confirm(ctx, g.key(coastMail), Answer{Version: waits.Version, Text: "Rescue, always.", Lang: "en", Choice: Choice{Voice: Named}}); err != nil {
			t.Fatal(err)
		}
		g.get("", in.path()).wants(200, "Rescue first.").without("Rescue, always.")
		in = g.release(in.ID)
		g.get("", in.path()).wants(200, "Rescue, always.", "newer version than this translation", "Version 2", "Earlier versions")
		if e, _ := g.ledger.Entry(ctx, 2); len(e.Leaf.Cites) != 1 {
			t.Errorf("version 2 cites %v", e.Leaf.Cites)
		}
		var q Quotable
		err = g.db.Read(ctx, func(tx *store.Tx) (err error) {
			q, err = g.room.Citable(tx, in.ID, "")
			return err
		})
		if err != nil || q.Version != 2 || q.Lang != "en" {
			t.Errorf("citable: %+v, %v", q, err)
		}

		if failures, err := VerifyShown(ctx, g.db, org); err != nil || len(failures) != 0 {
			t.Errorf("what is shown: %v, %v", failures, err)
		}
		if err := g.db.Write(ctx, func(tx *store.Tx) error {
			_, err := tx.Exec(`update input_text set body = 'Other words.' where org = $1 and lang = $2`, string(org), "fr")
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if failures, _ := VerifyShown(ctx, g.db, org); len(failures) != 1 {
			t.Errorf("a changed text is found as %v", failures)
		}

		// The author takes it back: words go, the notice stays.
		g.post("coast", in.path()+"/withdraw").wants(303)
		g.publishAll()
		g.get("", in.path()).wants(200, "This was withdrawn", "The author has withdrawn it.").without("Rescue")
		if e, _ := g.ledger.Entry(ctx, 0); e.Text != nil || e.Notice == nil {
			t.Error("the record keeps the words")
		}
		g.get("", "/api/v1/dialogues/exercise-2026/inputs/"+string(in.ID)).wants(200, `"withdrawn": "The author has withdrawn it."`, `"texts": []`)
	})
}

func (in *Input) path() string { return "/en" + in.Path() }

// Nobody but the author publishes: a text that came by mail waits, the link works once, and what the author says stands.
func TestAuthorConfirms(t *testing.T) {
	eachRig(t, func(t *testing.T, g *rig) {
		mbox := "From a@b Mon Nov 23 09:00:00 2026\nFrom: Coast <coast@example.org>\nTo: x@example.org\nSubject: Our statement\nMessage-ID: <1@example.org>\nContent-Type: text/plain; charset=utf-8\n\nThe routes change, and with them the people who need help, the places where they wait and the prices that they pay to those who promise a way.\n\nIn Libya nobody counts the dead.\n\n"
		g.upload("coast", deskBase+"/upload", "files", []Upload{{"mail.mbox", []byte(mbox)}}, "token", g.token(), "lang", "en").wants(403)
		token := g.token()
		page1 := g.upload("officer", deskBase+"/upload", "files", []Upload{{"mail.mbox", []byte(mbox)}, {"old.exe", []byte("MZ")}}, "token", token, "lang", "en")
		page1.wants(200, "One text was taken in", "author asked", "Our statement", "old.exe", "Files of this kind are not read")
		g.upload("officer", deskBase+"/upload", "files", []Upload{{"mail.mbox", []byte(mbox)}}, "token", token, "lang", "en").wants(200).without("taken in.</p>")
		if len(g.mail) != 1 || strings.Contains(g.mail[0].Text, "Libya") || strings.Contains(g.mail[0].Text, "Exercise") {
			t.Fatalf("the mail: %+v", g.mail)
		}
		link := g.link(coastMail)
		g.get("", link).wants(200, "Are these your words?", "In Libya nobody counts the dead.", "<mark>Libya</mark>", "a country of transit", "focal point of Libya", "naming the country", "Our statement", "This is a sample")
		g.get("", link).wants(200) // opening uses nothing up
		key := g.key(coastMail)
		// Choosing words changes the text, which is looked at once more.
		look := g.post("", "/en/inputs/confirm", "key", key, "version", "2", "do", "confirm", "voice", "named", "lang", "en", "text", "The routes change.\n\nIn Libya nobody counts the dead.", "mention-0", "say:a country of transit")
		look.wants(200, "In a country of transit nobody counts the dead.", "Look at it once more").without("<mark>")
		g.post("", "/en/inputs/confirm", "key", key, "version", "2", "do", "confirm", "lang", "en", "text", "The routes change.").wants(422, "Choose how the public shall see you")
		g.post("", "/en/inputs/confirm", "key", key, "version", "2", "do", "confirm", "voice", "category", "lang", "en", "text", "The routes change, and with them the people who need help, the places where they wait and the prices that they pay to those who promise a way.\n\nIn a country of transit nobody counts the dead.").wants(200, "it is confirmed")
		g.get("", link).wants(403, "This link does not work any more")
		g.get("officer", deskBase).wants(200, "Confirmed (1)").without("names countries")

		// The officer finds the same text again, and a reminder is written when nobody answers.
		again := g.upload("officer", deskBase+"/upload", "files", []Upload{{"mail.mbox", []byte(mbox)}}, "token", g.token(), "lang", "en")
		again.wants(200, "Nearly the same as another")
		before := g.link(coastMail)
		if n, err := g.room.Remind(t.Context()); n != 0 || err != nil {
			t.Errorf("reminded too early: %d, %v", n, err)
		}
		g.pass(7 * 24 * time.Hour)
		if n, err := g.room.Remind(t.Context()); n != 1 || err != nil {
			t.Errorf("reminded: %d, %v", n, err)
		}
		g.get("", before).wants(403)
		g.post("", "/en/inputs/confirm", "key", g.key(coastMail), "do", "refuse").wants(200, "It is deleted")
		g.get("officer", deskBase).wants(200).without("Waits for its author")
	})
}

// A text that names a country is not published until somebody decided; what the author hands to the State is read by
// its focal point alone, and the record does not say which State.
func TestCountryIsRouted(t *testing.T) {
	eachRig(t, func(t *testing.T, g *rig) {
		ctx := t.Context()
		in, _ := g.send(coast, Category, "Boats leave at night.\n\nLibyan police took the phones.\n\nTunisia trains its officers.")
		if err := g.room.Check(ctx, officer, sampleID, in.ID, in.Version); !errors.Is(err, errMentions) {
			t.Fatalf("checked with open mentions: %v", err)
		}
		g.get("officer", deskBase+"/"+string(in.ID)).wants(200, "<b>Libya</b>", "<b>Tunisia</b>", "Hand the paragraphs to the State instead")
		if err := g.room.Route(ctx, officer, sampleID, in.ID, in.Version, "TN", ""); !errors.Is(err, errChannel) {
			t.Errorf("routed to a State where nobody reads: %v", err)
		}
		if err := g.room.Route(ctx, officer, sampleID, in.ID, in.Version, "LY", "For your attention."); err != nil {
			t.Fatal(err)
		}
		if err := g.room.Keep(ctx, officer, sampleID, in.ID, in.Version+1, "TN", "Good practice, shared with its consent."); err != nil {
			t.Fatal(err)
		}
		in = g.release(in.ID)
		g.get("", in.path()).wants(200, "Boats leave at night.", "Tunisia trains").without("Libya")
		g.get("focal", "/en/national/LY").wants(200, "Libyan police took the phones.", "For your attention.").without("Sample Coast", "Boats leave")
		g.get("other", "/en/national/LY").wants(403)
		g.get("", "/en/national/LY").wants(403)
		var all [][]byte
		for i := range g.ledger.Head(ctx).Size {
			e, err := g.ledger.Entry(ctx, i)
			if err != nil {
				t.Fatal(err)
			}
			if e.Leaf.Type == routedType && (!e.Sealed() || len(e.Leaf.At) != 10 || !e.Leaf.Opaque()) {
				t.Errorf("the entry says too much: %+v", e.Leaf)
			}
			all = append(all, e.Bytes, e.Text)
		}
		if joined := bytes.Join(all, nil); bytes.Contains(joined, []byte("Libya")) || bytes.Contains(joined, []byte("LY")) {
			t.Error("the record names the State")
		}
	})
}

// A sealed voice: nobody can tell the author from what is kept, the file proves, another file does not.
func TestSealedVoice(t *testing.T) {
	eachRig(t, func(t *testing.T, g *rig) {
		ctx := t.Context()
		r := g.upload("witness", pubBase+"/new", "files", []Upload{{"statement by Secret Witness.txt", []byte("secretfile")}},
			"token", g.token(), "text", "They threatened the staff.", "lang", "en", "voice", "sealed", "line", "Secret Witness of Secret Shelter")
		r.wants(200, "Keep this file", "no longer knows who wrote it")
		if r.Header().Get("Cache-Control") != "no-store" {
			t.Error("the page with the file is kept")
		}
		file := html.UnescapeString(r.hidden("file"))
		saved := g.post("", "/en/inputs/authorship", "file", file).wants(200)
		if saved.Body.String() != file || !strings.Contains(saved.Header().Get("Content-Disposition"), "attachment") {
			t.Errorf("the saved file: %q", saved.Body.String())
		}
		// One by mail, sealed at the confirmation. That another input is like it does not lead to its author either.
		taken, err := g.room.TakeIn(ctx, officer, sampleID, g.token(), []Received{{Participant: witness, Kind: Written, Source: "Secret Witness letter.docx", Lang: "en", Paragraphs: []string{"A second account."}, Files: []Upload{{"secret witness.pdf", []byte("%PDF-1.7 secret")}}}})
		if err != nil {
			t.Fatal(err)
		}
		_, mine, err := g.room.Confirm(ctx, g.key(witnessMail), Answer{Version: taken[0].Version, Text: "A second account, corrected.", Lang: "en", Choice: Choice{Voice: Sealed, Line: "Secret Witness"}})
		if err != nil {
			t.Fatal(err)
		}
		if last := g.mail[len(g.mail)-1]; last.To != witnessMail || strings.Contains(last.Text+last.Subject, "Exercise") || strings.Contains(last.Text, "http") {
			t.Errorf("the last message: %+v", last)
		}
		if n := len(g.mail); n != 1 {
			t.Errorf("%d messages stay in the outbox", n)
		}
		if err := g.room.Sweep(ctx); err != nil {
			t.Fatal(err)
		}
		for info, err := range g.files.List(ctx, "") {
			t.Errorf("the file %s stays (%v)", info.Name, err)
		}

		var ids []ID
		err = g.db.Read(ctx, func(tx *store.Tx) error {
			all, err := g.room.list(tx, inputsOf, string(org), string(sampleID))
			for _, in := range all {
				ids = append(ids, in.ID)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := g.room.Prove(ctx, []byte(file)); !errors.Is(err, ErrNotEntered) && !errors.Is(err, ErrNotCommitted) && !errors.Is(err, ErrNotPublished) {
			t.Errorf("proves before it is published: %v", err)
		}
		for _, id := range ids {
			in := g.release(id)
			if at := in.Published; !at.Equal(day(at)) {
				t.Errorf("the hour stays: %s", at)
			}
			g.get("", in.path()).wants(200, "the author is at risk").without("Secret Witness", "Secret Shelter")
		}

		err = g.db.Read(ctx, func(tx *store.Tx) error {
			all, err := g.room.list(tx, inputsOf, string(org), string(sampleID))
			for _, in := range all {
				if in.Alike != "" || in.Speech != 0 || in.Source != "" || !in.Received.Equal(day(in.Received)) {
					t.Errorf("of a sealed voice stays: %+v", in)
				}
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		// What a seizure yields: the dump, the record, the mail.
		var dump bytes.Buffer
		if err := g.db.Dump(ctx, &dump); err != nil {
			t.Fatal(err)
		}
		for _, e := range mustEntries(t, g) {
			dump.Write(e.Bytes)
			dump.Write(e.Text)
		}
		for _, canary := range []string{"Secret", "secretfile", "secret.witness", "witnessperson", "witness@", "org-secret"} {
			if i := bytes.Index(dump.Bytes(), []byte(canary)); i >= 0 {
				t.Errorf("%q is kept: …%s…", canary, dump.Bytes()[max(0, i-200):min(dump.Len(), i+80)])
			}
		}

		proven, err := g.room.Prove(ctx, []byte(file))
		if err != nil || proven.Author != "Secret Witness of Secret Shelter" {
			t.Fatalf("proven: %+v, %v", proven, err)
		}
		g.upload("", "/en/inputs/prove", "file", []Upload{{"authorship.json", mine.Bytes()}}, "text", "").wants(200, "The file proves it", "Secret Witness")
		g.post("", "/en/inputs/prove", "text", "{}").wants(422, "This is not an authorship file")

		// Over the whole record, from anywhere.
		src, err := ledger.Database(ctx, g.db, "")
		if err != nil {
			t.Fatal(err)
		}
		tap, err := NewTap(src, mine.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		report, err := ledger.Verify(ctx, tap, ledger.VerifyOptions{})
		if err != nil || !report.Verified {
			t.Fatalf("the record: %v, %v", report, err)
		}
		if p, err := tap.Proven(report); err != nil || p.Author != "Secret Witness" || p.Version != 1 {
			t.Errorf("proven over the record: %+v, %v", p, err)
		}

		// Another person's file, and every forgery of a line.
		for name, forge := range map[string]func(a *Authorship){
			"another author": func(a *Authorship) { a.Text = strings.Replace(a.Text, "Secret Witness", "Somebody Else", 1) },
			"another input":  func(a *Authorship) { a.Text = strings.Replace(a.Text, string(taken[0].ID), string(ids[0]), 1) },
			"another entry": func(a *Authorship) {
				other, _ := ReadAuthorship([]byte(file))
				if a.Entry = other.Entry; a.Entry == mine.Entry {
					t.Fatal("the same entry")
				}
			},
		} {
			forged := *mine
			forge(&forged)
			if _, err := g.room.Prove(ctx, forged.Bytes()); err == nil && string(taken[0].ID) != string(ids[0]) {
				t.Errorf("%s proves", name)
			}
		}
		if _, err := g.room.Prove(ctx, bytes.Replace(mine.Bytes(), []byte(origin), []byte("other.example.org/log"), 1)); !errors.Is(err, ErrOtherRecord) {
			t.Errorf("another record: %v", err)
		}
	})
}

func mustEntries(t *testing.T, g *rig) (all []*ledger.Entered) {
	t.Helper()
	for i := range g.ledger.Head(t.Context()).Size {
		e, err := g.ledger.Entry(t.Context(), i)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, e)
	}
	return all
}

// A region is shown of who is not named only where three share it.
func TestRegionOfTheUnnamed(t *testing.T) {
	eachRig(t, func(t *testing.T, g *rig) {
		a, _ := g.send(coast, Category, "First text about boats and rescue.")
		a = g.release(a.ID)
		g.get("", a.path()).wants(200).without("Africa")
		b, _ := g.send(coast, Category, "Second words, on courts and lawyers.")
		c, _ := g.send(coast, Category, "Third matter: shelters need support.")
		b, c = g.release(b.ID), g.release(c.ID)
		for i, e := range mustEntries(t, g) {
			if has := bytes.Contains(e.Text, []byte("Africa")); has != (i > 0) {
				t.Errorf("entry %d shows the region: %t; %d share it when it was entered", i, has, 1+2*min(i, 1))
			}
			if bytes.Contains(e.Text, []byte("Coast")) {
				t.Error("the record names the author")
			}
		}
		_, _ = b, c
	})
}

// What is kept of a person is theirs to see and to have erased, and goes by itself on its day.
func TestPersonIsErased(t *testing.T) {
	eachRig(t, func(t *testing.T, g *rig) {
		ctx := t.Context()
		in, _ := g.send(coast, Named, "The words of an organisation.")
		in = g.release(in.ID)
		draft, _ := g.send(coast, Category, "Something that waits.")
		person := party.Person{ID: "coastperson", Email: coastMail}
		err := g.db.Write(ctx, func(tx *store.Tx) error {
			own, err := g.room.ExportPerson(tx, person)
			if err != nil || len(own.([]ownInput)) != 2 {
				t.Errorf("exported: %+v, %v", own, err)
			}
			return g.room.ErasePerson(tx, person)
		})
		if err != nil {
			t.Fatal(err)
		}
		g.get("", in.path()).wants(200, "Sample Coast Network", "The words of an organisation.")
		err = g.db.Read(ctx, func(tx *store.Tx) error {
			if _, err := g.room.Input(tx, draft.ID); !errors.Is(err, ErrNotFound) {
				t.Errorf("the draft stays: %v", err)
			}
			own, err := g.room.ExportPerson(tx, person)
			if own != nil {
				t.Errorf("stays: %+v", own)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		late, _ := g.send(coast, Category, "Nobody looked at this in time.")
		if n, err := g.room.Erase(ctx, time.Date(2028, 1, 1, 0, 0, 0, 0, time.UTC)); n != 1 || err != nil {
			t.Errorf("erased %d, %v", n, err)
		}
		g.get("officer", deskBase+"/"+string(late.ID)).wants(404)
	})
}

// Every page reads in every language, and keeps what was typed.
func TestPages(t *testing.T) {
	eachRig(t, func(t *testing.T, g *rig) {
		in, _ := g.send(coast, Named, "A text for the pages.")
		in = g.release(in.ID)
		waits, _ := g.send(coast, Category, "Another one, which names Chad.")
		for _, lang := range []string{"en", "fr", "ar"} {
			for actor, paths := range map[string][]string{
				"":        {in.Path(), inputsPath(sampleID), "/inputs/prove"},
				"coast":   {inputsPath(sampleID) + "/new"},
				"officer": {deskPath(sampleID), deskPath(sampleID) + "/upload", deskPath(sampleID) + "/transcript", deskPath(sampleID) + "/" + string(waits.ID), deskPath(sampleID) + "/" + string(in.ID)},
				"focal":   {"/national/LY"},
			} {
				for _, path := range paths {
					a := g.get(actor, "/"+lang+path).wants(200, `lang="`+lang+`"`)
					a.without("intervention.", "%!", "&lt;no value")
					if body := a.Body.Len(); body > 60_000 {
						t.Errorf("%s weighs %d bytes", path, body)
					}
				}
			}
		}
		g.post("coast", pubBase+"/new", "token", g.token(), "text", "", "lang", "en", "voice", "named", "line", "kept as typed").wants(422, "Write the text.", "kept as typed")
		g.post("coast", pubBase+"/new", "look", "yes", "text", "In Georgia and in Niger.", "lang", "en").wants(200, "<mark>Georgia</mark>", "<mark>Niger</mark>")
		g.post("", pubBase+"/new", "token", g.token(), "text", "x", "lang", "en", "voice", "named").wants(403)
		token := g.token()
		for range 2 {
			g.post("coast", pubBase+"/new", "token", token, "text", "Sent twice, taken once.", "lang", "en", "voice", "named").wants(303)
		}
		if n := strings.Count(g.get("officer", deskBase).Body.String(), "Sent twice"); n != 1 {
			t.Errorf("taken %d times", n)
		}
		g.post("officer", deskBase+"/"+string(waits.ID), "version", "99", "what", "check").wants(422, "Somebody else has changed this")
		err := g.db.Read(t.Context(), func(tx *store.Tx) error {
			all, err := g.room.Today(tx, &page.Request{Request: nil, Lang: "en"}, officer)
			if len(all) != 1 || all[0].Count != 2 {
				t.Errorf("today: %+v", all)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

func TestParagraphs(t *testing.T) {
	for in, want := range map[string][]string{
		"":                           nil,
		"one":                        {"one"},
		"one\r\ntwo":                 {"one", "two"},
		"a line\nits end\n\n\n next": {"a line its end", "next"},
		" \n \n":                     nil,
	} {
		if got := Paragraphs(in); !slices.Equal(got, want) {
			t.Errorf("Paragraphs(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestCleanName(t *testing.T) {
	for in, want := range map[string]string{
		`C:\Users\me\statement.docx`: "statement.docx", "../../etc/passwd": "passwd", ".hidden": "hidden", "": "file", "a\u202egnp.exe": "agnp.exe", "x\x00y.txt": "xy.txt", "a<b>.html": "a_b_.html",
	} {
		if got := CleanName(in); got != want {
			t.Errorf("CleanName(%q) = %q, want %q", in, got, want)
		}
	}
	if got := CleanName(strings.Repeat("é", 300) + ".docx"); len([]rune(got)) != 120 || !strings.HasSuffix(got, ".docx") {
		t.Errorf("a long name is %q", got)
	}
}

// A participant of the floor writes instead of speaking; a sealed one gets a link.
func TestFromFloor(t *testing.T) {
	eachRig(t, func(t *testing.T, g *rig) {
		for _, p := range []Participant{coast, witness} {
			err := g.db.Write(context.Background(), func(tx *store.Tx) error {
				return g.room.FromFloor(tx, FloorInput{Dialogue: sampleID, Item: "panels", Participant: p, Lang: "en", Text: "In writing instead, by " + string(p.Voice) + "."})
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		g.get("officer", deskBase).wants(200, "Confirmed (1)", "Waits for its author (1)")
		g.get("", g.link(witnessMail)).wants(200, "by sealed.")
	})
}
