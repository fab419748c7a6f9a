package text

import (
	"errors"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Outcome says what became of looking for a quotation.
type Outcome string

// The outcomes.
const (
	Found     Outcome = "found"
	Ambiguous Outcome = "ambiguous" // the words stand there more than once, and those around them do not tell which are meant
	NotFound  Outcome = "not_found"
)

// Passage is a stretch of a text, in bytes.
type Passage struct {
	Start int `json:"start"`
	End   int `json:"end"`
}

// Match is the answer to a selector.
type Match struct {
	Outcome Outcome `json:"outcome"`
	// Passage is what was found.
	Passage
	// Verbatim tells that it is the same byte for byte.
	Verbatim bool `json:"verbatim,omitempty"`
	// Places are the first of those that an ambiguous selector fits, or where the words of one that was not found stand
	// among other words: up to 20.
	Places []Passage `json:"places,omitempty"`
	// Near is the passage of a text, in which the selector was not found, that is most like it; Likeness is the share of
	// words that both have, from 0 to 1. It is nil where less than half of the words are there.
	Near     *Passage `json:"near,omitempty"`
	Likeness float64  `json:"likeness,omitempty"`
}

const maxPlaces = 20

// Find looks for the passage that a selector names: its words, with the prefix directly before and the suffix directly
// behind them. Two texts count as the same that differ only in their Unicode normal form (NFC), in which and how many
// spaces and line ends stand between words, and in characters that only steer how text is set: U+00AD, U+200B to
// U+200F, U+202A to U+202E, U+2060, U+2066 to U+2069, U+FEFF. Nothing else is tolerated. The passage begins and ends
// with whole characters. A selector of which a part is longer than [MaxQuote] is not found.
func Find(s string, sel Selector) Match {
	f := fold(s)
	exact, prefix, suffix := split(sel)
	if exact == "" {
		return Match{Outcome: NotFound}
	}
	var fits, words []Passage
	for at := 0; len(fits) < maxPlaces; {
		i := strings.Index(f.text[at:], exact)
		if i < 0 {
			break
		}
		start, end := at+i, at+i+len(exact)
		_, size := utf8.DecodeRuneInString(f.text[start:])
		at = start + size
		if !f.begins(start) || !f.begins(end) {
			continue
		}
		p := Passage{f.original(start), f.end(end, s)}
		if !strings.HasSuffix(f.text[:start], prefix) || !strings.HasPrefix(f.text[end:], suffix) {
			if len(words) < maxPlaces {
				words = append(words, p)
			}
			continue
		}
		fits = append(fits, p)
	}
	switch {
	case len(fits) == 1:
		p := fits[0]
		return Match{Outcome: Found, Passage: p, Verbatim: s[p.Start:p.End] == sel.Exact}
	case len(fits) > 1:
		return Match{Outcome: Ambiguous, Places: fits}
	}
	m := Match{Outcome: NotFound, Places: words}
	if len(words) > 0 {
		m.Near, m.Likeness = &words[0], 1
		return m
	}
	m.Near, m.Likeness = nearest(s, sel.Exact)
	return m
}

// split folds a selector. Space at the ends of its words belongs to what is around them, if that is named.
func split(sel Selector) (exact, prefix, suffix string) {
	if len(sel.Exact) > MaxQuote || len(sel.Prefix) > MaxQuote || len(sel.Suffix) > MaxQuote {
		return "", "", ""
	}
	f := fold(sel.Prefix + sel.Exact + sel.Suffix)
	start, end := f.place(len(sel.Prefix)), f.place(len(sel.Prefix)+len(sel.Exact))
	if start >= end {
		return "", "", ""
	}
	start, end = f.trim(start, end)
	exact = f.text[start:end]
	if sel.Prefix != "" {
		prefix = f.text[:start]
	}
	if sel.Suffix != "" {
		suffix = f.text[end:]
	}
	return exact, prefix, suffix
}

// trim leaves out the space at both ends of text[start:end].
func (f *folded) trim(start, end int) (int, int) {
	for start < end && f.text[start] == ' ' && f.begins(start+1) {
		start++
	}
	for start < end && f.text[end-1] == ' ' {
		end--
	}
	return start, end
}

// Why something that was selected cannot be quoted.
var (
	ErrNoSelection   = errors.New("nothing is selected")
	ErrLongSelection = errors.New("the selection, or what tells it apart from others, is too long to be quoted")
)

// Select makes the selector of a passage of a text. Space at its ends and halves of characters are left out or taken
// in. Where the words stand elsewhere too, prefix and suffix are the shortest that together tell them apart, made longer
// to whole words. Find finds it again.
func Select(s string, p Passage) (Selector, error) {
	if p.Start < 0 || p.End > len(s) || p.Start >= p.End {
		return Selector{}, ErrNoSelection
	}
	f := fold(s)
	start := f.place(p.Start)
	if i := search(f.from, p.Start); i > 0 && (i == len(f.from) || int(f.from[i]) != p.Start) && p.Start < f.reach(i-1, s) {
		start = int(f.starts[i-1]) // the selection begins inside a character
	}
	start, end := f.trim(start, f.place(p.End))
	if start >= end {
		return Selector{}, ErrNoSelection
	}
	before, after := surroundings(f.text, start, end)
	before, after = f.wholeWord(start-before, -1), f.wholeWord(end+after, +1)
	cut := func(from, to int) string { return s[f.original(from):f.end(to, s)] }
	sel := Selector{Exact: cut(start, end)}
	if before < start {
		sel.Prefix = s[f.original(before):f.original(start)]
	}
	if after > end {
		sel.Suffix = s[f.end(end, s):f.end(after, s)]
	}
	if len(sel.Exact) > MaxQuote || len(sel.Prefix) > MaxQuote || len(sel.Suffix) > MaxQuote {
		return Selector{}, ErrLongSelection
	}
	return sel, nil
}

// reach gives the place in the original where the i-th character ends, what is ignored behind it left out.
func (f *folded) reach(i int, s string) int {
	if i+1 < len(f.starts) {
		return f.end(int(f.starts[i+1]), s)
	}
	return f.end(len(f.text), s)
}

// wholeWord moves a place outwards to the edge of the word that it lies in.
func (f *folded) wholeWord(at, step int) int {
	inside := func(at int) bool {
		if at <= 0 || at >= len(f.text) {
			return false
		}
		if !f.begins(at) {
			return true
		}
		a, _ := utf8.DecodeLastRuneInString(f.text[:at])
		b, _ := utf8.DecodeRuneInString(f.text[at:])
		letter := func(c rune) bool { return unicode.IsLetter(c) || unicode.IsDigit(c) || unicode.Is(unicode.M, c) }
		return letter(a) && letter(b) && !alone(a) && !alone(b)
	}
	for inside(at) {
		at += step
	}
	return at
}

// surroundings gives how many bytes before and behind s[start:end] tell it from every other place where the same stands, with
// the smallest sum. Both are 0 where it stands once.
func surroundings(s string, start, end int) (before, after int) {
	exact := s[start:end]
	if i := strings.Index(s, exact); i == start && !strings.Contains(s[start+1:], exact) {
		return 0, 0
	}
	behind := agree(s[end:], s) // behind[i]: how much of s[i:] is like s[end:]
	ahead := agree(reverse(s[:start]), reverse(s))
	type other struct{ before, after int }
	var others []other
	for at := 0; ; {
		i := strings.Index(s[at:], exact)
		if i < 0 {
			break
		}
		at += i
		if at != start {
			o := other{}
			if e := at + len(exact); e < len(s) {
				o.after = behind[e]
			}
			if at > 0 {
				o.before = ahead[len(s)-at]
			}
			others = append(others, o)
		}
		at++
	}
	// The prefix tells apart what agrees with less than it; the suffix must tell apart the rest. What agrees up to the
	// edge of the text cannot be told apart on that side.
	slices.SortFunc(others, func(a, b other) int { return b.before - a.before })
	best, need := -1, 0
	try := func(prefix int) {
		if prefix <= start && need <= len(s)-end && (best < 0 || prefix+need < best) {
			best, before, after = prefix+need, prefix, need
		}
	}
	for i, o := range others {
		if i == 0 || o.before != others[i-1].before {
			try(o.before + 1)
		}
		need = max(need, o.after+1)
	}
	try(0)
	return before, after
}

// agree gives, for each place of s, how many bytes from there on are like the beginning of pattern (the Z algorithm).
func agree(pattern, s string) []int {
	joined := pattern + "\xff" + s // a byte that no folded text has
	z := make([]int, len(joined))
	for i, l, r := 1, 0, 0; i < len(joined); i++ {
		if i < r {
			z[i] = min(r-i, z[i-l])
		}
		for i+z[i] < len(joined) && joined[z[i]] == joined[i+z[i]] {
			z[i]++
		}
		if i+z[i] > r {
			l, r = i, i+z[i]
		}
	}
	return z[len(pattern)+1:]
}

func reverse(s string) string {
	b := []byte(s)
	slices.Reverse(b)
	return string(b)
}

// nearest finds the passage of s whose words are most like those of a quotation: of all windows with as many words, the
// one with the most words in common, cut to its first and last common word.
func nearest(s, exact string) (*Passage, float64) {
	type place struct {
		word       string
		start, end int
	}
	list := func(s string) (all []place) {
		for at := 0; at < len(s); {
			n, k := next(s[at:])
			if k == word {
				all = append(all, place{strings.ToLower(fold(s[at : at+n]).text), at, at + n})
			}
			at += n
		}
		return all
	}
	want, have := list(exact), list(s)
	if len(want) == 0 || len(have) == 0 {
		return nil, 0
	}
	wanted, inside := map[string]int{}, map[string]int{}
	for _, w := range want {
		wanted[w.word]++
	}
	common, best, at := 0, 0, 0
	for i, w := range have {
		if inside[w.word]++; inside[w.word] <= wanted[w.word] {
			common++
		}
		if j := i - len(want); j >= 0 {
			out := have[j].word
			if inside[out] <= wanted[out] {
				common--
			}
			inside[out]--
		}
		if common > best {
			best, at = common, i
		}
	}
	if 2*best < len(want) {
		return nil, 0
	}
	window := have[max(0, at-len(want)+1) : at+1]
	for wanted[window[0].word] == 0 {
		window = window[1:]
	}
	for wanted[window[len(window)-1].word] == 0 {
		window = window[:len(window)-1]
	}
	return &Passage{window[0].start, window[len(window)-1].end}, float64(best) / float64(len(want))
}
