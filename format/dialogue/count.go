package dialogue

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"rostrum.example/format/internal/place"
	"rostrum.example/format/mechanism"
)

// maxCount is far above any meeting and keeps every sum within an int.
const maxCount = 1_000_000

// counts reads the published figures. Figures that differ stand side by side
// when they have different sources or count different things; one source that
// says two things about the same is a contradiction, and so is a total that
// its parts do not add up to.
func (r *reader) counts(n *place.Node) []Count {
	kinds := ids(r.preset.CountKinds, func(k mechanism.CountKind) string { return k.ID })
	subjects := ids(r.preset.CountSubjects, func(t mechanism.Term) string { return t.ID })
	var before []Count
	numbers := map[string]*place.Node{} // by id
	return place.List(r.Reader, n, func(n *place.Node) Count {
		o := r.Object(n)
		defer o.Close()
		number := o.Must("number")
		c := Count{
			ID:         r.ID(o.Must("id"), r.items),
			Kind:       r.Ref(o.Must("kind"), "count_kind", kinds),
			Of:         r.Ref(o.Must("of"), "count_subject", subjects),
			Scope:      place.Word(r.Reader, o.Must("scope"), ThisDialogue, WholeDay),
			Number:     r.Int(number, 0, maxCount),
			Bound:      place.Word(r.Reader, o.Must("bound"), Exactly, MoreThan),
			Definition: r.Text(o.Must("definition")),
			Sources:    r.Cited(o, true),
		}
		if parts := o.May("sum_of"); parts != nil {
			c.SumOf = r.sum(r.Some(parts), number, c, before)
		}
		r.agree(number, c, before, numbers)
		before = append(before, c)
		if c.ID != "" {
			numbers[c.ID] = number
		}
		return c
	})
}

// sum checks a total against its parts, which stand before it.
func (r *reader) sum(n, total *place.Node, c Count, before []Count) []string {
	sum, bound, whole := 0, Exactly, true
	var shown []string
	seen := place.IDs{}
	parts := place.List(r.Reader, n, func(n *place.Node) string {
		id := r.ID(n, seen)
		i := slices.IndexFunc(before, func(b Count) bool { return b.ID == id })
		if id == "" || i < 0 {
			whole = false
			if id != "" {
				r.Report(n, place.PartAfterTotal)
			}
			return id
		}
		part := before[i]
		if part.Kind != c.Kind || part.Scope != c.Scope {
			whole = false
			r.Report(n, place.SumMixed)
		}
		if part.Bound == MoreThan {
			bound = MoreThan
		}
		sum += part.Number
		shown = append(shown, strconv.Itoa(part.Number))
		return id
	})
	if whole && total != nil && len(parts) > 0 && (sum != c.Number || bound != c.Bound && c.Bound != "") {
		said := strconv.Itoa(sum)
		if bound == MoreThan {
			said = "more than " + said
		}
		r.Report(total, place.SumWrong, "sum", said, "parts", strings.Join(shown, " + "))
	}
	return parts
}

// agree looks for another figure of the same source for the same thing.
func (r *reader) agree(number *place.Node, c Count, before []Count, numbers map[string]*place.Node) {
	for _, b := range before {
		same := b.Kind == c.Kind && b.Of == c.Of && b.Scope == c.Scope && c.Kind != "" && c.Of != "" &&
			slices.ContainsFunc(c.Sources, func(s string) bool { return s != "" && slices.Contains(b.Sources, s) })
		if same && (b.Number != c.Number || b.Bound != c.Bound) && numbers[b.ID] != nil && number != nil {
			r.Report(number, place.CountsDisagree, "other", fmt.Sprint(b.Number), "first", r.Place(numbers[b.ID]))
			return
		}
	}
}
