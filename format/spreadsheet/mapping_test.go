package spreadsheet

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"
)

func columns(names ...string) []Column {
	var list []Column
	for _, name := range names {
		list = append(list, Column{Name: name})
	}
	return list
}

func fields() []Field {
	return []Field{
		{"organisation", []string{"Organisation", "Name of the organisation", "Nom de l’organisation", "المنظمة"}},
		{"country", []string{"Country", "Pays", "البلد"}},
		{"email", []string{"E-mail", "Courriel", "Email address"}},
		{"date_of_birth", []string{"Date of birth", "Date de naissance", "تاريخ الميلاد"}},
	}
}

func TestPropose(t *testing.T) {
	for _, tt := range []struct {
		header string
		field  string
		basis  Basis
	}{
		{"ORGANISATION", "organisation", Same},
		{"Organisaton", "organisation", Similar},
		{"Organization", "organisation", Similar},
		{"nom de l'organisation", "organisation", Same},
		{"الْمُنَظَّمَة", "organisation", Same},
		{"المنظـــمة", "organisation", Same},
		{"date_of_birth", "date_of_birth", Same},
		{"Date-of-Birth:", "date_of_birth", Same},
		{"ＥＭＡＩＬ　ＡＤＤＲＥＳＳ", "email", Same},
		{"e mail", "email", Same},
		{"Paÿs", "country", Same},
		{"Date", "", ""},
		{"Notes", "", ""},
		{"", "", ""},
	} {
		m := Propose(columns("zzz", tt.header), fields())
		var got Match
		if len(m.Columns) > 0 {
			got = m.Columns[0]
		}
		if want := (Match{tt.header, tt.field, tt.basis}); got != want && (got != Match{} || tt.field != "") {
			t.Errorf("%s goes to %+v, want %+v", tt.header, got, want)
		}
	}
	m := Propose(columns("Organisation (short)", "Notes", "E-mail", "Organisation", "Organisation"), fields())
	want := []Match{{"E-mail", "email", Same}, {"Organisation", "organisation", Same}}
	if !reflect.DeepEqual(m.Columns, want) {
		t.Errorf("got %+v", m.Columns)
	}
	index, missing := m.Index(columns("x", "organisation", "Country"))
	if !reflect.DeepEqual(index, map[string]int{"organisation": 1}) || !reflect.DeepEqual(missing, []string{"E-mail"}) {
		t.Errorf("index %v, missing %v", index, missing)
	}
}

// TestProposeRules holds what is promised of any names: each column and field once, and the same each time.
func TestProposeRules(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 9))
	words := []string{"name", "Name", "date", "dates", "of", "birth", "é", "", "country", "county", "mail"}
	random := func() string { return words[r.IntN(len(words))] + " " + words[r.IntN(len(words))] }
	for range 300 {
		var c []Column
		var f []Field
		for n := range r.IntN(8) {
			c = append(c, Column{Name: random()})
			f = append(f, Field{fmt.Sprint("f", n), []string{random(), random()}})
		}
		m := Propose(c, f)
		if again := Propose(c, f); !reflect.DeepEqual(m, again) {
			t.Fatal("twice is not the same")
		}
		text, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		back, err := ParseMapping(text)
		if err != nil || !reflect.DeepEqual(back, m) {
			t.Fatalf("%s: %v, %v", text, back, err)
		}
		if index, missing := m.Index(c); len(missing) > 0 || len(index) != len(m.Columns) {
			t.Fatalf("%s: index %v, missing %v", text, index, missing)
		}
	}
}

func TestParseMapping(t *testing.T) {
	for text, ok := range map[string]bool{
		`{"format":"rostrum-mapping/1","columns":[{"header":"A","field":"a","basis":"chosen"}]}`:                                             true,
		`{"format":"rostrum-mapping/1","columns":[]}`:                                                                                        true,
		`{"format":"rostrum-mapping/2","columns":[]}`:                                                                                        false,
		`{"format":"rostrum-mapping/1","columns":[{"header":"A","field":"a","basis":"chosen"},{"header":"a","field":"b","basis":"chosen"}]}`: false,
		`{"format":"rostrum-mapping/1","columns":[{"header":"A","field":"a","basis":"chosen"},{"header":"b","field":"a","basis":"chosen"}]}`: false,
		`{"format":"rostrum-mapping/1","columns":[{"header":"!","field":"a","basis":"chosen"}]}`:                                             false,
		`{"format":"rostrum-mapping/1","columns":[{"header":"A","field":"a","basis":"guessed"}]}`:                                            false,
		`[]`: false,
		``:   false,
	} {
		if _, err := ParseMapping([]byte(text)); ok != (err == nil) || err != nil && !errors.Is(err, ErrMapping) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func FuzzParseMapping(f *testing.F) {
	f.Add([]byte(`{"format":"rostrum-mapping/1","columns":[{"header":"A","field":"a","basis":"chosen"}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		if m, err := ParseMapping(text); err == nil {
			m.Index(columns("A", "b"))
		}
	})
}
