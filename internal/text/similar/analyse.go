package similar

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// feature is the hash of something that two texts can have in common: a stem of a language, a name or number, or a group
// of letters. 64 bits make it unlikely that two of some thousand agree by chance.
type feature uint64

// FNV-1a, 64 bits.
const (
	fnvOffset = 14695981039346656037
	fnvPrime  = 1099511628211
)

func (f feature) add(s string) feature {
	for i := range len(s) {
		f = (f ^ feature(s[i])) * fnvPrime
	}
	return f
}

func (f feature) addRune(c rune) feature {
	for range 4 {
		f = (f ^ feature(c&0xff)) * fnvPrime
		c >>= 8
	}
	return f
}

// gramWeight is what a group of letters counts; a word counts 1.
const gramWeight = 0.25

// maxWord is how many letters of one word are looked at.
const maxWord = 40

// language is what is known of a language; nil stem: words stay as they are.
type language struct {
	name string
	stem func([]rune) []rune
	stop map[string]bool
}

func newLanguage(name string) *language {
	l := &language{name: name, stop: map[string]bool{}}
	if name == "ar" {
		l.stem = stemArabic
	} else if table := suffixes[name]; table != nil {
		l.stem = table.stem
	}
	for _, w := range strings.Fields(stopWords[name]) {
		l.stop[w] = true
	}
	return l
}

// primary is the language of a tag without script and region.
func primary(tag string) string {
	name, _, _ := strings.Cut(strings.ToLower(tag), "-")
	return name
}

// analysis cuts texts of one language into features.
type analysis struct {
	*language
	letters []rune
	stems   map[string]stemmed
}

// stemmed is what a word has been found to be.
type stemmed struct {
	word  feature
	grams []feature
	stop  bool
}

func newAnalysis(l *language) *analysis { return &analysis{language: l, stems: map[string]stemmed{}} }

// each gives the features of a text: one of weight 1 for each word that is not a stop word, and lighter ones for its
// groups of letters, with the place of the word.
func (a *analysis) each(s string, give func(f feature, weight float64, start, end int)) {
	for at := 0; at < len(s); {
		c, size := utf8.DecodeRuneInString(s[at:])
		switch {
		case han(c):
			end := at
			for end < len(s) {
				c, size := utf8.DecodeRuneInString(s[end:])
				if !han(c) {
					break
				}
				end += size
			}
			a.pairs(s, at, end, give)
			at = end
		case unicode.IsLetter(c) || unicode.IsDigit(c):
			end := at
			for end < len(s) {
				c, size := utf8.DecodeRuneInString(s[end:])
				if han(c) || !unicode.IsLetter(c) && !unicode.IsDigit(c) && !unicode.Is(unicode.M, c) && c != 'ـ' && c != '\u00ad' && c != '\u200c' && c != '\u200d' {
					break
				}
				end += size
			}
			w := a.word(s[at:end])
			if !w.stop {
				give(w.word, 1, at, end)
				for _, g := range w.grams {
					give(g, gramWeight, at, end)
				}
			}
			at = end
		default:
			at += size
		}
	}
}

// pairs gives the pairs of neighbouring characters of s[start:end]; a single character stands for itself.
func (a *analysis) pairs(s string, start, end int, give func(feature, float64, int, int)) {
	const pair = feature(fnvOffset)
	first, size := utf8.DecodeRuneInString(s[start:])
	if start+size == end {
		if !strings.ContainsRune(hanStop, first) {
			give(pair.addRune(first), 1, start, end)
		}
		return
	}
	for at := start; ; {
		first, size := utf8.DecodeRuneInString(s[at:])
		if at+size >= end {
			return
		}
		second, more := utf8.DecodeRuneInString(s[at+size:])
		if !strings.ContainsRune(hanStop, first) && !strings.ContainsRune(hanStop, second) {
			give(pair.addRune(first).addRune(second), 1, at, at+size+more)
		}
		at += size
	}
}

// word finds what a word is: its stem in the language and its groups of four letters, which belong to no language.
func (a *analysis) word(s string) stemmed {
	if w, ok := a.stems[s]; ok {
		return w
	}
	a.letters = a.letters[:0]
	capitals, digits := 0, 0
	for _, c := range norm.NFC.String(s) {
		if len(a.letters) == maxWord {
			break
		}
		if unicode.IsUpper(c) {
			capitals++
		}
		c = unicode.ToLower(c)
		switch {
		case c >= 0xc0 && c < 0x180:
			c = base(c)
		case c == 'ё':
			c = 'е'
		case c >= 0x600 && c < 0x700:
			c = arabicLetter(c)
		}
		if c == 0 || unicode.Is(unicode.M, c) || c == '\u00ad' || c == '\u200c' || c == '\u200d' {
			continue
		}
		if c >= '0' && c <= '9' {
			digits++
		}
		a.letters = append(a.letters, c)
	}
	var w stemmed
	plain := string(a.letters)
	// An acronym or a number is the same in every language.
	if digits > 0 || capitals >= 2 && capitals == utf8.RuneCountInString(s) {
		w.word = feature(fnvOffset).add("#").add(plain)
	} else if len(a.letters) < 2 || a.stop[plain] {
		w.stop = true
	} else {
		stem := a.letters
		if a.stem != nil {
			stem = a.stem(a.letters)
		}
		w.word = feature(fnvOffset).add(a.name).add("/").add(string(stem))
		if n := len(a.letters); n >= 5 {
			w.grams = make([]feature, 0, n-3)
			for i := 0; i+4 <= n; i++ {
				f := feature(fnvOffset)
				for _, c := range a.letters[i : i+4] {
					f = f.addRune(c)
				}
				w.grams = append(w.grams, f.add("*"))
			}
		}
	}
	if len(a.stems) < 1<<16 {
		a.stems[strings.Clone(s)] = w
	}
	return w
}

// base is a Latin letter without its marks.
func base(c rune) rune {
	var b [utf8.UTFMax]byte
	if d := norm.NFD.Properties(b[:utf8.EncodeRune(b[:], c)]).Decomposition(); d != nil {
		c, _ = utf8.DecodeRune(d)
	}
	return c
}

// sentenceEnds tells whether a sentence ends in what stands between two words.
func sentenceEnds(s string) bool { return strings.ContainsAny(s, ".!?;。！？；؟؛\n") }

func han(c rune) bool { return c >= 0x2e80 && unicode.Is(unicode.Han, c) }
