package place

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"
)

// TestDocumented holds the specification and the sentences together: every
// code has one row in the tables of docs/formats, with the arguments that its
// sentence uses.
func TestDocumented(t *testing.T) {
	rows := map[Code][]string{}
	row := regexp.MustCompile("(?m)^\\| `([a-z0-9_]+)` \\| ((?:`[a-z_]+`(?:, )?)*) ?\\| [^|]*\\|$")
	for _, name := range []string{"mechanism.md", "dialogue.md"} {
		doc, err := os.ReadFile("../../../docs/formats/" + name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range row.FindAllStringSubmatch(string(doc), -1) {
			if _, known := sentences[Code(m[1])]; known {
				rows[Code(m[1])] = names(m[2], "`([a-z_]+)`")
			}
		}
	}
	for _, code := range Codes() {
		s := sentences[code]
		want := names(s.sentence+s.next+s.hint, `\{([a-z_]+)\}`)
		want = slices.DeleteFunc(want, func(n string) bool { return n == "value" })
		got, ok := rows[code]
		if !ok {
			t.Errorf("%s has no row in docs/formats", code)
		} else if !slices.Equal(got, want) && !(len(got) == 0 && len(want) == 0) {
			t.Errorf("%s: documented with %v, the sentence uses %v", code, got, want)
		}
		if s.sentence == "" || s.next == "" {
			t.Errorf("%s has no sentence or no next step", code)
		}
	}
}

func names(s, form string) []string {
	var found []string
	for _, m := range regexp.MustCompile(form).FindAllStringSubmatch(s, -1) {
		if !slices.Contains(found, m[1]) {
			found = append(found, m[1])
		}
	}
	slices.Sort(found)
	return found
}

func TestPosition(t *testing.T) {
	// Columns count characters, whatever their bytes, and CR belongs to the line it ends.
	text := "{\r\n  \"ä\": \"هـ\", \"b\": [1, 22]\n}"
	r, err := Open(strings.NewReader("\uFEFF" + text))
	if err != nil || r.Err() != nil {
		t.Fatal(err, r.Err())
	}
	for pointer, want := range map[string]string{
		"": "1:1", "/ä": "2:8", "/b": "2:19", "/b/1": "2:23",
		"/b/7": "2:19", "/none/at/all": "1:1",
	} {
		if got := r.Doc.Find(pointer).String(); got != want {
			t.Errorf("Find(%q) = %s, want %s", pointer, got, want)
		}
	}
}

func TestPointer(t *testing.T) {
	r, _ := Open(strings.NewReader(`{"a/b~c": [null, {"d\u0000": 1}]}`))
	n := r.Root().Children[0].Children[1].Children[0]
	if got, want := n.Pointer(), `/a~1b~0c/1/d\u0000`; got != want {
		t.Errorf("Pointer() = %q, want %q", got, want)
	}
}

func TestShown(t *testing.T) {
	for in, want := range map[string]string{
		"plain":                  "plain",
		"a\nb\tc":                `a\u000ab\u0009c`,
		"a\u202Eb\uFEFF\u2066":   `a\u202eb\ufeff\u2066`,
		"a\xffb\uFFFD":           `a\xffb` + "\uFFFD",
		strings.Repeat("ع", 80):  strings.Repeat("ع", 80),
		strings.Repeat("ع", 100): strings.Repeat("ع", 80) + "…",
	} {
		if got := Shown(in); got != want {
			t.Errorf("Shown(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestNearest(t *testing.T) {
	words := []string{"ngo", "academia", "private_sector", "stakeholders", "governments"}
	for in, want := range map[string]string{
		"ngos": "ngo", "acadamia": "academia", "stakeholder": "stakeholders", "private-sector": "private_sector",
		"xyz": "", "": "", "completely different": "", strings.Repeat("n", 65): "",
	} {
		if got := Nearest(in, words); got != want {
			t.Errorf("Nearest(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestName(t *testing.T) {
	for _, s := range []string{"a", "som-2022", "4mi", strings.Repeat("a", 64)} {
		if !isName(s, '-') {
			t.Errorf("%q should be an id", s)
		}
	}
	for _, s := range []string{"", "-", "a-", "-a", "a--b", "A", "a_b", "a.b", "..", "a/b", `a\b`, "a b", "é", "a\x00", strings.Repeat("a", 65)} {
		if isName(s, '-') {
			t.Errorf("%q should not be an id", s)
		}
	}
}

func TestDate(t *testing.T) {
	for in, want := range map[Date][2]string{
		"2022-07-01": {"2022-07-01", "2022-07-01"},
		"2024-02":    {"2024-02-01", "2024-02-29"},
		"2022-02-30": {"0001-01-01", "0001-01-01"},
		"2022-7-1":   {"0001-01-01", "0001-01-01"},
		"2022":       {"0001-01-01", "0001-01-01"},
	} {
		if got := [2]string{in.First().Format("2006-01-02"), in.Last().Format("2006-01-02")}; got != want {
			t.Errorf("%s runs from %s to %s, want %v", in, got[0], got[1], want)
		}
	}
}

func TestReadingFails(t *testing.T) {
	if _, err := Open(iotest.ErrReader(os.ErrDeadlineExceeded)); err == nil {
		t.Error("an error of the reader is lost")
	}
}

// TestManyProblems: the list is cut in file order and says what it left out.
func TestManyProblems(t *testing.T) {
	for _, found := range []int{99, 100, 101, 150, 5000} {
		r, err := Open(strings.NewReader("[" + strings.Repeat("1,\n", found-1) + "1]"))
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range r.Root().Children {
			r.Bool(c)
		}
		ps := r.Err().(Problems)
		if want := min(found, MaxProblems); len(ps) != want {
			t.Errorf("%d problems: %d listed, want %d", found, len(ps), want)
		}
		last := ps[len(ps)-1]
		if found > MaxProblems && (last.Code != TooManyProblems || ps[98].Line != 99) {
			t.Errorf("%d problems: the list ends with %v after line %d", found, last, ps[98].Line)
		}
		if found == 150 && last.Args["more"] != "51" {
			t.Errorf("%v, want 51 more", last)
		}
	}
}

// FuzzParse compares the parser with the standard library's: what this one
// accepts is JSON of the same value, and what is JSON is never called broken.
func FuzzParse(f *testing.F) {
	for _, s := range []string{
		`{}`, `[]`, `{"a":[1,-0.5e+3,true,false,null,"x\u00e9\ud83d\ude00\n"]}`, ` "a" `, "\uFEFF{}", `{"a":1,"a":2}`,
		`[1,]`, `{"a"}`, `"\ud800"`, `"\u202e"`, "\"\xff\"", `01`, `-`, `1.`, `1e`, `nul`, `[[[[`, `"`, `"\u12`, `{"a":1}x`, "",
		strings.Repeat("[", 40), `"\ud800\u0041"`, `{,}`, `[,1]`,
	} {
		f.Add([]byte(s))
	}
	syntax := []Code{EmptyFile, BrokenJSON, FileCutShort, TextAfterEnd}
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := Open(strings.NewReader(string(data)))
		if err != nil {
			t.Fatal(err)
		}
		valid := json.Valid([]byte(strings.TrimPrefix(string(data), "\uFEFF")))
		ps, _ := r.Err().(Problems)
		if len(ps) == 0 {
			if !valid || !utf8.Valid(data) {
				t.Fatalf("accepted what is not JSON: %q", data)
			}
			var want any
			if err := json.Unmarshal([]byte(r.Doc.text), &want); err != nil {
				t.Skip(err) // a number outside float64
			}
			if got := plain(t, r.Root()); !equal(got, want) {
				t.Fatalf("read %v, want %v", got, want)
			}
		}
		for _, p := range ps {
			if valid && slices.Contains(syntax, p.Code) {
				t.Fatalf("called broken what is JSON: %q: %v", data, p)
			}
			sound(t, p)
		}
	})
}

// sound checks what every problem promises.
func sound(t *testing.T, p Problem) {
	t.Helper()
	s := p.String()
	if !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool { return hidden(r) || turnsText(r) || r == '\n' }) {
		t.Fatalf("cannot be printed in one line: %q", s)
	}
	if p.Sentence == "" || p.Next == "" {
		t.Fatalf("says nothing: %+v", p)
	}
}

func plain(t *testing.T, n *Node) any {
	switch n.Kind {
	case Object:
		m := map[string]any{}
		for _, c := range n.Children {
			m[c.key] = plain(t, c)
		}
		return m
	case Array:
		l := []any{}
		for _, c := range n.Children {
			l = append(l, plain(t, c))
		}
		return l
	case String:
		return n.Text
	}
	var v any
	if err := json.Unmarshal([]byte(n.Text), &v); err != nil {
		t.Skip(err)
	}
	return v
}

func equal(a, b any) bool {
	x, err1 := json.Marshal(a)
	y, err2 := json.Marshal(b)
	return err1 == nil && err2 == nil && string(x) == string(y)
}
