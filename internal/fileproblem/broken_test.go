package fileproblem_test

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"

	"rostrum.example/format/dialogue"
	"rostrum.example/format/mechanism"
	"rostrum.example/presets"
)

// broken is one mistake in the sample file of a format: old is replaced by new once.
type broken struct {
	code     dialogue.Code // that the mistake must be told by, among others
	about    string
	old, new string
}

// whole stands for the text of the whole sample.
const whole = ""

// dialogues has at least one mistake for each code that the reader of dialogue files gives, and enough of them
// for each word of the vocabulary to be said.
var dialogues = []broken{
	{"empty_file", "nothing", whole, " \n"},
	{"file_too_large", "more than 2 MiB", whole, strings.Repeat(" ", dialogue.MaxBytes+1)},
	{"not_utf8", "a byte of Latin-1", `We are`, "We \xe9 are"},
	{"broken_json", "comma too many in an object", `"id": "sample-2023",`, `"id": "sample-2023",,`},
	{"broken_json", "comma missing in an object", `"id": "sample-2023",`, `"id": "sample-2023"`},
	{"broken_json", "comma missing in a list", "\"smuggling-of-migrants\",\n", "\"smuggling-of-migrants\"\n"},
	{"broken_json", "comma too many in a list", "\"firearms\"\n  ]", "\"firearms\",\n  ]"},
	{"broken_json", "colon missing", `"id": "sample-2023"`, `"id" "sample-2023"`},
	{"broken_json", "quotation mark missing", `"id": "sample-2023",`, `"id": "sample-2023,`},
	{"broken_json", "letter in a number", `"number": 37`, `"number": -x`},
	{"broken_json", "Arabic digits", `"number": 37`, `"number": ٣٧`},
	{"broken_json", "unknown escape", `We are`, `We \are`},
	{"file_cut_short", "in the middle", whole, `{"format": `},
	{"file_cut_short", "in a text", whole, `{"format`},
	{"text_after_end", "two records", whole, `{} {}`},
	{"too_deep", "forty lists", `"note"`, strings.Repeat("[", 40) + strings.Repeat("]", 40)},
	{"too_many_values", "many values", whole, "[0" + strings.Repeat(",0", 200_000) + "]"},
	{"duplicate_field", "id twice", `"quotable": false,`, `"quotable": false, "id": "sample-2024",`},
	{"control_character", "NUL", `We are`, `We\u0000 are`},
	{"direction_character", "override", `We are`, `We \u202eare`},
	{"broken_escape", "half a pair", `We are`, `We \ud83d are`},
	{"too_many_problems", "many unknown fields", `"number": 37`, `"number": 37` + unknownFields(150)},

	{"unknown_field", "a slip", `"recommendations"`, `"recomendations"`},
	{"unknown_field", "of no format", `"quotable": false,`, `"quotable": false, "priority": 1,`},
	{"unknown_field", "in Arabic", `"quotable": false,`, `"quotable": false, "أولوية": 1,`},
	{"missing_field", "date", `"date": "2023-10-09",`, ``},
	{"wrong_type", "a text for a list", "[\n    \"inclusion\"\n  ]", `"inclusion"`},
	{"wrong_type", "null", `"number": 37`, `"number": null`},
	{"wrong_type", "a list", `"number": 37`, `"number": []`},
	{"wrong_type", "an object", `"number": 37`, `"number": {}`},
	{"wrong_type", "a number", `"quotable": false`, `"quotable": 0`},
	{"wrong_type", "a boolean", `"id": "sample-2023"`, `"id": true`},
	{"wrong_type", "a text in no language", "{\n        \"en\": \"We are the eyes.\"\n      }", `"We are the eyes."`},
	{"wrong_type", "a number as a text", `"en": "We are the eyes."`, `"en": 1`},
	{"wrong_format", "a later version", `rostrum-dialogue/1`, `rostrum-dialogue/2`},
	{"not_a_whole_number", "a fraction", `"number": 37`, `"number": 37.5`},
	{"number_out_of_range", "negative", `"number": 37`, `"number": -3`},
	{"text_too_long", "by one", `We are the eyes.`, strings.Repeat("م", 2001)},
	{"blank_text", "a space", `We are the eyes.`, ` `},
	{"list_too_long", "three working groups", "\"firearms\"\n  ]", `"firearms", "firearms"]`},
	{"empty_list", "no working group", "[\n    \"smuggling-of-migrants\",\n    \"firearms\"\n  ]", `[]`},
	{"no_source", "none", "[\n        \"other_page\"\n      ]", `[]`},
	{"bad_id", "leaves the folder", `"id": "eyes"`, `"id": "../../etc/passwd"`},
	{"bad_id", "in Arabic", `"id": "eyes"`, `"id": "عيون"`},
	{"bad_id", "of a vocabulary", `"id": "page"`, `"id": "the-page"`},
	{"bad_date", "no such day", `"date": "2023-10-09"`, `"date": "2022-02-30"`},
	{"bad_date", "a month for a day", `"looked_on": "2026-11-23"`, `"looked_on": "2026-11"`},
	{"date_out_of_range", "far future", `"date": "2023-10-09"`, `"date": "2202-10-09"`},
	{"bad_address", "a script", `https://sample.example/page`, `javascript:alert(1)`},
	{"bad_language", "in words", `"ar": "machine"`, `"arabic language": "machine"`},
	{"undeclared_language", "French", `"en": "We are the eyes."`, `"fr": "Nous sommes les yeux."`},
	{"bad_country", "in words", `"AT"`, `"Austria"`},
	{"bad_reference", "no item", `sample-2022/inclusion`, `sample-2022`},
	{"unknown_word", "a slip", `"relation": "taken_up"`, `"relation": "takenup"`},
	{"unknown_word", "pending", `"status": "no_public_trace"`, `"status": "pending"`},
	{"unknown_id", "source", "[\n        \"other_page\"", "[\n        \"otherpage\""},
	{"unknown_id", "count kind", `"kind": "persons_attended"`, `"kind": "heads"`},
	{"unknown_id", "count subject", `"of": "ngo"`, `"of": "ngos"`},
	{"unknown_id", "need", "\"inclusion\"\n  ]", "\"exclusion\"\n  ]"},
	{"unknown_id", "working group", "\"firearms\"\n  ]", "\"fire-arms\"\n  ]"},
	{"unknown_id", "item", `"item": "eyes"`, `"item": "mouth"`},
	{"duplicate_id", "in two lists", `"id": "topic"`, `"id": "eyes"`},

	{"other_mechanism", "corruption", `"mechanism": "untoc"`, `"mechanism": "uncac"`},
	{"not_quotable", "true", `"quotable": false`, `"quotable": true`},
	{"counts_disagree", "a number and a bound", "\"of\": \"academia\",\n      \"scope\": \"dialogue\",\n      \"number\": 5,\n      \"bound\": \"exactly\"", `"of": "ngo", "scope": "dialogue", "number": 37, "bound": "more_than"`},
	{"sum_wrong", "two too many", `"number": 42`, `"number": 44`},
	{"sum_mixed", "another kind", "\"kind\": \"stakeholders_attended\",\n      \"of\": \"academia\"", `"kind": "orgs_attended", "of": "academia"`},
	{"part_after_total", "a later count", "\"sum_of\": [\n        \"ngos\"", "\"sum_of\": [\n        \"persons\""},
	{"second_fate", "States twice", `"by": "stakeholders"`, `"by": "states"`},
	{"before_dialogue", "looked a year early", `"looked_on": "2026-11-23"`, `"looked_on": "2022-11-23"`},
	{"own_dialogue", "its own item", `sample-2022/inclusion`, `sample-2023/data`},
}

// mechanisms has the codes and words of presets alone.
var mechanisms = []broken{
	{"bad_period", "in words", `P6M`, `6 months`},
	{"bad_time_zone", "a slip", `Europe/Vienna`, `Europe/Viena`},
	{"unreachable_state", "closed", "\"closed\"\n        ]", "\"planned\"\n        ]"},
	{"sealed_and_shown", "to the public", "\"seen_by\": \"secretariat\",\n        \"sealed\": true", `"seen_by": "public", "sealed": true`},
	{"unknown_id", "instrument", `"parent": "convention"`, `"parent": "treaty"`},
	{"unknown_id", "body", `"body": "bureau"`, `"body": "buro"`},
	{"unknown_id", "role", "\"chair\"\n        ]", "\"nobody\"\n        ]"},
	{"unknown_id", "state", `"from": "started"`, `"from": "nowhere"`},
	{"unknown_id", "step", "\"step\": \"first\",\n        \"label\": {\n          \"en\": \"On what?\"", "\"step\": \"last\",\n        \"label\": {\n          \"en\": \"On what?\""},
	{"unknown_id", "field", `"field": "wants_to_speak"`, `"field": "persons"`},
	{"unknown_id", "choice", `"is": "yes"`, `"is": "perhaps"`},
	{"bad_id", "a low line", `"id": "sample"`, `"id": "a_sample"`},
}

// between has the codes of problems between files: two samples, in each of which olds are replaced by news. The
// first one has no links unless it is linked.
var between = []struct {
	code          dialogue.Code
	about         string
	first, second []string // old and new in turn
	linked        bool
}{
	{"duplicate_dialogue", "the same id", nil, nil, false},
	{"unknown_target", "a slip", earlier, []string{`sample-2022/inclusion`, `sample-2022/eye`}, false},
	{"unknown_target", "no such dialogue", earlier, []string{`sample-2022/inclusion`, `sample-2019/x`}, false},
	{"target_not_earlier", "the same day", []string{`"id": "sample-2023"`, `"id": "sample-2022"`, `sample-2022/inclusion`, `sample-2021/none`},
		[]string{`sample-2022/inclusion`, `sample-2022/data`}, false},
	{"link_circle", "of two", append([]string{`sample-2022/inclusion`, `sample-2023/eyes`}, earlier...),
		[]string{`sample-2022/inclusion`, `sample-2022/eyes`}, true},
	{"source_differs", "a moved page", append([]string{`sample.example/page`, `sample.example/moved`}, earlier...), nil, false},
}

var earlier = []string{`"id": "sample-2023"`, `"id": "sample-2022"`, `"date": "2023-10-09"`, `"date": "2022-07-01"`,
	`sample-2022/inclusion`, `sample-2021/none`}

// mistake is a problem that a format found, with what was done to the file.
type mistake struct {
	about string
	dialogue.Problem
}

// mistakes reads all broken files. Each case gives first the problem that it is there for.
func mistakes(t testing.TB) []mistake {
	t.Helper()
	var all []mistake
	found := func(code dialogue.Code, about string, err error) {
		problems, _ := err.(dialogue.Problems)
		var rest []mistake
		count := len(all)
		for _, p := range problems {
			if p.Code == code && len(all) == count {
				all = append(all, mistake{string(code) + ": " + about, p})
			} else {
				rest = append(rest, mistake{"", p})
			}
		}
		if len(all) == count {
			t.Fatalf("%s: %s: the format says %v", code, about, err)
		}
		all = append(all, rest...)
	}
	text := sample(t, "../../format/dialogue/testdata/sample.json")
	for _, b := range dialogues {
		_, err := dialogue.Read(strings.NewReader(b.in(t, text)), untoc(t))
		found(b.code, b.about, err)
	}
	preset := sample(t, "../../format/mechanism/testdata/sample.json")
	for _, b := range mechanisms {
		_, err := mechanism.Read(strings.NewReader(b.in(t, preset)))
		found(b.code, b.about, err)
	}
	for _, b := range between {
		files := make([]*dialogue.File, 2)
		for i, changes := range [][]string{b.first, b.second} {
			f, err := dialogue.Read(strings.NewReader(strings.NewReplacer(changes...).Replace(text)), untoc(t))
			if err != nil {
				t.Fatalf("%s: %s: %v", b.code, b.about, err)
			}
			if i == 0 && !b.linked {
				f.Links = nil
			}
			f.Path = []string{"first.json", "second.json"}[i]
			files[i] = f
		}
		found(b.code, b.about, dialogue.Check(files))
	}
	return all
}

func (b broken) in(t testing.TB, text string) string {
	t.Helper()
	if b.old == whole {
		return b.new
	}
	if !strings.Contains(text, b.old) {
		t.Fatalf("%s: %s: the sample does not hold %q", b.code, b.about, b.old)
	}
	return strings.Replace(text, b.old, b.new, 1)
}

func unknownFields(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `, "f%d": 1`, i)
	}
	return b.String()
}

func sample(t testing.TB, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(bytes.ReplaceAll(b, []byte("\r\n"), []byte("\n")))
}

var preset = sync.OnceValues(func() (*mechanism.Mechanism, error) { return presets.Read("untoc") })

func untoc(t testing.TB) *mechanism.Mechanism {
	t.Helper()
	m, err := preset()
	if err != nil {
		t.Fatal(err)
	}
	return m
}
