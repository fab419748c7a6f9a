package programme

import (
	"encoding/json"
	"errors"
	"reflect"
	"slices"
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

func item(id ID, title string) Item {
	return Item{ID: id, Title: dialogue.Words{"en": {Text: title, Status: "editors"}}}
}

func TestVersions(t *testing.T) {
	eachRig(t, func(t *testing.T, g *rig) {
		g.start()
		g.start() // a second start changes nothing
		p, _ := g.draft()
		if len(p.Days) != 2 || !p.Days[0].Preparation || len(p.Days[1].Sittings) != 2 || len(p.Days[1].Sittings[0].Items) != 3 || p.Days[1].Sittings[1].Items[0].ID != "tour-de-table" {
			t.Fatalf("the usual programme is %+v", p)
		}
		_, it := p.item("panels")
		it.Panel = []Panellist{{Name: "Sample Panellist", Role: "Sample adviser", Named: true, Moderator: true}, {Name: "Hidden Panellist", Role: "a shelter's director"}}
		it.Minutes = 90
		g.save("", *it)
		_, s := p.sitting("morning")
		s.Room, s.Link = "Boardroom D", "https://meet.example.org/secret-room"
		g.save("", *s)
		g.publish()

		if err := g.room.Publish(t.Context(), officer, sampleID, 0); err == nil {
			t.Error("a draft that has moved on was published")
		}
		_, edit := g.draft()
		var problem *page.Problem
		if err := g.room.Publish(t.Context(), officer, sampleID, edit); !errors.As(err, &problem) || problem.Key != "programme.problem.nothing" {
			t.Errorf("publishing nothing new: %v", err)
		}

		// What is saved is not public before it is published.
		p, _ = g.draft()
		_, s = p.sitting("afternoon")
		s.Start, s.End = "14:30", "17:30"
		g.save("", *s)
		g.save("morning", item("extra", "One more briefing"))
		g.must(g.room.Remove(t.Context(), officer, sampleID, editOf(g), "review-briefing"))
		g.must(g.room.Move(t.Context(), officer, sampleID, editOf(g), "extra", true))
		if v := g.published(); v.Number != 1 || v.Programme.has("extra") {
			t.Fatalf("the draft is public: %+v", v)
		}
		g.pass(time.Hour)
		g.publish()
		v := g.published()
		if v.Number != 2 || v.Person != officer.Person {
			t.Fatalf("version %+v", v)
		}
		var said []string
		for _, c := range v.Changes {
			said = append(said, string(c.What)+" "+c.Kind+" "+string(c.ID)+" "+strings.Join(c.Fields, ","))
		}
		want := []string{"changed sitting afternoon time", "added item extra ", "removed item review-briefing "}
		slices.Sort(said)
		slices.Sort(want)
		if !slices.Equal(said, want) {
			t.Errorf("the changes are %q, want %q", said, want)
		}
		_, morning := v.Programme.sitting("morning")
		_, afternoon := v.Programme.sitting("afternoon")
		_, prep := v.Programme.sitting("preparation-morning")
		if morning.Sequence != 1 || afternoon.Sequence != 1 || prep.Sequence != 0 {
			t.Errorf("sequences %d %d %d, want 1 1 0", morning.Sequence, afternoon.Sequence, prep.Sequence)
		}
		if morning.Link == "" {
			t.Error("those who take part have no link")
		}

		// A sitting that is taken out is cancelled, and held again under the same id.
		g.must(g.room.Remove(t.Context(), officer, sampleID, editOf(g), "afternoon"))
		g.publish()
		if v := g.published(); len(v.Programme.Cancelled) != 1 || v.Programme.Cancelled[0].Sequence != 2 {
			t.Errorf("cancelled: %+v", v.Programme.Cancelled)
		}
		g.save("dialogue", Sitting{ID: "afternoon", Start: "15:00", End: "17:00"})
		g.save("afternoon", item("closing", "Closing"))
		g.publish()
		v = g.published()
		if _, s := v.Programme.sitting("afternoon"); len(v.Programme.Cancelled) != 0 || s.Sequence != 3 {
			t.Errorf("held again: %+v, cancelled %+v", s, v.Programme.Cancelled)
		}

		// The record: each version cites the one before; no link, no name without consent.
		entries := g.entries()
		if len(entries) != 4 {
			t.Fatalf("%d entries", len(entries))
		}
		for i, e := range entries {
			if e.Leaf.Type != "programme.published" || strings.Contains(string(e.Text), "secret-room") || strings.Contains(string(e.Text), "Hidden") || strings.Contains(string(e.Text), "officerperson") {
				t.Errorf("entry %d says too much: %s", i, e.Text)
			}
			if i > 0 && !slices.Equal(e.Leaf.Cites, []ledger.ID{entries[i-1].Leaf.ID}) {
				t.Errorf("entry %d cites %v", i, e.Leaf.Cites)
			}
			var text versionText
			if err := json.Unmarshal(e.Text, &text); err != nil || text.Version != i+1 || !text.Sample || text.Zone != "Europe/Vienna" {
				t.Errorf("entry %d: %v, %+v", i, err, text)
			}
		}
		if !strings.Contains(string(entries[0].Text), "Sample Panellist") || !strings.Contains(string(entries[0].Text), "a shelter's director") {
			t.Errorf("the first version lacks its panel: %s", entries[0].Text)
		}
		c, err := g.room.Resolve(t.Context(), "programme/exercise-2026/2")
		if err != nil || c.Address != "/programme/exercise-2026/versions/2" || c.Title != "Programme of Exercise dialogue, version 2" {
			t.Errorf("%+v, %v", c, err)
		}
		for _, none := range []string{"programme/exercise-2026/9", "programme/nowhere/1", "programme/exercise-2026/x"} {
			if _, err := g.room.Resolve(t.Context(), none); !errors.Is(err, ledger.ErrNotFound) {
				t.Errorf("%s: %v", none, err)
			}
		}
	})
}

func editOf(g *rig) int {
	g.t.Helper()
	_, edit := g.draft()
	return edit
}

// TestTwoEditors holds that two people who change the same part lose nothing, and that different parts are no
// conflict.
func TestTwoEditors(t *testing.T) {
	eachRig(t, func(t *testing.T, g *rig) {
		g.start()
		p, _ := g.draft()
		_, mine := p.item("opening")
		theirs := *mine
		mine.Minutes, theirs.Minutes = 10, 20
		g.save("", theirs)
		var o *Overtaken
		err := g.room.Save(t.Context(), officer, sampleID, "", *mine)
		if !errors.As(err, &o) || o.Theirs.(Item).Minutes != 20 {
			t.Fatalf("the second editor: %v", err)
		}
		g.save("", theirs) // the same form twice is no conflict
		_, other := p.item("closing")
		other.Minutes = 5
		g.save("", *other)
		p, _ = g.draft()
		if _, it := p.item("opening"); it.Minutes != 20 || it.Rev != 2 {
			t.Errorf("the item is %+v", it)
		}
		g.must(g.room.Remove(t.Context(), officer, sampleID, editOf(g), "opening"))
		if err := g.room.Save(t.Context(), officer, sampleID, "", *mine); !errors.As(err, &o) || o.Theirs != nil {
			t.Errorf("the part is gone: %v", err)
		}
		var problem *page.Problem
		if err := g.room.Move(t.Context(), officer, sampleID, 0, "closing", true); !errors.As(err, &problem) || problem.Status != 409 {
			t.Errorf("an order that was not looked at was changed: %v", err)
		}
	})
}

func TestMove(t *testing.T) {
	p := usual(Held{First: locale.Date{Year: 2026, Month: 11, Day: 24}, Last: locale.Date{Year: 2026, Month: 11, Day: 24}}, sampleUsual())
	order := func() string {
		var all []string
		for _, s := range p.Days[0].Sittings {
			for _, it := range s.Items {
				all = append(all, string(it.ID))
			}
			all = append(all, "|")
		}
		return strings.Join(all, " ")
	}
	for _, c := range []struct {
		id   ID
		up   bool
		want string
	}{
		{"panels", true, "opening panels review-briefing | tour-de-table closing |"},
		{"review-briefing", false, "opening panels | review-briefing tour-de-table closing |"},
		{"review-briefing", true, "opening panels review-briefing | tour-de-table closing |"},
	} {
		if err := p.move(c.id, c.up); err != nil || order() != c.want {
			t.Fatalf("%s, up %v: %v, %s; want %s", c.id, c.up, err, order(), c.want)
		}
	}
	for _, c := range []struct {
		id ID
		up bool
	}{{"opening", true}, {"closing", false}, {"nothing", true}, {"morning", true}} {
		if err := p.move(c.id, c.up); err == nil {
			t.Errorf("%s was moved out of the programme", c.id)
		}
	}
}

// TestCompare holds that what moved is told by the fewest moves.
func TestCompare(t *testing.T) {
	old := usual(Held{First: locale.Date{Year: 2026, Month: 11, Day: 24}, Last: locale.Date{Year: 2026, Month: 11, Day: 24}}, sampleUsual())
	for _, c := range []struct {
		name string
		edit func(p *Programme)
		want string
	}{
		{"nothing", func(*Programme) {}, ""},
		{"swap", func(p *Programme) { must(p.move("panels", true)) }, "moved review-briefing"},
		{"to the front", func(p *Programme) { must(p.move("panels", true)); must(p.move("panels", true)) }, "moved panels"},
		{"to another sitting", func(p *Programme) { must(p.move("panels", false)) }, "moved panels"},
		{"out", func(p *Programme) { must(p.remove("opening")) }, "removed opening"},
		{"a sitting out", func(p *Programme) { must(p.remove("afternoon")) }, "removed afternoon, removed tour-de-table, removed closing"},
		{"title and minutes", func(p *Programme) {
			_, it := p.item("opening")
			it.Minutes, it.Title = 5, dialogue.Words{"en": {Text: "Welcome"}}
		}, "changed opening minutes title"},
		{"room", func(p *Programme) { _, s := p.sitting("morning"); s.Room = "M3" }, "changed morning room"},
		{"day", func(p *Programme) { p.Days[0].Date = "2026-11-25" }, "changed dialogue date"},
		{"languages", func(p *Programme) { p.Languages = []string{"en", "fr"} }, "changed  languages"},
	} {
		next := old.public()
		c.edit(&next)
		was := old.public()
		var all []string
		for _, ch := range compare(&was, &next) {
			all = append(all, strings.TrimSpace(string(ch.What)+" "+string(ch.ID)+" "+strings.Join(ch.Fields, " ")))
		}
		if got := strings.Join(all, ", "); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func TestInstant(t *testing.T) {
	vienna, err := time.LoadLocation("Europe/Vienna")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ date, clock, want string }{
		{"2026-11-23", "10:00", "2026-11-23T09:00:00Z"},
		{"2026-07-01", "10:00", "2026-07-01T08:00:00Z"},
		{"2026-03-29", "01:59", "2026-03-29T00:59:00Z"},
		{"2026-03-29", "02:30", ""}, // the clocks go forward
		{"2026-03-29", "03:00", "2026-03-29T01:00:00Z"},
		{"2026-10-25", "02:30", "2026-10-25T00:30:00Z"}, // twice; the first
		{"2026-10-25", "03:00", "2026-10-25T02:00:00Z"},
	} {
		got, err := instant(c.date, c.clock, vienna)
		if c.want == "" {
			if !errors.Is(err, errNoSuchTime) {
				t.Errorf("%s %s: %v", c.date, c.clock, err)
			}
			continue
		}
		if err != nil || got.UTC().Format(time.RFC3339) != c.want {
			t.Errorf("%s %s is %s, %v; want %s", c.date, c.clock, got.UTC().Format(time.RFC3339), err, c.want)
		}
	}
}

func TestWhatIsTyped(t *testing.T) {
	g := newRig(t, storetest.SQLite(t))
	g.start()
	long := strings.Repeat("x", maxTitle+1)
	for _, c := range []struct {
		name  string
		part  any
		under ID
		key   string
	}{
		{"no date", Day{ID: "p-1"}, "", "date"},
		{"a month", Day{ID: "p-1", Date: "2026-11"}, "", "date"},
		{"outside", Day{ID: "p-1", Date: "2026-11-25"}, "", "date.outside"},
		{"twice", Day{ID: "p-1", Date: "2026-11-24"}, "", "date.taken"},
		{"no time", Sitting{ID: "p-1"}, "dialogue", "time"},
		{"bad time", Sitting{ID: "p-1", Start: "25:00", End: "26:00"}, "dialogue", "time"},
		{"backwards", Sitting{ID: "p-1", Start: "19:00", End: "18:30"}, "dialogue", "end"},
		{"overlap", Sitting{ID: "p-1", Start: "12:00", End: "14:00"}, "dialogue", "overlap"},
		{"script as link", Sitting{ID: "p-1", Start: "19:00", End: "20:00", Link: "javascript:alert(1)"}, "dialogue", "link"},
		{"password in link", Sitting{ID: "p-1", Start: "19:00", End: "20:00", Link: "https://a:b@example.org/"}, "dialogue", "link"},
		{"no title", Item{ID: "p-1"}, "morning", "title"},
		{"long title", item("p-1", long), "morning", "long"},
		{"turned title", item("p-1", "a\u202eb"), "morning", "unreadable"},
		{"minutes", Item{ID: "p-1", Title: words("a", "", ""), Minutes: -1}, "morning", "minutes"},
		{"named without name", Item{ID: "p-1", Title: words("a", "", ""), Panel: []Panellist{{Role: "r", Named: true}}}, "morning", "name"},
		{"nobody", Item{ID: "p-1", Title: words("a", "", ""), Panel: []Panellist{{Moderator: true}}}, "morning", "role"},
		{"bad id", item("Bad_ID", "a"), "morning", "many"},
		{"taken id", item("dialogue", "a"), "morning", "many"},
	} {
		var fields page.Invalids
		err := g.room.Save(t.Context(), officer, sampleID, c.under, c.part)
		if !errors.As(err, &fields) || fields[0].Key != "programme.problem."+c.key {
			t.Errorf("%s: %v, want %s", c.name, err, c.key)
		}
	}
	g.save("dialogue", Sitting{ID: "p-9", Start: "19:00", End: "20:00"})
	// The clocks go forward on a day of the dialogue.
	g.held.First, g.held.Last = locale.Date{Year: 2026, Month: 3, Day: 29}, locale.Date{Year: 2026, Month: 12, Day: 29}
	g.save("", Day{ID: "p-2", Date: "2026-03-29"})
	var fields page.Invalids
	if err := g.room.Save(t.Context(), officer, sampleID, "p-2", Sitting{ID: "p-3", Start: "02:30", End: "05:00"}); !errors.As(err, &fields) || fields[0].Key != "programme.problem.notime" {
		t.Errorf("a time that does not exist: %v", err)
	}
}

func TestWhoMayEdit(t *testing.T) {
	g := newRig(t, storetest.SQLite(t))
	for name, want := range map[string]bool{"officer": true, "coordinator": true, "contact": false, "": false} {
		if err := g.room.Start(t.Context(), actors[name], sampleID); (err == nil) != want {
			t.Errorf("%q: %v", name, err)
		}
		if err := g.room.Publish(t.Context(), actors[name], sampleID, 0); !want && err == nil {
			t.Errorf("%q published", name)
		}
	}
	if err := g.room.Start(t.Context(), officer, "nowhere"); err == nil {
		t.Error("the programme of nowhere was begun")
	}
}

func TestHolder(t *testing.T) {
	eachRig(t, func(t *testing.T, g *rig) {
		g.start()
		g.publish()
		export := func() (part any) {
			g.must(g.db.Read(t.Context(), func(tx *store.Tx) (err error) {
				part, err = g.room.ExportPerson(tx, party.Person{ID: officer.Person})
				return err
			}))
			return part
		}
		if all, ok := export().([]publishedBy); !ok || len(all) != 1 || all[0].Version != 1 {
			t.Errorf("the export has %+v", all)
		}
		g.must(g.db.Write(t.Context(), func(tx *store.Tx) error {
			return g.room.ErasePerson(tx, party.Person{ID: officer.Person})
		}))
		if export() != nil || g.published().Person != "" {
			t.Error("a version still names who published it")
		}
	})
}

// TestStandingItems holds that the lines of the languages stay together, and that a machine's words stay a machine's
// until somebody changes them.
func TestStandingItems(t *testing.T) {
	g := newRig(t, storetest.SQLite(t))
	g.start()
	p, _ := g.draft()
	_, it := p.item("tour-de-table")
	in := *it
	in.Title = dialogue.Words{"en": {Text: "Tour de table", Status: editors}, "fr": {Text: "Tour de table", Status: editors}, "ar": {Text: "جولة جديدة", Status: editors}}
	in.Standing = []dialogue.Words{words("Role of civil society", "Rôle de la société civile", ""), {}, {"en": {Text: " Technical   assistance "}}}
	g.save("", in)
	p, _ = g.draft()
	_, got := p.item("tour-de-table")
	if got.Title["fr"].Status != "machine" || got.Title["ar"].Status != editors {
		t.Errorf("statuses: %+v", got.Title)
	}
	if len(got.Standing) != 2 || got.Standing[1]["en"].Text != "Technical assistance" || !reflect.DeepEqual(got.Standing[0]["fr"].Text, "Rôle de la société civile") {
		t.Errorf("standing items: %+v", got.Standing)
	}
}
