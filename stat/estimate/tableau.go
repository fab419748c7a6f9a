package estimate

import "math/big"

// arithmetic is what integer elimination needs. An operation says false where
// its result does not fit.
type arithmetic[T any] interface {
	sign(a T) int
	// cross is (p*a - b*c) / d, which elimination without fractions makes a
	// whole number (Bareiss 1968).
	cross(p, a, b, c, d T) (T, bool)
	negSum(a []T) (T, bool) // minus the sum
	one() T
	neg(a T) T
	// compareRatios compares a/b with c/d, for b and d > 0.
	compareRatios(a, b, c, d T) int
}

// smallInt computes in 64 bits and keeps every entry below 2^30, so that no
// difference of products overflows.
type smallInt struct{}

const smallLimit = 1 << 30

func (smallInt) sign(a int64) int {
	switch {
	case a > 0:
		return 1
	case a < 0:
		return -1
	}
	return 0
}

func (smallInt) cross(p, a, b, c, d int64) (int64, bool) {
	v := (p*a - b*c) / d
	return v, v > -smallLimit && v < smallLimit
}

func (smallInt) negSum(a []int64) (int64, bool) {
	var sum int64
	for _, v := range a {
		sum -= v
	}
	return sum, sum > -smallLimit && sum < smallLimit
}

func (smallInt) one() int64        { return 1 }
func (smallInt) neg(a int64) int64 { return -a }

func (smallInt) compareRatios(a, b, c, d int64) int {
	return smallInt{}.sign(a*d - c*b)
}

// bigInt computes with integers of any size.
type bigInt struct{}

func (bigInt) sign(a *big.Int) int { return a.Sign() }

func (bigInt) cross(p, a, b, c, d *big.Int) (*big.Int, bool) {
	v := new(big.Int).Mul(p, a)
	v.Sub(v, new(big.Int).Mul(b, c))
	return v.Quo(v, d), true
}

func (bigInt) negSum(a []*big.Int) (*big.Int, bool) {
	sum := new(big.Int)
	for _, v := range a {
		sum.Sub(sum, v)
	}
	return sum, true
}

func (bigInt) one() *big.Int           { return big.NewInt(1) }
func (bigInt) neg(a *big.Int) *big.Int { return new(big.Int).Neg(a) }

func (bigInt) compareRatios(a, b, c, d *big.Int) int {
	return new(big.Int).Mul(a, d).Cmp(new(big.Int).Mul(c, b))
}

// tableau is an integer matrix, by rows.
type tableau[T any] struct {
	arith      arithmetic[T]
	rows, cols int
	a          []T
}

func (t *tableau[T]) row(i int) []T { return t.a[i*t.cols : (i+1)*t.cols] }

func (t *tableau[T]) clone() *tableau[T] {
	return &tableau[T]{arith: t.arith, rows: t.rows, cols: t.cols, a: append([]T(nil), t.a[:t.rows*t.cols]...)}
}

// tail is a copy of the lower right corner.
func (t *tableau[T]) tail(row, col int) *tableau[T] {
	out := &tableau[T]{arith: t.arith, rows: t.rows - row, cols: t.cols - col}
	for i := row; i < t.rows; i++ {
		out.a = append(out.a, t.row(i)[col:]...)
	}
	return out
}

// eliminate makes zeros below pivots taken from the columns from first up to
// last, moves the pivot rows to the top and gives their number, the rank of
// those columns. Division by the previous pivot keeps the entries minors of
// the matrix that came in.
func (t *tableau[T]) eliminate(first, last int) (rank int, ok bool) {
	previous := t.arith.one()
	for col := first; col < last && rank < t.rows; col++ {
		at := -1
		for i := rank; i < t.rows; i++ {
			if t.arith.sign(t.row(i)[col]) != 0 {
				at = i
				break
			}
		}
		if at < 0 {
			continue
		}
		if at != rank {
			top, low := t.row(rank), t.row(at)
			for k := range top {
				top[k], low[k] = low[k], top[k]
			}
		}
		top := t.row(rank)
		pivot := top[col]
		for i := rank + 1; i < t.rows; i++ {
			low := t.row(i)
			factor := low[col]
			for k := col; k < t.cols; k++ {
				if low[k], ok = t.arith.cross(pivot, low[k], factor, top[k], previous); !ok {
					return 0, false
				}
			}
		}
		previous = pivot
		rank++
	}
	return rank, true
}

// hasPositiveSolution says whether R x = 0 has a solution with every x > 0,
// where the rows of R, the tableau, are independent. The tableau is used up.
func (t *tableau[T]) hasPositiveSolution() (exists, ok bool) {
	for i := range t.rows {
		low, high := false, false
		for _, v := range t.row(i) {
			switch t.arith.sign(v) {
			case 1:
				high = true
			case -1:
				low = true
			}
		}
		if low != high {
			return false, true // a row of one sign sums to nought only at x = 0
		}
	}
	return t.simplex()
}

// simplex is phase one for R z = -R 1, z >= 0, with Bland's rule, which cannot
// cycle, and pivoting without fractions. The artificial variables are implied:
// each row's basis variable is an index, below cols for a real variable.
func (t *tableau[T]) simplex() (exists, ok bool) {
	n, rows := t.cols, t.rows
	width := n + 1
	a := make([]T, (rows+1)*width) // the last row is the sum of infeasibilities
	at := func(i, j int) *T { return &a[i*width+j] }
	for i := range rows {
		rhs, fits := t.arith.negSum(t.row(i))
		if !fits {
			return false, false
		}
		flip := t.arith.sign(rhs) < 0
		for j, v := range t.row(i) {
			if flip {
				v = t.arith.neg(v)
			}
			*at(i, j) = v
		}
		if flip {
			rhs = t.arith.neg(rhs)
		}
		*at(i, n) = rhs
	}
	column := make([]T, rows)
	for j := range width {
		for i := range rows {
			column[i] = *at(i, j)
		}
		sum, fits := t.arith.negSum(column)
		if !fits {
			return false, false
		}
		*at(rows, j) = t.arith.neg(sum)
	}
	basis := make([]int, rows)
	for i := range basis {
		basis[i] = n + i
	}
	denominator := t.arith.one()
	for {
		if t.arith.sign(*at(rows, n)) == 0 {
			return true, true
		}
		enter := -1
		for j := range n {
			if t.arith.sign(*at(rows, j)) > 0 {
				enter = j
				break
			}
		}
		if enter < 0 {
			return false, true
		}
		leave := -1
		for i := range rows {
			if t.arith.sign(*at(i, enter)) <= 0 {
				continue
			}
			if leave < 0 {
				leave = i
				continue
			}
			c := t.arith.compareRatios(*at(i, n), *at(i, enter), *at(leave, n), *at(leave, enter))
			if c < 0 || c == 0 && basis[i] < basis[leave] {
				leave = i
			}
		}
		if leave < 0 {
			return false, false // cannot be: infeasibility is bounded below by 0
		}
		pivot := *at(leave, enter)
		for i := range rows + 1 {
			if i == leave {
				continue
			}
			factor := *at(i, enter)
			for j := range width {
				v, fits := t.arith.cross(pivot, *at(i, j), factor, *at(leave, j), denominator)
				if !fits {
					return false, false
				}
				*at(i, j) = v
			}
		}
		denominator = pivot
		basis[leave] = enter
	}
}
