package similar

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
)

func TestNearest(t *testing.T) {
	x := New([]Point{
		{ID: "a", Texts: map[string]string{"en": "Smugglers advertise on platforms.", "ar": "يعلن المهربون على المنصات."}},
		{ID: "b", Texts: map[string]string{"en": "Judges need training on article 5 and on UNTOC."}},
		{ID: "c", Texts: map[string]string{"zh": "各国应收集数据。"}},
		{ID: "d", Texts: nil},
	})
	for _, c := range []struct{ name, text, lang, want, shared string }{
		{"inflected", "We trained a judge.", "en", "b", "Judges training"},
		{"the point's other language", "إعلان لمهرب على المنصة", "ar", "a", "المهربون المنصات"},
		{"a number and an acronym in another language", "Согласно статье 5 UNTOC", "ru", "b", "5 UNTOC"},
		{"digits of Arabic", "وفقا للمادة ٥", "ar", "b", "5"},
		{"Chinese", "数据收集", "zh", "c", "收集 数据"},
		{"nothing in common", "Football is played outside.", "en", "", ""},
		{"nothing", "", "en", "", ""},
		{"no words", " .,;\xff\x00 ", "en", "", ""},
		{"an unknown language", "judges", "xx-Latn", "b", ""},
	} {
		got, shared := "", ""
		near := x.Nearest(c.text, c.lang, 1)
		if len(near) > 0 {
			got, shared = near[0].ID, strings.Join(near[0].Shared, " ")
			if s := near[0].Score; s <= 0 || s > 1 {
				t.Errorf("%s: score %v", c.name, s)
			}
		}
		if got != c.want || shared != c.shared {
			t.Errorf("%s: %q sharing %q, want %q sharing %q", c.name, got, shared, c.want, c.shared)
		}
	}
	if n := x.Nearest("judges", "en", 0); n != nil {
		t.Error(n)
	}
	if n := New(nil).Nearest("judges", "en", 3); n != nil {
		t.Error(n)
	}
}

// TestPassage holds that a long text is compared by its passage, not as a whole.
func TestPassage(t *testing.T) {
	x := New([]Point{{ID: "a", Texts: map[string]string{"en": "Judges need training."}}, {ID: "b", Texts: map[string]string{"en": "The weather changes."}}})
	filler := strings.Repeat("Another subject altogether was spoken about at length in this hall on that day, with many words that mean little. ", 8)
	text := filler + "Judges told us that their training never spoke of smuggled persons, and that nobody had asked them what kind of training they would want or need at all. " + filler
	near := x.Nearest(text, "en", 2)
	if len(near) == 0 || near[0].ID != "a" || !strings.HasPrefix(text[near[0].Start:near[0].End], "Judges told us") {
		t.Errorf("%+v", near)
	}
}

func TestStems(t *testing.T) {
	for lang, groups := range map[string][]string{
		"en": {"evaluate evaluated evaluating evaluation evaluations", "smuggle smuggled smuggling smuggler smugglers", "organisation organization organisations", "country countries", "plan plans planning planned", "protect protects protected protection"},
		"fr": {"évaluer évaluation évaluations évalué évaluées", "donnée données", "national nationaux nationale nationales", "protection protections"},
		"es": {"evaluar evaluación evaluaciones evaluado evaluada", "dato datos", "juez jueces", "traficante traficantes"},
		"ru": {"данные данных данными", "программа программы программу программами", "свидетель свидетели свидетелям", "граница границы границах"},
		"ar": {"مهرب المهرب المهربون المهربين والمهربون", "منصة المنصات منصات", "أدلة ادلة الأدلة", "شبكة الشبكة شبكات"},
	} {
		a := newAnalysis(newLanguage(lang))
		for _, group := range groups {
			words := strings.Fields(group)
			for _, w := range words[1:] {
				if a.word(w).word != a.word(words[0]).word {
					t.Errorf("%s: %s and %s have different stems", lang, words[0], w)
				}
			}
		}
		for i := range groups {
			for j := range i {
				if one, two := strings.Fields(groups[i])[0], strings.Fields(groups[j])[0]; a.word(one).word == a.word(two).word {
					t.Errorf("%s: %s and %s have one stem", lang, one, two)
				}
			}
		}
	}
}

// TestSameAnswer holds that the same texts give the same answer in every run.
func TestSameAnswer(t *testing.T) {
	points := indexable(lines(labelled["en"].points), "en")
	text := strings.ReplaceAll(labelled["en"].inputs, "\n", " ")
	want := New(points).Nearest(text, "en", 18)
	for range 20 {
		if got := New(points).Nearest(text, "en", 18); !reflect.DeepEqual(got, want) {
			t.Fatalf("%+v\nwant %+v", got, want)
		}
	}
}

func FuzzNearest(f *testing.F) {
	f.Add("Judges need training.", "en")
	f.Add("\xffوال١٢ ـ\u200d", "ar")
	f.Add("数据a据", "zh-Hant")
	f.Fuzz(func(t *testing.T, s, lang string) {
		x := New([]Point{{ID: "a", Texts: map[string]string{"en": "Judges need training.", lang: s}}})
		for _, n := range x.Nearest(s, lang, 3) {
			if n.Start < 0 || n.End > len(s) || n.Start >= n.End || n.Score <= 0 || n.Score > 1 {
				t.Fatalf("%+v", n)
			}
		}
	})
}

// inputs makes 400 texts of 1,000 words each from the labelled ones, in all languages.
func inputs() (all [][2]string) {
	r := rand.New(rand.NewPCG(1, 2))
	langs := []string{"en", "fr", "es", "ru", "ar", "zh"}
	for i := range 400 {
		lang := langs[i%len(langs)]
		sentences := strings.FieldsFunc(labelled[lang].inputs+labelled[lang].points, func(c rune) bool { return c == '\n' || c == '.' || c == '。' })
		var b strings.Builder
		for words := 0; words < 1000; {
			s := sentences[r.IntN(len(sentences))]
			b.WriteString(s + fmt.Sprintf(" %d. ", r.IntN(1000)))
			if lang == "zh" {
				words += len([]rune(s)) // characters
			} else {
				words += len(strings.Fields(s))
			}
		}
		all = append(all, [2]string{lang, b.String()})
	}
	return all
}

// BenchmarkSuggest compares 400 texts of 1,000 words with 80 points: the work of opening the composer for the first time.
func BenchmarkSuggest(b *testing.B) {
	var points []Point
	for i := range 80 {
		lang := []string{"en", "fr", "es", "ru", "ar", "zh"}[i%6]
		list := lines(labelled[lang].points)
		points = append(points, Point{ID: fmt.Sprint(i), Texts: map[string]string{lang: list[i/6%len(list)].text}})
	}
	all := inputs()
	for b.Loop() {
		x := New(points)
		for _, in := range all {
			x.Nearest(in[1], in[0], 3)
		}
	}
}
