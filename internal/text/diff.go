package text

import "strings"

// Op says what happened to a stretch of text.
type Op string

// The operations.
const (
	Same     Op = "same"
	Inserted Op = "inserted"
	Deleted  Op = "deleted"
)

// Span is a stretch of text with one operation. Where text was replaced, what was deleted stands first.
type Span struct {
	Op   Op     `json:"op"`
	Text string `json:"text"`
}

// IsInserted and IsDeleted are for templates.
func (s Span) IsInserted() bool { return s.Op == Inserted }
func (s Span) IsDeleted() bool  { return s.Op == Deleted }

// Redline is what happened to a text.
type Redline []Span

// Before gives the text as it was.
func (r Redline) Before() string { return r.without(Inserted) }

// After gives the text as it is.
func (r Redline) After() string { return r.without(Deleted) }

func (r Redline) without(op Op) string {
	var b strings.Builder
	for _, s := range r {
		if s.Op != op {
			b.WriteString(s.Text)
		}
	}
	return b.String()
}

// Changed tells whether anything happened.
func (r Redline) Changed() bool {
	for _, s := range r {
		if s.Op != Same {
			return true
		}
	}
	return false
}

// Diff compares two texts word by word, scripts without spaces character by character. What is too
// little to be read between two replacements counts as replaced, so that phrases change as people change them.
func Diff(before, after string) Redline {
	a, b := tokens(before), tokens(after)
	var r Redline
	at := 0
	for _, h := range absorb(a, b, diff(a, b)) {
		r = r.add(Same, a[at:h.a0])
		r = r.add(Deleted, a[h.a0:h.a1])
		r = r.add(Inserted, b[h.b0:h.b1])
		at = h.a1
	}
	return r.add(Same, a[at:])
}

func (r Redline) add(op Op, list []string) Redline {
	if len(list) == 0 {
		return r
	}
	return append(r, Span{op, strings.Join(list, "")})
}

// hunk is a stretch a[a0:a1] that became b[b0:b1]. Between two hunks the lists are the same.
type hunk struct{ a0, a1, b0, b1 int }

// absorb joins two hunks that replace words when too little stands between them to be read: no word, or one word to six
// that were changed on either side.
func absorb(a, b []string, hunks []hunk) []hunk {
	var out []hunk
	for _, h := range hunks {
		if len(out) > 0 {
			last := &out[len(out)-1]
			if between := words(a[last.a1:h.a0]); 6*between <= min(last.words(a, b), h.words(a, b)) && last.replaces() && h.replaces() {
				last.a1, last.b1 = h.a1, h.b1
				continue
			}
		}
		out = append(out, h)
	}
	return out
}

func (h hunk) replaces() bool { return h.a0 < h.a1 && h.b0 < h.b1 }

func (h hunk) words(a, b []string) int { return words(a[h.a0:h.a1]) + words(b[h.b0:h.b1]) }

func words(list []string) (n int) {
	for _, s := range list {
		if _, k := next(s); k == word {
			n++
		}
	}
	return n
}

// maxSteps bounds the work of one comparison. Texts of [MaxText] bytes stay far below it; what lies beyond is shown as
// replaced, which is true of any two texts.
const maxSteps = 50_000_000

// diff finds a shortest list of hunks with the linear-space form of E. W. Myers, "An O(ND) difference algorithm and its
// variations", Algorithmica 1 (1986), section 4b.
func diff(a, b []string) []hunk {
	d := differ{ids: map[string]int{}}
	d.a, d.b = d.number(a), d.number(b)
	size := len(a) + len(b) + 3
	d.forward, d.backward = make([]int, 2*size+1), make([]int, 2*size+1)
	d.offset = size
	d.compare(0, len(a), 0, len(b))
	return d.hunks
}

type differ struct {
	ids               map[string]int
	a, b              []int
	forward, backward []int // furthest points on the diagonals, by diagonal plus offset
	offset            int
	steps             int
	hunks             []hunk
}

func (d *differ) number(list []string) []int {
	out := make([]int, len(list))
	for i, s := range list {
		id, ok := d.ids[s]
		if !ok {
			id = len(d.ids)
			d.ids[s] = id
		}
		out[i] = id
	}
	return out
}

func (d *differ) emit(a0, a1, b0, b1 int) {
	if n := len(d.hunks); n > 0 && d.hunks[n-1].a1 == a0 && d.hunks[n-1].b1 == b0 {
		d.hunks[n-1].a1, d.hunks[n-1].b1 = a1, b1
		return
	}
	d.hunks = append(d.hunks, hunk{a0, a1, b0, b1})
}

func (d *differ) compare(a0, a1, b0, b1 int) {
	for a0 < a1 && b0 < b1 && d.a[a0] == d.b[b0] {
		a0, b0 = a0+1, b0+1
	}
	for a0 < a1 && b0 < b1 && d.a[a1-1] == d.b[b1-1] {
		a1, b1 = a1-1, b1-1
	}
	if a0 == a1 && b0 == b1 {
		return
	}
	if a0 == a1 || b0 == b1 {
		d.emit(a0, a1, b0, b1)
		return
	}
	x, y, u, v, ok := d.middle(a0, a1, b0, b1)
	if !ok {
		d.emit(a0, a1, b0, b1)
		return
	}
	d.compare(a0, x, b0, y)
	d.compare(u, a1, v, b1)
}

// middle finds the snake from (x, y) to (u, v) in the middle of a shortest path.
func (d *differ) middle(a0, a1, b0, b1 int) (x, y, u, v int, ok bool) {
	n, m := a1-a0, b1-b0
	delta := n - m
	odd := delta&1 != 0
	f, r, o := d.forward, d.backward, d.offset
	f[o+1], r[o+1] = 0, 0
	for depth := 0; depth <= (n+m+1)/2; depth++ {
		for k := -depth; k <= depth; k += 2 {
			if k < -m || k > n {
				continue
			}
			if k == -depth || k == -m || k != depth && k != n && f[o+k-1] < f[o+k+1] {
				x = f[o+k+1]
			} else {
				x = f[o+k-1] + 1
			}
			y = x - k
			u, v = x, y
			for u < n && v < m && v >= 0 && d.a[a0+u] == d.b[b0+v] {
				u, v = u+1, v+1
			}
			d.steps += u - x + 1
			f[o+k] = u
			if odd && k-delta >= -(depth-1) && k-delta <= depth-1 && u <= n && v <= m && u+r[o+delta-k] >= n {
				return a0 + x, b0 + y, a0 + u, b0 + v, true
			}
		}
		for k := -depth; k <= depth; k += 2 {
			if k < -m || k > n {
				continue
			}
			if k == -depth || k == -m || k != depth && k != n && r[o+k-1] < r[o+k+1] {
				x = r[o+k+1]
			} else {
				x = r[o+k-1] + 1
			}
			y = x - k
			u, v = x, y
			for u < n && v < m && v >= 0 && d.a[a1-1-u] == d.b[b1-1-v] {
				u, v = u+1, v+1
			}
			d.steps += u - x + 1
			r[o+k] = u
			if !odd && delta-k >= -depth && delta-k <= depth && u <= n && v <= m && u+f[o+delta-k] >= n {
				return a1 - u, b1 - v, a1 - x, b1 - y, true
			}
		}
		if d.steps > maxSteps {
			return 0, 0, 0, 0, false
		}
	}
	return 0, 0, 0, 0, false
}
