// Package fileproblem says what is wrong with a dialogue file or a mechanism preset, where, and what to do
// next, in the language of the reader.
//
// The formats find the problems and give each a stable code, with its arguments, and an English sentence. The
// catalogue here holds the same English word for word, and a sentence of its own in each other language:
//
//	fileproblem.CODE       what is wrong
//	fileproblem.CODE.next  what to do next
//	fileproblem.CODE.hint  what to do next where the format suggests a word ("Did you mean …?")
//	fileproblem.word.WORD  a word of the formats' vocabulary, worded for the sentences it stands in
//	fileproblem.where.…    the parts of a place
//
// The placeholder of an argument has the argument's name ({{.limit}}); {{.value}} is what stands in the file.
package fileproblem

import (
	"embed"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/bidi"

	"rostrum.example/format/dialogue"
	"rostrum.example/internal/locale"
)

// Catalogue holds the sentences.
//
//go:embed catalogue
var Catalogue embed.FS

// maxShown is how many characters of one value, argument, name of a file or pointer are shown. Only files
// made to be troublesome have longer ones.
const maxShown = 500

// Say tells what is wrong and what to do next. It takes the problems of both formats, which are of one type.
// A code that the catalogue does not hold is told in the English of the format.
func Say(c *locale.Catalogues, lang locale.Lang, p dialogue.Problem) (what, next string) {
	key := "fileproblem." + string(p.Code)
	if !c.Has(key) {
		return p.Sentence, p.Next
	}
	pairs := []any{"value", shown(lang, p.Value)}
	for name, value := range p.Args {
		pairs = append(pairs, name, argument(c, lang, name, value))
	}
	nextKey := key + ".next"
	if hint := key + ".hint"; p.Args["suggestion"] != "" && c.Has(hint) {
		nextKey = hint
	}
	return c.Text(lang, key, pairs...), c.Text(lang, nextKey, pairs...)
}

// argument gives an argument as it stands in a sentence. Some arguments may hold a word of the formats'
// vocabulary (docs/formats/mechanism.md, section 10), which is said in the language.
func argument(c *locale.Catalogues, lang locale.Lang, name, value string) string {
	switch name {
	case "want", "got", "expected", "found", "kind":
		if key := "fileproblem.word." + value; c.Has(key) {
			return c.Text(lang, key)
		}
	}
	return shown(lang, value)
}

// shown makes text of a file safe to stand in a sentence: it is cut, stays in one line and does not turn the
// words around it. In a sentence of the other direction it is isolated (Unicode Standard Annex 9, first strong
// isolate), and so is everything in Arabic, where a number with a sign would otherwise change its order.
func shown(lang locale.Lang, text string) string {
	var b strings.Builder
	count, turns := 0, lang.Dir() == "rtl"
	for _, r := range text {
		if count++; count > maxShown {
			b.WriteRune('…')
			break
		}
		if breaksLine(r) || turnsText(r) {
			r = unicode.ReplacementChar
		}
		turns = turns || rightToLeft(r)
		b.WriteRune(r)
	}
	if !turns || b.Len() == 0 {
		return b.String()
	}
	return "\u2068" + b.String() + "\u2069"
}

// breaksLine reports control characters and the two separators: they end a line, and with it an isolate.
func breaksLine(r rune) bool { return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' }

// turnsText reports the characters that embed, override or isolate a direction. The formats show them
// escaped; the name of a file may still hold them.
func turnsText(r rune) bool {
	return r >= '\u202A' && r <= '\u202E' || r >= '\u2066' && r <= '\u2069'
}

func rightToLeft(r rune) bool {
	switch p, _ := bidi.LookupRune(r); p.Class() {
	case bidi.R, bidi.AL, bidi.AN:
		return true
	}
	return false
}
