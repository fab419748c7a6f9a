package records_test

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode"

	"rostrum.example/format/dialogue"
	"rostrum.example/presets"
	"rostrum.example/records"
)

var read = sync.OnceValues(func() ([]*dialogue.File, error) {
	m, err := presets.Read("untoc")
	if err != nil {
		return nil, err
	}
	return records.Read(m)
})

func all(t testing.TB) []*dialogue.File {
	t.Helper()
	files, err := read()
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func one(t *testing.T, id string) *dialogue.File {
	t.Helper()
	for _, f := range all(t) {
		if f.ID == id {
			return f
		}
	}
	t.Fatalf("no dialogue %s", id)
	return nil
}

func TestThirteen(t *testing.T) {
	var got []string
	for _, f := range all(t) {
		got = append(got, f.ID)
		if f.Path != "records/"+f.ID+".json" {
			t.Errorf("%s stands in %s", f.ID, f.Path)
		}
	}
	want := "firearms-2022 icta-2022 som-2022 tip-2022 firearms-2023 ta-2023 tip-2023 som-2023 firearms-2024 tip-2024 som-2024 tip-2025 som-2025"
	if strings.Join(got, " ") != want {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

// TestCanonical: the files are in canonical form and complete in English,
// French and Arabic.
func TestCanonical(t *testing.T) {
	for _, f := range all(t) {
		want, err := fs.ReadFile(records.Files(), f.ID+".json")
		if err != nil {
			t.Fatal(err)
		}
		var got bytes.Buffer
		if err := f.Write(&got); err != nil || got.String() != string(want) {
			t.Errorf("%s is not in canonical form (%v)", f.Path, err)
		}
		var tree any
		if err := json.Unmarshal(want, &tree); err != nil {
			t.Fatal(err)
		}
		each(tree, f.ID, func(at string, texts map[string]any) {
			en, _ := texts["en"].(string)
			fr, _ := texts["fr"].(string)
			ar, _ := texts["ar"].(string)
			if en == "" || fr == "" || ar == "" || len(texts) != 3 {
				t.Errorf("%s: not in English, French and Arabic: %v", at, texts)
			}
			if !strings.ContainsFunc(ar, func(r rune) bool { return unicode.Is(unicode.Arabic, r) }) {
				t.Errorf("%s: no Arabic: %q", at, ar)
			}
			if en == fr {
				t.Errorf("%s: not translated: %q", at, en)
			}
		})
	}
}

// each calls do for every text of a file.
func each(v any, at string, do func(at string, texts map[string]any)) {
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			each(item, at, do)
		}
	case map[string]any:
		if id, ok := v["id"].(string); ok {
			at += "/" + id
		}
		if _, ok := v["en"]; ok && v["en"] != "editors" {
			do(at, v)
			return
		}
		for name, field := range v {
			each(field, at+"."+name, do)
		}
	}
}

// TestFirstDialogue: 37 + 5 + 2 = 44, five needs, five main points, one for
// each need, and each of them taken up later.
func TestFirstDialogue(t *testing.T) {
	f := one(t, "som-2022")
	numbers := map[string]int{}
	for _, c := range f.Counts {
		numbers[c.ID] = c.Number
	}
	for id, want := range map[string]int{"ngos": 37, "academia": 5, "private-sector": 2, "all-stakeholders": 44} {
		if numbers[id] != want {
			t.Errorf("%s: %d, want %d", id, numbers[id], want)
		}
	}
	i := slices.IndexFunc(f.Counts, func(c dialogue.Count) bool { return c.ID == "all-stakeholders" })
	if !slices.Equal(f.Counts[i].SumOf, []string{"ngos", "academia", "private-sector"}) {
		t.Errorf("44 is the sum of %v", f.Counts[i].SumOf)
	}
	if len(f.Needs) != 5 || len(f.Points) != 5 {
		t.Fatalf("%d needs and %d points, want five of each", len(f.Needs), len(f.Points))
	}
	taken := map[string]int{}
	for _, later := range all(t) {
		for _, l := range later.Links {
			taken[l.TakesUp]++
		}
	}
	for i, p := range f.Points {
		if p.Kind != dialogue.MainPoint || p.Need != f.Needs[i] {
			t.Errorf("point %s is a %s on %s", p.ID, p.Kind, p.Need)
		}
		if taken["som-2022/"+p.ID] == 0 {
			t.Errorf("no later dialogue is linked to %s", p.ID)
		}
		var by []dialogue.Actor
		for _, fate := range p.Fates {
			by = append(by, fate.By)
		}
		if !slices.Equal(by, []dialogue.Actor{dialogue.States, dialogue.StakeholderSide, dialogue.WorkingGroup}) {
			t.Errorf("point %s has fates by %v", p.ID, by)
		}
	}
}

// TestPublishedFigures types the figures once more, with their sources, and
// compares.
func TestPublishedFigures(t *testing.T) {
	for _, c := range []struct {
		file, kind, of string
		number         int
		bound          dialogue.Bound
		source         string
	}{
		{"firearms-2022", "persons_attended", "stakeholders", 100, dialogue.MoreThan, "cd_fire2022"},
		{"firearms-2022", "orgs_attended", "stakeholders", 43, dialogue.Exactly, "cd_fire2022"},
		{"icta-2022", "persons_attended", "participants", 130, dialogue.MoreThan, "cd_icta2022"},
		{"som-2022", "panellists", "stakeholders", 3, dialogue.Exactly, "cd2022_tipsom"},
		{"som-2022", "persons_attended", "stakeholders", 150, dialogue.MoreThan, "cd2022_tipsom"},
		{"tip-2022", "stakeholders_attended", "ngo", 60, dialogue.Exactly, "alliance300"},
		{"tip-2022", "stakeholders_attended", "academia", 9, dialogue.Exactly, "alliance300"},
		{"tip-2022", "stakeholders_attended", "stakeholders", 71, dialogue.Exactly, "alliance300"},
		{"firearms-2023", "persons_registered", "stakeholders", 500, dialogue.MoreThan, "cd_fire2023"},
		{"firearms-2023", "orgs_registered", "stakeholders", 189, dialogue.Exactly, "cd_fire2023"},
		{"firearms-2023", "orgs_attended", "ngo", 60, dialogue.Exactly, "iclaim_fire2023"},
		{"tip-2023", "orgs_attended", "ngo", 92, dialogue.Exactly, "iclaim_tip2023"},
		{"tip-2023", "persons_attended", "stakeholders", 157, dialogue.Exactly, "cd_tip2023"},
		{"tip-2023", "governments_attended", "governments", 51, dialogue.Exactly, "cd_tip2023"},
		{"som-2023", "orgs_attended", "ngo", 40, dialogue.Exactly, "iclaim_som2023"},
		{"som-2023", "stakeholders_attended", "stakeholders", 65, dialogue.Exactly, "cd_som2023"},
		{"som-2023", "governments_attended", "governments", 38, dialogue.Exactly, "cd_som2023"},
		{"firearms-2024", "registrations", "civil_society", 144, dialogue.Exactly, "gitoc_fire2024"},
		{"firearms-2024", "stakeholders_attended", "stakeholders", 65, dialogue.Exactly, "cd_fire2024"},
		{"firearms-2024", "governments_attended", "governments", 37, dialogue.Exactly, "cd_fire2024"},
		{"firearms-2024", "igos_attended", "intergovernmental_orgs", 2, dialogue.Exactly, "cd_fire2024"},
	} {
		if !slices.ContainsFunc(one(t, c.file).Counts, func(n dialogue.Count) bool {
			return n.Kind == c.kind && n.Of == c.of && n.Number == c.number && n.Bound == c.bound && slices.Contains(n.Sources, c.source)
		}) {
			t.Errorf("%s lacks %d %s of %s from %s", c.file, c.number, c.kind, c.of, c.source)
		}
	}
}

// TestHonest: a trace that was not found says where and when it was looked
// for, and what was not read; one source was read in full, and only that one
// says so.
func TestHonest(t *testing.T) {
	for _, f := range all(t) {
		for _, s := range f.Sources {
			if (s.Read == dialogue.ReadFull) != (s.ID == "alliance296") {
				t.Errorf("%s: %s is said to be read in %s", f.ID, s.ID, s.Read)
			}
		}
		if (f.Number.Basis == dialogue.NumberInferred) != strings.HasSuffix(f.ID, "2025") {
			t.Errorf("%s: its number is %s", f.ID, f.Number.Basis)
		}
		var fates []dialogue.Fate
		for _, p := range f.Points {
			fates = append(fates, p.Fates...)
			if p.RestsOn.Status != dialogue.NotPublished {
				t.Errorf("%s: %s rests on published words; no file of this record holds them", f.ID, p.ID)
			}
		}
		for _, r := range f.Recommendations {
			fates = append(fates, r.Fates...)
		}
		for _, fate := range fates {
			said := fate.Text.In("en").Text
			if fate.Status != dialogue.NoPublicTrace {
				continue
			}
			if fate.LookedOn != "2026-11-23" || len(fate.LookedIn) < 2 ||
				!strings.Contains(said, "Looked for on 23 November 2026") || !strings.Contains(said, "read only in part") {
				t.Errorf("%s: %q does not say where and when it was looked for", f.ID, said)
			}
			if fate.By == dialogue.WorkingGroup && !strings.Contains(said, "were not read") {
				t.Errorf("%s: %q does not say what was not read", f.ID, said)
			}
		}
	}
}

// TestWording: nothing is called pending, since nobody owes an answer, and
// smuggled migrants are not called victims of smuggling (the Protocol's term
// is persons who have been the object of it).
func TestWording(t *testing.T) {
	for _, f := range all(t) {
		b, err := fs.ReadFile(records.Files(), f.ID+".json")
		if err != nil {
			t.Fatal(err)
		}
		for _, wrong := range []string{
			"pending", "en attente", "قيد الانتظار",
			"victims of smuggling", "smuggling victims", "victimes du trafic", "victimes de trafic", "ضحايا التهريب", "ضحايا تهريب",
			"!", "2,815", "boarding", "non-refoulement", "probably countries",
		} {
			if strings.Contains(strings.ToLower(string(b)), wrong) {
				t.Errorf("%s holds %q", f.Path, wrong)
			}
		}
	}
}

// TestPersons: a person is named as a chair or as somebody who spoke in
// public, and nowhere else.
func TestPersons(t *testing.T) {
	var names []string
	for _, f := range all(t) {
		for _, c := range f.Chairs {
			names = append(names, c.Name)
		}
		for _, s := range f.Statements {
			if s.Who != "" {
				names = append(names, s.Who)
			}
		}
	}
	if len(names) < 15 {
		t.Fatalf("only %d names; the record lost some", len(names))
	}
	for _, f := range all(t) {
		for _, i := range f.Items() {
			for _, name := range names {
				if strings.Contains(i.Text.In("en").Text, name) {
					t.Errorf("%s/%s names %s", f.ID, i.ID, name)
				}
			}
		}
	}
}

// TestLinks: what the editors drew, as a table, so that a change of it is seen.
func TestLinks(t *testing.T) {
	var got []string
	for _, f := range all(t) {
		for _, l := range f.Links {
			got = append(got, f.ID+"/"+l.Item+" "+string(l.Relation)+" "+l.TakesUp)
			if l.DrawnBy != dialogue.Editors || l.DrawnOn != "2026-11-23" || len(l.Sources) < 2 {
				t.Errorf("%s/%s: drawn by %s on %s from %v", f.ID, l.ID, l.DrawnBy, l.DrawnOn, l.Sources)
			}
		}
	}
	want := []string{
		"firearms-2023/assistance-and-engagement taken_up firearms-2022/grassroots-voices",
		"tip-2023/corruption taken_up tip-2022/trafficking-and-corruption",
		"tip-2023/fighting-corruption asked_again tip-2022/trafficking-and-corruption",
		"tip-2023/safe-to-report narrowed tip-2022/victim-centred-protection",
		"tip-2023/child-trafficking taken_up tip-2022/cyber-and-children",
		"som-2023/abused-and-neglected evidence_for som-2022/data-and-evidence",
		"som-2023/abused-and-neglected evidence_for som-2022/human-rights-and-protection",
		"som-2023/watchdog-advocate-provider taken_up som-2022/inclusion",
		"som-2023/eyes-and-ears taken_up som-2022/inclusion",
		"som-2023/change-the-law narrowed som-2022/inclusion",
		"som-2023/role-of-civil-society taken_up som-2022/inclusion",
		"som-2023/gender-and-human-rights taken_up som-2022/human-rights-and-protection",
		"som-2023/who-is-a-smuggler narrowed som-2022/human-rights-and-protection",
		"som-2023/who-is-a-smuggler narrowed som-2022/dignity-in-justice",
		"tip-2024/child-trafficking taken_up tip-2023/child-trafficking",
		"som-2024/indicators asked_again som-2022/data-and-evidence",
		"som-2024/what-drives-smuggling taken_up som-2022/data-and-evidence",
		"som-2024/root-causes taken_up som-2022/drivers-of-migration",
		"som-2024/labour-migration narrowed som-2022/drivers-of-migration",
		"som-2024/family-reunification narrowed som-2022/drivers-of-migration",
		"som-2024/more-visas differs som-2022/drivers-of-migration",
		"som-2024/protection-and-assistance taken_up som-2022/human-rights-and-protection",
		"som-2024/transparency asked_again som-2022/information-and-best-practice",
		"som-2024/transparency narrowed som-2022/inclusion",
		"tip-2025/online-scams narrowed tip-2022/cyber-and-children",
		"som-2025/artificial-intelligence narrowed som-2022/technology-and-law",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got:\n%s", strings.Join(got, "\n"))
	}
}

// BenchmarkRead reads and checks all thirteen files.
func BenchmarkRead(b *testing.B) {
	m, err := presets.Read("untoc")
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := records.Read(m); err != nil {
			b.Fatal(err)
		}
	}
}
