package presets_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"unicode"

	"rostrum.example/format/dialogue"
	"rostrum.example/format/mechanism"
	"rostrum.example/presets"
)

func read(t *testing.T, id string) *mechanism.Mechanism {
	t.Helper()
	m, err := presets.Read(id)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestShipped: every preset is valid, in canonical form, named after its id,
// and complete in English, French and Arabic.
func TestShipped(t *testing.T) {
	ids, err := presets.IDs()
	if err != nil || !slices.Equal(ids, []string{"uncac", "untoc"}) {
		t.Fatalf("IDs() = %v, %v", ids, err)
	}
	for _, id := range ids {
		m := read(t, id)
		if m.ID != id {
			t.Errorf("the file %s.json holds the preset %s", id, m.ID)
		}
		want, err := fs.ReadFile(presets.Files(), id+".json")
		if err != nil {
			t.Fatal(err)
		}
		var got bytes.Buffer
		if err := m.Write(&got); err != nil || got.String() != string(want) {
			t.Errorf("%s.json is not in canonical form (%v)", id, err)
		}
		var tree any
		if err := json.Unmarshal(want, &tree); err != nil {
			t.Fatal(err)
		}
		complete(t, id, tree)
	}
}

// complete walks a file: whatever has an English text has a French and an
// Arabic one, written in that language.
func complete(t *testing.T, at string, v any) {
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			complete(t, at, item)
		}
	case map[string]any:
		if id, ok := v["id"].(string); ok {
			at += "/" + id
		}
		if _, ok := v["en"]; ok && v["en"] != "editors" {
			en, fr, ar := text(v["en"]), text(v["fr"]), text(v["ar"])
			if en == "" || fr == "" || ar == "" || len(v) != 3 {
				t.Errorf("%s: not in English, French and Arabic: %v", at, v)
			}
			if !strings.ContainsFunc(ar, func(r rune) bool { return unicode.Is(unicode.Arabic, r) }) {
				t.Errorf("%s: no Arabic: %q", at, ar)
			}
			if en == fr && len(en) > 20 {
				t.Errorf("%s: not translated: %q", at, en)
			}
			return
		}
		for name, field := range v {
			complete(t, at+"."+name, field)
		}
	}
}

func text(v any) string {
	if o, ok := v.(map[string]any); ok {
		v = o["text"]
	}
	s, _ := v.(string)
	return s
}

func TestUnknownPreset(t *testing.T) {
	if _, err := presets.Read("upr"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error is %v, want fs.ErrNotExist", err)
	}
}

func ids[T any](list []T, id func(T) string) []string {
	var names []string
	for _, item := range list {
		names = append(names, id(item))
	}
	return names
}

func stateIDs(states []mechanism.State) []string {
	return ids(states, func(s mechanism.State) string { return s.ID })
}

// TestClocks: the periods of both reviews, as far as they were read.
func TestClocks(t *testing.T) {
	for _, c := range []struct {
		preset, state, from string
		after               mechanism.Period
	}{
		{"untoc", "focal_point_appointed", "started", "P14D"},
		{"untoc", "governmental_experts_appointed", "started", "P28D"},
		{"untoc", "preliminary_consultations_held", "", ""},
		{"untoc", "self_assessment_submitted", "started", "P6M"},
		{"untoc", "written_feedback_given", "self_assessment_submitted", "P6M"},
		{"uncac", "focal_point_appointed", "started", "P21D"},
		{"uncac", "teleconference_held", "started", "P1M"},
		{"uncac", "report_agreed", "started", "P6M"},
	} {
		states := read(t, c.preset).Review.States
		i := slices.Index(stateIDs(states), c.state)
		if i < 0 {
			t.Errorf("%s has no state %s", c.preset, c.state)
			continue
		}
		due := states[i].Due
		if due == nil {
			due = &mechanism.Due{}
		}
		if due.From != c.from || due.After != c.after {
			t.Errorf("%s %s is due %s after %q, want %s after %q", c.preset, c.state, due.After, due.From, c.after, c.from)
		}
	}
}

func TestUNTOC(t *testing.T) {
	m := read(t, "untoc")
	for _, c := range []struct{ what, got, want string }{
		{"time zone", m.TimeZone, "Europe/Vienna"},
		{"working groups", strings.Join(ids(m.WorkingGroups, func(g mechanism.WorkingGroup) string { return g.ID }), " "),
			"smuggling-of-migrants trafficking-in-persons firearms international-cooperation technical-assistance"},
		{"needs", strings.Join(ids(m.Needs, func(n mechanism.Need) string { return n.ID }), " "),
			"inclusion data_evidence human_rights_protection technology information_best_practice"},
		{"instruments", strings.Join(ids(m.Instruments, func(i mechanism.Instrument) string { return i.ID }), " "), "untoc tip som firearms"},
		{"dialogue states", strings.Join(stateIDs(m.Dialogue.States), " "),
			"planned call_open call_closed bureau_review confirmed preparation_day in_session summary_draft chair_review published " +
				"transmitted taken_up not_taken_up closed"},
		{"application states", strings.Join(stateIDs(m.Application.States), " "),
			"draft submitted completeness_check returned resubmitted with_extended_bureau no_objection objected reply_by_applicant " +
				"referred_to_conference admitted declined registered badge_issued attended no_show certificate_issued withdrawn"},
		{"decided by", m.Application.DecidedBy, "extended_bureau"},
		{"countries named", string(m.Naming.Countries.Allowed), "no"},
		{"steps of the form", strings.Join(ids(m.Form.Steps, func(s mechanism.Term) string { return s.ID }), " "),
			"organisation experience people support consent"},
	} {
		if c.got != c.want {
			t.Errorf("%s: %s, want %s", c.what, c.got, c.want)
		}
	}
	kinds := ids(m.CountKinds, func(k mechanism.CountKind) string { return k.ID })
	for _, k := range []string{
		"orgs_applied", "orgs_approved", "orgs_registered", "persons_registered", "orgs_attended", "persons_attended_in_person",
		"persons_attended_online", "governments_attended", "igos_attended", "speakers", "panellists", "written_inputs",
	} {
		if !slices.Contains(kinds, k) {
			t.Errorf("no count kind %s", k)
		}
	}
	// What could harm a person is sealed.
	for _, f := range m.Form.Fields {
		sealed := []string{"travel_support_reason", "visa_letter_needed", "accessibility_needs", "safety_flag", "safe_contact"}
		if f.Sealed != slices.Contains(sealed, f.ID) {
			t.Errorf("field %s: sealed is %v", f.ID, f.Sealed)
		}
	}
}

// TestDeclaredAsProposals: what the editors thought up says so.
func TestDeclaredAsProposals(t *testing.T) {
	m := read(t, "untoc")
	if m.Form.Basis != mechanism.BasisProposal {
		t.Errorf("the form is %s; the real one could not be read", m.Form.Basis)
	}
	for _, s := range m.Dialogue.States {
		if s.Basis != mechanism.BasisProposal {
			t.Errorf("dialogue state %s is %s", s.ID, s.Basis)
		}
	}
	for _, k := range m.CountKinds {
		if k.Basis != mechanism.BasisProposal {
			t.Errorf("count kind %s is %s", k.ID, k.Basis)
		}
	}
}

// TestNotVerified: what is general knowledge that nobody looked up stays out.
// The fragments are from the notes that are marked as recalled: clusters two
// to four, the sea articles, word limits of other mechanisms, articles on
// witnesses and victims.
func TestNotVerified(t *testing.T) {
	for _, id := range []string{"untoc", "uncac"} {
		b, err := fs.ReadFile(presets.Files(), id+".json")
		if err != nil {
			t.Fatal(err)
		}
		for _, recalled := range []string{
			"2,815", "5,630", "boarding", "non-refoulement", "confiscation", "article 24", "article 25", "article 26",
			"article 28", "articles 7", "shadow report", "reprisals rapporteur", "troika",
		} {
			if strings.Contains(strings.ToLower(string(b)), recalled) {
				t.Errorf("%s.json holds %q, which nobody has looked up", id, recalled)
			}
		}
	}
}

// TestUNCACDialogue: a dialogue of the other mechanism is read by the same
// code, and each file only with the preset it belongs to.
func TestUNCACDialogue(t *testing.T) {
	const file = `{
	"format": "rostrum-dialogue/1", "id": "sample-briefing", "mechanism": "uncac", "languages": {"en": "editors"}, "quotable": false,
	"title": {"en": "A sample briefing"}, "working_groups": ["implementation-review"], "number": {"value": 1, "basis": "inferred"},
	"date": "2024-06", "needs": ["technology"],
	"counts": [{"id": "ngos", "kind": "orgs_attended", "of": "ngo", "scope": "dialogue", "number": 3, "bound": "exactly",
		"definition": {"en": "Sample NGOs."}, "sources": ["page"]}],
	"sources": [{"id": "page", "title": "Sample", "publisher": "Sample", "url": "https://sample.example/", "read": "full", "kind": "primary"}]}`
	if _, err := dialogue.Read(strings.NewReader(file), read(t, "uncac")); err != nil {
		t.Error(err)
	}
	_, err := dialogue.Read(strings.NewReader(file), read(t, "untoc"))
	problems, _ := err.(dialogue.Problems)
	if len(problems) != 2 || problems[0].Code != "other_mechanism" || problems[1].Code != "unknown_id" {
		t.Errorf("read with the wrong preset: %v", err)
	}
}

// TestDiffers: the two processes are not the same under another name.
func TestDiffers(t *testing.T) {
	a, b := read(t, "untoc"), read(t, "uncac")
	for what, same := range map[string]bool{
		"review states":      slices.Equal(stateIDs(a.Review.States), stateIDs(b.Review.States)),
		"application states": slices.Equal(stateIDs(a.Application.States), stateIDs(b.Application.States)),
		"dialogue states":    slices.Equal(stateIDs(a.Dialogue.States), stateIDs(b.Dialogue.States)),
		"deciding body":      a.Application.DecidedBy == b.Application.DecidedBy,
		"overdue clocks":     a.Naming.OverdueClocks.Allowed == b.Naming.OverdueClocks.Allowed,
	} {
		if same {
			t.Errorf("%s are the same in both presets", what)
		}
	}
}
