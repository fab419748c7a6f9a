package admission

import (
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
	"golang.org/x/text/unicode/norm"

	"rostrum.example/format/mechanism"
	"rostrum.example/internal/dialogue/application"
	"rostrum.example/internal/locale"
)

// answer words the answer to a question.
func (t *tongue) answer(f mechanism.Field, a application.Answer) string {
	if len(a.Values) == 0 {
		return ""
	}
	words := make([]string, len(a.Values))
	for i, v := range a.Values {
		words[i] = t.value(f, v)
	}
	return t.room.joined(t.lang, words...)
}

// value words one value of an answer.
func (t *tongue) value(f mechanism.Field, v string) string {
	switch f.Kind {
	case mechanism.FieldChoice, mechanism.FieldChoices:
		for _, c := range f.Choices {
			if c.ID == v {
				return t.once("choice "+f.ID+" "+v, func() string { return in(c.Name, t.lang) })
			}
		}
	case mechanism.FieldYesNo:
		if v == "yes" || v == "no" {
			return t.once("admission."+v, func() string { return t.room.text(t.lang, "admission."+v) })
		}
	case mechanism.FieldCountry, mechanism.FieldCountries:
		return t.country(v)
	case mechanism.FieldLanguages:
		return t.once("language "+v, func() string { return languageName(t.lang, v) })
	}
	return v
}

func languageName(lang locale.Lang, code string) string {
	tag, err := language.Parse(code)
	if err != nil {
		return code
	}
	if name := display.Languages(language.MustParse(string(lang))).Name(tag); name != "" {
		return name
	}
	return code
}

// day words the day of an instant, in UTC.
func (t *tongue) day(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	d := locale.DateOf(at.UTC())
	return t.once("day "+d.String(), func() string { return t.room.o.Catalogues.Date(t.lang, d) })
}

// foldName makes names comparable: without accents, case, punctuation and double spaces. Letters of scripts without case
// stay as they are.
func foldName(s string) string {
	var b strings.Builder
	space := false
	for _, c := range norm.NFKD.String(s) {
		switch {
		case unicode.Is(unicode.Mn, c):
		case unicode.IsLetter(c), unicode.IsDigit(c):
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

// bodyKey is the name of an organisation as it is compared; empty where there is none.
func bodyKey(name string) string { return foldName(name) }
