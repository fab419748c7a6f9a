package estimate

import (
	"cmp"
	"math/bits"
	"slices"
	"strings"
)

// termSet is a set of terms of a log-linear model. A term is a non-empty set
// of lists, written as a bit pattern; the set is a bitmap over patterns.
type termSet [1 << MaxLists / 64]uint64

func (s *termSet) add(term int)      { s[term>>6] |= 1 << (term & 63) }
func (s *termSet) remove(term int)   { s[term>>6] &^= 1 << (term & 63) }
func (s *termSet) has(term int) bool { return s[term>>6]>>(term&63)&1 == 1 }

// terms lists the set in canonical order: by number of lists, then by pattern.
func (s *termSet) terms() []int {
	var out []int
	for i, word := range s {
		for ; word != 0; word &= word - 1 {
			out = append(out, i<<6|bits.TrailingZeros64(word))
		}
	}
	slices.SortFunc(out, compareTerms)
	return out
}

func compareTerms(a, b int) int {
	return cmp.Or(cmp.Compare(onesCount(a), onesCount(b)), cmp.Compare(a, b))
}

// model is a hierarchical log-linear model of t lists: it holds every list's
// main effect, and with a term all terms inside it. The intercept is implied.
// The interaction of all lists together is never in a model, for it cannot be
// told apart from the number of people in no list.
type model struct {
	t   int
	set termSet
}

func mainEffects(t int) model {
	m := model{t: t}
	for j := range t {
		m.set.add(1 << j)
	}
	return m
}

// params is the number of parameters, the intercept included.
func (m *model) params() int {
	n := 1
	for _, word := range m.set {
		n += bits.OnesCount64(word)
	}
	return n
}

// compareModels orders models by number of parameters, then by their terms. It
// breaks every tie between models, so that a choice never rests on the order
// in which they were looked at.
func compareModels(a, b *model) int {
	if c := cmp.Compare(a.params(), b.params()); c != 0 {
		return c
	}
	return slices.Compare(a.set[:], b.set[:])
}

// full is the pattern of all lists.
func (m *model) full() int { return 1<<m.t - 1 }

// canAdd says whether the term may be added: it is not there, it is not the
// interaction of all lists, and every term inside it is there.
func (m *model) canAdd(term int) bool {
	if m.set.has(term) || term == m.full() {
		return false
	}
	for rest := term; rest != 0; rest &= rest - 1 {
		if inner := term &^ (rest & -rest); inner != 0 && !m.set.has(inner) {
			return false
		}
	}
	return true
}

// canRemove says whether the term is an interaction that lies in no other.
func (m *model) canRemove(term int) bool {
	if onesCount(term) < 2 || !m.set.has(term) {
		return false
	}
	for j := range m.t {
		if term>>j&1 == 0 && m.set.has(term|1<<j) {
			return false
		}
	}
	return true
}

// generators are the terms that lie in no other, in canonical order.
func (m *model) generators() []int {
	var out []int
	for _, term := range m.set.terms() {
		inside := false
		for j := range m.t {
			if term>>j&1 == 0 && m.set.has(term|1<<j) {
				inside = true
				break
			}
		}
		if !inside {
			out = append(out, term)
		}
	}
	return out
}

// name writes the model by its generators, "[A*B] [C]".
func (m *model) name(t Table) string {
	var b strings.Builder
	for i, term := range m.generators() {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteByte('[')
		b.WriteString(t.name(term))
		b.WriteByte(']')
	}
	return b.String()
}

// interactions lists all patterns of two to most lists, in canonical order and
// without the pattern of all lists.
func interactions(t, most int) []int {
	var out []int
	for p := 1; p < 1<<t-1; p++ {
		if k := onesCount(p); k >= 2 && k <= most {
			out = append(out, p)
		}
	}
	slices.SortFunc(out, compareTerms)
	return out
}

// hierarchical lists every hierarchical model of t lists whose terms hold at
// most order lists: 8 models of three lists, 113 of four, 6,893 of five; with
// order 2, 2^(t(t-1)/2), for two lists the main effects alone. The models come
// in the order of compareModels.
func hierarchical(t, order int) []model {
	terms := interactions(t, order)
	out := []model{mainEffects(t)}
	// A term comes after all terms inside it, so each model arises once, when
	// its last term is added.
	for _, term := range terms {
		for _, m := range out {
			if m.canAdd(term) {
				m.set.add(term)
				out = append(out, m)
			}
		}
	}
	slices.SortFunc(out, func(a, b model) int { return compareModels(&a, &b) })
	return out
}

// countHierarchical is the number of models that hierarchical would list, or
// ok=false where it is too large to list.
func countHierarchical(t, order int) (n int, ok bool) {
	if order <= 2 {
		pairs := t * (t - 1) / 2
		if t == 2 {
			return 1, true
		}
		return 1 << pairs, t <= 6
	}
	if t > 6 {
		return 0, false
	}
	// Non-degenerate monotone Boolean functions of t variables (OEIS A006126),
	// less the one with the interaction of all lists.
	return []int{0, 1, 1, 8, 113, 6893, 7785061}[t], t <= 5
}

// parseModel reads a model from the names of its generators.
func parseModel(t Table, generators [][]string) (model, bool) {
	m := mainEffects(len(t.lists))
	for _, g := range generators {
		p, ok := t.pattern(g)
		if !ok || p == 0 || p == m.full() {
			return model{}, false
		}
		for sub := p; sub != 0; sub = (sub - 1) & p {
			m.set.add(sub)
		}
	}
	return m, true
}

// onesCount is the number of lists in a pattern.
func onesCount(pattern int) int { return bits.OnesCount(uint(pattern)) }
