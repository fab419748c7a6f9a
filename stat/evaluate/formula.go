package evaluate

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// Formula says what is explained by what:
//
//	outcome ~ term + term … | fixed effect + fixed effect …
//
// A term is a column, a calculation in parentheses or a function of columns
// (log, log1p, sqrt, exp, abs), a power x^2, an interaction a:b, or a*b for
// a + b + a:b. Columns of names become indicators of their values; factor(x)
// does so for a column of numbers. Further terms are since(x), the number of
// periods since the step x was taken, 0 at the first period after it;
// harmonics(k, period), k pairs of sine and cosine; lag(x, k), the value k
// periods before; offset(x), a term whose coefficient is 1; cluster(x, …), the
// groups within which observations hang together; group(x), the period in which
// a unit was first treated; mean(x, from, to) and at(x, period), predictors of a
// synthetic control. 0 or -1 leaves out the intercept. A fixed effect is a
// column, or a^b for each combination of two columns. Names with spaces or
// signs stand between backquotes.
type Formula struct {
	Response  Expr
	Terms     []Term
	Offsets   []Expr
	Clusters  []Expr   // columns
	Fixed     [][]Expr // each a combination of columns
	Intercept bool
}

// Term is a product of expressions; most terms have one.
type Term []Expr

// Expr is a column, a number, or a function or operator with its arguments.
type Expr struct {
	Op       string // "column", "number", or the name of a function or operator
	Name     string // of a column
	Value    float64
	Args     []Expr
	Position int // in the formula, from 1
}

const (
	opColumn = "column"
	opNumber = "number"
)

// String writes the formula in one way, however it was typed.
func (f *Formula) String() string {
	var parts []string
	if !f.Intercept {
		parts = append(parts, "0")
	}
	for _, t := range f.Terms {
		parts = append(parts, t.String())
	}
	for _, o := range f.Offsets {
		parts = append(parts, "offset("+o.String()+")")
	}
	if len(f.Clusters) > 0 {
		parts = append(parts, "cluster("+list(f.Clusters)+")")
	}
	if len(parts) == 0 {
		parts = append(parts, "1")
	}
	out := f.Response.String() + " ~ " + strings.Join(parts, " + ")
	for i, c := range f.Fixed {
		sep := " + "
		if i == 0 {
			sep = " | "
		}
		names := make([]string, len(c))
		for j, e := range c {
			names[j] = e.String()
		}
		out += sep + strings.Join(names, "^")
	}
	return out
}

// String writes the factors of the term with colons between them.
func (t Term) String() string {
	names := make([]string, len(t))
	for i, e := range t {
		names[i] = e.String()
	}
	return strings.Join(names, ":")
}

// String writes the expression as it may stand in a formula.
func (e Expr) String() string {
	switch e.Op {
	case opColumn:
		return nameOf(e.Name)
	case opNumber:
		return strconv.FormatFloat(e.Value, 'g', -1, 64)
	case "+", "-", "*", "/":
		if len(e.Args) == 1 {
			return "(" + e.Op + e.Args[0].String() + ")"
		}
		return "(" + e.Args[0].String() + " " + e.Op + " " + e.Args[1].String() + ")"
	case "^":
		return e.Args[0].String() + "^" + e.Args[1].String()
	}
	return e.Op + "(" + list(e.Args) + ")"
}

func list(args []Expr) string {
	names := make([]string, len(args))
	for i, a := range args {
		names[i] = a.String()
	}
	return strings.Join(names, ", ")
}

// nameOf writes the name of a column, between backquotes where it must.
func nameOf(name string) string {
	for i, c := range name {
		if !(isLetter(c) || i > 0 && (unicode.IsDigit(c) || unicode.IsMark(c) || c == '.')) {
			return "`" + name + "`"
		}
	}
	return name
}

// columns lists the columns that the expression reads.
func (e Expr) columns() []Expr {
	if e.Op == opColumn {
		return []Expr{e}
	}
	var out []Expr
	for _, a := range e.Args {
		out = append(out, a.columns()...)
	}
	return out
}

// every lists all columns of the formula.
func (f *Formula) every() []Expr {
	out := f.Response.columns()
	for _, t := range f.Terms {
		for _, e := range t {
			out = append(out, e.columns()...)
		}
	}
	for _, e := range slices.Concat(f.Offsets, f.Clusters) {
		out = append(out, e.columns()...)
	}
	for _, c := range f.Fixed {
		out = append(out, c...)
	}
	return out
}
