package evaluate

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// function is what a formula may call.
type function struct {
	least, most int  // number of arguments
	term        bool // a term of its own, not part of a calculation
	columns     int  // the first so many arguments are columns, all where negative
}

var functions = map[string]function{
	"log": {1, 1, false, 0}, "log1p": {1, 1, false, 0}, "sqrt": {1, 1, false, 0}, "exp": {1, 1, false, 0}, "abs": {1, 1, false, 0},
	"since": {1, 1, true, 1}, "harmonics": {1, 2, true, 0}, "factor": {1, 1, true, 1}, "lag": {1, 2, true, 0},
	"offset": {1, 1, true, 0}, "cluster": {1, 4, true, -1}, "group": {1, 1, true, 1},
	"mean": {1, 3, true, 0}, "at": {2, 2, true, 0},
}

func functionNames() string {
	names := make([]string, 0, len(functions))
	for n := range functions {
		names = append(names, n)
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

const (
	maxDepth = 50
	maxTerms = 500
)

// ParseFormula reads a formula. An error is a *FormulaError and names the
// position.
func ParseFormula(text string) (*Formula, error) {
	tokens, err := lex(text)
	if err != nil {
		return nil, err
	}
	p := &parser{tokens: tokens}
	f := &Formula{Intercept: true}
	if p.peek().kind == tokenEnd {
		return nil, p.fail("the formula is empty", "write: outcome ~ terms")
	}
	if f.Response, err = p.sum(); err != nil {
		return nil, err
	}
	if len(f.Response.columns()) == 0 {
		return nil, &FormulaError{Position: 1, Problem: "there is no column before the ~", Advice: "write the outcome before it"}
	}
	if e, ok := f.Response.find(func(e Expr) bool { return functions[e.Op].term }); ok {
		return nil, &FormulaError{Position: e.Position, Problem: e.Op + "() cannot stand before the ~", Advice: "write the outcome before it, such as log(y)"}
	}
	if p.peek().kind != "~" {
		return nil, p.fail("a ~ is expected here", "write: outcome ~ terms")
	}
	p.next()
	if err := p.terms(f); err != nil {
		return nil, err
	}
	if p.peek().kind == "|" {
		p.next()
		if err := p.fixed(f); err != nil {
			return nil, err
		}
	}
	if p.peek().kind != tokenEnd {
		switch p.peek().kind {
		case "~":
			return nil, p.fail("a second ~ stands here", "a formula has one outcome")
		case ")":
			return nil, p.fail("this parenthesis was never opened", "take it away")
		case "/", "^":
			return nil, p.fail("a calculation stands here without parentheses", "write (a/b)")
		case "|":
			return nil, p.fail("a second | stands here", "write all fixed effects after the first one, with + between them")
		}
		return nil, p.fail(fmt.Sprintf("a + is expected here, not %s", quoted(p.peek().text)), "put + between terms")
	}
	return f, nil
}

type parser struct {
	tokens []token
	at     int
	depth  int
}

func (p *parser) peek() token { return p.tokens[p.at] }

func (p *parser) next() token {
	t := p.tokens[p.at]
	if t.kind != tokenEnd {
		p.at++
	}
	return t
}

func (p *parser) fail(problem, advice string) error {
	return &FormulaError{Position: p.peek().position, Problem: problem, Advice: advice}
}

func (p *parser) deeper() error {
	if p.depth++; p.depth > maxDepth {
		return p.fail("parentheses are nested too deep", "calculate a column beforehand")
	}
	return nil
}

// terms reads the right side up to the end or to the bar.
func (p *parser) terms(f *Formula) error {
	minus := false
	if k := p.peek().kind; k == "+" || k == "-" {
		minus = p.next().kind == "-"
	}
	for {
		if len(f.Terms) > maxTerms {
			return p.fail(fmt.Sprintf("the formula has more than %d terms", maxTerms), "leave out what is not needed")
		}
		start := p.peek()
		term, err := p.term()
		if err != nil {
			return err
		}
		if err := f.add(term, minus, start); err != nil {
			return err
		}
		if k := p.peek().kind; k != "+" && k != "-" {
			return nil
		}
		minus = p.next().kind == "-"
	}
}

// term reads factors joined by : or *; a*b becomes a, b and a:b.
func (p *parser) term() ([]Term, error) {
	first, err := p.product()
	if err != nil {
		return nil, err
	}
	out := []Term{first}
	for p.peek().kind == "*" {
		p.next()
		other, err := p.product()
		if err != nil {
			return nil, err
		}
		before := slices.Clone(out)
		out = append(out, other)
		for _, b := range before {
			out = append(out, slices.Concat(b, other))
		}
		if len(out) > maxTerms {
			return nil, p.fail(fmt.Sprintf("the product has more than %d terms", maxTerms), "write out the interactions that are needed")
		}
	}
	return out, nil
}

func (p *parser) product() (Term, error) {
	var out Term
	for {
		e, err := p.power()
		if err != nil {
			return nil, err
		}
		out = append(out, e)
		if p.peek().kind != ":" {
			return out, nil
		}
		p.next()
	}
}

// add puts a parsed term where it belongs.
func (f *Formula) add(terms []Term, minus bool, start token) error {
	if len(terms) == 1 && len(terms[0]) == 1 && terms[0][0].Op == opNumber {
		switch v := terms[0][0].Value; {
		case v == 1 || v == 0:
			f.Intercept = (v == 1) != minus
			return nil
		default:
			return &FormulaError{Position: start.position, Problem: "a number cannot be a term", Advice: "write 0 to leave out the intercept; a column stands for its own coefficient"}
		}
	}
	if minus {
		return &FormulaError{Position: start.position, Problem: "terms cannot be taken away", Advice: "leave the term out; only -1 has a meaning"}
	}
	for _, t := range terms {
		for _, e := range t {
			inner, ok := e.find(func(x Expr) bool { return x.Position != e.Position && functions[x.Op].term })
			if ok {
				return &FormulaError{Position: inner.Position, Problem: fmt.Sprintf("%s() cannot stand inside another calculation", inner.Op), Advice: "make it a term of its own"}
			}
			alone := e.Op == "offset" || e.Op == "cluster" || e.Op == "group" || e.Op == "harmonics" || e.Op == "mean" || e.Op == "at"
			if alone && len(t) > 1 {
				return &FormulaError{Position: e.Position, Problem: e.Op + "() cannot be multiplied with other terms", Advice: "make it a term of its own"}
			}
			if len(e.columns()) == 0 && e.Op != "harmonics" {
				return &FormulaError{Position: e.Position, Problem: "this part of a term names no column", Advice: "name a column of the data"}
			}
		}
		switch e := t[0]; e.Op {
		case "offset":
			f.Offsets = append(f.Offsets, e.Args[0])
		case "cluster":
			f.Clusters = append(f.Clusters, e.Args...)
		default:
			if !slices.ContainsFunc(f.Terms, func(x Term) bool { return x.String() == t.String() }) {
				f.Terms = append(f.Terms, t)
			}
		}
	}
	return nil
}

// fixed reads what stands after the bar.
func (p *parser) fixed(f *Formula) error {
	for {
		var combination []Expr
		for {
			t := p.next()
			if t.kind == tokenName && p.peek().kind == "(" {
				return &FormulaError{Position: t.position, Problem: "a fixed effect is a column", Advice: "write cluster(…), offset(…) and other terms before the |"}
			}
			if t.kind != tokenName {
				return &FormulaError{Position: t.position, Problem: "the name of a column is expected after the |", Advice: "write: outcome ~ terms | unit + period"}
			}
			combination = append(combination, Expr{Op: opColumn, Name: t.text, Position: t.position})
			if p.peek().kind != "^" {
				break
			}
			p.next()
		}
		f.Fixed = append(f.Fixed, combination)
		if p.peek().kind != "+" {
			return nil
		}
		p.next()
	}
}

// sum, factor and power read a calculation.
func (p *parser) sum() (Expr, error) {
	left, err := p.factor()
	for err == nil && (p.peek().kind == "+" || p.peek().kind == "-") {
		op := p.next()
		var right Expr
		right, err = p.factor()
		left = Expr{Op: op.kind, Args: []Expr{left, right}, Position: op.position}
	}
	return left, err
}

func (p *parser) factor() (Expr, error) {
	if p.peek().kind == "-" {
		if err := p.deeper(); err != nil {
			return Expr{}, err
		}
		op := p.next()
		e, err := p.factor()
		p.depth--
		return Expr{Op: "-", Args: []Expr{e}, Position: op.position}, err
	}
	left, err := p.power()
	for err == nil && (p.peek().kind == "*" || p.peek().kind == "/") {
		op := p.next()
		var right Expr
		right, err = p.power()
		left = Expr{Op: op.kind, Args: []Expr{left, right}, Position: op.position}
	}
	return left, err
}

func (p *parser) power() (Expr, error) {
	e, err := p.atom()
	if err != nil || p.peek().kind != "^" {
		return e, err
	}
	op := p.next()
	n := p.next()
	if n.kind != tokenNumber {
		return Expr{}, &FormulaError{Position: n.position, Problem: "a number is expected after ^", Advice: "write x^2"}
	}
	if functions[e.Op].term {
		return Expr{}, &FormulaError{Position: op.position, Problem: e.Op + "() has no powers"}
	}
	return Expr{Op: "^", Args: []Expr{e, {Op: opNumber, Value: n.value, Position: n.position}}, Position: op.position}, nil
}

func (p *parser) atom() (Expr, error) {
	t := p.peek()
	switch t.kind {
	case tokenNumber:
		p.next()
		return Expr{Op: opNumber, Value: t.value, Position: t.position}, nil
	case tokenName:
		p.next()
		if p.peek().kind == "(" {
			return p.call(t)
		}
		return Expr{Op: opColumn, Name: t.text, Position: t.position}, nil
	case "(":
		if err := p.deeper(); err != nil {
			return Expr{}, err
		}
		p.next()
		e, err := p.sum()
		if err != nil {
			return Expr{}, err
		}
		if p.peek().kind != ")" {
			return Expr{}, p.fail("a closing parenthesis is expected here", fmt.Sprintf("the one at position %d is open", t.position))
		}
		p.next()
		p.depth--
		return e, nil
	case tokenEnd:
		return Expr{}, p.fail("the formula ends where a term is expected", "write the term, or take away what stands before it")
	}
	return Expr{}, p.fail(fmt.Sprintf("a column or a function is expected here, not %s", quoted(t.text)), "write: outcome ~ terms")
}

func (p *parser) call(name token) (Expr, error) {
	rule, ok := functions[name.text]
	if !ok {
		return Expr{}, &FormulaError{Position: name.position, Problem: fmt.Sprintf("there is no function %s", quoted(name.text)), Advice: "the functions are " + functionNames()}
	}
	if err := p.deeper(); err != nil {
		return Expr{}, err
	}
	open := p.next()
	e := Expr{Op: name.text, Position: name.position}
	for p.peek().kind != ")" {
		arg, err := p.sum()
		if err != nil {
			return Expr{}, err
		}
		e.Args = append(e.Args, arg)
		if p.peek().kind == "," {
			p.next()
			continue
		}
		if p.peek().kind != ")" {
			return Expr{}, p.fail("a comma or a closing parenthesis is expected here", fmt.Sprintf("the one at position %d is open", open.position))
		}
	}
	p.next()
	p.depth--
	if n := len(e.Args); n < rule.least || n > rule.most {
		want := fmt.Sprint(rule.least)
		if rule.most > rule.least {
			want += fmt.Sprintf(" to %d", rule.most)
		}
		return Expr{}, &FormulaError{Position: name.position, Problem: fmt.Sprintf("%s() has %d arguments and takes %s", e.Op, n, want)}
	}
	for i, a := range e.Args {
		if (rule.columns < 0 || i < rule.columns) && a.Op != opColumn {
			return Expr{}, &FormulaError{Position: a.Position, Problem: e.Op + "() takes the name of a column", Advice: "calculate the column beforehand"}
		}
	}
	return e, e.check()
}

// check holds the numbers among the arguments to what they may be.
func (e Expr) check() error {
	whole := func(a Expr, least, most float64) error {
		v, ok := a.constant()
		if !ok || v != math.Trunc(v) || v < least || v > most {
			return &FormulaError{Position: a.Position, Problem: fmt.Sprintf("%s() takes a whole number from %g to %g here", e.Op, least, most)}
		}
		return nil
	}
	switch e.Op {
	case "harmonics":
		if err := whole(e.Args[0], 1, 100); err != nil {
			return err
		}
		if len(e.Args) == 2 {
			if v, ok := e.Args[1].constant(); !ok || v < 2 || v > 1e6 {
				return &FormulaError{Position: e.Args[1].Position, Problem: "the period of harmonics() is a number of at least 2", Advice: "12 for months of a year, 4 for quarters"}
			}
		}
	case "lag":
		if len(e.Args) == 2 {
			return whole(e.Args[1], 1, 1000)
		}
	case "mean", "at":
		for _, a := range e.Args[1:] {
			if _, ok := a.constant(); !ok {
				return &FormulaError{Position: a.Position, Problem: e.Op + "() takes a period here, a number", Advice: "write the period as a number, such as 1988"}
			}
		}
	}
	return nil
}

// constant gives the value of a number, also of a negative one.
func (e Expr) constant() (float64, bool) {
	switch {
	case e.Op == opNumber:
		return e.Value, true
	case e.Op == "-" && len(e.Args) == 1:
		v, ok := e.Args[0].constant()
		return -v, ok
	}
	return 0, false
}

// find gives the first part of the expression that a test holds for.
func (e Expr) find(test func(Expr) bool) (Expr, bool) {
	if test(e) {
		return e, true
	}
	for _, a := range e.Args {
		if found, ok := a.find(test); ok {
			return found, true
		}
	}
	return Expr{}, false
}
