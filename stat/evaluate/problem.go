package evaluate

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// InputError says what is wrong with the data, where, and what to do about it.
type InputError struct {
	Row     int    // row of the file, the header is row 1; 0 where no row is to blame
	Column  string // name of the column; empty where no column is to blame
	Problem string
	Advice  string
}

func (e *InputError) Error() string {
	var b strings.Builder
	switch {
	case e.Row > 0 && e.Column != "":
		fmt.Fprintf(&b, "row %d, column %q: ", e.Row, e.Column)
	case e.Row > 0:
		fmt.Fprintf(&b, "row %d: ", e.Row)
	case e.Column != "":
		fmt.Fprintf(&b, "column %q: ", e.Column)
	}
	return b.String() + sentence(e.Problem, e.Advice)
}

// FormulaError says what is wrong with a formula and where.
type FormulaError struct {
	Position int    // character of the formula, from 1; one past the end where something is missing
	Column   string // column of the data that it is about; empty where it is about the formula alone
	Problem  string
	Advice   string
}

func (e *FormulaError) Error() string {
	where := fmt.Sprintf("formula, position %d", e.Position)
	if e.Column != "" {
		where += fmt.Sprintf(", column %q", e.Column)
	}
	return where + ": " + sentence(e.Problem, e.Advice)
}

// NotEstimable says why data that can be read allow no estimate. Evaluate
// turns it into a report whose Estimable is false.
type NotEstimable struct {
	Reason string
	Advice string
}

func (e *NotEstimable) Error() string { return "not estimable: " + sentence(e.Reason, e.Advice) }

func sentence(problem, advice string) string {
	if advice == "" {
		return problem
	}
	return problem + "; " + advice
}

func notEstimable(advice, format string, args ...any) error {
	return &NotEstimable{Reason: fmt.Sprintf(format, args...), Advice: advice}
}

// quoted shortens a value so that a message stays readable.
func quoted(v string) string {
	const most = 40
	if utf8.RuneCountInString(v) > most {
		v = string([]rune(v)[:most]) + "…"
	}
	return strconv.Quote(v)
}

// some lists names for a message, and cuts a long list.
func some(names []string) string {
	const most = 8
	if len(names) > most {
		return strings.Join(names[:most], ", ") + fmt.Sprintf(" and %d more", len(names)-most)
	}
	return strings.Join(names, ", ")
}
