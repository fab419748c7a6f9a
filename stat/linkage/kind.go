package linkage

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Kind says what a column holds, and with it how two values are compared.
type Kind uint8

const (
	Name   Kind = iota + 1 // a person's name or a part of it
	Date                   // a date, of which parts may be unknown
	Code                   // an identifier or category: a document number, a postcode, a sex, an address on the net
	Number                 // a quantity: an age, a height
	Text                   // several words: an address, a description
	Place                  // the name of a place or a country
)

var kindNames = [...]string{Name: "name", Date: "date", Code: "code", Number: "number", Text: "text", Place: "place"}

func (k Kind) String() string {
	if int(k) < len(kindNames) && k != 0 {
		return kindNames[k]
	}
	return "unknown"
}

// MarshalText writes the kind's name.
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText reads the kind's name.
func (k *Kind) UnmarshalText(text []byte) error {
	parsed, err := ParseKind(string(text))
	*k = parsed
	return err
}

// ParseKind reads the name of a kind.
func ParseKind(s string) (Kind, error) {
	for k, name := range kindNames {
		if name != "" && name == strings.ToLower(strings.TrimSpace(s)) {
			return Kind(k), nil
		}
	}
	return 0, fmt.Errorf("unknown field type %q: use name, date, code, number, text or place", s)
}

// guessSample bounds the distinct values that a guess looks at. They are chosen
// by a hash of their text, so the guess does not depend on the order of rows.
const guessSample = 4000

// guessKind tells the kind of a column from its header and its values.
func guessKind(header string, values []string) Kind {
	hint := headerKind(header)
	seen, dates, years, digits, decimals, letters, mixed, words, length := 0, 0, 0, 0, 0, 0, 0, 0, 0
	limit := ^uint64(0)
	if len(values) > guessSample {
		limit = ^uint64(0) / uint64(len(values)) * guessSample
	}
	for _, v := range values {
		if v == "" || hash64(v) > limit {
			continue
		}
		seen++
		if d, ok := parseDate(v, dayFirst, 2068); ok && d.year >= 1850 && d.year <= 2100 {
			dates++
			if d.month == 0 {
				years++
			}
		} else if looksLikeDate(v) {
			dates++ // a date out of the calendar is still meant as one
		}
		d, l, other := 0, 0, 0
		for _, r := range v {
			switch {
			case unicode.IsDigit(r):
				d++
			case unicode.IsLetter(r) || unicode.Is(unicode.M, r):
				l++
			case r == '.' || r == ',':
				other++
			}
		}
		switch {
		case d > 0 && l == 0:
			digits++
			if other == 1 && isNumber(v) {
				decimals++
			}
		case l > 0 && d == 0 && !strings.ContainsRune(v, '@'):
			letters++
		default:
			mixed++
		}
		words += len(strings.Fields(v))
		length += utf8.RuneCountInString(v)
	}
	if seen == 0 {
		if hint != 0 {
			return hint
		}
		return Code
	}
	share := func(n int) float64 { return float64(n) / float64(seen) }
	perValue := float64(words) / float64(seen)
	switch {
	case share(dates) >= 0.95 && (hint == 0 || hint == Date) && (share(years) < 0.5 || hint == Date || seen >= 5):
		return Date
	case hint == Date && share(dates) >= 0.5:
		return Date
	case share(digits) >= 0.8:
		if hint == Number || hint != Code && share(decimals) >= 0.5 {
			return Number
		}
		return Code
	case share(mixed) >= 0.5:
		if hint == Text || perValue >= 2.5 {
			return Text
		}
		return Code
	case hint == Text || hint == Name || hint == Place:
		return hint
	case seen <= 30 && float64(length)/float64(seen) <= 3:
		return Code
	case perValue > 3.5:
		return Text
	case hint == Code && seen <= 200:
		return Code
	}
	return Name
}

// looksLikeDate reports whether a value has the outline of a numeric date though
// its parts are out of range: eight digits, or three numbers with a year among them.
func looksLikeDate(v string) bool {
	if len(v) != 10 {
		return false
	}
	sep := 0
	for i := 0; i < len(v); i++ {
		switch {
		case isDigitByte(v[i]):
		case v[i] == '-' || v[i] == '/' || v[i] == '.':
			sep++
		default:
			return false
		}
	}
	return sep == 2
}

func isNumber(v string) bool {
	_, ok := parseNumber(v)
	return ok
}

// parseNumber reads a decimal number with a point or a comma.
func parseNumber(v string) (float64, bool) {
	v = strings.TrimSpace(v)
	if strings.Count(v, ",") == 1 && !strings.Contains(v, ".") {
		v = strings.Replace(v, ",", ".", 1)
	} else {
		v = strings.ReplaceAll(v, ",", "")
	}
	if len(v) == 0 || len(v) > 40 || !(isDigitByte(v[0]) || v[0] == '-' || v[0] == '+' || v[0] == '.') {
		return 0, false
	}
	x, err := strconv.ParseFloat(v, 64)
	return x, err == nil
}

// hints are parts of folded headers, in the languages in which lists come, that
// tell a kind. The first that is contained in the header decides.
var hints = []struct {
	word string
	kind Kind
}{
	{"birth place", Place}, {"place of birth", Place}, {"birthplace", Place}, {"lieu", Place}, {"lugar", Place},
	{"dob", Date}, {"date", Date}, {"birth", Date}, {"fecha", Date}, {"nacimiento", Date}, {"naissance", Date}, {"data rozhdeniya", Date}, {"tarykh", Date},
	{"mail", Code}, {"phone", Code}, {"telephone", Code}, {"mobile", Code}, {"telefono", Code}, {"postcode", Code}, {"post code", Code}, {"postal", Code}, {"zip", Code}, {"passport", Code},
	{"document", Code}, {"number", Code}, {"numero", Code}, {"code", Code}, {"sex", Code}, {"gender", Code}, {"genre", Code}, {"sexo", Code}, {"state", Code}, {"soc sec", Code},
	{"age", Number}, {"height", Number}, {"weight", Number}, {"amount", Number}, {"edad", Number}, {"taille", Number}, {"income", Number}, {"latitude", Number}, {"longitude", Number},
	{"address", Text}, {"adresse", Text}, {"direccion", Text}, {"street", Text}, {"description", Text}, {"occupation", Text}, {"note", Text}, {"narrative", Text}, {"alamat", Text}, {"adres", Text},
	{"city", Place}, {"town", Place}, {"suburb", Place}, {"village", Place}, {"district", Place}, {"region", Place}, {"province", Place}, {"county", Place}, {"country", Place}, {"nationality", Place},
	{"citizenship", Place}, {"origin", Place}, {"camp", Place}, {"place", Place}, {"ville", Place}, {"pays", Place}, {"ciudad", Place}, {"pais", Place}, {"municipality", Place}, {"locality", Place}, {"gorod", Place}, {"strana", Place},
	{"surname", Name}, {"name", Name}, {"nom", Name}, {"nombre", Name}, {"apellido", Name}, {"given", Name}, {"family", Name}, {"father", Name}, {"mother", Name}, {"imya", Name}, {"familiya", Name}, {"ism", Name}, {"alias", Name},
}

// HeaderKind tells the kind of a column from its header alone; 0 if it says nothing.
func HeaderKind(header string) Kind { return headerKind(header) }

func headerKind(header string) Kind {
	folded := Fold(header)
	for _, h := range hints {
		if len(h.word) <= 4 {
			// Short words count only as words of their own: age is not in village.
			for _, w := range strings.Fields(folded) {
				if w == h.word {
					return h.kind
				}
			}
			continue
		}
		if strings.Contains(folded, h.word) {
			return h.kind
		}
	}
	return 0
}

// hash64 is FNV-1a with the final mixing of MurmurHash3: stable between runs and
// machines, which the hash of a Go map is not.
func hash64(s string) uint64 {
	h := uint64(14695981039346656037)
	for i := 0; i < len(s); i++ {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return mix64(h)
}

func mix64(h uint64) uint64 {
	h ^= h >> 33
	h *= 0xff51afd7ed558ccd
	h ^= h >> 33
	h *= 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}
