package estimate

import "math/big"

// Code says whether the maximum-likelihood estimate of a model exists and is
// the only one (Fienberg & Rinaldo 2012; Chan, Silverman & Vincent 2021).
type Code int

const (
	Exists         Code = 0 // the estimate exists and is unique
	NoEstimate     Code = 1 // the likelihood has no maximum
	NotIdentified  Code = 2 // different parameters fit equally well
	NeitherOfThose Code = 3 // no maximum, and not identified
)

func (c Code) String() string {
	switch c {
	case Exists:
		return "exists"
	case NoEstimate:
		return "does not exist"
	case NotIdentified:
		return "not identifiable"
	case NeitherOfThose:
		return "does not exist, not identifiable"
	}
	return "unknown"
}

// checker decides existence and identifiability, exactly, in integers. It
// holds the memory of one worker.
//
// After terms with N* = 0 have left the model with the cells that hold them,
// let A have a row for each remaining term and a column for each remaining
// cell, 1 where the term lies inside the cell. The estimate exists if and only
// if A x = A y has a solution with every x > 0. Elimination with pivots in the
// columns of cells with people leaves rows R that are zero there; by Stiemke's
// lemma the estimate exists if and only if R x = 0 has a solution x > 0 over
// the cells without people. That is x = 1 + z, R z = -R 1, z >= 0: the first
// phase of the simplex method, with a handful of rows.
type checker struct {
	matrix  []int64
	columns []int
	terms   []int
	dropped []bool
}

func newChecker(t int) *checker {
	return &checker{dropped: make([]bool, 1<<t)}
}

// check gives the code of a model for a sample. It depends on the sample only
// through the cells that hold people.
func (c *checker) check(s *sample, p *plan) Code {
	positive, terms := c.columnsOf(s, p)
	if positive == len(c.columns) && len(terms) == len(p.terms) {
		// Every cell has people and no term left: the estimate exists, and the
		// columns of any model without the interaction of all lists are
		// independent over the 2^t - 1 cells.
		return Exists
	}
	// Where the cells with people alone have full rank, no row is left over.
	tab := &tableau[int64]{arith: smallInt{}, rows: len(terms), cols: positive, a: c.fill(terms, c.columns[:positive])}
	if rank, ok := tab.eliminate(0, positive); ok && rank == len(terms) {
		return Exists
	}
	tab = &tableau[int64]{arith: smallInt{}, rows: len(terms), cols: len(c.columns), a: c.fill(terms, c.columns)}
	if code, ok := decide(tab, positive); ok {
		return code
	}
	// Entries outgrew 30 bits: again with integers of any size.
	small := c.fill(terms, c.columns)
	large := &tableau[*big.Int]{arith: bigInt{}, rows: len(terms), cols: len(c.columns), a: make([]*big.Int, len(small))}
	for i, v := range small {
		large.a[i] = big.NewInt(v)
	}
	code, _ := decide(large, positive)
	return code
}

// columnsOf sets the columns, cells with people first, and gives the number of
// cells with people and the terms that stay in the model.
func (c *checker) columnsOf(s *sample, p *plan) (positive int, terms []int) {
	c.terms = c.terms[:0]
	clear(c.dropped)
	for _, term := range p.terms {
		if s.star[term] > 0 {
			c.terms = append(c.terms, term)
		} else {
			c.dropped[term] = true
		}
	}
	if len(c.terms) < len(p.terms) {
		spreadUp(c.dropped)
	}
	c.columns = c.columns[:0]
	for w := 1; w < len(s.y); w++ {
		if s.y[w] > 0 {
			c.columns = append(c.columns, w)
		}
	}
	positive = len(c.columns)
	for w := 1; w < len(s.y); w++ {
		if s.y[w] == 0 && !c.dropped[w] {
			c.columns = append(c.columns, w)
		}
	}
	return positive, c.terms
}

// fill makes the matrix, by rows.
func (c *checker) fill(terms, columns []int) []int64 {
	c.matrix = c.matrix[:0]
	for _, term := range terms {
		for _, w := range columns {
			v := int64(0)
			if w&term == term {
				v = 1
			}
			c.matrix = append(c.matrix, v)
		}
	}
	return c.matrix
}

// decide reduces the tableau and answers both questions. It says false where
// the arithmetic overflowed.
func decide[T any](tab *tableau[T], positive int) (Code, bool) {
	rankPositive, ok := tab.eliminate(0, positive)
	if !ok {
		return 0, false
	}
	rest := tab.tail(rankPositive, positive)
	rankRest, exists := 0, true
	if rest.rows > 0 && rest.cols > 0 {
		// The rank is taken on a copy: the simplex wants the rows as they are.
		reduced := rest.clone()
		if rankRest, ok = reduced.eliminate(0, reduced.cols); !ok {
			return 0, false
		}
		if rankRest > 0 {
			reduced.rows = rankRest
			if exists, ok = reduced.hasPositiveSolution(); !ok {
				return 0, false
			}
		}
	}
	code := Exists
	if !exists {
		code |= NoEstimate
	}
	if rankPositive+rankRest < tab.rows {
		code |= NotIdentified
	}
	return code, true
}
