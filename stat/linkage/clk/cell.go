package clk

import (
	"fmt"
	"iter"
	"strings"

	"rostrum.example/stat/linkage"
)

// cell is one value in the form in which it is cut into tokens.
type cell struct {
	folded           string
	year, month, day int
}

func newCell(written string, kind linkage.Kind) cell {
	if written == "" {
		return cell{}
	}
	if kind == linkage.Date {
		y, m, d, ok := linkage.ParseDate(written)
		if !ok {
			return cell{}
		}
		return cell{fmt.Sprintf("%04d%02d%02d", y, m, d), y, m, d}
	}
	c := cell{folded: linkage.Fold(written)}
	if kind == linkage.Code || kind == linkage.Number {
		c.folded = strings.ReplaceAll(c.folded, " ", "")
		if strings.Trim(c.folded, "0123456789") == "" {
			c.folded = strings.TrimLeft(c.folded, "0")
		}
	}
	return c
}

// tokens cuts a value: dates into their digits by place and their parts, all else
// into pairs of neighbouring letters, each word with an edge before and after it.
func (c cell) tokens(kind linkage.Kind) iter.Seq[string] {
	return func(yield func(string) bool) {
		if c.folded == "" {
			return
		}
		if kind == linkage.Date {
			c.dateTokens(yield)
			return
		}
		seen := map[string]int{}
		for word := range strings.FieldsSeq(c.folded) {
			letters := []rune("_" + word + "_")
			for i := 0; i+1 < len(letters); i++ {
				pair := string(letters[i : i+2])
				// The second aa of a word is another token than the first.
				seen[pair]++
				if n := seen[pair]; n > 1 {
					pair = fmt.Sprintf("%s%d", pair, n)
				}
				if !yield(pair) {
					return
				}
			}
		}
	}
}

func (c cell) dateTokens(yield func(string) bool) {
	known := [8]bool{true, true, true, true, c.month != 0, c.month != 0, c.day != 0, c.day != 0}
	for i, ok := range known {
		if ok && !yield(fmt.Sprintf("%d:%c", i, c.folded[i])) {
			return
		}
	}
	if !yield(fmt.Sprintf("year %d", c.year)) {
		return
	}
	if c.month != 0 && !yield(fmt.Sprintf("month %d", c.month)) {
		return
	}
	if c.day != 0 {
		yield(fmt.Sprintf("day %d", c.day))
	}
}

// part gives what of a value takes part in a blocking key.
func (c cell) part(part string) string {
	switch {
	case c.folded == "":
		return ""
	case strings.HasSuffix(part, ":year"):
		return fmt.Sprint(c.year)
	case strings.HasSuffix(part, ":day"):
		if c.month == 0 || c.day == 0 {
			return ""
		}
		return fmt.Sprintf("%d-%d", min(c.month, c.day), max(c.month, c.day))
	case strings.HasSuffix(part, "~"):
		if s := linkage.Skeleton(c.folded); s != "" {
			return s
		}
		return c.folded
	case c.year != 0 && (c.month == 0 || c.day == 0):
		return ""
	}
	return c.folded
}
