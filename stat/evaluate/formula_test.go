package evaluate

import (
	"errors"
	"strings"
	"testing"
)

func TestParseFormula(t *testing.T) {
	for text, want := range map[string]string{
		"y ~ t + law + since(law) + harmonics(2)": "y ~ t + law + since(law) + harmonics(2)",
		"log( deaths/pop ) ~ x":                   "log((deaths / pop)) ~ x",
		"y~a*b":                                   "y ~ a + b + a:b",
		"y ~ a*b*c":                               "y ~ a + b + a:b + c + a:c + b:c + a:b:c",
		"y ~ 0 + x":                               "y ~ 0 + x",
		"y ~ x - 1":                               "y ~ 0 + x",
		"y ~ 1":                                   "y ~ 1",
		"y ~ x + x":                               "y ~ x",
		"y ~ x^2 + (x-3)/2":                       "", // a calculation needs parentheses
		"y ~ x^2 + ((x-3)/2)":                     "y ~ x^2 + ((x - 3) / 2)",
		"flow ~ lag(conflict, 2) | origin^year + dest":          "flow ~ lag(conflict, 2) | origin^year + dest",
		"y ~ offset(log(pop)) + cluster(a, b) + factor(region)": "y ~ factor(region) + offset(log(pop)) + cluster(a, b)",
		"`No. dead` ~ `since 2020` | `place of death` + month":  "`No. dead` ~ `since 2020` | `place of death` + month",
		"смерти ~ закон":                                        "смерти ~ закон",
		"y ~ at(x, 1988) + mean(z, 1980, 1988)":                 "y ~ at(x, 1988) + mean(z, 1980, 1988)",
		"y ~ (-x)":                                              "y ~ (-x)",
		"y ~ harmonics(1, 52.18)":                               "y ~ harmonics(1, 52.18)",
	} {
		f, err := ParseFormula(text)
		switch {
		case want == "" && err == nil:
			t.Errorf("%s is accepted", text)
		case want == "":
		case err != nil:
			t.Errorf("%s: %v", text, err)
		case f.String() != want:
			t.Errorf("%s is %s, want %s", text, f, want)
		}
	}
}

// Every mistake is named with its position.
func TestFormulaMistakes(t *testing.T) {
	for text, want := range map[string]string{
		"":                        "position 1: the formula is empty",
		"y":                       "position 2: a ~ is expected here",
		"~ x":                     "position 1: a column or a function is expected",
		"y ~":                     "position 4: the formula ends where a term is expected",
		"y ~ x +":                 "position 8: the formula ends",
		"y ~ x + + z":             "position 9: a column or a function is expected",
		"y ~ (x + z":              "position 11: a closing parenthesis is expected here; the one at position 5 is open",
		"y ~ x)":                  "position 6: this parenthesis was never opened",
		"y ~ logg(x)":             `position 5: there is no function "logg"`,
		"y ~ log(x, z)":           "position 5: log() has 2 arguments and takes 1",
		"y ~ since(log(x))":       "position 11: since() takes the name of a column",
		"y ~ harmonics(x)":        "position 15: harmonics() takes a whole number",
		"y ~ harmonics(2, 1)":     "position 18: the period of harmonics()",
		"y ~ lag(x, 0)":           "position 12: lag() takes a whole number",
		"y ~ log(since(x))":       "position 9: since() cannot stand inside",
		"y ~ offset(p):x":         "position 5: offset() cannot be multiplied",
		"y ~ x ~ z":               "position 7: a second ~",
		"y ~ x | a | b":           "position 11: a second |",
		"y ~ x |":                 "position 8: the name of a column is expected after the |",
		"y ~ x | log(a)":          "position 9: a fixed effect is a column",
		"y ~ 2":                   "position 5: a number cannot be a term",
		"y ~ x - z":               "position 9: terms cannot be taken away",
		"y ~ a/b":                 "position 6: a calculation stands here without parentheses",
		"y ~ x z":                 "position 7: a + is expected here",
		"y ~ x % z":               "position 7: the sign '%' has no meaning",
		"y ~ `a":                  "position 5: the backquote that opens the name is not closed",
		"y ~ ``":                  "position 5: there is no name between",
		"y ~ 2x":                  "position 5: \"2\" is not a number",
		"3 ~ x":                   "position 1: there is no column before the ~",
		"since(x) ~ x":            "position 1: since() cannot stand before the ~",
		"y ~ " + parentheses(60):  "parentheses are nested too deep",
		strings.Repeat("y", 5000): "longer than 4096",
	} {
		_, err := ParseFormula(text)
		var bad *FormulaError
		if !errors.As(err, &bad) || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40q: %v\nwant …%s…", text, err, want)
		}
	}
}

func parentheses(n int) string { return strings.Repeat("(", n) + "x" + strings.Repeat(")", n) }

// A formula that is accepted prints as one that means the same, and never
// makes Evaluate fail in another way than by an error.
func FuzzFormula(f *testing.F) {
	for _, s := range []string{
		"y ~ t + law + since(law) + harmonics(2)", "log(y) ~ 0 + a*b | u^v + w", "`a b` ~ -1 + (x/2)^2 + offset(log(pop))", "y ~ lag(law, 3) + cluster(law)", "y~x-",
		"y ~ mean(pop, 1, 2) + at(y, -3)", "y ~ group(law) | t + pop", "y ~ law:t + factor(law) + abs(-y) | t",
	} {
		f.Add(s)
	}
	frame, err := Read(strings.NewReader(sampleSeries()))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		a, err := ParseFormula(text)
		if err != nil {
			var bad *FormulaError
			if !errors.As(err, &bad) || bad.Position < 1 || bad.Position > len([]rune(text))+1 {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		b, err := ParseFormula(a.String())
		if err != nil || b.String() != a.String() {
			t.Fatalf("%q prints as %q, which reads as %v, %v", text, a, b, err)
		}
		if len(text) > 200 {
			return
		}
		for _, d := range Designs() {
			if r, err := Evaluate(t.Context(), frame, Options{Design: d, Formula: text, Time: "t"}); err == nil {
				sound(t, r)
			}
		}
	})
}
