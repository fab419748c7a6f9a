package text

import (
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"
)

// TestPublished holds the published form of the sample to testdata/published.json, and that it is read as it was.
func TestPublished(t *testing.T) {
	d := sampleDocument()
	c := Cover(&d, []Source{{ID: "in-1", Category: "ngo", Lang: "en", Words: 20}, {ID: "in-2", Category: "academia", Lang: "en", Words: 20}, {ID: "in-3", Category: "ngo", Lang: "en", Words: 9}})
	p := Publish(&d, 3, day(7), "https://dialogue.example.org/en/summary/sample/3", func(q Citation) string { return "https://dialogue.example.org/en/input/" + q.Source }, &c,
		[]Signature{{Version: 3, By: Author{Person: "p5", Name: "Sample Chair"}, Capacity: "Chair", At: day(7)}, {Version: 2, By: Author{Name: "Sample Other"}}, {Version: 3, By: Author{Name: "Sample Gone"}, Withdrawn: day(7)}})
	got, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	const golden = "testdata/published.json"
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(golden, append(got, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if string(got)+"\n" != string(want) {
		t.Errorf("the published form has changed; look at it with UPDATE=1 and git diff\n%s", got)
	}
	if strings.Contains(string(got), "p-owner") || strings.Contains(string(got), "p5") {
		t.Error("it names persons by their accounts")
	}
	back, err := ReadPublished(want)
	if err != nil || !reflect.DeepEqual(back, p) {
		t.Fatalf("%+v, %v", back, err)
	}
	d.Each(func(_ *Section, b *Block) bool { b.Owner = ""; return true })
	if got := *back.Document(); !reflect.DeepEqual(got, d) {
		t.Errorf("%+v\nwant %+v", got, d)
	}
	for name, change := range map[string][2]string{
		"another format":      {`rostrum-text/1`, `rostrum-text/2`},
		"an unknown field":    {`"kind": "summary"`, `"kind": "summary", "mood": "good"`},
		"an id twice":         {`"id": "b3"`, `"id": "b2"`},
		"another motivation":  {`"linking"`, `"tagging"`},
		"another block":       {`"body": "#b3"`, `"body": "#b2"`},
		"no version":          {`"version": 3`, `"version": 0`},
		"a status":            {`"status": "editors"`, `"status": "sworn"`},
		"something behind it": {"\n}\n", "\n}\n{}"},
	} {
		if s := strings.Replace(string(want), change[0], change[1], 1); s == string(want) {
			t.Errorf("%s: nothing was changed", name)
		} else if _, err := ReadPublished([]byte(s)); err == nil {
			t.Errorf("%s is read", name)
		}
	}
}

func TestView(t *testing.T) {
	d := sampleDocument()
	v := d.View("fr")
	b2 := v.Sections[0].Blocks[1]
	if b2.Text.Foreign || b2.Text.Behind || b2.Text.Lang != "fr" || b2.Number != 1 || len(b2.Notes) != 2 || b2.Notes[1].Number != 2 {
		t.Errorf("%+v", b2)
	}
	if b4 := v.Sections[1].Blocks[0]; !b4.Text.Foreign || b4.Text.Lang != "en" || b4.Number != 3 || b4.Actor.Text != "States" || b4.Date != "2028" {
		t.Errorf("%+v", b4)
	}
	if len(v.Notes) != 3 || v.Notes[2].ID != "c3" {
		t.Errorf("%+v", v.Notes)
	}
	d.Title["ar"] = Wording{Text: "ملخص", Status: Machine}
	if title := d.View("ar").Title; title.Dir != "rtl" || !title.Behind || title.Status != Machine {
		t.Errorf("%+v", title)
	}
	plain := d.Plain("en")
	for _, want := range []string{"Sample summary of the Chair\n", "This sample lists what was said.\n", "1. Speakers asked for comparable data on routes and on harm. [1] [2]\n", "[3] “programmes cannot be evaluated” in-2\n"} {
		if !strings.Contains(plain, want) {
			t.Errorf("no %q in\n%s", want, plain)
		}
	}
	if got, want := string(Diff("a <b> c", "a <i>\nc").HTML("inserted", "")), `a &lt;<del>b&gt; </del><ins><span class="unseen">inserted: </span>i&gt;<br></ins>c`; got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}

func FuzzReadPublished(f *testing.F) {
	if seed, err := os.ReadFile("testdata/published.json"); err == nil {
		f.Add(seed)
	}
	f.Add([]byte(`{"format":"rostrum-text/1","version":1,"id":"a","kind":"b","language":"en","sections":[{"blocks":[null]}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := ReadPublished(data)
		if err != nil {
			return
		}
		d := p.Document()
		d.Plain("en")
		if err := d.Check(); err != nil {
			t.Fatal(err)
		}
	})
}
