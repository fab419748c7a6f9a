package text

import (
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"
)

func written(r Redline) string {
	var b strings.Builder
	for _, s := range r {
		switch s.Op {
		case Inserted:
			b.WriteString("{+" + s.Text + "+}")
		case Deleted:
			b.WriteString("[-" + s.Text + "-]")
		default:
			b.WriteString(s.Text)
		}
	}
	return b.String()
}

func TestDiff(t *testing.T) {
	for _, c := range []struct{ name, before, after, want string }{
		{"nothing", "", "", ""},
		{"the same", "Collect data.", "Collect data.", "Collect data."},
		{"a word replaced", "States should collect data.", "States shall collect data.", "States [-should-]{+shall+} collect data."},
		{"a word inserted", "Collect data.", "Collect comparable data.", "Collect {+comparable +}data."},
		{"a phrase replaced as one", "They asked for new laws now.", "They called on better rules now.", "They [-asked for new laws-]{+called on better rules+} now."},
		{"a mark", "Laws, data", "Laws; data", "Laws[-,-]{+;+} data"},
		{"a sentence at the end", "One.", "One. Two.", "One.{+ Two.+}"},
		{"letters with marks stay whole", "cafe\u0301 noir", "cafe noir", "[-cafe\u0301-]{+cafe+} noir"},
		{"Arabic", "طلب المتحدثون بيانات", "طلب المتحدثون أدلة", "طلب المتحدثون [-بيانات-]{+أدلة+}"},
		{"Chinese by character", "发言者要求数据。", "发言者要求提供数据。", "发言者要求{+提供+}数据。"},
		{"Russian", "Государства собирают данные", "Государства публикуют данные", "Государства [-собирают-]{+публикуют+} данные"},
		{"bytes that are no text", "a\xffb", "a\xfeb", "a[-\xff-]{+\xfe+}b"},
	} {
		if got := written(Diff(c.before, c.after)); got != c.want {
			t.Errorf("%s: %s\nwant %s", c.name, got, c.want)
		}
	}
}

// lexicon is what random texts are made of.
var lexicon = []string{"data", "and", "the", "evidence", "should", "States", " ", " ", " ", "\n", ", ", ".", "数", "据", "بيانات", "و", "é", "e\u0301", "\u200f"}

func someText(r *rand.Rand, n int) string {
	var b strings.Builder
	for range r.IntN(n + 1) {
		b.WriteString(lexicon[r.IntN(len(lexicon))])
	}
	return b.String()
}

// edited changes a few tokens of a text.
func edited(r *rand.Rand, s string) string {
	list := tokens(s)
	for range r.IntN(4) {
		at := r.IntN(len(list) + 1)
		switch {
		case r.IntN(2) == 0 || at == len(list):
			list = append(list[:at:at], append([]string{lexicon[r.IntN(len(lexicon))]}, list[at:]...)...)
		default:
			list = append(list[:at:at], list[at+1:]...)
		}
	}
	return strings.Join(list, "")
}

func TestDiffLaws(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		a := someText(r, 30)
		b := edited(r, a)
		if r.IntN(3) == 0 {
			b = someText(r, 30)
		}
		if got := strings.Join(tokens(a), ""); got != a {
			t.Fatalf("tokens of %q join to %q", a, got)
		}
		d := Diff(a, b)
		if d.Before() != a || d.After() != b {
			t.Fatalf("Diff(%q, %q) = %s", a, b, written(d))
		}
		if d.Changed() != (a != b) {
			t.Fatalf("Changed of %q, %q is %v", a, b, d.Changed())
		}
		for i := 1; i < len(d); i++ {
			if d[i].Op == d[i-1].Op || d[i].Text == "" || d[i-1].Op == Inserted && d[i].Op == Deleted {
				t.Fatalf("Diff(%q, %q) = %s", a, b, written(d))
			}
		}
	}
}

// TestDiffIsShortest compares the number of changed tokens with the table of the longest common subsequence.
func TestDiffIsShortest(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 5_000 {
		a, b := tokens(someText(r, 20)), tokens(someText(r, 20))
		got := 0
		for _, h := range diff(a, b) {
			got += h.a1 - h.a0 + h.b1 - h.b0
		}
		table := make([][]int, len(a)+1)
		for i := range table {
			table[i] = make([]int, len(b)+1)
		}
		for i := len(a) - 1; i >= 0; i-- {
			for j := len(b) - 1; j >= 0; j-- {
				if table[i][j] = max(table[i+1][j], table[i][j+1]); a[i] == b[j] {
					table[i][j] = table[i+1][j+1] + 1
				}
			}
		}
		if want := len(a) + len(b) - 2*table[0][0]; got != want {
			t.Fatalf("%q, %q: %d tokens changed, %d would do", a, b, got, want)
		}
	}
}

func TestMerge(t *testing.T) {
	const base = "The dialogue asked States to collect data and to publish them every year."
	for _, c := range []struct {
		name, ours, theirs, want string
		clashes                  int
	}{
		{"two places", "The dialogue called on States to collect data and to publish them every year.", "The dialogue asked States to collect data and to publish them every month.",
			"The dialogue called on States to collect data and to publish them every month.", 0},
		{"the same change", "The dialogue asked States to collect facts and to publish them every year.", "The dialogue asked States to collect facts and to publish them every year.",
			"The dialogue asked States to collect facts and to publish them every year.", 0},
		{"the same change and another", "The dialogue asked States to collect facts and to publish them every year.", "The dialogue asked all States to collect facts and to publish them every year.",
			"The dialogue asked all States to collect facts and to publish them every year.", 0},
		{"the same word", "The dialogue asked States to collect facts and to publish them every year.", "The dialogue asked States to collect figures and to publish them every year.",
			"The dialogue asked States to collect facts and to publish them every year.", 1},
		{"neighbouring words", "The dialogue asked States to gather data and to publish them every year.", "The dialogue asked States to collect figures and to publish them every year.",
			"The dialogue asked States to gather data and to publish them every year.", 1},
		{"deleted here, changed there", "The dialogue asked States to collect data.", "The dialogue asked States to collect data and to publish them each year.",
			"The dialogue asked States to collect data.", 1},
	} {
		got, clashes := Merge(base, c.ours, c.theirs)
		if got != c.want || len(clashes) != c.clashes {
			t.Errorf("%s: %q, clashes %+v\nwant %q, %d", c.name, got, clashes, c.want, c.clashes)
		}
	}
}

func TestMergeLaws(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	clean := 0
	for range 20_000 {
		base := someText(r, 30)
		a, b := edited(r, base), edited(r, base)
		for _, law := range []struct{ ours, theirs, want string }{{a, base, a}, {base, a, a}, {a, a, a}} {
			if got, clashes := Merge(base, law.ours, law.theirs); got != law.want || len(clashes) > 0 {
				t.Fatalf("Merge(%q, %q, %q) = %q, %v", base, law.ours, law.theirs, got, clashes)
			}
		}
		ab, clashes := Merge(base, a, b)
		ba, back := Merge(base, b, a)
		if len(clashes) != len(back) {
			t.Fatalf("Merge(%q, %q, %q) clashes %v one way, %v the other", base, a, b, clashes, back)
		}
		if len(clashes) == 0 {
			clean++
			if ab != ba {
				t.Fatalf("Merge(%q, %q, %q) = %q one way, %q the other", base, a, b, ab, ba)
			}
		}
		for i, c := range clashes {
			if c.Ours == c.Theirs || c.Ours != back[i].Theirs || c.Base != back[i].Base {
				t.Fatalf("Merge(%q, %q, %q): clash %+v, the other way %+v", base, a, b, c, back[i])
			}
		}
	}
	if clean < 5_000 {
		t.Errorf("only %d merges were clean", clean)
	}
}

// TestDiffOfHostileTexts holds that two long texts without anything in common end soon.
func TestDiffOfHostileTexts(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	long := func() string {
		var b strings.Builder
		for b.Len() < 300_000 {
			b.WriteRune(rune(0x4e00 + r.IntN(500)))
		}
		return b.String()
	}
	a, b := long(), long()
	d := Diff(a, b)
	if d.Before() != a || d.After() != b {
		t.Error("the spans are not the texts")
	}
}

func FuzzMerge(f *testing.F) {
	f.Add("one two three", "one 2 three", "one two 3")
	f.Add("数据", "数", "据")
	f.Add("\xff a", "a\u0301", "")
	f.Fuzz(func(t *testing.T, base, a, b string) {
		if len(base)+len(a)+len(b) > 4_000 {
			return
		}
		if d := Diff(a, b); d.Before() != a || d.After() != b {
			t.Fatalf("%q", d)
		}
		ab, clashes := Merge(base, a, b)
		if ba, _ := Merge(base, b, a); len(clashes) == 0 && ab != ba {
			t.Fatalf("%q, then %q", ab, ba)
		}
		if utf8.ValidString(base) && utf8.ValidString(a) && utf8.ValidString(b) && !utf8.ValidString(ab) {
			t.Fatalf("%q", ab)
		}
	})
}

func BenchmarkDiff(b *testing.B) {
	r := rand.New(rand.NewPCG(9, 10))
	var long strings.Builder
	for range 1_000 {
		long.WriteString(lexicon[r.IntN(6)] + " ")
	}
	before := long.String()
	after := edited(r, edited(r, before))
	for b.Loop() {
		Diff(before, after)
	}
}
