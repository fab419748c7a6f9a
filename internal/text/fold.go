package text

import (
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// folded is a text without what the eye does not tell apart: in Unicode's normal form C, each run of white space as one
// space, and without characters that only steer how text is set (soft hyphen, zero-width characters, marks of
// direction, byte order mark). Nothing else is evened out: case, quotation marks, hyphens and letters stand as they are.
type folded struct {
	text string
	// starts are the places in text where a character of the original begins, and from the places in the original. Both
	// are nil where every place is the same in both.
	starts, from []int32
	size         int // of the original
}

func ignored(c rune) bool {
	return c == '\u00ad' || c >= '\u200b' && c <= '\u200f' || turns(c) || c == '\u2060' || c == '\ufeff'
}

func fold(s string) *folded {
	if text, ok := foldPlain(s); ok {
		return &folded{text: text, size: len(s)}
	}
	normal := norm.NFC.IsNormalString(s)
	starts, from := make([]int32, 0, len(s)), make([]int32, 0, len(s))
	out := make([]byte, 0, len(s))
	spaced := false
	for at := 0; at < len(s); {
		if b := s[at]; b > ' ' && b < utf8.RuneSelf && (at+1 == len(s) || s[at+1] < utf8.RuneSelf) { // most of it
			starts, from = append(starts, int32(len(out))), append(from, int32(at))
			out = append(out, b)
			spaced = false
			at++
			continue
		}
		c, size := utf8.DecodeRuneInString(s[at:])
		n := at + size // end of the character with what combines with it
		for n < len(s) && s[n] >= utf8.RuneSelf {
			p := norm.NFC.PropertiesString(s[n:])
			if p.Size() == 0 || p.BoundaryBefore() {
				break
			}
			n += p.Size()
		}
		rest, before := s[at:n], len(out)
		begins := true
		if unicode.IsSpace(c) {
			rest = rest[size:] // marks on the space
			if begins = !spaced; begins {
				out = append(out, ' ')
			}
			spaced = true
		}
		if !normal {
			rest = norm.NFC.String(rest)
		}
		for _, c := range rest {
			if !ignored(c) {
				out = utf8.AppendRune(out, c)
				spaced = false
			}
		}
		if begins && len(out) > before {
			starts, from = append(starts, int32(before)), append(from, int32(at))
		}
		at = n
	}
	return &folded{text: string(out), starts: starts, from: from, size: len(s)}
}

// foldPlain folds a text of ASCII without runs of white space: only line ends and tabs become spaces.
func foldPlain(s string) (string, bool) {
	spaced, other := false, false
	for i := range len(s) {
		switch c := s[i]; {
		case c >= utf8.RuneSelf:
			return "", false
		case c == ' ' || c >= '\t' && c <= '\r':
			if spaced {
				return "", false
			}
			spaced = true
			other = other || c != ' '
		default:
			spaced = false
		}
	}
	if other {
		s = strings.Map(func(c rune) rune {
			if c >= '\t' && c <= '\r' {
				return ' '
			}
			return c
		}, s)
	}
	return s, true
}

// search gives the first of list that is at least n.
func search(list []int32, n int) int {
	return sort.Search(len(list), func(i int) bool { return int(list[i]) >= n })
}

// original gives the place in the original of the character that holds text[at].
func (f *folded) original(at int) int {
	if at >= len(f.text) {
		return f.size
	}
	if f.starts == nil {
		return at
	}
	return int(f.from[search(f.starts, at+1)-1])
}

// place gives the first place in text whose character begins at or after the place at in the original.
func (f *folded) place(at int) int {
	if f.starts == nil {
		return min(at, len(f.text))
	}
	if i := search(f.from, at); i < len(f.starts) {
		return int(f.starts[i])
	}
	return len(f.text)
}

// begins tells whether a character of the original begins at text[at].
func (f *folded) begins(at int) bool {
	if f.starts == nil || at == len(f.text) {
		return true
	}
	i := search(f.starts, at)
	return i < len(f.starts) && int(f.starts[i]) == at
}

// end gives the place in the original after the last character of text[:at], without what is ignored behind it.
func (f *folded) end(at int, s string) int {
	end := f.original(at)
	for f.starts != nil && end > 0 {
		c, size := utf8.DecodeLastRuneInString(s[:end])
		if !ignored(c) && !(unicode.IsSpace(c) && at > 0 && f.text[at-1] != ' ') {
			break
		}
		end -= size
	}
	return end
}
