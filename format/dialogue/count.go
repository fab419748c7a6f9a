package dialogue

import (
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
	var before []counted
	first := map[counting]counted{}
	return place.List(r.Reader, n, func(n *place.Node) Count {
		o := r.Object(n)
		defer o.Close()
		found := r.Found()
		c := Count{
			ID:   r.ID(o.Must("id"), r.items),
			Kind: r.Ref(o.Must("kind"), "count_kind", kinds),
			Of:   r.Ref(o.Must("of"), "count_subject", subjects),
		}
		c.Scope = place.Word(r.Reader, o.Must("scope"), ThisDialogue, WholeDay)
		number := o.Must("number")
		c.Number = r.Int(number, 0, maxCount)
		c.Bound = place.Word(r.Reader, o.Must("bound"), Exactly, MoreThan)
		c.Definition = r.Text(o.Must("definition"))
		parts := o.May("sum_of")
		c.Sources = r.Cited(o, true)
		this := counted{c, number, r.Found() == found}
		if parts != nil {
			c.SumOf = r.sum(r.Some(parts), this, before)
		}
		r.agree(this, first)
		before = append(before, this)
		return c
	})
}

// counted is a count that was read, with the place of its number. Only what
// is sound is compared and added up.
type counted struct {
	Count
	number *place.Node
	sound  bool
}

// figure writes a number with its bound in a way that needs no translation.
func figure(n int, b Bound) string {
	if b == MoreThan {
		return "> " + strconv.Itoa(n)
	}
	return strconv.Itoa(n)
}

// sum checks a total against its parts, which stand before it.
func (r *reader) sum(n *place.Node, total counted, before []counted) []string {
	sum, bound, whole := 0, Exactly, total.sound
	var shown []string
	seen := place.IDs{}
	parts := place.List(r.Reader, n, func(n *place.Node) string {
		id := r.ID(n, seen)
		i := slices.IndexFunc(before, func(b counted) bool { return b.ID == id })
		if id == "" || i < 0 {
			whole = false
			if id != "" {
				r.Report(n, place.PartAfterTotal)
			}
			return id
		}
		part := before[i]
		if !part.sound {
			whole = false
		} else if total.sound && (part.Kind != total.Kind || part.Scope != total.Scope) {
			whole = false
			r.Report(n, place.SumMixed)
		}
		if part.Bound == MoreThan {
			bound = MoreThan
		}
		sum += part.Number
		shown = append(shown, figure(part.Number, part.Bound))
		return id
	})
	if whole && len(parts) > 0 && (sum != total.Number || bound != total.Bound) {
		r.Report(total.number, place.SumWrong, "sum", figure(sum, bound), "parts", strings.Join(shown, " + "))
	}
	return parts
}

// counting is one source counting one thing.
type counting struct {
	source, kind, of string
	scope            Scope
}

// agree looks for another figure of the same source for the same thing.
func (r *reader) agree(c counted, first map[counting]counted) {
	if !c.sound {
		return
	}
	told := false
	for _, source := range c.Sources {
		key := counting{source, c.Kind, c.Of, c.Scope}
		b, ok := first[key]
		if !ok {
			first[key] = c
		} else if !told && (b.Number != c.Number || b.Bound != c.Bound) {
			told = true
			r.Report(c.number, place.CountsDisagree, "figure", figure(c.Number, c.Bound), "other", figure(b.Number, b.Bound), "first", r.Place(b.number))
		}
	}
}
