package spreadsheet

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// MappingFormat names the JSON form of a mapping; docs/formats/spreadsheet.md, section 5.
const MappingFormat = "rostrum-mapping/1"

// ErrMapping: the text is not a mapping.
var ErrMapping = errors.New("this is not a mapping of columns")

// Basis says how a column came to its field.
type Basis string

const (
	Same    Basis = "same"    // the names are equal but for case, accents and punctuation
	Similar Basis = "similar" // the names are alike
	Chosen  Basis = "chosen"  // a person said so
)

// Mapping says which columns go to which fields.
type Mapping struct {
	Format  string  `json:"format"`
	Columns []Match `json:"columns"`
}

// Match is one column and its field.
type Match struct {
	Header string `json:"header"`
	Field  string `json:"field"`
	Basis  Basis  `json:"basis"`
}

// Field is where values can go: its id, and names that a column for it may have, in any language.
type Field struct {
	ID    string
	Names []string
}

// minSimilar is how alike two names must be.
const minSimilar = 0.75

// Propose gives each field the column whose name is most like one of its names. Equal input gives equal output.
func Propose(columns []Column, fields []Field) Mapping {
	type pair struct {
		column, field int
		score         float64
	}
	var pairs []pair
	headers := make([]string, len(columns))
	for c := range columns {
		headers[c] = normal(columns[c].Name)
	}
	for f, field := range fields {
		for c, header := range headers {
			if header == "" || slices.Index(headers, header) < c { // of columns of one name only the first can be meant
				continue
			}
			best := 0.0
			for _, name := range append([]string{field.ID}, field.Names...) {
				best = max(best, likeness(header, normal(name)))
			}
			if best >= minSimilar {
				pairs = append(pairs, pair{c, f, best})
			}
		}
	}
	slices.SortStableFunc(pairs, func(a, b pair) int {
		return cmp.Or(cmp.Compare(b.score, a.score), a.column-b.column, a.field-b.field)
	})
	m := Mapping{Format: MappingFormat, Columns: []Match{}}
	columnTaken, fieldTaken := map[int]bool{}, map[int]bool{}
	for _, p := range pairs {
		if columnTaken[p.column] || fieldTaken[p.field] {
			continue
		}
		columnTaken[p.column], fieldTaken[p.field] = true, true
		basis := Similar
		if p.score == 1 {
			basis = Same
		}
		m.Columns = append(m.Columns, Match{columns[p.column].Name, fields[p.field].ID, basis})
	}
	at := func(m Match) int { return slices.IndexFunc(columns, func(c Column) bool { return c.Name == m.Header }) }
	slices.SortFunc(m.Columns, func(a, b Match) int { return at(a) - at(b) })
	return m
}

// Index gives the column of each field, and the headers of the mapping that no column has. Names are compared
// without case, accents and punctuation.
func (m Mapping) Index(columns []Column) (index map[string]int, missing []string) {
	index = map[string]int{}
	for _, match := range m.Columns {
		at := slices.IndexFunc(columns, func(c Column) bool { return normal(c.Name) == normal(match.Header) })
		if at < 0 {
			missing = append(missing, match.Header)
		} else {
			index[match.Field] = at
		}
	}
	return index, missing
}

// ParseMapping reads a mapping. Errors wrap ErrMapping.
func ParseMapping(text []byte) (Mapping, error) {
	var m Mapping
	if err := json.Unmarshal(text, &m); err != nil {
		return Mapping{}, fmt.Errorf("%w: %v", ErrMapping, err)
	}
	if m.Format != MappingFormat {
		return Mapping{}, fmt.Errorf("%w: its format is not %s", ErrMapping, MappingFormat)
	}
	headers, fields := map[string]bool{}, map[string]bool{}
	for _, c := range m.Columns {
		header := normal(c.Header)
		switch {
		case header == "" || c.Field == "":
			return Mapping{}, fmt.Errorf("%w: a column or a field has no name", ErrMapping)
		case headers[header] || fields[c.Field]:
			return Mapping{}, fmt.Errorf("%w: a column or a field stands twice", ErrMapping)
		case c.Basis != Same && c.Basis != Similar && c.Basis != Chosen:
			return Mapping{}, fmt.Errorf("%w: the basis of a column is unknown", ErrMapping)
		}
		headers[header], fields[c.Field] = true, true
	}
	return m, nil
}

// normal puts case, accents, vowel signs, width and punctuation aside.
func normal(name string) string {
	var b strings.Builder
	space := false
	for _, c := range norm.NFKD.String(name) {
		switch {
		case unicode.Is(unicode.Mn, c) || c == 'ـ': // accents, vowel signs; the stroke that stretches Arabic words
		case unicode.IsLetter(c) || unicode.IsNumber(c) || unicode.Is(unicode.Mc, c):
			if space && b.Len() > 0 {
				b.WriteByte(' ')
			}
			space = false
			b.WriteRune(unicode.ToLower(c))
		default:
			space = true
		}
	}
	return b.String()
}

// likeness is 1 for equal names, else the Dice coefficient of their letter pairs, spaces aside.
func likeness(a, b string) float64 {
	if a == b && a != "" {
		return 1
	}
	pairs := func(s string) map[[2]rune]int {
		letters := []rune(strings.ReplaceAll(s, " ", ""))
		found := map[[2]rune]int{}
		for i := 0; i+1 < len(letters); i++ {
			found[[2]rune{letters[i], letters[i+1]}]++
		}
		return found
	}
	left, right := pairs(a), pairs(b)
	shared, total := 0, 0
	for p, n := range left {
		shared += min(n, right[p])
		total += n
	}
	for _, n := range right {
		total += n
	}
	if total == 0 {
		return 0
	}
	return min(2*float64(shared)/float64(total), 0.999) // the same letters in other words are not the same name
}
