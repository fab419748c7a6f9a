package text

import (
	"math/rand/v2"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestFind(t *testing.T) {
	const s = "We ask for data.  Data on routes,\nand for data on harm. Nous demandons des donne\u0301es. نطلب البيانات والأدلة. 我们要求提供数据和证据。 co\u00adoperation"
	at := func(words string, nth int) Passage {
		start := 0
		for range nth {
			start += strings.Index(s[start:], words) + 1
		}
		start += strings.Index(s[start:], words)
		return Passage{start, start + len(words)}
	}
	for _, c := range []struct {
		name string
		sel  Selector
		want Outcome
		at   Passage
		near string
	}{
		{"once", Selector{Exact: "on harm"}, Found, at("on harm", 0), ""},
		{"twice", Selector{Exact: "for data"}, Ambiguous, Passage{}, ""},
		{"told apart by what stands before", Selector{Exact: "data", Prefix: "and for "}, Found, at("data", 1), ""},
		{"told apart by what stands behind", Selector{Exact: "for data", Suffix: "."}, Found, at("for data", 0), ""},
		{"with other words around it", Selector{Exact: "for data", Prefix: "beg "}, NotFound, Passage{}, "for data"},
		{"over a line end", Selector{Exact: "on routes, and for"}, Found, at("on routes,\nand for", 0), ""},
		{"over two spaces", Selector{Exact: "data. Data"}, Found, at("data.  Data", 0), ""},
		{"with spaces at its ends", Selector{Exact: " on harm. "}, Found, at("on harm.", 0), ""},
		{"another case", Selector{Exact: "Data on harm"}, NotFound, Passage{}, "data on harm"},
		{"another normal form", Selector{Exact: "donn\u00e9es"}, Found, at("donne\u0301es", 0), ""},
		{"without a mark", Selector{Exact: "donnees"}, NotFound, Passage{}, ""},
		{"the base of a character", Selector{Exact: "donne"}, NotFound, Passage{}, ""},
		{"without the soft hyphen", Selector{Exact: "cooperation"}, Found, at("co\u00adoperation", 0), ""},
		{"Arabic with a mark of direction", Selector{Exact: "\u200fالبيانات والأدلة"}, Found, at("البيانات والأدلة", 0), ""},
		{"Chinese", Selector{Exact: "数据"}, Found, at("数据", 0), ""},
		{"paraphrased", Selector{Exact: "We ask for statistics. Data on routes"}, NotFound, Passage{}, "We ask for data.  Data on routes"},
		{"nothing", Selector{}, NotFound, Passage{}, ""},
		{"only spaces", Selector{Exact: " \n"}, NotFound, Passage{}, ""},
		{"elsewhere", Selector{Exact: "firearms components"}, NotFound, Passage{}, ""},
	} {
		m := Find(s, c.sel)
		near := ""
		if m.Near != nil {
			near = s[m.Near.Start:m.Near.End]
		}
		if m.Outcome != c.want || m.Passage != c.at || near != c.near {
			t.Errorf("%s: %+v, near %q; want %s at %v, near %q", c.name, m, near, c.want, c.at, c.near)
		}
		if m.Outcome == Found && m.Verbatim != (s[m.Start:m.End] == c.sel.Exact) {
			t.Errorf("%s: verbatim is %v", c.name, m.Verbatim)
		}
	}
}

func TestSelect(t *testing.T) {
	const s = "Data on routes. Data on harm. More data on harm."
	for _, c := range []struct {
		name, selected string
		from           int
		want           Selector
	}{
		{"once", "routes", 0, Selector{Exact: "routes"}},
		{"by what stands behind", "Data on", 0, Selector{Exact: "Data on", Suffix: " routes"}},
		{"by what stands before", "harm", 30, Selector{Exact: "harm", Prefix: "data on "}},
		{"spaces are left out", " harm. ", 0, Selector{Exact: "harm.", Suffix: " "}},
	} {
		start := c.from + strings.Index(s[c.from:], c.selected)
		got, err := Select(s, Passage{start, start + len(c.selected)})
		if err != nil || got != c.want {
			t.Errorf("%s: %+v, %v; want %+v", c.name, got, err, c.want)
		}
	}
	for _, p := range []Passage{{-1, 2}, {3, 3}, {0, 400}, {15, 16}, {5, 2}} {
		if sel, err := Select(s, p); err == nil {
			t.Errorf("%v selects %+v", p, sel)
		}
	}
}

// TestContextIsShortest tries all prefixes and suffixes.
func TestContextIsShortest(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for range 3_000 {
		b := make([]byte, 1+r.IntN(14))
		for i := range b {
			b[i] = "ab"[r.IntN(2)]
		}
		s := string(b)
		start := r.IntN(len(s))
		end := start + 1 + r.IntN(len(s)-start)
		best := len(s) + 1
		for before := 0; before <= start; before++ {
			for after := 0; after <= len(s)-end; after++ {
				pattern, n := s[start-before:end+after], 0
				for i := range s {
					if strings.HasPrefix(s[i:], pattern) {
						n++
					}
				}
				if n == 1 {
					best = min(best, before+after)
				}
			}
		}
		before, after := surroundings(s, start, end)
		if before+after != best {
			t.Fatalf("%q[%d:%d]: %d before, %d behind; %d in all would do", s, start, end, before, after, best)
		}
	}
}

// again holds that a selection is found where it was made.
func again(t *testing.T, s string, p Passage) {
	t.Helper()
	sel, err := Select(s, p)
	if err != nil {
		return
	}
	m := Find(s, sel)
	if m.Outcome != Found || !m.Verbatim {
		t.Fatalf("%.80q in %.300q: %.80q gives %+v", s[p.Start:p.End], s, sel, m)
	}
	if sel.Exact != s[m.Start:m.End] {
		t.Fatalf("%q is not the passage %v of %q", sel.Exact, m.Passage, s)
	}
	// The passage holds what was selected, but for space and what is not seen.
	unseen := func(c rune) bool { return ignored(c) || unicode.IsSpace(c) }
	from := p.End - len(strings.TrimLeftFunc(s[p.Start:p.End], unseen))
	to := p.Start + len(strings.TrimRightFunc(s[p.Start:p.End], unseen))
	if utf8.ValidString(s[p.Start:p.End]) && (m.Start > from || m.End < to) {
		t.Fatalf("%v of %q is not within %v", p, s, m.Passage)
	}
	if other, err := Select(s, m.Passage); err != nil || other != sel {
		t.Fatalf("%q: %+v selects %+v, %v", s, sel, other, err)
	}
}

func TestSelectionsAreFoundAgain(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 12))
	for range 20_000 {
		s := someText(r, 40)
		if s == "" {
			continue
		}
		start := r.IntN(len(s))
		again(t, s, Passage{start, start + 1 + r.IntN(len(s)-start)})
	}
}

func FuzzSelect(f *testing.F) {
	f.Add("one two one two", 0, 3)
	f.Add("e\u0301e\u0301 e", 1, 3)
	f.Add(" \u0301a \u200b b\u200e ", 0, 8)
	f.Add("数据数据", 3, 6)
	f.Add("\xff\xfe\u1100\u1161\u11a8", 1, 4)
	f.Fuzz(func(t *testing.T, s string, start, end int) {
		if len(s) > 2_000 || start < 0 || end > len(s) || start >= end {
			return
		}
		again(t, s, Passage{start, end})
	})
}

func FuzzFind(f *testing.F) {
	f.Add("one two one two", "two", "one ", "")
	f.Add("e\u0301", "\u00e9", "", "")
	f.Add("a b", " ", "a", "b")
	f.Fuzz(func(t *testing.T, s, exact, prefix, suffix string) {
		m := Find(s, Selector{exact, prefix, suffix})
		all := m.Places
		if m.Outcome == Found {
			all = append(all, m.Passage)
		}
		if m.Near != nil {
			all = append(all, *m.Near)
		}
		for _, p := range all {
			if p.Start < 0 || p.Start >= p.End || p.End > len(s) {
				t.Fatalf("%+v of %d bytes", m, len(s))
			}
		}
		if m.Outcome == Found && fold(s[m.Start:m.End]).text != strings.Trim(fold(exact).text, " ") && utf8.ValidString(s) && utf8.ValidString(exact) {
			t.Fatalf("%q found as %q", exact, s[m.Start:m.End])
		}
	})
}

// TestFindInHostileTexts holds that texts made to be slow are not.
func TestFindInHostileTexts(t *testing.T) {
	s := strings.Repeat("a ", 500_000)
	if m := Find(s, Selector{Exact: "a"}); m.Outcome != Ambiguous || len(m.Places) != maxPlaces {
		t.Errorf("%+v", m)
	}
	if sel, err := Select(s, Passage{400_000, 400_001}); err != ErrLongSelection {
		t.Errorf("%.80q, %v", sel, err)
	}
	again(t, s, Passage{4_000, 4_001})
}

func BenchmarkFind(b *testing.B) {
	s := strings.Repeat("Stakeholders asked States to collect comparable data on routes and on harm. ", 90) + "One sentence is the last."
	for b.Loop() {
		Find(s, Selector{Exact: "sentence is the"})
	}
}
