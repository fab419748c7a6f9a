package application

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"rostrum.example/format/mechanism"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/page"
	"rostrum.example/presets"
)

var choicesAB = []mechanism.Option{{ID: "a"}, {ID: "b"}, {ID: "c"}}

// TestEveryKind reads and checks each kind of question.
func TestEveryKind(t *testing.T) {
	q := func(kind mechanism.FieldKind, change ...func(*mechanism.Field)) mechanism.Field {
		f := mechanism.Field{ID: "q", Kind: kind, Choices: choicesAB}
		for _, fn := range change {
			fn(&f)
		}
		return f
	}
	required := func(f *mechanism.Field) { f.Required = true }
	short := func(f *mechanism.Field) { f.MaxCharacters = 5 }
	two := func(f *mechanism.Field) { f.MaxItems = 2 }
	for _, one := range []struct {
		name  string
		q     mechanism.Field
		sent  []string
		want  string // the values kept, joined by |
		wrong string // the end of the key
	}{
		{"a line", q(mechanism.FieldLine), []string{"  two   words "}, "two words", ""},
		{"a line left out", q(mechanism.FieldLine), nil, "", ""},
		{"a required line of spaces", q(mechanism.FieldLine, required), []string{" \t\u00a0"}, "", "field.missing"},
		{"a line that is too long", q(mechanism.FieldLine, short), []string{"éééééé"}, "éééééé", "field.long"},
		{"a line as long as may be", q(mechanism.FieldLine, short), []string{"e\u0301e\u0301e\u0301e\u0301e\u0301"}, "ééééé", ""},
		{"a line with a line break", q(mechanism.FieldLine), []string{"a\r\nb"}, "a b", ""},
		{"a line with a turn", q(mechanism.FieldLine), []string{"a\u202eb"}, "ab", "field.unreadable"},
		{"a line with a null", q(mechanism.FieldLine), []string{"a\x00b"}, "ab", "field.unreadable"},
		{"a line of broken bytes", q(mechanism.FieldLine), []string{"a\xff\xfeb"}, "ab", "field.unreadable"},
		{"two lines for one", q(mechanism.FieldLine), []string{"a", "b"}, "a", "field.twice"},
		{"the same line twice", q(mechanism.FieldLine), []string{"a", "a"}, "a", ""},
		{"a text", q(mechanism.FieldLines), []string{"\r\n one \r\n\r\n two\t\r\n"}, " one\n\n two", ""},
		{"a text that is too long", q(mechanism.FieldLines, short), []string{"123\n56"}, "123\n56", "field.long"},
		{"yes", q(mechanism.FieldYesNo), []string{"yes"}, "yes", ""},
		{"maybe", q(mechanism.FieldYesNo), []string{"maybe"}, "maybe", "field.choice"},
		{"no to the notice", q(mechanism.FieldYesNo, func(f *mechanism.Field) { f.ID = FieldNotice }), []string{"no"}, "no", "notice.no"},
		{"a choice", q(mechanism.FieldChoice), []string{"b"}, "b", ""},
		{"a choice that is none", q(mechanism.FieldChoice), []string{"<script>"}, "<script>", "field.choice"},
		{"choices", q(mechanism.FieldChoices), []string{"a", "c", "a"}, "a|c", ""},
		{"too many choices", q(mechanism.FieldChoices, two), []string{"a", "b", "c"}, "a|b|c", "field.many"},
		{"choices with one that is none", q(mechanism.FieldChoices), []string{"a", "x"}, "a|x", "field.choice"},
		{"a country", q(mechanism.FieldCountry), []string{"ml"}, "ML", ""},
		{"a country that is none", q(mechanism.FieldCountry), []string{"XX"}, "XX", "field.choice"},
		{"a region for a country", q(mechanism.FieldCountry), []string{"011"}, "011", "field.choice"},
		{"countries", q(mechanism.FieldCountries), []string{"ML", "011", "001"}, "ML|011|001", ""},
		{"countries with one that is none", q(mechanism.FieldCountries), []string{"ML", "999"}, "ML|999", "field.choice"},
		{"languages", q(mechanism.FieldLanguages), []string{"en", "sw"}, "en|sw", ""},
		{"languages with one that is none", q(mechanism.FieldLanguages), []string{"tlh"}, "tlh", "field.choice"},
		{"a link", q(mechanism.FieldLink), []string{"example.org/a"}, "https://example.org/a", ""},
		{"a link in Arabic", q(mechanism.FieldLink), []string{"https://مثال.إختبار/ص"}, "https://مثال.إختبار/ص", ""},
		{"a script for a link", q(mechanism.FieldLink), []string{"javascript:alert(1)"}, "javascript:alert(1)", "field.link"},
		{"a link with a password", q(mechanism.FieldLink), []string{"https://a:b@example.org"}, "https://a:b@example.org", "field.link"},
		{"a link to a machine", q(mechanism.FieldLink), []string{"http://localhost/"}, "http://localhost/", "field.link"},
		{"links", q(mechanism.FieldLinks), []string{"example.org\r\n https://two.example "}, "https://example.org|https://two.example", ""},
		{"links with one that is none", q(mechanism.FieldLinks), []string{"example.org\nnothing"}, "https://example.org|nothing", "field.link"},
		{"an address", q(mechanism.FieldEmail), []string{" a@b.example "}, "a@b.example", ""},
		{"no address", q(mechanism.FieldEmail), []string{"a@b"}, "a@b", "field.email"},
		{"a dialogue", q(mechanism.FieldDialogues), []string{"som-2027"}, "som-2027", ""},
		{"another call's dialogue", q(mechanism.FieldDialogues), []string{"som-2025"}, "som-2025", "field.dialogue"},
	} {
		fields := []mechanism.Field{one.q}
		a, wrong := read(fields, url.Values{one.q.ID: one.sent})
		wrong = append(wrong, check(fields, fields, a, []string{"som-2027"})...)
		if got := strings.Join(a.All(one.q.ID), "|"); got != one.want {
			t.Errorf("%s: kept %q, want %q", one.name, got, one.want)
		}
		var keys []string
		for _, w := range wrong {
			keys = append(keys, strings.TrimPrefix(w.Key, "application."))
		}
		if got := strings.Join(keys, " "); got != one.wrong {
			t.Errorf("%s: wrong is %q, want %q", one.name, got, one.wrong)
		}
	}
}

func TestConditionsInChains(t *testing.T) {
	fields := []mechanism.Field{
		{ID: "a", Kind: mechanism.FieldYesNo},
		{ID: "b", Kind: mechanism.FieldChoice, Choices: choicesAB, Required: true, If: &mechanism.If{Field: "a", Is: "yes"}},
		{ID: "c", Kind: mechanism.FieldLine, Required: true, If: &mechanism.If{Field: "b", Is: "c"}},
		{ID: "d", Kind: mechanism.FieldPersons, Fields: []mechanism.Field{
			{ID: "x", Kind: mechanism.FieldYesNo}, {ID: "y", Kind: mechanism.FieldLine, Required: true, If: &mechanism.If{Field: "x", Is: "yes"}}}},
	}
	f := &form{fields: fields}
	for _, one := range []struct{ sent, wrong, kept string }{
		{"", "", ""},
		{"a=yes", "b", "a"},
		{"a=yes&b=c", "c", "a b"},
		{"a=yes&b=c&c=z", "", "a b c"},
		{"a=yes&b=a&c=z", "", "a b"},
		{"a=no&b=c&c=z", "", "a"},
		{"a=no&d-0-x=yes", "d-0-y", "a d"},
		{"a=no&d-0-x=no&d-0-y=z&d-1-x=yes&d-1-y=w", "", "a d"},
	} {
		in, err := url.ParseQuery(one.sent)
		if err != nil {
			t.Fatal(err)
		}
		a, marks := read(fields, in)
		var wrong, kept []string
		for _, w := range append(marks, check(fields, fields, a, nil)...) {
			wrong = append(wrong, w.Field)
		}
		pruned := f.prune(a)
		for id := range pruned {
			kept = append(kept, id)
		}
		slices.Sort(kept)
		if strings.Join(wrong, " ") != one.wrong || strings.Join(kept, " ") != one.kept {
			t.Errorf("%q: wrong %v, kept %v; want %q, %q", one.sent, wrong, kept, one.wrong, one.kept)
		}
		if persons := pruned["d"].Persons; len(persons) == 2 && (persons[0]["y"] != "" || persons[1]["y"] != "w") {
			t.Errorf("the persons are %v", persons)
		}
	}
}

// TestSealedQuestionsStandTogether: they make one envelope, on the page of the last step that has one.
func TestSealedQuestionsStandTogether(t *testing.T) {
	for _, preset := range []string{"untoc", "uncac"} {
		m, err := presets.Read(preset)
		if err != nil {
			t.Fatal(err)
		}
		f, err := newForm(m.Form)
		if err != nil {
			t.Fatal(err)
		}
		if f.sealing != "consent" || len(f.sealed()) != 5 {
			t.Errorf("%s seals %d answers on the page %q", preset, len(f.sealed()), f.sealing)
		}
		if q, ok := f.field(FieldEmail); !ok || q.Kind != mechanism.FieldEmail || !q.Required || q.Step != f.steps[0].ID || q.SeenBy != mechanism.SeenBySecretariat || q.Sealed {
			t.Errorf("%s asks for the address to write to as %+v", preset, q)
		}
		seen := map[string]bool{}
		for _, s := range f.steps {
			for _, q := range f.open(s.ID) {
				seen[q.ID] = true
			}
		}
		for _, q := range f.sealed() {
			seen[q.ID] = true
		}
		if len(seen) != len(f.fields) {
			t.Errorf("%s: %d of %d questions stand on a page", preset, len(seen), len(f.fields))
		}
	}
	for name, broken := range map[string]mechanism.Form{
		"no steps":             {},
		"a step named as page": {Steps: []mechanism.Term{{ID: "check"}}},
		"listing and safety apart": {Steps: []mechanism.Term{{ID: "a"}, {ID: "b"}}, Fields: []mechanism.Field{
			{ID: FieldListing, Step: "a"}, {ID: FieldSafety, Step: "b", Sealed: true}}},
	} {
		if _, err := newForm(broken); err == nil {
			t.Errorf("%s: the form was taken", name)
		}
	}
}

// TestAtlas: every country can be chosen, once by region.
func TestAtlas(t *testing.T) {
	g := newSQLiteRig(t)
	for _, lang := range locale.Langs {
		a := g.room.atlas[lang]
		seen := map[string]int{}
		for _, region := range a.regions {
			for _, c := range region.Members {
				seen[c.Code]++
			}
		}
		if len(a.countries) != 249 || len(seen) != 249 {
			t.Errorf("%s: %d countries, %d by region", lang, len(a.countries), len(seen))
		}
		for code, n := range seen {
			if n != 1 {
				t.Errorf("%s: %s stands in %d regions", lang, code, n)
			}
		}
		for _, o := range append(slices.Clone(a.countries), append(a.official, a.other...)...) {
			if o.Name == "" || o.Name == o.Code {
				t.Errorf("%s: %s has no name", lang, o.Code)
			}
		}
	}
}

// FuzzForm: whatever a browser sends, what is kept is clean, can be read again to the same, and is never a panic.
func FuzzForm(f *testing.F) {
	m, err := presets.Read("untoc")
	if err != nil {
		f.Fatal(err)
	}
	form, err := newForm(m.Form)
	if err != nil {
		f.Fatal(err)
	}
	for _, step := range []url.Values{organisation(), experience(), people(), consent("public", "yes")} {
		f.Add(step.Encode())
	}
	f.Add("nominated_persons-0-name=%ff%00&nominated_persons-19-email=a@b.c&nominated_persons-99-name=x&listing_consent=a&listing_consent=b")
	f.Fuzz(func(t *testing.T, body string) {
		in, _ := url.ParseQuery(body)
		a, _ := read(form.fields, in)
		clean := func(s string) {
			for line := range strings.SplitSeq(s, "\n") {
				if !page.Clean(line) || !utf8.ValidString(s) {
					t.Fatalf("%q was kept", s)
				}
			}
		}
		again := url.Values{}
		for id, answer := range a {
			for _, v := range answer.Values {
				clean(v)
				again.Add(id, v)
			}
			for i, person := range answer.Persons {
				for sub, v := range person {
					clean(v)
					again.Add(part(id, i, sub), v)
				}
			}
		}
		twice, marks := read(form.fields, again)
		if len(marks) > 0 {
			t.Fatalf("what was kept is marked when it is read again: %v", marks)
		}
		for id := range a {
			if !equal(a[id], twice[id]) {
				t.Fatalf("%s is kept as %v and read again as %v", id, a[id], twice[id])
			}
		}
		check(form.fields, form.fields, a, []string{"som-2027"})
		form.prune(a)
	})
}

// FuzzUnderstand: cells of strangers give clean values of the question's kind, or are said not to be understood.
func FuzzUnderstand(f *testing.F) {
	g := newSQLiteRig(f)
	c := &call{}
	for _, s := range []string{"Yes", "Mali; Kenya, Uganda", "English;العربية", "a, b, c", "https://x.example", "\xff\x00;,;", "2027-01-01"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		moment(text, vienna)
		for _, q := range g.m.Form.Fields {
			values, _ := g.room.understand(q, text, c)
			if q.Kind == mechanism.FieldPersons || q.Kind == mechanism.FieldLine || q.Kind == mechanism.FieldLines {
				continue
			}
			if wrong := checkValues(q, q.ID, values[:min(len(values), 1)], nil); len(values) > 0 && len(wrong) > 0 && wrong[0].Key != "application.notice.no" {
				t.Fatalf("%s understands %q as %q, which is wrong: %v", q.ID, text, values, wrong)
			}
		}
	})
}
