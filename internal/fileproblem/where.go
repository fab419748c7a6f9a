package fileproblem

import (
	"slices"
	"strconv"
	"strings"

	"rostrum.example/format/dialogue"
	"rostrum.example/internal/locale"
)

// Where tells the place of a problem: "line 41, column 17, in counts, third item, number (/counts/2/number)".
// The name of the file stands first where the problem has one, and the JSON pointer last, as a program wants
// it. A problem of no place, such as the one that says how many were left out, gives "".
//
// A pointer does not tell the third item of a list from a field named "2"; the formats have no such fields.
func Where(c *locale.Catalogues, lang locale.Lang, p dialogue.Problem) string {
	var parts []string
	if p.File != "" {
		parts = append(parts, shown(lang, p.File))
	}
	if p.Line > 0 {
		parts = append(parts, c.Text(lang, "fileproblem.where.line",
			"line", strconv.Itoa(p.Line), "column", strconv.Itoa(p.Column)))
	}
	if p.Pointer == "" {
		return join(c, lang, parts)
	}
	parts = append(parts, path(c, lang, p.Pointer)...)
	return c.Text(lang, "fileproblem.where.pointer",
		"place", join(c, lang, parts), "pointer", shown(lang, p.Pointer))
}

func join(c *locale.Catalogues, lang locale.Lang, parts []string) string {
	return strings.Join(parts, c.Text(lang, "locale.comma"))
}

// maxEnds is how many steps are told at each end of a path. No value of the formats lies deeper than both
// ends together.
const maxEnds = 6

// path puts the steps of a JSON pointer into words, from the whole to the part.
func path(c *locale.Catalogues, lang locale.Lang, pointer string) []string {
	steps := strings.Split(strings.TrimPrefix(pointer, "/"), "/")
	if len(steps) > 2*maxEnds {
		steps = slices.Concat(steps[:maxEnds], []string{"…"}, steps[len(steps)-maxEnds:])
	}
	words := make([]string, len(steps))
	for i, step := range steps {
		switch place, ok := item(c, lang, step); {
		case ok:
			words[i] = place
		case i == 0:
			words[i] = c.Text(lang, "fileproblem.where.in", "field", field(lang, step))
		default:
			words[i] = field(lang, step)
		}
	}
	return words
}

// item names an item of a list, which a pointer counts from 0 and people from 1.
func item(c *locale.Catalogues, lang locale.Lang, step string) (string, bool) {
	index, err := strconv.ParseUint(step, 10, 31)
	if err != nil || strconv.FormatUint(index, 10) != step {
		return "", false
	}
	number := strconv.FormatUint(index+1, 10)
	if key := "fileproblem.where.item." + number; c.Has(key) { // up to the tenth there is a word
		return c.Text(lang, key), true
	}
	return c.Text(lang, "fileproblem.where.item", "number", number), true
}

// field names a field as it stands in the file (RFC 6901, section 4).
func field(lang locale.Lang, step string) string {
	return shown(lang, strings.NewReplacer("~1", "/", "~0", "~").Replace(step))
}
