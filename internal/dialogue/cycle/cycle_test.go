package cycle

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/ledger"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/page"
	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
	"rostrum.example/internal/store/storetest"
)

const org store.Org = "here"

var (
	officer = party.Actor{Person: "officer", Fresh: true, Roles: []party.Held{{Role: party.Officer, Scope: party.WholeInstance()}}}
	chair   = party.Actor{Person: "chair", Fresh: true, Roles: []party.Held{{Role: party.Chair, Scope: party.OfBody("smuggling")}}}
	reader  = party.Actor{}
)

// bench is a room with a clock that the test moves.
type bench struct {
	*Room
	now time.Time
}

func newBench(t testing.TB, db *store.DB) *bench {
	t.Helper()
	b := &bench{now: time.Date(2026, 11, 23, 15, 20, 0, 0, time.UTC)}
	clock := func() time.Time { return b.now }
	secret, err := ledger.GenerateKey(rand.Reader, "record.example.org/log")
	if err != nil {
		t.Fatal(err)
	}
	key, err := ledger.NewKey(secret)
	if err != nil {
		t.Fatal(err)
	}
	l, err := ledger.New(t.Context(), ledger.Options{
		DB: db, Key: key, Origin: "record.example.org/log", Clock: clock, Random: rand.Reader,
		CheckpointFile: filepath.Join(t.TempDir(), "checkpoint"),
	})
	if err != nil {
		t.Fatal(err)
	}
	state := func(id string, by party.Role, next ...string) State {
		return State{ID: id, MovedBy: []party.Role{by}, Next: next}
	}
	declined := state(NotTakenUp, party.Officer, Closed)
	declined.Asks = []Ask{{ID: "reason", Required: true}}
	b.Room, err = New(Options{
		DB: db, Org: org, Ledger: l, Clock: clock, Random: rand.Reader, Zone: "Europe/Vienna",
		States: []State{
			state(Planned, party.Officer, CallOpen), state(CallOpen, party.Officer, CallClosed), state(CallClosed, party.Officer, InSession),
			state(InSession, party.Chair, Transmitted), state(Transmitted, party.Officer, TakenUp, NotTakenUp),
			state(TakenUp, party.Officer, Closed), declined, {ID: Closed},
		},
		Bodies: []party.Named{{ID: "smuggling"}},
		CheckRecipients: func(keys []string) error {
			for _, k := range keys {
				if !strings.HasPrefix(k, "age1") {
					return errors.New("no key")
				}
			}
			return nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func english(s string) map[locale.Lang]string { return map[locale.Lang]string{locale.English: s} }

func planned() DialogueData {
	return DialogueData{ID: "som-2027", Body: "smuggling", Starts: "2027-03-29", Ends: "2027-03-30", Zone: "Europe/Vienna", Title: english("A sample dialogue")}
}

func called() CallData {
	return CallData{ID: "som-2027", Closes: "2027-03-27", Zone: "Europe/Vienna", Erases: "2027-09-30", Recipients: "age1one", Dialogues: []string{"som-2027"}, Title: english("A sample call")}
}

// plan has a dialogue planned and its call announced.
func (b *bench) plan(t testing.TB) {
	t.Helper()
	if _, err := b.Plan(t.Context(), officer, planned(), true); err != nil {
		t.Fatal(err)
	}
	if _, err := b.SetCall(t.Context(), officer, 0, called()); err != nil {
		t.Fatal(err)
	}
}

func (b *bench) read(t testing.TB, id dialogue.ID) *Dialogue {
	t.Helper()
	var d *Dialogue
	err := b.o.DB.Read(t.Context(), func(tx *store.Tx) (err error) {
		d, err = b.Dialogue(tx, id)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func key(err error) string {
	var fields page.Invalids
	var p *page.Problem
	switch {
	case err == nil:
		return ""
	case errors.As(err, &fields):
		var keys []string
		for _, f := range fields {
			keys = append(keys, f.Field+" "+f.Key)
		}
		return strings.Join(keys, ", ")
	case errors.As(err, &p):
		return p.Key
	}
	return err.Error()
}

func TestDialogueIsPlannedMovedAndClosed(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b := newBench(t, db)
		b.plan(t)
		move := func(actor party.Actor, from, to string, answers map[string]string) string {
			t.Helper()
			return key(b.Move(t.Context(), actor, "som-2027", from, to, answers))
		}
		for _, step := range []struct {
			name     string
			actor    party.Actor
			from, to string
			answers  map[string]string
			want     string
		}{
			{"nobody", reader, Planned, CallOpen, nil, "party.refused.anonymous"},
			{"somebody else", chair, Planned, CallOpen, nil, "cycle.move.role"},
			{"out of order", officer, Planned, InSession, nil, "cycle.move.order"},
			{"in order", officer, Planned, CallOpen, nil, ""},
			{"the second of two officers", officer, Planned, CallOpen, nil, "cycle.changed"},
			{"early", officer, CallOpen, CallClosed, nil, ""},
			{"on", officer, CallClosed, InSession, nil, ""},
			{"the officer in the chair's place", officer, InSession, Transmitted, nil, "cycle.move.role"},
			{"the chair", chair, InSession, Transmitted, nil, ""},
			{"without the reason", officer, Transmitted, NotTakenUp, nil, "ask-reason cycle.text.missing"},
			{"with a reason that reorders", officer, Transmitted, NotTakenUp, map[string]string{"reason": "a\u202eb"}, "ask-reason cycle.text.unreadable"},
			{"with the reason", officer, Transmitted, NotTakenUp, map[string]string{"reason": "No time was left.", "other": "x"}, ""},
		} {
			if got := move(step.actor, step.from, step.to, step.answers); got != step.want {
				t.Errorf("%s: moving from %s to %s answers %q, want %q", step.name, step.from, step.to, got, step.want)
			}
		}
		var moves []Move
		err := db.Read(t.Context(), func(tx *store.Tx) (err error) {
			moves, err = b.Moves(tx, "som-2027")
			return err
		})
		if err != nil || len(moves) != 5 || moves[4].Answers["reason"] != "No time was left." || moves[4].Answers["other"] != "" {
			t.Errorf("the history is %+v, %v", moves, err)
		}
		entries, err := b.o.Ledger.Of(t.Context(), "cycle/som-2027")
		if err != nil || len(entries) != 6 {
			t.Fatalf("the record has %d entries of the dialogue, %v", len(entries), err)
		}
		var last moveText
		if err := json.Unmarshal(entries[5].Text, &last); err != nil || last.To != NotTakenUp || !last.Sample {
			t.Errorf("the last entry says %s, %v", entries[5].Text, err)
		}
	})
}

func TestPlanning(t *testing.T) {
	db := storetest.SQLite(t)
	b := newBench(t, db)
	for _, test := range []struct {
		name   string
		change func(*DialogueData)
		want   string
	}{
		{"as it should be", func(*DialogueData) {}, ""},
		{"twice", func(*DialogueData) {}, "id cycle.name.taken"},
		{"a name with capitals", func(d *DialogueData) { d.ID = "SOM" }, "id cycle.name.bad"},
		{"a path for a name", func(d *DialogueData) { d.ID = "../x" }, "id cycle.name.bad"},
		{"no body", func(d *DialogueData) { d.ID, d.Body = "x", "else" }, "body cycle.body.missing"},
		{"no such day", func(d *DialogueData) { d.ID, d.Starts = "x", "2027-02-30" }, "starts cycle.day.bad"},
		{"only a month", func(d *DialogueData) { d.ID, d.Ends = "x", "2027-03" }, "ends cycle.day.bad"},
		{"ends before it starts", func(d *DialogueData) { d.ID, d.Ends = "x", "2027-03-01" }, "ends cycle.ends.early"},
		{"no zone", func(d *DialogueData) { d.ID, d.Zone = "x", "Vienna" }, "zone cycle.zone.bad"},
		{"the machine's zone", func(d *DialogueData) { d.ID, d.Zone = "x", "Local" }, "zone cycle.zone.bad"},
		{"no title", func(d *DialogueData) { d.ID, d.Title = "x", nil }, "title-en cycle.text.missing"},
		{"a long title", func(d *DialogueData) { d.ID, d.Title = "x", english(strings.Repeat("a", maxTitle+1)) }, "title-en cycle.text.long"},
		{"follows itself", func(d *DialogueData) { d.ID, d.Follows = "x", "x" }, "follows cycle.follows.missing"},
		{"follows another", func(d *DialogueData) { d.ID, d.Follows = "x", "som-2027" }, ""},
	} {
		data := planned()
		test.change(&data)
		_, err := b.Plan(t.Context(), officer, data, true)
		if got := key(err); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
	if _, err := b.Plan(t.Context(), chair, planned(), true); key(err) != "party.refused.role" {
		t.Errorf("the chair plans a dialogue: %v", err)
	}
	data := planned()
	data.Title = english("Another title")
	if err := b.Correct(t.Context(), officer, "som-2027", 1, data); err != nil {
		t.Fatal(err)
	}
	if err := b.Correct(t.Context(), officer, "som-2027", 1, data); key(err) != "cycle.changed" {
		t.Errorf("the second of two corrections answers %v", err)
	}
	if d := b.read(t, "som-2027"); d.Title[locale.English].Text != "Another title" || d.Version != 2 || !d.Sample {
		t.Errorf("the corrected dialogue is %+v", d)
	}
}

func TestCall(t *testing.T) {
	db := storetest.SQLite(t)
	b := newBench(t, db)
	b.plan(t)
	other := planned()
	other.ID = "other"
	if _, err := b.Plan(t.Context(), officer, other, false); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name    string
		version int
		change  func(*CallData)
		want    string
	}{
		{"taken name", 0, func(*CallData) {}, "id cycle.name.taken"},
		{"another call for the same dialogue", 0, func(c *CallData) { c.ID = "x" }, "dialogues cycle.dialogues.taken"},
		{"a sample with a real one", 1, func(c *CallData) { c.Dialogues = []string{"som-2027", "other"} }, "dialogues cycle.dialogues.mixed"},
		{"no dialogue", 1, func(c *CallData) { c.Dialogues = nil }, "dialogues cycle.dialogues.missing"},
		{"an unknown dialogue", 1, func(c *CallData) { c.Dialogues = []string{"none"} }, "dialogues cycle.dialogues.missing"},
		{"closes when all is over", 1, func(c *CallData) { c.Closes = "2027-03-30" }, "closes cycle.closes.late"},
		{"erases too early", 1, func(c *CallData) { c.Erases = "2027-03-29" }, "erases cycle.erases.early"},
		{"erases later than promised", 1, func(c *CallData) { c.Erases = "2028-01-01" }, "erases cycle.erases.promised"},
		{"a bad key", 1, func(c *CallData) { c.Recipients = "ssh-rsa" }, "recipients cycle.recipient.bad"},
		{"without its key", 1, func(c *CallData) { c.Recipients = "" }, "recipients cycle.recipient.kept"},
		{"a later deadline", 1, func(c *CallData) { c.Closes = "2027-03-28" }, ""},
		{"the second of two", 1, func(c *CallData) {}, "cycle.changed"},
	} {
		data := called()
		test.change(&data)
		_, err := b.SetCall(t.Context(), officer, test.version, data)
		if got := key(err); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

// TestDeadline holds that a call ends at midnight at the end of its last day, also where the clocks change in the night.
func TestDeadline(t *testing.T) {
	for _, test := range []struct {
		closes, zone, want string
	}{
		{"2027-02-12", "Europe/Vienna", "2027-02-12T23:00:00Z"},
		{"2027-07-12", "Europe/Vienna", "2027-07-12T22:00:00Z"},
		{"2027-03-27", "Europe/Vienna", "2027-03-27T23:00:00Z"}, // the clocks go ahead a few hours later
		{"2027-03-28", "Europe/Vienna", "2027-03-28T22:00:00Z"}, // they have gone ahead
		{"2027-10-31", "Europe/Vienna", "2027-10-31T23:00:00Z"},
		{"2026-12-31", "Africa/Nairobi", "2026-12-31T21:00:00Z"},
		{"2018-11-03", "America/Sao_Paulo", "2018-11-04T03:00:00Z"}, // there was no midnight
	} {
		closes, err := locale.ParseDate(test.closes)
		if err != nil {
			t.Fatal(err)
		}
		c := Call{Closes: closes, Zone: test.zone}
		if got := at(c.Deadline()); got != test.want {
			t.Errorf("a call to %s in %s ends at %s, want %s", test.closes, test.zone, got, test.want)
		}
	}
}

func TestClockClosesCalls(t *testing.T) {
	db := storetest.SQLite(t)
	b := newBench(t, db)
	b.plan(t)
	if err := b.Move(t.Context(), officer, "som-2027", Planned, CallOpen, nil); err != nil {
		t.Fatal(err)
	}
	deadline := (&Call{Closes: locale.Date{Year: 2027, Month: 3, Day: 27}, Zone: "Europe/Vienna"}).Deadline()
	for _, test := range []struct {
		now  time.Time
		want int
		open bool
	}{
		{deadline.Add(-time.Microsecond), 0, true}, {deadline, 1, false}, {deadline.Add(time.Hour), 0, false},
	} {
		b.now = test.now
		err := db.Read(t.Context(), func(tx *store.Tx) error {
			c, err := b.Call(tx, "som-2027")
			if err != nil {
				return err
			}
			open, err := b.Open(tx, c, b.now)
			if open != test.open {
				t.Errorf("at %s the call is open: %t", at(test.now), open)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if n, err := b.CloseDue(t.Context()); err != nil || n != test.want {
			t.Errorf("at %s the clock closes %d, %v", at(test.now), n, err)
		}
	}
	if d := b.read(t, "som-2027"); d.State != CallClosed {
		t.Errorf("the dialogue is %s", d.State)
	}
	b.now = deadline.Add(-time.Hour)
	other := planned()
	other.ID = "late"
	if _, err := b.Plan(t.Context(), officer, other, true); err != nil {
		t.Fatal(err)
	}
	if err := b.Move(t.Context(), officer, "late", Planned, CallOpen, nil); key(err) != "cycle.call.none" {
		t.Errorf("a dialogue without a call opens it: %v", err)
	}
}
