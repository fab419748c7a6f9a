package mechanism_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"rostrum.example/format/mechanism"
)

var update = flag.Bool("update", false, "write the golden file anew")

func sample(t testing.TB) string {
	t.Helper()
	b, err := os.ReadFile("testdata/sample.json")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestRoundTrip(t *testing.T) {
	text := sample(t)
	m, err := mechanism.Read(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := m.Write(&b); err != nil {
		t.Fatal(err)
	}
	if b.String() != text {
		t.Errorf("written differently:\n%s", b.String())
	}
}

// TestWholeSampleUsed: the sample holds every field of the format, so that
// the round trip is one of the whole format.
func TestWholeSampleUsed(t *testing.T) {
	text := sample(t)
	for _, field := range []string{
		"parent", "body", "instrument", "note", "moved_by", "next", "due", "about", "asks", "programme",
		"max_characters", "max_items", "choices", "if", "date", "status",
	} {
		if !strings.Contains(text, `"`+field+`":`) {
			t.Errorf("the sample has no field %q", field)
		}
	}
}

// TestProblems changes one thing in the sample and compares all that is said
// about it with testdata/problems.golden.
func TestProblems(t *testing.T) {
	text := sample(t)
	cases := []struct{ name, old, new string }{
		{"empty file", text, ""},
		{"a dialogue instead of a preset", `rostrum-mechanism/1`, `rostrum-dialogue/1`},
		{"misspelt field", `"time_zone"`, `"timezone"`},
		{"misspelt time zone", `Europe/Vienna`, `Europe/Viena`},
		{"time zone of the machine", `Europe/Vienna`, `Local`},
		{"id with a capital", `"id": "sample"`, `"id": "Sample"`},
		{"id that leaves the folder", `"id": "sample"`, `"id": "../sample"`},
		{"language without a status", `"fr": "machine"`, `"fr": "translated"`},
		{"text in a language of its own", `"en": "Bureau"`, `"de": "Büro"`},
		{"read without a source", `"basis": "unverified"`, `"basis": "read"`},
		{"unknown source", `"sample_page"
      ]`, `"sample_pages"
      ]`},
		{"protocol before its convention", `"basis": "read",
      "sources": [
        "sample_page"
      ]`, `"basis": "proposal", "parent": "protocol"`},
		{"unknown body", `"body": "bureau"`, `"body": "buro"`},
		{"unknown role", `"chair"
        ]`, `"chairs"
        ]`},
		{"unknown next state", `"closed"
        ]`, `"open"
        ]`},
		{"same state twice", `"id": "closed"`, `"id": "planned"`},
		{"clock from nowhere", `"from": "started"`, `"from": "stated"`},
		{"period in days without P", `P6M`, `6 months`},
		{"period in hours", `P6M`, `PT12H`},
		{"period of no length", `P6M`, `P0D`},
		{"reviewers out of range", `"reviewers": 2`, `"reviewers": -1`},
		{"half a reviewer", `"reviewers": 2`, `"reviewers": 1.5`},
		{"sealed and public", `"seen_by": "secretariat",
        "sealed": true`, `"seen_by": "public",
        "sealed": true`},
		{"limit on a yes or no", `"kind": "yes_no",`, `"kind": "yes_no", "max_characters": 3,`},
		{"choice without choices", `"choices": [
              {
                "id": "online",
                "name": {
                  "en": "Online"
                }
              }
            ]`, `"choices": []`},
		{"persons within persons", `"kind": "choice"`, `"kind": "persons"`},
		{"condition on a later field", `"field": "wants_to_speak"`, `"field": "persons"`},
		{"condition on an answer that cannot be given", `"is": "yes"`, `"is": "perhaps"`},
		{"unknown step", `"step": "first",
        "label": {
          "en": "On what?"`, `"step": "second",
        "label": {
          "en": "On what?"`},
		{"naming rule with a wrong word", `"allowed": "no"`, `"allowed": "never"`},
		{"unknown unit", `"unit": "organisations"`, `"unit": "organizations"`},
		{"no working group", text[strings.Index(text, `"working_groups": [`)+19 : strings.Index(text, `"roles"`)], "], "},
		{"a word instead of true", `"required": true`, `"required": "yes"`},
	}
	var got strings.Builder
	seen := map[mechanism.Code]bool{}
	for _, c := range cases {
		if strings.Count(text, c.old) == 0 {
			t.Fatalf("%s: the sample does not hold %q", c.name, c.old)
		}
		_, err := mechanism.Read(strings.NewReader(strings.Replace(text, c.old, c.new, 1)))
		problems, ok := err.(mechanism.Problems)
		if !ok {
			t.Errorf("%s: error is %v, want problems", c.name, err)
		}
		for _, p := range problems {
			seen[p.Code] = true
		}
		fmt.Fprintf(&got, "# %s\n%v\n\n", c.name, err)
	}
	golden(t, "testdata/problems.golden", got.String())
	for _, code := range []mechanism.Code{"bad_period", "bad_time_zone", "unreachable_state", "sealed_and_shown"} {
		if !seen[code] {
			t.Errorf("no case for %s", code)
		}
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	g, w := strings.Split(got, "\n"), strings.Split(string(want), "\n")
	for i := range max(len(g), len(w)) {
		if i >= len(g) || i >= len(w) || g[i] != w[i] {
			t.Fatalf("%s differs at line %d (run with -update to write it anew):\ngot  %v\nwant %v",
				name, i+1, slices.Concat(g[min(i, len(g)):], []string{""})[0], slices.Concat(w[min(i, len(w)):], []string{""})[0])
		}
	}
}

func TestReadingFails(t *testing.T) {
	_, err := mechanism.Read(iotest.ErrReader(os.ErrDeadlineExceeded))
	if _, wrong := err.(mechanism.Problems); err == nil || wrong {
		t.Errorf("error is %v, want the reader's own", err)
	}
}

func TestPeriodAfter(t *testing.T) {
	vienna, err := time.LoadLocation("Europe/Vienna")
	if err != nil {
		t.Fatal(err)
	}
	const form = "2006-01-02 15:04 MST"
	for _, c := range []struct {
		from  string
		after mechanism.Period
		want  string
	}{
		{"2022-11-01 00:00 CET", "P14D", "2022-11-15 00:00 CET"},
		{"2022-11-01 00:00 CET", "P28D", "2022-11-29 00:00 CET"},
		{"2022-11-01 00:00 CET", "P6M", "2023-05-01 00:00 CEST"}, // the wall clock stays, the zone does not
		{"2022-08-31 12:00 CEST", "P6M", "2023-02-28 12:00 CET"}, // a short month
		{"2023-08-31 12:00 CEST", "P6M", "2024-02-29 12:00 CET"},
		{"2024-02-29 12:00 CET", "P1Y", "2025-02-28 12:00 CET"},
		{"2022-11-30 00:00 CET", "P1Y3M2W1D", "2024-03-15 00:00 CET"},
		{"2022-12-31 00:00 CET", "P1M", "2023-01-31 00:00 CET"},
		{"2022-11-01 00:00 CET", "nonsense", "2022-11-01 00:00 CET"},
	} {
		from, err := time.ParseInLocation(form, c.from, vienna)
		if err != nil {
			t.Fatal(err)
		}
		if got := c.after.After(from).Format(form); got != c.want {
			t.Errorf("%s after %s is %s, want %s", c.after, c.from, got, c.want)
		}
	}
}

func TestText(t *testing.T) {
	m, err := mechanism.Read(strings.NewReader(sample(t)))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		text         mechanism.Text
		langs        []string
		want, status string
	}{
		{m.Name, []string{"fr"}, "Un mécanisme d’exemple", "reviewed"},
		{m.Name, []string{"ar", "en"}, "A sample mechanism", "editors"},
		{m.Name, []string{"ar"}, "A sample mechanism", "editors"}, // in the language it was written in
		{nil, []string{"en"}, "", ""},
	} {
		w := c.text.In(c.langs...)
		if w.Text != c.want || string(m.Languages.Status(w)) != c.status {
			t.Errorf("In(%v) = %q (%s), want %q (%s)", c.langs, w.Text, m.Languages.Status(w), c.want, c.status)
		}
	}
}

func TestFind(t *testing.T) {
	m, err := mechanism.Read(strings.NewReader(sample(t)))
	if err != nil {
		t.Fatal(err)
	}
	for what, ok := range map[string]bool{
		"a working group": second(m.WorkingGroup("sample-group")), "a role": second(m.Role("chair")), "a need": second(m.Need("inclusion")),
		"a count kind": second(m.CountKind("orgs_attended")), "a count subject": second(m.CountSubject("ngo")),
		"a state":        second(m.Review.States.Find("finished")),
		"a step forward": m.Dialogue.States.Allows("planned", "closed"), "a step back": m.Review.States.Allows("finished", "started"),
		"no step after the end": !m.Dialogue.States.Allows("closed", "planned"),
		"no step from nowhere":  !m.Dialogue.States.Allows("nowhere", "planned"),
		"nothing unknown":       !second(m.Role("nobody")),
	} {
		if !ok {
			t.Errorf("%s: not so", what)
		}
	}
}

func second[T any](_ T, ok bool) bool { return ok }

// FuzzRead: no file makes Read panic, and what it accepts is written and read
// again to the same bytes.
func FuzzRead(f *testing.F) {
	text := sample(f)
	f.Add([]byte(text))
	f.Add([]byte(text[:len(text)/2]))
	f.Add([]byte(strings.ReplaceAll(text, `"next"`, `"nxet"`)))
	f.Add([]byte(`{"format":"rostrum-mechanism/1","form":{"fields":[{"fields":[{}]}]}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := mechanism.Read(bytes.NewReader(data))
		if err != nil {
			if ps, ok := err.(mechanism.Problems); !ok || len(ps) == 0 || len(ps) > 100 {
				t.Fatalf("error is %T with %d problems", err, len(ps))
			}
			return
		}
		var first, second bytes.Buffer
		if err := m.Write(&first); err != nil {
			t.Fatal(err)
		}
		again, err := mechanism.Read(bytes.NewReader(first.Bytes()))
		if err != nil {
			t.Fatalf("what was written is refused: %v\n%s", err, first.String())
		}
		if err := again.Write(&second); err != nil || first.String() != second.String() {
			t.Fatalf("written differently the second time: %v", err)
		}
	})
}
