package dialogue

import (
	"bytes"
	"io/fs"
	"slices"
	"strings"
	"testing"

	file "rostrum.example/format/dialogue"
	"rostrum.example/internal/locale"
	"rostrum.example/presets"
	"rostrum.example/records"
)

// published reads the record that the program brings.
func published(t *testing.T) []*file.File {
	t.Helper()
	m, err := presets.Read("untoc")
	if err != nil {
		t.Fatal(err)
	}
	names, err := fs.Glob(records.Files(), "*.json")
	if err != nil {
		t.Fatal(err)
	}
	var files []*file.File
	for _, name := range names {
		body, err := fs.ReadFile(records.Files(), name)
		if err != nil {
			t.Fatal(err)
		}
		f, err := file.Read(bytes.NewReader(body), m)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	return files
}

// record builds the record in memory, as reading it from the database does.
func record(t *testing.T) *Record {
	t.Helper()
	r := &Record{Sources: map[string]*Source{}}
	for _, f := range published(t) {
		items, sources := itemsOf(f)
		r.Dialogues = append(r.Dialogues, &Dialogue{Opening: items[0], Items: items})
		for _, s := range sources {
			r.Sources[s.ID] = s
		}
	}
	slices.SortFunc(r.Dialogues, byDate)
	return r
}

// TestRoundTrip holds that nothing of a dialogue file is lost when it is taken apart into entries.
func TestRoundTrip(t *testing.T) {
	for _, f := range published(t) {
		items, sources := itemsOf(f)
		byID := map[string]*Source{}
		for _, s := range sources {
			byID[s.ID] = s
		}
		again, err := fileOf(&Dialogue{Opening: items[0], Items: items}, byID)
		if err != nil {
			t.Fatal(err)
		}
		// Only sources that something cites come back, in the order of their ids.
		cited := map[string]bool{}
		for _, s := range again.Sources {
			cited[s.ID] = true
		}
		f.Sources = slices.DeleteFunc(f.Sources, func(s file.Source) bool { return !cited[s.ID] })
		slices.SortFunc(f.Sources, func(a, b file.Source) int { return strings.Compare(a.ID, b.ID) })
		var want, got bytes.Buffer
		if err := f.Write(&want); err != nil {
			t.Fatal(err)
		}
		if err := again.Write(&got); err != nil {
			t.Fatal(err)
		}
		if want.String() != got.String() {
			t.Errorf("%s comes back changed:\n%s\nwant\n%s", f.ID, got.String(), want.String())
		}
	}
}

func TestFirstDialogue(t *testing.T) {
	r := record(t)
	d, ok := r.Find("som-2022")
	if !ok {
		t.Fatal("the dialogue of 2022 is missing")
	}
	total := 0
	var parts []int
	for _, it := range d.headcount() {
		if len(it.SumOf) > 0 {
			total = it.Figure
		} else {
			parts = append(parts, it.Figure)
		}
	}
	slices.Sort(parts)
	if total != 44 || !slices.Equal(parts, []int{2, 5, 37}) {
		t.Errorf("37 NGOs + 5 academia + 2 private sector = 44 is shown as %v = %d", parts, total)
	}
	needs := map[string]bool{}
	for _, p := range d.MainPoints() {
		needs[p.Need] = true
	}
	if len(d.MainPoints()) != 5 || len(needs) != 5 {
		t.Errorf("%d main points with %d needs, want 5 and 5", len(d.MainPoints()), len(needs))
	}
	if got := r.founding(); got != d {
		t.Errorf("the home page opens on %s", got.ID())
	}
}

func TestTrace(t *testing.T) {
	r := record(t)
	trace, ok := r.Trace(Ref{"som-2022", "data-and-evidence"})
	if !ok {
		t.Fatal("the point has no trace")
	}
	var got []string
	for _, s := range trace.Steps {
		line := string(s.Kind) + " " + string(s.Dialogue.ID())
		if s.Kind == TakenUp {
			line += " " + string(s.TakeUp.Item.ID) + " " + s.TakeUp.Link.Relation
		}
		got = append(got, line)
	}
	want := []string{
		"raised som-2022",
		"rests-on som-2022",
		"taken-up som-2023 abused-and-neglected evidence_for",
		"taken-up som-2024 indicators asked_again",
		"taken-up som-2024 what-drives-smuggling taken_up",
		"silent som-2025",
		"became-of som-2022",
	}
	if !slices.Equal(got, want) {
		t.Errorf("the trace is\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	for _, missing := range []Ref{{"som-2022", "nothing"}, {"nothing", "inclusion"}, {"som-2023", "governments"}} {
		if _, ok := r.Trace(missing); ok {
			t.Errorf("%s has a trace", missing)
		}
	}
}

// TestThreadFollowsLinksOfLinks holds that what took up an item that took up the point belongs to its thread.
func TestThreadFollowsLinksOfLinks(t *testing.T) {
	held := func(id ID, date string, items ...*Item) *Dialogue {
		o := &Item{Dialogue: id, Kind: Opening, Held: &Held{Date: date, WorkingGroups: []string{"g"}}}
		for _, it := range items {
			it.Dialogue = id
		}
		return &Dialogue{Opening: o, Items: append([]*Item{o}, items...)}
	}
	link := func(id, item ItemID, target string) *Item {
		return &Item{ID: id, Kind: Link, Linked: &Linked{Item: item, TakesUp: target, Relation: "taken_up"}}
	}
	r := &Record{Dialogues: []*Dialogue{
		held("a", "2022-01-01", &Item{ID: "p", Kind: Point, Pointed: &Pointed{}}, &Item{ID: "other", Kind: Point, Pointed: &Pointed{}}),
		held("b", "2023-01-01", &Item{ID: "q", Kind: Note}, link("l1", "q", "a/p")),
		held("c", "2024-01-01", &Item{ID: "r", Kind: Note}, link("l2", "r", "b/q")),
	}}
	thread := r.Thread(Ref{"a", "p"})
	if len(thread["b"]) != 1 || len(thread["c"]) != 1 {
		t.Errorf("the thread is %v", thread)
	}
	if other := r.Thread(Ref{"a", "other"}); len(other) != 0 {
		t.Errorf("the thread of another point is %v", other)
	}
}

func TestCarriedOver(t *testing.T) {
	r := record(t)
	d, _ := r.Find("som-2023")
	carried := r.CarriedOver(d)
	if len(carried) != 5 {
		t.Fatalf("%d points are carried over from 2022 to 2023, want 5", len(carried))
	}
	taken := 0
	for _, c := range carried {
		if c.Dialogue.ID() != "som-2022" {
			t.Errorf("%s is carried over from %s", c.Point.ID, c.Dialogue.ID())
		}
		if len(c.TakeUps) > 0 {
			taken++
		}
	}
	if taken == 0 || taken == 5 {
		t.Errorf("%d of 5 points were taken up; silence must stay visible, and links be found", taken)
	}
	first, _ := r.Find("som-2022")
	if got := r.CarriedOver(first); got != nil {
		t.Errorf("the first dialogue has %d points carried over", len(got))
	}
}

func TestTimelines(t *testing.T) {
	r := record(t)
	lines := r.Timelines([]string{"smuggling-of-migrants", "nobody-met"})
	if len(lines) != 1 || len(lines[0].Dialogues) != 4 {
		t.Fatalf("time lines: %+v", lines)
	}
	for _, thread := range lines[0].Threads {
		raised := 0
		for i, cell := range thread.Cells {
			if cell.Raised {
				raised++
			}
			if cell.Before && (cell.On || len(cell.TakeUps) > 0 || cell.Raised) {
				t.Errorf("%s, column %d: a thread runs before it was raised", thread.Point.ID, i)
			}
		}
		if raised != 1 {
			t.Errorf("%s is raised %d times", thread.Point.ID, raised)
		}
	}
}

func TestParseRef(t *testing.T) {
	for s, ok := range map[string]bool{"a/b": true, "": false, "a": false, "/b": false, "a/": false, "a/b/c": false} {
		if _, err := ParseRef(s); (err == nil) != ok {
			t.Errorf("ParseRef(%q) gives %v", s, err)
		}
	}
}

func TestWordsFallBack(t *testing.T) {
	w := Words{"en": {"one", "editors"}, "ar": {"واحد", "machine"}}
	if got, lang := w.In(locale.French); got.Text != "one" || lang != locale.English {
		t.Errorf("French falls back to %q in %s", got.Text, lang)
	}
	if got, lang := (Words{"ar": {"واحد", "machine"}}).In(locale.French); got.Text != "واحد" || lang != locale.Arabic {
		t.Errorf("without English it falls back to %q in %s", got.Text, lang)
	}
}
