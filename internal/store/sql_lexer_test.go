package store_test

import "strings"

// word is one token of an SQL text: a name or keyword, a string ('…'), a quoted name ("…"), a place ($1), or a mark.
type word struct {
	text string
	kind byte // 'n' name, 's' string, 'q' quoted name, 'p' place, '0' number, '.' mark
}

func (w word) is(text string) bool { return w.kind != 's' && strings.EqualFold(w.text, text) }

// name is the name that the word stands for, or "".
func (w word) name() string {
	switch w.kind {
	case 'n':
		return strings.ToLower(w.text)
	case 'q':
		return strings.Trim(w.text, `"`)
	}
	return ""
}

// lex takes an SQL text apart and leaves out its comments.
func lex(sql string) []word {
	var words []word
	for i := 0; i < len(sql); {
		rest := sql[i:]
		n, kind := 1, byte('.')
		switch c := sql[i]; {
		case strings.HasPrefix(rest, "--"):
			n, kind = strings.IndexByte(rest+"\n", '\n'), 0
		case strings.HasPrefix(rest, "/*"):
			n, kind = strings.Index(rest+"*/", "*/")+2, 0
		case strings.HasPrefix(rest, "$$"):
			n, kind = strings.Index(rest[2:]+"$$", "$$")+4, 's'
		case c == ' ' || c == '\n' || c == '\t' || c == '\r':
			kind = 0
		case c == '\'' || c == '"':
			for n = 1; n < len(rest); n++ {
				if rest[n] == c {
					if n+1 < len(rest) && rest[n+1] == c {
						n++
						continue
					}
					break
				}
			}
			n++
			kind = 's'
			if c == '"' {
				kind = 'q'
			}
		case c == '$' || isLetter(c) || isDigit(c):
			for n < len(rest) && (isLetter(rest[n]) || isDigit(rest[n])) {
				n++
			}
			switch {
			case c == '$':
				kind = 'p'
			case isDigit(c):
				kind = '0'
			default:
				kind = 'n'
			}
		case strings.HasPrefix(rest, "::") || strings.HasPrefix(rest, "<>") || strings.HasPrefix(rest, "||") ||
			strings.HasPrefix(rest, "<=") || strings.HasPrefix(rest, ">="):
			n = 2
		}
		n = min(n, len(rest))
		if kind != 0 {
			words = append(words, word{rest[:n], kind})
		}
		i += n
	}
	return words
}

func isLetter(c byte) bool { return c == '_' || c|0x20 >= 'a' && c|0x20 <= 'z' || c >= 0x80 }
func isDigit(c byte) bool  { return c >= '0' && c <= '9' }

// split cuts the words at a mark that stands outside brackets.
func split(words []word, mark string) [][]word {
	var parts [][]word
	depth, begun := 0, 0
	for i, w := range words {
		switch {
		case w.is("("):
			depth++
		case w.is(")"):
			depth--
		case depth == 0 && w.is(mark):
			parts = append(parts, words[begun:i])
			begun = i + 1
		}
	}
	if begun < len(words) {
		parts = append(parts, words[begun:])
	}
	return parts
}

// brackets gives the words inside the first pair of brackets, and what follows it.
func brackets(words []word) (inside, after []word) {
	begun, depth := -1, 0
	for i, w := range words {
		switch {
		case w.is("("):
			if depth++; begun < 0 {
				begun = i + 1
			}
		case w.is(")"):
			if depth--; depth == 0 && begun >= 0 {
				return words[begun:i], words[i+1:]
			}
		}
	}
	return nil, nil
}

// columnNames gives the names in a list of columns such as (org, id desc).
func columnNames(list []word) []string {
	var names []string
	for _, part := range split(list, ",") {
		names = append(names, part[0].name())
	}
	return names
}

// find gives the place of the first word of a phrase, or -1.
func find(words []word, phrase ...string) int {
next:
	for i := range words {
		if i+len(phrase) > len(words) {
			break
		}
		for k, text := range phrase {
			if !words[i+k].is(text) {
				continue next
			}
		}
		return i
	}
	return -1
}
