package text

import (
	"slices"
	"strings"
)

// Clash is a place where two people changed the same words in different ways.
type Clash struct {
	Base   string `json:"base"`
	Ours   string `json:"ours"`
	Theirs string `json:"theirs"`
}

// Merge brings two changes of one text together. What both changed in the same way counts once. Changes that no word
// stands between, and that are not the same, are clashes; then the merged text has ours in their place and is only a
// proposal for a person.
func Merge(base, ours, theirs string) (merged string, clashes []Clash) {
	switch {
	case ours == theirs, theirs == base:
		return ours, nil
	case ours == base:
		return theirs, nil
	}
	o, a, b := tokens(base), tokens(ours), tokens(theirs)
	left, right := absorb(o, a, diff(o, a)), absorb(o, b, diff(o, b))
	var out strings.Builder
	put := func(list []string) {
		for _, s := range list {
			out.WriteString(s)
		}
	}
	at := 0 // in o
	for len(left) > 0 || len(right) > 0 {
		// A region grows as long as a hunk of either side reaches into it.
		var region []hunk // of both sides
		from, to := 0, 0
		var l, r int
		for {
			if l < len(left) && (len(region) == 0 && (r >= len(right) || left[l].a0 <= right[r].a0) || len(region) > 0 && touches(o, to, left[l].a0)) {
				region = append(region, left[l])
				l++
			} else if r < len(right) && (len(region) == 0 || touches(o, to, right[r].a0)) {
				region = append(region, right[r])
				r++
			} else {
				break
			}
			if last := region[len(region)-1]; len(region) == 1 {
				from, to = last.a0, last.a1
			} else {
				to = max(to, last.a1)
			}
		}
		put(o[at:from])
		mine, yours := side(left[:l], a, o, from, to), side(right[:r], b, o, from, to)
		switch {
		case r == 0 || slices.Equal(mine, yours):
			put(mine)
		case l == 0:
			put(yours)
		default:
			clashes = append(clashes, Clash{strings.Join(o[from:to], ""), strings.Join(mine, ""), strings.Join(yours, "")})
			put(mine)
		}
		at = to
		left, right = left[l:], right[r:]
	}
	put(o[at:])
	return out.String(), clashes
}

// touches tells whether a hunk that begins at from belongs to the region that ends at to.
func touches(o []string, to, from int) bool { return from <= to || words(o[to:from]) == 0 }

// side gives what one side has in the place of o[from:to].
func side(hunks []hunk, changed, o []string, from, to int) []string {
	var out []string
	for _, h := range hunks {
		out = append(append(out, o[from:h.a0]...), changed[h.b0:h.b1]...)
		from = h.a1
	}
	return append(out, o[from:to]...)
}
