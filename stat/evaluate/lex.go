package evaluate

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

// token is a word of a formula. Its kind is the sign itself, or name, number
// or end.
type token struct {
	kind     string
	text     string
	value    float64
	position int // of its first character, from 1
}

const (
	tokenName   = "name"
	tokenNumber = "number"
	tokenEnd    = "end"
)

// maxFormula bounds the length of a formula, in characters.
const maxFormula = 4096

// lex cuts a formula into words.
func lex(text string) ([]token, error) {
	runes := []rune(text)
	if len(runes) > maxFormula {
		return nil, &FormulaError{Position: maxFormula + 1, Problem: fmt.Sprintf("the formula is longer than %d characters", maxFormula), Advice: "leave out what is not needed"}
	}
	var out []token
	for i := 0; i < len(runes); {
		c, start := runes[i], i
		switch {
		case unicode.IsSpace(c):
			i++
		case c == '`':
			for i++; i < len(runes) && runes[i] != '`'; i++ {
			}
			if i == len(runes) {
				return nil, &FormulaError{Position: start + 1, Problem: "the backquote that opens the name is not closed", Advice: "close it after the name of the column"}
			}
			name := string(runes[start+1 : i])
			if strings.TrimSpace(name) == "" {
				return nil, &FormulaError{Position: start + 1, Problem: "there is no name between the backquotes"}
			}
			i++
			out = append(out, token{kind: tokenName, text: name, position: start + 1})
		case c >= '0' && c <= '9' || c == '.' && i+1 < len(runes) && isDigit(runes[i+1]):
			for i < len(runes) && (isDigit(runes[i]) || runes[i] == '.' ||
				(runes[i] == 'e' || runes[i] == 'E') && i+1 < len(runes) && (isDigit(runes[i+1]) || runes[i+1] == '-' && i+2 < len(runes) && isDigit(runes[i+2])) ||
				runes[i] == '-' && (runes[i-1] == 'e' || runes[i-1] == 'E') && i > start) {
				i++
			}
			word := string(runes[start:i])
			v, err := strconv.ParseFloat(word, 64)
			if err != nil || i < len(runes) && isLetter(runes[i]) {
				return nil, &FormulaError{Position: start + 1, Problem: fmt.Sprintf("%s is not a number", quoted(word)), Advice: "put the name of a column that begins with a digit between backquotes"}
			}
			out = append(out, token{kind: tokenNumber, text: word, value: v, position: start + 1})
		case isLetter(c):
			for i < len(runes) && (isLetter(runes[i]) || unicode.IsDigit(runes[i]) || unicode.IsMark(runes[i]) || runes[i] == '.') {
				i++
			}
			out = append(out, token{kind: tokenName, text: string(runes[start:i]), position: start + 1})
		case strings.ContainsRune("~+-*/^:|(),", c):
			i++
			out = append(out, token{kind: string(c), text: string(c), position: start + 1})
		default:
			return nil, &FormulaError{Position: start + 1, Problem: fmt.Sprintf("the sign %q has no meaning here", c), Advice: "put names of columns with such signs between backquotes"}
		}
	}
	return append(out, token{kind: tokenEnd, position: len(runes) + 1}), nil
}

func isDigit(c rune) bool  { return c >= '0' && c <= '9' }
func isLetter(c rune) bool { return c == '_' || unicode.IsLetter(c) }
