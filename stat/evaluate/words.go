package evaluate

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// digits writes a number to some significant digits, large ones in groups of
// three.
func digits(v float64, significant int) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return "unknown"
	}
	if v == 0 {
		return "0"
	}
	// Rounding may carry: 99.96 to three digits is 100.
	rounded, err := strconv.ParseFloat(strconv.FormatFloat(v, 'e', significant-1, 64), 64)
	if err != nil {
		return "unknown"
	}
	size := int(math.Floor(math.Log10(math.Abs(rounded))))
	if size < -4 || size > 14 {
		return strconv.FormatFloat(v, 'g', significant, 64)
	}
	decimals := max(0, significant-1-size)
	text := strconv.FormatFloat(v, 'f', decimals, 64)
	if over := size + 1 - significant; over > 0 {
		scale := math.Pow(10, float64(over))
		text = strconv.FormatFloat(math.Round(v/scale)*scale, 'f', 0, 64)
	}
	return grouped(text)
}

// grouped puts commas between groups of three digits before the point.
func grouped(text string) string {
	sign, rest := "", text
	if strings.HasPrefix(text, "-") {
		sign, rest = "-", text[1:]
	}
	whole, fraction, point := strings.Cut(rest, ".")
	var b strings.Builder
	for i, d := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(d)
	}
	if point {
		b.WriteString("." + fraction)
	}
	if strings.Trim(b.String(), "0.,") == "" {
		sign = ""
	}
	return sign + b.String()
}

// exact writes a number as it is computed, for tables.
func exact(v float64) string { return strconv.FormatFloat(v, 'g', 7, 64) }

func number(v *float64) string {
	if v == nil {
		return "none"
	}
	return exact(*v)
}

// pCell writes a p-value in a table.
func pCell(p float64) string {
	if p < 1e-15 {
		return "< 1e-15"
	}
	return strconv.FormatFloat(p, 'g', 3, 64)
}

// many writes a number of things.
func many(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return grouped(strconv.Itoa(n)) + " " + thing + "s"
}

func span(in *Interval) string {
	if in == nil {
		return "none"
	}
	return exact(in[0]) + " to " + exact(in[1])
}

// percent writes a change in per cent, to the tenth where it is small.
func percent(v float64) string {
	if math.Abs(v) < 9.95 {
		return strconv.FormatFloat(v, 'f', 1, 64) + " %"
	}
	return grouped(strconv.FormatFloat(v, 'f', 0, 64)) + " %"
}

// words writes a change: "19 % lower (95 % interval 27 % to 10 % lower)".
func (r *Result) words() string {
	size, at, in := func(v float64) string { return digits(math.Abs(v), 3) }, *r.Estimate, r.Interval95
	if r.Ratio != nil {
		size, at, in = func(v float64) string { return percent(math.Abs(v)) }, r.Ratio.Percent, &r.Ratio.Percent95
	}
	side := func(v float64) string {
		if v < 0 {
			return "lower"
		}
		return "higher"
	}
	out := size(at) + " " + side(at)
	if in == nil {
		return out
	}
	low := size(in[0])
	if side(in[0]) != side(in[1]) {
		low += " " + side(in[0])
	}
	return fmt.Sprintf("%s (95 %% interval %s to %s %s)", out, low, size(in[1]), side(in[1]))
}

// clear says whether the interval leaves out no effect.
func (r *Result) clear() bool { return r.Interval95 != nil && !r.Interval95.holds(0) }

// title names the method in a sentence.
func (m Method) title() string {
	switch m {
	case OLS:
		return "least squares"
	case NeweyWest:
		return "least squares, Newey-West"
	case QuasiPoisson:
		return "quasi-Poisson"
	case PoissonHAC:
		return "Poisson, Newey-West"
	case PraisWinsten:
		return "Prais-Winsten"
	case Likelihood:
		return "autoregressive errors, maximum likelihood"
	case Restricted:
		return "autoregressive errors, restricted likelihood"
	case DoublyRobust:
		return "doubly robust"
	case Outcome:
		return "outcome regression"
	case Probability:
		return "inverse probability weighting"
	case Control:
		return "synthetic control"
	case Differences:
		return "synthetic difference-in-differences"
	case TwoWay:
		return "plain difference-in-differences"
	case TwoByTwo:
		return "two by two"
	case PPML:
		return "Poisson with fixed effects"
	}
	return string(m)
}
