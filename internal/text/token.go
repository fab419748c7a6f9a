package text

import (
	"unicode"
	"unicode/utf8"
)

// kind tells what a token is.
type kind uint8

const (
	mark  kind = iota // a punctuation mark, a symbol, a line break
	space             // a run of spaces
	word              // letters and digits; one character of a script that sets no spaces between words
)

// next gives the length in bytes and the kind of the token that s begins with; s is not empty. Combining marks, joiners
// and soft hyphens stay with the character before them.
func next(s string) (n int, k kind) {
	c, n := utf8.DecodeRuneInString(s)
	switch {
	case c == '\n':
		return n, mark
	case unicode.IsSpace(c):
		for n < len(s) {
			c, size := utf8.DecodeRuneInString(s[n:])
			if c == '\n' || !unicode.IsSpace(c) {
				break
			}
			n += size
		}
		return n, space
	case alone(c):
		return n + tail(s[n:]), word
	case unicode.IsLetter(c) || unicode.IsDigit(c):
		for n < len(s) {
			c, size := utf8.DecodeRuneInString(s[n:])
			if alone(c) || !unicode.IsLetter(c) && !unicode.IsDigit(c) && !clings(c) {
				break
			}
			n += size
		}
		return n, word
	}
	return n + tail(s[n:]), mark
}

// tail gives the length of what clings to the character before s.
func tail(s string) (n int) {
	for n < len(s) {
		c, size := utf8.DecodeRuneInString(s[n:])
		if !clings(c) {
			break
		}
		n += size
	}
	return n
}

func clings(c rune) bool {
	return unicode.Is(unicode.M, c) || c == '\u200c' || c == '\u200d' || c == '\u00ad' || c == '\u0640'
}

// alone tells whether a character is a token of its own: words of its script are not set apart.
func alone(c rune) bool {
	return c > 0xe00 && unicode.In(c, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
}

// tokens cuts a text so that the tokens joined are the text.
func tokens(s string) []string {
	all := make([]string, 0, len(s)/4+1)
	for s != "" {
		n, _ := next(s)
		all = append(all, s[:n])
		s = s[n:]
	}
	return all
}

// CountWords counts words as people count them; in scripts that set no spaces between words, characters.
func CountWords(s string) (n int) {
	for s != "" {
		size, k := next(s)
		if k == word {
			n++
		}
		s = s[size:]
	}
	return n
}
