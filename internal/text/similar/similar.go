// Package similar finds, for a text, the points that are most like it, so that a composer can show where an input that
// nothing cites yet might belong. It suggests; it decides nothing.
//
// It compares words, not meanings: it runs on this machine alone, and the same texts always give the same answer. Words
// are lightly stemmed (English, French, Spanish, Russian, Arabic) or, in Chinese, cut into pairs of characters; groups of
// four letters catch spellings and compounds that stemming misses. What says the same in quite other words is not found.
// Between languages it only sees what is written alike: names, numbers, acronyms, and words of one root in the Latin
// alphabet. A point that also has a text in the input's language is compared in that language.
package similar

import (
	"cmp"
	"math"
	"slices"
)

// Point is what inputs are compared with.
type Point struct {
	ID string
	// Texts are its words by language (BCP 47).
	Texts map[string]string
}

// Near is a point that is like a text.
type Near struct {
	ID string
	// Score is the cosine of the weighted features, from 0 to 1. It orders the points for one text; it is no probability.
	Score float64
	// Lang is the language in which the point was compared.
	Lang string
	// Start and End are the passage of the text, in bytes, that is most like the point.
	Start, End int
	// Shared are up to five words of the point, as they stand in it, that the passage has too, the most telling first.
	Shared []string
}

// Index holds points, ready to be compared. It never changes, so any goroutine may use it.
type Index struct {
	languages map[string]*language
	features  map[feature]int32
	idf       []float64
	postings  [][]posting
	texts     []indexed
	unseen    float64 // weight of what no point has
}

type indexed struct {
	id, lang string
	words    map[int32]string // of features that are words, as they stand in the text
}

type posting struct {
	text   int32
	weight float64
}

// New indexes points. Of two points that are equally near, the one that stands first comes first.
func New(points []Point) *Index {
	x := &Index{features: map[feature]int32{}, languages: map[string]*language{}}
	for _, name := range []string{"en", "fr", "es", "ru", "ar", "zh"} {
		x.languages[name] = newLanguage(name)
	}
	var df []int
	var counted []map[int32]float64
	for _, p := range points {
		var langs []string
		for lang := range p.Texts {
			langs = append(langs, lang)
		}
		slices.Sort(langs)
		for _, lang := range langs {
			t := indexed{id: p.ID, lang: lang, words: map[int32]string{}}
			counts := map[int32]float64{}
			a := x.analysis(lang)
			a.each(p.Texts[lang], func(f feature, weight float64, start, end int) {
				n, ok := x.features[f]
				if !ok {
					n = int32(len(df))
					x.features[f] = n
					df = append(df, 0)
				}
				if counts[n] == 0 {
					df[n]++
				}
				counts[n] += weight
				if weight == 1 && t.words[n] == "" {
					t.words[n] = p.Texts[lang][start:end]
				}
			})
			x.texts = append(x.texts, t)
			counted = append(counted, counts)
		}
	}
	total := float64(len(x.texts))
	x.unseen = math.Log(1 + total)
	x.idf = make([]float64, len(df))
	for n := range df {
		x.idf[n] = math.Log(1 + total/float64(df[n]))
	}
	x.postings = make([][]posting, len(df))
	for i, counts := range counted {
		var features []int32
		for n := range counts {
			features = append(features, n)
		}
		slices.Sort(features)
		norm := 0.0
		for _, n := range features {
			w := damped(counts[n]) * x.idf[n]
			norm += w * w
		}
		norm = math.Sqrt(norm)
		for _, n := range features {
			x.postings[n] = append(x.postings[n], posting{int32(i), damped(counts[n]) * x.idf[n] / norm})
		}
	}
	return x
}

func (x *Index) analysis(tag string) *analysis {
	l := x.languages[primary(tag)]
	if l == nil {
		l = &language{name: primary(tag)}
	}
	return newAnalysis(l)
}

// damped lets a word that comes often count more, but not as often as it comes.
func damped(n float64) float64 {
	if n < 1 {
		return n
	}
	return 1 + math.Log(n)
}

const (
	maxShared = 5
	// A passage is as many sentences as come to this many words, at least and at most.
	shortPassage, longPassage = 12, 60
)

// Nearest gives the k points that are most like a text in a language, the most like first. A point counts by the passage
// of the text that is most like it. Points without anything in common with the text are left out.
func (x *Index) Nearest(text, lang string, k int) []Near {
	if k <= 0 || len(x.texts) == 0 {
		return nil
	}
	q := query{Index: x, counts: make([]float64, len(x.idf)), scores: make([]float64, len(x.texts)), best: make([]Near, len(x.texts))}
	q.unknown = map[feature]float64{}
	a := x.analysis(lang)
	words, start, last := 0, 0, 0
	a.each(text, func(f feature, weight float64, from, to int) {
		if weight == 1 {
			// Between two words: does a passage end here? Pairs of characters overlap.
			if words == 0 {
				start = from
			} else if from > last && (words >= longPassage || words >= shortPassage && sentenceEnds(text[last:from])) {
				q.passage(start, last)
				words, start = 0, from
			}
			words++
			last = to
		}
		q.count(f, weight)
	})
	q.passage(start, last)

	var order []int32
	byID := map[string]int32{}
	for i := range q.best {
		i := int32(i)
		if q.best[i].Score <= 0 {
			continue
		}
		if other, ok := byID[x.texts[i].id]; ok { // the same point in another language
			if q.best[i].Score <= q.best[other].Score {
				continue
			}
			order = slices.DeleteFunc(order, func(n int32) bool { return n == other })
		}
		byID[x.texts[i].id] = i
		order = append(order, i)
	}
	slices.SortFunc(order, func(a, b int32) int {
		return cmp.Or(cmp.Compare(q.best[b].Score, q.best[a].Score), cmp.Compare(a, b))
	})
	var out []Near
	for _, i := range order[:min(k, len(order))] {
		n := q.best[i]
		n.ID, n.Lang = x.texts[i].id, x.texts[i].lang
		n.Shared = x.shared(i, a, text[n.Start:n.End])
		out = append(out, n)
	}
	return out
}

// query compares a text passage by passage.
type query struct {
	*Index
	counts  []float64 // by feature of the index, for the passage
	seen    []int32   // those that are not 0
	unknown map[feature]float64
	strange []int     // how many unknown features count how many times gramWeight
	scores  []float64 // by text
	met     []int32
	best    []Near
}

func (q *query) count(f feature, weight float64) {
	n, ok := q.features[f]
	if !ok {
		q.unknown[f] += weight
		return
	}
	if q.counts[n] == 0 {
		q.seen = append(q.seen, n)
	}
	q.counts[n] += weight
}

// passage compares what was counted since the last one.
func (q *query) passage(start, end int) {
	slices.Sort(q.seen)
	norm := 0.0
	clear(q.strange)
	for _, n := range q.unknown {
		at := int(n / gramWeight)
		for at >= len(q.strange) {
			q.strange = append(q.strange, 0)
		}
		q.strange[at]++
	}
	for at, n := range q.strange { // sums of floating-point numbers rest on their order
		w := damped(float64(at)*gramWeight) * q.unseen
		norm += float64(n) * w * w
	}
	for _, n := range q.seen {
		w := damped(q.counts[n]) * q.idf[n]
		norm += w * w
		for _, p := range q.postings[n] {
			if q.scores[p.text] == 0 {
				q.met = append(q.met, p.text)
			}
			q.scores[p.text] += w * p.weight
		}
		q.counts[n] = 0
	}
	norm = math.Sqrt(norm)
	for _, i := range q.met {
		if score := min(q.scores[i]/norm, 1); score > q.best[i].Score {
			q.best[i] = Near{Score: score, Start: start, End: end}
		}
		q.scores[i] = 0
	}
	q.seen, q.met = q.seen[:0], q.met[:0]
	clear(q.unknown)
}

// shared lists the words of a point that a passage has too.
func (x *Index) shared(i int32, a *analysis, passage string) []string {
	words := x.texts[i].words
	common := map[int32]bool{}
	a.each(passage, func(f feature, weight float64, _, _ int) {
		if n, ok := x.features[f]; ok && weight == 1 && words[n] != "" {
			common[n] = true
		}
	})
	var list []int32
	for n := range common {
		list = append(list, n)
	}
	slices.SortFunc(list, func(a, b int32) int { return cmp.Or(cmp.Compare(x.idf[b], x.idf[a]), cmp.Compare(a, b)) })
	var out []string
	for _, n := range list[:min(len(list), maxShared)] {
		out = append(out, words[n])
	}
	return out
}
