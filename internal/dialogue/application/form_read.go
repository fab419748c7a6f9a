package application

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"rostrum.example/format/mechanism"
	"rostrum.example/internal/page"
	"rostrum.example/internal/party"
)

// part is the name of a field of a person in what a browser sends: nominated_persons-0-name.
func part(field string, person int, sub string) string {
	return field + "-" + strconv.Itoa(person) + "-" + sub
}

// read takes over what a browser sent for some questions. Everything that can be kept is kept, right or wrong, so that
// a draft loses nothing; marks says what could not be kept as it was sent, and is empty when all could.
func read(fields []mechanism.Field, in url.Values) (a Answers, marks page.Invalids) {
	a = Answers{}
	for _, q := range fields {
		var answer Answer
		if q.Kind == mechanism.FieldPersons {
			answer.Persons, marks = readPersons(q, in, marks)
		} else {
			answer.Values, marks = readValues(q, q.ID, in[q.ID], marks)
		}
		if len(answer.Values) > 0 || len(answer.Persons) > 0 {
			a[q.ID] = answer
		}
	}
	return a, marks
}

// readPersons reads a group of questions for each person. A person about whom nothing was written is left out.
func readPersons(q mechanism.Field, in url.Values, marks page.Invalids) ([]map[string]string, page.Invalids) {
	var all []map[string]string
	for i := range maxPersons {
		person := map[string]string{}
		var found page.Invalids
		for _, sub := range q.Fields {
			name := part(q.ID, len(all), sub.ID)
			var values []string
			values, found = readValues(sub, name, in[part(q.ID, i, sub.ID)], found)
			if len(values) > 0 {
				person[sub.ID] = strings.Join(values, "\n")
			}
		}
		if len(person) > 0 {
			all = append(all, person)
			marks = append(marks, found...)
		}
	}
	return all, marks
}

// maxValues bounds how many values are kept of a list, so that a draft stays a draft.
const maxValues = 1000

// readValues reads the values of one question.
func readValues(q mechanism.Field, name string, sent []string, marks page.Invalids) ([]string, page.Invalids) {
	var values []string
	clean := true
	for _, s := range sent {
		if q.Kind == mechanism.FieldLinks {
			for line := range strings.FieldsSeq(s) {
				line, ok := cleanLine(line)
				clean = clean && ok
				values = append(values, tidy(q.Kind, line))
			}
			continue
		}
		text, ok := cleanLine(s)
		if q.Kind == mechanism.FieldLines {
			text, ok = cleanLines(s)
		}
		clean = clean && ok
		values = append(values, tidy(q.Kind, text))
	}
	values = slices.DeleteFunc(values, func(s string) bool { return s == "" })
	values = distinct(values)
	if !clean {
		marks = append(marks, page.Invalid{Field: name, Key: "application.field.unreadable", Pairs: []any{"Label", label{q}}})
	}
	if single(q.Kind) && len(values) > 1 {
		marks = append(marks, page.Invalid{Field: name, Key: "application.field.twice", Pairs: []any{"Label", label{q}}})
		values = values[:1]
	}
	return values[:min(len(values), maxValues)], marks
}

func distinct(values []string) []string {
	seen := map[string]bool{}
	return slices.DeleteFunc(values, func(s string) bool {
		again := seen[s]
		seen[s] = true
		return again
	})
}

// cleanLine gives a line as it can be kept: composed (NFC), with single spaces, without broken characters and without
// those that control or turn the text around; ok is false where some had to go.
func cleanLine(s string) (text string, ok bool) {
	text, ok = readable(s)
	return strings.Join(strings.Fields(text), " "), ok
}

// cleanLines does the same for a text of several lines.
func cleanLines(s string) (text string, ok bool) {
	text, ok = readable(s)
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight(line, " ")
	}
	return strings.Trim(strings.Join(lines, "\n"), "\n"), ok
}

func readable(s string) (text string, ok bool) {
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\t", " ").Replace(s)
	valid := strings.ToValidUTF8(s, "")
	text = strings.Map(func(c rune) rune {
		if c != '\n' && unicode.IsControl(c) || c >= '\u202a' && c <= '\u202e' || c >= '\u2066' && c <= '\u2069' || c == utf8.RuneError {
			return -1
		}
		return c
	}, valid)
	return norm.NFC.String(text), text == s
}

// tidy writes a value in its one form where it can be understood, and leaves it as it is otherwise.
func tidy(kind mechanism.FieldKind, s string) string {
	switch kind {
	case mechanism.FieldLink, mechanism.FieldLinks:
		if s != "" && !strings.Contains(s, "://") && checkLink("https://"+s) {
			return "https://" + s
		}
	case mechanism.FieldEmail:
		if email, err := party.ParseEmail(s); err == nil {
			return string(email)
		}
	case mechanism.FieldCountry, mechanism.FieldCountries:
		if upper := strings.ToUpper(s); isCountry(upper) {
			return upper
		}
	}
	return s
}

// checkLink tells whether a text is the address of a page.
func checkLink(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.User == nil && strings.Contains(u.Hostname(), ".") &&
		!strings.HasPrefix(u.Hostname(), ".") && !strings.HasSuffix(u.Hostname(), ".") && utf8.RuneCountInString(s) <= maxLink
}
