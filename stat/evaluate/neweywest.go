package evaluate

import (
	"fmt"
	"math"
	"strconv"
)

// Lag says how many lags a Newey-West standard error takes in: a number, or
// one of the rules.
type Lag string

const (
	LagUsual        Lag = ""                // one cycle where the model has harmonics, else the plug-in rule
	LagPlugIn       Lag = "plug-in"         // floor(4 (n/100)^(2/9)), after Newey & West (1994)
	LagStockWatson  Lag = "stock-watson"    // floor(0.75 n^(1/3))
	LagNeweyWest    Lag = "newey-west-1994" // data-dependent, for the Bartlett kernel
	LagAndrews      Lag = "andrews"         // Andrews (1991), from autoregressions of order 1; not rounded
	lagExplanations     = "a number, plug-in, stock-watson, newey-west-1994 or andrews"
)

// ParseLag reads a lag.
func ParseLag(text string) (Lag, error) {
	switch l := Lag(text); l {
	case LagUsual, LagPlugIn, LagStockWatson, LagNeweyWest, LagAndrews:
		return l, nil
	}
	if n, err := strconv.Atoi(text); err == nil && n >= 0 {
		return Lag(text), nil
	}
	return "", fmt.Errorf("there is no lag %q; give %s", text, lagExplanations)
}

// bandwidth gives the bandwidth of the Bartlett kernel, which is the lag plus
// one, and the name of the rule. scores are by regressor; constant is the
// index of the intercept, which has no part in rules that look at the data.
func (l Lag) bandwidth(scores [][]float64, constant int, season float64) (float64, string) {
	n := float64(len(scores[0]))
	plugIn := math.Floor(4 * math.Pow(n/100, 2.0/9))
	switch l {
	case LagUsual:
		if season > 0 {
			return math.Round(season) + 1, "one cycle"
		}
		return plugIn + 1, "floor(4 (n/100)^(2/9))"
	case LagPlugIn:
		return plugIn + 1, "floor(4 (n/100)^(2/9))"
	case LagStockWatson:
		return math.Floor(0.75*math.Cbrt(n)) + 1, "floor(0.75 n^(1/3))"
	case LagNeweyWest:
		sum := make([]float64, len(scores[0]))
		for j, s := range scores {
			if j == constant && len(scores) > 1 {
				continue
			}
			for t, v := range s {
				sum[t] += v
			}
		}
		s0, s1 := autocovariance(sum, 0), 0.0
		for j := 1; j <= int(plugIn); j++ {
			c := autocovariance(sum, j)
			s0, s1 = s0+2*c, s1+2*float64(j)*c
		}
		lag := math.Floor(1.1447 * math.Cbrt(math.Pow(s1/s0, 2)*n))
		return bounded(lag, n) + 1, "Newey & West (1994)"
	case LagAndrews:
		top, bottom := 0.0, 0.0
		for j, s := range scores {
			if j == constant && len(scores) > 1 {
				continue
			}
			before := dot(s[:len(s)-1], s[:len(s)-1])
			if before == 0 {
				continue
			}
			rho := max(-0.97, min(0.97, dot(s[1:], s[:len(s)-1])/before))
			variance := 0.0
			for t := 1; t < len(s); t++ {
				e := s[t] - rho*s[t-1]
				variance += e * e
			}
			variance /= n - 1
			top += 4 * rho * rho * variance * variance / (math.Pow(1-rho, 6) * (1 + rho) * (1 + rho))
			bottom += variance * variance / math.Pow(1-rho, 4)
		}
		return max(1, bounded(1.1447*math.Cbrt(top/bottom*n), n)), "Andrews (1991)"
	}
	lag, _ := strconv.Atoi(string(l))
	return min(float64(lag), n-1) + 1, "given"
}

func bounded(v, n float64) float64 {
	if math.IsNaN(v) {
		return 0
	}
	return min(v, n-1)
}

func autocovariance(x []float64, lag int) float64 {
	return dot(x[lag:], x[:len(x)-lag]) / float64(len(x))
}

// neweyWest gives the long-run covariance of the scores times their number:
// the meat of a Newey-West (1987) covariance, with weights 1 - j/bandwidth.
func neweyWest(scores [][]float64, bandwidth float64) [][]float64 {
	k := len(scores)
	n := len(scores[0])
	out := square(k)
	for a := range k {
		for b := range k {
			sum := dot(scores[a], scores[b])
			for j := 1; j < n && float64(j) < bandwidth; j++ {
				w := 1 - float64(j)/bandwidth
				sum += w * (dot(scores[a][j:], scores[b][:n-j]) + dot(scores[a][:n-j], scores[b][j:]))
			}
			out[a][b] = sum
		}
	}
	return out
}

// scoresOf multiplies each regressor by the residuals.
func scoresOf(x [][]float64, residual []float64) [][]float64 {
	out := make([][]float64, len(x))
	for j, column := range x {
		out[j] = make([]float64, len(column))
		for t, v := range column {
			out[j][t] = v * residual[t]
		}
	}
	return out
}
