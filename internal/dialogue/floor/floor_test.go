package floor

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"

	"rostrum.example/internal/ledger"
	"rostrum.example/internal/page"
	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
)

func TestMorning(t *testing.T) {
	eachRig(t, func(t *testing.T, g *rig) {
		g.do(Command{What: Opened})
		g.do(Command{What: TookUp, Item: "panels"})
		if s := g.look(); s.State != Open || s.List("panels").Phase != PanelPhase || s.List("panels").Open {
			t.Fatalf("after the item was taken up: %+v", s.Floor)
		}
		// Panels first: no request and no reason is needed.
		g.do(Command{What: Called, Panellist: 1})
		g.pass(5 * time.Minute)
		g.do(Command{What: Stopped})
		g.do(Command{What: Called, Panellist: 2})
		g.pass(90 * time.Second)
		g.do(Command{What: PhaseTurned, Phase: TourPhase})
		g.do(Command{What: ListOpened})

		g.ask("coast", Statement) // has spoken in the panel
		g.ask("legal", Statement)
		g.ask("lab", Statement)
		if got := g.order(); got != "legal lab coast" {
			t.Fatalf("the order is %s", got)
		}
		legal := g.look().Requests[1].N
		g.do(Command{What: Called, Request: legal})
		s := g.look()
		if s.Speeches[1].Lasts() || s.Speeches[1].Seconds(g.clock()) != 90 || s.Speeches[1].Speaker != "org-coast" {
			t.Errorf("calling the next ended the one before: %+v", s.Speeches[1])
		}
		now := s.Speaking()
		if now == nil || now.Who != "Sample Legal Aid" || now.Allotted != 180 || s.Acts[0].What != Called || s.Acts[0].Before != 0 {
			t.Fatalf("the speaker is %+v, the act %+v", now, s.Acts[0])
		}
		g.pass(time.Minute)
		g.do(Command{What: Paused})
		g.pass(time.Hour)
		g.do(Command{What: Resumed})
		g.do(Command{What: Extended, Seconds: 60})
		g.pass(30 * time.Second)
		if now = g.look().Speaking(); now.Seconds(g.clock()) != 90 || now.Allotted != 240 {
			t.Errorf("after a pause: %d of %d seconds", now.Seconds(g.clock()), now.Allotted)
		}
		g.do(Command{What: Adjourned})
		s = g.look()
		if s.State != Closed || s.Speaking() != nil || s.List("panels").Open || len(s.Requests) != 2 {
			t.Errorf("closed: %+v", s.Floor)
		}
		var speeches []Speech
		if err := g.db.Read(t.Context(), func(tx *store.Tx) (err error) { speeches, err = g.room.Speeches(tx, sampleID); return err }); err != nil {
			t.Fatal(err)
		}
		last := speeches[2]
		if len(last.Spans) != 2 || last.Seconds(g.clock()) != 90 || last.Lang != "en" || last.Mode != InRoom || last.Request != legal || last.Entry == "" {
			t.Errorf("the last turn is %+v", last)
		}
		// In the afternoon those who waited have their places.
		g.do(Command{What: Opened})
		if got := g.order(); got != "lab coast" {
			t.Errorf("in the afternoon the order is %s", got)
		}
	})
}

func TestOverrides(t *testing.T) {
	eachRig(t, func(t *testing.T, g *rig) {
		g.begin()
		coast, legal := g.ask("coast", Statement), g.ask("legal", Statement)
		g.ask("lab", Statement)
		if got := g.order(); got != "coast lab legal" {
			t.Fatalf("the order is %s", got)
		}
		for _, c := range []Command{{What: Called, Request: legal}, {What: Moved, Request: legal}, {What: Skipped, Request: coast}, {What: Removed, Request: coast}, {What: CalledOut, Participant: "platform"}} {
			var fields page.Invalids
			if err := g.try(c); !errors.As(err, &fields) || fields[0].Key != "floor.problem.reason" {
				t.Errorf("%s without a reason: %v", c.What, err)
			}
			c.Reason = "hidden \u202e turned"
			if err := g.try(c); !errors.As(err, &fields) || fields[0].Key != "floor.problem.unreadable" {
				t.Errorf("%s with a reason that turns text: %v", c.What, err)
			}
		}
		if s := g.look(); s.Desk != 4 || len(s.Requests) != 3 {
			t.Fatalf("what was refused left a trace: %+v", s.Floor)
		}
		g.do(Command{What: Moved, Request: legal, Reason: " connection about\nto drop "})
	})
}

func TestOverridesAreKept(t *testing.T) {
	eachRig(t, func(t *testing.T, g *rig) {
		g.begin()
		coast, legal, lab := g.ask("coast", Statement), g.ask("legal", Statement), g.ask("lab", Statement)
		g.do(Command{What: Moved, Request: legal, Reason: "connection about to drop"})
		if got := g.order(); got != "legal lab coast" {
			t.Errorf("moved: %s", got)
		}
		if a := g.look().Acts[0]; a.Before != 2 || a.Reason != "connection about to drop" || a.Who != "Sample Legal Aid" || a.Person != "chairperson" {
			t.Errorf("the act is %+v", a)
		}
		g.do(Command{What: Skipped, Request: coast, Reason: "not at their seat"})
		if got := g.order(); got != "legal lab coast" {
			t.Errorf("passed over: %s", got)
		}
		g.do(Command{What: Called, Request: lab, Reason: "a train to catch"})
		if a := g.look().Acts[0]; a.What != CalledFirst || a.Before != 1 {
			t.Errorf("the act is %+v", a)
		}
		g.do(Command{What: CalledOut, Participant: "platform", Reason: "asked a question"})
		g.do(Command{What: Removed, Request: coast, Reason: "has left"})
		if got := g.order(); got != "legal" {
			t.Errorf("at last the order is %s", got)
		}
		changed := 0
		for _, e := range g.entries() {
			if e.Leaf.Type != "floor.order-changed" {
				continue
			}
			changed++
			text := fields(t, e.Text)
			if text["reason"] == "" || text["sample"] != true || text["dialogue"] != string(sampleID) {
				t.Errorf("the entry says %s", e.Text)
			}
			if strings.Contains(string(e.Text), "chairperson") {
				t.Errorf("the entry names an account: %s", e.Text)
			}
		}
		if changed != 5 {
			t.Errorf("%d changes of the order are in the record, want 5", changed)
		}
	})
}

func TestPointOfOrderInterrupts(t *testing.T) {
	eachRig(t, func(t *testing.T, g *rig) {
		g.begin()
		g.do(Command{What: Called, Request: g.ask("coast", Statement)})
		g.pass(time.Minute)
		g.do(Command{What: ListClosed})
		point := g.ask("legal", PointOfOrder) // also when the list is closed
		g.do(Command{What: Called, Request: point})
		s := g.look()
		if now := s.Speaking(); now.Kind != PointOfOrder || now.Allotted != 60 || len(s.Interrupted()) != 1 {
			t.Fatalf("speaking: %+v, interrupted: %v", now, s.Interrupted())
		}
		g.pass(20 * time.Second)
		g.do(Command{What: Stopped})
		if now := g.look().Speaking(); now == nil || now.Speaker != "org-coast" || !now.Since.IsZero() {
			t.Fatalf("the interrupted turn does not wait: %+v", now)
		}
		g.do(Command{What: Resumed})
		g.pass(10 * time.Second)
		if now := g.look().Speaking(); now.Seconds(g.clock()) != 70 {
			t.Errorf("the point of order cost the speaker time: %d s", now.Seconds(g.clock()))
		}
	})
}

func TestReply(t *testing.T) {
	eachRig(t, func(t *testing.T, g *rig) {
		g.begin()
		g.ask("coast", Statement)
		var p *page.Problem
		err := g.room.Ask(t.Context(), sampleID, "coast", g.token(), Asking{Reply, InRoom, "fr"})
		if !errors.As(err, &p) || p.Status != 403 {
			t.Errorf("a reply of who speaks for no State: %v", err)
		}
		reply := g.ask("state", Reply)
		if got := g.order(); got != "coast state" {
			t.Errorf("the order is %s", got)
		}
		g.do(Command{What: ReplyNow, Request: reply})
		if got := g.order(); got != "state coast" {
			t.Errorf("taken now: %s", got)
		}
		g.do(Command{What: Called, Request: reply})
		if now := g.look().Speaking(); now.Allotted != 120 {
			t.Errorf("a reply has %d s", now.Allotted)
		}
	})
}

func TestAsking(t *testing.T) {
	eachRig(t, func(t *testing.T, g *rig) {
		ctx := t.Context()
		asks := func(who ParticipantID, token string, in Asking) error {
			return g.room.Ask(ctx, sampleID, who, token, in)
		}
		status := func(err error) int {
			var p *page.Problem
			if errors.As(err, &p) {
				return p.Status
			}
			return 0
		}
		statement := Asking{Statement, InRoom, "en"}
		if err := asks("lab", g.token(), statement); status(err) != 409 {
			t.Errorf("before the floor is open: %v", err)
		}
		g.do(Command{What: Opened})
		if err := asks("lab", g.token(), statement); status(err) != 409 {
			t.Errorf("before an item is taken up: %v", err)
		}
		g.do(Command{What: TookUp, Item: "panels"})
		if err := asks("lab", g.token(), statement); status(err) != 409 {
			t.Errorf("before the list is open: %v", err)
		}
		g.do(Command{What: ListOpened})
		for _, bad := range []Asking{{Statement, "moon", "en"}, {Statement, InRoom, "tlh"}, {Panel, InRoom, "en"}, {"", InRoom, "en"}} {
			var fields page.Invalids
			if err := asks("lab", g.token(), bad); !errors.As(err, &fields) {
				t.Errorf("%+v: %v", bad, err)
			}
		}
		if err := asks("stranger", g.token(), statement); status(err) != 403 {
			t.Errorf("who does not take part: %v", err)
		}
		if err := asks("lab", "short", statement); status(err) != 400 {
			t.Errorf("a form without a token: %v", err)
		}
		// The same form twice, then another form: one place.
		token := g.token()
		for _, tk := range []string{token, token, g.token()} {
			if err := asks("lab", tk, statement); err != nil {
				t.Fatal(err)
			}
		}
		if s := g.look(); len(s.Requests) != 1 {
			t.Fatalf("%d requests wait", len(s.Requests))
		}
		// A form sent again after it was withdrawn does not ask again.
		n := g.look().Requests[0].N
		withdraw := g.token()
		if err := g.room.Withdraw(ctx, sampleID, "coast", g.token(), n); err != nil || len(g.look().Requests) != 1 {
			t.Errorf("somebody else's request was withdrawn: %v", err)
		}
		for _, step := range []func() error{
			func() error { return g.room.Withdraw(ctx, sampleID, "lab", withdraw, n) },
			func() error { return asks("lab", token, statement) },
			func() error { return g.room.Withdraw(ctx, sampleID, "lab", withdraw, n) },
			func() error { return g.room.Withdraw(ctx, sampleID, "lab", g.token(), n) },
		} {
			if err := step(); err != nil || len(g.look().Requests) != 0 {
				t.Errorf("%v; %d requests wait", err, len(g.look().Requests))
			}
		}
		// Whoever leaves the dialogue leaves the list.
		g.ask("lab", Statement)
		g.people = g.people[:1]
		if got := g.order(); got != "" {
			t.Errorf("who is gone waits: %s", got)
		}
	})
}

func TestWriting(t *testing.T) {
	eachRig(t, func(t *testing.T, g *rig) {
		g.begin()
		g.ask("legal", Statement)
		write := func(who ParticipantID, token, lang, text string) error {
			return g.room.Write(t.Context(), sampleID, who, token, lang, text)
		}
		for _, bad := range []string{"", " \r\n ", "…", strings.Repeat("x", MaxText+1), "a\u202eb", "a\x00b"} {
			var fields page.Invalids
			if err := write("legal", g.token(), "ar", bad); !errors.As(err, &fields) || fields[0].Field != "text" {
				t.Errorf("%.10q: %v", bad, err)
			}
		}
		token := g.token()
		for range 2 {
			if err := write("legal", token, "ar", "First line\r\n\r\nsecond"); err != nil {
				t.Fatal(err)
			}
		}
		if err := write("lab", g.token(), "en", "I never asked."); err != nil {
			t.Fatal(err)
		}
		if got := g.order(); got != "" {
			t.Errorf("who wrote still waits: %s", got)
		}
		var kept []Input
		if err := g.db.Read(t.Context(), func(tx *store.Tx) (err error) { kept, err = g.room.Input(tx, sampleID); return err }); err != nil {
			t.Fatal(err)
		}
		if len(kept) != 2 || kept[0].Text != "First line\n\nsecond" || kept[0].Participant.Name != "Sample Legal Aid" || kept[0].Item != "panels" || kept[1].Participant.ID != "lab" {
			t.Errorf("kept: %+v", kept)
		}
		var handed []Input
		g.room.o.Written = func(_ *store.Tx, in Input) error { handed = append(handed, in); return nil }
		if err := write("coast", g.token(), "fr", "Handed on."); err != nil || len(handed) != 1 || handed[0].Lang != "fr" {
			t.Errorf("%v; handed on: %+v", err, handed)
		}
		if err := write("witness", g.token(), "es", "Handed on, and not kept here."); err != nil {
			t.Fatal(err)
		}
		traces := 0
		err := g.db.Read(t.Context(), func(tx *store.Tx) error {
			return tx.QueryRow("select count(*) from floor_request where participant = 'witness'").Scan(&traces)
		})
		if err != nil || traces != 0 {
			t.Errorf("the floor still tells who wrote: %d rows, %v", traces, err)
		}
		g.room.o.Written = func(*store.Tx, Input) error { return errors.New("the other room is closed") }
		g.ask("circle", Statement)
		if err := write("circle", g.token(), "ar", "Kept whole."); err == nil || g.order() != "circle" {
			t.Errorf("what could not be handed on left the list: %v", err)
		}
	})
}

func TestTwoChairs(t *testing.T) {
	eachRig(t, func(t *testing.T, g *rig) {
		g.begin()
		coast := g.ask("coast", Statement)
		lab := g.ask("lab", Statement)
		seen := g.look().Desk
		token := g.token()
		call := func(n int) error {
			return g.room.Do(t.Context(), chair, sampleID, Stamp{token, seen}, Command{What: Called, Request: n})
		}
		if err := call(coast); err != nil {
			t.Fatal(err)
		}
		if err := call(coast); err != nil { // the same form again
			t.Fatal(err)
		}
		var o *Overtaken
		err := g.room.Do(t.Context(), actors["second"], sampleID, Stamp{g.token(), seen}, Command{What: Called, Request: lab})
		if !errors.As(err, &o) || len(o.Since) != 1 || o.Since[0].What != Called || o.Since[0].Who != "Sample Coast Network" {
			t.Fatalf("the second chair: %v", err)
		}
		// Going back and pressing another button is another form, and is told.
		if err := call(lab); !errors.As(err, &o) {
			t.Errorf("another button of the same page: %v", err)
		}
		if s := g.look(); len(s.Speeches) != 1 || s.Speaking().Request != coast {
			t.Errorf("%d turns were begun", len(s.Speeches))
		}
		// A participant's request in between is nobody's conflict.
		seen = g.look().Desk
		g.ask("platform", Statement)
		if err := g.room.Do(t.Context(), chair, sampleID, Stamp{g.token(), seen}, Command{What: Paused}); err != nil {
			t.Error(err)
		}
	})
}

func TestWhoMayRun(t *testing.T) {
	g := newRig(t, storetestSQLite(t))
	for name, want := range map[string]bool{"chair": true, "second": true, "coast": false, "nobody": false, "foreign": false, "": false} {
		err := g.room.Do(t.Context(), actors[name], sampleID, Stamp{g.token(), AnyDesk}, Command{What: Opened})
		if want != (err == nil || strings.Contains(err.Error(), "floor.problem.open")) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := g.room.Do(t.Context(), chair, "nowhere", Stamp{g.token(), 0}, Command{What: Opened}); err == nil {
		t.Error("a dialogue that does not exist was opened")
	}
	if err := g.room.Do(t.Context(), chair, sampleID, Stamp{g.token(), 0}, Command{What: "dance"}); err == nil {
		t.Error("the desk danced")
	}
}

// TestNotBeforeItsDays holds that nobody opens a floor while the dialogue is still being prepared.
func TestNotBeforeItsDays(t *testing.T) {
	g := newRig(t, storetestSQLite(t))
	g.early = true
	if err := g.try(Command{What: Opened}); err == nil || !strings.Contains(err.Error(), "floor.problem.early") {
		t.Errorf("the floor was opened early: %v", err)
	}
	g.early = false
	g.do(Command{What: Opened})
}

// TestSettings holds the bounds, and that settings go on to the next item.
func TestSettings(t *testing.T) {
	g := newRig(t, storetestSQLite(t))
	g.begin()
	good := Settings{120, 300, 45, 60, 2, 1}
	for _, f := range settingFields {
		for _, n := range []int{-1, 0, maxSeconds + 1} {
			bad := good
			*f.of(&bad) = n
			var fields page.Invalids
			if err := g.try(Command{What: SettingsSet, Settings: bad}); !errors.As(err, &fields) || fields[0].Field != f.name {
				t.Errorf("%s = %d: %v", f.name, n, err)
			}
		}
	}
	g.do(Command{What: SettingsSet, Settings: good})
	g.do(Command{What: TookUp, Item: "tour-de-table"})
	s := g.look()
	if s.List("tour-de-table").Settings != good || s.List("tour-de-table").Phase != TourPhase || s.List("panels").Open {
		t.Errorf("the next item has %+v, the one before %+v", s.List("tour-de-table"), s.List("panels"))
	}
}

// TestRecord holds what each naming shows to the record, to pages and programs: nobody is named who did not choose it.
func TestRecord(t *testing.T) {
	eachRig(t, func(t *testing.T, g *rig) {
		g.begin()
		for _, who := range []ParticipantID{"coast", "helper", "witness"} {
			g.ask("lab", Statement)
			n := g.ask(who, Statement)
			if g.look().order("panels", g.clock())[0].Request.N != n {
				g.do(Command{What: Moved, Request: n, Reason: "for the test"})
			}
			g.do(Command{What: Called, Request: n})
			g.pass(time.Minute)
			page := g.browser("").get("/en/floor/" + string(sampleID))
			page.wants(200).without("Secret Helper", "Secret Witness", "survivor_or", "Survivor or person")
			if who == "witness" {
				page.wants(200, "A participant", "no more is shown").without("remote · in Spanish")
			}
		}
		g.do(Command{What: Stopped})
		turns := 0
		for _, e := range g.entries() {
			if strings.Contains(string(e.Text)+e.Leaf.Subject, "Secret") || strings.Contains(string(e.Text), "survivor") {
				t.Errorf("the record tells too much: %s %s", e.Leaf.Subject, e.Text)
			}
			if e.Leaf.Type != "floor.turn" {
				continue
			}
			turns++
			switch turns {
			case 1:
				if text := fields(t, e.Text); text["who"] != "Sample Coast Network" || text["type"] != "ngo" || text["seconds"] != 60.0 || text["mode"] != "room" || text["lang"] != "fr" || text["sample"] != true {
					t.Errorf("named: %s", e.Text)
				}
			case 2:
				if text := fields(t, e.Text); text["who"] != nil || text["type"] != "ngo" {
					t.Errorf("by category: %s", e.Text)
				}
			case 3:
				if !e.Sealed() || !strings.HasPrefix(e.Leaf.Subject, "opaque/") || len(e.Leaf.At) != len("2026-11-23") {
					t.Errorf("sealed: %+v", e)
				}
				checkSealed(t, g, e)
			}
		}
		if turns != 3 {
			t.Errorf("%d turns are in the record", turns)
		}
		g.browser("").get("/api/v1/dialogues/"+string(sampleID)+"/floor").wants(200, `"naming": "withheld"`, `"sample": true`).without("Secret Helper", "Secret Witness", "survivor", `"lang": "es"`)
		c, err := g.room.Resolve(t.Context(), "floor/exercise-2026/turn/1")
		if err != nil || !strings.Contains(c.Title, "Sample Coast Network") || c.Text != "" {
			t.Errorf("%+v, %v", c, err)
		}
		if c, err := g.room.Resolve(t.Context(), "floor/exercise-2026/desk/1"); err != nil || !strings.Contains(c.Title, "The floor was opened") {
			t.Errorf("%+v, %v", c, err)
		}
		for _, none := range []string{"floor/exercise-2026/turn/99", "floor/nowhere/turn/1", "floor/exercise-2026", "floor/exercise-2026/turn/x"} {
			if _, err := g.room.Resolve(t.Context(), none); !errors.Is(err, ledger.ErrNotFound) {
				t.Errorf("%s: %v", none, err)
			}
		}
	})
}

// checkSealed holds that the salt and text that are kept open the sealed entry.
func checkSealed(t *testing.T, g *rig, e *ledger.Entered) {
	t.Helper()
	var salt, body []byte
	err := g.db.Read(t.Context(), func(tx *store.Tx) error {
		return tx.QueryRow("select salt, body from floor_turn where org = $1 and entry = $2", "sample", string(e.Leaf.ID)).Scan(&salt, &body)
	})
	if err != nil || ledger.DigestOf(salt, body) != e.Leaf.Digest {
		t.Errorf("what is kept does not open the entry: %v, %s", err, base64.StdEncoding.EncodeToString(salt))
	}
}

func TestHolder(t *testing.T) {
	eachRig(t, func(t *testing.T, g *rig) {
		g.begin()
		g.ask("lab", Statement)
		n := g.ask("coast", Statement)
		g.do(Command{What: Moved, Request: n, Reason: "must leave"})
		g.do(Command{What: Called, Request: n})
		g.pass(time.Minute)
		g.do(Command{What: Stopped})
		g.do(Command{What: Removed, Request: 1, Reason: "has left"})
		g.ask("coast", Statement)
		if err := g.room.Write(t.Context(), sampleID, "coast", g.token(), "fr", "Mon texte."); err != nil {
			t.Fatal(err)
		}
		g.ask("coast", Statement)
		person := party.Person{ID: "coastperson"}
		var part any
		if err := g.db.Read(t.Context(), func(tx *store.Tx) (err error) { part, err = g.room.ExportPerson(tx, person); return err }); err != nil {
			t.Fatal(err)
		}
		text, _ := jsonText(part)
		for _, want := range []string{`"state":"called"`, `"state":"written"`, `"state":"waiting"`, `"Mon texte."`, `"who":"Sample Coast Network"`} {
			if !strings.Contains(text, want) {
				t.Errorf("the export has no %s: %s", want, text)
			}
		}
		g.entries()
		if err := g.db.Write(t.Context(), func(tx *store.Tx) error {
			if _, err := g.room.Link(tx, sampleID, "coast"); err != nil {
				return err
			}
			return g.room.ErasePerson(tx, person)
		}); err != nil {
			t.Fatal(err)
		}
		if err := g.db.Read(t.Context(), func(tx *store.Tx) (err error) { part, err = g.room.ExportPerson(tx, person); return err }); err != nil || part != nil {
			t.Errorf("after erasure the export has %v, %v", part, err)
		}
		s := g.look()
		if len(s.Requests) != 0 || s.Speeches[0].Who != "" || s.Speeches[0].Type != "ngo" || s.Speeches[0].Seconds(g.clock()) != 60 {
			t.Errorf("after erasure: %+v", s.Floor)
		}
		for _, e := range g.entries() {
			if strings.Contains(string(e.Text), "Coast") {
				t.Errorf("the record still names them: %s", e.Text)
			}
		}
		g.browser("").get("/en/floor/" + string(sampleID)).wants(200).without("Coast")
		// What the chair did stays, without the chair, once they go too.
		if err := g.db.Write(t.Context(), func(tx *store.Tx) error { return g.room.ErasePerson(tx, party.Person{ID: chair.Person}) }); err != nil {
			t.Fatal(err)
		}
		for _, a := range g.look().Acts {
			if a.Person != "" {
				t.Errorf("an act still names an account: %+v", a)
			}
		}
	})
}
