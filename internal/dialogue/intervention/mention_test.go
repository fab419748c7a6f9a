package intervention

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// TestMentionsOnLabelledText holds precision and recall on the labelled list above what the check promises: of ten
// countries named, nine are found, and of ten found, nine are there.
func TestMentionsOnLabelledText(t *testing.T) {
	evaluate(t, labelled, 0.95)
}

// TestMentionsOnHeldOutText is the same on sentences that the rules were not made with.
func TestMentionsOnHeldOutText(t *testing.T) {
	evaluate(t, heldOut, 0.85)
}

func evaluate(t *testing.T, sentences []struct{ lang, text, codes string }, least float64) {
	t.Helper()
	type tally struct{ right, wrong, missed int }
	byLang := map[string]*tally{}
	for _, l := range sentences {
		if byLang[l.lang] == nil {
			byLang[l.lang] = &tally{}
		}
		n := byLang[l.lang]
		want := strings.Fields(l.codes)
		var found []string
		for _, m := range Mentions(l.text, l.lang) {
			found = append(found, m.Code)
			if l.text[m.Start:m.End] != m.Text || m.Text == "" {
				t.Errorf("%q: the mention of %s is at %q", l.text, m.Code, l.text[m.Start:m.End])
			}
			if i := slices.Index(want, m.Code); i >= 0 {
				want = slices.Delete(want, i, i+1)
				n.right++
			} else if i := slices.Index(want, "("+m.Code+")"); i >= 0 {
				want = slices.Delete(want, i, i+1)
				if m.Confidence != Doubtful {
					n.wrong++
					t.Logf("%s %q: %s is not doubtful", l.lang, l.text, m.Text)
				}
			} else {
				n.wrong++
				t.Logf("%s %q: found %s in %q", l.lang, l.text, m.Code, m.Text)
			}
		}
		for _, code := range want {
			if !strings.HasPrefix(code, "(") {
				n.missed++
				t.Logf("%s %q: missed %s, found %v", l.lang, l.text, code, found)
			}
		}
	}
	all := tally{}
	for lang, n := range byLang {
		t.Logf("%s: right %d, wrong %d, missed %d", lang, n.right, n.wrong, n.missed)
		all.right, all.wrong, all.missed = all.right+n.right, all.wrong+n.wrong, all.missed+n.missed
	}
	precision, recall := float64(all.right)/float64(all.right+all.wrong), float64(all.right)/float64(all.right+all.missed)
	t.Logf("precision %.3f, recall %.3f over %d sentences", precision, recall, len(sentences))
	if precision < least || recall < least {
		t.Errorf("precision %.3f, recall %.3f", precision, recall)
	}
}

func TestRussianCases(t *testing.T) {
	for _, c := range []struct {
		first, word string
		want        bool
	}{
		{"ливия", "ливии", true}, {"ливия", "ливию", true}, {"нигер", "нигера", true}, {"нигер", "нигерии", false}, {"нигер", "нигерия", false}, {"нидерланды", "нидерландов", true},
		{"перу", "перуа", false}, {"гана", "ганы", true}, {"оман", "омана", true}, {"оман", "оманский", false}, {"чили", "чилим", false},
	} {
		if got := inflected(c.first, c.word); got != c.want {
			t.Errorf("inflected(%s, %s) = %t", c.first, c.word, got)
		}
	}
}

func FuzzMentions(f *testing.F) {
	for _, l := range labelled {
		f.Add(l.text, l.lang)
	}
	f.Add("\xff\u200f العراق\u0301", "ar-x")
	f.Fuzz(func(t *testing.T, text, lang string) {
		last := 0
		for _, m := range Mentions(text, lang) {
			if m.Start < last || m.End <= m.Start || m.End > len(text) || text[m.Start:m.End] != m.Text || len(m.Code) != 2 {
				t.Fatalf("a mention out of place: %+v after %d in %q", m, last, text)
			}
			last = m.End
			if utf8.ValidString(text) && !utf8.ValidString(m.Text) {
				t.Fatalf("a letter is cut: %q", m.Text)
			}
		}
	})
}

func BenchmarkMentions(b *testing.B) {
	text := strings.Repeat("Boats from Tunisia and Algeria arrive in Italy, where Libyan migrants wait for months without lawyers or interpreters. ", 60)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		Mentions(text, "en")
	}
}
