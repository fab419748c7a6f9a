package linkage

import (
	"fmt"
	"regexp"
	"strings"
)

// ParseTruth splits COL or COL:REGEX.
func ParseTruth(s string) (column string, pattern *regexp.Regexp, err error) {
	column, expression, found := strings.Cut(s, ":")
	column = strings.TrimSpace(column)
	if column == "" {
		return "", nil, fmt.Errorf("reading truth %q: the column is missing: write COLUMN or COLUMN:REGEX", s)
	}
	if !found || expression == "" {
		return column, nil, nil
	}
	pattern, err = regexp.Compile(expression)
	if err != nil {
		return "", nil, fmt.Errorf("reading truth %q: %w", s, err)
	}
	return column, pattern, nil
}

// ParseTypes reads COL=kind,COL=kind.
func ParseTypes(s string) (map[string]Kind, error) {
	types := map[string]Kind{}
	for item := range strings.SplitSeq(s, ",") {
		if strings.TrimSpace(item) == "" {
			continue
		}
		at := strings.LastIndexByte(item, '=')
		if at < 0 {
			return nil, fmt.Errorf("reading types: %q is not COLUMN=TYPE", item)
		}
		kind, err := ParseKind(item[at+1:])
		if err != nil {
			return nil, fmt.Errorf("reading types: %w", err)
		}
		types[strings.TrimSpace(item[:at])] = kind
	}
	return types, nil
}

// Truth measures final clusters against known persons, over all pairs of records.
type Truth struct {
	Pairs     int64 // true pairs
	Found     int64 // of these, in one cluster
	Linked    int64 // pairs in one cluster of which both records have a known person
	Precision float64
	Recall    float64
	F1        float64
}

// Measure compares clusters, given by table row, with a column of known persons,
// of which only the part that pattern describes counts if pattern is not nil.
func (t *Table) Measure(column string, pattern *regexp.Regexp, person []uint32) (*Truth, error) {
	c, err := t.column(column, "--truth")
	if err != nil {
		return nil, err
	}
	return measure(t, c, pattern, person), nil
}

// measure compares clusters with the truth column. Records without a truth are
// left out.
func measure(t *Table, truth *column, pattern *regexp.Regexp, person []uint32) *Truth {
	known := make([]string, len(truth.values))
	for v, s := range truth.values {
		known[v] = s
		if pattern == nil || v == 0 {
			continue
		}
		m := pattern.FindStringSubmatch(s)
		switch {
		case m == nil:
			known[v] = ""
		case len(m) > 1:
			known[v] = m[1]
		default:
			known[v] = m[0]
		}
	}
	number := map[string]uint32{}
	type cell struct{ person, truth uint32 }
	both := map[cell]int64{}
	persons, truths := map[uint32]int64{}, map[uint32]int64{}
	for r, v := range truth.cells {
		s := known[v]
		if s == "" {
			continue
		}
		n, ok := number[s]
		if !ok {
			n = uint32(len(number))
			number[s] = n
		}
		both[cell{person[r], n}]++
		persons[person[r]]++
		truths[n]++
	}
	out := &Truth{}
	for _, n := range both {
		out.Found += n * (n - 1) / 2
	}
	for _, n := range persons {
		out.Linked += n * (n - 1) / 2
	}
	for _, n := range truths {
		out.Pairs += n * (n - 1) / 2
	}
	ratio := func(a, b int64) float64 {
		if b == 0 {
			return 1
		}
		return float64(a) / float64(b)
	}
	out.Precision, out.Recall = ratio(out.Found, out.Linked), ratio(out.Found, out.Pairs)
	if s := out.Precision + out.Recall; s > 0 {
		out.F1 = 2 * out.Precision * out.Recall / s
	}
	return out
}
