package linkage

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// field is a column prepared for comparison: each distinct written value is folded
// once, values that fold alike become one, and what comparisons and blocking need
// is computed per value, not per record.
type field struct {
	name   string
	kind   Kind
	cells  []uint32 // per record of the table: number of the folded value, 0 missing
	count  []uint32 // per value: records with it
	total  uint32   // records with any value
	values []value
	text   []byte // folded values without spaces, end to end
	words  []uint32
	runes  map[uint32][]rune // values with letters outside ASCII
	lexicon
	style
	unread int     // records whose value could not be read as the kind says
	scale  float64 // records with a value when the model was learned

	features []feature
	partner  int // index of the field with which values are exchanged by mistake, or -1
	leads    bool
	across   []uint32 // per value: number of the same value in the partner, 0 if absent
	exact    float64  // chance that two random records agree exactly
}

// value is one folded value.
type value struct {
	from, size uint32 // its letters in field.text
	mask       uint64 // letters that occur, one bit each
	skeleton   uint32 // hash of the skeleton, 0 if too short to mean anything
	firstWord  uint32 // its words in field.words
	wordCount  uint8
	wide       bool // letters outside ASCII
	date       date
	number     float64
}

// lexicon holds the distinct words of a field.
type lexicon struct {
	word   []string
	weight []float32 // inverse document frequency, ln(records/records with the word)
	seen   []uint32  // records with the word
	lookup map[string]uint32
}

// style is how a column of dates is written.
type style struct {
	order dateOrder
	pivot int // latest year that a two-digit year may mean
}

// feature is one way to put records with alike values into one block.
type feature struct {
	name  string
	of    []uint32 // per value: a hash, 0 if the value has none
	whole bool     // agreement on it is exact agreement of the field
}

const maxWords = 12

// newField prepares a column. Comparison is by folded text for all kinds but
// dates and numbers, which are compared by what they mean. What is found from the
// values as a whole (how dates are written, how rare words are) comes from known
// instead if a model that was learned before is used.
func newField(c *column, kind Kind, known *fieldScheme) *field {
	f := &field{name: c.name, kind: kind, partner: -1, runes: map[uint32][]rune{}}
	f.lookup = map[string]uint32{}
	f.values = append(f.values, value{})
	f.words = []uint32{}
	switch {
	case known != nil:
		f.style = style{known.Order, known.Pivot}
	case kind == Date:
		f.order, f.pivot = dateStyle(c.values)
	}
	folded := make([]uint32, len(c.values))
	numbers := make(map[string]uint32, len(c.values))
	for i, written := range c.values {
		if i == 0 {
			continue
		}
		text, v, ok := foldValue(written, kind, f.style)
		if !ok {
			continue
		}
		n, known := numbers[text]
		if !known {
			n = uint32(len(f.values))
			numbers[text] = n
			f.addValue(text, v)
		}
		folded[i] = n
	}
	f.cells = make([]uint32, len(c.cells))
	f.count = make([]uint32, len(f.values))
	for r, v := range c.cells {
		n := folded[v]
		f.cells[r] = n
		if n == 0 {
			if v != 0 {
				f.unread++
			}
			continue
		}
		f.count[n]++
		f.total++
	}
	f.scale = float64(f.total)
	if known != nil {
		f.scale = known.Records
	}
	f.weighWords(known)
	f.addFeatures()
	f.exact = f.agreement()
	return f
}

// foldValue gives the text by which values are the same, and the meaning of dates
// and numbers. ok is false when nothing is left.
func foldValue(written string, kind Kind, s style) (string, value, bool) {
	var v value
	switch kind {
	case Date:
		d, ok := parseDate(written, s.order, s.pivot)
		if !ok {
			if d, ok = salvageDate(written); !ok {
				return "", v, false
			}
		}
		v.date = d
		digits := d.digits()
		for i := range digits {
			digits[i] += '0'
		}
		return string(digits[:]), v, true
	case Number:
		x, ok := parseNumber(written)
		if !ok || math.IsNaN(x) || math.IsInf(x, 0) {
			return "", v, false
		}
		v.number = x
		return formatNumber(x), v, true
	case Code:
		text := strings.ReplaceAll(Fold(written), " ", "")
		if allDigits(text) {
			// A spreadsheet drops leading zeros of codes.
			if short := strings.TrimLeft(text, "0"); short != "" {
				text = short
			}
		}
		return text, v, text != ""
	}
	text := Fold(written)
	return text, v, text != ""
}

func allDigits(s string) bool {
	for i := 0; i < len(s); i++ {
		if !isDigitByte(s[i]) {
			return false
		}
	}
	return true
}

func (f *field) addValue(text string, v value) {
	n := uint32(len(f.values))
	if f.kind == Name || f.kind == Text || f.kind == Place {
		v.firstWord = uint32(len(f.words))
		for w := range strings.FieldsSeq(text) {
			if v.wordCount == maxWords {
				break
			}
			id, ok := f.lookup[w]
			if !ok {
				id = uint32(len(f.word))
				f.lookup[w] = id
				f.word = append(f.word, w)
			}
			f.words = append(f.words, id)
			v.wordCount++
		}
		if s := Skeleton(text); utf8.RuneCountInString(s) >= 2 {
			v.skeleton = hash32(s)
		}
	}
	v.from = uint32(len(f.text))
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c == ' ' {
			continue
		}
		f.text = append(f.text, c)
		switch {
		case 'a' <= c && c <= 'z':
			v.mask |= 1 << (c - 'a')
		case isDigitByte(c):
			v.mask |= 1 << (26 + c - '0')
		default:
			v.wide = true
		}
	}
	v.size = uint32(len(f.text)) - v.from
	if v.wide {
		f.runes[n] = []rune(string(f.text[v.from:]))
	}
	f.values = append(f.values, v)
}

func (f *field) letters(v *value) []byte { return f.text[v.from : v.from+v.size] }

func (f *field) wordsOf(v *value) []uint32 {
	return f.words[v.firstWord : v.firstWord+uint32(v.wordCount)]
}

func (f *field) weighWords(known *fieldScheme) {
	f.seen = make([]uint32, len(f.word))
	for n := 1; n < len(f.values); n++ {
		for _, w := range f.wordsOf(&f.values[n]) {
			f.seen[w] += f.count[n]
		}
	}
	if known != nil {
		for w, text := range f.word {
			f.seen[w] = known.Words[text]
		}
	}
	f.weight = make([]float32, len(f.word))
	for w, seen := range f.seen {
		f.weight[w] = float32(math.Log((f.scale + 1) / float64(max(seen, 1))))
	}
	f.lookup = nil
}

// agreement is the chance that two different random records with a value agree on it.
func (f *field) agreement() float64 {
	if f.total < 2 {
		return 0
	}
	pairs := 0.0
	for _, n := range f.count {
		pairs += float64(n) * (float64(n) - 1)
	}
	return pairs / (float64(f.total) * float64(f.total-1))
}

// bits is how much agreement on the field tells on average, times how often it
// can be asked: Rényi entropy of order 2 by the share of filled cells squared.
func (f *field) bits(records int) float64 {
	if f.exact <= 0 {
		if f.total < 2 {
			return 0
		}
		return math.Log2(float64(f.total)) * math.Pow(float64(f.total)/float64(records), 2)
	}
	return -math.Log2(f.exact) * math.Pow(float64(f.total)/float64(records), 2)
}

func hash32(s string) uint32 { return max(uint32(hash64(s)>>32), 1) }

func formatNumber(x float64) string {
	return strings.TrimRight(strings.TrimRight(strconv.FormatFloat(x, 'f', 6, 64), "0"), ".")
}
